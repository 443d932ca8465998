package flags

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// quietWhenFalse are flags that artifacts leave out unless they are on.
var quietWhenFalse = map[string]bool{
	"debug": true, "full_refresh": true, "fail_fast": true, "warn_error": true, "single_threaded": true,
	"log_cache_events": true, "store_failures": true, "use_experimental_parser": true,
}

// ArgsValue is the `args` of run_results.json and the template variable
// invocation_args_dict: the command's flags and the behaviour flags, unset ones left out.
func (f *Flags) ArgsValue() *value.Dict {
	d := value.NewDict(len(Table) + len(Behaviors))
	for i := range Table {
		row := &Table[i]
		if !row.For(f.Which) {
			continue
		}
		v := argValue(row, row.field(f))
		if v.IsUndefined() || quietWhenFalse[row.Key()] && !value.Truth(v) {
			continue
		}
		d.SetString(row.Key(), v)
	}
	for _, b := range Behaviors {
		if on, known := f.Behavior[b.Name]; known {
			d.SetString(b.Name, value.Bool(on))
		}
	}
	if f.Macro != "" {
		d.SetString("macro", value.String(f.Macro))
	}
	d.SetString("which", value.String(f.Which))
	d.SetString("invocation_command", value.String(f.InvocationCommand))
	return d
}

// argValue is a field's value; undefined when it counts as not set.
func argValue(row *Flag, field any) value.Value {
	switch p := field.(type) {
	case *bool:
		return value.Bool(*p)
	case *int:
		if row.Name == "threads" && *p == 0 {
			return value.Undef
		}
		return value.Int(int64(*p))
	case *float64:
		if whole := int64(*p); float64(whole) == *p {
			return value.Int(whole)
		}
		return value.Float(*p)
	case *[]string:
		return value.Strings(*p...)
	case *string:
		if row.Kind == YAML {
			return yamlValue(*p)
		}
		if *p != "" {
			return value.String(*p)
		}
	}
	return value.Undef
}

// VarsValue are the variables of --vars.
func (f *Flags) VarsValue() *value.Dict {
	d, _ := yamlValue(f.Vars).AsDict()
	return d
}

// yamlValue is the dictionary a YAML flag holds, empty when it has none.
func yamlValue(text string) value.Value {
	n, list := yaml.ParseText("flag", text)
	if list.Err() != nil || !n.IsMapping() {
		return value.FromDict(value.NewDict(0))
	}
	return n.Value()
}

package relation

import "github.com/millrace/millrace/compiler/jinja/value"

// Method is a method of relations as templates call it.
type Method func(r *Relation, th *value.Thread, a value.Args) (value.Value, error)

var relationMethods map[string]Method

func init() {
	relationMethods = map[string]Method{
		"render": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind("render")
			return value.String(r.Render()), err
		},
		"render_limited": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind("render_limited")
			return value.String(r.RenderLimited()), err
		},
		"render_event_time_filtered": renderEventTimeFiltered,
		"include": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			p, err := changedPolicy("include", r.IncludePolicy, a)
			return r.WithInclude(p).Value(), err
		},
		"quote": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			p, err := changedPolicy("quote", r.QuotePolicy, a)
			return r.WithQuoting(p).Value(), err
		},
		"quoted": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind("quoted", "identifier")
			if err != nil {
				return value.Undef, err
			}
			return value.String(r.Dialect.QuoteIdentifier(value.Str(v[0]))), nil
		},
		"incorporate":  incorporate,
		"replace":      replaceFields,
		"replace_path": replacePath,
		"without_identifier": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind("without_identifier")
			return r.WithoutIdentifier().Value(), err
		},
		"information_schema": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind("information_schema", "view_name=None")
			if err != nil {
				return value.Undef, err
			}
			view, _ := v[0].AsString()
			return r.InformationSchemaFor(view).Value(), nil
		},
		"information_schema_only": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind("information_schema_only")
			return r.InformationSchemaFor("").Value(), err
		},
		"matches": matches,
		"get":     getKey,
		"to_dict": func(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind("to_dict", "omit_none=False")
			if err != nil {
				return value.Undef, err
			}
			return value.FromDict(r.toDict(!v[0].IsUndefined() && value.Truth(v[0]))), nil
		},
		"keys":                    notDict,
		"values":                  notDict,
		"items":                   notDict,
		"get_function_config":     functionConfig,
		"get_function_macro_name": functionMacroName,
	}
}

func notDict(r *Relation, _ *value.Thread, _ value.Args) (value.Value, error) {
	return value.Undef, r.notADict()
}

func renderEventTimeFiltered(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("render_event_time_filtered", "rendered=None")
	if err != nil {
		return value.Undef, err
	}
	rendered := r.Render()
	if s, ok := v[0].AsString(); ok && s != "" {
		rendered = s
	}
	return value.String(r.RenderEventTime(rendered)), nil
}

// changedPolicy applies the given parts; None leaves a part as it is.
func changedPolicy(fname string, p Policy, a value.Args) (Policy, error) {
	v, err := a.Bind(fname, "database=None", "schema=None", "identifier=None")
	if err != nil {
		return p, err
	}
	given := func(i int) bool { return !v[i].IsNone() && (!v[i].IsUndefined() || passed(a, i)) }
	if given(0) {
		p.Database = value.Truth(v[0])
	}
	if given(1) {
		p.Schema = value.Truth(v[1])
	}
	if given(2) {
		p.Identifier = value.Truth(v[2])
	}
	return p, nil
}

var partNames = [3]string{"database", "schema", "identifier"}

// passed tells an undefined value that the template passed from an argument left out.
func passed(a value.Args, part int) bool {
	if part < len(a.Pos) {
		return true
	}
	_, ok := a.Kw(partNames[part])
	return ok
}

func matches(r *Relation, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("matches", "database=None", "schema=None", "identifier=None")
	if err != nil {
		return value.Undef, err
	}
	var want [3]*string
	for i := range v {
		if !v[i].IsNull() {
			s := value.Str(v[i])
			want[i] = &s
		}
	}
	ok, err := r.Matches(want[0], want[1], want[2])
	return value.Bool(ok), err
}

func getKey(r *Relation, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get", "key", "default=None")
	if err != nil {
		return value.Undef, err
	}
	key := value.Str(v[0])
	if key == "metadata" {
		d := value.NewDict(1)
		d.SetString("type", value.String(r.TypeName()))
		return value.FromDict(d), nil
	}
	if found, ok, err := r.Attr(th, key); ok || err != nil {
		return found, err
	}
	if v[1].IsUndefined() {
		return value.None, nil
	}
	return v[1], nil
}

func functionConfig(r *Relation, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_function_config", "model")
	if err != nil {
		return value.Undef, err
	}
	field := func(of value.Value, key string) value.Value {
		if err != nil {
			return value.None
		}
		var got value.Value
		if got, err = value.GetItem(th, of, value.String(key)); got.IsUndefined() {
			return value.None
		}
		return got
	}
	if kind, _ := field(v[0], "resource_type").AsString(); kind != "function" || err != nil {
		return value.None, err
	}
	config := field(v[0], "config")
	f := &functionObject{
		language: field(v[0], "language"), kind: field(config, "type"),
		runtime: field(config, "runtime_version"), entry: field(config, "entry_point"),
	}
	if err != nil {
		return value.Undef, err
	}
	return value.FromObject(f), f.check()
}

func functionMacroName(_ *Relation, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_function_macro_name", "config")
	if err != nil {
		return value.Undef, err
	}
	kind, err := value.GetAttr(th, v[0], "type")
	if err != nil {
		return value.Undef, err
	}
	language, err := value.GetAttr(th, v[0], "language")
	return value.String(value.Str(kind) + "_function_" + value.Str(language)), err
}

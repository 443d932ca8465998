package context

import (
	"crypto/md5" //nolint:gosec // the name of the template function says what it is
	"encoding/hex"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// sharedMembers are the names that mean the same in every template of the invocation.
func (e *Env) sharedMembers() map[string]value.Value {
	m := map[string]value.Value{
		"dbt_version":    value.String(e.Flags.Version),
		"run_started_at": value.NewDateTime(e.Now.UTC(), true),
		"invocation_id":  value.OptString(e.InvocationID),
		"modules":        modules(e),
		"flags":          value.FromObject(&flagsObject{newFlagValues(e.Flags)}),
	}
	for name, f := range map[string]func(*value.Thread, value.Args) (value.Value, error){
		"return":            returnFunction,
		"fromjson":          fromJSON,
		"tojson":            toJSON,
		"fromyaml":          fromYAML,
		"toyaml":            toYAML,
		"set":               setFunction,
		"set_strict":        setStrict,
		"zip":               zipFunction,
		"zip_strict":        zipStrict,
		"diff_of_two_dicts": diffOfTwoDicts,
		"local_md5":         localMD5,
		"log":               e.log,
		"print":             e.print,
		"otel_trace_id":     constant("otel_trace_id", strings.Repeat("0", 32)),
		"otel_span_id":      constant("otel_span_id", strings.Repeat("0", 16)),
	} {
		m[name] = value.Func(name, f)
	}
	if _, on := e.Project.Env.Getenv("DBT_MACRO_DEBUGGING"); on {
		m["debug"] = value.Func("debug", func(*value.Thread, value.Args) (value.Value, error) {
			return value.Undef, compilation("debug() would open Python's interactive debugger, which this program does not have; print() and log() show values")
		})
	}
	return m
}

func constant(name, text string) func(*value.Thread, value.Args) (value.Value, error) {
	return func(_ *value.Thread, a value.Args) (value.Value, error) {
		_, err := a.Bind(name)
		return value.String(text), err
	}
}

func returnFunction(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("_return", "data")
	if err != nil {
		return value.Undef, err
	}
	return value.Undef, jinja.Return(v[0])
}

func fromJSON(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("fromjson", "string", "default=None")
	if err != nil {
		return value.Undef, err
	}
	text, ok := v[0].AsString()
	if !ok {
		return value.Undef, value.Errorf("TypeError", "the JSON object must be str, bytes or bytearray, not %s", value.TypeName(v[0]))
	}
	out, err := value.ParseJSON(text)
	if err != nil {
		return orNone(v[1]), nil //nolint:nilerr // what is no JSON gives the default
	}
	return out, nil
}

func toJSON(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("tojson", "value", "default=None", "sort_keys=False")
	if err != nil {
		return value.Undef, err
	}
	if err := th.CheckTree(v[0]); err != nil {
		return value.Undef, err
	}
	out, err := value.AppendJSON(nil, v[0], value.JSONOptions{SortKeys: value.Truth(v[2])})
	if err != nil {
		if value.IsError(err, "ValueError") {
			return orNone(v[1]), nil //nolint:nilerr // what JSON cannot hold gives the default
		}
		return value.Undef, err
	}
	return value.String(string(out)), nil
}

func fromYAML(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("fromyaml", "value", "default=None")
	if err != nil {
		return value.Undef, err
	}
	text, ok := v[0].AsString()
	if !ok {
		return orNone(v[1]), nil
	}
	n, list := yaml.Parse(diag.NewSource("<fromyaml>", text))
	if list.Err() != nil {
		return orNone(v[1]), nil //nolint:nilerr // a default was asked for
	}
	if n == nil {
		return value.None, nil
	}
	return n.Value(), nil
}

func setFunction(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("set", "value", "default=None")
	if err != nil {
		return value.Undef, err
	}
	s, err := value.ToSet(th, v[0])
	if err != nil {
		if value.IsError(err, "TypeError") {
			return orNone(v[1]), nil //nolint:nilerr // what is no iterable gives the default
		}
		return value.Undef, err
	}
	return value.FromSet(s), nil
}

func setStrict(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("set_strict", "value")
	if err != nil {
		return value.Undef, err
	}
	s, err := value.ToSet(th, v[0])
	if err != nil {
		return value.Undef, strictError(err)
	}
	return value.FromSet(s), nil
}

// strictError turns a wrong type into dbt's compilation error.
func strictError(err error) error {
	if value.IsError(err, "TypeError") {
		return compilation("%s", err.Error())
	}
	return err
}

func zipFunction(th *value.Thread, a value.Args) (value.Value, error) {
	def := value.None
	for _, kw := range a.Kwargs {
		if kw.Name != "default" {
			return value.Undef, value.Errorf("TypeError", "zip() got an unexpected keyword argument '%s'", kw.Name)
		}
		def = kw.Value
	}
	v, err := zipped(th, a.Pos)
	if err != nil && value.IsError(err, "TypeError") {
		return def, nil
	}
	return v, err
}

func zipStrict(th *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Kwargs) > 0 {
		return value.Undef, value.Errorf("TypeError", "zip_strict() got an unexpected keyword argument '%s'", a.Kwargs[0].Name)
	}
	v, err := zipped(th, a.Pos)
	if err != nil {
		return value.Undef, strictError(err)
	}
	return v, nil
}

// zipped is an iterator of tuples, as long as the shortest of the arguments.
func zipped(th *value.Thread, args []value.Value) (value.Value, error) {
	parts := make([]*value.Iterator, len(args))
	for i, arg := range args {
		it, err := value.Iter(th, arg)
		if err != nil {
			if value.IsError(err, "TypeError") {
				return value.Undef, value.Errorf("TypeError", "'%s' object is not iterable", value.TypeName(arg))
			}
			return value.Undef, err
		}
		parts[i] = it
	}
	return value.FromObject(value.NewIterator("zip", func(th *value.Thread) (value.Value, bool, error) {
		if len(parts) == 0 {
			return value.Undef, false, nil
		}
		row := make([]value.Value, len(parts))
		for i, it := range parts {
			v, ok, err := it.Next(th)
			if err != nil || !ok {
				return value.Undef, false, err
			}
			row[i] = v
		}
		return value.NewTuple(row...), true, nil
	})), nil
}

func localMD5(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("local_md5", "value")
	if err != nil {
		return value.Undef, err
	}
	text, ok := v[0].AsString()
	if !ok {
		return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'encode'", value.TypeName(v[0]))
	}
	sum := md5.Sum([]byte(text)) //nolint:gosec // see the import
	return value.String(hex.EncodeToString(sum[:])), nil
}

// diffOfTwoDicts finds, case aside, what the lists of the first dict have and those of the second have not.
func diffOfTwoDicts(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("diff_of_two_dicts", "dict_a", "dict_b")
	if err != nil {
		return value.Undef, err
	}
	da, okA := v[0].AsDict()
	db, okB := v[1].AsDict()
	if !okA || !okB {
		return value.Undef, value.Errorf("AttributeError", "diff_of_two_dicts() needs two dicts")
	}
	fold := func(v value.Value) string { return strings.ToLower(value.Str(v)) }
	lowered := make(map[string]map[string]bool, db.Len())
	for k, list := range db.All() {
		items, err := value.ToSlice(th, list)
		if err != nil {
			return value.Undef, err
		}
		set := make(map[string]bool, len(items))
		for _, item := range items {
			set[fold(item)] = true
		}
		lowered[fold(k)] = set
	}
	out := value.NewDict(0)
	for k, list := range da.All() {
		known, ok := lowered[fold(k)]
		if !ok {
			_ = out.Set(k, list) // the key comes from a dict
			continue
		}
		items, err := value.ToSlice(th, list)
		if err != nil {
			return value.Undef, err
		}
		var missing []value.Value
		for _, item := range items {
			if !known[fold(item)] {
				missing = append(missing, item)
			}
		}
		if len(missing) > 0 {
			_ = out.Set(k, value.NewList(missing...)) // the key comes from a dict
		}
	}
	return value.FromDict(out), nil
}

func (e *Env) log(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("log", "msg", "info=False")
	if err != nil {
		return value.Undef, err
	}
	msg := maskSecrets(value.Str(v[0]))
	if value.Truth(v[1]) {
		e.emitFrom(th, "JinjaLogInfo", "I062", event.Info, msg, nil)
	} else {
		e.emitFrom(th, "JinjaLogDebug", "I063", event.Debug, msg, nil)
	}
	return value.String(""), nil
}

func (e *Env) print(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("print", "msg")
	if err != nil {
		return value.Undef, err
	}
	if e.Flags.Print {
		e.emitFrom(th, "PrintEvent", "Z052", event.Info, value.Str(v[0]), nil)
	}
	return value.String(""), nil
}

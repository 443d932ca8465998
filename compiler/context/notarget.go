package context

import "github.com/millrace/millrace/compiler/jinja/value"

// noTarget is `target` for commands that load no profile (deps, clean): an empty mapping,
// of which everything is an empty text.
type noTarget struct{}

// TypeName is that of dbt's class.
func (noTarget) TypeName() string { return "DictDefaultEmptyStr" }

// Str is that of an empty mapping.
func (noTarget) Str() string { return "{}" }

// Len is 0, so that `target` is false.
func (noTarget) Len() int { return 0 }

// Iterate yields nothing.
func (noTarget) Iterate(*value.Thread, func(value.Value) bool) error { return nil }

// Index is an empty text.
func (noTarget) Index(*value.Thread, value.Value) (value.Value, bool, error) {
	return value.String(""), true, nil
}

// Attr is an empty text but for the method get, which knows what is there.
func (noTarget) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if name != "get" {
		return value.String(""), true, nil
	}
	return value.Func("get", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("get", "key", "default=None")
		if err != nil {
			return value.Undef, err
		}
		return v[1], nil
	}), true, nil
}

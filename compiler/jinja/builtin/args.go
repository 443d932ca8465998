package builtin

import "github.com/millrace/millrace/compiler/jinja/value"

// text is str(v) as the filters apply it to their input.
func text(th *value.Thread, v value.Value) (string, error) { return value.CheckedStr(th, v) }

// or is v unless the argument was not given.
func or(v, absent value.Value) value.Value {
	if v.IsUndefined() {
		return absent
	}
	return v
}

// integer is an argument that must be an integer.
func integer(v value.Value, absent int64) (int64, error) {
	switch v.Kind() {
	case value.KindUndefined:
		return absent, nil
	case value.KindInt:
		i, _ := v.AsInt()
		return i, nil
	case value.KindBool:
		if value.Truth(v) {
			return 1, nil
		}
		return 0, nil
	}
	return 0, value.Errorf("TypeError", "'%s' object cannot be interpreted as an integer", value.TypeName(v))
}

func filterError(format string, args ...any) error {
	return value.Errorf("FilterArgumentError", format, args...)
}

// textFilter makes a filter without arguments of a function on text.
func textFilter(name string, fn func(string) string) Filter {
	return func(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
		if _, err := a.BindAfter(1, name); err != nil {
			return value.Undef, err
		}
		s, err := text(th, v)
		if err != nil {
			return value.Undef, err
		}
		return value.String(fn(s)), nil
	}
}

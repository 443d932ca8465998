package builtin

import "github.com/millrace/millrace/compiler/jinja/value"

func kindTest(is func(value.Value) bool) Test {
	return func(_ *value.Thread, v value.Value, a value.Args) (bool, error) {
		_, err := a.BindAfter(1, "test")
		return is(v), err
	}
}

func named(known func(string) bool) Test {
	return func(_ *value.Thread, v value.Value, a value.Args) (bool, error) {
		_, err := a.BindAfter(1, "test")
		s, ok := value.Text(v)
		return ok && known(s), err
	}
}

func caseTest(is func(string) bool) Test {
	return func(_ *value.Thread, v value.Value, a value.Args) (bool, error) {
		_, err := a.BindAfter(1, "test")
		return is(value.Str(v)), err
	}
}

func remainder(name string, want int64) Test {
	return func(th *value.Thread, v value.Value, a value.Args) (bool, error) {
		if _, err := a.BindAfter(1, "test_"+name); err != nil {
			return false, err
		}
		m, err := value.Binary(th, "%", v, value.Int(2))
		return err == nil && value.Equal(m, value.Int(want)), err
	}
}

func divisibleBy(th *value.Thread, v value.Value, a value.Args) (bool, error) {
	args, err := a.BindAfter(1, "test_divisibleby", "num")
	if err != nil {
		return false, err
	}
	m, err := value.Binary(th, "%", v, args[0])
	return err == nil && value.Equal(m, value.Int(0)), err
}

func isInteger(v value.Value) bool {
	return v.Kind() == value.KindInt || v.Kind() == value.KindBig
}

func isNumber(v value.Value) bool {
	switch v.Kind() {
	case value.KindBool, value.KindInt, value.KindBig, value.KindFloat:
		return true
	case value.KindObject:
		o, _ := v.AsObject()
		_, ok := o.(*value.Decimal)
		return ok
	}
	return false
}

func isMapping(v value.Value) bool {
	if v.Kind() == value.KindDict {
		return true
	}
	o, ok := v.AsObject()
	if ok {
		_, ok = o.(value.Mapping)
	}
	return ok
}

// isSequence is "has a length and items", which is true for mappings too.
func isSequence(v value.Value) bool {
	switch v.Kind() {
	case value.KindUndefined, value.KindString, value.KindList, value.KindTuple, value.KindDict:
		return true
	case value.KindObject:
		if _, ok := value.Text(v); ok {
			return true
		}
		o, _ := v.AsObject()
		_, hasLen := o.(value.Lener)
		_, hasItems := o.(value.Indexer)
		return hasLen && hasItems
	}
	return false
}

func sameAs(_ *value.Thread, v value.Value, a value.Args) (bool, error) {
	args, err := a.BindAfter(1, "test_sameas", "other")
	return err == nil && value.Identical(v, args[0]), err
}

func in(_ *value.Thread, v value.Value, a value.Args) (bool, error) {
	args, err := a.BindAfter(1, "test_in", "seq")
	if err != nil {
		return false, err
	}
	return value.Contains(args[0], v)
}

func compare(op string) Test {
	return func(_ *value.Thread, v value.Value, a value.Args) (bool, error) {
		if len(a.Kwargs) > 0 || len(a.Pos) != 1 {
			return false, value.Errorf("TypeError", "%s expected 2 arguments, got %d", op, len(a.Pos)+len(a.Kwargs)+1)
		}
		return value.CompareOp(op, v, a.Pos[0])
	}
}

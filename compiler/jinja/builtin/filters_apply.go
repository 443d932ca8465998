package builtin

import "github.com/millrace/millrace/compiler/jinja/value"

// apply runs the filter of a name that a template computed.
func apply(th *value.Thread, name, v value.Value, a value.Args) (value.Value, error) {
	f, ok := Filters[value.Str(name)]
	if !ok {
		return value.Undef, value.Errorf("TemplateRuntimeError", "No filter named %s.", value.Repr(name))
	}
	return f(th, v, a)
}

func ask(th *value.Thread, name, v value.Value, a value.Args) (bool, error) {
	t, ok := Tests[value.Str(name)]
	if !ok {
		return false, value.Errorf("TemplateRuntimeError", "No test named %s.", value.Repr(name))
	}
	return t(th, v, a)
}

func mapFilter(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if attribute, ok := a.Kw("attribute"); ok && len(a.Pos) == 0 {
		get := newGetter(attribute)
		for _, kw := range a.Kwargs {
			switch kw.Name {
			case "attribute":
			case "default":
				get.fallback = kw.Value
			default:
				return value.Undef, filterError("Unexpected keyword argument '%s'", kw.Name)
			}
		}
		return eachIfAny(v, func(th *value.Thread, item value.Value) (value.Value, bool, error) {
			out, err := get.get(th, item)
			return out, true, err
		}), nil
	}
	if len(a.Pos) == 0 {
		return eachIfAny(v, func(*value.Thread, value.Value) (value.Value, bool, error) {
			return value.Undef, false, filterError("map requires a filter argument")
		}), nil
	}
	name, rest := a.Pos[0], value.Args{Pos: a.Pos[1:], Kwargs: a.Kwargs}
	return eachIfAny(v, func(th *value.Thread, item value.Value) (value.Value, bool, error) {
		out, err := apply(th, name, item, rest)
		return out, true, err
	}), nil
}

// selection is select, reject, selectattr and rejectattr.
func selection(_ string, byAttr, want bool) Filter {
	return func(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
		get := &getter{}
		pos := a.Pos
		if byAttr {
			if len(pos) == 0 {
				return eachIfAny(v, func(*value.Thread, value.Value) (value.Value, bool, error) {
					return value.Undef, false, filterError("Missing parameter for attribute name")
				}), nil
			}
			get, pos = newGetter(pos[0]), pos[1:]
		}
		return eachIfAny(v, func(th *value.Thread, item value.Value) (value.Value, bool, error) {
			x, err := get.get(th, item)
			if err != nil {
				return value.Undef, false, err
			}
			if len(pos) == 0 {
				return item, value.Truth(x) == want, nil
			}
			ok, err := ask(th, pos[0], x, value.Args{Pos: pos[1:], Kwargs: a.Kwargs})
			return item, err == nil && ok == want, err
		}), nil
	}
}

func items(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "do_items"); err != nil {
		return value.Undef, err
	}
	var it *value.Iterator
	return generator(func(th *value.Thread) (value.Value, bool, error) {
		if it == nil {
			if v.IsUndefined() {
				return value.Undef, false, nil
			}
			if !isMapping(v) {
				return value.Undef, false, value.Errorf("TypeError", "Can only get item pairs from a mapping.")
			}
			pairs, err := value.CallMethod(th, v, "items", value.Args{})
			if err != nil {
				return value.Undef, false, err
			}
			if it, err = value.Iter(th, pairs); err != nil {
				return value.Undef, false, err
			}
		}
		return it.Next(th)
	}), nil
}

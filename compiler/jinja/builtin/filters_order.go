package builtin

import "github.com/millrace/millrace/compiler/jinja/value"

func sorted(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_sort", "reverse?", "case_sensitive?", "attribute?")
	if err != nil {
		return value.Undef, err
	}
	items, err := value.ToSlice(th, v)
	if err != nil {
		return value.Undef, err
	}
	items, err = value.Sorted(th, items, sortKey(th, args[2], !value.Truth(args[1])), value.Truth(args[0]))
	return value.NewList(items...), err
}

func dictSort(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_dictsort", "case_sensitive?", "by?", "reverse?")
	if err != nil {
		return value.Undef, err
	}
	pos := int64(0)
	switch by := args[1]; {
	case by.IsUndefined() || value.Equal(by, value.String("key")):
	case value.Equal(by, value.String("value")):
		pos = 1
	default:
		return value.Undef, filterError(`You can only sort by either "key" or "value"`)
	}
	pairs, err := pairsOf(th, v)
	if err != nil {
		return value.Undef, err
	}
	items, err := value.ToSlice(th, pairs)
	if err != nil {
		return value.Undef, err
	}
	items, err = value.Sorted(th, items, func(pair value.Value) (value.Value, error) {
		key, err := value.GetItem(th, pair, value.Int(pos))
		if !value.Truth(args[0]) {
			key = lowered(key)
		}
		return key, err
	}, value.Truth(args[2]))
	return value.NewList(items...), err
}

func unique(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "sync_do_unique", "case_sensitive?", "attribute?")
	if err != nil {
		return value.Undef, err
	}
	get := newGetter(args[1])
	get.ignoreCase = !value.Truth(args[0])
	seen := value.NewDict(0)
	return each(v, func(th *value.Thread, item value.Value) (value.Value, bool, error) {
		key, err := get.get(th, item)
		if err != nil {
			return value.Undef, false, err
		}
		before := seen.Len()
		err = seen.Set(key, value.None)
		return item, seen.Len() > before, err
	}), nil
}

// extreme is min (the first element no other is less than) or max.
func extreme(name, op string) Filter {
	return func(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
		args, err := a.BindAfter(2, "do_"+name, "case_sensitive?", "attribute?")
		if err != nil {
			return value.Undef, err
		}
		get := newGetter(args[1])
		get.ignoreCase = !value.Truth(args[0])
		var best, bestKey value.Value
		found := false
		var inner error
		err = value.Iterate(th, v, func(item value.Value) bool {
			var key value.Value
			if key, inner = get.get(th, item); inner != nil {
				return false
			}
			better := !found
			if found {
				if better, inner = value.CompareOp(op, key, bestKey); inner != nil {
					return false
				}
			}
			if better {
				best, bestKey, found = item, key, true
			}
			return true
		})
		if err == nil {
			err = inner
		}
		if err == nil && !found {
			best = value.UndefinedHint("No aggregated item, sequence was empty.")
		}
		return best, err
	}
}

func groupBy(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "sync_do_groupby", "attribute", "default?", "case_sensitive?")
	if err != nil {
		return value.Undef, err
	}
	get := newGetter(args[0])
	get.fallback = args[1]
	ignoreCase := !value.Truth(args[2])
	key := func(item value.Value) (value.Value, error) {
		k, err := get.get(th, item)
		if ignoreCase {
			k = lowered(k)
		}
		return k, err
	}
	items, err := value.ToSlice(th, v)
	if err != nil {
		return value.Undef, err
	}
	if items, err = value.Sorted(th, items, key, false); err != nil {
		return value.Undef, err
	}
	var groups []value.Value
	var current *group
	var currentKey value.Value
	for _, item := range items {
		k, err := key(item)
		if err != nil {
			return value.Undef, err
		}
		if current == nil || !value.Equal(k, currentKey) {
			// The group shows the case of its first element.
			shown, err := get.get(th, item)
			if err != nil {
				return value.Undef, err
			}
			current, currentKey = &group{grouper: shown, list: &value.List{}}, k
			groups = append(groups, value.FromObject(current))
		}
		current.list.Items = append(current.list.Items, item)
	}
	return value.NewList(groups...), nil
}

// group is one (grouper, list) pair of groupby: a tuple with names.
type group struct {
	grouper value.Value
	list    *value.List
}

func (g *group) tuple() value.Value {
	return value.NewTuple(g.grouper, value.FromList(g.list))
}

func (g *group) TypeName() string { return "_GroupTuple" }
func (g *group) Len() int         { return 2 }
func (g *group) Repr() string     { return value.Repr(g.tuple()) }

func (g *group) Attr(th *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "grouper":
		return g.grouper, true, nil
	case "list":
		return value.FromList(g.list), true, nil
	}
	return value.Attr(th, g.tuple(), name)
}

func (g *group) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	v, err := value.GetItem(th, g.tuple(), key)
	return v, err == nil && !v.IsUndefined(), err
}

func (g *group) Iterate(_ *value.Thread, yield func(value.Value) bool) error {
	if yield(g.grouper) {
		yield(value.FromList(g.list))
	}
	return nil
}

func (g *group) Equal(other value.Value) (equal, ok bool) {
	if o, isObject := other.AsObject(); isObject {
		if og, isGroup := o.(*group); isGroup {
			other = og.tuple()
		}
	}
	return value.Equal(g.tuple(), other), other.Kind() == value.KindTuple
}

func (g *group) Compare(other value.Value) (int, bool) {
	c, err := value.Compare(g.tuple(), other)
	return c, err == nil
}

func (g *group) JSONValue() (value.Value, bool) { return g.tuple(), true }

// pairsOf is v.items() as Python code calls it, where a missing method has other words than in a template.
func pairsOf(th *value.Thread, v value.Value) (value.Value, error) {
	if !v.IsUndefined() {
		if m, err := value.GetAttr(th, v, "items"); err == nil && m.IsUndefined() {
			return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'items'", value.TypeName(v))
		}
	}
	return value.CallMethod(th, v, "items", value.Args{})
}

package builtin

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// generator makes the lazily computed result that Python's generators are.
func generator(next func(th *value.Thread) (value.Value, bool, error)) value.Value {
	return value.FromObject(value.NewIterator("generator", next))
}

// elementFunc makes one element of a generator, or drops it.
type elementFunc func(th *value.Thread, item value.Value) (out value.Value, keep bool, err error)

// each makes a generator that maps or drops the elements of v; like Jinja's it does not
// look at v before the first element is asked for.
func each(v value.Value, fn elementFunc) value.Value {
	var it *value.Iterator
	return generator(func(th *value.Thread) (value.Value, bool, error) {
		if it == nil {
			var err error
			if it, err = value.Iter(th, v); err != nil {
				return value.Undef, false, err
			}
		}
		for {
			item, ok, err := it.Next(th)
			if err != nil || !ok {
				return value.Undef, false, err
			}
			if out, keep, err := fn(th, item); keep || err != nil {
				return out, keep, err
			}
		}
	})
}

// eachIfAny is each for the filters that take anything false, None included, for empty.
func eachIfAny(v value.Value, fn elementFunc) value.Value {
	if value.Truth(v) {
		return each(v, fn)
	}
	return generator(func(th *value.Thread) (value.Value, bool, error) {
		return value.Undef, false, th.CheckUndefined(v)
	})
}

func attr(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_attr", "name")
	if err != nil {
		return value.Undef, err
	}
	name, ok := value.Text(args[0])
	if !ok {
		return value.Undef, value.Errorf("TypeError", "attribute name must be string, not '%s'", value.TypeName(args[0]))
	}
	if v.IsUndefined() {
		return value.GetAttr(th, v, name)
	}
	out, ok, err := value.Attr(th, v, name)
	if err == nil && !ok {
		out = value.UndefinedAttr(v, name)
	}
	return out, err
}

func batch(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_batch", "linecount", "fill_with?")
	if err != nil {
		return value.Undef, err
	}
	size, err := integer(args[0], 0)
	if err != nil {
		return value.Undef, err
	}
	it, err := value.Iter(th, v)
	if err != nil {
		return value.Undef, err
	}
	var row []value.Value
	return generator(func(th *value.Thread) (value.Value, bool, error) {
		for {
			item, ok, err := it.Next(th)
			if err != nil {
				return value.Undef, false, err
			}
			if !ok {
				break
			}
			full := row
			if int64(len(row)) == size {
				row = []value.Value{item}
				return value.NewList(full...), true, nil
			}
			row = append(row, item)
		}
		if len(row) == 0 {
			return value.Undef, false, nil
		}
		if err := th.CheckList(size); err != nil {
			return value.Undef, false, err
		}
		for !args[1].IsNull() && int64(len(row)) < size {
			row = append(row, args[1])
		}
		final := row
		row = nil
		return value.NewList(final...), true, nil
	}), nil
}

func slice(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "sync_do_slice", "slices", "fill_with?")
	if err != nil {
		return value.Undef, err
	}
	n, err := integer(args[0], 0)
	if err != nil {
		return value.Undef, err
	}
	seq, err := value.ToSlice(th, v)
	if err != nil {
		return value.Undef, err
	}
	if n == 0 {
		return value.Undef, value.Errorf("ZeroDivisionError", "integer division or modulo by zero")
	}
	if err := th.CheckList(max(n, 0)); err != nil {
		return value.Undef, err
	}
	per, extra := int64(len(seq))/n, int64(len(seq))%n
	number, start := int64(0), int64(0)
	return generator(func(*value.Thread) (value.Value, bool, error) {
		if number >= n {
			return value.Undef, false, nil
		}
		end := start + per
		if number < extra {
			end++
		}
		part := append([]value.Value(nil), seq[start:end]...)
		if number >= extra && !args[1].IsNull() {
			part = append(part, args[1])
		}
		start = end
		number++
		return value.NewList(part...), true, nil
	}), nil
}

func length(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "len"); err != nil {
		return value.Undef, err
	}
	if err := th.CheckUndefined(v); err != nil {
		return value.Undef, err
	}
	n, err := value.Len(v)
	return value.Int(int64(n)), err
}

func list(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "sync_do_list"); err != nil {
		return value.Undef, err
	}
	items, err := value.ToSlice(th, v)
	return value.NewList(items...), err
}

func isList(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	_, err := a.Bind("is_list")
	return value.Bool(v.Kind() == value.KindList), err
}

func defaultTo(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_default", "default_value?", "boolean?")
	if err != nil {
		return value.Undef, err
	}
	if v.IsUndefined() || value.Truth(args[1]) && !value.Truth(v) {
		if len(a.Pos) == 0 && args[0].IsUndefined() && !given(a, "default_value") {
			return value.String(""), nil
		}
		return args[0], nil
	}
	return v, nil
}

// given tells a missing argument from one that is undefined itself.
func given(a value.Args, name string) bool {
	_, ok := a.Kw(name)
	return ok
}

func first(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(2, "sync_do_first"); err != nil {
		return value.Undef, err
	}
	if o, ok := v.AsObject(); ok {
		if it, ok := o.(*value.Iterator); ok {
			item, ok, err := it.Next(th)
			if err == nil && !ok {
				item = value.UndefinedHint("No first item, sequence was empty.")
			}
			return item, err
		}
	}
	out := value.UndefinedHint("No first item, sequence was empty.")
	err := value.Iterate(th, v, func(item value.Value) bool {
		out = item
		return false
	})
	return out, err
}

func last(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(2, "do_last"); err != nil {
		return value.Undef, err
	}
	if items := v.Items(); len(items) > 0 {
		return items[len(items)-1], nil
	}
	if !reversible(v) {
		return value.Undef, value.Errorf("TypeError", "'%s' object is not reversible", value.TypeName(v))
	}
	items, err := value.ToSlice(th, v)
	if err != nil {
		return value.Undef, err
	}
	if len(items) == 0 {
		return value.UndefinedHint("No last item, sequence was empty."), nil
	}
	return items[len(items)-1], nil
}

// reversible is what Python's reversed() accepts: everything with an order and a length.
func reversible(v value.Value) bool {
	_, err := value.Len(v)
	return err == nil && v.Kind() != value.KindSet
}

func reverse(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "do_reverse"); err != nil {
		return value.Undef, err
	}
	if s, ok := value.Text(v); ok {
		return value.Slice(value.String(s), value.None, value.None, value.Int(-1))
	}
	if !reversible(v) {
		items, err := value.ToSlice(th, v)
		if err != nil {
			return value.Undef, filterError("argument must be iterable")
		}
		slices.Reverse(items)
		return value.NewList(items...), nil
	}
	items, err := value.ToSlice(th, v)
	if err != nil {
		return value.Undef, err
	}
	slices.Reverse(items)
	i := 0
	return value.FromObject(value.NewIterator(value.TypeName(v)+"_reverseiterator", func(*value.Thread) (value.Value, bool, error) {
		if i >= len(items) {
			return value.Undef, false, nil
		}
		i++
		return items[i-1], true, nil
	})), nil
}

func random(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "do_random"); err != nil {
		return value.Undef, err
	}
	n, err := value.Len(v)
	if err != nil {
		return value.Undef, err
	}
	if n == 0 {
		return value.UndefinedHint("No random item, sequence was empty."), nil
	}
	return value.GetItem(th, v, value.Int(rand.Int64N(int64(n))))
}

func join(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "sync_do_join", "d?", "attribute?")
	if err != nil {
		return value.Undef, err
	}
	sep := value.Str(args[0])
	var get *getter
	if !args[1].IsNull() {
		get = newGetter(args[1])
	}
	var b strings.Builder
	n := 0
	var inner error
	err = value.Iterate(th, v, func(item value.Value) bool {
		if n > 0 {
			b.WriteString(sep)
		}
		n++
		if get != nil {
			if item, inner = get.get(th, item); inner != nil {
				return false
			}
		}
		var s string
		if s, inner = value.CheckedStr(th, item); inner != nil {
			return false
		}
		if inner = th.CheckString(int64(b.Len() + len(s))); inner != nil {
			return false
		}
		b.WriteString(s)
		return true
	})
	if err == nil {
		err = inner
	}
	return value.String(b.String()), err
}

func sum(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "sync_do_sum", "attribute?", "start?")
	if err != nil {
		return value.Undef, err
	}
	get := newGetter(args[0])
	total := or(args[1], value.Int(0))
	var inner error
	err = value.Iterate(th, v, func(item value.Value) bool {
		if item, inner = get.get(th, item); inner != nil {
			return false
		}
		if l, ok := total.AsList(); ok { // += on a list takes any iterable
			var more []value.Value
			if more, inner = value.ToSlice(th, item); inner == nil {
				inner = th.CheckList(int64(len(l.Items) + len(more)))
			}
			l.Items = append(l.Items, more...)
		} else {
			total, inner = value.Add(th, total, item)
		}
		return inner == nil
	})
	if err == nil {
		err = inner
	}
	return total, err
}

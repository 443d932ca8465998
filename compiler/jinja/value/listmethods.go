package value

import (
	"slices"
)

var listMethods map[string]method

func init() {
	listMethods = map[string]method{
		"append": listAppend, "clear": listClear, "copy": listCopy, "count": seqCount, "extend": listExtend,
		"index": seqIndex, "insert": listInsert, "pop": listPop, "remove": listRemove, "reverse": listReverse,
		"sort": listSort,
	}
}

var tupleMethods = map[string]method{"count": seqCount, "index": seqIndex}

func listAppend(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.append", 1, 1); err != nil {
		return Undef, err
	}
	l := self.rawList()
	if n := len(l.Items) + 1; n&0xfff == 0 {
		if err := th.CheckList(int64(n)); err != nil {
			return Undef, err
		}
	}
	l.Items = append(l.Items, a.Pos[0])
	return None, nil
}

func listClear(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.clear", 0, 0); err != nil {
		return Undef, err
	}
	self.rawList().Items = nil
	return None, nil
}

func listCopy(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.copy", 0, 0); err != nil {
		return Undef, err
	}
	items, err := ToSlice(th, self)
	return NewList(items...), err
}

func seqCount(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between(TypeName(self)+".count", 1, 1); err != nil {
		return Undef, err
	}
	var n int64
	for _, v := range self.Items() {
		if Equal(v, a.Pos[0]) {
			n++
		}
	}
	return Int(n), nil
}

func listExtend(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.extend", 1, 1); err != nil {
		return Undef, err
	}
	more, err := ToSlice(th, a.Pos[0])
	if err != nil {
		return Undef, err
	}
	l := self.rawList()
	if err := th.CheckList(int64(len(l.Items) + len(more))); err != nil {
		return Undef, err
	}
	l.Items = append(l.Items, more...)
	return None, nil
}

func seqIndex(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between(TypeName(self)+".index", 1, 3); err != nil {
		return Undef, err
	}
	items := self.Items()
	r, err := sliceRange(len(items), orNone(a.pos(1)), orNone(a.pos(2)), None)
	if err != nil {
		return Undef, typeError("slice indices must be integers or have an __index__ method")
	}
	for i := r.start; i < r.stop; i++ {
		if Equal(items[i], a.Pos[0]) {
			return Int(int64(i)), nil
		}
	}
	if self.Kind() == KindTuple {
		return Undef, valueError("tuple.index(x): x not in tuple")
	}
	return Undef, valueError("%s is not in list", Repr(a.Pos[0]))
}

func orNone(v Value) Value {
	if v.IsUndefined() {
		return None
	}
	return v
}

func listInsert(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.insert", 2, 2); err != nil {
		return Undef, err
	}
	i, err := needIndex(a.Pos[0])
	if err != nil {
		return Undef, err
	}
	l := self.rawList()
	n := int64(len(l.Items))
	if err := th.Step(1 + n>>6); err != nil {
		return Undef, err
	}
	if i < 0 {
		i = max(i+n, 0)
	}
	l.Items = slices.Insert(l.Items, int(min(i, n)), a.Pos[1])
	return None, nil
}

// needIndex is an argument that must be an integer.
func needIndex(v Value) (int64, error) {
	if i, ok := indexOf(v); ok {
		return i, nil
	}
	return 0, typeError("'%s' object cannot be interpreted as an integer", TypeName(v))
}

func listPop(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.pop", 0, 1); err != nil {
		return Undef, err
	}
	l := self.rawList()
	n := int64(len(l.Items))
	i := int64(-1)
	if len(a.Pos) == 1 {
		var err error
		if i, err = needIndex(a.Pos[0]); err != nil {
			return Undef, err
		}
	}
	if n == 0 {
		return Undef, Errorf("IndexError", "pop from empty list")
	}
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return Undef, Errorf("IndexError", "pop index out of range")
	}
	v := l.Items[i]
	l.Items = slices.Delete(l.Items, int(i), int(i)+1)
	return v, nil
}

func listRemove(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.remove", 1, 1); err != nil {
		return Undef, err
	}
	l := self.rawList()
	for i, v := range l.Items {
		if Equal(v, a.Pos[0]) {
			l.Items = slices.Delete(l.Items, i, i+1)
			return None, nil
		}
	}
	return Undef, valueError("list.remove(x): x not in list")
}

func listReverse(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("list.reverse", 0, 0); err != nil {
		return Undef, err
	}
	slices.Reverse(self.rawList().Items)
	return None, nil
}

func listSort(th *Thread, self Value, a Args) (Value, error) {
	if len(a.Pos) > 0 {
		return Undef, typeError("sort() takes no positional arguments")
	}
	var args [2]Value
	if err := a.BindInto(args[:], "sort", "key?", "reverse?"); err != nil {
		return Undef, err
	}
	var key func(Value) (Value, error)
	if !args[0].IsNull() {
		key = func(v Value) (Value, error) { return Call(th, args[0], Args{Pos: []Value{v}}) }
	}
	l := self.rawList()
	items := l.Items
	l.Items = nil // as in Python, the list looks empty while it is sorted
	sorted, err := Sorted(th, items, key, Truth(args[1]))
	if err != nil {
		l.Items = items
		return Undef, err
	}
	l.Items = sorted
	return None, nil
}

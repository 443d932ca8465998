package value

type viewKind uint8

const (
	viewKeys viewKind = iota
	viewValues
	viewItems
)

// dictView is what dict.keys(), values() and items() return: it follows the dict.
type dictView struct {
	dict *Dict
	kind viewKind
}

func newView(d *Dict, kind viewKind) Value { return FromObject(&dictView{dict: d, kind: kind}) }

func (w *dictView) TypeName() string {
	return [...]string{"dict_keys", "dict_values", "dict_items"}[w.kind]
}
func (w *dictView) Len() int { return w.dict.Len() }

func (w *dictView) element(e *dictEntry) Value {
	switch w.kind {
	case viewKeys:
		return e.key
	case viewValues:
		return e.value
	}
	return NewTuple(e.key, e.value)
}

func (w *dictView) Iterate(_ *Thread, yield func(Value) bool) error {
	return iterateDict(w.dict, "dictionary", func(e *dictEntry) bool { return yield(w.element(e)) })
}

func (w *dictView) appendRepr(dst []byte, in *reprFrame) []byte {
	if in.level() > maxNesting {
		return append(dst, "..."...)
	}
	dst = append(dst, w.TypeName()...)
	dst = append(dst, "(["...)
	in = &reprFrame{v: FromObject(w), up: in, depth: in.level() + 1}
	first := true
	for i := range w.dict.entries {
		e := &w.dict.entries[i]
		if e.deleted() {
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = appendRepr(dst, w.element(e), in)
	}
	return append(dst, "])"...)
}

func (w *dictView) Repr() string { return string(w.appendRepr(nil, nil)) }

// set is the view as a set; values that cannot be hashed are an error.
func (w *dictView) set() (*Set, error) {
	s := &Set{}
	for i := range w.dict.entries {
		e := &w.dict.entries[i]
		if e.deleted() {
			continue
		}
		if err := s.Add(w.element(e)); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Binary is set algebra on keys and items: d.keys() - e.keys().
func (w *dictView) Binary(op string, other Value, reflected bool) (Value, bool, error) {
	if op != "-" || w.kind == viewValues {
		return Undef, false, nil
	}
	mine, err := w.set()
	if err != nil {
		return Undef, false, err
	}
	items, err := ToSlice(nil, other)
	if err != nil {
		return Undef, false, err
	}
	theirs, err := NewSet(items...)
	if err != nil {
		return Undef, false, err
	}
	if reflected {
		return FromSet(theirs.Difference(mine)), true, nil
	}
	return FromSet(mine.Difference(theirs)), true, nil
}

// Equal compares keys and items as sets do.
func (w *dictView) Equal(other Value) (equal, ok bool) {
	if w.kind == viewValues {
		return false, false
	}
	theirs, ok := setOperand(other)
	if !ok {
		return false, false
	}
	mine, err := w.set()
	if err != nil {
		return false, false
	}
	return mine.Len() == theirs.Len() && mine.SubsetOf(theirs), true
}

// Compare is not defined for views.
func (w *dictView) Compare(Value) (int, bool) { return 0, false }

// Contains looks a key up without walking the view.
func (w *dictView) Contains(item Value) (bool, error) {
	switch w.kind {
	case viewKeys:
		_, ok, err := w.dict.Lookup(item)
		return ok, err
	case viewItems:
		pair, ok := item.AsTuple()
		if !ok || len(pair.Items) != 2 {
			return false, nil
		}
		v, ok := w.dict.Get(pair.Items[0])
		return ok && Equal(v, pair.Items[1]), nil
	}
	for _, v := range w.dict.All() {
		if Equal(v, item) {
			return true, nil
		}
	}
	return false, nil
}

package value

// Iterator is a Python iterator: it yields each element once. Generators (the results of
// map, select …) and the results of zip, reversed and iter are Iterators.
type Iterator struct {
	Name string // type name: "generator", "zip", "list_reverseiterator" …
	next func(th *Thread) (v Value, ok bool, err error)
	done bool
}

// NewIterator makes an iterator of a function that returns ok=false at the end.
func NewIterator(typeName string, next func(th *Thread) (v Value, ok bool, err error)) *Iterator {
	return &Iterator{Name: typeName, next: next}
}

// Iter is Python's iter(v).
func Iter(th *Thread, v Value) (*Iterator, error) {
	i := 0
	switch v.Kind() {
	case KindList:
		l := v.rawList()
		return NewIterator("list_iterator", func(*Thread) (Value, bool, error) {
			if i >= len(l.Items) {
				return Undef, false, nil
			}
			i++
			return l.Items[i-1], true, nil
		}), nil
	case KindObject:
		if it, ok := v.rawObject().(*Iterator); ok {
			return it, nil
		}
	}
	items, err := ToSlice(th, v)
	if err != nil {
		return nil, err
	}
	return NewIterator(TypeName(v)+"_iterator", func(*Thread) (Value, bool, error) {
		if i >= len(items) {
			return Undef, false, nil
		}
		i++
		return items[i-1], true, nil
	}), nil
}

// Next takes the next element.
func (it *Iterator) Next(th *Thread) (v Value, ok bool, err error) {
	if it.done {
		return Undef, false, nil
	}
	if err := th.Step(1); err != nil {
		return Undef, false, err
	}
	v, ok, err = it.next(th)
	if !ok || err != nil {
		it.done = true
	}
	return v, ok, err
}

// TypeName is Python's name of the iterator's type.
func (it *Iterator) TypeName() string { return it.Name }

// Iterate yields what is left.
func (it *Iterator) Iterate(th *Thread, yield func(Value) bool) error {
	for {
		v, ok, err := it.Next(th)
		if err != nil || !ok {
			return err
		}
		if !yield(v) {
			return nil
		}
	}
}

// Truth is true, as it is for any Python object without a length.
func (it *Iterator) Truth() bool { return true }

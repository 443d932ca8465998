package agate

import "github.com/millrace/millrace/compiler/jinja/value"

// sequence is agate's MappedSequence: values by position and, when there are keys, by name.
// Rows, columns and the collections of them are sequences.
type sequence struct {
	class string
	size  int
	at    func(i int) value.Value
	keys  func() []value.Value                          // nil without keys
	find  func(key value.Value) (position int, ok bool) // of a key
	extra func(name string) (value.Value, bool)         // attributes of the class itself
}

func (s *sequence) TypeName() string { return s.class }

// Module implements value.Moduled.
func (s *sequence) Module() string {
	switch s.class {
	case "Row":
		return "agate.rows"
	case "Column":
		return "agate.columns"
	case "TableSet":
		return "agate.tableset"
	}
	return "agate.mapped_sequence"
}
func (s *sequence) Len() int { return s.size }

func (s *sequence) values() []value.Value {
	out := make([]value.Value, s.size)
	for i := range out {
		out[i] = s.at(i)
	}
	return out
}

// Str shows the first five values.
func (s *sequence) Str() string {
	b := []byte("<agate." + s.class + ": (")
	for i := 0; i < s.size && i < 5; i++ {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = value.AppendRepr(b, s.at(i))
	}
	if s.size > 5 {
		b = append(b, ", ..."...)
	}
	return string(append(b, ")>"...))
}

func (s *sequence) Repr() string { return s.Str() }

// Unhashable keeps sequences out of dict keys, as in Python.
func (s *sequence) Unhashable() bool { return true }

// HashKey is never asked for, because sequences are unhashable.
func (s *sequence) HashKey() string { return "" }

// Iterate yields the values.
func (s *sequence) Iterate(th *value.Thread, yield func(value.Value) bool) error {
	for i := 0; i < s.size; i++ {
		if err := th.Step(1); err != nil {
			return err
		}
		if !yield(s.at(i)) {
			return nil
		}
	}
	return nil
}

// Index answers positions (also from the end) and keys.
func (s *sequence) Index(_ *value.Thread, key value.Value) (value.Value, bool, error) {
	if i, ok := key.AsInt(); ok {
		if i < 0 {
			i += int64(s.size)
		}
		if i < 0 || i >= int64(s.size) {
			return value.Undef, false, nil
		}
		return s.at(int(i)), true, nil
	}
	if s.find == nil {
		return value.Undef, false, nil
	}
	i, ok := s.find(key)
	if !ok {
		return value.Undef, false, nil
	}
	return s.at(i), true, nil
}

// Slice gives a tuple.
func (s *sequence) Slice(start, stop, step value.Value) (value.Value, error) {
	return value.Slice(value.NewTuple(s.values()...), start, stop, step)
}

// Equal compares the values with those of any other sequence.
func (s *sequence) Equal(other value.Value) (equal, ok bool) {
	var items []value.Value
	switch other.Kind() {
	case value.KindList, value.KindTuple:
		items = other.Items()
	case value.KindObject:
		o, _ := other.AsObject()
		seq, isSeq := o.(*sequence)
		if !isSeq {
			return false, false
		}
		items = seq.values()
	default:
		return false, false
	}
	if len(items) != s.size {
		return false, true
	}
	for i, v := range items {
		if !value.Equal(s.at(i), v) {
			return false, true
		}
	}
	return true, true
}

// Compare reports that sequences have no order.
func (s *sequence) Compare(value.Value) (int, bool) { return 0, false }

func (s *sequence) keyValues() value.Value {
	if s.keys == nil {
		return value.None
	}
	return value.NewTuple(s.keys()...)
}

func noKeys() error { return value.Errorf("KeyError", "the sequence has no keys") }

func (s *sequence) items() ([]value.Value, error) {
	if s.keys == nil {
		return nil, value.Errorf("TypeError", "'NoneType' object is not iterable")
	}
	out := make([]value.Value, s.size)
	for i, k := range s.keys() {
		out[i] = value.NewTuple(k, s.at(i))
	}
	return out, nil
}

func (s *sequence) dict() (*value.Dict, error) {
	if s.keys == nil {
		return nil, noKeys()
	}
	d := value.NewDict(s.size)
	for i, k := range s.keys() {
		if err := d.Set(k, s.at(i)); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Attr answers the methods.
func (s *sequence) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	simple := func(f func() (value.Value, error)) (value.Value, bool, error) {
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			if _, err := a.Bind(name); err != nil {
				return value.Undef, err
			}
			return f()
		}), true, nil
	}
	switch name {
	case "values":
		return simple(func() (value.Value, error) { return value.NewTuple(s.values()...), nil })
	case "keys":
		return simple(func() (value.Value, error) { return s.keyValues(), nil })
	case "items":
		return simple(func() (value.Value, error) {
			items, err := s.items()
			return value.NewTuple(items...), err
		})
	case "dict":
		return simple(func() (value.Value, error) {
			d, err := s.dict()
			if err != nil {
				return value.Undef, err
			}
			return value.FromDict(d), nil
		})
	case "get":
		return value.Func(name, s.get), true, nil
	case "index":
		if v, ok := s.own(name); ok {
			return v, true, nil
		}
		return value.Func(name, s.indexOf), true, nil
	case "count":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "value")
			if err != nil {
				return value.Undef, err
			}
			n := int64(0)
			for i := 0; i < s.size; i++ {
				if value.Equal(s.at(i), v[0]) {
					n++
				}
			}
			return value.Int(n), nil
		}), true, nil
	}
	v, ok := s.own(name)
	return v, ok, nil
}

func (s *sequence) own(name string) (value.Value, bool) {
	if s.extra == nil {
		return value.Undef, false
	}
	return s.extra(name)
}

func (s *sequence) get(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get", "key", "default=None")
	if err != nil {
		return value.Undef, err
	}
	if s.keys == nil {
		return value.None, nil
	}
	if i, ok := s.find(v[0]); ok {
		return s.at(i), nil
	}
	if value.Truth(v[1]) {
		return v[1], nil
	}
	return value.None, nil
}

func (s *sequence) indexOf(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("index", "value")
	if err != nil {
		return value.Undef, err
	}
	for i := 0; i < s.size; i++ {
		if value.Equal(s.at(i), v[0]) {
			return value.Int(int64(i)), nil
		}
	}
	return value.Undef, value.Errorf("ValueError", "%s is not in the sequence", value.Repr(v[0]))
}

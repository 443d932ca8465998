package value

// Slice is Jinja's v[start:stop:step]; absent bounds are None. What Python refuses with a
// TypeError is undefined, as for any subscript.
func Slice(v, start, stop, step Value) (Value, error) {
	v = markerText(v)
	switch v.Kind() {
	case KindUndefined:
		return Undef, v.UndefinedError()
	case KindString:
		return sliceString(v.rawString(), start, stop, step)
	case KindList, KindTuple:
		items := v.Items()
		r, err := sliceRange(len(items), start, stop, step)
		if err != nil {
			return Undef, err
		}
		out := make([]Value, 0, r.len())
		for i := range r.indexes() {
			out = append(out, items[i])
		}
		if v.Kind() == KindTuple {
			return NewTuple(out...), nil
		}
		return NewList(out...), nil
	case KindDict:
		return Undef, typeError("unhashable type: 'slice'")
	case KindObject:
		if s, ok := v.rawObject().(Slicer); ok {
			return s.Slice(start, stop, step)
		}
	}
	return Undef, typeError("'%s' object is not subscriptable", TypeName(v))
}

// span is a slice resolved against a length.
type span struct{ start, stop, step int }

func (r span) len() int {
	switch {
	case r.step > 0 && r.start < r.stop:
		return (r.stop-r.start-1)/r.step + 1
	case r.step < 0 && r.start > r.stop:
		return (r.start-r.stop-1)/-r.step + 1
	}
	return 0
}

func (r span) indexes() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		n := r.len()
		for k, i := 0, r.start; k < n; k, i = k+1, i+r.step {
			if !yield(i) {
				return
			}
		}
	}
}

func sliceRange(n int, start, stop, step Value) (span, error) {
	r := span{step: 1}
	var err error
	if !step.IsNull() {
		if r.step, err = sliceIndex(step); err != nil {
			return r, err
		}
		if r.step == 0 {
			return r, valueError("slice step cannot be zero")
		}
	}
	low, high := 0, n
	if r.step < 0 {
		low, high = -1, n-1
	}
	bound := func(v Value, absent int) (int, error) {
		if v.IsNull() {
			return absent, nil
		}
		i, err := sliceIndex(v)
		if err != nil {
			return 0, err
		}
		if i < 0 {
			i += n
		}
		return min(max(i, low), high), nil
	}
	first, last := low, high
	if r.step < 0 {
		first, last = high, low
	}
	if r.start, err = bound(start, first); err != nil {
		return r, err
	}
	r.stop, err = bound(stop, last)
	return r, err
}

func sliceIndex(v Value) (int, error) {
	i, ok := indexOf(v)
	if !ok {
		return 0, typeError("slice indices must be integers or None or have an __index__ method")
	}
	const most = 1 << 40 // far beyond any length, and sums of two cannot overflow
	return int(min(max(i, -most), most)), nil
}

func sliceString(s string, start, stop, step Value) (Value, error) {
	if isASCII(s) {
		r, err := sliceRange(len(s), start, stop, step)
		if err != nil {
			return Undef, err
		}
		if r.step == 1 {
			if r.start >= r.stop {
				return String(""), nil
			}
			return String(s[r.start:r.stop]), nil
		}
		out := make([]byte, 0, r.len())
		for i := range r.indexes() {
			out = append(out, s[i])
		}
		return String(string(out)), nil
	}
	runes := []rune(s)
	r, err := sliceRange(len(runes), start, stop, step)
	if err != nil {
		return Undef, err
	}
	if r.step == 1 {
		if r.start >= r.stop {
			return String(""), nil
		}
		return String(string(runes[r.start:r.stop])), nil
	}
	out := make([]rune, 0, r.len())
	for i := range r.indexes() {
		out = append(out, runes[i])
	}
	return String(string(out)), nil
}

// SliceBounds resolves [start:stop:step] against a length n: the indexes from, from+by …
// are count in number and end before to.
func SliceBounds(n int, start, stop, step Value) (from, to, by, count int, err error) {
	r, err := sliceRange(n, start, stop, step)
	return r.start, r.stop, r.step, r.len(), err
}

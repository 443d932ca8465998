package value

import "unicode/utf8"

// Iterate calls yield for each element of v until it returns false. What Python cannot
// iterate is a TypeError "'int' object is not iterable".
func Iterate(th *Thread, v Value, yield func(Value) bool) error {
	switch v.Kind() {
	case KindUndefined:
		return th.CheckUndefined(v)
	case KindString:
		iterateString(v.rawString(), yield)
		return nil
	case KindList:
		l := v.rawList()
		for i := 0; i < len(l.Items); i++ { // the list may grow meanwhile
			if err := th.Step(1); err != nil {
				return err
			}
			if !yield(l.Items[i]) {
				return nil
			}
		}
		return nil
	case KindTuple:
		for _, item := range v.rawTuple().Items {
			if !yield(item) {
				return nil
			}
		}
		return nil
	case KindDict:
		return iterateDict(v.rawDict(), "dictionary", func(e *dictEntry) bool { return yield(e.key) })
	case KindSet:
		return iterateDict(&v.rawSet().items, "Set", func(e *dictEntry) bool { return yield(e.key) })
	case KindObject:
		switch o := v.rawObject().(type) {
		case *Marker:
			iterateString(o.Text, yield)
			return nil
		case Iterable:
			return o.Iterate(th, yield)
		}
	}
	return typeError("'%s' object is not iterable", TypeName(v))
}

func iterateString(s string, yield func(Value) bool) {
	for len(s) > 0 {
		_, n := utf8.DecodeRuneInString(s)
		if !yield(String(s[:n])) {
			return
		}
		s = s[n:]
	}
}

func iterateDict(d *Dict, what string, yield func(*dictEntry) bool) error {
	size := d.Len()
	for i := 0; i < len(d.entries); i++ {
		if e := &d.entries[i]; !e.deleted() && !yield(e) {
			return nil
		}
		if d.Len() != size {
			return Errorf("RuntimeError", "%s changed size during iteration", what)
		}
	}
	return nil
}

// CanIterate reports whether Iterate would accept v.
func CanIterate(v Value) bool {
	switch v.Kind() {
	case KindUndefined, KindString, KindList, KindTuple, KindDict, KindSet:
		return true
	case KindObject:
		switch v.rawObject().(type) {
		case *Marker, Iterable:
			return true
		}
	}
	return false
}

// ToSlice is list(v) as a fresh slice.
func ToSlice(th *Thread, v Value) ([]Value, error) {
	var out []Value
	switch v.Kind() {
	case KindList, KindTuple:
		items := v.Items()
		if err := th.CheckList(int64(len(items))); err != nil {
			return nil, err
		}
		return append(out, items...), nil
	case KindDict:
		return v.rawDict().Keys(), nil
	case KindSet:
		return v.rawSet().Items(), nil
	}
	if n, err := Len(v); err == nil && n > 0 {
		if err := th.CheckList(int64(n)); err != nil {
			return nil, err
		}
		out = make([]Value, 0, n)
	}
	var limitErr error
	err := Iterate(th, v, func(item Value) bool {
		out = append(out, item)
		if len(out)&0xfff == 0 {
			limitErr = th.CheckList(int64(len(out)))
		}
		return limitErr == nil
	})
	if err == nil {
		err = limitErr
	}
	return out, err
}

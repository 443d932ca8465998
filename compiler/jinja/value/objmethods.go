package value

// objMethods are the methods of a host type.
type objMethods[T Object] map[string]func(th *Thread, self T, a Args) (Value, error)

func (m objMethods[T]) bound(self T, name string) (Value, bool) {
	fn, ok := m[name]
	if !ok {
		return Undef, false
	}
	return Func(name, func(th *Thread, a Args) (Value, error) { return fn(th, self, a) }), true
}

func (m objMethods[T]) call(th *Thread, self T, name string, a Args) (Value, bool, error) {
	fn, ok := m[name]
	if !ok {
		return Undef, false, nil
	}
	v, err := fn(th, self, a)
	return v, true, err
}

// as is v as a host type.
func as[T Object](v Value) (T, bool) {
	if o, ok := v.AsObject(); ok {
		t, ok := o.(T)
		return t, ok
	}
	var none T
	return none, false
}

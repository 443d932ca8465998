package value

// Builtin is a host function as a value.
type Builtin struct {
	name string
	fn   func(th *Thread, a Args) (Value, error)
}

// Func wraps a host function.
func Func(name string, fn func(th *Thread, a Args) (Value, error)) Value {
	return FromObject(&Builtin{name: name, fn: fn})
}

// TypeName is Python's.
func (b *Builtin) TypeName() string { return "function" }

// Name is the function's name.
func (b *Builtin) Name() string { return b.name }

// Call runs the function.
func (b *Builtin) Call(th *Thread, a Args) (Value, error) { return b.fn(th, a) }

// Str is what printing the function shows.
func (b *Builtin) Str() string { return "<function " + b.name + ">" }

// boundMethod is a method of a built-in type together with its object: [].append.
type boundMethod struct {
	name string
	self Value
	fn   method
}

// method implements one method of a built-in type.
type method func(th *Thread, self Value, a Args) (Value, error)

func (m *boundMethod) TypeName() string { return "builtin_function_or_method" }
func (m *boundMethod) Call(th *Thread, a Args) (Value, error) {
	return m.fn(th, m.self, a)
}
func (m *boundMethod) Str() string {
	return "<built-in method " + m.name + " of " + TypeName(m.self) + " object>"
}

// Call calls a function, macro or method. An undefined value answers with itself under
// the lenient policy and otherwise raises; anything else is a TypeError
// "'str' object is not callable".
func Call(th *Thread, fn Value, args Args) (Value, error) {
	switch fn.Kind() {
	case KindObject:
		if c, ok := fn.rawObject().(Callable); ok {
			return c.Call(th, args)
		}
	case KindUndefined:
		if th.lenient() {
			return fn, nil
		}
		return Undef, fn.UndefinedError()
	}
	return Undef, typeError("'%s' object is not callable", TypeName(fn))
}

// IsCallable is Python's callable(v).
func IsCallable(v Value) bool {
	switch v.Kind() {
	case KindUndefined: // Jinja's Undefined defines __call__
		return true
	case KindObject:
		_, ok := v.rawObject().(Callable)
		return ok
	}
	return false
}

// CallMethod is v.name(args…) without creating the bound method in between. It means the
// same as GetAttr followed by Call; evaluators use it for every call of an attribute.
func CallMethod(th *Thread, v Value, name string, args Args) (Value, error) {
	if m := methodOf(v, name); m != nil {
		return m(th, v, args)
	}
	if v.Kind() == KindObject {
		if c, ok := v.rawObject().(MethodCaller); ok {
			if out, ok, err := c.CallMethod(th, name, args); ok || err != nil {
				return out, err
			}
		}
	}
	fn, err := GetAttr(th, v, name)
	if err != nil {
		return Undef, err
	}
	return Call(th, fn, args)
}

// methodOf finds a method of a built-in type.
func methodOf(v Value, name string) method {
	switch v.Kind() {
	case KindString:
		return strMethods[name]
	case KindList:
		return listMethods[name]
	case KindDict:
		return dictMethods[name]
	case KindTuple:
		return tupleMethods[name]
	case KindSet:
		return setMethods[name]
	case KindBool, KindInt, KindBig:
		return intMethods[name]
	case KindFloat:
		return floatMethods[name]
	}
	return nil
}

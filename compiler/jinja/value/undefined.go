package value

// UndefinedInfo is what an undefined value remembers about how it came to be.
type UndefinedInfo struct {
	Hint string // complete message, overrides the rest
	Of   string // "dict object" when an attribute or element was missing; "" for a plain name
	Name Value  // the missing name, attribute or key
	Type string // exception type, "UndefinedError" when empty
}

// UndefinedNamed is an unknown name: "'x' is undefined".
func UndefinedNamed(name string) Value {
	return undefinedWith(&UndefinedInfo{Name: String(name)})
}

// UndefinedAttr is a missing attribute: "'dict object' has no attribute 'x'".
func UndefinedAttr(of Value, name string) Value {
	return undefinedWith(&UndefinedInfo{Of: objectTypeRepr(of), Name: String(name)})
}

// UndefinedElement is a missing element: "list object has no element 3".
func UndefinedElement(of, key Value) Value {
	return undefinedWith(&UndefinedInfo{Of: objectTypeRepr(of), Name: key})
}

// UndefinedHint is undefined with a message of its own.
func UndefinedHint(message string) Value {
	return undefinedWith(&UndefinedInfo{Hint: message})
}

func undefinedUnsafe(of Value, name string) Value {
	return undefinedWith(&UndefinedInfo{
		Hint: "access to attribute " + Repr(String(name)) + " of " + Repr(String(TypeName(of))) + " object is unsafe.",
		Name: String(name), Type: "SecurityError",
	})
}

func objectTypeRepr(v Value) string {
	if v.IsNone() {
		return "None"
	}
	if o, ok := v.AsObject(); ok {
		if m, ok := o.(Moduled); ok {
			return m.Module() + "." + TypeName(v) + " object"
		}
	}
	return TypeName(v) + " object"
}

// UndefinedMessage says what using v raises.
func (v Value) UndefinedMessage() string {
	u := v.undefinedInfo()
	if u == nil {
		return "value is undefined"
	}
	if u.Hint != "" {
		return u.Hint
	}
	if u.Of == "" {
		return Repr(u.Name) + " is undefined"
	}
	if u.Name.Kind() == KindString {
		return Repr(String(u.Of)) + " has no attribute " + Repr(u.Name)
	}
	return u.Of + " has no element " + Repr(u.Name)
}

// UndefinedName is the missing name or attribute, "" when there is none.
func (v Value) UndefinedName() string {
	if u := v.undefinedInfo(); u != nil {
		s, _ := u.Name.AsString()
		return s
	}
	return ""
}

// UndefinedError is the exception that using v raises.
func (v Value) UndefinedError() *Error {
	e := &Error{Type: "UndefinedError", Message: v.UndefinedMessage(), Name: v.UndefinedName()}
	if u := v.undefinedInfo(); u != nil && u.Type != "" {
		e.Type = u.Type
	}
	return e
}

// CheckUndefined is the error of using v where even an undefined value may be used under
// the default policy (printing, iterating, truth): nil unless the policy is strict.
func (th *Thread) CheckUndefined(v Value) error {
	if th != nil && th.Undefined == UndefinedStrict && v.IsUndefined() {
		return v.UndefinedError()
	}
	return nil
}

func (th *Thread) lenient() bool { return th != nil && th.Undefined == UndefinedLenient }

// undefinedIn returns the error for the first undefined operand.
func undefinedIn(a, b Value) error {
	if a.IsUndefined() {
		return a.UndefinedError()
	}
	if b.IsUndefined() {
		return b.UndefinedError()
	}
	return nil
}

package value

import "strings"

// GetAttr is Jinja's v.name: an attribute or method, then the item of that name, and
// undefined when there is neither.
func GetAttr(th *Thread, v Value, name string) (Value, error) {
	switch v.Kind() {
	case KindUndefined:
		return undefinedAttr(th, v, name)
	case KindDict:
		// Methods win over keys, as in Jinja.
		if m := dictMethods[name]; m != nil {
			return bind(name, v, m), nil
		}
		if item, ok := v.rawDict().GetString(name); ok {
			return item, nil
		}
	case KindObject:
		o := v.rawObject()
		if m, ok := o.(*Marker); ok {
			return GetAttr(th, String(m.Text), name)
		}
		if a, ok := o.(Attrer); ok {
			if out, ok, err := a.Attr(th, name); ok || err != nil {
				return out, err
			}
		}
		if ix, ok := o.(Indexer); ok {
			if out, ok, err := ix.Index(th, String(name)); ok || err != nil {
				return out, err
			}
		}
	default:
		if out, ok := builtinAttr(v, name); ok {
			return out, nil
		}
	}
	return missingAttr(v, name), nil
}

// GetItem is Jinja's v[key]: an item, then the attribute of that name, and undefined when
// there is neither.
func GetItem(th *Thread, v, key Value) (Value, error) {
	key = markerText(key)
	switch v.Kind() {
	case KindUndefined:
		if th.lenient() {
			return v, nil
		}
		return Undef, v.UndefinedError()
	case KindDict:
		d := v.rawDict()
		s, isString := key.AsString()
		if isString {
			if item, ok := d.GetString(s); ok {
				return item, nil
			}
			if m := dictMethods[s]; m != nil {
				return bind(s, v, m), nil
			}
			return missingAttr(v, s), nil
		}
		if item, ok := d.Get(key); ok {
			return item, nil
		}
	case KindList, KindTuple:
		items := v.Items()
		if i, ok := indexOf(key); ok {
			if i < 0 {
				i += int64(len(items))
			}
			if i >= 0 && i < int64(len(items)) {
				return items[i], nil
			}
			return UndefinedElement(v, key), nil
		}
	case KindString:
		if i, ok := indexOf(key); ok {
			if out, ok := runeAt(v.rawString(), i); ok {
				return out, nil
			}
			return UndefinedElement(v, key), nil
		}
	case KindObject:
		o := v.rawObject()
		if m, ok := o.(*Marker); ok {
			return GetItem(th, String(m.Text), key)
		}
		if ix, ok := o.(Indexer); ok {
			if out, ok, err := ix.Index(th, key); ok || err != nil {
				return out, err
			}
		}
		if s, ok := key.AsString(); ok {
			if a, ok := o.(Attrer); ok {
				if out, ok, err := a.Attr(th, s); ok || err != nil {
					return out, err
				}
			}
		}
	}
	if s, ok := key.AsString(); ok {
		if out, ok := builtinAttr(v, s); ok {
			return out, nil
		}
		return missingAttr(v, s), nil
	}
	return UndefinedElement(v, key), nil
}

// Attr is Python's getattr: an attribute or method, never an item.
func Attr(th *Thread, v Value, name string) (out Value, ok bool, err error) {
	v = markerText(v)
	if o, isObject := v.AsObject(); isObject {
		if a, isAttrer := o.(Attrer); isAttrer {
			return a.Attr(th, name)
		}
		return Undef, false, nil
	}
	out, ok = builtinAttr(v, name)
	return out, ok, nil
}

func undefinedAttr(th *Thread, v Value, name string) (Value, error) {
	if th.lenient() {
		if u := v.undefinedInfo(); u != nil && u.Hint != "" {
			return undefinedWith(&UndefinedInfo{Hint: u.Hint, Name: String(name)}), nil
		}
		return UndefinedNamed(name), nil
	}
	return Undef, v.UndefinedError()
}

// builtinAttr finds an attribute or method of a built-in type.
func builtinAttr(v Value, name string) (Value, bool) {
	if m := methodOf(v, name); m != nil {
		return bind(name, v, m), true
	}
	switch v.Kind() {
	case KindBool, KindInt, KindBig:
		switch name {
		case "real", "numerator":
			return positive(v), true
		case "imag":
			return Int(0), true
		case "denominator":
			return Int(1), true
		}
	case KindFloat:
		switch name {
		case "real":
			return v, true
		case "imag":
			return Float(0), true
		}
	}
	return Undef, false
}

func bind(name string, self Value, m method) Value {
	return FromObject(&boundMethod{name: name, self: self, fn: m})
}

// missingAttr is undefined, with the sandbox's words for Python's own dunder attributes.
func missingAttr(v Value, name string) Value {
	if strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__") && (isDunder(name) || containerDunder(v, name)) {
		return undefinedUnsafe(v, name)
	}
	return UndefinedAttr(v, name)
}

// containerDunder knows those that the built-in containers add.
func containerDunder(v Value, name string) bool {
	switch v.Kind() {
	case KindString, KindList, KindTuple, KindDict, KindSet:
	default:
		return false
	}
	switch name {
	case "__len__", "__iter__", "__contains__":
		return true
	case "__getitem__":
		return v.Kind() != KindSet
	}
	return false
}

// isDunder knows the attributes that every Python object has and the sandbox hides.
func isDunder(name string) bool {
	switch name {
	case "__class__", "__doc__", "__init__", "__new__", "__repr__", "__str__", "__eq__", "__ne__", "__hash__",
		"__dir__", "__format__", "__getattribute__", "__setattr__", "__delattr__", "__reduce__", "__reduce_ex__",
		"__sizeof__", "__subclasshook__", "__init_subclass__", "__lt__", "__le__", "__gt__", "__ge__":
		return true
	}
	return false
}

// indexOf accepts what Python accepts as a sequence index.
func indexOf(key Value) (int64, bool) {
	switch key.Kind() {
	case KindInt, KindBool:
		return key.rawInt(), true
	case KindBig:
		if key.rawBig().Sign() < 0 {
			return -1 << 62, true
		}
		return 1 << 62, true
	}
	return 0, false
}

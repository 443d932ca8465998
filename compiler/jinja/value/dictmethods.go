package value

var dictMethods map[string]method

func init() {
	dictMethods = map[string]method{
		"clear": dictClear, "copy": dictCopy, "fromkeys": dictFromKeys, "get": dictGet, "items": dictItems,
		"keys": dictKeys, "pop": dictPop, "popitem": dictPopItem, "setdefault": dictSetDefault,
		"update": dictUpdate, "values": dictValues,
	}
}

func dictClear(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("dict.clear", 0, 0); err != nil {
		return Undef, err
	}
	self.rawDict().Clear()
	return None, nil
}

func dictCopy(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("dict.copy", 0, 0); err != nil {
		return Undef, err
	}
	return FromDict(self.rawDict().Copy()), nil
}

func dictFromKeys(th *Thread, _ Value, a Args) (Value, error) {
	if err := a.between("fromkeys", 1, 2); err != nil {
		return Undef, err
	}
	keys, err := ToSlice(th, a.Pos[0])
	if err != nil {
		return Undef, err
	}
	d := NewDict(len(keys))
	for _, k := range keys {
		if err := d.Set(k, orNone(a.pos(1))); err != nil {
			return Undef, err
		}
	}
	return FromDict(d), nil
}

func dictGet(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("dict.get", 1, 2); err != nil {
		return Undef, err
	}
	v, ok, err := self.rawDict().Lookup(a.Pos[0])
	if err != nil || ok {
		return v, err
	}
	if len(a.Pos) == 2 {
		return a.Pos[1], nil
	}
	return None, nil
}

func dictView0(self Value, a Args, name string, kind viewKind) (Value, error) {
	if err := a.between(name, 0, 0); err != nil {
		return Undef, err
	}
	return newView(self.rawDict(), kind), nil
}

func dictItems(_ *Thread, self Value, a Args) (Value, error) {
	return dictView0(self, a, "dict.items", viewItems)
}

func dictKeys(_ *Thread, self Value, a Args) (Value, error) {
	return dictView0(self, a, "dict.keys", viewKeys)
}

func dictValues(_ *Thread, self Value, a Args) (Value, error) {
	return dictView0(self, a, "dict.values", viewValues)
}

func dictPop(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("dict.pop", 1, 2); err != nil {
		return Undef, err
	}
	d := self.rawDict()
	i, _, err := d.find(a.Pos[0])
	if err != nil {
		return Undef, err
	}
	if i >= 0 {
		v := d.entries[i].value
		d.deleteAt(i)
		return v, nil
	}
	if len(a.Pos) == 2 {
		return a.Pos[1], nil
	}
	return Undef, Errorf("KeyError", "%s", Repr(a.Pos[0]))
}

func dictPopItem(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("dict.popitem", 0, 0); err != nil {
		return Undef, err
	}
	d := self.rawDict()
	i := d.last()
	if i < 0 {
		return Undef, Errorf("KeyError", "'popitem(): dictionary is empty'")
	}
	e := d.entries[i]
	d.deleteAt(i)
	return NewTuple(e.key, e.value), nil
}

func dictSetDefault(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("setdefault", 1, 2); err != nil {
		return Undef, err
	}
	d := self.rawDict()
	v, ok, err := d.Lookup(a.Pos[0])
	if err != nil || ok {
		return v, err
	}
	v = orNone(a.pos(1))
	return v, d.Set(a.Pos[0], v)
}

func dictUpdate(th *Thread, self Value, a Args) (Value, error) {
	if len(a.Pos) > 1 {
		return Undef, typeError("update expected at most 1 argument, got %d", len(a.Pos))
	}
	return None, self.rawDict().Update(th, a)
}

// Update is dict.update(*args, **kwargs): at most one mapping or iterable of pairs, then
// the keywords.
func (d *Dict) Update(th *Thread, a Args) error {
	if len(a.Pos) > 0 {
		if err := d.updateFrom(th, a.Pos[0]); err != nil {
			return err
		}
	}
	for _, kw := range a.Kwargs {
		d.SetString(kw.Name, kw.Value)
	}
	return nil
}

func (d *Dict) updateFrom(th *Thread, src Value) error {
	if other, ok := src.AsDict(); ok {
		if other == d {
			return nil
		}
		for i := range other.entries {
			if e := &other.entries[i]; !e.deleted() {
				if err := d.Set(e.key, e.value); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if o, ok := src.AsObject(); ok {
		if m, ok := o.(Mapping); ok {
			return d.updateFromMapping(th, m)
		}
	}
	n := 0
	var inner error
	err := Iterate(th, src, func(item Value) bool {
		var pair []Value
		if pair, inner = ToSlice(th, item); inner != nil {
			inner = typeError("cannot convert dictionary update sequence element #%d to a sequence", n)
			return false
		}
		if len(pair) != 2 {
			inner = valueError("dictionary update sequence element #%d has length %d; 2 is required", n, len(pair))
			return false
		}
		n++
		inner = d.Set(pair[0], pair[1])
		return inner == nil
	})
	if err != nil {
		return err
	}
	return inner
}

func (d *Dict) updateFromMapping(th *Thread, m Mapping) error {
	keys, err := ToSlice(th, FromObject(m.(Object)))
	if err != nil {
		return err
	}
	for _, k := range keys {
		v, _, err := m.Index(th, k)
		if err != nil {
			return err
		}
		if err := d.Set(k, v); err != nil {
			return err
		}
	}
	return nil
}

package value

var setMethods map[string]method

func init() {
	setMethods = map[string]method{
		"add": setAdd, "clear": setClear, "copy": setCopy, "discard": setDiscard, "pop": setPop, "remove": setRemove,
		"union":                       setAlgebra("union", (*Set).Union),
		"intersection":                setAlgebra("intersection", (*Set).Intersection),
		"difference":                  setAlgebra("difference", (*Set).Difference),
		"symmetric_difference":        setAlgebra("symmetric_difference", (*Set).SymmetricDifference),
		"update":                      setInPlace("update", (*Set).Union),
		"intersection_update":         setInPlace("intersection_update", (*Set).Intersection),
		"difference_update":           setInPlace("difference_update", (*Set).Difference),
		"symmetric_difference_update": setInPlace("symmetric_difference_update", (*Set).SymmetricDifference),
		"issubset":                    setQuestion("issubset", (*Set).SubsetOf),
		"issuperset":                  setQuestion("issuperset", func(a, b *Set) bool { return b.SubsetOf(a) }),
		"isdisjoint":                  setQuestion("isdisjoint", func(a, b *Set) bool { return a.Intersection(b).Len() == 0 }),
	}
}

func setAdd(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("set.add", 1, 1); err != nil {
		return Undef, err
	}
	return None, self.rawSet().Add(a.Pos[0])
}

func setClear(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("set.clear", 0, 0); err != nil {
		return Undef, err
	}
	self.rawSet().Clear()
	return None, nil
}

func setCopy(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("set.copy", 0, 0); err != nil {
		return Undef, err
	}
	return FromSet(self.rawSet().Copy()), nil
}

func setDiscard(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("set.discard", 1, 1); err != nil {
		return Undef, err
	}
	_, _, err := self.rawSet().items.find(a.Pos[0])
	self.rawSet().Remove(a.Pos[0])
	return None, err
}

func setRemove(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("set.remove", 1, 1); err != nil {
		return Undef, err
	}
	s := self.rawSet()
	i, _, err := s.items.find(a.Pos[0])
	if err != nil {
		return Undef, err
	}
	if i < 0 {
		return Undef, Errorf("KeyError", "%s", Repr(a.Pos[0]))
	}
	s.items.deleteAt(i)
	return None, nil
}

func setPop(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("set.pop", 0, 0); err != nil {
		return Undef, err
	}
	s := self.rawSet()
	for v := range s.All() {
		s.Remove(v)
		return v, nil
	}
	return Undef, Errorf("KeyError", "'pop from an empty set'")
}

// ToSet is Python's set(v).
func ToSet(th *Thread, v Value) (*Set, error) {
	if s, ok := v.AsSet(); ok {
		return s.Copy(), nil
	}
	items, err := ToSlice(th, v)
	if err != nil {
		return nil, err
	}
	return NewSet(items...)
}

// combine folds the arguments into self; only symmetric_difference takes exactly one.
func combine(th *Thread, name string, self Value, a Args, op func(a, b *Set) *Set) (*Set, error) {
	least, most := 0, len(a.Pos)
	if name == "symmetric_difference" || name == "symmetric_difference_update" {
		least, most = 1, 1
	}
	if err := a.between("set."+name, least, most); err != nil {
		return nil, err
	}
	out := self.rawSet().Copy()
	for _, v := range a.Pos {
		other, err := ToSet(th, v)
		if err != nil {
			return nil, err
		}
		out = op(out, other)
	}
	return out, nil
}

func setAlgebra(name string, op func(a, b *Set) *Set) method {
	return func(th *Thread, self Value, a Args) (Value, error) {
		out, err := combine(th, name, self, a, op)
		if err != nil {
			return Undef, err
		}
		return FromSet(out), nil
	}
}

func setInPlace(name string, op func(a, b *Set) *Set) method {
	return func(th *Thread, self Value, a Args) (Value, error) {
		out, err := combine(th, name, self, a, op)
		if err != nil {
			return Undef, err
		}
		*self.rawSet() = *out
		return None, nil
	}
}

func setQuestion(name string, ask func(a, b *Set) bool) method {
	return func(th *Thread, self Value, a Args) (Value, error) {
		if err := a.between("set."+name, 1, 1); err != nil {
			return Undef, err
		}
		other, err := ToSet(th, a.Pos[0])
		if err != nil {
			return Undef, err
		}
		return Bool(ask(self.rawSet(), other)), nil
	}
}

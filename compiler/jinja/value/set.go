package value

import "iter"

// Set is Python's set. It remembers insertion order, so that output does not depend on hashing.
type Set struct {
	items Dict
}

// NewSet makes a set of hashable items.
func NewSet(items ...Value) (*Set, error) {
	s := &Set{}
	for _, v := range items {
		if err := s.Add(v); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Add puts v into the set; an unhashable v is a TypeError.
func (s *Set) Add(v Value) error {
	i, h, err := s.items.find(v)
	if err == nil && i < 0 {
		s.items.insert(v, h, None)
	}
	return err
}

// Has reports whether v is in the set.
func (s *Set) Has(v Value) bool {
	_, ok := s.items.Get(v)
	return ok
}

// Remove takes v out and reports whether it was there.
func (s *Set) Remove(v Value) bool { return s.items.Delete(v) }

// Len is the number of items.
func (s *Set) Len() int { return s.items.Len() }

// All yields the items in insertion order.
func (s *Set) All() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for k := range s.items.All() {
			if !yield(k) {
				return
			}
		}
	}
}

// Items returns the items in insertion order.
func (s *Set) Items() []Value { return s.items.Keys() }

// Copy is a shallow copy.
func (s *Set) Copy() *Set { return &Set{items: *s.items.Copy()} }

// Clear removes every item.
func (s *Set) Clear() { s.items.Clear() }

func (s *Set) filter(keep func(Value) bool) *Set {
	out := &Set{}
	for i := range s.items.entries {
		if e := &s.items.entries[i]; !e.deleted() && keep(e.key) {
			out.items.insert(e.key, s.items.hashAt(i), None)
		}
	}
	return out
}

// Union has the items of both.
func (s *Set) Union(o *Set) *Set {
	out := s.Copy()
	for i := range o.items.entries {
		if e := &o.items.entries[i]; !e.deleted() && !out.Has(e.key) {
			out.items.insert(e.key, o.items.hashAt(i), None)
		}
	}
	return out
}

// Intersection has the items that are in both.
func (s *Set) Intersection(o *Set) *Set { return s.filter(o.Has) }

// Difference has the items that are not in o.
func (s *Set) Difference(o *Set) *Set {
	return s.filter(func(v Value) bool { return !o.Has(v) })
}

// SymmetricDifference has the items that are in one of the two only.
func (s *Set) SymmetricDifference(o *Set) *Set { return s.Difference(o).Union(o.Difference(s)) }

// SubsetOf reports whether every item is in o.
func (s *Set) SubsetOf(o *Set) bool {
	for v := range s.All() {
		if !o.Has(v) {
			return false
		}
	}
	return true
}

package dag

import "math/bits"

// Set is a set of graph indexes as a bit vector. Sets of one graph have one length and
// combine word by word, which keeps selection on ten thousand nodes in microseconds.
type Set []uint64

// NewSet makes an empty set for the nodes of g.
func (g *Graph) NewSet() Set { return make(Set, (len(g.ids)+63)/64) }

// Full makes a set of all nodes of g.
func (g *Graph) Full() Set {
	s := g.NewSet()
	for i := range g.ids {
		s.Add(i)
	}
	return s
}

// Add puts index i into the set.
func (s Set) Add(i int) { s[i>>6] |= 1 << (uint(i) & 63) }

// Remove takes index i out of the set.
func (s Set) Remove(i int) { s[i>>6] &^= 1 << (uint(i) & 63) }

// Has reports whether index i is in the set.
func (s Set) Has(i int) bool { return s[i>>6]&(1<<(uint(i)&63)) != 0 }

// Len counts the members.
func (s Set) Len() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// Empty reports whether the set has no member.
func (s Set) Empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// Clone copies the set.
func (s Set) Clone() Set { return append(Set(nil), s...) }

// Union adds the members of o.
func (s Set) Union(o Set) {
	for i, w := range o {
		s[i] |= w
	}
}

// Intersect keeps the members that are in o too.
func (s Set) Intersect(o Set) {
	for i, w := range o {
		s[i] &= w
	}
}

// Subtract removes the members of o.
func (s Set) Subtract(o Set) {
	for i, w := range o {
		s[i] &^= w
	}
}

// ContainsAll reports whether every member of o is in s.
func (s Set) ContainsAll(o Set) bool {
	for i, w := range o {
		if w&^s[i] != 0 {
			return false
		}
	}
	return true
}

// Equal reports whether both have the same members.
func (s Set) Equal(o Set) bool {
	for i, w := range o {
		if w != s[i] {
			return false
		}
	}
	return true
}

// Each calls f with every member in ascending order.
func (s Set) Each(f func(i int)) {
	for w, word := range s {
		for word != 0 {
			f(w<<6 + bits.TrailingZeros64(word))
			word &= word - 1
		}
	}
}

package slicing

import "github.com/millrace/millrace/compiler/sql/query"

// equal finds what a factor's rows have in place of the key: the other side of an equality
// that joins it, or the column of its USING.
func (b block) equal(key []query.Token, at int) ([]query.Token, bool) {
	if of, ok := b.owner(key); !ok || b.preserved(of) != nil {
		return nil, false // filled up with nulls, the key says nothing about other relations
	}
	for _, name := range b.Factors[at].Using {
		if n, ok := key[len(key)-1].Name(); ok && n == name && (len(key) == 1 || len(key) == 3) {
			return []query.Token{{Kind: query.Quoted, Text: name}}, true
		}
	}
	// Equalities that hold for every row of the result lead from one relation to the next.
	known := [][]query.Token{key}
	for i := 0; i < len(known); i++ {
		for j := -1; j < len(b.Factors); j++ {
			on, everywhere := b.Where, true
			if j >= 0 {
				on, everywhere = b.Factors[j].On, b.Factors[j].Join == "inner"
			}
			for _, part := range query.Conjuncts(on) {
				left, right, ok := query.Equality(part)
				if !ok {
					continue
				}
				for _, pair := range [][2][]query.Token{{left, right}, {right, left}} {
					if !query.Same(pair[0], known[i]) {
						continue
					}
					other := pair[1]
					if mine, own := b.strip(other, at, 2); own && qualifiedBy(other, b.Factors[at].Alias) && (everywhere || j == at) {
						return mine, true
					}
					fresh := everywhere
					for _, x := range known {
						fresh = fresh && !query.Same(x, other)
					}
					if fresh {
						known = append(known, other)
					}
				}
			}
		}
	}
	return nil, false
}

// owner is the only relation that a key's columns are of.
func (b block) owner(key []query.Token) (int, bool) {
	of := -1
	for i := 0; i+1 < len(key); i++ {
		n, ok := key[i].Name()
		if !ok || !key[i+1].Is(".") || i > 0 && key[i-1].Is(".") {
			continue
		}
		for j := range b.Factors {
			if b.Factors[j].Alias != n {
				continue
			}
			if of >= 0 && of != j {
				return 0, false
			}
			of = j
		}
	}
	if of < 0 && len(key) == 1 {
		for j := range b.Factors { // the column of a USING is the left side's
			for _, name := range b.Factors[j].Using {
				if n, ok := key[0].Name(); ok && n == name {
					return 0, true
				}
			}
		}
	}
	return of, of >= 0
}

func qualifiedBy(expr []query.Token, alias string) bool {
	for i := 0; i+1 < len(expr); i++ {
		if n, ok := expr[i].Name(); ok && n == alias && expr[i+1].Is(".") {
			return true
		}
	}
	return false
}

package slicing

// equal finds what a factor's rows have in place of the key: the other side of an equality
// that joins it, or the column of its USING.
func (b *block) equal(key []token, at int) ([]token, bool) {
	if of, ok := b.owner(key); !ok || b.preserved(of) != nil {
		return nil, false // filled up with nulls, the key says nothing about other relations
	}
	for _, name := range b.factors[at].using {
		if n, ok := key[len(key)-1].name(); ok && n == name && (len(key) == 1 || len(key) == 3) {
			return []token{{kind: quoted, text: name}}, true
		}
	}
	// Equalities that hold for every row of the result lead from one relation to the next.
	known := [][]token{key}
	for i := 0; i < len(known); i++ {
		for j := -1; j < len(b.factors); j++ {
			on, everywhere := b.where, true
			if j >= 0 {
				on, everywhere = b.factors[j].on, b.factors[j].join == "inner"
			}
			for _, part := range conjuncts(on) {
				left, right, ok := equality(part)
				if !ok {
					continue
				}
				for _, pair := range [][2][]token{{left, right}, {right, left}} {
					if !same(pair[0], known[i]) {
						continue
					}
					other := pair[1]
					if mine, own := b.strip(other, at, 2); own && qualifiedBy(other, b.factors[at].alias) && (everywhere || j == at) {
						return mine, true
					}
					fresh := everywhere
					for _, x := range known {
						fresh = fresh && !same(x, other)
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
func (b *block) owner(key []token) (int, bool) {
	of := -1
	for i := 0; i+1 < len(key); i++ {
		n, ok := key[i].name()
		if !ok || !key[i+1].is(".") || i > 0 && key[i-1].is(".") {
			continue
		}
		for j := range b.factors {
			if b.factors[j].alias != n {
				continue
			}
			if of >= 0 && of != j {
				return 0, false
			}
			of = j
		}
	}
	if of < 0 && len(key) == 1 {
		for j := range b.factors { // the column of a USING is the left side's
			for _, name := range b.factors[j].using {
				if n, ok := key[0].name(); ok && n == name {
					return 0, true
				}
			}
		}
	}
	return of, of >= 0
}

func qualifiedBy(expr []token, alias string) bool {
	for i := 0; i+1 < len(expr); i++ {
		if n, ok := expr[i].name(); ok && n == alias && expr[i+1].is(".") {
			return true
		}
	}
	return false
}

// conjuncts are the parts of a condition that must all hold.
func conjuncts(tokens []token) [][]token {
	tokens = unqualified(tokens)
	var out [][]token
	depth, start := 0, 0
	for i, t := range tokens {
		switch {
		case t.is("(", "[", "{", "case", "between"):
			if t.is("between") {
				return nil // its AND is no conjunction
			}
			depth++
		case t.is(")", "]", "}", "end"):
			depth--
		case depth == 0 && t.is("or"):
			return nil
		case depth == 0 && t.is("and"):
			out = append(out, tokens[start:i])
			start = i + 1
		}
	}
	return append(out, tokens[start:])
}

func equality(tokens []token) (left, right []token, ok bool) {
	tokens = unqualified(tokens)
	for i, t := range outermost(tokens) {
		if !t.is("=") {
			continue
		}
		if i == 0 || tokens[i-1].is("<", ">", "!", "=") || i+1 >= len(tokens) || tokens[i+1].is("=", ">") {
			return nil, nil, false
		}
		return tokens[:i], tokens[i+1:], true
	}
	return nil, nil, false
}

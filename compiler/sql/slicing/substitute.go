package slicing

// substitute writes an expression over a block's columns as one over what the block reads.
func (b *block) substitute(expr []token) ([]token, *Error) {
	var out []token
	for i, t := range expr {
		n, _ := t.name()
		it := (*item)(nil)
		star := false
		if t.kind == word || t.kind == quoted {
			for j := range b.items {
				switch {
				case b.items[j].star:
					star = star || !b.items[j].except[n]
				case b.items[j].alias == n && !(i > 0 && expr[i-1].is(".")) && (len(expr) == 1 || columnAt(expr, i)):
					it = &b.items[j]
				}
			}
		}
		if it == nil {
			if len(expr) == 1 && !star {
				return nil, errorAt(b.at, "the select has no column '%s'", t.text)
			}
			if star && len(b.factors) > 1 && columnAt(expr, i) {
				if q, ok := b.starQualifier(n); ok {
					out = append(out, token{kind: quoted, text: q, start: t.start, end: t.end}, token{kind: symbol, text: ".", start: t.start, end: t.end})
				}
			}
			out = append(out, t)
			continue
		}
		for _, c := range outside(it.tokens) {
			if c.over {
				return nil, errorAt(c.at, "the key '%s' comes from a window", n)
			}
			if c.class == aggregate || c.class == windowOnly {
				return nil, errorAt(c.at, "the key '%s' comes from an aggregate", n)
			}
		}
		if len(it.tokens) > 1 && len(expr) > 1 && !(len(it.tokens) == 3 && it.tokens[1].is(".")) {
			out = append(out, token{kind: symbol, text: "("})
			out = append(out, it.tokens...)
			out = append(out, token{kind: symbol, text: ")"})
		} else {
			out = append(out, it.tokens...)
		}
	}
	for i, t := range out {
		if t.is("(") && i+1 < len(out) && out[i+1].is("select", "with") {
			return nil, errorAt(t, "the key is computed by a subquery")
		}
	}
	return out, nil
}

// starQualifier is the only t of t.* that a column can come through.
func (b *block) starQualifier(n string) (string, bool) {
	q, count := "", 0
	for _, it := range b.items {
		if it.star && !it.except[n] {
			q = it.of
			count++
		}
	}
	return q, count == 1 && q != ""
}

package slicing

import "strings"

// Access is one way in which a query reads an input: for which of its rows a key of the
// result can change is told by expressions over the input's own columns.
type Access struct {
	Input *Input
	Exprs []string // one for each column of the key
}

// Keys proves that every row of a query's result depends on those rows of each input alone
// that have the same key, and says how the key is computed from them. The error says why
// that is not so, or not to be seen.
func Keys(code string, inputs []Input, key []string) ([]Access, error) {
	a, err := analyse(code, inputs)
	if err == nil {
		err = a.check()
	}
	var out []Access
	if err == nil {
		exprs := make([][]token, len(key))
		for i, k := range key {
			if exprs[i], err = lex(k); err == nil && len(exprs[i]) != 1 {
				err = &Error{What: "the unique_key '" + k + "' is no column"}
			}
		}
		if err == nil {
			out, err = a.keys(a.query, nil, exprs)
		}
	}
	if err != nil {
		return nil, a.mapped(err)
	}
	if len(out) == 0 {
		return nil, &Error{What: "the query reads no stream"}
	}
	return distinct(out), nil
}

func distinct(list []Access) []Access {
	var out []Access
	seen := map[string]bool{}
	for _, x := range list {
		k := x.Input.ID + "\x00" + strings.Join(x.Exprs, "\x00")
		if !seen[k] {
			seen[k] = true
			out = append(out, x)
		}
	}
	return out
}

// keys follows the key, expressions over the query's columns, down to the inputs.
func (a *analysis) keys(q *query, up *scope, key [][]token) ([]Access, *Error) {
	s := q.open(up)
	if q.limited != nil {
		return nil, errorAt(*q.limited, "'%s' lets rows of one key decide about those of another", q.limited.text)
	}
	for _, op := range q.ops {
		if op.name != "union" {
			return nil, errorAt(op.at, "'%s' is not understood in a keyed model", op.name)
		}
	}
	var out []Access
	for i, t := range q.terms {
		mine := key
		if i > 0 && !q.ops[i-1].byName {
			var err *Error
			if mine, err = byPosition(q.terms[0], t, key, q.ops[i-1].at); err != nil {
				return nil, err
			}
		}
		list, err := []Access(nil), (*Error)(nil)
		if t.query != nil {
			list, err = a.keys(t.query, s, mine)
		} else {
			list, err = a.keysOfBlock(t.block, s, mine)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// byPosition names the key's columns as a later side of a union does.
func byPosition(first, other term, key [][]token, at token) ([][]token, *Error) {
	bad := errorAt(at, "which column of the second query belongs to the key is not to be seen")
	bad.Hint = "write the columns out on both sides, or use union all by name"
	if first.block == nil || other.block == nil {
		return nil, bad
	}
	out := make([][]token, len(key))
	for i, expr := range key {
		for _, t := range expr {
			n, isName := t.name()
			column := -1
			for j, it := range first.block.items {
				if it.star {
					return nil, bad
				}
				if isName && it.alias == n {
					column = j
				}
			}
			if column < 0 {
				out[i] = append(out[i], t)
				continue
			}
			for _, it := range other.block.items {
				if it.star {
					return nil, bad
				}
			}
			if column >= len(other.block.items) || other.block.items[column].alias == "" {
				return nil, bad
			}
			out[i] = append(out[i], token{kind: quoted, text: other.block.items[column].alias, start: t.start, end: t.end})
		}
	}
	return out, nil
}

func (a *analysis) keysOfBlock(b *block, s *scope, key [][]token) ([]Access, *Error) {
	var streamed []int
	sources := make([]source, len(b.factors))
	for i := range b.factors {
		sources[i] = a.source(&b.factors[i], s)
		if sources[i].input != nil || sources[i].query != nil && a.streamed(sources[i].query, sources[i].scope) {
			streamed = append(streamed, i)
		}
	}
	if len(streamed) == 0 {
		return nil, nil // rows that no slice changes
	}
	exprs := make([][]token, len(key))
	for i, k := range key {
		var err *Error
		if exprs[i], err = b.substitute(k); err != nil {
			return nil, err
		}
	}
	if err := b.local(exprs); err != nil {
		return nil, err
	}
	var out []Access
	for _, at := range streamed {
		mine, err := b.inFactor(exprs, at, len(streamed))
		if err != nil {
			return nil, err
		}
		if b.factors[at].columns != nil {
			return nil, errorAt(b.factors[at].at, "renamed columns of '%s' are not followed; name them in its select", b.factors[at].alias)
		}
		src := sources[at]
		if src.query != nil {
			if len(src.names) > 0 {
				return nil, errorAt(b.factors[at].at, "renamed columns of '%s' are not followed; name them in its select", b.factors[at].alias)
			}
			list, err := a.keys(src.query, src.scope, mine)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
			continue
		}
		access := Access{Input: src.input}
		for _, e := range mine {
			access.Exprs = append(access.Exprs, spell(e))
		}
		out = append(out, access)
	}
	return out, nil
}

// inFactor writes the key as expressions over one of the relations that a block reads.
func (b *block) inFactor(key [][]token, at, streamed int) ([][]token, *Error) {
	f := &b.factors[at]
	out := make([][]token, len(key))
	for i, k := range key {
		mine, own := b.strip(k, at, streamed)
		if own {
			if err := b.preserved(at); err != nil {
				return nil, err
			}
			out[i] = mine
			continue
		}
		other, ok := b.equal(k, at)
		if !ok {
			return nil, errorAt(f.at, "'%s' is joined without the key (%s)", f.alias, spell(k))
		}
		if f.join == "right" || f.join == "full" || b.filled(at) {
			return nil, errorAt(f.at, "a %s join is not understood in a keyed model", f.join)
		}
		out[i] = other
	}
	return out, nil
}

// filled reports that a right or full join stands behind a factor.
func (b *block) filled(at int) bool {
	for i, f := range b.factors {
		if i > at && (f.join == "right" || f.join == "full") {
			return true
		}
	}
	return false
}

// strip takes the qualifiers of one factor off; own is false when the expression reads another.
func (b *block) strip(expr []token, at, streamed int) (out []token, own bool) {
	alias := b.factors[at].alias
	for i := 0; i < len(expr); i++ {
		t := expr[i]
		n, isName := t.name()
		if isName && i+2 < len(expr) && expr[i+1].is(".") && !(i > 0 && expr[i-1].is(".")) {
			if n != alias {
				for j := range b.factors {
					if j != at && b.factors[j].alias == n {
						return nil, false
					}
				}
				out = append(out, t) // a field of a column
				continue
			}
			i++ // and the point
			continue
		}
		if columnAt(expr, i) && !(i > 0 && expr[i-1].is(".")) && len(b.factors) > 1 && streamed > 1 {
			return nil, false // of which of them it is cannot be told
		}
		out = append(out, t)
	}
	return out, true
}

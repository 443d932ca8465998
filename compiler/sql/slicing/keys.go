package slicing

import (
	"strings"

	"github.com/millrace/millrace/compiler/sql/query"
)

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
		exprs := make([][]query.Token, len(key))
		for i, k := range key {
			if exprs[i], err = query.Lex(k); err == nil && len(exprs[i]) != 1 {
				err = &query.Error{What: "the unique_key '" + k + "' is no column"}
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
		return nil, &query.Error{What: "the query reads no stream"}
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
func (a *analysis) keys(q *query.Query, up *scope, key [][]query.Token) ([]Access, *query.Error) {
	s := open(q, up)
	if q.Limited != nil {
		return nil, query.ErrorAt(*q.Limited, "'%s' lets rows of one key decide about those of another", q.Limited.Text)
	}
	for _, op := range q.Ops {
		if op.Name != "union" {
			return nil, query.ErrorAt(op.At, "'%s' is not understood in a keyed model", op.Name)
		}
	}
	var out []Access
	for i, t := range q.Terms {
		mine := key
		if i > 0 && !q.Ops[i-1].ByName {
			var err *query.Error
			if mine, err = byPosition(q.Terms[0], t, key, q.Ops[i-1].At); err != nil {
				return nil, err
			}
		}
		list, err := []Access(nil), (*query.Error)(nil)
		if t.Query != nil {
			list, err = a.keys(t.Query, s, mine)
		} else {
			list, err = a.keysOfBlock(block{t.Block}, s, mine)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// byPosition names the key's columns as a later side of a union does.
func byPosition(first, other query.Term, key [][]query.Token, at query.Token) ([][]query.Token, *query.Error) {
	bad := query.ErrorAt(at, "which column of the second query belongs to the key is not to be seen")
	bad.Hint = "write the columns out on both sides, or use union all by name"
	if first.Block == nil || other.Block == nil {
		return nil, bad
	}
	out := make([][]query.Token, len(key))
	for i, expr := range key {
		for _, t := range expr {
			n, isName := t.Name()
			column := -1
			for j, it := range first.Block.Items {
				if it.Star {
					return nil, bad
				}
				if isName && it.Alias == n {
					column = j
				}
			}
			if column < 0 {
				out[i] = append(out[i], t)
				continue
			}
			for _, it := range other.Block.Items {
				if it.Star {
					return nil, bad
				}
			}
			if column >= len(other.Block.Items) || other.Block.Items[column].Alias == "" {
				return nil, bad
			}
			out[i] = append(out[i], query.Token{Kind: query.Quoted, Text: other.Block.Items[column].Alias, Start: t.Start, End: t.End})
		}
	}
	return out, nil
}

func (a *analysis) keysOfBlock(b block, s *scope, key [][]query.Token) ([]Access, *query.Error) {
	var streamed []int
	sources := make([]source, len(b.Factors))
	for i := range b.Factors {
		sources[i] = a.source(&b.Factors[i], s)
		if sources[i].input != nil || sources[i].query != nil && a.streamed(sources[i].query, sources[i].scope) {
			streamed = append(streamed, i)
		}
	}
	if len(streamed) == 0 {
		return nil, nil // rows that no slice changes
	}
	exprs := make([][]query.Token, len(key))
	for i, k := range key {
		var err *query.Error
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
		if b.Factors[at].Columns != nil {
			return nil, query.ErrorAt(b.Factors[at].At, "renamed columns of '%s' are not followed; name them in its select", b.Factors[at].Alias)
		}
		src := sources[at]
		if src.query != nil {
			if len(src.names) > 0 {
				return nil, query.ErrorAt(b.Factors[at].At, "renamed columns of '%s' are not followed; name them in its select", b.Factors[at].Alias)
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
			access.Exprs = append(access.Exprs, query.Spell(e))
		}
		out = append(out, access)
	}
	return out, nil
}

// inFactor writes the key as expressions over one of the relations that a block reads.
func (b block) inFactor(key [][]query.Token, at, streamed int) ([][]query.Token, *query.Error) {
	f := &b.Factors[at]
	out := make([][]query.Token, len(key))
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
		if of, owned := b.owner(k); !ok && owned && len(b.Factors[of].Call) > 0 {
			return nil, spread(f.At, query.Spell(k), b.Factors[of].Call[0].Text)
		}
		if !ok {
			return nil, query.ErrorAt(f.At, "'%s' is joined without the key (%s)", f.Alias, query.Spell(k))
		}
		if f.Join == "right" || f.Join == "full" || b.filled(at) {
			return nil, query.ErrorAt(f.At, "a %s join is not understood in a keyed model", f.Join)
		}
		out[i] = other
	}
	return out, nil
}

// filled reports that a right or full join stands behind a factor.
func (b block) filled(at int) bool {
	for i, f := range b.Factors {
		if i > at && (f.Join == "right" || f.Join == "full") {
			return true
		}
	}
	return false
}

// strip takes the qualifiers of one factor off; own is false when the expression reads another.
func (b block) strip(expr []query.Token, at, streamed int) (out []query.Token, own bool) {
	alias := b.Factors[at].Alias
	for i := 0; i < len(expr); i++ {
		t := expr[i]
		n, isName := t.Name()
		if isName && i+2 < len(expr) && expr[i+1].Is(".") && !(i > 0 && expr[i-1].Is(".")) {
			if n != alias {
				for j := range b.Factors {
					if j != at && b.Factors[j].Alias == n {
						return nil, false
					}
				}
				out = append(out, t) // a field of a column
				continue
			}
			i++ // and the point
			continue
		}
		if query.ColumnAt(expr, i) && !(i > 0 && expr[i-1].Is(".")) && len(b.Factors) > 1 && streamed > 1 {
			return nil, false // of which of them it is cannot be told
		}
		out = append(out, t)
	}
	return out, true
}

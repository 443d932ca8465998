package slicing

import "github.com/millrace/millrace/compiler/sql/query"

// substitute writes an expression over a block's columns as one over what the block reads.
func (b block) substitute(expr []query.Token) ([]query.Token, *query.Error) {
	var out []query.Token
	for i, t := range expr {
		n, _ := t.Name()
		it := (*query.Item)(nil)
		star := false
		if t.Kind == query.Word || t.Kind == query.Quoted {
			for j := range b.Items {
				switch {
				case b.Items[j].Star:
					star = star || !b.Items[j].Except[n]
				case b.Items[j].Alias == n && !(i > 0 && expr[i-1].Is(".")) && (len(expr) == 1 || query.ColumnAt(expr, i)):
					it = &b.Items[j]
				}
			}
		}
		if it == nil {
			if len(expr) == 1 && !star {
				return nil, query.ErrorAt(b.At, "the select has no column '%s'", t.Text)
			}
			if star && len(b.Factors) > 1 && query.ColumnAt(expr, i) {
				if q, ok := b.starQualifier(n); ok {
					out = append(out, query.Token{Kind: query.Quoted, Text: q, Start: t.Start, End: t.End}, query.Token{Kind: query.Symbol, Text: ".", Start: t.Start, End: t.End})
				}
			}
			out = append(out, t)
			continue
		}
		for _, c := range query.OwnCalls(it.Tokens) {
			if c.Over {
				return nil, query.ErrorAt(c.At, "the key '%s' comes from a window", n)
			}
			if c.Class == query.Aggregate || c.Class == query.WindowOnly {
				return nil, query.ErrorAt(c.At, "the key '%s' comes from an aggregate", n)
			}
		}
		if len(it.Tokens) > 1 && len(expr) > 1 && !(len(it.Tokens) == 3 && it.Tokens[1].Is(".")) {
			out = append(out, query.Token{Kind: query.Symbol, Text: "("})
			out = append(out, it.Tokens...)
			out = append(out, query.Token{Kind: query.Symbol, Text: ")"})
		} else {
			out = append(out, it.Tokens...)
		}
	}
	for i, t := range out {
		if t.Is("(") && i+1 < len(out) && out[i+1].Is("select", "with") {
			return nil, query.ErrorAt(t, "the key is computed by a subquery")
		}
	}
	return out, nil
}

// starQualifier is the only t of t.* that a column can come through.
func (b block) starQualifier(n string) (string, bool) {
	q, count := "", 0
	for _, it := range b.Items {
		if it.Star && !it.Except[n] {
			q = it.Of
			count++
		}
	}
	return q, count == 1 && q != ""
}

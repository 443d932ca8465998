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
			if spreads[c.Name] {
				return nil, spread(c.At, n, c.Name)
			}
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

// spreads are functions that make several rows of one in a select, on one engine or the other.
var spreads = query.Words("unnest", "generate_series", "generate_subscripts", "json_array_elements", "json_array_elements_text", "json_each", "json_each_text", "json_object_keys",
	"json_populate_recordset", "json_to_recordset", "jsonb_array_elements", "jsonb_array_elements_text", "jsonb_each", "jsonb_each_text", "jsonb_object_keys", "jsonb_path_query",
	"jsonb_path_query_tz", "jsonb_populate_recordset", "jsonb_to_recordset", "regexp_matches", "regexp_split_to_table", "string_to_table")

// spread refuses a key of which one row of an input has several: no condition on the input
// tells the rows of a key.
func spread(at query.Token, key, function string) *query.Error {
	err := query.ErrorAt(at, "the key '%s' comes from %s(), which makes several rows of one", key, function)
	err.Hint = "let an append model that carries _stream_batch on make the rows, and follow that one"
	return err
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

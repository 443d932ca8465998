package slicing

import "github.com/millrace/millrace/compiler/sql/query"

// check looks at everything in the query, static parts too, for what no slice can hold.
func (a *analysis) check() *query.Error {
	return a.checkQuery(a.query, nil)
}

func (a *analysis) checkQuery(q *query.Query, up *scope) *query.Error {
	s := open(q, up)
	for i := range q.CTEs {
		inner := s.ctes[q.CTEs[i].Name].scope
		if err := a.checkQuery(q.CTEs[i].Query, inner); err != nil {
			return err
		}
	}
	if q.Recursive && a.streamed(q, up) {
		return query.ErrorAt(q.At, "a recursive query cannot be advanced by slices")
	}
	for _, t := range q.Terms {
		if t.Query != nil {
			if err := a.checkQuery(t.Query, s); err != nil {
				return err
			}
			continue
		}
		for i := range t.Block.Factors {
			f := &t.Block.Factors[i]
			if f.Query != nil {
				if err := a.checkQuery(f.Query, s); err != nil {
					return err
				}
			}
			if in, ok := a.tables[nameKey(f.Name)]; ok && (len(f.Name) > 1 || s.find(f.Name[0]) == nil) {
				err := query.ErrorAt(f.At, "the query also reads all of %s by its name", in.Table)
				err.Hint = "read it with source() or ref() everywhere"
				return err
			}
			if err := a.checkExpression(f.Call, s); err != nil {
				return err
			}
		}
		for _, tokens := range t.Block.Expressions() {
			if err := a.checkExpression(tokens, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *analysis) checkExpression(tokens []query.Token, s *scope) *query.Error {
	for i, t := range tokens {
		if !t.Is("(") || i+1 >= len(tokens) || !tokens[i+1].Is("select", "with", "from") {
			continue
		}
		p := query.Parser{Tokens: tokens, Pos: i}
		inner, err := p.Parens()
		if err != nil {
			return err
		}
		q, err := query.ParseTokens(inner, 1)
		if err != nil {
			return err
		}
		if err := a.checkQuery(q, s); err != nil {
			return err
		}
		if a.streamed(q, s) {
			return query.ErrorAt(t, "a subquery in an expression reads the stream, whose rows come in slices")
		}
	}
	for _, c := range query.Calls(tokens) {
		switch c.Class {
		case query.Volatile:
			return query.ErrorAt(c.At, "%s() gives another answer in another run, so that slices and a full build would differ", c.Name)
		case query.UnknownFunction:
			return query.ErrorAt(c.At, "the function %s() is not known: whether it may be computed slice by slice cannot be told", c.Name)
		case query.Ordered:
			if !c.Over {
				err := query.ErrorAt(c.At, "the result of %s() depends on the order in which rows come", c.Name)
				err.Hint = "give it an order by"
				return err
			}
		}
	}
	return nil
}

package slicing

// check looks at everything in the query, static parts too, for what no slice can hold.
func (a *analysis) check() *Error {
	return a.checkQuery(a.query, nil)
}

func (a *analysis) checkQuery(q *query, up *scope) *Error {
	s := q.open(up)
	for i := range q.ctes {
		inner := s.ctes[q.ctes[i].name].scope
		if err := a.checkQuery(q.ctes[i].query, inner); err != nil {
			return err
		}
	}
	if q.recursive && a.streamed(q, up) {
		return errorAt(q.at, "a recursive query cannot be advanced by slices")
	}
	for _, t := range q.terms {
		if t.query != nil {
			if err := a.checkQuery(t.query, s); err != nil {
				return err
			}
			continue
		}
		for i := range t.block.factors {
			f := &t.block.factors[i]
			if f.query != nil {
				if err := a.checkQuery(f.query, s); err != nil {
					return err
				}
			}
			if in, ok := a.tables[nameKey(f.name)]; ok && (len(f.name) > 1 || s.find(f.name[0]) == nil) {
				err := errorAt(f.at, "the query also reads all of %s by its name", in.Table)
				err.Hint = "read it with source() or ref() everywhere"
				return err
			}
			if err := a.checkExpression(f.call, s); err != nil {
				return err
			}
		}
		for _, tokens := range t.block.expressions() {
			if err := a.checkExpression(tokens, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *analysis) checkExpression(tokens []token, s *scope) *Error {
	for i, t := range tokens {
		if !t.is("(") || i+1 >= len(tokens) || !tokens[i+1].is("select", "with", "from") {
			continue
		}
		p := parser{tokens: tokens, pos: i}
		inner, err := p.parens()
		if err != nil {
			return err
		}
		q, err := parseTokens(inner, 1)
		if err != nil {
			return err
		}
		if err := a.checkQuery(q, s); err != nil {
			return err
		}
		if a.streamed(q, s) {
			return errorAt(t, "a subquery in an expression reads the stream, whose rows come in slices")
		}
	}
	for _, c := range calls(tokens) {
		switch c.class {
		case volatile:
			return errorAt(c.at, "%s() gives another answer in another run, so that slices and a full build would differ", c.name)
		case unknownFunction:
			return errorAt(c.at, "the function %s() is not known: whether it may be computed slice by slice cannot be told", c.name)
		case ordered:
			if !c.over {
				err := errorAt(c.at, "the result of %s() depends on the order in which rows come", c.name)
				err.Hint = "give it an order by"
				return err
			}
		}
	}
	return nil
}

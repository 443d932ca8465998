package slicing

// parseQuery parses a whole text.
func parseQuery(q string) (*query, *Error) {
	tokens, err := lex(q)
	if err != nil {
		return nil, err
	}
	if err := balanced(tokens); err != nil {
		return nil, err
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].is(";") {
		tokens = tokens[:len(tokens)-1]
	}
	return parseTokens(tokens, 0)
}

// balanced checks that all brackets are closed, in their order.
func balanced(tokens []token) *Error {
	var open []token
	closes := map[string]string{")": "(", "]": "[", "}": "{"}
	for _, t := range tokens {
		switch {
		case t.is("(", "[", "{"):
			open = append(open, t)
		case t.is(")", "]", "}"):
			if len(open) == 0 || open[len(open)-1].text != closes[t.text] {
				return errorAt(t, "'%s' closes nothing", t.text)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return errorAt(open[len(open)-1], "a parenthesis is never closed")
	}
	return nil
}

// maxDepth bounds nesting.
const maxDepth = 100

func parseTokens(tokens []token, depth int) (*query, *Error) {
	p := &parser{tokens: tokens, depth: depth}
	if depth > maxDepth {
		return nil, errorAt(p.peek(), "the query is nested too deep")
	}
	out, err := p.query()
	if err != nil {
		return nil, err
	}
	if !p.done() {
		return nil, p.unexpected()
	}
	return out, nil
}

func (p *parser) query() (*query, *Error) {
	q := &query{at: p.peek()}
	if p.take("with") {
		q.recursive = p.take("recursive")
		for {
			c := cte{at: p.peek()}
			name, ok := p.peek().name()
			if !ok {
				return nil, p.unexpected()
			}
			c.name = name
			p.pos++
			var err *Error
			if c.columns, err = p.columnNames(); err != nil {
				return nil, err
			}
			if !p.take("as") {
				return nil, p.unexpected()
			}
			p.take("not")
			p.take("materialized")
			inner, err := p.parens()
			if err != nil {
				return nil, err
			}
			if c.query, err = parseTokens(inner, p.depth+1); err != nil {
				return nil, err
			}
			q.ctes = append(q.ctes, c)
			if !p.take(",") {
				break
			}
		}
	}
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		q.terms = append(q.terms, t)
		at := p.peek()
		if !at.is("union", "intersect", "except") {
			break
		}
		p.pos++
		op := setOp{name: at.text, at: at}
		if p.take("all") {
			op.all = true
		} else {
			p.take("distinct")
		}
		if p.peek().is("by") && p.ahead(1).is("name") {
			p.pos += 2
			op.byName = true
		}
		q.ops = append(q.ops, op)
	}
	if p.peek().is("order") {
		p.pos++
		if !p.take("by") {
			return nil, p.unexpected()
		}
		q.order = p.until("limit", "offset", "fetch", "for")
	}
	if t := p.peek(); t.is("limit", "offset", "fetch") {
		q.limited = &t
		q.limit = p.tokens[p.pos:]
		p.pos = len(p.tokens)
	}
	return q, nil
}

func (p *parser) term() (term, *Error) {
	if p.peek().is("(") {
		inner, err := p.parens()
		if err != nil {
			return term{}, err
		}
		q, err := parseTokens(inner, p.depth+1)
		return term{query: q}, err
	}
	if p.peek().is("values") {
		b := &block{at: p.peek()}
		p.pos++
		b.where = p.until("union", "intersect", "except", "order", "limit", "offset", "fetch")
		return term{block: b}, nil
	}
	if !p.peek().is("select") {
		return term{}, p.unexpected()
	}
	b, err := p.block()
	return term{block: b}, err
}

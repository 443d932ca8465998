package query

// Parse parses a whole text.
func Parse(q string) (*Query, *Error) {
	tokens, err := Lex(q)
	if err != nil {
		return nil, err
	}
	if err := balanced(tokens); err != nil {
		return nil, err
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].Is(";") {
		tokens = tokens[:len(tokens)-1]
	}
	return ParseTokens(tokens, 0)
}

// balanced checks that all brackets are closed, in their order.
func balanced(tokens []Token) *Error {
	var open []Token
	closes := map[string]string{")": "(", "]": "[", "}": "{"}
	for _, t := range tokens {
		switch {
		case t.Is("(", "[", "{"):
			open = append(open, t)
		case t.Is(")", "]", "}"):
			if len(open) == 0 || open[len(open)-1].Text != closes[t.Text] {
				return ErrorAt(t, "'%s' closes nothing", t.Text)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return ErrorAt(open[len(open)-1], "a parenthesis is never closed")
	}
	return nil
}

// MaxDepth bounds nesting.
const MaxDepth = 100

// ParseTokens parses a query that stands in depth parentheses of another.
func ParseTokens(tokens []Token, depth int) (*Query, *Error) {
	p := &Parser{Tokens: tokens, Depth: depth}
	if depth > MaxDepth {
		return nil, ErrorAt(p.Peek(), "the query is nested too deep")
	}
	out, err := p.query()
	if err != nil {
		return nil, err
	}
	if !p.Done() {
		return nil, p.unexpected()
	}
	return out, nil
}

func (p *Parser) query() (*Query, *Error) {
	q := &Query{At: p.Peek()}
	if p.Take("with") {
		q.Recursive = p.Take("recursive")
		for {
			c := CTE{at: p.Peek()}
			name, ok := p.Peek().Name()
			if !ok {
				return nil, p.unexpected()
			}
			c.Name = name
			p.Pos++
			var err *Error
			if c.Columns, err = p.columnNames(); err != nil {
				return nil, err
			}
			if !p.Take("as") {
				return nil, p.unexpected()
			}
			p.Take("not")
			p.Take("materialized")
			inner, err := p.Parens()
			if err != nil {
				return nil, err
			}
			if c.Query, err = ParseTokens(inner, p.Depth+1); err != nil {
				return nil, err
			}
			q.CTEs = append(q.CTEs, c)
			if !p.Take(",") {
				break
			}
		}
	}
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		q.Terms = append(q.Terms, t)
		at := p.Peek()
		if !at.Is("union", "intersect", "except") {
			break
		}
		p.Pos++
		op := SetOp{Name: at.Text, At: at}
		if p.Take("all") {
			op.All = true
		} else {
			p.Take("distinct")
		}
		if p.Peek().Is("by") && p.Ahead(1).Is("name") {
			p.Pos += 2
			op.ByName = true
		}
		q.Ops = append(q.Ops, op)
	}
	if p.Peek().Is("order") {
		p.Pos++
		if !p.Take("by") {
			return nil, p.unexpected()
		}
		q.Order = p.Until("limit", "offset", "fetch", "for")
	}
	if t := p.Peek(); t.Is("limit", "offset", "fetch") {
		q.Limited = &t
		q.Limit = p.Tokens[p.Pos:]
		p.Pos = len(p.Tokens)
	}
	return q, nil
}

func (p *Parser) term() (Term, *Error) {
	if p.Peek().Is("(") {
		inner, err := p.Parens()
		if err != nil {
			return Term{}, err
		}
		q, err := ParseTokens(inner, p.Depth+1)
		return Term{Query: q}, err
	}
	if p.Peek().Is("values") {
		b := &Block{At: p.Peek()}
		p.Pos++
		b.Where = p.Until("union", "intersect", "except", "order", "limit", "offset", "fetch")
		return Term{Block: b}, nil
	}
	if !p.Peek().Is("select") {
		return Term{}, p.unexpected()
	}
	b, err := p.block()
	return Term{Block: b}, err
}

package query

func (p *Parser) block() (*Block, *Error) {
	b := &Block{At: p.Peek()}
	p.Pos++
	if t := p.Peek(); t.Is("distinct") {
		p.Pos++
		b.Distinct = &t
		if p.Take("on") {
			list, err := p.Parens()
			if err != nil {
				return nil, err
			}
			b.DistinctOn = append([]Token{}, list...)
		}
	} else {
		p.Take("all")
	}
	list := Split(p.Until(Clauses...))
	b.Items = make([]Item, 0, len(list))
	for _, tokens := range list {
		it, err := itemOf(tokens)
		if err != nil {
			return nil, err
		}
		b.Items = append(b.Items, it)
	}
	for !p.Done() {
		t := p.Peek()
		switch {
		case t.Is("from"):
			p.Pos++
			if err := p.from(b); err != nil {
				return nil, err
			}
		case t.Is("where"):
			p.Pos++
			b.Where = p.Until(Clauses...)
		case t.Is("group"):
			p.Pos += 2
			list := p.Until(Clauses...)
			b.GroupAt = &t
			if len(list) == 1 && list[0].Is("all") {
				b.GroupAll = true
				continue
			}
			for _, tokens := range Split(list) {
				if len(tokens) > 0 && tokens[0].Is("grouping", "rollup", "cube") {
					return nil, ErrorAt(tokens[0], "'%s' makes groups of several kinds", tokens[0].Text)
				}
				b.Group = append(b.Group, tokens)
			}
		case t.Is("having"):
			p.Pos++
			b.Having = p.Until(Clauses...)
		case t.Is("qualify"):
			p.Pos++
			b.Qualify = p.Until(Clauses...)
		case t.Is("window"):
			p.Pos++
			b.Windows = p.Until(Clauses...)
		case t.Is("order", "limit", "offset", "fetch", "union", "intersect", "except"):
			return b, nil
		default:
			return nil, p.unexpected()
		}
	}
	return b, nil
}

// columnNames reads the names of columns in parentheses that may stand behind an alias.
func (p *Parser) columnNames() ([]string, *Error) {
	if !p.Peek().Is("(") {
		return nil, nil
	}
	list, err := p.Parens()
	if err != nil {
		return nil, err
	}
	return names(list), nil
}

func itemOf(tokens []Token) (Item, *Error) {
	if len(tokens) == 0 {
		return Item{}, &Error{What: "a column is missing in the select list"}
	}
	// * and t.*, with what DuckDB leaves out of them
	star := -1
	switch {
	case tokens[0].Is("*"):
		star = 0
	case len(tokens) > 2 && tokens[1].Is(".") && tokens[2].Is("*"):
		star = 2
	}
	if star >= 0 {
		it := Item{Star: true, Tokens: tokens}
		if star == 2 {
			it.Of, _ = tokens[0].Name()
		}
		if len(tokens) > star+1 {
			if !tokens[star+1].Is("exclude") {
				return Item{}, ErrorAt(tokens[star+1], "'* %s' is not understood; write the columns out", tokens[star+1].Text)
			}
			it.Except = map[string]bool{}
			rest := tokens[star+2:]
			if len(rest) > 1 && rest[0].Is("(") {
				rest = rest[1 : len(rest)-1]
			}
			for _, n := range names(rest) {
				it.Except[n] = true
			}
		}
		return it, nil
	}
	last := tokens[len(tokens)-1]
	name, named := last.Name()
	n := len(tokens)
	switch {
	case n > 2 && named && tokens[n-2].Is("as"):
		return Item{Tokens: tokens[:n-2], Alias: name, Named: last}, nil
	case n > 1 && named && implicitAlias(tokens[n-2], last):
		return Item{Tokens: tokens[:n-1], Alias: name, Named: last}, nil
	case named && (n == 1 || n == 3 && tokens[1].Is(".") || n == 5 && tokens[3].Is(".")):
		return Item{Tokens: tokens, Alias: name, Named: last}, nil
	}
	return Item{Tokens: tokens}, nil
}

// implicitAlias reports that a name behind a whole expression is its alias.
func implicitAlias(before, last Token) bool {
	if last.Kind == Word && last.Is("end", "null", "true", "false") {
		return false
	}
	switch before.Kind {
	case Quoted, Text, Number:
		return true
	case Word:
		return !Reserved[before.Text]
	}
	return before.Is(")", "]", "}")
}

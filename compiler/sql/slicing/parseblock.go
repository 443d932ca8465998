package slicing

func (p *parser) block() (*block, *Error) {
	b := &block{at: p.peek()}
	p.pos++
	if t := p.peek(); t.is("distinct") {
		p.pos++
		b.distinct = &t
		if p.take("on") {
			list, err := p.parens()
			if err != nil {
				return nil, err
			}
			b.distinctOn = append([]token{}, list...)
		}
	} else {
		p.take("all")
	}
	list := split(p.until(clauses...))
	b.items = make([]item, 0, len(list))
	for _, tokens := range list {
		it, err := itemOf(tokens)
		if err != nil {
			return nil, err
		}
		b.items = append(b.items, it)
	}
	for !p.done() {
		t := p.peek()
		switch {
		case t.is("from"):
			p.pos++
			if err := p.from(b); err != nil {
				return nil, err
			}
		case t.is("where"):
			p.pos++
			b.where = p.until(clauses...)
		case t.is("group"):
			p.pos += 2
			list := p.until(clauses...)
			b.groupAt = &t
			if len(list) == 1 && list[0].is("all") {
				b.groupAll = true
				continue
			}
			for _, tokens := range split(list) {
				if len(tokens) > 0 && tokens[0].is("grouping", "rollup", "cube") {
					return nil, errorAt(tokens[0], "'%s' makes groups of several kinds", tokens[0].text)
				}
				b.group = append(b.group, tokens)
			}
		case t.is("having"):
			p.pos++
			b.having = p.until(clauses...)
		case t.is("qualify"):
			p.pos++
			b.qualify = p.until(clauses...)
		case t.is("window"):
			p.pos++
			b.windows = p.until(clauses...)
		case t.is("order", "limit", "offset", "fetch", "union", "intersect", "except"):
			return b, nil
		default:
			return nil, p.unexpected()
		}
	}
	return b, nil
}

// columnNames reads the names of columns in parentheses that may stand behind an alias.
func (p *parser) columnNames() ([]string, *Error) {
	if !p.peek().is("(") {
		return nil, nil
	}
	list, err := p.parens()
	if err != nil {
		return nil, err
	}
	return names(list), nil
}

func itemOf(tokens []token) (item, *Error) {
	if len(tokens) == 0 {
		return item{}, &Error{What: "a column is missing in the select list"}
	}
	// * and t.*, with what DuckDB leaves out of them
	star := -1
	switch {
	case tokens[0].is("*"):
		star = 0
	case len(tokens) > 2 && tokens[1].is(".") && tokens[2].is("*"):
		star = 2
	}
	if star >= 0 {
		it := item{star: true, tokens: tokens}
		if star == 2 {
			it.of, _ = tokens[0].name()
		}
		if len(tokens) > star+1 {
			if !tokens[star+1].is("exclude") {
				return item{}, errorAt(tokens[star+1], "'* %s' is not understood; write the columns out", tokens[star+1].text)
			}
			it.except = map[string]bool{}
			rest := tokens[star+2:]
			if len(rest) > 1 && rest[0].is("(") {
				rest = rest[1 : len(rest)-1]
			}
			for _, n := range names(rest) {
				it.except[n] = true
			}
		}
		return it, nil
	}
	last := tokens[len(tokens)-1]
	name, named := last.name()
	n := len(tokens)
	switch {
	case n > 2 && named && tokens[n-2].is("as"):
		return item{tokens: tokens[:n-2], alias: name, named: last}, nil
	case n > 1 && named && implicitAlias(tokens[n-2], last):
		return item{tokens: tokens[:n-1], alias: name, named: last}, nil
	case named && (n == 1 || n == 3 && tokens[1].is(".") || n == 5 && tokens[3].is(".")):
		return item{tokens: tokens, alias: name, named: last}, nil
	}
	return item{tokens: tokens}, nil
}

// implicitAlias reports that a name behind a whole expression is its alias.
func implicitAlias(before, last token) bool {
	if last.kind == word && last.is("end", "null", "true", "false") {
		return false
	}
	switch before.kind {
	case quoted, text, number:
		return true
	case word:
		return !reserved[before.text]
	}
	return before.is(")", "]", "}")
}

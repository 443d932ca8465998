package slicing

// from parses the relations of a block.
func (p *parser) from(b *block) *Error {
	join, comma, pairing := "", false, ""
	for {
		f, err := p.factor()
		if err != nil {
			return err
		}
		f.join, f.comma, f.pairing = join, comma, pairing
		comma, pairing = false, ""
		if p.take("on") {
			f.on = p.condition()
		} else if p.take("using") {
			list, err := p.parens()
			if err != nil {
				return err
			}
			f.using = names(list)
		}
		b.factors = append(b.factors, f)
		if p.take(",") {
			join, comma = "cross", true
			continue
		}
		t := p.peek()
		if t.kind != word || !joins[t.text] {
			return nil
		}
		join = "inner"
		for {
			t := p.peek()
			p.pos++
			if t.is("join") {
				break
			}
			switch {
			case t.is("outer", "inner"):
			case t.is("left", "right", "full", "cross", "semi", "anti", "positional"):
				join = t.text
			case t.is("natural", "asof"): // rows pair as they do otherwise
				pairing = t.text
			default:
				p.pos--
				return p.unexpected()
			}
		}
	}
}

// condition takes tokens up to the next join or clause.
func (p *parser) condition() []token {
	return p.upTo(func(t token) bool {
		return t.is(",") || t.is(clauses...) && !p.part() || t.kind == word && joins[t.text] && !p.ahead(1).is("(")
	})
}

func (p *parser) factor() (factor, *Error) {
	f := factor{at: p.peek()}
	p.take("lateral")
	switch t := p.peek(); {
	case t.is("("):
		inner, err := p.parens()
		if err != nil {
			return f, err
		}
		if f.query, err = parseTokens(inner, p.depth+1); err != nil {
			return f, err
		}
	case t.kind == word || t.kind == quoted:
		for {
			n, ok := p.peek().name()
			if !ok {
				return f, p.unexpected()
			}
			f.name = append(f.name, n)
			p.pos++
			if !p.take(".") {
				break
			}
		}
		if p.peek().is("(") {
			start := p.pos - 1
			if _, err := p.parens(); err != nil {
				return f, err
			}
			f.call, f.name = p.tokens[start:p.pos], nil
			if p.peek().is("with") && p.ahead(1).is("ordinality") {
				p.pos += 2
			}
		}
	default:
		return f, p.unexpected()
	}
	explicit := p.take("as")
	t := p.peek()
	if n, ok := t.name(); ok && (explicit || t.kind == quoted || !joins[t.text] && !t.is(clauses...) && !t.is("on", "using", "tablesample")) {
		f.alias = n
		p.pos++
		var err *Error
		if f.columns, err = p.columnNames(); err != nil {
			return f, err
		}
	}
	if p.peek().is("tablesample") {
		return f, errorAt(p.peek(), "a sample of rows differs from run to run")
	}
	if f.alias == "" && len(f.name) > 0 {
		f.alias = f.name[len(f.name)-1]
	}
	return f, nil
}

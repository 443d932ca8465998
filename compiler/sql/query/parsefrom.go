package query

// from parses the relations of a block.
func (p *Parser) from(b *Block) *Error {
	join, comma, pairing := "", false, ""
	for {
		f, err := p.factor()
		if err != nil {
			return err
		}
		f.Join, f.Comma, f.Pairing = join, comma, pairing
		comma, pairing = false, ""
		if p.Take("on") {
			f.On = p.condition()
		} else if p.Take("using") {
			list, err := p.Parens()
			if err != nil {
				return err
			}
			f.Using = names(list)
		}
		b.Factors = append(b.Factors, f)
		if p.Take(",") {
			join, comma = "cross", true
			continue
		}
		t := p.Peek()
		if t.Kind != Word || !joins[t.Text] {
			return nil
		}
		join = "inner"
		for {
			t := p.Peek()
			p.Pos++
			if t.Is("join") {
				break
			}
			switch {
			case t.Is("outer", "inner"):
			case t.Is("left", "right", "full", "cross", "semi", "anti", "positional"):
				join = t.Text
			case t.Is("natural", "asof"): // rows pair as they do otherwise
				pairing = t.Text
			default:
				p.Pos--
				return p.unexpected()
			}
		}
	}
}

// condition takes tokens up to the next join or clause.
func (p *Parser) condition() []Token {
	return p.upTo(func(t Token) bool {
		return t.Is(",") || t.Is(Clauses...) && !p.part() || t.Kind == Word && joins[t.Text] && !p.Ahead(1).Is("(")
	})
}

func (p *Parser) factor() (Factor, *Error) {
	f := Factor{At: p.Peek()}
	p.Take("lateral")
	switch t := p.Peek(); {
	case t.Is("("):
		inner, err := p.Parens()
		if err != nil {
			return f, err
		}
		if f.Query, err = ParseTokens(inner, p.Depth+1); err != nil {
			return f, err
		}
	case t.Kind == Word || t.Kind == Quoted:
		for {
			n, ok := p.Peek().Name()
			if !ok {
				return f, p.unexpected()
			}
			f.Name = append(f.Name, n)
			p.Pos++
			if !p.Take(".") {
				break
			}
		}
		if p.Peek().Is("(") {
			start := p.Pos - 1
			if _, err := p.Parens(); err != nil {
				return f, err
			}
			f.Call, f.Name = p.Tokens[start:p.Pos], nil
			if p.Peek().Is("with") && p.Ahead(1).Is("ordinality") {
				p.Pos += 2
			}
		}
	default:
		return f, p.unexpected()
	}
	explicit := p.Take("as")
	t := p.Peek()
	if n, ok := t.Name(); ok && (explicit || t.Kind == Quoted || !joins[t.Text] && !t.Is(Clauses...) && !t.Is("on", "using", "tablesample")) {
		f.Alias = n
		p.Pos++
		var err *Error
		if f.Columns, err = p.columnNames(); err != nil {
			return f, err
		}
	}
	if p.Peek().Is("tablesample") {
		return f, ErrorAt(p.Peek(), "a sample of rows differs from run to run")
	}
	if f.Alias == "" && len(f.Name) > 0 {
		f.Alias = f.Name[len(f.Name)-1]
	}
	return f, nil
}

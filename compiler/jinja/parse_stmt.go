package jinja

import "github.com/millrace/millrace/compiler/jinja/value"

// tagNames are the statements, for did-you-mean.
var tagNames = []string{
	"if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall",
	"filter", "endfilter", "with", "endwith", "do", "raw", "endraw", "break", "continue", "autoescape",
	"endautoescape", "print", "materialization", "endmaterialization", "test", "endtest", "data_test",
	"enddata_test", "docs", "enddocs", "snapshot", "endsnapshot",
}

// statement parses what follows "{%"; open is that token.
func (p *parser) statement(open token) stmt {
	t := p.cur
	if t.kind != tokName {
		if t.kind == tokEOF {
			p.unexpected("end of statement block")
		}
		p.fail(t, "tag name expected")
	}
	parse := statements[t.text]
	if parse == nil {
		p.failUnknownTag(t)
	}
	p.tags = append(p.tags, openTag{t.text, open.start, t.end})
	s := parse(p, open.start)
	p.tags = p.tags[:len(p.tags)-1]
	return s
}

var statements map[string]func(p *parser, start int) stmt

func init() {
	statements = map[string]func(p *parser, start int) stmt{
		"if":              (*parser).parseIf,
		"for":             (*parser).parseFor,
		"set":             (*parser).parseSet,
		"macro":           (*parser).parseMacro,
		"call":            (*parser).parseCall,
		"filter":          (*parser).parseFilter,
		"with":            (*parser).parseWith,
		"do":              (*parser).parseDo,
		"print":           (*parser).parsePrint,
		"autoescape":      (*parser).parseAutoescape,
		"break":           (*parser).parseLoopControl,
		"continue":        (*parser).parseLoopControl,
		"materialization": (*parser).parseMaterialization,
		"test":            (*parser).parseTestBlock,
		"data_test":       (*parser).parseTestBlock,
		"snapshot":        (*parser).parseSnapshot,
		"docs":            (*parser).parseDocs,
		"include":         (*parser).parseLoader,
		"import":          (*parser).parseLoader,
		"from":            (*parser).parseLoader,
		"extends":         (*parser).parseLoader,
		"block":           (*parser).parseLoader,
	}
}

// parseLoader rejects the tags that load or extend other templates: dbt has no loader.
func (p *parser) parseLoader(start int) stmt {
	t := p.cur
	d := syntaxError(p.src.diag.At(start, t.end), "no loader for this environment specified")
	d.Hint = "'" + t.text + "' cannot load another template; macros are visible everywhere without it."
	if t.text == "block" {
		d.Summary = "template inheritance is not available"
		d.Hint = "'block' has no meaning without 'extends'; write a macro instead."
	}
	panic(d)
}

func (p *parser) parseIf(start int) stmt {
	p.next()
	s := &ifStmt{}
	for {
		at := p.cur.start
		test := p.tuple(false, nil, false)
		body, end := p.statements("elif", "else", "endif")
		s.branches = append(s.branches, ifBranch{p.from(at), test, body})
		if end.text == "elif" {
			continue
		}
		if end.text == "else" {
			s.otherwise, _ = p.statements("endif")
		}
		break
	}
	s.pos = p.from(start)
	return s
}

func (p *parser) parseFor(start int) stmt {
	p.next()
	s := &forStmt{loopSlot: -1}
	s.target = p.assignTarget(nil, false)
	p.noteStore(s.target)
	if at, ok := findTarget(s.target, "loop"); ok {
		p.failAt(at, "Can't assign to special loop variable in for-loop target")
	}
	p.expectName("in")
	s.iter = p.tuple(false, []string{"recursive"}, false)
	if p.skipName("if") {
		s.test = p.expression(true)
	}
	s.recursive = p.skipName("recursive")
	mark := p.openSpecial()
	body, end := p.statements("endfor", "else")
	s.body, s.usesLoop = body, p.closeSpecial(mark).loop == useLoad
	if end.text == "else" {
		s.otherwise, _ = p.statements("endfor")
	}
	s.pos = p.from(start)
	return s
}

// findTarget looks for a name among the targets of an assignment.
func findTarget(t target, name string) (pos, bool) {
	switch t := t.(type) {
	case *nameExpr:
		return t.pos, t.name == name
	case *tupleExpr:
		for _, item := range t.items {
			if at, ok := findTarget(item, name); ok {
				return at, true
			}
		}
	}
	return pos{}, false
}

func (p *parser) parseSet(start int) stmt {
	p.next()
	target := p.assignTarget(nil, true)
	if p.skipIf(tokAssign) {
		v := p.tuple(true, nil, false)
		p.noteStore(target)
		return &setStmt{p.from(start), target, v}
	}
	s := &setBlockStmt{target: target}
	for p.skipIf(tokPipe) {
		var inner expr
		if s.filter != nil {
			inner = s.filter
		}
		s.filter = p.filter(inner)
	}
	s.body, _ = p.statements("endset")
	p.noteStore(target)
	s.pos = p.from(start)
	return s
}

func (p *parser) parseCall(start int) stmt {
	p.next()
	fn := p.newFunction("call block")
	if p.cur.kind == tokLParen {
		p.signature(fn)
	}
	at := p.cur
	call, ok := p.expression(true).(*callExpr)
	if !ok {
		p.failAt(pos{int32(at.start), int32(p.last)}, "expected call")
	}
	p.functionBody(fn, "endcall")
	fn.pos = p.from(start)
	return &callStmt{fn.pos, fn, call}
}

func (p *parser) parseFilter(start int) stmt {
	p.next()
	s := &filterStmt{filter: p.filter(nil)}
	for p.skipIf(tokPipe) {
		s.filter = p.filter(s.filter)
	}
	s.body, _ = p.statements("endfilter")
	s.pos = p.from(start)
	return s
}

func (p *parser) parseWith(start int) stmt {
	p.next()
	s := &withStmt{}
	for p.cur.kind != tokBlockEnd {
		if len(s.targets) > 0 {
			p.expect(tokComma)
		}
		s.targets = append(s.targets, p.assignTarget(nil, false))
		p.expect(tokAssign)
		s.values = append(s.values, p.expression(true))
	}
	s.body, _ = p.statements("endwith")
	s.pos = p.from(start)
	return s
}

func (p *parser) parseDo(start int) stmt {
	p.next()
	node := p.tuple(true, nil, false)
	return &doStmt{p.from(start), node}
}

func (p *parser) parsePrint(start int) stmt {
	p.next()
	s := &outputStmt{}
	for p.cur.kind != tokBlockEnd {
		if len(s.nodes) > 0 {
			p.expect(tokComma)
		}
		s.nodes = append(s.nodes, p.expression(true))
	}
	s.pos = p.from(start)
	return s
}

func (p *parser) parseAutoescape(start int) stmt {
	p.next()
	s := &scopeStmt{option: p.expression(true)}
	if c, ok := s.option.(*constExpr); !ok || value.Truth(c.v) {
		p.failAt(s.option.where(), "autoescape is not available: SQL is never escaped")
	}
	s.body, _ = p.statements("endautoescape")
	s.pos = p.from(start)
	return s
}

func (p *parser) parseLoopControl(start int) stmt {
	s := &loopCtlStmt{signal: errBreak}
	if p.next().text == "continue" {
		s.signal = errContinue
	}
	s.pos = p.from(start)
	return s
}

// assignTarget parses a name, a tuple of targets or (where allowed) a namespace attribute.
func (p *parser) assignTarget(until []string, namespace bool) target {
	start := p.cur.start
	if p.tupleEnd(until) {
		p.fail(p.cur, "Expected an expression, got "+quoteRepr(p.cur.describe()))
	}
	first := p.targetItem(namespace)
	if p.cur.kind != tokComma {
		return first
	}
	items := []expr{first}
	for p.skipIf(tokComma) && !p.tupleEnd(until) {
		items = append(items, p.targetItem(namespace))
	}
	return &tupleExpr{p.from(start), items}
}

func (p *parser) targetItem(namespace bool) target {
	t := p.cur
	switch t.kind {
	case tokName:
		p.next()
		at := pos{int32(t.start), int32(t.end)}
		switch t.text {
		case "true", "false", "none", "True", "False", "None":
			p.fail(t, "can't assign to 'const'")
		}
		name := &nameExpr{pos: at, name: t.text}
		if namespace && p.skipIf(tokDot) {
			attr := p.expect(tokName)
			p.noteLoad(t.text)
			return &attrTarget{p.from(t.start), name, attr.text}
		}
		return name
	case tokLParen:
		p.enter()
		defer p.leave()
		p.next()
		if p.cur.kind == tokRParen {
			p.next()
			return &tupleExpr{p.from(t.start), nil}
		}
		inner := p.assignTarget(nil, namespace)
		p.expect(tokRParen)
		return inner
	case tokString, tokInt, tokFloat:
		p.fail(t, "can't assign to 'const'")
	case tokLBracket:
		p.fail(t, "can't assign to 'list'")
	case tokLBrace:
		p.fail(t, "can't assign to 'dict'")
	case tokEOF:
		p.unexpected("name")
	}
	p.fail(t, "unexpected "+quoteRepr(t.describe()))
	return nil
}

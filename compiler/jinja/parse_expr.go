package jinja

import (
	"github.com/millrace/millrace/compiler/jinja/builtin"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func (p *parser) expression(withCond bool) expr {
	if withCond {
		return p.cond()
	}
	return p.or()
}

func (p *parser) cond() expr {
	p.enter()
	defer p.leave()
	start := p.cur.start
	e := p.or()
	for p.cur.is("if") {
		p.enter()
		defer p.leave()
		p.next()
		test := p.or()
		var otherwise expr
		if p.skipName("else") {
			otherwise = p.cond()
		}
		e = &condExpr{p.from(start), test, e, otherwise}
	}
	return e
}

func (p *parser) or() expr {
	start, depth := p.cur.start, p.depth
	l := p.and()
	for p.cur.is("or") {
		p.enter()
		p.next()
		r := p.and()
		l = &orExpr{p.from(start), l, r}
	}
	p.depth = depth
	return l
}

func (p *parser) and() expr {
	start, depth := p.cur.start, p.depth
	l := p.not()
	for p.cur.is("and") {
		p.enter()
		p.next()
		r := p.not()
		l = &andExpr{p.from(start), l, r}
	}
	p.depth = depth
	return l
}

func (p *parser) not() expr {
	if p.cur.is("not") {
		p.enter()
		defer p.leave()
		start := p.next().start
		node := p.not()
		return &notExpr{p.from(start), node}
	}
	return p.compare()
}

func (p *parser) compare() expr {
	start := p.cur.start
	first := p.additive()
	var ops []compareOp
	for {
		op := ""
		switch p.cur.kind {
		case tokEq, tokNe, tokGt, tokGe, tokLt, tokLe:
			op = tokenNames[p.cur.kind]
		case tokName:
			if p.cur.text == "in" {
				op = "in"
			} else if p.cur.text == "not" && p.look().is("in") {
				p.next()
				op = "not in"
			}
		}
		if op == "" {
			break
		}
		p.next()
		ops = append(ops, compareOp{op, p.additive()})
	}
	if ops == nil {
		return first
	}
	return &compareExpr{p.from(start), first, ops}
}

func (p *parser) additive() expr {
	start, depth := p.cur.start, p.depth
	l := p.concat()
	for p.cur.kind == tokAdd || p.cur.kind == tokSub {
		p.enter()
		op := tokenNames[p.next().kind]
		r := p.concat()
		l = &binaryExpr{p.from(start), op, l, r}
	}
	p.depth = depth
	return l
}

func (p *parser) concat() expr {
	start := p.cur.start
	first := p.multiplicative()
	if p.cur.kind != tokTilde {
		return first
	}
	nodes := []expr{first}
	for p.skipIf(tokTilde) {
		nodes = append(nodes, p.multiplicative())
	}
	return &concatExpr{p.from(start), nodes}
}

func (p *parser) multiplicative() expr {
	start, depth := p.cur.start, p.depth
	l := p.power()
	for {
		switch p.cur.kind {
		case tokMul, tokDiv, tokFloorDiv, tokMod:
			p.enter()
			op := tokenNames[p.next().kind]
			r := p.power()
			l = &binaryExpr{p.from(start), op, l, r}
			continue
		}
		p.depth = depth
		return l
	}
}

func (p *parser) power() expr {
	start, depth := p.cur.start, p.depth
	l := p.unary(true)
	for p.cur.kind == tokPow {
		p.enter()
		p.next()
		r := p.unary(true)
		l = &binaryExpr{p.from(start), "**", l, r}
	}
	p.depth = depth
	return l
}

func (p *parser) unary(withFilter bool) expr {
	start, depth := p.cur.start, p.depth
	var e expr
	if p.cur.kind == tokSub || p.cur.kind == tokAdd {
		p.enter()
		op := tokenNames[p.next().kind]
		node := p.unary(false)
		e = &unaryExpr{p.from(start), op, node}
	} else {
		e = p.primary()
	}
	e = p.postfix(e)
	if withFilter {
		e = p.filterExpr(e)
	}
	p.depth = depth
	return e
}

func (p *parser) primary() expr {
	t := p.cur
	at := pos{int32(t.start), int32(t.end)}
	switch t.kind {
	case tokName:
		p.next()
		switch t.text {
		case "true", "True":
			return &constExpr{at, value.True}
		case "false", "False":
			return &constExpr{at, value.False}
		case "none", "None":
			return &constExpr{at, value.None}
		}
		p.noteLoad(t.text)
		return &nameExpr{pos: at, name: t.text}
	case tokString:
		return p.stringConst()
	case tokInt:
		p.next()
		v, ok := parseInt(t.text)
		if !ok {
			p.fail(t, "the number is too long")
		}
		return &constExpr{at, v}
	case tokFloat:
		p.next()
		return &constExpr{at, parseFloat(t.text)}
	case tokLParen:
		p.enter()
		defer p.leave()
		p.next()
		e := p.tuple(true, nil, true)
		p.expect(tokRParen)
		if tup, ok := e.(*tupleExpr); ok {
			tup.pos = p.from(t.start)
		}
		return e
	case tokLBracket:
		return p.list()
	case tokLBrace:
		return p.dict()
	case tokEOF:
		p.lex.unclosed(p.lex.open, min(p.lex.open+2, p.lex.end), "unexpected 'end of template'")
	}
	p.fail(t, "unexpected "+quoteRepr(t.describe()))
	return nil
}

// stringConst joins adjacent string literals as Python does.
func (p *parser) stringConst() expr {
	start := p.cur.start
	text := p.stringToken()
	for p.cur.kind == tokString {
		text += p.stringToken()
	}
	return &constExpr{p.from(start), value.String(text)}
}

func (p *parser) stringToken() string {
	t := p.next()
	s, problem := unescape(t.text[1 : len(t.text)-1])
	if problem != "" {
		p.fail(t, problem)
	}
	return s
}

// tuple parses an expression, or several with commas between them as a tuple. until ends
// the tuple in addition to the usual tokens; explicit is true inside parentheses, where an
// empty tuple is fine.
func (p *parser) tuple(withCond bool, until []string, explicit bool) expr {
	start := p.cur.start
	if p.tupleEnd(until) {
		if !explicit {
			p.fail(p.cur, "Expected an expression, got "+quoteRepr(p.cur.describe()))
		}
		return &tupleExpr{p.from(start), nil}
	}
	first := p.expression(withCond)
	if p.cur.kind != tokComma {
		return first
	}
	items := []expr{first}
	for p.skipIf(tokComma) && !p.tupleEnd(until) {
		items = append(items, p.expression(withCond))
	}
	return &tupleExpr{p.from(start), items}
}

func (p *parser) tupleEnd(until []string) bool {
	switch p.cur.kind {
	case tokVarEnd, tokBlockEnd, tokRParen:
		return true
	case tokName:
		return containsString(until, p.cur.text)
	}
	return false
}

func (p *parser) list() expr {
	p.enter()
	defer p.leave()
	start := p.next().start
	var items []expr
	for p.cur.kind != tokRBracket {
		if len(items) > 0 {
			p.expect(tokComma)
			if p.cur.kind == tokRBracket {
				break
			}
		}
		items = append(items, p.expression(true))
	}
	p.expect(tokRBracket)
	return &listExpr{p.from(start), items}
}

func (p *parser) dict() expr {
	p.enter()
	defer p.leave()
	start := p.next().start
	d := &dictExpr{}
	for p.cur.kind != tokRBrace {
		if len(d.keys) > 0 {
			p.expect(tokComma)
			if p.cur.kind == tokRBrace {
				break
			}
		}
		d.keys = append(d.keys, p.expression(true))
		p.expect(tokColon)
		d.values = append(d.values, p.expression(true))
	}
	p.expect(tokRBrace)
	d.pos = p.from(start)
	return d
}

func (p *parser) postfix(e expr) expr {
	depth := p.depth
	for {
		switch p.cur.kind {
		case tokDot, tokLBracket:
			p.enter()
			e = p.subscript(e)
		case tokLParen:
			p.enter()
			e = p.call(e)
		default:
			p.depth = depth
			return e
		}
	}
}

// filterExpr parses what may follow a complete operand: filters, tests, and calls of both.
func (p *parser) filterExpr(e expr) expr {
	depth := p.depth
	for {
		switch {
		case p.cur.kind == tokPipe:
			p.enter()
			p.next()
			e = p.filter(e)
		case p.cur.is("is"):
			p.enter()
			e = p.test(e)
		case p.cur.kind == tokLParen:
			p.enter()
			e = p.call(e)
		default:
			p.depth = depth
			return e
		}
	}
}

func (p *parser) subscript(obj expr) expr {
	start := int(obj.where().start)
	if p.skipIf(tokDot) {
		t := p.next()
		at := pos{int32(t.start), int32(t.end)}
		switch t.kind {
		case tokName:
			return &attrExpr{p.from(start), obj, t.text, at}
		case tokInt:
			v, ok := parseInt(t.text)
			if !ok {
				p.fail(t, "the number is too long")
			}
			return &itemExpr{p.from(start), obj, &constExpr{at, v}}
		}
		p.fail(t, "expected name or number")
	}
	open := p.expect(tokLBracket).start
	var keys []expr
	var slice *sliceExpr
	for p.cur.kind != tokRBracket {
		if len(keys) > 0 {
			p.expect(tokComma)
		}
		key, sl := p.subscribed()
		if sl != nil {
			slice = sl
			key = sl
		}
		keys = append(keys, key)
	}
	p.expect(tokRBracket)
	switch {
	case slice != nil && len(keys) == 1:
		slice.obj, slice.pos = obj, p.from(start)
		return slice
	case slice != nil:
		p.failAt(slice.pos, "a slice cannot be combined with other subscripts")
	case len(keys) == 1:
		return &itemExpr{p.from(start), obj, keys[0]}
	}
	// No key at all is an empty tuple, as in Jinja.
	return &itemExpr{p.from(start), obj, &tupleExpr{p.from(open), keys}}
}

func (p *parser) subscribed() (expr, *sliceExpr) {
	start := p.cur.start
	var first expr
	if p.cur.kind != tokColon {
		first = p.expression(true)
		if p.cur.kind != tokColon {
			return first, nil
		}
	}
	p.next()
	s := &sliceExpr{start: first}
	if p.cur.kind != tokColon && p.cur.kind != tokRBracket && p.cur.kind != tokComma {
		s.stop = p.expression(true)
	}
	if p.skipIf(tokColon) && p.cur.kind != tokRBracket && p.cur.kind != tokComma {
		s.step = p.expression(true)
	}
	s.pos = p.from(start)
	p.slices = append(p.slices, s)
	return nil, s
}

func (p *parser) call(fn expr) *callExpr {
	args := p.callArgs()
	return &callExpr{p.from(int(fn.where().start)), fn, args}
}

func (p *parser) callArgs() argList {
	p.enter()
	defer p.leave()
	open := p.expect(tokLParen)
	var a argList
	ensure := func(ok bool) {
		if !ok {
			p.fail(open, "invalid syntax for function call expression")
		}
	}
	for first := true; p.cur.kind != tokRParen; first = false {
		if !first {
			p.expect(tokComma)
			if p.cur.kind == tokRParen {
				break
			}
		}
		switch {
		case p.cur.kind == tokMul:
			ensure(a.star == nil && a.star2 == nil)
			p.next()
			a.star = p.expression(true)
		case p.cur.kind == tokPow:
			ensure(a.star2 == nil)
			p.next()
			a.star2 = p.expression(true)
		case p.cur.kind == tokName && p.look().kind == tokAssign:
			ensure(a.star2 == nil)
			key := p.next()
			p.next()
			for i := range a.kwargs {
				if a.kwargs[i].name == key.text {
					p.fail(key, "keyword argument repeated: "+key.text)
				}
			}
			v := p.expression(true)
			a.kwargs = append(a.kwargs, kwarg{key.text, v, pos{int32(key.start), int32(key.end)}})
		default:
			ensure(a.star == nil && a.star2 == nil && a.kwargs == nil)
			a.pos = append(a.pos, p.expression(true))
		}
	}
	p.expect(tokRParen)
	return a
}

// filter parses a filter's name and arguments; the "|" is already consumed.
func (p *parser) filter(node expr) *filterExpr {
	t := p.expect(tokName)
	start := t.start
	if node != nil {
		start = int(node.where().start)
	}
	f := &filterExpr{node: node, name: p.dotted(t.text)}
	if p.cur.kind == tokLParen {
		f.args = p.callArgs()
	}
	f.pos = p.from(start)
	f.fn = builtin.Filters[f.name]
	return f
}

func (p *parser) dotted(name string) string {
	for p.skipIf(tokDot) {
		name += "." + p.expect(tokName).text
	}
	return name
}

func (p *parser) test(node expr) expr {
	p.next() // is
	e := &testExpr{node: node, negated: p.skipName("not")}
	e.name = p.dotted(p.expect(tokName).text)
	e.fn = builtin.Tests[e.name]
	switch p.cur.kind {
	case tokLParen:
		e.args = p.callArgs()
	case tokName, tokString, tokInt, tokFloat, tokLBracket, tokLBrace:
		switch {
		case p.cur.is("else") || p.cur.is("or") || p.cur.is("and"):
		case p.cur.is("is"):
			p.fail(p.cur, "You cannot chain multiple tests with is")
		default:
			e.args.pos = []expr{p.postfix(p.primary())}
		}
	}
	e.pos = p.from(int(node.where().start))
	return e
}

package jinja

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func (p *parser) newFunction(kind string) *function {
	return &function{kind: kind, src: p.src, caller: -1, kwargs: -1, varargs: -1}
}

// signature parses "(a, b: list[str] = none)".
func (p *parser) signature(fn *function) {
	p.expect(tokLParen)
	optional := false
	for p.cur.kind != tokRParen {
		if len(fn.params) > 0 {
			p.expect(tokComma)
		}
		t := p.paramName()
		prm := param{name: t.text, pos: pos{int32(t.start), int32(t.end)}}
		for i := range fn.params {
			if fn.params[i].name == t.text {
				p.fail(t, "duplicate argument "+quoteRepr(t.text)+" in the signature")
			}
		}
		if p.skipIf(tokColon) {
			start := p.cur.start
			p.typeName()
			prm.typ = p.lex.text[start:p.last]
		}
		switch {
		case p.skipIf(tokAssign):
			prm.dflt = p.expression(true)
			optional = true
		case optional:
			p.fail(p.cur, "non-default argument follows default argument")
		}
		fn.params = append(fn.params, prm)
	}
	p.expect(tokRParen)
}

func (p *parser) paramName() token {
	t := p.expect(tokName)
	switch t.text {
	case "true", "false", "none", "True", "False", "None":
		p.fail(t, "can't assign to 'name'")
	}
	return t
}

// typeName parses a type annotation: a name with optional parameters. Whether the type
// exists is not the parser's business.
func (p *parser) typeName() {
	p.enter()
	defer p.leave()
	p.expect(tokName)
	if !p.skipIf(tokLBracket) {
		return
	}
	for first := true; p.cur.kind != tokRBracket; first = false {
		if !first {
			p.expect(tokComma)
		}
		p.typeName()
	}
	p.expect(tokRBracket)
}

// functionBody parses the body up to the end tag and settles the special parameters.
func (p *parser) functionBody(fn *function, end string) {
	for i := range fn.params {
		p.note(fn.params[i].name, useStored) // for the bodies around this one
	}
	mark := p.openSpecial()
	fn.body, _ = p.statements(end)
	u := p.closeSpecial(mark)
	for i := range fn.params {
		prm := &fn.params[i]
		switch prm.name {
		case "caller":
			if u.caller == useLoad && prm.dflt == nil {
				p.failAt(prm.pos, "When defining macros or call blocks the special \"caller\" argument must be omitted or be given a default.")
			}
			u.caller = unused
		case "kwargs":
			u.kwargs = unused
		case "varargs":
			u.varargs = unused
		}
	}
	// The slots are assigned by the resolver; zero marks the parameter as wanted.
	if u.caller == useLoad {
		fn.caller = 0
	}
	if u.kwargs == useLoad {
		fn.kwargs = 0
	}
	if u.varargs == useLoad {
		fn.varargs = 0
	}
}

// define finishes a macro-like block.
func (p *parser) define(fn *function, def *Macro, nameAt token, start int) stmt {
	fn.pos = p.from(start)
	fn.name = "dbt_macro__" + def.Name
	def.fn = fn
	def.Span = p.src.diag.At(start, p.last)
	def.NameSpan = p.src.diag.At(nameAt.start, nameAt.end)
	for i := range fn.params {
		prm := &fn.params[i]
		def.Params = append(def.Params, Param{
			Name: prm.name, Type: prm.typ, Required: prm.dflt == nil,
			Span: p.src.diag.At(int(prm.pos.start), int(prm.pos.end)),
		})
	}
	s := &macroStmt{pos: fn.pos, fn: fn, def: def}
	s.name = &nameExpr{pos: pos{int32(nameAt.start), int32(nameAt.end)}, name: fn.name}
	if p.nested == 0 {
		p.macros = append(p.macros, s)
	}
	return s
}

func (p *parser) parseMacro(start int) stmt {
	p.next()
	name := p.paramName()
	fn := p.newFunction("macro")
	p.signature(fn)
	p.functionBody(fn, "endmacro")
	return p.define(fn, &Macro{Kind: KindMacro, Name: name.text, BaseName: name.text}, name, start)
}

// parseTestBlock reads {% test name(args) %}, also spelled data_test.
func (p *parser) parseTestBlock(start int) stmt {
	tag := p.next()
	name := p.paramName()
	fn := p.newFunction("test")
	p.signature(fn)
	p.functionBody(fn, "end"+tag.text)
	return p.define(fn, &Macro{Kind: KindTest, Name: "test_" + name.text, BaseName: name.text}, name, start)
}

// parseSnapshot reads {% snapshot name %}. Its body is a query, rendered like a macro without parameters.
func (p *parser) parseSnapshot(start int) stmt {
	p.next()
	name := p.paramName()
	fn := p.newFunction("snapshot")
	p.functionBody(fn, "endsnapshot")
	return p.define(fn, &Macro{Kind: KindSnapshot, Name: name.text, BaseName: name.text}, name, start)
}

// parseMaterialization reads {% materialization name, adapter='x', supported_languages=['sql'] %}.
func (p *parser) parseMaterialization(start int) stmt {
	p.next()
	name := p.paramName()
	fn := p.newFunction("materialization")
	def := &Macro{Kind: KindMaterialization, BaseName: name.text, Adapter: "default", SupportedLanguages: []string{"sql"}}
	for p.skipIf(tokComma) {
		t := p.paramName()
		switch t.text {
		case "default":
		case "adapter":
			p.expect(tokAssign)
			at := p.cur
			adapter, ok := constString(p.expression(true))
			if !ok {
				p.failAt(p.from(at.start), "the adapter of a materialization must be a string literal")
			}
			def.Adapter = adapter
		case "supported_languages":
			p.expect(tokAssign)
			at := p.cur
			languages, ok := p.expression(true).(*listExpr)
			if !ok {
				p.failAt(p.from(at.start), "supported_languages must be a list of strings")
			}
			def.SupportedLanguages = nil
			for _, item := range languages.items {
				s, ok := constString(item)
				if !ok {
					p.failAt(item.where(), "supported_languages must be a list of strings")
				}
				def.SupportedLanguages = append(def.SupportedLanguages, s)
			}
			fn.params = append(fn.params, param{name: t.text, pos: pos{int32(t.start), int32(t.end)}, dflt: languages})
		default:
			p.fail(t, "materialization '"+name.text+"' received unknown argument '"+t.text+"'.")
		}
	}
	if len(fn.params) == 0 {
		at := pos{int32(name.start), int32(name.end)}
		fn.params = append(fn.params, param{name: "supported_languages", pos: at, dflt: &listExpr{at, []expr{&constExpr{at, value.String("sql")}}}})
	}
	def.Name = "materialization_" + name.text + "_" + def.Adapter
	p.functionBody(fn, "endmaterialization")
	return p.define(fn, def, name, start)
}

func constString(e expr) (string, bool) {
	c, ok := e.(*constExpr)
	if !ok {
		return "", false
	}
	return c.v.AsString()
}

// parseDocs reads {% docs name %}…{% enddocs %}. The body is free text, not template code.
func (p *parser) parseDocs(start int) stmt {
	p.next()
	name := p.expect(tokName)
	fn := p.newFunction("docs")
	if p.cur.kind != tokBlockEnd {
		p.unexpected(tokenNames[tokBlockEnd])
	}
	// The lexer already stands behind "%}" (and the white space that "-%}" removes).
	body := p.lex.pos
	endStart, textEnd, after := p.lex.findEnd("enddocs", body)
	if endStart < 0 {
		p.failUnclosed([]string{"enddocs"})
	}
	text := p.lex.data(body, textEnd)
	fn.body = []stmt{&outputStmt{
		pos:   pos{int32(body), int32(textEnd)},
		nodes: []expr{&textExpr{pos{int32(body), int32(textEnd)}, text}},
	}}
	// Stand on the end tag's "%}" so that the caller finds the end of a statement.
	p.lex.pos = after
	p.last = after
	p.cur = token{kind: tokBlockEnd, start: after, end: after}
	def := &Macro{Kind: KindDocs, Name: name.text, BaseName: name.text, Text: strings.TrimSpace(text)}
	return p.define(fn, def, name, start)
}

package jinja

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

// source is what the nodes of one template share.
type source struct {
	diag *diag.Source
}

// parser is a recursive descent parser. Errors are raised as panics with a
// *diag.Diagnostic and caught in parseRange; nothing else panics.
type parser struct {
	lex     lexer
	src     *source
	cur     token
	ahead   token
	peeked  bool
	last    int // end of the last consumed token
	depth   int
	tags    []openTag
	ends    [][]string // end tags that are being looked for, innermost last
	special []specialUse
	macros  []*macroStmt // definitions at the top level, in order
	slices  []*sliceExpr // of the output being read
	nested  int          // > 0 inside a block
}

// openTag is a block that has not been closed yet.
type openTag struct {
	name       string
	start, end int
}

// maxDepth bounds the nesting of expressions and blocks, so that no input can exhaust the
// stack: Python itself gives up long before.
const maxDepth = 600

func parseRange(src *diag.Source, start, end int) (root []stmt, p *parser, d *diag.Diagnostic) {
	p = &parser{src: &source{diag: src}}
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(*diag.Diagnostic)
			if !ok {
				panic(r)
			}
			root, d = nil, failed
		}
	}()
	p.lex.init(src, start, end)
	p.cur = p.lex.next()
	root, _ = p.subparse(nil)
	return root, p, nil
}

func (p *parser) next() token {
	t := p.cur
	p.last = t.end
	if p.peeked {
		p.cur, p.peeked = p.ahead, false
	} else {
		p.cur = p.lex.next()
	}
	return t
}

func (p *parser) look() token {
	if !p.peeked {
		p.ahead, p.peeked = p.lex.next(), true
	}
	return p.ahead
}

func (p *parser) skipIf(kind tokenKind) bool {
	if p.cur.kind == kind {
		p.next()
		return true
	}
	return false
}

func (p *parser) skipName(name string) bool {
	if p.cur.is(name) {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(kind tokenKind) token {
	if p.cur.kind == kind {
		return p.next()
	}
	p.unexpected(tokenNames[kind])
	return token{}
}

func (p *parser) expectName(name string) token {
	if p.cur.is(name) {
		return p.next()
	}
	p.unexpected(name)
	return token{}
}

// unexpected complains about the current token.
func (p *parser) unexpected(expected string) {
	if p.cur.kind == tokEOF {
		p.lex.unclosed(p.lex.open, min(p.lex.open+2, p.lex.end),
			"unexpected end of template, expected "+quoteRepr(expected)+".")
	}
	p.fail(p.cur, "expected token "+quoteRepr(expected)+", got "+quoteRepr(p.cur.describe()))
}

func (p *parser) fail(t token, message string) {
	panic(syntaxError(p.src.diag.At(t.start, t.end), message))
}

func (p *parser) failAt(at pos, message string) {
	panic(syntaxError(p.src.diag.At(int(at.start), int(at.end)), message))
}

// enter and leave guard every recursion of the parser. Chains that grow without recursion
// (a + b + c …) call enter as well, because their trees are just as deep.
func (p *parser) enter() {
	p.depth++
	if p.depth > maxDepth {
		d := syntaxError(p.src.diag.At(p.cur.start, p.cur.end), "the template is nested too deeply")
		d.Code = diag.CodeLimit
		panic(d)
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) from(start int) pos { return pos{int32(start), int32(p.last)} }

// quoteRepr quotes as Python's repr does for the plain strings that occur here.
func quoteRepr(s string) string {
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		return `"` + s + `"`
	}
	return "'" + s + "'"
}

// subparse reads template data, print statements and statements until one of the end tags,
// which is left as the current token (its "{%" is consumed; at is where that began).
func (p *parser) subparse(ends []string) (body []stmt, at int) {
	if ends != nil {
		p.ends = append(p.ends, ends)
		defer func() { p.ends = p.ends[:len(p.ends)-1] }()
	}
	p.enter()
	defer p.leave()
	var out *outputStmt
	for {
		t := p.cur
		switch t.kind {
		case tokEOF:
			return body, t.start
		case tokData:
			p.next()
			out = p.output(&body, out, &textExpr{pos{int32(t.start), int32(t.end)}, t.text})
		case tokVarBegin:
			p.next()
			p.slices = p.slices[:0]
			e := p.tuple(true, nil, false)
			p.expect(tokVarEnd)
			if len(p.slices) > 0 && isConst(e) {
				for _, s := range p.slices {
					s.constant = true
				}
			}
			out = p.output(&body, out, e)
		case tokBlockBegin:
			out = nil
			p.next()
			if p.cur.kind == tokName && containsString(ends, p.cur.text) {
				return body, t.start
			}
			if s := p.statement(t); s != nil {
				body = append(body, s)
			}
			p.expect(tokBlockEnd)
		default:
			p.fail(t, "unexpected "+quoteRepr(t.describe()))
		}
	}
}

// output appends a node to the run of outputs at the end of body.
func (p *parser) output(body *[]stmt, out *outputStmt, e expr) *outputStmt {
	if out == nil {
		out = &outputStmt{pos: e.where()}
		*body = append(*body, out)
	}
	out.nodes = append(out.nodes, e)
	out.end = e.where().end
	return out
}

func containsString(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// statements reads the rest of an opening tag and the body up to one of the end tags, and
// returns the end tag found.
func (p *parser) statements(ends ...string) ([]stmt, token) {
	p.skipIf(tokColon) // for people who are used to Python
	p.expect(tokBlockEnd)
	p.nested++
	body, at := p.subparse(ends)
	p.nested--
	if p.cur.kind == tokEOF {
		p.failUnclosed(ends)
	}
	t := p.next()
	t.start = at
	return body, t
}

// failUnclosed complains that the innermost open block never ends.
func (p *parser) failUnclosed(ends []string) {
	open := p.tags[len(p.tags)-1]
	panic(unclosedError(p.src.diag, open.start, open.end, p.lex.inputEnd,
		"Unexpected end of template. "+p.lookingFor(ends)+" "+innermost(open)))
}

func (p *parser) lookingFor(ends []string) string {
	quoted := make([]string, len(ends))
	for i, e := range ends {
		quoted[i] = quoteRepr(e)
	}
	return "Jinja was looking for the following tags: " + strings.Join(quoted, " or ") + "."
}

func innermost(open openTag) string {
	return "The innermost block that needs to be closed is " + quoteRepr(open.name) + "."
}

// failUnknownTag complains about a tag that does not exist or does not belong here.
func (p *parser) failUnknownTag(t token) {
	message := "Encountered unknown tag " + quoteRepr(t.text) + "."
	var related []diag.Related
	if len(p.ends) > 0 {
		ends := p.ends[len(p.ends)-1]
		misplaced := false
		for _, e := range p.ends {
			misplaced = misplaced || containsString(e, t.text)
		}
		if misplaced {
			looking := strings.TrimPrefix(p.lookingFor(ends), "Jinja was looking for the following tags: ")
			message += " You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for " + looking
		} else {
			message += " " + p.lookingFor(ends)
		}
	}
	if len(p.tags) > 0 {
		open := p.tags[len(p.tags)-1]
		message += " " + innermost(open)
		related = []diag.Related{{Span: p.src.diag.At(open.start, open.end), Message: "opened here"}}
	}
	d := syntaxError(p.src.diag.At(t.start, t.end), message)
	d.Related = related
	if len(p.tags) == 0 || !strings.HasPrefix(t.text, "end") {
		d.Hint = diag.DidYouMean(t.text, tagNames)
	}
	panic(d)
}

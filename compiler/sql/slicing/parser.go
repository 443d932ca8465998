package slicing

type parser struct {
	tokens []token
	pos    int
	depth  int
}

func (p *parser) peek() token {
	if p.pos < len(p.tokens) {
		return p.tokens[p.pos]
	}
	end := 0
	if len(p.tokens) > 0 {
		end = p.tokens[len(p.tokens)-1].end
	}
	return token{kind: symbol, start: end, end: end}
}

func (p *parser) ahead(n int) token {
	if p.pos+n < len(p.tokens) {
		return p.tokens[p.pos+n]
	}
	return token{kind: symbol}
}

func (p *parser) take(words ...string) bool {
	if p.peek().is(words...) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) done() bool { return p.pos >= len(p.tokens) }

func (p *parser) unexpected() *Error {
	t := p.peek()
	if t.text == "" {
		return errorAt(t, "the query ends too early")
	}
	return errorAt(t, "'%s' is not understood here", t.text)
}

// parens takes what stands in the parentheses that begin here.
func (p *parser) parens() ([]token, *Error) {
	if !p.peek().is("(") {
		return nil, p.unexpected()
	}
	start := p.pos
	depth := 0
	for ; p.pos < len(p.tokens); p.pos++ {
		switch {
		case p.tokens[p.pos].is("(", "[", "{"):
			depth++
		case p.tokens[p.pos].is(")", "]", "}"):
			if depth--; depth == 0 {
				p.pos++
				return p.tokens[start+1 : p.pos-1], nil
			}
		}
	}
	return nil, errorAt(p.tokens[start], "a parenthesis is never closed")
}

// until takes tokens up to one of the words outside of parentheses.
func (p *parser) until(words ...string) []token {
	return p.upTo(func(t token) bool { return t.is(words...) && !p.part() })
}

// upTo takes tokens up to the first one outside of parentheses at which stop says so; p stands
// there when stop is asked.
func (p *parser) upTo(stop func(t token) bool) []token {
	start := p.pos
	for i, t := range outermost(p.tokens[start:]) {
		p.pos = start + i
		if stop(t) {
			return p.tokens[start:p.pos]
		}
	}
	p.pos = len(p.tokens)
	return p.tokens[start:]
}

// part reports that the word here belongs to an expression: IS DISTINCT FROM, WITHIN GROUP,
// a column of that name.
func (p *parser) part() bool {
	t, before := p.tokens[p.pos], token{}
	if p.pos > 0 {
		before = p.tokens[p.pos-1]
	}
	switch {
	case before.is("."):
		return true
	case t.is("from"):
		return before.is("distinct") && p.pos > 1 && p.tokens[p.pos-2].is("is", "not")
	case t.is("group"):
		return before.is("within") || !p.ahead(1).is("by")
	case t.is("order"):
		return !p.ahead(1).is("by")
	case t.is("window"):
		return !p.ahead(2).is("as")
	}
	return false
}

var clauses = []string{"from", "where", "group", "having", "window", "qualify", "order", "limit", "offset", "fetch", "union", "intersect", "except", "for"}

// reserved are words that stand in an expression before its last operand.
var reserved = set("and", "or", "not", "is", "in", "like", "ilike", "between", "then", "else", "when", "case", "distinct", "from", "as", "interval", "similar", "to", "zone", "collate", "escape", "select", "at", "time", "any", "all", "glob", "over")

var joins = set("join", "inner", "left", "right", "full", "cross", "natural", "semi", "anti", "asof", "positional")

func set(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, x := range list {
		m[x] = true
	}
	return m
}

package query

// Parser reads a list of tokens from the left.
type Parser struct {
	Tokens []Token
	Pos    int
	Depth  int
}

// Peek is the token that comes next, one without text at the end.
func (p *Parser) Peek() Token {
	if p.Pos < len(p.Tokens) {
		return p.Tokens[p.Pos]
	}
	end := 0
	if len(p.Tokens) > 0 {
		end = p.Tokens[len(p.Tokens)-1].End
	}
	return Token{Kind: Symbol, Start: end, End: end}
}

// Ahead is the token n places behind the next one.
func (p *Parser) Ahead(n int) Token {
	if p.Pos+n < len(p.Tokens) {
		return p.Tokens[p.Pos+n]
	}
	return Token{Kind: Symbol}
}

// Take reads the next token if it is one of some words.
func (p *Parser) Take(words ...string) bool {
	if p.Peek().Is(words...) {
		p.Pos++
		return true
	}
	return false
}

// Done reports that nothing is left.
func (p *Parser) Done() bool { return p.Pos >= len(p.Tokens) }

func (p *Parser) unexpected() *Error {
	t := p.Peek()
	if t.Text == "" {
		return ErrorAt(t, "the query ends too early")
	}
	return ErrorAt(t, "'%s' is not understood here", t.Text)
}

// Parens takes what stands in the parentheses that begin here.
func (p *Parser) Parens() ([]Token, *Error) {
	if !p.Peek().Is("(") {
		return nil, p.unexpected()
	}
	start := p.Pos
	depth := 0
	for ; p.Pos < len(p.Tokens); p.Pos++ {
		switch {
		case p.Tokens[p.Pos].Is("(", "[", "{"):
			depth++
		case p.Tokens[p.Pos].Is(")", "]", "}"):
			if depth--; depth == 0 {
				p.Pos++
				return p.Tokens[start+1 : p.Pos-1], nil
			}
		}
	}
	return nil, ErrorAt(p.Tokens[start], "a parenthesis is never closed")
}

// Until takes tokens up to one of the words outside of parentheses.
func (p *Parser) Until(words ...string) []Token {
	return p.upTo(func(t Token) bool { return t.Is(words...) && !p.part() })
}

// upTo takes tokens up to the first one outside of parentheses at which stop says so; p stands
// there when stop is asked.
func (p *Parser) upTo(stop func(t Token) bool) []Token {
	start := p.Pos
	for i, t := range Outermost(p.Tokens[start:]) {
		p.Pos = start + i
		if stop(t) {
			return p.Tokens[start:p.Pos]
		}
	}
	p.Pos = len(p.Tokens)
	return p.Tokens[start:]
}

// part reports that the word here belongs to an expression: IS DISTINCT FROM, WITHIN GROUP,
// a column of that name.
func (p *Parser) part() bool {
	t, before := p.Tokens[p.Pos], Token{}
	if p.Pos > 0 {
		before = p.Tokens[p.Pos-1]
	}
	switch {
	case before.Is("."):
		return true
	case t.Is("from"):
		return before.Is("distinct") && p.Pos > 1 && p.Tokens[p.Pos-2].Is("is", "not")
	case t.Is("group"):
		return before.Is("within") || !p.Ahead(1).Is("by")
	case t.Is("order"):
		return !p.Ahead(1).Is("by")
	case t.Is("window"):
		return !p.Ahead(2).Is("as")
	}
	return false
}

// Clauses are the words that end what stands before them in a SELECT.
var Clauses = []string{"from", "where", "group", "having", "window", "qualify", "order", "limit", "offset", "fetch", "union", "intersect", "except", "for"}

// Reserved are words that stand in an expression before its last operand.
var Reserved = Words("and", "or", "not", "is", "in", "like", "ilike", "between", "then", "else", "when", "case", "distinct", "from", "as", "interval", "similar", "to", "zone", "collate", "escape", "select", "at", "time", "any", "all", "glob", "over")

var joins = Words("join", "inner", "left", "right", "full", "cross", "natural", "semi", "anti", "asof", "positional")

// Words is a set of words.
func Words(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, x := range list {
		m[x] = true
	}
	return m
}

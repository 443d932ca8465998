package slicing

import "iter"

// query is a WITH … SELECT … with all that belongs to it.
type query struct {
	recursive bool
	ctes      []cte
	terms     []term // joined by set operations, in order
	ops       []setOp
	limited   *token  // LIMIT, OFFSET or FETCH
	limit     []token // all from there
	order     []token
	at        token
}

type cte struct {
	name    string
	columns []string
	query   *query
	at      token
}

type setOp struct {
	name   string // union, intersect, except
	all    bool
	byName bool
	at     token
}

// term is one side of a set operation: a block or a query in parentheses.
type term struct {
	block *block
	query *query
}

// block is one SELECT.
type block struct {
	at         token
	distinct   *token
	distinctOn []token // nil without DISTINCT ON
	items      []item
	factors    []factor
	where      []token
	group      [][]token
	groupAll   bool
	groupAt    *token
	having     []token
	qualify    []token
	windows    []token
}

// item is one of the columns that a block gives.
type item struct {
	tokens []token // the expression
	alias  string  // its name, "" when it has none of its own
	named  token   // where the name stands
	star   bool
	of     string // the qualifier of a star
	except map[string]bool
}

// factor is one of the relations that a block reads.
type factor struct {
	name    []string // a table's name, from the left
	query   *query   // a subquery
	call    []token  // a table function, with its arguments
	alias   string
	columns []string // alias (a, b)
	join    string   // how it is joined to what stands before: "", cross, inner, left, right, full, semi, anti …
	comma   bool     // a comma does it
	pairing string   // natural, asof: how rows pair otherwise
	on      []token
	using   []string
	at      token
}

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

// parseQuery parses a whole text.
func parseQuery(q string) (*query, *Error) {
	tokens, err := lex(q)
	if err != nil {
		return nil, err
	}
	if err := balanced(tokens); err != nil {
		return nil, err
	}
	for len(tokens) > 0 && tokens[len(tokens)-1].is(";") {
		tokens = tokens[:len(tokens)-1]
	}
	return parseTokens(tokens, 0)
}

// balanced checks that all brackets are closed, in their order.
func balanced(tokens []token) *Error {
	var open []token
	closes := map[string]string{")": "(", "]": "[", "}": "{"}
	for _, t := range tokens {
		switch {
		case t.is("(", "[", "{"):
			open = append(open, t)
		case t.is(")", "]", "}"):
			if len(open) == 0 || open[len(open)-1].text != closes[t.text] {
				return errorAt(t, "'%s' closes nothing", t.text)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return errorAt(open[len(open)-1], "a parenthesis is never closed")
	}
	return nil
}

// maxDepth bounds nesting.
const maxDepth = 100

func parseTokens(tokens []token, depth int) (*query, *Error) {
	p := &parser{tokens: tokens, depth: depth}
	if depth > maxDepth {
		return nil, errorAt(p.peek(), "the query is nested too deep")
	}
	out, err := p.query()
	if err != nil {
		return nil, err
	}
	if !p.done() {
		return nil, p.unexpected()
	}
	return out, nil
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

func (p *parser) query() (*query, *Error) {
	q := &query{at: p.peek()}
	if p.take("with") {
		q.recursive = p.take("recursive")
		for {
			c := cte{at: p.peek()}
			name, ok := p.peek().name()
			if !ok {
				return nil, p.unexpected()
			}
			c.name = name
			p.pos++
			var err *Error
			if c.columns, err = p.columnNames(); err != nil {
				return nil, err
			}
			if !p.take("as") {
				return nil, p.unexpected()
			}
			p.take("not")
			p.take("materialized")
			inner, err := p.parens()
			if err != nil {
				return nil, err
			}
			if c.query, err = parseTokens(inner, p.depth+1); err != nil {
				return nil, err
			}
			q.ctes = append(q.ctes, c)
			if !p.take(",") {
				break
			}
		}
	}
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		q.terms = append(q.terms, t)
		at := p.peek()
		if !at.is("union", "intersect", "except") {
			break
		}
		p.pos++
		op := setOp{name: at.text, at: at}
		if p.take("all") {
			op.all = true
		} else {
			p.take("distinct")
		}
		if p.peek().is("by") && p.ahead(1).is("name") {
			p.pos += 2
			op.byName = true
		}
		q.ops = append(q.ops, op)
	}
	if p.peek().is("order") {
		p.pos++
		if !p.take("by") {
			return nil, p.unexpected()
		}
		q.order = p.until("limit", "offset", "fetch", "for")
	}
	if t := p.peek(); t.is("limit", "offset", "fetch") {
		q.limited = &t
		q.limit = p.tokens[p.pos:]
		p.pos = len(p.tokens)
	}
	return q, nil
}

func (p *parser) term() (term, *Error) {
	if p.peek().is("(") {
		inner, err := p.parens()
		if err != nil {
			return term{}, err
		}
		q, err := parseTokens(inner, p.depth+1)
		return term{query: q}, err
	}
	if p.peek().is("values") {
		b := &block{at: p.peek()}
		p.pos++
		b.where = p.until("union", "intersect", "except", "order", "limit", "offset", "fetch")
		return term{block: b}, nil
	}
	if !p.peek().is("select") {
		return term{}, p.unexpected()
	}
	b, err := p.block()
	return term{block: b}, err
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

// outermost yields the tokens that stand in no parentheses of the list, without the parentheses.
func outermost(tokens []token) iter.Seq2[int, token] {
	return func(yield func(int, token) bool) {
		depth := 0
		for i, t := range tokens {
			switch {
			case t.is("(", "[", "{"):
				depth++
			case t.is(")", "]", "}"):
				depth--
			case depth == 0 && !yield(i, t):
				return
			}
		}
	}
}

// split cuts a list at its commas.
func split(tokens []token) [][]token {
	var out [][]token
	start := 0
	for i, t := range outermost(tokens) {
		if t.is(",") {
			out = append(out, tokens[start:i])
			start = i + 1
		}
	}
	if start < len(tokens) { // a trailing comma is allowed on DuckDB
		out = append(out, tokens[start:])
	}
	return out
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

func names(tokens []token) []string {
	var out []string
	for _, part := range split(tokens) {
		if len(part) > 0 {
			if n, ok := part[0].name(); ok {
				out = append(out, n)
			}
		}
	}
	return out
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

// reserved are words that stand in an expression before its last operand.
var reserved = set("and", "or", "not", "is", "in", "like", "ilike", "between", "then", "else", "when", "case", "distinct", "from", "as", "interval", "similar", "to", "zone", "collate", "escape", "select", "at", "time", "any", "all", "glob", "over")

func set(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, x := range list {
		m[x] = true
	}
	return m
}

var joins = set("join", "inner", "left", "right", "full", "cross", "natural", "semi", "anti", "asof", "positional")

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

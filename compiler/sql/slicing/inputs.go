package slicing

import (
	"fmt"
	"strings"
)

// Input is a relation that a query reads in slices.
type Input struct {
	ID string
	// Text is how the query names it: the subquery that a slice is compiled to.
	Text string
	// Table is its plain name. A query that also uses this name reads past its slice.
	Table string
}

// analysis is a query, parsed, and the inputs by the names that stand for them in it.
type analysis struct {
	query  *query
	inputs map[string]*Input // by stand-in
	tables map[string]*Input // by plain name
	back   func(offset int) int
}

func standIn(i int) string { return fmt.Sprintf("__stream_input_%d", i) }

func analyse(code string, inputs []Input) (*analysis, *Error) {
	a := &analysis{inputs: map[string]*Input{}, tables: map[string]*Input{}}
	var b strings.Builder
	type cut struct{ at, delta int }
	var cuts []cut
	for i := 0; i < len(code); {
		found := false
		for n := range inputs {
			if inputs[n].Text != "" && strings.HasPrefix(code[i:], inputs[n].Text) {
				b.WriteString(standIn(n))
				i += len(inputs[n].Text)
				cuts = append(cuts, cut{b.Len(), i - b.Len()})
				found = true
				break
			}
		}
		if !found {
			b.WriteByte(code[i])
			i++
		}
	}
	a.back = func(offset int) int {
		delta := 0
		for _, c := range cuts {
			if c.at > offset {
				break
			}
			delta = c.delta
		}
		return offset + delta
	}
	for i := range inputs {
		a.inputs[standIn(i)] = &inputs[i]
		if tokens, err := lex(inputs[i].Table); err == nil {
			a.tables[join(tokens)] = &inputs[i]
		}
	}
	q, err := parseQuery(b.String())
	if err != nil {
		err.Offset = a.back(err.Offset)
		return nil, err
	}
	a.query = q
	return a, nil
}

func join(tokens []token) string {
	var parts []string
	for _, t := range tokens {
		if n, ok := t.name(); ok {
			parts = append(parts, n)
		}
	}
	return strings.Join(parts, "\x00")
}

// scope says what names of relations mean at a place of the query.
type scope struct {
	up   *scope
	ctes map[string]*binding
}

// binding is a CTE and the scope it was written in.
type binding struct {
	cte   *cte
	scope *scope
}

func (s *scope) find(name string) *binding {
	for ; s != nil; s = s.up {
		if b, ok := s.ctes[name]; ok {
			return b
		}
	}
	return nil
}

// open makes the scope inside of a query.
func (q *query) open(up *scope) *scope {
	s := &scope{up: up, ctes: map[string]*binding{}}
	for i := range q.ctes {
		inner := s
		if !q.recursive { // a CTE sees those before it
			inner = &scope{up: up, ctes: map[string]*binding{}}
			for k, v := range s.ctes {
				inner.ctes[k] = v
			}
		}
		s.ctes[q.ctes[i].name] = &binding{cte: &q.ctes[i], scope: inner}
	}
	return s
}

// source is what a factor reads.
type source struct {
	input *Input
	query *query
	scope *scope
	names []string // the columns' names where they are renamed
}

func (a *analysis) source(f *factor, s *scope) source {
	switch {
	case f.query != nil:
		return source{query: f.query, scope: s, names: f.columns}
	case len(f.name) == 1:
		if b := s.find(f.name[0]); b != nil {
			names := b.cte.columns
			if f.columns != nil {
				names = f.columns
			}
			return source{query: b.cte.query, scope: b.scope, names: names}
		}
		return source{input: a.inputs[f.name[0]], names: f.columns}
	}
	return source{}
}

// streamed reports whether a query reads an input, anywhere.
func (a *analysis) streamed(q *query, s *scope) bool {
	return a.reads(q, s, map[*query]bool{})
}

func (a *analysis) reads(q *query, up *scope, seen map[*query]bool) bool {
	if seen[q] {
		return false
	}
	seen[q] = true
	s := q.open(up)
	for _, t := range q.terms {
		if t.query != nil && a.reads(t.query, s, seen) {
			return true
		}
		if t.block == nil {
			continue
		}
		for i := range t.block.factors {
			f := &t.block.factors[i]
			src := a.source(f, s)
			if src.input != nil || src.query != nil && a.reads(src.query, src.scope, seen) || a.readsIn(f.call, s, seen) {
				return true
			}
		}
		for _, tokens := range t.block.expressions() {
			if a.readsIn(tokens, s, seen) {
				return true
			}
		}
	}
	return a.readsIn(q.order, s, seen)
}

func (a *analysis) readsIn(tokens []token, s *scope, seen map[*query]bool) bool {
	for _, q := range subqueries(tokens) {
		if a.reads(q, s, seen) {
			return true
		}
	}
	return false
}

// expressions are all expressions of a block.
func (b *block) expressions() [][]token {
	out := [][]token{b.where, b.having, b.qualify, b.windows, b.distinctOn}
	for _, it := range b.items {
		out = append(out, it.tokens)
	}
	out = append(out, b.group...)
	for _, f := range b.factors {
		out = append(out, f.on)
	}
	return out
}

// subqueries are the queries in parentheses that an expression holds. One that cannot be
// read counts as a query of its own that reads everything; parsing has refused it before.
func subqueries(tokens []token) []*query {
	var out []*query
	for i := 0; i+1 < len(tokens); i++ {
		if !tokens[i].is("(") || !tokens[i+1].is("select", "with", "values", "from", "(") {
			continue
		}
		p := parser{tokens: tokens, pos: i}
		inner, err := p.parens()
		if err != nil {
			continue
		}
		if q, err := parseTokens(inner, 1); err == nil {
			out = append(out, q)
			i = p.pos - 1
		}
	}
	return out
}

// check looks at everything in the query, static parts too, for what no slice can hold.
func (a *analysis) check() *Error {
	return a.checkQuery(a.query, nil)
}

func (a *analysis) checkQuery(q *query, up *scope) *Error {
	s := q.open(up)
	for i := range q.ctes {
		inner := s.ctes[q.ctes[i].name].scope
		if err := a.checkQuery(q.ctes[i].query, inner); err != nil {
			return err
		}
	}
	if q.recursive && a.streamed(q, up) {
		return errorAt(q.at, "a recursive query cannot be advanced by slices")
	}
	for _, t := range q.terms {
		if t.query != nil {
			if err := a.checkQuery(t.query, s); err != nil {
				return err
			}
			continue
		}
		for i := range t.block.factors {
			f := &t.block.factors[i]
			if f.query != nil {
				if err := a.checkQuery(f.query, s); err != nil {
					return err
				}
			}
			if in, ok := a.tables[nameKey(f.name)]; ok && (len(f.name) > 1 || s.find(f.name[0]) == nil) {
				err := errorAt(f.at, "the query also reads all of %s by its name", in.Table)
				err.Hint = "read it with source() or ref() everywhere"
				return err
			}
			if err := a.checkExpression(f.call, s); err != nil {
				return err
			}
		}
		for _, tokens := range t.block.expressions() {
			if err := a.checkExpression(tokens, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func nameKey(parts []string) string { return strings.Join(parts, "\x00") }

func (a *analysis) checkExpression(tokens []token, s *scope) *Error {
	for i, t := range tokens {
		if !t.is("(") || i+1 >= len(tokens) || !tokens[i+1].is("select", "with", "from") {
			continue
		}
		p := parser{tokens: tokens, pos: i}
		inner, err := p.parens()
		if err != nil {
			return err
		}
		q, err := parseTokens(inner, 1)
		if err != nil {
			return err
		}
		if err := a.checkQuery(q, s); err != nil {
			return err
		}
		if a.streamed(q, s) {
			return errorAt(t, "a subquery in an expression reads the stream, whose rows come in slices")
		}
	}
	for _, c := range calls(tokens) {
		switch c.class {
		case volatile:
			return errorAt(c.at, "%s() gives another answer in another run, so that slices and a full build would differ", c.name)
		case unknownFunction:
			err := errorAt(c.at, "the function %s() is not known: whether it may be computed slice by slice cannot be told", c.name)
			return err
		case ordered:
			if !c.over {
				err := errorAt(c.at, "the result of %s() depends on the order in which rows come", c.name)
				err.Hint = "give it an order by"
				return err
			}
		}
	}
	return nil
}

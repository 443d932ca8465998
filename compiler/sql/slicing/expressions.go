package slicing

import (
	"iter"
	"strings"
)

// columnAt reports that the word at i names a column, as far as its neighbours tell.
func columnAt(tokens []token, i int) bool {
	t := tokens[i]
	if t.kind != word && t.kind != quoted {
		return false
	}
	if i+1 < len(tokens) && tokens[i+1].is("(", ".") || i > 0 && tokens[i-1].is("::", "as") {
		return false
	}
	return t.kind == quoted || !reserved[t.text] && !keywords[t.text]
}

var keywords = set("end", "null", "true", "false", "date", "timestamp", "interval", "cast", "extract", "year", "month", "day", "hour", "minute", "second", "week", "quarter")

// same compares expressions; a qualifier that one of them leaves out does not count, as a
// name that could mean columns of two relations is no valid SQL.
func same(a, b []token) bool {
	a, b = unqualified(a), unqualified(b)
	for len(a) > 0 && len(b) > 0 {
		switch {
		case equalToken(a[0], b[0]) && (len(a) > 1 && a[1].is(".")) == (len(b) > 1 && b[1].is(".")):
			a, b = a[1:], b[1:]
		case len(a) > 2 && a[1].is(".") && equalToken(a[2], b[0]):
			a = a[2:]
		case len(b) > 2 && b[1].is(".") && equalToken(b[2], a[0]):
			b = b[2:]
		default:
			return false
		}
	}
	return len(a) == len(b)
}

func equalToken(a, b token) bool {
	return a.text == b.text && (a.kind == text) == (b.kind == text) && (a.kind == symbol) == (b.kind == symbol)
}

// unqualified drops parentheses around an expression.
func unqualified(t []token) []token {
	for len(t) > 1 && t[0].is("(") && t[len(t)-1].is(")") {
		p := parser{tokens: t}
		if _, err := p.parens(); err != nil || p.pos != len(t) {
			break
		}
		t = t[1 : len(t)-1]
	}
	return t
}

func spell(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && !t.is(".") && !tokens[i-1].is(".") && (t.start != tokens[i-1].end || t.start == 0) {
			b.WriteByte(' ')
		}
		b.WriteString(render(t))
	}
	return b.String()
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

// subqueries are the queries in parentheses that an expression holds, without those that
// cannot be read: check refuses them.
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
			i = p.pos - 1 // what is within is that query's own
		}
	}
	return out
}

// outside are the calls of an expression that are not in a subquery of it.
func outside(tokens []token) []call {
	var out []call
	depth, skip := 0, -1
	var own []token
	for i, t := range tokens {
		switch {
		case t.is("("):
			depth++
			if skip < 0 && i+1 < len(tokens) && tokens[i+1].is("select", "with") {
				skip = depth
			}
		case t.is(")"):
			if skip == depth {
				skip = -1
				depth--
				continue
			}
			depth--
		}
		if skip < 0 {
			own = append(own, t)
		}
	}
	out = append(out, calls(own)...)
	return out
}

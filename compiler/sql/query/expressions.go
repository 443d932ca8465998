package query

import (
	"iter"
	"strings"
)

// ColumnAt reports that the word at i names a column, as far as its neighbours tell.
func ColumnAt(tokens []Token, i int) bool {
	t := tokens[i]
	if t.Kind != Word && t.Kind != Quoted {
		return false
	}
	if i+1 < len(tokens) && tokens[i+1].Is("(", ".") || i > 0 && tokens[i-1].Is("::", "as") {
		return false
	}
	return t.Kind == Quoted || !Reserved[t.Text] && !keywords[t.Text]
}

var keywords = Words("end", "null", "true", "false", "date", "timestamp", "interval", "cast", "extract", "year", "month", "day", "hour", "minute", "second", "week", "quarter")

// Same compares expressions; a qualifier that one of them leaves out does not count, as a
// name that could mean columns of two relations is no valid SQL.
func Same(a, b []Token) bool {
	a, b = Unwrapped(a), Unwrapped(b)
	for len(a) > 0 && len(b) > 0 {
		switch {
		case equalToken(a[0], b[0]) && (len(a) > 1 && a[1].Is(".")) == (len(b) > 1 && b[1].Is(".")):
			a, b = a[1:], b[1:]
		case len(a) > 2 && a[1].Is(".") && equalToken(a[2], b[0]):
			a = a[2:]
		case len(b) > 2 && b[1].Is(".") && equalToken(b[2], a[0]):
			b = b[2:]
		default:
			return false
		}
	}
	return len(a) == len(b)
}

func equalToken(a, b Token) bool {
	return a.Text == b.Text && (a.Kind == Text) == (b.Kind == Text) && (a.Kind == Symbol) == (b.Kind == Symbol)
}

// Unwrapped drops parentheses around an expression.
func Unwrapped(t []Token) []Token {
	for len(t) > 1 && t[0].Is("(") && t[len(t)-1].Is(")") {
		p := Parser{Tokens: t}
		if _, err := p.Parens(); err != nil || p.Pos != len(t) {
			break
		}
		t = t[1 : len(t)-1]
	}
	return t
}

// Spell writes tokens as text again, with space where the query had some.
func Spell(tokens []Token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && !t.Is(".") && !tokens[i-1].Is(".") && (t.Start != tokens[i-1].End || t.Start == 0) {
			b.WriteByte(' ')
		}
		b.WriteString(render(t))
	}
	return b.String()
}

// Conjuncts are the parts of a condition that must all hold.
func Conjuncts(tokens []Token) [][]Token {
	tokens = Unwrapped(tokens)
	var out [][]Token
	depth, start, between := 0, 0, 0
	for i, t := range tokens {
		switch {
		case t.Is("(", "[", "{", "case"):
			depth++
		case t.Is(")", "]", "}", "end"):
			depth--
		case depth > 0:
		case t.Is("or"):
			return nil
		case t.Is("between"): // the next AND is its own
			between++
		case t.Is("and") && between > 0:
			between--
		case t.Is("and"):
			out = append(out, tokens[start:i])
			start = i + 1
		}
	}
	return append(out, tokens[start:])
}

// looser are words whose operand an equality beside them is, or a part of it.
var looser = Words("not", "is", "isnull", "notnull", "between", "and", "or")

// Equality gives the sides of a condition that is a = b.
func Equality(tokens []Token) (left, right []Token, ok bool) {
	tokens = Unwrapped(tokens)
	at, cases := -1, 0
	for i, t := range Outermost(tokens) {
		switch {
		case t.Is("case"):
			cases++
		case t.Is("end"):
			cases--
		case cases > 0:
		case t.Kind == Word && looser[t.Text]:
			return nil, nil, false
		case !t.Is("="):
		case at >= 0, i == 0, tokens[i-1].Is("<", ">", "!", "="), i+1 >= len(tokens), tokens[i+1].Is("=", ">"):
			return nil, nil, false
		default:
			at = i
		}
	}
	if at < 0 {
		return nil, nil, false
	}
	return tokens[:at], tokens[at+1:], true
}

// Outermost yields the tokens that stand in no parentheses of the list, without the parentheses.
func Outermost(tokens []Token) iter.Seq2[int, Token] {
	return func(yield func(int, Token) bool) {
		depth := 0
		for i, t := range tokens {
			switch {
			case t.Is("(", "[", "{"):
				depth++
			case t.Is(")", "]", "}"):
				depth--
			case depth == 0 && !yield(i, t):
				return
			}
		}
	}
}

// Split cuts a list at its commas.
func Split(tokens []Token) [][]Token {
	var out [][]Token
	start := 0
	for i, t := range Outermost(tokens) {
		if t.Is(",") {
			out = append(out, tokens[start:i])
			start = i + 1
		}
	}
	if start < len(tokens) { // a trailing comma is allowed on DuckDB
		out = append(out, tokens[start:])
	}
	return out
}

func names(tokens []Token) []string {
	var out []string
	for _, part := range Split(tokens) {
		if len(part) > 0 {
			if n, ok := part[0].Name(); ok {
				out = append(out, n)
			}
		}
	}
	return out
}

// Expressions are all expressions of a block.
func (b *Block) Expressions() [][]Token {
	out := [][]Token{b.Where, b.Having, b.Qualify, b.Windows, b.DistinctOn}
	for _, it := range b.Items {
		out = append(out, it.Tokens)
	}
	out = append(out, b.Group...)
	for _, f := range b.Factors {
		out = append(out, f.On)
	}
	return out
}

// Subqueries are the queries in parentheses that an expression holds, without those that
// cannot be read: check refuses them.
func Subqueries(tokens []Token) []*Query {
	var out []*Query
	for i := 0; i+1 < len(tokens); i++ {
		if !tokens[i].Is("(") || !tokens[i+1].Is("select", "with", "values", "from", "(") {
			continue
		}
		p := Parser{Tokens: tokens, Pos: i}
		inner, err := p.Parens()
		if err != nil {
			continue
		}
		if q, err := ParseTokens(inner, 1); err == nil {
			out = append(out, q)
			i = p.Pos - 1 // what is within is that query's own
		}
	}
	return out
}

// OwnCalls are the calls of an expression that are not in a subquery of it.
func OwnCalls(tokens []Token) []Call {
	var out []Call
	depth, skip := 0, -1
	var own []Token
	for i, t := range tokens {
		switch {
		case t.Is("("):
			depth++
			if skip < 0 && i+1 < len(tokens) && tokens[i+1].Is("select", "with") {
				skip = depth
			}
		case t.Is(")"):
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
	out = append(out, Calls(own)...)
	return out
}

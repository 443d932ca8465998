// Package query takes the text of a query apart, as DuckDB and PostgreSQL read it: CTEs, set
// operations, the clauses of each SELECT and the relations that it reads. Expressions stay lists
// of tokens. It is no full front end: what it does not understand it refuses.
package query

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is what a token is.
type Kind uint8

// The kinds of tokens.
const (
	Word   Kind = iota // an unquoted name or keyword, in lower case
	Quoted             // a quoted name, without its quotes
	Text               // a string constant
	Number
	Symbol
)

// Token is a word, a constant or a sign of a query. Comments and space are none.
type Token struct {
	Kind       Kind
	Text       string
	Start, End int // in the query
}

// Is reports whether the token is one of some keywords or signs, in lower case.
func (t Token) Is(words ...string) bool {
	if t.Kind != Word && t.Kind != Symbol {
		return false
	}
	for _, w := range words {
		if t.Text == w {
			return true
		}
	}
	return false
}

// Name is the token as a name; unquoted names do not tell case apart.
func (t Token) Name() (string, bool) {
	return t.Text, t.Kind == Quoted || t.Kind == Word
}

// Error says what cannot be understood or proven, and where.
type Error struct {
	Offset int // in the query's text
	What   string
	Hint   string
}

func (e *Error) Error() string { return e.What }

// ErrorAt makes an error about what stands at a token.
func ErrorAt(t Token, format string, args ...any) *Error {
	return &Error{Offset: t.Start, What: fmt.Sprintf(format, args...)}
}

func wordStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }
func wordPart(r rune) bool  { return wordStart(r) || unicode.IsDigit(r) || r == '$' }

// Lex splits a query into tokens; comments and space go.
func Lex(q string) ([]Token, *Error) {
	out := make([]Token, 0, len(q)/4+8)
	add := func(k Kind, s string, start, end int) {
		out = append(out, Token{Kind: k, Text: s, Start: start, End: end})
	}
	for i := 0; i < len(q); {
		r, size := utf8.DecodeRuneInString(q[i:])
		rest := q[i:]
		switch {
		case unicode.IsSpace(r):
			i += size
		case strings.HasPrefix(rest, "--"):
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				i += n
			} else {
				i = len(q)
			}
		case strings.HasPrefix(rest, "/*"):
			end := afterComment(q, i)
			if end < 0 {
				return nil, &Error{Offset: i, What: "a comment does not end"}
			}
			i = end
		case r == '\'', (r == 'e' || r == 'E') && len(rest) > 1 && rest[1] == '\'':
			start, escapes := i, r != '\''
			if escapes {
				i++
			}
			end := afterQuote(q, i, '\'', escapes)
			if end < 0 {
				return nil, &Error{Offset: start, What: "a text does not end"}
			}
			add(Text, q[start:end], start, end)
			i = end
		case r == '"':
			end := afterQuote(q, i, '"', false)
			if end < 0 {
				return nil, &Error{Offset: i, What: "a quoted name does not end"}
			}
			add(Quoted, strings.ReplaceAll(q[i+1:end-1], `""`, `"`), i, end)
			i = end
		case r == '$':
			end := afterDollar(q, i)
			if end < 0 { // a parameter
				add(Symbol, "$", i, i+1)
				i++
				continue
			}
			add(Text, q[i:end], i, end)
			i = end
		case r >= '0' && r <= '9' || r == '.' && len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9':
			end := i
			for end < len(q) && (q[end] >= '0' && q[end] <= '9' || q[end] == '.' || q[end] == '_' || q[end] == 'e' || q[end] == 'E' ||
				(q[end] == '+' || q[end] == '-') && (q[end-1] == 'e' || q[end-1] == 'E')) {
				end++
			}
			add(Number, q[i:end], i, end)
			i = end
		case wordStart(r):
			end := i
			for end < len(q) {
				r, size := utf8.DecodeRuneInString(q[end:])
				if !wordPart(r) {
					break
				}
				end += size
			}
			add(Word, strings.ToLower(q[i:end]), i, end)
			i = end
		case strings.HasPrefix(rest, "::"):
			add(Symbol, "::", i, i+2)
			i += 2
		default:
			add(Symbol, q[i:i+size], i, i+size)
			i += size
		}
	}
	return out, nil
}

// afterComment is behind a comment, which may hold others; -1 when it does not end.
func afterComment(q string, i int) int {
	depth := 0
	for i < len(q) {
		switch {
		case strings.HasPrefix(q[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(q[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return -1
}

// afterQuote is behind a quoted text that begins at i; -1 when it does not end.
func afterQuote(q string, i int, quote byte, escapes bool) int {
	for i++; i < len(q); i++ {
		switch {
		case escapes && q[i] == '\\':
			i++
		case q[i] == quote && i+1 < len(q) && q[i+1] == quote:
			i++
		case q[i] == quote:
			return i + 1
		}
	}
	return -1
}

// afterDollar is behind $tag$…$tag$; -1 where none begins.
func afterDollar(q string, i int) int {
	n := strings.IndexByte(q[i+1:], '$')
	if n < 0 {
		return -1
	}
	tag := q[i : i+n+2]
	for _, r := range tag[1 : len(tag)-1] {
		if !wordPart(r) || r == '$' {
			return -1
		}
	}
	end := strings.Index(q[i+len(tag):], tag)
	if end < 0 {
		return -1
	}
	return i + 2*len(tag) + end
}

// Normal tells queries apart that are not the same token by token: comments, space and the
// case of unquoted names do not count.
func Normal(q string) string {
	tokens, err := Lex(q)
	if err != nil {
		return q
	}
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(render(t))
	}
	return b.String()
}

func render(t Token) string {
	if t.Kind == Quoted {
		return `"` + strings.ReplaceAll(t.Text, `"`, `""`) + `"`
	}
	return t.Text
}

// NamedNext reports that a text, which stands behind a relation in a FROM, begins with an
// alias for it.
func NamedNext(rest string) bool {
	tokens, err := Lex(rest)
	if err != nil || len(tokens) == 0 {
		return false
	}
	t := tokens[0]
	if t.Is("as") || t.Kind == Quoted {
		return true
	}
	return t.Kind == Word && !joins[t.Text] && !t.Is(Clauses...) && !t.Is("on", "using", "tablesample", "set", "returning")
}

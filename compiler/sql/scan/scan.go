// Package scan splits SQL into tokens, as far as every dialect agrees about them: where a
// comment, a string or a quoted name ends. It knows no grammar, so it never refuses a text.
package scan

import (
	"iter"
	"strings"
)

// Kind is what a token is.
type Kind uint8

// The kinds of tokens.
const (
	Space     Kind = iota
	Comment        // -- to the end of the line, or /* … */ with nesting
	Word           // a keyword or a plain name
	Quoted         // "name" or `name`
	String         // 'text', E'text' or $tag$text$tag$
	Number         // begins with a digit
	Parameter      // ?, $1, $name
	Symbol         // any other single character
)

// Token is a piece of a text. The tokens of a text follow each other without gaps.
type Token struct {
	Kind       Kind
	Start, End int
}

// Text is what stands in the token's place.
func (t Token) Text(sql string) string { return sql[t.Start:t.End] }

// Name is the name that a word or a quoted token means; ok is false for other tokens.
func (t Token) Name(sql string) (name string, ok bool) {
	switch t.Kind {
	case Word:
		return t.Text(sql), true
	case Quoted:
		mark := sql[t.Start : t.Start+1]
		text := strings.TrimSuffix(sql[t.Start+1:t.End], mark)
		return strings.ReplaceAll(text, mark+mark, mark), true
	}
	return "", false
}

// Tokens yields the tokens of a text in order.
func Tokens(sql string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for at := 0; at < len(sql); {
			t := next(sql, at)
			if !yield(t) {
				return
			}
			at = t.End
		}
	}
}

// next is the token at a place before the end of the text.
func next(sql string, at int) Token {
	kind, end := Symbol, at+1
	switch c := sql[at]; {
	case space(c):
		kind = Space
		for end < len(sql) && space(sql[end]) {
			end++
		}
	case strings.HasPrefix(sql[at:], "--"):
		kind, end = Comment, after(sql, at, "\n")
	case strings.HasPrefix(sql[at:], "/*"):
		kind, end = Comment, afterComment(sql, at)
	case c == '\'':
		kind, end = String, afterQuoted(sql, at)
	case (c == 'e' || c == 'E') && end < len(sql) && sql[end] == '\'':
		kind, end = String, afterEscaped(sql, at+2)
	case c == '"' || c == '`':
		kind, end = Quoted, afterQuoted(sql, at)
	case c == '$':
		kind, end = dollar(sql, at)
	case c == '?':
		kind = Parameter
	case digit(c):
		kind = Number
		for end < len(sql) && (wordByte(sql[end]) || sql[end] == '.') {
			end++
		}
	case wordByte(c):
		kind = Word
		for end < len(sql) && (wordByte(sql[end]) || sql[end] == '$') {
			end++
		}
	}
	return Token{kind, at, end}
}

// dollar is a string between $tag$ marks, a parameter, or the sign alone.
func dollar(sql string, at int) (Kind, int) {
	end := at + 1
	for end < len(sql) && wordByte(sql[end]) {
		end++
	}
	if end < len(sql) && sql[end] == '$' && (end == at+1 || !digit(sql[at+1])) {
		return String, after(sql, end+1, sql[at:end+1])
	}
	if end > at+1 {
		return Parameter, end
	}
	return Symbol, end
}

// afterQuoted is the end of a quoted token; its mark stands doubled inside.
func afterQuoted(sql string, at int) int {
	mark := sql[at]
	for i := at + 1; i < len(sql); i++ {
		if sql[i] != mark {
			continue
		}
		if i+1 == len(sql) || sql[i+1] != mark {
			return i + 1
		}
		i++
	}
	return len(sql)
}

// afterEscaped is the end of a string in which a backslash protects the next character.
func afterEscaped(sql string, at int) int {
	for i := at; i < len(sql); i++ {
		switch sql[i] {
		case '\\':
			i++
		case '\'':
			return i + 1
		}
	}
	return len(sql)
}

// after is the place behind the next mark, or the end.
func after(sql string, at int, mark string) int {
	i := strings.Index(sql[at:], mark)
	if i < 0 {
		return len(sql)
	}
	return at + i + len(mark)
}

func afterComment(sql string, at int) int {
	depth := 0
	for at < len(sql) {
		switch {
		case strings.HasPrefix(sql[at:], "/*"):
			depth++
			at += 2
		case strings.HasPrefix(sql[at:], "*/"):
			depth--
			at += 2
			if depth == 0 {
				return at
			}
		default:
			at++
		}
	}
	return at
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
func digit(c byte) bool { return c >= '0' && c <= '9' }

func wordByte(c byte) bool {
	return c == '_' || digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

package jinja

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

type lexState uint8

const (
	inText lexState = iota
	inVariable
	inBlock
)

// lexer cuts a range of a source into tokens on demand. Template data is a substring of
// the source unless line endings have to be normalised.
type lexer struct {
	src      *diag.Source
	text     string
	pos, end int
	inputEnd int // end of the range before the final newline was dropped
	state    lexState
	open     int     // offset of the tag that is being read, for "never closed"
	braces   []brace // open brackets inside the tag: a closing "}}" inside them is not the end
}

type brace struct {
	closer byte
	at     int
}

// init prepares the lexer for src.Text[start:end]. Like Jinja it ignores one final newline.
func (l *lexer) init(src *diag.Source, start, end int) {
	l.src, l.text, l.pos, l.end, l.inputEnd = src, src.Text, start, end, end
	if l.end > start && l.text[l.end-1] == '\n' {
		l.end--
	}
	if l.end > start && l.text[l.end-1] == '\r' {
		l.end--
	}
}

func (l *lexer) fail(start, end int, message string) {
	panic(syntaxError(l.src.At(start, end), message))
}

func (l *lexer) next() token {
	if l.state == inText {
		return l.nextText()
	}
	return l.nextInTag()
}

// nextText reads template data up to the next tag, or enters the tag.
func (l *lexer) nextText() token {
	for {
		if l.pos >= l.end {
			return token{kind: tokEOF, start: l.end, end: l.end}
		}
		begin := l.findTag(l.pos)
		dataEnd := begin
		if begin+2 < l.end && l.text[begin+2] == '-' {
			dataEnd = trimRight(l.text, l.pos, begin)
		}
		if dataEnd > l.pos {
			t := token{kind: tokData, start: l.pos, end: dataEnd, text: l.data(l.pos, dataEnd)}
			l.pos = begin
			return t
		}
		l.pos = begin
		if begin == l.end {
			continue
		}
		after := begin + 2
		if after < l.end && (l.text[after] == '-' || l.text[after] == '+') {
			after++
		}
		switch l.text[begin+1] {
		case '#':
			l.skipComment(begin, after)
		case '{':
			l.state, l.open, l.pos = inVariable, begin, after
			return token{kind: tokVarBegin, start: begin, end: after}
		default:
			if body, ok := l.tagNamed("raw", begin); ok {
				if t, ok := l.rawBody(begin, body); ok {
					return t
				}
				continue
			}
			l.state, l.open, l.pos = inBlock, begin, after
			return token{kind: tokBlockBegin, start: begin, end: after}
		}
	}
}

// findTag is the offset of the next "{%", "{{" or "{#" at or after from, or the end.
func (l *lexer) findTag(from int) int {
	for from < l.end-1 {
		i := strings.IndexByte(l.text[from:l.end-1], '{')
		if i < 0 {
			break
		}
		from += i
		switch l.text[from+1] {
		case '%', '{', '#':
			return from
		}
		from++
	}
	return l.end
}

// data is template text with "\n" line endings.
func (l *lexer) data(start, end int) string { return normalizeNewlines(l.text[start:end]) }

func normalizeNewlines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\r' {
			b.WriteByte(s[i])
			continue
		}
		b.WriteByte('\n')
		if i+1 < len(s) && s[i+1] == '\n' {
			i++
		}
	}
	return b.String()
}

func (l *lexer) skipComment(begin, after int) {
	i := strings.Index(l.text[after:l.end], "#}")
	if i < 0 {
		l.unclosed(begin, after, "Missing end of comment tag")
	}
	end := after + i
	l.pos = end + 2
	if end > after && l.text[end-1] == '-' {
		l.pos = trimLeft(l.text, l.pos, l.end)
	}
}

func (l *lexer) unclosed(begin, after int, message string) {
	panic(unclosedError(l.src, begin, after, l.inputEnd, message))
}

// tagNamed reports whether the tag at begin is exactly {% name %} and where it ends,
// including the white space that a "-%}" removes.
func (l *lexer) tagNamed(name string, begin int) (end int, ok bool) {
	i := begin + 2
	if i < l.end && (l.text[i] == '-' || l.text[i] == '+') {
		i++
	}
	i = trimLeft(l.text, i, l.end)
	if !strings.HasPrefix(l.text[i:l.end], name) {
		return 0, false
	}
	i = trimLeft(l.text, i+len(name), l.end)
	rest := l.text[i:l.end]
	switch {
	case strings.HasPrefix(rest, "%}"):
		return i + 2, true
	case strings.HasPrefix(rest, "-%}"):
		return trimLeft(l.text, i+3, l.end), true
	case strings.HasPrefix(rest, "+%}"):
		return i + 3, true
	}
	return 0, false
}

// rawBody returns the text between {% raw %} and {% endraw %}; ok is false when it is empty.
func (l *lexer) rawBody(begin, body int) (token, bool) {
	start, end, after := l.findEnd("endraw", body)
	if start < 0 {
		l.unclosed(begin, body, "Missing end of raw directive")
	}
	l.pos = after
	if end <= body {
		return token{}, false
	}
	return token{kind: tokData, start: body, end: end, text: l.data(body, end)}, true
}

// findEnd looks for {% name %} from body on: start of the tag, end of the text before it
// (less what "{%-" removes) and the offset after the tag. start is -1 when there is none.
func (l *lexer) findEnd(name string, body int) (start, textEnd, after int) {
	for at := body; ; at++ {
		i := strings.Index(l.text[at:l.end], "{%")
		if i < 0 {
			return -1, 0, 0
		}
		at += i
		if end, ok := l.tagNamed(name, at); ok {
			textEnd = at
			if l.text[at+2] == '-' {
				textEnd = trimRight(l.text, body, at)
			}
			return at, textEnd, end
		}
	}
}

// nextInTag reads one token of an expression or statement.
func (l *lexer) nextInTag() token {
	s := l.text
	l.pos = trimLeft(s, l.pos, l.end)
	if l.pos >= l.end {
		return token{kind: tokEOF, start: l.end, end: l.end}
	}
	if len(l.braces) == 0 {
		if t, ok := l.tagEnd(); ok {
			return t
		}
	}
	start := l.pos
	c := s[start]
	switch {
	case isNameStart(c):
		i := start + 1
		for i < l.end && isNamePart(s[i]) {
			i++
		}
		if c < utf8.RuneSelf && !hasHighByte(s[start:i]) {
			l.pos = i
			return token{kind: tokName, start: start, end: i, text: s[start:i]}
		}
		return l.unicodeName(start, i)
	case c >= '0' && c <= '9':
		return l.number()
	case c == '\'' || c == '"':
		return l.stringLiteral(c)
	}
	return l.operator()
}

func (l *lexer) tagEnd() (token, bool) {
	rest := l.text[l.pos:l.end]
	closer, kind := "}}", tokVarEnd
	if l.state == inBlock {
		closer, kind = "%}", tokBlockEnd
	}
	start, n, trim := l.pos, 2, false
	switch {
	case strings.HasPrefix(rest, closer):
	case rest[0] == '-' && strings.HasPrefix(rest[1:], closer):
		n, trim = 3, true
	case rest[0] == '+' && l.state == inBlock && strings.HasPrefix(rest[1:], closer):
		n = 3
	default:
		return token{}, false
	}
	l.pos += n
	t := token{kind: kind, start: start, end: l.pos}
	if trim {
		l.pos = trimLeft(l.text, l.pos, l.end)
	}
	l.state = inText
	return t, true
}

func (l *lexer) unicodeName(start, end int) token {
	name := l.text[start:end]
	for i, r := range name {
		ok := r == '_' || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r)
		if i > 0 {
			ok = ok || unicode.IsDigit(r) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Pc, unicode.Other_ID_Continue)
		}
		if r == utf8.RuneError || !ok {
			if i == 0 {
				_, n := utf8.DecodeRuneInString(name)
				l.fail(start, start+n, "unexpected char "+strconv.Quote(string(r))+" at "+strconv.Itoa(start))
			}
			l.fail(start, end, "Invalid character in identifier")
		}
	}
	l.pos = end
	return token{kind: tokName, start: start, end: end, text: name}
}

func (l *lexer) stringLiteral(quote byte) token {
	start := l.pos
	for i := start + 1; i < l.end; i++ {
		switch l.text[i] {
		case '\\':
			i++
		case quote:
			l.pos = i + 1
			return token{kind: tokString, start: start, end: l.pos, text: l.text[start:l.pos]}
		}
	}
	l.fail(start, start+1, "unexpected char "+pyQuoteByte(quote)+" at "+strconv.Itoa(start))
	return token{}
}

func pyQuoteByte(quote byte) string {
	if quote == '\'' {
		return `"'"`
	}
	return `'` + string(rune(quote)) + `'`
}

var operators = [256]tokenKind{
	'+': tokAdd, '-': tokSub, '*': tokMul, '/': tokDiv, '%': tokMod, '~': tokTilde,
	'[': tokLBracket, ']': tokRBracket, '(': tokLParen, ')': tokRParen, '{': tokLBrace, '}': tokRBrace,
	'>': tokGt, '<': tokLt, '=': tokAssign, '.': tokDot, ':': tokColon, '|': tokPipe, ',': tokComma, ';': tokSemicolon,
}

func (l *lexer) operator() token {
	start := l.pos
	c := l.text[start]
	kind, n := operators[c], 1
	if start+1 < l.end {
		switch two := l.text[start : start+2]; two {
		case "//":
			kind, n = tokFloorDiv, 2
		case "**":
			kind, n = tokPow, 2
		case "==":
			kind, n = tokEq, 2
		case "!=":
			kind, n = tokNe, 2
		case ">=":
			kind, n = tokGe, 2
		case "<=":
			kind, n = tokLe, 2
		}
	}
	if kind == tokEOF {
		r, size := utf8.DecodeRuneInString(l.text[start:l.end])
		l.fail(start, start+size, "unexpected char "+value.Repr(value.String(string(r)))+" at "+strconv.Itoa(start))
	}
	switch kind {
	case tokLBrace:
		l.braces = append(l.braces, brace{'}', start})
	case tokLParen:
		l.braces = append(l.braces, brace{')', start})
	case tokLBracket:
		l.braces = append(l.braces, brace{']', start})
	case tokRBrace, tokRParen, tokRBracket:
		if len(l.braces) == 0 {
			l.fail(start, start+1, "unexpected '"+string(rune(c))+"'")
		}
		top := l.braces[len(l.braces)-1]
		l.braces = l.braces[:len(l.braces)-1]
		if top.closer != c {
			d := syntaxError(l.src.At(start, start+1), "unexpected '"+string(rune(c))+"', expected '"+string(rune(top.closer))+"'")
			d.Related = append(d.Related, diag.Related{Span: l.src.At(top.at, top.at+1), Message: "opened here"})
			panic(d)
		}
	}
	l.pos = start + n
	return token{kind: kind, start: start, end: l.pos}
}

func isNameStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func isNamePart(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }

func hasHighByte(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// isSpaceByte covers the ASCII part of what Python's str.isspace accepts.
func isSpaceByte(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r' || c >= 0x1c && c <= 0x1f
}

// trimLeft is the offset of the first byte in s[start:end] that is not white space.
func trimLeft(s string, start, end int) int {
	for start < end {
		c := s[start]
		if c < utf8.RuneSelf {
			if !isSpaceByte(c) {
				return start
			}
			start++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[start:end])
		if !unicode.IsSpace(r) {
			return start
		}
		start += n
	}
	return start
}

// trimRight is the end of s[start:end] without trailing white space.
func trimRight(s string, start, end int) int {
	for end > start {
		c := s[end-1]
		if c < utf8.RuneSelf {
			if !isSpaceByte(c) {
				return end
			}
			end--
			continue
		}
		r, n := utf8.DecodeLastRuneInString(s[start:end])
		if !unicode.IsSpace(r) {
			return end
		}
		end -= n
	}
	return end
}

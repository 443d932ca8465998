package jinja

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// number reads an integer or float literal: underscores between digits, 0x/0o/0b and
// exponents as in Python. A digit group after a dot ("x.0.1") is an integer.
func (l *lexer) number() token {
	s, start := l.text[:l.end], l.pos
	if start+1 < len(s) && s[start] == '0' {
		if end := radixEnd(s, start); end > 0 {
			l.pos = end
			return token{kind: tokInt, start: start, end: end, text: s[start:end]}
		}
	}
	whole := digitsEnd(s, start)
	end, kind := whole, tokInt
	if start == 0 || s[start-1] != '.' {
		if whole+1 < len(s) && s[whole] == '.' && isDigit(s[whole+1]) {
			end, kind = digitsEnd(s, whole+1), tokFloat
		}
		if e := exponentEnd(s, end); e > 0 {
			end, kind = e, tokFloat
		}
	}
	if kind == tokInt && s[start] == '0' {
		// A leading zero is followed by zeros only; "007" reads as 00 and 7.
		end = start + 1
		for end < whole && (s[end] == '0' || s[end] == '_' && end+1 < whole && s[end+1] == '0') {
			end++
		}
	}
	l.pos = end
	return token{kind: kind, start: start, end: end, text: s[start:end]}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// digitsEnd is the end of a digit group with single underscores between digits.
func digitsEnd(s string, i int) int {
	for i < len(s) && (isDigit(s[i]) || s[i] == '_' && isDigit(s[i-1]) && i+1 < len(s) && isDigit(s[i+1])) {
		i++
	}
	return i
}

func exponentEnd(s string, i int) int {
	if i >= len(s) || s[i] != 'e' && s[i] != 'E' {
		return 0
	}
	i++
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if i >= len(s) || !isDigit(s[i]) {
		return 0
	}
	return digitsEnd(s, i)
}

func radixEnd(s string, start int) int {
	base := byte(0)
	switch s[start+1] {
	case 'x', 'X':
		base = 16
	case 'o', 'O':
		base = 8
	case 'b', 'B':
		base = 2
	default:
		return 0
	}
	ok := func(c byte) bool {
		switch {
		case c >= '0' && c <= '9':
			return c-'0' < base
		case c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
			return base == 16
		}
		return false
	}
	i := start + 2
	for i < len(s) && (ok(s[i]) || s[i] == '_' && i+1 < len(s) && ok(s[i+1])) {
		i++
	}
	if i == start+2 {
		return 0
	}
	return i
}

// maxLiteralDigits is Python's limit on the conversion of decimal text to an integer.
const maxLiteralDigits = 4300

func parseInt(text string) (value.Value, bool) {
	clean := text
	if strings.IndexByte(text, '_') >= 0 {
		clean = strings.ReplaceAll(text, "_", "")
	}
	base := 10
	if len(clean) > 2 && clean[0] == '0' {
		switch clean[1] {
		case 'x', 'X':
			base = 16
		case 'o', 'O':
			base = 8
		case 'b', 'B':
			base = 2
		}
		if base != 10 {
			clean = clean[2:]
		}
	}
	if i, err := strconv.ParseInt(clean, base, 64); err == nil {
		return value.Int(i), true
	}
	if len(clean) > maxLiteralDigits {
		return value.None, false
	}
	b, ok := new(big.Int).SetString(clean, base)
	if !ok {
		return value.None, false
	}
	return value.Big(b), true
}

func parseFloat(text string) value.Value {
	if strings.IndexByte(text, '_') >= 0 {
		text = strings.ReplaceAll(text, "_", "")
	}
	// The grammar admits only valid floats; out of range gives infinity as in Python.
	f, _ := strconv.ParseFloat(text, 64) //nolint:errcheck // ErrRange carries the right value
	return value.Float(f)
}

// unescape decodes the body of a string literal as Python's unicode-escape codec does:
// unknown escapes keep their backslash. problem is an error message, "" when all is well.
func unescape(s string) (out, problem string) {
	s = normalizeNewlines(s)
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s, ""
	}
	b := make([]byte, 0, len(s))
	b = append(b, s[:i]...)
	for i < len(s) {
		c := s[i]
		if c != '\\' {
			b = append(b, c)
			i++
			continue
		}
		i++ // the lexer guarantees a character after the backslash
		if i >= len(s) {
			return "", "\\ at end of string"
		}
		c = s[i]
		i++
		switch c {
		case '\n':
		case '\\', '\'', '"':
			b = append(b, c)
		case 'a':
			b = append(b, '\a')
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'v':
			b = append(b, '\v')
		case '0', '1', '2', '3', '4', '5', '6', '7':
			r := rune(c - '0')
			for n := 0; n < 2 && i < len(s) && s[i] >= '0' && s[i] <= '7'; n++ {
				r = r<<3 | rune(s[i]-'0')
				i++
			}
			b = utf8.AppendRune(b, r)
		case 'x', 'u', 'U':
			width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			n, ok := hexDigits(s, i, width)
			if !ok {
				return "", "truncated \\" + string(rune(c)) + strings.Repeat("X", width) + " escape"
			}
			if n > utf8.MaxRune {
				return "", "illegal Unicode character"
			}
			i += width
			// A surrogate pair written as two escapes is one character.
			if n >= 0xD800 && n < 0xDC00 && strings.HasPrefix(s[i:], `\u`) {
				if low, ok := hexDigits(s, i+2, 4); ok && low >= 0xDC00 && low < 0xE000 {
					n = (n-0xD800)<<10 + (low - 0xDC00) + 0x10000
					i += 6
				}
			}
			b = utf8.AppendRune(b, rune(n))
		case 'N':
			return "", "\\N{...} character names are not supported, write \\uXXXX"
		default:
			b = append(b, '\\', c)
		}
	}
	return string(b), ""
}

func hexDigits(s string, i, n int) (int64, bool) {
	if i+n > len(s) {
		return 0, false
	}
	v, err := strconv.ParseUint(s[i:i+n], 16, 32)
	return int64(v), err == nil
}

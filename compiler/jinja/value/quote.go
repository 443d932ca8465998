package value

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// AppendQuoted appends repr of a string: single quotes unless only those occur in it.
func AppendQuoted(dst []byte, s string) []byte {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	dst = append(dst, quote)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c == quote || c == '\\':
				dst = append(dst, '\\', c)
			case c == '\n':
				dst = append(dst, `\n`...)
			case c == '\r':
				dst = append(dst, `\r`...)
			case c == '\t':
				dst = append(dst, `\t`...)
			case c < ' ' || c == 0x7f:
				dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
			default:
				dst = append(dst, c)
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if printable(r) && (r != utf8.RuneError || n > 1) {
			dst = append(dst, s[i:i+n]...)
		} else {
			dst = appendEscapedRune(dst, r)
		}
		i += n
	}
	return append(dst, quote)
}

// printable is Python's idea: everything but separators, control and unassigned characters.
func printable(r rune) bool {
	return unicode.IsPrint(r) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Me)
}

func appendEscapedRune(dst []byte, r rune) []byte {
	digits := 8
	switch {
	case r < 0x100:
		dst, digits = append(dst, `\x`...), 2
	case r < 0x10000:
		dst, digits = append(dst, `\u`...), 4
	default:
		dst = append(dst, `\U`...)
	}
	for shift := (digits - 1) * 4; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[(r>>shift)&15])
	}
	return dst
}

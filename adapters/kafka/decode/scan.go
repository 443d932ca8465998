package decode

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a JSON value.
const maxDepth = 512

// scanner walks over JSON text. The text is known to be UTF-8.
type scanner struct {
	data []byte
	pos  int
	buf  []byte // for strings with escapes
}

func (s *scanner) space() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) syntax(what string) *Error {
	if s.pos >= len(s.data) {
		return failed(CodeTruncated, "the JSON text ends where %s should be", what)
	}
	return failed(CodeSyntax, "%q at byte %d, where %s should be", s.data[s.pos], s.pos, what)
}

func (s *scanner) next() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *scanner) expect(ch byte, what string) *Error {
	if s.next() != ch || s.pos >= len(s.data) {
		return s.syntax(what)
	}
	s.pos++
	return nil
}

func (s *scanner) word(w string) *Error {
	if len(s.data)-s.pos < len(w) || string(s.data[s.pos:s.pos+len(w)]) != w {
		return s.syntax("a value")
	}
	s.pos += len(w)
	return nil
}

// str reads a string. The result is valid until the next call.
func (s *scanner) str() ([]byte, *Error) {
	if err := s.expect('"', "a string"); err != nil {
		return nil, err
	}
	start := s.pos
	for ; s.pos+8 <= len(s.data); s.pos += 8 {
		if n := unquoted(binary.LittleEndian.Uint64(s.data[s.pos:])); n < 8 {
			s.pos += n
			break
		}
	}
	for ; s.pos < len(s.data); s.pos++ {
		switch ch := s.data[s.pos]; {
		case ch == '"':
			s.pos++
			return s.data[start : s.pos-1], nil
		case ch == '\\':
			return s.escaped(start)
		case ch < ' ':
			return nil, s.syntax("an escaped control character")
		}
	}
	return nil, s.syntax("the end of a string")
}

// unquoted is how many of eight bytes, the lowest first, stand for themselves in a string: none
// of them is a quote, a backslash or a control character.
func unquoted(x uint64) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^'"'*ones, x^'\\'*ones
	found := ((x - ' '*ones) &^ x) | ((quote - ones) &^ quote) | ((backslash - ones) &^ backslash)
	return bits.TrailingZeros64(found&highs) / 8 // a borrow reaches only bytes above the first that was found
}

func (s *scanner) escaped(start int) ([]byte, *Error) {
	s.buf = append(s.buf[:0], s.data[start:s.pos]...)
	for s.pos < len(s.data) {
		ch := s.data[s.pos]
		switch {
		case ch == '"':
			s.pos++
			return s.buf, nil
		case ch < ' ':
			return nil, s.syntax("an escaped control character")
		case ch != '\\':
			s.buf = append(s.buf, ch)
			s.pos++
			continue
		}
		s.pos++
		if s.pos >= len(s.data) {
			break
		}
		esc := s.data[s.pos]
		switch esc {
		case '"', '\\', '/':
			s.buf = append(s.buf, esc)
		case 'b':
			s.buf = append(s.buf, '\b')
		case 'f':
			s.buf = append(s.buf, '\f')
		case 'n':
			s.buf = append(s.buf, '\n')
		case 'r':
			s.buf = append(s.buf, '\r')
		case 't':
			s.buf = append(s.buf, '\t')
		case 'u':
			s.pos++
			r, err := s.hex4()
			if err != nil {
				return nil, err
			}
			if utf16.IsSurrogate(r) {
				if s.pos+1 >= len(s.data) || s.data[s.pos] != '\\' || s.data[s.pos+1] != 'u' {
					return nil, failed(CodeUTF8, "half a surrogate pair at byte %d", s.pos)
				}
				s.pos += 2
				low, err := s.hex4()
				if err != nil {
					return nil, err
				}
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					return nil, failed(CodeUTF8, "half a surrogate pair at byte %d", s.pos)
				}
			}
			s.buf = utf8.AppendRune(s.buf, r)
			continue
		default:
			return nil, s.syntax("an escape")
		}
		s.pos++
	}
	return nil, s.syntax("the end of a string")
}

func (s *scanner) hex4() (rune, *Error) {
	var r rune
	for range 4 {
		ch := s.next()
		switch {
		case ch >= '0' && ch <= '9':
			r = r<<4 | rune(ch-'0')
		case ch >= 'a' && ch <= 'f':
			r = r<<4 | rune(ch-'a'+10)
		case ch >= 'A' && ch <= 'F':
			r = r<<4 | rune(ch-'A'+10)
		default:
			return 0, s.syntax("a hexadecimal digit")
		}
		s.pos++
	}
	return r, nil
}

// number reads a number as it is written.
func (s *scanner) number() ([]byte, *Error) {
	start := s.pos
	if s.next() == '-' {
		s.pos++
	}
	switch {
	case s.next() == '0':
		s.pos++
	case !s.run():
		return nil, s.syntax("a digit")
	}
	if s.next() == '.' {
		s.pos++
		if !s.run() {
			return nil, s.syntax("a digit")
		}
	}
	if ch := s.next(); ch == 'e' || ch == 'E' {
		s.pos++
		if ch := s.next(); ch == '+' || ch == '-' {
			s.pos++
		}
		if !s.run() {
			return nil, s.syntax("a digit")
		}
	}
	return s.data[start:s.pos], nil
}

// run skips digits and reports that there was one.
func (s *scanner) run() bool {
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > start
}

// skip checks one value and passes over it.
func (s *scanner) skip(depth int) *Error {
	if depth > maxDepth {
		return failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	switch ch := s.next(); ch {
	case '"':
		_, err := s.str()
		return err
	case '{':
		s.pos++
		s.space()
		if s.next() == '}' {
			s.pos++
			return nil
		}
		for {
			if _, err := s.str(); err != nil {
				return err
			}
			s.space()
			if err := s.expect(':', "a colon"); err != nil {
				return err
			}
			s.space()
			if err := s.skip(depth + 1); err != nil {
				return err
			}
			if more, err := s.another('}'); !more {
				return err
			}
		}
	case '[':
		s.pos++
		s.space()
		if s.next() == ']' {
			s.pos++
			return nil
		}
		for {
			if err := s.skip(depth + 1); err != nil {
				return err
			}
			if more, err := s.another(']'); !more {
				return err
			}
		}
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	default:
		if ch == '-' || ch >= '0' && ch <= '9' {
			_, err := s.number()
			return err
		}
	}
	return s.syntax("a value")
}

// another passes over a comma, or over the closing bracket at the end.
func (s *scanner) another(closing byte) (bool, *Error) {
	s.space()
	switch s.next() {
	case ',':
		s.pos++
		s.space()
		return true, nil
	case closing:
		s.pos++
		return false, nil
	}
	return false, s.syntax("a comma or the end")
}

// Package scan reads JSON by pulling: the caller names the keys it wants and everything else
// is skipped without being decoded. Artifacts of large projects are mostly bytes nobody asks
// for, and strings that pass through to the site unchanged, so tokens can also be taken raw.
package scan

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds nesting, so that hostile input cannot exhaust the stack.
const maxDepth = 512

// Cursor walks over one JSON text. The first error sticks: later calls do nothing.
type Cursor struct {
	buf   []byte
	pos   int
	depth int
	err   error
}

// New starts at the beginning of a text.
func New(buf []byte) *Cursor { return &Cursor{buf: buf} }

// Err is the first error, if any.
func (c *Cursor) Err() error { return c.err }

func (c *Cursor) fail(what string) {
	if c.err == nil {
		c.err = fmt.Errorf("invalid JSON at byte %d: %s", c.pos, what)
	}
	c.pos = len(c.buf)
}

func (c *Cursor) space() {
	for c.pos < len(c.buf) {
		switch c.buf[c.pos] {
		case ' ', '\n', '\r', '\t':
			c.pos++
		default:
			return
		}
	}
}

// peek returns the next significant byte, 0 at the end.
func (c *Cursor) peek() byte {
	c.space()
	if c.pos < len(c.buf) {
		return c.buf[c.pos]
	}
	return 0
}

func (c *Cursor) take(b byte) bool {
	if c.peek() != b {
		return false
	}
	c.pos++
	return true
}

// End reports anything but white space after the value.
func (c *Cursor) End() error {
	if c.err == nil && c.peek() != 0 {
		c.fail("text after the value")
	}
	return c.err
}

// Object visits the members of an object; visit must consume the value. Anything else than
// an object is skipped: artifacts hold null where nothing is known.
func (c *Cursor) Object(visit func(key string)) {
	if c.peek() != '{' {
		c.Skip()
		return
	}
	if !c.enter() {
		return
	}
	if c.take('}') {
		c.depth--
		return
	}
	for c.err == nil {
		key := c.String()
		if !c.take(':') {
			c.fail("expected ':'")
			return
		}
		before := c.pos
		visit(key)
		if c.pos == before {
			c.Skip()
		}
		if c.take(',') {
			continue
		}
		if !c.take('}') {
			c.fail("expected ',' or '}'")
		}
		c.depth--
		return
	}
}

// Array visits the elements of an array; visit must consume the value.
func (c *Cursor) Array(visit func()) {
	if c.peek() != '[' {
		c.Skip()
		return
	}
	if !c.enter() {
		return
	}
	if c.take(']') {
		c.depth--
		return
	}
	for c.err == nil {
		before := c.pos
		visit()
		if c.pos == before {
			c.Skip()
		}
		if c.take(',') {
			continue
		}
		if !c.take(']') {
			c.fail("expected ',' or ']'")
		}
		c.depth--
		return
	}
}

func (c *Cursor) enter() bool {
	c.pos++
	c.depth++
	if c.depth > maxDepth {
		c.fail("too deeply nested")
		return false
	}
	return true
}

// literal returns the bytes of a string with its quotes.
func (c *Cursor) literal() []byte {
	start := c.pos
	for i := c.pos + 1; i < len(c.buf); i++ {
		for i+8 <= len(c.buf) && plain(binary.LittleEndian.Uint64(c.buf[i:])) {
			i += 8
		}
		if i == len(c.buf) {
			break
		}
		switch b := c.buf[i]; {
		case b == '"':
			c.pos = i + 1
			return c.buf[start:c.pos]
		case b == '\\':
			i++
		case b < ' ':
			c.pos = i
			c.fail("control character in a string")
			return nil
		}
	}
	c.fail("unterminated string")
	return nil
}

// plain reports eight bytes of a string without a quote, a backslash or a control character.
// It may say no where it could say yes: a borrow runs into the byte above.
func plain(x uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^'"'*ones, x^'\\'*ones
	return (((x-' '*ones)&^x)|((quote-ones)&^quote)|((backslash-ones)&^backslash))&highs == 0
}

// String reads a string; null and other kinds read as "".
func (c *Cursor) String() string {
	if c.peek() != '"' {
		c.Skip()
		return ""
	}
	lit := c.literal()
	if lit == nil {
		return ""
	}
	s, err := Unquote(lit)
	if err != nil {
		c.fail(err.Error())
	}
	return s
}

// Text reads a string, number or boolean as text, null as "".
func (c *Cursor) Text() string {
	switch c.peek() {
	case '"':
		return c.String()
	case '{', '[', 'n':
		c.Skip()
		return ""
	}
	return string(c.Raw())
}

// Strings reads a list of strings, or one string as a list of one.
func (c *Cursor) Strings() []string {
	if c.peek() == '"' {
		return []string{c.String()}
	}
	var list []string
	c.Array(func() {
		if c.peek() == '"' {
			list = append(list, c.String())
		} else {
			c.Skip()
		}
	})
	return list
}

// Bool reads a boolean; anything else is false.
func (c *Cursor) Bool() bool { return string(c.Raw()) == "true" }

// Float reads a number; anything else is 0 and not ok.
func (c *Cursor) Float() (float64, bool) {
	b := c.peek()
	raw := c.Raw()
	if b != '-' && (b < '0' || b > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	return f, err == nil
}

// Raw returns the bytes of the next value, checked for structure, not copied.
func (c *Cursor) Raw() []byte {
	c.space()
	start := c.pos
	c.Skip()
	if c.err != nil {
		return nil
	}
	return c.buf[start:c.pos]
}

// Skip passes over one value.
func (c *Cursor) Skip() {
	switch b := c.peek(); {
	case b == '"':
		c.literal()
	case b == '{', b == '[':
		c.skipNested()
	case b == 't':
		c.word("true")
	case b == 'f':
		c.word("false")
	case b == 'n':
		c.word("null")
	case b == '-', b >= '0' && b <= '9':
		c.number()
	case b == 'N':
		c.word("NaN") // Python's json writes these three
	case b == 'I':
		c.word("Infinity")
	default:
		c.fail("expected a value")
	}
}

// skipNested finds the closing bracket by counting; what stands between is not validated,
// as it is only passed over or handed on to a reader that will.
func (c *Cursor) skipNested() {
	depth := 0
	for i := c.pos; i < len(c.buf); i++ {
		switch c.buf[i] {
		case '"':
			c.pos = i
			if c.literal() == nil {
				return
			}
			i = c.pos - 1
		case '{', '[':
			if depth++; depth > maxDepth {
				c.fail("too deeply nested")
				return
			}
		case '}', ']':
			if depth--; depth == 0 {
				c.pos = i + 1
				return
			}
		}
	}
	c.fail("unterminated object or array")
}

func (c *Cursor) word(w string) {
	if len(c.buf)-c.pos < len(w) || string(c.buf[c.pos:c.pos+len(w)]) != w {
		c.fail("expected a value")
		return
	}
	c.pos += len(w)
}

func (c *Cursor) number() {
	start := c.pos
	if c.buf[c.pos] == '-' {
		c.pos++
		if c.pos < len(c.buf) && c.buf[c.pos] == 'I' {
			c.word("Infinity")
			return
		}
	}
	for c.pos < len(c.buf) {
		switch b := c.buf[c.pos]; {
		case b >= '0' && b <= '9', b == '.', b == 'e', b == 'E', b == '+', b == '-':
			c.pos++
		default:
			return
		}
	}
	if c.pos == start {
		c.fail("expected a number")
	}
}

// Unquote decodes a string literal with its quotes.
func Unquote(lit []byte) (string, error) {
	if len(lit) < 2 || lit[0] != '"' || lit[len(lit)-1] != '"' {
		return "", fmt.Errorf("not a string")
	}
	body := lit[1 : len(lit)-1]
	i := 0
	for i < len(body) && body[i] != '\\' {
		i++
	}
	if i == len(body) {
		return string(body), nil
	}
	out := make([]byte, i, len(body))
	copy(out, body)
	for i < len(body) {
		b := body[i]
		if b != '\\' {
			out = append(out, b)
			i++
			continue
		}
		if i+1 >= len(body) {
			return "", fmt.Errorf("unfinished escape")
		}
		i += 2
		switch body[i-1] {
		case '"', '\\', '/':
			out = append(out, body[i-1])
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := hex4(body[i:])
			if !ok {
				return "", fmt.Errorf("invalid \\u escape")
			}
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(utf8.RuneError)
				if i+6 <= len(body) && body[i] == '\\' && body[i+1] == 'u' {
					low, _ = hex4(body[i+2:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			return "", fmt.Errorf("invalid escape \\%c", body[i-1])
		}
	}
	return string(out), nil
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, x := range b[:4] {
		switch {
		case x >= '0' && x <= '9':
			r = r<<4 | rune(x-'0')
		case x >= 'a' && x <= 'f':
			r = r<<4 | rune(x-'a'+10)
		case x >= 'A' && x <= 'F':
			r = r<<4 | rune(x-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

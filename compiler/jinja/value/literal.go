package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// literalReader reads Python literals.
type literalReader struct {
	s     string
	i     int
	depth int
	open  int // brackets open: newlines are space inside them
}

// LiteralEval is Python's ast.literal_eval: strings, bytes, numbers (with sign), tuples,
// lists, dicts, sets, True, False and None. Anything else is an error (SyntaxError or
// ValueError), as is the empty text.
func LiteralEval(s string) (Value, error) {
	r := &literalReader{s: strings.TrimLeft(s, " \t")}
	r.space()
	v, err := r.topLevel()
	if err != nil {
		return Undef, err
	}
	r.space()
	for r.i < len(r.s) && r.s[r.i] == '\n' {
		r.i++
		r.space()
	}
	if r.i < len(r.s) {
		return Undef, r.syntax()
	}
	return v, nil
}

func (r *literalReader) syntax() error { return Errorf("SyntaxError", "invalid syntax") }

func (r *literalReader) malformed() error {
	return valueError("malformed node or string: %s", Repr(String(r.s)))
}

// space skips blanks, comments, line continuations and, inside brackets, newlines.
func (r *literalReader) space() {
	for r.i < len(r.s) {
		switch c := r.s[r.i]; {
		case c == ' ' || c == '\t' || c == '\f':
			r.i++
		case r.open > 0 && (c == '\n' || c == '\r'):
			r.i++
		case c == '\\' && strings.HasPrefix(r.s[r.i+1:], "\n"):
			r.i += 2
		case c == '#':
			for r.i < len(r.s) && r.s[r.i] != '\n' {
				r.i++
			}
		default:
			return
		}
	}
}

func (r *literalReader) peek() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

// topLevel also accepts a tuple without parentheses.
func (r *literalReader) topLevel() (Value, error) {
	v, err := r.value()
	if err != nil {
		return Undef, err
	}
	r.space()
	if r.peek() != ',' {
		return v, nil
	}
	items := []Value{v}
	for r.peek() == ',' {
		r.i++
		r.space()
		if c := r.peek(); c == 0 || c == '\n' {
			break
		}
		if v, err = r.value(); err != nil {
			return Undef, err
		}
		items = append(items, v)
		r.space()
	}
	return NewTuple(items...), nil
}

func (r *literalReader) value() (Value, error) {
	r.space()
	if r.depth++; r.depth > 200 {
		return Undef, Errorf("SyntaxError", "too many nested parentheses")
	}
	defer func() { r.depth-- }()
	c := r.peek()
	switch {
	case c == 0:
		return Undef, r.syntax()
	case c == '(':
		return r.bracketed(')', r.parenthesis)
	case c == '[':
		return r.bracketed(']', func() (Value, error) {
			items, _, err := r.items(']', nil)
			return NewList(items...), err
		})
	case c == '{':
		return r.bracketed('}', r.braces)
	case isDigit(c) || c == '.':
		return r.sum(false)
	case c == '-' || c == '+':
		return r.signed()
	case c == '\'' || c == '"':
		return r.strings()
	}
	return r.word()
}

// signed is one or more signs before a number.
func (r *literalReader) signed() (Value, error) {
	negative := r.peek() == '-'
	r.i++
	r.space()
	if c := r.peek(); !isDigit(c) && c != '.' {
		return Undef, r.malformed()
	}
	return r.sum(negative)
}

func (r *literalReader) sum(negative bool) (Value, error) {
	v, err := r.number()
	if err == nil && negative {
		v, err = Unary("-", v)
	}
	return v, err
}

func (r *literalReader) bracketed(_ byte, read func() (Value, error)) (Value, error) {
	r.i++
	r.open++
	v, err := read()
	r.open--
	return v, err
}

func (r *literalReader) parenthesis() (Value, error) {
	items, comma, err := r.items(')', nil)
	if err != nil {
		return Undef, err
	}
	if len(items) == 1 && !comma {
		return items[0], nil
	}
	return NewTuple(items...), nil
}

// items reads up to the closing bracket; comma reports a trailing or separating comma.
func (r *literalReader) items(end byte, items []Value) (_ []Value, comma bool, err error) {
	for {
		r.space()
		if r.peek() == end {
			r.i++
			return items, comma, nil
		}
		v, err := r.value()
		if err != nil {
			return nil, false, err
		}
		items = append(items, v)
		r.space()
		switch r.peek() {
		case ',':
			comma = true
			r.i++
		case end:
		default:
			return nil, false, r.syntax()
		}
	}
}

func (r *literalReader) braces() (Value, error) {
	r.space()
	if r.peek() == '}' {
		r.i++
		return FromDict(NewDict(0)), nil
	}
	first, err := r.value()
	if err != nil {
		return Undef, err
	}
	r.space()
	switch r.peek() {
	case ':':
		return r.dict(first)
	case ',':
		r.i++
	case '}':
	default:
		return Undef, r.syntax()
	}
	items, _, err := r.items('}', []Value{first})
	if err != nil {
		return Undef, err
	}
	s, err := NewSet(items...)
	return FromSet(s), err
}

func (r *literalReader) dict(key Value) (Value, error) {
	d := NewDict(0)
	for {
		r.i++ // the colon
		v, err := r.value()
		if err != nil {
			return Undef, err
		}
		if err := d.Set(key, v); err != nil {
			return Undef, err
		}
		r.space()
		if r.peek() == ',' {
			r.i++
			r.space()
		} else if r.peek() != '}' {
			return Undef, r.syntax()
		}
		if r.peek() == '}' {
			r.i++
			return FromDict(d), nil
		}
		if key, err = r.value(); err != nil {
			return Undef, err
		}
		r.space()
		if r.peek() != ':' {
			return Undef, r.syntax()
		}
	}
}

func (r *literalReader) word() (Value, error) {
	start := r.i
	for r.i < len(r.s) {
		c := r.s[r.i]
		if c != '_' && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && c < utf8.RuneSelf {
			break
		}
		r.i++
	}
	switch word := r.s[start:r.i]; word {
	case "True":
		return True, nil
	case "False":
		return False, nil
	case "None":
		return None, nil
	case "":
		return Undef, r.syntax()
	case "set":
		if strings.HasPrefix(r.s[r.i:], "()") {
			r.i += 2
			return FromSet(&Set{}), nil
		}
		return Undef, r.malformed()
	default:
		if c := r.peek(); (c == '\'' || c == '"') && isStringPrefix(word) {
			r.i = start
			return r.strings()
		}
		return Undef, r.malformed()
	}
}

func isStringPrefix(word string) bool {
	switch strings.ToLower(word) {
	case "r", "u", "b", "br", "rb":
		return true
	}
	return false
}

// strings reads one string or bytes literal and those that follow it directly.
func (r *literalReader) strings() (Value, error) {
	var out []byte
	isBytes := false
	for n := 0; ; n++ {
		start := r.i
		for r.peek() != '\'' && r.peek() != '"' {
			r.i++
		}
		prefix := strings.ToLower(r.s[start:r.i])
		b := strings.Contains(prefix, "b")
		if n > 0 && b != isBytes {
			return Undef, Errorf("SyntaxError", "cannot mix bytes and nonbytes literals")
		}
		isBytes = b
		var err error
		if out, err = r.oneString(out, strings.Contains(prefix, "r"), isBytes); err != nil {
			return Undef, err
		}
		r.space()
		if !r.stringFollows() {
			break
		}
	}
	if isBytes {
		return NewBytes(out), nil
	}
	return String(string(out)), nil
}

func (r *literalReader) stringFollows() bool {
	i := r.i
	for i < len(r.s) && i < r.i+3 {
		if c := r.s[i]; c == '\'' || c == '"' {
			return i == r.i || isStringPrefix(r.s[r.i:i])
		}
		i++
	}
	return false
}

func (r *literalReader) oneString(out []byte, raw, isBytes bool) ([]byte, error) {
	quote := r.s[r.i : r.i+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(r.s[r.i:], triple) {
		quote = triple
	}
	r.i += len(quote)
	for r.i < len(r.s) {
		c := r.s[r.i]
		switch {
		case strings.HasPrefix(r.s[r.i:], quote):
			r.i += len(quote)
			return out, nil
		case c == '\n' && len(quote) == 1:
			return nil, Errorf("SyntaxError", "unterminated string literal")
		case c == '\\' && raw && r.i+1 < len(r.s):
			out = append(out, c, r.s[r.i+1])
			r.i += 2
		case c == '\\':
			var err error
			if out, err = r.escape(out, isBytes); err != nil {
				return nil, err
			}
		case isBytes && c >= utf8.RuneSelf:
			return nil, Errorf("SyntaxError", "bytes can only contain ASCII literal characters")
		default:
			out = append(out, c)
			r.i++
		}
	}
	return nil, Errorf("SyntaxError", "unterminated string literal")
}

func (r *literalReader) escape(out []byte, isBytes bool) ([]byte, error) {
	r.i++
	if r.i >= len(r.s) {
		return nil, Errorf("SyntaxError", "unterminated string literal")
	}
	c := r.s[r.i]
	r.i++
	if simple := strings.IndexByte(`\'"abfnrtv`, c); simple >= 0 {
		return append(out, "\\'\"\a\b\f\n\r\t\v"[simple]), nil
	}
	appendCode := func(n uint64) []byte {
		if isBytes {
			return append(out, byte(n))
		}
		return utf8.AppendRune(out, rune(n))
	}
	switch {
	case c == '\n':
		return out, nil
	case c >= '0' && c <= '7':
		n := uint64(c - '0')
		for k := 0; k < 2 && r.i < len(r.s) && r.s[r.i] >= '0' && r.s[r.i] <= '7'; k++ {
			n = n*8 + uint64(r.s[r.i]-'0')
			r.i++
		}
		return appendCode(n), nil
	case c == 'x', !isBytes && (c == 'u' || c == 'U'):
		width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
		if r.i+width > len(r.s) {
			return nil, Errorf("SyntaxError", "truncated \\%c escape", c)
		}
		n, err := strconv.ParseUint(r.s[r.i:r.i+width], 16, 32)
		if err != nil || n > utf8.MaxRune {
			return nil, Errorf("SyntaxError", "truncated \\%c escape", c)
		}
		r.i += width
		return appendCode(n), nil
	case c == 'N' && !isBytes:
		return nil, Errorf("SyntaxError", "characters by name are not supported in literals")
	}
	return append(out, '\\', c), nil
}

// number reads an int or float literal: digits with single underscores, 0x, 0o, 0b.
func (r *literalReader) number() (Value, error) {
	start := r.i
	for r.i < len(r.s) {
		c := r.s[r.i]
		sign := (c == '+' || c == '-') && r.i > start && (r.s[r.i-1]|0x20) == 'e' && !strings.HasPrefix(r.s[start:], "0x") && !strings.HasPrefix(r.s[start:], "0X")
		if !isDigit(c) && c != '.' && c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && !sign {
			break
		}
		r.i++
	}
	text := r.s[start:r.i]
	if strings.HasPrefix(text, "_") || strings.HasSuffix(text, "_") || strings.Contains(text, "__") {
		return Undef, r.syntax()
	}
	if len(text) > 1 && text[0] == '0' && strings.IndexByte("xXoObB", text[1]) >= 0 {
		b, ok := new(big.Int).SetString(text, 0)
		if !ok {
			return Undef, r.syntax()
		}
		return Big(b), nil
	}
	plain := strings.ReplaceAll(text, "_", "")
	if digits(plain, 0) == len(plain) {
		if len(plain) > 1 && plain[0] == '0' && strings.Trim(plain, "0") != "" {
			return Undef, Errorf("SyntaxError", "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
		}
		return parseInteger(plain)
	}
	if strings.ContainsAny(plain, "xXpPiInN") || plain == "." {
		return Undef, r.syntax()
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil && !math.IsInf(f, 0) {
		return Undef, r.syntax()
	}
	return Float(f), nil
}

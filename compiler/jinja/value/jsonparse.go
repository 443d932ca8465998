package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonDecoder reads what Python's json.loads reads, and fails with its messages.
type jsonDecoder struct {
	s     string
	i     int
	depth int
}

// ParseJSON is Python's json.loads: key order is kept, integers are unbounded, NaN and
// Infinity are accepted. Errors are ValueErrors (JSONDecodeError in Python).
func ParseJSON(s string) (Value, error) {
	if strings.HasPrefix(s, "\ufeff") {
		return Undef, jsonError(s, "Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)
	}
	d := &jsonDecoder{s: s}
	d.space()
	v, err := d.value()
	if err != nil {
		return Undef, err
	}
	d.space()
	if d.i < len(s) {
		return Undef, jsonError(s, "Extra data", d.i)
	}
	return v, nil
}

// jsonError words the position as Python does, in characters.
func jsonError(s, msg string, at int) *Error {
	before := s[:at]
	line := strings.Count(before, "\n") + 1
	col := runeLen(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return &Error{Type: "JSONDecodeError", Message: msg + ": line " + strconv.Itoa(line) + " column " + strconv.Itoa(col) +
		" (char " + strconv.Itoa(runeLen(before)) + ")"}
}

func (d *jsonDecoder) fail(msg string, at int) error { return jsonError(d.s, msg, at) }

func (d *jsonDecoder) space() {
	for d.i < len(d.s) {
		switch d.s[d.i] {
		case ' ', '\t', '\n', '\r':
			d.i++
		default:
			return
		}
	}
}

func (d *jsonDecoder) value() (Value, error) {
	if d.i >= len(d.s) {
		return Undef, d.fail("Expecting value", d.i)
	}
	switch d.s[d.i] {
	case '"':
		s, err := d.string()
		return String(s), err
	case '{':
		return d.nested(d.object)
	case '[':
		return d.nested(d.array)
	}
	for _, word := range jsonWords {
		if strings.HasPrefix(d.s[d.i:], word.text) {
			d.i += len(word.text)
			return word.v, nil
		}
	}
	return d.number()
}

var jsonWords = [...]struct {
	text string
	v    Value
}{
	{"null", None}, {"true", True}, {"false", False},
	{"NaN", Float(math.NaN())}, {"Infinity", Float(math.Inf(1))}, {"-Infinity", Float(math.Inf(-1))},
}

func (d *jsonDecoder) nested(read func() (Value, error)) (Value, error) {
	if d.depth++; d.depth > maxNesting {
		return Undef, Errorf("RecursionError", "maximum recursion depth exceeded while decoding a JSON document")
	}
	v, err := read()
	d.depth--
	return v, err
}

func (d *jsonDecoder) object() (Value, error) {
	dict := NewDict(0)
	d.i++
	d.space()
	if d.i < len(d.s) && d.s[d.i] == '}' {
		d.i++
		return FromDict(dict), nil
	}
	for {
		if d.i >= len(d.s) || d.s[d.i] != '"' {
			return Undef, d.fail("Expecting property name enclosed in double quotes", d.i)
		}
		key, err := d.string()
		if err != nil {
			return Undef, err
		}
		d.space()
		if d.i >= len(d.s) || d.s[d.i] != ':' {
			return Undef, d.fail("Expecting ':' delimiter", d.i)
		}
		d.i++
		d.space()
		v, err := d.value()
		if err != nil {
			return Undef, err
		}
		dict.SetString(key, v)
		d.space()
		if d.i < len(d.s) && d.s[d.i] == '}' {
			d.i++
			return FromDict(dict), nil
		}
		if d.i >= len(d.s) || d.s[d.i] != ',' {
			return Undef, d.fail("Expecting ',' delimiter", d.i)
		}
		d.i++
		d.space()
	}
}

func (d *jsonDecoder) array() (Value, error) {
	list := &List{Items: []Value{}}
	d.i++
	d.space()
	if d.i < len(d.s) && d.s[d.i] == ']' {
		d.i++
		return FromList(list), nil
	}
	for {
		v, err := d.value()
		if err != nil {
			return Undef, err
		}
		list.Items = append(list.Items, v)
		d.space()
		if d.i < len(d.s) && d.s[d.i] == ']' {
			d.i++
			return FromList(list), nil
		}
		if d.i >= len(d.s) || d.s[d.i] != ',' {
			return Undef, d.fail("Expecting ',' delimiter", d.i)
		}
		d.i++
		d.space()
	}
}

func (d *jsonDecoder) number() (Value, error) {
	start, i, s := d.i, d.i, d.s
	if i < len(s) && s[i] == '-' {
		i++
	}
	switch {
	case i < len(s) && s[i] == '0':
		i++
	case i < len(s) && s[i] >= '1' && s[i] <= '9':
		i = digits(s, i)
	default:
		return Undef, d.fail("Expecting value", start)
	}
	float := false
	if i+1 < len(s) && s[i] == '.' && isDigit(s[i+1]) {
		float = true
		i = digits(s, i+1)
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		k := i + 1
		if k < len(s) && (s[k] == '+' || s[k] == '-') {
			k++
		}
		if k < len(s) && isDigit(s[k]) {
			float = true
			i = digits(s, k)
		}
	}
	d.i = i
	if float {
		f, _ := strconv.ParseFloat(s[start:i], 64) // out of range is ±Inf, as in Python
		return Float(f), nil
	}
	return parseInteger(s[start:i])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// parseInteger reads plain decimal digits with an optional sign.
func parseInteger(s string) (Value, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Int(n), nil
	}
	if len(s) > 4301 {
		return Undef, valueError("Exceeds the limit (4300 digits) for integer string conversion: value has %d digits; use sys.set_int_max_str_digits() to increase the limit", len(strings.TrimLeft(s, "+-")))
	}
	b, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return Undef, valueError("invalid literal for int() with base 10: %s", Repr(String(s)))
	}
	return Big(b), nil
}

func parseNumber(s string) (Value, error) {
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		return Float(f), err
	}
	return parseInteger(s)
}

func (d *jsonDecoder) string() (string, error) {
	begin := d.i
	d.i++
	start := d.i
	var out []byte
	for d.i < len(d.s) {
		switch c := d.s[d.i]; {
		case c == '"':
			text := d.s[start:d.i]
			d.i++
			if out == nil {
				return text, nil
			}
			return string(append(out, text...)), nil
		case c == '\\':
			out = append(out, d.s[start:d.i]...)
			var err error
			if out, err = d.escape(out, begin); err != nil {
				return "", err
			}
			start = d.i
		case c < ' ':
			return "", d.fail("Invalid control character at", d.i)
		default:
			d.i++
		}
	}
	return "", d.fail("Unterminated string starting at", begin)
}

func (d *jsonDecoder) escape(out []byte, begin int) ([]byte, error) {
	at := d.i
	d.i++
	if d.i >= len(d.s) {
		return nil, d.fail("Unterminated string starting at", begin)
	}
	c := d.s[d.i]
	d.i++
	switch c {
	case '"', '\\', '/':
		return append(out, c), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'u':
		r, err := d.hex4()
		if err != nil {
			return nil, err
		}
		if utf16.IsSurrogate(r) && strings.HasPrefix(d.s[d.i:], `\u`) {
			back := d.i
			d.i += 2
			low, err := d.hex4()
			if err != nil {
				return nil, err
			}
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return utf8.AppendRune(out, pair), nil
			}
			d.i = back
		}
		return utf8.AppendRune(out, r), nil
	}
	return nil, d.fail(`Invalid \escape`, at)
}

func (d *jsonDecoder) hex4() (rune, error) {
	if d.i+4 > len(d.s) {
		return 0, d.fail(`Invalid \uXXXX escape`, min(d.i, len(d.s)))
	}
	n, err := strconv.ParseUint(d.s[d.i:d.i+4], 16, 32)
	if err != nil || d.s[d.i] == '+' {
		return 0, d.fail(`Invalid \uXXXX escape`, d.i)
	}
	d.i += 4
	return rune(n), nil
}

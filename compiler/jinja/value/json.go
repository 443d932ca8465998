package value

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// JSONOptions choose the text form. The zero value is Python's json.dumps: ", " and ": "
// between, everything beyond ASCII escaped, NaN and Infinity as such.
type JSONOptions struct {
	SortKeys bool
	Compact  bool   // "," and ":" without a space
	Indent   string // one level of indentation; "" means one line
	Newlines bool   // line breaks even when Indent is "" (Python's indent=0)
	Unicode  bool   // leave characters beyond ASCII as they are
	NullNaN  bool   // NaN and infinities become null, as strict JSON needs
	// Default encodes what JSON has no form for; nil raises "Object of type X is not JSON serializable".
	Default func(v Value) (Value, error)
}

type jsonEncoder struct {
	JSONOptions
	dst   []byte
	stack []any  // containers being written, to find cycles
	first [8]any // where the stack begins
}

// AppendJSON appends v as JSON.
func AppendJSON(dst []byte, v Value, opts JSONOptions) ([]byte, error) {
	switch v.Kind() {
	case KindNone:
		return append(dst, "null"...), nil
	case KindBool:
		return strconv.AppendBool(dst, v.rawInt() != 0), nil
	case KindInt:
		return strconv.AppendInt(dst, v.rawInt(), 10), nil
	case KindString:
		return appendJSONString(dst, v.rawString(), opts.Unicode), nil
	case KindDict:
		if v.rawDict().Len() == 0 {
			return append(dst, "{}"...), nil
		}
	case KindList:
		if len(v.rawList().Items) == 0 {
			return append(dst, "[]"...), nil
		}
	}
	e := jsonEncoders.Get().(*jsonEncoder)
	e.JSONOptions, e.dst = opts, dst
	if opts.Indent != "" {
		e.Newlines = true
	}
	err := e.value(v)
	dst = e.dst
	*e = jsonEncoder{}
	jsonEncoders.Put(e)
	return dst, err
}

var jsonEncoders = sync.Pool{New: func() any { return new(jsonEncoder) }}

func (e *jsonEncoder) value(v Value) error {
	switch v.Kind() {
	case KindNone:
		e.dst = append(e.dst, "null"...)
	case KindBool:
		e.dst = strconv.AppendBool(e.dst, v.rawInt() != 0)
	case KindInt:
		e.dst = strconv.AppendInt(e.dst, v.rawInt(), 10)
	case KindBig:
		e.dst = v.rawBig().Append(e.dst, 10)
	case KindFloat:
		e.float(v.rawFloat())
	case KindString:
		e.string(v.rawString())
	case KindList:
		if err := e.enter(v.rawList()); err != nil {
			return err
		}
		err := e.array(v.rawList().Items)
		e.leave()
		return err
	case KindTuple:
		if err := e.enter(v.rawTuple()); err != nil {
			return err
		}
		err := e.array(v.rawTuple().Items)
		e.leave()
		return err
	case KindDict:
		if err := e.enter(v.rawDict()); err != nil {
			return err
		}
		err := e.object(v.rawDict())
		e.leave()
		return err
	case KindObject:
		o := v.rawObject()
		if m, ok := o.(*Marker); ok {
			e.string(m.Text)
			return nil
		}
		if j, ok := o.(ToJSON); ok {
			if plain, ok := j.JSONValue(); ok {
				return e.inside(plain)
			}
		}
		return e.other(v)
	default:
		return e.other(v)
	}
	return nil
}

func (e *jsonEncoder) other(v Value) error {
	if e.Default != nil {
		plain, err := e.Default(v)
		if err != nil {
			return err
		}
		return e.inside(plain)
	}
	name := TypeName(v)
	return typeError("Object of type %s is not JSON serializable", name[strings.LastIndexByte(name, '.')+1:])
}

// enter guards against cycles and against nesting that would exhaust the stack.
func (e *jsonEncoder) enter(container any) error {
	if container != nil {
		for _, open := range e.stack {
			if open == container {
				return valueError("Circular reference detected")
			}
		}
	}
	if len(e.stack) > maxNesting {
		return Errorf("RecursionError", "maximum recursion depth exceeded while encoding a JSON object")
	}
	if e.stack == nil {
		e.stack = e.first[:0]
	}
	e.stack = append(e.stack, container)
	return nil
}

func (e *jsonEncoder) leave() { e.stack = e.stack[:len(e.stack)-1] }

// inside writes the plain form of an object.
func (e *jsonEncoder) inside(plain Value) error {
	if err := e.enter(nil); err != nil {
		return err
	}
	err := e.value(plain)
	e.leave()
	return err
}

func (e *jsonEncoder) float(f float64) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		text := "NaN"
		switch {
		case e.NullNaN:
			text = "null"
		case math.IsInf(f, 1):
			text = "Infinity"
		case math.IsInf(f, -1):
			text = "-Infinity"
		}
		e.dst = append(e.dst, text...)
	default:
		e.dst = appendFloat(e.dst, f)
	}
}

func (e *jsonEncoder) separator(first bool) {
	if !first {
		e.dst = append(e.dst, ',')
		if !e.Compact && !e.Newlines {
			e.dst = append(e.dst, ' ')
		}
	}
	e.newline()
}

func (e *jsonEncoder) newline() {
	if !e.Newlines {
		return
	}
	e.dst = append(e.dst, '\n')
	if e.Indent != "" {
		for range e.stack {
			e.dst = append(e.dst, e.Indent...)
		}
	}
}

func (e *jsonEncoder) closing(c byte, empty bool) {
	if !empty && e.Newlines {
		depth := e.stack
		e.stack = e.stack[:len(e.stack)-1]
		e.newline()
		e.stack = depth
	}
	e.dst = append(e.dst, c)
}

func (e *jsonEncoder) array(items []Value) error {
	e.dst = append(e.dst, '[')
	for i, item := range items {
		e.separator(i == 0)
		if err := e.value(item); err != nil {
			return err
		}
	}
	e.closing(']', len(items) == 0)
	return nil
}

func (e *jsonEncoder) object(d *Dict) error {
	if e.SortKeys {
		return e.sortedObject(d)
	}
	e.dst = append(e.dst, '{')
	first := true
	for i := range d.entries {
		entry := &d.entries[i]
		if entry.deleted() {
			continue
		}
		if err := e.member(first, entry.key, entry.value); err != nil {
			return err
		}
		first = false
	}
	e.closing('}', first)
	return nil
}

func (e *jsonEncoder) sortedObject(d *Dict) error {
	e.dst = append(e.dst, '{')
	keys, err := Sorted(nil, d.Keys(), nil, false)
	if err != nil {
		return err
	}
	for i, k := range keys {
		v, _ := d.Get(k)
		if err := e.member(i == 0, k, v); err != nil {
			return err
		}
	}
	e.closing('}', len(keys) == 0)
	return nil
}

func (e *jsonEncoder) member(first bool, k, v Value) error {
	e.separator(first)
	if err := e.key(k); err != nil {
		return err
	}
	e.dst = append(e.dst, ':')
	if !e.Compact {
		e.dst = append(e.dst, ' ')
	}
	return e.value(v)
}

func (e *jsonEncoder) key(k Value) error {
	switch k.Kind() {
	case KindString:
		e.string(k.rawString())
		return nil
	case KindNone, KindBool, KindInt, KindBig, KindFloat:
		e.dst = append(e.dst, '"')
		err := e.value(k)
		e.dst = append(e.dst, '"')
		return err
	}
	return typeError("keys must be str, int, float, bool or None, not %s", TypeName(k))
}

func (e *jsonEncoder) string(s string) { e.dst = appendJSONString(e.dst, s, e.Unicode) }

// AppendJSONString appends a string as json.dumps writes it.
func AppendJSONString(dst []byte, s string) []byte { return appendJSONString(dst, s, false) }

func appendJSONString(dst []byte, s string, unicode bool) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		if c == 0x7f || (c >= utf8.RuneSelf && unicode) {
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		if c < utf8.RuneSelf {
			dst = appendJSONEscape(dst, c)
			i++
		} else {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = appendUTF16(dst, r)
			i += n
		}
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendJSONEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

func appendUTF16(dst []byte, r rune) []byte {
	if r >= 0x10000 {
		r -= 0x10000
		dst = appendUTF16(dst, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
}

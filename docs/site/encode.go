package site

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// object appends one JSON object to a buffer, leaving out what is empty.
type object struct {
	buf   []byte
	first bool
}

func newObject(buf []byte) *object { return &object{buf: append(buf, '{'), first: true} }

func (o *object) key(k string) {
	if !o.first {
		o.buf = append(o.buf, ',')
	}
	o.first = false
	o.buf = appendString(o.buf, k)
	o.buf = append(o.buf, ':')
}

func (o *object) str(k, v string) {
	if v != "" {
		o.key(k)
		o.buf = appendString(o.buf, v)
	}
}

func (o *object) flag(k string, v bool) {
	if v {
		o.key(k)
		o.buf = append(o.buf, '1')
	}
}

func (o *object) int(k string, v int) {
	o.key(k)
	o.buf = strconv.AppendInt(o.buf, int64(v), 10)
}

func (o *object) float(k string, v float64) {
	o.key(k)
	o.buf = appendFloat(o.buf, v)
}

func (o *object) strs(k string, v []string) {
	if len(v) > 0 {
		o.key(k)
		o.buf = appendStrings(o.buf, v)
	}
}

// raw passes a value of an artifact on. The artifact was only checked as far as it was read,
// so an object or array that is not strict JSON becomes a text that shows what stands there:
// a page is a script, and nothing but data may get into it.
func (o *object) raw(k string, v raw) {
	if empty(v) {
		return
	}
	o.key(k)
	o.buf = appendRaw(o.buf, v)
}

func appendRaw(buf []byte, v raw) []byte {
	if len(v) == 0 {
		return append(buf, "null"...)
	}
	if v[0] != '"' && !json.Valid(v) {
		return appendString(buf, string(v))
	}
	if v[0] == '"' && !utf8.Valid(v) {
		return appendString(buf, string(v[1:len(v)-1]))
	}
	return append(buf, v...)
}

func (o *object) end() []byte { return append(o.buf, '}') }

func quote(s string) raw { return appendString(nil, s) }

func appendFloat(buf []byte, v float64) []byte { return strconv.AppendFloat(buf, v, 'f', -1, 64) }

func appendStrings(buf []byte, list []string) []byte {
	buf = append(buf, '[')
	for i, s := range list {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = appendString(buf, s)
	}
	return append(buf, ']')
}

// appendString appends a JSON string that is also safe inside a script element.
func appendString(buf []byte, s string) []byte {
	buf = append(buf, '"')
	start := 0
	for i := 0; i < len(s); {
		b := s[i]
		if b >= ' ' && b != '"' && b != '\\' && b != '<' && b < utf8.RuneSelf {
			i++
			continue
		}
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				buf = append(buf, s[start:i]...)
				buf = append(buf, "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		buf = append(buf, s[start:i]...)
		switch b {
		case '"', '\\':
			buf = append(buf, '\\', b)
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		}
		i++
		start = i
	}
	buf = append(buf, s[start:]...)
	return append(buf, '"')
}

// The typed arrays of the data format: little-endian, base64.

func base64Bytes(buf, data []byte) []byte {
	buf = append(buf, '"')
	buf = base64.StdEncoding.AppendEncode(buf, data)
	return append(buf, '"')
}

func (o *object) bytes(k string, v []byte) {
	o.key(k)
	o.buf = base64Bytes(o.buf, v)
}

func (o *object) u16(k string, v []uint16) {
	data := make([]byte, 0, len(v)*2)
	for _, x := range v {
		data = binary.LittleEndian.AppendUint16(data, x)
	}
	o.bytes(k, data)
}

func (o *object) u32(k string, v []uint32) {
	data := make([]byte, 0, len(v)*4)
	for _, x := range v {
		data = binary.LittleEndian.AppendUint32(data, x)
	}
	o.bytes(k, data)
}

// lines joins names that hold no line break; one that does has it replaced by a space.
func (o *object) lines(k string, v []string) {
	size := 0
	for _, s := range v {
		size += len(s) + 1
	}
	all := make([]byte, 0, size)
	for i, s := range v {
		if i > 0 {
			all = append(all, '\n')
		}
		start := len(all)
		all = append(all, s...)
		for j := start; j < len(all); j++ {
			if all[j] == '\n' {
				all[j] = ' '
			}
		}
	}
	o.key(k)
	o.buf = appendString(o.buf, string(all))
}

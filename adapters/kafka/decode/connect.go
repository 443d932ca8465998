package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strconv"

	"github.com/millrace/millrace/adapters/columnar"
)

// meaning is what a value stands for beyond its format's own types.
type meaning uint8

const (
	plain meaning = iota
	asDecimal
	asVariableDecimal
	asDays
	asClockMillis
	asClockMicros
	asClockNanos
	asMillis
	asMicros
	asNanos
)

// meanings are the names of Kafka Connect's and Debezium's logical types. Those of text,
// such as io.debezium.time.ZonedTimestamp, need none: their text is read as it is.
var meanings = map[string]meaning{
	"org.apache.kafka.connect.data.Decimal":   asDecimal,
	"org.apache.kafka.connect.data.Date":      asDays,
	"org.apache.kafka.connect.data.Time":      asClockMillis,
	"org.apache.kafka.connect.data.Timestamp": asMillis,
	"io.debezium.time.Date":                   asDays,
	"io.debezium.time.Time":                   asClockMillis,
	"io.debezium.time.MicroTime":              asClockMicros,
	"io.debezium.time.NanoTime":               asClockNanos,
	"io.debezium.time.Timestamp":              asMillis,
	"io.debezium.time.MicroTimestamp":         asMicros,
	"io.debezium.time.NanoTimestamp":          asNanos,
	"io.debezium.data.VariableScaleDecimal":   asVariableDecimal,
}

// connectSchema is a schema of Kafka Connect as it stands beside each JSON value.
type connectSchema struct {
	meaning meaning
	scale   int
	fields  map[string]*connectSchema
}

func (c *connectSchema) field(name string) *connectSchema {
	if c == nil {
		return nil
	}
	return c.fields[name]
}

// connectSchemas remembers the schema that was read last: producers repeat it in every value.
type connectSchemas struct {
	text []byte
	last *connectSchema
}

func (c *connectSchemas) schema(text []byte) (*connectSchema, *Error) {
	if text == nil || bytes.Equal(text, isNull) {
		return nil, nil
	}
	if c.last != nil && bytes.Equal(c.text, text) {
		return c.last, nil
	}
	var raw connectJSON
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, failed(CodeSyntax, "the envelope's schema cannot be read: %v", err)
	}
	s, err := raw.schema(0)
	if err != nil {
		return nil, err
	}
	c.text, c.last = append(c.text[:0], text...), s
	return s, nil
}

type connectJSON struct {
	Type       string
	Name       string
	Field      string
	Parameters map[string]string
	Fields     []connectJSON
}

func (c *connectJSON) schema(depth int) (*connectSchema, *Error) {
	if depth > maxDepth {
		return nil, failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	out := &connectSchema{meaning: meanings[c.Name]}
	if out.meaning == asDecimal {
		var err error
		if out.scale, err = strconv.Atoi(c.Parameters["scale"]); err != nil || out.scale < 0 || out.scale > maxScale {
			return nil, failed(CodeIncompatible, "the decimal '%s' has the scale %q", c.Field, c.Parameters["scale"])
		}
	}
	for i := range c.Fields {
		f, err := c.Fields[i].schema(depth + 1)
		if err != nil {
			return nil, err
		}
		if out.fields == nil {
			out.fields = map[string]*connectSchema{}
		}
		out.fields[c.Fields[i].Field] = f
	}
	return out, nil
}

// maxScale bounds the scale of a decimal that a schema names.
const maxScale = 1000

// describe tells every target what its values mean.
func (j *JSON) describe(s *connectSchema) {
	if j.described != s {
		j.described = s
		j.root.describe(s)
	}
}

func (t *target) describe(s *connectSchema) {
	t.schema = s
	for i, child := range t.order {
		child.describe(s.field(t.keys[i]))
	}
}

// logical takes a number or a text that stands for something else. done is false for one
// that is to be taken as it is.
func (s *setter) logical(c *columnar.Column, m meaning, scale int, text []byte, quoted bool) (done bool, err *Error) {
	if m == plain {
		return false, nil
	}
	if m == asDecimal {
		if !quoted {
			return false, nil // decimal.format=NUMERIC
		}
		raw := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
		n, e := base64.StdEncoding.Decode(raw, text)
		if e != nil {
			return true, s.fail(CodeType, "the decimal is not base64")
		}
		return true, s.unscaled(c, raw[:n], scale)
	}
	if quoted {
		return false, nil
	}
	v, ok := parseInt(text)
	if !ok {
		return true, s.mismatch("the number " + shown(text))
	}
	return true, s.moment(c, m, v)
}

// unscaled takes a decimal as the bytes of a whole number and a scale.
func (s *setter) unscaled(c *columnar.Column, raw []byte, scale int) *Error {
	if s.field.Type.class != classDecimal && s.field.Type.class != classText {
		return s.mismatch("a decimal")
	}
	var buf [64]byte
	text := appendUnscaled(buf[:0], raw, scale)
	if s.field.Type.class == classText {
		return s.text(c, text)
	}
	return s.decimal(c, text)
}

// appendUnscaled writes a big-endian two's complement number with a decimal point.
func appendUnscaled(dst, raw []byte, scale int) []byte {
	var text []byte
	negative := len(raw) > 0 && raw[0]&0x80 != 0
	var digits [24]byte
	if len(raw) <= 8 {
		v := int64(0)
		if negative {
			v = -1
		}
		for _, b := range raw {
			v = v<<8 | int64(b)
		}
		text = strconv.AppendInt(digits[:0], v, 10)
	} else {
		n := new(big.Int).SetBytes(raw)
		if negative {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
		}
		text = n.Append(digits[:0], 10)
	}
	if len(text) > 0 && text[0] == '-' {
		dst, text = append(dst, '-'), text[1:]
	}
	if len(text) <= scale {
		dst = append(dst, "0."...)
		for n := len(text); n < scale; n++ {
			dst = append(dst, '0')
		}
		return append(dst, text...)
	}
	dst = append(dst, text[:len(text)-scale]...)
	if scale > 0 {
		dst = append(append(dst, '.'), text[len(text)-scale:]...)
	}
	return dst
}

// moment takes a number that a schema marks as a moment, a day or a time of day.
func (s *setter) moment(c *columnar.Column, m meaning, v int64) *Error {
	class := s.field.Type.class
	if class == classInteger {
		return s.integer(c, v)
	}
	switch m {
	case asDays:
		return s.days(c, v)
	case asClockMillis, asClockMicros, asClockNanos:
		return s.clock(c, m, v)
	case asNanos:
		v = floorDiv(v, 1000)
	case asMillis:
		if v > maxMicros/1000 || v < minMicros/1000 {
			return s.fail(CodeRange, "the moment %d is out of range", v)
		}
		v *= 1000
	}
	if class == classDate && v%86400e6 == 0 {
		return s.days(c, v/86400e6)
	}
	return s.micros(c, v)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (s *setter) clock(c *columnar.Column, m meaning, v int64) *Error {
	limit, unit := int64(86400e3), int64(1000)
	switch m {
	case asClockMicros:
		limit, unit = 86400e6, 1
	case asClockNanos:
		v, limit, unit = v/1000, 86400e6, 1
	}
	if v < 0 || v >= limit {
		return s.fail(CodeRange, "the time of day %d is out of range", v)
	}
	if s.field.Type.class != classTime && s.field.Type.class != classText {
		return s.mismatch("a time of day")
	}
	var buf [24]byte
	return s.text(c, appendClockMicros(buf[:0], v*unit))
}

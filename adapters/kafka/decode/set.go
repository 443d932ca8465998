package decode

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"
	"unsafe"

	"github.com/shopspring/decimal"

	"github.com/millrace/millrace/adapters/columnar"
)

// setter fills one column from values of any format.
type setter struct {
	field   *Field
	noNUL   bool
	mayLack bool // a placeholder may stand for a value
	lost    bool // and one did
}

func (s *setter) fail(code, format string, args ...any) *Error {
	e := failed(code, format, args...)
	e.Field = s.field.Name
	return e
}

func (s *setter) mismatch(got string) *Error {
	return s.fail(CodeType, "%s does not fit %s", got, s.field.Type.Name)
}

// missing fills a column that the record says nothing about.
func (s *setter) missing(c *columnar.Column) *Error {
	if s.field.Default != "" {
		return s.loose(c, []byte(s.field.Default))
	}
	return s.null(c)
}

func (s *setter) null(c *columnar.Column) *Error {
	if s.field.NotNull {
		return s.fail(CodeNull, "the column must not be null")
	}
	c.Null()
	return nil
}

func (s *setter) boolean(c *columnar.Column, v bool) *Error {
	if s.field.Type.class != classBoolean {
		return s.mismatch("a boolean")
	}
	c.Bool(v)
	return nil
}

func (s *setter) integer(c *columnar.Column, v int64) *Error {
	t := &s.field.Type
	switch t.class {
	case classInteger:
		if v < t.min || v > t.max {
			return s.fail(CodeRange, "%d does not fit %s", v, t.Name)
		}
		c.Int(v)
	case classFloat:
		return s.float(c, float64(v))
	case classDecimal:
		var buf [24]byte
		return s.decimal(c, strconv.AppendInt(buf[:0], v, 10))
	case classTime:
		switch s.field.Epoch {
		case Millis:
			return s.clock(c, asClockMillis, v)
		case Micros:
			return s.clock(c, asClockMicros, v)
		}
		return s.mismatch("an integer")
	case classDate:
		if s.field.Epoch != Days {
			return s.fail(CodeType, "a number is no %s; meta.stream.epoch: d of the column says that it counts days", t.Name)
		}
		return s.days(c, v)
	case classTimestamp, classTimestampTZ:
		return s.epoch(c, v)
	default:
		return s.mismatch("an integer")
	}
	return nil
}

// The moments that both engines can hold and print: years 1 to 9999.
const (
	minMicros = -62135596800 * 1_000_000
	maxMicros = 253402300800*1_000_000 - 1
)

func (s *setter) epoch(c *columnar.Column, v int64) *Error {
	unit := int64(1)
	switch s.field.Epoch {
	case NoEpoch, Days:
		return s.fail(CodeType, "a number is no %s; meta.stream.epoch of the column names its unit", s.field.Type.Name)
	case Seconds:
		unit = 1e6
	case Millis:
		unit = 1e3
	}
	if v > maxMicros/unit || v < minMicros/unit {
		return s.fail(CodeRange, "the moment %d is out of range", v)
	}
	c.Int(v * unit)
	return nil
}

// micros takes a moment that the format itself marks as one.
func (s *setter) micros(c *columnar.Column, v int64) *Error {
	switch s.field.Type.class {
	case classTimestamp, classTimestampTZ:
	case classInteger:
		return s.integer(c, v)
	default:
		return s.mismatch("a timestamp")
	}
	if v < minMicros || v > maxMicros {
		return s.fail(CodeRange, "the moment %d is out of range", v)
	}
	c.Int(v)
	return nil
}

func (s *setter) days(c *columnar.Column, v int64) *Error {
	if s.field.Type.class != classDate {
		return s.mismatch("a date")
	}
	if v < minMicros/86400_000_000 || v > maxMicros/86400_000_000 {
		return s.fail(CodeRange, "the day %d is out of range", v)
	}
	c.Int(v)
	return nil
}

func (s *setter) float(c *columnar.Column, v float64) *Error {
	t := &s.field.Type
	if t.class != classFloat {
		return s.mismatch("a floating point number")
	}
	if t.single && math.Abs(v) > math.MaxFloat32 && !math.IsInf(v, 0) {
		return s.fail(CodeRange, "%g does not fit %s", v, t.Name)
	}
	c.Float(v)
	return nil
}

// number takes a JSON number or the text of one.
func (s *setter) number(c *columnar.Column, text []byte) *Error {
	switch s.field.Type.class {
	case classInteger, classTimestamp, classTimestampTZ, classDate, classTime:
		v, ok := parseInt(text)
		if !ok {
			if bytes.ContainsAny(text, ".eE") {
				return s.mismatch("the number " + string(text))
			}
			return s.fail(CodeRange, "%s does not fit %s", shown(text), s.field.Type.Name)
		}
		return s.integer(c, v)
	case classFloat:
		v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
		if err != nil {
			return s.fail(CodeRange, "%s does not fit %s", shown(text), s.field.Type.Name)
		}
		return s.float(c, v)
	case classDecimal:
		return s.decimal(c, text)
	case classJSON:
		c.Data(text)
		return nil
	}
	return s.mismatch("the number " + string(text))
}

func parseInt(b []byte) (int64, bool) {
	neg := false
	if len(b) > 0 && b[0] == '-' {
		neg, b = true, b[1:]
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	var n uint64
	for _, ch := range b {
		if ch < '0' || ch > '9' {
			return 0, false
		}
		n = n*10 + uint64(ch-'0')
	}
	switch {
	case !neg && n <= math.MaxInt64:
		return int64(n), true
	case neg && n <= math.MaxInt64+1:
		return -int64(n), true
	}
	return 0, false
}

// decimal checks that the column holds the number exactly.
func (s *setter) decimal(c *columnar.Column, text []byte) *Error {
	t := &s.field.Type
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	whole, fraction, ok := plainDecimal(digits)
	if !ok {
		if len(text) > 80 {
			return s.mismatch(shown(text))
		}
		v, err := decimal.NewFromString(string(text))
		if err != nil || v.Exponent() > 1000 || v.Exponent() < -1000 {
			return s.mismatch(shown(text))
		}
		plain := []byte(v.String())
		if bytes.ContainsAny(plain, "eE") {
			return s.mismatch(shown(text))
		}
		return s.decimal(c, plain)
	}
	if t.precision > 0 {
		for len(whole) > 0 && whole[0] == '0' {
			whole = whole[1:]
		}
		for len(fraction) > 0 && fraction[len(fraction)-1] == '0' {
			fraction = fraction[:len(fraction)-1]
		}
		if len(whole) > t.precision-t.scale || len(fraction) > t.scale {
			return s.fail(CodeRange, "%s does not fit %s", shown(text), t.Name)
		}
	}
	c.Data(text)
	return nil
}

// plainDecimal splits digits with at most one point; there must be digits before it, and
// after it when it is there.
func plainDecimal(b []byte) (whole, fraction []byte, ok bool) {
	point := -1
	for i, ch := range b {
		switch {
		case ch >= '0' && ch <= '9':
		case ch == '.' && point < 0 && i > 0 && i < len(b)-1:
			point = i
		default:
			return nil, nil, false
		}
	}
	if point < 0 {
		return b, nil, len(b) > 0
	}
	return b[:point], b[point+1:], true
}

// text takes a string of a format that tells strings from numbers.
func (s *setter) text(c *columnar.Column, v []byte) *Error {
	if s.leftOut(c, v) {
		return nil
	}
	t := &s.field.Type
	switch t.class {
	case classText:
		if t.length > 0 && len(v) > t.length && utf8.RuneCount(v) > t.length {
			return s.fail(CodeRange, "%d characters do not fit %s", utf8.RuneCount(v), t.Name)
		}
		if s.noNUL && bytes.IndexByte(v, 0) >= 0 {
			return s.fail(CodeRange, "the character U+0000 cannot be stored as text")
		}
		c.Data(v)
	case classDecimal:
		return s.decimal(c, v)
	case classDate:
		days, rest, ok := parseDate(v)
		if !ok || len(rest) > 0 {
			return s.mismatch(shown(v))
		}
		c.Int(days)
	case classTime:
		if _, rest, ok := parseClock(v); !ok || len(rest) > 0 {
			return s.mismatch(shown(v))
		}
		c.Data(v)
	case classTimestamp, classTimestampTZ:
		micros, zoned, ok := parseTimestamp(v)
		if !ok {
			return s.mismatch(shown(v))
		}
		if t.class == classTimestampTZ && !zoned {
			return s.fail(CodeType, "%s has no time zone, which %s needs", shown(v), t.Name)
		}
		c.Int(micros)
	case classUUID:
		if !isUUID(v) {
			return s.mismatch(shown(v))
		}
		c.Data(v)
	case classBytes:
		out := make([]byte, base64.StdEncoding.DecodedLen(len(v)))
		n, err := base64.StdEncoding.Decode(out, v)
		if err != nil {
			return s.fail(CodeType, "the text is not base64")
		}
		c.Data(out[:n])
	default:
		return s.mismatch("the text " + shown(v))
	}
	return nil
}

// loose takes text of a format that has nothing but text.
func (s *setter) loose(c *columnar.Column, v []byte) *Error {
	switch s.field.Type.class {
	case classInteger, classFloat:
		if !isNumber(v) {
			return s.mismatch(shown(v))
		}
		return s.number(c, v)
	case classBoolean:
		switch string(v) {
		case "true", "TRUE", "True", "t", "1":
			c.Bool(true)
		case "false", "FALSE", "False", "f", "0":
			c.Bool(false)
		default:
			return s.mismatch(shown(v))
		}
		return nil
	case classTimestamp, classTimestampTZ, classDate:
		if s.field.Epoch != NoEpoch && isNumber(v) {
			return s.number(c, v)
		}
	case classJSON:
		return s.json(c, v)
	}
	return s.text(c, v)
}

// json takes a text that must be JSON.
func (s *setter) json(c *columnar.Column, v []byte) *Error {
	sc := scanner{data: v}
	sc.space()
	if err := sc.skip(0); err != nil {
		err.Field = s.field.Name
		return err
	}
	if sc.space(); sc.pos != len(v) {
		return s.fail(CodeTrailing, "there is text after the JSON value")
	}
	return s.rawJSON(c, v)
}

// rawJSON takes JSON that was checked.
func (s *setter) rawJSON(c *columnar.Column, v []byte) *Error {
	if len(v) > 2 && v[0] == '"' && s.leftOut(c, v[1:len(v)-1]) {
		return nil
	}
	if s.noNUL && bytes.Contains(v, []byte(`\u0000`)) {
		return s.fail(CodeRange, "the character U+0000 cannot be stored as JSON")
	}
	c.Data(v)
	return nil
}

func (s *setter) bytes(c *columnar.Column, v []byte) *Error {
	if s.leftOut(c, v) {
		return nil
	}
	if s.field.Type.class != classBytes {
		return s.mismatch("a byte string")
	}
	c.Data(v)
	return nil
}

func isNumber(v []byte) bool {
	sc := scanner{data: v}
	_, err := sc.number()
	return err == nil && sc.pos == len(v)
}

func isUUID(v []byte) bool {
	if len(v) != 36 {
		return false
	}
	for i, ch := range v {
		switch i {
		case 8, 13, 18, 23:
			if ch != '-' {
				return false
			}
		default:
			if (ch < '0' || ch > '9') && (ch < 'a' || ch > 'f') && (ch < 'A' || ch > 'F') {
				return false
			}
		}
	}
	return true
}

// CheckDefault says why a field's default is no value of its column; "" when it is one.
func (f *Field) CheckDefault(d Dialect) string {
	if f.Default == "" {
		return ""
	}
	set := setter{field: f, noNUL: d.NoNUL}
	if err := set.loose(&columnar.Column{Kind: f.Type.Kind}, []byte(f.Default)); err != nil {
		return err.Message
	}
	return ""
}

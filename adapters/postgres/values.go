package postgres

import (
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// decoder turns the server's text form of one type into a template value. What a type
// cannot express (dates before Christ, infinity in a numeric) stays text.
type decoder func(string) value.Value

func text(s string) value.Value { return value.String(s) }

const (
	oidBool        = 16
	oidBytea       = 17
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidOID         = 26
	oidJSON        = 114
	oidFloat4      = 700
	oidFloat8      = 701
	oidBPChar      = 1042
	oidVarchar     = 1043
	oidDate        = 1082
	oidTime        = 1083
	oidTimestamp   = 1114
	oidTimestampTZ = 1184
	oidInterval    = 1186
	oidTimeTZ      = 1266
	oidNumeric     = 1700
	oidUUID        = 2950
	oidJSONB       = 3802
)

var scalarDecoders = map[uint32]decoder{
	oidBool: func(s string) value.Value { return value.Bool(s == "t") },
	oidInt2: integer, oidInt4: integer, oidInt8: integer, oidOID: integer,
	oidFloat4: float, oidFloat8: float,
	oidNumeric: numeric,
	oidBytea:   bytea,
	oidDate:    date, oidTime: clock, oidTimeTZ: clock,
	oidTimestamp: timestamp, oidTimestampTZ: timestamp, oidInterval: interval,
	oidJSON: jsonValue, oidJSONB: jsonValue,
}

// arrayElements are the array types that become lists, by their element type. Arrays of
// other types stay text.
var arrayElements = map[uint32]uint32{
	1000: oidBool, 1001: oidBytea, 1005: oidInt2, 1006: oidInt2, 1007: oidInt4, 1016: oidInt8, 1028: oidOID,
	1021: oidFloat4, 1022: oidFloat8, 1231: oidNumeric, 1182: oidDate, 1183: oidTime, 1270: oidTimeTZ,
	1115: oidTimestamp, 1185: oidTimestampTZ, 1187: oidInterval, 199: oidJSON, 3807: oidJSONB,
	1002: oidText, 1003: oidText, 1009: oidText, 1014: oidText, 1015: oidText, // char, name, text, bpchar, varchar
}

func decoderFor(oid uint32) decoder {
	if d, ok := scalarDecoders[oid]; ok {
		return d
	}
	if element, ok := arrayElements[oid]; ok {
		d := decoderFor(element)
		return func(s string) value.Value { return array(s, d) }
	}
	return text
}

func integer(s string) value.Value {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return value.Int(n)
	}
	return text(s)
}

func float(s string) value.Value {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return value.Float(f)
	}
	return text(s)
}

func numeric(s string) value.Value {
	d, err := value.NewDecimal(s)
	if err != nil {
		return text(s)
	}
	return d
}

func bytea(s string) value.Value {
	if !strings.HasPrefix(s, `\x`) {
		return text(s) // the server's bytea_output is escape
	}
	b, err := hex.DecodeString(s[2:])
	if err != nil {
		return text(s)
	}
	return value.NewBytes(b)
}

var (
	minTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	maxTime = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
)

func date(s string) value.Value {
	switch s {
	case "infinity":
		return value.NewDate(9999, 12, 31)
	case "-infinity":
		return value.NewDate(1, 1, 1)
	}
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return text(s)
	}
	return value.NewDate(t.Year(), int(t.Month()), t.Day())
}

// zoneLayouts are the offsets the server writes: whole hours, minutes, seconds.
var zoneLayouts = [...]string{"-07", "-07:00", "-07:00:00"}

func zoned(layout, s string) (t time.Time, hasZone bool, err error) {
	if t, err = time.Parse(layout, s); err == nil {
		return t, false, nil
	}
	for _, zone := range zoneLayouts {
		if t, err = time.Parse(layout+zone, s); err == nil {
			return t, true, nil
		}
	}
	return t, false, err
}

func timestamp(s string) value.Value {
	switch s {
	case "infinity":
		return value.NewDateTime(maxTime, false)
	case "-infinity":
		return value.NewDateTime(minTime, false)
	}
	t, hasZone, err := zoned("2006-01-02 15:04:05.999999", s)
	if err != nil {
		return text(s)
	}
	return value.NewDateTime(t, hasZone)
}

func clock(s string) value.Value {
	t, hasZone, err := zoned("15:04:05.999999", s)
	if err != nil {
		return text(s) // 24:00:00
	}
	if hasZone { // Python's text form of a time with an offset
		return text(t.Format(clockLayout(t) + "-07:00"))
	}
	return value.NewTime(t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000)
}

func clockLayout(t time.Time) string {
	if t.Nanosecond() == 0 {
		return "15:04:05"
	}
	return "15:04:05.000000"
}

// interval reads the server's default style: "1 year 2 mons -3 days +04:05:06.789".
// A year counts 365 days and a month 30, as Python's client has it.
func interval(s string) value.Value {
	var total time.Duration
	fields := strings.Fields(s)
	for i := 0; i < len(fields); i++ {
		if strings.Contains(fields[i], ":") {
			d, ok := hms(fields[i])
			if !ok {
				return text(s)
			}
			total += d
			continue
		}
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil || i+1 == len(fields) {
			return text(s)
		}
		days := int64(0)
		switch i++; strings.TrimSuffix(fields[i], "s") {
		case "year":
			days = 365
		case "mon":
			days = 30
		case "day":
			days = 1
		default:
			return text(s)
		}
		if n*days > math.MaxInt64/int64(24*time.Hour) || n*days < math.MinInt64/int64(24*time.Hour) {
			return text(s)
		}
		total += time.Duration(n*days) * 24 * time.Hour
	}
	return value.NewTimeDelta(total)
}

func hms(s string) (time.Duration, bool) {
	sign := time.Duration(1)
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return 0, false
	}
	d, err := time.ParseDuration(parts[0] + "h" + parts[1] + "m" + parts[2] + "s")
	return sign * d, err == nil
}

func jsonValue(s string) value.Value {
	v, err := value.ParseJSON(s)
	if err != nil {
		return text(s)
	}
	return v
}

// array reads the text form of an array: {1,NULL,{2,3}}, with quotes around elements
// that need them and an optional [lower:upper]= in front.
func array(s string, element decoder) value.Value {
	body := s
	if strings.HasPrefix(body, "[") {
		_, rest, ok := strings.Cut(body, "]=")
		if !ok {
			return text(s)
		}
		body = rest
	}
	p := arrayParser{s: body, element: element}
	v, ok := p.list()
	if !ok || p.i != len(p.s) {
		return text(s)
	}
	return v
}

type arrayParser struct {
	s       string
	i       int
	element decoder
}

func (p *arrayParser) list() (value.Value, bool) {
	if p.i >= len(p.s) || p.s[p.i] != '{' {
		return value.None, false
	}
	p.i++
	var items []value.Value
	if p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		return value.NewList(), true
	}
	for p.i < len(p.s) {
		item, ok := p.item()
		if !ok || p.i >= len(p.s) {
			return value.None, false
		}
		items = append(items, item)
		p.i++
		switch p.s[p.i-1] {
		case ',':
		case '}':
			return value.NewList(items...), true
		default:
			return value.None, false
		}
	}
	return value.None, false
}

func (p *arrayParser) item() (value.Value, bool) {
	switch p.s[p.i] {
	case '{':
		return p.list()
	case '"':
		var b strings.Builder
		for p.i++; p.i < len(p.s); p.i++ {
			switch p.s[p.i] {
			case '"':
				p.i++
				return p.element(b.String()), true
			case '\\':
				if p.i++; p.i >= len(p.s) {
					return value.None, false
				}
			}
			b.WriteByte(p.s[p.i])
		}
		return value.None, false
	}
	end := strings.IndexAny(p.s[p.i:], ",}")
	if end < 0 {
		return value.None, false
	}
	word := p.s[p.i : p.i+end]
	p.i += end
	if word == "NULL" {
		return value.None, true
	}
	return p.element(word), true
}

// textOf is a value as the server reads it.
func textOf(v value.Value) string {
	switch v.Kind() {
	case value.KindBool:
		if b, _ := v.AsBool(); b {
			return "t"
		}
		return "f"
	case value.KindString:
		s, _ := v.AsString()
		return s
	case value.KindFloat:
		f, _ := v.AsFloat()
		return strconv.FormatFloat(f, 'g', -1, 64)
	case value.KindBig:
		b, _ := v.AsBig()
		return (*big.Int)(b).String()
	case value.KindList, value.KindTuple, value.KindDict:
		if b, err := value.AppendJSON(nil, v, value.JSONOptions{}); err == nil {
			return string(b)
		}
	case value.KindObject:
		if o, ok := v.AsObject(); ok {
			switch o := o.(type) {
			case *value.Bytes:
				return `\x` + hex.EncodeToString(o.B)
			case *value.Decimal:
				return o.Plain()
			}
		}
	}
	return value.Str(v)
}

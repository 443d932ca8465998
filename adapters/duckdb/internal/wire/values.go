package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Values travel as a tag and what the tag says. Only what a result of the engine or a
// binding can hold has one.
const (
	tagNull byte = iota
	tagFalse
	tagTrue
	tagInt
	tagBig
	tagFloat
	tagString
	tagBytes
	tagDate
	tagTime
	tagNaive // a timestamp without a zone
	tagUTC   // one in UTC
	tagZoned // one with an offset
	tagDelta
	tagDecimal
	tagList
	tagDict
)

var errValues = errors.New("damaged values on the socket")

func appendBytes(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendValue(b []byte, v value.Value) ([]byte, error) {
	switch v.Kind() {
	case value.KindUndefined, value.KindNone:
		return append(b, tagNull), nil
	case value.KindBool:
		if on, _ := v.AsBool(); on {
			return append(b, tagTrue), nil
		}
		return append(b, tagFalse), nil
	case value.KindInt:
		n, _ := v.AsInt()
		return binary.AppendVarint(append(b, tagInt), n), nil
	case value.KindBig:
		n, _ := v.AsBig()
		return appendBytes(append(b, tagBig), n.String()), nil
	case value.KindFloat:
		f, _ := v.AsFloat()
		return binary.LittleEndian.AppendUint64(append(b, tagFloat), math.Float64bits(f)), nil
	case value.KindString:
		s, _ := v.AsString()
		return appendBytes(append(b, tagString), s), nil
	case value.KindList:
		l, _ := v.AsList()
		return appendValues(append(b, tagList), l.Items)
	case value.KindTuple:
		t, _ := v.AsTuple()
		return appendValues(append(b, tagList), t.Items)
	case value.KindDict:
		d, _ := v.AsDict()
		b = binary.AppendUvarint(append(b, tagDict), uint64(d.Len()))
		var err error
		for k, item := range d.All() {
			if b, err = appendValue(b, k); err != nil {
				return nil, err
			}
			if b, err = appendValue(b, item); err != nil {
				return nil, err
			}
		}
		return b, nil
	}
	return appendObject(b, v)
}

func appendObject(b []byte, v value.Value) ([]byte, error) {
	o, _ := v.AsObject()
	switch o := o.(type) {
	case *value.Bytes:
		return appendBytes(append(b, tagBytes), string(o.B)), nil
	case *value.Date:
		return binary.AppendVarint(append(b, tagDate), o.Time().Unix()/86400), nil
	case *value.TimeOfDay:
		return appendBytes(append(b, tagTime), o.Str()), nil
	case *value.TimeDelta:
		return binary.AppendVarint(append(b, tagDelta), o.Microseconds()), nil
	case *value.Decimal:
		return appendBytes(append(b, tagDecimal), o.Str()), nil
	case *value.DateTime:
		t := o.Time()
		switch _, offset := t.Zone(); {
		case o.Zone() == nil:
			return binary.AppendVarint(append(b, tagNaive), t.UnixMicro()), nil
		case o.Zone() == value.UTC:
			return binary.AppendVarint(append(b, tagUTC), t.UnixMicro()), nil
		default:
			return binary.AppendVarint(binary.AppendVarint(append(b, tagZoned), t.UnixMicro()), int64(offset)), nil
		}
	}
	return nil, fmt.Errorf("a value of type %s cannot be handed to the process that holds the database", value.TypeName(v))
}

func appendValues(b []byte, list []value.Value) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, v := range list {
		var err error
		if b, err = appendValue(b, v); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// values reads what appendValue wrote.
type values struct {
	buf   []byte
	wrong bool
	depth int
}

// maxDepth bounds how deep lists and dicts may lie in each other.
const maxDepth = 1000

func (r *values) fail() value.Value {
	r.wrong, r.buf = true, nil
	return value.None
}

func (r *values) count() int {
	n, size := binary.Uvarint(r.buf)
	if size <= 0 || n > uint64(len(r.buf)-size) { // every item takes a byte at least
		r.fail()
		return 0
	}
	r.buf = r.buf[size:]
	return int(n)
}

func (r *values) number() int64 {
	n, size := binary.Varint(r.buf)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[size:]
	return n
}

func (r *values) text() string {
	n := r.count()
	s := string(r.buf[:n])
	r.buf = r.buf[n:]
	return s
}

func (r *values) list() []value.Value {
	out := make([]value.Value, r.count())
	for i := range out {
		out[i] = r.next()
	}
	return out
}

func (r *values) next() value.Value {
	if len(r.buf) == 0 || r.depth > maxDepth {
		return r.fail()
	}
	r.depth++
	defer func() { r.depth-- }()
	tag := r.buf[0]
	r.buf = r.buf[1:]
	switch tag {
	case tagNull:
		return value.None
	case tagFalse:
		return value.False
	case tagTrue:
		return value.True
	case tagInt:
		return value.Int(r.number())
	case tagBig:
		if n, ok := new(big.Int).SetString(r.text(), 10); ok {
			return value.Big(n)
		}
	case tagFloat:
		if len(r.buf) >= 8 {
			f := math.Float64frombits(binary.LittleEndian.Uint64(r.buf))
			r.buf = r.buf[8:]
			return value.Float(f)
		}
	case tagString:
		return value.String(r.text())
	case tagBytes:
		return value.NewBytes([]byte(r.text()))
	case tagList:
		return value.NewList(r.list()...)
	case tagDict:
		return r.dict()
	}
	return r.object(tag)
}

func (r *values) dict() value.Value {
	n := r.count()
	d := value.NewDict(n)
	for range n {
		k := r.next()
		if err := d.Set(k, r.next()); err != nil {
			return r.fail()
		}
	}
	return value.FromDict(d)
}

func (r *values) object(tag byte) value.Value {
	switch tag {
	case tagDate:
		t := time.Unix(r.number()*86400, 0).UTC()
		return value.NewDate(t.Year(), int(t.Month()), t.Day())
	case tagTime:
		if t, err := time.Parse("15:04:05.999999", r.text()); err == nil {
			return value.NewTime(t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000)
		}
	case tagDelta:
		return value.NewTimeDelta(time.Duration(r.number()) * time.Microsecond)
	case tagDecimal:
		if v, err := value.NewDecimal(r.text()); err == nil {
			return v
		}
	case tagNaive:
		return value.NewDateTime(time.UnixMicro(r.number()).UTC(), false)
	case tagUTC:
		return value.NewDateTime(time.UnixMicro(r.number()).UTC(), true)
	case tagZoned:
		micros, offset := r.number(), r.number()
		return value.NewDateTime(time.UnixMicro(micros).In(time.FixedZone("local", int(offset))), true)
	}
	return r.fail()
}

// pack writes rows of equal length; unpack reads them.
func pack(rows [][]value.Value) ([]byte, error) {
	var b []byte
	for _, row := range rows {
		for _, v := range row {
			var err error
			if b, err = appendValue(b, v); err != nil {
				return nil, err
			}
		}
	}
	return b, nil
}

func unpack(data []byte, rows, columns int) ([][]value.Value, error) {
	r := &values{buf: data}
	if rows < 0 || columns < 0 || columns > 0 && rows > len(data)/columns {
		return nil, errValues
	}
	out := make([][]value.Value, rows)
	cells := make([]value.Value, rows*columns)
	for i := range cells {
		cells[i] = r.next()
	}
	if r.wrong || len(r.buf) > 0 {
		return nil, errValues
	}
	for i := range out {
		out[i] = cells[i*columns : (i+1)*columns : (i+1)*columns]
	}
	return out, nil
}

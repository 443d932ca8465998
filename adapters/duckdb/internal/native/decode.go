package native

import (
	"math/big"
	"strings"
	"time"
	"unsafe"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// read decodes a materialized result, at most limit rows when limit >= 0.
func (c *Conn) read(res *result, out *Result, limit int) error {
	n := libColumnCount(res)
	cols := make([]column, n)
	for i := idx(0); i < n; i++ {
		lt := libColumnType(res, i)
		cols[i] = newColumn(lt)
		out.Names = append(out.Names, libColumnName(res, i))
		libDestroyType(&lt)
		if cols[i].has(tVariant) {
			return &Error{Class: "Not implemented", Message: "Not implemented Error: column \"" + out.Names[i] +
				"\" is of type VARIANT, which cannot be fetched; cast it to JSON or VARCHAR in the query"}
		}
	}
	for i := range cols {
		if cols[i].has(tTimestampTZ) {
			if err := c.readZone(); err != nil {
				return err
			}
			break
		}
	}
	for limit < 0 || len(out.Rows) < limit {
		chunk := libFetchChunk(*res)
		if chunk.Ptr == nil {
			break
		}
		rows := libChunkSize(chunk)
		if rest := limit - len(out.Rows); limit >= 0 && idx(rest) < rows {
			rows = idx(rest)
		}
		c.chunk(chunk, cols, rows, out)
		libDestroyChunk(&chunk)
	}
	return nil
}

func (c *Conn) chunk(chunk dataChunk, cols []column, rows idx, out *Result) {
	views := make([]view, len(cols))
	for i := range cols {
		views[i] = bindView(&cols[i], libChunkVector(chunk, idx(i)))
	}
	// One backing array for the rows of a chunk.
	cells := make([]value.Value, int(rows)*len(cols))
	for r := idx(0); r < rows; r++ {
		row := cells[int(r)*len(cols) : (int(r)+1)*len(cols) : (int(r)+1)*len(cols)]
		for i := range views {
			row[i] = c.cell(&views[i], r)
		}
		out.Rows = append(out.Rows, row)
	}
}

// view is a column over the memory of one chunk.
type view struct {
	col  *column
	data unsafe.Pointer
	mask unsafe.Pointer // nil: every row is valid
	kids []view
}

func bindView(col *column, v vector) view {
	w := view{col: col, data: libVectorData(v), mask: libVectorValidity(v)}
	switch col.id {
	case tList:
		w.kids = []view{bindView(&col.kids[0], libListChild(v))}
	case tArray:
		w.kids = []view{bindView(&col.kids[0], libArrayChild(v))}
	case tMap: // a list of key and value pairs
		pairs := libListChild(v)
		w.kids = []view{bindView(&col.kids[0], libStructChild(pairs, 0)), bindView(&col.kids[1], libStructChild(pairs, 1))}
	case tStruct:
		for i := range col.kids {
			w.kids = append(w.kids, bindView(&col.kids[i], libStructChild(v, idx(i))))
		}
	case tUnion: // the tag stands before the members
		tag := libStructChild(v, 0)
		w.kids = append(w.kids, view{data: libVectorData(tag)})
		for i := range col.kids {
			w.kids = append(w.kids, bindView(&col.kids[i], libStructChild(v, idx(i+1))))
		}
	}
	return w
}

func (w *view) null(r idx) bool {
	return w.mask != nil && *at[uint64](w.mask, r/64)&(1<<(r%64)) == 0
}

type span struct{ offset, length uint64 }
type int128 struct {
	low  uint64
	high int64
}
type interval struct {
	months, days int32
	micros       int64
}

func (c *Conn) cell(w *view, r idx) value.Value {
	if w.null(r) {
		return value.None
	}
	switch w.col.id {
	case tBoolean:
		return value.Bool(*at[bool](w.data, r))
	case tTinyInt:
		return value.Int(int64(*at[int8](w.data, r)))
	case tSmallInt:
		return value.Int(int64(*at[int16](w.data, r)))
	case tInteger:
		return value.Int(int64(*at[int32](w.data, r)))
	case tBigInt:
		return value.Int(*at[int64](w.data, r))
	case tUTinyInt:
		return value.Int(int64(*at[uint8](w.data, r)))
	case tUSmallInt:
		return value.Int(int64(*at[uint16](w.data, r)))
	case tUInteger:
		return value.Int(int64(*at[uint32](w.data, r)))
	case tUBigInt:
		return value.Big(new(big.Int).SetUint64(*at[uint64](w.data, r)))
	case tHugeInt:
		return value.Big(huge(*at[int128](w.data, r)))
	case tUHugeInt:
		return value.Big(uhuge(*at[int128](w.data, r)))
	case tFloat:
		return value.Float(float64(*at[float32](w.data, r)))
	case tDouble:
		return value.Float(*at[float64](w.data, r))
	case tDecimal:
		return decimalValue(w.unscaled(r), w.col.scale)
	case tVarchar:
		return value.String(strings.Clone(w.text(r)))
	case tBlob, tGeometry:
		return bytesValue([]byte(w.text(r)))
	case tBit:
		return value.String(bitText(w.text(r)))
	case tBigNum:
		return value.Big(bigNum(w.text(r)))
	case tEnum:
		return value.String(w.col.labels[w.enumIndex(r)])
	case tUUID:
		return value.String(uuidText(*at[int128](w.data, r)))
	case tDate:
		return dateValue(*at[int32](w.data, r))
	case tTime:
		return timeValue(*at[int64](w.data, r))
	case tTimeNS:
		return timeValue(*at[int64](w.data, r) / 1000)
	case tTimeTZ:
		return timeTZValue(*at[uint64](w.data, r))
	case tTimestamp:
		return timestampValue(*at[int64](w.data, r), time.Microsecond, nil)
	case tTimestampS:
		return timestampValue(*at[int64](w.data, r), time.Second, nil)
	case tTimestampMS:
		return timestampValue(*at[int64](w.data, r), time.Millisecond, nil)
	case tTimestampNS:
		return timestampValue(*at[int64](w.data, r), time.Nanosecond, nil)
	case tTimestampTZ:
		return timestampValue(*at[int64](w.data, r), time.Microsecond, c.zone)
	case tInterval:
		i := *at[interval](w.data, r)
		return intervalValue(int64(i.months)*30+int64(i.days), i.micros)
	case tList:
		s := *at[span](w.data, r)
		return c.list(&w.kids[0], idx(s.offset), idx(s.length))
	case tArray:
		return c.list(&w.kids[0], r*w.col.size, w.col.size)
	case tMap:
		s := *at[span](w.data, r)
		d := value.NewDict(int(s.length))
		for i := idx(s.offset); i < idx(s.offset+s.length); i++ {
			key := c.cell(&w.kids[0], i)
			if err := d.Set(key, c.cell(&w.kids[1], i)); err != nil { // a list or struct as key
				_ = d.Set(value.String(value.Repr(key)), c.cell(&w.kids[1], i))
			}
		}
		return value.FromDict(d)
	case tStruct:
		d := value.NewDict(len(w.kids))
		for i := range w.kids {
			d.SetString(w.col.labels[i], c.cell(&w.kids[i], r))
		}
		return value.FromDict(d)
	case tUnion:
		return c.cell(&w.kids[1+int(*at[uint8](w.kids[0].data, r))], r)
	}
	return value.None // SQLNULL
}

func (c *Conn) list(kid *view, from, n idx) value.Value {
	items := make([]value.Value, n)
	for i := range items {
		items[i] = c.cell(kid, from+idx(i))
	}
	return value.NewList(items...)
}

// text reads a string_t in place: up to 12 bytes are stored inline after the length,
// longer ones behind a pointer. It is valid until the chunk is destroyed.
func (w *view) text(r idx) string {
	p := unsafe.Add(w.data, uintptr(r)*16)
	n := *(*uint32)(p)
	if n <= 12 {
		return unsafe.String((*byte)(unsafe.Add(p, 4)), int(n))
	}
	return unsafe.String(*(**byte)(unsafe.Add(p, 8)), int(n))
}

func (w *view) unscaled(r idx) *big.Int {
	switch w.col.storage {
	case tSmallInt:
		return big.NewInt(int64(*at[int16](w.data, r)))
	case tInteger:
		return big.NewInt(int64(*at[int32](w.data, r)))
	case tBigInt:
		return big.NewInt(*at[int64](w.data, r))
	default:
		return huge(*at[int128](w.data, r))
	}
}

func (w *view) enumIndex(r idx) uint32 {
	switch w.col.storage {
	case tUTinyInt:
		return uint32(*at[uint8](w.data, r))
	case tUSmallInt:
		return uint32(*at[uint16](w.data, r))
	default:
		return *at[uint32](w.data, r)
	}
}

func huge(v int128) *big.Int {
	b := big.NewInt(v.high)
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(v.low))
}

func uhuge(v int128) *big.Int {
	b := new(big.Int).SetUint64(uint64(v.high))
	return b.Lsh(b, 64).Or(b, new(big.Int).SetUint64(v.low))
}

// bigNum reads the engine's unbounded integer: three header bytes whose top bit is the
// sign, then the magnitude, all bits flipped for negative numbers.
func bigNum(s string) *big.Int {
	if len(s) < 4 {
		return new(big.Int)
	}
	magnitude := []byte(s[3:])
	if s[0]&0x80 != 0 {
		return new(big.Int).SetBytes(magnitude)
	}
	for i := range magnitude {
		magnitude[i] = ^magnitude[i]
	}
	b := new(big.Int).SetBytes(magnitude)
	return b.Neg(b)
}

// bitText turns a bit string into '0' and '1': its first byte counts the padding bits.
func bitText(s string) string {
	if len(s) < 2 {
		return ""
	}
	var b strings.Builder
	for i := int(s[0]); i < (len(s)-1)*8; i++ {
		if s[1+i/8]&(0x80>>(i%8)) != 0 {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	return b.String()
}

const hexDigits = "0123456789abcdef"

// uuidText formats a UUID, which is stored with its top bit flipped so that it sorts as an integer.
func uuidText(v int128) string {
	high, low := uint64(v.high)^(1<<63), v.low
	out := make([]byte, 0, 36)
	for i := 60; i >= 0; i -= 4 {
		out = append(out, hexDigits[high>>i&15])
		if i == 32 || i == 16 || i == 0 {
			out = append(out, '-')
		}
	}
	for i := 60; i >= 0; i -= 4 {
		out = append(out, hexDigits[low>>i&15])
		if i == 48 {
			out = append(out, '-')
		}
	}
	return string(out)
}

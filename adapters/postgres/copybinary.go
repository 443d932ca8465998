package postgres

import (
	"encoding/binary"
	"math"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/adapters/columnar"
)

// binaryCell appends a value, which is not null, in the binary form of a type.
type binaryCell func(b []byte, col *columnar.Column, row int) []byte

// PostgreSQL counts from 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86400 * 1_000_000
)

// binaryCells gives the binary forms of all columns for the types they are loaded into. The
// server reads them in about half the time that it takes for text. ok is false where a type
// has none here or a value none in its type: text leaves the judgement to the server, whose
// errors say what is wrong.
func binaryCells(types []pgconn.FieldDescription, batches []*columnar.Batch) (cells []binaryCell, ok bool) {
	if len(types) != len(batches[0].Columns) {
		return nil, false
	}
	cells = make([]binaryCell, len(types))
	for i, t := range types {
		cell, fits := formOf(batches[0].Columns[i].Kind, t.DataTypeOID)
		for _, b := range batches {
			switch col := b.Columns[i]; {
			case cell == nil && col.AllNull(): // any type has null
			case cell == nil:
				return nil, false
			case fits != nil && !allFit(col, fits):
				return nil, false
			}
		}
		cells[i] = cell
	}
	return cells, true
}

// fits reports that a value can be written in the form that goes with it.
type fits func(col *columnar.Column, row int) bool

func allFit(col *columnar.Column, fits fits) bool {
	for row := range col.Len() {
		if !col.IsNull(row) && !fits(col, row) {
			return false
		}
	}
	return true
}

// formOf is how values of a kind are written for a type; fits is nil if all of them can be.
func formOf(kind columnar.Kind, oid uint32) (binaryCell, fits) {
	switch {
	case kind == columnar.Text && (oid == oidText || oid == oidVarchar || oid == oidBPChar || oid == oidJSON), kind == columnar.Bytes && oid == oidBytea:
		return dataCell, nil
	case kind == columnar.Text && oid == oidJSONB:
		return jsonbCell, nil
	case kind == columnar.Text && oid == oidNumeric:
		return numericCell, numericFits
	case kind == columnar.Text && oid == oidUUID:
		return uuidCell, uuidFits
	case kind == columnar.Integer && oid == oidInt8:
		return int8Cell, nil
	case kind == columnar.Integer && oid == oidInt4:
		return int4Cell, within(math.MinInt32, math.MaxInt32)
	case kind == columnar.Integer && oid == oidInt2:
		return int2Cell, within(math.MinInt16, math.MaxInt16)
	case kind == columnar.Float && oid == oidFloat8:
		return float8Cell, nil
	case kind == columnar.Float && oid == oidFloat4:
		return float4Cell, float4Fits
	case kind == columnar.Boolean && oid == oidBool:
		return boolCell, nil
	case kind == columnar.Date && oid == oidDate:
		return dateCell, within(math.MinInt32+epochDays+1, math.MaxInt32)
	case kind == columnar.Timestamp && oid == oidTimestamp, kind == columnar.TimestampTZ && oid == oidTimestampTZ:
		return momentCell, within(math.MinInt64+epochMicros+1, math.MaxInt64)
	}
	return nil, nil
}

func within(low, high int64) fits {
	return func(col *columnar.Column, row int) bool { v := col.IntAt(row); return low <= v && v <= high }
}

func dataCell(b []byte, col *columnar.Column, row int) []byte {
	data := col.DataAt(row)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(data))), data...)
}

func jsonbCell(b []byte, col *columnar.Column, row int) []byte {
	const version = 1
	data := col.DataAt(row)
	return append(append(binary.BigEndian.AppendUint32(b, uint32(len(data)+1)), version), data...)
}

func int8Cell(b []byte, col *columnar.Column, row int) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(col.IntAt(row)))
}

func int4Cell(b []byte, col *columnar.Column, row int) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(col.IntAt(row)))
}

func int2Cell(b []byte, col *columnar.Column, row int) []byte {
	return binary.BigEndian.AppendUint16(append(b, 0, 0, 0, 2), uint16(col.IntAt(row)))
}

func float8Cell(b []byte, col *columnar.Column, row int) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), math.Float64bits(col.FloatAt(row)))
}

func float4Cell(b []byte, col *columnar.Column, row int) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), math.Float32bits(float32(col.FloatAt(row))))
}

// float4Fits refuses what the server would: numbers that become infinite or nothing.
func float4Fits(col *columnar.Column, row int) bool {
	v := col.FloatAt(row)
	short := float32(v)
	return math.IsInf(float64(short), 0) == math.IsInf(v, 0) && (short == 0) == (v == 0)
}

func boolCell(b []byte, col *columnar.Column, row int) []byte {
	return append(b, 0, 0, 0, 1, byte(col.IntAt(row)&1))
}

func dateCell(b []byte, col *columnar.Column, row int) []byte {
	return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(col.IntAt(row)-epochDays))
}

func momentCell(b []byte, col *columnar.Column, row int) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(col.IntAt(row)-epochMicros))
}

// uuidFits takes the usual form, five groups of hexadecimal digits.
func uuidFits(col *columnar.Column, row int) bool {
	text := col.DataAt(row)
	if len(text) != 36 {
		return false
	}
	for i, ch := range text {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (ch == '-') || !dash && nibble(ch) > 15 {
			return false
		}
	}
	return true
}

func uuidCell(b []byte, col *columnar.Column, row int) []byte {
	b = append(b, 0, 0, 0, 16)
	high, odd := byte(0), false
	for _, ch := range col.DataAt(row) {
		switch {
		case ch == '-':
		case odd:
			b, odd = append(b, high<<4|nibble(ch)), false
		default:
			high, odd = nibble(ch), true
		}
	}
	return b
}

// nibble is the value of a hexadecimal digit, and more than 15 of anything else.
func nibble(ch byte) byte {
	switch {
	case '0' <= ch && ch <= '9':
		return ch - '0'
	case 'a' <= ch && ch <= 'f':
		return ch - 'a' + 10
	case 'A' <= ch && ch <= 'F':
		return ch - 'A' + 10
	}
	return 0xff
}

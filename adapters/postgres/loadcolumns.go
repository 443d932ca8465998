package postgres

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/compiler/relation"
)

// LoadColumns implements columnar.Loader with COPY, in its binary form where that is known
// for every column.
func (c *conn) LoadColumns(ctx context.Context, target *relation.Relation, batches ...*columnar.Batch) (int64, error) {
	if columnar.Rows(batches) == 0 {
		return 0, nil
	}
	quoted := make([]string, len(batches[0].Names))
	for i, name := range batches[0].Names {
		quoted[i] = quoteName(name)
	}
	columns := strings.Join(quoted, ", ")
	// Asked each time: another process may have widened a column since, and values in the binary
	// form of its old type would be refused as bad ones.
	types, err := c.fields(ctx, "select "+columns+" from "+target.Render())
	if err != nil {
		return 0, err
	}
	form := textForm
	if cells, ok := binaryCells(types, batches); ok {
		form = binaryForm(cells)
	}
	return c.copyIn(ctx, target.Render()+" ("+columns+")", batches, form)
}

func (c *conn) copyIn(ctx context.Context, target string, batches []*columnar.Batch, form copyForm) (int64, error) {
	sql := "copy " + target + " from stdin" + form.option
	tag, err := c.pg.CopyFrom(ctx, newColumnReader(batches, form), sql)
	if err != nil {
		return 0, c.wrap(ctx, err, sql, nil)
	}
	return tag.RowsAffected(), nil
}

// copyForm is a form in which COPY reads rows.
type copyForm struct {
	option              string // of the statement
	head, tail          string // of all rows
	begin, between, end string // of a row
	null                string
	cell                func(b []byte, i int, col *columnar.Column, row int) []byte // of column i, not null
}

var textForm = copyForm{between: "\t", end: "\n", null: `\N`, cell: appendCell}

func binaryForm(cells []binaryCell) copyForm {
	return copyForm{
		option: " with (format binary)",
		head:   "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00", // no flags, no extension
		begin:  string(binary.BigEndian.AppendUint16(nil, uint16(len(cells)))),
		null:   "\xff\xff\xff\xff",
		tail:   "\xff\xff",
		cell:   func(b []byte, i int, col *columnar.Column, row int) []byte { return cells[i](b, col, row) },
	}
}

// columnReader writes the rows of batches as COPY reads them. Constants are written once
// and copied.
type columnReader struct {
	batches []*columnar.Batch // that are left
	row     int               // of the first of them
	form    copyForm
	consts  [][]byte
	buf     []byte
	off     int
	ended   bool // the tail is written
}

func newColumnReader(batches []*columnar.Batch, form copyForm) *columnReader {
	r := &columnReader{batches: batches, form: form, consts: make([][]byte, len(batches[0].Columns)), buf: []byte(form.head)}
	for i, col := range batches[0].Columns {
		if col.Const {
			r.consts[i] = r.cell(nil, i, col, 0)
		}
	}
	return r
}

func (r *columnReader) cell(b []byte, i int, col *columnar.Column, row int) []byte {
	if col.IsNull(row) {
		return append(b, r.form.null...)
	}
	return r.form.cell(b, i, col, row)
}

func (r *columnReader) Read(p []byte) (int, error) {
	if r.off == len(r.buf) {
		if r.ended {
			return 0, io.EOF
		}
		r.buf, r.off = r.rows(r.buf[:0]), 0
	}
	n := copy(p, r.buf[r.off:])
	r.off += n
	return n, nil
}

// rows writes about copyChunk bytes.
func (r *columnReader) rows(buf []byte) []byte {
	for len(buf) < copyChunk {
		if len(r.batches) == 0 {
			r.ended = true
			return append(buf, r.form.tail...)
		}
		b := r.batches[0]
		if r.row == b.Rows {
			r.batches, r.row = r.batches[1:], 0
			continue
		}
		buf = append(buf, r.form.begin...)
		for i, col := range b.Columns {
			if i > 0 {
				buf = append(buf, r.form.between...)
			}
			if r.consts[i] != nil {
				buf = append(buf, r.consts[i]...)
				continue
			}
			buf = r.cell(buf, i, col, r.row)
		}
		buf = append(buf, r.form.end...)
		r.row++
	}
	return buf
}

// appendCell writes a value in the text form.
func appendCell(b []byte, _ int, col *columnar.Column, row int) []byte {
	switch col.Kind {
	case columnar.Text:
		return appendEscaped(b, col.DataAt(row))
	case columnar.Bytes:
		return appendHex(b, col.DataAt(row))
	case columnar.Float:
		return appendFloat(b, col.FloatAt(row))
	case columnar.Boolean:
		if col.IntAt(row) != 0 {
			return append(b, 't')
		}
		return append(b, 'f')
	case columnar.Date:
		if v := col.IntAt(row); v != int64(int32(v)) {
			return strconv.AppendInt(b, v, 10) // which is no date, and the server says so
		}
		return time.Unix(col.IntAt(row)*86400, 0).UTC().AppendFormat(b, "2006-01-02")
	case columnar.Timestamp:
		return time.UnixMicro(col.IntAt(row)).UTC().AppendFormat(b, "2006-01-02 15:04:05.999999")
	case columnar.TimestampTZ:
		return append(time.UnixMicro(col.IntAt(row)).UTC().AppendFormat(b, "2006-01-02 15:04:05.999999"), "+00"...)
	}
	return strconv.AppendInt(b, col.IntAt(row), 10)
}

func appendEscaped(b, text []byte) []byte {
	from := 0
	for i, ch := range text {
		var escape byte
		switch ch {
		case '\\':
			escape = '\\'
		case '\n':
			escape = 'n'
		case '\r':
			escape = 'r'
		case '\t':
			escape = 't'
		default:
			continue
		}
		b = append(append(b, text[from:i]...), '\\', escape)
		from = i + 1
	}
	return append(b, text[from:]...)
}

func appendHex(b, data []byte) []byte {
	const digits = "0123456789abcdef"
	b = append(b, `\\x`...)
	for _, x := range data {
		b = append(b, digits[x>>4], digits[x&15])
	}
	return b
}

func appendFloat(b []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	case math.IsNaN(f):
		return append(b, "NaN"...)
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

package postgres

import (
	"context"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/compiler/relation"
)

// LoadColumns implements columnar.Loader with COPY in its text form.
func (c *conn) LoadColumns(ctx context.Context, target *relation.Relation, batches ...*columnar.Batch) (int64, error) {
	if columnar.Rows(batches) == 0 {
		return 0, nil
	}
	b := batches[0]
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	quoted := make([]string, len(b.Names))
	for i, name := range b.Names {
		quoted[i] = quoteName(name)
	}
	sql := "copy " + target.Render() + " (" + strings.Join(quoted, ", ") + ") from stdin"
	tag, err := c.pg.CopyFrom(ctx, newColumnReader(batches), sql)
	if err != nil {
		return 0, c.wrap(ctx, err, sql, nil)
	}
	return tag.RowsAffected(), nil
}

// columnReader writes the rows of a batch as COPY reads them. Constants are written once
// and copied.
type columnReader struct {
	batches []*columnar.Batch // that are left
	row     int               // of the first of them
	consts  [][]byte
	buf     []byte
	off     int
}

func newColumnReader(batches []*columnar.Batch) *columnReader {
	r := &columnReader{batches: batches, consts: make([][]byte, len(batches[0].Columns))}
	for i, col := range batches[0].Columns {
		if col.Const {
			r.consts[i] = appendCell(nil, col, 0)
		}
	}
	return r
}

func (r *columnReader) Read(p []byte) (int, error) {
	if r.off == len(r.buf) {
		r.buf, r.off = r.buf[:0], 0
		for len(r.buf) < copyChunk && len(r.batches) > 0 {
			b := r.batches[0]
			if r.row == b.Rows {
				r.batches, r.row = r.batches[1:], 0
				continue
			}
			for i, col := range b.Columns {
				if i > 0 {
					r.buf = append(r.buf, '\t')
				}
				if r.consts[i] != nil {
					r.buf = append(r.buf, r.consts[i]...)
					continue
				}
				r.buf = appendCell(r.buf, col, r.row)
			}
			r.buf = append(r.buf, '\n')
			r.row++
		}
		if len(r.buf) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, r.buf[r.off:])
	r.off += n
	return n, nil
}

func appendCell(b []byte, col *columnar.Column, row int) []byte {
	if col.IsNull(row) {
		return append(b, `\N`...)
	}
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

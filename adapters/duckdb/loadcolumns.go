package duckdb

import (
	"context"
	"strconv"
	"strings"
	"unsafe"

	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/compiler/relation"
)

var nativeKinds = [...]native.Kind{
	columnar.Text: native.Text, columnar.Integer: native.Integer, columnar.Float: native.Float, columnar.Boolean: native.Boolean,
	columnar.Date: native.Date, columnar.Timestamp: native.Timestamp, columnar.TimestampTZ: native.TimestampTZ, columnar.Bytes: native.Bytes,
}

// LoadColumns implements columnar.Loader. Constant columns, and those without any value,
// become literals of the statement, so that they are not handed over row by row.
func (c *conn) LoadColumns(ctx context.Context, target *relation.Relation, batches ...*columnar.Batch) (int64, error) {
	total := columnar.Rows(batches)
	if total == 0 {
		return 0, nil
	}
	var (
		kinds  []native.Kind
		names  []string
		moving []int
	)
	b := batches[0]
	quoted := make([]string, len(b.Columns))
	exprs := make([]string, len(b.Columns))
	for i, col := range b.Columns {
		quoted[i] = quoteName(b.Names[i])
		if col.Const {
			exprs[i] = constant(col)
			continue
		}
		if noValue(batches, i) {
			exprs[i] = "NULL"
			continue
		}
		name := "c" + strconv.Itoa(i)
		exprs[i] = name
		names = append(names, name)
		kinds = append(kinds, nativeKinds[col.Kind])
		moving = append(moving, i)
	}
	insert := "INSERT INTO " + target.Render() + " (" + strings.Join(quoted, ", ") + ") SELECT " +
		strings.Join(exprs, ", ") + " FROM appended_data"
	parts := make([]native.Rows, 0, len(batches))
	for _, b := range batches {
		parts = append(parts, native.Rows{Count: b.Rows, Cell: func(row, i int) (native.Cell, error) { return cellAt(b.Columns[moving[i]], row), nil }})
	}
	if err := c.native.Append(ctx, insert, kinds, names, parts...); err != nil {
		return 0, wrap(err, insert)
	}
	return int64(total), nil
}

// noValue reports that a column is null in every row of all batches.
func noValue(batches []*columnar.Batch, column int) bool {
	for _, b := range batches {
		if !b.Columns[column].AllNull() {
			return false
		}
	}
	return true
}

func cellAt(col *columnar.Column, row int) native.Cell {
	if col.IsNull(row) {
		return native.Cell{Null: true}
	}
	switch col.Kind {
	case columnar.Text, columnar.Bytes:
		d := col.DataAt(row)
		// The engine copies the bytes before the call returns.
		return native.Cell{S: unsafe.String(unsafe.SliceData(d), len(d))}
	case columnar.Float:
		return native.Cell{F: col.FloatAt(row)}
	}
	return native.Cell{I: col.IntAt(row)}
}

func constant(col *columnar.Column) string {
	if col.IsNull(0) {
		return "NULL"
	}
	switch col.Kind {
	case columnar.Text:
		return literal(string(col.DataAt(0)))
	case columnar.Bytes:
		return "from_hex('" + hexText(col.DataAt(0)) + "')"
	case columnar.Float:
		return strconv.FormatFloat(col.FloatAt(0), 'g', -1, 64) + "::DOUBLE"
	}
	n := strconv.FormatInt(col.IntAt(0), 10)
	switch col.Kind {
	case columnar.Boolean:
		return n + "::BOOLEAN"
	case columnar.Date:
		return "DATE '1970-01-01' + " + n + "::INTEGER"
	case columnar.Timestamp:
		return "make_timestamp(" + n + ")"
	case columnar.TimestampTZ:
		return "make_timestamptz(" + n + ")"
	}
	return n
}

func hexText(b []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(b))
	for _, x := range b {
		out = append(out, digits[x>>4], digits[x&15])
	}
	return string(out)
}

package duckdb

import (
	"context"
	"strconv"
	"strings"

	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Load implements adapters.Conn through the Appender. The rows become the source of an
// INSERT … SELECT, so the engine casts every value to the type of its column, whatever
// that is, inside the connection's transaction.
func (c *conn) Load(ctx context.Context, target *relation.Relation, columns []string, rows *agate.Table) (int64, error) {
	if len(rows.Rows) == 0 {
		return 0, nil
	}
	kinds := make([]native.Kind, len(columns))
	names := make([]string, len(columns))
	quoted := make([]string, len(columns))
	for i, name := range columns {
		kinds[i] = kindOf(rows, i)
		quoted[i] = quoteName(name)
		names[i] = "c" + strconv.Itoa(i)
	}
	insert := "INSERT INTO " + target.Render() + " (" + strings.Join(quoted, ", ") + ") SELECT " +
		strings.Join(names, ", ") + " FROM appended_data"
	cells := native.Rows{Count: len(rows.Rows), Cell: func(row, col int) (native.Cell, error) {
		return cellOf(rows.Rows[row][col], kinds[col]), nil
	}}
	if err := c.native.Append(ctx, insert, kinds, names, cells); err != nil {
		return 0, wrap(err, insert)
	}
	return int64(len(rows.Rows)), nil
}

// kindOf picks the form in which a column is handed over: its own when all values have
// it, else text.
func kindOf(t *agate.Table, col int) native.Kind {
	kind := native.Text
	for _, row := range t.Rows {
		v := row[col]
		k := native.Text
		switch v.Kind() {
		case value.KindUndefined, value.KindNone:
			continue
		case value.KindBool:
			k = native.Boolean
		case value.KindInt:
			k = native.Integer
		case value.KindFloat:
			k = native.Float
		case value.KindObject:
			k = objectKind(v)
		}
		if k == native.Text || kind != native.Text && kind != k {
			return native.Text
		}
		kind = k
	}
	return kind
}

func objectKind(v value.Value) native.Kind {
	o, _ := v.AsObject()
	switch o := o.(type) {
	case *value.Date:
		return native.Date
	case *value.DateTime:
		if o.Zone() != nil {
			return native.TimestampTZ
		}
		return native.Timestamp
	case *value.Bytes:
		return native.Bytes
	}
	return native.Text
}

func cellOf(v value.Value, kind native.Kind) native.Cell {
	if v.IsNull() {
		return native.Cell{Null: true}
	}
	switch kind {
	case native.Boolean:
		if b, _ := v.AsBool(); b {
			return native.Cell{I: 1}
		}
		return native.Cell{}
	case native.Integer:
		n, _ := v.AsInt()
		return native.Cell{I: n}
	case native.Float:
		f, _ := v.AsFloat()
		return native.Cell{F: f}
	case native.Text:
		return native.Cell{S: textOf(v)}
	}
	o, _ := v.AsObject()
	switch o := o.(type) {
	case *value.Date:
		return native.Cell{I: native.Days(o.Time())}
	case *value.DateTime:
		return native.Cell{I: native.Micros(o.Time())}
	case *value.Bytes:
		return native.Cell{S: string(o.B)}
	}
	return native.Cell{S: textOf(v)}
}

// textOf is a value as the engine's casts from text read it.
func textOf(v value.Value) string {
	switch v.Kind() {
	case value.KindBool:
		if b, _ := v.AsBool(); b {
			return "true"
		}
		return "false"
	case value.KindDict, value.KindList, value.KindTuple:
		if b, err := value.AppendJSON(nil, v, value.JSONOptions{}); err == nil {
			return string(b)
		}
	}
	return value.Str(v)
}

package postgres

import (
	"context"
	"io"
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Load implements adapters.Conn with COPY in its text form: every value is written as
// text and the server casts it to the type of its column.
func (c *conn) Load(ctx context.Context, target *relation.Relation, columns []string, rows *agate.Table) (int64, error) {
	if err := c.ready(ctx); err != nil {
		return 0, err
	}
	quoted, err := c.targetColumns(ctx, target, columns)
	if err != nil {
		return 0, err
	}
	sql := "copy " + target.Render() + " (" + strings.Join(quoted, ", ") + ") from stdin"
	tag, err := c.pg.CopyFrom(ctx, &copyReader{rows: rows.Rows}, sql)
	if err != nil {
		return 0, c.wrap(ctx, err, sql, nil)
	}
	return tag.RowsAffected(), nil
}

// targetColumns quotes the names of the columns to fill. A table that was created with
// unquoted names has them in lower case, whatever the file calls them.
func (c *conn) targetColumns(ctx context.Context, target *relation.Relation, columns []string) ([]string, error) {
	var have map[string]bool
	out := make([]string, len(columns))
	for i, name := range columns {
		folded := strings.ToLower(name)
		if folded != name && have == nil {
			fields, err := c.fields(ctx, "select * from "+target.Render())
			if err != nil {
				return nil, err
			}
			have = make(map[string]bool, len(fields))
			for _, f := range fields {
				have[f.Name] = true
			}
		}
		if folded != name && !have[name] && have[folded] {
			name = folded
		}
		out[i] = quoteName(name)
	}
	return out, nil
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// copyReader writes rows in COPY's text form as they are asked for.
type copyReader struct {
	rows [][]value.Value
	buf  []byte
	off  int
}

// copyChunk is about how much text is made at once.
const copyChunk = 64 << 10

func (r *copyReader) Read(p []byte) (int, error) {
	if r.off == len(r.buf) {
		if len(r.rows) == 0 {
			return 0, io.EOF
		}
		r.buf, r.off = r.buf[:0], 0
		for len(r.rows) > 0 && len(r.buf) < copyChunk {
			r.buf = appendRow(r.buf, r.rows[0])
			r.rows = r.rows[1:]
		}
	}
	n := copy(p, r.buf[r.off:])
	r.off += n
	return n, nil
}

func appendRow(b []byte, row []value.Value) []byte {
	for i, v := range row {
		if i > 0 {
			b = append(b, '\t')
		}
		if v.IsNull() {
			b = append(b, `\N`...)
			continue
		}
		for _, ch := range []byte(textOf(v)) {
			switch ch {
			case '\\':
				b = append(b, `\\`...)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			case '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, ch)
			}
		}
	}
	return append(b, '\n')
}

package run

import (
	"context"
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// FetchFailingRows asks for some of the rows that a failed test found, for people to see. They
// come from where the failures are stored, else from the test's own query once more, which
// therefore runs only for tests that did not pass. Rows that cannot be had are nil: what the
// test found stands without them.
func (t *Task) FetchFailingRows(ctx context.Context) *agate.Table {
	if t.run.Flags.ShowFailures <= 0 || t.conn == nil || t.Out == nil {
		return nil
	}
	if t.Result.StoreFailures {
		return t.someRows(ctx, "select * from "+t.Result.RelationName)
	}
	if whole, ok := wholeRows(t.Node.Test, t.Out.Code); ok {
		if table := t.someRows(ctx, whole); table != nil {
			return table
		}
	}
	return t.someRows(ctx, t.Out.Code)
}

// wholeRows is the query of a not_null test with every column, as it is with stored failures: a
// column of nulls tells nobody which rows they are.
func wholeRows(test *manifest.TestMetadata, sql string) (string, bool) {
	if test == nil || test.Name != "not_null" || test.Namespace != "" || test.Kwargs == nil {
		return "", false
	}
	column, _ := test.Kwargs.GetString("column_name")
	rest, ok := strings.CutPrefix(strings.TrimSpace(sql), "select "+value.Str(column)+"\nfrom ")
	return "select *\nfrom " + rest, ok
}

// someRows runs a query with the limit of --show-failures; nil when there are none to be had.
func (t *Task) someRows(ctx context.Context, sql string) *agate.Table {
	limit := t.run.Flags.ShowFailures
	a, err := t.Ask(ctx, "get_failing_rows_sql", limit,
		value.Kwarg{Name: "main_sql", Value: value.String(sql)},
		value.Kwarg{Name: "sql_header", Value: orNone(t.Node.Config.Get("sql_header"))},
		value.Kwarg{Name: "limit", Value: value.Int(int64(limit))})
	if err != nil || a.Table == nil || len(a.Table.Rows) == 0 {
		return nil
	}
	return a.Table
}

const (
	failingColumns = 12 // shown of a wide row
	narrowestCell  = 8
	widestCell     = 32
)

// failingRows prints the rows of a failed test as a table that fits the width.
func (r *run) failingRows(info *event.NodeInfo, res *Result) event.Event {
	t := r.masked(res.FailingRows)
	width := r.Flags.PrinterWidth
	if width <= 0 {
		width = 80
	}
	columns := min(len(t.Names), failingColumns)
	cell := min(max((width-4)/max(columns, 1)-3, narrowestCell), widestCell)
	rows := make([][]any, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]any, len(row))
		for c, v := range row {
			rows[i][c] = plain(v)
		}
	}
	failures := int64(len(rows))
	if res.Failures != nil {
		failures = *res.Failures
	}
	return event.FailingRows(info, failures, t.Names, rows, t.PrintTable(-1, columns, cell))
}

// masked hides secrets before cells are cut.
func (r *run) masked(t *agate.Table) *agate.Table {
	if r.Mask == nil {
		return t
	}
	c := *t
	c.Rows = make([][]value.Value, len(t.Rows))
	for i, row := range t.Rows {
		c.Rows[i] = append([]value.Value(nil), row...)
		for k, v := range row {
			if s, ok := v.AsString(); ok {
				c.Rows[i][k] = value.String(r.Mask(s))
			}
		}
	}
	return &c
}

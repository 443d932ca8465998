// Package landing puts decoded records into the source's table, together with the offsets
// they come from, in one transaction.
package landing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/relation"
)

// Further columns of a landing table, constant within a batch.
const (
	columnTopic    = "_stream_topic"
	columnBatch    = "_stream_batch"
	columnIngested = "_stream_ingested_at"
)

// Table is the table a stream lands in.
type Table struct {
	Relation *relation.Relation // of the log, which has every record
	Current  *relation.Relation // of the rows as they are now; nil where landing only appends
	Source   *declare.Source
	// Grown are columns of the log beyond the declared ones, found by Ensure.
	Grown  []decode.Field
	fields []decode.Field // that are landed now: the declared ones and those that were added
	engine string
}

// NewTable describes the landing table of a stream whose source has the relation rel.
func NewTable(src *declare.Source, rel *relation.Relation, engine string) *Table {
	t := &Table{Relation: Log(src, rel), Source: src, fields: src.Fields, engine: engine}
	if src.Stateful() {
		t.Current = rel
	}
	return t
}

// Relations are the table's own: the log, and the current rows where there are some.
func (t *Table) Relations() []*relation.Relation {
	if t.Current == nil {
		return []*relation.Relation{t.Relation}
	}
	return []*relation.Relation{t.Relation, t.Current}
}

type column struct{ name, dtype string }

// columns are the columns of the log, or of the table of current rows.
func (t *Table) columns(log bool) []column {
	var out []column
	for _, f := range t.fields {
		out = append(out, column{f.Name, f.Type.Name})
	}
	if log && t.Source.Landing == declare.LandDebezium {
		for _, i := range t.Source.Key {
			out = append(out, column{decode.PriorPrefix + t.Source.Fields[i].Name, t.Source.Fields[i].Type.Name})
		}
		out = append(out, column{decode.ColumnUnavailable, "text"})
	}
	key := "text"
	if t.Source.KeyBytes {
		key = "bytea"
		if t.engine == "duckdb" {
			key = "blob"
		}
	}
	return append(out, []column{
		{columnTopic, "text"}, {decode.ColumnPartition, "integer"}, {decode.ColumnOffset, "bigint"}, {decode.ColumnTimestamp, "timestamp with time zone"},
		{decode.ColumnKey, key}, {decode.ColumnHeaders, "json"}, {decode.ColumnSchema, "integer"}, {decode.ColumnOp, "text"},
		{columnBatch, "bigint"}, {columnIngested, "timestamp with time zone"},
	}...)
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Ensure makes the table, or adds declared columns that an existing table lacks. A table
// whose columns have other types than declared is an error.
func (t *Table) Ensure(ctx context.Context, c adapters.Conn) error {
	if err := t.ensure(ctx, c, t.Relation, t.columns(true)); err != nil || t.Current == nil {
		return err
	}
	return t.ensure(ctx, c, t.Current, t.columns(false))
}

func (t *Table) ensure(ctx context.Context, c adapters.Conn, rel *relation.Relation, wanted []column) error {
	err := ledger.Retry(ctx, func() error { return ledger.Within(ctx, c, func() error { return t.create(ctx, c, rel, wanted) }) })
	if err != nil {
		return t.problem("its table "+rel.Render()+" cannot be made: "+err.Error(), "", err)
	}
	return t.compare(ctx, c, rel, wanted)
}

func (t *Table) create(ctx context.Context, c adapters.Conn, rel *relation.Relation, wanted []column) error {
	schema := rel.WithInclude(relation.Policy{Database: t.engine == "duckdb", Schema: true}).Render()
	defs := make([]string, len(wanted))
	for i, col := range wanted {
		defs[i] = quote(col.name) + " " + col.dtype
	}
	statements := []string{"create schema if not exists " + schema, "create table if not exists " + rel.Render() + " (" + strings.Join(defs, ", ") + ")" + t.partitioning(rel)}
	if t.engine == "postgres" {
		statements = append([]string{"select pg_advisory_xact_lock(7316047212)"}, statements...)
		statements = append(statements, "create index if not exists "+quote("_stream_batch_"+rel.Identifier)+" on "+rel.Render()+" using brin (_stream_batch) with (autosummarize = on)")
		if rel == t.Current {
			statements = append(statements, "create unique index if not exists "+quote("_stream_key_"+rel.Identifier)+" on "+rel.Render()+" ("+strings.Join(t.key(), ", ")+")")
		}
	}
	for _, sql := range statements {
		if _, _, err := c.Execute(ctx, sql, false, -1); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) problem(summary, hint string, cause error) error {
	d := diag.New(diag.CodeLedger, diag.Database, t.Source.Span, "stream "+t.Source.Name+": "+summary)
	d.Hint, d.NodeID, d.Cause = hint, t.Source.ID, cause
	return d
}

func (t *Table) compare(ctx context.Context, c adapters.Conn, rel *relation.Relation, wanted []column) error {
	there, err := c.Describe(ctx, "select * from "+rel.Render())
	if err != nil {
		return t.problem(err.Error(), "", err)
	}
	casts := make([]string, len(wanted))
	for i, col := range wanted {
		casts[i] = "cast(null as " + col.dtype + ") as " + quote(col.name)
	}
	declared, err := c.Describe(ctx, "select "+strings.Join(casts, ", "))
	if err = errors.Join(err, c.Rollback(ctx)); err != nil {
		return t.problem("its columns cannot be declared so: "+err.Error(), "", err)
	}
	types := map[string]*relation.Column{}
	for _, col := range there {
		types[strings.ToLower(col.Name)] = col
	}
	var missing []string
	for i, col := range wanted {
		old := types[strings.ToLower(col.name)]
		switch {
		case old == nil && strings.HasPrefix(col.name, "_stream_"):
			return t.problem(fmt.Sprintf("the table %s was not made by a stream: it has no column %s", rel.Render(), col.name),
				"give the source another identifier, or move the table away", nil)
		case old == nil:
			missing = append(missing, "alter table "+rel.Render()+" add column "+quote(col.name)+" "+col.dtype)
		case !strings.EqualFold(old.DataType(), declared[i].DataType()):
			return t.problem(fmt.Sprintf("column %s of %s is %s, but declared as %s", col.name, rel.Render(), old.DataType(), declared[i].DataType()),
				"change the table's column, or drop the table and run `millrace stream replay`", nil)
		}
	}
	if rel == t.Relation {
		t.Grown = t.beyond(there, wanted)
	}
	if len(missing) == 0 {
		return nil
	}
	return ledger.Within(ctx, c, func() error {
		for _, sql := range missing {
			if _, _, err := c.Execute(ctx, sql, false, -1); err != nil {
				return t.problem(err.Error(), "", err)
			}
		}
		return nil
	})
}

// beyond are columns of a table that nobody declared and that a stream can fill.
func (t *Table) beyond(there []*relation.Column, wanted []column) []decode.Field {
	known := map[string]bool{}
	for _, col := range wanted {
		known[strings.ToLower(col.name)] = true
	}
	var out []decode.Field
	for _, col := range there {
		if known[strings.ToLower(col.Name)] || strings.HasPrefix(col.Name, "_stream_") {
			continue
		}
		if dtype, ok := decode.ParseType(col.DataType(), decode.DialectOf(t.engine)); ok {
			out = append(out, decode.Field{Name: col.Name, Type: dtype})
		}
	}
	return out
}

// Layout is how records of the stream are decoded for this table.
func (t *Table) Layout() *decode.Layout {
	s := t.Source
	l := &decode.Layout{Fields: s.Fields, Dialect: decode.DialectOf(t.engine), KeyBytes: s.KeyBytes, KeepKey: s.KeepKey, KeepHeaders: s.KeepHeaders, SkipUnwanted: s.OnBad == declare.Skip,
		Changes: s.Stateful()}
	if s.Landing == declare.LandDebezium {
		l.Prior = s.Key
	}
	return l
}

func constText(s string) *columnar.Column {
	c := &columnar.Column{Kind: columnar.Text, Const: true}
	c.String(s)
	return c
}

func constInt(k columnar.Kind, n int64) *columnar.Column {
	c := &columnar.Column{Kind: k, Const: true}
	c.Int(n)
	return c
}

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
	columnOp       = "_stream_op"
	columnBatch    = "_stream_batch"
	columnIngested = "_stream_ingested_at"
)

// Table is the table a stream lands in.
type Table struct {
	Relation *relation.Relation
	Source   *declare.Source
	engine   string
}

// NewTable describes the landing table of a stream.
func NewTable(src *declare.Source, rel *relation.Relation, engine string) *Table {
	return &Table{Relation: rel, Source: src, engine: engine}
}

type column struct{ name, dtype string }

func (t *Table) columns() []column {
	var out []column
	for _, f := range t.Source.Fields {
		out = append(out, column{f.Name, f.Type.Name})
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
		{decode.ColumnKey, key}, {decode.ColumnHeaders, "json"}, {decode.ColumnSchema, "integer"}, {columnOp, "text"},
		{columnBatch, "bigint"}, {columnIngested, "timestamp with time zone"},
	}...)
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Ensure makes the table, or adds declared columns that an existing table lacks. A table
// whose columns have other types than declared is an error.
func (t *Table) Ensure(ctx context.Context, c adapters.Conn) error {
	wanted := t.columns()
	err := ledger.Retry(ctx, func() error { return ledger.Within(ctx, c, func() error { return t.create(ctx, c, wanted) }) })
	if err != nil {
		return t.problem("its table "+t.Relation.Render()+" cannot be made: "+err.Error(), "", err)
	}
	return t.compare(ctx, c, wanted)
}

func (t *Table) create(ctx context.Context, c adapters.Conn, wanted []column) error {
	rel := t.Relation
	schema := rel.WithInclude(relation.Policy{Database: t.engine == "duckdb", Schema: true}).Render()
	defs := make([]string, len(wanted))
	for i, col := range wanted {
		defs[i] = quote(col.name) + " " + col.dtype
	}
	statements := []string{"create schema if not exists " + schema, "create table if not exists " + rel.Render() + " (" + strings.Join(defs, ", ") + ")"}
	if t.engine == "postgres" {
		statements = append([]string{"select pg_advisory_xact_lock(7316047212)"}, statements...)
		statements = append(statements, "create index if not exists "+quote("_stream_batch_"+rel.Identifier)+" on "+rel.Render()+" using brin (_stream_batch)")
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

func (t *Table) compare(ctx context.Context, c adapters.Conn, wanted []column) error {
	there, err := c.Describe(ctx, "select * from "+t.Relation.Render())
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
			return t.problem(fmt.Sprintf("the table %s was not made by a stream: it has no column %s", t.Relation.Render(), col.name),
				"give the source another identifier, or move the table away", nil)
		case old == nil:
			missing = append(missing, "alter table "+t.Relation.Render()+" add column "+quote(col.name)+" "+col.dtype)
		case !strings.EqualFold(old.DataType(), declared[i].DataType()):
			return t.problem(fmt.Sprintf("column %s of %s is %s, but declared as %s", col.name, t.Relation.Render(), old.DataType(), declared[i].DataType()),
				"change the table's column, or drop the table and run `millrace stream replay`", nil)
		}
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

// Layout is how records of the stream are decoded for this table.
func (t *Table) Layout() *decode.Layout {
	s := t.Source
	return &decode.Layout{Fields: s.Fields, Dialect: decode.DialectOf(t.engine), KeyBytes: s.KeyBytes, KeepKey: s.KeepKey, KeepHeaders: s.KeepHeaders, SkipUnwanted: s.OnBad == declare.Skip}
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

func constNull(k columnar.Kind) *columnar.Column {
	c := &columnar.Column{Kind: k, Const: true}
	c.Null()
	return c
}

package landing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// On PostgreSQL a table whose rows are kept for some time has a partition for each day (UTC)
// on which they landed: dropping one costs nothing. Partitions are in the ledger's schema,
// where nobody takes them for relations of the project.

// dayForm is how the name of a partition ends.
const dayForm = "20060102"

// partitioning is the end of the statement that makes a table.
func (t *Table) partitioning(rel *relation.Relation) string {
	if t.engine != "postgres" || t.Source.Retention == 0 || rel != t.Relation {
		return ""
	}
	return " partition by range (" + quote(columnIngested) + ")"
}

// partitionPrefix is how the names of the table's partitions begin.
func (t *Table) partitionPrefix() string {
	sum := sha256.Sum256([]byte(t.Relation.Schema + "." + t.Relation.Identifier))
	return "rows_" + hex.EncodeToString(sum[:6]) + "_"
}

func dayOf(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// makeRoom makes the partitions of a day and of the next one, where the table has partitions:
// also one whose declaration says nothing of retention any more.
func (w *Writer) makeRoom(ctx context.Context, c adapters.Conn, now time.Time) error {
	day := dayOf(now)
	if w.Table.engine != "postgres" || day.Equal(w.roomFor) {
		return nil
	}
	err := ledger.Retry(ctx, func() error {
		return ledger.Within(ctx, c, func() error {
			parted, err := w.Table.parted(ctx, c)
			w.partition = ""
			if err != nil || !parted {
				return err
			}
			w.partition = w.Table.partitionOf(w.Ledger, day)
			if _, _, err := c.Execute(ctx, "select pg_advisory_xact_lock(7316047212)", false, -1); err != nil {
				return err
			}
			for _, d := range []time.Time{day, day.AddDate(0, 0, 1)} {
				if err := w.Table.addPartition(ctx, c, w.Table.partitionOf(w.Ledger, d), d); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err == nil {
		w.roomFor = day
	}
	return err
}

func (t *Table) partitionOf(l *ledger.Ledger, day time.Time) string {
	rel := l.Relation(t.partitionPrefix() + day.Format(dayForm))
	return rel.WithInclude(relation.Policy{Schema: true, Identifier: true}).Render()
}

func (t *Table) parted(ctx context.Context, c adapters.Conn) (bool, error) {
	_, rows, err := c.Execute(ctx, "select relkind = 'p' from pg_catalog.pg_class where oid = "+literal(t.Relation.Render())+"::regclass", true, -1)
	if err != nil {
		return false, err
	}
	return value.Truth(rows.Rows[0][0]), nil
}

// addPartition attaches a table, which readers of the others do not notice.
func (t *Table) addPartition(ctx context.Context, c adapters.Conn, name string, day time.Time) error {
	_, rows, err := c.Execute(ctx, "select to_regclass("+literal(name)+") is not null", true, -1)
	if err != nil || value.Truth(rows.Rows[0][0]) {
		return err
	}
	bound := func(d time.Time) string { return literal(d.Format(time.DateOnly) + " 00:00:00+00") }
	for _, sql := range []string{
		"create table " + name + " (like " + t.Relation.Render() + " including defaults)",
		"alter table " + t.Relation.Render() + " attach partition " + name + " for values from (" + bound(day) + ") to (" + bound(day.AddDate(0, 0, 1)) + ")",
	} {
		if _, _, err := c.Execute(ctx, sql, false, -1); err != nil {
			return err
		}
	}
	return nil
}

// oldPartitions are the table's partitions of days that ended before a moment, oldest first.
func (t *Table) oldPartitions(ctx context.Context, c adapters.Conn, before time.Time) ([]string, error) {
	_, rows, err := c.Execute(ctx, "select format('%I.%I', n.nspname, c.relname), c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid "+
		"join pg_catalog.pg_namespace n on n.oid = c.relnamespace where i.inhparent = "+literal(t.Relation.Render())+"::regclass order by c.relname", true, -1)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows.Rows {
		text, ours := strings.CutPrefix(value.Str(r[1]), t.partitionPrefix())
		day, err := time.Parse(dayForm, text)
		if ours && err == nil && !day.AddDate(0, 0, 1).After(before) {
			out = append(out, value.Str(r[0]))
		}
	}
	return out, nil
}

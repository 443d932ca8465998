package landing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

// Range is the offsets of a partition from From up to, but without, To.
type Range struct {
	Topic     string
	Partition int32
	From, To  int64
}

// Swapped says what Swap exchanged.
type Swapped struct{ Out, In int64 }

// ErrMovedBack says that the stream was replayed in place while it was replayed aside.
var ErrMovedBack = errors.New("the stream was moved back meanwhile")

// Swap exchanges the rows of ranges, and their quarantined records, for those that have
// landed aside under another name of the stream, in one transaction. The stream's owner goes
// on meanwhile: it keeps its offsets, which are behind the ranges, and does not wait. The
// numbers of the exchange's batches are taken before, so they come later than those behind
// them; models follow that as they follow writers that share a stream.
func (w *Writer) Swap(ctx context.Context, aside *Table, ranges []Range) (Swapped, error) {
	var out Swapped
	c, err := w.connection(ctx)
	if err != nil {
		return out, err
	}
	if err := w.makeRoom(ctx, c, w.Now()); err != nil {
		return out, err
	}
	pipeline, other := w.Table.Source.ID, aside.Source.ID
	number, epoch, err := w.Ledger.ReserveFor(ctx, c, pipeline, other)
	if err != nil {
		return out, err
	}
	err = ledger.Retry(ctx, func() error {
		return ledger.Within(ctx, c, func() (err error) {
			out, err = w.swap(ctx, c, aside, ranges, number, epoch)
			return err
		})
	})
	if err != nil {
		release := context.WithoutCancel(ctx)
		err = errors.Join(err, ledger.Retry(release, func() error {
			return ledger.Within(release, c, func() error { return w.Ledger.Release(release, c, pipeline, other, w.RunID) })
		}))
	}
	return out, err
}

func (w *Writer) swap(ctx context.Context, c adapters.Conn, aside *Table, ranges []Range, number, epoch int64) (out Swapped, err error) {
	count := func(sql string) (int64, error) {
		r, _, err := c.Execute(ctx, sql, false, -1)
		return r.RowsAffected, err
	}
	pipeline, other := w.Table.Source.ID, aside.Source.ID
	var names, values []string
	for _, col := range w.Table.columns(true) {
		names = append(names, quote(col.name))
		if col.name == columnBatch {
			values = append(values, fmt.Sprint(number+1))
			continue
		}
		values = append(values, quote(col.name))
	}
	quarantine := w.Ledger.Relation("quarantine").Render()
	var badOut, badIn int64
	if err := w.forgetRanges(ctx, c, ranges); err != nil {
		return out, err
	}
	// All ranges at once: each statement reads the whole table.
	rows, bad := within(ranges, columnTopic, decode.ColumnPartition, decode.ColumnOffset), within(ranges, "topic", `"partition"`, `"offset"`)
	for _, do := range []struct {
		n   *int64
		sql string
	}{
		{&out.Out, "delete from " + w.Table.Relation.Render() + " where " + rows},
		{&out.In, "insert into " + w.Table.Relation.Render() + " (" + strings.Join(names, ", ") + ") select " + strings.Join(values, ", ") + " from " + aside.Relation.Render() + " where " + rows},
		{&badOut, "delete from " + quarantine + " where pipeline = " + literal(pipeline) + " and status = 'quarantined' and " + bad},
		{new(int64), "delete from " + quarantine + " where pipeline = " + literal(pipeline) + " and " + bad},
		{&badIn, fmt.Sprintf("update %s set pipeline = %s, batch = %d where pipeline = %s and %s", quarantine, literal(pipeline), number+1, literal(other), bad)},
	} {
		if *do.n, err = count(do.sql); err != nil {
			return out, err
		}
	}
	if w.Table.Current != nil {
		if err := w.forgetRanges(ctx, c, ranges); err != nil { // keys of the rows that came
			return out, err
		}
		if err := w.remember(ctx, c); err != nil {
			return out, err
		}
	}
	ends := make([]ledger.Position, len(ranges))
	for i, r := range ranges {
		ends[i] = ledger.Position{Topic: r.Topic, Partition: r.Partition, Next: r.To}
	}
	if back, err := w.Ledger.Behind(ctx, c, pipeline, ends); err != nil {
		return out, err
	} else if back {
		return out, ErrMovedBack
	}
	now := "current_timestamp"
	if err := w.Ledger.Note(ctx, c, pipeline, number, epoch, -out.Out, -badOut, w.RunID, now); err != nil {
		return out, err
	}
	if err := w.Ledger.Note(ctx, c, pipeline, number+1, epoch, out.In, badIn, w.RunID, now); err != nil {
		return out, err
	}
	if err := w.Ledger.Forget(ctx, c, other); err != nil {
		return out, err
	}
	for _, rel := range aside.Relations() {
		if _, err = count("drop table " + rel.Render()); err != nil {
			return out, err
		}
	}
	return out, nil
}

// within is the condition that keeps the records of ranges.
func within(ranges []Range, topic, partition, offset string) string {
	parts := make([]string, len(ranges))
	for i, r := range ranges {
		parts[i] = fmt.Sprintf("%s = %s and %s = %d and %s >= %d and %s < %d", topic, literal(r.Topic), partition, r.Partition, offset, r.From, offset, r.To)
	}
	return "(" + strings.Join(parts, " or ") + ")"
}

// forgetRanges takes away the current rows of keys that records of the ranges have touched.
func (w *Writer) forgetRanges(ctx context.Context, c adapters.Conn, ranges []Range) error {
	if w.Table.Current == nil {
		return nil
	}
	for _, r := range ranges {
		if err := w.forget(ctx, c, ledger.Position{Topic: r.Topic, Partition: r.Partition, Next: r.From}); err != nil {
			return err
		}
	}
	return nil
}

// Discard removes what an earlier landing aside has left.
func (w *Writer) Discard(ctx context.Context, aside *Table) error {
	c, err := w.connection(ctx)
	if err != nil {
		return err
	}
	return ledger.Retry(ctx, func() error {
		return ledger.Within(ctx, c, func() error {
			for _, rel := range aside.Relations() {
				if _, _, err := c.Execute(ctx, "drop table if exists "+rel.Render(), false, -1); err != nil {
					return err
				}
			}
			if err := w.Ledger.Release(ctx, c, w.Table.Source.ID, aside.Source.ID, w.RunID); err != nil {
				return err
			}
			return w.Ledger.Forget(ctx, c, aside.Source.ID)
		})
	})
}

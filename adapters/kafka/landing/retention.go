package landing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

// Retired says what became of rows that are old.
type Retired struct {
	Gone int64
	Held bool // some stay, because a model has not taken them in
	Busy bool // some stay, because somebody reads the table; the next time may find nobody
}

// errBusy rolls back what waited too long for readers.
var errBusy = errors.New("the table is being read")

// Retire takes rows away that landed before a moment, but none of batches behind upTo, up to
// which every model has taken rows in.
func (w *Writer) Retire(ctx context.Context, before time.Time, upTo int64) (Retired, error) {
	c, err := w.connection(ctx)
	if err != nil {
		return Retired{}, err
	}
	remove, err := w.remover(ctx, c, before)
	if err = errors.Join(err, c.Rollback(ctx)); err != nil || remove == nil {
		return Retired{}, err
	}
	var out Retired
	var number int64
	err = ledger.Retry(ctx, func() error {
		return ledger.Within(ctx, c, func() (err error) {
			out = Retired{}
			var epoch int64
			// First, as everywhere: who has the stream's row may touch its table.
			if number, epoch, err = w.Ledger.Reserve(ctx, c, w.Table.Source.ID, 1); err != nil {
				return err
			}
			if err := remove(upTo, &out); err != nil {
				return err
			}
			return w.Ledger.Retire(ctx, c, w.Table.Source.ID, number, epoch, out.Gone, w.RunID)
		})
	})
	if errors.Is(err, errBusy) {
		return Retired{Busy: true}, nil
	}
	if err == nil && w.Owner != nil && w.Owner.Shares == nil {
		w.Owner.LastBatch = max(w.Owner.LastBatch, number)
	}
	return out, err
}

// remover is how old rows go: by their partitions, or one by one; nil when there are none.
func (w *Writer) remover(ctx context.Context, c adapters.Conn, before time.Time) (func(upTo int64, out *Retired) error, error) {
	if w.Table.engine == "postgres" {
		parted, err := w.Table.parted(ctx, c)
		if err != nil {
			return nil, err
		}
		if parted {
			old, err := w.Table.oldPartitions(ctx, c, before)
			if err != nil || len(old) == 0 {
				return nil, err
			}
			return func(upTo int64, out *Retired) error { return w.dropPartitions(ctx, c, old, upTo, out) }, nil
		}
	}
	old := quote(columnIngested) + " < cast(" + literal(before.UTC().Format("2006-01-02 15:04:05.999999")+"+00") + " as timestamp with time zone)"
	if there, err := w.any(ctx, c, old); err != nil || !there {
		return nil, err
	}
	return func(upTo int64, out *Retired) error { return w.deleteRows(ctx, c, old, upTo, out) }, nil
}

func (w *Writer) any(ctx context.Context, c adapters.Conn, condition string) (bool, error) {
	_, rows, err := c.Execute(ctx, "select 1 from "+w.Table.Relation.Render()+" where "+condition+" limit 1", true, -1)
	return err == nil && len(rows.Rows) > 0, err
}

func (w *Writer) deleteRows(ctx context.Context, c adapters.Conn, condition string, upTo int64, out *Retired) error {
	r, _, err := c.Execute(ctx, fmt.Sprintf("delete from %s where %s and %s <= %d", w.Table.Relation.Render(), condition, columnBatch, upTo), false, -1)
	if err != nil {
		return err
	}
	out.Gone = r.RowsAffected
	out.Held, err = w.any(ctx, c, condition)
	return err
}

// lockPatience is how long dropping a partition waits for readers of the table; new readers
// wait behind it.
const lockPatience = "1s"

func (w *Writer) dropPartitions(ctx context.Context, c adapters.Conn, old []string, upTo int64, out *Retired) error {
	for _, name := range old {
		_, rows, err := c.Execute(ctx, fmt.Sprintf("select count(*), coalesce(max(%s), 0) from %s", columnBatch, name), true, -1)
		if err != nil {
			return err
		}
		count, _ := rows.Rows[0][0].AsInt()
		if last, _ := rows.Rows[0][1].AsInt(); last > upTo {
			out.Held = true
			return nil
		}
		_, _, err = c.Execute(ctx, "set local lock_timeout = "+literal(lockPatience)+"; drop table "+name+"; set local lock_timeout = default", false, -1)
		var db *adapters.DatabaseError
		if errors.As(err, &db) && db.Code == "55P03" {
			return errBusy
		}
		if err != nil {
			return err
		}
		out.Gone += count
	}
	return nil
}

package ledger

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/adapters"
)

// Reserve takes hold of a stream for the transaction without taking it from its owner,
// whose commits wait or are tried again, and gives it batch numbers that nobody else gets:
// the owner notices and goes on behind them.
func (l *Ledger) Reserve(ctx context.Context, c adapters.Conn, pipeline string, numbers int64) (first int64, epoch int64, err error) {
	// Numbers are looked at by statements of their own: one that waits for the row sees what
	// the other rows were before.
	if err := l.lock(ctx, c, pipeline); err != nil {
		return 0, 0, err
	}
	owner, where := l.name("owner"), " where pipeline = "+text(pipeline)
	rows, err := query(ctx, c, "select max(last_batch), max(case when shard = 0 then epoch end) from "+owner+where)
	if err != nil {
		return 0, 0, err
	}
	if rows[0][1].IsNull() {
		return 0, 0, fmt.Errorf("the ledger does not know the stream %s", pipeline)
	}
	last := Int(rows[0][0])
	_, err = affected(ctx, c, "update "+owner+" set last_batch = "+num(last+numbers)+where+" and shard in (0, "+num(numbersShard)+")")
	return last + 1, Int(rows[0][1]), err
}

// lock takes the rows that give a stream's batches their numbers. DuckDB has no such lock: of
// two transactions that change a row the later one is tried again.
func (l *Ledger) lock(ctx context.Context, c adapters.Conn, pipeline string) error {
	if l.engine == "duckdb" {
		return nil
	}
	_, _, err := c.Execute(ctx, "select 1 from "+l.name("owner")+" where pipeline = "+text(pipeline)+" and shard in (0, "+num(numbersShard)+") order by shard desc for update", false, -1)
	return err
}

// reservedShard is the owner row under which a stream that lands aside keeps the numbers that
// were reserved for its exchange.
const reservedShard = -2

// ReserveFor reserves two batch numbers, in a transaction of its own, for one that commits
// long after: until then models note the numbers as missing. Release gives them up.
func (l *Ledger) ReserveFor(ctx context.Context, c adapters.Conn, pipeline, other string) (first, epoch int64, err error) {
	err = Retry(ctx, func() error {
		return Within(ctx, c, func() error {
			if first, epoch, err = l.Reserve(ctx, c, pipeline, 2); err != nil {
				return err
			}
			_, err := affected(ctx, c, "insert into "+l.name("owner")+" (pipeline, shard, epoch, owner_id, last_batch) values ("+text(other)+", "+num(reservedShard)+", "+num(epoch)+", 'reserved', "+num(first+1)+")")
			return err
		})
	})
	return first, epoch, err
}

// Release writes reserved numbers that nothing was committed under down as empty batches:
// what follows the stream waits for them no more.
func (l *Ledger) Release(ctx context.Context, c adapters.Conn, pipeline, other, runID string) error {
	where := " where pipeline = " + text(other) + " and shard = " + num(reservedShard)
	rows, err := query(ctx, c, "select last_batch, epoch from "+l.name("owner")+where)
	if err != nil {
		return err
	}
	for _, r := range rows {
		last := Int(r[0])
		for _, number := range []int64{last - 1, last} {
			if err := l.note(ctx, c, pipeline, number, Int(r[1]), "given up", "[]", 0, 0, runID, "current_timestamp"); err != nil {
				return err
			}
		}
	}
	_, err = affected(ctx, c, "delete from "+l.name("owner")+where)
	return err
}

// Behind reports that a stream was moved back, to before one of the positions. On PostgreSQL
// nobody moves it until the transaction ends.
func (l *Ledger) Behind(ctx context.Context, c adapters.Conn, pipeline string, positions []Position) (bool, error) {
	if err := l.lock(ctx, c, pipeline); err != nil {
		return false, err
	}
	for _, p := range positions {
		rows, err := query(ctx, c, "select count(*) from "+l.name("offsets")+" where pipeline = "+text(pipeline)+" and topic = "+text(p.Topic)+` and "partition" = `+num(int64(p.Partition))+" and next_offset >= "+num(p.Next))
		if err != nil {
			return false, err
		}
		if Int(rows[0][0]) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// Overtaken reports that numbers of o's stream were reserved by somebody else while o
// still owns it; o then counts on from there.
func (l *Ledger) Overtaken(ctx context.Context, c adapters.Conn, o *Owner) (bool, error) {
	if o.Shares != nil {
		return false, nil
	}
	t, err := l.Query(ctx, c, "select epoch, last_batch from {owner} where pipeline = "+text(o.Pipeline)+" and shard = 0")
	if err != nil || len(t.Rows) != 1 {
		return false, err
	}
	epoch, last := Int(t.Rows[0][0]), Int(t.Rows[0][1])
	if epoch != o.Epoch || last <= o.LastBatch {
		return false, nil
	}
	o.LastBatch = last
	return true, nil
}

// Note writes a batch down that an operator's command made.
func (l *Ledger) Note(ctx context.Context, c adapters.Conn, pipeline string, number, epoch, rows, quarantined int64, runID, at string) error {
	return l.note(ctx, c, pipeline, number, epoch, "aside", "null", rows, quarantined, runID, at)
}

// note writes a batch down that no records made. One whose ranges are null took rows back
// that models have to take back as well.
func (l *Ledger) note(ctx context.Context, c adapters.Conn, pipeline string, number, epoch int64, token, ranges string, rows, quarantined int64, runID, at string) error {
	_, err := affected(ctx, c, "insert into "+l.name("batches")+" (batch, pipeline, token, owner_epoch, ranges, row_count, quarantined, skipped, bytes, committed_at, decode_ms, run_id) values ("+
		num(number)+", "+text(pipeline)+", "+text(token)+", "+num(epoch)+", "+text(ranges)+", "+num(rows)+", "+num(quarantined)+", 0, 0, "+at+", 0, "+text(runID)+")")
	return err
}

// Forget removes everything that the ledger knows of a stream.
func (l *Ledger) Forget(ctx context.Context, c adapters.Conn, pipeline string) error {
	for _, table := range []string{"owner", "offsets", "batches", "quarantine", "gaps", "paused"} {
		if _, err := affected(ctx, c, "delete from "+l.name(table)+" where pipeline = "+text(pipeline)); err != nil {
			return err
		}
	}
	return nil
}

package ledger

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/adapters"
)

// Reserve takes hold of a stream for the transaction without taking it from its owner,
// whose commits wait or are tried again, and gives it two batch numbers that nobody else
// gets: the owner notices and goes on behind them.
func (l *Ledger) Reserve(ctx context.Context, c adapters.Conn, pipeline string) (first int64, epoch int64, err error) {
	owner, where := l.name("owner"), " where pipeline = "+text(pipeline)
	n, err := affected(ctx, c, "update "+owner+" set last_batch = (select max(last_batch) from "+owner+where+") + 2"+where+" and shard = 0")
	if err != nil {
		return 0, 0, err
	}
	if n != 1 {
		return 0, 0, fmt.Errorf("the ledger does not know the stream %s", pipeline)
	}
	rows, err := query(ctx, c, "select last_batch, epoch from "+owner+where+" and shard = 0")
	if err != nil {
		return 0, 0, err
	}
	last := integer(rows[0][0])
	_, err = affected(ctx, c, "update "+owner+" set last_batch = "+num(last)+where+" and shard = "+num(numbersShard))
	return last - 1, integer(rows[0][1]), err
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
	epoch, last := integer(t.Rows[0][0]), integer(t.Rows[0][1])
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

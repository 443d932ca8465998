package ledger

import (
	"context"
	"time"

	"github.com/millrace/millrace/adapters"
)

// Beat writes down that a stream's owner is alive, also when there is nothing to land.
func (l *Ledger) Beat(ctx context.Context, c adapters.Conn, o *Owner, now time.Time) error {
	return Retry(ctx, func() error {
		return Within(ctx, c, func() error {
			_, err := affected(ctx, c, "update "+l.name("owner")+" set updated_at = "+moment(now)+" where pipeline = "+text(o.Pipeline)+" and shard = 0 and epoch = "+num(o.Epoch))
			return err
		})
	})
}

// Sign is when a stream's owner last gave a sign: a batch or a heartbeat. It is the zero time
// for a stream that never ran.
func (l *Ledger) Sign(ctx context.Context, c adapters.Conn, pipeline string) (time.Time, error) {
	micros := "cast(extract(epoch from max(updated_at)) * 1000000 as bigint)"
	if l.engine == "duckdb" {
		micros = "epoch_us(max(updated_at))"
	}
	t, err := l.Query(ctx, c, "select "+micros+" from {owner} where pipeline = "+text(pipeline))
	if err != nil || len(t.Rows) == 0 || t.Rows[0][0].IsNull() {
		return time.Time{}, err
	}
	return time.UnixMicro(Int(t.Rows[0][0])).UTC(), nil
}

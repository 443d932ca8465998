package ledger

import (
	"context"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Pause writes down that a stream shall not move, until Resume; every process that runs it
// obeys. It reports whether that changes anything.
func (l *Ledger) Pause(ctx context.Context, c adapters.Conn, pipeline, by string, now time.Time) (changed bool, err error) {
	err = Retry(ctx, func() error {
		return Within(ctx, c, func() error {
			n, err := affected(ctx, c, "insert into "+l.name("paused")+" (pipeline, paused_by, paused_at) select "+text(pipeline)+", "+text(by)+", "+moment(now)+
				" where not exists (select 1 from "+l.name("paused")+" where pipeline = "+text(pipeline)+")")
			changed = n > 0
			return err
		})
	})
	return changed, err
}

// Resume takes a pause back. It reports whether there was one.
func (l *Ledger) Resume(ctx context.Context, c adapters.Conn, pipeline string) (changed bool, err error) {
	err = Retry(ctx, func() error {
		return Within(ctx, c, func() error {
			n, err := affected(ctx, c, "delete from "+l.name("paused")+" where pipeline = "+text(pipeline))
			changed = n > 0
			return err
		})
	})
	return changed, err
}

// Paused are the streams that shall not move.
func (l *Ledger) Paused(ctx context.Context, c adapters.Conn) (map[string]bool, error) {
	t, err := l.Query(ctx, c, "select pipeline from {paused}")
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, r := range t.Rows {
		out[value.Str(r[0])] = true
	}
	return out, nil
}

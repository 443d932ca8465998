package stream

import (
	"context"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// followEvery is how often Follow asks the ledger.
const followEvery = 200 * time.Millisecond

// Follow lands nothing and says, until ctx ends, which streams other processes have moved.
func (s *Streams) Follow(ctx context.Context) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	return s.with(ctx, func(c adapters.Conn) error {
		seen := map[string]string{}
		for first := true; ; first = false {
			// Offsets only grow, and what leaves quarantine has a batch of its own.
			t, err := s.Ledger.Query(ctx, c, `select o.pipeline, cast(sum(o.next_offset) as bigint), (select max(w.last_batch) from {owner} w where w.pipeline = o.pipeline)
				from {offsets} o where o.pipeline in `+s.names()+` group by o.pipeline`)
			if ctx.Err() != nil {
				return nil //nolint:nilerr // that is how it ends
			}
			if err != nil {
				return err
			}
			for _, r := range t.Rows {
				id, at := value.Str(r[0]), value.Str(r[1])+" "+value.Str(r[2])
				if seen[id] != at && !first && s.notify != nil {
					s.notify(id)
				}
				seen[id] = at
			}
			if !sleepFor(ctx, followEvery) {
				return nil
			}
		}
	})
}

package stream

import (
	"context"
	"math/rand/v2"
	"testing"
)

// TestRangesAreTold: once a stream has caught up, the index on batches knows every row, and
// the planner that there are some.
func TestRangesAreTold(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		if tg.kind != "postgres" {
			t.Skip("DuckDB keeps ranges by itself")
		}
		c := cluster(t, 2)
		produce(t, producer(t, c), produced{}, rand.New(rand.NewPCG(43, 43)), 0, 30_000, 2)
		s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := tg.one(t, "select brin_summarize_new_values('raw._stream_batch_orders')"); n != "0" {
			t.Errorf("%s ranges were not told of", n)
		}
		if n := tg.one(t, "select count(*) from pg_catalog.pg_stats where schemaname = 'raw' and tablename = 'orders' and attname = '_stream_batch'"); n != "1" {
			t.Error("the planner knows nothing about batches")
		}
	})
}

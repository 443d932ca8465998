package stream

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// latencyEnv is how many events a second TestLatency sends.
const latencyEnv = "MILLRACE_STREAM_RATE"

// TestLatency measures the time from an event to the start of the commit of its row, at a steady rate.
func TestLatency(t *testing.T) {
	rate, err := strconv.Atoi(os.Getenv(latencyEnv))
	if err != nil {
		t.Skip("set " + latencyEnv + " to events a second")
	}
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 4)
		cl := producer(t, c, kgo.ProducerLinger(0))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		s := tg.streams(sourceOf(t, tg.kind, with(orders, "max_latency: 100ms")), c.ListenAddrs())
		go func() {
			_, err := s.Run(ctx)
			done <- err
		}()
		const seconds = 15
		begin := time.Now()
		n := 0
		for time.Since(begin) < seconds*time.Second {
			for due := int(time.Since(begin).Seconds() * float64(rate)); n < due; n++ {
				cl.Produce(ctx, &kgo.Record{Partition: int32(n % 4), Timestamp: time.Now(), Value: fmt.Appendf(nil, `{"id":%d,"customer":"c%d","amount":1.25,"at":"2026-01-01T00:00:00Z"}`, n, n%997)}, nil)
			}
			time.Sleep(2 * time.Millisecond)
		}
		for deadline := time.Now().Add(20 * time.Second); tg.one(t, "select count(*) from raw.orders") != strconv.Itoa(n) && time.Now().Before(deadline); {
			time.Sleep(50 * time.Millisecond)
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		// committed_at is when the transaction began.
		sql := `select (extract(epoch from b.committed_at) - extract(epoch from o._stream_ts)) * 1000 as ms from raw.orders o join _stream.batches b on b.batch = o._stream_batch where o.id % 50 = 0`
		var ms []float64
		for _, r := range tg.rows(t, sql) {
			f, err := strconv.ParseFloat(r[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			ms = append(ms, f)
		}
		slices.Sort(ms)
		at := func(p float64) float64 { return ms[int(p*float64(len(ms)-1))] }
		t.Logf("%s: %d events at %d/s, event to start of its commit: p50 %.0f ms, p99 %.0f ms, max %.0f ms; batches %s", tg.kind, n, rate, at(0.5), at(0.99), at(1), tg.one(t, "select count(*) from _stream.batches"))
	})
}

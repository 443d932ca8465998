package stream

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/event"
)

// heard is a Sink that counts events by name.
type heard struct {
	mu sync.Mutex
	n  map[string]int
}

func (h *heard) Emit(e event.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.n == nil {
		h.n = map[string]int{}
	}
	h.n[e.Name]++
}

func (h *heard) count(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.n[name]
}

// TestOverload: a database that takes nothing for a while, and ten times more bytes than
// the buffer holds. The pump must stop reading, say how far it is behind, keep its
// partitions, and land everything once the database goes on.
func TestOverload(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		const partitions, records, pad = 4, 480, 96 << 10
		c := cluster(t, partitions)
		cl := producer(t, c, kgo.ProducerBatchCompression(kgo.NoCompression()))
		log := produced{}
		filler := strings.Repeat("x", pad)
		send := func(from, to int) {
			for n := from; n < to; n++ {
				rec := &kgo.Record{Partition: int32(n % partitions), Value: fmt.Appendf(nil, `{"id":%d,"customer":"c\u00e9-%d\n\t\\","amount":%d.%02d,"filler":%q}`, n, n%97, n%1000, n%100, filler)}
				if err := cl.ProduceSync(context.Background(), rec).FirstErr(); err != nil {
					t.Fatal(err)
				}
				if log[rec.Partition] == nil {
					log[rec.Partition] = map[int64]string{}
				}
				log[rec.Partition][rec.Offset] = string(rec.Value)
			}
		}
		const limit = 8 << 20
		s := tg.streams(sourceOf(t, tg.kind, with(orders, "max_latency: 200ms")), c.ListenAddrs())
		s.buffer = newBuffer(limit)
		told := &heard{}
		s.events = told
		var hangs atomic.Bool
		hangs.Store(true)
		goesOn := make(chan struct{})
		s.steps = func(at string) error { // called from several goroutines
			if at == string(landing.StepCommit) && hangs.Load() {
				<-goesOn
			}
			return nil
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		running := make(chan error, 1)
		land, long := s.Run, time.Duration(0)
		if os.Getenv(soakEnv) != "" {
			land, long = s.Land, sessionTimeout+sessionTimeout/2 // longer than a group waits for a member that is gone
		}
		go func() { _, err := land(ctx); running <- err }()
		send(0, records)
		for deadline := time.Now().Add(time.Minute); told.count("StreamHeld") == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the pump went on reading: %v", told.n)
			}
		}
		time.Sleep(long)
		other := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		lags, err := other.Lag(ctx)
		if err != nil {
			t.Fatal(err)
		}
		behind := int64(0)
		for _, l := range lags {
			behind += l.Behind
		}
		if behind != records {
			t.Errorf("%d records behind are reported, want %d", behind, records)
		}
		hangs.Store(false)
		close(goesOn)
		send(records, records+40)
		if _, err := other.Wait(ctx, "", time.Minute); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-running; err != nil {
			t.Error(err)
		}
		tg.check(t, log)
		// One answer may come over the mark, and each partition's part of it may hold a
		// record more than asked for.
		all, _ := s.fetchBytes()
		if most := int64(limit) + 2*(int64(all)+partitions*pad*2); s.buffer.peak.Load() > most {
			t.Errorf("%d bytes were held, more than %d", s.buffer.peak.Load(), most)
		}
		if left := s.buffer.used.Load(); left != 0 {
			t.Errorf("%d bytes are still counted", left)
		}
		if n := told.count("StreamFenced") + told.count("StreamGroup"); n != 0 {
			t.Errorf("the group lost patience %d times", n)
		}
		verified(t, other)
	})
}

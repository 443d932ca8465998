package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSharedEventTime lets pumps that come and go share a stream with a watermark. Whoever
// lands a batch, it must meet the watermark that the batch before it has left, in the order
// in which they became visible, and in the end the watermark is what the definition says.
func TestSharedEventTime(t *testing.T) {
	onPostgres(t, func(t *testing.T, tg *target) {
		defer func(d time.Duration) { sessionTimeout = d }(sessionTimeout)
		sessionTimeout = 2 * time.Second
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, 12))
		const partitions, stray = 6, 15
		c := cluster(t, partitions, quickSessions)
		cl := producer(t, c)
		events := disorder(r, 3000, partitions, 20, stray)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		var pumps sync.WaitGroup
		start := func(lives time.Duration) {
			s := tg.streams(sourceOf(t, tg.kind, with(timed, "max_latency: 20ms")), c.ListenAddrs())
			s.now = func() time.Time { return epoch.Add(24 * time.Hour) }
			pumps.Go(func() {
				pctx, stop := context.WithTimeout(ctx, lives)
				defer stop()
				if _, err := s.Land(pctx); err != nil && pctx.Err() == nil {
					t.Errorf("a pump ended: %v", err)
				}
			})
		}
		start(time.Hour)
		start(time.Hour)
		newest := map[int32]time.Time{}
		sent := 0
		other := tg.streams(sourceOf(t, tg.kind, timed), c.ListenAddrs())
		land := func(batch []happening) {
			t.Helper()
			send(t, cl, batch)
			for _, e := range batch {
				if e.at.After(newest[e.partition]) {
					newest[e.partition] = e.at
				}
			}
			sent += len(batch)
		}
		for i := 0; len(events) > 0; i++ {
			n := min(1+r.IntN(200), len(events))
			land(events[:n])
			events = events[n:]
			if i%8 == 0 {
				start(time.Duration(300+r.IntN(1500)) * time.Millisecond)
			}
			time.Sleep(time.Duration(r.IntN(80)) * time.Millisecond)
		}
		for i := range 2 { // the second meets everything that the first has landed
			if _, err := other.Wait(ctx, "", time.Minute); err != nil {
				t.Fatal(err)
			}
			land([]happening{{id: 3000 + i, at: epoch.Add(time.Hour), partition: 0}})
		}
		if _, err := other.Wait(ctx, "", time.Minute); err != nil {
			t.Fatal(err)
		}
		cancel()
		pumps.Wait()
		if n := tg.one(t, "select count(*) from raw.orders"); n != fmt.Sprint(sent) {
			t.Errorf("%s rows landed, want %d", n, sent)
		}
		least := newest[0]
		for _, at := range newest {
			if at.Before(least) {
				least = at
			}
		}
		if got := tg.one(t, "select cast(extract(epoch from max(watermark)) as bigint) from _stream.event_time"); got != fmt.Sprint(least.Add(-20*time.Second).Unix()) {
			t.Errorf("the watermark is %s, want %d", got, least.Add(-20*time.Second).Unix())
		}
		// Each row is the watermark that a batch met and the one it left: a chain.
		const seconds = "coalesce(cast(extract(epoch from %s) as bigint), -1)"
		met, left := fmt.Sprintf(seconds, "watermark_before"), fmt.Sprintf(seconds, "watermark")
		broken := tg.one(t, "select count(*) from (select "+met+" as met, lag("+left+", 1, cast(-1 as bigint)) over (order by "+met+", "+left+") as left_before from _stream.event_time) as chain where met <> left_before")
		if broken != "0" {
			t.Errorf("%s batches did not meet the watermark of the batch before", broken)
		}
		// Late is what lies before the watermark that its batch met.
		late := tg.one(t, "select sum(late) from _stream.event_time")
		if again := tg.one(t, "select count(*) from raw.orders o join _stream.event_time e on e.batch = o._stream_batch where o.at < e.watermark_before"); late != again || late == "0" {
			t.Errorf("%s rows were late, and %s lie before the watermark that they met", late, again)
		}
		verified(t, other)
	})
}

// TestSharedEventTimeIdle has a partition that never brings anything, which some pump reads:
// the others must not wait for it.
func TestSharedEventTimeIdle(t *testing.T) {
	onPostgres(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2, quickSessions)
		cl := producer(t, c)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		declared := strings.Replace(with(timed, "max_latency: 20ms"), "idle_after: 1h", "idle_after: 1s", 1)
		var pumps sync.WaitGroup
		for range 2 {
			s := tg.streams(sourceOf(t, tg.kind, declared), c.ListenAddrs())
			pumps.Go(func() {
				if _, err := s.Land(ctx); err != nil && ctx.Err() == nil {
					t.Errorf("a pump ended: %v", err)
				}
			})
		}
		now := time.Now()
		for deadline := now.Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
			send(t, cl, []happening{{id: 1, at: now, partition: 0}})
			if tg.one(t, "select count(*) from pg_tables where schemaname = '_stream' and tablename = 'event_time'") == "1" &&
				tg.one(t, "select count(*) from _stream.event_time where watermark is not null") != "0" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the watermark waits for a partition that brings nothing")
			}
		}
		cancel()
		pumps.Wait()
	})
}

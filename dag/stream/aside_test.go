package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestReplayAside replays while the stream itself goes on: readers see all old rows or all
// new ones, and what came meanwhile is there too.
func TestReplayAside(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(41, 41))
		produce(t, cl, log, r, 0, 3000, 2)
		src := sourceOf(t, tg.kind, orders)
		other := tg.streams(src, c.ListenAddrs())
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		live := tg.streams(src, c.ListenAddrs())
		running := make(chan error, 1)
		go func() { _, err := live.Run(ctx); running <- err }()
		if _, err := other.Wait(ctx, "", time.Minute); err != nil {
			t.Fatal(err)
		}
		// Rows that a replay must bring in order; readers tell old ones from new ones by them.
		tg.exec(t, "update raw.orders set customer = 'old'")
		old := tg.one(t, "select count(*) from raw.orders where customer = 'old'")
		reading := make(chan struct{})
		go func() {
			defer close(reading)
			for ctx.Err() == nil {
				if n := tg.one(t, "select count(*) from raw.orders where customer = 'old'"); n != old && n != "0" {
					t.Errorf("a reader saw %s of %s old rows", n, old)
					return
				}
			}
		}()
		other.steps = locked(func(at string) error {
			if at == "swap" { // everything has landed aside; the stream goes on
				produce(t, cl, log, r, 3000, 1000, 2)
			}
			return nil
		})
		done, err := other.ReplayAside(ctx, "earliest")
		if err != nil || done[0].Out == 0 || done[0].Out != done[0].In {
			t.Fatalf("%+v %v", done, err)
		}
		produce(t, cl, log, r, 4000, 1000, 2)
		if _, err := other.Wait(ctx, "", time.Minute); err != nil {
			t.Fatal(err)
		}
		cancel()
		<-reading
		if err := <-running; err != nil {
			t.Errorf("the stream stopped: %v", err)
		}
		tg.check(t, log)
		verified(t, other)
		if n := tg.one(t, "select count(*) from _stream.owner"); n != "1" {
			t.Errorf("%s owners are left", n)
		}
	})
}

// TestReplayAsideCrashes leaves half a replay behind; the next one begins anew.
func TestReplayAsideCrashes(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		log := produced{}
		r := rand.New(rand.NewPCG(42, 42))
		produce(t, producer(t, c), log, r, 0, 2000, 2)
		src := sourceOf(t, tg.kind, orders)
		if _, err := tg.streams(src, c.ListenAddrs()).CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		before := tg.one(t, "select count(*) from raw.orders")
		for _, where := range []string{"fetch", "advance", "rows", "commit", "ack", "swap"} {
			s := tg.streams(src, c.ListenAddrs())
			s.steps = locked(func(at string) error {
				if at == where {
					return errCrash
				}
				return nil
			})
			if _, err := s.ReplayAside(context.Background(), "orders/0=100,orders/1=0"); !errors.Is(err, errCrash) {
				t.Fatalf("%s: %v", where, err)
			}
			tg.restart(t)
			verified(t, tg.streams(src, c.ListenAddrs()))
			if n := tg.one(t, "select count(*) from raw.orders"); n != before {
				t.Errorf("%s: %s rows, %s before", where, n, before)
			}
		}
		s := tg.streams(src, c.ListenAddrs())
		if _, err := s.ReplayAside(context.Background(), "orders/0=100,orders/1=0"); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		verified(t, s)
	})
}

// TestReplayAsideMovedBack moves the stream back while it is replayed aside: nothing may land
// twice, and nothing waits for the batches that the exchange would have made.
func TestReplayAsideMovedBack(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		produce(t, producer(t, c), produced{}, rand.New(rand.NewPCG(47, 47)), 0, 1000, 2)
		src := sourceOf(t, tg.kind, orders)
		ctx := context.Background()
		s := tg.streams(src, c.ListenAddrs())
		if _, err := s.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		rows := tg.one(t, "select count(*) from raw.orders")
		s.steps = func(at string) error {
			if at != "swap" {
				return nil
			}
			_, err := tg.streams(src, c.ListenAddrs()).Rewind(ctx, "earliest")
			return err
		}
		if _, err := s.ReplayAside(ctx, "earliest"); err == nil || !strings.Contains(err.Error(), "moved back") {
			t.Errorf("the replay says %v", err)
		}
		if n := tg.one(t, "select count(*) from raw.orders"); n != "0" {
			t.Errorf("%s rows landed aside came back", n)
		}
		s.steps = nil
		if _, err := s.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		verified(t, s)
		if n := tg.one(t, "select count(*) from raw.orders"); n != rows {
			t.Errorf("%s rows, want %s", n, rows)
		}
		if n := tg.one(t, "select max(batch) - count(distinct batch) from _stream.batches where pipeline not like '%#aside'"); n != "0" {
			t.Errorf("%s numbers of batches are missing", n)
		}
	})
}

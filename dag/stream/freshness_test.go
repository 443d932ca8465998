package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
)

// TestFreshnessTruthTable: a stream is stale when something has waited too long to land, or
// when nobody runs it although somebody should; not when its topic is silent.
func TestFreshnessTruthTable(t *testing.T) {
	const limit = time.Minute
	onEngines(t, func(t *testing.T, tg *target) {
		for i, row := range []struct {
			lag, traffic, up, continuous bool
			stale                        bool
		}{
			{lag: false, traffic: true, up: true, continuous: true, stale: false},
			{lag: false, traffic: true, up: false, continuous: true, stale: true},
			{lag: false, traffic: false, up: true, continuous: true, stale: false},
			{lag: false, traffic: false, up: false, continuous: true, stale: true},
			{lag: true, traffic: true, up: true, continuous: true, stale: false}, // what waits came a moment ago
			{lag: true, traffic: true, up: false, continuous: true, stale: true},
			{lag: true, traffic: false, up: true, continuous: true, stale: true},
			{lag: true, traffic: false, up: false, continuous: true, stale: true},
			{lag: false, traffic: true, up: false, stale: false},
			{lag: false, traffic: false, up: false, stale: false},
			{lag: true, traffic: true, up: false, stale: false},
			{lag: true, traffic: false, up: false, stale: true},
		} {
			tg.exec(t, "drop schema if exists raw cascade")
			tg.exec(t, "drop schema if exists _stream cascade")
			c := cluster(t, 2)
			cl := producer(t, c)
			r := rand.New(rand.NewPCG(uint64(i), 1))
			src := sourceOf(t, tg.kind, orders)
			if row.continuous {
				src.Heartbeat = limit
			}
			produce(t, cl, produced{}, r, 0, 20, 2)
			if _, err := tg.streams(src, c.ListenAddrs()).CatchUp(context.Background()); err != nil {
				t.Fatal(err)
			}
			if row.lag {
				produce(t, cl, produced{}, r, 20, 20, 2)
			}
			// With traffic the records are a moment old when freshness is asked for; without it
			// everything lies ten minutes back.
			now := time.Now().Add(time.Second)
			if !row.traffic {
				now = now.Add(10 * time.Minute)
			}
			ask := tg.streams(src, c.ListenAddrs())
			ask.now = func() time.Time { return now }
			if err := ask.with(context.Background(), func(conn adapters.Conn) error {
				sign := now.Add(-10 * time.Minute)
				if row.up {
					sign = now
				}
				o, err := ask.Ledger.Claim(context.Background(), conn, src.ID, "pump", sign)
				if err != nil {
					return err
				}
				return ask.Ledger.Beat(context.Background(), conn, o, sign)
			}); err != nil {
				t.Fatal(err)
			}
			age, err := ask.age(context.Background(), src)
			if err != nil {
				t.Fatalf("%+v: %v", row, err)
			}
			if (age.Behind > 0) != row.lag {
				t.Errorf("%+v: %d behind", row, age.Behind)
			}
			if stale := age.Age(now) > limit || age.Silent; stale != row.stale {
				t.Errorf("%+v: stale is %v: %+v", row, stale, age)
			}
			c.Close()
		}
	})
}

// TestRunBeats: a running stream gives signs although nothing comes.
func TestRunBeats(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		src := sourceOf(t, tg.kind, orders)
		src.Heartbeat = 30 * time.Millisecond
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		s := tg.streams(src, c.ListenAddrs())
		done := make(chan error, 1)
		go func() {
			_, err := s.Run(ctx)
			done <- err
		}()
		other := tg.streams(src, c.ListenAddrs())
		signs := map[string]bool{}
		for deadline := time.Now().Add(30 * time.Second); len(signs) < 4; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("only %d signs came", len(signs))
			}
			err := other.with(ctx, func(conn adapters.Conn) error {
				sign, err := other.Ledger.Sign(ctx, conn, src.ID)
				if err == nil && !sign.IsZero() {
					signs[fmt.Sprint(sign)] = true
				}
				return nil // the ledger may not be there yet
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}

package stream

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"
)

// TestClockJumps sets the clock of a running pump an hour ahead and an hour back: nothing is
// lost, nothing comes twice, and nobody loses the stream.
func TestClockJumps(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		for _, text := range []string{orders, with(orders, "retention: 30m")} {
			c := cluster(t, 2)
			cl := producer(t, c)
			log := produced{}
			r := rand.New(rand.NewPCG(14, 14))
			src := sourceOf(t, tg.kind, text)
			var ahead atomic.Int64
			live := tg.streams(src, c.ListenAddrs())
			live.now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() { _, err := live.Run(ctx); done <- err }()
			other := tg.streams(src, c.ListenAddrs())
			for n, jump := range []time.Duration{0, time.Hour, -time.Hour, 48 * time.Hour, -48 * time.Hour, 0} {
				ahead.Store(int64(jump))
				produce(t, cl, log, r, 500*n, 300, 2)
				if _, err := other.Wait(ctx, "", time.Minute); err != nil {
					t.Fatal(err)
				}
			}
			cancel()
			if err := <-done; err != nil {
				t.Errorf("the stream stopped: %v", err)
			}
			tg.check(t, log)
			verified(t, other)
			tg.exec(t, "drop schema raw cascade")
			tg.exec(t, "drop schema _stream cascade")
		}
	})
}

// TestClocksOfAGroup: members of a group whose clocks are two hours apart share a stream.
func TestClocksOfAGroup(t *testing.T) {
	onPostgres(t, func(t *testing.T, tg *target) {
		c := cluster(t, 4, quickSessions)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(15, 15))
		src := sourceOf(t, tg.kind, orders)
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 2)
		for _, off := range []time.Duration{-time.Hour, time.Hour} {
			member := tg.streams(src, c.ListenAddrs())
			member.now = func() time.Time { return time.Now().Add(off) }
			go func() { _, err := member.Land(ctx); done <- err }()
		}
		other := tg.streams(src, c.ListenAddrs())
		for n := range 5 {
			produce(t, cl, log, r, 500*n, 400, 4)
			if _, err := other.Wait(ctx, "", time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Errorf("a member stopped: %v", err)
			}
		}
		tg.check(t, log)
		verified(t, other)
	})
}

package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

func TestCatchUpLandsEverythingOnce(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 3)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(1, 2))
		src := sourceOf(t, tg.kind, orders)
		for round, n := range []int{5000, 0, 1, 777} {
			if n > 0 {
				produce(t, cl, log, r, round*10000, n, 3)
			}
			report, err := tg.streams(src, c.ListenAddrs()).CatchUp(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if got := report.Sources[0].Rows + report.Sources[0].Quarantined; got != int64(n) {
				t.Errorf("round %d: %d records landed, %d were produced", round, got, n)
			}
			tg.check(t, log)
			tg.restart(t)
		}
		if n := tg.one(t, "select count(*) from raw.orders where _stream_key is null or _stream_headers is null or _stream_topic <> 'orders'"); n != "0" {
			t.Errorf("%s rows lack their key, headers or topic", n)
		}
		if n := tg.one(t, "select count(distinct code) from _stream.quarantine"); n != "6" {
			t.Errorf("%s codes of bad records, want 6", n)
		}
	})
}

var errCrash = errors.New("crash")

// TestCrashSweep stops the pump at every step of every seed's run and starts it again.
func TestCrashSweep(t *testing.T) {
	steps := []string{"fetch", "decode"}
	for _, s := range landing.Steps {
		steps = append(steps, string(s))
	}
	onEngines(t, func(t *testing.T, tg *target) {
		for seed := range seeds(t, 1) {
			for _, where := range steps {
				name := fmt.Sprintf("%s seed %d", where, seed)
				tg.exec(t, "drop schema if exists raw cascade")
				tg.exec(t, "drop schema if exists _stream cascade")
				c := cluster(t, 2)
				cl := producer(t, c)
				log := produced{}
				r := rand.New(rand.NewPCG(uint64(seed), 7))
				src := sourceOf(t, tg.kind, orders)
				crashes := 0
				rounds := 2
				if os.Getenv(soakEnv) != "" {
					rounds = 5
				}
				for round := range rounds {
					produce(t, cl, log, r, round*10000, 50+r.IntN(300), 2)
					for attempt := 0; ; attempt++ {
						s := tg.streams(src, c.ListenAddrs())
						countdown := r.IntN(2)
						s.steps = func(at string) error {
							if at != where || attempt > 2 {
								return nil
							}
							if countdown--; countdown < 0 {
								return errCrash
							}
							return nil
						}
						if where == "decode" || where == "fetch" { // called from several goroutines
							s.steps = locked(s.steps)
						}
						_, err := s.CatchUp(context.Background())
						tg.restart(t)
						if err == nil {
							break
						}
						if !errors.Is(err, errCrash) {
							t.Fatalf("%s: %v", name, err)
						}
						crashes++
					}
				}
				if crashes == 0 {
					t.Errorf("%s: nothing crashed", name)
				}
				tg.check(t, log)
				if t.Failed() {
					t.Fatalf("%s failed; %s=%d repeats it", name, soakEnv, seed+1)
				}
				c.Close()
			}
		}
	})
}

func TestLostAcknowledgement(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		log := produced{}
		r := rand.New(rand.NewPCG(3, 3))
		produce(t, producer(t, c), log, r, 0, 2000, 2)
		s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		lost := 0
		s.steps = func(at string) error {
			if at == string(landing.StepAck) && lost < 3 {
				lost++
				return landing.ErrLostAck
			}
			return nil
		}
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		if lost == 0 {
			t.Fatal("no answer was lost")
		}
		tg.check(t, log)
	})
}

func TestZombieIsFenced(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		log := produced{}
		r := rand.New(rand.NewPCG(4, 4))
		produce(t, producer(t, c), log, r, 0, 500, 2)
		src := sourceOf(t, tg.kind, orders)
		zombie := tg.streams(src, c.ListenAddrs())
		zombie.steps = func(at string) error {
			if at != string(landing.StepBegin) {
				return nil
			}
			// While the first process hangs before its commit, a second one does all the work.
			_, err := tg.streams(src, c.ListenAddrs()).CatchUp(context.Background())
			return err
		}
		_, err := zombie.CatchUp(context.Background())
		if !errors.Is(err, ledger.ErrFenced) {
			t.Fatalf("the zombie was not fenced: %v", err)
		}
		tg.check(t, log)
	})
}

func TestTransactions(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		log := produced{}
		r := rand.New(rand.NewPCG(5, 5))
		cl := producer(t, c, kgo.TransactionalID("t"))
		for i := range 10 {
			if err := cl.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			into, end := log, kgo.TryCommit
			if i%3 == 2 || i == 9 {
				into, end = produced{}, kgo.TryAbort
			}
			produce(t, cl, into, r, i*1000, 100, 2)
			if err := cl.EndTransaction(context.Background(), end); err != nil {
				t.Fatal(err)
			}
		}
		src := sourceOf(t, tg.kind, orders)
		s := tg.streams(src, c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		lags, err := s.Lag(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lags {
			if l.Behind != 0 {
				t.Errorf("caught up, but %s/%d is %d behind", l.Topic, l.Partition, l.Behind)
			}
		}
	})
}

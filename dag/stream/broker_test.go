package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/compiler/diag"
)

// brokerEnv names the brokers of a real Kafka to use instead of starting one; its topic
// "orders" is deleted and made again.
const brokerEnv = "MILLRACE_TEST_KAFKA"

// TestRealBroker repeats what matters most where client and broker have different authors.
func TestRealBroker(t *testing.T) {
	var brokers []string
	if list := os.Getenv(brokerEnv); list != "" {
		brokers = strings.Split(list, ",")
	} else {
		brokers = adaptertest.StartKafka(t, 1).Brokers
	}
	ctx := context.Background()
	client := func(t *testing.T, opts ...kgo.Opt) *kgo.Client {
		cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic("orders"), kgo.RecordPartitioner(kgo.ManualPartitioner()),
			kgo.UnknownTopicRetries(-1)}, opts...)...) // a busy broker takes a while to know a topic that was made again
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cl.Close)
		return cl
	}
	text := func(s string) *string { return &s }
	fresh := func(t *testing.T, configs map[string]*string) {
		adm := kadm.NewClient(client(t))
		if _, err := adm.DeleteTopic(ctx, "orders"); err != nil && !errors.Is(err, kerr.UnknownTopicOrPartition) {
			t.Fatal(err)
		}
		for i := 0; ; i++ {
			_, err := adm.CreateTopic(ctx, 2, 1, configs, "orders")
			if err == nil {
				return
			}
			if i == 50 {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	caughtUp := func(t *testing.T, s *Streams) {
		t.Helper()
		lags, err := s.Lag(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lags {
			if l.Behind != 0 {
				t.Errorf("caught up, but %s/%d is %d behind", l.Topic, l.Partition, l.Behind)
			}
		}
	}
	onEngines(t, func(t *testing.T, tg *target) {
		t.Run("transactions", func(t *testing.T) {
			fresh(t, nil)
			log := produced{}
			r := rand.New(rand.NewPCG(21, 21))
			cl := client(t, kgo.TransactionalID("millrace-test-"+tg.kind))
			s := tg.streams(sourceOf(t, tg.kind, orders), brokers)
			for round := range 3 {
				for i := range 4 {
					if err := cl.BeginTransaction(); err != nil {
						t.Fatal(err)
					}
					into, end := log, kgo.TryCommit
					if i%2 == 1 {
						into, end = produced{}, kgo.TryAbort
					}
					produce(t, cl, into, r, round*10000+i*1000, 200, 2)
					if err := cl.EndTransaction(ctx, end); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := s.CatchUp(ctx); err != nil {
					t.Fatal(err)
				}
				tg.check(t, log)
				caughtUp(t, s)
			}
		})
		t.Run("recreated", func(t *testing.T) {
			fresh(t, nil)
			produce(t, client(t), produced{}, rand.New(rand.NewPCG(22, 22)), 0, 3000, 2)
			if _, err := tg.streams(sourceOf(t, tg.kind, orders), brokers).CatchUp(ctx); codeOf(err) != diag.CodeGap {
				t.Errorf("another topic under the old name was not noticed: %v", err)
			}
		})
		t.Run("compacted", func(t *testing.T) {
			tg.exec(t, "drop schema if exists raw cascade")
			tg.exec(t, "drop schema if exists _stream cascade")
			fresh(t, map[string]*string{"cleanup.policy": text("compact"), "segment.ms": text("100"), "segment.bytes": text("1048576"), "min.cleanable.dirty.ratio": text("0.001"), "max.compaction.lag.ms": text("100")})
			cl := client(t)
			latest := map[string]string{}
			for n := range 3000 {
				key, v := fmt.Sprintf("k%d", n%7), fmt.Sprintf(`{"id":%d}`, n)
				rec := &kgo.Record{Partition: 0, Key: []byte(key), Value: []byte(v)}
				cl.Produce(ctx, rec, nil)
				latest[key] = v
				if n%500 == 499 {
					if err := cl.Flush(ctx); err != nil {
						t.Fatal(err)
					}
					time.Sleep(300 * time.Millisecond)
				}
			}
			if err := cl.Flush(ctx); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second) // the cleaner's turn
			s := tg.streams(sourceOf(t, tg.kind, orders), brokers)
			report, err := s.CatchUp(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if report.Sources[0].Rows == 3000 {
				t.Log("nothing was compacted yet: holes were not met")
			}
			caughtUp(t, s)
			if n := tg.one(t, `select next_offset from _stream.offsets where "partition" = 0`); n != "3000" {
				t.Errorf("the ledger is at %s", n)
			}
			for key, v := range latest {
				if n := tg.one(t, fmt.Sprintf("select count(*) from raw.orders where _stream_key = '%s' and '{\"id\":' || id || '}' = '%s'", key, v)); n != "1" {
					t.Errorf("the last record of %s is there %s times", key, n)
				}
			}
			t.Logf("%d of 3000 records were left", report.Sources[0].Rows)
			verified(t, s)
		})
		for _, protocol := range []string{"classic", "consumer"} {
			if tg.kind == "postgres" { // DuckDB has one writing process
				t.Run(protocol, func(t *testing.T) {
					tg.exec(t, "drop schema if exists raw cascade")
					tg.exec(t, "drop schema if exists _stream cascade")
					fresh(t, nil)
					realMembers(t, tg, brokers, client(t), protocol == "consumer")
				})
			}
		}
	})
}

// realMembers lets a pump join and another leave while records come.
func realMembers(t *testing.T, tg *target, brokers []string, cl *kgo.Client, serverGroups bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	streams := func() *Streams {
		s := tg.streams(sourceOf(t, tg.kind, orders), brokers)
		s.connections.Kafka["main"].ServerGroups = serverGroups
		return s
	}
	land := func() (stop func()) {
		lctx, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { _, err := streams().Land(lctx); done <- err }()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("a pump ended: %v", err)
			}
		}
	}
	log, r := produced{}, rand.New(rand.NewPCG(23, 23))
	sent := 0
	send := func() {
		produce(t, cl, log, r, sent, 500, 2)
		sent += 500
		if _, err := streams().Wait(ctx, "", 2*time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	first := land()
	send()
	second := land()
	send()
	first()
	send()
	second()
	tg.check(t, log)
	verified(t, streams())
}

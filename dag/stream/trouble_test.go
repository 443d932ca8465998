package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/diag"
)

func codeOf(err error) diag.Code {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return d.Code
	}
	return ""
}

func with(text, more string) string {
	return text + "    " + strings.ReplaceAll(more, "\n", "\n    ") + "\n"
}

func TestGaps(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		cl := producer(t, c)
		adm := kadm.NewClient(cl)
		log := produced{}
		r := rand.New(rand.NewPCG(6, 6))
		strict := sourceOf(t, tg.kind, orders)
		skipping := sourceOf(t, tg.kind, with(orders, "on_gap: skip_recorded"))
		ctx := context.Background()
		catchUp := func(skip bool) error {
			src := strict
			if skip {
				src = skipping
			}
			_, err := tg.streams(src, c.ListenAddrs()).CatchUp(ctx)
			return err
		}
		produce(t, cl, log, r, 0, 100, 1)
		if err := catchUp(false); err != nil {
			t.Fatal(err)
		}
		// Retention takes records that were never read.
		produce(t, cl, produced{}, r, 1000, 50, 1)
		produce(t, cl, log, r, 2000, 10, 1)
		if _, err := adm.DeleteRecords(ctx, kadm.Offsets{"orders": {0: {Topic: "orders", Partition: 0, At: 150}}}); err != nil {
			t.Fatal(err)
		}
		for range 2 { // also the second start stops, and records nothing twice
			if err := catchUp(false); codeOf(err) != diag.CodeGap {
				t.Fatalf("a gap was not noticed: %v", err)
			}
		}
		if err := catchUp(true); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		got := fmt.Sprint(tg.rows(t, "select reason, from_offset, to_offset, policy from _stream.gaps order by policy"))
		if want := "[[log_start 100 150 fail] [log_start 100 150 skip_recorded]]"; got != want {
			t.Errorf("gaps %s, want %s", got, want)
		}
		// The topic is deleted and made again.
		if _, err := adm.DeleteTopics(ctx, "orders"); err != nil {
			t.Fatal(err)
		}
		if _, err := adm.CreateTopics(ctx, 1, 1, nil, "orders"); err != nil {
			t.Fatal(err)
		}
		again := producer(t, c)
		produce(t, again, produced{}, r, 5000, 300, 1)
		if err := catchUp(false); codeOf(err) != diag.CodeGap {
			t.Fatalf("another topic under the old name was not noticed: %v", err)
		}
		if err := catchUp(true); err != nil {
			t.Fatal(err)
		}
		if n := tg.one(t, "select next_offset from _stream.offsets"); n != "300" {
			t.Errorf("the ledger is at %s of the new topic", n)
		}
	})
}

func TestPolicies(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		cl := producer(t, c)
		send := func(values ...string) {
			for _, v := range values {
				if err := cl.ProduceSync(context.Background(), &kgo.Record{Value: []byte(v)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
		}
		run := func(more string) error {
			_, err := tg.streams(sourceOf(t, tg.kind, with(orders, more)), c.ListenAddrs()).CatchUp(context.Background())
			return err
		}
		counts := func() string {
			return tg.one(t, "select count(*) from raw.orders") + " " + tg.one(t, "select count(*) from _stream.quarantine") + " " + tg.one(t, "select next_offset from _stream.offsets")
		}
		send(`{"id":1}`, `bad`, `{"id":2}`)
		if err := run("on_bad_record: fail"); codeOf(err) != diag.CodeBadRecord || counts() != "0 0 0" {
			t.Errorf("fail: %v, %s", err, counts())
		}
		if err := run("on_bad_record: skip"); err != nil || counts() != "2 0 3" {
			t.Errorf("skip: %v, %s", err, counts())
		}
		send(`{"id":3}`, `bad`, `worse`)
		if err := run("budget: {per_batch: 1}"); codeOf(err) != diag.CodeBadRecord || counts() != "3 2 6" {
			t.Errorf("a budget stops after the commit: %v, %s", err, counts())
		}
		send(`{"id":4}`, `bad`)
		if err := run("budget: {rate: 60%}"); err != nil || counts() != "4 3 8" {
			t.Errorf("within the budget: %v, %s", err, counts())
		}
		if err := cl.ProduceSync(context.Background(), &kgo.Record{Key: []byte("k")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := run("max_latency: 1s"); err != nil || counts() != "4 4 9" {
			t.Errorf("a tombstone: %v, %s", err, counts())
		}
	})
}

// TestRefusedRows lets the database refuse what decoding cannot know of.
func TestRefusedRows(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		tg.exec(t, "create schema raw")
		tg.exec(t, `create table raw.orders (id bigint check (id % 100 <> 13), customer text, amount numeric(10,2), "at" timestamp with time zone,
			_stream_topic text, _stream_partition integer, _stream_offset bigint, _stream_ts timestamp with time zone, _stream_key text, _stream_headers json,
			_stream_schema_id integer, _stream_op text, _stream_batch bigint, _stream_ingested_at timestamp with time zone)`)
		c := cluster(t, 1)
		log := produced{}
		produce(t, producer(t, c), log, rand.New(rand.NewPCG(8, 8)), 0, 1000, 1)
		if _, err := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs()).CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		if n := tg.one(t, "select count(*) from _stream.quarantine where code = 'refused'"); n != "10" && n != "9" && n != "8" {
			t.Errorf("%s rows were refused", n)
		}
	})
}

func TestTableOfOtherColumns(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(8, 9))
		produce(t, cl, log, r, 0, 100, 1)
		run := func(text string) error {
			_, err := tg.streams(sourceOf(t, tg.kind, text), c.ListenAddrs()).CatchUp(context.Background())
			return err
		}
		if err := run(orders); err != nil {
			t.Fatal(err)
		}
		more := strings.Replace(orders, "columns:\n", "columns:\n  - {name: extra, data_type: json}\n", 1)
		produce(t, cl, log, r, 1000, 50, 1)
		if err := run(more); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		if n := tg.one(t, "select count(*) from raw.orders where extra is not null"); n == "0" {
			t.Error("the new column is empty")
		}
		if err := run(strings.Replace(orders, "bigint", "text", 1)); codeOf(err) != diag.CodeLedger || !strings.Contains(err.Error(), "declared as") {
			t.Errorf("another type: %v", err)
		}
	})
}

func TestRunUntilStopped(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(9, 9))
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		s := tg.streams(sourceOf(t, tg.kind, with(orders, "max_latency: 200ms")), c.ListenAddrs())
		go func() {
			_, err := s.Run(ctx)
			done <- err
		}()
		total := 0
		for i := range 8 {
			n := 50 + r.IntN(100)
			produce(t, cl, log, r, i*1000, n, 2)
			total += n
			time.Sleep(50 * time.Millisecond)
		}
		deadline := time.Now().Add(20 * time.Second)
		for time.Now().Before(deadline) {
			if tg.one(t, "select cast(coalesce(sum(row_count + quarantined), 0) as bigint) from _stream.batches") == fmt.Sprint(total) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
	})
}

// TestServerClosesConnections lets the server close the writer's connection at every step.
func TestServerClosesConnections(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		if tg.kind != "postgres" {
			t.Skip("there is no server")
		}
		c := cluster(t, 2)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(13, 13))
		s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		for i, where := range []landing.Step{landing.StepAdvance, landing.StepRows, landing.StepQuarantine, landing.StepCommit} {
			produce(t, cl, log, r, i*1000, 300, 2)
			closed := 0
			s.steps = func(at string) error {
				if at == string(where) && closed < 2 {
					closed++
					tg.exec(t, "select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and pid <> pg_backend_pid()")
				}
				return nil
			}
			if _, err := s.CatchUp(context.Background()); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			if closed != 2 {
				t.Errorf("%s: %d connections were closed", where, closed)
			}
			tg.check(t, log)
		}
	})
}

package stream

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestTrialLeavesNothing: a trial lands what a stream would, beside a stream that runs, and
// leaves neither table nor ledger entry.
func TestTrialLeavesNothing(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		log := produced{}
		produce(t, producer(t, c), log, rand.New(rand.NewPCG(3, 1)), 0, 50, 2)
		src := sourceOf(t, tg.kind, orders)
		s := tg.streams(src, c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		before := tg.rows(t, "select pipeline, last_batch from _stream.owner")
		for range 2 {
			landed, bad, err := s.Trial(context.Background(), src, []*kgo.Record{
				{Value: []byte(`{"id":1}`)}, {Value: []byte(`{"id":"x"}`)}, {Value: []byte{0xff}, Partition: 2}, {Value: nil}})
			if err != nil {
				t.Fatal(err)
			}
			if len(landed.Rows) != 1 || len(bad.Rows) != 3 {
				t.Fatalf("%d landed, %d in quarantine", len(landed.Rows), len(bad.Rows))
			}
		}
		if after := tg.rows(t, "select pipeline, last_batch from _stream.owner"); len(after) != len(before) || after[0][1] != before[0][1] {
			t.Errorf("the ledger has changed: %v, before %v", after, before)
		}
		if n := tg.one(t, "select count(*) from information_schema.tables where table_schema = '_stream_trial'"); n != "0" {
			t.Errorf("%s tables are left", n)
		}
		tg.check(t, log)
	})
}

// TestTrialOfRowsThatChange: what a key says last is what a trial lands.
func TestTrialOfRowsThatChange(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		src := sourceOf(t, tg.kind, with(orders, "landing: upsert\nunique_key: id\nkey: {format: json}"))
		s := tg.streams(src, cluster(t, 1).ListenAddrs())
		if err := s.Prepare(context.Background()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			landed, bad, err := s.Trial(context.Background(), src, []*kgo.Record{
				{Key: []byte(`{"id":1}`), Value: []byte(`{"id":1,"customer":"a"}`)}, {Key: []byte(`{"id":2}`), Value: []byte(`{"id":2}`)},
				{Key: []byte(`{"id":1}`), Value: []byte(`{"id":1,"customer":"b"}`)}, {Key: []byte(`{"id":2}`)}, {Value: []byte(`nonsense`)}})
			if err != nil {
				t.Fatal(err)
			}
			if len(landed.Rows) != 1 || value.Str(landed.Rows[0][1]) != "b" || len(bad.Rows) != 1 {
				t.Fatalf("landed %v, %d in quarantine", landed.Rows, len(bad.Rows))
			}
		}
		if n := tg.one(t, "select count(*) from information_schema.tables where table_schema = '_stream_trial'"); n != "0" {
			t.Errorf("%s tables are left", n)
		}
	})
}

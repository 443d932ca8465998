package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
)

// TestRetention lands on three days. Rows that are too old go, the ledger knows it, and what
// comes later lands; rows that a model has not taken in stay.
func TestRetention(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		cl := producer(t, c)
		ctx := context.Background()
		src := sourceOf(t, tg.kind, with(orders, "retention: 2d"))
		r := rand.New(rand.NewPCG(5, 5))
		today := time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)
		sent := 0
		land := func(day time.Time) *Streams {
			t.Helper()
			produce(t, cl, produced{}, r, sent, 500, 2)
			sent += 500
			s := tg.streams(src, c.ListenAddrs())
			s.now = func() time.Time { return day }
			if _, err := s.CatchUp(ctx); err != nil {
				t.Fatal(err)
			}
			verified(t, s)
			return s
		}
		days := func() string {
			t.Helper()
			return strings.ReplaceAll(tg.one(t, "select string_agg(day, ' ' order by day) from (select distinct cast(cast(_stream_ingested_at at time zone 'UTC' as date) as text) as day from raw.orders) d"), "2026-03-", "")
		}
		land(today)
		land(today.AddDate(0, 0, 1))
		if got := days(); got != "10 11" {
			t.Fatalf("rows of the days %s are there", got)
		}
		// A model that has taken in only what came on the first day holds the others.
		first := tg.one(t, "select max(_stream_batch) from raw.orders where cast(_stream_ingested_at at time zone 'UTC' as date) = date '2026-03-10'")
		tg.exec(t, `insert into _stream.positions (consumer_model, input_relation, frontier, plan_fingerprint, batch) values ('marts.slow', '"raw"."orders"', '{"batch":`+first+`}', '', `+first+`)`)
		land(today.AddDate(0, 0, 5))
		if got := days(); got != "11 15" {
			t.Errorf("beside a model that lags, rows of the days %s are there", got)
		}
		if held := tg.one(t, "select count(*) from raw.orders"); held == "0" {
			t.Error("nothing is left")
		}
		tg.exec(t, "delete from _stream.positions")
		s := land(today.AddDate(0, 0, 6))
		if got := days(); got != "15 16" {
			t.Errorf("rows of the days %s are there", got)
		}
		if tg.kind == "postgres" {
			if n := tg.one(t, "select count(*) from pg_inherits where inhparent = 'raw.orders'::regclass"); n != "3" { // and one for the next day
				t.Errorf("%s partitions are left", n)
			}
		}
		var retired int64
		if err := s.with(ctx, func(conn adapters.Conn) (err error) {
			retired, err = s.Ledger.Retired(ctx, conn, src.ID)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if known := tg.one(t, "select (select count(*) from raw.orders) + (select count(*) from _stream.quarantine)"); fmt.Sprint(int64(sent)-retired) != known {
			t.Errorf("of %d records %s are in the tables, and %d are gone by the ledger", sent, known, retired)
		}
		if n := tg.one(t, "select max(batch) - count(*) from _stream.batches"); n != "0" {
			t.Errorf("%s numbers of batches are missing, and whoever follows the stream waits for them", n)
		}
		// Without retention everything stays, and partitions go on being made.
		src = sourceOf(t, tg.kind, orders)
		land(today.AddDate(0, 0, 30))
		if got := days(); got != "15 16 2026-04-09" {
			t.Errorf("rows of the days %s are there", got)
		}
	})
}

// TestRetentionOfPlainTable: a table that was there before its retention has no partitions.
func TestRetentionOfPlainTable(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		cl := producer(t, c)
		ctx := context.Background()
		now := time.Now()
		for i, text := range []string{orders, with(orders, "retention: 1h")} {
			produce(t, cl, produced{}, rand.New(rand.NewPCG(6, 6)), 100*i, 100, 1)
			s := tg.streams(sourceOf(t, tg.kind, text), c.ListenAddrs())
			s.now = func() time.Time { return now.Add(time.Duration(i) * 90 * time.Minute) }
			if _, err := s.CatchUp(ctx); err != nil {
				t.Fatal(err)
			}
			verified(t, s)
		}
		if n := tg.one(t, "select count(*) from raw.orders where id < 100"); n != "0" {
			t.Errorf("%s old rows are there", n)
		}
		if n := tg.one(t, "select count(*) from raw.orders"); n == "0" {
			t.Error("nothing is left")
		}
	})
}

// TestRetentionWhileReplayed: what lands again aside comes into a table with partitions.
func TestRetentionWhileReplayed(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		log := produced{}
		produce(t, producer(t, c), log, rand.New(rand.NewPCG(7, 7)), 0, 800, 1)
		s := tg.streams(sourceOf(t, tg.kind, with(orders, "retention: 30d")), c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		before := tg.one(t, "select max(_stream_batch) from raw.orders")
		if done, err := s.ReplayAside(context.Background(), "earliest"); err != nil || done[0].In == 0 {
			t.Fatalf("%+v %v", done, err)
		}
		tg.check(t, log)
		verified(t, s)
		if after := tg.one(t, "select min(_stream_batch) from raw.orders"); after <= before && len(after) <= len(before) {
			t.Errorf("batches %s and %s", before, after)
		}
	})
}

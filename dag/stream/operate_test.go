package stream

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
)

func verified(t *testing.T, s *Streams) {
	t.Helper()
	findings, err := s.Verify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 4 {
		t.Errorf("%d checks", len(findings))
	}
	for _, f := range findings {
		if !f.OK {
			t.Errorf("%s: %s", f.Check, f.Message)
		}
	}
}

func TestQuarantineReplay(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		log := produced{}
		r := rand.New(rand.NewPCG(11, 11))
		produce(t, producer(t, c), log, r, 0, 3000, 2)
		s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		verified(t, s)
		before := tg.one(t, "select count(*) from _stream.quarantine where code = 'null_value'")
		if before == "0" {
			t.Fatal("no record is bad for its null")
		}
		// Nothing was repaired: nothing may land.
		again, err := s.ReleaseQuarantine(context.Background())
		if err != nil || again[0].Landed != 0 || again[0].Kept == 0 {
			t.Errorf("%v %+v", err, again)
		}
		loose := tg.streams(sourceOf(t, tg.kind, strings.Replace(orders, ", constraints: [{type: not_null}]", "", 1)), c.ListenAddrs())
		for round := range 2 {
			released, err := loose.ReleaseQuarantine(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if round == 0 && tg.one(t, "select count(*) from raw.orders where id is null") != before || round == 1 && released[0].Landed != 0 {
				t.Errorf("round %d: %+v, %s were bad for their null", round, released, before)
			}
			verified(t, loose)
		}
		if n := tg.one(t, "select count(*) from raw.orders where id is null and (_stream_key is null or _stream_headers is null or _stream_ts is null or customer is null)"); n != "0" {
			t.Errorf("%s replayed rows lack something", n)
		}
		status, err := s.Status(context.Background())
		if err != nil || status.Len() != 1 {
			t.Errorf("%v %v", err, status)
		}
		list, err := s.Quarantine(context.Background(), 5)
		if err != nil || list.Len() != 5 {
			t.Errorf("%v %v", err, list)
		}
		for _, f := range s.Doctor(context.Background()) {
			if !f.OK {
				t.Errorf("%s: %s", f.Check, f.Message)
			}
		}
	})
}

func TestRewind(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		log := produced{}
		r := rand.New(rand.NewPCG(12, 12))
		produce(t, producer(t, c), log, r, 0, 2000, 2)
		s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		for _, from := range []string{"", "earliest", "orders/0=100", "1=5,0=990", "2020-01-01"} {
			if from != "" {
				back, err := s.Rewind(context.Background(), from)
				if err != nil || back[0].Rows == 0 {
					t.Fatalf("%s: %v %v", from, back, err)
				}
				verified(t, s)
			}
			if _, err := s.CatchUp(context.Background()); err != nil {
				t.Fatal(err)
			}
			tg.check(t, log)
			verified(t, s)
		}
		for _, from := range []string{"yesterday", "7=1", "0=x"} {
			if _, err := s.Rewind(context.Background(), from); codeOf(err) != diag.CodeUsage {
				t.Errorf("%s: %v", from, err)
			}
		}
		// The check must be able to fail.
		tg.exec(t, "insert into raw.orders select * from raw.orders limit 1")
		findings, err := s.Verify(context.Background())
		if err != nil || findings[0].OK || findings[3].OK {
			t.Errorf("a row that is there twice was not found: %v %v", findings, err)
		}
	})
}

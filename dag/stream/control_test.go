package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestPause: a running pump obeys, a catch-up too, and nothing is lost over it.
func TestPause(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(21, 21))
		produce(t, cl, log, r, 0, 500, 2)
		src := sourceOf(t, tg.kind, orders)
		other := tg.streams(src, c.ListenAddrs())
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		running := make(chan error, 1)
		pump := tg.streams(src, c.ListenAddrs())
		go func() { _, err := pump.Run(ctx); running <- err }()
		if _, err := other.Wait(ctx, "", time.Minute); err != nil {
			t.Fatal(err)
		}
		if changed, err := other.Pause(ctx); err != nil || !changed[src.ID] {
			t.Fatal(changed, err)
		}
		time.Sleep(2 * pausesEvery)
		produce(t, cl, log, r, 500, 500, 2)
		_, err := other.Wait(ctx, "", time.Second)
		if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "orders/0 is at ") {
			t.Errorf("a paused stream moved: %v", err)
		}
		cancel()
		if err := <-running; err != nil {
			t.Fatal(err)
		}
		before := tg.one(t, "select count(*) from raw.orders")
		ctx = context.Background()
		if report, err := other.CatchUp(ctx); err != nil || report.Sources[0].Source != nil {
			t.Errorf("%v %+v", err, report)
		}
		if after := tg.one(t, "select count(*) from raw.orders"); after != before {
			t.Errorf("%s rows, %s before", after, before)
		}
		if changed, err := other.Resume(ctx); err != nil || !changed[src.ID] {
			t.Fatal(changed, err)
		}
		if _, err := other.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		if done, err := other.Wait(ctx, "2020-01-01", time.Second); err != nil || done[0].Token.String() == "" {
			t.Errorf("%v %v", done, err)
		}
	})
}

// TestInspect shows a quarantined record byte by byte.
func TestInspect(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		sent := &kgo.Record{Key: []byte{0, 0xff}, Value: []byte("{\xfe"), Headers: []kgo.RecordHeader{{Key: "h", Value: []byte{7}}}}
		if err := producer(t, c).ProduceSync(context.Background(), sent).FirstErr(); err != nil {
			t.Fatal(err)
		}
		s := tg.streams(sourceOf(t, tg.kind, orders), c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		list, err := s.Inspect(context.Background(), "orders", 0, 0)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		r := list[0]
		got := fmt.Sprintf("%x %x %v %s %s %d %s", r.Record.Key, r.Record.Value, r.Record.Headers, r.Stage, r.Code, r.Batch, r.Status)
		if want := "00ff 7bfe [{h [7]}] value invalid_utf8 1 quarantined"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const timed = `
name: orders
event_time: at
columns:
  - {name: id, data_type: bigint}
  - {name: at, data_type: timestamp with time zone}
meta:
  stream:
    type: kafka
    connection: main
    topics: [orders]
    watermark: {lateness: 20s, idle_after: 1h, ahead: 5m}
`

// happening is an event on its way.
type happening struct {
	id        int
	at        time.Time
	arrives   float64 // when it is sent, in seconds after the first
	partition int32
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// disorder makes events a second apart and mixes them up: each comes up to delay seconds
// late, one in stray of them up to ten times that.
func disorder(r *rand.Rand, count, partitions int, delay float64, stray int) []happening {
	out := make([]happening, count)
	for i := range out {
		d := r.Float64() * delay
		if stray > 0 && r.IntN(stray) == 0 {
			d *= 10
		}
		out[i] = happening{id: i, at: epoch.Add(time.Duration(i) * time.Second), arrives: float64(i) + d, partition: int32(r.IntN(partitions))}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].arrives < out[j].arrives })
	return out
}

func send(t *testing.T, cl *kgo.Client, events []happening) {
	t.Helper()
	records := make([]*kgo.Record, len(events))
	for i, e := range events {
		records[i] = &kgo.Record{Partition: e.partition, Value: fmt.Appendf(nil, `{"id":%d,"at":%q}`, e.id, e.at.Format(time.RFC3339Nano))}
	}
	if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// TestEventTime lands events out of order, within and beyond what the stream declares, cut
// into random batches, and compares watermarks and counts of late rows with their definition.
func TestEventTime(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		for _, c := range []struct {
			name  string
			delay float64
			stray int
		}{{"within", 20, 0}, {"beyond", 20, 15}} {
			t.Run(c.name, func(t *testing.T) {
				tg.exec(t, "drop schema if exists raw cascade")
				tg.exec(t, "drop schema if exists _stream cascade")
				const partitions = 3
				r := rand.New(rand.NewPCG(10, uint64(c.stray)))
				events := disorder(r, 1500, partitions, c.delay, c.stray)
				cluster := cluster(t, partitions)
				cl := producer(t, cluster)
				newest := map[int32]time.Time{}
				var watermark time.Time
				wantLate, batch := 0, 0
				for len(events) > 0 {
					n := min(1+r.IntN(120), len(events))
					now := events[:n]
					events = events[n:]
					send(t, cl, now)
					s := tg.streams(sourceOf(t, tg.kind, timed), cluster.ListenAddrs()) // a new process each time
					s.now = func() time.Time { return epoch.Add(24 * time.Hour) }
					report, err := s.CatchUp(context.Background())
					if err != nil {
						t.Fatal(err)
					}
					if report.Sources[0].Batches != 1 {
						t.Fatalf("%d batches", report.Sources[0].Batches)
					}
					batch++
					late, before := 0, watermark
					for _, e := range now {
						if e.at.Before(watermark) {
							late++
						}
					}
					for _, e := range now {
						if e.at.After(newest[e.partition]) {
							newest[e.partition] = e.at
						}
					}
					if len(newest) == partitions {
						least := newest[0]
						for _, at := range newest {
							if at.Before(least) {
								least = at
							}
						}
						if w := least.Add(-20 * time.Second); w.After(watermark) {
							watermark = w
						}
					}
					wantLate += late
					moment := func(at time.Time) string {
						if at.IsZero() {
							return "-1"
						}
						return fmt.Sprint(at.Unix())
					}
					got := fmt.Sprint(tg.rows(t, `select coalesce(cast(extract(epoch from watermark_before) as bigint), -1), coalesce(cast(extract(epoch from watermark) as bigint), -1), late
						from _stream.event_time where batch = (select max(batch) from _stream.event_time)`))
					if want := fmt.Sprintf("[[%s %s %d]]", moment(before), moment(watermark), late); got != want {
						t.Fatalf("batch %d: before, watermark and late are %s, want %s", batch, got, want)
					}
				}
				if c.stray == 0 && wantLate != 0 || c.stray > 0 && wantLate == 0 {
					t.Errorf("%d rows were late", wantLate)
				}
				// Late rows land like all others: what to do with them is the models' business.
				if n := tg.one(t, "select count(*) from raw.orders"); n != "1500" {
					t.Errorf("%s rows landed", n)
				}
				s := tg.streams(sourceOf(t, tg.kind, timed), cluster.ListenAddrs())
				status, err := s.Status(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				if shown := status.PrintTable(-1, -1, -1); !containsAll(shown, "watermark", watermark.Format("2006-01-02 15:04:05")) {
					t.Errorf("status does not show the watermark %s:\n%s", watermark, shown)
				}
			})
		}
	})
}

// TestIdleAndFuture: a partition that brings nothing holds the others up only until it is
// idle, and an event from a wrong clock moves no watermark.
func TestIdleAndFuture(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		cluster := cluster(t, 2)
		cl := producer(t, cluster)
		now := epoch
		land := func(events ...happening) string {
			t.Helper()
			send(t, cl, events)
			s := tg.streams(sourceOf(t, tg.kind, timed), cluster.ListenAddrs())
			s.now = func() time.Time { return now }
			if _, err := s.CatchUp(context.Background()); err != nil {
				t.Fatal(err)
			}
			return tg.one(t, fmt.Sprintf(`select cast(extract(epoch from max(watermark)) as bigint) - %d from _stream.event_time`, epoch.Unix()))
		}
		at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
		steps := []struct {
			name   string
			clock  time.Duration
			events []happening
			want   string
		}{
			{"both", 0, []happening{{at: at(100)}, {at: at(60), partition: 1}}, "40"},
			{"the second is quiet", 30 * time.Minute, []happening{{at: at(1800)}}, "40"},
			{"the second is idle", 61 * time.Minute, []happening{{at: at(3660)}}, "3640"},
			{"a wrong clock", 62 * time.Minute, []happening{{at: at(100 * 86400)}}, "3640"},
			{"back again", 63 * time.Minute, []happening{{at: at(3780)}, {at: at(3700), partition: 1}}, "3680"},
		}
		for _, s := range steps {
			now = epoch.Add(s.clock)
			if got := land(s.events...); got != s.want {
				t.Errorf("%s: the watermark is at %s, want %s", s.name, got, s.want)
			}
		}
		if n := tg.one(t, "select count(*) from raw.orders"); n != "7" {
			t.Errorf("%s rows landed", n)
		}
	})
}

func containsAll(text string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(text, p) {
			return false
		}
	}
	return true
}

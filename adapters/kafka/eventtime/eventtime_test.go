package eventtime

import (
	"testing"
	"time"
)

func TestAdvance(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return start.Add(time.Duration(s) * time.Second) }
	rule := Rule{Lateness: 10 * time.Second, IdleAfter: 30 * time.Second, Ahead: time.Minute}
	a, b := Partition{"t", 0}, Partition{"t", 1}
	var c Clock
	step := func(name string, seen map[Partition]Seen, all map[Partition]bool, now, want int) {
		t.Helper()
		c = c.Advance(rule, seen, all, at(now))
		w := -1
		if !c.Watermark.IsZero() {
			w = int(c.Watermark.Sub(start).Seconds())
		}
		if w != want {
			t.Errorf("%s: watermark %d, want %d", name, w, want)
		}
	}
	both := map[Partition]bool{a: false, b: false}
	step("the other has a backlog that nobody has seen", map[Partition]Seen{a: {Newest: at(100)}}, map[Partition]bool{a: false, b: true}, 100, -1)
	step("the slower one counts", map[Partition]Seen{b: {Newest: at(40)}}, both, 101, 30)
	step("older events move nothing back", map[Partition]Seen{a: {Newest: at(50)}, b: {Newest: at(20)}}, both, 102, 30)
	step("it follows the slower one", map[Partition]Seen{b: {Newest: at(60)}}, both, 103, 50)
	step("quiet, but not for long", map[Partition]Seen{a: {Newest: at(120)}}, both, 120, 50)
	step("idle", map[Partition]Seen{a: {Newest: at(130)}}, both, 140, 120)
	step("behind, so not idle", map[Partition]Seen{a: {Newest: at(200)}}, map[Partition]bool{a: false, b: true}, 200, 120)
	step("back with something old", map[Partition]Seen{b: {Newest: at(90)}}, both, 201, 120)
	step("all idle", nil, both, 900, 120)
	empty := Clock{}.Advance(rule, map[Partition]Seen{a: {}}, map[Partition]bool{a: false}, at(0))
	if !empty.Watermark.IsZero() {
		t.Error("records without a moment move the watermark")
	}
}

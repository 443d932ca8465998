package run

import (
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
)

func TestSlowestNodes(t *testing.T) {
	at := func(name string, ms int) *Result {
		return &Result{UniqueID: "model.p." + name, Node: &manifest.Node{Name: name}, ExecutionTime: time.Duration(ms) * time.Millisecond}
	}
	out := &Results{Elapsed: 3 * time.Second, Results: []*Result{at("a", 400), at("b", 2100), at("c", 99), at("d", 900), at("e", 400)}}
	var times []event.NodeTime
	for _, res := range slowestNodes(out) {
		times = append(times, event.NodeTime{UniqueID: res.UniqueID, Name: res.Node.Name, Seconds: res.ExecutionTime.Seconds()})
	}
	if got, want := event.Slowest(times).Msg, "Slowest: b 2.1s, d 0.9s, a 0.4s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	out.Elapsed = 999 * time.Millisecond
	if got := slowestNodes(out); got != nil {
		t.Errorf("a short run has %d slow nodes", len(got))
	}
}

package run

import (
	"sort"
	"time"

	"github.com/millrace/millrace/compiler/event"
)

const (
	longRun   = time.Second            // from here on people ask where the time went
	shortNode = 100 * time.Millisecond // never worth a word
	slowest   = 3
)

// slowestNodes are the nodes that took longest, if the run took long at all.
func slowestNodes(out *Results) []*Result {
	if out.Elapsed < longRun {
		return nil
	}
	var nodes []*Result
	for _, res := range out.Results {
		if res.ExecutionTime >= shortNode {
			nodes = append(nodes, res)
		}
	}
	sort.SliceStable(nodes, func(a, b int) bool { return nodes[a].ExecutionTime > nodes[b].ExecutionTime })
	return nodes[:min(len(nodes), slowest)]
}

// advise says where the time went, and what to do about failures.
func (r *run) advise(out *Results) {
	var times []event.NodeTime
	for _, res := range slowestNodes(out) {
		name := (&Task{ID: res.UniqueID, Node: res.Node, Unit: res.Unit, Source: res.Source, Exposure: res.Exposure, Generic: res.Generic}).name()
		times = append(times, event.NodeTime{UniqueID: res.UniqueID, Name: name, Seconds: res.ExecutionTime.Seconds()})
	}
	failed := !out.Ok() && r.Flags.WriteJSON
	if len(times) == 0 && !failed {
		return
	}
	r.emitMain(event.Formatting(""))
	if len(times) > 0 {
		r.emitMain(event.Slowest(times))
	}
	if failed {
		r.emitMain(event.NextStep("`millrace retry` runs again what failed or was skipped."))
	}
}

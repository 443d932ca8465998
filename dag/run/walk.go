package run

import (
	"container/heap"
	"context"
	"sync"

	"github.com/millrace/millrace/dag"
)

// walk hands out the nodes of a graph to workers: a node is ready when everything before
// it has ended, and of the ready ones the start of the longest remaining path goes first.
// Seeds go before all else: projects load them into tables that models read as sources, and
// dbt, which goes level by level, has them loaded by then.
// Nodes that are not selected end as soon as they are ready, so that order is kept across them.
type walk struct {
	selected dag.Set
	after    [][]int32 // who waits for a node
	waits    []int32   // for how many nodes a node waits
	weight   []float64
	seed     func(i int) bool

	mu      sync.Mutex
	cond    *sync.Cond
	ready   readyHeap
	left    int // selected nodes that have not ended
	running int
	stopped bool
}

// newWalk prepares a walk over the plan's nodes. With independent nothing waits for anything.
func newWalk(g *dag.Graph, selected dag.Set, waits [][]int32, cost func(i int) float64, seed func(i int) bool) *walk {
	n := g.Len()
	w := &walk{selected: selected, waits: make([]int32, n), after: make([][]int32, n), left: selected.Len(), seed: seed}
	w.cond = sync.NewCond(&w.mu)
	for i, parents := range waits {
		w.waits[i] = int32(len(parents))
		for _, p := range parents {
			w.after[p] = append(w.after[p], int32(i))
		}
	}
	w.weight = w.critical(cost)
	// The roots are found first: releasing one that is not selected ends it at once, which
	// brings others to zero that must not be released twice.
	var roots []int
	for i, count := range w.waits {
		if count == 0 {
			roots = append(roots, i)
		}
	}
	for _, i := range roots {
		w.release(i)
	}
	return w
}

// critical is the weight of the heaviest path from each node on; nodes that are not
// selected weigh nothing.
func (w *walk) critical(cost func(i int) float64) []float64 {
	weight := make([]float64, len(w.after))
	left := make([]int32, len(w.after))
	before := make([][]int32, len(w.after))
	var ends []int32
	for i, after := range w.after {
		left[i] = int32(len(after))
		for _, c := range after {
			before[c] = append(before[c], int32(i))
		}
		if len(after) == 0 {
			ends = append(ends, int32(i))
		}
	}
	for len(ends) > 0 {
		i := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		longest := 0.0
		for _, c := range w.after[i] {
			longest = max(longest, weight[c])
		}
		if w.selected.Has(int(i)) {
			longest += cost(int(i))
		}
		weight[i] = longest
		for _, p := range before[i] {
			if left[p]--; left[p] == 0 {
				ends = append(ends, p)
			}
		}
	}
	return weight
}

// release makes a node ready; one that is not selected ends at once.
func (w *walk) release(i int) {
	if w.selected.Has(i) {
		heap.Push(&w.ready, readyNode{i, w.seed(i), w.weight[i]})
		return
	}
	w.end(i)
}

// end lets go who waits for the node.
func (w *walk) end(i int) {
	for _, c := range w.after[i] {
		if w.waits[c]--; w.waits[c] == 0 {
			w.release(int(c))
		}
	}
}

// next waits for a node; ok is false when there is nothing left to hand out.
func (w *walk) next() (i int, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if w.stopped || w.left == 0 {
			return 0, false
		}
		if len(w.ready) > 0 {
			w.running++
			return heap.Pop(&w.ready).(readyNode).index, true
		}
		if w.running == 0 {
			return 0, false // cannot happen in a graph without cycles
		}
		w.cond.Wait()
	}
}

// done ends a node that was handed out.
func (w *walk) done(i int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running--
	w.left--
	w.end(i)
	w.cond.Broadcast()
}

// stop hands out nothing more.
func (w *walk) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	w.cond.Broadcast()
}

// idle reports whether a worker has nothing to do while others run, so that one node may use it.
func (w *walk) idle(threads int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.running < threads
}

// run works the nodes off with a number of workers, numbered from 1. It returns when
// everything that was handed out has ended.
func (w *walk) run(ctx context.Context, threads int, work func(ctx context.Context, worker, i int)) {
	stop := context.AfterFunc(ctx, w.stop)
	defer stop()
	workers := max(1, min(threads, w.left))
	var group sync.WaitGroup
	for k := 1; k <= workers; k++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				i, ok := w.next()
				if !ok || ctx.Err() != nil {
					w.stop() // whoever waits must not wait for this node
					return
				}
				work(ctx, k, i)
				w.done(i)
			}
		}()
	}
	group.Wait()
}

type readyNode struct {
	index  int
	seed   bool
	weight float64
}

// readyHeap has the heaviest seed on top, then the heaviest node; ties go to the first in the order of ids.
type readyHeap []readyNode

func (h readyHeap) Len() int { return len(h) }
func (h readyHeap) Less(a, b int) bool {
	if h[a].seed != h[b].seed {
		return h[a].seed
	}
	if h[a].weight != h[b].weight {
		return h[a].weight > h[b].weight
	}
	return h[a].index < h[b].index
}
func (h readyHeap) Swap(a, b int) { h[a], h[b] = h[b], h[a] }
func (h *readyHeap) Push(x any)   { *h = append(*h, x.(readyNode)) }
func (h *readyHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

package dag

import "container/heap"

// TopologicalOrder lists all nodes, parents first; ties are in the order of unique_ids.
// The slice is shared: read only.
func (g *Graph) TopologicalOrder() []int32 { return g.order }

// sort is Kahn's algorithm over edges of both kinds; nodes on or behind a cycle are missing from its result.
func (g *Graph) sort() []int32 {
	n := len(g.ids)
	waits := make([]int32, n)
	var ready minHeap
	for i := 0; i < n; i++ {
		waits[i] = int32(len(g.up.of(i)) + len(g.testsUp.of(i)))
		if waits[i] == 0 {
			ready = append(ready, int32(i))
		}
	}
	order := make([]int32, 0, n)
	release := func(to []int32) {
		for _, c := range to {
			if waits[c]--; waits[c] == 0 {
				heap.Push(&ready, c)
			}
		}
	}
	for len(ready) > 0 {
		i := heap.Pop(&ready).(int32)
		order = append(order, i)
		release(g.down.of(int(i)))
		release(g.tests.of(int(i)))
	}
	return order
}

type minHeap []int32

func (h minHeap) Len() int           { return len(h) }
func (h minHeap) Less(a, b int) bool { return h[a] < h[b] }
func (h minHeap) Swap(a, b int)      { h[a], h[b] = h[b], h[a] }
func (h *minHeap) Push(x any)        { *h = append(*h, x.(int32)) }
func (h *minHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// CriticalPath gives for every node the weight of the heaviest path that starts with it:
// what is left to do once it may start. A scheduler that takes the largest first keeps
// the longest chain busy. Weights must not be negative.
func (g *Graph) CriticalPath(weight func(i int) float64) []float64 {
	rest := make([]float64, len(g.ids))
	for k := len(g.order) - 1; k >= 0; k-- {
		i := int(g.order[k])
		longest := 0.0
		for _, c := range g.down.of(i) {
			longest = max(longest, rest[c])
		}
		for _, c := range g.tests.of(i) {
			longest = max(longest, rest[c])
		}
		rest[i] = longest + weight(i)
	}
	return rest
}

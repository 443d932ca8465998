package dag

import (
	"slices"
	"sort"

	"github.com/millrace/millrace/compiler/manifest"
)

// WithTestEdges is the graph of `build`: a data test blocks every node downstream of all
// that the test depends on, so that bad data does not spread. A test of several nodes
// blocks only what is downstream of each of them, which cannot make a cycle.
//
// Only the nearest nodes downstream get an edge; what lies behind them waits through them.
func (g *Graph) WithTestEdges(m *manifest.Manifest) *Graph {
	executable := g.NewSet()
	var tests []int32
	for id, n := range m.Nodes {
		i := g.index[id]
		switch n.ResourceType {
		case manifest.Test:
			if len(g.up.of(i)) > 0 {
				tests = append(tests, int32(i))
			}
		case manifest.FunctionType:
			// A function does not wait for tests, but what uses it does.
		default:
			executable.Add(i)
		}
	}
	sort.Slice(tests, func(a, b int) bool { return tests[a] < tests[b] })
	above := g.testedAncestors(tests)
	rank := make([]int32, len(g.ids))
	for k, i := range g.order {
		rank[i] = int32(k)
	}
	var edges []edge
	seen := make([]int32, len(g.ids)) // test number + 1 that visited the node last
	for k, t := range tests {
		deps := g.up.of(int(t))
		start := deps[0]
		for _, d := range deps {
			if rank[d] > rank[start] {
				start = d
			}
		}
		stack := []int32{start}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, c := range g.down.of(int(i)) {
				if seen[c] == int32(k+1) {
					continue
				}
				seen[c] = int32(k + 1)
				if executable.Has(int(c)) && above.all(c, deps) {
					edges = append(edges, edge{t, c})
				} else {
					stack = append(stack, c)
				}
			}
		}
	}
	sort.Slice(edges, func(a, b int) bool {
		if edges[a].from != edges[b].from {
			return edges[a].from < edges[b].from
		}
		return edges[a].to < edges[b].to
	})
	out := *g
	out.tests = newAdjacency(len(g.ids), edges, false)
	out.testsUp = newAdjacency(len(g.ids), edges, true)
	out.hasTests = true
	out.order = out.sort()
	return &out
}

// TestEdges are the children of every node in the graph of `build`, by id; nil without
// test edges.
func (g *Graph) TestEdges() map[string][]string {
	if !g.hasTests {
		return nil
	}
	children := make(map[string][]string, len(g.ids))
	for i, id := range g.ids {
		for _, c := range append(slices.Clone(g.Children(i)), g.Blocked(i)...) {
			children[id] = append(children[id], g.ids[c])
		}
	}
	return children
}

// ancestry knows for every node which nodes with a test of several nodes are upstream.
type ancestry struct {
	bit   map[int32]int // node → bit, only of nodes in tests with several dependencies
	words int
	sets  []uint64
}

func (g *Graph) testedAncestors(tests []int32) ancestry {
	a := ancestry{bit: map[int32]int{}}
	for _, t := range tests {
		deps := g.up.of(int(t))
		if len(deps) < 2 {
			continue
		}
		for _, d := range deps {
			if _, ok := a.bit[d]; !ok {
				a.bit[d] = len(a.bit)
			}
		}
	}
	a.words = (len(a.bit) + 63) / 64
	a.sets = make([]uint64, a.words*len(g.ids))
	for _, i := range g.order {
		own := a.sets[int(i)*a.words : (int(i)+1)*a.words]
		for _, p := range g.up.of(int(i)) {
			for w, x := range a.sets[int(p)*a.words : (int(p)+1)*a.words] {
				own[w] |= x
			}
			if b, ok := a.bit[p]; ok {
				own[b>>6] |= 1 << (uint(b) & 63)
			}
		}
	}
	return a
}

// all reports whether every dependency is upstream of node i; a node reached from a
// single dependency needs no look.
func (a ancestry) all(i int32, deps []int32) bool {
	if len(deps) == 1 {
		return true
	}
	own := a.sets[int(i)*a.words : (int(i)+1)*a.words]
	for _, d := range deps {
		b := a.bit[d]
		if own[b>>6]&(1<<(uint(b)&63)) == 0 {
			return false
		}
	}
	return true
}

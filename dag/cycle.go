package dag

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// cycle describes the shortest cycle of a graph that has one.
func (g *Graph) cycle(m *manifest.Manifest) *diag.Diagnostic {
	path := g.shortestCycle()
	names := make([]string, 0, len(path)+1)
	for _, i := range path {
		names = append(names, g.ids[i])
	}
	names = append(names, names[0])
	// Each arrow reads "is used by"; the ref() that makes it stands in the node after it.
	d := diag.New(diag.CodeCycle, diag.Compilation, diag.Span{}, "Found a cycle: "+strings.Join(names, " --> "))
	d.NodeID = names[0]
	for k := 1; k < len(names); k++ {
		span := refSpan(m, names[k], names[k-1])
		if !d.Span.Valid() {
			d.Span = span
		}
		if span.Valid() {
			d.Related = append(d.Related, diag.Related{Span: span, Message: names[k] + " depends on " + names[k-1]})
		}
	}
	d.Hint = "remove one of these references, or move what both sides need into a model of its own"
	return d
}

// shortestCycle searches from every node that can be on a cycle: what is left when nodes
// without parents and nodes without children have been taken away.
func (g *Graph) shortestCycle() []int32 {
	inside := g.cyclic()
	var best []int32
	inside.Each(func(i int) {
		path := g.cycleThrough(int32(i), inside, len(best)-1)
		if path != nil {
			best = path
		}
	})
	return rotate(best)
}

// cyclic are the nodes on cycles and between them.
func (g *Graph) cyclic() Set {
	left := g.Full()
	for _, i := range g.order {
		left.Remove(int(i))
	}
	children := make([]int, len(g.ids))
	var ends []int32
	left.Each(func(i int) {
		for _, c := range g.down.of(i) {
			if left.Has(int(c)) {
				children[i]++
			}
		}
		if children[i] == 0 {
			ends = append(ends, int32(i))
		}
	})
	for len(ends) > 0 {
		i := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		left.Remove(int(i))
		for _, p := range g.up.of(int(i)) {
			if children[p]--; children[p] == 0 && left.Has(int(p)) {
				ends = append(ends, p)
			}
		}
	}
	return left
}

// cycleThrough is the shortest way from start back to itself by breadth-first search,
// nil when it is longer than limit (negative = any length).
func (g *Graph) cycleThrough(start int32, inside Set, limit int) []int32 {
	from := map[int32]int32{}
	layer := []int32{start}
	for depth := 1; len(layer) > 0 && (limit < 0 || depth <= limit); depth++ {
		var next []int32
		for _, i := range layer {
			for _, c := range g.down.of(int(i)) {
				if c == start {
					path := []int32{}
					for i != start {
						path = append(path, i)
						i = from[i]
					}
					path = append(path, start)
					for a, b := 0, len(path)-1; a < b; a, b = a+1, b-1 {
						path[a], path[b] = path[b], path[a]
					}
					return rotate(path)
				}
				if _, ok := from[c]; !ok && inside.Has(int(c)) {
					from[c] = i
					next = append(next, c)
				}
			}
		}
		layer = next
	}
	return nil
}

// rotate starts a cycle with its smallest member, so that one cycle has one form.
func rotate(path []int32) []int32 {
	least := 0
	for k := range path {
		if path[k] < path[least] {
			least = k
		}
	}
	return append(append([]int32{}, path[least:]...), path[:least]...)
}

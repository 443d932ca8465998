// Package dag is the graph of a resolved project: who depends on whom, in which order
// nodes can run, what lies up and down of a selection, and where a cycle is. It is pure:
// it sees a manifest and nothing else.
package dag

import (
	"cmp"
	"slices"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// Graph is an immutable directed acyclic graph over unique_ids. Nodes are numbered in
// the order of their ids, so that everything derived from the numbers is deterministic.
type Graph struct {
	ids   []string
	index map[string]int
	up    adjacency // parents of each node
	down  adjacency // children of each node
	order []int32   // topological, ties by number

	// tests are the extra edges of `build` (a test blocks what lies downstream of what it
	// tests). Selection ignores them, as it would otherwise pull tests in as parents.
	tests    adjacency
	testsUp  adjacency
	hasTests bool
}

// adjacency is a compressed sparse row: the neighbours of i are to[from[i]:from[i+1]].
type adjacency struct {
	from []int32
	to   []int32
}

func (a adjacency) of(i int) []int32 {
	if a.from == nil {
		return nil
	}
	return a.to[a.from[i]:a.from[i+1]]
}

type edge struct{ from, to int32 }

func newAdjacency(n int, edges []edge, reverse bool) adjacency {
	a := adjacency{from: make([]int32, n+1), to: make([]int32, len(edges))}
	for _, e := range edges {
		if reverse {
			e.from = e.to
		}
		a.from[e.from+1]++
	}
	for i := 0; i < n; i++ {
		a.from[i+1] += a.from[i]
	}
	next := append([]int32(nil), a.from[:n]...)
	for _, e := range edges {
		if reverse {
			e.from, e.to = e.to, e.from
		}
		a.to[next[e.from]] = e.to
		next[e.from]++
	}
	return a
}

// New builds the graph of a manifest. A dependency on something that does not exist and
// a cycle are diagnostics.
func New(m *manifest.Manifest) (*Graph, *diag.Diagnostic) {
	vertices := verticesOf(m)
	g := &Graph{ids: make([]string, len(vertices)), index: make(map[string]int, len(vertices))}
	for i, v := range vertices {
		g.ids[i] = v.id
		g.index[v.id] = i
	}
	var edges []edge // by their end, then by their start, each once
	for to, v := range vertices {
		first := len(edges)
		for _, p := range v.parents {
			from, ok := g.index[p]
			if !ok {
				return nil, dangling(m, v.id, p)
			}
			edges = append(edges, edge{int32(from), int32(to)})
		}
		own := edges[first:]
		slices.SortFunc(own, func(a, b edge) int { return cmp.Compare(a.from, b.from) })
		edges = edges[:first+len(slices.Compact(own))]
	}
	g.down = newAdjacency(len(g.ids), edges, false)
	g.up = newAdjacency(len(g.ids), edges, true)
	g.order = g.sort()
	if len(g.order) < len(g.ids) {
		return nil, g.cycle(m)
	}
	return g, nil
}

// vertex is a resource of the graph with the ids it depends on.
type vertex struct {
	id      string
	parents []string
}

// verticesOf are all vertices in the order of their ids.
func verticesOf(m *manifest.Manifest) []vertex {
	all := make([]vertex, 0, len(m.Nodes)+len(m.Sources))
	visit := func(id string, parents []string) { all = append(all, vertex{id, parents}) }
	for id, n := range m.Nodes {
		visit(id, n.DependsOn.Nodes)
	}
	for id := range m.Sources {
		visit(id, nil)
	}
	for id, e := range m.Exposures {
		visit(id, e.DependsOn.Nodes)
	}
	for id, u := range m.UnitTests {
		visit(id, u.DependsOn.Nodes)
	}
	for _, group := range []map[string]*manifest.Generic{m.Metrics, m.SemanticModels, m.SavedQueries} {
		for id, r := range group {
			visit(id, r.DependsOn.Nodes)
		}
	}
	slices.SortFunc(all, func(a, b vertex) int { return cmp.Compare(a.id, b.id) })
	return all
}

func dangling(m *manifest.Manifest, id, parent string) *diag.Diagnostic {
	d := diag.New(diag.CodeRefNotFound, diag.Compilation, spanOf(m, id),
		"'"+id+"' depends on '"+parent+"' which is not in the graph!")
	d.NodeID = id
	return d
}

// Len is the number of nodes.
func (g *Graph) Len() int { return len(g.ids) }

// ID is the unique_id of node i.
func (g *Graph) ID(i int) string { return g.ids[i] }

// IDs are the unique_ids of a set, sorted.
func (g *Graph) IDs(s Set) []string {
	ids := make([]string, 0, s.Len())
	s.Each(func(i int) { ids = append(ids, g.ids[i]) })
	return ids
}

// Index is the number of a unique_id.
func (g *Graph) Index(id string) (int, bool) {
	i, ok := g.index[id]
	return i, ok
}

// SetOf makes a set of unique_ids; ids that are not in the graph are left out.
func (g *Graph) SetOf(ids ...string) Set {
	s := g.NewSet()
	for _, id := range ids {
		if i, ok := g.index[id]; ok {
			s.Add(i)
		}
	}
	return s
}

// Parents are the direct parents of node i, ascending. The slice is shared: read only.
func (g *Graph) Parents(i int) []int32 { return g.up.of(i) }

// Children are the direct children of node i, ascending. The slice is shared: read only.
func (g *Graph) Children(i int) []int32 { return g.down.of(i) }

// Blocked are the nodes that wait for test i besides its children (see WithTestEdges).
func (g *Graph) Blocked(i int) []int32 { return g.tests.of(i) }

// Blockers are the tests that node i waits for (see WithTestEdges).
func (g *Graph) Blockers(i int) []int32 { return g.testsUp.of(i) }

package dag

import (
	"io"

	"github.com/dominikbraun/graph"
	"github.com/dominikbraun/graph/draw"
)

// structure hands the graph to the graph library, for algorithms that are not on a hot path.
func (g *Graph) structure() graph.Graph[int, int] {
	lib := graph.New(graph.IntHash, graph.Directed())
	for i := range g.ids {
		// The vertex is new by construction, so the library has nothing to refuse.
		_ = lib.AddVertex(i, graph.VertexAttribute("label", g.ids[i]))
	}
	for i := range g.ids {
		for _, c := range g.down.of(i) {
			_ = lib.AddEdge(i, int(c))
		}
		for _, c := range g.tests.of(i) {
			_ = lib.AddEdge(i, int(c), graph.EdgeAttribute("style", "dashed"))
		}
	}
	return lib
}

// WriteDOT writes the graph in Graphviz' language; test edges are dashed.
func (g *Graph) WriteDOT(w io.Writer) error { return draw.DOT(g.structure(), w) }

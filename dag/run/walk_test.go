package run

import (
	"slices"
	"testing"

	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
)

// TestWalkHandsOutEachNodeOnce: nodes 0 and 1 are not selected and end at once, which makes
// 2 ready while the walk is still being set up.
func TestWalkHandsOutEachNodeOnce(t *testing.T) {
	m := manifest.New("p", "duckdb")
	for _, id := range []string{"a", "b", "c", "d"} {
		m.Nodes[id] = &manifest.Node{UniqueID: id, ResourceType: manifest.Model}
	}
	g, d := dag.New(m)
	if d != nil {
		t.Fatal(d)
	}
	selected := g.SetOf("c", "d")
	got := handedOut(g, newWalk(g, selected, [][]int32{{}, {0}, {1}, {2}}, func(int) float64 { return 1 }))
	if len(got) != 2 || got[0] != "c" || got[1] != "d" {
		t.Errorf("handed out %v, want each of c and d once", got)
	}
}

// TestWalkBeginsWithWhatWaitsForNothing: the seed d, on which nothing waits, goes before the
// second model of a chain, and the longest path decides among the rest.
func TestWalkBeginsWithWhatWaitsForNothing(t *testing.T) {
	m := manifest.New("p", "duckdb")
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		m.Nodes[id] = &manifest.Node{UniqueID: id, ResourceType: manifest.Model}
	}
	g, d := dag.New(m)
	if d != nil {
		t.Fatal(d)
	}
	// a → b, and a → c → f; d and e stand alone.
	waits := [][]int32{{}, {0}, {0}, {}, {}, {2}}
	got := handedOut(g, newWalk(g, g.SetOf("a", "b", "c", "d", "e", "f"), waits, func(int) float64 { return 1 }))
	if want := []string{"a", "d", "e", "c", "b", "f"}; !slices.Equal(got, want) {
		t.Errorf("handed out %v, want %v", got, want)
	}
}

// handedOut is the order of one worker.
func handedOut(g *dag.Graph, w *walk) []string {
	var ids []string
	for {
		i, ok := w.next()
		if !ok {
			return ids
		}
		ids = append(ids, g.ID(i))
		w.done(i)
	}
}

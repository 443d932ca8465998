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
	got := handedOut(g, newWalk(g, selected, [][]int32{{}, {0}, {1}, {2}}, func(int) float64 { return 1 }, func(int) bool { return false }))
	if len(got) != 2 || got[0] != "c" || got[1] != "d" {
		t.Errorf("handed out %v, want each of c and d once", got)
	}
}

// TestWalkPrefersTheLongestPath: the seed d, on which nothing waits, goes before all else; then
// what the most work hangs on, be it a root or not; then the order of ids.
func TestWalkPrefersTheLongestPath(t *testing.T) {
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
	for _, c := range []struct {
		name string
		cost []float64
		want []string
	}{
		{"equal", []float64{1, 1, 1, 1, 1, 1}, []string{"d", "a", "c", "b", "e", "f"}},
		{"a slow leaf", []float64{1, 9, 1, 1, 1, 1}, []string{"d", "a", "b", "c", "e", "f"}},
		{"a slow root", []float64{1, 1, 1, 1, 9, 1}, []string{"d", "e", "a", "c", "b", "f"}},
	} {
		w := newWalk(g, g.SetOf("a", "b", "c", "d", "e", "f"), waits, func(i int) float64 { return c.cost[i] }, func(i int) bool { return g.ID(i) == "d" })
		if got := handedOut(g, w); !slices.Equal(got, c.want) {
			t.Errorf("%s: handed out %v, want %v", c.name, got, c.want)
		}
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

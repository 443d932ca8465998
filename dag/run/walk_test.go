package run

import (
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
	w := newWalk(g, selected, [][]int32{{}, {0}, {1}, {2}}, func(int) float64 { return 1 })
	var got []string
	for {
		i, ok := w.next()
		if !ok {
			break
		}
		got = append(got, g.ID(i))
		w.done(i)
	}
	if len(got) != 2 || got[0] != "c" || got[1] != "d" {
		t.Errorf("handed out %v, want each of c and d once", got)
	}
}

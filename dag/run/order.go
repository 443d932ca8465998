package run

import (
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
)

// waits lists for every node what must end before it. In a build, a unit test runs before
// the model it tests, as soon as what the model reads is there: its fixtures take their
// column types from those relations.
func waits(g *dag.Graph, m *manifest.Manifest, p Plan) [][]int32 {
	out := make([][]int32, g.Len())
	if p.Mode == ModeClone {
		return out
	}
	for i := range out {
		parents, tests := g.Parents(i), g.Blockers(i)
		out[i] = append(append(make([]int32, 0, len(parents)+len(tests)), parents...), tests...)
	}
	if p.Mode != ModeBuild {
		return out
	}
	// The unit tests of one model run one after the other: once one has failed, the model
	// will not be built and the rest has nothing left to protect.
	last := map[int]int32{}
	for _, id := range m.Order.UnitTests {
		u := m.UnitTests[id]
		i, ok := g.Index(id)
		if u == nil || !ok || !p.Selected.Has(i) {
			continue
		}
		model, ok := g.Index(u.TestedNode)
		if !ok {
			continue
		}
		own := append(append([]int32{}, g.Parents(model)...), g.Blockers(model)...)
		if before, ok := last[model]; ok {
			own = append(own, before)
		}
		out[i] = own
		last[model] = int32(i)
	}
	for model, i := range last {
		out[model] = append(out[model], i)
	}
	return out
}

// marks reports whether a result keeps what lies behind the node from running.
func marks(mode Mode, r *Result) bool {
	if r.Kind == manifest.Model && r.Node != nil && r.Node.Config.String("on_error") == "continue" {
		return false
	}
	switch r.Status {
	case Error, PartialSuccess, RuntimeError:
		return true
	case Fail, Skipped:
		return mode == ModeBuild
	}
	return false
}

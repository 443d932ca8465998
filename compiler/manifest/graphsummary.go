package manifest

import (
	"io"
	"sort"
	"strconv"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// WriteGraphSummary writes graph_summary.json: every graph member by number with its kind
// and successors. With tests as edges it also has the form in which tests come before
// what is downstream of their node.
func WriteGraphSummary(w io.Writer, m *Manifest, invocationID string, withTestEdges map[string][]string) error {
	e := &encoder{buf: make([]byte, 0, 1<<16)}
	e.object(func(emit emit) {
		emit("_invocation_id", value.String(invocationID))
		emit("linked", m.graphSummary(m.Children))
		if withTestEdges != nil {
			emit("with_test_edges", m.graphSummary(func(id string) []string { return withTestEdges[id] }))
		}
	})
	e.flush(w)
	return e.err
}

func (m *Manifest) graphSummary(children func(id string) []string) value.Value {
	graph := m.graphEdges()
	out := value.NewDict(len(graph.ids))
	for i, id := range graph.ids {
		d := value.NewDict(3)
		d.SetString("name", value.String(id))
		d.SetString("type", value.String(resourceTypeOf(id)))
		if kids := children(id); len(kids) > 0 {
			numbers := make([]int, 0, len(kids))
			for _, kid := range kids {
				if n, ok := graph.index[kid]; ok {
					numbers = append(numbers, n)
				}
			}
			sort.Ints(numbers)
			succ := make([]value.Value, len(numbers))
			for j, n := range numbers {
				succ[j] = value.Int(int64(n))
			}
			d.SetString("succ", value.NewList(succ...))
		}
		out.SetString(strconv.Itoa(i), value.FromDict(d))
	}
	return value.FromDict(out)
}

func resourceTypeOf(id string) string {
	for i := 0; i < len(id); i++ {
		if id[i] == '.' {
			return id[:i]
		}
	}
	return id
}

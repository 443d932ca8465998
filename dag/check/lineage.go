package check

import (
	"cmp"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/sql"
)

// Column is a column of a node or source. Without a name it stands for the rows of the node:
// which there are, not what is in them.
type Column struct{ Node, Name string }

func (c Column) fold() Column { return Column{c.Node, strings.ToLower(c.Name)} }

// Compare orders columns by node and name.
func (c Column) Compare(o Column) int {
	return cmp.Or(cmp.Compare(c.Node, o.Node), cmp.Compare(c.Name, o.Name))
}

// Edge says that a column is made from another one.
type Edge struct {
	From, To Column
	Kind     sql.Kind
	Exact    bool // proven; otherwise likely
}

// Edges are the origins of all columns as edges between nodes, ordered by where they lead.
// What comes from a relation that belongs to nothing in the project is left out.
func (r *Report) Edges() []Edge {
	ids, count := make([]string, 0, len(r.Nodes)), 0
	for id, n := range r.Nodes {
		ids = append(ids, id)
		count += len(n.Rows)
		for _, origins := range n.Origins {
			count += len(origins)
		}
	}
	slices.Sort(ids)
	out := make([]Edge, 0, count)
	for _, id := range ids {
		n := r.Nodes[id]
		out = r.edges(out, n, "", n.Rows)
		order := make([]int, len(n.Origins))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(n.Columns[a].Name, n.Columns[b].Name) })
		for _, i := range order {
			out = r.edges(out, n, n.Columns[i].Name, n.Origins[i])
		}
	}
	return out
}

// edges adds those that lead to one column.
func (r *Report) edges(out []Edge, n *Node, column string, origins []sql.Origin) []Edge {
	first := len(out)
	for _, o := range origins {
		if owner := r.Owners[o.Table]; owner != "" {
			out = append(out, Edge{From: Column{owner, o.Column}, To: Column{n.ID, column}, Kind: o.Kind, Exact: n.Exact})
		}
	}
	slices.SortFunc(out[first:], func(a, b Edge) int { return a.From.Compare(b.From) })
	return out
}

// Lineage answers which columns lie before and behind a column.
type Lineage struct{ up, down map[Column][]Edge }

// NewLineage indexes edges.
func NewLineage(edges []Edge) *Lineage {
	l := &Lineage{up: map[Column][]Edge{}, down: map[Column][]Edge{}}
	for _, e := range edges {
		l.up[e.To.fold()] = append(l.up[e.To.fold()], e)
		l.down[e.From.fold()] = append(l.down[e.From.fold()], e)
	}
	return l
}

// Upstream are the edges that lead to a column.
func (l *Lineage) Upstream(c Column) []Edge { return l.up[c.fold()] }

// Downstream are the edges that lead on from a column.
func (l *Lineage) Downstream(c Column) []Edge { return l.down[c.fold()] }

// Walk visits every edge that leads to a column, or with down every one that leads on from
// it, directly and through others; each once, nearest first. depth 1 is a direct one.
func (l *Lineage) Walk(c Column, down bool, visit func(e Edge, depth int)) {
	seen := map[Column]bool{c.fold(): true}
	layer := []Column{c}
	for depth := 1; len(layer) > 0; depth++ {
		var next []Column
		for _, at := range layer {
			edges := l.Upstream(at)
			if down {
				edges = l.Downstream(at)
			}
			for _, e := range edges {
				visit(e, depth)
				far := e.From
				if down {
					far = e.To
				}
				if !seen[far.fold()] {
					seen[far.fold()] = true
					next = append(next, far)
				}
			}
		}
		layer = next
	}
}

package run

import (
	"context"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/manifest"
)

const (
	lostColumnTime = 3 * time.Second // for looking; an error message must not make anybody wait
	lostColumnMax  = 40              // ancestors to look at
)

// whereLost asks the database where a column that a built node misses got lost.
func (r *run) whereLost(t *Task, column string) string {
	if t.Node == nil || r.Engine == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), lostColumnTime)
	defer cancel()
	c, err := r.connect(ctx, t.thread, "explain_"+t.ID, t.Node.PackageName, nil)
	if err != nil {
		return ""
	}
	defer c.release("explain_" + t.ID)
	return WhereLost(r.Manifest, t.ID, column, func(id string) bool { return r.hasColumn(c, id, column) })
}

// WhereLost explains a column that a node misses: the nearest ancestor that has it, and the
// model on the way that does not pass it on, which may be the node itself. "" when no
// ancestor has it.
func WhereLost(m *manifest.Manifest, node, column string, has func(id string) bool) string {
	type step struct {
		id  string
		via string // the child of id on the way to the node
	}
	queue := []step{}
	for _, p := range m.Parents(node) {
		queue = append(queue, step{p, node})
	}
	seen := map[string]bool{}
	for len(queue) > 0 && len(seen) < lostColumnMax {
		s := queue[0]
		queue = queue[1:]
		if seen[s.id] {
			continue
		}
		seen[s.id] = true
		if has(s.id) {
			if s.via == node {
				return "'" + column + "' is a column of " + ShortName(m, s.id) + ", but the query does not pass it on to here"
			}
			return "'" + column + "' is a column of " + ShortName(m, s.id) + ", but " + ShortName(m, s.via) + " does not select it"
		}
		for _, p := range m.Parents(s.id) {
			queue = append(queue, step{p, s.id})
		}
	}
	return ""
}

func (r *run) hasColumn(c *connection, id, column string) bool {
	if n := r.Manifest.Nodes[id]; n != nil && compile.IsEphemeral(n) {
		return false
	}
	rel, ok := r.Env.RelationOf(r.Manifest, id)
	if !ok {
		return false
	}
	columns, err := c.columns(rel)
	if err != nil {
		return false
	}
	for _, col := range columns {
		if strings.EqualFold(col.Name, column) {
			return true
		}
	}
	return false
}

// ShortName is how people call a node.
func ShortName(m *manifest.Manifest, id string) string {
	if s, ok := m.Sources[id]; ok {
		return "source " + s.SourceName + "." + s.Name
	}
	if n, ok := m.Nodes[id]; ok {
		if n.ResourceType == manifest.Model {
			return n.Name
		}
		return string(n.ResourceType) + " " + n.Name
	}
	return id
}

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

// whereLost explains a column that does not exist: the nearest ancestor that has it, and
// the model on the way that does not pass it on. "" when no ancestor has it.
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
	type step struct {
		id  string
		via string // the child of id on the way to the node
	}
	queue := []step{}
	for _, p := range r.Manifest.Parents[t.ID] {
		queue = append(queue, step{p, t.ID})
	}
	seen := map[string]bool{}
	for len(queue) > 0 && len(seen) < lostColumnMax {
		s := queue[0]
		queue = queue[1:]
		if seen[s.id] {
			continue
		}
		seen[s.id] = true
		if s.via != t.ID && r.hasColumn(c, s.id, column) {
			return "'" + column + "' is a column of " + r.shortName(s.id) + ", but " + r.shortName(s.via) + " does not select it"
		}
		for _, p := range r.Manifest.Parents[s.id] {
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

// shortName is how people call a node.
func (r *run) shortName(id string) string {
	if s, ok := r.Manifest.Sources[id]; ok {
		return "source " + s.SourceName + "." + s.Name
	}
	if n, ok := r.Manifest.Nodes[id]; ok {
		if n.ResourceType == manifest.Model {
			return n.Name
		}
		return string(n.ResourceType) + " " + n.Name
	}
	return id
}

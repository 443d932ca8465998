package follow

import (
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// change is what a transaction has done to a model.
type change struct {
	whole     bool
	condition string // keeps the rows that are new, or whose key was computed anew
}

// Begin forgets what an earlier transaction has changed.
func (f *Follower) Begin() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changed = map[string]change{}
}

// Restrict implements run.Follower: dbt's own generic tests look at changed rows, and those
// that compare rows at all rows with the values of changed ones.
func (f *Follower) Restrict(n *manifest.Node) *compile.Slices {
	t := n.Test
	if t == nil || t.Namespace != "" && t.Namespace != "dbt" || t.Kwargs == nil {
		return nil
	}
	f.mu.Lock()
	ch, ok := f.changed[n.AttachedNode]
	f.mu.Unlock()
	if !ok || ch.whole {
		return nil
	}
	condition := ch.condition
	switch t.Name {
	case "not_null", "accepted_values":
	case "relationships":
		to, _ := t.Kwargs.GetString("to")
		if tested := f.session.Manifest.Nodes[n.AttachedNode]; tested == nil || strings.Contains(value.Str(to), "'"+tested.Name+"'") || strings.Contains(value.Str(to), `"`+tested.Name+`"`) {
			return nil // the other side must stay whole
		}
	case "unique":
		column, _ := t.Kwargs.GetString("column_name")
		rel, ok := f.session.Env.RelationOf(f.session.Manifest, n.AttachedNode)
		if !ok {
			return nil
		}
		condition = value.Str(column) + " in (select " + value.Str(column) + " from " + rel.Render() + " where " + ch.condition + ")"
	default:
		return nil
	}
	return compile.NewSlices(map[string]string{n.AttachedNode: condition})
}

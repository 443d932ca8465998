package compile

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// foreignKeys names the relations that the foreign keys of a model point to. A target
// that is built in this run is meant where it is built, any other where it is deferred to.
func (c *Compiler) foreignKeys(n *manifest.Node) (map[string]string, error) {
	if len(n.ForeignKeys) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(n.ForeignKeys))
	for _, fk := range n.ForeignKeys {
		var (
			id string
			ok bool
		)
		if fk.Ref != nil {
			id, _, ok = c.Manifest.ResolveRef(n.PackageName, fk.Ref.Package, fk.Ref.Name, fk.Ref.Version)
		} else {
			id, _, ok = c.Manifest.ResolveSource(n.PackageName, fk.Source.Source, fk.Source.Table)
		}
		var rel *relation.Relation
		if ok {
			rel, ok = c.Env.RelationOf(c.Manifest, id)
		}
		if !ok {
			return nil, diag.New(diag.CodeRefNotFound, diag.Compilation, n.PatchSpan,
				"'"+fk.To+"' of a foreign key constraint is not in the project")
		}
		if c.Selected == nil || !c.Selected(id) {
			if other := c.DeferRelation(c.Manifest.Nodes[id]); other != nil {
				rel = other
			}
		}
		out[fk.To] = rel.String()
	}
	return out, nil
}

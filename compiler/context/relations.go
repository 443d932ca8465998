package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

func title(s string) string {
	words := strings.Split(s, "_")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "_")
}

// RelationOf names the plain relation of a node or source: the CTE of an ephemeral model,
// no deferral, no limit.
func (e *Env) RelationOf(m *manifest.Manifest, id string) (*relation.Relation, bool) {
	if n, ok := m.Nodes[id]; ok {
		return e.NodeRelation(n), true
	}
	if s, ok := m.Sources[id]; ok {
		return e.sourceRelation(s), true
	}
	return nil, false
}

// NodeRelation names the relation that a node builds; an ephemeral model is a CTE.
func (e *Env) NodeRelation(n *manifest.Node) *relation.Relation {
	if n.ResourceType == manifest.Model && n.Config.Materialized() == "ephemeral" {
		return e.Dialect.NewEphemeral(identifier(n))
	}
	return e.ownRelation(n)
}

func identifier(n *manifest.Node) string { return orDefault(n.Alias, n.Name) }

// ownRelation is `this`: the node's names, also for an ephemeral model.
func (e *Env) ownRelation(n *manifest.Node) *relation.Relation {
	r := e.Dialect.New(n.Database, n.Schema, identifier(n), "")
	r.QuotePolicy = e.quoting.Merge(n.Config.Dict("quoting"))
	r.Catalog = n.Config.String("catalog")
	return r
}

func (e *Env) nodeThis(n *manifest.Node) value.Value {
	if n.ResourceType == manifest.Operation || n.ResourceType == manifest.SQLOperation {
		return value.None
	}
	r := e.ownRelation(n)
	if n.ResourceType == manifest.FunctionType {
		r = r.WithType(relation.Function)
	}
	return r.Value()
}

// sourceRelation names a source. Its quoting comes from the source alone: the project's
// quoting config does not apply to sources.
func (e *Env) sourceRelation(s *manifest.Source) *relation.Relation {
	r := e.Dialect.New(s.Database, s.Schema, orDefault(s.Identifier, s.Name), "")
	if s.Quoting != nil {
		r.QuotePolicy = r.QuotePolicy.Merge(s.Quoting)
	}
	if ext, err := externalLocation(e.Dialect, s); err == nil && ext != "" { // CheckSource reports the error
		r = r.WithMetadata("external", ext)
	}
	return r
}

// aliasTypes translates engine-neutral data types in the columns of a contracted model.
func (e *Env) aliasTypes(n *manifest.Node, model value.Value) {
	if !n.Contract.AliasTypes {
		return
	}
	d, ok := model.AsDict()
	if !ok {
		return
	}
	columns, _ := d.GetString("columns")
	cols, ok := columns.AsDict()
	if !ok {
		return
	}
	out := value.NewDict(cols.Len())
	for k, v := range cols.All() {
		if col, ok := v.AsDict(); ok {
			if t, ok := col.GetString("data_type"); ok {
				if name, isText := t.AsString(); isText {
					col = col.Copy()
					col.SetString("data_type", value.String(e.Dialect.TranslateType(name)))
					v = value.FromDict(col)
				}
			}
		}
		_ = out.Set(k, v) // keys of a dict are hashable
	}
	d.SetString("columns", value.FromDict(out))
}

package run

import (
	"context"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// relational reports whether a node has a relation of its own in the database.
func relational(n *manifest.Node) bool {
	switch n.ResourceType {
	case manifest.Model, manifest.Seed, manifest.Snapshot, manifest.FunctionType:
		return !compile.IsEphemeral(n)
	}
	return false
}

// required are the schemas that the selected nodes build in.
func (r *run) required() []*relation.Relation {
	var out []*relation.Relation
	seen := map[string]bool{}
	r.plan.Selected.Each(func(i int) {
		n := r.Manifest.Nodes[r.plan.Graph.ID(i)]
		if n == nil || !relational(n) && !r.StoresFailures(n) {
			return
		}
		rel := r.Env.NodeRelation(n).WithoutIdentifier()
		if key := strings.ToLower(rel.Database + "\x00" + rel.Schema); rel.HasSchema && !seen[key] {
			seen[key] = true
			out = append(out, rel)
		}
	})
	sort.Slice(out, func(a, b int) bool {
		if out[a].Database != out[b].Database {
			return out[a].Database < out[b].Database
		}
		return out[a].Schema < out[b].Schema
	})
	return out
}

// createSchemas creates what is missing, one after the other and before any node runs.
func (r *run) createSchemas(ctx context.Context) ([]*relation.Relation, error) {
	required := r.required()
	if len(required) == 0 {
		return nil, nil
	}
	c, err := r.connect(ctx, mainThread, "master", r.projectName(), nil)
	if err != nil {
		return nil, err
	}
	defer c.release("master")
	existing := map[string]bool{}
	listed := map[string]bool{}
	for _, rel := range required {
		if listed[strings.ToLower(rel.Database)] {
			continue
		}
		listed[strings.ToLower(rel.Database)] = true
		c.SetName("list_" + rel.Database)
		database := rel.WithInclude(relation.Policy{Database: true}).Render()
		names, err := c.ListSchemas(database)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			existing[strings.ToLower(rel.Database+"\x00"+name)] = true
		}
	}
	for _, rel := range required {
		if existing[strings.ToLower(rel.Database+"\x00"+rel.Schema)] {
			continue
		}
		c.SetName("create_" + rel.Database + "_" + rel.Schema)
		if err := c.CreateSchema(rel); err != nil {
			return nil, err
		}
	}
	return required, c.Commit()
}

// fillCache lists the relations of schemas: those of the whole project, or only the
// selected nodes' with --cache-selected-only.
func (r *run) fillCache(ctx context.Context, selected []*relation.Relation) error {
	if !r.Flags.PopulateCache || r.Engine == nil {
		return nil
	}
	schemas := selected
	if !r.Flags.CacheSelectedOnly {
		seen := map[string]bool{}
		for _, s := range schemas {
			seen[strings.ToLower(s.Database+"\x00"+s.Schema)] = true
		}
		for _, id := range r.Manifest.Order.Nodes {
			n := r.Manifest.Nodes[id]
			if !relational(n) && !r.StoresFailures(n) || n.ResourceType == manifest.FunctionType {
				continue
			}
			rel := r.Env.NodeRelation(n).WithoutIdentifier()
			if key := strings.ToLower(rel.Database + "\x00" + rel.Schema); !seen[key] {
				seen[key] = true
				schemas = append(schemas, rel)
			}
		}
	}
	if len(schemas) == 0 {
		return nil
	}
	c, err := r.connect(ctx, mainThread, "master", r.projectName(), nil)
	if err != nil {
		return err
	}
	defer c.release("master")
	if err := c.FillCache(schemas); err != nil {
		return err
	}
	return c.Commit()
}

// deferSchemas are the schemas of the other environment that a clone reads.
func (r *run) deferSchemas() []*relation.Relation {
	var out []*relation.Relation
	seen := map[string]bool{}
	r.plan.Selected.Each(func(i int) {
		other := r.compiler.DeferRelation(r.Manifest.Nodes[r.plan.Graph.ID(i)])
		if other == nil {
			return
		}
		rel := other.WithoutIdentifier()
		if key := strings.ToLower(rel.Database + "\x00" + rel.Schema); !seen[key] {
			seen[key] = true
			out = append(out, rel)
		}
	})
	return out
}

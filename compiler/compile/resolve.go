package compile

import (
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// dependencies are the CTEs that a render asked for, in order of first use.
type dependencies struct {
	list []string
	seen map[string]bool
}

func (d *dependencies) add(id string) {
	if d.seen[id] {
		return
	}
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	d.seen[id] = true
	d.list = append(d.list, id)
}

// Runtime completes a host's runtime with the relations that ref() and source() stand for
// in this node.
func (c *Compiler) Runtime(n *manifest.Node, h Host) (rendering.Runtime, *dependencies) {
	deps := &dependencies{}
	r := &resolver{c: c, node: n, host: h, deps: deps}
	rt := h.Runtime
	rt.Ref, rt.Source, rt.Function = r.ref, r.source, r.function
	if f := h.Fixtures; f != nil {
		rt.UnitTest = f.overrides
		if f.This != "" {
			deps.add(f.This)
		}
	}
	if rt.DeferRelation == nil {
		rt.DeferRelation = c.DeferRelation(n)
	}
	return rt, deps
}

type resolver struct {
	c    *Compiler
	node *manifest.Node
	host Host
	deps *dependencies
}

// fixture is the relation that stands for a resource in a unit test.
func (r *resolver) fixture(id string) (*relation.Relation, error) {
	f, ok := r.host.Fixtures.byID[id]
	if !ok {
		return nil, r.host.Fixtures.missing(r.c.Manifest, id)
	}
	r.deps.add(id)
	return r.host.Slices.of(id, r.c.Env.Dialect.NewEphemeral(f.Identifier)), nil
}

func (r *resolver) ref(id string) (*relation.Relation, error) {
	if r.host.Fixtures != nil {
		return r.fixture(id)
	}
	target := r.c.Manifest.Nodes[id]
	if target == nil {
		return nil, diag.New(diag.CodeRefNotFound, diag.Internal, diag.Span{}, "'"+id+"' is not in the manifest")
	}
	if IsEphemeral(target) {
		r.deps.add(id)
		rel := r.c.Env.NodeRelation(target)
		return r.restrict(rel, target.Config, target.Columns, nil), nil
	}
	rel := r.c.Env.NodeRelation(target)
	deferred, err := r.deferred(target, rel)
	if err != nil {
		return nil, err
	}
	if deferred != nil {
		rel = deferred
	}
	rel = r.host.Slices.of(id, rel)
	return r.restrict(rel, target.Config, target.Columns, nil), nil
}

// deferred is the relation of the other environment, nil when the node's own is meant.
func (r *resolver) deferred(target *manifest.Node, own *relation.Relation) (*relation.Relation, error) {
	other := r.c.DeferRelation(target)
	if other == nil {
		return nil, nil
	}
	if r.c.FavorState && (r.c.Selected == nil || !r.c.Selected(target.UniqueID)) {
		return other, nil
	}
	if r.host.Exists == nil {
		return nil, nil
	}
	there, err := r.host.Exists(own)
	if err != nil || there {
		return nil, err
	}
	return other, nil
}

// DeferRelation names what a node built in the environment that is deferred to, nil without one.
func (c *Compiler) DeferRelation(n *manifest.Node) *relation.Relation {
	if c.Defer == nil || n == nil {
		return nil
	}
	switch n.ResourceType {
	case manifest.Model, manifest.Seed, manifest.Snapshot, manifest.FunctionType:
	default:
		return nil
	}
	other := c.Defer.Nodes[n.UniqueID]
	if other == nil || IsEphemeral(other) {
		return nil
	}
	return c.Env.NodeRelation(other)
}

func (r *resolver) source(id string) (*relation.Relation, error) {
	if r.host.Fixtures != nil {
		return r.fixture(id)
	}
	src := r.c.Manifest.Sources[id]
	rel, ok := r.c.Env.RelationOf(r.c.Manifest, id)
	if src == nil || !ok {
		return nil, diag.New(diag.CodeSourceNotFound, diag.Internal, diag.Span{}, "'"+id+"' is not in the manifest")
	}
	if err := r.c.Env.CheckSource(src); err != nil {
		return nil, err
	}
	if r.host.LoadSource != nil {
		if err := r.host.LoadSource(src); err != nil {
			return nil, err
		}
	}
	rel = r.host.Slices.of(id, rel)
	return r.restrict(rel, src.Config, src.Columns, src.Quoting), nil
}

func (r *resolver) function(id string) (*relation.Relation, error) {
	target := r.c.Manifest.Nodes[id]
	if target == nil {
		return nil, diag.New(diag.CodeRefNotFound, diag.Internal, diag.Span{}, "'"+id+"' is not in the manifest")
	}
	rel := r.c.Env.NodeRelation(target)
	if r.c.Selected == nil || !r.c.Selected(id) {
		if other := r.c.DeferRelation(target); other != nil {
			rel = other
		}
	}
	return rel.WithType(relation.Function), nil
}

package check

import (
	"context"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/compile"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/sql"
)

// render compiles a node as a build does in a target where nothing is built yet, and says on
// what its code rests. An error means that the code depends on what is in the database, or that it
// does not compile.
func (w *walk) render(ctx context.Context, n *manifest.Node) (*compile.Output, sql.Certainty, error) {
	if code, ok := w.Code[n.UniqueID]; ok && w.proof.sameEverywhere(n) {
		return &compile.Output{Compiled: manifest.Compiled{Code: code}}, sql.Known, nil
	}
	target := w.emptyTarget(n)
	host := compile.Host{Runtime: rendering.Runtime{Adapter: target, Quiet: true, ThreadName: "MainThread", Extra: w.extra}}
	var out *compile.Output
	var err error
	if compile.IsEphemeral(n) {
		out, err = w.compiler.Ephemeral(ctx, n, host)
	} else {
		out, err = w.compiler.Compile(ctx, n, host)
	}
	if err != nil {
		return nil, sql.Unseen, err
	}
	for _, c := range out.ExtraCTEs {
		target.rests = min(target.rests, w.rendered[c.ID])
	}
	if compile.IsEphemeral(n) {
		w.rendered[n.UniqueID] = target.rests
	}
	return out, target.rests, nil
}

// emptyTarget is the adapter object of a target that holds nothing. It says so of the node's
// own relation, which is how is_incremental() becomes false, and it knows the columns of
// relations that the walk has seen. Any other question to the database is an error, because
// its answer may be another one when the node is built.
type emptyTarget struct {
	bridge *adapters.Bridge
	node   *manifest.Node
	walk   *walk
	rests  sql.Certainty // of the columns that it told
}

func (w *walk) emptyTarget(n *manifest.Node) *emptyTarget {
	s := w.Session
	quoting := s.Env.Quoting()
	return &emptyTarget{node: n, walk: w, rests: sql.Known, bridge: adapters.NewBridge(adapters.BridgeOptions{
		Driver: s.Driver, Credentials: s.Credentials, Dialect: s.Env.Dialect, Quoting: &quoting, Relation: s.Env.RelationClass(),
		Dispatch: s.Env.Dispatcher(n.PackageName), Name: n.UniqueID, Project: n.PackageName, Behavior: s.Flags.Behavior,
	})}
}

// TypeName is Python's class name.
func (e *emptyTarget) TypeName() string { return e.bridge.TypeName() }

// Attr answers adapter.name.
func (e *emptyTarget) Attr(th *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "dispatch", "behavior", "Relation", "Column", "config":
		return e.bridge.Attr(th, name)
	}
	return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
		v, _, err := e.CallMethod(th, name, a)
		return v, err
	}), true, nil
}

// CallMethod calls adapter.name(args).
func (e *emptyTarget) CallMethod(th *value.Thread, name string, a value.Args) (value.Value, bool, error) {
	switch {
	case name == "dispatch":
		return value.Undef, false, nil // it is an attribute
	case adapters.LooksAtNothing(name):
		return e.bridge.CallMethod(th, name, a)
	case name == "get_relation":
		v, err := a.Bind(name, "database", "schema", "identifier")
		if err != nil {
			return value.Undef, true, err
		}
		if e.isOwn(v) {
			return value.None, true, nil
		}
		if found := e.source(v); found != nil {
			return found.Value(), true, nil
		}
	case name == "get_columns_in_relation":
		v, err := a.Bind(name, "relation")
		if err != nil {
			return value.Undef, true, err
		}
		if columns := e.columns(th, v[0]); columns != nil {
			return relation.Columns(columns), true, nil
		}
	}
	return value.Undef, true, diag.New(diag.CodeTemplateRuntime, diag.Compilation, diag.Span{}, "adapter."+name+"() needs the database")
}

// columns are those of a relation that has been looked at, nil for any other.
func (e *emptyTarget) columns(th *value.Thread, v value.Value) []*relation.Column {
	r, ok := relation.FromValue(v)
	if !ok {
		return nil
	}
	ctx := th.Context
	if ctx == nil {
		ctx = context.Background()
	}
	seen := e.walk.checker.Relation(ctx, e.walk.name(r))
	if seen == nil || seen.Certainty == sql.Unseen {
		return nil
	}
	e.rests = min(e.rests, seen.Certainty)
	out := make([]*relation.Column, len(seen.Columns))
	for i, c := range seen.Columns {
		out[i] = e.walk.Session.Env.Dialect.NewColumn(c.Name, c.Type)
	}
	return out
}

// source is a source of the node that the database has, nil for anything else: a model may be
// there or not when the template is rendered.
func (e *emptyTarget) source(parts []value.Value) *relation.Relation {
	if e.walk.Columns == nil {
		return nil
	}
	for _, id := range e.node.DependsOn.Nodes {
		if e.walk.m.Sources[id] == nil {
			continue
		}
		r := e.walk.relation(id)
		if !isNamed(parts, r.Database, r.Schema, r.Identifier) {
			continue
		}
		if columns, err := e.walk.Columns(r); err == nil && len(columns) > 0 {
			return r
		}
	}
	return nil
}

func (e *emptyTarget) isOwn(parts []value.Value) bool {
	return isNamed(parts, e.node.Database, e.node.Schema, e.node.Alias)
}

// isNamed compares what a template asks for with a name.
func isNamed(parts []value.Value, name ...string) bool {
	for i, part := range name {
		if !strings.EqualFold(value.Str(parts[i]), part) {
			return false
		}
	}
	return true
}

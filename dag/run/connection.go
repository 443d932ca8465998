package run

import (
	"context"
	"errors"

	"github.com/millrace/millrace/adapters"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// connection is the adapter of one node together with what its macros need.
type connection struct {
	*adapters.Bridge
	env      *rendering.Env
	run      *run
	ctx      context.Context
	thread   string
	nodeInfo *event.NodeInfo
	depth    int
}

// connect makes the adapter for work under a name; the connection itself opens with the
// first statement. pkg is the package whose macros dispatch prefers.
func (r *run) connect(ctx context.Context, thread, name, pkg string, info *event.NodeInfo) (*connection, error) {
	shared := r.opts.Shared
	if thread == mainThread {
		shared = nil // schemas, the cache and hooks of the run are not the nodes'
	}
	return r.connectIn(ctx, shared, thread, name, pkg, info)
}

// connectIn is connect in a transaction that is shared with others, unless it is nil.
func (r *run) connectIn(ctx context.Context, shared *adapters.Shared, thread, name, pkg string, info *event.NodeInfo) (*connection, error) {
	c := &connection{env: r.Env, run: r, ctx: ctx, thread: thread, nodeInfo: info}
	id := ""
	if info != nil && thread != mainThread { // hooks of the run have no node, as in dbt
		id = info.UniqueID
	}
	comment, err := r.comment.For(adapters.CommentVars{Version: r.Flags.Version, Profile: r.profileName(), Target: r.targetName(), NodeID: id, Connection: name},
		func(template string) (string, error) { return r.renderComment(ctx, template, id, name) })
	if err != nil {
		return nil, err
	}
	quoting := r.Env.Quoting()
	c.Bridge = adapters.NewBridge(adapters.BridgeOptions{
		Driver: r.Driver, Credentials: r.creds, Engine: r.Engine, Shared: shared, Cache: r.cache, Macros: c, Dialect: r.Env.Dialect,
		Quoting: &quoting, Relation: r.Env.RelationClass(),
		Dispatch: r.Env.Dispatcher(pkg), Name: name, Comment: comment, Project: r.projectName(), Behavior: r.Flags.Behavior,
		Events: r.Events, NodeInfo: func() *event.NodeInfo { return info }, Thread: thread, Now: r.now, Context: ctx,
	})
	return c, nil
}

// renderComment renders the project's query comment as the body of a macro, so that it may
// call return().
func (r *run) renderComment(ctx context.Context, template, nodeID, name string) (string, error) {
	t, d := jinja.Parse(diag.NewSource("query-comment", "{% macro query_comment_macro() %}"+template+"{% endmacro %}"))
	if d != nil {
		return "", d
	}
	scope := r.Env.Manifest()
	node := value.None
	if nodeID != "" {
		node = r.Manifest.NodeValue(nodeID)
	}
	scope.Set("node", node)
	scope.Set("connection_name", value.String(name))
	v, err := t.Macros()[0].Call(r.Env.Thread(ctx, scope), value.Args{})
	if err != nil {
		return "", err
	}
	return value.Str(v), nil
}

func (s *Session) profileName() string {
	if s.Project != nil && s.Project.Profile != nil {
		return s.Project.Profile.Name
	}
	return s.Flags.Profile
}

func (s *Session) projectName() string {
	if s.Project != nil && s.Project.Package != nil {
		return s.Project.Package.Name
	}
	return s.Manifest.ProjectName
}

func (s *Session) queryComment() adapters.CommentConfig {
	if s.Project == nil || s.Project.Package == nil {
		return adapters.CommentConfig{Default: true}
	}
	q := s.Project.Package.QueryComment
	return adapters.CommentConfig{Default: !q.Given, Template: q.Comment, Append: q.Append}
}

// maxMacroDepth bounds macros that call the adapter which calls them again.
const maxMacroDepth = 60

// RunMacro calls a macro on behalf of the adapter: in a scope of its own, without the node.
func (c *connection) RunMacro(name, pkg string, args value.Args) (value.Value, error) {
	entry, ok := c.env.Macros.Find(name, pkg)
	if !ok {
		where := "any package"
		if pkg != "" {
			where = "the '" + pkg + "' package"
		}
		return value.Undef, diag.New(diag.CodeUnknownMacro, diag.Runtime, diag.Span{}, "dbt could not find a macro with the name \""+name+"\" in "+where)
	}
	if c.depth >= maxMacroDepth {
		return value.Undef, diag.New(diag.CodeLimit, diag.Compilation, entry.Macro.NameSpan,
			"the macro '"+name+"' calls the adapter, and the adapter calls it again without end")
	}
	c.depth++
	defer func() { c.depth-- }()
	scope, _ := c.env.Operation(entry.Package, c.run.Manifest, rendering.Runtime{
		Adapter: c.Bridge, Ref: c.run.plainRef, ThreadName: c.thread, NodeInfo: c.nodeInfo,
	})
	return entry.Macro.Call(c.env.Thread(c.ctx, scope), args)
}

// plainRef is ref() in macros that run outside of a node: with deferral, without limits.
func (r *run) plainRef(id string) (*relation.Relation, error) {
	rel, ok := r.Env.RelationOf(r.Manifest, id)
	if !ok {
		return nil, diag.New(diag.CodeRefNotFound, diag.Compilation, diag.Span{}, "'"+id+"' has no relation")
	}
	if n := r.Manifest.Nodes[id]; n != nil && !r.isSelected(id) {
		if other := r.compiler.DeferRelation(n); other != nil && r.Flags.FavorState {
			return other, nil
		}
	}
	return rel, nil
}

// loadSource loads a source that names a plugin. A failure points at the source.
func (t *Task) loadSource(s *manifest.Source) error {
	meta := t.run.Env.PluginMeta(s)
	if meta == nil {
		return nil
	}
	rel, ok := t.run.Env.RelationOf(t.run.Manifest, s.UniqueID)
	if !ok {
		return diag.New(diag.CodeSourceNotFound, diag.Internal, s.Span, "'"+s.UniqueID+"' has no relation")
	}
	err := t.conn.LoadSource(adapters.PluginSource{Name: s.Name, Database: rel.Database, Schema: rel.Schema, Identifier: rel.Identifier, Tags: s.Tags, Meta: meta})
	var d *diag.Diagnostic
	if errors.As(err, &d) && !d.Span.Valid() {
		d.Span = s.Span
	}
	return err
}

// exists asks the cache whether a relation is there.
func (c *connection) exists(rel *relation.Relation) (bool, error) {
	found, err := c.GetRelation(rel.Database, rel.Schema, rel.Identifier)
	return found != nil, err
}

// release gives the connection up; a failure is noted but changes nothing.
func (c *connection) release(name string) {
	if err := c.Close(); err != nil {
		c.run.emit(c.thread, event.ReleaseError(name, err.Error()))
	}
}

var errNoEngine = diag.New(diag.CodeConnect, diag.Runtime, diag.Span{}, "this needs a database connection, and none is open (introspection is switched off)")

package run

import (
	"context"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/compile"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// Task is one node on its way through a run. One goroutine works on it.
type Task struct {
	ID       string
	Kind     manifest.ResourceType
	Node     *manifest.Node        // nil for unit tests, sources, exposures, saved queries
	Unit     *manifest.UnitTestDef // for unit tests
	Source   *manifest.Source
	Exposure *manifest.Exposure
	Generic  *manifest.Generic
	Mode     Mode
	Progress event.Progress

	// Out is the compiled node, once the compile phase is over.
	Out *compile.Output
	// Result is filled in by the execute phase. Status is Success unless set.
	Result *Result

	run      *run
	thread   string
	conn     *connection
	started  time.Time
	finished time.Time
	fixed    *event.NodeInfo // what node_info says all along, once it was asked for
	told     *event.NodeInfo // what it said last, which stays as it is
	toldAt   [2]time.Time    // with these times
	status   string          // as node_info shows it
	batch    *batchTask
}

func (r *run) task(thread string, i int) *Task {
	t := &Task{ID: r.plan.Graph.ID(i), Mode: r.plan.Mode, run: r, thread: thread, status: "None"}
	t.bind()
	return t
}

// bind finds the resource that the id names.
func (t *Task) bind() {
	m := t.run.Manifest
	switch {
	case m.Nodes[t.ID] != nil:
		t.Node = m.Nodes[t.ID]
		t.Kind = t.Node.ResourceType
	case m.UnitTests[t.ID] != nil:
		t.Unit, t.Kind = m.UnitTests[t.ID], manifest.UnitTest
	case m.Sources[t.ID] != nil:
		t.Source, t.Kind = m.Sources[t.ID], manifest.SourceType
	case m.Exposures[t.ID] != nil:
		t.Exposure, t.Kind = m.Exposures[t.ID], manifest.ExposureType
	default:
		for _, by := range []map[string]*manifest.Generic{m.SavedQueries, m.Metrics, m.SemanticModels} {
			if g := by[t.ID]; g != nil {
				t.Generic, t.Kind = g, g.ResourceType
			}
		}
	}
}

func (t *Task) result() *Result {
	return &Result{UniqueID: t.ID, Kind: t.Kind, Node: t.Node, Unit: t.Unit, Source: t.Source, Exposure: t.Exposure, Generic: t.Generic,
		ThreadID: t.thread, Status: Success}
}

// skip is the result of a task that does not run.
func (t *Task) skip(why string) *Result {
	res := t.result()
	res.Status, res.Message = Skipped, why
	return res
}

func (t *Task) name() string {
	switch {
	case t.Node != nil:
		return t.Node.Name
	case t.Unit != nil:
		return t.Unit.Name
	case t.Source != nil:
		return t.Source.Name
	case t.Exposure != nil:
		return t.Exposure.Name
	case t.Generic != nil:
		return t.Generic.Name
	}
	return t.ID
}

func (t *Task) schema() string {
	switch {
	case t.Node != nil:
		return t.Node.Schema
	case t.Unit != nil:
		return t.Unit.Schema
	case t.Source != nil:
		return t.Source.Schema
	}
	return ""
}

func (t *Task) pkg() string {
	switch {
	case t.Node != nil:
		return t.Node.PackageName
	case t.Unit != nil:
		return t.Unit.PackageName
	case t.Source != nil:
		return t.Source.PackageName
	}
	return t.run.projectName()
}

// Emit sends an event of this task's thread.
func (t *Task) Emit(e event.Event) { t.run.emit(t.thread, e) }

// Lines lays out lines for the terminal's width.
func (t *Task) Lines() event.Lines { return t.run.lines }

// Info is the node_info of the task as it stands now.
func (t *Task) Info() *event.NodeInfo { return t.info(Status(t.status)) }

// Group is the logging form of the node's group, nil without one.
func (t *Task) Group() map[string]any { return t.run.groups[t.ID] }

// Session is what all tasks share.
func (t *Task) Session() *Session { return t.run.Session }

// Explain is an error of the task as a run reports it: with its node and the macros it came through.
func (t *Task) Explain(err error) *diag.Diagnostic { return t.run.explain(t, err) }

// Credentials are the profile's.
func (t *Task) Credentials() adapters.Credentials { return t.run.creds }

// Compiler compiles nodes of this run.
func (t *Task) Compiler() *compile.Compiler { return t.run.compiler }

// UseColors reports whether messages may hold terminal colours.
func (t *Task) UseColors() bool { return t.run.Flags.UseColors }

// Host is what compiling for this task may use: its connection, thread and batch.
func (t *Task) Host() compile.Host {
	h := compile.Host{Runtime: rendering.Runtime{ThreadName: t.thread, NodeInfo: t.Info()}}
	if t.conn != nil {
		h.Runtime.Adapter = t.conn.Bridge
		h.Exists = t.conn.exists
		h.LoadSource = t.loadSource
	}
	if n := t.Node; n != nil {
		h.Runtime.Write = func(sql string) error { return t.write(n, nil, sql) }
	}
	if r := t.run; r.Follow != nil && r.opts.Shared != nil && t.Kind == manifest.Test {
		h.Slices = r.Follow.Restrict(t.Node)
	}
	if t.batch != nil {
		h.Batch = &t.batch.window
		h.Runtime.Model = t.batchModel(nil)
	}
	return h
}

// Columns asks the database for the columns of a relation.
func (t *Task) Columns(ctx context.Context, rel *relation.Relation) ([]*relation.Column, error) {
	if t.conn == nil {
		return nil, errNoEngine
	}
	return t.conn.columns(rel)
}

// Scope is the scope in which a compiled node's macros run, and what its statements store.
func (t *Task) Scope(n *manifest.Node, out *compile.Output, h compile.Host) (*rendering.Scope, *rendering.State) {
	rt, _ := t.run.compiler.Runtime(n, h)
	if out != nil {
		rt.CompiledCode = value.String(out.Code)
		rt.Model = n.MacroContextValue(&out.Compiled)
	}
	rt.Write = func(sql string) error { return t.write(n, out, sql) }
	rt.LoadSeed = t.loadSeed(n)
	rt.SubmitPython = t.submitPython(n, &rt)
	return t.run.Env.Run(n, t.run.Manifest, rt)
}

// Query runs a statement on the task's connection.
func (t *Task) Query(sql string) (*agate.Table, error) {
	if t.conn == nil {
		return nil, errNoEngine
	}
	_, table, err := t.conn.Execute(sql, false, true, -1)
	return table, err
}

// Describe gives the columns of a query.
func (t *Task) Describe(ctx context.Context, sql string) ([]*relation.Column, error) {
	if t.conn == nil {
		return nil, errNoEngine
	}
	c, err := t.conn.Conn()
	if err != nil {
		return nil, err
	}
	return c.Describe(ctx, sql)
}

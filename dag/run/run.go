package run

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
)

// Execute runs a plan. The error is about the run as a whole (no connection, schemas that
// cannot be created); errors of nodes are in the results. Results are returned even when
// the context ends early or with an error, if anything had started.
func Execute(ctx context.Context, s *Session, p Plan, o Options) (*Results, error) {
	r, err := newRun(s, p, o)
	if err != nil {
		return nil, err
	}
	return r.execute(ctx)
}

// run is one execution of a plan.
type run struct {
	*Session
	plan     Plan
	opts     Options
	creds    adapters.Credentials
	cache    *adapters.Cache
	compiler *compile.Compiler
	lines    event.Lines
	groups   map[string]map[string]any // logging form of the group of a node
	comment  adapters.CommentConfig
	started  time.Time
	walk     *walk
	reuser   Reuser // nil for a run that builds all nodes and keeps no books
	total    int    // nodes that count in "3 of 9"

	mu       sync.Mutex
	index    int // nodes handed out that count
	results  []*Result
	skipped  map[int]*Result // node → the failed ephemeral model, nil for another cause
	fatal    error           // ends the run: an error in a compile, a failure with fail-fast
	failed   *Result         // what made fail-fast stop
	inFlight map[string]bool
	shared   map[any]any // see Task.Shared
	cancel   context.CancelFunc
}

func newRun(s *Session, p Plan, o Options) (*run, error) {
	r := &run{Session: s, plan: p, opts: o, cache: adapters.NewCache(), skipped: map[int]*Result{}, inFlight: map[string]bool{}, shared: map[any]any{}, creds: s.Credentials}
	if r.Events == nil {
		c := *s
		c.Events = event.Discard
		r.Session = &c
	}
	if r.creds == nil && s.Project != nil && s.Project.Profile != nil {
		r.creds, _ = s.Project.Profile.Checked.(adapters.Credentials)
	}
	if r.opts.Threads <= 0 {
		r.opts.Threads = 1
	}
	r.lines = event.Lines{Width: s.Flags.PrinterWidth}
	r.comment = s.queryComment()
	sample, err := r.sampleWindow()
	if err != nil {
		return nil, err
	}
	r.compiler = &compile.Compiler{
		Env: s.Env, Manifest: s.Manifest, FavorState: s.Flags.FavorState, Empty: s.Flags.Empty, Sample: sample,
		TargetPath: s.targetPath(), Selected: r.isSelected, NoInjection: s.Flags.Given("inject-ephemeral-ctes") && !s.Flags.InjectEphemeralCTEs,
	}
	other := s.Defer
	if other == nil && p.Mode == ModeClone {
		other = s.State // what is cloned comes from there, with --defer or without
		if other == nil || other.Manifest == nil {
			return nil, diag.New(diag.CodeUsage, diag.Runtime, diag.Span{}, "--state or --defer-state are required for deferral, but neither was provided")
		}
	}
	if other != nil {
		r.compiler.Defer = other.Manifest
	}
	r.groups = loggingGroups(s.Manifest)
	return r, nil
}

func (r *run) isSelected(id string) bool {
	if r.plan.Graph == nil {
		return false
	}
	i, ok := r.plan.Graph.Index(id)
	return ok && r.plan.Selected.Has(i)
}

func (r *run) now() time.Time {
	if r.Clock != nil {
		return r.Clock()
	}
	return time.Now()
}

const mainThread = "MainThread"

func (r *run) emit(thread string, e event.Event) {
	e.Time, e.Thread = r.now(), thread
	r.Events.Emit(e)
}

func (r *run) emitMain(e event.Event) { r.emit(mainThread, e) }

// execute is the whole run: schemas and cache, hooks, nodes, hooks, summary.
func (r *run) execute(parent context.Context) (*Results, error) {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	r.cancel = cancel
	r.plan.Selected.Each(func(i int) {
		if !r.isEphemeral(i) {
			r.total++
		}
	})
	r.Env.Selected = r.plan.Graph.IDs(r.plan.Selected)
	r.emitMain(event.Formatting(""))
	r.emitMain(event.Concurrency(r.opts.Threads, r.targetName(), r.total))
	r.emitMain(event.Formatting(""))
	r.started = r.now()
	startOk, err := r.before(ctx)
	if err == nil {
		if startOk || !r.Flags.Behavior["skip_nodes_if_on_run_start_fails"] {
			r.nodes(ctx)
			r.measure(ctx)
			err = r.endReuse()
		} else {
			r.skipAll()
		}
		err = errors.Join(err, r.settle(parent))
	}
	if err == nil && r.hooksAtEnd() {
		err = r.after(parent)
	}
	out := &Results{Mode: r.plan.Mode, Results: r.results, Started: r.started, Elapsed: r.now().Sub(r.started), Canceled: parent.Err() != nil}
	if err != nil && len(r.results) == 0 {
		return nil, err
	}
	r.finish(out, err)
	return out, err
}

// settle deals with how the nodes ended: interrupted, stopped by fail-fast, or by an error
// that ends the command.
func (r *run) settle(parent context.Context) error {
	if parent.Err() != nil {
		r.skipRest("Skipped because the run was interrupted")
		return nil //nolint:nilerr // Results.Canceled says it
	}
	if r.failed != nil {
		r.skipRest("Skipping due to fail_fast")
		return nil
	}
	return r.fatal
}

func (r *run) isEphemeral(i int) bool {
	return compile.IsEphemeral(r.Manifest.Nodes[r.plan.Graph.ID(i)])
}

// before prepares the database and runs on-run-start.
func (r *run) before(ctx context.Context) (ok bool, err error) {
	switch r.plan.Mode {
	case ModeCompile, ModeShow:
		if !r.Flags.Introspect {
			return true, nil
		}
		return true, r.fillCache(ctx, nil)
	case ModeClone:
		schemas, err := r.createSchemas(ctx)
		if err != nil {
			return false, err
		}
		if err := r.fillCache(ctx, append(schemas, r.deferSchemas()...)); err != nil {
			return false, err
		}
		return true, r.beginReuse(ctx)
	}
	schemas, err := r.createSchemas(ctx)
	if err != nil {
		return false, err
	}
	if err := r.fillCache(ctx, schemas); err != nil {
		return false, err
	}
	if err := r.beginReuse(ctx); err != nil {
		return false, err
	}
	if !r.hooksAtEnd() {
		if err := r.missedHooks(); err != nil {
			return false, err
		}
		return true, nil
	}
	return r.hooks(ctx, "on-run-start", nil)
}

func (r *run) nodes(ctx context.Context) {
	g := r.plan.Graph
	r.walk = newWalk(g, r.plan.Selected, waits(g, r.Manifest, r.plan), r.cost, r.isSeed)
	r.walk.run(ctx, r.opts.Threads, func(ctx context.Context, worker, i int) {
		res := r.node(ctx, fmt.Sprintf("Thread-%d (worker)", worker), i)
		r.ended(i, res)
	})
}

func (r *run) isSeed(i int) bool {
	n := r.Manifest.Nodes[r.plan.Graph.ID(i)]
	return n != nil && n.ResourceType == manifest.Seed
}

// cost is how long a node takes: as long as last time, or about a second.
func (r *run) cost(i int) float64 {
	if d, ok := r.opts.Durations[r.plan.Graph.ID(i)]; ok {
		return d
	}
	switch n := r.Manifest.Nodes[r.plan.Graph.ID(i)]; {
	case n == nil:
		return 0.01
	case compile.IsEphemeral(n):
		return 0
	case n.ResourceType == manifest.Test || n.ResourceType == manifest.UnitTest || n.Config.Materialized() == "view":
		return 0.1
	}
	return 1
}

// ended records a result and decides what it means for the rest.
func (r *run) ended(i int, res *Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.inFlight, res.UniqueID)
	ephemeral := compile.IsEphemeral(res.Node)
	if res.interrupted {
		// Fail-fast and Ctrl-C stop it in the middle: it is skipped with the rest.
		return
	}
	if !ephemeral || r.plan.Mode == ModeCompile || r.plan.Mode == ModeShow {
		r.results = append(r.results, res)
	}
	if marks(r.plan.Mode, res) {
		var cause *Result
		if ephemeral {
			cause = res
		}
		r.emitMain(event.MarkSkippedChildren(res.UniqueID, string(res.Status), res.Message, resultData{res}))
		r.plan.Graph.Dependents(i).Each(func(k int) { r.skipped[k] = cause })
		if u := res.Unit; u != nil {
			if k, ok := r.plan.Graph.Index(u.TestedNode); ok && r.plan.Mode == ModeBuild {
				r.skipped[k] = nil
			}
		}
	}
	switch res.Status {
	case Error, Fail, PartialSuccess:
		if r.opts.FailFast && r.failed == nil {
			r.failed = res
			r.cancel()
		} else if res.Status == Error && (r.plan.Mode == ModeCompile || r.plan.Mode == ModeShow) && r.fatal == nil {
			r.fatal = endsCommand(res.err())
			r.cancel()
		}
	}
}

// err is the error of a failed node.
func (res *Result) err() error {
	if res.Diag != nil {
		return res.Diag
	}
	return errors.New(res.Message)
}

// endsCommand is the error of a node as that of the command, which dbt tells as a runtime error.
func endsCommand(err error) error {
	var node *diag.Diagnostic
	if !errors.As(err, &node) {
		return err
	}
	d := *node
	d.Kind, d.Node, d.Summary, d.Detail, d.Cause = diag.Runtime, "", node.Error(), "", node
	return &d
}

// skipAll skips every node because on-run-start failed.
func (r *run) skipAll() {
	index := 0
	r.plan.Selected.Each(func(i int) {
		t := r.task(mainThread, i)
		index++
		t.Progress = event.Progress{Index: index, Total: r.total}
		res := t.skip("")
		r.emitMain(r.lines.Skip(t.info(Skipped), string(t.Kind), t.schema(), t.name(), t.Progress, r.groups[t.ID]))
		r.results = append(r.results, res)
	})
}

// skipRest records everything that has no result as skipped, so that retry finds it.
func (r *run) skipRest(why string) {
	done := make(map[string]bool, len(r.results))
	for _, x := range r.results {
		done[x.UniqueID] = true
	}
	r.plan.Selected.Each(func(i int) {
		if id := r.plan.Graph.ID(i); !done[id] {
			r.results = append(r.results, r.task(mainThread, i).skip(why))
		}
	})
}

// canceling notes which connections are cut off.
func (r *run) canceling() {
	r.mu.Lock()
	names := make([]string, 0, len(r.inFlight))
	for id := range r.inFlight {
		names = append(names, id)
	}
	r.mu.Unlock()
	sort.Strings(names)
	for _, id := range names {
		r.emitMain(r.lines.Cancel(id))
	}
}

func (s *Session) targetName() string {
	if s.Project != nil && s.Project.Profile != nil {
		return s.Project.Profile.TargetName
	}
	return s.Flags.Target
}

func (s *Session) targetPath() string {
	if s.Flags.TargetPath != "" {
		return s.Flags.TargetPath
	}
	if s.Project != nil && s.Project.Package != nil && s.Project.Package.TargetPath != "" {
		return s.Project.Package.TargetPath
	}
	return "target"
}

package run

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
)

// Runner does the work of one kind of resource. Compile and Execute are timed apart; an
// error of either fails the task.
type Runner interface {
	// Describe is the text of the start line: "sql table model main.orders"; "" prints none.
	Describe(t *Task) string
	Compile(ctx context.Context, t *Task) error
	Execute(ctx context.Context, t *Task) error
	// Line is the line of the finished task; ok is false for none.
	Line(t *Task, res *Result) (e event.Event, ok bool)
}

// runners are the runners of modes that build something, by resource type.
var runners = map[manifest.ResourceType]Runner{}

// Register sets the runner of a resource type. It is called while the program starts.
func Register(kind manifest.ResourceType, r Runner) { runners[kind] = r }

func init() {
	Register(manifest.Model, modelRunner{})
	Register(manifest.Seed, seedRunner{})
	Register(manifest.Snapshot, snapshotRunner{})
	Register(manifest.FunctionType, functionRunner{})
	Register(manifest.ExposureType, noOpRunner{})
	Register(manifest.SavedQuery, noOpRunner{})
}

func (r *run) runner(t *Task) Runner {
	switch r.plan.Mode {
	case ModeCompile:
		return compileRunner{}
	case ModeShow:
		if t.Kind == manifest.Seed {
			return seedRunner{}
		}
		return showRunner{}
	case ModeClone:
		return cloneRunner{}
	case ModeFreshness:
		return freshnessRunner{}
	}
	if r.Follow != nil && t.Node != nil && r.Follow.Follows(t.Node) {
		return followRunner{}
	}
	if t.Node != nil && compile.IsMicrobatch(t.Node) && r.batched() {
		return microbatchRunner{}
	}
	if known, ok := runners[t.Kind]; ok {
		return known
	}
	return missingRunner{}
}

// missingRunner fails tasks whose kind nobody can run.
type missingRunner struct{ compileNothing }

func (missingRunner) Describe(t *Task) string { return string(t.Kind) + " " + t.name() }

func (missingRunner) Execute(_ context.Context, t *Task) error {
	return diag.New(diag.CodeUsage, diag.Internal, diag.Span{}, "nothing in this program can run a "+string(t.Kind))
}

func (missingRunner) Line(*Task, *Result) (event.Event, bool) { return event.Event{}, false }

// compileNothing is the compile phase of resources without a template.
type compileNothing struct{}

func (compileNothing) Compile(context.Context, *Task) error { return nil }

// node takes one node through its run.
func (r *run) node(ctx context.Context, thread string, i int) (res *Result) {
	t := r.task(thread, i)
	ephemeral := compile.IsEphemeral(t.Node)
	r.mu.Lock()
	if !ephemeral {
		r.index++
		t.Progress = event.Progress{Index: r.index, Total: r.total}
		r.inFlight[t.ID] = true
	}
	cause, skip := r.skipped[i]
	if t.Unit != nil {
		cause = nil // only relations are told about an ephemeral parent
		// A model that will not be built needs no test.
		if model, ok := r.plan.Graph.Index(t.Unit.TestedNode); ok && r.plan.Mode == ModeBuild && !skip {
			_, skip = r.skipped[model]
		}
	}
	r.mu.Unlock()
	t.started, t.status = r.now(), "started"
	t.Emit(event.NodeStart(t.Info()))
	if skip {
		res = r.skip(t, cause)
	} else {
		res = r.perform(ctx, t, ephemeral)
	}
	t.Emit(event.NodeFinished(t.Info(), resultData{res}))
	return res
}

// skip ends a task without running it.
func (r *run) skip(t *Task, cause *Result) *Result {
	if cause != nil && !compile.IsEphemeral(t.Node) {
		t.Emit(r.lines.SkipBecauseError(t.schema(), t.name(), string(cause.Status), t.Progress, t.Group()))
		r.resultError(cause, false, false)
		res := t.skip("Compilation Error in " + t.ID + ", caused by compilation error in referenced ephemeral model " + cause.UniqueID)
		res.Cause = cause
		return res
	}
	if !compile.IsEphemeral(t.Node) {
		t.status = string(Skipped)
		t.Emit(r.lines.Skip(t.Info(), string(t.Kind), t.schema(), t.name(), t.Progress, t.Group()))
	}
	return t.skip("")
}

// perform runs a task, again after a transient error, and prints its lines.
func (r *run) perform(ctx context.Context, t *Task, ephemeral bool) *Result {
	runner := r.runner(t)
	if text := runner.Describe(t); text != "" && !ephemeral {
		t.Emit(r.lines.Start(t.Info(), text, t.Progress))
	}
	began := r.now()
	var res *Result
	for try := 0; ; try++ {
		res = r.attempt(ctx, t, runner, ephemeral)
		if res.Diag == nil || try >= r.opts.Retries || ctx.Err() != nil || !transient(res.Diag) {
			break
		}
		wait := backoff(try)
		t.Emit(event.Note(event.Warn, fmt.Sprintf("[WARNING]: %s: %s; trying again in %s (%d of %d)", t.ID, firstLine(res.Diag.Summary), wait, try+1, r.opts.Retries)))
		if !sleep(ctx, wait) {
			break
		}
		if t.Node != nil {
			// What the failed try noted in the cache was rolled back: list the schema again.
			r.cache.DropSchema(t.Node.Database, t.Node.Schema)
		}
	}
	res.ExecutionTime = r.now().Sub(began)
	t.finished, t.status = r.now(), string(res.Status)
	if res.Status == Reused {
		t.Emit(r.lines.Reused(t.Info(), runner.Describe(t), res.Message, t.Progress, res.ExecutionTime.Seconds(), t.Group()))
	} else if e, ok := runner.Line(t, res); ok && !ephemeral && !res.interrupted {
		t.Emit(e)
	}
	return res
}

// attempt is one try of a task on a connection of its own.
func (r *run) attempt(parent context.Context, t *Task, runner Runner, ephemeral bool) (res *Result) {
	ctx, cancel := r.bounded(parent, t)
	defer cancel()
	t.Result = t.result()
	t.Out = nil
	var err error
	if r.Engine != nil && (r.Flags.Introspect || !compiles(r.plan.Mode)) {
		if t.conn, err = r.connect(ctx, t.thread, t.ID, t.pkg(), t.Info()); err != nil {
			return r.failedResult(ctx, parent, t, err)
		}
		defer t.conn.release(t.name())
	}
	err = guard(func() error { return r.phases(ctx, t, runner, ephemeral) })
	if t.Out != nil {
		t.Result.Compiled, t.Result.Map = &t.Out.Compiled, t.Out.Map
		t.Result.looked = t.conn != nil && t.conn.Looked()
	}
	if err != nil {
		return r.failedResult(ctx, parent, t, err)
	}
	return t.Result
}

func (r *run) phases(ctx context.Context, t *Task, runner Runner, ephemeral bool) error {
	t.status = "compiling"
	t.Emit(event.NodeCompiling(t.Info()))
	if err := r.timed(t, "compile", func() error { return runner.Compile(ctx, t) }); err != nil {
		return err
	}
	if ephemeral && r.plan.Mode != ModeShow {
		return nil
	}
	t.status = "executing"
	t.Emit(event.NodeExecuting(t.Info()))
	return r.timed(t, "execute", func() error {
		if done, err := r.reuse(ctx, t); done || err != nil {
			return err
		}
		if err := runner.Execute(ctx, t); err != nil {
			return err
		}
		return r.built(ctx, t)
	})
}

func (r *run) timed(t *Task, name string, phase func() error) error {
	start := r.now()
	err := phase()
	t.Result.Timing = append(t.Result.Timing, Timing{Name: name, Started: start, Completed: r.now()})
	return err
}

// guard turns a panic of a runner into an error of its node: one broken node must not
// take the whole run down.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			d := diag.New(diag.CodeTemplateRuntime, diag.Internal, diag.Span{}, fmt.Sprintf("panic: %v", p))
			d.Detail = string(debug.Stack())
			err = d
		}
	}()
	return f()
}

func compiles(m Mode) bool { return m == ModeCompile }

// bounded applies the node's timeout.
func (r *run) bounded(ctx context.Context, t *Task) (context.Context, context.CancelFunc) {
	if d := r.timeout(t); d > 0 {
		return context.WithTimeoutCause(ctx, d, fmt.Errorf("the node ran longer than its timeout of %s", d))
	}
	return context.WithCancel(ctx)
}

func (r *run) failedResult(ctx, parent context.Context, t *Task, err error) *Result {
	res := t.Result
	res.Status = Error
	if parent.Err() != nil {
		res.interrupted = true
	}
	d := r.explain(t, err)
	if cause := context.Cause(ctx); cause != nil && parent.Err() == nil && ctx.Err() != nil {
		c := *d
		c.Detail = c.Message()
		c.Summary = cause.Error()
		d = &c
	}
	res.Diag = d
	res.Message = d.Error()
	t.Emit(event.Caught(t.Info(), res.Message))
	if t.Kind == manifest.SourceType {
		res.Status = RuntimeError
	}
	return res
}

// transient reports whether a fresh try may succeed.
func transient(err error) bool {
	var de *adapters.DatabaseError
	return errors.As(err, &de) && de.Fault == adapters.FaultTransient
}

func backoff(try int) time.Duration { return min(100*time.Millisecond<<try, 5*time.Second) }

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

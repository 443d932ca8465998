package run

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// batchTask is the batch that a task builds.
type batchTask struct {
	window      compile.Window
	name        string // "2024-09-17": in file names
	id          string // "20240917": in templates
	incremental bool
}

// batched reports whether microbatch models are cut into batches here: a project with a
// microbatch macro of its own must ask for it.
func (r *run) batched() bool {
	if on, known := r.Flags.Behavior["require_batched_execution_for_custom_microbatch_strategy"]; on || !known {
		return true
	}
	entry, ok := r.Env.Macros.Find("get_incremental_microbatch_sql", "")
	if !ok {
		return true
	}
	p, ok := r.Project.PackageNamed(entry.Package)
	return ok && p.Internal
}

// microbatchRunner builds a model batch by batch: the first and the last alone, those
// between them at the same time where the model and the engine allow it.
type microbatchRunner struct{ compileNothing }

func (microbatchRunner) Describe(t *Task) string {
	return t.Node.Language + " microbatch model " + t.display()
}

func (m microbatchRunner) Line(t *Task, res *Result) (event.Event, bool) {
	state := res.Message
	if res.Status == Error {
		state = "error"
	}
	return t.Lines().Model(t.Info(), m.Describe(t), state, t.Progress, res.ExecutionTime.Seconds(), t.Group()), true
}

func (m microbatchRunner) Execute(ctx context.Context, t *Task) error {
	if t.conn == nil {
		return errNoEngine
	}
	exists, incremental, err := t.existing()
	if err != nil {
		return err
	}
	list, previous, err := t.batches(incremental)
	if err != nil {
		return err
	}
	t.conn.release(t.name()) // each batch has a connection of its own
	none := int64(0)
	t.Result.Batches, t.Result.Failures = &BatchResults{}, &none
	b := &batchRun{t: t, list: list, results: make([]*Result, len(list)), exists: exists}
	b.run(ctx, incremental)
	b.merge(previous)
	return nil
}

// existing asks whether the model's table is there, and whether this run adds to it.
func (t *Task) existing() (exists, incremental bool, err error) {
	own := t.run.Env.NodeRelation(t.Node)
	rel, err := t.conn.GetRelation(own.Database, own.Schema, own.Identifier)
	if err != nil || rel == nil {
		return false, false, err
	}
	full, set := t.Node.Config.FullRefresh()
	if !set {
		full = t.run.Flags.FullRefresh
	}
	return true, rel.Type == "table" && !full, nil
}

func (t *Task) batches(incremental bool) (list []Batch, previous *BatchResults, err error) {
	if previous = t.run.opts.Batches[t.ID]; previous != nil {
		return previous.Failed, previous, nil
	}
	start, end, err := t.run.eventTimes()
	if err != nil {
		return nil, nil, err
	}
	defaultEnd := t.run.opts.Since
	if defaultEnd.IsZero() {
		defaultEnd = t.run.Flags.Now
	}
	list, err = batches(t.Node, span{start: start, end: end, defaultEnd: defaultEnd, incremental: incremental})
	return list, nil, err
}

// batchRun is the batches of one model.
type batchRun struct {
	t       *Task
	list    []Batch
	exists  bool
	mu      sync.Mutex
	results []*Result
}

func (b *batchRun) run(ctx context.Context, incremental bool) {
	n := len(b.list)
	if n == 0 {
		return
	}
	b.alone(ctx, 0, incremental, false)
	skip := b.results[0].Status != Success
	var group sync.WaitGroup
	slots := make(chan struct{}, max(1, b.t.run.opts.Threads))
	for i := 1; i < n-1; i++ {
		if skip || !b.parallel() || !b.t.run.walk.idle(b.t.run.opts.Threads) {
			b.alone(ctx, i, true, skip)
			continue
		}
		b.t.Emit(event.Microbatch(b.describe(i) + " is being run concurrently"))
		slots <- struct{}{}
		group.Add(1)
		go func() {
			defer group.Done()
			b.one(ctx, i, b.t.thread, true, false)
			<-slots
		}()
	}
	group.Wait()
	if n > 1 {
		b.alone(ctx, n-1, true, skip)
	}
}

// alone builds batch i while no other batch of the model is being built.
func (b *batchRun) alone(ctx context.Context, i int, incremental, skip bool) {
	b.t.Emit(event.Microbatch(b.describe(i) + " is being run sequentially"))
	b.one(ctx, i, b.t.thread, incremental, skip)
}

// describe names batch i in messages.
func (b *batchRun) describe(i int) string {
	return "batch " + grain(b.t.Node.Config.String("batch_size")).format(b.list[i].Start) + " of " + b.t.display()
}

// parallel reports whether batches may run at the same time.
func (b *batchRun) parallel() bool {
	if !b.exists {
		return false
	}
	v := b.t.Node.Config.Get("concurrent_batches")
	if !v.IsNull() {
		return value.Truth(v) && b.t.run.concurrentBatches()
	}
	return b.t.run.concurrentBatches() && !readsThis(b.t.Node)
}

// concurrentBatches reports whether the engine can write several batches of one table at once.
func (r *run) concurrentBatches() bool {
	d, ok := r.Driver.(interface{ ConcurrentBatches() bool })
	return ok && d.ConcurrentBatches()
}

// one builds batch i and keeps its result.
func (b *batchRun) one(ctx context.Context, i int, thread string, incremental, skip bool) {
	g, err := grainOf(b.t.Node)
	t := *b.t
	t.thread = thread
	window := compile.Window{Start: b.list[i].Start, End: b.list[i].End}
	t.batch = &batchTask{window: window, name: g.format(window.Start), id: g.id(window.Start), incremental: incremental}
	t.Node = batchNode(b.t.Node, i == 0, i == len(b.list)-1)
	t.Progress = event.Progress{Index: i + 1, Total: len(b.list)}
	t.Result, t.conn, t.Out = t.result(), nil, nil
	what := b.describe(i)
	began := b.t.run.now()
	state := "skipped"
	switch {
	case skip || ctx.Err() != nil:
		t.Result.Status, t.Result.Message = Skipped, "SKIPPED"
	case err != nil:
		t.Result.Status, t.Result.Message, state = Error, err.Error(), "error"
	default:
		t.Emit(t.Lines().BatchStart(t.Info(), what, t.Progress))
		if err := guard(func() error { return t.buildBatch(ctx) }); err != nil {
			t.Result.Status, state = Error, "error"
			t.Result.Diag = t.run.explain(&t, err)
			t.Result.Message = t.Result.Diag.Error()
			plain := *t.Result.Diag
			if plain.Kind != diag.Compilation {
				plain.Node = "" // only the compiler's errors know their node already
			}
			t.Emit(event.Unhandled(t.Info(), "", "Exception on worker thread. "+plain.Error()))
		} else {
			state = t.Result.Message
			b.mu.Lock()
			b.exists = true
			b.mu.Unlock()
		}
	}
	t.Result.ExecutionTime = b.t.run.now().Sub(began)
	if t.Out != nil {
		t.Result.Compiled = &t.Out.Compiled
	}
	t.Emit(t.Lines().BatchEnd(t.Info(), what, state, t.Progress, t.Result.ExecutionTime.Seconds(), t.Group()))
	b.mu.Lock()
	b.results[i] = t.Result
	b.mu.Unlock()
}

// buildBatch compiles and materializes one batch on a connection of its own.
func (t *Task) buildBatch(ctx context.Context) error {
	var err error
	if t.conn, err = t.run.connect(ctx, t.thread, t.ID, t.pkg(), t.Info()); err != nil {
		return err
	}
	defer t.conn.release(t.name())
	if err := t.CompileNode(ctx); err != nil {
		return err
	}
	scope, state := t.Scope(t.Node, t.Out, t.Host())
	scope.Set("model", t.batchModel(&t.Out.Compiled))
	if t.batch.incremental {
		scope.Set("is_incremental", always("is_incremental", true))
		scope.Set("should_full_refresh", always("should_full_refresh", false))
	}
	name := t.Node.Config.Materialized()
	v, err := t.call(ctx, t.Node, scope, name)
	if err != nil {
		return err
	}
	return t.built(v, state, t.Node, name)
}

func always(name string, answer bool) value.Value {
	return value.Func(name, func(*value.Thread, value.Args) (value.Value, error) { return value.Bool(answer), nil })
}

// batchModel is `model` with its batch; compiled is nil while it is being compiled.
func (t *Task) batchModel(compiled *manifest.Compiled) value.Value {
	v := t.Node.MacroContextValue(compiled)
	d, ok := v.AsDict()
	if !ok {
		return v
	}
	batch := value.NewDict(3)
	batch.SetString("id", value.String(t.batch.id))
	batch.SetString("event_time_start", value.NewDateTime(t.batch.window.Start, true))
	batch.SetString("event_time_end", value.NewDateTime(t.batch.window.End, true))
	d.SetString("batch", value.FromDict(batch))
	if c, ok := d.GetString("config"); ok {
		if config, ok := c.AsDict(); ok {
			config.SetString("__dbt_internal_microbatch_event_time_start", value.NewDateTime(t.batch.window.Start, true))
			config.SetString("__dbt_internal_microbatch_event_time_end", value.NewDateTime(t.batch.window.End, true))
		}
	}
	return v
}

// batchNode is the model with the hooks that belong to a batch: pre-hooks run with the
// first, post-hooks with the last.
func batchNode(n *manifest.Node, first, last bool) *manifest.Node {
	if first && last {
		return n
	}
	c := *n
	config := n.Config.Values.Copy()
	if !first {
		config.SetString("pre-hook", value.NewList())
	}
	if !last {
		config.SetString("post-hook", value.NewList())
	}
	c.Config = &manifest.Config{Values: config}
	return &c
}

// merge sums the batches up into the model's result.
func (b *batchRun) merge(previous *BatchResults) {
	res := b.t.Result
	var spent time.Duration
	var first *Result
	for i, r := range b.results {
		if r == nil {
			res.Batches.Failed = append(res.Batches.Failed, b.list[i])
			continue
		}
		spent += r.ExecutionTime
		if r.Status == Success {
			res.Batches.Successful = append(res.Batches.Successful, b.list[i])
		} else {
			res.Batches.Failed = append(res.Batches.Failed, b.list[i])
			if first == nil && r.Diag != nil {
				first = r
			}
		}
	}
	good, bad := len(res.Batches.Successful), len(res.Batches.Failed)
	switch {
	case bad == 0:
		res.Status, res.Message = Success, "SUCCESS"
	case good == 0:
		res.Status, res.Message = Error, "ERROR"
	default:
		res.Status, res.Message = PartialSuccess, fmt.Sprintf("PARTIAL SUCCESS (%d/%d)", good, good+bad)
	}
	if first != nil {
		res.Diag = first.Diag
	}
	for _, list := range [][]Batch{res.Batches.Successful, res.Batches.Failed} {
		sort.Slice(list, func(a, b int) bool { return list[a].Start.Before(list[b].Start) })
	}
	if previous != nil {
		res.Batches.Successful = append(res.Batches.Successful, previous.Successful...)
	}
	if len(b.list) == 0 {
		res.Message = ""
	}
}

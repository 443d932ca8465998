// Package datatest runs data tests: it reads what a test's materialization counted and
// decides between pass, warn and fail.
package datatest

import (
	"context"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

func init() { run.Register(manifest.Test, runner{}) }

type runner struct{}

func (runner) Describe(t *run.Task) string { return "test " + t.Node.Name }

func (runner) Compile(ctx context.Context, t *run.Task) error { return t.CompileNode(ctx) }

func (runner) Execute(ctx context.Context, t *run.Task) error {
	t.Know(cleared(ctx, t))
	_, state, err := t.Materialize(ctx, t.Node, t.Out, t.Node.Config.Materialized())
	if err != nil {
		return err
	}
	main, _ := state.Result("main")
	counted, err := read(t.Node, main.Table)
	if err != nil {
		return err
	}
	_, t.Result.Response = run.Response(main.Response)
	options, _ := t.Session().Flags.WarnErrors() // what a test warns of is no event yet
	warnError := options.Treat("LogTestResult") == flags.AsError
	t.Result.Status, t.Result.Message = counted.judge(t.Node.Config, warnError)
	failures := int64(0)
	if t.Result.Status != run.Pass {
		failures = counted.failures
	}
	t.Result.Failures = &failures
	if t.Session().StoresFailures(t.Node) {
		t.Result.StoreFailures = true
		t.Result.RelationName = t.Session().TestRelation(t.Node)
	}
	if failures > 0 {
		t.Result.FailingRows = t.FetchFailingRows(ctx)
	}
	return nil
}

func (runner) Line(t *run.Task, res *run.Result) (event.Event, bool) {
	failures := int64(0)
	if res.Failures != nil {
		failures = *res.Failures
	}
	return t.Lines().Test(t.Info(), t.Node.Name, string(res.Status), failures, t.Node.AttachedNode, t.Progress,
		res.ExecutionTime.Seconds(), t.Group()), true
}

// Package unit runs unit tests: a model's query over fixture rows instead of its inputs,
// compared with the rows it should give, and a macro's text or rows.
package unit

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

func init() { run.Register(manifest.UnitTest, runner{}) }

type runner struct{}

func (runner) Describe(t *run.Task) string { return "unit_test " + label(t.Unit) }

// label names a unit test in lines: "stg_orders::name", with the version it tests.
func label(u *manifest.UnitTestDef) string { return u.Model + "::" + u.VersionedName() }

// Compile does nothing: fixtures take their types from the database, so that building the
// query belongs to running it.
func (runner) Compile(context.Context, *run.Task) error { return nil }

func (runner) Execute(ctx context.Context, t *run.Task) error {
	b, err := newBuilder(t)
	if err != nil {
		return err
	}
	if b.unit.Macro != nil && b.unit.Macro.Text {
		return b.text(ctx)
	}
	fixtures, err := b.fixtures(ctx)
	if err != nil {
		return err
	}
	h := t.Host()
	h.Fixtures = fixtures
	out, err := t.Compiler().Compile(ctx, b.node, h)
	if err != nil {
		return b.atTest(err)
	}
	t.Out = out
	if err := t.WriteCompiled(out); err != nil {
		return err
	}
	_, state, err := t.Materialize(ctx, b.node, out, b.materialization())
	if err != nil {
		return inExecution(b, err)
	}
	main, ok := state.Result("main")
	if !ok {
		return diag.New(diag.CodeMaterialization, diag.Internal, t.Unit.Span, "the materialization '"+b.materialization()+"' ran no statement named 'main'")
	}
	_, t.Result.Response = run.Response(main.Response)
	picture, differs, err := compare(main.Table, t.UseColors())
	if err != nil {
		return err
	}
	failures := int64(0)
	t.Result.Status = run.Pass
	if differs {
		failures = 1
		t.Result.Status, t.Result.Message = run.Fail, picture
	} else if picture, err = inBatches(ctx, b, fixtures); err != nil {
		return err
	} else if picture != "" {
		failures = 1
		t.Result.Status, t.Result.Message = run.Fail, picture
	}
	t.Result.Failures = &failures
	return nil
}

// inBatches runs the test of a model that follows streams as the streams would come.
func inBatches(ctx context.Context, b *builder, fixtures *compile.Fixtures) (string, error) {
	if b.unit.Macro != nil {
		return "", nil
	}
	k, err := knobsOf(b.unit)
	if err != nil || !k.batches {
		return "", err
	}
	ids, err := b.batched()
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return b.batches(ctx, fixtures, ids, k)
}

// inExecution explains an error of the query: most come from fixtures of the wrong type.
func inExecution(b *builder, err error) error {
	d := diag.New(diag.CodeDatabase, diag.Runtime, b.unit.Span,
		fmt.Sprintf("An error occurred during execution of unit test '%s'. There may be an error in the unit test definition: check the data types.", b.unit.Name))
	d.Cause = err
	var inner *diag.Diagnostic
	if errors.As(err, &inner) {
		d.Hint = inner.Hint
		if inner.Kind == diag.Compilation {
			err = b.t.Explain(compile.Named(inner, b.node))
		}
	}
	d.Detail = " " + err.Error()
	return d
}

func (runner) Line(t *run.Task, res *run.Result) (event.Event, bool) {
	failures := int64(0)
	if res.Failures != nil {
		failures = *res.Failures
	}
	return t.Lines().Test(t.Info(), label(t.Unit), string(res.Status), failures, "", t.Progress, res.ExecutionTime.Seconds(), t.Group()), true
}

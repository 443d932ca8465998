package run

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// functionRunner creates user-defined functions with their overloads.
type functionRunner struct{}

func (functionRunner) Describe(t *Task) string { return "function " + t.display() }

func (functionRunner) Compile(ctx context.Context, t *Task) error { return t.CompileNode(ctx) }

func (r functionRunner) Execute(ctx context.Context, t *Task) error {
	name := t.Node.Config.Materialized()
	_, state, err := t.Materialize(ctx, t.Node, t.Out, name)
	if err != nil {
		return err
	}
	main, ok := state.Result("main")
	if !ok {
		return diag.New(diag.CodeMaterialization, diag.Runtime, t.Node.BodySpan, "main is not being called during creating function")
	}
	t.Result.Message, t.Result.Response = Response(main.Response)
	return r.overloads(ctx, t, name)
}

// OverloadResults are the overloads of a function, by the files that define them.
type OverloadResults struct{ Successful, Failed []string }

// overloads creates every overload, whatever becomes of the others; a retry passes over those
// that are there.
func (r functionRunner) overloads(ctx context.Context, t *Task, materialization string) error {
	done := t.run.opts.Overloads[t.ID]
	results := &OverloadResults{}
	t.Result.Overloads = results
	items := t.Node.Overloads.Items()
	var first error
	for i, o := range items {
		d, ok := o.AsDict()
		if !ok {
			continue
		}
		file, progress := textOf(d, "defined_in"), event.Progress{Index: i + 1, Total: len(items)}
		if slices.Contains(done, file) {
			results.Successful = append(results.Successful, file)
			t.Emit(t.Lines().OverloadEnd(t.Info(), describeOverload(t, file), string(Skipped), progress, 0, t.Group()))
			continue
		}
		err := r.overload(ctx, t, materialization, d, t.Out.Overloads[i], progress)
		if err == nil {
			results.Successful = append(results.Successful, file)
			continue
		}
		results.Failed = append(results.Failed, file)
		if first == nil {
			first = err
		}
	}
	if len(results.Failed) > 0 {
		t.Result.Status = PartialSuccess
		t.Result.Message = "PARTIAL SUCCESS " + t.Node.Name
		t.Result.Diag = t.run.explain(t, first)
	}
	return nil
}

func describeOverload(t *Task, file string) string {
	return fmt.Sprintf("function %s overload %s", t.Node.Name, file)
}

// overload creates one more signature of the function.
func (functionRunner) overload(ctx context.Context, t *Task, materialization string, d *value.Dict, code string, p event.Progress) error {
	what := describeOverload(t, textOf(d, "defined_in"))
	t.Emit(t.Lines().OverloadStart(t.Info(), what, p))
	began := t.run.now()
	n := *t.Node
	if v, ok := d.GetString("arguments"); ok {
		n.Arguments = v
	}
	if v, ok := d.GetString("returns"); ok && !v.IsNull() {
		n.Returns = v
	}
	_, _, err := t.Materialize(ctx, &n, &compile.Output{Compiled: manifest.Compiled{Code: code}}, materialization)
	status := Success
	if err != nil {
		status = Error
		what += ": " + err.Error()
	}
	t.Emit(t.Lines().OverloadEnd(t.Info(), what, string(status), p, t.run.now().Sub(began).Seconds(), t.Group()))
	return err
}

func textOf(d *value.Dict, key string) string {
	v, _ := d.GetString(key)
	s, _ := v.AsString()
	return s
}

func (r functionRunner) Line(t *Task, res *Result) (event.Event, bool) {
	return t.Lines().Function(t.Info(), r.Describe(t), string(res.Status), t.Progress, res.ExecutionTime.Seconds(), t.Group()), true
}

package run

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja"
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
	overloads := t.Node.Overloads.Items()
	failed := 0
	var first error
	for i, o := range overloads {
		d, ok := o.AsDict()
		if !ok {
			continue
		}
		if err := r.overload(ctx, t, name, d, event.Progress{Index: i + 1, Total: len(overloads)}); err != nil {
			failed++
			if first == nil {
				first = err
			}
		}
	}
	if failed > 0 {
		t.Result.Status = PartialSuccess
		t.Result.Message = "PARTIAL SUCCESS " + t.Node.Name
		t.Result.Diag = t.run.explain(t, first)
	}
	return nil
}

// overload creates one more signature of the function.
func (functionRunner) overload(ctx context.Context, t *Task, materialization string, d *value.Dict, p event.Progress) error {
	file := textOf(d, "defined_in")
	what := fmt.Sprintf("function %s overload %s", t.Node.Name, file)
	t.Emit(t.Lines().OverloadStart(t.Info(), what, p))
	began := t.run.now()
	n := *t.Node
	n.RawCode, n.BodySpan = textOf(d, "raw_body"), diag.Span{}
	if v, ok := d.GetString("arguments"); ok {
		n.Arguments = v
	}
	if v, ok := d.GetString("returns"); ok && !v.IsNull() {
		n.Returns = v
	}
	err := func() error {
		h := t.Host()
		rt, _ := t.run.compiler.Runtime(&n, h)
		scope, _ := t.run.Env.Run(&n, t.run.Manifest, rt)
		tmpl, failed := jinja.Parse(diag.NewSource(file, n.RawCode))
		if failed != nil {
			return failed
		}
		code, err := tmpl.Render(t.run.Env.Thread(ctx, scope))
		if err != nil {
			return err
		}
		out := &compile.Output{Compiled: manifest.Compiled{Code: code}}
		_, _, err = t.Materialize(ctx, &n, out, materialization)
		return err
	}()
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

package run

import (
	"context"

	"github.com/millrace/millrace/compiler/event"
)

// seedRunner loads CSV files.
type seedRunner struct{}

func (seedRunner) Describe(t *Task) string { return "seed file " + t.display() }

func (seedRunner) Compile(ctx context.Context, t *Task) error { return t.CompileNode(ctx) }

func (seedRunner) Execute(ctx context.Context, t *Task) error {
	name := t.Node.Config.Materialized()
	v, state, err := t.Materialize(ctx, t.Node, t.Out, name)
	if err != nil {
		return err
	}
	return t.built(v, state, t.Node, name)
}

func (seedRunner) Line(t *Task, res *Result) (event.Event, bool) {
	return t.Lines().Seed(t.Info(), string(res.Status), res.Message, t.Node.Schema, t.Node.Alias, t.Progress, res.ExecutionTime.Seconds(), t.Group()), true
}

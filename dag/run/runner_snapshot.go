package run

import (
	"context"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// snapshotRunner records the history of a query.
type snapshotRunner struct{}

func (snapshotRunner) Describe(t *Task) string { return "snapshot " + t.display() }

func (snapshotRunner) Compile(ctx context.Context, t *Task) error { return t.CompileNode(ctx) }

func (snapshotRunner) Execute(ctx context.Context, t *Task) error {
	name := t.Node.Config.Materialized()
	v, state, err := t.Materialize(ctx, t.Node, t.Out, name)
	if err != nil {
		return err
	}
	return t.built(v, state, t.Node, name)
}

func (snapshotRunner) Line(t *Task, res *Result) (event.Event, bool) {
	cfg := map[string]string{}
	if t.Node.Config != nil {
		for k, v := range t.Node.Config.Values.All() {
			if !v.IsNone() {
				cfg[value.Str(k)] = value.Str(v)
			}
		}
	}
	return t.Lines().Snapshot(t.Info(), t.display(), string(res.Status), res.Message, cfg, t.Progress, res.ExecutionTime.Seconds(), t.Group()), true
}

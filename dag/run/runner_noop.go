package run

import (
	"context"
	"strings"

	"github.com/millrace/millrace/compiler/event"
)

// noOpRunner passes resources by that nothing is built for: exposures, saved queries.
type noOpRunner struct{ compileNothing }

func (noOpRunner) Describe(*Task) string { return "" }

func (noOpRunner) Execute(_ context.Context, t *Task) error {
	zero := int64(0)
	t.Result.Status, t.Result.Message, t.Result.Failures = NoOp, "NO-OP", &zero
	return nil
}

func (noOpRunner) Line(t *Task, _ *Result) (event.Event, bool) {
	return t.Lines().NoOp(t.Info(), strings.ReplaceAll(string(t.Kind), "_", " ")+" "+t.name(), t.Progress), true
}

package run

import (
	"context"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
)

// cloneRunner makes a relation from its counterpart in the other environment.
type cloneRunner struct{ compileNothing }

func (cloneRunner) Describe(*Task) string { return "" }

func (cloneRunner) Execute(ctx context.Context, t *Task) error {
	// Where the engine cannot clone, the macro makes a view of this.
	var out *compile.Output
	if other := t.run.compiler.DeferRelation(t.Node); other != nil {
		out = &compile.Output{Compiled: manifest.Compiled{Code: "select * from " + other.Render()}}
	}
	v, state, err := t.Materialize(ctx, t.Node, out, "clone")
	if err != nil {
		return err
	}
	rels, err := relations(v, t.Node.Config.Materialized(), t.Node)
	if err != nil {
		return err
	}
	for _, rel := range rels {
		c := *rel
		c.DBTCreated = true
		t.run.cache.Add(&c)
	}
	t.Result.Message = "No-op"
	if main, ok := state.Result("main"); ok {
		t.Result.Message, t.Result.Response = Response(main.Response)
	}
	return nil
}

func (cloneRunner) Line(*Task, *Result) (event.Event, bool) { return event.Event{}, false }

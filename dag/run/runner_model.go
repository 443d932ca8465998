package run

import (
	"context"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// modelRunner builds models with their materialization.
type modelRunner struct{}

func (modelRunner) Describe(t *Task) string {
	return t.Node.Language + " " + t.Node.Config.Materialized() + " model " + t.display()
}

func (modelRunner) Compile(ctx context.Context, t *Task) error { return t.CompileNode(ctx) }

func (modelRunner) Execute(ctx context.Context, t *Task) error {
	name := t.Node.Config.Materialized()
	v, state, err := t.Materialize(ctx, t.Node, t.Out, name)
	if err != nil {
		return err
	}
	if err := t.built(v, state, t.Node, name); err != nil {
		return err
	}
	return t.latestVersionPointer(ctx)
}

func (modelRunner) Line(t *Task, res *Result) (event.Event, bool) {
	state := res.Message
	if res.Status == Error {
		state = "error"
	}
	return t.Lines().Model(t.Info(), modelRunner{}.Describe(t), state, t.Progress, res.ExecutionTime.Seconds(), t.Group()), true
}

// CompileNode renders the node and writes the result below target/compiled.
func (t *Task) CompileNode(ctx context.Context) error {
	h := t.Host()
	var out *compile.Output
	var err error
	if compile.IsEphemeral(t.Node) {
		out, err = t.run.compiler.Ephemeral(ctx, t.Node, h)
	} else {
		out, err = t.run.compiler.Compile(ctx, t.Node, h)
	}
	if err != nil {
		return err
	}
	t.Out = out
	if t.Node.ResourceType == manifest.Seed {
		return nil
	}
	t.Emit(event.WritingInjectedSQL(t.Info()))
	return t.WriteCompiled(out)
}

// display is how lines name the node's relation: without quotes, and without the database
// when it is the target's.
func (t *Task) display() string {
	rel := t.run.Env.NodeRelation(t.Node)
	if compile.IsEphemeral(t.Node) {
		rel = t.run.Env.Dialect.New(t.Node.Database, t.Node.Schema, t.Node.Alias, "")
	}
	rel = rel.WithQuoting(relation.Policy{})
	if t.run.creds != nil && t.Node.Database == t.run.creds.Database() {
		include := rel.IncludePolicy
		include.Database = false
		rel = rel.WithInclude(include)
	}
	return rel.Render()
}

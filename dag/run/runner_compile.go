package run

import (
	"context"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// compileRunner only compiles.
type compileRunner struct{}

func (compileRunner) Describe(*Task) string { return "" }

func (compileRunner) Compile(ctx context.Context, t *Task) error { return t.CompileNode(ctx) }

func (compileRunner) Execute(context.Context, *Task) error { return nil }

func (compileRunner) Line(*Task, *Result) (event.Event, bool) { return event.Event{}, false }

// showRunner runs the compiled query and keeps its rows.
type showRunner struct{}

func (showRunner) Describe(*Task) string { return "" }

func (showRunner) Compile(ctx context.Context, t *Task) error { return t.CompileNode(ctx) }

func (showRunner) Execute(ctx context.Context, t *Task) error {
	if t.conn == nil {
		return errNoEngine
	}
	limit := value.None
	if t.run.opts.Limit >= 0 {
		limit = value.Int(int64(t.run.opts.Limit))
	}
	scope, _ := t.Scope(t.Node, t.Out, t.Host())
	entry, err := t.run.findMacro("get_show_sql")
	if err != nil {
		return err
	}
	v, err := entry.Macro.Call(t.run.Env.Thread(ctx, scope), value.Args{Kwargs: []value.Kwarg{
		{Name: "compiled_code", Value: value.String(t.Out.Code)},
		{Name: "sql_header", Value: orNone(t.Node.Config.Get("sql_header"))},
		{Name: "limit", Value: limit},
	}})
	if err != nil {
		return err
	}
	shown := *t.Out
	shown.Code = value.Str(v)
	resp, table, err := t.conn.Execute(shown.Code, false, true, -1)
	if err != nil {
		return err
	}
	t.Out = &shown
	t.Result.Table, t.Result.Response = table, resp.Dict()
	return nil
}

func (showRunner) Line(*Task, *Result) (event.Event, bool) { return event.Event{}, false }

func orNone(v value.Value) value.Value {
	if v.IsUndefined() {
		return value.None
	}
	return v
}

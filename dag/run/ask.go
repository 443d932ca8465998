package run

import (
	"context"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// CallMacro calls a macro by its name in the scope of the task's node.
func (t *Task) CallMacro(ctx context.Context, name string, args ...value.Kwarg) (string, error) {
	entry, ok := t.run.Env.Macros.Find(name, "")
	if !ok {
		return "", diag.New(diag.CodeUnknownMacro, diag.Internal, t.Node.BodySpan, "there is no macro "+name)
	}
	scope, _ := t.Scope(t.Node, t.Out, t.Host())
	v, err := entry.Macro.Call(t.run.Env.Thread(ctx, scope), value.Args{Kwargs: args})
	if err != nil {
		return "", err
	}
	return value.Str(v), nil
}

// Ask runs the query that a macro writes, on the task's connection; a negative limit means all rows.
// It begins a transaction, for only that of a bridge is taken back after an error: the node's own
// statements would find it failed.
func (t *Task) Ask(ctx context.Context, macro string, limit int, args ...value.Kwarg) (*adapters.Answer, error) {
	if t.conn == nil {
		return nil, errNoEngine
	}
	sql, err := t.CallMacro(ctx, macro, args...)
	if err != nil {
		return nil, err
	}
	resp, table, err := t.conn.Execute(sql, true, true, limit)
	if err != nil {
		return nil, err
	}
	return &adapters.Answer{Response: resp, Table: table}, nil
}

// Know gives the answer of the next query that the node's materialization makes; see adapters.Bridge.Know.
func (t *Task) Know(a *adapters.Answer) {
	if t.conn != nil {
		t.conn.Know(a)
	}
}

// Shared is a value that all tasks of a run have in common, made by the first that asks for it.
func (t *Task) Shared(key any, make func() any) any {
	t.run.mu.Lock()
	defer t.run.mu.Unlock()
	v, ok := t.run.shared[key]
	if !ok {
		v = make()
		t.run.shared[key] = v
	}
	return v
}

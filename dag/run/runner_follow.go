package run

import (
	"context"
	"errors"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql/slicing"
)

// Follower advances incremental models by exact slices of their streamed inputs.
type Follower interface {
	// Follows reports whether a model asks for slices.
	Follows(n *manifest.Node) bool
	// Advance says what to run for one model. It works in the transaction that writes the
	// model's rows.
	Advance(ctx context.Context, w Work) (*Advance, error)
	// Restrict narrows what a data test reads of the models it tests to what this transaction
	// has changed of them; nil tests all rows.
	Restrict(n *manifest.Node) *compile.Slices
}

// Work is a model that is to be advanced.
type Work struct {
	Node *manifest.Node
	Conn adapters.Conn
	// There reports that the model's table exists and may be added to.
	There bool
	// Compile compiles a node with some of its inputs restricted. A full compilation is the
	// one of a first build: is_incremental() is false.
	Compile func(n *manifest.Node, conditions map[string]string, full bool) (*compile.Output, []slicing.Input, error)
}

// Advance is how a model gets to where its inputs are.
type Advance struct {
	Out *compile.Output // nil: there is nothing to do
	// Full builds the table beside the old one and swaps them.
	Full bool
	// Strategy takes the place of the default incremental strategy, where the model names none.
	Strategy string
	// Before runs ahead of the model, Behind after it, both in its transaction.
	Before []string
	Behind func(ctx context.Context, c adapters.Conn) error
	// Message is the result of a model for which there is nothing to do.
	Message string
}

// OpenTransaction makes a connection the home of one transaction in which everything is read
// as of one moment.
func OpenTransaction(ctx context.Context, s *Session, name string) (*adapters.Shared, adapters.Conn, error) {
	c, err := s.Engine.Conn(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if s.Driver.Name() == "postgres" { // DuckDB's transactions are like that by themselves
		return adapters.Share(c, "set transaction isolation level repeatable read"), c, nil
	}
	return adapters.Share(c), c, nil
}

// followRunner builds a model that takes its inputs in slices: its rows and its position in
// the inputs are committed together.
type followRunner struct{ compileNothing }

func (followRunner) Describe(t *Task) string { return modelRunner{}.Describe(t) }

func (followRunner) Line(t *Task, res *Result) (event.Event, bool) { return modelRunner{}.Line(t, res) }

func (f followRunner) Execute(ctx context.Context, t *Task) error {
	if t.conn == nil {
		return errNoEngine
	}
	shared := t.run.opts.Shared
	if shared != nil {
		return f.advance(ctx, t, shared)
	}
	t.conn.release(t.name())
	shared, c, err := OpenTransaction(ctx, t.run.Session, t.ID)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if t.conn, err = t.run.connectIn(ctx, shared, t.thread, t.ID, t.pkg(), t.Info()); err != nil {
		return err
	}
	if err := f.advance(ctx, t, shared); err != nil {
		return errors.Join(err, shared.Rollback(ctx))
	}
	return shared.Commit(ctx)
}

func (followRunner) advance(ctx context.Context, t *Task, shared *adapters.Shared) error {
	_, there, err := t.existing()
	if err != nil {
		return err
	}
	c, err := shared.Conn(ctx)
	if err != nil {
		return err
	}
	a, err := t.run.Follow.Advance(ctx, Work{Node: t.Node, Conn: c, There: there,
		Compile: func(n *manifest.Node, conditions map[string]string, full bool) (*compile.Output, []slicing.Input, error) {
			return t.CompileSliced(ctx, n, conditions, full)
		}})
	if err != nil {
		return err
	}
	if a.Out != nil {
		if err := t.build(ctx, c, a); err != nil {
			return err
		}
	} else {
		t.Result.Message = a.Message
	}
	if a.Behind != nil {
		return a.Behind(ctx, c)
	}
	return nil
}

// build materializes the advance's code.
func (t *Task) build(ctx context.Context, c adapters.Conn, a *Advance) error {
	t.Out = a.Out
	t.Emit(event.WritingInjectedSQL(t.Info()))
	if err := t.WriteCompiled(a.Out); err != nil {
		return err
	}
	for _, text := range a.Before {
		if _, _, err := c.Execute(ctx, text, false, -1); err != nil {
			return err
		}
	}
	scope, state := t.Scope(t.Node, t.Out, t.Host())
	if a.Full {
		scope.Set("should_full_refresh", always("should_full_refresh", true))
	}
	if a.Strategy != "" {
		if macro, ok := scope.Lookup(nil, "get_incremental_"+a.Strategy+"_sql"); ok {
			scope.Set("get_incremental_default_sql", macro)
		}
	}
	name := t.Node.Config.Materialized()
	v, err := t.call(ctx, t.Node, scope, name)
	if err != nil {
		return err
	}
	if err := t.built(v, state, t.Node, name); err != nil {
		return err
	}
	return t.latestVersionPointer(ctx)
}

// CompileSliced compiles a node with some inputs restricted, by unique_id, and says how they
// stand in its code.
func (t *Task) CompileSliced(ctx context.Context, n *manifest.Node, conditions map[string]string, full bool) (*compile.Output, []slicing.Input, error) {
	h := t.Host()
	h.Slices = compile.NewSlices(conditions)
	h.Runtime.Extra = value.NewDict(2)
	h.Runtime.Extra.SetString("is_incremental", always("is_incremental", !full))
	h.Runtime.Extra.SetString("should_full_refresh", always("should_full_refresh", full))
	out, err := t.run.compiler.Compile(ctx, n, h)
	if err != nil {
		return nil, nil, err
	}
	return out, h.Slices.Inputs(), nil
}

package run

import (
	"context"
	"errors"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql/slicing"
)

// Inspect lets do look at nodes as a run would work on them, in a transaction that is rolled
// back in the end.
func Inspect(ctx context.Context, s *Session, p Plan, do func(work func(n *manifest.Node) (Work, error)) error) error {
	r, err := newRun(s, p, Options{})
	if err != nil {
		return err
	}
	r.Env.Selected = p.Graph.IDs(p.Selected)
	r.started = r.now()
	if err := r.fillCache(ctx, nil); err != nil {
		return err
	}
	shared, c, err := OpenTransaction(ctx, s, "stream inspection")
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	err = do(func(n *manifest.Node) (Work, error) {
		t := &Task{ID: n.UniqueID, Kind: n.ResourceType, Node: n, Mode: p.Mode, run: r, thread: "inspection", status: "None"}
		t.Result = t.result()
		conn, err := shared.Conn(ctx)
		if err != nil {
			return Work{}, err
		}
		if t.conn, err = r.connectIn(ctx, shared, t.thread, t.ID, t.pkg(), t.Info()); err != nil {
			return Work{}, err
		}
		_, there, err := t.existing()
		return Work{Node: n, Conn: conn, There: there,
			Compile: func(n *manifest.Node, conditions map[string]string, full bool) (*compile.Output, []slicing.Input, error) {
				return t.CompileSliced(ctx, n, conditions, full)
			}}, err
	})
	return errors.Join(err, shared.Rollback(ctx))
}

package run

import (
	"context"

	"github.com/millrace/millrace/compiler/relation"
)

// AskColumns asks the database for the columns of relations, through one connection that
// opens with the first question. A relation that does not exist has none. done ends it.
func AskColumns(ctx context.Context, s *Session) (ask func(*relation.Relation) ([]*relation.Column, error), done func(), err error) {
	const name = "columns"
	r, err := newRun(s, Plan{Mode: ModeOperation}, Options{})
	if err != nil {
		return nil, nil, err
	}
	c, err := r.connect(ctx, mainThread, name, r.projectName(), nil)
	if err != nil {
		return nil, nil, err
	}
	return c.columns, func() { c.release(name) }, nil
}

package main

import (
	"github.com/millrace/millrace/dag/follow"
	"github.com/millrace/millrace/dag/run"
)

// follow lets the models that ask for it take their streams in slices.
func (inv *invocation) follow(s *run.Session) error {
	_, err := follow.Install(inv.ctx, s)
	return err
}

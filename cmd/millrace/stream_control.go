package main

import (
	"context"
	"errors"
	"strings"

	"github.com/millrace/millrace/dag/stream"
	"github.com/spf13/cobra"
)

// streamControls are the commands that steer streams which another process runs.
func (a *app) streamControls() []*cobra.Command {
	steer := func(do func(*stream.Streams, context.Context) (map[string]bool, error), done, already string) body {
		return func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				changed, err := do(s, inv.ctx)
				for _, src := range s.Sources {
					word := already
					if changed[src.ID] {
						word = done
					}
					if err == nil {
						inv.answer(src.Name + ": " + word)
					}
				}
				return exitOK, err
			})
		}
	}
	return []*cobra.Command{
		a.command("pause", spec{
			flags: "stream pause", short: "Stop streams until resume, in whatever process runs them",
			long: `Writes the pause into the ledger. A process that runs the stream commits what it has read and obeys within a second;
the pause outlives every process, and millrace build leaves a paused stream alone.`,
			example: "  millrace stream pause --select source:shop.orders",
			do:      steer((*stream.Streams).Pause, "paused", "was paused already"),
		}),
		a.command("resume", spec{
			flags: "stream resume", short: "Let paused streams go on",
			example: "  millrace stream resume --select source:shop.orders",
			do:      steer((*stream.Streams).Resume, "goes on", "was not paused"),
		}),
		a.streamWaitCommand(),
	}
}

func (a *app) streamWaitCommand() *cobra.Command {
	return a.command("wait", spec{
		flags: "stream wait", short: "Wait until everything up to now, or up to a point, is in the tables and models",
		long: `Returns when each stream has landed up to the end that its log has now, and every model that keeps a position in it has
taken that in. With --frontier it waits up to that point instead: topic/partition=offset, several separated by commas, or a moment.
It prints the point it waited for, which another call takes. It lands nothing itself.`,
		example: "  millrace stream wait --timeout 30s\n  millrace stream wait --select source:shop.orders --frontier shop.orders.v1/0=1200",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				done, err := s.Wait(inv.ctx, inv.flags.Frontier, inv.flags.WaitTimeout)
				for _, w := range done {
					line := w.Source.Name + ": " + w.Token.String()
					if len(w.Models) > 0 {
						line += "  also in " + strings.Join(w.Models, ", ")
					}
					inv.answer(line)
				}
				if errors.Is(err, stream.ErrTimeout) {
					inv.report(err)
					return exitFailed, exitError{exitFailed}
				}
				return exitOK, err
			})
		},
	})
}

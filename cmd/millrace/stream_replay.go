package main

import (
	"fmt"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/stream"
	"github.com/spf13/cobra"
)

func (a *app) streamReplayCommand() *cobra.Command {
	c := a.command("replay", spec{
		flags: "stream replay", short: "Take back what has landed since a point and land it again",
		long: `Deletes the rows from the point on and moves the ledger back, in one transaction, then catches up. Readers see the
table without those rows in between. What the topic no longer holds is never deleted.

With --shadow it lands into a table beside, while the stream itself goes on, and exchanges the rows in one transaction: readers
see all old rows or all new ones.`,
		example: "  millrace stream replay --select source:shop.orders --from 2026-01-31T00:00:00Z\n  millrace stream replay --from earliest\n  millrace stream replay --from shop.orders.v1/0=1200",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				if inv.flags.Shadow {
					done, err := s.ReplayAside(inv.ctx, inv.flags.From)
					for _, r := range done {
						inv.answer(fmt.Sprintf("%s: %s exchanged for %d", r.Source.Name, event.Count(r.Out, "row"), r.In))
					}
					return exitOK, err
				}
				rewound, err := s.Rewind(inv.ctx, inv.flags.From)
				for _, r := range rewound {
					inv.answer(fmt.Sprintf("%s: %s taken back", r.Source.Name, event.Count(r.Rows, "row")))
				}
				if err != nil {
					return exitProject, err
				}
				report, err := s.CatchUp(inv.ctx)
				if report != nil {
					inv.streamReport(report)
				}
				return exitOK, err
			})
		},
	})
	if err := c.MarkFlagRequired("from"); err != nil {
		panic(err) // the flag table gives it to the command
	}
	return c
}

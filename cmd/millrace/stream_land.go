package main

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/stream"
)

// streamLandCommand is `stream land`.
func (a *app) streamLandCommand() *cobra.Command {
	return a.command("land", spec{
		flags: "stream land", short: "Land streams until stopped, together with other processes, without building",
		long: `On PostgreSQL, every process that runs this for a stream has some of its partitions; when one comes, goes or dies, they are
dealt again. Models are built by one process with stream run --follow. On DuckDB one process writes, and this is that process.`,
		example: "  millrace stream land                 # in as many processes as it takes",
		do: func(inv *invocation) (int, error) {
			ctx, stop := signal.NotifyContext(inv.ctx, os.Interrupt, syscall.SIGTERM)
			defer stop()
			return inv.withManifest(func(m *manifest.Manifest, s *stream.Streams) (int, error) {
				observed, err := inv.observe(ctx, s, m)
				if err != nil {
					return exitProject, err
				}
				defer observed()
				report, err := s.Land(ctx)
				if report != nil {
					inv.streamReport(report)
				}
				return exitOK, err
			})
		},
	})
}

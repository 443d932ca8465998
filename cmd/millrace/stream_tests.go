package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/stream"
	"github.com/millrace/millrace/testing/wire"
)

// streamTestCommand is `stream test`.
func (a *app) streamTestCommand() *cobra.Command {
	return a.command("test", spec{
		flags: "stream test", short: "Run the tests of streams: bytes in, landed and quarantined records out",
		long: `config.meta.stream_tests of a source table lists records (value, json or hex) and what they become. They go through a
broker inside the process and land in a schema of their own, which is dropped in the end; no other broker is asked.`,
		example: "  millrace stream test\n  millrace stream test --select source:shop.orders",
		do:      (*invocation).streamTest,
	})
}

func (inv *invocation) streamTest() (int, error) {
	return inv.withStreams(func(s *stream.Streams) (int, error) {
		failed, ran := 0, 0
		for _, src := range s.Sources {
			tests, err := wire.Tests(s.Declared(src))
			if err != nil {
				return exitProject, err
			}
			for _, t := range tests {
				ran++
				differences, err := t.Run(inv.ctx, s, src)
				if err != nil {
					return exitProject, err
				}
				if len(differences) == 0 {
					inv.answer("PASS  " + src.Name + "  " + t.Name)
					continue
				}
				failed++
				inv.answer("FAIL  " + src.Name + "  " + t.Name)
				for _, d := range differences {
					inv.answer("      " + d)
				}
			}
		}
		inv.emit(event.Event{Name: "StreamTests", Code: "M121", Level: event.Info, Msg: fmt.Sprintf("%s, %d failed", event.Count(ran, "stream test"), failed), Data: map[string]any{"tests": ran, "failed": failed}})
		if failed > 0 {
			return exitFailed, nil
		}
		return exitOK, nil
	})
}

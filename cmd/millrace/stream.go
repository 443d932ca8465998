package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
	"github.com/spf13/cobra"
)

// streamCommand is `stream …`: everything about sources that are fed by Kafka.
func (a *app) streamCommand() *cobra.Command {
	root := &cobra.Command{Use: "stream", Short: "Land Kafka topics and keep the models below them live", GroupID: groupRun, Args: noArgs,
		Example: "  millrace stream run\n  millrace stream status\n  millrace stream quarantine --select source:shop.orders"}
	root.AddCommand(a.streamRunCommand())
	root.AddCommand(a.command("catch-up", spec{
		flags: "stream catch-up", short: "Land what the topics hold now, without building anything",
		example: "  millrace stream catch-up\n  millrace stream catch-up --select source:shop.orders",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				report, err := s.CatchUp(inv.ctx)
				if report != nil {
					inv.streamReport(report)
				}
				return exitOK, err
			})
		},
	}))
	root.AddCommand(a.command("status", spec{
		flags: "stream status", short: "What has landed, what is in quarantine, and who runs each stream",
		example: "  millrace stream status",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				t, err := s.Status(inv.ctx)
				if err != nil {
					return exitProject, err
				}
				inv.answer(t.PrintTable(-1, -1, 60))
				sinks, err := s.PublishedModels(inv.ctx)
				if err == nil && len(sinks.Rows) > 0 {
					inv.answer(sinks.PrintTable(-1, -1, 60))
				}
				return exitOK, err
			})
		},
	}))
	root.AddCommand(a.command("lag", spec{
		flags: "stream lag", short: "How far each partition is behind its topic",
		long:    "Counts offsets: a log may have holes, so there may be fewer records than offsets. Caught up is 0 also behind aborted transactions.",
		example: "  millrace stream lag",
		do:      (*invocation).streamLag,
	}))
	root.AddCommand(a.quarantineCommand(), a.streamReplayCommand())
	root.AddCommand(a.streamControls()...)
	root.AddCommand(a.streamLandCommand())
	root.AddCommand(a.command("verify", spec{
		flags: "stream verify", short: "Check that tables, ledger and the models that follow them agree",
		example: "  millrace stream verify",
		long:    "Every model that follows a stream is compared with its query over everything up to the model's position, both ways and with duplicates.",
		do:      (*invocation).verifyStreams,
	}))
	root.AddCommand(a.explainCommand(), a.streamTestCommand())
	root.AddCommand(a.command("doctor", spec{
		flags: "stream doctor", short: "Try everything the streams need: brokers, topics, registry, table, ledger",
		example: "  millrace stream doctor",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) { return inv.findings(s.Doctor(inv.ctx)), nil })
		},
	}))
	return root
}

// withStreams loads the project, connects, and opens the selected streams.
func (inv *invocation) withStreams(do func(*stream.Streams) (int, error)) (int, error) {
	return inv.withManifest(func(_ *manifest.Manifest, s *stream.Streams) (int, error) { return do(s) })
}

func (inv *invocation) withManifest(do func(*manifest.Manifest, *stream.Streams) (int, error)) (int, error) {
	return inv.withSession(func(p *compiler.Program, s *run.Session, selected []string, _ run.Plan) (int, error) {
		streams, err := stream.Open(s, append([]string{}, stream.Of(p.Manifest, selected)...))
		if err != nil {
			return exitProject, err
		}
		if streams == nil {
			inv.emit(event.Event{Name: "NoNodesSelected", Code: "M024", Level: event.Warn, Msg: "[WARNING]: No stream is selected; config.meta.stream of a source table declares one", Data: map[string]any{}})
			return exitOK, nil
		}
		defer streams.Close()
		code, err := do(p.Manifest, streams)
		if err != nil {
			return exitProject, err
		}
		return code, nil
	})
}

func (inv *invocation) withSession(do func(p *compiler.Program, s *run.Session, selected []string, plan run.Plan) (int, error)) (int, error) {
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	st, err := inv.readStates()
	if err != nil {
		return exitProject, err
	}
	// Freshness leaves out sources without thresholds; a stream needs none.
	choosing := *inv
	if inv.flags.Which == "freshness" {
		choosing.flags = new(*inv.flags)
		choosing.flags.Which = "list"
	}
	selected, err := choosing.selectNodes(p, g, st)
	if err == nil {
		err = st.complete(inv.flags)
	}
	if err != nil {
		return exitProject, err
	}
	s, closeEngine, err := inv.open(p, st)
	if err != nil {
		return exitProject, err
	}
	defer closeEngine()
	defer inv.share(s.Engine)()
	return do(p, s, g.IDs(selected), run.Plan{Mode: run.ModeBuild, Graph: g, Selected: selected})
}

// catchUp lands what the streams above the selected nodes hold, before they are built.
func (inv *invocation) catchUp(s *run.Session, selected []string) error {
	report, err := stream.CatchUp(inv.ctx, s, selected)
	if report != nil {
		inv.streamReport(report)
	}
	return err
}

func (inv *invocation) streamLag() (int, error) {
	return inv.withStreams(func(s *stream.Streams) (int, error) {
		ctx, cancel := context.WithTimeout(inv.ctx, time.Minute)
		defer cancel()
		lags, err := s.Lag(ctx)
		if err != nil {
			return exitProject, err
		}
		for _, l := range lags {
			next := "nothing landed yet"
			if l.Next >= 0 {
				next = fmt.Sprintf("at %d", l.Next)
			}
			line := fmt.Sprintf("%s  %s/%d  %s of %d  behind %d", l.Source.Name, l.Topic, l.Partition, next, l.End, l.Behind)
			if l.Gap != "" {
				line += "  GAP: " + strings.ReplaceAll(l.Gap, "_", " ")
			}
			inv.answer(line)
		}
		return exitOK, nil
	})
}

// streamReport says what a catch-up brought.
func (inv *invocation) streamReport(r *stream.Report) {
	for _, x := range r.Sources {
		if x.Source == nil {
			continue
		}
		text := fmt.Sprintf("stream %s: %s landed in %s", x.Source.Name, event.Count(x.Rows, "row"), event.Count(x.Batches, "batch"))
		if x.Quarantined > 0 {
			text += fmt.Sprintf(", %d in quarantine", x.Quarantined)
		}
		if x.Skipped > 0 {
			text += fmt.Sprintf(", %d skipped", x.Skipped)
		}
		inv.emit(event.Event{Name: "StreamCaughtUp", Code: "M106", Level: event.Info, Msg: fmt.Sprintf("%s in %.2fs", text, x.Took.Seconds()),
			Data: map[string]any{"stream": x.Source.Name, "rows": x.Rows, "batches": x.Batches, "quarantined": x.Quarantined, "skipped": x.Skipped, "seconds": x.Took.Seconds()}})
	}
}

// findings prints checks and gives the exit code.
func (inv *invocation) findings(list []stream.Finding) int {
	code := exitOK
	for _, f := range list {
		name := "streams"
		if f.Source != nil {
			name = f.Source.Name
		}
		word := "OK  "
		if !f.OK {
			word, code = "FAIL", exitFailed
		}
		line := fmt.Sprintf("%s  %s  %s", word, name, f.Check)
		if f.Message != "" {
			line += ": " + strings.ReplaceAll(f.Message, "\n", " ")
		}
		inv.answer(line)
	}
	return code
}

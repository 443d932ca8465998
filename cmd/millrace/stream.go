package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
)

// streamCommand is `stream …`: everything about sources that are fed by Kafka.
func (a *app) streamCommand() *cobra.Command {
	root := &cobra.Command{Use: "stream", Short: "Land Kafka topics and keep the models below them live", GroupID: groupRun, Args: noArgs,
		Example: "  millrace stream run\n  millrace stream status\n  millrace stream quarantine --select source:shop.orders"}
	root.AddCommand(a.streamRunCommand())
	root.AddCommand(a.command("catch-up", spec{
		which: "freshness", short: "Land what the topics hold now, without building anything",
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
		which: "freshness", short: "What has landed, what is in quarantine, and who runs each stream",
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
		which: "freshness", short: "How far each partition is behind its topic",
		long:    "Counts offsets: a log may have holes, so there may be fewer records than offsets. Caught up is 0 also behind aborted transactions.",
		example: "  millrace stream lag",
		do:      (*invocation).streamLag,
	}))
	root.AddCommand(a.quarantineCommand(), a.streamReplayCommand())
	root.AddCommand(a.streamControls()...)
	root.AddCommand(a.streamLandCommand())
	root.AddCommand(a.command("verify", spec{
		which: "freshness", short: "Check that tables, ledger and the models that follow them agree",
		example: "  millrace stream verify",
		long:    "Every model that follows a stream is compared with its query over everything up to the model's position, both ways and with duplicates.",
		do:      (*invocation).verifyStreams,
	}))
	root.AddCommand(a.explainCommand(), a.streamTestCommand())
	root.AddCommand(a.command("doctor", spec{
		which: "freshness", short: "Try everything the streams need: brokers, topics, registry, table, ledger",
		example: "  millrace stream doctor",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) { return inv.findings(s.Doctor(inv.ctx)), nil })
		},
	}))
	return root
}

func (a *app) quarantineCommand() *cobra.Command {
	limit := 20
	c := a.command("quarantine", spec{
		which: "freshness", short: "Show the records that could not land, the newest first",
		example: "  millrace stream quarantine --rows 50\n  millrace stream quarantine replay",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				t, err := s.Quarantine(inv.ctx, limit)
				if err == nil {
					inv.answer(t.PrintTable(-1, -1, 80))
				}
				return exitOK, err
			})
		},
	})
	c.Flags().IntVar(&limit, "rows", limit, "How many records to show; -1 for all.")
	c.AddCommand(a.quarantineInspectCommand())
	c.AddCommand(a.command("replay", spec{
		which: "freshness", short: "Decode quarantined records again and land those that are good now",
		long: `Uses the bytes that quarantine kept and today's declaration. Each record lands once, however often this runs.
It takes the streams over: a process that runs them stops.`,
		example: "  millrace stream quarantine replay",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				released, err := s.ReleaseQuarantine(inv.ctx)
				for _, r := range released {
					line := fmt.Sprintf("%s: %d landed, %d still bad", r.Source.Name, r.Landed, r.Kept)
					for code, n := range r.Reasons {
						line += fmt.Sprintf(", %s %d", code, n)
					}
					inv.answer(line)
				}
				return exitOK, err
			})
		},
	}))
	return c
}

func (a *app) streamReplayCommand() *cobra.Command {
	from := ""
	aside := false
	c := a.command("replay", spec{
		which: "freshness", short: "Take back what has landed since a point and land it again",
		long: `Deletes the rows from the point on and moves the ledger back, in one transaction, then catches up. Readers see the
table without those rows in between. What the topic no longer holds is never deleted.

With --shadow it lands into a table beside, while the stream itself goes on, and exchanges the rows in one transaction: readers
see all old rows or all new ones.`,
		example: "  millrace stream replay --select source:shop.orders --from 2026-01-31T00:00:00Z\n  millrace stream replay --from earliest\n  millrace stream replay --from shop.orders.v1/0=1200",
		do: func(inv *invocation) (int, error) {
			return inv.withStreams(func(s *stream.Streams) (int, error) {
				if aside {
					done, err := s.ReplayAside(inv.ctx, from)
					for _, r := range done {
						inv.answer(fmt.Sprintf("%s: %d rows exchanged for %d", r.Source.Name, r.Out, r.In))
					}
					return exitOK, err
				}
				rewound, err := s.Rewind(inv.ctx, from)
				for _, r := range rewound {
					inv.answer(fmt.Sprintf("%s: %d rows taken back", r.Source.Name, r.Rows))
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
	c.Flags().BoolVar(&aside, "shadow", false, "Land into a table beside and exchange the rows at the end; a running pump goes on.")
	c.Flags().StringVar(&from, "from", "", "Where to begin: earliest, a moment, or topic/partition=offset.")
	if err := c.MarkFlagRequired("from"); err != nil {
		panic(err) // the flag was declared in the line above
	}
	return c
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

// streamRunOptions are the flags that only `stream run` has.
type streamRunOptions struct {
	follow    bool
	listen    string // where metrics are served; "" for nowhere
	watch     []string
	untilIdle time.Duration
}

func (a *app) streamRunCommand() *cobra.Command {
	var o streamRunOptions
	c := a.command("run", spec{
		which: "build", short: "Land streams and build what hangs below them until stopped",
		long: `Catches up, builds what is selected, and then builds again what hangs below every stream that brought rows.
Ctrl-C commits what was read and ends. The SQL is the same that millrace build runs once.`,
		example: "  millrace stream run\n  millrace stream run --select source:shop.orders+\n  millrace stream run --watch exec_kpis --until-idle 10s",
		do:      func(inv *invocation) (int, error) { return inv.streamRun(o) },
	})
	c.Flags().StringSliceVar(&o.watch, "watch", nil, "Print these models while they change, at most once a second.")
	c.Flags().BoolVar(&o.follow, "follow", false, "Land nothing: build when other processes (stream land) have moved a stream.")
	c.Flags().StringVar(&o.listen, "metrics-listen", "", metricsListen)
	c.Flags().DurationVar(&o.untilIdle, "until-idle", 0, "End when no stream has brought anything for this long, such as 10s.")
	return c
}

// streamRun is `stream run`.
func (inv *invocation) streamRun(asked streamRunOptions) (int, error) {
	ctx, stop := signal.NotifyContext(inv.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return inv.withSession(func(p *compiler.Program, s *run.Session, _ []string, plan run.Plan) (int, error) {
		o := run.Options{Threads: p.Project.Profile.Threads, Limit: -1, Retries: transientRetries}
		if inv.flags.Threads > 0 {
			o.Threads = inv.flags.Threads
		}
		watched, err := inv.newWatch(s, asked.watch)
		if err != nil {
			return exitProject, err
		}
		if err := inv.follow(s); err != nil {
			return exitProject, err
		}
		code := exitOK
		var observed func()
		defer func() {
			if observed != nil {
				observed()
			}
		}()
		live := stream.Live{Follow: asked.follow, UntilIdle: asked.untilIdle, Opened: func(streams *stream.Streams) (err error) {
			observed, err = inv.observe(ctx, streams, p.Manifest, asked.listen)
			return err
		}}
		sinks, err := stream.OpenSinks(s, false)
		if err != nil {
			return exitProject, err
		}
		if sinks != nil {
			defer sinks.Close()
		}
		err = stream.Loop(ctx, s, plan, o, live, func(t *stream.Tick) {
			code = inv.ticked(t)
			inv.publishTick(ctx, sinks, t)
			if err := watched.ticked(t); err != nil {
				inv.emit(event.Event{Name: "StreamWatch", Code: "M108", Level: event.Warn, Msg: "[WARNING]: " + err.Error()})
			}
		})
		if err != nil && ctx.Err() == nil {
			return exitProject, err
		}
		return code, watched.print()
	})
}

// ticked says how a tick went, in one line.
func (inv *invocation) ticked(t *stream.Tick) int {
	built, failed := 0, 0
	if t.Results != nil {
		for _, r := range t.Results.Results {
			switch r.Status {
			case run.Error, run.Fail, run.RuntimeError:
				failed++
			case run.Success, run.Pass:
				built++
			}
		}
	}
	level, code := event.Info, exitOK
	if failed > 0 {
		level, code = event.Warn, exitFailed
	}
	names := make([]string, len(t.Sources))
	for i, id := range t.Sources {
		names[i] = strings.Join(strings.Split(id, ".")[2:], ".")
	}
	what := strings.Join(names, ", ")
	if what == "" {
		what = "isolated models"
	}
	if t.Number == 1 {
		what = "everything selected"
	}
	note := ""
	if !t.Published && t.Number > 1 {
		note = ", nothing published"
	}
	inv.emit(event.Event{Name: "StreamTick", Code: "M105", Level: level,
		Msg:  fmt.Sprintf("tick %d: %s: %d ok, %d failed in %s%s", t.Number, what, built, failed, t.Took.Round(time.Millisecond), note),
		Data: map[string]any{"tick": t.Number, "sources": t.Sources, "ok": built, "failed": failed, "published": t.Published, "seconds": t.Took.Seconds()}})
	return code
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
		text := fmt.Sprintf("stream %s: %d rows landed in %d batches", x.Source.Name, x.Rows, x.Batches)
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

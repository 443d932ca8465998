package main

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
	"github.com/spf13/cobra"
)

func (a *app) streamRunCommand() *cobra.Command {
	return a.command("run", spec{
		flags: "stream run", short: "Land streams and build what hangs below them until stopped",
		long: `Catches up, builds what is selected, and then builds again what hangs below every stream that brought rows.
Ctrl-C commits what was read and ends. The SQL is the same that millrace build runs once.`,
		example: "  millrace stream run\n  millrace stream run --select source:shop.orders+\n  millrace stream run --watch exec_kpis --until-idle 10s",
		do:      (*invocation).streamRun,
	})
}

// streamRun is `stream run`.
func (inv *invocation) streamRun() (int, error) {
	ctx, stop := signal.NotifyContext(inv.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	return inv.withSession(func(p *compiler.Program, s *run.Session, _ []string, plan run.Plan) (int, error) {
		watched, err := inv.newWatch(s, inv.flags.Watch)
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
		live := stream.Live{Follow: inv.flags.FollowOnly, UntilIdle: inv.flags.UntilIdle, Opened: func(streams *stream.Streams) (err error) {
			observed, err = inv.observe(ctx, streams, p.Manifest)
			return err
		}}
		sinks, err := stream.OpenSinks(s, false)
		if err != nil {
			return exitProject, err
		}
		if sinks != nil {
			defer sinks.Close()
		}
		err = stream.Loop(ctx, s, plan, inv.runOptions(p), live, func(t *stream.Tick) {
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

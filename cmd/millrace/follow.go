package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/follow"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
)

// follow lets the models that ask for it take their streams in slices.
func (inv *invocation) follow(s *run.Session) error {
	f, err := follow.Install(inv.ctx, s)
	if f != nil && inv.steps != nil {
		f.Steps = func(where follow.Step) error { return inv.steps(string(where)) }
	}
	return err
}

// buildTick is `build --tick`: one turn of what `stream run` does again and again.
func (inv *invocation) buildTick() (int, error) {
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	selected, st, err := inv.chosen(p, g)
	if err != nil {
		return exitProject, err
	}
	s, closeEngine, err := inv.open(p, st)
	if err != nil {
		return exitProject, err
	}
	defer closeEngine()
	if err := inv.follow(s); err != nil {
		return exitProject, err
	}
	sources, err := inv.landed(s, g.IDs(selected))
	if err != nil {
		return exitProject, err
	}
	t := &follow.Ticker{Session: s, Plan: run.Plan{Mode: run.ModeBuild, Graph: g, Selected: selected}, Steps: inv.steps,
		Options: run.Options{Limit: -1, SkipHooks: true}}
	return inv.tick(p, t, t.Affected(sources))
}

// landed catches the streams above the selected nodes up, and names those that brought
// something or hold what a model has not taken in yet.
func (inv *invocation) landed(s *run.Session, selected []string) ([]string, error) {
	report, err := stream.CatchUp(inv.ctx, s, selected)
	if report != nil {
		inv.streamReport(report)
	}
	if err != nil {
		return nil, err
	}
	var sources []string
	for _, x := range report.Sources {
		if x.Source != nil && x.Rows > 0 {
			sources = append(sources, x.Source.ID)
		}
	}
	if f, ok := s.Follow.(*follow.Follower); ok {
		behind, err := f.Behind(inv.ctx, selected)
		if err != nil {
			return nil, err
		}
		for _, id := range behind {
			if !slices.Contains(sources, id) {
				sources = append(sources, id)
			}
		}
	}
	return sources, nil
}

// tick runs one tick and writes its artifacts.
func (inv *invocation) tick(p *compiler.Program, t *follow.Ticker, nodes dag.Set) (int, error) {
	inv.emit(run.FoundStats(p.Manifest))
	if nodes.Empty() {
		inv.emit(event.NothingToDo())
		return exitOK, inv.writeRun(p, &run.Results{Mode: run.ModeBuild, Started: inv.now()})
	}
	o, err := t.Run(inv.ctx, t.Session, nodes)
	if o != nil && o.Results != nil {
		if werr := inv.writeRun(p, o.Results); werr != nil && err == nil {
			err = werr
		}
	}
	switch {
	case err != nil:
		return exitProject, err
	case o.Stop != nil:
		inv.report(o.Stop)
		return exitFailed, nil //nolint:nilerr // it was reported
	case !o.Published || o.Results != nil && !o.Results.Ok() || inv.ctx.Err() == context.Canceled:
		return exitFailed, nil
	}
	return exitOK, nil
}

// explainCommand is `stream explain`.
func (a *app) explainCommand() *cobra.Command {
	return a.command("explain", spec{
		flags: "stream explain", short: "How each model below a stream advances, and why",
		long: `append: the query runs over new rows, and what it gives is added. keyed: the keys that new rows touch are computed
anew. plain: the model is built as a whole. refused: the model asks for slices, but it cannot be proven that they give
what a full build gives; the reason and the place are shown.`,
		example: "  millrace stream explain\n  millrace stream explain --select fct_orders --sql",
		do: func(inv *invocation) (int, error) {
			return inv.withSession(func(_ *compiler.Program, s *run.Session, _ []string, plan run.Plan) (int, error) {
				if err := inv.follow(s); err != nil {
					return exitProject, err
				}
				f, _ := s.Follow.(*follow.Follower)
				list, err := follow.Explain(inv.ctx, s, f, plan)
				if err != nil {
					return exitProject, err
				}
				status := exitOK
				for _, x := range list {
					inv.answer(fmt.Sprintf("%-8s %s: %s", x.How, x.ID[strings.LastIndexByte(x.ID, '.')+1:], x.Why))
					if x.Refused != nil {
						status = exitFailed
						inv.detail(x.Refused)
					}
					if inv.flags.ShowSQL && x.SQL != "" {
						inv.answer("    " + strings.ReplaceAll(x.SQL, "\n", "\n    "))
					}
				}
				return status, nil
			})
		},
	})
}

// verifyStreams is `stream verify`: tables against the ledger, models against full builds.
func (inv *invocation) verifyStreams() (int, error) {
	status, err := inv.withStreams(func(s *stream.Streams) (int, error) {
		findings, err := s.Verify(inv.ctx)
		return inv.findings(findings), err
	})
	if err != nil {
		return status, err
	}
	models, err := inv.withSession(func(_ *compiler.Program, s *run.Session, _ []string, plan run.Plan) (int, error) {
		if err := inv.follow(s); err != nil || s.Follow == nil {
			return exitOK, err
		}
		list, err := s.Follow.(*follow.Follower).Verify(inv.ctx, plan)
		code := exitOK
		for _, c := range list {
			word, message := "OK  ", ""
			if !c.OK {
				word, code = "FAIL", exitFailed
			}
			if c.Message != "" {
				message = ": " + c.Message
			}
			inv.answer(word + "  " + c.ID + "  rows of a full build" + message)
		}
		return code, err
	})
	return max(status, models), err
}

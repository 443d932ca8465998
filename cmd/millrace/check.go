package main

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/check"
	"github.com/millrace/millrace/dag/run"
)

// staticCheck looks for mistakes in what was compiled that a build would fail with.
func (inv *invocation) staticCheck(s *run.Session, g *dag.Graph, results *run.Results) (diag.List, error) {
	in := check.Input{Session: s, Graph: g, Results: results.Results}
	for _, r := range results.Results {
		in.Nodes = append(in.Nodes, r.UniqueID)
	}
	report, err := inv.check(in)
	if err != nil {
		return nil, err
	}
	for _, u := range report.Unseen {
		inv.emit(event.Note(event.Debug, "Not judged: "+u.ID+": "+u.Reason.Error()))
	}
	inv.emit(event.Note(event.Debug, fmt.Sprintf("Static check: %d queries, %d of them not judged, %d mistakes", report.Queries, len(report.Unseen), len(report.Findings))))
	return report.Findings, nil
}

// check runs a check that may ask the database about sources, unless introspection is off.
func (inv *invocation) check(in check.Input) (*check.Report, error) {
	if inv.flags.Introspect && in.Session.Engine != nil {
		ask, done, err := run.AskColumns(inv.ctx, in.Session)
		if err != nil {
			return nil, err
		}
		defer done()
		in.Columns = ask
	}
	return check.Run(inv.ctx, in)
}

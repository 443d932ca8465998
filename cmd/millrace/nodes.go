package main

import (
	"context"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
)

// runNodes is what run, build, test, seed, snapshot, compile, clone and freshness share: parse,
// select, connect, execute, write artifacts. after sees the results before the command ends.
func (inv *invocation) runNodes(mode run.Mode, adjust func(*run.Options), after func(*compiler.Program, *run.Results) error) (int, error) {
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	return inv.runProgram(p, g, mode, adjust, after)
}

func (inv *invocation) runProgram(p *compiler.Program, g *dag.Graph, mode run.Mode, adjust func(*run.Options), after func(*compiler.Program, *run.Results) error) (int, error) {
	selected, st, err := inv.chosen(p, g)
	if err != nil {
		return exitProject, err
	}
	return inv.execute(p, g, selected, st, mode, adjust, after)
}

// chosen writes what parsing found and picks the nodes.
func (inv *invocation) chosen(p *compiler.Program, g *dag.Graph) (selected dag.Set, st states, err error) {
	if err = inv.writeParsed(p); err == nil {
		selected, st, err = inv.picked(p, g)
	}
	return selected, st, err
}

// picked is chosen for a command that sees itself to the manifest.
func (inv *invocation) picked(p *compiler.Program, g *dag.Graph) (selected dag.Set, st states, err error) {
	if err = inv.writeGraphSummary(p, g); err == nil {
		st, err = inv.readStates()
	}
	if err == nil {
		selected, err = inv.selectNodes(p, g, st)
	}
	return selected, st, err
}

// execute connects, runs what is selected and writes the artifacts.
func (inv *invocation) execute(p *compiler.Program, g *dag.Graph, selected dag.Set, st states, mode run.Mode, adjust func(*run.Options), after func(*compiler.Program, *run.Results) error) (int, error) {
	if err := st.complete(inv.flags); err != nil {
		return exitProject, err
	}
	inv.emit(run.FoundStats(p.Manifest))
	o := inv.runOptions(p)
	o.FailFast = inv.flags.FailFast
	if adjust != nil {
		adjust(&o)
	}
	if selected.Empty() {
		return inv.nothingToDo(p, mode, after)
	}
	s, closeEngine, err := inv.open(p, st)
	if err != nil {
		return exitProject, err
	}
	defer closeEngine()
	defer inv.share(s.Engine)()
	if err := inv.streamsBefore(s, mode, g.IDs(selected)); err != nil {
		return exitProject, err
	}
	known := inv.lastDurations()
	o.Durations = weights(known)
	results, err := run.Execute(inv.ctx, s, run.Plan{Mode: mode, Graph: g, Selected: selected}, o)
	if err == nil && (mode == run.ModeBuild || mode == run.ModeTest) && inv.ctx.Err() == nil {
		err = inv.publish(s, mode, results)
	}
	if results != nil && mode != run.ModeFreshness { // that one has an artifact of its own
		// Artifacts are written also when the run was interrupted: retry reads them.
		werr := inv.writeRun(p, results)
		if werr == nil && inv.flags.WriteJSON {
			werr = inv.keepDurations(known, results)
		}
		if werr != nil && err == nil {
			err = werr
		}
	}
	if err != nil {
		return exitProject, err
	}
	if after != nil {
		if err := after(p, results); err != nil {
			return exitProject, err
		}
	}
	if mode == run.ModeCompile && inv.flags.Which == "compile" && inv.flags.StaticCheck && !inv.flags.Defer && results.Ok() {
		found, err := inv.staticCheck(s, g, results)
		if err != nil {
			return exitProject, err
		}
		if len(found) > 0 {
			inv.report(found)
			return exitFailed, nil
		}
	}
	if !results.Ok() || inv.ctx.Err() == context.Canceled {
		return exitFailed, nil
	}
	return exitOK, nil
}

// runOptions are those that every run of nodes has.
func (inv *invocation) runOptions(p *compiler.Program) run.Options {
	o := run.Options{Threads: p.Project.Profile.Threads, Limit: -1, Retries: transientRetries}
	if inv.flags.Threads > 0 {
		o.Threads = inv.flags.Threads
	}
	return o
}

// nothingToDo ends a command whose selection is empty; its artifacts are written all the same.
func (inv *invocation) nothingToDo(p *compiler.Program, mode run.Mode, after func(*compiler.Program, *run.Results) error) (int, error) {
	inv.emit(event.NothingToDo())
	if inv.flags.ErrorOnEmpty {
		return exitProject, exitError{exitProject}
	}
	none := &run.Results{Mode: mode, Started: inv.now()}
	if mode == run.ModeFreshness && after != nil {
		return exitOK, after(p, none)
	}
	return exitOK, inv.writeRun(p, none)
}

// streamsBefore does what the streams of a project ask for before nodes run: a build lands what
// has come, models follow it by slices, and freshness asks the ledger.
func (inv *invocation) streamsBefore(s *run.Session, mode run.Mode, selected []string) error {
	if mode == run.ModeFreshness {
		s.StreamAge = stream.Freshness(s)
	}
	if mode == run.ModeBuild {
		if err := inv.catchUp(s, selected); err != nil {
			return err
		}
	}
	if mode == run.ModeBuild || mode == run.ModeRun {
		return inv.follow(s)
	}
	return nil
}

// transientRetries is how often a node starts again after a conflict or a lost connection: over more than six
// seconds, as long as a database server takes to start again.
const transientRetries = 6

package main

import (
	"strings"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/parse"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/run"
)

// show runs the query of a node, or of --inline, and prints its first rows.
func (inv *invocation) show() (int, error) {
	f := inv.flags
	if f.InlineDirect != "" {
		return inv.showDirect()
	}
	if f.Inline == "" && len(f.Select)+len(f.Models) == 0 && f.Selector == "" {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "Either --select or --inline must be passed to show"}
	}
	if !f.Given("indirect-selection") {
		f.IndirectSelection = "empty" // tests are shown when they are asked for
	}
	return inv.preview(run.ModeShow, func(_ *compiler.Program, r *run.Results) error {
		for _, x := range r.Results {
			if x.Status == run.Error || x.Node == nil || x.Table == nil {
				continue
			}
			if err := inv.printTable(shownName(x.Node), x.UniqueID, x.Table); err != nil {
				return err
			}
		}
		return nil
	})
}

// shownName tells versions apart, which share their name.
func shownName(n *manifest.Node) string {
	if value.Truth(n.Version) {
		return n.Name + ".v" + value.Str(n.Version)
	}
	return n.Name
}

// compile writes compiled SQL; with --inline or a single selected node it is printed too.
func (inv *invocation) compile() (int, error) {
	return inv.preview(run.ModeCompile, func(_ *compiler.Program, r *run.Results) error {
		f := inv.flags
		chosen := len(f.Select)+len(f.Models) > 0 || f.Selector != ""
		compiled := []*run.Result{}
		for _, x := range r.Results {
			if x.Status != run.Error && x.Compiled != nil && (f.Inline == "" || x.Node.Name == parse.InlineName) {
				compiled = append(compiled, x)
			}
		}
		if f.Inline == "" && !chosen {
			return nil
		}
		for _, x := range compiled {
			if f.Inline != "" || len(compiled) == 1 || chosen && x.Node.ResourceType != manifest.Test {
				inv.emit(event.CompiledNode(x.Node.Name, x.UniqueID, x.Compiled.Code, f.Output, f.Inline != "", f.Quiet))
			}
		}
		return nil
	})
}

// preview runs a selection, or the inline node alone, in a mode that builds nothing.
func (inv *invocation) preview(mode run.Mode, after func(*compiler.Program, *run.Results) error) (int, error) {
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	limit := func(o *run.Options) { o.Limit, o.KeepTables = inv.flags.Limit, true }
	if mode != run.ModeShow {
		limit = nil
	}
	if inv.flags.Inline == "" {
		return inv.runProgram(p, g, mode, limit, after)
	}
	id := "sql_operation." + p.Project.Name + "." + parse.InlineName
	i, ok := g.Index(id)
	if !ok {
		return exitProject, &diag.Diagnostic{Kind: diag.Internal, Summary: "the inline query is not in the graph"}
	}
	only := g.NewSet()
	only.Add(i)
	return inv.runSelected(p, g, only, mode, limit, after)
}

func (inv *invocation) showDirect() (int, error) {
	p, err := inv.load()
	if err != nil {
		return exitProject, err
	}
	s, closeEngine, err := inv.open(p, states{})
	if err != nil {
		return exitProject, err
	}
	defer closeEngine()
	table, err := run.ShowDirect(inv.ctx, s, inv.flags.InlineDirect, inv.flags.Limit)
	if err != nil {
		return exitFailed, err
	}
	return exitOK, inv.printTable(parse.InlineName, "", table)
}

func (inv *invocation) printTable(name, id string, t *agate.Table) error {
	f := inv.flags
	text := t.PrintTable(-1, -1, -1)
	if f.Output == "json" {
		var err error
		if text, err = t.JSON(); err != nil {
			return err
		}
		text = strings.TrimSuffix(text, "\n")
	}
	inv.emit(event.Preview(name, id, text, f.Output, f.Inline != "" || f.InlineDirect != "", f.Quiet))
	return nil
}

// showSeeds prints a sample of what was loaded (seed --show).
func (inv *invocation) showSeeds(r *run.Results) {
	for _, x := range r.Results {
		if x.Status != run.Success || x.Table == nil || x.Node == nil {
			continue
		}
		header := "Random sample of table: " + x.Node.Schema + "." + x.Node.Alias
		inv.emit(event.Formatting(""))
		inv.emit(event.SeedHeader(header))
		inv.emit(event.SeedHeader(dashes(len(header))))
		inv.answer(x.Table.PrintTable(10, -1, -1))
	}
}

func dashes(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '-'
	}
	return string(b)
}

// runSelected executes a selection that is already known.
func (inv *invocation) runSelected(p *compiler.Program, g *dag.Graph, selected dag.Set, mode run.Mode, adjust func(*run.Options), after func(*compiler.Program, *run.Results) error) (int, error) {
	st, err := inv.readStates()
	if err != nil {
		return exitProject, err
	}
	return inv.execute(p, g, selected, st, mode, adjust, after)
}

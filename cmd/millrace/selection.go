package main

import (
	"strings"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/selector"
)

// resources are the types a command works on, in dbt's words.
var resources = map[string][]manifest.ResourceType{
	"run":      {manifest.Model},
	"test":     {manifest.Test, manifest.UnitTest},
	"seed":     {manifest.Seed},
	"snapshot": {manifest.Snapshot},
	"build": {manifest.Model, manifest.Seed, manifest.Snapshot, manifest.Test, manifest.UnitTest, manifest.FunctionType,
		manifest.ExposureType, manifest.SavedQuery},
	"compile":   {manifest.Model, manifest.Seed, manifest.Snapshot, manifest.Test, manifest.Analysis, manifest.FunctionType, manifest.Operation},
	"show":      {manifest.Model, manifest.Seed, manifest.Snapshot, manifest.Test, manifest.Analysis},
	"clone":     {manifest.Model, manifest.Seed, manifest.Snapshot},
	"freshness": {manifest.SourceType},
	"generate":  {manifest.Model, manifest.Seed, manifest.Snapshot, manifest.Test, manifest.Analysis, manifest.FunctionType, manifest.Operation},
	"list": {manifest.Analysis, manifest.ExposureType, manifest.FunctionType, manifest.MetricType, manifest.Model, manifest.SavedQuery, manifest.Seed,
		manifest.SemanticModel, manifest.Snapshot, manifest.SourceType, manifest.Test, manifest.UnitTest},
}

// types narrows a command's resource types by --resource-type and --exclude-resource-type.
func types(f *flags.Flags) ([]manifest.ResourceType, *diag.Diagnostic) {
	all := resources[f.Which]
	usual := all
	if f.Which == "list" { // analyses are listed on demand only
		usual = all[1:]
	}
	if len(f.ResourceTypes) == 0 && len(f.ExcludeResourceTypes) == 0 {
		return usual, nil
	}
	known := map[string]bool{"default": true, "all": true} // to every command, as with dbt
	names := []string{}
	for _, t := range resources["list"] {
		known[string(t)] = true
		names = append(names, string(t))
	}
	want := map[string]bool{}
	for _, t := range f.ResourceTypes {
		if !known[t] {
			return nil, unknownType(t, names)
		}
		want[t] = true
	}
	if len(want) == 0 || want["default"] {
		for _, t := range usual {
			want[string(t)] = true
		}
	}
	if want["all"] {
		for _, t := range all {
			want[string(t)] = true
		}
	}
	for _, t := range f.ExcludeResourceTypes {
		if !known[t] {
			return nil, unknownType(t, names)
		}
		delete(want, t)
	}
	out := []manifest.ResourceType{}
	for _, t := range all {
		if want[string(t)] {
			out = append(out, t)
		}
	}
	return out, nil
}

func unknownType(t string, names []string) *diag.Diagnostic {
	d := &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "'" + t + "' is not a resource type; these are: " + strings.Join(names, ", ")}
	d.Hint = diag.DidYouMean(t, names)
	return d
}

// selectNodes answers the selection flags over a graph.
func (inv *invocation) selectNodes(p *compiler.Program, g *dag.Graph, states states) (dag.Set, error) {
	allowed, d := types(inv.flags)
	if d != nil {
		return nil, d
	}
	return inv.selectTypes(p, g, states, allowed)
}

// selectTypes answers the selection flags with resources of the types given.
func (inv *invocation) selectTypes(p *compiler.Program, g *dag.Graph, states states, allowed []manifest.ResourceType) (dag.Set, error) {
	f := inv.flags
	mode, ok := selector.ParseIndirect(f.IndirectSelection)
	if !ok {
		return nil, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "--indirect-selection is one of eager, cautious, buildable, empty; not '" + f.IndirectSelection + "'"}
	}
	selectors, d := selector.ParseSelectors(p.Project.SelectorValue, mode)
	if d != nil {
		return nil, d
	}
	spec, d := inv.spec(selectors, mode)
	if d != nil {
		return nil, d
	}
	sources, err := inv.freshnessResults()
	if err != nil {
		return nil, err
	}
	s := selector.New(g, p.Manifest, selector.Options{Types: allowed, IncludeEmpty: f.Which == "list", State: states.state, Selectors: selectors, Sources: sources,
		CompareUnrendered: f.Behavior["state_modified_compare_more_unrendered_values"], Expired: inv.expired, SeedLimit: f.MaximumSeedSizeMiB, Internal: p.Project.InternalNames()})
	set, warnings, d := s.Select(spec)
	if d != nil {
		return nil, d
	}
	if f.Which == "freshness" {
		for id, src := range p.Manifest.Sources {
			if i, ok := g.Index(id); ok && !src.HasFreshness() {
				set.Remove(i)
			}
		}
	}
	told := map[string]bool{}
	for _, w := range warnings {
		if told[w.Message()] {
			continue
		}
		told[w.Message()] = true
		treatment := f.Treat(w.Event)
		if f.ErrorOnEmpty || treatment == flags.AsError {
			w.Severity = diag.Error
			return nil, w
		}
		if treatment == flags.Silenced {
			continue
		}
		inv.emit(event.SelectionWarning(w.Event, w.Message(), w.Hint))
	}
	return set, nil
}

// spec is what to select: --selector, --select and --exclude, or the default selector.
func (inv *invocation) spec(selectors *selector.Selectors, mode selector.Indirect) (*selector.Spec, *diag.Diagnostic) {
	f := inv.flags
	chosen := append(append([]string(nil), f.Select...), f.Models...)
	if f.Selector != "" {
		if len(chosen)+len(f.Exclude) > 0 {
			ignored := "The --select and --exclude arguments are being ignored for node selection because --selector is provided"
			inv.emit(event.Event{Name: "SelectExcludeIgnoredWithSelectorWarning", Code: "Z064", Level: event.Warn, Msg: ignored, Data: map[string]any{"msg": ignored}})
		}
		return selectors.Get(f.Selector)
	}
	if len(chosen)+len(f.Exclude) == 0 {
		if selectors.Default != "" {
			inv.emit(event.DefaultSelector(selectors.Default))
			return selectors.Get(selectors.Default)
		}
	}
	return selector.Parse(chosen, f.Exclude, mode)
}

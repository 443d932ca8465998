package parse

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// checkUnusedConfig warns about config paths in dbt_project.yml that apply to nothing.
func (p *parser) checkUnusedConfig() {
	fqns := map[string][][]string{}
	add := func(tree string, fqn []string) {
		if !p.project.Configs[tree].Empty() {
			fqns[tree] = append(fqns[tree], fqn)
		}
	}
	trees := map[manifest.ResourceType]string{
		manifest.Model: "models", manifest.Seed: "seeds", manifest.Snapshot: "snapshots", manifest.Test: "data_tests",
		manifest.FunctionType: "functions",
	}
	for _, n := range p.m.NodeList() {
		if tree := trees[n.ResourceType]; tree != "" {
			add(tree, n.FQN)
		}
	}
	for _, id := range p.m.Order.Sources {
		add("sources", p.m.Sources[id].FQN)
	}
	for _, id := range p.m.Order.Exposures {
		add("exposures", p.m.Exposures[id].FQN)
	}
	for _, id := range p.m.Order.UnitTests {
		add("unit_tests", p.m.UnitTests[id].FQN)
	}
	for tree, by := range map[string]map[string]*manifest.Generic{
		"metrics": p.m.Metrics, "semantic_models": p.m.SemanticModels, "saved_queries": p.m.SavedQueries,
	} {
		for _, g := range by {
			add(tree, g.FQN)
		}
	}
	// What is disabled counts for every kind.
	var disabled [][]string
	for _, list := range p.m.Disabled {
		for _, r := range list {
			switch r := r.(type) {
			case *manifest.Node:
				disabled = append(disabled, r.FQN)
			case *manifest.Source:
				disabled = append(disabled, r.FQN)
			case *manifest.Exposure:
				disabled = append(disabled, r.FQN)
			case *manifest.UnitTestDef:
				disabled = append(disabled, r.FQN)
			case *manifest.Generic:
				disabled = append(disabled, r.FQN)
			}
		}
	}
	var paths []string
	var span diag.Span
	for _, tree := range []string{"models", "seeds", "snapshots", "sources", "data_tests", "exposures", "unit_tests", "metrics", "semantic_models", "saved_queries", "functions"} {
		config := p.project.Configs[tree]
		if config.Empty() {
			continue
		}
		for _, u := range config.Unused(append(fqns[tree], disabled...)) {
			if paths == nil {
				span = u.Span
			}
			paths = append(paths, "- "+u.Path)
		}
	}
	if paths == nil {
		return
	}
	p.warn("UnusedResourceConfigPath", diag.CodeUnknownConfig, span, fmt.Sprintf(
		"Configuration paths exist in your dbt_project.yml file which do not apply to any resources.\nThere are %d unused configuration paths:\n%s",
		len(paths), strings.Join(paths, "\n")))
}

package parse

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/parse/entryschema"
)

// entryRecords are the schemas of the lists in properties files.
var entryRecords = map[string]string{
	"models": "model", "seeds": "node", "snapshots": "node", "analyses": "analysis", "macros": "macro", "functions": "function",
	"data_tests": "data_test", "sources": "source", "exposures": "exposure", "groups": "group", "unit_tests": "unit_test",
	"semantic_models": "semantic_model", "saved_queries": "saved_query",
}

// checkEntry refuses what dbt's schema of an entry refuses, before anything is made of it.
func (p *parser) checkEntry(e *entry) bool {
	record := entryRecords[e.key]
	switch e.key {
	case "sources":
		p.translateAliases(e.d)
		if get(e.d, "tables").IsNull() { // as good as none
			e.d.SetString("tables", value.NewList())
		}
		for _, t := range dictsAt(e.d, "tables") {
			p.translateAliases(t)
		}
		if hasKey(e.d, "overrides") {
			record = "source_patch"
		}
	case "metrics":
		record = "metric"
		if hasKey(e.d, "type_params") {
			record = "typed_metric"
		}
	}
	if problems := entryschema.Check(record, e.d); problems != nil {
		for _, problem := range problems {
			node := e.node.At(problem.Path...)
			if node == nil {
				node = e.node
			}
			p.report(e.invalid(node.Span(), problem.String()))
		}
		return false
	}
	switch e.key {
	case "models":
		return p.checkTestKeys(e) && p.checkDates(e)
	case "seeds", "snapshots":
		return p.checkTestKeys(e)
	case "sources":
		return p.checkLoadedAt(e) && p.checkConfigFreshness(e)
	}
	return true
}

// checkTestKeys refuses tests under both of their names.
func (p *parser) checkTestKeys(e *entry) bool {
	parts := append([]*value.Dict{e.d}, dictsAt(e.d, "columns")...)
	for _, v := range dictsAt(e.d, "versions") {
		parts = append(append(parts, v), dictsAt(v, "columns")...)
	}
	for _, part := range parts {
		if value.Truth(get(part, "tests")) && hasKey(part, "data_tests") {
			p.report(e.invalid(e.span(), "at path []: Invalid test config: cannot have both 'tests' and 'data_tests' defined"))
			return false
		}
	}
	return true
}

// checkLoadedAt refuses an empty loaded_at_field, which is no way to hide that of the source.
func (p *parser) checkLoadedAt(e *entry) bool {
	for _, part := range append([]*value.Dict{e.d}, dictsAt(e.d, "tables")...) {
		if text, ok := get(part, "loaded_at_field").AsString(); ok && text == "" {
			p.report(e.invalid(e.span(), "at path []: loaded_at_field cannot be an empty string."))
			return false
		}
	}
	return true
}

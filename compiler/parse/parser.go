package parse

import (
	stdcontext "context"
	"sort"
	"sync"

	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// parser holds what all files of one parse share. Phases run one after the other; within
// a phase files are worked on side by side.
type parser struct {
	project  *project.Project
	flags    *flags.Flags
	env      *context.Env
	macros   *macros.Set
	dialect  *relation.Dialect
	database string // of the target
	schema   string
	aliases  map[string]string // credential aliases in configs
	workers  int
	static   bool // take calls from the syntax tree where rendering cannot do more
	m        *manifest.Manifest
	now      float64 // created_at
	inline   string  // Options.Inline

	ctx          stdcontext.Context
	templates    templates
	generatorsMu sync.RWMutex
	generators   map[generatorKey]*generator
	fixtures     map[string]*project.File
	configs      sync.Map // configKey → *sharedConfig
	misspelled   sync.Map // kind and config key → what it is near to

	drafts    []*draft            // everything with a body, in order
	byName    map[string][]*draft // refable, by name, while patches are applied
	analyses  map[string][]*draft
	singular  map[string][]*draft
	functions map[string][]*draft
	tests     []*draft // generic tests
	sources   []*sourceTable
	overrides map[string]*sourceOverride

	mu    sync.Mutex
	diags diag.List
	notes notes
	stats *Stats
}

// report adds diagnostics; safe for several goroutines.
func (p *parser) report(list ...*diag.Diagnostic) {
	for i, d := range list {
		traced := p.env.Traced(*d)
		list[i] = &traced
	}
	p.mu.Lock()
	p.diags = append(p.diags, list...)
	p.mu.Unlock()
}

func (p *parser) warn(event string, code diag.Code, span diag.Span, summary string) {
	p.report(warning(code, span, summary).Named(event))
}

func warning(code diag.Code, span diag.Span, summary string) *diag.Diagnostic {
	d := diag.New(code, diag.Parsing, span, summary)
	d.Severity = diag.Warning
	return d
}

// behavior is one of dbt's behaviour flags.
func (p *parser) behavior(name string) bool { return behavior(p.flags, name) }

// behavior answers flags that the project does not set with dbt 1.12's defaults.
func behavior(f *flags.Flags, name string) bool {
	if v, ok := f.Behavior[name]; ok {
		return v
	}
	return behaviorOn[name]
}

var behaviorOn = map[string]bool{
	"require_batched_execution_for_custom_microbatch_strategy":        true,
	"require_explicit_package_overrides_for_builtin_materializations": true,
	"require_resource_names_without_spaces":                           true,
	"state_modified_compare_more_unrendered_values":                   true,
	"require_yaml_configuration_for_mf_time_spines":                   true,
	"require_nested_cumulative_type_params":                           true,
	"validate_macro_args":                                             true,
	"require_generic_test_arguments_property":                         true,
}

// parallel runs work for 0 … n-1 on all workers and waits.
func (p *parser) parallel(n int, work func(i int)) {
	project.Parallel(n, p.workers, work)
}

// bySeverity puts errors first. dbt ends at the first one, so those of reading files stand before those
// of resolving names.
func bySeverity(list diag.List) diag.List {
	sort.SliceStable(list, func(i, j int) bool { return list[i].Severity < list[j].Severity })
	return list
}

// sorted orders diagnostics by file and place, so that output does not depend on who was
// faster.
func sorted(list diag.List) diag.List {
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if pa, pb := spanPath(a.Span), spanPath(b.Span); pa != pb {
			return pa < pb
		}
		if a.Span.Start != b.Span.Start {
			return a.Span.Start < b.Span.Start
		}
		return a.Summary < b.Summary
	})
	return list
}

func spanPath(s diag.Span) string {
	if s.Source == nil {
		return ""
	}
	return s.Source.Path
}

package context

import (
	"slices"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// Recorder collects what a template says about its node while it is parsed. It belongs
// to one goroutine.
type Recorder struct {
	Refs      []manifest.Ref
	Sources   []manifest.SourceRef
	Functions [][]string
	Metrics   [][]string
	Config    *value.Dict       // config() calls merged by dbt's rules, nil without one
	Macros    []string          // unique_ids of macros called directly, without duplicates
	Vars      map[string]bool   // var() names that were asked for
	EnvVars   map[string]string // env_var() names with their values; DefaultEnv for a default

	span diag.Span // position given to refs and sources: the caller narrows it
}

// DefaultEnv stands in Recorder.EnvVars for a variable that was absent, so that its
// default was used.
const DefaultEnv = "DBT_DEFAULT_PLACEHOLDER"

// At says where the text that is about to be rendered stands; refs and sources recorded
// from it get this position.
func (r *Recorder) At(span diag.Span) { r.span = span }

func (r *Recorder) macro(id string) {
	if r != nil && !slices.Contains(r.Macros, id) {
		r.Macros = append(r.Macros, id)
	}
}

func (r *Recorder) usedVar(name string) {
	if r == nil {
		return
	}
	if r.Vars == nil {
		r.Vars = make(map[string]bool)
	}
	r.Vars[name] = true
}

func (r *Recorder) usedEnv(name, val string) {
	if r == nil {
		return
	}
	if r.EnvVars == nil {
		r.EnvVars = make(map[string]string)
	}
	r.EnvVars[name] = val
}

// AddRef records a ref() call that was found without rendering.
func (r *Recorder) AddRef(ref manifest.Ref) { r.Refs = append(r.Refs, ref) }

// AddSource records a source() call.
func (r *Recorder) AddSource(s manifest.SourceRef) { r.Sources = append(r.Sources, s) }

// EnterMacro and ExitMacro follow the macro calls of a render: a macro that the template
// itself calls is a dependency, macros further in are dependencies of that macro.
func (s *Scope) EnterMacro(m *jinja.Macro) {
	if s.depth == 0 && m.UniqueID != "" {
		switch {
		case s.rec != nil:
			s.rec.macro(m.UniqueID)
		case s.state != nil && !slices.Contains(s.state.macros, m.UniqueID):
			s.state.macros = append(s.state.macros, m.UniqueID)
		}
	}
	s.depth++
}

// Flat makes the calls of the next macro count as the node's own, for the materialization of tests: dbt calls it so.
func (s *Scope) Flat() { s.depth = -1 }

// ExitMacro ends a macro call.
func (s *Scope) ExitMacro(*jinja.Macro) { s.depth-- }

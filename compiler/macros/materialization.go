package macros

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

// Materialization is the answer to FindMaterialization.
type Materialization struct {
	*Entry
	// Overridden is set when an installed package's materialization of a built-in name was
	// passed over (Explicit) or used (legacy): the package's name, for dbt's deprecation note.
	Overridden string
}

// FindMaterialization finds the macro that materializes: one for the engine before one
// for its parents before the default; among equals the root project's, then installed
// packages', then the built-in one. With explicit, an installed package cannot replace a
// built-in materialization unless the root project calls it in.
func (s *Set) FindMaterialization(name, adapterType string, parents []string, explicit bool) (Materialization, bool) {
	var best, bestAllowed *Entry
	hasCore := false
	for _, a := range chain(adapterType, parents) {
		full := MaterializationName(name, a)
		var here *Entry
		for _, e := range s.byName[full] {
			l := s.locality(e)
			if l == core {
				hasCore = true
				e = s.internals[full]
			}
			if here == nil || l > s.locality(here) {
				here = e
			}
			if l != imported && (bestAllowed == nil || bestAllowed.Name() == full && l > s.locality(bestAllowed)) {
				bestAllowed = e
			}
		}
		if best == nil {
			best = here
		}
	}
	if best == nil {
		return Materialization{}, false
	}
	if s.locality(best) != imported || !hasCore {
		return Materialization{Entry: best}, true
	}
	if explicit && bestAllowed != nil {
		return Materialization{Entry: bestAllowed, Overridden: best.Package}, true
	}
	return Materialization{Entry: best, Overridden: best.Package}, true
}

func chain(adapterType string, parents []string) []string {
	return append(append([]string{adapterType}, parents...), "default")
}

// MaterializationName is the macro name of a materialization for one engine or "default".
func MaterializationName(name, adapterType string) string {
	return "materialization_" + name + "_" + adapterType
}

// Materializations lists the names that can be materialized with, for suggestions.
func (s *Set) Materializations(adapterType string, parents []string) []string {
	var out []string
	for full := range s.byName {
		rest, ok := strings.CutPrefix(full, "materialization_")
		if !ok {
			continue
		}
		for _, a := range chain(adapterType, parents) {
			if name, ok := strings.CutSuffix(rest, "_"+a); ok && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// MissingMaterialization is dbt's error for a materialization nobody defines.
func MissingMaterialization(name, adapterType string, span diag.Span) *diag.Diagnostic {
	types := "'default'"
	if adapterType != "default" {
		types = "'default' and '" + adapterType + "'"
	}
	return diag.New(diag.CodeMaterialization, diag.Compilation, span,
		"No materialization '"+name+"' was found for adapter "+adapterType+"! (searched types "+types+")")
}

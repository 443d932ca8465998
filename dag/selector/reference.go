package selector

import (
	"sort"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/dag"
)

// reference is the method selector: everything that the matching YAML selectors select.
func (s *Selector) reference(pattern string) (dag.Set, *diag.Diagnostic) {
	all := s.opts.Selectors
	if len(all.Names()) == 0 {
		return nil, failure("Cannot use selector: method if selectors.yml is not provided")
	}
	names := append([]string(nil), all.Names()...)
	sort.Strings(names)
	found := s.graph.NewSet()
	matched := false
	for _, name := range names {
		if !fnmatch(name, pattern) {
			continue
		}
		matched = true
		for _, open := range s.resolving {
			if open == name {
				return nil, failure("Circular dependency detected in selector: " + all.specs[name].Raw)
			}
		}
		s.resolving = append(s.resolving, name)
		set, d := s.selected(all.specs[name])
		s.resolving = s.resolving[:len(s.resolving)-1]
		if d != nil {
			return nil, d
		}
		found.Union(set)
	}
	if !matched {
		d := failure("Selector '" + pattern + "' did not match any selector in selectors.yml")
		d.Hint = diag.DidYouMean(pattern, names)
		return nil, d
	}
	return found, nil
}

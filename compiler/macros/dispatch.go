package macros

import "github.com/millrace/millrace/compiler/jinja"

// Dispatch finds the implementation of a macro for an engine: in each package the one
// named after the engine, after its parents, then default__. A package "" means
// whatever a template of package from would find without a prefix.
func (s *Set) Dispatch(name string, packages []string, from string, adapters []string) (*Entry, bool) {
	scope := s.Scope(from)
	for _, pkg := range packages {
		for i := 0; i <= len(adapters); i++ {
			full := implementation(name, adapters, i)
			if pkg == "" {
				if e, ok := scope.macro(s, full); ok {
					return e, true
				}
			} else if members, ok := s.reachable(pkg); ok {
				if e, ok := members[full]; ok {
					return e, true
				}
			}
		}
	}
	return nil, false
}

// DispatchAnywhere finds an implementation in any package: the root project's before installed
// packages' before the built-in one.
func (s *Set) DispatchAnywhere(name string, adapters []string) (*Entry, bool) {
	for i := 0; i <= len(adapters); i++ {
		var best *Entry
		for _, e := range s.byName[implementation(name, adapters, i)] {
			if best == nil || s.locality(e) > s.locality(best) {
				best = e
			}
		}
		if best != nil {
			return best, true
		}
	}
	return nil, false
}

// Candidates are the names that Dispatch looks for, as dbt's message lists them.
func Candidates(name string, packages, adapters []string) []string {
	var out []string
	for _, pkg := range packages {
		for i := 0; i <= len(adapters); i++ {
			full := implementation(name, adapters, i)
			if pkg != "" {
				full = pkg + "." + full
			}
			out = append(out, full)
		}
	}
	return out
}

// implementation is the name of candidate i: for an engine, or after them the default.
func implementation(name string, adapters []string, i int) string {
	if i < len(adapters) {
		return adapters[i] + "__" + name
	}
	return "default__" + name
}

// reachable are the packages that templates can name: installed ones and "dbt", but not
// the engine's own.
func (s *Set) reachable(pkg string) (map[string]*Entry, bool) {
	if _, ok := s.packages[pkg]; !ok {
		return nil, false
	}
	return s.members(pkg)
}

func (n *Namespace) macro(s *Set, name string) (*Entry, bool) {
	v, ok := n.names[name]
	if !ok {
		return nil, false
	}
	o, _ := v.AsObject()
	m, ok := o.(*jinja.Macro)
	if !ok {
		return nil, false
	}
	return s.ByID(m.UniqueID)
}

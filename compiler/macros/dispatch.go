package macros

import "github.com/millrace/millrace/compiler/jinja"

// Dispatch finds the implementation of a macro for an engine: in each package the one
// named after the engine, after its parents, then default__. A package "" means
// whatever a template of package from would find without a prefix. tried lists the names
// that were looked for, as dbt's message does.
func (s *Set) Dispatch(name string, packages []string, from string, adapters []string) (found *Entry, tried []string) {
	scope := s.Scope(from)
	for _, pkg := range packages {
		for i := 0; i <= len(adapters); i++ {
			full := "default__" + name
			if i < len(adapters) {
				full = adapters[i] + "__" + name
			}
			if pkg == "" {
				tried = append(tried, full)
				if e, ok := scope.macro(s, full); ok {
					return e, tried
				}
				continue
			}
			tried = append(tried, pkg+"."+full)
			if members, ok := s.reachable(pkg); ok {
				if e, ok := members[full]; ok {
					return e, tried
				}
			}
		}
	}
	return nil, tried
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

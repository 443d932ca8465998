// Package macros knows which macro a name means: the namespaces of packages, dbt's
// lookup order, dispatch to engine-specific macros, and materializations. A Set never
// changes once it is built, and goroutines share it.
package macros

import (
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Core is the name under which templates reach the built-in macros, whichever of the
// internal packages has them.
const Core = "dbt"

// Entry is one macro, generic test or materialization of a package.
type Entry struct {
	Macro        *jinja.Macro // carries UniqueID
	Package      string
	UniqueID     string // "macro.dbt_utils.star"
	Source       *diag.Source
	OriginalPath string // below the package: "macros/star.sql"
}

// Name is the name that calls use: "star", "test_unique", "materialization_table_default".
func (e *Entry) Name() string {
	if name, ok := strings.CutPrefix(e.UniqueID, "macro."+e.Package+"."); ok {
		return name
	}
	return e.Macro.Name
}

// Value is the macro as templates call it.
func (e *Entry) Value() value.Value { return value.FromObject(e.Macro) }

// locality orders macros of one name: the root project's win over installed packages',
// which win over the built-in ones.
type locality uint8

const (
	core locality = iota
	imported
	root
)

// Set holds all macros of an invocation.
type Set struct {
	root      string
	internal  []string // the engine's packages, nearest first, then "dbt"
	byPackage map[string]map[string]*Entry
	byName    map[string][]*Entry // in the order of Build
	byID      map[string]*Entry
	internals map[string]*Entry // the internal packages as one, nearest engine first
	packages  map[string]value.Value

	implements map[string]bool // x where a package that is not internal has a macro …__x

	mu     sync.Mutex
	scopes map[string]*Namespace
}

// Build indexes the macros. Two macros of one name in one package are an error with both
// positions; the first is kept.
func Build(rootPackage string, internal []string, entries []Entry) (*Set, diag.List) {
	s := &Set{
		root: rootPackage, internal: internal,
		byPackage:  make(map[string]map[string]*Entry),
		byName:     make(map[string][]*Entry, len(entries)),
		byID:       make(map[string]*Entry, len(entries)),
		internals:  make(map[string]*Entry),
		packages:   make(map[string]value.Value),
		implements: make(map[string]bool),
		scopes:     make(map[string]*Namespace),
	}
	var problems diag.List
	for i := range entries {
		e := &entries[i]
		if e.Macro.UniqueID != e.UniqueID {
			e.Macro = e.Macro.WithID(e.UniqueID)
		}
		name := e.Name()
		pkg := s.byPackage[e.Package]
		if pkg == nil {
			pkg = make(map[string]*Entry)
			s.byPackage[e.Package] = pkg
		}
		if first, dup := pkg[name]; dup {
			problems = append(problems, duplicate(first, e))
			continue
		}
		pkg[name] = e
		s.byName[name] = append(s.byName[name], e)
		s.byID[e.UniqueID] = e
		if s.locality(e) != core {
			for rest := name; ; {
				var ok bool
				if _, rest, ok = strings.Cut(rest, "__"); !ok {
					break
				}
				s.implements[rest] = true
			}
		}
	}
	for _, name := range slices.Backward(internal) {
		for n, e := range s.byPackage[name] {
			s.internals[n] = e
		}
	}
	for name, members := range s.byPackage {
		if !slices.Contains(internal, name) {
			s.packages[name] = value.FromObject(newPackage(name, members))
		}
	}
	s.packages[Core] = value.FromObject(newPackage(Core, s.internals))
	return s, problems
}

func duplicate(first, second *Entry) *diag.Diagnostic {
	name := second.Name()
	d := diag.New(diag.CodeDuplicateName, diag.Compilation, second.Macro.NameSpan,
		`dbt found multiple macros named "`+name+`" in the project "`+second.Package+`".`)
	d.Detail = "All macros require unique names, to fix this error rename or remove any duplicates.\nThey can be found in these files:\n\n    - " +
		second.OriginalPath + "\n\n    - " + first.OriginalPath
	d.Related = []diag.Related{{Span: first.Macro.NameSpan, Message: "first defined here"}}
	return d
}

func (s *Set) locality(e *Entry) locality {
	switch {
	case e.Package == s.root:
		return root
	case slices.Contains(s.internal, e.Package):
		return core
	}
	return imported
}

// ByID finds a macro by unique_id.
func (s *Set) ByID(uniqueID string) (*Entry, bool) {
	e, ok := s.byID[uniqueID]
	return e, ok
}

// Root is the name of the root package.
func (s *Set) Root() string { return s.root }

// members is a package by the name that templates use for it.
func (s *Set) members(pkg string) (map[string]*Entry, bool) {
	if pkg == Core {
		return s.internals, true
	}
	m, ok := s.byPackage[pkg]
	return m, ok
}

// Find finds a macro by name, in one package or, with pkg "", in all of them: the root
// project first, installed packages, then the built-in macros.
func (s *Set) Find(name, pkg string) (*Entry, bool) {
	if pkg != "" {
		m, ok := s.members(pkg)
		if !ok {
			return nil, false
		}
		e, ok := m[name]
		return e, ok
	}
	var best *Entry
	for _, e := range s.byName[name] {
		switch l := s.locality(e); {
		case l == core:
			if best == nil {
				best = s.internals[name]
			}
		case best == nil || l >= s.locality(best):
			best = e
		}
	}
	return best, best != nil
}

// FindTest finds the macro of a generic test: in the namespace it was written with, or in
// the package that uses it before all others.
func (s *Set) FindTest(name, namespace, fromPackage string) (*Entry, bool) {
	name = "test_" + name
	if namespace != "" {
		return s.Find(name, namespace)
	}
	if e, ok := s.byPackage[fromPackage][name]; ok {
		return e, true
	}
	return s.Find(name, "")
}

// TestNames lists the generic tests that a package can use without a namespace, for suggestions.
func (s *Set) TestNames(fromPackage string) []string {
	var out []string
	for name, list := range s.byName {
		short, ok := strings.CutPrefix(name, "test_")
		if ok && slices.ContainsFunc(list, func(e *Entry) bool {
			return e.Package == fromPackage || s.locality(e) != imported
		}) {
			out = append(out, short)
		}
	}
	slices.Sort(out)
	return out
}

// GenerateName finds generate_schema_name and its like for a package: an installed
// package's own one for its nodes, else the root project's, else the built-in one.
func (s *Set) GenerateName(component, pkg string) (*Entry, bool) {
	name := "generate_" + component + "_name"
	if pkg != s.root && !slices.Contains(s.internal, pkg) {
		if e, ok := s.byPackage[pkg][name]; ok {
			return e, true
		}
	}
	if e, ok := s.byPackage[s.root][name]; ok {
		return e, true
	}
	e, ok := s.internals[name]
	return e, ok
}

// Overridden reports that some project or package defines the macro, or an implementation
// of it that dispatch could reach. When it does not, callers know what the built-in one does.
func (s *Set) Overridden(name string) bool {
	if s.implements[name] {
		return true
	}
	return slices.ContainsFunc(s.byName[name], func(e *Entry) bool { return s.locality(e) != core })
}

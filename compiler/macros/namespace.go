package macros

import (
	"maps"
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Namespace is what a template of one package can call without a prefix, and the
// packages it can name.
type Namespace struct{ names map[string]value.Value }

// Scope is the namespace of a package's templates. It is made once per package.
func (s *Set) Scope(pkg string) *Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.scopes[pkg]; ok {
		return n
	}
	n := &Namespace{names: make(map[string]value.Value, len(s.internals)+len(s.packages))}
	add := func(members map[string]*Entry) {
		for name, e := range members {
			n.names[name] = e.Value()
		}
	}
	// Later layers win.
	add(s.internals)
	maps.Copy(n.names, s.packages)
	add(s.byPackage[s.root])
	add(s.byPackage[pkg])
	s.scopes[pkg] = n
	return n
}

// Lookup finds a macro or a package.
func (n *Namespace) Lookup(name string) (value.Value, bool) {
	v, ok := n.names[name]
	return v, ok
}

// Names lists everything Lookup finds, sorted.
func (n *Namespace) Names() []string { return slices.Sorted(maps.Keys(n.names)) }

// Package is a package as templates see it: its macros are attributes.
type Package struct {
	name    string
	members map[string]*Entry
}

func newPackage(name string, members map[string]*Entry) *Package {
	return &Package{name: name, members: members}
}

// TypeName is what dbt's object for it is called.
func (p *Package) TypeName() string { return "MacroNamespace" }

// Module implements value.Moduled.
func (p *Package) Module() string { return "dbt.context.macros" }

// Name is the package's name.
func (p *Package) Name() string { return p.name }

// Attr finds a macro; get answers like a dict's.
func (p *Package) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if e, ok := p.members[name]; ok {
		return e.Value(), true, nil
	}
	switch name {
	case "get":
		return value.Func("get", p.get), true, nil
	case "keys":
		return value.Func("keys", func(_ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind("keys")
			return value.Strings(p.names()...), err
		}), true, nil
	}
	return value.Undef, false, nil
}

func (p *Package) get(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get", "key", "default=None")
	if err != nil {
		return value.Undef, err
	}
	if name, ok := v[0].AsString(); ok {
		if e, ok := p.members[name]; ok {
			return e.Value(), nil
		}
	}
	if v[1].IsUndefined() {
		return value.None, nil
	}
	return v[1], nil
}

func (p *Package) names() []string { return slices.Sorted(maps.Keys(p.members)) }

// Index makes package['macro'] the macro.
func (p *Package) Index(_ *value.Thread, key value.Value) (value.Value, bool, error) {
	if name, ok := key.AsString(); ok {
		if e, ok := p.members[name]; ok {
			return e.Value(), true, nil
		}
	}
	return value.Undef, false, nil
}

// Iterate yields the macros' names.
func (p *Package) Iterate(_ *value.Thread, yield func(value.Value) bool) error {
	for _, n := range p.names() {
		if !yield(value.String(n)) {
			return nil
		}
	}
	return nil
}

// Len is the number of macros.
func (p *Package) Len() int { return len(p.members) }

// Contains reports whether the package has a macro of that name.
func (p *Package) Contains(item value.Value) (bool, error) {
	_, ok, err := p.Index(nil, item)
	return ok, err
}

// IsMapping makes `is mapping` hold.
func (p *Package) IsMapping() {}

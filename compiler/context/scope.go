package context

import (
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
)

// Scope is the names of one template. It implements value.Scope and is the host of its
// renders; one goroutine uses it.
type Scope struct {
	env     *Env
	pkg     string            // package whose variables and macros apply
	macros  *macros.Namespace // nil where macros cannot be called
	members *memberSet        // names of this kind of scope
	extra   *value.Dict       // names given by the caller; they win
	rec     *Recorder
	lenient bool
	execute bool

	parse *ParseNode
	node  *manifest.Node
	graph *manifest.Manifest
	rt    *Runtime
	state *State
	name  string // the node's name for messages

	depth  int
	this   value.Value
	model  value.Value
	kwargs value.Value
	fns    [fnCount]boundFn
	obj    objects
}

// Lookup finds a name: what the caller added, macros and packages, then the members of
// the scope, then what all templates share.
func (s *Scope) Lookup(th *value.Thread, name string) (value.Value, bool) {
	if s.extra != nil {
		if v, ok := s.extra.GetString(name); ok {
			return v, true
		}
	}
	if name == "context" {
		return value.FromObject((*contextObject)(s)), true
	}
	if s.macros != nil {
		if v, ok := s.macros.Lookup(name); ok {
			return v, true
		}
	}
	return s.member(th, name)
}

// member finds a name without macros: what `builtins` holds.
func (s *Scope) member(th *value.Thread, name string) (value.Value, bool) {
	if m, ok := s.members.byName[name]; ok {
		return m(s, th), true
	}
	v, ok := s.env.shared[name]
	if !s.execute && ok {
		s.env.saw(name)
	}
	return v, ok
}

// Names lists what Lookup knows.
func (s *Scope) Names() []string {
	names := s.memberNames()
	if s.macros != nil {
		names = append(names, s.macros.Names()...)
	}
	if s.extra != nil {
		for _, k := range s.extra.Keys() {
			if name, ok := k.AsString(); ok {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *Scope) memberNames() []string {
	names := make([]string, 0, len(s.members.byName)+len(s.env.shared)+1)
	for n := range s.members.byName {
		names = append(names, n)
	}
	for n := range s.env.shared {
		names = append(names, n)
	}
	return append(names, "context")
}

// member makes the value of a name when it is first asked for.
type member func(s *Scope, th *value.Thread) value.Value

// memberSet is the names of one kind of scope.
type memberSet struct{ byName map[string]member }

func union(sets ...map[string]member) *memberSet {
	m := &memberSet{byName: make(map[string]member)}
	for _, set := range sets {
		for k, v := range set {
			m.byName[k] = v
		}
	}
	return m
}

// Set adds a name that wins over all others.
func (s *Scope) Set(name string, v value.Value) {
	if s.extra == nil {
		s.extra = value.NewDict(1)
	}
	s.extra.SetString(name, v)
}

// State is what the node's statements have stored; nil in scopes that run nothing.
func (s *Scope) State() *State { return s.state }

// Recorder is what the scope records into, nil where nothing is recorded.
func (s *Scope) Recorder() *Recorder { return s.rec }

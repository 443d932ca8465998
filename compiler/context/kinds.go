package context

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// Base has the names that need no project: dbt_version, var (command line), env_var …
func (e *Env) Base() value.Scope {
	return &Scope{env: e, members: baseSet}
}

// YAML is for the property files of a package: the base names, target, project_name, and
// var as that package sees it.
func (e *Env) YAML(pkg string) value.Scope { return e.YAMLRecorded(pkg, nil) }

// YAMLRecorded is YAML that notes the variables used.
func (e *Env) YAMLRecorded(pkg string, rec *Recorder) *Scope {
	return &Scope{env: e, pkg: pkg, members: yamlSet, rec: rec}
}

// Docs is for descriptions: YAML's names and doc(). resolve finds a docs block; pkg is ""
// when the template names none.
func (e *Env) Docs(pkg, uniqueID string, resolve func(pkg, name string) (string, bool)) *Scope {
	s := e.YAMLRecorded(pkg, nil)
	s.Set("doc", docFunction(uniqueID, resolve))
	return s
}

// Parse is for the template of a node that is being parsed: execute is false, ref, source
// and config are recorded, the adapter answers nothing.
func (e *Env) Parse(rec *Recorder, node ParseNode) *Scope {
	return &Scope{
		env: e, pkg: node.Package, macros: e.Macros.Scope(node.Package), members: parseSet,
		rec: rec, lenient: true, parse: &node, name: node.Name,
	}
}

// Naming is for generate_schema_name and its like: execute is false, a missing var is an error.
func (e *Env) Naming(pkg string) *Scope {
	return &Scope{
		env: e, pkg: pkg, macros: e.Macros.Scope(e.Project.Name), members: namingSet,
		parse: &ParseNode{Package: pkg},
	}
}

// Manifest is for query comments and other templates that belong to no node: target, var
// and macros, as the root project sees them.
func (e *Env) Manifest() *Scope {
	return &Scope{env: e, pkg: e.Project.Name, macros: e.Macros.Scope(e.Project.Name), members: yamlSet}
}

// Run is for a node that is compiled or run: execute is true.
func (e *Env) Run(n *manifest.Node, m *manifest.Manifest, rt Runtime) (*Scope, *State) {
	st := newState()
	s := &Scope{
		env: e, pkg: n.PackageName, macros: e.Macros.Scope(n.PackageName), members: runSet,
		execute: true, node: n, graph: m, rt: &rt, state: st, name: n.Name,
	}
	s.prepareRun()
	return s, st
}

// Operation is for macros called from outside a node (run-operation, macros that the
// engine runs): no `this`, any ref is allowed.
func (e *Env) Operation(pkg string, m *manifest.Manifest, rt Runtime) (*Scope, *State) {
	if pkg == "" {
		pkg = e.Project.Name
	}
	st := newState()
	rt.AnyDependency = true
	s := &Scope{
		env: e, pkg: pkg, macros: e.Macros.Scope(pkg), members: operationSet,
		execute: true, graph: m, rt: &rt, state: st,
	}
	s.prepareRun()
	return s, st
}

// Freshness is for the SQL of a source's freshness check: `this` and source_node are the source.
func (e *Env) Freshness(src *manifest.Source, m *manifest.Manifest, rt Runtime) (*Scope, *State) {
	s, st := e.Operation(src.PackageName, m, rt)
	s.members = freshnessSet
	s.this = e.sourceRelation(src).Value()
	s.name = src.Name
	s.Set("source_node", m.NodeValue(src.UniqueID))
	return s, st
}

// Exposure is for the dependencies of exposures, metrics and semantic models, which are
// written as calls: they are recorded and print nothing.
func (e *Env) Exposure(pkg string, rec *Recorder) *Scope {
	s := &Scope{env: e, pkg: pkg, members: exposureSet, rec: rec, lenient: true}
	return s
}

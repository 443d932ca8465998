package context

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// dependency is what ref(), function() and metric() were called with.
type dependency struct {
	pkg, name string
	version   value.Value
}

// dependencyArgs reads ([package,] name, version=): all keywords but the version are
// ignored, as they are in dbt.
func dependencyArgs(fname string, a value.Args) (dependency, error) {
	d := dependency{}
	var name, pkg value.Value
	switch len(a.Pos) {
	case 1:
		name, pkg = a.Pos[0], value.None
	case 2:
		pkg, name = a.Pos[0], a.Pos[1]
	default:
		return d, compilation("%s() takes at most two arguments (%d given)", fname, len(a.Pos))
	}
	for _, key := range []string{"version", "v"} {
		if v, ok := a.Kw(key); ok && value.Truth(v) && d.version.IsUndefined() {
			d.version = v
		}
	}
	var ok bool
	if d.name, ok = name.AsString(); !ok {
		return d, compilation("The name argument to %s() must be a string, got %s", fname, pythonType(name))
	}
	if d.pkg, ok = pkg.AsString(); !ok && !pkg.IsNone() {
		return d, compilation("The package argument to %s() must be a string or None, got %s", fname, pythonType(pkg))
	}
	switch d.version.Kind() {
	case value.KindUndefined, value.KindString, value.KindInt, value.KindBig, value.KindFloat, value.KindBool:
	default:
		return d, compilation("The version argument to %s() must be a string, int, float, or None - got %s", fname, pythonType(d.version))
	}
	return d, nil
}

func (d dependency) list() []string {
	if d.pkg == "" {
		return []string{d.name}
	}
	return []string{d.pkg, d.name}
}

func (s *Scope) refFunction(a value.Args) (value.Value, error) {
	d, err := dependencyArgs("ref", a)
	if err != nil {
		return value.Undef, err
	}
	if !s.execute {
		if s.rec != nil {
			s.rec.Refs = append(s.rec.Refs, manifest.Ref{Package: d.pkg, Name: d.name, Version: d.version, Span: s.rec.span})
		}
		return s.parsedRelation(), nil
	}
	return s.resolveRef(d)
}

// parsedRelation is what ref and source return while parsing: the node's own relation, for
// the other one is not known yet.
func (s *Scope) parsedRelation() value.Value {
	switch {
	case s.members == exposureSet:
		return value.String("")
	case s.parse == nil:
		return value.None
	}
	if s.rt == nil && s.node == nil {
		if this := thisMember(s, nil); !this.IsNull() {
			return this
		}
	}
	return s.env.this(s.parse).Value()
}

func (s *Scope) resolveRef(d dependency) (value.Value, error) {
	if s.graph == nil {
		return value.Undef, compilation("ref('%s') cannot be resolved here: no project has been parsed", d.name)
	}
	id, disabled, ok := s.graph.ResolveRef(s.pkg, d.pkg, d.name, d.version)
	if !ok {
		return value.Undef, s.notFound(d, "node", disabled, s.graph.RefCandidates())
	}
	target := s.graph.Nodes[id]
	if !s.rt.AnyDependency && !s.dependsOn(id) {
		return value.Undef, s.undeclared(d)
	}
	if s.rt.AnyDependency && target != nil && target.Config.Materialized() == "ephemeral" && target.ResourceType == manifest.Model {
		return value.Undef, compilation("Operations can not ref() ephemeral nodes, but %s is ephemeral", target.Name)
	}
	if target != nil && d.version.IsNull() && !target.Version.IsNull() && s.rt.NodeInfo != nil {
		s.mentionPrerelease(target)
	}
	return s.related(id, s.rt.Ref)
}

// mentionPrerelease tells whoever reads the latest version of a model of a newer one.
func (s *Scope) mentionPrerelease(target *manifest.Node) {
	newer, ok := s.graph.Prerelease(target)
	if !ok {
		return
	}
	pkg, name, version, next := target.PackageName, target.Name, value.Str(target.Version), value.Str(newer)
	try := func(v string) string { return fmt.Sprintf("{{ ref('%s', '%s', v='%s') }}", pkg, name, v) }
	s.emit("UnpinnedRefNewVersionAvailable", "I064", event.Info, fmt.Sprintf("While compiling '%s':\n"+
		"Found an unpinned reference to versioned model '%s' in project '%s'.\n"+
		"Resolving to latest version: %s.v%s\n"+
		"A prerelease version %s is available. It has not yet been marked 'latest' by its maintainer.\n"+
		"When that happens, this reference will resolve to %s.v%s instead.\n\n"+
		"  Try out v%s: %s\n  Pin to  v%s: %s\n", s.name, name, pkg, name, version, next, name, next, next, try(next), version, try(version)),
		map[string]any{"ref_node_name": name, "ref_node_package": pkg, "ref_node_version": version, "ref_max_version": next})
}

// related asks the runtime for a relation, or makes the plain one.
func (s *Scope) related(id string, resolve func(string) (*relation.Relation, error)) (value.Value, error) {
	if resolve != nil {
		r, err := resolve(id)
		if err != nil {
			return value.Undef, err
		}
		return r.Value(), nil
	}
	r, ok := s.env.RelationOf(s.graph, id)
	if !ok {
		return value.Undef, compilation("'%s' has no relation", id)
	}
	return r.Value(), nil
}

func (s *Scope) dependsOn(id string) bool {
	if s.node == nil {
		return true
	}
	for _, n := range s.node.DependsOn.Nodes {
		if n == id {
			return true
		}
	}
	return false
}

// undeclared is dbt's advice for a ref() that parsing did not see.
func (s *Scope) undeclared(d dependency) error {
	call := "'" + d.name + "'"
	if d.pkg != "" {
		call = "'" + d.pkg + "', " + call
	}
	if !d.version.IsUndefined() {
		call += ",version='" + value.Str(d.version) + "'"
	}
	e := compilationCode(diag.CodeRefNotFound, "dbt was unable to infer all dependencies for the model \"%s\".\n"+
		"This typically happens when ref() is placed within a conditional block.\n\n"+
		"To fix this, add the following hint to the top of the model \"%s\":\n\n-- depends_on: {{ ref(%s) }}", s.name, s.name, call)
	return e
}

func (s *Scope) notFound(d dependency, kind string, disabled bool, candidates []string) error {
	reason := "was not found"
	code := diag.CodeRefNotFound
	switch {
	case disabled:
		reason, code = "is disabled", diag.CodeDisabledRef
	case kind == "source":
		code = diag.CodeSourceNotFound
	case kind == "metric":
		reason = "was not found or is disabled"
	}
	where := ""
	if !d.version.IsUndefined() {
		where += "with version '" + value.Str(d.version) + "' "
	}
	if d.pkg != "" {
		where += "in package or project '" + d.pkg + "' "
	}
	e := compilationCode(code, "%s depends on a %s named '%s' %swhich %s", s.describe(), kind, d.name, where, reason)
	if !disabled {
		e.Hint = diag.DidYouMean(d.name, candidates)
	}
	return e
}

// describe names the node as dbt's messages do: Model 'model.shop.x' (models/x.sql).
func (s *Scope) describe() string {
	if s.node == nil {
		return "Macro"
	}
	return title(string(s.node.ResourceType)) + " '" + s.node.UniqueID + "' (" + s.node.OriginalFilePath + ")"
}

func (s *Scope) sourceFunction(a value.Args) (value.Value, error) {
	if len(a.Pos) != 2 || len(a.Kwargs) > 0 {
		return value.Undef, compilation("source() takes exactly two arguments (%d given)", len(a.Pos)+len(a.Kwargs))
	}
	source, ok := a.Pos[0].AsString()
	if !ok {
		return value.Undef, compilation("The source name (first) argument to source() must be a string, got %s", pythonType(a.Pos[0]))
	}
	table, ok := a.Pos[1].AsString()
	if !ok {
		return value.Undef, compilation("The table name (second) argument to source() must be a string, got %s", pythonType(a.Pos[1]))
	}
	if !s.execute {
		if s.rec != nil {
			s.rec.Sources = append(s.rec.Sources, manifest.SourceRef{Source: source, Table: table, Span: s.rec.span})
		}
		return s.parsedRelation(), nil
	}
	if s.graph == nil {
		return value.Undef, compilation("source('%s', '%s') cannot be resolved here: no project has been parsed", source, table)
	}
	id, disabled, ok := s.graph.ResolveSource(s.pkg, source, table)
	if !ok {
		return value.Undef, s.notFound(dependency{name: source + "." + table}, "source", disabled, s.graph.SourceCandidates())
	}
	return s.related(id, s.rt.Source)
}

func (s *Scope) functionFunction(a value.Args) (value.Value, error) {
	d, err := dependencyArgs("function", a)
	if err != nil {
		return value.Undef, err
	}
	if !s.execute {
		if s.rec != nil {
			s.rec.Functions = append(s.rec.Functions, d.list())
		}
		if s.parse == nil {
			return value.None, nil
		}
		return s.env.this(s.parse).WithType(relation.Function).Value(), nil
	}
	if s.graph == nil {
		return value.Undef, compilation("function('%s') cannot be resolved here: no project has been parsed", d.name)
	}
	id, disabled, ok := s.graph.ResolveFunction(s.pkg, d.pkg, d.name)
	if !ok {
		return value.Undef, s.notFound(d, "function", disabled, nil)
	}
	if s.rt.Function != nil {
		return s.related(id, s.rt.Function)
	}
	r, ok := s.env.RelationOf(s.graph, id)
	if !ok {
		return value.Undef, compilation("'%s' has no relation", id)
	}
	return r.WithType(relation.Function).Value(), nil
}

func (s *Scope) metricFunction(a value.Args) (value.Value, error) {
	d, err := dependencyArgs("metric", a)
	if err != nil {
		return value.Undef, err
	}
	if !s.execute {
		if s.rec != nil {
			s.rec.Metrics = append(s.rec.Metrics, d.list())
		}
		return metricReference(d.name, d.pkg, nil), nil
	}
	if s.graph == nil {
		return value.Undef, compilation("metric('%s') cannot be resolved here: no project has been parsed", d.name)
	}
	id, disabled, ok := s.graph.ResolveMetric(s.pkg, d.pkg, d.name)
	if !ok {
		return value.Undef, s.notFound(d, "metric", disabled, nil)
	}
	m := s.graph.Metrics[id]
	return metricReference(m.Name, m.PackageName, bodyOf(s.graph.NodeValue(id))), nil
}

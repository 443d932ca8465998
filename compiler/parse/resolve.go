package parse

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// dependent is a resource whose refs and sources become edges.
type dependent struct {
	kind    manifest.ResourceType
	id      string
	name    string
	pkg     string
	path    string
	group   string
	config  *manifest.Config
	edges   *manifest.DependsOn
	refs    []manifest.Ref
	sources []manifest.SourceRef
	calls   [][]string // function()
	metrics [][]string
	span    diag.Span
}

func (p *parser) resolveAll() {
	nodes := p.m.NodeList()
	p.parallel(len(nodes)+len(p.m.Order.Exposures), func(i int) {
		if i < len(nodes) {
			n := nodes[i]
			if n.ResourceType == manifest.Seed {
				return
			}
			p.resolve(&dependent{
				kind: n.ResourceType, id: n.UniqueID, name: n.Name, pkg: n.PackageName, path: n.OriginalFilePath, group: n.Group,
				config: n.Config, edges: &n.DependsOn, refs: n.Refs, sources: n.Sources, calls: n.Functions, metrics: n.Metrics, span: n.BodySpan,
			})
			return
		}
		x := p.m.Exposures[p.m.Order.Exposures[i-len(nodes)]]
		p.resolve(&dependent{
			kind: manifest.ExposureType, id: x.UniqueID, name: x.Name, pkg: x.PackageName, path: x.OriginalFilePath,
			config: x.Config, edges: &x.DependsOn, refs: x.Refs, sources: x.Sources, metrics: x.Metrics, span: x.Span,
		})
	})
}

// resolve turns names into edges: sources first, then refs, metrics and functions, as dbt does.
func (p *parser) resolve(d *dependent) {
	for _, s := range d.sources {
		id, disabled, ok := p.m.ResolveSource(d.pkg, s.Source, s.Table)
		if !ok {
			p.notFound(d, target{kind: "source", name: s.Source + "." + s.Table, disabled: disabled, span: s.Span})
			continue
		}
		addOnce(&d.edges.Nodes, id)
	}
	for _, ref := range d.refs {
		p.resolveRef(d, ref)
	}
	for _, m := range d.metrics {
		pkg, name := packageAndName(m)
		id, disabled, ok := p.m.ResolveMetric(d.pkg, pkg, name)
		if !ok {
			p.notFound(d, target{kind: "metric", name: name, pkg: pkg, disabled: disabled, span: d.span})
			continue
		}
		addOnce(&d.edges.Nodes, id)
	}
	for _, f := range d.calls {
		pkg, name := packageAndName(f)
		id, disabled, ok := p.m.ResolveFunction(d.pkg, pkg, name)
		if !ok {
			p.notFound(d, target{kind: "function", name: name, pkg: pkg, disabled: disabled, span: d.span})
			continue
		}
		addOnce(&d.edges.Nodes, id)
	}
}

func packageAndName(parts []string) (pkg, name string) {
	if len(parts) == 2 {
		return parts[0], parts[1]
	}
	return "", strings.Join(parts, ".")
}

func (p *parser) resolveRef(d *dependent, ref manifest.Ref) {
	res := p.m.LookupRef(d.pkg, ref.Package, ref.Name, ref.Version)
	if res.Ambiguous != nil {
		p.ambiguous(d, ref, res.Ambiguous)
		return
	}
	if res.ID == "" {
		p.notFound(d, target{kind: "node", name: ref.Name, pkg: ref.Package, version: ref.Version, disabled: res.Disabled, span: ref.Span})
		return
	}
	n := p.m.Nodes[res.ID]
	if res.ID == d.id {
		bad := p.dependentError(d, diag.CodeCycle, diag.Compilation, ref.Span, fmt.Sprintf(
			"Found a cycle: %s '%s' (%s) depends on itself", d.kind, d.id, d.path))
		bad.Hint = "use {{ this }} for the model's own table"
		p.report(bad)
		return
	}
	if !p.mayReference(d, n, ref) {
		return
	}
	if !p.m.OwnPackageFirst && d.pkg != p.m.ProjectName && n.PackageName == p.m.ProjectName && ref.Package != p.m.ProjectName {
		inverted := warning(diag.CodeDeprecated, ref.Span, fmt.Sprintf(
			"The node '%s' in package '%s' depends on the root project node '%s'. This may lead to unexpected cycles downstream. Please set the 'require_ref_searches_node_package_before_root' behavior change flag to True to avoid this issue.",
			d.name, d.pkg, n.UniqueID)).Named("PackageNodeDependsOnRootProjectNode")
		inverted.Data = map[string]any{"node_name": d.name, "package_name": d.pkg, "root_project_unique_id": n.UniqueID}
		p.report(inverted)
	}
	addOnce(&d.edges.Nodes, res.ID)
}

// mayReference checks private and protected models.
func (p *parser) mayReference(d *dependent, n *manifest.Node, ref manifest.Ref) bool {
	if n.ResourceType != manifest.Model || d.kind == manifest.SQLOperation {
		return true
	}
	restricted := false
	if pkg, ok := p.project.PackageNamed(n.PackageName); ok && !pkg.IsRoot {
		restricted = pkg.RestrictAccess
	}
	foreign := d.pkg != n.PackageName && restricted
	var scope string
	switch {
	case n.Access == "private" && (d.group == "" || d.group != n.Group || foreign):
		scope = "the '" + n.Group + "' group"
	case n.Access == "protected" && foreign:
		scope = "the '" + n.PackageName + "' package"
	default:
		return true
	}
	bad := p.dependentError(d, diag.CodeAccess, diag.Parsing, ref.Span, fmt.Sprintf(
		"Node %s attempted to reference node %s, which is not allowed because the referenced node is %s to %s.", d.id, n.UniqueID, n.Access, scope))
	bad.Related = []diag.Related{{Span: n.PatchSpan, Message: "the model is " + n.Access}}
	if !n.PatchSpan.Valid() {
		bad.Related = nil
	}
	p.report(bad)
	return false
}

func (p *parser) ambiguous(d *dependent, ref manifest.Ref, ids []string) {
	packages := make([]string, len(ids))
	for i, id := range ids {
		packages[i] = strings.Split(id, ".")[1]
	}
	p.report(p.dependentError(d, diag.CodeRefNotFound, diag.Compilation, ref.Span, fmt.Sprintf(
		"When referencing '%s', dbt found nodes in multiple packages: '%s'\nTo fix this, use two-argument 'ref', with the package name first: '%s'",
		ref.Name, strings.Join(ids, "', '"), strings.Join(packages, "' or '"))))
}

// target is a name that leads nowhere.
type target struct {
	kind, name, pkg string
	version         value.Value
	disabled        bool
	span            diag.Span
}

// notFound is an error, but for tests only a warning: dbt leaves them out of the graph.
func (p *parser) notFound(d *dependent, t target) {
	reason := "was not found"
	code := diag.CodeRefNotFound
	if t.kind == "source" {
		code = diag.CodeSourceNotFound
	}
	if t.disabled {
		reason, code = "is disabled", diag.CodeDisabledRef
	}
	p.setDisabled(d.config)
	if d.kind == manifest.Test && t.disabled {
		return
	}
	where := ""
	if d.kind == manifest.Test {
		where = "in package '" + t.pkg + "' "
	} else {
		if !t.version.IsNull() {
			where = "with version '" + value.Str(t.version) + "' "
		}
		if t.pkg != "" {
			where += "in package or project '" + t.pkg + "' "
		}
	}
	text := fmt.Sprintf("%s '%s' (%s) depends on a %s named '%s' %swhich %s", titled(d.kind), d.id, d.path, t.kind, t.name, where, reason)
	if !t.span.Valid() {
		t.span = d.span
	}
	bad := p.dependentError(d, code, diag.Compilation, t.span, text)
	if d.kind == manifest.Test {
		bad.Severity, bad.Event = diag.Warning, "NodeNotFoundOrDisabled"
	}
	if !t.disabled {
		bad.Hint = p.suggest(t)
	}
	p.report(bad)
}

func (p *parser) suggest(t target) string {
	candidates := p.m.RefCandidates
	switch t.kind {
	case "source":
		candidates = p.m.SourceCandidates
	case "metric", "function":
		return ""
	}
	return diag.DidYouMean(t.name, candidates())
}

// dependentError is about what a resource depends on. Its message names the resource, and so
// has no header that does, as in dbt.
func (p *parser) dependentError(d *dependent, code diag.Code, kind diag.Kind, span diag.Span, summary string) *diag.Diagnostic {
	x := diag.New(code, kind, span, summary)
	x.NodeID = d.id
	return x
}

// setDisabled switches a resource off in its config.
func (p *parser) setDisabled(c *manifest.Config) { c.Set("enabled", value.False) }

// titled is Python's str.title of a resource type.
func titled(kind manifest.ResourceType) string {
	parts := strings.Split(string(kind), "_")
	for i, s := range parts {
		parts[i] = strings.ToUpper(s[:1]) + s[1:]
	}
	return strings.Join(parts, "_")
}

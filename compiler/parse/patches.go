package parse

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// patchKinds are the kinds of node each list describes.
var patchKinds = map[string]manifest.ResourceType{
	"models": manifest.Model, "seeds": manifest.Seed, "snapshots": manifest.Snapshot,
	"analyses": manifest.Analysis, "functions": manifest.FunctionType, "data_tests": manifest.Test,
}

var plurals = map[manifest.ResourceType]string{
	manifest.Model: "models", manifest.Seed: "seeds", manifest.Snapshot: "snapshots",
	manifest.Analysis: "analyses", manifest.FunctionType: "functions", manifest.Test: "data_tests",
}

// indexDrafts makes the lookups that YAML entries find their nodes with.
func (p *parser) indexDrafts() {
	p.byName = map[string][]*draft{}
	p.analyses = map[string][]*draft{}
	p.singular = map[string][]*draft{}
	p.functions = map[string][]*draft{}
	for _, d := range p.drafts {
		p.index(d)
	}
}

func (p *parser) index(d *draft) {
	name := d.node.Name
	switch d.node.ResourceType {
	case manifest.Model, manifest.Seed, manifest.Snapshot:
		p.byName[name] = append(p.byName[name], d)
	case manifest.Analysis:
		p.analyses[name] = append(p.analyses[name], d)
	case manifest.Test:
		p.singular[name] = append(p.singular[name], d)
	case manifest.FunctionType:
		p.functions[name] = append(p.functions[name], d)
	}
}

// among picks the enabled drafts of a package, or of any package with pkg "".
func among(list []*draft, pkg string, enabled bool) []*draft {
	var out []*draft
	for _, d := range list {
		if d.enabled == enabled && (pkg == "" || d.pkg.Name == pkg) && d.node.Version.IsUndefined() {
			out = append(out, d)
		}
	}
	return out
}

// applyPatches gives the nodes what the schema files say about them, file by file.
func (p *parser) applyPatches(files []*schemaFile) {
	for _, f := range files {
		for _, e := range f.entries["models"] {
			normalizeConfig(p, e, e.d)
			if versions := dictsAt(e.d, "versions"); len(versions) > 0 {
				p.patchVersions(e, versions)
			} else {
				p.patchNode(e)
			}
		}
		for _, key := range []string{"seeds", "snapshots", "data_tests", "analyses", "functions"} {
			for _, e := range f.entries[key] {
				normalizeConfig(p, e, e.d)
				if key == "snapshots" && e.node.Has("relation") {
					p.yamlSnapshot(e)
				}
				p.patchNode(e)
			}
		}
	}
}

// normalizeConfig moves meta, docs, group, contract and access into the config, where
// they may stand as well.
func normalizeConfig(p *parser, e *entry, d *value.Dict) {
	for _, key := range []string{"meta", "docs", "group", "contract", "access"} {
		v, ok := d.GetString(key)
		if !ok {
			continue
		}
		config := dictAt(d, "config")
		if config == nil {
			config = value.NewDict(1)
			d.SetString("config", value.FromDict(config))
		}
		if _, both := config.GetString(key); both {
			p.report(fileError(e.file, diag.CodeYAMLKey, e.node.KeySpan(key), fmt.Sprintf(
				"In %s: found %s dictionary in 'config' dictionary and as top-level key.\nRemove the top-level key and define it under 'config' dictionary only.",
				e.file.file.Path, key)))
			continue
		}
		config.SetString(key, v)
		d.DeleteString(key)
	}
}

// newPatch reads the parts of an entry that all kinds of node share.
func (p *parser) newPatch(e *entry) *patch {
	x := &patch{
		entry:       e,
		name:        e.name(),
		description: e.str("description"),
		config:      dictAt(e.d, "config"),
		access:      e.str("access"),
		version:     value.Undef,
		latest:      value.Undef,
		deprecation: deprecationDate(e.get("deprecation_date")),
		timeSpine:   timeSpine(e.dict("time_spine")),
		span:        e.span(),
		fileID:      e.file.id(),
	}
	if x.config == nil {
		x.config = value.NewDict(0)
	}
	x.unrendered = e.node.Get("config").Dict()
	x.columns = p.columns(e, dictsAt(e.d, "columns"), func(i int) diag.Span { return e.node.At("columns", i, "name").Span() })
	x.constraints = dictsAt(e.d, "constraints")
	return x
}

// patchNode finds the node an entry means and attaches the patch.
func (p *parser) patchNode(e *entry) {
	x := p.newPatch(e)
	p.checkSpineColumns(e, x, "")
	pkg := e.file.pkg.Name
	var found []*draft
	switch e.key {
	case "analyses":
		found = among(p.analyses[x.name], "", true)
	case "functions":
		found = among(p.functions[x.name], "", true)
		x.arguments, x.returns = e.get("arguments"), e.get("returns")
		x.overloads = e.node.Get("overloads")
	case "data_tests":
		found = among(p.singular[x.name], pkg, true)
	default:
		found = among(p.byName[x.name], pkg, true)
		if len(found) == 0 {
			found = among(p.byName[x.name], "", true)
		}
		if len(found) > 0 && plurals[found[0].node.ResourceType] != e.key {
			kind := found[0].node.ResourceType
			p.warn("WrongResourceSchemaFile", diag.CodeYAMLKey, x.span, fmt.Sprintf(
				"'%s' is a %s node, but it is specified in the %s section of %s. To fix this error, place the `%s` specification under the %s key instead.",
				x.name, kind, e.key, e.file.file.Path, x.name, plurals[kind]))
			e.key = "" // its tests stay, as with dbt
			return
		}
	}
	if len(found) > 0 {
		p.attach(found[0], x)
		return
	}
	p.patchDisabled(e, x)
}

// patchDisabled patches nodes that are disabled so far: the patch may enable one.
func (p *parser) patchDisabled(e *entry, x *patch) {
	var candidates []*draft
	switch e.key {
	case "analyses":
		candidates = p.analyses[x.name]
	case "functions":
		candidates = p.functions[x.name]
	case "data_tests":
	default:
		candidates = p.byName[x.name]
	}
	var found []*draft
	for _, d := range among(candidates, e.file.pkg.Name, false) {
		if d.node.ResourceType == patchKinds[e.key] {
			found = append(found, d)
		}
	}
	if len(found) == 0 {
		d := warning(diag.CodeYAMLKey, x.span, fmt.Sprintf(
			"Did not find matching node for patch with name '%s' in the '%s' section of file '%s'", x.name, e.key, e.file.file.Path)).Named("NoNodeForYamlKey")
		d.Hint = diag.DidYouMean(x.name, p.namesFor(e.key))
		p.report(d)
		return
	}
	if enable, ok := x.config.GetString("enabled"); ok && value.Truth(enable) && len(found) > 1 {
		p.report(fileError(e.file, diag.CodeDuplicateName, x.span, fmt.Sprintf(
			"Found %d matching disabled nodes for %s '%s'. Multiple nodes for the same unique id cannot be enabled in the schema file. They must be enabled in `dbt_project.yml` or in the sql files.",
			len(found), found[0].node.ResourceType, x.name)))
		return
	}
	for _, d := range found {
		p.attach(d, x)
	}
}

func (p *parser) namesFor(key string) []string {
	kind := patchKinds[key]
	var out []string
	for _, d := range p.drafts {
		if d.node.ResourceType == kind {
			out = append(out, d.node.Name)
		}
	}
	return out
}

// describedTwice says which of two entries to remove.
func describedTwice(name string, second, first *entry) string {
	if first.file == second.file {
		return fmt.Sprintf("remove one of the resource entries for %s in this file:\n - %s\n", name, second.file.file.Path)
	}
	return fmt.Sprintf("remove the resource entry for %s in one of these files:\n - %s\n%s", name, second.file.file.Path, first.file.file.Path)
}

// attach applies the patch to a draft; a node may be described once.
func (p *parser) attach(d *draft, x *patch) {
	if first := d.patch; first != nil {
		bad := diag.New(diag.CodeDuplicatePatch, diag.Compilation, x.span, fmt.Sprintf(
			"dbt found two schema.yml entries for the same resource named %s. Resources and their associated columns may only be described a single time. To fix this, %s",
			x.name, describedTwice(x.name, x.entry, first.entry)))
		bad.Related = []diag.Related{{Span: first.span, Message: "first described here"}}
		p.report(bad)
		return
	}
	d.patch = x
	n := d.node
	n.PatchPath = x.fileID
	n.PatchSpan = x.span
	n.Description = x.description
	if n.ResourceType == manifest.Test {
		return // singular tests take config and description only
	}
	n.Columns = x.columns
	n.Name = x.name
	if n.ResourceType == manifest.Model {
		n.Version, n.LatestVersion = x.version, x.latest
		n.DeprecationDate = x.deprecation
		n.TimeSpine = x.timeSpine
		return
	}
	for _, extra := range []struct {
		name string
		set  bool
	}{{"latest_version", !x.latest.IsUndefined()}, {"access", x.config != nil && hasKey(x.config, "access")}, {"constraints", len(x.constraints) > 0}} {
		if extra.set {
			p.warn("ValidationWarning", diag.CodeYAMLKey, x.span, fmt.Sprintf("Field %s is not valid for %s (%s)", extra.name, n.ResourceType, x.name))
		}
	}
	if n.ResourceType == manifest.FunctionType {
		n.Arguments = functionArguments(x.arguments)
		n.Returns = functionReturns(x.returns)
	}
}

func hasKey(d *value.Dict, key string) bool { _, ok := d.GetString(key); return ok }

func functionArguments(v value.Value) value.Value {
	items := v.Items()
	out := make([]value.Value, 0, len(items))
	for _, item := range items {
		out = append(out, filled(item, pairs("name", value.None, "data_type", value.None, "description", value.None, "default_value", value.None)()))
	}
	return value.NewList(out...)
}

func functionReturns(v value.Value) value.Value {
	return filled(v, pairs("data_type", value.None, "description", value.None)())
}

// yamlSnapshot makes the node of a snapshot that is defined in YAML alone.
func (p *parser) yamlSnapshot(e *entry) {
	name := e.name()
	d := p.newDraft(e.file.pkg, e.file.file, manifest.Snapshot, name, name+".sql", fqnOf(e.file.pkg.Name, folders(e.file.file.Rel), name))
	if !p.checksum(d) {
		return
	}
	relation := e.str("relation")
	ref, source, ok := refOrSource(relation, e.node.Get("relation").Span())
	switch {
	case !ok:
		bad := d.fail(diag.CodeConfigValue, diag.Parsing, e.node.Get("relation").Span(), "Invalid ref or source expression: "+relation)
		p.report(bad)
		return
	case ref != nil:
		d.node.Refs = append(d.node.Refs, *ref)
	default:
		d.node.Sources = append(d.node.Sources, *source)
	}
	d.node.Span = e.span()
	d.node.BodySpan = e.node.Get("relation").Span()
	d.node.RawCode = "select * from {{ " + relation + " }}"
	d.enabled = true
	p.drafts = append(p.drafts, d)
	p.index(d)
}

package parse

import (
	"fmt"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
)

// check looks for what can only be seen once everything is in place.
func (p *parser) check() {
	p.checkUniqueness()
	p.checkGroups()
	for _, n := range p.m.NodeList() {
		switch n.ResourceType {
		case manifest.Model:
			p.checkModel(n)
		case manifest.Snapshot:
			p.checkSnapshot(n)
		case manifest.FunctionType:
			p.checkFunction(n)
		}
		p.checkMaterialization(n)
	}
	p.checkMicrobatches()
	p.checkDeprecations()
	p.checkSpaces()
	p.checkUnusedConfig()
}

// nodeProblem is a complaint about a finished node.
func nodeProblem(n *manifest.Node, code diag.Code, kind diag.Kind, summary string) *diag.Diagnostic {
	span := n.PatchSpan
	if n.BodySpan.Valid() {
		span = n.BodySpan
	}
	if !span.Valid() {
		span = n.Span
	}
	d := diag.New(code, kind, span, summary)
	d.NodeID, d.Node = n.UniqueID, header(n)
	return d
}

func (p *parser) checkUniqueness() {
	relations := map[string]*manifest.Node{}
	names := map[string]*manifest.Node{}     // unversioned, by package and name
	versioned := map[string]*manifest.Node{} // likewise
	for _, n := range p.m.NodeList() {
		if n.ResourceType == manifest.Test {
			if !p.isRelational(n) {
				continue
			}
		} else if n.ResourceType != manifest.Model && n.ResourceType != manifest.Seed && n.ResourceType != manifest.Snapshot {
			continue
		}
		key := n.PackageName + "\x00" + n.Name
		if n.Version.IsNull() {
			if first := names[key]; first != nil {
				p.sameName(first, n)
			}
			names[key] = n
		} else {
			versioned[key] = n
		}
		relation := p.env.NodeRelation(n).Render()
		if first := relations[relation]; first != nil {
			d := nodeProblem(n, diag.CodeAmbiguousAlias, diag.Compilation, fmt.Sprintf(
				"dbt found two resources with the database representation \"%s\".\ndbt cannot create two resources with identical database representations. To fix this,\nchange the configuration of one of these resources:\n- %s (%s)\n- %s (%s)",
				relation, first.UniqueID, first.OriginalFilePath, n.UniqueID, n.OriginalFilePath))
			d.Node = ""
			if first.Span.Valid() {
				d.Related = []diag.Related{{Span: first.Span, Message: "this one has the same name in the database"}}
			}
			p.report(d)
			continue
		}
		relations[relation] = n
	}
	for key, v := range versioned {
		if u := names[key]; u != nil {
			p.report(nodeProblem(u, diag.CodeDuplicateName, diag.Parsing, fmt.Sprintf(
				"dbt found versioned and unversioned models with the name \"%s\".\n\nSince these resources have the same name, dbt will be unable to find the correct resource\nwhen looking for ref('%s').\n\nTo fix this, change the name of the unversioned resource\n%s (%s)\nor add the unversioned model to the versions in %s",
				v.Name, v.Name, u.UniqueID, u.OriginalFilePath, v.PatchPath)))
		}
	}
}

func (p *parser) sameName(a, b *manifest.Node) {
	if p.behavior("require_unique_project_resource_names") {
		p.duplicateNode(a, b)
		return
	}
	p.notes.add("DuplicateNameDistinctNodeTypesDeprecation", b.Span, fmt.Sprintf(
		"Found resources with the same name '%s' in package '%s': '%s' and '%s'. Please update one of the resources to have a unique name.",
		b.Name, b.PackageName, a.UniqueID, b.UniqueID))
}

func (p *parser) checkGroups() {
	valid := map[string]bool{}
	var list []string
	for _, g := range p.m.Groups {
		if !valid[g.Name] {
			valid[g.Name] = true
			list = append(list, g.Name)
		}
	}
	sort.Strings(list)
	unknown := func(group string) string {
		return fmt.Sprintf("Invalid group '%s', expected one of %s", group, value.Repr(value.Strings(list...)))
	}
	hint := func(d *diag.Diagnostic, group string) *diag.Diagnostic {
		d.Hint = diag.DidYouMean(group, list)
		return d
	}
	for _, n := range p.m.NodeList() {
		if n.Group != "" && !valid[n.Group] {
			p.report(hint(nodeProblem(n, diag.CodeConfigValue, diag.Parsing, unknown(n.Group)), n.Group))
		}
	}
	for _, by := range []map[string]*manifest.Generic{p.m.Metrics, p.m.SemanticModels, p.m.SavedQueries} {
		for _, g := range by {
			if g.Group != "" && !valid[g.Group] {
				d := diag.New(diag.CodeConfigValue, diag.Parsing, g.Span, unknown(g.Group))
				d.NodeID = g.UniqueID
				p.report(hint(d, g.Group))
			}
		}
	}
}

var accessTypes = []string{"private", "protected", "public"}

func (p *parser) checkModel(n *manifest.Node) {
	if !contains(accessTypes, n.Access) {
		d := nodeProblem(n, diag.CodeConfigValue, diag.Parsing, fmt.Sprintf("Node %s has an invalid value (%s) for the access field", n.UniqueID, n.Access))
		d.Hint = diag.DidYouMean(n.Access, accessTypes)
		p.report(d)
	}
	p.checkBuildAfter(n)
	if n.Access == "public" && n.Config.Materialized() == "ephemeral" {
		p.report(nodeProblem(n, diag.CodeConfigValue, diag.Parsing, fmt.Sprintf(
			"Node %s with 'ephemeral' materialization has an invalid value (%s) for the access field", n.UniqueID, n.Access)))
	}
}

// checkBuildAfter refuses a freshness that says only half of how long to wait.
func (p *parser) checkBuildAfter(n *manifest.Node) {
	freshness, _ := n.Config.Get("freshness").AsDict()
	if freshness == nil {
		return
	}
	after := dictAt(freshness, "build_after")
	count, period := get(after, "count"), get(after, "period")
	missing, given := "", ""
	switch {
	case value.Truth(period) && count.IsNull():
		missing, given = "count", "period"
	case !count.IsNull() && !value.Truth(period):
		missing, given = "period", "count"
	default:
		return
	}
	d := nodeProblem(n, diag.CodeConfigValue, diag.Validation, fmt.Sprintf("`freshness.build_after` must have a value for `%s` if a `%s` is provided", missing, given))
	d.Node = ""
	p.report(d)
}

// checkMaterialization reports a materialization that no macro implements. Only building the model
// needs it, and dbt complains no sooner: projects for another engine parse and compile.
func (p *parser) checkMaterialization(n *manifest.Node) {
	name := n.Config.Materialized()
	if n.ResourceType != manifest.Model || name == "ephemeral" || name == "" {
		return
	}
	explicit := p.behavior("require_explicit_package_overrides_for_builtin_materializations")
	if m, ok := p.macros.FindMaterialization(name, p.dialect.Name, p.dialect.Parents, explicit); ok {
		if m.Overridden != "" && !explicit {
			p.notes.add("PackageMaterializationOverrideDeprecation", p.materializedSpan(n), fmt.Sprintf(
				"Installed package '%s' is overriding the built-in materialization '%s'. Overrides of built-in materializations from installed packages will be deprecated in future versions of dbt.", m.Overridden, name))
		}
		return
	}
	all := append(p.macros.Materializations(p.dialect.Name, p.dialect.Parents), "ephemeral")
	sort.Strings(all)
	shown := make([]string, 0, len(all))
	for _, m := range all {
		switch m {
		case "seed", "snapshot", "test", "unit", "unit_end_state", "function", "clone":
		default:
			shown = append(shown, m)
		}
	}
	d := macros.MissingMaterialization(name, p.dialect.Name, p.materializedSpan(n))
	if !p.flags.Strict {
		d.Severity = diag.Note
	}
	d.NodeID, d.Node = n.UniqueID, header(n)
	d.Detail = "available materializations: " + strings.Join(shown, ", ")
	d.Hint = diag.DidYouMean(name, shown)
	p.report(d)
}

func (p *parser) materializedSpan(n *manifest.Node) diag.Span {
	for _, d := range p.drafts {
		if d.node == n {
			return p.configSpan(d, "materialized")
		}
	}
	return n.BodySpan
}

func (p *parser) checkSnapshot(n *manifest.Node) {
	fail := func(text string) { p.report(nodeProblem(n, diag.CodeConfigValue, diag.Validation, text)) }
	strategy, cols := n.Config.String("strategy"), n.Config.Get("check_cols")
	if strategy == "" || !value.Truth(n.Config.Get("unique_key")) {
		fail("Snapshots must be configured with a 'strategy' and 'unique_key'.")
		return
	}
	text, isText := cols.AsString()
	switch {
	case strategy == "check" && !value.Truth(cols):
		fail("A snapshot configured with the check strategy must specify a check_cols configuration.")
	case strategy == "check" && isText && text != "all":
		fail("Invalid value for 'check_cols': " + text + ". Expected 'all' or a list of strings.")
	case strategy == "timestamp" && !value.Truth(n.Config.Get("updated_at")):
		fail("A snapshot configured with the timestamp strategy must specify an updated_at configuration.")
	case strategy == "timestamp" && value.Truth(cols):
		fail("A 'timestamp' snapshot should not have 'check_cols'")
	}
	if m := n.Config.Materialized(); m != "snapshot" {
		fail("A snapshot must have a materialized value of 'snapshot'")
	}
}

func (p *parser) checkFunction(n *manifest.Node) {
	if n.Language == "javascript" {
		p.report(nodeProblem(n, diag.CodeConfigValue, diag.Parsing, fmt.Sprintf(
			"Function '%s' uses JavaScript, which is not supported on '%s'.", n.Name, p.dialect.Name)))
	}
	defaulted := false
	for _, item := range n.Arguments.Items() {
		d, ok := item.AsDict()
		if !ok {
			continue
		}
		if !get(d, "default_value").IsNull() {
			defaulted = true
		} else if defaulted {
			p.report(nodeProblem(n, diag.CodeConfigValue, diag.Parsing, fmt.Sprintf(
				"Non-defaulted argument '%s' of function '%s' comes after a defaulted argument. Non-defaulted arguments cannot come after defaulted arguments. ",
				textOf(d, "name"), n.Name)))
		}
	}
}

package parse

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// assemble puts everything into the manifest. Two enabled resources of one unique_id are an
// error; disabled ones are kept apart, all of them.
func (p *parser) assemble(exposures []*manifest.Exposure, groups []*manifest.Group, sem *semantics) {
	count := len(p.drafts) + len(p.tests)
	p.m.Nodes, p.m.Order.Nodes = make(map[string]*manifest.Node, count), make([]string, 0, count)
	for _, d := range p.drafts {
		if !d.absorbed {
			p.addNode(d)
		}
	}
	for _, d := range p.tests {
		p.addNode(d)
	}
	for _, t := range p.sources {
		p.addSource(t)
	}
	for _, x := range exposures {
		if !x.Config.Enabled() {
			p.disable(x.UniqueID, x)
			continue
		}
		if first := p.m.Exposures[x.UniqueID]; first != nil {
			p.duplicate("exposures", x.Name, x.Name, first.UniqueID, first.OriginalFilePath, first.Span, x.UniqueID, x.OriginalFilePath, x.Span)
			continue
		}
		p.m.Exposures[x.UniqueID] = x
		p.m.Order.Exposures = append(p.m.Order.Exposures, x.UniqueID)
	}
	for _, g := range groups {
		if first := p.m.Groups[g.UniqueID]; first != nil {
			p.duplicate("groups", g.Name, g.Name, first.UniqueID, first.OriginalFilePath, first.Span, g.UniqueID, g.OriginalFilePath, g.Span)
			continue
		}
		p.m.Groups[g.UniqueID] = g
		p.m.Order.Groups = append(p.m.Order.Groups, g.UniqueID)
	}
	p.addGenerics(sem.metrics, p.m.Metrics, &p.m.Order.Metrics, "metrics")
	p.addGenerics(sem.models, p.m.SemanticModels, &p.m.Order.SemanticModels, "semantic_models")
	p.addGenerics(sem.queries, p.m.SavedQueries, &p.m.Order.SavedQueries, "saved_queries")
}

func (p *parser) addGenerics(list []*manifest.Generic, by map[string]*manifest.Generic, order *[]string, plural string) {
	for _, g := range list {
		if !g.Config.Enabled() {
			p.disable(g.UniqueID, g)
			continue
		}
		if first := by[g.UniqueID]; first != nil {
			p.duplicate(plural, g.Name, g.Name, first.UniqueID, first.OriginalFilePath, first.Span, g.UniqueID, g.OriginalFilePath, g.Span)
			continue
		}
		by[g.UniqueID] = g
		*order = append(*order, g.UniqueID)
	}
}

func (p *parser) disable(id string, r any) {
	if p.m.Disabled[id] == nil {
		p.m.Order.Disabled = append(p.m.Order.Disabled, id)
	}
	p.m.Disabled[id] = append(p.m.Disabled[id], r)
}

func (p *parser) addNode(d *draft) {
	n := d.node
	if d.disabled {
		p.disable(n.UniqueID, n)
		return
	}
	if first := p.m.Nodes[n.UniqueID]; first != nil {
		p.duplicateNode(first, n)
		return
	}
	p.m.Nodes[n.UniqueID] = n
	p.m.Order.Nodes = append(p.m.Order.Nodes, n.UniqueID)
	if n.ResourceType == manifest.Operation {
		p.m.Operations = append(p.m.Operations, n)
	}
}

func (p *parser) addSource(t *sourceTable) {
	s := t.result
	if t.off {
		p.disable(s.UniqueID, s)
		return
	}
	if first := p.m.Sources[s.UniqueID]; first != nil {
		p.duplicate("sources", s.SourceName+"_"+s.Name, `source("`+s.SourceName+`", "`+s.Name+`")`,
			first.UniqueID, first.OriginalFilePath, first.Span, s.UniqueID, s.OriginalFilePath, s.Span)
		return
	}
	p.m.Sources[s.UniqueID] = s
	p.m.Order.Sources = append(p.m.Order.Sources, s.UniqueID)
}

func (p *parser) duplicateNode(a, b *manifest.Node) {
	plural := plurals[a.ResourceType]
	switch {
	case a.ResourceType != b.ResourceType:
		plural = "resources"
	case plural == "":
		plural = string(a.ResourceType) + "s"
	}
	name, looking := a.Name, a.Name
	action := "looking for"
	switch {
	case a.ResourceType == manifest.Model || a.ResourceType == manifest.Seed || a.ResourceType == manifest.Snapshot:
		looking = `ref("` + a.Name + `")`
	case a.Test != nil:
		column := ""
		if a.ColumnName != "" {
			column = `column "` + a.ColumnName + `" in `
		}
		name = a.Name + `" defined on ` + column + `"` + a.FileKeyName
		action, looking = "running", "tests"
	}
	p.reportDuplicate(plural, name, action, looking, a.UniqueID, a.OriginalFilePath, a.Span, b.UniqueID, b.OriginalFilePath, b.Span)
}

func (p *parser) duplicate(plural, name, looking, id1, path1 string, span1 diag.Span, id2, path2 string, span2 diag.Span) {
	p.reportDuplicate(plural, name, "looking for", looking, id1, path1, span1, id2, path2, span2)
}

func (p *parser) reportDuplicate(plural, name, action, looking, id1, path1 string, span1 diag.Span, id2, path2 string, span2 diag.Span) {
	d := diag.New(diag.CodeDuplicateName, diag.Compilation, span2, fmt.Sprintf(`dbt found two %s with the name "%s".`, plural, name))
	d.Detail = fmt.Sprintf("\nSince these resources have the same name, dbt will be unable to find the correct resource\nwhen %s %s.\n\nTo fix this, change the name of one of these resources:\n- %s (%s)\n- %s (%s)",
		action, looking, id1, path1, id2, path2)
	if span1.Valid() {
		d.Related = []diag.Related{{Span: span1, Message: "first defined here"}}
	}
	d.NodeID = id2
	p.report(d)
}

// addUnitTests resolves the models under test and adds the tests.
func (p *parser) addUnitTests(list []*manifest.UnitTestDef) {
	for _, u := range list {
		for _, t := range p.resolveUnitTest(u) {
			if first := p.m.UnitTests[t.UniqueID]; first != nil {
				p.duplicate("unit_tests", t.Name, t.Name, first.UniqueID, first.OriginalFilePath, first.Span, t.UniqueID, t.OriginalFilePath, t.Span)
				continue
			}
			p.m.UnitTests[t.UniqueID] = t
			p.m.Order.UnitTests = append(p.m.Order.UnitTests, t.UniqueID)
		}
	}
}

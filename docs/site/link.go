package site

import (
	"sort"
	"strings"
)

// link resolves names to nodes and adds what the artifacts hold about them elsewhere.
func (p *project) link(tables map[string]*catalogTable) {
	p.addPackages()
	if p.manual != nil {
		p.nodes = append(p.nodes, p.manual.pages...)
		sort.Slice(p.nodes, func(i, j int) bool { return p.nodes[i].id < p.nodes[j].id })
	}
	p.byID = make(map[string]*node, len(p.nodes))
	for _, n := range p.nodes {
		p.byID[n.id] = n
	}
	p.linkColumns()
	for _, n := range p.nodes {
		p.linkNode(n)
		n.shown = tables[n.id]
		n.mergeCatalog()
		for _, r := range p.runs {
			if res, ok := r.results[n.id]; ok {
				n.result = res
				break
			}
		}
	}
}

// linkColumns turns the lineage of columns around, so that a page knows where its columns go.
func (p *project) linkColumns() {
	p.uses = map[string][]columnEdge{}
	for _, n := range p.nodes {
		for _, e := range p.edges[n.id] {
			p.uses[e.fromNode] = append(p.uses[e.fromNode], e)
		}
	}
}

func (p *project) linkNode(n *node) {
	for _, id := range n.depends {
		parent, ok := p.byID[id]
		if !ok {
			continue
		}
		n.parents = append(n.parents, parent)
		if !n.kind.isTest() {
			parent.children = append(parent.children, n)
		} else if n.attached == "" {
			parent.tests = append(parent.tests, n)
		}
	}
	if n.kind.isTest() && n.attached != "" {
		if m, ok := p.byID[n.attached]; ok {
			m.tests = append(m.tests, n)
		}
	}
	for _, id := range n.macros {
		if m, ok := p.byID[id]; ok && !n.kind.isTest() {
			m.usedBy = append(m.usedBy, n)
		}
	}
}

// addPackages makes a page for every package that has a node, and inherits what a group
// says about its owner.
func (p *project) addPackages() {
	groups := map[string]*node{}
	seen := map[string]bool{}
	var packages []*node
	for _, n := range p.nodes {
		if n.kind == kindGroup {
			groups[n.name] = n
		}
		if n.pkg != "" && !seen[n.pkg] {
			seen[n.pkg] = true
			page := &node{id: "package." + n.pkg, name: n.pkg, label: n.pkg, pkg: n.pkg, kind: kindPackage}
			if text := p.packageDocs[n.pkg]; !empty(text) {
				page.description, page.hasDescription = text, true
			}
			packages = append(packages, page)
		}
	}
	for _, n := range p.nodes {
		if g := groups[n.group]; g != nil && n.owner == "" {
			n.owner, n.ownerEmail = g.owner, g.ownerEmail
		}
	}
	p.nodes = append(p.nodes, packages...)
	sort.Slice(p.nodes, func(i, j int) bool { return p.nodes[i].id < p.nodes[j].id })
}

// mergeCatalog brings the columns of the database and of the YAML together: the order and
// types of the database, the words of the YAML.
func (n *node) mergeCatalog() {
	if n.shown == nil || len(n.shown.columns) == 0 {
		return
	}
	if n.owner == "" {
		n.owner = n.shown.owner
	}
	declared := make(map[string]int, len(n.columns))
	for i := range n.columns {
		declared[n.columns[i].key] = i
	}
	merged := make([]column, 0, max(len(n.columns), len(n.shown.columns)))
	used := make([]bool, len(n.columns))
	for _, c := range n.shown.columns {
		key := strings.ToLower(c.name)
		col := column{name: c.name, key: key}
		if i, ok := declared[key]; ok {
			col = n.columns[i]
			used[i] = true
		}
		if col.text == "" && c.comment != "" {
			col.text, col.description = c.comment, quote(c.comment)
		}
		col.dataType = c.kind
		merged = append(merged, col)
	}
	for i, c := range n.columns {
		if !used[i] {
			merged = append(merged, c)
		}
	}
	n.columns = merged
}

// builtin says whether a package comes with the program.
func (p *project) builtin(pkg string) bool {
	return pkg == "dbt" || pkg == "dbt_"+p.adapter || pkg == "dbt_postgres" && p.adapter == "redshift"
}

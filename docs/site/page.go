package site

import "strconv"

// historyLength is how many runs a page shows.
const historyLength = 20

// page is the body of one node. Keys are short where they repeat: columns and tests.
func (p *project) page(buf []byte, n *node) []byte {
	o := newObject(buf)
	o.str("id", n.id)
	o.str("type", kindNames[n.kind])
	o.str("name", n.name)
	if n.label != n.name {
		o.str("label", n.label)
	}
	o.str("pkg", n.pkg)
	o.str("path", n.path)
	if n.hasDescription && n.text == nil {
		o.raw("desc", n.description)
	}
	o.str("owner", n.owner)
	if n.ownerEmail != n.owner {
		o.str("email", n.ownerEmail)
	}
	o.strs("tags", n.tags)
	o.str("group", n.group)
	o.str("access", n.access)
	o.str("version", n.version)
	o.str("latest", n.latest)
	o.str("mat", n.materialized)
	o.str("alias", n.alias)
	o.str("database", n.database)
	o.str("schema", n.schema)
	o.str("relation", n.relation)
	if n.shown != nil {
		o.str("relkind", n.shown.kind)
		o.str("comment", n.shown.comment)
		o.raw("stats", n.shown.stats)
	}
	o.flag("contract", n.enforced)
	o.str("severity", n.severity)
	o.str("test", n.testName)
	o.str("column", n.columnName)
	o.columns(n)
	o.links("parents", n.parents)
	o.links("children", n.children)
	o.macroLinks(p, n)
	o.links("usedBy", n.usedBy)
	o.tests(n)
	o.history(p, n)
	o.raw("fresh", p.freshness[n.id])
	o.raw("stream", p.streams[n.id])
	o.columnEdges("colEdges", p.edges[n.id], false)
	o.columnEdges("colUses", p.uses[n.id], true)
	o.manual(n)
	for _, f := range n.facts {
		o.raw(f.key, f.value)
	}
	return o.end()
}

// columns: [{n: name, t: type, d: description, …}].
func (o *object) columns(n *node) {
	if len(n.columns) == 0 || n.kind.isTest() {
		return
	}
	o.key("cols")
	o.buf = append(o.buf, '[')
	for i, c := range n.columns {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		item := newObject(o.buf)
		item.str("n", c.name)
		item.str("t", c.dataType)
		item.raw("d", c.description)
		for _, f := range c.facts {
			item.raw(f.key, f.value)
		}
		o.buf = item.end()
	}
	o.buf = append(o.buf, ']')
}

// links: [[id, label, relation]], the relation only where it can occur in compiled SQL.
func (o *object) links(key string, list []*node) {
	if len(list) == 0 {
		return
	}
	o.key(key)
	o.buf = append(o.buf, '[')
	for i, n := range list {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		link := []string{n.id, n.label}
		if key == "parents" && n.relation != "" {
			link = append(link, n.relation)
		}
		o.buf = appendStrings(o.buf, link)
	}
	o.buf = append(o.buf, ']')
}

// macroLinks leaves out the program's own macros on pages of models: which of them a
// materialization reaches says nothing about the model.
func (o *object) macroLinks(p *project, n *node) {
	var list []*node
	for _, id := range n.macros {
		if m, ok := p.byID[id]; ok && (n.kind == kindMacro || !p.builtin(m.pkg)) {
			list = append(list, m)
		}
	}
	o.links("macros", list)
}

// tests: [[id, label, column, status, failures, severity]].
func (o *object) tests(n *node) {
	if len(n.tests) == 0 {
		return
	}
	o.key("tests")
	o.buf = append(o.buf, '[')
	for i, t := range n.tests {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		label := t.testName
		if label == "" {
			label = t.name
		}
		status, failures := "", raw(nil)
		if t.result != nil {
			status, failures = t.result.status, t.result.failures
		}
		o.buf = append(o.buf, '[')
		for _, s := range []string{t.id, label, t.columnName, status} {
			o.buf = appendString(o.buf, s)
			o.buf = append(o.buf, ',')
		}
		o.buf = appendRaw(o.buf, failures)
		if t.severity == "warn" {
			o.buf = append(o.buf, `,"warn"`...)
		}
		o.buf = append(o.buf, ']')
	}
	o.buf = append(o.buf, ']')
}

// history: [[at, status, seconds, rows, failures, message]], newest first.
func (o *object) history(p *project, n *node) {
	count := 0
	for _, r := range p.runs {
		res, ok := r.results[n.id]
		if !ok {
			continue
		}
		if count == 0 {
			o.key("runs")
			o.buf = append(o.buf, '[')
		} else {
			o.buf = append(o.buf, ',')
		}
		o.buf = append(o.buf, '[')
		o.buf = appendString(o.buf, res.at)
		o.buf = append(o.buf, ',')
		o.buf = appendString(o.buf, res.status)
		o.buf = append(o.buf, ',')
		o.buf = strconv.AppendFloat(o.buf, res.seconds, 'f', 4, 64)
		o.buf = append(o.buf, ',')
		o.buf = appendRaw(o.buf, res.rows)
		o.buf = append(o.buf, ',')
		o.buf = appendRaw(o.buf, res.failures)
		if res.message != "" {
			o.buf = append(o.buf, ',')
			o.buf = appendString(o.buf, res.message)
		}
		o.buf = append(o.buf, ']')
		if count++; count == historyLength {
			break
		}
	}
	if count > 0 {
		o.buf = append(o.buf, ']')
	}
}

// columnEdges: [[column of this page, other node, other column, kind]], with "approximate" at
// the end where that is not proven. The other side is where the column comes from, or where
// it goes to.
func (o *object) columnEdges(key string, list []columnEdge, forward bool) {
	if len(list) == 0 {
		return
	}
	o.key(key)
	o.buf = append(o.buf, '[')
	for i, e := range list {
		if i > 0 {
			o.buf = append(o.buf, ',')
		}
		edge := []string{e.column, e.fromNode, e.fromColumn, e.kind}
		if forward {
			edge = []string{e.fromColumn, e.node, e.column, e.kind}
		}
		if e.approximate {
			edge = append(edge, "approximate")
		}
		o.buf = appendStrings(o.buf, edge)
	}
	o.buf = append(o.buf, ']')
}

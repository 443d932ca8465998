package site

import (
	"sort"
	"strconv"
)

// summaryLength is how many slow and how many failed nodes the overview names.
const summaryLength = 10

// summary is the head of the site: what index.html holds itself, so that the first page
// needs no other data.
func (p *project) summary(o Options, chunks *layout) []byte {
	s := newObject(nil)
	title := o.Title
	if title == "" {
		title = p.name
	}
	s.str("title", title)
	s.str("project", p.name)
	s.str("adapter", p.adapter)
	s.str("generated", p.generated)
	s.str("dbt", p.dbtVersion)
	s.str("program", o.Version)
	s.str("live", o.Live)
	s.str("build", chunks.build)
	s.int("shards", chunks.shards)
	s.int("entities", chunks.entities)
	s.raw("overview", p.overview)
	s.reading(p.manual)
	p.counts(s)
	p.coverage(s)
	p.lastRun(s)
	return s.end()
}

func (p *project) counts(s *object) {
	var all, own [kindCount]int
	for _, n := range p.nodes {
		all[n.kind]++
		if !p.builtin(n.pkg) {
			own[n.kind]++
		}
	}
	s.key("counts")
	c := newObject(s.buf)
	for k, count := range own {
		if all[k] > 0 {
			c.int(kindNames[k], count)
		}
	}
	s.buf = c.end()
}

// coverage says how much of the project is described and tested.
func (p *project) coverage(s *object) {
	models, described, tested, cols, colsDescribed := 0, 0, 0, 0, 0
	for _, n := range p.nodes {
		if n.kind != kindModel || p.builtin(n.pkg) {
			continue
		}
		models++
		if n.hasDescription {
			described++
		}
		if len(n.tests) > 0 {
			tested++
		}
		for i := range n.columns {
			cols++
			if n.columns[i].text != "" {
				colsDescribed++
			}
		}
	}
	s.key("coverage")
	c := newObject(s.buf)
	c.int("models", models)
	c.int("described", described)
	c.int("tested", tested)
	c.int("columns", cols)
	c.int("columnsDescribed", colsDescribed)
	s.buf = c.end()
}

// lastRun counts the statuses of the newest run and names what is slow and what failed.
func (p *project) lastRun(s *object) {
	if len(p.runs) == 0 {
		return
	}
	r := p.runs[0]
	var ran []*node
	counts := map[string]int{}
	for _, n := range p.nodes {
		if n.result != nil && r.results[n.id] == n.result {
			ran = append(ran, n)
			counts[n.result.status]++
		}
	}
	s.key("run")
	o := newObject(s.buf)
	o.str("at", r.at)
	o.str("command", r.command)
	o.float("elapsed", r.elapsed)
	o.key("counts")
	c := newObject(o.buf)
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c.int(name, counts[name])
	}
	o.buf = c.end()
	sort.SliceStable(ran, func(i, j int) bool { return ran[i].result.seconds > ran[j].result.seconds })
	o.runList("slow", ran, func(n *node) bool { return n.result.seconds > 0 && !n.kind.isTest() })
	sort.SliceStable(ran, func(i, j int) bool { return ran[i].status() > ran[j].status() })
	o.runList("bad", ran, func(n *node) bool { return n.status() >= statusWarn })
	s.buf = o.end()
}

// runList: [[id, label, status, seconds, message]].
func (o *object) runList(key string, list []*node, want func(*node) bool) {
	count := 0
	for _, n := range list {
		if count == summaryLength {
			break
		}
		if !want(n) {
			continue
		}
		if count++; count == 1 {
			o.key(key)
			o.buf = append(o.buf, '[')
		} else {
			o.buf = append(o.buf, ',')
		}
		o.buf = append(o.buf, '[')
		for _, s := range []string{n.id, n.label, n.result.status} {
			o.buf = append(appendString(o.buf, s), ',')
		}
		o.buf = strconv.AppendFloat(o.buf, n.result.seconds, 'f', 4, 64)
		message := n.result.message
		if len(message) > 300 {
			message = message[:300] + "…"
		}
		o.buf = append(o.buf, ',')
		o.buf = appendString(o.buf, message)
		o.buf = append(o.buf, ']')
	}
	if count > 0 {
		o.buf = append(o.buf, ']')
	}
}

// reading names the pages of the manual in the order of reading.
func (o *object) reading(m *manual) {
	if m == nil || len(m.pages) == 0 {
		return
	}
	ids := make([]string, len(m.pages))
	for i, n := range m.pages {
		ids[i] = n.id
	}
	o.strs("pages", ids)
}

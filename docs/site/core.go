package site

import (
	"path"
	"strings"
)

// pool numbers strings in the order they come; 0 is the empty string.
type pool struct {
	index map[string]uint32
	list  []string
}

func newPool() *pool { return &pool{index: map[string]uint32{"": 0}, list: []string{""}} }

func (p *pool) of(s string) uint32 {
	i, ok := p.index[s]
	if !ok {
		i = uint32(len(p.list))
		p.index[s] = i
		p.list = append(p.list, s)
	}
	return i
}

// flag bits of a doc.
const (
	flagBuiltin = 1 << iota
	flagDescribed
	flagContract
	flagStream
)

// docs are the nodes in the order of the data format: what is not a test first, each part by id.
func (p *project) docs() (list []*node, tests int) {
	list = make([]*node, 0, len(p.nodes))
	for _, n := range p.nodes {
		if !n.kind.isTest() {
			list = append(list, n)
		}
	}
	for _, n := range p.nodes {
		if n.kind.isTest() {
			list = append(list, n)
			tests++
		}
	}
	return list, tests
}

// table writes what lists, the tree and lineage know about docs, column by column.
func (p *project) table(docs []*node) *object {
	o := newObject(nil)
	strs := newPool()
	n := len(docs)
	ids, labels := make([]string, n), make([]string, n)
	types, states, tested, flags := make([]byte, n), make([]byte, n), make([]byte, n), make([]byte, n)
	cols, tests := make([]uint16, n), make([]uint16, n)
	pkg, folder, schema, group, owner, mat, attached := make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]uint32, n)
	for i, d := range docs {
		ids[i], labels[i] = d.id, d.label
		types[i], states[i], tested[i] = byte(d.kind), byte(d.status()), byte(d.testStatus())
		cols[i], tests[i] = clip(len(d.columns)), clip(len(d.tests))
		pkg[i], folder[i], group[i], owner[i] = strs.of(d.pkg), strs.of(folderOf(d)), strs.of(d.group), strs.of(d.owner)
		mat[i] = strs.of(d.materialized)
		if d.kind.isTest() {
			if named(d) {
				labels[i] = ""
			}
			mat[i] = strs.of(d.testName)
			if len(d.parents) > 0 {
				attached[i] = strs.of(d.subject())
			}
		} else if d.schema != "" {
			schema[i] = strs.of(strings.TrimPrefix(d.database+"."+d.schema, "."))
		}
		flags[i] = p.flags(d)
	}
	o.lines("ids", ids)
	o.lines("labels", labels)
	o.lines("pool", strs.list)
	o.bytes("type", types)
	o.bytes("status", states)
	o.bytes("tested", tested)
	o.bytes("flags", flags)
	o.u16("cols", cols)
	o.u16("tests", tests)
	o.u32("pkg", pkg)
	o.u32("folder", folder)
	o.u32("schema", schema)
	o.u32("group", group)
	o.u32("owner", owner)
	o.u32("mat", mat)
	o.u32("subject", attached)
	return o
}

// named says whether the label of a test stands in its id, which is where the browser then
// takes it from: the names of tests are long, and there are many.
func named(d *node) bool {
	rest, ok := strings.CutPrefix(d.id, kindNames[d.kind]+"."+d.pkg+"."+d.label)
	return ok && !strings.Contains(d.label, ".") && (rest == "" || rest[0] == '.')
}

// subject is the id of what a test is about.
func (n *node) subject() string {
	if n.attached != "" {
		return n.attached
	}
	if len(n.parents) > 0 {
		return n.parents[0].id
	}
	return ""
}

func (p *project) flags(d *node) byte {
	var f byte
	if p.builtin(d.pkg) {
		f |= flagBuiltin
	}
	if d.hasDescription {
		f |= flagDescribed
	}
	if d.enforced {
		f |= flagContract
	}
	if p.streams[d.id] != nil {
		f |= flagStream
	}
	return f
}

func clip(n int) uint16 { return uint16(min(n, 1<<16-1)) }

// folderOf is the folder below models/ (or seeds/, …), as the tree shows it.
func folderOf(n *node) string {
	dir := path.Dir(strings.ReplaceAll(n.path, `\`, "/"))
	if n.kind == kindPage {
		return strings.TrimPrefix(dir, ".")
	}
	if n.kind == kindSource {
		source, _, _ := strings.Cut(n.label, ".")
		return source
	}
	_, rest, _ := strings.Cut(dir, "/")
	return rest
}

// core is the table of everything but tests, with the graph between them as compressed
// sparse rows: the children of doc i are to[at[i]:at[i+1]].
func (p *project) core(docs []*node) []byte {
	o := p.table(docs)
	index := make(map[*node]uint32, len(docs))
	for i, d := range docs {
		index[d] = uint32(i)
	}
	at := make([]uint32, 1, len(docs)+1)
	var to []uint32
	for _, d := range docs {
		seen := map[*node]bool{}
		children := d.children
		if d.kind == kindPage {
			children = nil // what is read next is no lineage
		}
		for _, c := range children {
			if i, ok := index[c]; ok && !seen[c] {
				seen[c] = true
				to = append(to, i)
			}
		}
		at = append(at, uint32(len(to)))
	}
	o.u32("at", at)
	o.u32("to", to)
	return o.end()
}

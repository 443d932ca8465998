package manifest

import (
	"crypto/md5"
	"encoding/hex"
	"io"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Write writes manifest.json (schema v12) in dbt's key order. compiled holds what has
// been compiled, by unique_id; nodes that are not in it are written as parsed.
func Write(w io.Writer, m *Manifest, meta Metadata, compiled map[string]*Compiled) error {
	e := &encoder{buf: make([]byte, 0, 1<<16)}
	m.head(e, meta)
	nodes, functions := m.splitNodes()
	members := func(name string, count int, encode func(e *encoder, i int)) {
		e.key(name)
		e.objects(w, count, encode)
		e.flush(w)
	}
	section := func(name string, ids []string, encode func(e *encoder, id string)) {
		members(name, len(ids), func(e *encoder, i int) {
			e.key(ids[i])
			encode(e, ids[i])
		})
	}
	nodeSection := func(name string, list []*Node) {
		members(name, len(list), func(e *encoder, i int) {
			n := list[i]
			e.key(n.UniqueID)
			e.resource(func(to sink) { n.fields(compiled[n.UniqueID], to) })
		})
	}
	nodeSection("nodes", nodes)
	section("sources", m.Order.Sources, func(e *encoder, id string) { e.resource(m.Sources[id].fields) })
	section("macros", m.Order.Macros, func(e *encoder, id string) { e.resource(m.Macros[id].fields) })
	section("docs", m.Order.Docs, func(e *encoder, id string) { e.resource(m.Docs[id].fields) })
	section("exposures", m.Order.Exposures, func(e *encoder, id string) { e.resource(m.Exposures[id].fields) })
	section("metrics", m.Order.Metrics, func(e *encoder, id string) { e.resource(m.Metrics[id].fields) })
	section("groups", m.Order.Groups, func(e *encoder, id string) { e.resource(m.Groups[id].fields) })
	e.member("selectors", orEmpty(m.Selectors))
	section("disabled", m.Order.Disabled, m.writeDisabled)
	graph := m.graphEdges()
	edgeSection := func(name string, lists [][]string) {
		members(name, len(lists), func(e *encoder, i int) {
			e.key(graph.ids[i])
			e.strs(lists[i])
		})
	}
	edgeSection("parent_map", graph.parents)
	edgeSection("child_map", graph.children)
	groups, groupMembers := m.groupMap()
	section("group_map", groups, func(e *encoder, id string) { e.strs(groupMembers[id]) })
	section("saved_queries", m.Order.SavedQueries, func(e *encoder, id string) { e.resource(m.SavedQueries[id].fields) })
	section("semantic_models", m.Order.SemanticModels, func(e *encoder, id string) { e.resource(m.SemanticModels[id].fields) })
	section("unit_tests", m.Order.UnitTests, func(e *encoder, id string) { e.resource(m.UnitTests[id].fields) })
	nodeSection("functions", functions)
	e.raw("}")
	e.flush(w)
	return e.err
}

// Head is the beginning of manifest.json, all of it that differs between invocations.
func Head(m *Manifest, meta Metadata) ([]byte, error) {
	e := &encoder{}
	m.head(e, meta)
	return e.buf, e.err
}

func (m *Manifest) head(e *encoder, meta Metadata) {
	e.raw("{")
	e.key("metadata")
	e.object(func(emit emit) { m.metadata(meta, emit) })
}

func (m *Manifest) metadata(meta Metadata, emit emit) {
	meta.fields("manifest/v12", emit)
	emit("project_name", value.String(m.ProjectName))
	sum := md5.Sum([]byte(m.ProjectName))
	emit("project_id", value.String(hex.EncodeToString(sum[:])))
	emit("user_id", value.OptString(meta.UserID))
	emit("send_anonymous_usage_stats", value.Bool(meta.SendAnonymousUsage))
	emit("adapter_type", value.OptString(m.AdapterType))
	emit("quoting", orEmpty(m.Quoting))
	started := value.None
	if !meta.RunStartedAt.IsZero() {
		started = value.String(meta.RunStartedAt.UTC().Format("2006-01-02T15:04:05.000000+00:00"))
	}
	emit("run_started_at", started)
}

func (m *Manifest) splitNodes() (nodes, functions []*Node) {
	nodes = make([]*Node, 0, len(m.Order.Nodes))
	for _, n := range m.NodeList() {
		if n.ResourceType == FunctionType {
			functions = append(functions, n)
		} else {
			nodes = append(nodes, n)
		}
	}
	return nodes, functions
}

func (m *Manifest) writeDisabled(e *encoder, id string) {
	e.raw("[")
	for i, r := range m.Disabled[id] {
		if i > 0 {
			e.raw(", ")
		}
		e.resource(func(to sink) { disabledFields(r, to) })
	}
	e.raw("]")
}

func disabledFields(r any, to sink) {
	switch r := r.(type) {
	case *Node:
		r.fields(nil, to)
	case *Source:
		r.fields(to)
	case *Exposure:
		r.fields(to)
	case *UnitTestDef:
		r.fields(to)
	case *Generic:
		r.fields(to)
	}
}

package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// NodeValue is the dict that templates see in graph.nodes, graph.sources and the other
// parts of `graph`. It is built on first use and shared: treat it as read-only.
func (m *Manifest) NodeValue(id string) value.Value {
	if v, ok := m.values.Load(id); ok {
		return v.(value.Value)
	}
	v := m.buildValue(id)
	if v.IsUndefined() {
		return v
	}
	kept, _ := m.values.LoadOrStore(id, v)
	return kept.(value.Value)
}

func (m *Manifest) buildValue(id string) value.Value {
	if n, ok := m.Nodes[id]; ok {
		return n.Value(nil)
	}
	if s, ok := m.Sources[id]; ok {
		return s.Value()
	}
	if x, ok := m.Exposures[id]; ok {
		return x.Value()
	}
	if u, ok := m.UnitTests[id]; ok {
		return u.Value()
	}
	if g, ok := m.Groups[id]; ok {
		return g.Value()
	}
	for _, by := range []map[string]*Generic{m.Metrics, m.SemanticModels, m.SavedQueries} {
		if g, ok := by[id]; ok {
			return g.Value()
		}
	}
	if macro, ok := m.Macros[id]; ok {
		return macro.Value()
	}
	return value.Undef
}

// GraphValue is `graph`: one dict of dicts per kind. It is built when a template first
// asks for it and shared by all.
func (m *Manifest) GraphValue() value.Value {
	m.graphOnce.Do(func() {
		isFunction := func(id string) bool { return m.Nodes[id].ResourceType == FunctionType }
		graph := value.NewDict(9)
		part := func(name string, ids []string, keep func(string) bool) {
			d := value.NewDict(len(ids))
			for _, id := range ids {
				if keep == nil || keep(id) {
					d.SetString(id, m.NodeValue(id))
				}
			}
			graph.SetString(name, value.FromDict(d))
		}
		part("exposures", m.Order.Exposures, nil)
		part("functions", m.Order.Nodes, isFunction)
		part("groups", m.Order.Groups, nil)
		part("metrics", m.Order.Metrics, nil)
		part("nodes", m.Order.Nodes, func(id string) bool { return !isFunction(id) })
		part("sources", m.Order.Sources, nil)
		part("semantic_models", m.Order.SemanticModels, nil)
		part("saved_queries", m.Order.SavedQueries, nil)
		part("unit_tests", m.Order.UnitTests, nil)
		m.graph = value.FromDict(graph)
	})
	return m.graph
}

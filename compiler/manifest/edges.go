package manifest

import "slices"

// edges are the resolved edges between nodes, sources, exposures, metrics and all else that
// is part of the graph, in dbt's order of kinds. Most commands ask for none of them, so they
// are made when something first does.
type edges struct {
	ids               []string
	index             map[string]int
	parents, children [][]string // sorted
}

// Parents are the unique_ids that a member of the graph depends on, sorted. Read only.
func (m *Manifest) Parents(id string) []string { return m.graphEdges().of(id, true) }

// Children are the unique_ids of what depends on a member of the graph, sorted. Read only.
func (m *Manifest) Children(id string) []string { return m.graphEdges().of(id, false) }

func (e *edges) of(id string, up bool) []string {
	i, ok := e.index[id]
	switch {
	case !ok:
		return nil
	case up:
		return e.parents[i]
	}
	return e.children[i]
}

func (m *Manifest) graphEdges() *edges {
	m.edgesOnce.Do(func() { m.edges = m.buildEdges() })
	return m.edges
}

func (m *Manifest) buildEdges() *edges {
	size := len(m.Nodes) + len(m.Sources) + len(m.Exposures) + len(m.Metrics) +
		len(m.SemanticModels) + len(m.SavedQueries) + len(m.UnitTests)
	e := &edges{ids: make([]string, 0, size), index: make(map[string]int, size), parents: make([][]string, 0, size)}
	m.eachGraphMember(func(id string, parents []string) {
		if !slices.IsSorted(parents) {
			parents = slices.Clone(parents)
			slices.Sort(parents)
		}
		e.index[id] = len(e.ids)
		e.ids = append(e.ids, id)
		e.parents = append(e.parents, parents)
	})
	e.children = make([][]string, len(e.ids))
	for i, parents := range e.parents {
		for _, p := range parents {
			if at, ok := e.index[p]; ok {
				e.children[at] = append(e.children[at], e.ids[i])
			}
		}
	}
	for _, kids := range e.children {
		slices.Sort(kids)
	}
	return e
}

// eachGraphMember visits everything that is part of the graph, in dbt's order of kinds.
func (m *Manifest) eachGraphMember(visit func(id string, parents []string)) {
	var functions []*Node
	for _, n := range m.NodeList() {
		if n.ResourceType == FunctionType {
			functions = append(functions, n)
			continue
		}
		visit(n.UniqueID, n.DependsOn.Nodes)
	}
	for _, id := range m.Order.Sources {
		visit(id, nil)
	}
	for _, id := range m.Order.Exposures {
		visit(id, m.Exposures[id].DependsOn.Nodes)
	}
	for _, n := range functions {
		visit(n.UniqueID, n.DependsOn.Nodes)
	}
	for _, part := range []struct {
		order []string
		by    map[string]*Generic
	}{{m.Order.Metrics, m.Metrics}, {m.Order.SemanticModels, m.SemanticModels}, {m.Order.SavedQueries, m.SavedQueries}} {
		for _, id := range part.order {
			visit(id, part.by[id].DependsOn.Nodes)
		}
	}
	for _, id := range m.Order.UnitTests {
		visit(id, m.UnitTests[id].DependsOn.Nodes)
	}
}

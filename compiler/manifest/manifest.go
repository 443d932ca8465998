package manifest

import (
	"sort"
	"sync"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Manifest is a whole parsed project with its packages. Maps are keyed by unique_id;
// iteration for artifacts follows the Order slices so that output is deterministic.
type Manifest struct {
	ProjectName    string
	AdapterType    string
	Nodes          map[string]*Node // functions are here too; the artifact lists them apart
	Sources        map[string]*Source
	Macros         map[string]*Macro
	Docs           map[string]*Doc
	Exposures      map[string]*Exposure
	Groups         map[string]*Group
	UnitTests      map[string]*UnitTestDef
	Metrics        map[string]*Generic
	SemanticModels map[string]*Generic
	SavedQueries   map[string]*Generic
	Disabled       map[string][]any // *Node, *Source, *Exposure, *UnitTestDef, *Generic by unique_id
	Selectors      *value.Dict
	Operations     []*Node // on-run-start / on-run-end hooks, in order; also in Nodes
	Order          Order

	// OwnPackageFirst is the flag require_ref_searches_node_package_before_root.
	OwnPackageFirst bool

	// Quoting is the project's quoting as the artifact's metadata shows it.
	Quoting *value.Dict

	// Parents and Children are the resolved edges between nodes, sources, exposures,
	// metrics …, sorted; every unique_id has an entry.
	Parents, Children map[string][]string

	lookup     *lookup // built by Finish: ref and source resolution
	lookupOnce sync.Once

	values    sync.Map // unique_id → value.Value, see NodeValue
	graphOnce sync.Once
	graph     value.Value
}

// Order lists the unique_ids of each kind in the order of parsing: packages root first,
// files by path, entries by position.
type Order struct {
	Nodes, Sources, Macros, Docs, Exposures, Groups, UnitTests []string
	Metrics, SemanticModels, SavedQueries, Disabled            []string
}

// New makes an empty manifest.
func New(projectName, adapterType string) *Manifest {
	return &Manifest{
		ProjectName:    projectName,
		AdapterType:    adapterType,
		Nodes:          map[string]*Node{},
		Sources:        map[string]*Source{},
		Macros:         map[string]*Macro{},
		Docs:           map[string]*Doc{},
		Exposures:      map[string]*Exposure{},
		Groups:         map[string]*Group{},
		UnitTests:      map[string]*UnitTestDef{},
		Metrics:        map[string]*Generic{},
		SemanticModels: map[string]*Generic{},
		SavedQueries:   map[string]*Generic{},
		Disabled:       map[string][]any{},
		Selectors:      value.NewDict(0),
	}
}

// Index builds the lookups of ref and source, for those who resolve them.
func (m *Manifest) Index() { m.lookup = newLookup(m) }

// Finish builds the lookups and the edge maps. Call it once, when everything that the
// manifest holds is in place; afterwards the manifest is read-only.
func (m *Manifest) Finish(rootPackage string) {
	m.ProjectName = rootPackage
	m.Index()
	m.buildEdges()
}

func (m *Manifest) buildEdges() {
	size := len(m.Nodes) + len(m.Sources) + len(m.Exposures) + len(m.Metrics) +
		len(m.SemanticModels) + len(m.SavedQueries) + len(m.UnitTests)
	m.Parents = make(map[string][]string, size)
	m.Children = make(map[string][]string, size)
	ids := make([]string, 0, size)
	member := func(id string, parents []string) {
		sorted := append(make([]string, 0, len(parents)), parents...)
		sort.Strings(sorted)
		m.Parents[id] = sorted
		m.Children[id] = nil
		ids = append(ids, id)
	}
	m.eachGraphMember(member)
	for _, id := range ids {
		for _, parent := range m.Parents[id] {
			if kids, ok := m.Children[parent]; ok {
				m.Children[parent] = append(kids, id)
			}
		}
	}
	for _, kids := range m.Children {
		sort.Strings(kids)
	}
}

// eachGraphMember visits everything that is part of the graph, in dbt's order of kinds.
func (m *Manifest) eachGraphMember(visit func(id string, parents []string)) {
	for _, id := range m.Order.Nodes {
		if n := m.Nodes[id]; n != nil && n.ResourceType != FunctionType {
			visit(id, n.DependsOn.Nodes)
		}
	}
	for _, id := range m.Order.Sources {
		visit(id, nil)
	}
	for _, id := range m.Order.Exposures {
		visit(id, m.Exposures[id].DependsOn.Nodes)
	}
	for _, id := range m.Order.Nodes {
		if n := m.Nodes[id]; n != nil && n.ResourceType == FunctionType {
			visit(id, n.DependsOn.Nodes)
		}
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

// groupMap lists the members of each group by name.
func (m *Manifest) groupMap() (names []string, members map[string][]string) {
	members = make(map[string][]string, len(m.Groups))
	for _, id := range m.Order.Groups {
		name := m.Groups[id].Name
		if _, ok := members[name]; !ok {
			names = append(names, name)
			members[name] = []string{}
		}
	}
	add := func(group, id string) {
		if list, ok := members[group]; ok && group != "" {
			members[group] = append(list, id)
		}
	}
	for _, id := range m.Order.Nodes {
		if n := m.Nodes[id]; n.ResourceType != FunctionType {
			add(n.Group, id)
		}
	}
	for _, id := range m.Order.SavedQueries {
		add(m.SavedQueries[id].Group, id)
	}
	for _, id := range m.Order.SemanticModels {
		add(m.SemanticModels[id].Group, id)
	}
	for _, id := range m.Order.Metrics {
		add(m.Metrics[id].Group, id)
	}
	return names, members
}

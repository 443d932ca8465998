package manifest

import (
	"sync"
	"sync/atomic"

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

	nodeList atomic.Pointer[[]*Node] // see NodeList

	edges     *edges // see Parents and Children
	edgesOnce sync.Once

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

// Finish builds the lookups, unless Index has. Call it once, when everything that the manifest holds is in
// place; afterwards the manifest is read-only.
func (m *Manifest) Finish(rootPackage string) {
	m.ProjectName = rootPackage
	if m.lookup == nil {
		m.Index()
	}
}

// NodeList is the nodes in their order. The passes over all of them use it: looking up
// each by its unique_id costs more than what most of them do.
func (m *Manifest) NodeList() []*Node {
	if list := m.nodeList.Load(); list != nil && len(*list) == len(m.Order.Nodes) {
		return *list
	}
	list := listed(m.Order.Nodes, m.Nodes)
	m.nodeList.Store(&list)
	return list
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
	for _, n := range m.NodeList() {
		if n.ResourceType != FunctionType {
			add(n.Group, n.UniqueID)
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

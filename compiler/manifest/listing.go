package manifest

import (
	"slices"
	"strings"
)

// Listed is how a resource is shown in a listing.
type Listed struct {
	ID       string
	Type     ResourceType
	Selector string // what selects it
	Name     string
	Path     string // original_file_path
}

// Listed is how the resource of an id is shown; the zero Listed for an id that is not there.
func (m *Manifest) Listed(id string) Listed {
	if n, ok := m.Nodes[id]; ok {
		return n.listed()
	}
	if s, ok := m.Sources[id]; ok {
		name := s.SourceName + "." + s.Name
		return Listed{id, SourceType, "source:" + s.PackageName + "." + name, name, s.OriginalFilePath}
	}
	named := func(kind ResourceType, pkg, name, suffix, path string) Listed {
		return Listed{id, kind, string(kind) + ":" + pkg + "." + name + suffix, name, path}
	}
	if x, ok := m.Exposures[id]; ok {
		return named(ExposureType, x.PackageName, x.Name, "", x.OriginalFilePath)
	}
	if u, ok := m.UnitTests[id]; ok {
		return named(UnitTest, u.PackageName, u.Name, strings.TrimPrefix(u.VersionedName(), u.Name), u.OriginalFilePath)
	}
	for _, by := range []map[string]*Generic{m.Metrics, m.SemanticModels, m.SavedQueries} {
		if g, ok := by[id]; ok {
			return named(g.ResourceType, g.PackageName, g.Name, "", g.OriginalFilePath)
		}
	}
	return Listed{}
}

func (n *Node) listed() Listed {
	return Listed{n.UniqueID, n.ResourceType, strings.Join(n.FQN, "."), n.SearchName(), n.OriginalFilePath}
}

// Listing is everything that is part of the graph and enabled, in the order of the ids.
func (m *Manifest) Listing() []Listed {
	list := make([]Listed, 0, len(m.Nodes)+len(m.Sources))
	add := func(id string, c *Config) {
		if c.Enabled() {
			list = append(list, m.Listed(id))
		}
	}
	for _, n := range m.NodeList() {
		if n.Config.Enabled() {
			list = append(list, n.listed())
		}
	}
	for id, s := range m.Sources {
		add(id, s.Config)
	}
	for id, x := range m.Exposures {
		add(id, x.Config)
	}
	for id, u := range m.UnitTests {
		add(id, u.Config)
	}
	for _, by := range []map[string]*Generic{m.Metrics, m.SemanticModels, m.SavedQueries} {
		for id, g := range by {
			add(id, g.Config)
		}
	}
	slices.SortFunc(list, func(a, b Listed) int { return strings.Compare(a.ID, b.ID) })
	return list
}

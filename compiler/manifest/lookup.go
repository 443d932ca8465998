package manifest

import (
	"sort"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// lookup answers names as dbt does: a name leads to one resource per package, in the
// order in which packages were parsed.
type lookup struct {
	refs     map[string][]entry // "name" and "name.v2"
	sources  map[string][]entry // "source.table"
	disabled map[string][]entry // search name of anything disabled
	docs     map[string][]entry
	metrics  map[string][]entry
	saved    map[string][]entry
	function map[string][]entry
	measures map[string][]entry
}

type entry struct{ pkg, id string }

// names is the lookup; a manifest that was read back builds it when it is first needed.
func (m *Manifest) names() *lookup {
	m.lookupOnce.Do(func() {
		if m.lookup == nil {
			m.lookup = newLookup(m)
		}
	})
	return m.lookup
}

func newLookup(m *Manifest) *lookup {
	l := &lookup{
		refs:     make(map[string][]entry, len(m.Nodes)),
		sources:  make(map[string][]entry, len(m.Sources)),
		disabled: make(map[string][]entry, len(m.Disabled)),
		docs:     make(map[string][]entry, len(m.Docs)),
		metrics:  make(map[string][]entry, len(m.Metrics)),
		saved:    make(map[string][]entry, len(m.SavedQueries)),
		function: map[string][]entry{},
		measures: map[string][]entry{},
	}
	for _, n := range m.NodeList() {
		id := n.UniqueID
		switch n.ResourceType {
		case Model, Seed, Snapshot:
			if versioned := n.SearchName(); versioned != n.Name {
				put(l.refs, versioned, n.PackageName, id)
				if !n.IsLatestVersion() {
					continue
				}
			}
			put(l.refs, n.Name, n.PackageName, id)
		case FunctionType:
			put(l.function, n.Name, n.PackageName, id)
		}
	}
	for _, id := range m.Order.Sources {
		s := m.Sources[id]
		put(l.sources, s.SourceName+"."+s.Name, s.PackageName, id)
	}
	for _, id := range m.Order.Docs {
		put(l.docs, m.Docs[id].Name, m.Docs[id].PackageName, id)
	}
	for _, id := range m.Order.Metrics {
		put(l.metrics, m.Metrics[id].Name, m.Metrics[id].PackageName, id)
	}
	for _, id := range m.Order.SavedQueries {
		put(l.saved, m.SavedQueries[id].Name, m.SavedQueries[id].PackageName, id)
	}
	for _, id := range m.Order.SemanticModels {
		l.addMeasures(m.SemanticModels[id])
	}
	for _, id := range m.Order.Disabled {
		for _, r := range m.Disabled[id] {
			name, pkg := searchName(r)
			l.disabled[name] = append(l.disabled[name], entry{pkg, id})
			if g, ok := r.(*Generic); ok && g.ResourceType == SemanticModel {
				l.addMeasures(g)
			}
		}
	}
	return l
}

func (l *lookup) addMeasures(g *Generic) {
	measures, _ := g.Body.GetString("measures")
	for _, measure := range measures.Items() {
		if d, ok := measure.AsDict(); ok {
			if name, ok := d.GetString("name"); ok {
				put(l.measures, value.Str(name), g.PackageName, g.UniqueID)
			}
		}
	}
}

// put sets the entry of a package, keeping its place as a Python dict does.
func put(by map[string][]entry, name, pkg, id string) {
	list := by[name]
	for i := range list {
		if list[i].pkg == pkg {
			list[i].id = id
			return
		}
	}
	by[name] = append(list, entry{pkg, id})
}

func searchName(r any) (name, pkg string) {
	switch r := r.(type) {
	case *Node:
		return r.SearchName(), r.PackageName
	case *Source:
		return r.SourceName + "." + r.Name, r.PackageName
	case *Exposure:
		return r.Name, r.PackageName
	case *UnitTestDef:
		return r.Name, r.PackageName
	case *Generic:
		return r.Name, r.PackageName
	}
	return "", ""
}

// SearchName is the name ref() finds the node by: "orders", or "orders.v2" with a version.
func (n *Node) SearchName() string {
	if n.Version.IsNull() {
		return n.Name
	}
	return n.Name + ".v" + value.Str(n.Version)
}

// Resolution is the answer to a name. ID is empty when nothing was found; Disabled tells
// that the name belongs to something disabled; Ambiguous lists the candidates when
// several packages have the name and none has precedence.
type Resolution struct {
	ID        string
	Disabled  bool
	Ambiguous []string
}

// searchOrder yields the packages to search; "" stands for any package.
func (m *Manifest) searchOrder(fromPackage, target string, try func(pkg string) bool) {
	switch {
	case target != "":
		_ = try(target)
		return
	case m.ProjectName == fromPackage:
		_ = try(fromPackage) || try("")
	case m.OwnPackageFirst:
		_ = try(fromPackage) || try(m.ProjectName) || try("")
	default:
		_ = try(m.ProjectName) || try(fromPackage) || try("")
	}
}

func find(by map[string][]entry, name, pkg string) (id string, ok bool) {
	for _, e := range by[name] {
		if pkg == "" || e.pkg == pkg {
			return e.id, true
		}
	}
	return "", false
}

// LookupRef resolves ref([pkg,] name, version) as seen from a package.
func (m *Manifest) LookupRef(fromPackage, pkg, name string, version value.Value) Resolution {
	key := name
	if value.Truth(version) {
		key += ".v" + value.Str(version)
	}
	var res Resolution
	m.searchOrder(fromPackage, pkg, func(pkg string) bool {
		if list := m.names().refs[key]; pkg == "" && len(list) > 1 {
			for _, e := range list {
				res.Ambiguous = append(res.Ambiguous, e.id)
			}
			return true
		}
		if id, ok := find(m.names().refs, key, pkg); ok {
			res.ID, res.Disabled = id, false
			return true
		}
		if !res.Disabled {
			res.Disabled = m.hasDisabled(key, pkg, isRefable)
		}
		return false
	})
	if res.ID != "" {
		res.Disabled = false
	}
	return res
}

func isRefable(r any) bool {
	n, ok := r.(*Node)
	return ok && (n.ResourceType == Model || n.ResourceType == Seed || n.ResourceType == Snapshot)
}

func (m *Manifest) hasDisabled(name, pkg string, accept func(any) bool) bool {
	for _, e := range m.names().disabled[name] {
		if pkg != "" && e.pkg != pkg {
			continue
		}
		for _, r := range m.Disabled[e.id] {
			if accept == nil || accept(r) {
				return true
			}
		}
	}
	return false
}

// ResolveRef resolves a ref() as dbt does: the packages in its search order, a versioned
// model without a version means the latest.
func (m *Manifest) ResolveRef(fromPackage, pkg, name string, version value.Value) (id string, disabled bool, ok bool) {
	res := m.LookupRef(fromPackage, pkg, name, version)
	return res.ID, res.Disabled, res.ID != ""
}

func (m *Manifest) resolve(by map[string][]entry, fromPackage, pkg, name string) (id string, disabled bool, ok bool) {
	m.searchOrder(fromPackage, pkg, func(pkg string) bool {
		if id, ok = find(by, name, pkg); ok {
			disabled = false
			return true
		}
		disabled = disabled || m.hasDisabled(name, pkg, nil)
		return false
	})
	return id, disabled, ok
}

// ResolveSource resolves a source() as seen from a package.
func (m *Manifest) ResolveSource(fromPackage, source, table string) (id string, disabled bool, ok bool) {
	return m.resolve(m.names().sources, fromPackage, "", source+"."+table)
}

// ResolveFunction resolves a function() call as seen from a package.
func (m *Manifest) ResolveFunction(fromPackage, pkg, name string) (id string, disabled bool, ok bool) {
	return m.resolve(m.names().function, fromPackage, pkg, name)
}

// ResolveMetric resolves a metric() call as seen from a package.
func (m *Manifest) ResolveMetric(fromPackage, pkg, name string) (id string, disabled bool, ok bool) {
	return m.resolve(m.names().metrics, fromPackage, pkg, name)
}

// ResolveMeasure finds the semantic model that has a measure, enabled or not.
func (m *Manifest) ResolveMeasure(fromPackage, name string) (id string, ok bool) {
	m.searchOrder(fromPackage, "", func(pkg string) bool {
		id, ok = find(m.names().measures, name, pkg)
		return ok
	})
	return id, ok
}

// ResolveDoc finds a docs block as seen from a package.
func (m *Manifest) ResolveDoc(fromPackage, pkg, name string) (*Doc, bool) {
	var doc *Doc
	m.searchOrder(fromPackage, pkg, func(pkg string) bool {
		id, ok := find(m.names().docs, name, pkg)
		if ok {
			doc = m.Docs[id]
		}
		return ok
	})
	return doc, doc != nil
}

// RefCandidates are all names ref() knows, sorted, for "did you mean".
func (m *Manifest) RefCandidates() []string { return names(m.names().refs) }

// SourceCandidates are all "source.table" names, sorted, for "did you mean".
func (m *Manifest) SourceCandidates() []string { return names(m.names().sources) }

func names(by map[string][]entry) []string {
	list := make([]string, 0, len(by))
	for name := range by {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

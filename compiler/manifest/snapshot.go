package manifest

import (
	"errors"
	"hash/crc32"
	"io"
	"reflect"
	"unsafe"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// A snapshot is a manifest in the program's own binary form, for the cache of parses. The
// form follows the Go types, so that a field that is added is in it at once; only the
// very program that wrote one may read it. Sources (with the text that spans point into) and
// dicts keep their identity: what was shared is shared again.
//
// It has two sections. The outline is what selecting and listing nodes takes, a fraction of
// the whole. All else is in the details, which can only be read after it.

// outlineFields are the fields that are in the outline, of the types that have others.
var outlineFields = map[reflect.Type][]string{
	reflect.TypeFor[Node](): {"ResourceType", "UniqueID", "Name", "PackageName", "OriginalFilePath", "FQN", "Config", "Tags", "Group",
		"PatchPath", "DependsOn", "Access", "Version", "LatestVersion", "DeprecationDate", "Test", "AttachedNode"},
	reflect.TypeFor[Source](): {"UniqueID", "Name", "PackageName", "Path", "OriginalFilePath", "FQN", "SourceName", "Loader", "Identifier",
		"Tags", "Config", "PatchPath"},
	reflect.TypeFor[TestMetadata](): {"Name", "Namespace"},
}

// outlineParts is what a snapshot's outline holds of a manifest.
type outlineParts struct {
	ProjectName, AdapterType string
	Nodes                    []*Node
	Sources                  []*Source
	Exposures                []*Exposure
	Groups                   []*Group
	UnitTests                []*UnitTestDef
	Metrics, SemanticModels  []*Generic
	SavedQueries             []*Generic
	Selectors, Quoting       *value.Dict
	Operations               []string
	Order                    Order
	OwnPackageFirst          bool
}

// detailParts is what the details hold besides fields of nodes and sources.
type detailParts struct {
	Macros   []*Macro
	Docs     []*Doc
	Disabled []disabledParts
}

type disabledParts struct {
	ID        string
	Kinds     []byte
	Nodes     []*Node
	Sources   []*Source
	Exposures []*Exposure
	UnitTests []*UnitTestDef
	Generics  []*Generic
}

var errSnapshot = errors.New("the snapshot is damaged")

// Section is the size and checksum of a part of a snapshot.
type Section struct {
	Size int64
	Sum  uint32
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Fits reports whether data is what the section was made of.
func (s Section) Fits(data []byte) bool {
	return int64(len(data)) == s.Size && crc32.Checksum(data, castagnoli) == s.Sum
}

// WriteSnapshot writes a finished manifest: its outline and then its details. It fails on
// values that have no plain form; such a project cannot be cached.
func WriteSnapshot(w io.Writer, m *Manifest) (outline, details Section, err error) {
	e := newPacker(w)
	o := outlineOf(m)
	packed(e, o)
	outline = e.section()
	d := detailsOf(m)
	packed(e, d)
	eachDetailed(o, d, func(t reflect.Type, p unsafe.Pointer) {
		halfOf(t, detail).put(e, p)
	})
	return outline, e.section(), e.err
}

// WriteSection writes plain data, which Unpack reads.
func WriteSection[T any](w io.Writer, v *T) (Section, error) {
	e := newPacker(w)
	packed(e, v)
	return e.section(), e.err
}

// ReadOutline is the manifest of a snapshot as far as its outline goes. The strings of the
// manifest are parts of data, which must not change any more.
func ReadOutline(data []byte) (*Manifest, error) {
	m, _, err := readOutline(&unpacker{buf: data})
	return m, err
}

// ReadSnapshot is the manifest of a snapshot. The strings of the manifest are parts of
// the sections, which must not change any more.
func ReadSnapshot(outline, details []byte) (*Manifest, error) {
	u := &unpacker{buf: outline}
	m, o, err := readOutline(u)
	if err != nil {
		return nil, err
	}
	u.buf, u.at = details, 0
	return m, u.guard(func() {
		d := &detailParts{}
		unpacked(u, d)
		eachDetailed(o, d, func(t reflect.Type, p unsafe.Pointer) { halfOf(t, detail).get(u, p) })
		m.addDetails(d)
	})
}

func readOutline(u *unpacker) (m *Manifest, o *outlineParts, err error) {
	o = &outlineParts{}
	err = u.guard(func() {
		unpacked(u, o)
		m = &Manifest{
			ProjectName: o.ProjectName, AdapterType: o.AdapterType, Selectors: o.Selectors, Quoting: o.Quoting,
			Order: o.Order, OwnPackageFirst: o.OwnPackageFirst,
			Nodes: mapped(o.Order.Nodes, o.Nodes), Sources: mapped(o.Order.Sources, o.Sources),
			Exposures: mapped(o.Order.Exposures, o.Exposures), Groups: mapped(o.Order.Groups, o.Groups),
			UnitTests: mapped(o.Order.UnitTests, o.UnitTests), Metrics: mapped(o.Order.Metrics, o.Metrics),
			SemanticModels: mapped(o.Order.SemanticModels, o.SemanticModels), SavedQueries: mapped(o.Order.SavedQueries, o.SavedQueries),
		}
		m.nodeList.Store(&o.Nodes)
		for _, id := range o.Operations {
			m.Operations = append(m.Operations, m.Nodes[id])
		}
	})
	return m, o, err
}

// eachDetailed visits everything that has fields among the details, always in the same order.
func eachDetailed(o *outlineParts, d *detailParts, visit func(reflect.Type, unsafe.Pointer)) {
	node, test, source := reflect.TypeFor[Node](), reflect.TypeFor[TestMetadata](), reflect.TypeFor[Source]()
	nodes := func(list []*Node) {
		for _, n := range list {
			visit(node, unsafe.Pointer(n))
			if n.Test != nil {
				visit(test, unsafe.Pointer(n.Test))
			}
		}
	}
	sources := func(list []*Source) {
		for _, s := range list {
			visit(source, unsafe.Pointer(s))
		}
	}
	nodes(o.Nodes)
	sources(o.Sources)
	for i := range d.Disabled {
		nodes(d.Disabled[i].Nodes)
		sources(d.Disabled[i].Sources)
	}
}

func outlineOf(m *Manifest) *outlineParts {
	o := &outlineParts{
		ProjectName: m.ProjectName, AdapterType: m.AdapterType, Selectors: m.Selectors, Quoting: m.Quoting,
		Order: m.Order, OwnPackageFirst: m.OwnPackageFirst,
		Nodes: m.NodeList(), Sources: listed(m.Order.Sources, m.Sources),
		Exposures: listed(m.Order.Exposures, m.Exposures), Groups: listed(m.Order.Groups, m.Groups),
		UnitTests: listed(m.Order.UnitTests, m.UnitTests), Metrics: listed(m.Order.Metrics, m.Metrics),
		SemanticModels: listed(m.Order.SemanticModels, m.SemanticModels), SavedQueries: listed(m.Order.SavedQueries, m.SavedQueries),
	}
	for _, n := range m.Operations {
		o.Operations = append(o.Operations, n.UniqueID)
	}
	return o
}

func detailsOf(m *Manifest) *detailParts {
	p := &detailParts{Macros: listed(m.Order.Macros, m.Macros), Docs: listed(m.Order.Docs, m.Docs)}
	for _, id := range m.Order.Disabled {
		d := disabledParts{ID: id}
		for _, r := range m.Disabled[id] {
			switch r := r.(type) {
			case *Node:
				d.Kinds, d.Nodes = append(d.Kinds, 'n'), append(d.Nodes, r)
			case *Source:
				d.Kinds, d.Sources = append(d.Kinds, 's'), append(d.Sources, r)
			case *Exposure:
				d.Kinds, d.Exposures = append(d.Kinds, 'x'), append(d.Exposures, r)
			case *UnitTestDef:
				d.Kinds, d.UnitTests = append(d.Kinds, 'u'), append(d.UnitTests, r)
			case *Generic:
				d.Kinds, d.Generics = append(d.Kinds, 'g'), append(d.Generics, r)
			}
		}
		p.Disabled = append(p.Disabled, d)
	}
	return p
}

func (m *Manifest) addDetails(p *detailParts) {
	m.Macros, m.Docs = mapped(m.Order.Macros, p.Macros), mapped(m.Order.Docs, p.Docs)
	m.Disabled = make(map[string][]any, len(p.Disabled))
	for i := range p.Disabled {
		m.Disabled[p.Disabled[i].ID] = p.Disabled[i].list()
	}
}

func listed[T any](ids []string, by map[string]*T) []*T {
	list := make([]*T, len(ids))
	for i, id := range ids {
		list[i] = by[id]
	}
	return list
}

func mapped[T any](ids []string, list []*T) map[string]*T {
	by := make(map[string]*T, len(list))
	for i, id := range ids {
		by[id] = list[i]
	}
	return by
}

func (d *disabledParts) list() []any {
	var out []any
	var at [5]int
	for _, k := range d.Kinds {
		switch k {
		case 'n':
			out = append(out, d.Nodes[at[0]])
			at[0]++
		case 's':
			out = append(out, d.Sources[at[1]])
			at[1]++
		case 'x':
			out = append(out, d.Exposures[at[2]])
			at[2]++
		case 'u':
			out = append(out, d.UnitTests[at[3]])
			at[3]++
		case 'g':
			out = append(out, d.Generics[at[4]])
			at[4]++
		}
	}
	return out
}

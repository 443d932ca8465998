package manifest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"unsafe"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// A snapshot is a manifest in the program's own binary form, for the cache of parses. The
// form follows the Go types, so that a field that is added is in it at once; only the
// very program that wrote one may read it. Sources (with the text that spans point into) and
// dicts keep their identity: what was shared is shared again.

// parts is what a snapshot holds of a manifest.
type parts struct {
	ProjectName, AdapterType string
	Nodes                    []*Node
	Sources                  []*Source
	Macros                   []*Macro
	Docs                     []*Doc
	Exposures                []*Exposure
	Groups                   []*Group
	UnitTests                []*UnitTestDef
	Metrics, SemanticModels  []*Generic
	SavedQueries             []*Generic
	Disabled                 []disabledParts
	Selectors, Quoting       *value.Dict
	Operations               []string
	Order                    Order
	OwnPackageFirst          bool
	Members                  []string
	Parents, Children        [][]string
	Notes                    []*diag.Diagnostic
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

// AppendSnapshot appends a finished manifest and the notes of its parse. It fails on values
// that have no plain form; such a project cannot be cached.
func AppendSnapshot(dst []byte, m *Manifest, notes diag.List) (out []byte, err error) {
	p := parts{
		ProjectName: m.ProjectName, AdapterType: m.AdapterType, Selectors: m.Selectors, Quoting: m.Quoting,
		Order: m.Order, OwnPackageFirst: m.OwnPackageFirst, Notes: notes,
		Nodes: listed(m.Order.Nodes, m.Nodes), Sources: listed(m.Order.Sources, m.Sources), Macros: listed(m.Order.Macros, m.Macros),
		Docs: listed(m.Order.Docs, m.Docs), Exposures: listed(m.Order.Exposures, m.Exposures), Groups: listed(m.Order.Groups, m.Groups),
		UnitTests: listed(m.Order.UnitTests, m.UnitTests), Metrics: listed(m.Order.Metrics, m.Metrics),
		SemanticModels: listed(m.Order.SemanticModels, m.SemanticModels), SavedQueries: listed(m.Order.SavedQueries, m.SavedQueries),
	}
	for _, n := range m.Operations {
		p.Operations = append(p.Operations, n.UniqueID)
	}
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
	m.eachGraphMember(func(id string, _ []string) {
		p.Members = append(p.Members, id)
		p.Parents = append(p.Parents, m.Parents[id])
		p.Children = append(p.Children, m.Children[id])
	})
	return pack(slices.Grow(dst, 1<<10*(len(p.Nodes)+len(p.Macros))), &p)
}

// Pack is a struct of plain data in the form of snapshots.
func Pack[T any](v *T) ([]byte, error) { return pack(nil, v) }

// Unpack reads what Pack wrote; the strings of v are parts of data.
func Unpack[T any](data []byte, v *T) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errSnapshot, r)
		}
	}()
	d := &unpacker{buf: data}
	codecOf(reflect.TypeFor[T]()).get(d, reflect.ValueOf(v).Elem())
	if d.at != len(d.buf) {
		return errSnapshot
	}
	return nil
}

func pack[T any](dst []byte, v *T) ([]byte, error) {
	e := &packer{buf: dst, dicts: map[*value.Dict]uint64{}, sources: map[*diag.Source]uint64{}}
	codecOf(reflect.TypeFor[T]()).put(e, reflect.ValueOf(v).Elem())
	return e.buf, e.err
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

// ReadSnapshot is the manifest of a snapshot. The strings of the manifest are parts of
// data, which must not change any more.
func ReadSnapshot(data []byte) (m *Manifest, notes diag.List, err error) {
	var p parts
	if err := Unpack(data, &p); err != nil {
		return nil, nil, err
	}
	m = &Manifest{
		ProjectName: p.ProjectName, AdapterType: p.AdapterType, Selectors: p.Selectors, Quoting: p.Quoting,
		Order: p.Order, OwnPackageFirst: p.OwnPackageFirst,
		Nodes: mapped(p.Order.Nodes, p.Nodes), Sources: mapped(p.Order.Sources, p.Sources), Macros: mapped(p.Order.Macros, p.Macros),
		Docs: mapped(p.Order.Docs, p.Docs), Exposures: mapped(p.Order.Exposures, p.Exposures), Groups: mapped(p.Order.Groups, p.Groups),
		UnitTests: mapped(p.Order.UnitTests, p.UnitTests), Metrics: mapped(p.Order.Metrics, p.Metrics),
		SemanticModels: mapped(p.Order.SemanticModels, p.SemanticModels), SavedQueries: mapped(p.Order.SavedQueries, p.SavedQueries),
		Disabled: make(map[string][]any, len(p.Disabled)),
		Parents:  make(map[string][]string, len(p.Members)), Children: make(map[string][]string, len(p.Members)),
	}
	for _, id := range p.Operations {
		m.Operations = append(m.Operations, m.Nodes[id])
	}
	for i := range p.Disabled {
		m.Disabled[p.Disabled[i].ID] = p.Disabled[i].list()
	}
	for i, id := range p.Members {
		m.Parents[id], m.Children[id] = p.Parents[i], p.Children[i]
	}
	return m, p.Notes, nil
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

// packer writes.
type packer struct {
	buf     []byte
	dicts   map[*value.Dict]uint64
	sources map[*diag.Source]uint64
	err     error
}

func (e *packer) uint(n uint64) { e.buf = binary.AppendUvarint(e.buf, n) }

func (e *packer) string(s string) {
	e.uint(uint64(len(s)))
	e.buf = append(e.buf, s...)
}

func (e *packer) source(s *diag.Source) {
	if s == nil {
		e.uint(0)
		return
	}
	if n, ok := e.sources[s]; ok {
		e.uint(n)
		return
	}
	n := uint64(len(e.sources) + 1)
	e.sources[s] = n
	e.uint(n)
	e.string(s.Path)
	e.string(s.Text)
}

// dict writes a number, 0 for nil; the content follows where the number is new.
func (e *packer) dict(d *value.Dict) {
	if d == nil {
		e.uint(0)
		return
	}
	if n, ok := e.dicts[d]; ok {
		e.uint(n)
		return
	}
	n := uint64(len(e.dicts) + 1)
	e.dicts[d] = n
	e.uint(n)
	e.uint(uint64(d.Len()))
	for k, v := range d.All() {
		e.value(k)
		e.value(v)
	}
}

func (e *packer) value(v value.Value) {
	e.buf = append(e.buf, byte(v.Kind()))
	switch v.Kind() {
	case value.KindNone:
	case value.KindUndefined:
		if !v.IsZero() {
			e.fail(v)
		}
	case value.KindBool:
		b, _ := v.AsBool()
		e.bool(b)
	case value.KindInt:
		i, _ := v.AsInt()
		e.buf = binary.AppendVarint(e.buf, i)
	case value.KindBig:
		b, _ := v.AsBig()
		e.string(b.String())
	case value.KindFloat:
		f, _ := v.AsFloat()
		e.uint(math.Float64bits(f))
	case value.KindString:
		s, _ := v.AsString()
		e.string(s)
	case value.KindList, value.KindTuple:
		items := v.Items()
		e.uint(uint64(len(items)))
		for _, item := range items {
			e.value(item)
		}
	case value.KindDict:
		d, _ := v.AsDict()
		e.dict(d)
	default:
		e.fail(v)
	}
}

func (e *packer) bool(b bool) {
	n := byte(0)
	if b {
		n = 1
	}
	e.buf = append(e.buf, n)
}

func (e *packer) fail(v value.Value) {
	if e.err == nil {
		e.err = errors.New("a value of type " + value.TypeName(v) + " cannot be kept")
	}
}

// unpacker reads; damaged data ends in a panic, which ReadSnapshot turns into an error.
type unpacker struct {
	buf     []byte
	at      int
	dicts   []*value.Dict
	sources []*diag.Source
}

func (d *unpacker) uint() uint64 {
	n, size := binary.Uvarint(d.buf[d.at:])
	if size <= 0 {
		panic(errSnapshot)
	}
	d.at += size
	return n
}

// count is the length of a list, each element of which takes a byte at least.
func (d *unpacker) count() int {
	n := d.uint()
	if n > uint64(len(d.buf)-d.at) {
		panic(errSnapshot)
	}
	return int(n)
}

func (d *unpacker) byte() byte {
	b := d.buf[d.at]
	d.at++
	return b
}

func (d *unpacker) string() string {
	n := d.count()
	if n == 0 {
		return ""
	}
	s := unsafe.String(&d.buf[d.at], n)
	d.at += n
	return s
}

func (d *unpacker) source() *diag.Source {
	n := int(d.uint())
	switch {
	case n == 0:
		return nil
	case n <= len(d.sources):
		return d.sources[n-1]
	}
	path := d.string()
	s := diag.NewSource(path, d.string())
	d.sources = append(d.sources, s)
	return s
}

func (d *unpacker) dict() *value.Dict {
	n := int(d.uint())
	switch {
	case n == 0:
		return nil
	case n <= len(d.dicts):
		return d.dicts[n-1]
	}
	size := d.count()
	out := value.NewDict(size)
	d.dicts = append(d.dicts, out)
	for range size {
		k := d.value()
		if err := out.Set(k, d.value()); err != nil {
			panic(err)
		}
	}
	return out
}

func (d *unpacker) value() value.Value {
	switch kind := value.Kind(d.byte()); kind {
	case value.KindUndefined:
		return value.Undef
	case value.KindNone:
		return value.None
	case value.KindBool:
		return value.Bool(d.byte() == 1)
	case value.KindInt:
		n, size := binary.Varint(d.buf[d.at:])
		d.at += size
		return value.Int(n)
	case value.KindBig:
		b, ok := new(big.Int).SetString(d.string(), 10)
		if !ok {
			panic(errSnapshot)
		}
		return value.Big(b)
	case value.KindFloat:
		return value.Float(math.Float64frombits(d.uint()))
	case value.KindString:
		return value.String(d.string())
	case value.KindList, value.KindTuple:
		items := make([]value.Value, d.count())
		for i := range items {
			items[i] = d.value()
		}
		if kind == value.KindTuple {
			return value.NewTuple(items...)
		}
		return value.NewList(items...)
	case value.KindDict:
		return value.FromDict(d.dict())
	}
	panic(errSnapshot)
}

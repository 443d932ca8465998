package manifest

import (
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func node(pkg, name string, version, latest value.Value) *Node {
	id := "model." + pkg + "." + name
	if !version.IsUndefined() {
		id += ".v" + value.Str(version)
	}
	return &Node{ResourceType: Model, UniqueID: id, Name: name, PackageName: pkg, Version: version, LatestVersion: latest,
		Config: &Config{Values: value.NewDict(0)}}
}

func sample(own bool) *Manifest {
	m := New("root", "test")
	m.OwnPackageFirst = own
	one, two := value.Int(1), value.Int(2)
	for _, n := range []*Node{
		node("root", "a", value.Undef, value.Undef),
		node("dep", "a", value.Undef, value.Undef),
		node("dep", "b", value.Undef, value.Undef),
		node("dep", "c", value.Undef, value.Undef),
		node("other", "c", value.Undef, value.Undef),
		node("root", "dim", one, two),
		node("root", "dim", two, two),
	} {
		m.Nodes[n.UniqueID] = n
		m.Order.Nodes = append(m.Order.Nodes, n.UniqueID)
	}
	off := node("root", "off", value.Undef, value.Undef)
	m.Disabled[off.UniqueID] = []any{off}
	m.Order.Disabled = []string{off.UniqueID}
	s := &Source{UniqueID: "source.root.raw.t", SourceName: "raw", Name: "t", PackageName: "root", Config: &Config{}}
	m.Sources[s.UniqueID] = s
	m.Order.Sources = []string{s.UniqueID}
	m.Nodes["model.root.a"].DependsOn.Nodes = []string{"source.root.raw.t", "model.dep.b"}
	m.Finish("root")
	return m
}

func TestLookupRef(t *testing.T) {
	for _, c := range []struct {
		own                 bool
		from, pkg, name     string
		version             value.Value
		want                string
		disabled, ambiguous bool
	}{
		{from: "root", name: "a", want: "model.root.a"},
		{from: "dep", name: "a", want: "model.root.a"}, // the root project hides the package's own
		{own: true, from: "dep", name: "a", want: "model.dep.a"},
		{from: "root", pkg: "dep", name: "a", want: "model.dep.a"},
		{from: "root", name: "b", want: "model.dep.b"},
		{from: "root", pkg: "root", name: "b"},
		{from: "root", name: "c", ambiguous: true},
		{from: "other", name: "c", want: "model.other.c"},
		{from: "root", name: "dim", want: "model.root.dim.v2"},
		{from: "root", name: "dim", version: value.Int(1), want: "model.root.dim.v1"},
		{from: "root", name: "dim", version: value.String("1"), want: "model.root.dim.v1"},
		{from: "root", name: "dim", version: value.Int(3)},
		{from: "root", name: "off", disabled: true},
		{from: "root", name: "nothing"},
	} {
		res := sample(c.own).LookupRef(c.from, c.pkg, c.name, c.version)
		if res.ID != c.want || res.Disabled != c.disabled || (res.Ambiguous != nil) != c.ambiguous {
			t.Errorf("ref(%q, %q, v=%s) from %s: %+v", c.pkg, c.name, value.Repr(c.version), c.from, res)
		}
	}
}

func TestEdges(t *testing.T) {
	m := sample(false)
	if got := m.Parents("model.root.a"); len(got) != 2 || got[0] != "model.dep.b" || got[1] != "source.root.raw.t" {
		t.Errorf("parents are not sorted: %v", got)
	}
	if got := m.Children("source.root.raw.t"); len(got) != 1 || got[0] != "model.root.a" {
		t.Errorf("children: %v", got)
	}
	if kids := m.Children("model.root.dim.v1"); len(kids) != 0 {
		t.Error("every member has an entry")
	}
}

func TestResolveSource(t *testing.T) {
	m := sample(false)
	if id, _, ok := m.ResolveSource("dep", "raw", "t"); !ok || id != "source.root.raw.t" {
		t.Errorf("source of the root project from a package: %q", id)
	}
	if _, _, ok := m.ResolveSource("dep", "raw", "u"); ok {
		t.Error("a table that is not there was found")
	}
}

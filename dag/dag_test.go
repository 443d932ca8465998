package dag

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// build makes a manifest from lines "child: parent parent"; a name's prefix up to the
// first dot is its resource type.
func build(t testing.TB, lines ...string) *manifest.Manifest {
	t.Helper()
	m := manifest.New("p", "duckdb")
	for _, line := range lines {
		id, parents, _ := strings.Cut(line, ":")
		kind, name, _ := strings.Cut(id, ".")
		if kind == "source" {
			m.Sources[id] = &manifest.Source{UniqueID: id, Name: name}
			m.Order.Sources = append(m.Order.Sources, id)
			continue
		}
		src := diag.NewSource("models/"+name+".sql", line)
		n := &manifest.Node{UniqueID: id, Name: name, PackageName: "p", ResourceType: manifest.ResourceType(kind), OriginalFilePath: src.Path,
			BodySpan: src.At(0, len(line)), DependsOn: manifest.DependsOn{Nodes: strings.Fields(parents)}}
		for _, p := range n.DependsOn.Nodes {
			at := strings.LastIndex(line, p)
			n.Refs = append(n.Refs, manifest.Ref{Name: p[strings.IndexByte(p, '.')+1:], Version: value.None, Span: src.At(at, at+len(p))})
		}
		m.Nodes[id] = n
		m.Order.Nodes = append(m.Order.Nodes, id)
	}
	m.Finish("p")
	return m
}

func mustGraph(t testing.TB, m *manifest.Manifest) *Graph {
	t.Helper()
	g, d := New(m)
	if d != nil {
		t.Fatal(d)
	}
	return g
}

func TestReach(t *testing.T) {
	g := mustGraph(t, build(t, "source.s", "model.a: source.s", "model.b: model.a", "model.c: model.b model.a", "test.t: model.c"))
	for _, c := range []struct {
		name string
		got  Set
		want []string
	}{
		{"ancestors", g.Ancestors(g.SetOf("model.c"), -1), []string{"model.a", "model.b", "source.s"}},
		{"parents", g.Ancestors(g.SetOf("model.c"), 1), []string{"model.a", "model.b"}},
		{"none", g.Ancestors(g.SetOf("model.c"), 0), nil},
		{"descendants", g.Descendants(g.SetOf("model.a"), -1), []string{"model.b", "model.c", "test.t"}},
		{"children", g.Descendants(g.SetOf("source.s"), 1), []string{"model.a"}},
		{"at", g.ChildrensParents(g.SetOf("model.b")), []string{"model.a", "model.b", "model.c", "source.s", "test.t"}},
	} {
		if got := g.IDs(c.got); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestCycleIsTheShortestWithItsRefs(t *testing.T) {
	m := build(t, "model.a: model.d", "model.b: model.a", "model.c: model.b", "model.d: model.c model.e", "model.e: model.d", "model.z: model.a")
	_, d := New(m)
	if d == nil {
		t.Fatal("no cycle found")
	}
	if want := "Found a cycle: model.d --> model.e --> model.d"; d.Summary != want {
		t.Errorf("summary %q, want %q", d.Summary, want)
	}
	if d.Code != diag.CodeCycle || len(d.Related) != 2 {
		t.Fatalf("code %s, %d related", d.Code, len(d.Related))
	}
	for i, want := range []string{"models/e.sql:1:10", "models/d.sql:1:18"} {
		if got := d.Related[i].Span.String(); got != want {
			t.Errorf("related %d at %s, want %s", i, got, want)
		}
	}
	if _, d := New(build(t, "model.a: model.a")); d == nil || d.Summary != "Found a cycle: model.a --> model.a" {
		t.Errorf("self reference: %v", d)
	}
}

func TestDanglingDependency(t *testing.T) {
	if _, d := New(build(t, "model.a: model.nope")); d == nil || !strings.Contains(d.Summary, "'model.a' depends on 'model.nope' which is not in the graph!") {
		t.Errorf("got %v", d)
	}
}

func TestCriticalPath(t *testing.T) {
	g := mustGraph(t, build(t, "model.a:", "model.b: model.a", "model.c: model.b", "model.x:"))
	rest := g.CriticalPath(func(int) float64 { return 1 })
	for id, want := range map[string]float64{"model.a": 3, "model.b": 2, "model.c": 1, "model.x": 1} {
		if i, _ := g.Index(id); rest[i] != want {
			t.Errorf("%s: %v, want %v", id, rest[i], want)
		}
	}
}

// closure lists for every node what must end before it, by dbt's plain rule: a test blocks
// an executable node when all that it depends on is upstream of that node.
func plainBlockers(m *manifest.Manifest, g *Graph) map[edge]bool {
	extra := map[edge]bool{}
	for id, n := range m.Nodes {
		if n.ResourceType == manifest.Test {
			continue
		}
		i := g.index[id]
		up := g.Ancestors(g.SetOf(id), -1)
		up.Each(func(p int) {
			for _, c := range g.Children(p) {
				test := m.Nodes[g.ids[c]]
				if test == nil || test.ResourceType != manifest.Test {
					continue
				}
				if up.ContainsAll(g.SetOf(test.DependsOn.Nodes...)) {
					extra[edge{c, int32(i)}] = true
				}
			}
		})
	}
	return extra
}

func TestTestEdgesBlockAsDbts(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for round := 0; round < 200; round++ {
		var lines, models []string
		for i := 0; i < 3+r.Intn(12); i++ {
			name := fmt.Sprintf("model.m%02d", i)
			if r.Intn(8) == 0 {
				name = fmt.Sprintf("source.s%02d", i)
			}
			line := name + ":"
			for _, p := range models {
				if strings.HasPrefix(name, "model") && r.Intn(3) == 0 {
					line += " " + p
				}
			}
			lines, models = append(lines, line), append(models, name)
		}
		for i := 0; i < 6; i++ {
			line := fmt.Sprintf("test.t%d:", i)
			for k := 0; k <= r.Intn(3); k++ {
				line += " " + models[r.Intn(len(models))]
			}
			lines = append(lines, line)
		}
		m := build(t, lines...)
		g := mustGraph(t, m)
		with := g.WithTestEdges(m)
		if len(with.order) != with.Len() {
			t.Fatalf("round %d: test edges made a cycle\n%s", round, strings.Join(lines, "\n"))
		}
		plain := *g
		var edges []edge
		for e := range plainBlockers(m, g) {
			edges = append(edges, e)
		}
		plain.tests = newAdjacency(g.Len(), edges, false)
		for i := 0; i < g.Len(); i++ {
			if got, want := with.Dependents(i), plain.Dependents(i); !got.Equal(want) {
				t.Fatalf("round %d: behind %s are %v, want %v\n%s", round, g.ids[i], g.IDs(got), g.IDs(want), strings.Join(lines, "\n"))
			}
		}
	}
}

func layered(t testing.TB, n int) *manifest.Manifest {
	r := rand.New(rand.NewSource(2))
	lines := make([]string, 0, 2*n)
	for i := 0; i < n; i++ {
		line := fmt.Sprintf("model.m%05d:", i)
		for k := 0; i > 0 && k < 3; k++ {
			line += fmt.Sprintf(" model.m%05d", max(0, i-1-r.Intn(200)))
		}
		lines = append(lines, line, fmt.Sprintf("test.t%05d: model.m%05d model.m%05d", i, i, i/2))
	}
	return build(t, lines...)
}

func TestLargeGraphsKeepTheirOrder(t *testing.T) {
	m := layered(t, 3_000)
	g := mustGraph(t, m).WithTestEdges(m)
	at := make([]int, g.Len())
	for k, i := range g.TopologicalOrder() {
		at[i] = k
	}
	for i := 0; i < g.Len(); i++ {
		for _, p := range append(append([]int32{}, g.Parents(i)...), g.Blockers(i)...) {
			if at[p] >= at[i] {
				t.Fatalf("%s comes before %s", g.ID(i), g.ID(int(p)))
			}
		}
	}
}

func BenchmarkNew10k(b *testing.B) {
	m := layered(b, 10_000)
	for b.Loop() {
		mustGraph(b, m)
	}
}

func BenchmarkTestEdges10k(b *testing.B) {
	m := layered(b, 10_000)
	g := mustGraph(b, m)
	for b.Loop() {
		g.WithTestEdges(m)
	}
}

func BenchmarkDescendants10k(b *testing.B) {
	g := mustGraph(b, layered(b, 10_000))
	s := g.SetOf("model.m00000")
	for b.Loop() {
		g.Descendants(s, -1)
	}
}

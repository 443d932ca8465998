package adaptertest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// testMacros drives the adapter object with the engine's real macros.
func testMacros(t *testing.T, h Harness) {
	l := newLibrary(t, h)
	n := l.node(t, "model.suite.one")
	database := l.creds.Database()
	schema := h.Driver.Dialect().New(database, "By_Macro", "", "")
	check(t, n.CreateSchema(schema))
	check(t, n.CreateSchema(schema))
	for name, want := range map[string]bool{"By_Macro": true, "nothing_like_it": false} {
		if got, err := n.SchemaExists(database, name); err != nil || got != want {
			t.Fatalf("schema %s: %v %v", name, got, err)
		}
	}
	names, err := n.ListSchemas(database)
	if err != nil || !slices.Contains(names, "By_Macro") {
		t.Fatal(names, err)
	}
	rel := func(name string, kind relation.Type) *relation.Relation {
		return h.Driver.Dialect().New(database, "By_Macro", name, kind)
	}
	source, view := rel("Source", relation.Table), rel("a_view", relation.View)
	_, _, err = n.Execute("create table "+source.Render()+" (id integer, name varchar(10), price decimal(12,2))", true, false, -1)
	check(t, err)
	_, _, err = n.Execute("create view "+view.Render()+" as select id from "+source.Render(), true, false, -1)
	check(t, err)
	check(t, n.Commit())

	t.Run("list", func(t *testing.T) {
		check(t, n.FillCache([]*relation.Relation{schema}))
		found, err := n.ListRelations(strings.ToUpper(database), "by_macro")
		check(t, err)
		var got []string
		for _, r := range found {
			got = append(got, r.Render()+" "+string(r.Type))
		}
		slices.Sort(got)
		expect(t, strings.Join(got, "\n"), source.Render()+" table\n"+view.Render()+" view")
	})
	t.Run("columns", func(t *testing.T) {
		cols, err := n.Columns(source)
		check(t, err)
		var got []string
		for _, c := range cols {
			got = append(got, c.Name)
		}
		expect(t, strings.Join(got, " "), "id name price")
		if !cols[0].IsInteger() || !cols[1].IsString() {
			t.Errorf("%+v %+v", cols[0], cols[1])
		}
		if cols, err := n.Columns(rel("missing", relation.Table)); err != nil || len(cols) != 0 {
			t.Error(cols, err)
		}
		_, _, err = n.Execute("create table "+rel("wider", relation.Table).Render()+" (id integer, name varchar(200), more date)", true, false, -1)
		check(t, err)
		missing, err := n.call("get_missing_columns", rel("wider", relation.Table).Value(), source.Value())
		check(t, err)
		if len(missing.Items()) != 1 || !strings.Contains(value.Str(missing.Items()[0]), "more") {
			t.Error(value.Str(missing))
		}
		_, err = n.call("expand_target_column_types", rel("wider", relation.Table).Value(), source.Value())
		check(t, err)
		_, _, err = n.Execute("insert into "+source.Render()+" (id, name, price) values (1, 'longer than ten characters', 1)", true, false, -1)
		check(t, err)
		check(t, n.DropRelation(rel("wider", relation.Table)))
		check(t, n.Commit())
	})
	t.Run("get, rename and drop", func(t *testing.T) {
		got, err := n.GetRelation(database, "By_Macro", "Source")
		check(t, err)
		if got == nil || got.Type != relation.Table {
			t.Fatal(got)
		}
		if got, err := n.GetRelation(database, "By_Macro", "absent"); err != nil || got != nil {
			t.Fatal(got, err)
		}
		if _, err := n.GetRelation(database, "By_Macro", "SOURCE"); err == nil || !strings.Contains(err.Error(), "approximate match") {
			t.Fatal(err)
		}
		_, err = n.call("rename_relation", view.Value(), rel("b_view", relation.View).Value())
		check(t, err)
		check(t, n.Commit())
		if got, err := n.GetRelation(database, "By_Macro", "b_view"); err != nil || got == nil || got.Type != relation.View {
			t.Fatal(got, err)
		}
		check(t, n.DropRelation(source))
		check(t, n.Commit())
		// What the cache believes is what the database says.
		fresh, err := n.ListUncached(schema.WithoutIdentifier())
		check(t, err)
		cached, err := n.ListRelations(database, "By_Macro")
		check(t, err)
		expect(t, fmt.Sprint(renders(cached)), fmt.Sprint(renders(fresh)))
		if err := n.DropRelation(rel("untyped", "")); err == nil || !strings.Contains(err.Error(), "its type is null") {
			t.Fatal(err)
		}
	})
	t.Run("drop schema", func(t *testing.T) {
		check(t, n.DropSchema(schema))
		if got, err := n.SchemaExists(database, "By_Macro"); err != nil || got {
			t.Fatal(got, err)
		}
	})
	t.Run("nodes at once", func(t *testing.T) { nodesAtOnce(t, l) })
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func renders(rels []*relation.Relation) []string {
	out := []string{}
	for _, r := range rels {
		out = append(out, r.Render()+" "+string(r.Type))
	}
	slices.Sort(out)
	return out
}

// nodesAtOnce: nodes that create one schema do not get in each other's way, and a schema
// is listed once however many ask.
func nodesAtOnce(t *testing.T, l *library) {
	database := l.creds.Database()
	schema := l.h.Driver.Dialect().New(database, "shared_schema", "", "")
	nodes := make([]*node, 8)
	for i := range nodes {
		nodes[i] = l.node(t, fmt.Sprintf("model.suite.n%d", i))
	}
	before := l.events.count("ListRelations")
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := n.CreateSchema(schema); err != nil {
				t.Error(err)
			}
			if _, err := n.ListRelations(database, "Shared_Schema"); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if got := l.events.count("ListRelations") - before; got != 1 {
		t.Errorf("the schema was listed %d times", got)
	}
	if err := nodes[0].DropSchema(schema); err != nil {
		t.Error(err)
	}
}

func (s *sink) count(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, e := range s.events {
		if e.Name == name {
			n++
		}
	}
	return n
}

var _ adapters.MacroRunner = (*node)(nil)

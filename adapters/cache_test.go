package adapters

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/compiler/relation"
)

func rel(name string, kind relation.Type) *relation.Relation {
	schema, id, ok := strings.Cut(name, ".")
	if !ok {
		schema, id = "sch", name
	}
	return fakeDialect.New("DB", schema, id, kind)
}

func cacheText(c *Cache, schema string) string {
	var out []string
	for _, r := range c.Relations("db", schema) {
		out = append(out, r.Identifier+":"+string(r.Type))
	}
	return strings.Join(out, " ")
}

func TestCacheCascade(t *testing.T) {
	c := NewCache()
	for _, n := range []string{"a", "b", "c", "d"} {
		c.Add(rel(n, relation.Table))
	}
	c.Add(rel("A", relation.View)) // known under another case: nothing changes
	same(t, cacheText(c, "SCH"), "a:table b:table c:table d:table")
	c.AddLink(rel("a", ""), rel("b", ""))
	c.AddLink(rel("b", ""), rel("c", ""))
	c.AddLink(rel("c", ""), rel("a", "")) // a circle does no harm
	c.AddLink(rel("elsewhere.x", ""), rel("d", ""))
	c.AddLink(rel("a", ""), rel("other.ext", "")) // becomes known as external
	same(t, cacheText(c, "other"), "ext:external")
	if _, err := c.Rename(rel("b", ""), rel("B2", "")); err != nil {
		t.Fatal(err)
	}
	same(t, cacheText(c, "sch"), "a:table B2:table c:table d:table")
	if gone := c.Drop(rel("A", "")); len(gone) != 4 {
		t.Errorf("%d relations were dropped", len(gone))
	}
	same(t, cacheText(c, "sch"), "d:table")
	same(t, cacheText(c, "other"), "")
	if gone := c.Drop(rel("a", "")); gone != nil {
		t.Error("dropped twice")
	}
}

func TestCacheRename(t *testing.T) {
	c := NewCache()
	c.Add(rel("a", relation.Table))
	known, err := c.Rename(rel("tmp", relation.Table), rel("b", relation.Table))
	if err != nil || known {
		t.Error(known, err)
	}
	same(t, cacheText(c, "sch"), "a:table b:table")
	_, err = c.Rename(rel("a", ""), rel("B", ""))
	want := "Cache inconsistency detected: in rename, new key _ReferenceKey(database='db', schema='sch', identifier='b') already in cache: " +
		"[_ReferenceKey(database='db', schema='sch', identifier='a'), _ReferenceKey(database='db', schema='sch', identifier='b')]"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Error(err)
	}
	c.Add(rel("long__dbt_backup", relation.Table))
	if _, err = c.Rename(rel("a", ""), rel("long__dbt_backup", "")); err == nil || !strings.Contains(err.Error(), "begin with 'long'") {
		t.Error(err)
	}
	if known, err = c.Rename(rel("a", ""), rel("new.a", "")); err != nil || !known || !c.Has("db", "NEW") {
		t.Error(known, err)
	}
}

func TestCacheSchemas(t *testing.T) {
	c := NewCache()
	if c.Has("db", "sch") {
		t.Error("an empty cache knows a schema")
	}
	c.AddSchema("DB", "SCH")
	if !c.Has("db", "sch") || c.Has("", "sch") {
		t.Error("schemas are compared without case, and by database")
	}
	c.Add(rel("a", relation.Table))
	c.AddLink(rel("a", ""), rel("other.v", ""))
	c.DropSchema("db", "sch")
	c.DropSchema("db", "sch")
	if c.Has("db", "sch") || cacheText(c, "other") != "" {
		t.Error("the schema or what depended on it is still there")
	}
	c.Clear()
	if c.Has("db", "other") {
		t.Error("not cleared")
	}
	if !c.First("x") || c.First("x") {
		t.Error("First")
	}
}

func TestCacheIsSafe(t *testing.T) {
	c := NewCache()
	listed := 0
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := c.list("db", "sch", func() error { listed++; c.AddSchema("db", "sch"); return nil }); err != nil {
				t.Error(err)
			}
			name := string(rune('a' + i))
			for range 50 {
				c.Add(rel(name, relation.Table))
				if _, err := c.Rename(rel(name, ""), rel(name+"2", "")); err != nil {
					t.Error(err)
				}
				c.Relations("db", "sch")
				c.Drop(rel(name+"2", ""))
			}
		}()
	}
	wg.Wait()
	if listed != 1 || cacheText(c, "sch") != "" {
		t.Error(listed, cacheText(c, "sch"))
	}
}

// TestCacheNamed changes a cache at random: looking for a name finds what searching all finds.
func TestCacheNamed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	names := []string{"a", "A", `"a"`, "b", "B2", "`b`", "c.a", "c.b", "c.B"}
	pick := func() *relation.Relation { return rel(names[rng.IntN(len(names))], relation.Table) }
	c := NewCache()
	for range 3000 {
		switch rng.IntN(12) {
		case 0:
			c.Clear()
		case 1:
			c.DropSchema("DB", "c")
		case 2, 3:
			c.Drop(pick())
		case 4, 5:
			_, _ = c.Rename(pick(), pick()) // a taken name changes nothing
		case 6:
			c.AddLink(pick(), pick())
		default:
			c.Add(pick())
		}
		want := pick()
		var all []*relation.Relation
		for _, r := range c.Relations("DB", want.Schema) {
			if matchName(r.Identifier) == matchName(want.Identifier) {
				all = append(all, r)
			}
		}
		if got := c.Named("DB", want.Schema, want.Identifier); !slices.Equal(got, all) {
			t.Fatalf("%s: %v, want %v", want, got, all)
		}
	}
}

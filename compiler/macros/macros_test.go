package macros

import (
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func file(t *testing.T, pkg, text string) []Entry {
	t.Helper()
	src := diag.NewSource(pkg+"/macros.sql", text)
	tmpl, d := jinja.Parse(src)
	if d != nil {
		t.Fatal(d)
	}
	var out []Entry
	for _, m := range tmpl.Macros() {
		out = append(out, Entry{Macro: m, Package: pkg, UniqueID: "macro." + pkg + "." + m.Name, Source: src, OriginalPath: "macros/" + pkg + ".sql"})
	}
	return out
}

func build(t *testing.T, files ...[]Entry) *Set {
	t.Helper()
	set, problems := Build("shop", []string{"duckdb", "dbt"}, slices.Concat(files...))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return set
}

func id(e *Entry, ok bool) string {
	if !ok {
		return "-"
	}
	return e.UniqueID
}

const coreText = `{% macro a() %}{% endmacro %}{% macro default__d() %}{% endmacro %}{% macro generate_schema_name(c, n) %}{% endmacro %}
{% test unique(model) %}{% endtest %}{% materialization table, default %}{% endmaterialization %}{% materialization view, default %}{% endmaterialization %}`

func TestFind(t *testing.T) {
	s := build(t,
		file(t, "dbt", coreText),
		file(t, "duckdb", `{% macro a() %}{% endmacro %}{% macro duckdb__d() %}{% endmacro %}`),
		file(t, "utils", `{% macro a() %}{% endmacro %}{% macro u() %}{% endmacro %}{% test unique(model) %}{% endtest %}{% macro generate_schema_name(c, n) %}{% endmacro %}`),
		file(t, "shop", `{% macro u() %}{% endmacro %}`))
	for _, c := range []struct{ got, want string }{
		{id(s.Find("a", "")), "macro.utils.a"},
		{id(s.Find("u", "")), "macro.shop.u"},
		{id(s.Find("a", "dbt")), "macro.duckdb.a"},
		{id(s.Find("a", "duckdb")), "macro.duckdb.a"},
		{id(s.Find("nope", "")), "-"},
		{id(s.Find("a", "nope")), "-"},
		{id(s.FindTest("unique", "", "shop")), "macro.utils.test_unique"},
		{id(s.FindTest("unique", "dbt", "shop")), "macro.dbt.test_unique"},
		{id(s.FindTest("unique", "utils", "shop")), "macro.utils.test_unique"},
		{id(s.FindTest("nope", "", "shop")), "-"},
		{id(s.GenerateName("schema", "shop")), "macro.dbt.generate_schema_name"},
		{id(s.GenerateName("schema", "utils")), "macro.utils.generate_schema_name"},
		{id(s.GenerateName("alias", "utils")), "-"},
		{id(s.ByID("macro.dbt.a")), "macro.dbt.a"},
		{strings.Join(s.TestNames("shop"), " "), "unique"},
		{strings.Join(s.Materializations("duckdb", nil), " "), "table view"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestDispatch(t *testing.T) {
	s := build(t,
		file(t, "dbt", coreText),
		file(t, "duckdb", `{% macro duckdb__d() %}{% endmacro %}`),
		file(t, "utils", `{% macro default__u() %}{% endmacro %}{% macro parent__d() %}{% endmacro %}`),
		file(t, "shop", `{% macro default__u() %}{% endmacro %}{% macro default__d() %}{% endmacro %}`))
	adapters := []string{"duckdb", "parent"}
	for _, c := range []struct {
		name, from string
		packages   []string
		want       string
	}{
		{"d", "shop", []string{""}, "macro.duckdb.duckdb__d"},
		{"u", "shop", []string{""}, "macro.shop.default__u"},
		{"u", "utils", []string{""}, "macro.utils.default__u"},
		{"d", "shop", []string{"shop", "dbt"}, "macro.shop.default__d"},
		{"d", "shop", []string{"utils", "dbt"}, "macro.utils.parent__d"},
		{"u", "shop", []string{"nope", "duckdb"}, "-"},
	} {
		e, ok := s.Dispatch(c.name, c.packages, c.from, adapters)
		if got := id(e, ok); got != c.want {
			t.Errorf("%s in %v: got %s, want %s", c.name, c.packages, got, c.want)
		}
	}
	if got, want := strings.Join(Candidates("u", []string{"nope", ""}, adapters), " "), "nope.duckdb__u nope.parent__u nope.default__u duckdb__u parent__u default__u"; got != want {
		t.Errorf("looked for %s, want %s", got, want)
	}
}

func TestMaterializations(t *testing.T) {
	s := build(t,
		file(t, "dbt", coreText),
		file(t, "duckdb", `{% materialization table, adapter='duckdb' %}{% endmaterialization %}`),
		file(t, "utils", `{% materialization view, default %}{% endmaterialization %}{% materialization extra, default %}{% endmaterialization %}{% materialization table, default %}{% endmaterialization %}`))
	find := func(s *Set, name string, explicit bool) string {
		m, ok := s.FindMaterialization(name, "duckdb", nil, explicit)
		return id(m.Entry, ok) + " " + m.Overridden
	}
	rooted := build(t, file(t, "dbt", coreText), file(t, "utils", `{% materialization view, default %}{% endmaterialization %}`),
		file(t, "shop", `{% materialization view, default %}{% endmaterialization %}`))
	for _, c := range []struct{ got, want string }{
		{find(s, "table", true), "macro.duckdb.materialization_table_duckdb "},
		{find(s, "view", true), "macro.dbt.materialization_view_default utils"},
		{find(s, "view", false), "macro.utils.materialization_view_default utils"},
		{find(s, "extra", true), "macro.utils.materialization_extra_default "},
		{find(s, "nope", true), "- "},
		{find(rooted, "view", true), "macro.shop.materialization_view_default "},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if got := MissingMaterialization("x", "duckdb", diag.Span{}).Summary; got != "No materialization 'x' was found for adapter duckdb! (searched types 'default' and 'duckdb')" {
		t.Error(got)
	}
}

func TestDuplicates(t *testing.T) {
	_, problems := Build("shop", []string{"dbt"}, slices.Concat(file(t, "shop", `{% macro a() %}{% endmacro %}`), file(t, "shop", `{% macro b() %}{% endmacro %}{% macro a() %}{% endmacro %}`)))
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), `dbt found multiple macros named "a" in the project "shop".`) {
		t.Fatalf("problems %v", problems)
	}
	if p := problems[0]; !p.Span.Valid() || len(p.Related) != 1 || !p.Related[0].Span.Valid() {
		t.Error("both places should be shown")
	}
}

func TestPackageObject(t *testing.T) {
	s := build(t, file(t, "dbt", coreText), file(t, "utils", `{% macro keys() %}{% endmacro %}{% macro a() %}{% endmacro %}`))
	v, ok := s.Scope("shop").Lookup("utils")
	if !ok {
		t.Fatal("the package is not in the namespace")
	}
	if m, err := value.GetAttr(nil, v, "a"); err != nil || value.TypeName(m) != "MacroGenerator" {
		t.Errorf("utils.a is %v, %v", value.TypeName(m), err)
	}
	if m, err := value.GetItem(nil, v, value.String("nope")); err != nil || !m.IsUndefined() {
		t.Errorf("utils['nope'] is %v, %v", value.TypeName(m), err)
	}
	if _, ok := s.Scope("shop").Lookup("duckdb"); ok {
		t.Error("the engine's own package has no name of its own in templates")
	}
	if n := s.Scope("utils"); n != s.Scope("utils") || !slices.Contains(n.Names(), "generate_schema_name") {
		t.Error("a namespace is made once and lists its names")
	}
}

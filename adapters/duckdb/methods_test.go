package duckdb

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

func ask(t *testing.T, b *adapters.Bridge, name string, args ...value.Value) value.Value {
	t.Helper()
	v, ok, err := b.CallMethod(&value.Thread{}, name, value.Args{Pos: args})
	if err != nil || !ok {
		t.Fatalf("%s: %v %v", name, ok, err)
	}
	return v
}

func TestMethods(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "there.csv")
	if err := os.WriteFile(file, []byte("a\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := bridge(t, yaml(t, `{"external_root": "out", "attach": [{"path": ":memory:", "alias": "lake", "is_ducklake": true}], "plugins": [{"module": "excel", "alias": "xl"}]}`))
	rel := func(database, name string) value.Value {
		return dialect.New(database, "main", name, relation.Table).Value()
	}
	for _, tc := range []struct{ got, want value.Value }{
		{ask(t, b, "external_root"), value.String("out")},
		{ask(t, b, "is_motherduck"), value.False},
		{ask(t, b, "disable_transactions"), value.False},
		{ask(t, b, "get_binding_char"), value.String("?")},
		{ask(t, b, "is_ducklake", rel("lake", "x")), value.True},
		{ask(t, b, "is_ducklake", rel("memory", "x")), value.False},
		{ask(t, b, "is_ducklake", value.None), value.False},
		{ask(t, b, "use_ducklake_table_workarounds", rel("lake", "x")), value.False},
		{ask(t, b, "escape_sql_string", value.String("it's")), value.String("it''s")},
		{ask(t, b, "location_exists", value.String(file)), value.True},
		{ask(t, b, "location_exists", value.String(filepath.Join(dir, "missing.csv"))), value.False},
		{ask(t, b, "catalog_supports_foreign_keys", value.String("MEMORY")), value.True},
		{ask(t, b, "catalog_supports_foreign_keys", value.String("absent")), value.False},
		{ask(t, b, "valid_incremental_strategies"), value.Strings("append", "delete+insert", "merge", "microbatch")},
	} {
		if !value.Equal(tc.got, tc.want) {
			t.Errorf("got %s, want %s", value.Repr(tc.got), value.Repr(tc.want))
		}
	}
	if _, _, err := b.Execute("create table p (a int primary key, b int unique); create table f (a int references p (a))", false, false, -1); err != nil {
		t.Fatal(err)
	}
	if got := value.Repr(ask(t, b, "existing_key_constraint_types", rel("memory", "P"))); got != "['primary_key', 'unique']" {
		t.Error(got)
	}
	if got := value.Repr(ask(t, b, "existing_key_constraint_types", rel("memory", "f"))); got != "['foreign_key']" {
		t.Error(got)
	}
	model := yaml(t, `{"root_path": "/r", "original_file_path": "seeds/s.csv", "identifier": "m", "database": "memory", "config": {"meta": {"temp_schema_name": "tmp"}},
		"batch": {"event_time_start": "2020-01-02 03:00:00+00:00"}}`)
	if got := value.Str(ask(t, b, "get_seed_file_path", value.FromDict(model))); got != filepath.Join("/r", "seeds", "s.csv") {
		t.Error(got)
	}
	batch := ask(t, b, "batch_id_for_model", value.FromDict(model))
	if got := value.Str(batch); got != "20200102_0300000000" {
		t.Error(got)
	}
	if got := value.Str(ask(t, b, "batch_id_for_model", value.FromDict(yaml(t, `{"x": 1}`)))); got != "" {
		t.Error(got)
	}
	path := ask(t, b, "get_temp_relation_path", value.FromDict(model), batch)
	id, err := value.GetAttr(&value.Thread{}, path, "identifier")
	if name := value.Str(id); err != nil || !strings.HasPrefix(name, "m__") || !strings.HasSuffix(name, "__20200102_0300000000") {
		t.Error(name, err)
	}
	if s, err := value.GetAttr(&value.Thread{}, path, "schema"); err != nil || value.Str(s) != "tmp" {
		t.Error(value.Str(s), err)
	}
	store := func(plugin string) error {
		_, _, err := b.CallMethod(&value.Thread{}, "store_relation",
			value.Args{Pos: []value.Value{value.String(plugin), rel("memory", "p"), value.NewList(), value.None, value.None, value.None}})
		return err
	}
	if err := store("xls"); err == nil || !strings.Contains(err.Error(), "Plugin xls not found; known plugins are: xl") {
		t.Error(err)
	}
	t.Setenv(pythonVariable, "no-such-python")
	if err := store("xl"); err == nil || !strings.Contains(err.Error(), "there is no no-such-python") {
		t.Error(err)
	}
	_, table, err := b.Execute("select timestamp '2020-01-02 03:04:05' as at, 1 as n union all select null, 2 order by n", false, true, -1)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := agate.FromValue(ask(t, b, "convert_datetimes_to_strs", table.Value()))
	if got := value.Repr(text.Rows[0][0]) + value.Repr(text.Rows[1][0]); got != "'2020-01-02 03:04:05''None'" || text.Types[0] != agate.Text {
		t.Error(got)
	}
}

func TestPosition(t *testing.T) {
	for _, tc := range []struct {
		message, sql string
		want         int
	}{
		{"Binder Error: x\n\nLINE 2: b\n        ^", "a\nb", 2},
		{"Binder Error: x", "a", -1},
		{"Binder Error: x\nLINE 9: b\n        ^", "a\nb", -1},
		{"Parser Error: x\nLINE 1: ...cd ef...\n              ^", "ab cd ef gh", 6},
		{"Parser Error: x\nLINE 1: 世界 x\n             ^", "世界 x", 7},
		{"Parser Error: x\nLINE z: a\n^", "a", -1},
		{"Parser Error: x\nLINE 1: a", "a", -1},
	} {
		if got := position(tc.message, tc.sql); got != tc.want {
			t.Errorf("%q: got %d, want %d", tc.message, got, tc.want)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add("Binder Error: x\nLINE 2: b\n        ^", "a\nb")
	f.Add("\nLINE 1: ...\n   ^", "")
	f.Fuzz(func(t *testing.T, message, sql string) {
		got := position(message, sql)
		if got < -1 || got > len(sql) {
			t.Errorf("position %d of %d bytes", got, len(sql))
		}
		if line := excerpt(sql, max(got, 0)); !strings.HasSuffix(line, "^") {
			t.Errorf("excerpt %q", line)
		}
	})
}

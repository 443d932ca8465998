package duckdb

import (
	"os"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestAsDBT compares with what dbt-duckdb answers; testdata/generate.py asked it.
func TestAsDBT(t *testing.T) {
	raw, err := os.ReadFile("testdata/dbt.json")
	if err != nil {
		t.Fatal(err)
	}
	root, err := value.ParseJSON(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := root.AsDict()
	cases := func(name string) []value.Value {
		list, ok := all.GetString(name)
		if !ok || len(list.Items()) == 0 {
			t.Fatalf("no cases of %s", name)
		}
		return list.Items()
	}
	paths, _ := all.GetString("database")
	d, _ := paths.AsDict()
	for k, want := range d.All() {
		if got := databaseOf(value.Str(k)); got != value.Str(want) {
			t.Errorf("database of %s: got %s, want %s", value.Str(k), got, value.Str(want))
		}
	}
	b := bridge(t, profile())
	for method, list := range map[string][]value.Value{
		"external_write_options": cases("write"), "external_read_location": cases("read"),
		"render_raw_columns_constraints": cases("columns"), "render_raw_model_constraints": cases("model"),
	} {
		for _, c := range list {
			args, want := c.Items()[:len(c.Items())-1], c.Items()[len(c.Items())-1]
			asked := value.Repr(value.NewList(args...))
			got, _, err := b.CallMethod(&value.Thread{}, method, value.Args{Pos: args})
			if err != nil || value.Repr(got) != value.Repr(want) {
				t.Errorf("%s%s: got %s %v, want %s", method, asked, value.Repr(got), err, value.Repr(want))
			}
		}
	}
	for _, c := range cases("attach") {
		creds := parse(t, "attach", c.Items()[0])
		if got, want := creds.attach[0].sql, value.Str(c.Items()[1]); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for _, c := range cases("secret") {
		creds := parse(t, "secrets", c.Items()[0])
		if got, want := creds.secrets[0].sql, value.Str(c.Items()[1]); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func parse(t *testing.T, key string, entry value.Value) *credentials {
	t.Helper()
	d := profile()
	d.SetString(key, value.NewList(entry))
	c, err := parseCredentials(d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func bridge(t *testing.T, output *value.Dict) *adapters.Bridge {
	t.Helper()
	e, creds := openProfile(t, output)
	b := adapters.NewBridge(adapters.BridgeOptions{Driver: Driver{}, Credentials: creds, Engine: e, Name: "model.test.x"})
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

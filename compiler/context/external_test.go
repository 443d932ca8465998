package context

import (
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

func TestExternalLocation(t *testing.T) {
	d := *duckdb
	d.ExternalSources = true
	for _, c := range []struct {
		dialect                   *relation.Dialect
		location, formatter, want string
	}{
		{&d, "data/{name}.parquet", "", `'data/t.parquet'`},
		{&d, "read_csv('data/{identifier}.csv')", "", `read_csv('data/tbl.csv')`},
		{&d, "data/%(name)s.csv", "oldstyle", `'data/t.csv'`},
		{&d, "data/${schema}/$name.csv", "template", `'data/raw/t.csv'`},
		{&d, "'quoted/{name}'", "", `'quoted/t'`},
		{&d, "data/{missing}.csv", "", `'data/{missing}.csv'`},
		{duckdb, "data/{name}.parquet", "", `"raw"."tbl"`},
		{&d, "", "", `"raw"."tbl"`},
	} {
		meta := value.NewDict(2)
		if c.location != "" {
			meta.SetString("external_location", value.String(c.location))
		}
		if c.formatter != "" {
			meta.SetString("formatter", value.String(c.formatter))
		}
		e, _ := testEnv(t, nil)
		e.Dialect = c.dialect
		got := e.sourceRelation(&manifest.Source{Name: "t", Identifier: "tbl", Schema: "raw", SourceMeta: meta}).String()
		if got != c.want {
			t.Errorf("%s by %q: got %s, want %s", c.location, c.formatter, got, c.want)
		}
	}
}

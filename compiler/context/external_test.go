package context

import (
	"strings"
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

func TestExternalLocationThatDoesNotFit(t *testing.T) {
	d := *duckdb
	d.ExternalSources = true
	for _, c := range []struct{ location, formatter, want string }{
		{"data/{missing}.csv", "newstyle", "external_location cannot be filled in: 'missing'"},
		{"read_csv('f.csv', types={'a': 'DATE'})", "newstyle", `external_location cannot be filled in: "'a'"`},
		{"data/%(missing)s.csv", "oldstyle", "external_location cannot be filled in: 'missing'"},
		{"data/$missing.csv", "template", "external_location cannot be filled in: 'missing'"},
		{"data/{name}.csv", "fstring", "Formatter fstring not recognized. Must be one of 'newstyle', 'oldstyle', or 'template'."},
	} {
		meta := value.NewDict(2)
		meta.SetString("external_location", value.String(c.location))
		meta.SetString("formatter", value.String(c.formatter))
		e, _ := testEnv(t, nil)
		e.Dialect = &d
		err := e.CheckSource(&manifest.Source{Name: "t", SourceMeta: meta})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s by %s: got %v, want %s", c.location, c.formatter, err, c.want)
		}
	}
}

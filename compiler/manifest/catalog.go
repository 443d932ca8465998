package manifest

import (
	"io"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// CatalogTable is one relation in catalog.json.
type CatalogTable struct {
	UniqueID                     string
	Type, Schema, Name, Database string
	Comment, Owner               string // "" becomes null
	Columns                      []CatalogColumn
	Stats                        []CatalogStat // "has_stats" is added by Write
}

// CatalogColumn is one column of a relation.
type CatalogColumn struct {
	Name, Type string
	Index      int
	Comment    string // "" becomes null
}

// CatalogStat is one statistic of a relation.
type CatalogStat struct {
	ID, Label, Description string
	Value                  value.Value
	Include                bool
}

// CatalogArtifact is catalog.json (schema v1).
type CatalogArtifact struct {
	Metadata       Metadata
	Nodes, Sources []*CatalogTable
	Errors         []string
}

// Write writes the artifact, tables sorted by unique_id.
func (c *CatalogArtifact) Write(w io.Writer) error {
	e := &encoder{buf: make([]byte, 0, 1<<16)}
	e.raw("{")
	e.key("metadata")
	e.object(func(emit emit) { c.Metadata.fields("catalog/v1", emit) })
	e.key("nodes")
	writeTables(e, w, c.Nodes)
	e.key("sources")
	writeTables(e, w, c.Sources)
	errors := value.None
	if len(c.Errors) > 0 {
		errors = strs(c.Errors)
	}
	e.member("errors", errors)
	e.raw("}")
	e.flush(w)
	return e.err
}

func writeTables(e *encoder, w io.Writer, tables []*CatalogTable) {
	tables = slices.Clone(tables)
	slices.SortFunc(tables, func(a, b *CatalogTable) int { return strings.Compare(a.UniqueID, b.UniqueID) })
	e.objects(w, len(tables), func(e *encoder, i int) {
		e.key(tables[i].UniqueID)
		e.object(tables[i].fields)
	})
	e.flush(w)
}

func (t *CatalogTable) fields(emit emit) {
	meta := value.NewDict(6)
	meta.SetString("type", value.String(t.Type))
	meta.SetString("schema", value.String(t.Schema))
	meta.SetString("name", value.String(t.Name))
	meta.SetString("database", value.OptString(t.Database))
	meta.SetString("comment", value.OptString(t.Comment))
	meta.SetString("owner", value.OptString(t.Owner))
	emit("metadata", value.FromDict(meta))
	columns := value.NewDict(len(t.Columns))
	for _, c := range t.Columns {
		d := value.NewDict(4)
		d.SetString("type", value.String(c.Type))
		d.SetString("index", value.Int(int64(c.Index)))
		d.SetString("name", value.String(c.Name))
		d.SetString("comment", value.OptString(c.Comment))
		columns.SetString(c.Name, value.FromDict(d))
	}
	emit("columns", value.FromDict(columns))
	stats := value.NewDict(len(t.Stats) + 1)
	for _, s := range t.Stats {
		stats.SetString(s.ID, s.value())
	}
	has := CatalogStat{
		ID: "has_stats", Label: "Has Stats?", Value: value.Bool(len(t.Stats) > 0),
		Description: "Indicates whether there are statistics for this table",
	}
	stats.SetString(has.ID, has.value())
	emit("stats", value.FromDict(stats))
	emit("unique_id", value.String(t.UniqueID))
}

func (s CatalogStat) value() value.Value {
	d := value.NewDict(5)
	d.SetString("id", value.String(s.ID))
	d.SetString("label", value.String(s.Label))
	d.SetString("value", none(s.Value))
	d.SetString("include", value.Bool(s.Include))
	d.SetString("description", value.String(s.Description))
	return value.FromDict(d)
}

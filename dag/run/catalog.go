package run

import (
	"context"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// CatalogKey names a relation in a catalog, in lower case: engines disagree about case.
type CatalogKey struct{ Database, Schema, Name string }

func catalogKey(database, schema, name string) CatalogKey {
	return CatalogKey{strings.ToLower(database), strings.ToLower(schema), strings.ToLower(name)}
}

// maxCatalogRelations is how many relations dbt asks for by name; beyond it, it asks for all
// that their schemas hold.
const maxCatalogRelations = 100

// Catalog asks the engine, through the macros get_catalog_relations or get_catalog, for the
// relations of the nodes and sources of the selection. ids nil means all of them.
// The second result are the errors of single databases: the others are still listed.
func Catalog(ctx context.Context, s *Session, ids map[string]bool) (*manifest.CatalogArtifact, []error, error) {
	r, err := newRun(s, Plan{Mode: ModeOperation}, Options{})
	if err != nil {
		return nil, nil, err
	}
	owners := catalogOwners(s.Manifest, ids)
	databases := map[string][]catalogOwner{}
	for _, o := range owners {
		databases[o.database] = append(databases[o.database], o)
	}
	c, err := r.connect(ctx, mainThread, "generate_catalog", r.projectName(), nil)
	if err != nil {
		return nil, nil, err
	}
	defer c.release("generate_catalog")
	tables := map[CatalogKey]*manifest.CatalogTable{}
	var failures []error
	for _, database := range sortedKeys(databases) {
		view := r.Env.Dialect.New(database, "", "", "").InformationSchemaFor("")
		var v value.Value
		if len(owners) <= maxCatalogRelations {
			v, err = c.RunMacro("get_catalog_relations", "", value.Args{Pos: []value.Value{view.Value(), r.catalogRelations(databases[database])}})
		} else {
			v, err = c.RunMacro("get_catalog", "", value.Args{Pos: []value.Value{view.Value(), catalogSchemas(databases[database])}})
		}
		if err != nil {
			failures = append(failures, err)
			continue
		}
		t, ok := agate.FromValue(v)
		if !ok {
			return nil, nil, diag.New(diag.CodeTemplateRuntime, diag.Runtime, diag.Span{}, "the macro of the catalog did not return a table")
		}
		readCatalog(t, tables)
	}
	out := &manifest.CatalogArtifact{}
	for _, o := range owners {
		t, found := tables[catalogKey(o.database, o.schema, o.name)]
		if !found {
			continue
		}
		entry := *t
		entry.UniqueID = o.id
		if o.source {
			out.Sources = append(out.Sources, &entry)
		} else {
			out.Nodes = append(out.Nodes, &entry)
		}
	}
	for _, f := range failures {
		out.Errors = append(out.Errors, f.Error())
	}
	return out, failures, nil
}

func (r *run) catalogRelations(owners []catalogOwner) value.Value {
	relations := make([]value.Value, len(owners))
	for i, o := range owners {
		relations[i] = r.Env.Dialect.New(o.database, o.schema, o.name, "").Value()
	}
	return value.NewList(relations...)
}

func catalogSchemas(owners []catalogOwner) value.Value {
	schemas := map[string]bool{}
	for _, o := range owners {
		schemas[o.schema] = true
	}
	return value.Strings(sortedKeys(schemas)...)
}

type catalogOwner struct {
	id, database, schema, name string
	source                     bool
}

// catalogOwners are the nodes and sources that have a relation.
func catalogOwners(m *manifest.Manifest, ids map[string]bool) []catalogOwner {
	var out []catalogOwner
	for id, n := range m.Nodes {
		if n.Relation == "" || ids != nil && !ids[id] || n.Config.Materialized() == "ephemeral" || n.ResourceType == manifest.Test {
			continue
		}
		out = append(out, catalogOwner{id: id, database: n.Database, schema: n.Schema, name: n.Alias})
	}
	for id, s := range m.Sources {
		if ids == nil || ids[id] {
			out = append(out, catalogOwner{id: id, database: s.Database, schema: s.Schema, name: s.Identifier, source: true})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}

// readCatalog collects get_catalog's rows, one for each column, by relation.
func readCatalog(t *agate.Table, into map[CatalogKey]*manifest.CatalogTable) {
	at := map[string]int{}
	for i, name := range t.Names {
		at[strings.ToLower(name)] = i
	}
	stats := catalogStats(t.Names)
	for _, row := range t.Rows {
		text := func(name string) string {
			i, ok := at[name]
			if !ok || row[i].IsNull() {
				return ""
			}
			return value.Str(row[i])
		}
		key := catalogKey(text("table_database"), text("table_schema"), text("table_name"))
		table, known := into[key]
		if !known {
			table = &manifest.CatalogTable{Type: text("table_type"), Database: text("table_database"), Schema: text("table_schema"), Name: text("table_name"),
				Comment: text("table_comment"), Owner: text("table_owner")}
			for _, s := range stats {
				table.Stats = append(table.Stats, s.of(row))
			}
			into[key] = table
		}
		index, _ := value.ToInt(row[at["column_index"]], 10)
		n, _ := index.AsInt()
		table.Columns = append(table.Columns, manifest.CatalogColumn{Name: text("column_name"), Type: text("column_type"), Index: int(n), Comment: text("column_comment")})
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

package check

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/dag/run"
)

// seedBytes is how much of a seed is read: its header is what counts, and types that later
// lines would change make no query wrong.
const seedBytes = 1 << 20

// seed gives the columns of a CSV.
func (w *walk) seed(n *manifest.Node) ([]sql.Column, sql.Certainty) {
	table, err := run.ReadSeed(n, seedBytes)
	if err != nil {
		return nil, sql.Unseen // loading it says why
	}
	given := n.Config.Dict("column_types")
	columns := make([]sql.Column, len(table.Names))
	for i, name := range table.Names {
		columns[i] = sql.Column{Name: name, Type: adapters.ConvertType(table, i)}
		if given == nil {
			continue
		}
		if t, ok := given.GetString(name); ok {
			columns[i].Type = value.Str(t)
		}
	}
	if !w.Session.BuiltinMaterialization("seed") {
		return columns, sql.Assumed
	}
	return columns, w.proof.bound(n, sql.Known)
}

// source gives the columns of a source. YAML may leave columns out, and so may a catalog
// that was written before somebody added one: only the database knows. Without it, what the
// YAML lists is good enough to trace columns.
func (w *walk) source(s *manifest.Source) ([]sql.Column, sql.Certainty) {
	rel := w.relation(s.UniqueID)
	if w.Columns != nil && len(rel.Metadata) == 0 {
		if columns, err := w.Columns(rel); err == nil && len(columns) > 0 {
			if declare.Has(s) {
				return plain(columns), sql.Assumed // a build lands what has come in before, with new columns
			}
			return plain(columns), sql.Known
		}
	}
	return declared(s.Columns), sql.Assumed
}

func plain(columns []*relation.Column) []sql.Column {
	out := make([]sql.Column, len(columns))
	for i, c := range columns {
		out[i] = sql.Column{Name: c.Name, Type: c.DataType()}
	}
	return out
}

// declared are the columns of a YAML file.
func declared(columns []*manifest.Column) []sql.Column {
	out := make([]sql.Column, len(columns))
	for i, c := range columns {
		out[i] = sql.Column{Name: c.Name, Type: c.DataType}
	}
	return out
}

// built gives the columns of the relation that a node makes from the columns of its query,
// which are nil when the query is not known.
func (w *walk) built(n *manifest.Node, query []sql.Column, certainty sql.Certainty) ([]sql.Column, sql.Certainty) {
	certainty = w.proof.bound(n, certainty)
	if n.Contract.Enforced && w.proof.own(n) && !slices.ContainsFunc(n.Columns, func(c *manifest.Column) bool { return c.DataType == "" }) {
		if query == nil {
			return declared(n.Columns), sql.Known
		}
		return query, certainty // a build refuses what differs from the contract
	}
	if query == nil {
		return w.likely(n)
	}
	switch {
	case n.ResourceType == manifest.Snapshot:
		return w.withOld(n, append(query[:len(query):len(query)], snapshotColumns(n)...), certainty)
	case n.Config.Materialized() == "incremental" && n.Config.String("on_schema_change") == "append_new_columns":
		return w.withOld(n, query, certainty)
	}
	return query, certainty
}

// likely gives the columns that a relation has now, or that its YAML lists, where its query
// is not known: good enough to trace columns.
func (w *walk) likely(n *manifest.Node) ([]sql.Column, sql.Certainty) {
	if w.Lineage && w.Columns != nil && hasRelation(n) {
		if columns, err := w.Columns(w.relation(n.UniqueID)); err == nil && len(columns) > 0 {
			return plain(columns), sql.Assumed
		}
	}
	return declared(n.Columns), sql.Assumed
}

// withOld adds the columns that a table has kept from earlier runs.
func (w *walk) withOld(n *manifest.Node, columns []sql.Column, certainty sql.Certainty) ([]sql.Column, sql.Certainty) {
	if w.Columns == nil {
		return columns, min(certainty, sql.Assumed)
	}
	old, err := w.Columns(w.relation(n.UniqueID))
	if err != nil {
		return columns, min(certainty, sql.Assumed)
	}
	for _, c := range plain(old) {
		if !slices.ContainsFunc(columns, func(have sql.Column) bool { return strings.EqualFold(have.Name, c.Name) }) {
			columns = append(columns, c)
		}
	}
	return columns, certainty
}

// snapshotColumns are the columns that a snapshot adds to its query.
func snapshotColumns(n *manifest.Node) []sql.Column {
	columns := []sql.Column{{Name: "dbt_scd_id", Type: "text"}, {Name: "dbt_updated_at", Type: "timestamp"},
		{Name: "dbt_valid_from", Type: "timestamp"}, {Name: "dbt_valid_to", Type: "timestamp"}}
	if n.Config.String("hard_deletes") == "new_record" {
		columns = append(columns, sql.Column{Name: "dbt_is_deleted", Type: "text"})
	}
	for _, key := range []string{"snapshot_meta_column_names", "snapshot_table_column_names"} {
		names := n.Config.Dict(key)
		if names == nil {
			continue
		}
		for i := range columns {
			if v, ok := names.GetString(columns[i].Name); ok && !v.IsNull() {
				columns[i].Name = value.Str(v)
			}
		}
	}
	return columns
}

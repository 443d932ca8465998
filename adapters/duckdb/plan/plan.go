// Package plan reads DuckDB's bound logical plan (json_serialize_plan) and says for every
// column of a query which columns of tables it is made from. The plan has every name
// resolved, every star expanded and every subquery made a join, so that this is a walk from
// the tables up. The form of plans is no stable interface: what is not known here is an
// error, never a guess.
package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/compiler/sql"
)

// column is what one column of an operator is made from.
type column map[source]sql.Kind

type source struct {
	table sql.Name
	name  string
}

// Lineage reads the plan of one query.
func Lineage(text []byte) (*sql.Trace, error) {
	var doc struct {
		Error   bool       `json:"error"`
		Message string     `json:"error_message"`
		Plans   []operator `json:"plans"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("the plan: %w", err)
	}
	if doc.Error || len(doc.Plans) != 1 {
		return nil, fmt.Errorf("no plan of one query: %s", doc.Message)
	}
	w := &walker{ctes: map[int][]column{}, rows: column{}}
	columns, err := w.operator(&doc.Plans[0])
	if err != nil {
		return nil, err
	}
	out := &sql.Trace{Columns: make([][]sql.Origin, len(columns)), Rows: w.rows.origins()}
	for i, c := range columns {
		out.Columns[i] = c.origins()
	}
	return out, nil
}

func (c column) origins() []sql.Origin {
	out := make([]sql.Origin, 0, len(c))
	for s, kind := range c {
		out = append(out, sql.Origin{Table: s.table, Column: s.name, Kind: kind})
	}
	slices.SortFunc(out, sql.Origin.Compare)
	return out
}

// choose notes that columns decide which rows there are, in the first way that is found.
func (c column) choose(o column, kind sql.Kind) {
	for s := range o {
		if _, known := c[s]; !known {
			c[s] = kind
		}
	}
}

// add takes the sources of another column in, at least as loosely as kind says.
func (c column) add(o column, kind sql.Kind) {
	for s, k := range o {
		c[s] = max(c[s], k, kind)
	}
}

func union(columns ...column) column {
	out := column{}
	for _, c := range columns {
		out.add(c, sql.Passthrough)
	}
	return out
}

// merge is column by column what two inputs of a set operation give.
func merge(a, b []column) ([]column, error) {
	if len(a) != len(b) {
		return nil, fmt.Errorf("a set operation over %d and %d columns", len(a), len(b))
	}
	out := make([]column, len(a))
	for i := range a {
		out[i] = union(a[i], b[i])
	}
	return out, nil
}

func same(a, b []column) bool { return slices.EqualFunc(a, b, maps.Equal) }

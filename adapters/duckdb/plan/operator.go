package plan

import (
	"fmt"

	"github.com/millrace/millrace/compiler/sql"
)

// operator is one node of a plan, with the members that say which columns it gives. Indexes
// are float64 because "none" is the largest unsigned number.
type operator struct {
	Type        string     `json:"type"`
	Children    []operator `json:"children"`
	Expressions []any      `json:"expressions"`
	TableIndex  float64    `json:"table_index"`

	// scans
	Name           string        `json:"name"`
	Names          []string      `json:"names"`
	Function       scanned       `json:"function_data"`
	ColumnIndexes  []columnIndex `json:"column_indexes"`
	ProjectionIDs  []float64     `json:"projection_ids"`
	ProjectedInput []float64     `json:"projected_input"`
	ChunkTypes     []any         `json:"chunk_types"`
	CTEIndex       int           `json:"cte_index"`

	// aggregates
	Groups            []any   `json:"groups"`
	GroupingFunctions [][]int `json:"grouping_functions"`

	// joins
	JoinType       string    `json:"join_type"`
	Conditions     []any     `json:"conditions"`
	Condition      any       `json:"condition"`
	Left           []float64 `json:"left_projection_map"`
	Right          []float64 `json:"right_projection_map"`
	Eliminated     []any     `json:"duplicate_eliminated_columns"`
	DelimFlipped   bool      `json:"delim_flipped"`
	ProjectionMap  []float64 `json:"projection_map"`
	ProjectionsMap []float64 `json:"projections"`
}

type scanned struct {
	Catalog string `json:"catalog"`
	Schema  string `json:"schema"`
	Table   string `json:"table"`
}

type columnIndex struct {
	Index float64 `json:"index"`
}

// walker carries what operators further down refer to.
type walker struct {
	ctes  map[int][]column // by the index of the CTE
	delim [][]column       // what the enclosing delim joins hand to their inner side
	rows  column           // what filters and joins look at
}

// operator gives the columns of an operator.
func (w *walker) operator(o *operator) ([]column, error) {
	switch o.Type {
	case "LOGICAL_GET":
		return w.get(o)
	case "LOGICAL_PROJECTION":
		return w.over(o, func(in []column) ([]column, error) { return expressions(o.Expressions, in, &o.Children[0]) })
	case "LOGICAL_FILTER", "LOGICAL_ORDER_BY", "LOGICAL_TOP_N", "LOGICAL_LIMIT", "LOGICAL_DISTINCT", "LOGICAL_SAMPLE":
		return w.over(o, func(in []column) ([]column, error) {
			if o.Type == "LOGICAL_FILTER" {
				conditions, err := expressions(o.Expressions, in, &o.Children[0])
				if err != nil {
					return nil, err
				}
				w.rows.choose(union(conditions...), sql.Filter)
			}
			out, err := pick(in, o.ProjectionMap)
			if err != nil {
				return nil, err
			}
			return pick(out, o.ProjectionsMap)
		})
	case "LOGICAL_AGGREGATE_AND_GROUP_BY":
		return w.over(o, func(in []column) ([]column, error) { return aggregate(o, in) })
	case "LOGICAL_WINDOW", "LOGICAL_UNNEST":
		return w.over(o, func(in []column) ([]column, error) {
			more, err := expressions(o.Expressions, in, &o.Children[0])
			return append(in[:len(in):len(in)], more...), err
		})
	case "LOGICAL_COMPARISON_JOIN", "LOGICAL_ANY_JOIN", "LOGICAL_ASOF_JOIN", "LOGICAL_POSITIONAL_JOIN", "LOGICAL_CROSS_PRODUCT", "LOGICAL_DELIM_JOIN":
		return w.join(o)
	case "LOGICAL_UNION", "LOGICAL_INTERSECT", "LOGICAL_EXCEPT":
		return w.setOperation(o)
	case "LOGICAL_MATERIALIZED_CTE", "LOGICAL_RECURSIVE_CTE":
		return w.cte(o)
	case "LOGICAL_CTE_REF":
		if c, ok := w.ctes[o.CTEIndex]; ok {
			return c, nil
		}
		return nil, fmt.Errorf("a CTE that is not in the plan: %d", o.CTEIndex)
	case "LOGICAL_DELIM_GET":
		if n := len(w.delim); n > 0 && len(w.delim[n-1]) == len(o.ChunkTypes) {
			return w.delim[n-1], nil
		}
		return nil, fmt.Errorf("%s without its join", o.Type)
	case "LOGICAL_DUMMY_SCAN":
		return make([]column, 1), nil
	case "LOGICAL_CHUNK_GET":
		return make([]column, len(o.ChunkTypes)), nil
	case "LOGICAL_EXPRESSION_GET":
		return w.values(o)
	}
	return nil, fmt.Errorf("the operator %s", o.Type)
}

// over walks the only child and hands its columns on.
func (w *walker) over(o *operator, f func(in []column) ([]column, error)) ([]column, error) {
	in, err := w.child(o, 0)
	if err != nil {
		return nil, err
	}
	return f(in)
}

func (w *walker) child(o *operator, i int) ([]column, error) {
	if i >= len(o.Children) {
		return nil, fmt.Errorf("%s has %d inputs", o.Type, len(o.Children))
	}
	return w.operator(&o.Children[i])
}

// get is a scan: of a table, or of a function, whose columns come from its arguments.
func (w *walker) get(o *operator) ([]column, error) {
	var input []column
	if len(o.Children) > 0 {
		var err error
		if input, err = w.child(o, 0); err != nil {
			return nil, err
		}
	}
	var out []column
	for _, c := range o.ColumnIndexes {
		switch {
		case o.Name != "seq_scan":
			made := column{}
			made.add(union(input...), sql.Transform)
			out = append(out, made)
		case c.Index >= float64(len(o.Names)): // rowid, or nothing but the number of rows
			out = append(out, nil)
		default:
			table := sql.Name{Database: o.Function.Catalog, Schema: o.Function.Schema, Identifier: o.Function.Table}
			out = append(out, column{source{table, o.Names[int(c.Index)]}: sql.Passthrough})
		}
	}
	if len(o.ColumnIndexes) == 0 {
		out = make([]column, 1)
	}
	out, err := pick(out, o.ProjectionIDs)
	if err != nil || len(o.ProjectedInput) == 0 {
		return out, err
	}
	more, err := pick(input, o.ProjectedInput)
	return append(out, more...), err
}

// pick takes the columns that a map names; an empty map takes all.
func pick(in []column, at []float64) ([]column, error) {
	if len(at) == 0 {
		return in, nil
	}
	out := make([]column, len(at))
	for i, k := range at {
		if k < 0 || k >= float64(len(in)) {
			return nil, fmt.Errorf("column %v of %d", k, len(in))
		}
		out[i] = in[int(k)]
	}
	return out, nil
}

// aggregate gives the groups, the aggregates, and what GROUPING() tells about groups.
func aggregate(o *operator, in []column) ([]column, error) {
	out, err := expressions(o.Groups, in, &o.Children[0])
	if err != nil {
		return nil, err
	}
	groups := out
	aggregates, err := expressions(o.Expressions, in, &o.Children[0])
	if err != nil {
		return nil, err
	}
	out = append(out[:len(out):len(out)], aggregates...)
	for _, over := range o.GroupingFunctions {
		c := column{}
		for _, g := range over {
			if g < 0 || g >= len(groups) {
				return nil, fmt.Errorf("group %d of %d", g, len(groups))
			}
			c.add(groups[g], sql.Transform)
		}
		out = append(out, c)
	}
	return out, nil
}

// setOperation goes by position. The rows of an EXCEPT are those of its first input.
func (w *walker) setOperation(o *operator) ([]column, error) {
	out, err := w.child(o, 0)
	if err != nil || o.Type == "LOGICAL_EXCEPT" {
		return out, err
	}
	for i := 1; i < len(o.Children); i++ {
		more, err := w.child(o, i)
		if err != nil {
			return nil, err
		}
		if out, err = merge(out, more); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cte gives a CTE to what reads it. A recursive one reads itself: its sources only grow, and
// the walk ends when they no longer do.
func (w *walker) cte(o *operator) ([]column, error) {
	first, err := w.child(o, 0)
	if err != nil {
		return nil, err
	}
	index := int(o.TableIndex)
	w.ctes[index] = first
	if o.Type == "LOGICAL_MATERIALIZED_CTE" {
		return w.child(o, 1)
	}
	for {
		again, err := w.child(o, 1)
		if err != nil {
			return nil, err
		}
		next, err := merge(w.ctes[index], again)
		if err != nil {
			return nil, err
		}
		if same(next, w.ctes[index]) {
			return next, nil
		}
		w.ctes[index] = next
	}
}

// values is VALUES: a list of rows, each a list of expressions.
func (w *walker) values(o *operator) ([]column, error) {
	in, err := w.child(o, 0)
	if err != nil {
		return nil, err
	}
	var out []column
	for _, row := range o.Expressions {
		list, ok := row.([]any)
		if !ok {
			return nil, fmt.Errorf("%s without rows", o.Type)
		}
		columns, err := expressions(list, in, &o.Children[0])
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = columns
		} else if out, err = merge(out, columns); err != nil {
			return nil, err
		}
	}
	return out, nil
}

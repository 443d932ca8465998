package plan

import (
	"fmt"

	"github.com/millrace/millrace/compiler/sql"
)

// expressions gives one column for each expression over the columns of the input.
func expressions(list []any, in []column, input *operator) ([]column, error) {
	out := make([]column, len(list))
	for i, x := range list {
		c, err := expression(x, in, input)
		if err != nil {
			return nil, err
		}
		out[i] = c
	}
	return out, nil
}

// expression collects the columns that an expression refers to.
func expression(x any, in []column, input *operator) (column, error) {
	m, ok := x.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("an expression that is none: %v", x)
	}
	switch m["expression_class"] {
	case "BOUND_REF":
		return at(in, m["index"])
	case "BOUND_COLUMN_REF": // left over where a table function reads columns beside it
		binding, _ := m["binding"].(map[string]any)
		index, ok := binding["table_index"].(float64)
		if !ok || input == nil || len(input.Children) > 0 || index != input.TableIndex {
			return nil, fmt.Errorf("a column of a table that is not the input")
		}
		return at(in, binding["column_index"])
	}
	out := column{}
	return out, collect(m, kindOf(m), in, input, out)
}

func at(in []column, index any) (column, error) {
	i, ok := index.(float64)
	if !ok || i < 0 || i >= float64(len(in)) {
		return nil, fmt.Errorf("column %v of %d", index, len(in))
	}
	return in[int(i)], nil
}

// kindOf is how an expression uses what it refers to.
func kindOf(m map[string]any) sql.Kind {
	if m["expression_class"] == "BOUND_AGGREGATE" || m["type"] == "WINDOW_AGGREGATE" {
		return sql.Aggregate
	}
	return sql.Transform
}

// aside are members that hold no operands. The data of a function may hold a lambda, whose
// references count its own parameters; what it takes from outside are operands as well.
var aside = map[string]bool{"function_data": true, "value": true, "return_type": true, "arguments": true, "original_arguments": true}

func collect(x any, kind sql.Kind, in []column, input *operator, into column) error {
	switch x := x.(type) {
	case []any:
		for _, item := range x {
			if err := operand(item, kind, in, input, into); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, member := range x {
			if aside[key] {
				continue
			}
			if err := operand(member, kind, in, input, into); err != nil {
				return err
			}
		}
	}
	return nil
}

// operand is an expression of its own, or something that holds some.
func operand(x any, kind sql.Kind, in []column, input *operator, into column) error {
	m, ok := x.(map[string]any)
	if !ok || m["expression_class"] == nil {
		return collect(x, kind, in, input, into)
	}
	c, err := expression(m, in, input)
	into.add(c, kind)
	return err
}

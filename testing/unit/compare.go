package unit

import (
	"fmt"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/testing/unit/tablediff"
)

const sideColumn = "actual_or_expected"

// compare takes the rows of both sides apart and pictures how they differ. The order of
// rows does not count.
func compare(table *agate.Table, colors bool) (message string, differs bool, err error) {
	if table == nil {
		table = agate.Empty()
	}
	side := -1
	var header []tablediff.Cell
	for i, name := range table.Names {
		if lower := strings.ToLower(name); lower == sideColumn {
			side = i
		} else {
			header = append(header, tablediff.Cell{Text: lower})
		}
	}
	if side < 0 {
		return "", false, diag.New(diag.CodeMaterialization, diag.Internal, diag.Span{}, "the result of a unit test has no column "+sideColumn)
	}
	var rows [2][][]value.Value
	for _, row := range table.Rows {
		values := append(append(make([]value.Value, 0, len(row)-1), row[:side]...), row[side+1:]...)
		switch value.Str(row[side]) {
		case "expected":
			rows[0] = append(rows[0], values)
		case "actual":
			rows[1] = append(rows[1], values)
		}
	}
	var sides [2][][]tablediff.Cell
	for i := range rows {
		if err := sortRows(rows[i]); err != nil {
			return "", false, err
		}
		sides[i] = append(sides[i], header)
		for _, r := range rows[i] {
			sides[i] = append(sides[i], textRow(r))
		}
	}
	picture, differs := tablediff.Diff(sides[0], sides[1], colors)
	if !differs {
		return "", false, nil
	}
	actual, expected := "actual", "expected"
	if colors {
		actual, expected = "\x1b[32mactual\x1b[0m", "\x1b[31mexpected\x1b[0m"
	}
	return fmt.Sprintf("\n\n%s differs from %s:\n\n%s\n", actual, expected, picture), true, nil
}

func textRow(row []value.Value) []tablediff.Cell {
	out := make([]tablediff.Cell, len(row))
	for i, v := range row {
		out[i] = tablediff.Cell{Text: value.Str(v)}
		if v.IsNull() {
			out[i] = tablediff.Cell{Null: true}
		}
	}
	return out
}

// sortRows sorts by columns from left to right, nulls last.
func sortRows(rows [][]value.Value) error {
	var failed error
	sort.SliceStable(rows, func(a, b int) bool {
		for i := range rows[a] {
			x, y := rows[a][i], rows[b][i]
			if x.IsNull() || y.IsNull() {
				if x.IsNull() != y.IsNull() {
					return y.IsNull()
				}
				continue
			}
			order, err := value.Compare(x, y)
			if err != nil {
				failed = err
			}
			if order != 0 {
				return order < 0
			}
		}
		return false
	})
	return failed
}

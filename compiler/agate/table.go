// Package agate is the result table that templates see: columns with inferred types,
// rows that answer by name and by position, and dbt's rules for reading seeds.
package agate

import (
	"strconv"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Type is the type of a column.
type Type uint8

const (
	Text Type = iota
	Number
	Integer
	Boolean
	Date
	DateTime
	ISODateTime
	TimeDelta
)

var typeNames = [...]string{"Text", "Number", "Integer", "Boolean", "Date", "DateTime", "ISODateTime", "TimeDelta"}

// String is the name of agate's class for the type.
func (t Type) String() string { return typeNames[t] }

// Table is immutable. Rows are as long as Names; nothing in them may be changed.
type Table struct {
	Names []string
	Types []Type
	Rows  [][]value.Value

	rowNames []value.Value // nil without row names
	index    map[string]int
}

// Head is the table with its first n rows; columns keep their types.
func (t *Table) Head(n int) *Table {
	out := *t
	if n < len(t.Rows) {
		out.Rows = t.Rows[:n:n]
		if t.rowNames != nil {
			out.rowNames = t.rowNames[:n:n]
		}
	}
	return &out
}

// New makes a table of a query's result. Column types are inferred from the values; text
// stays text, and dicts and lists become JSON text.
func New(names []string, rows [][]value.Value) *Table {
	names = uniqueNames(names)
	types := make([]Type, len(names))
	for i := range names {
		types[i] = resultColumn(rows, i)
	}
	return NewTyped(names, types, rows)
}

// NewTyped makes a table of values that have the given types already. It takes ownership.
func NewTyped(names []string, types []Type, rows [][]value.Value) *Table {
	t := &Table{Names: names, Types: types, Rows: rows, index: make(map[string]int, len(names))}
	for i, n := range names {
		t.index[n] = i
	}
	return t
}

// Empty is the table without columns, which stands for no result.
func Empty() *Table { return NewTyped(nil, nil, nil) }

// Column is the position of a column, -1 when there is none of that name.
func (t *Table) Column(name string) int {
	if i, ok := t.index[name]; ok {
		return i
	}
	return -1
}

// uniqueNames names unnamed columns by letters and numbers repeated ones: a, a_2, a_3.
func uniqueNames(names []string) []string {
	out := make([]string, 0, len(names))
	seen := make(map[string]bool, len(names))
	for i, n := range names {
		if n == "" {
			n = letterName(i)
		}
		final := n
		for k := 2; seen[final]; k++ {
			final = n + "_" + strconv.Itoa(k)
		}
		seen[final] = true
		out = append(out, final)
	}
	return out
}

// letterName is a, b … z, aa, bb …
func letterName(i int) string {
	b := make([]byte, i/26+1)
	for k := range b {
		b[k] = byte('a' + i%26)
	}
	return string(b)
}

// with makes a table of the same columns with other rows.
func (t *Table) with(rows [][]value.Value, rowNames []value.Value) *Table {
	return &Table{Names: t.Names, Types: t.Types, Rows: rows, rowNames: rowNames, index: t.index}
}

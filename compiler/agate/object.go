package agate

import (
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TypeName is Python's.
func (t *Table) TypeName() string { return "Table" }

// Module implements value.Moduled.
func (t *Table) Module() string { return "agate.table" }

// Value wraps the table for templates.
func (t *Table) Value() value.Value { return value.FromObject(t) }

// FromValue unwraps a table.
func FromValue(v value.Value) (*Table, bool) {
	o, ok := v.AsObject()
	if !ok {
		return nil, false
	}
	t, ok := o.(*Table)
	return t, ok
}

// Len is the number of rows.
func (t *Table) Len() int { return len(t.Rows) }

// Str shows the columns with their types.
func (t *Table) Str() string { return t.structure() }

// Iterate yields the rows.
func (t *Table) Iterate(th *value.Thread, yield func(value.Value) bool) error {
	return t.rows().Iterate(th, yield)
}

// Index is a row by position or row name.
func (t *Table) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	return t.rows().Index(th, key)
}

// Slice is a tuple of rows.
func (t *Table) Slice(start, stop, step value.Value) (value.Value, error) {
	return t.rows().Slice(start, stop, step)
}

// Attr answers the table's properties and methods.
func (t *Table) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "rows":
		return value.FromObject(t.rows()), true, nil
	case "columns":
		return value.FromObject(t.columns()), true, nil
	case "column_names":
		return value.NewTuple(nameValues(t.Names)...), true, nil
	case "column_types":
		types := make([]value.Value, len(t.Types))
		for i, k := range t.Types {
			types[i] = value.FromObject(typeObject(k))
		}
		return value.NewTuple(types...), true, nil
	case "row_names":
		if t.rowNames == nil {
			return value.None, true, nil
		}
		return value.NewTuple(t.rowNames...), true, nil
	}
	if m, ok := tableMethods[name]; ok {
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) { return m(t, th, a) }), true, nil
	}
	return value.Undef, false, nil
}

func nameValues(names []string) []value.Value {
	out := make([]value.Value, len(names))
	for i, n := range names {
		out[i] = value.String(n)
	}
	return out
}

func (t *Table) row(i int) value.Value { return rowOf(t, t.Rows[i]) }

// rowOf makes a row object: a sequence of the values by column name.
func rowOf(t *Table, vals []value.Value) value.Value {
	return value.FromObject(&sequence{
		class: "Row", size: len(vals),
		at:   func(i int) value.Value { return vals[i] },
		keys: func() []value.Value { return nameValues(t.Names) },
		find: t.findColumn,
	})
}

func (t *Table) findColumn(key value.Value) (int, bool) {
	name, ok := key.AsString()
	if !ok {
		return 0, false
	}
	i, ok := t.index[name]
	return i, ok
}

func (t *Table) rows() *sequence {
	s := &sequence{class: "MappedSequence", size: len(t.Rows), at: t.row}
	t.nameRows(s)
	return s
}

// nameRows gives a sequence of one value per row the row names as keys.
func (t *Table) nameRows(s *sequence) {
	if t.rowNames == nil {
		return
	}
	s.keys = func() []value.Value { return t.rowNames }
	s.find = func(key value.Value) (int, bool) {
		for i, n := range t.rowNames {
			if value.Equal(n, key) {
				return i, true
			}
		}
		return 0, false
	}
}

func (t *Table) columns() *sequence {
	return &sequence{
		class: "MappedSequence", size: len(t.Names),
		at:   func(i int) value.Value { return value.FromObject(t.column(i)) },
		keys: func() []value.Value { return nameValues(t.Names) },
		find: t.findColumn,
	}
}

func (t *Table) column(i int) *sequence {
	s := &sequence{
		class: "Column", size: len(t.Rows),
		at: func(r int) value.Value { return t.Rows[r][i] },
	}
	s.extra = func(name string) (value.Value, bool) {
		switch name {
		case "name":
			return value.String(t.Names[i]), true
		case "index":
			return value.Int(int64(i)), true
		case "data_type":
			return value.FromObject(typeObject(t.Types[i])), true
		}
		return t.columnValues(s, name)
	}
	t.nameRows(s)
	return s
}

func (t *Table) columnValues(s *sequence, name string) (value.Value, bool) {
	var f func() ([]value.Value, error)
	list := false
	switch name {
	case "values_distinct":
		f = func() ([]value.Value, error) {
			set, err := value.NewSet(s.values()...)
			if err != nil {
				return nil, err
			}
			return set.Items(), nil
		}
	case "values_without_nulls":
		f = func() ([]value.Value, error) { return withoutNulls(s.values()), nil }
	case "values_sorted":
		list = true
		f = func() ([]value.Value, error) { return sortNullsLast(s.values()) }
	case "values_without_nulls_sorted":
		list = true
		f = func() ([]value.Value, error) { return sortNullsLast(withoutNulls(s.values())) }
	default:
		return value.Undef, false
	}
	return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
		if _, err := a.Bind(name); err != nil {
			return value.Undef, err
		}
		items, err := f()
		if list {
			return value.NewList(items...), err
		}
		return value.NewTuple(items...), err
	}), true
}

func withoutNulls(items []value.Value) []value.Value {
	out := items[:0]
	for _, v := range items {
		if !v.IsNull() {
			out = append(out, v)
		}
	}
	return out
}

// typeObject is a column type as templates see it.
type typeObject Type

func (o typeObject) TypeName() string { return Type(o).String() }
func (o typeObject) Str() string      { return "<agate.data_types." + Type(o).String() + ">" }

// Equal holds for the same type only.
func (o typeObject) Equal(other value.Value) (equal, ok bool) {
	ob, _ := other.AsObject()
	t, ok := ob.(typeObject)
	return ok && t == o, ok
}

// Compare reports that types have no order.
func (o typeObject) Compare(value.Value) (int, bool) { return 0, false }

// HashKey makes equal types one key.
func (o typeObject) HashKey() string { return o.Str() }

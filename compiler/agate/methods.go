package agate

import (
	"slices"
	"sort"

	"github.com/millrace/millrace/compiler/jinja/value"
)

type tableMethod func(t *Table, th *value.Thread, a value.Args) (value.Value, error)

var tableMethods map[string]tableMethod

func init() {
	tableMethods = map[string]tableMethod{
		"select": selectColumns, "exclude": excludeColumns, "rename": rename,
		"where": where, "find": find, "limit": limit, "distinct": distinct,
		"order_by": orderBy, "group_by": groupBy, "join": join,
		"print_table": printTable, "print_csv": printCSV, "print_json": printJSON, "print_structure": printStructure,
		"to_csv": writesFile("to_csv", "print_csv"), "to_json": writesFile("to_json", "print_json"),
	}
}

// names reads one column name or a sequence of them.
func columnNames(th *value.Thread, v value.Value) ([]string, error) {
	if s, ok := v.AsString(); ok {
		return []string{s}, nil
	}
	items, err := value.ToSlice(th, v)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = value.Str(item)
	}
	return out, nil
}

func selectColumns(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("select", "key")
	if err != nil {
		return value.Undef, err
	}
	names, err := columnNames(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	out, err := t.Select(names)
	if err != nil {
		return value.Undef, err
	}
	return out.Value(), nil
}

// Select keeps the named columns in the given order.
func (t *Table) Select(names []string) (*Table, error) {
	idx := make([]int, len(names))
	types := make([]Type, len(names))
	for i, n := range names {
		if idx[i] = t.Column(n); idx[i] < 0 {
			return nil, value.Errorf("ValueError", "tuple.index(x): x not in tuple")
		}
		types[i] = t.Types[idx[i]]
	}
	rows := make([][]value.Value, len(t.Rows))
	for r, row := range t.Rows {
		rows[r] = make([]value.Value, len(idx))
		for i, k := range idx {
			rows[r][i] = row[k]
		}
	}
	out := NewTyped(names, types, rows)
	out.rowNames = t.rowNames
	return out, nil
}

func excludeColumns(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("exclude", "key")
	if err != nil {
		return value.Undef, err
	}
	drop, err := columnNames(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	keep := slices.DeleteFunc(slices.Clone(t.Names), func(n string) bool { return slices.Contains(drop, n) })
	out, err := t.Select(keep)
	if err != nil {
		return value.Undef, err
	}
	return out.Value(), nil
}

func rename(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("rename", "column_names=None", "row_names=None", "slug_columns=False", "slug_rows=False")
	if err != nil {
		return value.Undef, err
	}
	if value.Truth(v[2]) || value.Truth(v[3]) {
		return value.Undef, value.Errorf("NotImplementedError", "rename() cannot make slugs; give the new names in column_names")
	}
	names, err := renamed(th, v[0], nameValues(t.Names))
	if err != nil {
		return value.Undef, err
	}
	if len(names) != len(t.Names) {
		return value.Undef, value.Errorf("ValueError", "column_names and column_types must be the same length.")
	}
	rowNames := t.rowNames
	if !v[1].IsNull() {
		if rowNames, err = renamed(th, v[1], t.rowNames); err != nil {
			return value.Undef, err
		}
	}
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = value.Str(n)
	}
	out := NewTyped(uniqueNames(texts), t.Types, t.Rows)
	out.rowNames = rowNames
	return out.Value(), nil
}

// renamed applies new names: a dict from old to new, or a sequence of all of them.
func renamed(th *value.Thread, names value.Value, old []value.Value) ([]value.Value, error) {
	if names.IsNull() {
		return old, nil
	}
	d, ok := names.AsDict()
	if !ok {
		return value.ToSlice(th, names)
	}
	out := make([]value.Value, len(old))
	for i, n := range old {
		out[i] = n
		if to, ok := d.Get(n); ok {
			out[i] = to
		}
	}
	return out, nil
}

// pick makes a table of the rows at these positions.
func (t *Table) pick(positions []int) *Table {
	rows := make([][]value.Value, len(positions))
	var names []value.Value
	if t.rowNames != nil {
		names = make([]value.Value, len(positions))
	}
	for i, p := range positions {
		rows[i] = t.Rows[p]
		if names != nil {
			names[i] = t.rowNames[p]
		}
	}
	return t.with(rows, names)
}

func where(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("where", "test")
	if err != nil {
		return value.Undef, err
	}
	var keep []int
	for i := range t.Rows {
		ok, err := value.Call(th, v[0], value.Args{Pos: []value.Value{t.row(i)}})
		if err != nil {
			return value.Undef, err
		}
		if value.Truth(ok) {
			keep = append(keep, i)
		}
	}
	return t.pick(keep).Value(), nil
}

func find(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("find", "test")
	if err != nil {
		return value.Undef, err
	}
	for i := range t.Rows {
		ok, err := value.Call(th, v[0], value.Args{Pos: []value.Value{t.row(i)}})
		if err != nil {
			return value.Undef, err
		}
		if value.Truth(ok) {
			return t.row(i), nil
		}
	}
	return value.None, nil
}

func limit(t *Table, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("limit", "start_or_stop=None", "stop=None", "step=None")
	if err != nil {
		return value.Undef, err
	}
	for i := range v {
		if v[i].IsUndefined() {
			v[i] = value.None
		}
	}
	start, stop := value.None, v[0]
	if value.Truth(v[1]) || value.Truth(v[2]) {
		start, stop = v[0], v[1]
	}
	positions := make([]value.Value, len(t.Rows))
	for i := range positions {
		positions[i] = value.Int(int64(i))
	}
	picked, err := value.Slice(value.NewList(positions...), start, stop, v[2])
	if err != nil {
		return value.Undef, err
	}
	keep := make([]int, 0, len(picked.Items()))
	for _, p := range picked.Items() {
		i, _ := p.AsInt()
		keep = append(keep, int(i))
	}
	return t.pick(keep).Value(), nil
}

// rowKey computes what rows are compared by: a column, several, a function of the row or all values.
func (t *Table) rowKey(th *value.Thread, key value.Value) (func(i int) (value.Value, error), error) {
	switch {
	case key.IsNull():
		return func(i int) (value.Value, error) { return value.NewTuple(t.Rows[i]...), nil }, nil
	case value.IsCallable(key):
		return func(i int) (value.Value, error) {
			return value.Call(th, key, value.Args{Pos: []value.Value{t.row(i)}})
		}, nil
	case key.Kind() == value.KindList || key.Kind() == value.KindTuple:
		idx := make([]int, len(key.Items()))
		for k, item := range key.Items() {
			var err error
			if idx[k], err = t.position(item); err != nil {
				return nil, err
			}
		}
		return func(i int) (value.Value, error) {
			vals := make([]value.Value, len(idx))
			for k, c := range idx {
				vals[k] = t.Rows[i][c]
			}
			return value.NewTuple(vals...), nil
		}, nil
	}
	c, err := t.position(key)
	if err != nil {
		return nil, err
	}
	return func(i int) (value.Value, error) { return t.Rows[i][c], nil }, nil
}

// position is a column by name or number.
func (t *Table) position(key value.Value) (int, error) {
	if i, ok := key.AsInt(); ok {
		if i < 0 {
			i += int64(len(t.Names))
		}
		if i < 0 || i >= int64(len(t.Names)) {
			return 0, value.Errorf("IndexError", "tuple index out of range")
		}
		return int(i), nil
	}
	if i, ok := t.findColumn(key); ok {
		return i, nil
	}
	return 0, value.Errorf("KeyError", "%s", value.Repr(key))
}

func distinct(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("distinct", "key=None")
	if err != nil {
		return value.Undef, err
	}
	key, err := t.rowKey(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	seen, _ := value.NewSet()
	var keep []int
	for i := range t.Rows {
		k, err := key(i)
		if err != nil {
			return value.Undef, err
		}
		if seen.Has(k) {
			continue
		}
		if err := seen.Add(k); err != nil {
			return value.Undef, err
		}
		keep = append(keep, i)
	}
	return t.pick(keep).Value(), nil
}

func orderBy(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("order_by", "key", "reverse=False")
	if err != nil {
		return value.Undef, err
	}
	key, err := t.rowKey(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	keys := make([]value.Value, len(t.Rows))
	order := make([]int, len(t.Rows))
	for i := range order {
		order[i] = i
		if keys[i], err = key(i); err != nil {
			return value.Undef, err
		}
	}
	reverse := value.Truth(v[1])
	sort.SliceStable(order, func(x, y int) bool {
		if reverse {
			x, y = y, x
		}
		c, cerr := compareNullsLast(keys[order[x]], keys[order[y]])
		if cerr != nil {
			err = cerr
		}
		return c < 0
	})
	if err != nil {
		return value.Undef, err
	}
	return t.pick(order).Value(), nil
}

func sortNullsLast(items []value.Value) ([]value.Value, error) {
	var err error
	sort.SliceStable(items, func(i, j int) bool {
		c, cerr := compareNullsLast(items[i], items[j])
		if cerr != nil {
			err = cerr
		}
		return c < 0
	})
	return items, err
}

func compareNullsLast(a, b value.Value) (int, error) {
	switch {
	case a.IsNull() && b.IsNull():
		return 0, nil
	case a.IsNull():
		return 1, nil
	case b.IsNull():
		return -1, nil
	case a.Kind() == value.KindTuple && b.Kind() == value.KindTuple:
		x, y := a.Items(), b.Items()
		for i := 0; i < len(x) && i < len(y); i++ {
			if c, err := compareNullsLast(x[i], y[i]); c != 0 || err != nil {
				return c, err
			}
		}
		return len(x) - len(y), nil
	}
	return value.Compare(a, b)
}

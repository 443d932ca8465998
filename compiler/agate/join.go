package agate

import (
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
)

type joinSpec struct {
	left, right       *Table
	leftKey, rightKey value.Value
	inner, outer      bool
	require           bool
	columns           []string // of the right table; nil means all but the key
}

func join(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("join", "right_table", "left_key=None", "right_key=None", "inner=False", "full_outer=False", "require_match=False", "columns=None")
	if err != nil {
		return value.Undef, err
	}
	right, ok := FromValue(v[0])
	if !ok {
		return value.Undef, value.Errorf("TypeError", "join() needs a table, not '%s'", value.TypeName(v[0]))
	}
	s := joinSpec{left: t, right: right, leftKey: v[1], rightKey: v[2], inner: value.Truth(v[3]), outer: value.Truth(v[4]), require: value.Truth(v[5])}
	if s.inner && s.outer {
		return value.Undef, value.Errorf("ValueError", `A join can not be both "inner" and "full_outer".`)
	}
	if s.rightKey.IsNull() {
		s.rightKey = s.leftKey
	}
	if !v[6].IsNull() {
		if s.columns, err = columnNames(th, v[6]); err != nil {
			return value.Undef, err
		}
	}
	out, err := s.run(th)
	if err != nil {
		return value.Undef, err
	}
	return out.Value(), nil
}

// keysOf computes the join keys of a table; without a key rows pair by position.
func keysOf(th *value.Thread, t *Table, key value.Value) ([]value.Value, error) {
	out := make([]value.Value, len(t.Rows))
	if key.IsNull() {
		for i := range out {
			out[i] = value.Int(int64(i))
		}
		return out, nil
	}
	f, err := t.rowKey(th, key)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i], err = f(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rightColumns are the positions of the right table's columns that the result has.
func (s *joinSpec) rightColumns() []int {
	var key []int
	if !s.leftKey.IsNull() && !value.IsCallable(s.rightKey) {
		parts := []value.Value{s.rightKey}
		if s.rightKey.Kind() == value.KindList || s.rightKey.Kind() == value.KindTuple {
			parts = s.rightKey.Items()
		}
		for _, p := range parts {
			if i, err := s.right.position(p); err == nil {
				key = append(key, i)
			}
		}
	}
	var keep []int
	for i, n := range s.right.Names {
		switch {
		case s.outer:
		case s.columns == nil && slices.Contains(key, i):
			continue
		case s.columns != nil && !slices.Contains(s.columns, n):
			continue
		}
		keep = append(keep, i)
	}
	return keep
}

func (s *joinSpec) run(th *value.Thread) (*Table, error) {
	leftKeys, err := keysOf(th, s.left, s.leftKey)
	if err != nil {
		return nil, err
	}
	rightKey := s.rightKey
	if s.leftKey.IsNull() {
		rightKey = value.None
	}
	rightKeys, err := keysOf(th, s.right, rightKey)
	if err != nil {
		return nil, err
	}
	keep := s.rightColumns()
	names := slices.Clone(s.left.Names)
	types := slices.Clone(s.left.Types)
	for _, i := range keep {
		n := s.right.Names[i]
		if slices.Contains(s.left.Names, n) {
			n += "2"
		}
		names = append(names, n)
		types = append(types, s.right.Types[i])
	}
	matches := value.NewDict(len(rightKeys)) // key → list of row numbers
	for i, k := range rightKeys {
		at, ok := matches.Get(k)
		if !ok {
			at = value.NewList()
			if err := matches.Set(k, at); err != nil {
				return nil, err
			}
		}
		l, _ := at.AsList()
		l.Items = append(l.Items, value.Int(int64(i)))
	}
	joined := func(left, right []value.Value) []value.Value {
		row := make([]value.Value, len(names))
		for i := range row {
			row[i] = value.None
		}
		copy(row, left)
		if right != nil {
			for i, k := range keep {
				row[len(s.left.Names)+i] = right[k]
			}
		}
		return row
	}
	var rows [][]value.Value
	used, _ := value.NewSet()
	for i, k := range leftKeys {
		if err := th.Step(1); err != nil {
			return nil, err
		}
		at, ok := matches.Get(k)
		switch {
		case ok:
			for _, m := range at.Items() {
				r, _ := m.AsInt()
				rows = append(rows, joined(s.left.Rows[i], s.right.Rows[r]))
			}
		case s.require:
			return nil, value.Errorf("ValueError", `Left key "%s" does not have a matching right key.`, value.Str(k))
		case !s.inner:
			rows = append(rows, joined(s.left.Rows[i], nil))
		}
		if err := used.Add(k); err != nil {
			return nil, err
		}
	}
	if s.outer {
		for i, k := range rightKeys {
			if !used.Has(k) {
				rows = append(rows, joined(nil, s.right.Rows[i]))
			}
		}
	}
	return NewTyped(uniqueNames(names), types, rows), nil
}

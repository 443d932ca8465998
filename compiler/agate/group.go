package agate

import "github.com/millrace/millrace/compiler/jinja/value"

// groupBy splits the rows by a key into a sequence of tables, in order of first appearance.
func groupBy(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("group_by", "key", "key_name=None", "key_type=None")
	if err != nil {
		return value.Undef, err
	}
	key, err := t.rowKey(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	name := value.String("group")
	if !value.IsCallable(v[0]) {
		if i, err := t.position(v[0]); err == nil {
			name = value.String(t.Names[i])
		}
	}
	if !v[1].IsNull() {
		name = v[1]
	}
	byKey := value.NewDict(0)
	var groups [][]int
	for i := range t.Rows {
		k, err := key(i)
		if err != nil {
			return value.Undef, err
		}
		at, ok := byKey.Get(k)
		if !ok {
			at = value.Int(int64(len(groups)))
			if err := byKey.Set(k, at); err != nil {
				return value.Undef, err
			}
			groups = append(groups, nil)
		}
		n, _ := at.AsInt()
		groups[n] = append(groups[n], i)
	}
	tables := make([]*Table, len(groups))
	for i, g := range groups {
		tables[i] = t.pick(g)
	}
	return value.FromObject(tableSet(tables, byKey, name)), nil
}

func tableSet(tables []*Table, byKey *value.Dict, keyName value.Value) *sequence {
	return &sequence{
		class: "TableSet", size: len(tables),
		at:   func(i int) value.Value { return tables[i].Value() },
		keys: byKey.Keys,
		find: func(key value.Value) (int, bool) {
			at, ok := byKey.Get(key)
			n, _ := at.AsInt()
			return int(n), ok
		},
		extra: func(name string) (value.Value, bool) {
			if name == "key_name" {
				return keyName, true
			}
			return value.Undef, false
		},
	}
}

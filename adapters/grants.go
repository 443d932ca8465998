package adapters

import (
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// standardizeGrants turns the rows of `show grants` into {privilege: [grantees]}.
func standardizeGrants(_ *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("standardize_grants_dict", "grants_table")
	if err != nil {
		return value.Undef, err
	}
	t, ok := agate.FromValue(v[0])
	if !ok {
		return value.Undef, argTypeError("standardize_grants_dict", "grants_table", "Table", value.Str(v[0]), value.TypeName(v[0]))
	}
	out := value.NewDict(4)
	if len(t.Rows) == 0 {
		return value.FromDict(out), nil
	}
	grantee, privilege := t.Column("grantee"), t.Column("privilege_type")
	for _, c := range []struct {
		at   int
		name string
	}{{grantee, "grantee"}, {privilege, "privilege_type"}} {
		if c.at < 0 {
			return value.Undef, value.Errorf("KeyError", "'%s'", c.name)
		}
	}
	for _, row := range t.Rows {
		list, ok := out.Get(row[privilege])
		if !ok {
			list = value.NewList()
			if err := out.Set(row[privilege], list); err != nil {
				return value.Undef, err
			}
		}
		l, _ := list.AsList()
		l.Items = append(l.Items, row[grantee])
	}
	return value.FromDict(out), nil
}

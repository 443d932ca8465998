package context

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// docFunction is doc([package,] name) of a description.
func docFunction(uniqueID string, resolve func(pkg, name string) (string, bool)) value.Value {
	return value.Func("doc", func(_ *value.Thread, a value.Args) (value.Value, error) {
		pkg, name := "", ""
		switch {
		case len(a.Kwargs) > 0:
			return value.Undef, value.Errorf("TypeError", "doc() got an unexpected keyword argument '%s'", a.Kwargs[0].Name)
		case len(a.Pos) == 1:
			name = value.Str(a.Pos[0])
		case len(a.Pos) == 2:
			pkg, name = value.Str(a.Pos[0]), value.Str(a.Pos[1])
		default:
			return value.Undef, compilation("doc() takes at most two arguments (%d given)", len(a.Pos))
		}
		text, ok := resolve(pkg, name)
		if !ok {
			where := ""
			if pkg != "" {
				where = "in package '" + pkg + "' "
			}
			return value.Undef, compilationCode(diag.CodeRefNotFound, "Documentation for '%s' depends on doc '%s' %swhich was not found", uniqueID, name, where)
		}
		return value.String(text), nil
	})
}

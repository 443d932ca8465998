package builtin

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

var jsonEscaper = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`)

// toJSON sorts keys and escapes what HTML would see, as Jinja's filter does. The result is
// a plain string: nothing escapes automatically in SQL.
func toJSON(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_tojson", "indent?")
	if err != nil {
		return value.Undef, err
	}
	opts := value.JSONOptions{SortKeys: true}
	if s, ok := value.Text(args[0]); ok {
		opts.Indent, opts.Newlines = s, true
	} else if !args[0].IsNull() {
		n, err := integer(args[0], 0)
		if err != nil {
			return value.Undef, err
		}
		if err := th.CheckString(n); err != nil {
			return value.Undef, err
		}
		opts.Indent, opts.Newlines = strings.Repeat(" ", int(max(n, 0))), true
	}
	if err := th.CheckTree(v); err != nil {
		return value.Undef, err
	}
	out, err := value.AppendJSON(nil, v, opts)
	if err != nil {
		return value.Undef, err
	}
	if err := th.CheckString(int64(len(out))); err != nil {
		return value.Undef, err
	}
	return value.Mark(value.MarkSafe, value.String(jsonEscaper.Replace(string(out)))), nil
}

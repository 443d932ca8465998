package agate

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Printer is what the host of a render offers for tables that print themselves.
type Printer interface {
	// PrintText writes text, which ends in a line break, to the user.
	PrintText(text string)
}

func emit(th *value.Thread, method, text string) (value.Value, error) {
	if th != nil {
		if p, ok := th.Host.(Printer); ok {
			p.PrintText(text)
			return value.None, nil
		}
	}
	return value.Undef, value.Errorf("RuntimeError", "%s() cannot print here", method)
}

// optionalInt reads a limit: absent is the default, None is no limit.
func optionalInt(v value.Value, def int) (int, error) {
	switch {
	case v.IsUndefined():
		return def, nil
	case v.IsNone():
		return -1, nil
	}
	n, ok := v.AsInt()
	if !ok {
		return 0, value.Errorf("TypeError", "'%s' object cannot be interpreted as an integer", value.TypeName(v))
	}
	return max(int(n), 0), nil
}

func printTable(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("print_table", "max_rows=20", "max_columns=6", "output=None", "max_column_width=20", "locale=None", "max_precision=3")
	if err != nil {
		return value.Undef, err
	}
	rows, err := optionalInt(v[0], 20)
	if err != nil {
		return value.Undef, err
	}
	cols, err := optionalInt(v[1], 6)
	if err != nil {
		return value.Undef, err
	}
	width, err := optionalInt(v[3], 20)
	if err != nil {
		return value.Undef, err
	}
	precision, err := optionalInt(v[5], maxPrecision)
	if err != nil {
		return value.Undef, err
	}
	return emit(th, "print_table", t.print(rows, cols, width, precision))
}

func printStructure(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	if _, err := a.Bind("print_structure", "output=None", "max_rows=None"); err != nil {
		return value.Undef, err
	}
	return emit(th, "print_structure", t.structure())
}

func printCSV(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	if _, err := a.Bind("print_csv"); err != nil {
		return value.Undef, err
	}
	return emit(th, "print_csv", t.CSV())
}

// CSV is the table as CSV text with a header line.
func (t *Table) CSV() string {
	var b strings.Builder
	for i, n := range t.Names {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoteField(n))
	}
	b.WriteByte('\n')
	for _, row := range t.Rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			switch iso, ok := isoText(v); {
			case v.IsNull():
				if len(row) == 1 {
					b.WriteString(`""`)
				}
			case ok:
				b.WriteString(quoteField(iso))
			default:
				b.WriteString(quoteField(value.Str(v)))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func quoteField(s string) string {
	s = strings.ReplaceAll(s, "\r", "\n")
	if !strings.ContainsAny(s, ",\"\n") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func printJSON(t *Table, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("print_json", "key=None", "newline=False", "indent=None")
	if err != nil {
		return value.Undef, err
	}
	text, err := t.json(v[0], value.Truth(v[1]), v[2])
	if err != nil {
		return value.Undef, err
	}
	return emit(th, "print_json", text)
}

// JSON is the table as a JSON array of objects, one for each row.
func (t *Table) JSON() (string, error) { return t.json(value.None, false, value.None) }

func (t *Table) json(key value.Value, newline bool, indent value.Value) (string, error) {
	opts := value.JSONOptions{Unicode: true}
	if !indent.IsNull() {
		n, _ := indent.AsInt()
		opts.Indent = strings.Repeat(" ", int(max(n, 0)))
		opts.Newlines = true
	}
	switch {
	case !key.IsNull() && newline:
		return "", value.Errorf("ValueError", "key and newline may not be specified together.")
	case newline && opts.Newlines:
		return "", value.Errorf("ValueError", "newline and indent may not be specified together.")
	}
	objects := make([]value.Value, len(t.Rows))
	for i, row := range t.Rows {
		d := value.NewDict(len(row))
		for c, v := range row {
			d.SetString(t.Names[c], jsonCell(t.Types[c], v))
		}
		objects[i] = value.FromDict(d)
	}
	if newline {
		var b []byte
		for _, o := range objects {
			var err error
			if b, err = value.AppendJSON(b, o, opts); err != nil {
				return "", err
			}
			b = append(b, '\n')
		}
		return string(b), nil
	}
	all := value.NewList(objects...)
	if !key.IsNull() {
		c, err := t.position(key)
		if err != nil {
			return "", err
		}
		keyed := value.NewDict(len(objects))
		for i, o := range objects {
			k := value.Str(t.Rows[i][c])
			if _, dup := keyed.GetString(k); dup {
				return "", value.Errorf("ValueError", "Value %s is not unique in the key column.", k)
			}
			keyed.SetString(k, o)
		}
		all = value.FromDict(keyed)
	}
	b, err := value.AppendJSON(nil, all, opts)
	return string(b) + "\n", err
}

// jsonCell is a value as the column's type encodes it.
func jsonCell(t Type, v value.Value) value.Value {
	if v.IsNull() {
		return value.None
	}
	if iso, ok := isoText(v); ok {
		return value.String(iso)
	}
	switch t {
	case Integer, Boolean:
		return v
	case Number:
		if o, ok := v.AsObject(); ok {
			if d, ok := o.(*value.Decimal); ok {
				return value.Float(d.Float())
			}
		}
		return v
	}
	return value.String(value.Str(v))
}

// writesFile answers methods that would write a file of the template's choosing.
func writesFile(name, instead string) tableMethod {
	return func(*Table, *value.Thread, value.Args) (value.Value, error) {
		return value.Undef, value.Errorf("RuntimeError", "%s() writes a file, which templates may not do; %s() prints the same text", name, instead)
	}
}

package relation

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func upper(s string) string { return strings.ToUpper(s) }

// TypeName is the class name that templates see.
func (c *Column) TypeName() string { return c.dialect.className("Column") }

// Module implements value.Moduled.
func (c *Column) Module() string { return c.dialect.module("column") }

// Value wraps the column for templates.
func (c *Column) Value() value.Value { return value.FromObject(c) }

// ColumnFromValue unwraps a column.
func ColumnFromValue(v value.Value) (*Column, bool) {
	o, ok := v.AsObject()
	if !ok {
		return nil, false
	}
	c, ok := o.(*Column)
	return c, ok
}

// Columns wraps a list of columns for templates.
func Columns(cols []*Column) value.Value {
	l := &value.List{Items: make([]value.Value, len(cols))}
	for i, c := range cols {
		l.Items[i] = c.Value()
	}
	return value.FromList(l)
}

func optInt(n *int) value.Value {
	if n == nil {
		return value.None
	}
	return value.Int(int64(*n))
}

// Repr is the dataclass form.
func (c *Column) Repr() string {
	d := value.NewDict(6)
	d.SetString("column", value.String(c.Name))
	d.SetString("dtype", value.String(c.DType))
	d.SetString("char_size", optInt(c.CharSize))
	d.SetString("numeric_precision", optInt(c.NumericPrecision))
	d.SetString("numeric_scale", optInt(c.NumericScale))
	if c.types().Structs {
		d.SetString("fields", Columns(c.fields))
	}
	return dataclassRepr(c.TypeName(), d)
}

func (c *Column) Str() string { return c.Repr() }

// Unhashable keeps columns out of dict keys and sets, as dataclasses with equality are.
func (c *Column) Unhashable() bool { return true }

// HashKey is never asked for, because columns are unhashable.
func (c *Column) HashKey() string { return c.Repr() }

// Equal compares every field.
func (c *Column) Equal(other value.Value) (equal, ok bool) {
	o, ok := ColumnFromValue(other)
	if !ok || o.dialect != c.dialect {
		return false, ok
	}
	return c.Repr() == o.Repr(), true
}

// Compare reports that columns have no order.
func (c *Column) Compare(value.Value) (int, bool) { return 0, false }

// Attr answers fields, properties and methods.
func (c *Column) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "name", "column":
		return value.String(c.Name), true, nil
	case "quoted":
		return value.String(c.Quoted()), true, nil
	case "dtype":
		return value.String(c.DType), true, nil
	case "data_type", "expanded_data_type":
		return value.String(c.DataType()), true, nil
	case "char_size":
		return optInt(c.CharSize), true, nil
	case "numeric_precision":
		return optInt(c.NumericPrecision), true, nil
	case "numeric_scale":
		return optInt(c.NumericScale), true, nil
	case "is_string":
		return c.predicate(name, c.IsString), true, nil
	case "is_number":
		return c.predicate(name, c.IsNumber), true, nil
	case "is_float":
		return c.predicate(name, c.IsFloat), true, nil
	case "is_integer":
		return c.predicate(name, c.IsInteger), true, nil
	case "is_numeric":
		return c.predicate(name, c.IsNumeric), true, nil
	case "string_size":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			if _, err := a.Bind(name); err != nil {
				return value.Undef, err
			}
			n, err := c.StringSize()
			return value.Int(int64(n)), err
		}), true, nil
	case "can_expand_to":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "other_column")
			if err != nil {
				return value.Undef, err
			}
			o, ok := ColumnFromValue(v[0])
			if !ok {
				return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'is_string'", value.TypeName(v[0]))
			}
			return value.Bool(c.CanExpandTo(o)), nil
		}), true, nil
	case "literal":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "value")
			if err != nil {
				return value.Undef, err
			}
			return value.String(value.Str(v[0]) + "::" + c.DataType()), nil
		}), true, nil
	}
	if c.types().Structs {
		switch name {
		case "fields":
			return Columns(c.fields), true, nil
		case "is_struct":
			return c.predicate(name, c.IsStruct), true, nil
		case "flatten":
			return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
				_, err := a.Bind(name)
				return Columns(c.Flatten()), err
			}), true, nil
		}
	}
	if v, ok := c.dialect.columnClassAttr(name); ok {
		return v, true, nil
	}
	return value.Undef, false, nil
}

func (c *Column) predicate(name string, f func() bool) value.Value {
	return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
		_, err := a.Bind(name)
		return value.Bool(f()), err
	})
}

type columnClass struct{ d *Dialect }

// ColumnClass is api.Column: the constructor and static functions.
func (d *Dialect) ColumnClass() value.Value { return value.FromObject(columnClass{d}) }

func (c columnClass) TypeName() string { return "type" }
func (c columnClass) Repr() string     { return "<class '" + c.d.className("Column") + "'>" }
func (c columnClass) Str() string      { return c.Repr() }

func (c columnClass) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	v, ok := c.d.columnClassAttr(name)
	return v, ok, nil
}

// Call constructs a column.
func (c columnClass) Call(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind(c.d.className("Column")+".__init__", "column", "dtype", "char_size=None", "numeric_precision=None", "numeric_scale=None")
	if err != nil {
		return value.Undef, err
	}
	size, err := sizeArg(v[2])
	if err != nil {
		return value.Undef, err
	}
	precision, err := sizeArg(v[3])
	if err != nil {
		return value.Undef, err
	}
	scale, err := sizeArg(v[4])
	if err != nil {
		return value.Undef, err
	}
	return c.d.NewSizedColumn(value.Str(v[0]), value.Str(v[1]), size, precision, scale).Value(), nil
}

// sizeArg accepts what engines and templates give as sizes: integers, whole decimals, digits.
func sizeArg(v value.Value) (*int, error) {
	if v.IsNull() {
		return nil, nil
	}
	text := value.Str(v)
	if i := strings.IndexByte(text, '.'); i >= 0 && strings.Trim(text[i+1:], "0") == "" {
		text = text[:i]
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return nil, value.Errorf("ValueError", "invalid literal for int() with base 10: %s", value.Repr(v))
	}
	return &n, nil
}

func (d *Dialect) columnClassAttr(name string) (value.Value, bool) {
	var fn func(*value.Thread, value.Args) (value.Value, error)
	switch name {
	case "create":
		fn = func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "name", "label_or_dtype")
			if err != nil {
				return value.Undef, err
			}
			return d.NewColumn(value.Str(v[0]), d.TranslateType(value.Str(v[1]))).Value(), nil
		}
	case "translate_type":
		fn = func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "dtype")
			if err != nil {
				return value.Undef, err
			}
			return value.String(d.TranslateType(value.Str(v[0]))), nil
		}
	case "string_type":
		fn = func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "size")
			if err != nil {
				return value.Undef, err
			}
			return value.String(stringType(value.Str(v[0]))), nil
		}
	case "numeric_type":
		fn = func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "dtype", "precision", "scale")
			if err != nil {
				return value.Undef, err
			}
			if v[1].IsNone() || v[2].IsNone() {
				return v[0], nil
			}
			return value.String(numericType(value.Str(v[0]), value.Str(v[1]), value.Str(v[2]))), nil
		}
	case "from_description":
		fn = func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "name", "raw_data_type")
			if err != nil {
				return value.Undef, err
			}
			c, err := d.ColumnFromDescription(value.Str(v[0]), value.Str(v[1]))
			if err != nil {
				return value.Undef, err
			}
			return c.Value(), nil
		}
	case "TYPE_LABELS":
		labels := value.NewDict(len(d.TypeLabels))
		for k, t := range d.TypeLabels {
			labels.SetString(k, value.String(t))
		}
		return value.FromDict(labels), true
	default:
		return value.Undef, false
	}
	return value.Func(name, fn), true
}

// ColumnFromDescription reads a type as catalogs print it: "varchar(10)", "numeric(10,2)".
func (d *Dialect) ColumnFromDescription(name, raw string) (*Column, error) {
	if raw == "" || raw[0] == '(' {
		return nil, runtimeError(`Could not interpret data type "%s"`, raw)
	}
	base, rest, sized := strings.Cut(raw, "(")
	end := strings.IndexByte(rest, ')')
	if !sized || end < 1 {
		return d.NewColumn(name, base), nil
	}
	parts := strings.Split(rest[:end], ",")
	if len(parts) > 2 {
		return d.NewColumn(name, base), nil
	}
	sizes := make([]*int, 2)
	for i, p := range parts {
		n, err := strconv.Atoi(strings.TrimSpace(p))
		if err != nil {
			return nil, runtimeError(`Could not interpret data_type "%s": could not convert "%s" to an integer`, raw, p)
		}
		sizes[i] = &n
	}
	if len(parts) == 1 {
		return d.NewSizedColumn(name, base, sizes[0], nil, nil), nil
	}
	return d.NewSizedColumn(name, base, nil, sizes[0], sizes[1]), nil
}

package relation

import "strconv"

// Column is a column of a relation with its type as the engine names it.
type Column struct {
	Name, DType                              string
	CharSize, NumericPrecision, NumericScale *int

	dialect *Dialect
	fields  []*Column // of a struct
}

// ColumnDialect says how an engine's types are classed and written. The zero value is
// dbt's base behaviour; a nil class means the base one.
type ColumnDialect struct {
	Strings, Floats, Integers, Numerics map[string]bool // lower-case type names

	// UnsizedText keeps "text" and a "character varying" without a length as they are,
	// where the base writes character varying(256).
	UnsizedText bool
	// Structs lets columns of type STRUCT(…) be taken apart into their fields.
	Structs bool
}

// TypeSet makes a class of type names for ColumnDialect.
func TypeSet(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

var (
	baseStrings  = TypeSet("text", "character varying", "character", "varchar")
	baseFloats   = TypeSet("real", "float4", "float", "double precision", "float8", "double")
	baseIntegers = TypeSet("smallint", "integer", "bigint", "smallserial", "serial", "bigserial",
		"int2", "int4", "int8", "serial2", "serial4", "serial8")
	baseNumerics = TypeSet("numeric", "decimal")
)

func (c *Column) in(own, base map[string]bool) bool {
	if own == nil {
		own = base
	}
	return own[lower(c.DType)]
}

// NewColumn makes a column of this engine.
func (d *Dialect) NewColumn(name, dtype string) *Column {
	return d.column(Column{Name: name, DType: dtype})
}

// NewSizedColumn makes a column whose size the engine has reported.
func (d *Dialect) NewSizedColumn(name, dtype string, charSize, precision, scale *int) *Column {
	return d.column(Column{Name: name, DType: dtype, CharSize: charSize, NumericPrecision: precision, NumericScale: scale})
}

func (d *Dialect) column(c Column) *Column {
	c.dialect = d
	if c.IsStruct() {
		c.fields = d.structFields(c.DType)
	}
	return &c
}

func (c *Column) types() *ColumnDialect { return &c.dialect.Columns }

// IsString reports a type for text, judged by its name as the following are.
func (c *Column) IsString() bool { return c.in(c.types().Strings, baseStrings) }

// IsFloat reports a floating-point type.
func (c *Column) IsFloat() bool { return c.in(c.types().Floats, baseFloats) }

// IsInteger reports an integer type.
func (c *Column) IsInteger() bool { return c.in(c.types().Integers, baseIntegers) }

// IsNumeric reports an exact decimal type.
func (c *Column) IsNumeric() bool { return c.in(c.types().Numerics, baseNumerics) }

// IsNumber reports any of the number types.
func (c *Column) IsNumber() bool { return c.IsInteger() || c.IsNumeric() || c.IsFloat() }

// Quoted is the name in quotes.
func (c *Column) Quoted() string { return `"` + c.Name + `"` }

const unknownSize = 256

// StringSize is the length of a string type; other types have none.
func (c *Column) StringSize() (int, error) {
	if !c.IsString() {
		return 0, runtimeError("Called string_size() on non-string field!")
	}
	return c.stringSize(), nil
}

func (c *Column) stringSize() int {
	if c.DType == "text" || c.CharSize == nil {
		return unknownSize
	}
	return *c.CharSize
}

// DataType is the type as DDL writes it.
func (c *Column) DataType() string {
	switch {
	case c.types().UnsizedText && (lower(c.DType) == "text" || lower(c.DType) == "character varying" && c.CharSize == nil):
		return c.DType
	case c.IsString():
		return stringType(strconv.Itoa(c.stringSize()))
	case c.IsNumeric() && c.NumericPrecision != nil && c.NumericScale != nil:
		return numericType(c.DType, strconv.Itoa(*c.NumericPrecision), strconv.Itoa(*c.NumericScale))
	}
	return c.DType
}

func stringType(size string) string { return "character varying(" + size + ")" }

func numericType(dtype, precision, scale string) string {
	return dtype + "(" + precision + "," + scale + ")"
}

// CanExpandTo reports that both are strings and the other one is longer.
func (c *Column) CanExpandTo(other *Column) bool {
	return c.IsString() && other.IsString() && other.stringSize() > c.stringSize()
}

// TranslateType replaces an engine-neutral label ("STRING") by the engine's type.
func (d *Dialect) TranslateType(label string) string {
	labels := d.TypeLabels
	if labels == nil {
		labels = baseLabels
	}
	if t, ok := labels[upper(label)]; ok {
		return t
	}
	return label
}

var baseLabels = map[string]string{"STRING": "TEXT"}

package decode

import (
	"math"
	"strconv"
	"strings"

	"github.com/millrace/millrace/adapters/columnar"
)

// class is how values of a type are checked.
type class uint8

const (
	classText class = iota
	classInteger
	classFloat
	classDecimal
	classBoolean
	classDate
	classTime
	classTimestamp
	classTimestampTZ
	classUUID
	classJSON
	classBytes
)

// Type is a declared data_type as decoding needs it.
type Type struct {
	Name string // as declared
	Kind columnar.Kind

	class            class
	min, max         int64
	single           bool // a 32-bit float
	length           int  // of text in characters; 0 is unlimited
	precision, scale int  // of decimals; precision 0 is unlimited
}

// Dialect is what differs between the engines that receive the rows.
type Dialect struct {
	Engine string
	// NoNUL says that text cannot hold the character U+0000.
	NoNUL bool
	// Precision and Scale are of a decimal type without either; 0 is unlimited.
	Precision, Scale int
}

// DialectOf gives the rules of an engine.
func DialectOf(engine string) Dialect {
	if engine == "duckdb" {
		return Dialect{Engine: engine, Precision: 18, Scale: 3}
	}
	return Dialect{Engine: engine, NoNUL: true}
}

var integerTypes = map[string][2]int64{
	"tinyint": {math.MinInt8, math.MaxInt8}, "int1": {math.MinInt8, math.MaxInt8},
	"smallint": {math.MinInt16, math.MaxInt16}, "int2": {math.MinInt16, math.MaxInt16}, "short": {math.MinInt16, math.MaxInt16},
	"integer": {math.MinInt32, math.MaxInt32}, "int": {math.MinInt32, math.MaxInt32}, "int4": {math.MinInt32, math.MaxInt32}, "signed": {math.MinInt32, math.MaxInt32},
	"bigint": {math.MinInt64, math.MaxInt64}, "int8": {math.MinInt64, math.MaxInt64}, "long": {math.MinInt64, math.MaxInt64},
	"utinyint": {0, math.MaxUint8}, "usmallint": {0, math.MaxUint16}, "uinteger": {0, math.MaxUint32},
}

// ParseType reads a data_type. ok is false for a type that a stream cannot fill.
func ParseType(text string, d Dialect) (t Type, ok bool) {
	t.Name = strings.TrimSpace(text)
	name := strings.ToLower(strings.Join(strings.Fields(text), " "))
	base, args, rest := name, "", ""
	if i := strings.IndexByte(name, '('); i >= 0 {
		j := strings.IndexByte(name, ')')
		if j < i {
			return t, false
		}
		base, args, rest = strings.TrimSpace(name[:i]), name[i+1:j], strings.TrimSpace(name[j+1:])
	}
	if rest != "" { // timestamp(6) with time zone
		base += " " + rest
	}
	if r, isInt := integerTypes[base]; isInt && args == "" {
		t.Kind, t.class, t.min, t.max = columnar.Integer, classInteger, r[0], r[1]
		return t, true
	}
	switch base {
	case "text", "varchar", "character varying", "string", "char", "character", "bpchar", "nvarchar", "name":
		t.Kind, t.class = columnar.Text, classText
		if args != "" {
			n, err := strconv.Atoi(strings.TrimSpace(args))
			if err != nil || n < 1 {
				return t, false
			}
			t.length = n
		} else if (base == "char" || base == "character") && d.Engine == "postgres" {
			t.length = 1
		}
		return t, true
	case "numeric", "decimal", "dec":
		return t.decimal(args, d)
	case "hugeint", "uhugeint", "ubigint":
		t.Kind, t.class, t.precision = columnar.Text, classDecimal, map[string]int{"hugeint": 38, "uhugeint": 38, "ubigint": 19}[base]
		return t, d.Engine == "duckdb"
	case "json", "jsonb":
		t.Kind, t.class = columnar.Text, classJSON
		return t, true
	case "timestamp", "timestamp without time zone", "datetime":
		t.Kind, t.class = columnar.Timestamp, classTimestamp
		return t, true
	case "timestamptz", "timestamp with time zone":
		t.Kind, t.class = columnar.TimestampTZ, classTimestampTZ
		return t, true
	}
	if args != "" {
		return t, false
	}
	switch base {
	case "double", "double precision", "float8":
		t.Kind, t.class = columnar.Float, classFloat
	case "float":
		t.Kind, t.class, t.single = columnar.Float, classFloat, d.Engine == "duckdb"
	case "real", "float4":
		t.Kind, t.class, t.single = columnar.Float, classFloat, true
	case "boolean", "bool", "logical":
		t.Kind, t.class = columnar.Boolean, classBoolean
	case "date":
		t.Kind, t.class = columnar.Date, classDate
	case "time", "time without time zone":
		t.Kind, t.class = columnar.Text, classTime
	case "uuid":
		t.Kind, t.class = columnar.Text, classUUID
	case "bytea", "blob", "bytes", "binary", "varbinary":
		t.Kind, t.class = columnar.Bytes, classBytes
	default:
		return t, false
	}
	return t, true
}

func (t Type) decimal(args string, d Dialect) (Type, bool) {
	t.Kind, t.class, t.precision, t.scale = columnar.Text, classDecimal, d.Precision, d.Scale
	if args == "" {
		return t, true
	}
	p, s, both := strings.Cut(args, ",")
	var err error
	if t.precision, err = strconv.Atoi(strings.TrimSpace(p)); err != nil || t.precision < 1 {
		return t, false
	}
	t.scale = 0
	if both {
		if t.scale, err = strconv.Atoi(strings.TrimSpace(s)); err != nil || t.scale < 0 || t.scale > t.precision {
			return t, false
		}
	}
	return t, true
}

// Epoch is the unit in which a number stands for a moment.
type Epoch uint8

// NoEpoch means that numbers are no moments.
const (
	NoEpoch Epoch = iota
	Seconds
	Millis
	Micros
	Days
)

// Field is one declared column.
type Field struct {
	Name    string
	Type    Type
	Path    []string // where the value stands; the column's name when empty
	Aliases []string // other names of the last part of the path
	NotNull bool
	Epoch   Epoch
	Default string // what stands for a value that is not there, as text; "" for null
}

// addFields tells a tree of targets where the values of fields stand.
func (t *target) addFields(fields []Field) {
	for i := range fields {
		path := fields[i].path()
		t.add(path, i)
		for _, alias := range fields[i].Aliases {
			t.add(append(append([]string{}, path[:len(path)-1]...), alias), i)
		}
	}
}

func (f *Field) path() []string {
	if len(f.Path) == 0 {
		return []string{f.Name}
	}
	return f.Path
}

// Kinds are the kinds of the columns that the fields fill.
func Kinds(fields []Field) []columnar.Kind {
	out := make([]columnar.Kind, len(fields))
	for i := range fields {
		out[i] = fields[i].Type.Kind
	}
	return out
}

// Names are the names of the columns that the fields fill.
func Names(fields []Field) []string {
	out := make([]string, len(fields))
	for i := range fields {
		out[i] = fields[i].Name
	}
	return out
}

// Comparable says that values of the type can tell rows apart.
func (t Type) Comparable() bool { return t.class != classJSON && t.class != classFloat }

// TextType is the narrowest data_type that a text can be read as.
func TextType(s string) string {
	b := []byte(s)
	if isUUID(b) {
		return "uuid"
	}
	if _, rest, ok := parseDate(b); ok && len(rest) == 0 {
		return "date"
	}
	if _, zoned, ok := parseTimestamp(b); ok {
		if zoned {
			return "timestamp with time zone"
		}
		return "timestamp"
	}
	return "text"
}

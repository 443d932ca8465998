package adapters

import (
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// ConvertType is the column type in which a column of a table is created, which is the
// same on both engines.
func ConvertType(t *agate.Table, col int) string {
	switch t.Types[col] {
	case agate.Integer:
		return "integer"
	case agate.Number:
		if fractional(t, col) {
			return "float8"
		}
		return "integer"
	case agate.Boolean:
		return "boolean"
	case agate.DateTime, agate.ISODateTime:
		return "timestamp without time zone"
	case agate.Date:
		return "date"
	case agate.TimeDelta:
		return "time"
	}
	return "text"
}

// fractional reports that some number of the column has digits after the point.
func fractional(t *agate.Table, col int) bool {
	for _, row := range t.Rows {
		switch v := row[col]; v.Kind() {
		case value.KindFloat:
			if f, _ := v.AsFloat(); f != float64(int64(f)) {
				return true
			}
		case value.KindObject:
			text := strings.ToLower(value.Str(v))
			mantissa, exponent, _ := strings.Cut(text, "e")
			if _, digits, ok := strings.Cut(mantissa, "."); ok && strings.Trim(digits, "0") != "" || strings.HasPrefix(exponent, "-") {
				return true
			}
		}
	}
	return false
}

func convertType(_ *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("convert_type", "agate_table", "col_idx")
	if err != nil {
		return value.Undef, err
	}
	t, ok := agate.FromValue(v[0])
	if !ok {
		return value.Undef, argTypeError("convert_type", "agate_table", "Table", value.Str(v[0]), value.TypeName(v[0]))
	}
	i, ok := v[1].AsInt()
	if !ok || i < 0 || int(i) >= len(t.Types) {
		return value.Undef, value.Errorf("IndexError", "tuple index out of range")
	}
	return value.String(ConvertType(t, int(i))), nil
}

package agate

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// inferred are the types a column may turn out to have, in the order they are tried: the
// first that takes every value wins.
var inferred = [...]Type{Integer, Number, Date, DateTime, ISODateTime, Boolean}

// resultColumn infers the type of a query's column and converts its values in place.
func resultColumn(rows [][]value.Value, col int) Type {
	text := false
	for _, row := range rows {
		switch row[col].Kind() {
		case value.KindString:
			text = true
		case value.KindDict, value.KindList, value.KindTuple:
			text = true
			row[col] = jsonText(row[col])
		}
	}
	if text {
		castText(rows, col)
		return Text
	}
	for _, t := range inferred {
		if castColumn(rows, col, t) {
			return t
		}
	}
	castText(rows, col)
	return Text
}

// castColumn converts a column if all of its values can be of type t.
func castColumn(rows [][]value.Value, col int, t Type) bool {
	same := true
	for _, row := range rows {
		v, ok := castNative(t, row[col])
		if !ok {
			return false
		}
		same = same && value.Identical(v, row[col])
	}
	if same {
		return true
	}
	for _, row := range rows {
		row[col], _ = castNative(t, row[col])
	}
	return true
}

// castText turns everything but null into text.
func castText(rows [][]value.Value, col int) {
	for _, row := range rows {
		if v := row[col]; !v.IsNull() && v.Kind() != value.KindString {
			row[col] = value.String(value.Str(v))
		}
	}
}

// jsonText encodes a nested value as dbt does; what JSON cannot hold is printed.
func jsonText(v value.Value) value.Value {
	b, err := value.AppendJSON(nil, v, value.JSONOptions{Default: func(v value.Value) (value.Value, error) {
		if d, ok := isoText(v); ok {
			return value.String(d), nil
		}
		if o, ok := v.AsObject(); ok {
			if d, ok := o.(*value.Decimal); ok {
				return value.Float(d.Float()), nil
			}
		}
		return value.String(value.Str(v)), nil
	}})
	if err != nil {
		return value.String(value.Str(v))
	}
	return value.String(string(b))
}

// isNullText reports the spellings of null in a seed.
func isNullText(s string) bool {
	return s == "" || len(s) == 4 && strings.EqualFold(s, "null")
}

// castString converts a stripped, non-null field of a seed.
func castString(t Type, s string) (value.Value, bool) {
	switch t {
	case Number:
		return parseNumber(s)
	case Date:
		return parseDate(s)
	case DateTime:
		return parseDateTime(s)
	case ISODateTime:
		return parseISO(s)
	case Boolean:
		switch strings.ToLower(strings.TrimSpace(strings.ReplaceAll(s, ",", ""))) {
		case "true":
			return value.True, true
		case "false":
			return value.False, true
		case "", "null":
			return value.None, true
		}
	}
	return value.Undef, false
}

package agate

import (
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func newDate(y, m, d int) value.Value { return value.NewDate(y, m, d) }

func newDateTime(t time.Time, aware bool) value.Value { return value.NewDateTime(t, aware) }

// isoText is a date or datetime in ISO 8601 form.
func isoText(v value.Value) (string, bool) {
	o, ok := v.AsObject()
	if !ok {
		return "", false
	}
	switch o.(type) {
	case *value.Date, *value.DateTime:
		text, err := value.CallMethod(nil, v, "isoformat", value.Args{})
		return value.Str(text), err == nil
	}
	return "", false
}

// castNative converts a value that an engine delivered. Text is handled before.
func castNative(t Type, v value.Value) (value.Value, bool) {
	if v.IsNull() {
		return value.None, true
	}
	obj, _ := v.AsObject()
	switch t {
	case Integer:
		return v, v.Kind() == value.KindInt || v.Kind() == value.KindBig
	case Number:
		switch v.Kind() {
		case value.KindInt, value.KindBig:
			d, err := value.ToDecimal(v)
			return d, err == nil
		case value.KindFloat:
			d, err := value.NewDecimal(value.Repr(v))
			return d, err == nil
		}
		_, ok := obj.(*value.Decimal)
		return v, ok
	case Date:
		_, ok := obj.(*value.Date)
		return v, ok
	case DateTime, ISODateTime:
		switch o := obj.(type) {
		case *value.DateTime:
			return v, true
		case *value.Date:
			return value.NewDateTime(o.Time(), false), true
		}
	case Boolean:
		switch v.Kind() {
		case value.KindBool:
			return v, true
		case value.KindInt:
			n, _ := v.AsInt()
			return value.Bool(n == 1), n == 0 || n == 1
		}
		if d, ok := obj.(*value.Decimal); ok {
			one, _ := d.Equal(value.Int(1))
			zero, _ := d.Equal(value.Int(0))
			return value.Bool(one), one || zero
		}
	}
	return value.Undef, false
}

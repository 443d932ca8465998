package builtin

import (
	"math"
	"math/big"
	"strconv"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func abs(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "abs"); err != nil {
		return value.Undef, err
	}
	switch v.Kind() {
	case value.KindBool, value.KindInt, value.KindBig:
		if c, err := value.Compare(v, value.Int(0)); err != nil || c < 0 {
			return value.Unary("-", v)
		}
		return value.Unary("+", v)
	case value.KindFloat:
		f, _ := v.AsFloat()
		return value.Float(math.Abs(f)), nil
	case value.KindObject:
		if c, err := value.Compare(v, value.Int(0)); err == nil {
			if c < 0 {
				return value.Unary("-", v)
			}
			return value.Unary("+", v)
		}
		if c, err := value.Compare(v, value.NewTimeDelta(0)); err == nil {
			if c < 0 {
				return value.Unary("-", v)
			}
			return v, nil
		}
	}
	return value.Undef, value.Errorf("TypeError", "bad operand type for abs(): '%s'", value.TypeName(v))
}

func toInt(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_int", "default?", "base?")
	if err != nil {
		return value.Undef, err
	}
	base, err := integer(args[1], 10)
	if err != nil {
		return value.Undef, err
	}
	if _, isText := value.Text(v); !isText {
		base = 10
	}
	out, err := value.ToInt(v, int(base))
	if err == nil || !value.IsError(err, "TypeError", "ValueError") {
		return out, err
	}
	// "42.23"|int is 42.
	f, err := value.ToFloat(v)
	if err == nil {
		out, err = value.ToInt(f, 10)
	}
	if value.IsError(err, "TypeError", "ValueError", "OverflowError") {
		return or(args[0], value.Int(0)), nil
	}
	return out, err
}

func toFloat(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_float", "default?")
	if err != nil {
		return value.Undef, err
	}
	out, err := value.ToFloat(v)
	if value.IsError(err, "TypeError", "ValueError") {
		return or(args[0], value.Float(0)), nil
	}
	return out, err
}

func round(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_round", "precision?", "method?")
	if err != nil {
		return value.Undef, err
	}
	precision, err := integer(args[0], 0)
	if err != nil {
		return value.Undef, err
	}
	method := "common"
	if !args[1].IsUndefined() {
		method = value.Str(args[1])
	}
	switch method {
	case "common":
		return value.Round(v, precision)
	case "ceil", "floor":
		return roundTo(th, v, precision, method)
	}
	return value.Undef, filterError("method must be common, ceil or floor")
}

// roundTo is ceil or floor of v × 10^precision, divided back.
func roundTo(th *value.Thread, v value.Value, precision int64, method string) (value.Value, error) {
	scale, err := value.Binary(th, "**", value.Int(10), value.Int(precision))
	if err != nil {
		return value.Undef, err
	}
	scaled, err := value.Mul(th, v, scale)
	if err != nil {
		return value.Undef, err
	}
	whole := scaled
	switch scaled.Kind() {
	case value.KindBool, value.KindInt, value.KindBig:
	case value.KindFloat:
		f, _ := scaled.AsFloat()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			_, err := value.ToInt(scaled, 10)
			return value.Undef, err
		}
		if method == "ceil" {
			f = math.Ceil(f)
		} else {
			f = math.Floor(f)
		}
		b, _ := big.NewFloat(f).Int(nil)
		whole = value.Big(b)
	default:
		d, err := value.ToInt(scaled, 10)
		if err != nil {
			return value.Undef, value.Errorf("TypeError", "must be real number, not %s", value.TypeName(scaled))
		}
		c, err := value.Compare(d, scaled)
		switch {
		case err != nil:
			return value.Undef, err
		case method == "ceil" && c < 0:
			d, err = value.Add(th, d, value.Int(1))
		case method == "floor" && c > 0:
			d, err = value.Sub(th, d, value.Int(1))
		}
		if err != nil {
			return value.Undef, err
		}
		whole = d
	}
	return value.Binary(th, "/", whole, scale)
}

func fileSize(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_filesizeformat", "binary?")
	if err != nil {
		return value.Undef, err
	}
	fv, err := value.ToFloat(v)
	if err != nil {
		return value.Undef, err
	}
	bytes, _ := fv.AsFloat()
	base, infix := 1000.0, ""
	prefixes := "kMGTPEZY"
	if value.Truth(args[0]) {
		base, infix, prefixes = 1024, "i", "KMGTPEZY"
	}
	switch {
	case bytes == 1:
		return value.String("1 Byte"), nil
	case bytes < base:
		whole, err := value.ToInt(fv, 10)
		return value.String(value.Str(whole) + " Bytes"), err
	}
	unit := base
	for i := range prefixes {
		unit *= base
		if bytes < unit || i == len(prefixes)-1 {
			return value.String(strconv.FormatFloat(base*bytes/unit, 'f', 1, 64) + " " + prefixes[i:i+1] + infix + "B"), nil
		}
	}
	return value.Undef, value.Errorf("ValueError", "cannot convert float NaN to integer")
}

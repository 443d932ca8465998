package value

import (
	"math"
	"math/big"
	"strconv"
)

// Round is Python's round(v, digits): half to even on the exact value; ints stay ints.
func Round(v Value, places int64) (Value, error) {
	switch v.Kind() {
	case KindBool, KindInt, KindBig:
		if places >= 0 {
			return positive(v), nil
		}
		b := bigOf(v)
		if -places > int64(len(b.String())) {
			return Int(0), nil
		}
		unit := pow10(int(-places))
		q := roundHalfEven(new(big.Int).Abs(b), int(-places))
		q.Mul(q, unit)
		if b.Sign() < 0 {
			q.Neg(q)
		}
		return Big(q), nil
	case KindFloat:
		return roundFloat(v.rawFloat(), places)
	case KindObject:
		if d, ok := v.rawObject().(*Decimal); ok {
			return d.quantize(places)
		}
	}
	return Undef, typeError("type %s doesn't define __round__ method", TypeName(v))
}

func roundFloat(f float64, places int64) (Value, error) {
	switch {
	case math.IsNaN(f), math.IsInf(f, 0), f == 0, places > 323:
		return Float(f), nil
	case places < -308:
		return Float(math.Copysign(0, f)), nil
	case places >= 0:
		out, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', int(places), 64), 64)
		if err != nil {
			return Undef, Errorf("OverflowError", "rounded value too large to represent")
		}
		return Float(out), nil
	}
	d := decimalFromFloat(f)
	r, err := d.quantize(places)
	if err != nil {
		return Undef, err
	}
	return Float(r.rawObject().(*Decimal).Float()), nil
}

// quantize rounds to a number of places, half to even.
func (d *Decimal) quantize(places int64) (Value, error) {
	if d.form != decimalFinite {
		return FromObject(d), nil
	}
	if places > 10_000 || places < -10_000 {
		return Undef, invalidDecimal("InvalidOperation")
	}
	exp := int(-places)
	out := &Decimal{neg: d.neg, exp: exp}
	switch {
	case d.exp >= exp:
		out.coef = new(big.Int).Mul(d.coef, pow10(d.exp-exp))
	case exp-d.exp > len(d.coef.String())+1:
		out.coef = new(big.Int)
	default:
		out.coef = roundHalfEven(d.coef, exp-d.exp)
	}
	return FromObject(out), nil
}

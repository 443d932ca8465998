package value

import "math"

// toFloat is the float value of any number.
func toFloat(v Value) (float64, error) {
	switch v.Kind() {
	case KindFloat:
		return v.rawFloat(), nil
	case KindBig:
		return bigToFloat(v.rawBig())
	}
	return float64(v.rawInt()), nil
}

func floatArith(op string, a, b Value) (Value, error) {
	x, err := toFloat(a)
	if err != nil {
		return Undef, err
	}
	y, err := toFloat(b)
	if err != nil {
		return Undef, err
	}
	switch op {
	case "+":
		return Float(x + y), nil
	case "-":
		return Float(x - y), nil
	case "*":
		return Float(x * y), nil
	case "/":
		if y == 0 {
			return Undef, Errorf("ZeroDivisionError", "float division by zero")
		}
		return Float(x / y), nil
	case "//":
		if y == 0 {
			return Undef, Errorf("ZeroDivisionError", "float floor division by zero")
		}
		q, _ := floatDivMod(x, y)
		return Float(q), nil
	case "%":
		if y == 0 {
			return Undef, Errorf("ZeroDivisionError", "float modulo")
		}
		_, m := floatDivMod(x, y)
		return Float(m), nil
	case "**":
		return floatPower(x, y)
	}
	return Undef, unsupported(op, a, b)
}

// floatDivMod follows CPython: the remainder has the sign of y, and the quotient is
// rounded so that it is exact.
func floatDivMod(x, y float64) (q, m float64) {
	m = math.Mod(x, y)
	q = (x - m) / y
	if m != 0 {
		if (y < 0) != (m < 0) {
			m += y
			q--
		}
	} else {
		m = math.Copysign(0, y)
	}
	if q == 0 {
		return math.Copysign(0, x/y), m
	}
	floor := math.Floor(q)
	if q-floor > 0.5 {
		floor++
	}
	return floor, m
}

func floatPower(x, y float64) (Value, error) {
	if x == 0 && y < 0 {
		return Undef, Errorf("ZeroDivisionError", "0.0 cannot be raised to a negative power")
	}
	if x < 0 && y != math.Trunc(y) && !math.IsInf(x, 0) && !math.IsInf(y, 0) && !math.IsNaN(y) {
		return Undef, valueError("the result of %s ** %s is a complex number, which templates do not have", floatRepr(x), floatRepr(y))
	}
	r := math.Pow(x, y)
	if math.IsInf(r, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return Undef, Errorf("OverflowError", "(34, 'Numerical result out of range')")
	}
	return Float(r), nil
}

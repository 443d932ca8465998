package value

import (
	"math"
	"math/big"
)

func intArith(op string, a, b Value) (Value, error) {
	if a.Kind() != KindBig && b.Kind() != KindBig {
		if v, ok := smallIntArith(op, a.rawInt(), b.rawInt()); ok {
			return v, nil
		}
	}
	x, y := bigOf(a), bigOf(b)
	z := new(big.Int)
	switch op {
	case "+":
		return boundInt(z.Add(x, y))
	case "-":
		return boundInt(z.Sub(x, y))
	case "*":
		if x.BitLen()+y.BitLen() > maxIntBits+64 {
			return Undef, tooLargeInt()
		}
		return boundInt(z.Mul(x, y))
	case "/":
		return trueDivide(x, y)
	case "//":
		if y.Sign() == 0 {
			return Undef, Errorf("ZeroDivisionError", "integer division or modulo by zero")
		}
		q, _ := floorDivMod(x, y)
		return Big(q), nil
	case "%":
		if y.Sign() == 0 {
			return Undef, Errorf("ZeroDivisionError", "integer modulo by zero")
		}
		_, m := floorDivMod(x, y)
		return Big(m), nil
	case "**":
		return intPower(x, y)
	}
	return Undef, unsupported(op, a, b)
}

// smallIntArith does what cannot leave 64 bits.
func smallIntArith(op string, x, y int64) (Value, bool) {
	switch op {
	case "//", "%":
		if y == 0 || y == -1 {
			return Undef, false
		}
		q, m := x/y, x%y
		if m != 0 && (m < 0) != (y < 0) {
			q, m = q-1, m+y
		}
		if op == "%" {
			return Int(m), true
		}
		return Int(q), true
	case "/":
		// Both exact as floats: one correctly rounded division.
		const exact = 1 << 53
		if y != 0 && x >= -exact && x <= exact && y >= -exact && y <= exact {
			return Float(float64(x) / float64(y)), true
		}
	}
	return Undef, false
}

func tooLargeInt() *Error {
	return Errorf("OverflowError", "integer of more than %d bits", maxIntBits)
}

func boundInt(z *big.Int) (Value, error) {
	if z.BitLen() > maxIntBits {
		return Undef, tooLargeInt()
	}
	return Big(z), nil
}

// floorDivMod rounds toward minus infinity; the remainder has the sign of y.
func floorDivMod(x, y *big.Int) (q, m *big.Int) {
	q, m = new(big.Int).QuoRem(x, y, new(big.Int))
	if m.Sign() != 0 && m.Sign() != y.Sign() {
		q.Sub(q, big.NewInt(1))
		m.Add(m, y)
	}
	return q, m
}

func trueDivide(x, y *big.Int) (Value, error) {
	if y.Sign() == 0 {
		return Undef, Errorf("ZeroDivisionError", "division by zero")
	}
	if x.Sign() == 0 {
		return Float(math.Copysign(0, float64(y.Sign()))), nil
	}
	f, _ := new(big.Rat).SetFrac(x, y).Float64()
	if math.IsInf(f, 0) {
		return Undef, Errorf("OverflowError", "integer division result too large for a float")
	}
	return Float(f), nil
}

func intPower(x, y *big.Int) (Value, error) {
	if y.Sign() < 0 {
		fx, err := bigToFloat(x)
		if err != nil {
			return Undef, err
		}
		fy, err := bigToFloat(y)
		if err != nil {
			return Undef, err
		}
		return floatPower(fx, fy)
	}
	if x.IsInt64() {
		switch x.Int64() {
		case 0, 1:
			if y.Sign() == 0 {
				return Int(1), nil
			}
			return Int(x.Int64()), nil
		case -1:
			return Int(1 - 2*int64(y.Bit(0))), nil
		}
	}
	if !y.IsInt64() || y.Int64() > maxIntBits || int64(x.BitLen()-1)*y.Int64() > maxIntBits {
		return Undef, tooLargeInt()
	}
	return boundInt(new(big.Int).Exp(x, y, nil))
}

func bigToFloat(x *big.Int) (float64, error) {
	f, _ := new(big.Float).SetInt(x).Float64()
	if math.IsInf(f, 0) {
		return 0, Errorf("OverflowError", "int too large to convert to float")
	}
	return f, nil
}

package value

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

var intMethods = map[string]method{
	"bit_length": intBitLength, "bit_count": intBitCount, "conjugate": intConjugate,
	"as_integer_ratio": intRatio,
}

var floatMethods = map[string]method{
	"is_integer": floatIsInteger, "as_integer_ratio": floatRatio, "conjugate": floatConjugate, "hex": floatHex,
}

func intBitLength(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("int.bit_length", 0, 0); err != nil {
		return Undef, err
	}
	return Int(int64(bigOf(self).BitLen())), nil
}

func intBitCount(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("int.bit_count", 0, 0); err != nil {
		return Undef, err
	}
	n := 0
	for _, w := range bigOf(self).Bits() {
		n += bits.OnesCount(uint(w))
	}
	return Int(int64(n)), nil
}

func intConjugate(_ *Thread, self Value, a Args) (Value, error) {
	return positive(self), a.between("int.conjugate", 0, 0)
}

func intRatio(_ *Thread, self Value, a Args) (Value, error) {
	return NewTuple(positive(self), Int(1)), a.between("int.as_integer_ratio", 0, 0)
}

func floatIsInteger(_ *Thread, self Value, a Args) (Value, error) {
	f := self.rawFloat()
	return Bool(f == math.Trunc(f) && !math.IsInf(f, 0)), a.between("float.is_integer", 0, 0)
}

func floatConjugate(_ *Thread, self Value, a Args) (Value, error) {
	return self, a.between("float.conjugate", 0, 0)
}

func floatRatio(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("float.as_integer_ratio", 0, 0); err != nil {
		return Undef, err
	}
	switch f := self.rawFloat(); {
	case math.IsNaN(f):
		return Undef, valueError("cannot convert NaN to integer ratio")
	case math.IsInf(f, 0):
		return Undef, Errorf("OverflowError", "cannot convert Infinity to integer ratio")
	default:
		r := new(big.Rat).SetFloat64(f)
		return NewTuple(Big(new(big.Int).Set(r.Num())), Big(new(big.Int).Set(r.Denom()))), nil
	}
}

func floatHex(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("float.hex", 0, 0); err != nil {
		return Undef, err
	}
	f := self.rawFloat()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return String(floatRepr(f)), nil
	}
	sign, b := "", math.Float64bits(f)
	if b>>63 != 0 {
		sign = "-"
	}
	mantissa, exp := b&(1<<52-1), int(b>>52&0x7ff)
	lead := "1"
	switch {
	case exp == 0 && mantissa == 0:
		return String(sign + "0x0.0p+0"), nil
	case exp == 0:
		lead, exp = "0", 1
	}
	digits := strconv.FormatUint(mantissa|1<<52, 16)[1:]
	exponent := strconv.Itoa(exp - 1023)
	if exp >= 1023 {
		exponent = "+" + exponent
	}
	return String(sign + "0x" + lead + "." + digits + "p" + exponent), nil
}

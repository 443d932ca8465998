package value

import (
	"math/big"
	"strings"
)

// round keeps decimalPrecision digits, rounding half to even.
func (d *Decimal) round() *Decimal { return d.roundTo(decimalPrecision) }

func (d *Decimal) roundTo(precision int) *Decimal {
	if d.form != decimalFinite {
		return d
	}
	extra := len(d.coef.String()) - precision
	if extra <= 0 {
		return d
	}
	out := &Decimal{neg: d.neg, coef: roundHalfEven(d.coef, extra), exp: d.exp + extra}
	return out.roundTo(precision) // rounding up 99… adds a digit
}

// roundHalfEven drops the last n digits.
func roundHalfEven(coef *big.Int, n int) *big.Int {
	unit := pow10(n)
	q, r := new(big.Int).QuoRem(coef, unit, new(big.Int))
	switch c := new(big.Int).Lsh(r, 1).Cmp(unit); {
	case c > 0, c == 0 && q.Bit(0) == 1:
		q.Add(q, big.NewInt(1))
	}
	return q
}

// normalize strips trailing zeros.
func (d *Decimal) normalize() *Decimal {
	if d.form != decimalFinite {
		return d
	}
	if d.coef.Sign() == 0 {
		return &Decimal{neg: d.neg, coef: d.coef}
	}
	text := d.coef.String()
	if zeros := len(text) - len(strings.TrimRight(text, "0")); zeros > 0 {
		return &Decimal{neg: d.neg, coef: new(big.Int).Quo(d.coef, pow10(zeros)), exp: d.exp + zeros}
	}
	return d
}

func decimalFromBig(b *big.Int, exp int) *Decimal {
	return &Decimal{neg: b.Sign() < 0, coef: new(big.Int).Abs(b), exp: exp}
}

// Binary is arithmetic with decimals and ints; Python has none between Decimal and float.
func (d *Decimal) Binary(op string, other Value, reflected bool) (Value, bool, error) {
	o, ok := decimalOf(other)
	if !ok {
		return Undef, false, nil
	}
	a, b := d, o
	if reflected {
		a, b = o, d
	}
	out, err := decimalArith(op, a, b)
	if err != nil || out == nil {
		return Undef, false, err
	}
	return FromObject(out.round()), true, nil
}

// Unary is -d and +d, which round to the context as in Python.
func (d *Decimal) Unary(op string) (Value, bool, error) {
	r := d.round()
	if op == "-" && !(r.zero()) {
		r = &Decimal{form: r.form, neg: !r.neg, coef: r.coef, exp: r.exp}
	} else if r.zero() {
		r = &Decimal{coef: r.coef, exp: r.exp}
	}
	return FromObject(r), true, nil
}

func decimalArith(op string, a, b *Decimal) (*Decimal, error) {
	switch op {
	case "+", "-", "*", "/", "//", "%", "**":
	default:
		return nil, nil
	}
	if a.form == decimalNaN || b.form == decimalNaN {
		return &Decimal{form: decimalNaN, coef: new(big.Int)}, nil
	}
	if a.form == decimalInf || b.form == decimalInf {
		return decimalInfinite(op, a, b)
	}
	if err := decimalSpread(a, b); err != nil {
		return nil, err
	}
	switch op {
	case "+", "-":
		if op == "-" {
			b = &Decimal{neg: !b.neg, coef: b.coef, exp: b.exp}
		}
		x, y, exp := align(a, b)
		out := decimalFromBig(new(big.Int).Add(x, y), exp)
		out.neg = out.neg || (out.zero() && a.neg && b.neg)
		return out, nil
	case "*":
		return &Decimal{neg: a.neg != b.neg, coef: new(big.Int).Mul(a.coef, b.coef), exp: a.exp + b.exp}, nil
	case "/":
		return decimalDivide(a, b)
	case "//", "%":
		return decimalDivMod(op, a, b)
	}
	return decimalPower(a, b)
}

// decimalSpread refuses exponents so far apart that aligning them would fill the memory.
func decimalSpread(a, b *Decimal) error {
	if d := a.exp - b.exp; d > 10_000 || d < -10_000 {
		return Errorf("Overflow", "[<class 'decimal.Overflow'>]")
	}
	return nil
}

func invalidDecimal(what string) error {
	return Errorf("InvalidOperation", "[<class 'decimal.%s'>]", what)
}

func decimalInfinite(op string, a, b *Decimal) (*Decimal, error) {
	inf := func(neg bool) (*Decimal, error) {
		return &Decimal{form: decimalInf, neg: neg, coef: new(big.Int)}, nil
	}
	bothInf := a.form == decimalInf && b.form == decimalInf
	switch op {
	case "+", "-":
		bneg := b.neg != (op == "-")
		switch {
		case bothInf && a.neg != bneg:
			return nil, invalidDecimal("InvalidOperation")
		case a.form == decimalInf:
			return inf(a.neg)
		}
		return inf(bneg)
	case "*":
		if a.zero() || b.zero() {
			return nil, invalidDecimal("InvalidOperation")
		}
		return inf(a.neg != b.neg)
	case "/", "//":
		switch {
		case bothInf:
			return nil, invalidDecimal("InvalidOperation")
		case a.form == decimalInf:
			return inf(a.neg != b.neg)
		}
		return &Decimal{neg: a.neg != b.neg, coef: new(big.Int)}, nil
	case "%":
		if a.form == decimalInf {
			return nil, invalidDecimal("InvalidOperation")
		}
		return a, nil
	}
	return nil, invalidDecimal("InvalidOperation")
}

func decimalDivide(a, b *Decimal) (*Decimal, error) {
	if b.zero() {
		if a.zero() {
			return nil, invalidDecimal("DivisionUndefined")
		}
		return nil, Errorf("DivisionByZero", "[<class 'decimal.DivisionByZero'>]")
	}
	neg := a.neg != b.neg
	ideal := a.exp - b.exp
	if a.zero() {
		return &Decimal{neg: neg, coef: new(big.Int), exp: ideal}, nil
	}
	// Enough digits for the precision and one to round by; a remainder makes that digit sticky.
	shift := max(len(b.coef.String())-len(a.coef.String())+decimalPrecision+1, 0)
	q, r := new(big.Int).QuoRem(new(big.Int).Mul(a.coef, pow10(shift)), b.coef, new(big.Int))
	exp := ideal - shift
	if r.Sign() != 0 {
		if last := new(big.Int).Mod(q, big.NewInt(5)); last.Sign() == 0 {
			q.Add(q, big.NewInt(1))
		}
		return &Decimal{neg: neg, coef: q, exp: exp}, nil
	}
	// An exact quotient moves back toward the ideal exponent.
	for exp < ideal {
		t, m := new(big.Int).QuoRem(q, big.NewInt(10), new(big.Int))
		if m.Sign() != 0 {
			break
		}
		q, exp = t, exp+1
	}
	return &Decimal{neg: neg, coef: q, exp: exp}, nil
}

// decimalDivMod truncates toward zero: the remainder has the sign of a, unlike for ints.
func decimalDivMod(op string, a, b *Decimal) (*Decimal, error) {
	if b.zero() {
		if op == "//" && !a.zero() {
			return nil, Errorf("DivisionByZero", "[<class 'decimal.DivisionByZero'>]")
		}
		if op == "//" {
			return nil, invalidDecimal("DivisionUndefined")
		}
		if a.zero() {
			return nil, invalidDecimal("DivisionUndefined")
		}
		return nil, invalidDecimal("InvalidOperation")
	}
	x, y, exp := align(a, b)
	q, r := new(big.Int).QuoRem(x, y, new(big.Int))
	if len(new(big.Int).Abs(q).String()) > decimalPrecision {
		return nil, invalidDecimal("DivisionImpossible")
	}
	if op == "//" {
		out := decimalFromBig(q, 0)
		out.neg = a.neg != b.neg
		return out, nil
	}
	out := decimalFromBig(r, exp)
	out.neg = a.neg
	return out, nil
}

func decimalPower(a, b *Decimal) (*Decimal, error) {
	n := b.normalize()
	if n.exp < 0 || n.exp > 6 {
		return nil, Errorf("InvalidOperation", "Decimal powers are supported for integer exponents only")
	}
	e := n.BigInt()
	if !e.IsInt64() || e.CmpAbs(big.NewInt(100_000)) > 0 {
		return nil, Errorf("Overflow", "[<class 'decimal.Overflow'>]")
	}
	k := e.Int64()
	if k == 0 {
		if a.zero() {
			return nil, invalidDecimal("InvalidOperation")
		}
		return &Decimal{coef: big.NewInt(1)}, nil
	}
	// Rounding each step to a few more digits than asked keeps long powers cheap.
	const guard = decimalPrecision + 12
	out, base := &Decimal{coef: big.NewInt(1)}, a
	for m := max(k, -k); m > 0; m >>= 1 {
		if m&1 == 1 {
			out = (&Decimal{neg: out.neg != base.neg, coef: new(big.Int).Mul(out.coef, base.coef), exp: out.exp + base.exp}).roundTo(guard)
		}
		base = (&Decimal{coef: new(big.Int).Mul(base.coef, base.coef), exp: base.exp * 2}).roundTo(guard)
	}
	if k < 0 {
		return decimalDivide(&Decimal{coef: big.NewInt(1)}, out)
	}
	return out, nil
}

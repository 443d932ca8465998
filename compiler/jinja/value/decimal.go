package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// decimalPrecision is the number of digits Python's default context keeps.
const decimalPrecision = 28

type decimalForm uint8

const (
	decimalFinite decimalForm = iota
	decimalInf
	decimalNaN
)

// Decimal is Python's decimal.Decimal: exact digits and an exponent, so that 1.10 keeps
// its zero. It is immutable.
type Decimal struct {
	form decimalForm
	neg  bool
	coef *big.Int // never negative
	exp  int
}

// NewDecimal reads a decimal as Decimal(text) does.
func NewDecimal(text string) (Value, error) {
	d, ok := parseDecimal(text)
	if !ok {
		return Undef, Errorf("InvalidOperation", "[<class 'decimal.ConversionSyntax'>]")
	}
	return FromObject(d), nil
}

// NewDecimalScaled is unscaled × 10^-scale, as databases deliver decimals.
func NewDecimalScaled(unscaled *big.Int, scale int) Value {
	return FromObject(&Decimal{neg: unscaled.Sign() < 0, coef: new(big.Int).Abs(unscaled), exp: -scale})
}

func parseDecimal(text string) (*Decimal, bool) {
	s := strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	d := &Decimal{coef: new(big.Int)}
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.neg = s[0] == '-'
		s = s[1:]
	}
	switch strings.ToLower(s) {
	case "inf", "infinity":
		d.form = decimalInf
		return d, true
	case "nan":
		d.form = decimalNaN
		return d, true
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exp, err := strconv.Atoi(s[i+1:])
		if err != nil || exp > 1e6 || exp < -1e6 {
			return nil, false
		}
		d.exp, s = exp, s[:i]
	}
	if whole, frac, ok := strings.Cut(s, "."); ok {
		d.exp -= len(frac)
		s = whole + frac
	}
	if s == "" || digits(s, 0) != len(s) || len(s) > 100_000 {
		return nil, false
	}
	_, ok := d.coef.SetString(s, 10)
	return d, ok
}

// decimalOf converts what Python's Decimal arithmetic accepts: decimals and ints.
func decimalOf(v Value) (*Decimal, bool) {
	switch v.Kind() {
	case KindBool, KindInt, KindBig:
		b := bigOf(v)
		return &Decimal{neg: b.Sign() < 0, coef: new(big.Int).Abs(b)}, true
	case KindObject:
		d, ok := v.rawObject().(*Decimal)
		return d, ok
	}
	return nil, false
}

// decimalFromFloat is the exact value of f, which Decimal(f) and comparisons use.
func decimalFromFloat(f float64) *Decimal {
	d := &Decimal{coef: new(big.Int)}
	switch {
	case math.IsNaN(f):
		d.form = decimalNaN
		return d
	case math.IsInf(f, 0):
		d.form, d.neg = decimalInf, f < 0
		return d
	}
	d.neg = math.Signbit(f)
	r := new(big.Rat).SetFloat64(math.Abs(f))
	// The denominator is a power of two: times 5^k it becomes 10^k.
	k := r.Denom().BitLen() - 1
	d.coef.Exp(big.NewInt(5), big.NewInt(int64(k)), nil)
	d.coef.Mul(d.coef, r.Num())
	d.exp = -k
	return d
}

// ToDecimal is Python's Decimal(v) for an int, float, str, Decimal or tuple-free value.
func ToDecimal(v Value) (Value, error) {
	v = markerText(v)
	if d, ok := decimalOf(v); ok {
		return FromObject(d), nil
	}
	switch v.Kind() {
	case KindFloat:
		return FromObject(decimalFromFloat(v.rawFloat())), nil
	case KindString:
		return NewDecimal(v.rawString())
	case KindUndefined:
		return Undef, v.UndefinedError()
	}
	return Undef, typeError("conversion from %s to Decimal is not supported", TypeName(v))
}

// TypeName is Python's qualified name, as its error messages use it.
func (d *Decimal) TypeName() string { return "decimal.Decimal" }

func (d *Decimal) signed() *big.Int {
	if d.neg {
		return new(big.Int).Neg(d.coef)
	}
	return d.coef
}

func (d *Decimal) zero() bool { return d.form == decimalFinite && d.coef.Sign() == 0 }

// Truth is false for zero only.
func (d *Decimal) Truth() bool { return !d.zero() }

// Str is str(d): plain digits, or scientific when the exponent calls for it.
func (d *Decimal) Str() string {
	sign := ""
	if d.neg {
		sign = "-"
	}
	switch d.form {
	case decimalInf:
		return sign + "Infinity"
	case decimalNaN:
		return sign + "NaN"
	}
	digits := d.coef.String()
	adjusted := len(digits) - 1 + d.exp
	if d.exp > 0 || adjusted < -6 {
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return sign + digits + "E" + signedExponent(adjusted)
	}
	return sign + placePoint(digits, -d.exp)
}

func signedExponent(e int) string {
	if e >= 0 {
		return "+" + strconv.Itoa(e)
	}
	return strconv.Itoa(e)
}

// placePoint puts a point before the last places digits.
func placePoint(digits string, places int) string {
	if places <= 0 {
		return digits + strings.Repeat("0", -places)
	}
	if len(digits) <= places {
		digits = strings.Repeat("0", places-len(digits)+1) + digits
	}
	return digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

// Plain is the number in plain digits, without zeros after the last one that counts: what
// a database reads as an integer where it is one.
func (d *Decimal) Plain() string {
	n := d.normalize()
	if n.form != decimalFinite || n.exp > decimalPlainDigits {
		return d.Str()
	}
	sign := ""
	if n.neg {
		sign = "-"
	}
	return sign + placePoint(n.coef.String(), -n.exp)
}

// decimalPlainDigits is how many zeros Plain writes at most.
const decimalPlainDigits = 1000

// Repr is Decimal('…').
func (d *Decimal) Repr() string { return "Decimal('" + d.Str() + "')" }

// Float is the nearest float.
func (d *Decimal) Float() float64 {
	f, _ := strconv.ParseFloat(strings.Replace(d.Str(), "Infinity", "Inf", 1), 64)
	return f
}

// BigInt is the integer part.
func (d *Decimal) BigInt() *big.Int {
	if d.exp >= 0 {
		return new(big.Int).Mul(d.signed(), pow10(d.exp))
	}
	return new(big.Int).Quo(d.signed(), pow10(-d.exp))
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// align brings both to the smaller exponent.
func align(a, b *Decimal) (x, y *big.Int, exp int) {
	x, y, exp = a.signed(), b.signed(), min(a.exp, b.exp)
	if a.exp > exp {
		x = new(big.Int).Mul(x, pow10(a.exp-exp))
	}
	if b.exp > exp {
		y = new(big.Int).Mul(y, pow10(b.exp-exp))
	}
	return x, y, exp
}

func (d *Decimal) cmp(o *Decimal) (int, bool) {
	if d.form == decimalNaN || o.form == decimalNaN {
		return 0, false
	}
	if d.form == decimalInf || o.form == decimalInf {
		return d.infSign() - o.infSign(), true
	}
	if c, ok := d.cmpMagnitude(o); ok {
		return c, true
	}
	x, y, _ := align(d, o)
	return x.Cmp(y), true
}

// cmpMagnitude decides by sign and number of digits, so that comparing with 1E+1000000 is cheap.
func (d *Decimal) cmpMagnitude(o *Decimal) (int, bool) {
	sd, so := d.signed().Sign(), o.signed().Sign()
	if sd != so {
		return sd - so, true
	}
	if sd == 0 {
		return 0, true
	}
	ad, ao := len(d.coef.String())+d.exp, len(o.coef.String())+o.exp
	switch {
	case ad < ao:
		return -sd, true
	case ad > ao:
		return sd, true
	}
	return 0, false
}

func (d *Decimal) infSign() int {
	switch {
	case d.form != decimalInf:
		return 0
	case d.neg:
		return -1
	}
	return 1
}

func decimalOperand(v Value) (*Decimal, bool) {
	if f, ok := v.AsFloat(); ok {
		return decimalFromFloat(f), true
	}
	return decimalOf(v)
}

// Equal compares with any number.
func (d *Decimal) Equal(other Value) (equal, ok bool) {
	o, ok := decimalOperand(other)
	if !ok {
		return false, false
	}
	c, ordered := d.cmp(o)
	return ordered && c == 0, true
}

// Compare orders against any number.
func (d *Decimal) Compare(other Value) (int, bool) {
	o, ok := decimalOperand(other)
	if !ok {
		return 0, false
	}
	return d.cmp(o)
}

// orderError words the refusal to order NaN.
func (d *Decimal) orderError(other Value) error {
	if _, ok := decimalOperand(other); ok {
		return invalidDecimal("InvalidOperation")
	}
	return nil
}

// HashKey is used for decimals that are no 64-bit integer.
func (d *Decimal) HashKey() string {
	n := d.normalize()
	return "decimal:" + n.Str()
}

func hashDecimal(d *Decimal) hashKey {
	if d.form == decimalFinite {
		if n := d.normalize(); n.exp >= 0 && n.exp < 400 {
			if b := n.BigInt(); b.IsInt64() {
				return hashKey{kind: KindInt, num: uint64(b.Int64())}
			}
		}
		if f := d.Float(); !math.IsInf(f, 0) {
			if c, ok := d.cmp(decimalFromFloat(f)); ok && c == 0 {
				return hashFloat(f)
			}
		}
	}
	return hashKey{kind: KindObject, str: d.HashKey()}
}

// JSONValue says that Python's json cannot encode decimals.
func (d *Decimal) JSONValue() (Value, bool) { return Undef, false }

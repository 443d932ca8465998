package value

import (
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// Op is the text of an operator: + - * / // % ** ~ (and the comparisons for CompareOp).
type Op = string

// Binary is a op b for + - * / // % ** and ~, with Python's rules for signs, big integers
// and % formatting.
func Binary(th *Thread, op Op, a, b Value) (Value, error) {
	switch op {
	case "+":
		return Add(th, a, b)
	case "~":
		return Concat(th, a, b)
	case "-":
		return Sub(th, a, b)
	case "*":
		return Mul(th, a, b)
	case "%":
		if s, ok := markerText(a).AsString(); ok {
			return Percent(th, s, b)
		}
	case "/", "//", "**":
	default:
		return Undef, Errorf("SyntaxError", "unknown operator %s", op)
	}
	return arith(th, op, a, b)
}

// Add is a + b.
func Add(th *Thread, a, b Value) (Value, error) {
	ka, kb := a.Kind(), b.Kind()
	if ka == KindInt && kb == KindInt {
		x, y := a.rawInt(), b.rawInt()
		if s := x + y; (s > x) == (y > 0) {
			return Int(s), nil
		}
		return Big(new(big.Int).Add(big.NewInt(x), big.NewInt(y))), nil
	}
	if ka == KindString && kb == KindString {
		return concatStrings(th, a.rawString(), b.rawString())
	}
	return arith(th, "+", a, b)
}

// Sub is a - b.
func Sub(th *Thread, a, b Value) (Value, error) {
	if a.Kind() == KindInt && b.Kind() == KindInt {
		x, y := a.rawInt(), b.rawInt()
		if s := x - y; (s < x) == (y > 0) {
			return Int(s), nil
		}
	}
	return arith(th, "-", a, b)
}

// Mul is a * b.
func Mul(th *Thread, a, b Value) (Value, error) {
	if a.Kind() == KindInt && b.Kind() == KindInt {
		x, y := a.rawInt(), b.rawInt()
		hi, lo := bits.Mul64(absUint(x), absUint(y))
		if hi == 0 && lo < 1<<63 {
			if (x < 0) != (y < 0) {
				return Int(-int64(lo)), nil
			}
			return Int(int64(lo)), nil
		}
	}
	return arith(th, "*", a, b)
}

// Concat is a ~ b: both as text.
func Concat(th *Thread, a, b Value) (Value, error) {
	if err := th.CheckUndefined(a); err != nil {
		return Undef, err
	}
	if err := th.CheckUndefined(b); err != nil {
		return Undef, err
	}
	return concatStrings(th, Str(a), Str(b))
}

func concatStrings(th *Thread, a, b string) (Value, error) {
	if err := th.CheckString(int64(len(a)) + int64(len(b))); err != nil {
		return Undef, err
	}
	return String(a + b), nil
}

func absUint(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}

// arith handles every operand that the fast paths do not.
func arith(th *Thread, op string, a, b Value) (Value, error) {
	a, b = markerText(a), markerText(b)
	ka, kb := a.Kind(), b.Kind()
	if isNumber(ka) && isNumber(kb) {
		if ka == KindFloat || kb == KindFloat {
			return floatArith(op, a, b)
		}
		return intArith(op, a, b)
	}
	if ka == KindUndefined || kb == KindUndefined {
		return Undef, undefinedIn(a, b)
	}
	if v, ok, err := objectArith(op, a, b); ok || err != nil {
		return v, err
	}
	switch op {
	case "+":
		return addSequences(th, a, b)
	case "*":
		return repeat(th, a, b)
	case "-":
		if x, ok := a.AsSet(); ok {
			if y, ok := setOperand(b); ok {
				return FromSet(x.Difference(y)), nil
			}
		}
	}
	return Undef, unsupported(op, a, b)
}

// setOperand accepts a set or the keys of a dict.
func setOperand(v Value) (*Set, bool) {
	if s, ok := v.AsSet(); ok {
		return s, true
	}
	if o, ok := v.AsObject(); ok {
		if view, ok := o.(*dictView); ok && view.kind != viewValues {
			s, err := view.set()
			return s, err == nil
		}
	}
	return nil, false
}

func objectArith(op string, a, b Value) (Value, bool, error) {
	if o, ok := a.AsObject(); ok {
		if x, ok := o.(Arith); ok {
			if v, ok, err := x.Binary(op, b, false); ok || err != nil {
				return v, true, err
			}
		}
	}
	if o, ok := b.AsObject(); ok {
		if x, ok := o.(Arith); ok {
			if v, ok, err := x.Binary(op, a, true); ok || err != nil {
				return v, true, err
			}
		}
	}
	return Undef, false, nil
}

func addSequences(th *Thread, a, b Value) (Value, error) {
	switch a.Kind() {
	case KindString:
		s, ok := b.AsString()
		if !ok {
			return Undef, typeError(`can only concatenate str (not "%s") to str`, TypeName(b))
		}
		return concatStrings(th, a.rawString(), s)
	case KindList, KindTuple:
		if b.Kind() != a.Kind() {
			name := TypeName(a)
			return Undef, typeError(`can only concatenate %s (not "%s") to %s`, name, TypeName(b), name)
		}
		x, y := a.Items(), b.Items()
		if err := th.CheckList(int64(len(x) + len(y))); err != nil {
			return Undef, err
		}
		out := make([]Value, 0, len(x)+len(y))
		out = append(append(out, x...), y...)
		if a.Kind() == KindTuple {
			return NewTuple(out...), nil
		}
		return NewList(out...), nil
	}
	return Undef, unsupported("+", a, b)
}

func repeat(th *Thread, a, b Value) (Value, error) {
	seq, count := a, b
	if !isSequence(seq) {
		seq, count = b, a
	}
	if !isSequence(seq) {
		return Undef, unsupported("*", a, b)
	}
	n, ok := indexOf(count)
	if !ok {
		return Undef, typeError("can't multiply sequence by non-int of type '%s'", TypeName(count))
	}
	n = max(n, 0)
	if s, ok := seq.AsString(); ok {
		if len(s) > 0 && n > math.MaxInt64/int64(len(s)) {
			n = math.MaxInt64 / int64(len(s))
		}
		if err := th.CheckString(n * int64(len(s))); err != nil {
			return Undef, err
		}
		return String(strings.Repeat(s, int(n))), nil
	}
	items := seq.Items()
	if len(items) == 0 {
		n = 0
	} else if n > math.MaxInt64/int64(len(items)) {
		n = math.MaxInt64 / int64(len(items))
	}
	if err := th.CheckList(n * int64(len(items))); err != nil {
		return Undef, err
	}
	out := make([]Value, 0, int(n)*len(items))
	for range n {
		out = append(out, items...)
	}
	if seq.Kind() == KindTuple {
		return NewTuple(out...), nil
	}
	return NewList(out...), nil
}

func isSequence(v Value) bool {
	k := v.Kind()
	return k == KindString || k == KindList || k == KindTuple
}

// Unary is -v or +v.
func Unary(op Op, v Value) (Value, error) {
	switch v.Kind() {
	case KindUndefined:
		return Undef, v.UndefinedError()
	case KindBool, KindInt, KindBig:
		if op == "-" {
			if i, ok := v.AsInt(); ok && i != math.MinInt64 {
				return Int(-i), nil
			}
			return Big(new(big.Int).Neg(bigOf(v))), nil
		}
		return positive(v), nil
	case KindFloat:
		if op == "-" {
			return Float(-v.rawFloat()), nil
		}
		return v, nil
	case KindObject:
		if u, ok := v.rawObject().(UnaryArith); ok {
			if out, ok, err := u.Unary(op); ok || err != nil {
				return out, err
			}
		}
	}
	return Undef, typeError("bad operand type for unary %s: '%s'", op, TypeName(v))
}

// positive makes an int of a bool.
func positive(v Value) Value {
	if v.Kind() == KindBool {
		return Int(v.rawInt())
	}
	return v
}

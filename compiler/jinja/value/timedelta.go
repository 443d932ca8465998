package value

import (
	"math/big"
	"strconv"
	"time"
)

// TimeDelta is datetime.timedelta with microsecond precision (up to about 290,000 years).
type TimeDelta struct{ us int64 }

const (
	usSecond = 1_000_000
	usDay    = 86_400 * usSecond
)

// NewTimeDelta wraps a duration.
func NewTimeDelta(d time.Duration) Value { return FromObject(&TimeDelta{us: d.Microseconds()}) }

// TypeName is Python's qualified name.
func (d *TimeDelta) TypeName() string { return "datetime.timedelta" }

// Microseconds is the whole length.
func (d *TimeDelta) Microseconds() int64 { return d.us }

// parts are the normalised days, seconds and microseconds; only days is negative.
func (d *TimeDelta) parts() (days, seconds, us int64) {
	days, us = floorDiv(d.us, usDay)
	return days, us / usSecond, us % usSecond
}

func floorDiv(x, y int64) (q, m int64) {
	q, m = x/y, x%y
	if m < 0 {
		q, m = q-1, m+y
	}
	return q, m
}

// Truth is false for zero.
func (d *TimeDelta) Truth() bool { return d.us != 0 }

// Str is "1 day, 2:03:04.000005".
func (d *TimeDelta) Str() string {
	days, seconds, us := d.parts()
	var out []byte
	if days != 0 {
		out = strconv.AppendInt(out, days, 10)
		out = append(out, " day"...)
		if days != 1 && days != -1 {
			out = append(out, 's')
		}
		out = append(out, ", "...)
	}
	out = strconv.AppendInt(out, seconds/3600, 10)
	out = appendTwo(append(out, ':'), int(seconds/60%60))
	out = appendTwo(append(out, ':'), int(seconds%60))
	if us != 0 {
		out = append(out, '.')
		out = appendPadded(out, us, 6)
	}
	return string(out)
}

func appendPadded(dst []byte, n int64, width int) []byte {
	s := strconv.FormatInt(n, 10)
	for i := len(s); i < width; i++ {
		dst = append(dst, '0')
	}
	return append(dst, s...)
}

// Repr is datetime.timedelta(days=1, …).
func (d *TimeDelta) Repr() string {
	days, seconds, us := d.parts()
	out := ""
	for _, part := range []struct {
		name string
		n    int64
	}{{"days", days}, {"seconds", seconds}, {"microseconds", us}} {
		if part.n != 0 {
			if out != "" {
				out += ", "
			}
			out += part.name + "=" + strconv.FormatInt(part.n, 10)
		}
	}
	if out == "" {
		out = "0"
	}
	return "datetime.timedelta(" + out + ")"
}

// HashKey makes equal lengths the same key.
func (d *TimeDelta) HashKey() string { return "timedelta:" + strconv.FormatInt(d.us, 10) }

// Equal compares lengths.
func (d *TimeDelta) Equal(other Value) (equal, ok bool) {
	o, ok := as[*TimeDelta](other)
	return ok && d.us == o.us, ok
}

// Compare orders by length.
func (d *TimeDelta) Compare(other Value) (int, bool) {
	o, ok := as[*TimeDelta](other)
	if !ok {
		return 0, false
	}
	return cmpInt(d.us, o.us), true
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Attr has days, seconds, microseconds and total_seconds().
func (d *TimeDelta) Attr(_ *Thread, name string) (Value, bool, error) {
	days, seconds, us := d.parts()
	switch name {
	case "days":
		return Int(days), true, nil
	case "seconds":
		return Int(seconds), true, nil
	case "microseconds":
		return Int(us), true, nil
	case "total_seconds":
		return Func(name, func(_ *Thread, a Args) (Value, error) {
			if err := a.between("datetime.timedelta.total_seconds", 0, 0); err != nil {
				return Undef, err
			}
			v, err := trueDivide(big.NewInt(d.us), big.NewInt(usSecond))
			return v, err
		}), true, nil
	}
	return Undef, false, nil
}

// Unary is -d and +d.
func (d *TimeDelta) Unary(op string) (Value, bool, error) {
	if op == "-" {
		return FromObject(&TimeDelta{us: -d.us}), true, nil
	}
	return FromObject(d), true, nil
}

func deltaOf(us *big.Int) (Value, bool, error) {
	if !us.IsInt64() {
		return Undef, true, Errorf("OverflowError", "date value out of range")
	}
	return FromObject(&TimeDelta{us: us.Int64()}), true, nil
}

// Binary is arithmetic with other lengths and with numbers.
func (d *TimeDelta) Binary(op string, other Value, reflected bool) (Value, bool, error) {
	if o, ok := as[*TimeDelta](other); ok {
		if reflected {
			return Undef, false, nil // the left operand has answered already
		}
		return deltaWithDelta(op, d.us, o.us)
	}
	x := big.NewInt(d.us)
	switch other.Kind() {
	case KindBool, KindInt, KindBig:
		n := bigOf(other)
		switch {
		case op == "*":
			return deltaOf(new(big.Int).Mul(x, n))
		case reflected || op != "/" && op != "//":
			return Undef, false, nil
		case n.Sign() == 0:
			return Undef, true, Errorf("ZeroDivisionError", "integer division or modulo by zero")
		case op == "//":
			q, _ := floorDivMod(x, n)
			return deltaOf(q)
		}
		return deltaOf(roundRat(new(big.Rat).SetFrac(x, n)))
	case KindFloat:
		r := new(big.Rat).SetFloat64(other.rawFloat())
		switch {
		case op != "*" && (op != "/" || reflected):
			return Undef, false, nil
		case r == nil:
			return Undef, true, valueError("cannot convert %s to integer ratio", floatRepr(other.rawFloat()))
		case op == "*":
			return deltaOf(roundRat(r.Mul(r, new(big.Rat).SetInt(x))))
		case r.Sign() == 0:
			return Undef, true, Errorf("ZeroDivisionError", "division by zero")
		}
		return deltaOf(roundRat(r.Quo(new(big.Rat).SetInt(x), r)))
	}
	return Undef, false, nil
}

func deltaWithDelta(op string, x, y int64) (Value, bool, error) {
	bx, by := big.NewInt(x), big.NewInt(y)
	switch op {
	case "+":
		return deltaOf(bx.Add(bx, by))
	case "-":
		return deltaOf(bx.Sub(bx, by))
	case "/", "//", "%":
		if y == 0 {
			if op == "/" {
				return Undef, true, Errorf("ZeroDivisionError", "division by zero")
			}
			return Undef, true, Errorf("ZeroDivisionError", "integer division or modulo by zero")
		}
		if op == "/" {
			v, err := trueDivide(bx, by)
			return v, true, err
		}
		q, m := floorDivMod(bx, by)
		if op == "%" {
			return deltaOf(m)
		}
		return Big(q), true, nil
	}
	return Undef, false, nil
}

// roundRat is the nearest integer, half to even.
func roundRat(r *big.Rat) *big.Int {
	q, m := floorDivMod(r.Num(), r.Denom())
	c := new(big.Int).Lsh(m, 1).Cmp(r.Denom())
	if c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// timeDeltaUnits are the parameters of timedelta() in order, in microseconds.
var timeDeltaUnits = [...]struct {
	name string
	us   int64
}{
	{"days", usDay}, {"seconds", usSecond}, {"microseconds", 1}, {"milliseconds", 1000},
	{"minutes", 60 * usSecond}, {"hours", 3600 * usSecond}, {"weeks", 7 * usDay},
}

// MakeTimeDelta is timedelta(days=…, seconds=…, …).
func MakeTimeDelta(_ *Thread, a Args) (Value, error) {
	var names [len(timeDeltaUnits)]string
	for i, u := range timeDeltaUnits {
		names[i] = u.name + "?"
	}
	args, err := a.Bind("__new__", names[:]...)
	if err != nil {
		return Undef, err
	}
	total := new(big.Rat)
	for i, v := range args {
		var part *big.Rat
		switch v.Kind() {
		case KindUndefined:
			continue
		case KindBool, KindInt, KindBig:
			part = new(big.Rat).SetInt(bigOf(v))
		case KindFloat:
			if part = new(big.Rat).SetFloat64(v.rawFloat()); part == nil {
				_, err := ToInt(v, 10)
				return Undef, err
			}
		default:
			return Undef, typeError("unsupported type for timedelta %s component: %s", timeDeltaUnits[i].name, TypeName(v))
		}
		total.Add(total, part.Mul(part, new(big.Rat).SetInt64(timeDeltaUnits[i].us)))
	}
	v, _, err := deltaOf(roundRat(total))
	return v, err
}

package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

func floatToIntError(f float64) error {
	if math.IsNaN(f) {
		return valueError("cannot convert float NaN to integer")
	}
	return Errorf("OverflowError", "cannot convert float infinity to integer")
}

// ToInt is Python's int(v), or int(v, base) for a string when base is not 10.
func ToInt(v Value, base int) (Value, error) {
	v = markerText(v)
	switch v.Kind() {
	case KindBool, KindInt, KindBig:
		return positive(v), nil
	case KindFloat:
		f := v.rawFloat()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return Undef, floatToIntError(f)
		}
		if f > -(1<<62) && f < 1<<62 {
			return Int(int64(f)), nil
		}
		b, _ := big.NewFloat(f).Int(nil)
		return Big(b), nil
	case KindString:
		return parseInt(v.rawString(), base)
	case KindUndefined:
		return Undef, v.UndefinedError()
	case KindObject:
		if d, ok := v.rawObject().(*Decimal); ok {
			switch d.form {
			case decimalInf:
				return Undef, Errorf("OverflowError", "cannot convert Infinity to integer")
			case decimalNaN:
				return Undef, valueError("cannot convert NaN to integer")
			}
			if d.exp > maxIntBits/4 {
				return Undef, tooLargeInt()
			}
			return Big(d.BigInt()), nil
		}
	}
	return Undef, typeError("int() argument must be a string, a bytes-like object or a real number, not '%s'", TypeName(v))
}

func parseInt(text string, base int) (Value, error) {
	bad := func() (Value, error) {
		return Undef, valueError("invalid literal for int() with base %d: %s", base, Repr(String(text)))
	}
	if base != 0 && (base < 2 || base > 36) {
		return Undef, valueError("int() base must be >= 2 and <= 36, or 0")
	}
	s := strings.TrimFunc(asciiDigits(text), pythonSpace)
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = strings.TrimPrefix(s[:1], "+"), s[1:]
	}
	prefixed := false
	if len(s) > 2 && s[0] == '0' {
		if b := prefixBase(s[1]); b != 0 && (base == b || base == 0) {
			base, s, prefixed = b, s[2:], true
		}
	}
	if base == 0 {
		if len(s) > 1 && s[0] == '0' && strings.Trim(s, "0_") != "" {
			return bad()
		}
		base = 10
		if len(s) == 0 {
			base = 0
			return bad()
		}
	}
	if prefixed {
		s = strings.TrimPrefix(s, "_")
	}
	if s == "" || s[0] == '_' || s[len(s)-1] == '_' || strings.Contains(s, "__") || s[0] == '-' || s[0] == '+' {
		return bad()
	}
	s = strings.ReplaceAll(s, "_", "")
	if n, err := strconv.ParseInt(sign+s, base, 64); err == nil {
		return Int(n), nil
	}
	if base&(base-1) != 0 && len(s) > 4300 {
		return Undef, valueError("Exceeds the limit (4300 digits) for integer string conversion: value has %d digits; use sys.set_int_max_str_digits() to increase the limit", len(s))
	}
	if len(s) > maxIntBits {
		return Undef, tooLargeInt()
	}
	b, ok := new(big.Int).SetString(sign+s, base)
	if !ok {
		return bad()
	}
	return Big(b), nil
}

func prefixBase(c byte) int {
	switch c {
	case 'x', 'X':
		return 16
	case 'o', 'O':
		return 8
	case 'b', 'B':
		return 2
	}
	return 0
}

// asciiDigits turns the decimal digits of other scripts into ASCII ones.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if d := decimalDigit(r); d >= 0 {
			return '0' + rune(d)
		}
		return r
	}, s)
}

// decimalDigit is the value of a character of category Nd: those come in runs of ten.
func decimalDigit(r rune) int {
	if !unicode.Is(unicode.Nd, r) {
		return -1
	}
	if r < 0x80 {
		return int(r - '0')
	}
	start := r
	for unicode.Is(unicode.Nd, start-1) {
		start--
	}
	return int(r-start) % 10
}

// ToFloat is Python's float(v).
func ToFloat(v Value) (Value, error) {
	v = markerText(v)
	switch v.Kind() {
	case KindBool, KindInt, KindBig, KindFloat:
		f, err := toFloat(v)
		return Float(f), err
	case KindString:
		return parseFloat(v.rawString())
	case KindUndefined:
		return Undef, v.UndefinedError()
	case KindObject:
		if d, ok := v.rawObject().(*Decimal); ok {
			return Float(d.Float()), nil
		}
	}
	return Undef, typeError("float() argument must be a string or a real number, not '%s'", TypeName(v))
}

func parseFloat(text string) (Value, error) {
	bad := func() (Value, error) {
		return Undef, valueError("could not convert string to float: %s", Repr(String(text)))
	}
	s := strings.TrimFunc(asciiDigits(text), pythonSpace)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isDigit(c), c == '.', c == '+', c == '-':
		case c == '_':
			if i == 0 || i == len(s)-1 || !isDigit(s[i-1]) || !isDigit(s[i+1]) {
				return bad()
			}
		case strings.IndexByte("eEinfatyINFATY", c) >= 0:
		default:
			return bad()
		}
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return bad()
	}
	return Float(f), nil
}

// pythonSpace is str.isspace for one character.
func pythonSpace(r rune) bool {
	switch {
	case r == ' ', r >= '\t' && r <= '\r', r >= 0x1c && r <= 0x1f, r == 0x85, r == 0xa0:
		return true
	case r < 0x1680:
		return false
	}
	return r == 0x1680 || r >= 0x2000 && r <= 0x200a || r == 0x2028 || r == 0x2029 || r == 0x202f || r == 0x205f || r == 0x3000
}

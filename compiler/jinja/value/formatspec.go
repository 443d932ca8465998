package value

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// formatSpec is a parsed format specification:
// [[fill]align][sign][z][#][0][width][grouping][.precision][type]
type formatSpec struct {
	fill      rune
	align     byte // < > = ^ or 0
	sign      byte // + - space or 0
	noNegZero bool // z
	alternate bool
	width     int
	group     byte // , or _ or 0
	precision int  // -1 when absent
	verb      byte // 0 when absent
	text      string
}

func parseSpec(th *Thread, s, typeName string) (formatSpec, error) {
	f := formatSpec{fill: ' ', precision: -1, text: s}
	rest := s
	if r, n := utf8.DecodeRuneInString(rest); n > 0 && n < len(rest) && isAlign(rest[n]) {
		f.fill, f.align = r, rest[n]
		rest = rest[n+1:]
	} else if rest != "" && isAlign(rest[0]) {
		f.align = rest[0]
		rest = rest[1:]
	}
	if rest != "" && (rest[0] == '+' || rest[0] == '-' || rest[0] == ' ') {
		f.sign, rest = rest[0], rest[1:]
	}
	if rest != "" && rest[0] == 'z' {
		f.noNegZero, rest = true, rest[1:]
	}
	if rest != "" && rest[0] == '#' {
		f.alternate, rest = true, rest[1:]
	}
	if rest != "" && rest[0] == '0' {
		if f.align == 0 {
			f.fill = '0'
			if typeName != "str" {
				f.align = '='
			} else {
				f.align = '<'
			}
		}
		rest = rest[1:]
	}
	var err error
	if n := digits(rest, 0); n > 0 {
		if f.width, err = specNumber(th, rest[:n]); err != nil {
			return f, err
		}
		rest = rest[n:]
	}
	if rest != "" && (rest[0] == ',' || rest[0] == '_') {
		f.group, rest = rest[0], rest[1:]
		if rest != "" && (rest[0] == ',' || rest[0] == '_') {
			if rest[0] == f.group {
				return f, valueError("Cannot specify '%c' with '%c'.", f.group, rest[0])
			}
			return f, valueError("Cannot specify both ',' and '_'.")
		}
	}
	if rest != "" && rest[0] == '.' {
		n := digits(rest, 1)
		if n == 1 {
			return f, valueError("Format specifier missing precision")
		}
		if f.precision, err = specNumber(th, rest[1:n]); err != nil {
			return f, err
		}
		rest = rest[n:]
	}
	if len(rest) > 1 {
		if utf8.RuneCountInString(rest) > 1 {
			return f, valueError("Invalid format specifier '%s' for object of type '%s'", s, typeName)
		}
		return f, f.unknownRune(rest, typeName)
	}
	if len(rest) == 1 {
		f.verb = rest[0]
	}
	if f.group != 0 && f.verb != 0 && strings.IndexByte("deEfFgG%", f.verb) < 0 &&
		(f.group == ',' || strings.IndexByte("boxX", f.verb) < 0) {
		return f, valueError("Cannot specify '%c' with '%c'.", f.group, f.verb)
	}
	return f, nil
}

func isAlign(c byte) bool { return c == '<' || c == '>' || c == '=' || c == '^' }

// specNumber reads a width or precision and checks it against the limits, as a width is
// the shortest way to ask for a huge string.
func specNumber(th *Thread, s string) (int, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, valueError("Too many decimal digits in format string")
	}
	return int(n), th.CheckString(n)
}

func (f formatSpec) unknownRune(code, typeName string) error {
	return valueError("Unknown format code '%s' for object of type '%s'", code, typeName)
}

func (f formatSpec) unknown(typeName string) error {
	if f.verb > ' ' && f.verb < 0x7f {
		return f.unknownRune(string(f.verb), typeName)
	}
	return valueError("Unknown format code '\\x%x' for object of type '%s'", f.verb, typeName)
}

// Format is Python's format(v, spec).
func Format(th *Thread, v Value, spec string) (string, error) {
	v = markerText(v)
	switch v.Kind() {
	case KindString:
		if spec == "" {
			return v.rawString(), nil
		}
		return formatString(th, v.rawString(), spec)
	case KindBool:
		if spec == "" {
			return Str(v), nil
		}
		return formatNumber(th, v, spec, "bool")
	case KindInt, KindBig:
		if spec == "" {
			return CheckedStr(th, v)
		}
		return formatNumber(th, v, spec, "int")
	case KindFloat:
		if spec == "" {
			return Str(v), nil
		}
		return formatNumber(th, v, spec, "float")
	case KindObject:
		if f, ok := v.rawObject().(Formatter); ok {
			return f.Format(th, spec)
		}
	}
	if spec != "" {
		return "", typeError("unsupported format string passed to %s.__format__", TypeName(v))
	}
	return CheckedStr(th, v)
}

func formatString(th *Thread, s, spec string) (string, error) {
	f, err := parseSpec(th, spec, "str")
	if err != nil {
		return "", err
	}
	switch {
	case f.verb != 0 && f.verb != 's':
		return "", f.unknown("str")
	case f.sign == ' ':
		return "", valueError("Space not allowed in string format specifier")
	case f.sign != 0:
		return "", valueError("Sign not allowed in string format specifier")
	case f.noNegZero:
		return "", valueError("Negative zero coercion (z) not allowed in string format specifier")
	case f.alternate:
		return "", valueError("Alternate form (#) not allowed in string format specifier")
	case f.group != 0:
		return "", valueError("Cannot specify '%c' with 's'.", f.group)
	case f.align == '=':
		return "", valueError("'=' alignment not allowed in string format specifier")
	}
	if f.precision >= 0 {
		s = s[:byteOffset(s, f.precision)]
	}
	if f.align == 0 {
		f.align = '<'
	}
	return f.pad("", s), nil
}

// pad aligns sign+body in the width; '=' puts the fill between the two.
func (f formatSpec) pad(sign, body string) string {
	missing := f.width - runeLen(sign) - runeLen(body)
	if missing <= 0 {
		return sign + body
	}
	fill := string(f.fill)
	switch f.align {
	case '<':
		return sign + body + strings.Repeat(fill, missing)
	case '^':
		return strings.Repeat(fill, missing/2) + sign + body + strings.Repeat(fill, missing-missing/2)
	case '=':
		return sign + strings.Repeat(fill, missing) + body
	}
	return strings.Repeat(fill, missing) + sign + body
}

func formatNumber(th *Thread, v Value, spec, typeName string) (string, error) {
	f, err := parseSpec(th, spec, typeName)
	if err != nil {
		return "", err
	}
	isInt := v.Kind() != KindFloat
	switch f.verb {
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		x, err := toFloat(v)
		if err != nil {
			return "", err
		}
		return f.float(x)
	case 'n', 0:
		if !isInt {
			return f.float(v.rawFloat())
		}
		return f.integer(bigOf(v))
	case 'd', 'b', 'o', 'x', 'X', 'c':
		if isInt {
			return f.integer(bigOf(v))
		}
	}
	return "", f.unknown(typeName)
}

func (f formatSpec) signOf(negative bool) string {
	switch {
	case negative:
		return "-"
	case f.sign == '+' || f.sign == ' ':
		return string(f.sign)
	}
	return ""
}

func (f formatSpec) integer(b *big.Int) (string, error) {
	if f.precision >= 0 {
		return "", valueError("Precision not allowed in integer format specifier")
	}
	if f.noNegZero {
		return "", valueError("Negative zero coercion (z) not allowed in format specifier with integer format code '%c'", orVerb(f.verb, 'd'))
	}
	if f.verb == 'c' {
		return f.character(b)
	}
	base, prefix := 10, ""
	switch f.verb {
	case 'b':
		base, prefix = 2, "0b"
	case 'o':
		base, prefix = 8, "0o"
	case 'x':
		base, prefix = 16, "0x"
	case 'X':
		base, prefix = 16, "0X"
	default:
		if err := checkPrintable(Big(b)); err != nil {
			return "", err
		}
	}
	body := new(big.Int).Abs(b).Text(base)
	if f.verb == 'X' {
		body = strings.ToUpper(body)
	}
	sign := f.signOf(b.Sign() < 0)
	if f.alternate {
		sign += prefix
	}
	every := 3
	if base != 10 {
		every = 4
	}
	return f.numeric(sign, body, "", every), nil
}

func orVerb(verb, absent byte) byte {
	if verb == 0 {
		return absent
	}
	return verb
}

func (f formatSpec) character(b *big.Int) (string, error) {
	switch {
	case f.sign != 0:
		return "", valueError("Sign not allowed with integer format specifier 'c'")
	case f.alternate:
		return "", valueError("Alternate form (#) not allowed with integer format specifier 'c'")
	case !b.IsInt64():
		return "", Errorf("OverflowError", "Python int too large to convert to C long")
	case b.Int64() < 0 || b.Int64() > utf8.MaxRune:
		return "", Errorf("OverflowError", "%%c arg not in range(0x110000)")
	}
	if f.align == 0 {
		f.align = '<'
	}
	return f.pad("", string(rune(b.Int64()))), nil
}

// numeric groups the whole part and pads; zero fill grows the whole part so that the
// separators run through it.
func (f formatSpec) numeric(sign, whole, rest string, every int) string {
	if f.align == 0 {
		f.align = '>'
	}
	if f.group != 0 {
		if f.fill == '0' && f.align == '=' {
			for len(groupDigits(whole, f.group, every))+len(sign)+len(rest) < f.width {
				whole = "0" + whole
			}
		}
		whole = groupDigits(whole, f.group, every)
	}
	return f.pad(sign, whole+rest)
}

func groupDigits(s string, sep byte, every int) string {
	if len(s) <= every {
		return s
	}
	out := make([]byte, 0, len(s)+len(s)/every)
	for i := range len(s) {
		if i > 0 && (len(s)-i)%every == 0 {
			out = append(out, sep)
		}
		out = append(out, s[i])
	}
	return string(out)
}

func (f formatSpec) float(x float64) (string, error) {
	verb, precision := f.verb, f.precision
	if f.precision > math.MaxInt32-10 {
		return "", valueError("precision too big")
	}
	suffix := ""
	if verb == '%' {
		x, verb, suffix = x*100, 'f', "%"
	}
	if verb == 'n' {
		verb = 'g'
	}
	body := floatText(math.Abs(x), verb, precision, f.alternate)
	negative := math.Signbit(x) && !math.IsNaN(x)
	if f.noNegZero && strings.Trim(body, "0.e+-") == "" {
		negative = false
	}
	whole, rest := body, ""
	if i := digits(body, 0); i < len(body) {
		whole, rest = body[:i], body[i:]
	}
	if whole == "" { // inf, nan: nothing to group, and zeros would not fit either
		return f.pad0(f.signOf(negative), rest+suffix), nil
	}
	return f.numeric(f.signOf(negative), whole, rest+suffix, 3), nil
}

func (f formatSpec) pad0(sign, body string) string {
	if f.align == 0 {
		f.align = '>'
	}
	return f.pad(sign, body)
}

// floatText formats a non-negative float for a verb of format or %; verb 0 is the format
// of format(x, ”) with a precision.
func floatText(x float64, verb byte, precision int, alternate bool) string {
	upper := verb == 'E' || verb == 'F' || verb == 'G'
	if upper {
		verb += 'a' - 'A'
	}
	var out string
	switch {
	case math.IsInf(x, 0):
		out = "inf"
	case math.IsNaN(x):
		out = "nan"
	case verb == 'e' || verb == 'f':
		if precision < 0 {
			precision = 6
		}
		out = strconv.FormatFloat(x, verb, precision, 64)
		if alternate && precision == 0 {
			i := digits(out, 0)
			out = out[:i] + "." + out[i:]
		}
	case verb == 0 && precision < 0:
		out = floatRepr(x)
	default:
		out = generalText(x, precision, alternate, verb == 0)
	}
	if upper {
		out = strings.ToUpper(out)
	}
	return out
}

// generalText is 'g': significant digits, scientific for large and small exponents. The
// missing verb differs in showing a decimal point always and in when it turns scientific.
func generalText(x float64, precision int, alternate, plain bool) string {
	if precision < 0 {
		precision = 6
	}
	precision = max(precision, 1)
	sci := strconv.FormatFloat(x, 'e', precision-1, 64)
	i := strings.LastIndexByte(sci, 'e')
	exp, _ := strconv.Atoi(sci[i+1:])
	limit := precision
	if plain {
		limit = precision - 1
	}
	if x != 0 && (exp < -4 || exp >= limit && !(plain && exp == 0 && limit == 0)) {
		mantissa := sci[:i]
		if !alternate {
			mantissa = trimZeros(mantissa)
		} else if !strings.Contains(mantissa, ".") {
			mantissa += "."
		}
		return mantissa + sci[i:]
	}
	out := strconv.FormatFloat(x, 'f', max(precision-1-exp, 0), 64)
	switch {
	case alternate && !strings.Contains(out, "."):
		out += "."
	case !alternate:
		out = trimZeros(out)
	}
	if plain && !strings.Contains(out, ".") {
		out += ".0"
	}
	return out
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

package value

import (
	"math"
	"math/big"
	"strings"
	"unicode/utf8"
)

// percentFormat is one run of `format % args`.
type percentFormat struct {
	th      *Thread
	s       string
	i       int
	out     []byte
	args    []Value
	next    int
	single  bool // args is one value that is not a tuple
	mapping Value
	isMap   bool
}

// percentItem is one conversion: %(key)-+ #0width.precision type
type percentItem struct {
	left, plus, space, alternate, zero bool
	width, precision                   int
	verb                               rune
}

// Percent is Python's format % arg in full.
func Percent(th *Thread, format string, arg Value) (Value, error) {
	p := &percentFormat{th: th, s: format}
	arg = markerText(arg)
	if t, ok := arg.AsTuple(); ok {
		p.args = t.Items
	} else {
		p.args, p.single = []Value{arg}, true
		p.mapping = arg
		switch arg.Kind() {
		case KindDict, KindList, KindUndefined:
			p.isMap = true
		case KindObject:
			_, p.isMap = arg.rawObject().(Indexer)
		}
	}
	if err := p.run(); err != nil {
		return Undef, err
	}
	return String(string(p.out)), nil
}

func (p *percentFormat) run() error {
	for {
		k := strings.IndexByte(p.s[p.i:], '%')
		if k < 0 {
			p.out = append(p.out, p.s[p.i:]...)
			break
		}
		p.out = append(p.out, p.s[p.i:p.i+k]...)
		p.i += k + 1
		if err := p.conversion(); err != nil {
			return err
		}
		if err := p.th.CheckString(int64(len(p.out))); err != nil {
			return err
		}
	}
	if p.next < len(p.args) && !p.isMap {
		return typeError("not all arguments converted during string formatting")
	}
	return nil
}

func (p *percentFormat) incomplete() error { return valueError("incomplete format") }

// argument takes the next argument in order.
func (p *percentFormat) argument() (Value, error) {
	if p.next >= len(p.args) {
		return Undef, typeError("not enough arguments for format string")
	}
	p.next++
	return p.args[p.next-1], nil
}

func (p *percentFormat) conversion() error {
	item := percentItem{precision: -1}
	var arg Value
	hasArg := false
	if p.i < len(p.s) && p.s[p.i] == '(' {
		key, err := p.key()
		if err != nil {
			return err
		}
		if arg, err = p.lookup(key); err != nil {
			return err
		}
		hasArg = true
		p.next = len(p.args)
	}
	if err := p.flags(&item); err != nil {
		return err
	}
	if p.i >= len(p.s) {
		return p.incomplete()
	}
	r, n := utf8.DecodeRuneInString(p.s[p.i:])
	at := runeLen(p.s[:p.i])
	p.i += n
	item.verb = r
	if r == '%' && at > 0 && p.s[p.i-2] == '%' {
		p.out = append(p.out, '%')
		return nil
	}
	if !hasArg {
		var err error
		if arg, err = p.argument(); err != nil {
			return err
		}
	}
	text, sign, err := p.convert(&item, arg, at)
	if err != nil {
		return err
	}
	p.pad(item, sign, text)
	return nil
}

func (p *percentFormat) key() (string, error) {
	if !p.isMap {
		return "", typeError("format requires a mapping")
	}
	depth := 1
	start := p.i + 1
	for p.i = start; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				p.i++
				return p.s[start : p.i-1], nil
			}
		}
	}
	return "", valueError("incomplete format key")
}

func (p *percentFormat) lookup(key string) (Value, error) {
	if d, ok := p.mapping.AsDict(); ok {
		if v, ok := d.GetString(key); ok {
			return v, nil
		}
	} else if o, ok := p.mapping.AsObject(); ok {
		if v, ok, err := o.(Indexer).Index(p.th, String(key)); ok || err != nil {
			return v, err
		}
	} else if p.mapping.IsUndefined() {
		return Undef, p.mapping.UndefinedError()
	} else {
		return Undef, typeError("list indices must be integers or slices, not str")
	}
	return Undef, Errorf("KeyError", "%s", Repr(String(key)))
}

func (p *percentFormat) flags(item *percentItem) error {
	for ; p.i < len(p.s); p.i++ {
		switch p.s[p.i] {
		case '-':
			item.left = true
		case '+':
			item.plus = true
		case ' ':
			item.space = true
		case '#':
			item.alternate = true
		case '0':
			item.zero = true
		default:
			return p.sizes(item)
		}
	}
	return p.incomplete()
}

func (p *percentFormat) sizes(item *percentItem) error {
	n, err := p.size()
	if err != nil {
		return err
	}
	if n < 0 {
		item.left, n = true, -n
	}
	item.width = n
	if p.i < len(p.s) && p.s[p.i] == '.' {
		p.i++
		if n, err = p.size(); err != nil {
			return err
		}
		item.precision = max(n, 0)
	}
	// C's length modifiers are allowed and mean nothing.
	if p.i < len(p.s) && strings.IndexByte("hlL", p.s[p.i]) >= 0 {
		p.i++
	}
	return nil
}

// size is a width or precision: digits or * for the next argument.
func (p *percentFormat) size() (int, error) {
	if p.i < len(p.s) && p.s[p.i] == '*' {
		p.i++
		v, err := p.argument()
		if err != nil {
			return 0, err
		}
		n, ok := indexOf(v)
		if !ok {
			return 0, typeError("* wants int")
		}
		if n < -(1<<31) || n > 1<<31 {
			return 0, Errorf("OverflowError", "Python int too large to convert to C int")
		}
		return int(n), p.th.CheckString(max(n, -n))
	}
	end := digits(p.s, p.i)
	if end == p.i {
		return 0, nil
	}
	text := p.s[p.i:end]
	p.i = end
	n, err := specNumber(p.th, text)
	if IsError(err, "ValueError") {
		return 0, valueError("width too big")
	}
	return n, err
}

func (p *percentFormat) convert(item *percentItem, arg Value, at int) (text, sign string, err error) {
	arg = markerText(arg)
	switch item.verb {
	case 's', 'r', 'a':
		switch item.verb {
		case 's':
			text, err = CheckedStr(p.th, arg)
		case 'r':
			text = Repr(arg)
		case 'a':
			text = asciiRepr(arg)
		}
		if item.precision >= 0 {
			text = text[:byteOffset(text, item.precision)]
		}
		item.zero = false
		return text, "", err
	case 'c':
		item.zero = false
		text, err = percentChar(arg)
		return text, "", err
	case 'd', 'i', 'u', 'o', 'x', 'X':
		return p.integer(item, arg)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return p.float(item, arg)
	}
	return "", "", valueError("unsupported format character '%s' (0x%x) at index %d", printableVerb(item.verb), item.verb, at)
}

func printableVerb(r rune) string {
	if r >= ' ' && r < 0x7f {
		return string(r)
	}
	return "?"
}

func percentChar(arg Value) (string, error) {
	if s, ok := arg.AsString(); ok {
		if runeLen(s) == 1 {
			return s, nil
		}
		return "", typeError("%%c requires int or char")
	}
	n, ok := indexOf(arg)
	switch {
	case arg.IsUndefined():
		return "", arg.UndefinedError()
	case !ok:
		return "", typeError("%%c requires int or char")
	case n < 0 || n > utf8.MaxRune:
		return "", Errorf("OverflowError", "%%c arg not in range(0x110000)")
	}
	return string(rune(n)), nil
}

func (p *percentFormat) integer(item *percentItem, arg Value) (text, sign string, err error) {
	var b *big.Int
	switch arg.Kind() {
	case KindBool, KindInt, KindBig:
		b = bigOf(arg)
	case KindUndefined:
		return "", "", arg.UndefinedError()
	case KindFloat:
		if f := arg.rawFloat(); !math.IsInf(f, 0) && !math.IsNaN(f) && strings.ContainsRune("diu", item.verb) {
			b, _ = big.NewFloat(math.Trunc(f)).Int(nil)
		} else if strings.ContainsRune("diu", item.verb) {
			return "", "", floatToIntError(f)
		}
	case KindObject:
		if d, ok := arg.rawObject().(*Decimal); ok && d.form == decimalFinite && strings.ContainsRune("diu", item.verb) {
			b = d.BigInt()
		}
	}
	if b == nil {
		what := "a real number is required"
		if !strings.ContainsRune("diu", item.verb) {
			what = "an integer is required"
		}
		return "", "", typeError("%%%c format: %s, not %s", item.verb, what, TypeName(arg))
	}
	base, prefix := 10, ""
	switch item.verb {
	case 'o':
		base, prefix = 8, "0o"
	case 'x':
		base, prefix = 16, "0x"
	case 'X':
		base, prefix = 16, "0X"
	default:
		if err := checkPrintable(Big(b)); err != nil {
			return "", "", err
		}
	}
	text = new(big.Int).Abs(b).Text(base)
	if item.verb == 'X' {
		text = strings.ToUpper(text)
	}
	if missing := item.precision - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	sign = item.sign(b.Sign() < 0)
	if item.alternate {
		sign += prefix
	}
	return text, sign, nil
}

func (item *percentItem) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case item.plus:
		return "+"
	case item.space:
		return " "
	}
	return ""
}

func (p *percentFormat) float(item *percentItem, arg Value) (text, sign string, err error) {
	var x float64
	switch {
	case isNumber(arg.Kind()):
		if x, err = toFloat(arg); err != nil {
			return "", "", err
		}
	case arg.IsUndefined():
		return "", "", arg.UndefinedError()
	default:
		d, ok := decimalOf(arg)
		if !ok {
			return "", "", typeError("must be real number, not %s", TypeName(arg))
		}
		x = d.Float()
	}
	text = floatText(math.Abs(x), byte(item.verb), item.precision, item.alternate)
	return text, item.sign(math.Signbit(x) && !math.IsNaN(x)), nil
}

func (p *percentFormat) pad(item percentItem, sign, text string) {
	missing := item.width - runeLen(text) - len(sign)
	switch {
	case missing <= 0:
		p.out = append(append(p.out, sign...), text...)
	case item.left:
		p.out = append(append(p.out, sign...), text...)
		p.out = append(p.out, strings.Repeat(" ", missing)...)
	case item.zero:
		p.out = append(append(p.out, sign...), strings.Repeat("0", missing)...)
		p.out = append(p.out, text...)
	default:
		p.out = append(p.out, strings.Repeat(" ", missing)...)
		p.out = append(append(p.out, sign...), text...)
	}
}

// asciiRepr is Python's ascii(v).
func asciiRepr(v Value) string {
	r := Repr(v)
	if isASCII(r) {
		return r
	}
	var out []byte
	for _, c := range r {
		if c < utf8.RuneSelf {
			out = append(out, byte(c))
		} else {
			out = appendEscapedRune(out, c)
		}
	}
	return string(out)
}

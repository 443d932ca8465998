package value

import "strings"

// Format is format(d, spec): digits exact, rounded half to even.
func (d *Decimal) Format(th *Thread, spec string) (string, error) {
	f, err := parseSpec(th, spec, "decimal.Decimal")
	bad := func() (string, error) { return "", valueError("invalid format string") }
	if err != nil {
		if IsError(err, "LimitError") {
			return "", err
		}
		return bad()
	}
	if f.group == '_' || strings.IndexByte("\x00eEfFgGn%", f.verb) < 0 {
		return bad()
	}
	sign := f.signOf(d.neg)
	if d.form != decimalFinite {
		return f.pad0(sign, strings.TrimPrefix(d.Str(), "-")), nil
	}
	abs := &Decimal{coef: d.coef, exp: d.exp}
	suffix := ""
	if f.verb == '%' {
		abs.exp += 2
		f.verb, suffix = 'f', "%"
	}
	body, err := abs.text(f)
	if err != nil {
		return "", err
	}
	whole, rest := body, ""
	if i := digits(body, 0); i < len(body) {
		whole, rest = body[:i], body[i:]
	}
	return f.numeric(sign, whole, rest+suffix, 3), nil
}

// text writes the digits for the verb and precision of f.
func (d *Decimal) text(f formatSpec) (string, error) {
	switch f.verb {
	case 'f', 'F':
		if f.precision >= 0 || d.exp > 0 {
			v, err := d.quantize(int64(max(f.precision, 0)))
			if err != nil {
				return "", err
			}
			d = v.rawObject().(*Decimal)
		}
		return placePoint(d.coef.String(), -d.exp), nil
	case 'e', 'E':
		if f.precision >= 0 {
			d = d.significant(f.precision + 1)
		}
		digits := d.coef.String()
		adjusted := len(digits) - 1 + d.exp
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return digits + string(f.verb) + signedExponent(adjusted), nil
	}
	if f.precision >= 0 && len(d.coef.String()) > max(f.precision, 1) {
		d = d.roundTo(max(f.precision, 1))
	}
	s := d.Str()
	if f.verb == 'g' || f.verb == 'n' {
		s = strings.ToLower(s)
	}
	return s, nil
}

// significant has exactly n digits.
func (d *Decimal) significant(n int) *Decimal {
	d = d.roundTo(n)
	if missing := n - len(d.coef.String()); missing > 0 && !d.zero() {
		v, err := d.quantize(int64(missing - d.exp))
		if err == nil {
			return v.rawObject().(*Decimal)
		}
	} else if missing > 0 {
		return &Decimal{coef: d.coef, exp: d.exp, neg: d.neg}
	}
	return d
}

package agate

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// currencySymbols may surround a number in a seed.
const currencySymbols = "؋$ƒ៛¥₡₱£€¢﷼₪₩₭₮₦฿₤₫"

// parseNumber reads a number as dbt reads seeds: percent and currency signs and thousands
// separators are dropped, and the rest is what Python's Decimal takes.
func parseNumber(s string) (value.Value, bool) {
	// Most fields are plain digits.
	if plainNumber(s) {
		v, err := value.NewDecimal(s)
		return v, err == nil
	}
	if s == "" || !strings.ContainsAny(s, "0123456789") && !mayBeSpecial(s) {
		return value.Undef, false
	}
	s = strings.Trim(s, "%")
	neg := strings.HasPrefix(s, "-")
	if neg {
		s = s[1:]
	}
	// Each symbol is stripped from both ends once, in this order.
	for _, symbol := range currencySymbols {
		s = strings.Trim(s, string(symbol))
	}
	s = strings.ReplaceAll(s, ",", "")
	v, err := value.NewDecimal(s)
	if err != nil {
		return value.Undef, false
	}
	sign := value.Int(1)
	if neg {
		sign = value.Int(-1)
	}
	v, err = value.Mul(nil, v, sign)
	return v, err == nil
}

// plainNumber reports digits with at most one point, few enough to need no rounding.
func plainNumber(s string) bool {
	digits, points := 0, 0
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b >= '0' && b <= '9':
			digits++
		case b == '.':
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1 && digits <= 28
}

// mayBeSpecial keeps texts without digits that are numbers after all: nan and infinity.
func mayBeSpecial(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, "nan") || strings.Contains(s, "inf")
}

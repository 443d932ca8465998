package yaml

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"
	"strings"

	yaml3 "gopkg.in/yaml.v3"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func (c *converter) scalar(y *yaml3.Node) *Node {
	n := &Node{kind: Scalar, src: c.src, text: y.Value}
	n.plain = y.Style&^yaml3.TaggedStyle == 0
	start := skipProperties(c.src.Text, c.at(y))
	n.start, n.end = int32(start), int32(scalarEnd(c.src.Text, start, y))
	if y.Style&(yaml3.LiteralStyle|yaml3.FoldedStyle) != 0 && !strings.Contains(c.src.Text[n.end:], "\n") {
		// PyYAML adds no line break where the file has none.
		y.Value = strings.TrimSuffix(y.Value, "\n")
		n.text = y.Value
	}
	v, problem := resolveTagged(explicitTag(y), y.Value, n.plain)
	if problem != "" {
		c.fail(n.Span(), "%s", problem)
		return nil
	}
	n.is(v)
	return n
}

// skipProperties steps over the anchor and tag in front of a scalar.
func skipProperties(text string, at int) int {
	for at < len(text) && (text[at] == '&' || text[at] == '!') {
		i := at
		for i < len(text) && text[i] > ' ' && !strings.ContainsRune(",[]{}", rune(text[i])) {
			i++
		}
		for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
		if i == at {
			break
		}
		at = i
	}
	return at
}

// scalarEnd finds where the text of a scalar ends in the file.
func scalarEnd(text string, start int, y *yaml3.Node) int {
	rest := text[start:]
	switch {
	case y.Style&yaml3.DoubleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			switch rest[i] {
			case '\\':
				i++
			case '"':
				return start + i + 1
			}
		}
		return len(text)
	case y.Style&yaml3.SingleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\'' {
				if i+1 < len(rest) && rest[i+1] == '\'' {
					i++
					continue
				}
				return start + i + 1
			}
		}
		return len(text)
	case y.Style&(yaml3.LiteralStyle|yaml3.FoldedStyle) != 0:
		return start + blockEnd(rest, y.Value)
	}
	return start + plainEnd(rest, y.Value)
}

// blockEnd is the length of a block scalar: its header and as many lines as its last
// word reaches.
func blockEnd(rest, val string) int { return wordsEnd(rest, val, strings.IndexByte(rest, '\n')) }

// plainEnd is the length of a plain scalar, whose line breaks have been folded.
func plainEnd(rest, val string) int {
	if strings.HasPrefix(rest, val) {
		return len(val)
	}
	return wordsEnd(rest, val, 0)
}

func wordsEnd(rest, val string, from int) int {
	if from < 0 {
		return len(rest)
	}
	end := from
	for _, word := range strings.Fields(val) {
		i := strings.Index(rest[end:], word)
		if i < 0 {
			break
		}
		end += i + len(word)
	}
	return end
}

func resolveTagged(tag, text string, plain bool) (v value.Value, problem string) {
	switch tag {
	case "":
		if !plain {
			return value.String(text), ""
		}
		return resolvePlain(text)
	case "!!str", "!":
		return value.String(text), ""
	case "!!binary":
		raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return value.Undef, "the text after !!binary is not valid base64"
		}
		return value.String(string(raw)), ""
	case "!!int":
		if v, ok := resolveInt(text); ok {
			return v, ""
		}
	case "!!float":
		if v, ok := resolveFloat(text); ok {
			return v, ""
		}
		if v, ok := resolveInt(text); ok {
			if i, small := v.AsInt(); small {
				return value.Float(float64(i)), ""
			}
		}
	case "!!bool":
		if b, ok := resolveBool(strings.ToLower(text)); ok {
			return value.Bool(b), ""
		}
	case "!!null":
		return value.None, ""
	case "!!timestamp":
		if v, ok, problem := resolveTimestamp(text); ok {
			return v, problem
		}
	default:
		return value.Undef, "the tag " + tag + " is not supported"
	}
	return value.Undef, "the text after " + tag + " is not of that type"
}

// resolvePlain types a scalar without quotes by YAML 1.1's rules as PyYAML applies them:
// yes and on are booleans, 010 is 8, 1:30 is 90, 1e5 is a string.
func resolvePlain(text string) (value.Value, string) {
	if text == "" {
		return value.None, ""
	}
	switch c := text[0]; {
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		if v, ok := resolveFloat(text); ok {
			return v, ""
		}
		if v, ok := resolveInt(text); ok {
			return v, ""
		}
		if v, ok, problem := resolveTimestamp(text); ok {
			return v, problem
		}
	case c == '~' || c == 'n' || c == 'N':
		switch text {
		case "~", "null", "Null", "NULL":
			return value.None, ""
		}
		fallthrough
	default:
		if b, ok := resolveBool(text); ok {
			return value.Bool(b), ""
		}
	}
	return value.String(text), ""
}

func resolveBool(s string) (b, ok bool) {
	switch s {
	case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON":
		return true, true
	case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF":
		return false, true
	}
	return false, false
}

func splitSign(s string) (negative bool, rest string) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[0] == '-', s[1:]
	}
	return false, s
}

func only(s, allowed string) bool {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(allowed, s[i]) < 0 {
			return false
		}
	}
	return s != ""
}

const (
	decimalDigits = "0123456789_"
	hexDigits     = "0123456789abcdefABCDEF_"
)

func resolveInt(text string) (value.Value, bool) {
	negative, s := splitSign(text)
	base, digits := 10, s
	switch {
	case strings.HasPrefix(s, "0b"):
		base, digits = 2, s[2:]
		if !only(digits, "01_") {
			return value.Undef, false
		}
	case strings.HasPrefix(s, "0x"):
		base, digits = 16, s[2:]
		if !only(digits, hexDigits) {
			return value.Undef, false
		}
	case s == "0":
	case strings.HasPrefix(s, "0"):
		base, digits = 8, s[1:]
		if !only(digits, "01234567_") {
			return value.Undef, false
		}
		digits = "0" + digits
	case strings.Contains(s, ":"):
		return sexagesimalInt(negative, s)
	case s == "" || s[0] == '_' || !only(s, decimalDigits):
		return value.Undef, false
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if i, err := strconv.ParseInt(digits, base, 64); err == nil {
		if negative {
			i = -i
		}
		return value.Int(i), true
	}
	// A number of millions of digits would take minutes to convert and is no number anyone means.
	if len(digits) > 4300 {
		return value.Undef, false
	}
	b, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return value.Undef, false
	}
	if negative {
		b.Neg(b)
	}
	return value.Big(b), true
}

// sexagesimalParts checks [digits](:[0-5]?[0-9])+ and returns the parts.
func sexagesimalParts(s string) ([]string, bool) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 16 || !only(parts[0], decimalDigits) || parts[0][0] == '_' {
		return nil, false
	}
	for _, p := range parts[1:] {
		if len(p) == 0 || len(p) > 2 || !only(p, "0123456789") || len(p) == 2 && p[0] > '5' {
			return nil, false
		}
	}
	parts[0] = strings.ReplaceAll(parts[0], "_", "")
	return parts, true
}

func sexagesimalInt(negative bool, s string) (value.Value, bool) {
	parts, ok := sexagesimalParts(s)
	if !ok || parts[0][0] == '0' || len(parts[0]) > 4300 {
		return value.Undef, false
	}
	sum, sixty := new(big.Int), big.NewInt(60)
	for _, p := range parts {
		d, ok := new(big.Int).SetString(p, 10)
		if !ok {
			return value.Undef, false
		}
		sum.Add(sum.Mul(sum, sixty), d)
	}
	if negative {
		sum.Neg(sum)
	}
	return value.Big(sum), true
}

func resolveFloat(text string) (value.Value, bool) {
	negative, s := splitSign(text)
	sign := 1.0
	if negative {
		sign = -1
	}
	switch s {
	case ".inf", ".Inf", ".INF":
		return value.Float(math.Inf(int(sign))), true
	case ".nan", ".NaN", ".NAN":
		if s == text {
			return value.Float(math.NaN()), true
		}
		return value.Undef, false
	}
	whole, fraction, dotted := strings.Cut(s, ".")
	if !dotted {
		return value.Undef, false
	}
	if strings.Contains(whole, ":") {
		parts, ok := sexagesimalParts(whole)
		if !ok || fraction != "" && !only(fraction, decimalDigits) {
			return value.Undef, false
		}
		sum := 0.0
		for i, p := range parts {
			if i == len(parts)-1 {
				p += "." + strings.ReplaceAll(fraction, "_", "")
			}
			f, err := strconv.ParseFloat(p, 64)
			if err != nil {
				return value.Undef, false
			}
			sum = sum*60 + f
		}
		return value.Float(sign * sum), true
	}
	mantissa, exponent, hasExponent := fraction, "", false
	if i := strings.IndexAny(fraction, "eE"); i >= 0 {
		mantissa, exponent, hasExponent = fraction[:i], fraction[i+1:], true
	}
	if hasExponent && (len(exponent) < 2 || exponent[0] != '-' && exponent[0] != '+' || !only(exponent[1:], "0123456789")) {
		return value.Undef, false
	}
	if mantissa != "" && !only(mantissa, decimalDigits) {
		return value.Undef, false
	}
	if whole == "" {
		if s != text || mantissa == "" || mantissa[0] == '_' {
			return value.Undef, false
		}
	} else if whole[0] == '_' || !only(whole, decimalDigits) {
		return value.Undef, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return value.Undef, false
	}
	return value.Float(sign * f), true
}

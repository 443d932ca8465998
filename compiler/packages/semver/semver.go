// Package semver compares versions and version ranges by dbt's rules, which differ from
// the standard in two ways: a prerelease never satisfies "<" of its own base version, and
// bounds on the same version are ordered by how strict they are.
package semver

import (
	"strconv"
	"strings"
)

// Matcher is the relation in front of a version.
type Matcher string

const (
	Exact          Matcher = "="
	Greater        Matcher = ">"
	GreaterOrEqual Matcher = ">="
	Less           Matcher = "<"
	LessOrEqual    Matcher = "<="
)

// Error is what is wrong with versions, as a sentence in dbt's words.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// Spec is one version with its matcher, such as ">=1.3.0".
type Spec struct {
	Matcher             Matcher
	Major, Minor, Patch string // digits without leading zeros
	Prerelease, Build   string
}

// Parse reads "1.2.3", ">=1.2.3-rc1", "=1.2.3+build".
func Parse(s string) (Spec, error) {
	bad := &Error{Message: strconv.Quote(s) + " is not a valid semantic version."}
	v := Spec{Matcher: Exact}
	rest := s
	for _, m := range []Matcher{GreaterOrEqual, LessOrEqual, Greater, Less, Exact} {
		if strings.HasPrefix(rest, string(m)) {
			v.Matcher, rest = m, rest[len(m):]
			break
		}
	}
	for i, part := range []*string{&v.Major, &v.Minor, &v.Patch} {
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		// "01" is no number here: the zero ends it, and what follows must be a dot.
		if n > 1 && rest[0] == '0' {
			n = 1
		}
		if n == 0 || n > 18 {
			return Spec{}, bad
		}
		*part, rest = rest[:n], rest[n:]
		if i < 2 {
			if !strings.HasPrefix(rest, ".") {
				return Spec{}, bad
			}
			rest = rest[1:]
		}
	}
	if i := strings.IndexByte(rest, '+'); i >= 0 {
		v.Build, rest = rest[i+1:], rest[:i]
		if v.Build != "" && !identifiers(v.Build, false) {
			return Spec{}, bad
		}
	}
	if rest != "" {
		// The hyphen in front is optional; where the rest does not stand on its own, the
		// hyphen counts as its first letter ("1.0.0-01").
		if v.Prerelease = strings.TrimPrefix(rest, "-"); !identifiers(v.Prerelease, true) {
			v.Prerelease = rest
		}
		if !identifiers(v.Prerelease, true) {
			return Spec{}, bad
		}
	}
	return v, nil
}

// identifiers checks a dot-separated list; in a prerelease numbers have no leading zero
// and no part is empty.
func identifiers(s string, prerelease bool) bool {
	for _, part := range strings.Split(s, ".") {
		if part == "" && prerelease {
			return false
		}
		digits := true
		for i := 0; i < len(part); i++ {
			c := part[i]
			if c < '0' || c > '9' {
				digits = false
			}
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return false
			}
		}
		if prerelease && digits && len(part) > 1 && part[0] == '0' {
			return false
		}
	}
	return true
}

// ParseAll reads a list of specs; an element may hold several, separated by commas.
func ParseAll(list ...string) ([]Spec, error) {
	var specs []Spec
	for _, s := range list {
		for _, one := range strings.Split(s, ",") {
			v, err := Parse(one)
			if err != nil {
				return nil, err
			}
			specs = append(specs, v)
		}
	}
	return specs, nil
}

// Version is the version without its matcher.
func (v Spec) Version() string {
	s := v.Major + "." + v.Minor + "." + v.Patch
	if v.Prerelease != "" {
		s += "-" + v.Prerelease
	}
	if v.Build != "" {
		s += "+" + v.Build
	}
	return s
}

// String is the matcher and the version.
func (v Spec) String() string { return string(v.Matcher) + v.Version() }

func (v Spec) lower() bool { return v.Matcher == Greater || v.Matcher == GreaterOrEqual }
func (v Spec) upper() bool { return v.Matcher == Less || v.Matcher == LessOrEqual }

// Compare orders two specs: by version, then by the strictness of their matchers.
func (v Spec) Compare(o Spec) int {
	for _, pair := range [][2]string{{v.Major, o.Major}, {v.Minor, o.Minor}, {v.Patch, o.Patch}} {
		if c := compareNumbers(pair[0], pair[1]); c != 0 {
			return c
		}
	}
	switch {
	case v.Prerelease == "" && o.Prerelease == "":
	case v.Prerelease == "":
		if v.Matcher == Less {
			return -1
		}
		return 1
	case o.Prerelease == "":
		return -1
	default:
		if c := comparePrereleases(v.Prerelease, o.Prerelease); c != 0 {
			return c
		}
	}
	return v.compareMatchers(o)
}

func (v Spec) compareMatchers(o Spec) int {
	a, b := v.Matcher, o.Matcher
	switch {
	case a == GreaterOrEqual && b == LessOrEqual, a == LessOrEqual && b == GreaterOrEqual:
		return 0
	case a == Less && b == LessOrEqual, b == Greater && a == GreaterOrEqual, v.upper() && o.lower():
		return -1
	case b == Less && a == LessOrEqual, a == Greater && b == GreaterOrEqual, v.lower() && o.upper():
		return 1
	}
	return 0
}

func compareNumbers(a, b string) int {
	if len(a) != len(b) {
		return sign(len(a) - len(b))
	}
	return strings.Compare(a, b)
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func comparePrereleases(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := 0; i < min(len(as), len(bs)); i++ {
		c := 0
		switch an, bn := isDigits(as[i]), isDigits(bs[i]); {
		case an && bn:
			c = compareNumbers(as[i], bs[i])
		case an:
			c = -1
		case bn:
			c = 1
		default:
			c = strings.Compare(as[i], bs[i])
		}
		if c != 0 {
			return c
		}
	}
	return sign(len(a) - len(b))
}

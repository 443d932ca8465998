package semver

import (
	"sort"
	"strings"
)

// Range is what a list of specs reduces to; a nil bound is open. An exact version is both bounds.
type Range struct{ Start, End *Spec }

// String is the range in dbt's words: "ANY", "=1.0.0, =1.0.0", ">=1.0.0, <2.0.0".
func (r Range) String() string {
	var parts []string
	if r.Start != nil {
		parts = append(parts, r.Start.String())
	}
	if r.End != nil {
		parts = append(parts, r.End.String())
	}
	if len(parts) == 0 {
		return "ANY"
	}
	return strings.Join(parts, ", ")
}

func rangeOf(v Spec) Range {
	switch {
	case v.lower():
		return Range{Start: &v}
	case v.upper():
		return Range{End: &v}
	}
	return Range{Start: &v, End: &v}
}

// Reduce intersects specs to one range; an error when nothing is left.
func Reduce(specs ...Spec) (Range, error) {
	if len(specs) == 0 {
		return Range{}, nil
	}
	last := len(specs) - 1
	r := rangeOf(specs[last])
	for _, v := range specs[:last] {
		next, ok := r.reduce(rangeOf(v))
		if !ok {
			list := make([]string, len(specs))
			for i, s := range specs {
				list[i] = "'" + s.String() + "'"
			}
			return Range{}, &Error{Message: "Could not find a satisfactory version from options: [" + strings.Join(list, ", ") + "]"}
		}
		r = next
	}
	return r, nil
}

func (r Range) reduce(o Range) (Range, bool) {
	var start, end *Spec
	if r.Start != nil && r.Start.Matcher == Exact && o.Start != nil && o.Start.Matcher == Exact {
		if r.Start.Compare(*o.Start) != 0 {
			return Range{}, false
		}
		start, end = r.Start, r.Start
	} else {
		var ok bool
		if start, ok = tighter(r.Start, o.Start, 1, GreaterOrEqual); !ok {
			return Range{}, false
		}
		if end, ok = tighter(r.End, o.End, -1, LessOrEqual); !ok {
			return Range{}, false
		}
	}
	if start != nil && end != nil && start.Compare(*end) > 0 {
		return Range{}, false
	}
	return Range{Start: start, End: end}, true
}

// tighter combines two bounds of one side: side is 1 for lower bounds, where the greater
// one is tighter, and -1 for upper bounds. An exact version must lie within the other bound.
func tighter(a, b *Spec, side int, inclusive Matcher) (*Spec, bool) {
	switch {
	case b == nil:
		return a, true
	case a == nil:
		return b, true
	case a.Matcher == Exact:
		return within(b, a, side, inclusive)
	case b.Matcher == Exact:
		return within(a, b, side, inclusive)
	case side*a.Compare(*b) < 0:
		return b, true
	}
	return a, true
}

func within(bound, exact *Spec, side int, inclusive Matcher) (*Spec, bool) {
	c := side * bound.Compare(*exact)
	if c < 0 || c == 0 && bound.Matcher == inclusive {
		return exact, true
	}
	return nil, false
}

// Compatible reports whether some version satisfies every spec. One spec alone always is.
func Compatible(specs ...Spec) bool {
	if len(specs) < 2 {
		return true
	}
	_, err := Reduce(specs...)
	return err == nil
}

// Contains reports whether a version lies in the range.
func (r Range) Contains(v Spec) bool {
	specs := []Spec{v}
	if r.Start != nil {
		specs = append(specs, *r.Start)
	}
	if r.End != nil {
		specs = append(specs, *r.End)
	}
	return Compatible(specs...)
}

// Best is the greatest of the available versions in the range, "" when there is none.
// Texts that are no versions are passed over.
func (r Range) Best(available []string) string {
	best, found := Spec{}, ""
	for _, s := range available {
		v, err := Parse(s)
		if err != nil || !r.Contains(v) {
			continue
		}
		if found == "" || best.Compare(v) < 0 {
			best, found = v, s
		}
	}
	return found
}

// Installable drops prereleases unless they are wanted and sorts the rest, least first.
func Installable(versions []string, prereleases bool) []string {
	type entry struct {
		spec Spec
		text string
	}
	var list []entry
	for _, s := range versions {
		v, err := Parse(s)
		if err != nil || v.Prerelease != "" && !prereleases {
			continue
		}
		list = append(list, entry{v, s})
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].spec.Compare(list[j].spec) < 0 })
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = e.text
	}
	return texts
}

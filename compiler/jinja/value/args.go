package value

import (
	"fmt"
	"strings"
)

// Kw returns the keyword argument called name.
func (a Args) Kw(name string) (Value, bool) {
	for i := range a.Kwargs {
		if a.Kwargs[i].Name == name {
			return a.Kwargs[i].Value, true
		}
	}
	return Undef, false
}

// Bind assigns the arguments to the named parameters as a Python function would. A
// parameter that ends in "?" is optional (text after "=" is documentation only, and makes
// it optional as well); a missing optional is Undef. An unknown keyword, a missing or a
// surplus argument is a TypeError in Python's words.
func (a Args) Bind(fname string, params ...string) ([]Value, error) {
	out := make([]Value, len(params))
	return out, a.BindInto(out, fname, params...)
}

// BindAfter is Bind for a function whose first `hidden` parameters the caller does not
// write, as a filter's value: they count in messages about the number of arguments.
func (a Args) BindAfter(hidden int, fname string, params ...string) ([]Value, error) {
	if len(a.Pos) > len(params) {
		return nil, tooManyArgs(fname, params, len(a.Pos), hidden)
	}
	return a.Bind(fname, params...)
}

// BindInto is Bind into a slice of the caller, as long as params.
func (a Args) BindInto(out []Value, fname string, params ...string) error {
	if len(a.Pos) > len(params) {
		return tooManyArgs(fname, params, len(a.Pos), 0)
	}
	copy(out, a.Pos)
	var set uint64 = 1<<uint(len(a.Pos)) - 1
	for _, kw := range a.Kwargs {
		i := paramIndex(params, kw.Name)
		if i < 0 {
			return typeError("%s() got an unexpected keyword argument '%s'", fname, kw.Name)
		}
		if set&(1<<uint(i)) != 0 {
			return typeError("%s() got multiple values for argument '%s'", fname, kw.Name)
		}
		out[i] = kw.Value
		set |= 1 << uint(i)
	}
	var missing []string
	for i, p := range params {
		if set&(1<<uint(i)) == 0 {
			if name, optional := paramName(p); !optional {
				missing = append(missing, "'"+name+"'")
			}
		}
	}
	if missing != nil {
		return missingArgs(fname, missing)
	}
	return nil
}

func paramName(p string) (name string, optional bool) {
	if name, ok := strings.CutSuffix(p, "?"); ok {
		return name, true
	}
	if i := strings.IndexByte(p, '='); i >= 0 {
		return p[:i], true
	}
	return p, false
}

func paramIndex(params []string, name string) int {
	for i, p := range params {
		if strings.HasPrefix(p, name) && (len(p) == len(name) || p[len(name)] == '?' || p[len(name)] == '=') {
			return i
		}
	}
	return -1
}

func missingArgs(fname string, missing []string) error {
	plural, list := "", missing[0]
	if n := len(missing); n > 1 {
		plural = "s"
		if n == 2 {
			list = missing[0] + " and " + missing[1]
		} else {
			list = strings.Join(missing[:n-1], ", ") + ", and " + missing[n-1]
		}
	}
	return typeError("%s() missing %d required positional argument%s: %s", fname, len(missing), plural, list)
}

func tooManyArgs(fname string, params []string, given, hidden int) error {
	given += hidden
	required, most := hidden, hidden+len(params)
	for _, p := range params {
		if _, optional := paramName(p); !optional {
			required++
		}
	}
	takes := fmt.Sprintf("%d", most)
	if required < most {
		takes = fmt.Sprintf("from %d to %d", required, most)
	}
	plural, were := "s", "were"
	if most == 1 {
		plural = ""
	}
	if given == 1 {
		were = "was"
	}
	return typeError("%s() takes %s positional argument%s but %d %s given", fname, takes, plural, given, were)
}

// noKeywords is the check of Python's C functions that take positional arguments only.
func (a Args) noKeywords(fname string) error {
	if len(a.Kwargs) > 0 {
		return typeError("%s() takes no keyword arguments", fname)
	}
	return nil
}

// between checks a positional-only argument count in the words of Python's C functions;
// full is the qualified name ("str.join"), short the plain one.
func (a Args) between(full string, least, most int) error {
	if err := a.noKeywords(full); err != nil {
		return err
	}
	n := len(a.Pos)
	if n >= least && n <= most {
		return nil
	}
	short := full[strings.LastIndexByte(full, '.')+1:]
	switch {
	case most == 0:
		return typeError("%s() takes no arguments (%d given)", full, n)
	case least == 1 && most == 1:
		return typeError("%s() takes exactly one argument (%d given)", full, n)
	case least == most:
		return typeError("%s expected %d arguments, got %d", short, least, n)
	case n < least:
		return typeError("%s expected at least %d argument%s, got %d", short, least, plural(least), n)
	}
	return typeError("%s expected at most %d argument%s, got %d", short, most, plural(most), n)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func (a Args) pos(i int) Value {
	if i < len(a.Pos) {
		return a.Pos[i]
	}
	return Undef
}

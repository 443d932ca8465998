package value

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// formatter is one run of str.format.
type formatter struct {
	th     *Thread
	args   Args
	lookup func(name string) (Value, bool, error)
	auto   int // next automatic index; -1 once fields are numbered by hand
}

func strFormat(th *Thread, self Value, a Args) (Value, error) {
	f := &formatter{th: th, args: a, lookup: func(name string) (Value, bool, error) {
		v, ok := a.Kw(name)
		return v, ok, nil
	}}
	s, err := f.format(self.rawString(), 2)
	return String(s), err
}

func strFormatMap(th *Thread, self Value, a Args) (Value, error) {
	if len(a.Kwargs) > 0 {
		return Undef, typeError("format_map() takes no keyword arguments")
	}
	if len(a.Pos) != 1 {
		return Undef, typeError("format_map() takes exactly one argument (%d given)", len(a.Pos))
	}
	f := &formatter{th: th, lookup: func(name string) (Value, bool, error) {
		if d, ok := a.Pos[0].AsDict(); ok {
			v, ok := d.GetString(name)
			return v, ok, nil
		}
		if o, ok := a.Pos[0].AsObject(); ok {
			if ix, ok := o.(Indexer); ok {
				return ix.Index(th, String(name))
			}
		}
		return Undef, false, typeError("'%s' object is not subscriptable", TypeName(a.Pos[0]))
	}}
	s, err := f.format(self.rawString(), 2)
	return String(s), err
}

// format fills the fields of s; depth bounds fields inside format specs.
func (f *formatter) format(s string, depth int) (string, error) {
	if depth < 0 {
		return "", valueError("Max string recursion exceeded")
	}
	var out []byte
	for {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			out = append(out, s...)
			return string(out), f.th.CheckString(int64(len(out)))
		}
		out = append(out, s[:i]...)
		c := s[i]
		s = s[i+1:]
		if s != "" && s[0] == c {
			out = append(out, c)
			s = s[1:]
			continue
		}
		if c == '}' {
			return "", valueError("Single '}' encountered in format string")
		}
		if s == "" {
			return "", valueError("Single '{' encountered in format string")
		}
		field, rest, err := parseField(s)
		if err != nil {
			return "", err
		}
		s = rest
		text, err := f.field(field, depth)
		if err != nil {
			return "", err
		}
		out = append(out, text...)
		if err := f.th.CheckString(int64(len(out))); err != nil {
			return "", err
		}
	}
}

type formatField struct {
	name       string
	conversion string
	spec       string
}

// parseField reads "name!conversion:spec}" and returns what follows.
func parseField(s string) (f formatField, rest string, err error) {
	i, bracket := 0, false
scan:
	for ; i < len(s); i++ {
		switch s[i] {
		case '{':
			return f, "", valueError("unexpected '{' in field name")
		case '[':
			bracket = true
		case ']':
			bracket = false
		case '}', ':', '!':
			if !bracket {
				break scan
			}
		}
	}
	f.name = s[:i]
	if i >= len(s) {
		return f, "", valueError("expected '}' before end of string")
	}
	c := s[i]
	s = s[i+1:]
	if c == '!' {
		if s == "" {
			return f, "", valueError("end of string while looking for conversion specifier")
		}
		_, n := utf8.DecodeRuneInString(s)
		f.conversion, s = s[:n], s[n:]
		if s == "" {
			return f, "", valueError("unmatched '{' in format spec")
		}
		c, s = s[0], s[1:]
		if c != '}' && c != ':' {
			return f, "", valueError("expected ':' after conversion specifier")
		}
	}
	if c == '}' {
		return f, s, nil
	}
	open := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				f.spec = s[:i]
				return f, s[i+1:], nil
			}
		}
	}
	return f, "", valueError("unmatched '{' in format spec")
}

func (f *formatter) field(field formatField, depth int) (string, error) {
	v, err := f.resolve(field.name)
	if err != nil {
		return "", err
	}
	switch field.conversion {
	case "":
	case "s":
		v = String(Str(v))
	case "r":
		v = String(Repr(v))
	case "a":
		v = String(asciiRepr(v))
	default:
		return "", valueError("Unknown conversion specifier %s", field.conversion)
	}
	spec := field.spec
	if strings.IndexByte(spec, '{') >= 0 || strings.IndexByte(spec, '}') >= 0 || depth == 0 {
		if spec, err = f.format(spec, depth-1); err != nil {
			return "", err
		}
	}
	return Format(f.th, v, spec)
}

// resolve finds the argument a field names and follows its .attributes and [items].
func (f *formatter) resolve(name string) (Value, error) {
	name, err := f.number(name)
	if err != nil {
		return Undef, err
	}
	first, rest := name, ""
	if i := strings.IndexAny(name, ".["); i >= 0 {
		first, rest = name[:i], name[i:]
	}
	v, err := f.argument(first)
	for err == nil && rest != "" {
		var part string
		if rest[0] == '.' {
			part, rest = cutPart(rest[1:])
			if part == "" {
				return Undef, valueError("Empty attribute in format string")
			}
			v, err = GetAttr(f.th, v, part)
			continue
		}
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return Undef, valueError("Missing ']' in format string")
		}
		part, rest = rest[1:end], rest[end+1:]
		if part == "" {
			return Undef, valueError("Empty attribute in format string")
		}
		if rest != "" && rest[0] != '.' && rest[0] != '[' {
			return Undef, valueError("Only '.' or '[' may follow ']' in format field specifier")
		}
		key := String(part)
		if digits(part, 0) == len(part) {
			if key, err = parseInteger(part); err != nil {
				return Undef, err
			}
		}
		v, err = GetItem(f.th, v, key)
	}
	return v, err
}

func cutPart(s string) (part, rest string) {
	if i := strings.IndexAny(s, ".["); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// number settles automatic and manual numbering, which may not be mixed.
func (f *formatter) number(name string) (string, error) {
	switch {
	case name == "":
		if f.auto < 0 {
			return "", valueError("cannot switch from manual field specification to automatic field numbering")
		}
		f.auto++
		return strconv.Itoa(f.auto - 1), nil
	case digits(name, 0) == len(name):
		if f.auto > 0 {
			return "", valueError("cannot switch from manual field specification to automatic field numbering")
		}
		f.auto = -1
	}
	return name, nil
}

func (f *formatter) argument(name string) (Value, error) {
	if name != "" && digits(name, 0) == len(name) {
		i, err := strconv.Atoi(name)
		if err != nil {
			return Undef, valueError("Too many decimal digits in format string")
		}
		if i >= len(f.args.Pos) {
			return Undef, Errorf("IndexError", "tuple index out of range")
		}
		return f.args.Pos[i], nil
	}
	v, ok, err := f.lookup(name)
	if err == nil && !ok {
		err = Errorf("KeyError", "%s", Repr(String(name)))
	}
	return v, err
}

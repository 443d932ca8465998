package regex

import (
	"strconv"
	"strings"

	"github.com/dlclark/regexp2"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Match is a match object.
type Match struct {
	p *Pattern
	s *subject
	m *regexp2.Match
}

// TypeName is Python's.
func (m *Match) TypeName() string { return "re.Match" }

// Truth is always true: no match is None.
func (m *Match) Truth() bool { return true }

// Repr shows the span and the text.
func (m *Match) Repr() string {
	text, _ := m.group(0)
	return "<re.Match object; span=(" + strconv.Itoa(m.m.Index) + ", " + strconv.Itoa(m.m.Index+m.m.Length) + "), match=" + value.Repr(text) + ">"
}

// Str is Repr.
func (m *Match) Str() string { return m.Repr() }

// bounds is the span of a group, ok=false when it took no part in the match.
func (m *Match) bounds(n int) (start, end int, ok bool) {
	if n == 0 {
		return m.m.Index, m.m.Index + m.m.Length, true
	}
	g := m.m.GroupByNumber(n)
	if g == nil || len(g.Captures) == 0 {
		return -1, -1, false
	}
	return g.Index, g.Index + g.Length, true
}

func (m *Match) group(n int) (value.Value, bool) {
	start, end, ok := m.bounds(n)
	if !ok {
		return value.None, false
	}
	return value.String(string(m.s.runes[start:end])), true
}

func (m *Match) text(n int) string {
	v, _ := m.group(n)
	s, _ := v.AsString()
	return s
}

// number resolves a group given by number or name.
func (p *Pattern) number(v value.Value) (int, error) {
	if n, ok := v.AsInt(); ok {
		if n < 0 || n > int64(p.t.groups) {
			return 0, value.Errorf("IndexError", "no such group")
		}
		return int(n), nil
	}
	if name, ok := value.Text(v); ok {
		if n, ok := p.t.names[name]; ok {
			return n, nil
		}
	}
	return 0, value.Errorf("IndexError", "no such group")
}

// Index makes m[1] and m['name'] the group.
func (m *Match) Index(_ *value.Thread, key value.Value) (value.Value, bool, error) {
	n, err := m.p.number(key)
	if err != nil {
		return value.Undef, false, nil //nolint:nilerr // an attribute of that name may exist
	}
	v, _ := m.group(n)
	return v, true, nil
}

// Attr answers the fields and methods.
func (m *Match) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "string":
		return m.s.v, true, nil
	case "re":
		return value.FromObject(m.p), true, nil
	case "pos":
		return value.Int(int64(m.s.pos)), true, nil
	case "endpos":
		return value.Int(int64(m.s.end)), true, nil
	case "lastindex", "lastgroup":
		last, ends := 0, -1
		for n := 1; n <= m.p.t.groups; n++ {
			if _, end, ok := m.bounds(n); ok && end > ends {
				last, ends = n, end
			}
		}
		switch {
		case last == 0:
			return value.None, true, nil
		case name == "lastindex":
			return value.Int(int64(last)), true, nil
		}
		return value.OptString(m.p.t.order[last-1]), true, nil
	}
	f, ok := matchMethods[name]
	if !ok {
		return value.Undef, false, nil
	}
	return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) { return f(m, a) }), true, nil
}

var matchMethods map[string]func(m *Match, a value.Args) (value.Value, error)

func init() {
	matchMethods = map[string]func(m *Match, a value.Args) (value.Value, error){
		"group":     groupMethod,
		"groups":    groupsMethod,
		"groupdict": groupDictMethod,
		"start":     boundMethod(func(start, _ int) value.Value { return value.Int(int64(start)) }),
		"end":       boundMethod(func(_, end int) value.Value { return value.Int(int64(end)) }),
		"span": boundMethod(func(start, end int) value.Value {
			return value.NewTuple(value.Int(int64(start)), value.Int(int64(end)))
		}),
		"expand": func(m *Match, a value.Args) (value.Value, error) {
			v, err := a.Bind("expand", "template")
			if err != nil {
				return value.Undef, err
			}
			t, err := parseReplacement(m.p, value.Str(v[0]))
			if err != nil {
				return value.Undef, err
			}
			return value.String(t.expand(m)), nil
		},
	}
}

func groupMethod(m *Match, a value.Args) (value.Value, error) {
	if len(a.Kwargs) > 0 {
		return value.Undef, value.Errorf("TypeError", "group() takes no keyword arguments")
	}
	if len(a.Pos) == 0 {
		v, _ := m.group(0)
		return v, nil
	}
	out := make([]value.Value, len(a.Pos))
	for i, key := range a.Pos {
		n, err := m.p.number(key)
		if err != nil {
			return value.Undef, err
		}
		out[i], _ = m.group(n)
	}
	if len(out) == 1 {
		return out[0], nil
	}
	return value.NewTuple(out...), nil
}

func groupsMethod(m *Match, a value.Args) (value.Value, error) {
	v, err := a.Bind("groups", "default=None")
	if err != nil {
		return value.Undef, err
	}
	out := make([]value.Value, m.p.t.groups)
	for i := range out {
		out[i] = m.groupOr(i+1, v[0])
	}
	return value.NewTuple(out...), nil
}

func (m *Match) groupOr(n int, def value.Value) value.Value {
	if v, ok := m.group(n); ok {
		return v
	}
	if def.IsUndefined() {
		return value.None
	}
	return def
}

func groupDictMethod(m *Match, a value.Args) (value.Value, error) {
	v, err := a.Bind("groupdict", "default=None")
	if err != nil {
		return value.Undef, err
	}
	d := value.NewDict(len(m.p.t.names))
	for i, name := range m.p.t.order {
		if name != "" {
			d.SetString(name, m.groupOr(i+1, v[0]))
		}
	}
	return value.FromDict(d), nil
}

func boundMethod(pick func(start, end int) value.Value) func(m *Match, a value.Args) (value.Value, error) {
	return func(m *Match, a value.Args) (value.Value, error) {
		v, err := a.Bind("span", "group?")
		if err != nil {
			return value.Undef, err
		}
		n := 0
		if !v[0].IsUndefined() {
			if n, err = m.p.number(v[0]); err != nil {
				return value.Undef, err
			}
		}
		start, end, _ := m.bounds(n)
		return pick(start, end), nil
	}
}

// replacement is a parsed replacement template: texts and group numbers.
type replacement struct {
	texts  []string // one more than groups
	groups []int
}

func (r *replacement) expand(m *Match) string {
	if len(r.groups) == 0 {
		return r.texts[0]
	}
	var b strings.Builder
	for i, n := range r.groups {
		b.WriteString(r.texts[i])
		b.WriteString(m.text(n))
	}
	b.WriteString(r.texts[len(r.groups)])
	return b.String()
}

// parseReplacement reads \1, \g<name>, \n and the other escapes.
func parseReplacement(p *Pattern, s string) (*replacement, error) {
	r := &replacement{}
	var b strings.Builder
	ref := func(n int, at int) error {
		if n > p.t.groups {
			return reError(at+1, "invalid group reference %d", n)
		}
		r.texts = append(r.texts, b.String())
		r.groups = append(r.groups, n)
		b.Reset()
		return nil
	}
	isOctal := func(i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '7' }
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 >= len(s) {
			return nil, reError(i, "bad escape (end of pattern)")
		}
		at := i
		i++
		switch c := s[i]; {
		case c == 'g':
			end := strings.IndexByte(s[i:], '>')
			if i+1 >= len(s) || s[i+1] != '<' || end < 0 {
				return nil, reError(at+2, "missing <")
			}
			name := s[i+2 : i+end]
			n, err := strconv.Atoi(name)
			if err != nil {
				var ok bool
				if n, ok = p.t.names[name]; !ok {
					return nil, value.Errorf("IndexError", "unknown group name %s", value.Repr(value.String(name)))
				}
			}
			if err := ref(n, at); err != nil {
				return nil, err
			}
			i += end
		case c == '0' || c >= '1' && c <= '3' && isOctal(i+1) && isOctal(i+2):
			n, k := 0, 0
			for k < 3 && isOctal(i+k) {
				n = n*8 + int(s[i+k]-'0')
				k++
			}
			b.WriteRune(rune(n))
			i += k - 1
		case c >= '1' && c <= '9':
			n := int(c - '0')
			if i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9' {
				n = n*10 + int(s[i+1]-'0')
				i++
			}
			if err := ref(n, at); err != nil {
				return nil, err
			}
		case strings.IndexByte("abfnrtv\\", c) >= 0:
			b.WriteByte("\a\b\f\n\r\t\v\\"[strings.IndexByte("abfnrtv\\", c)])
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			return nil, reError(at, "bad escape \\%c", c)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	r.texts = append(r.texts, b.String())
	return r, nil
}

package regex

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// TypeName is Python's.
func (p *Pattern) TypeName() string { return "re.Pattern" }

// Repr is re.compile('…').
func (p *Pattern) Repr() string {
	out := "re.compile(" + value.Repr(value.String(p.pattern))
	var names []string
	for _, f := range []struct {
		bit  int
		name string
	}{{flagI, "re.IGNORECASE"}, {flagL, "re.LOCALE"}, {flagM, "re.MULTILINE"}, {flagS, "re.DOTALL"}, {flagX, "re.VERBOSE"}, {flagA, "re.ASCII"}} {
		if p.flags&f.bit != 0 {
			names = append(names, f.name)
		}
	}
	if len(names) > 0 {
		out += ", " + strings.Join(names, "|")
	}
	return out + ")"
}

// Str is Repr.
func (p *Pattern) Str() string { return p.Repr() }

// HashKey makes equal patterns one key.
func (p *Pattern) HashKey() string { return p.Repr() }

// Attr answers the fields and methods.
func (p *Pattern) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "pattern":
		return value.String(p.pattern), true, nil
	case "flags":
		return value.Int(int64(p.flags)), true, nil
	case "groups":
		return value.Int(int64(p.t.groups)), true, nil
	case "groupindex":
		d := value.NewDict(len(p.t.names))
		for i, n := range p.t.order {
			if n != "" {
				d.SetString(n, value.Int(int64(i+1)))
			}
		}
		return value.FromDict(d), true, nil
	}
	op, ok := operations[name]
	if !ok {
		return value.Undef, false, nil
	}
	return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind(name, op.methodParams...)
		if err != nil {
			return value.Undef, err
		}
		return op.run(th, p, v)
	}), true, nil
}

// operation is a function of the module that is also a method of patterns. run gets the
// method's arguments; the function has the pattern before them and flags behind.
type operation struct {
	methodParams []string
	run          func(th *value.Thread, p *Pattern, args []value.Value) (value.Value, error)
}

var operations map[string]operation

func init() {
	once := func(m mode) operation {
		return operation{[]string{"string", "pos?", "endpos?"}, func(_ *value.Thread, p *Pattern, v []value.Value) (value.Value, error) {
			s, err := limitedSubject(v)
			if err != nil {
				return value.Undef, err
			}
			found, err := p.find(m, s.runes[:s.end], min(s.pos, s.end))
			if err != nil || found == nil {
				return value.None, err
			}
			return value.FromObject(&Match{p: p, s: s, m: found}), nil
		}}
	}
	operations = map[string]operation{
		"match": once(prefix), "fullmatch": once(full), "search": once(search),
		"findall":  {[]string{"string", "pos?", "endpos?"}, findAll},
		"finditer": {[]string{"string", "pos?", "endpos?"}, findIter},
		"split":    {[]string{"string", "maxsplit=0"}, split},
		"sub": {[]string{"repl", "string", "count=0"}, func(th *value.Thread, p *Pattern, v []value.Value) (value.Value, error) {
			text, _, err := substitute(th, p, v)
			return text, err
		}},
		"subn": {[]string{"repl", "string", "count=0"}, func(th *value.Thread, p *Pattern, v []value.Value) (value.Value, error) {
			text, n, err := substitute(th, p, v)
			return value.NewTuple(text, value.Int(int64(n))), err
		}},
	}
}

func limitedSubject(v []value.Value) (*subject, error) {
	s, err := newSubject(v[0])
	if err != nil {
		return nil, err
	}
	return s.limited(v[1], v[2])
}

func findAll(th *value.Thread, p *Pattern, v []value.Value) (value.Value, error) {
	s, err := limitedSubject(v)
	if err != nil {
		return value.Undef, err
	}
	l := &value.List{}
	err = p.each(th, s, func(m *Match) (bool, error) {
		switch p.t.groups {
		case 0:
			l.Items = append(l.Items, value.String(m.text(0)))
		case 1:
			l.Items = append(l.Items, value.String(m.text(1)))
		default:
			row := make([]value.Value, p.t.groups)
			for i := range row {
				row[i] = value.String(m.text(i + 1))
			}
			l.Items = append(l.Items, value.NewTuple(row...))
		}
		return true, nil
	})
	return value.FromList(l), err
}

func findIter(th *value.Thread, p *Pattern, v []value.Value) (value.Value, error) {
	s, err := limitedSubject(v)
	if err != nil {
		return value.Undef, err
	}
	at, m := s.pos, search
	return value.FromObject(value.NewIterator("callable_iterator", func(th *value.Thread) (value.Value, bool, error) {
		if at > s.end {
			return value.Undef, false, nil
		}
		found, err := p.find(m, s.runes[:s.end], at)
		if err != nil || found == nil {
			at = s.end + 1
			return value.Undef, false, err
		}
		at, m = found.Index+found.Length, search
		if found.Length == 0 {
			m = advance
		}
		return value.FromObject(&Match{p: p, s: s, m: found}), true, nil
	})), nil
}

func count(v value.Value) (int, error) {
	if v.IsUndefined() {
		return 0, nil
	}
	n, ok := v.AsInt()
	if !ok {
		return 0, value.Errorf("TypeError", "'%s' object cannot be interpreted as an integer", value.TypeName(v))
	}
	return int(n), nil
}

func split(th *value.Thread, p *Pattern, v []value.Value) (value.Value, error) {
	s, err := newSubject(v[0])
	if err != nil {
		return value.Undef, err
	}
	limit, err := count(v[1])
	if err != nil {
		return value.Undef, err
	}
	l := &value.List{}
	last, n := 0, 0
	if limit >= 0 {
		err = p.each(th, s, func(m *Match) (bool, error) {
			l.Items = append(l.Items, value.String(string(s.runes[last:m.m.Index])))
			for g := 1; g <= p.t.groups; g++ {
				part, _ := m.group(g)
				l.Items = append(l.Items, part)
			}
			last = m.m.Index + m.m.Length
			n++
			return limit == 0 || n < limit, nil
		})
	}
	l.Items = append(l.Items, value.String(string(s.runes[last:])))
	return value.FromList(l), err
}

func substitute(th *value.Thread, p *Pattern, v []value.Value) (value.Value, int, error) {
	s, err := newSubject(v[1])
	if err != nil {
		return value.Undef, 0, err
	}
	limit, err := count(v[2])
	if err != nil {
		return value.Undef, 0, err
	}
	var template *replacement
	call := value.IsCallable(v[0])
	if !call {
		text, ok := value.Text(v[0])
		if !ok {
			return value.Undef, 0, value.Errorf("TypeError", "decoding to str: need a bytes-like object, %s found", value.TypeName(v[0]))
		}
		if template, err = parseReplacement(p, text); err != nil {
			return value.Undef, 0, err
		}
	}
	var b strings.Builder
	last, n := 0, 0
	err = p.each(th, s, func(m *Match) (bool, error) {
		b.WriteString(string(s.runes[last:m.m.Index]))
		if call {
			out, err := value.Call(th, v[0], value.Args{Pos: []value.Value{value.FromObject(m)}})
			if err != nil {
				return false, err
			}
			text, ok := value.Text(out)
			if !ok {
				return false, value.Errorf("TypeError", "expected str instance, %s found", value.TypeName(out))
			}
			b.WriteString(text)
		} else {
			b.WriteString(template.expand(m))
		}
		last = m.m.Index + m.m.Length
		n++
		if err := th.CheckString(int64(b.Len())); err != nil {
			return false, err
		}
		return limit <= 0 || n < limit, nil
	})
	b.WriteString(string(s.runes[last:]))
	return value.String(b.String()), n, err
}

// patternArg accepts a pattern as text or compiled.
func patternArg(v, flags value.Value) (*Pattern, error) {
	bits, err := count(flags)
	if err != nil {
		return nil, err
	}
	if o, ok := v.AsObject(); ok {
		if p, ok := o.(*Pattern); ok {
			if bits != 0 {
				return nil, value.Errorf("ValueError", "cannot process flags argument with a compiled pattern")
			}
			return p, nil
		}
	}
	text, ok := value.Text(v)
	if !ok {
		return nil, value.Errorf("TypeError", "first argument must be string or compiled pattern")
	}
	return Compile(text, bits)
}

// Module is Python's re as templates see it: a dict of its functions and flags.
func Module() value.Value {
	d := value.NewDict(32)
	for _, name := range []string{"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"} {
		op := operations[name]
		params := append([]string{"pattern"}, op.methodParams...)
		if i := len(params) - 2; params[i] == "pos?" { // only methods know pos and endpos
			params = params[:i]
		}
		params = append(params, "flags=0")
		d.SetString(name, value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, params...)
			if err != nil {
				return value.Undef, err
			}
			p, err := patternArg(v[0], v[len(v)-1])
			if err != nil {
				return value.Undef, err
			}
			args := make([]value.Value, len(op.methodParams))
			copy(args, v[1:len(v)-1])
			return op.run(th, p, args)
		}))
	}
	d.SetString("compile", value.Func("compile", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("compile", "pattern", "flags=0")
		if err != nil {
			return value.Undef, err
		}
		p, err := patternArg(v[0], v[1])
		if err != nil {
			return value.Undef, err
		}
		return value.FromObject(p), nil
	}))
	d.SetString("purge", value.Func("purge", func(_ *value.Thread, a value.Args) (value.Value, error) {
		_, err := a.Bind("purge")
		return value.None, err
	}))
	d.SetString("escape", value.Func("escape", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("escape", "pattern")
		if err != nil {
			return value.Undef, err
		}
		text, ok := value.Text(v[0])
		if !ok {
			return value.Undef, value.Errorf("TypeError", "decoding to str: need a bytes-like object, %s found", value.TypeName(v[0]))
		}
		return value.String(Escape(text)), nil
	}))
	for _, f := range []struct {
		bit         int64
		short, long string
	}{
		{flagA, "A", "ASCII"}, {flagI, "I", "IGNORECASE"}, {flagL, "L", "LOCALE"}, {flagM, "M", "MULTILINE"},
		{flagS, "S", "DOTALL"}, {flagX, "X", "VERBOSE"}, {flagU, "U", "UNICODE"}, {0, "", "NOFLAG"},
	} {
		if f.short != "" {
			d.SetString(f.short, value.Int(f.bit))
		}
		d.SetString(f.long, value.Int(f.bit))
	}
	return value.FromDict(d)
}

// Escape puts a backslash before every character that has a meaning in a pattern.
func Escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Package entryschema knows what dbt's readers of properties files accept: which keys an entry
// may have, of which types their values are, and in which words a wrong one is refused.
package entryschema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Problem is something that a schema refuses.
type Problem struct {
	Path    []any // keys and indexes that lead to it
	Message string
}

// String is the problem in dbt's words.
func (p *Problem) String() string {
	path := make([]string, len(p.Path))
	for i, step := range p.Path {
		path[i] = fmt.Sprint(step)
		if key, ok := step.(string); ok {
			path[i] = value.Repr(value.String(key))
		}
	}
	return "at path [" + strings.Join(path, "][") + "]: " + p.Message
}

// Check is what the record of that name refuses in a mapping; dbt tells the first.
func Check(record string, d *value.Dict) []*Problem { return named[record].check(d) }

var named = read(records)

// typ is a set of accepted values.
type typ interface {
	// check is why a value is refused; paths start at the value.
	check(v value.Value) []*Problem
}

// record is a mapping.
type record struct {
	fields []*field
	byKey  map[string]*field
	open   bool
}

type field struct {
	key      string
	required bool
	of       typ
}

// check looks at what is there first: nearly every entry is right. The order of problems is that of
// the schema.
func (r *record) check(d *value.Dict) []*Problem {
	wrong, found := false, 0
	for k, v := range d.All() {
		f := r.byKey[value.Str(k)]
		switch {
		case f == nil:
			wrong = wrong || !r.open
		case f.of.check(v) != nil:
			wrong = true
		case f.required:
			found++
		}
	}
	if !wrong && found == r.required() {
		return nil
	}
	return r.problems(d)
}

func (r *record) required() int {
	n := 0
	for _, f := range r.fields {
		if f.required {
			n++
		}
	}
	return n
}

func (r *record) problems(d *value.Dict) []*Problem {
	var out []*Problem
	for _, f := range r.fields {
		if v, has := d.GetString(f.key); has {
			out = append(out, below(f.key, f.of.check(v))...)
		}
	}
	if !r.open {
		out = append(out, r.surplus(d)...)
	}
	for _, f := range r.fields {
		if _, has := d.GetString(f.key); f.required && !has {
			out = append(out, &Problem{Message: value.Repr(value.String(f.key)) + " is a required property"})
		}
	}
	return out
}

func (r *record) surplus(d *value.Dict) []*Problem {
	var extra []string
	for k := range d.All() {
		if r.byKey[value.Str(k)] == nil {
			extra = append(extra, value.Repr(k))
		}
	}
	slices.Sort(extra)
	switch len(extra) {
	case 0:
		return nil
	case 1:
		return refuse("Additional properties are not allowed (" + extra[0] + " was unexpected)")
	}
	return refuse("Additional properties are not allowed (" + strings.Join(extra, ", ") + " were unexpected)")
}

func refuse(message string) []*Problem { return []*Problem{{Message: message}} }

// below moves problems of a value to where it stands.
func below(step any, list []*Problem) []*Problem {
	for _, p := range list {
		p.Path = append([]any{step}, p.Path...)
	}
	return list
}

// mapping is a value that has to be the record.
type mapping struct{ of *record }

func (m mapping) check(v value.Value) []*Problem {
	d, ok := v.AsDict()
	if !ok {
		return notOf(v, "object")
	}
	return m.of.check(d)
}

// scalar is one of JSON's types.
type scalar string

func (s scalar) check(v value.Value) []*Problem {
	kind, ok := v.Kind(), false
	switch s {
	case "any":
		ok = true
	case "null":
		ok = v.IsNull()
	case "string":
		ok = kind == value.KindString
	case "boolean":
		ok = kind == value.KindBool
	case "number":
		ok = kind == value.KindInt || kind == value.KindFloat
	case "integer":
		f, isFloat := v.AsFloat()
		ok = kind == value.KindInt || kind == value.KindFloat && isFloat && f == float64(int64(f))
	case "object":
		_, ok = v.AsDict()
	}
	if ok {
		return nil
	}
	return notOf(v, string(s))
}

func notOf(v value.Value, kind string) []*Problem {
	return refuse(value.Repr(v) + " is not of type '" + kind + "'")
}

// list has elements of one type.
type list struct{ of typ }

func (l list) check(v value.Value) []*Problem {
	if _, ok := v.AsList(); !ok {
		return notOf(v, "array")
	}
	var out []*Problem
	for i, item := range v.Items() {
		out = append(out, below(i, l.of.check(item))...)
	}
	return out
}

// words are the values of an enumeration.
type words []string

func (w words) check(v value.Value) []*Problem {
	if s, ok := v.AsString(); ok && slices.Contains(w, s) {
		return nil
	}
	return refuse(value.Repr(v) + " is not one of " + value.Repr(value.Strings(w...)))
}

// either is a union: what none of its types accepts.
type either []typ

func (e either) check(v value.Value) []*Problem {
	for _, t := range e {
		if t.check(v) == nil {
			return nil
		}
	}
	return refuse(value.Repr(v) + " is not valid under any of the given schemas")
}

// read makes records of their notation.
func read(text string) map[string]*record {
	out := map[string]*record{}
	var last *record
	for line := range strings.Lines(strings.TrimSpace(text)) {
		key, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !strings.HasPrefix(line, " ") {
			last = &record{byKey: map[string]*field{}, open: rest == "open"}
			out[key] = last
			continue
		}
		f := &field{key: strings.TrimSuffix(key, "!"), required: strings.HasSuffix(key, "!"), of: typeOf(rest, out)}
		last.fields = append(last.fields, f)
		last.byKey[f.key] = f
	}
	return out
}

// typeOf reads a type; the records that it names stand above it.
func typeOf(text string, known map[string]*record) typ {
	var union either
	depth, start := 0, 0
	for i := 0; i <= len(text); i++ {
		switch {
		case i == len(text) || text[i] == '|' && depth == 0:
			union = append(union, single(text[start:i], known))
			start = i + 1
		case text[i] == '[':
			depth++
		case text[i] == ']':
			depth--
		}
	}
	if len(union) == 1 {
		return union[0]
	}
	return union
}

func single(text string, known map[string]*record) typ {
	switch text[0] {
	case '[':
		return list{typeOf(text[1:len(text)-1], known)}
	case '(':
		return words(strings.Fields(text[1 : len(text)-1]))
	case '$':
		return mapping{known[text[1:]]}
	}
	return scalar(text)
}

package parse

import (
	"fmt"
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// entryChecker finds what dbt's schema of an entry refuses: it decides before anything is
// made of the entry.
type entryChecker struct {
	p  *parser
	e  *entry
	ok bool
}

// checkEntry looks at the types of the properties that everything below relies on.
func (p *parser) checkEntry(e *entry) bool {
	c := &entryChecker{p, e, true}
	if e.name() == "" {
		c.refuse(nil, "at path ['name']: None is not of type 'string'")
		return false
	}
	top := c.at()
	top.want("name", "string", isText)
	top.want("description", "string", isText)
	for _, key := range []string{"config", "meta", "docs"} {
		top.want(key, "object", isDict)
	}
	for _, key := range []string{"columns", "data_tests", "tests", "tables", "constraints", "given"} {
		top.want(key, "array", isList)
	}
	top.optional("access", isText)
	switch e.key {
	case "models":
		top.want("versions", "array", isList)
	case "sources":
		c.source(top)
	case "macros":
		top.each("arguments", func(argument entryPart) { argument.required("name") })
	}
	top.each("columns", func(column entryPart) {
		if column.required("name") {
			column.want("name", "string", isText)
		}
		column.optional("data_type", isText)
	})
	return c.ok
}

func (c *entryChecker) source(top entryPart) {
	check := func(part entryPart) {
		part.optional("loaded_at_field", isText)
		part.optional("freshness", isFreshness)
		if quoting, ok := part.d.GetString("quoting"); ok {
			if d, ok := quoting.AsDict(); ok {
				quoted := entryPart{c, d, append(slices.Clone(part.path), "quoting")}
				for _, key := range []string{"database", "schema", "identifier"} {
					quoted.optional(key, func(v value.Value) bool { return v.Kind() == value.KindBool })
				}
			}
		}
	}
	top.optional("database", isText)
	top.optional("schema", isText)
	check(top)
	top.each("tables", func(table entryPart) {
		table.optional("identifier", isText)
		check(table)
	})
}

func (c *entryChecker) refuse(path []any, reason string) {
	c.ok = false
	node := c.e.node.At(path...)
	if node == nil {
		node = c.e.node
	}
	c.p.report(c.e.invalid(node.Span(), reason))
}

func (c *entryChecker) at() entryPart { return entryPart{c: c, d: c.e.d} }

// entryPart is a mapping of an entry and its path there.
type entryPart struct {
	c    *entryChecker
	d    *value.Dict
	path []any
}

func (s entryPart) shown(below ...any) string {
	text := ""
	for _, step := range append(slices.Clone(s.path), below...) {
		if name, ok := step.(string); ok {
			step = "'" + name + "'"
		}
		text += fmt.Sprintf("[%v]", step)
	}
	if text == "" {
		return "at path []: "
	}
	return "at path " + text + ": "
}

// want refuses a value that is there and does not fit.
func (s entryPart) want(key, kind string, fits func(value.Value) bool) {
	s.check(key, " is not of type '"+kind+"'", fits)
}

// optional is want for what may be null in dbt's schema, which then words it otherwise.
func (s entryPart) optional(key string, fits func(value.Value) bool) {
	s.check(key, " is not valid under any of the given schemas", fits)
}

func (s entryPart) check(key, problem string, fits func(value.Value) bool) {
	if v, has := s.d.GetString(key); has && !v.IsNull() && !fits(v) {
		s.c.refuse(append(slices.Clone(s.path), key), s.shown(key)+value.Repr(v)+problem)
	}
}

func (s entryPart) required(key string) bool {
	_, has := s.d.GetString(key)
	if !has {
		s.c.refuse(s.path, s.shown()+"'"+key+"' is a required property")
	}
	return has
}

// each visits the mappings of a list; other elements are refused.
func (s entryPart) each(key string, visit func(entryPart)) {
	list, has := s.d.GetString(key)
	if !has || !isList(list) {
		return
	}
	for i, item := range list.Items() {
		path := append(slices.Clone(s.path), key, i)
		if d, ok := item.AsDict(); ok {
			visit(entryPart{s.c, d, path})
			continue
		}
		s.c.refuse(path, s.shown(key, i)+value.Repr(item)+" is not of type 'object'")
	}
}

func isText(v value.Value) bool { return v.Kind() == value.KindString }
func isDict(v value.Value) bool { _, ok := v.AsDict(); return ok }
func isList(v value.Value) bool { _, ok := v.AsList(); return ok }

// isFreshness reports whether counts are integers and periods are dbt's.
func isFreshness(v value.Value) bool {
	d, ok := v.AsDict()
	if !ok {
		return false
	}
	for _, key := range []string{"warn_after", "error_after"} {
		limit, has := d.GetString(key)
		if !has || limit.IsNull() {
			continue
		}
		t, ok := limit.AsDict()
		if !ok {
			return false
		}
		if n, has := t.GetString("count"); has && !n.IsNull() && n.Kind() != value.KindInt {
			return false
		}
		if period, has := t.GetString("period"); has && !period.IsNull() && !slices.Contains(freshnessPeriods, value.Str(period)) {
			return false
		}
	}
	return true
}

var freshnessPeriods = []string{"minute", "hour", "day"}

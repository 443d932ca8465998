package slicing

import (
	"strings"

	"github.com/millrace/millrace/compiler/sql"
)

// function reads a call behind its name.
func (e *expression) function(name string) (value, bool) {
	f, known := tracedFunctions()[name]
	if !known {
		return value{}, false
	}
	e.pos++ // (
	kind := sql.Transform
	if f.class == aggregate {
		kind = sql.Aggregate
		e.take("distinct", "all")
	}
	args, ok := e.arguments(name)
	if !ok {
		return value{}, false
	}
	var out value
	if f.class == aggregate && e.take("order") {
		if !e.take("by") {
			return value{}, false
		}
		v, ok := e.sorts()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, kind)
	}
	if f.class != scalar && e.peek().is("ignore", "respect") {
		e.pos++
		if !e.take("nulls") {
			return value{}, false
		}
	}
	if !e.take(")") || len(args) < f.least {
		return value{}, false
	}
	for _, a := range args {
		if a.nothing() && f.class == scalar && f.typ != "any" {
			return value{}, false
		}
		out.from = out.from.with(a.from, kind)
	}
	out.typ = f.result(args)
	if f.class == scalar {
		return out, !e.peek().is("filter", "over", "within")
	}
	return e.over(f, out, kind)
}

// arguments reads those of a call, up to its ORDER BY or its end.
func (e *expression) arguments(name string) ([]value, bool) {
	if name == "count" && e.take("*") {
		return nil, true
	}
	var args []value
	for !e.peek().is(")", "order") {
		v, ok := e.read()
		if !ok {
			return nil, false
		}
		args = append(args, v)
		if !e.take(",") {
			break
		}
	}
	return args, true
}

// over reads what may stand behind the call of an aggregate or window function.
func (e *expression) over(f tracedFunction, out value, kind sql.Kind) (value, bool) {
	if f.class == aggregate && e.peek().is("filter") && e.ahead(1).is("(") && e.ahead(2).is("where") {
		e.pos += 3
		v, ok := e.read()
		if !ok || !e.take(")") {
			return value{}, false
		}
		out.from = out.from.with(v.from, kind)
	}
	if !e.take("over") {
		return out, f.class == aggregate && !e.peek().is("within", "filter")
	}
	if e.peek().is("(") {
		first := e.ahead(1)
		if _, named := first.name(); named && !first.is("partition", "order", "rows", "range", "groups") {
			return value{}, false // OVER (name …) builds on a named window
		}
		w, ok := e.window()
		out.from = out.from.with(w.from, kind)
		return out, ok
	}
	n, ok := e.peek().name()
	if !ok {
		return value{}, false
	}
	e.pos++
	w, ok := e.b.windows[strings.ToLower(n)]
	out.from = out.from.with(w.from, kind)
	return out, ok
}

// window reads the parentheses of OVER.
func (e *expression) window() (value, bool) {
	if !e.take("(") {
		return value{}, false
	}
	var out value
	if e.take("partition") {
		if !e.take("by") {
			return value{}, false
		}
		v, ok := e.list()
		if !ok {
			return value{}, false
		}
		out = v
	}
	if e.take("order") {
		if !e.take("by") {
			return value{}, false
		}
		v, ok := e.sorts()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, sql.Transform)
	}
	if e.take("rows", "range", "groups") {
		for !e.peek().is(")") {
			if t := e.peek(); t.kind != number && !t.is("between", "and", "unbounded", "preceding", "following", "current", "row") {
				return value{}, false
			}
			e.pos++
		}
	}
	return out, e.take(")")
}

// list reads expressions between commas.
func (e *expression) list() (value, bool) {
	var out value
	for {
		v, ok := e.read()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, sql.Transform)
		if !e.take(",") {
			return out, true
		}
	}
}

// sorts reads what stands behind ORDER BY.
func (e *expression) sorts() (value, bool) {
	var out value
	for {
		if e.peek().is("all") {
			return value{}, false
		}
		v, ok := e.read()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, sql.Transform)
		e.take("asc", "desc")
		if e.take("nulls") && !e.take("first", "last") {
			return value{}, false
		}
		if !e.take(",") {
			return out, true
		}
	}
}

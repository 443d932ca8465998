package tracing

import (
	"strings"

	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/query"
)

// function reads a call behind its name.
func (e *expression) function(name string) (value, bool) {
	f, known := tracedFunctions()[name]
	if !known {
		return value{}, false
	}
	e.Pos++ // (
	kind := sql.Transform
	if f.class == query.Aggregate {
		kind = sql.Aggregate
		e.Take("distinct", "all")
	}
	args, ok := e.arguments(name)
	if !ok {
		return value{}, false
	}
	var out value
	if f.class == query.Aggregate && e.Take("order") {
		if !e.Take("by") {
			return value{}, false
		}
		v, ok := e.sorts()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, kind)
	}
	if f.class != query.Scalar && e.Peek().Is("ignore", "respect") {
		e.Pos++
		if !e.Take("nulls") {
			return value{}, false
		}
	}
	if !e.Take(")") || len(args) < f.least {
		return value{}, false
	}
	for _, a := range args {
		if a.nothing() && f.class == query.Scalar && f.typ != "any" {
			return value{}, false
		}
		out.from = out.from.with(a.from, kind)
	}
	out.typ = f.result(args)
	if f.class == query.Scalar {
		return out, !e.Peek().Is("filter", "over", "within")
	}
	return e.over(f, out, kind)
}

// arguments reads those of a call, up to its ORDER BY or its end.
func (e *expression) arguments(name string) ([]value, bool) {
	if name == "count" && e.Take("*") {
		return nil, true
	}
	var args []value
	for !e.Peek().Is(")", "order") {
		v, ok := e.read()
		if !ok {
			return nil, false
		}
		args = append(args, v)
		if !e.Take(",") {
			break
		}
	}
	return args, true
}

// over reads what may stand behind the call of an aggregate or window function.
func (e *expression) over(f tracedFunction, out value, kind sql.Kind) (value, bool) {
	if f.class == query.Aggregate && e.Peek().Is("filter") && e.Ahead(1).Is("(") && e.Ahead(2).Is("where") {
		e.Pos += 3
		v, ok := e.read()
		if !ok || !e.Take(")") {
			return value{}, false
		}
		out.from = out.from.with(v.from, kind)
	}
	if !e.Take("over") {
		return out, f.class == query.Aggregate && !e.Peek().Is("within", "filter")
	}
	if e.Peek().Is("(") {
		first := e.Ahead(1)
		if _, named := first.Name(); named && !first.Is("partition", "order", "rows", "range", "groups") {
			return value{}, false // OVER (name …) builds on a named window
		}
		w, ok := e.window()
		out.from = out.from.with(w.from, kind)
		return out, ok
	}
	n, ok := e.Peek().Name()
	if !ok {
		return value{}, false
	}
	e.Pos++
	w, ok := e.b.windows[strings.ToLower(n)]
	out.from = out.from.with(w.from, kind)
	return out, ok
}

// window reads the parentheses of OVER.
func (e *expression) window() (value, bool) {
	if !e.Take("(") {
		return value{}, false
	}
	var out value
	if e.Take("partition") {
		if !e.Take("by") {
			return value{}, false
		}
		v, ok := e.list()
		if !ok {
			return value{}, false
		}
		out = v
	}
	if e.Take("order") {
		if !e.Take("by") {
			return value{}, false
		}
		v, ok := e.sorts()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, sql.Transform)
	}
	if e.Take("rows", "range", "groups") {
		for !e.Peek().Is(")") {
			if t := e.Peek(); t.Kind != query.Number && !t.Is("between", "and", "unbounded", "preceding", "following", "current", "row") {
				return value{}, false
			}
			e.Pos++
		}
	}
	return out, e.Take(")")
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
		if !e.Take(",") {
			return out, true
		}
	}
}

// sorts reads what stands behind ORDER BY.
func (e *expression) sorts() (value, bool) {
	var out value
	for {
		if e.Peek().Is("all") {
			return value{}, false
		}
		v, ok := e.read()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, sql.Transform)
		e.Take("asc", "desc")
		if e.Take("nulls") && !e.Take("first", "last") {
			return value{}, false
		}
		if !e.Take(",") {
			return out, true
		}
	}
}

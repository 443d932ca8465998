package tracing

import "github.com/millrace/millrace/compiler/sql"

// cases reads CASE behind its first word.
func (e *expression) cases() (value, bool) {
	var from origins
	take := func() (string, bool) {
		v, ok := e.read()
		from = from.with(v.from, sql.Transform)
		return v.typ, ok
	}
	if !e.Peek().Is("when") {
		if _, ok := take(); !ok {
			return value{}, false
		}
	}
	results := []string{}
	for e.Take("when") {
		if _, ok := take(); !ok || !e.Take("then") {
			return value{}, false
		}
		typ, ok := take()
		if !ok {
			return value{}, false
		}
		results = append(results, typ)
	}
	if e.Take("else") {
		typ, ok := take()
		if !ok {
			return value{}, false
		}
		results = append(results, typ)
	}
	return value{from: from, typ: common(results)}, len(results) > 0 && e.Take("end")
}

// common is the type that all results have; one that is NULL has any.
func common(types []string) string {
	out := sql.Untyped
	for _, t := range types {
		switch {
		case t == sql.Untyped || t == out:
		case out == sql.Untyped && t != "":
			out = t
		default:
			return ""
		}
	}
	return out
}

package jinja_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// grammar makes random templates, most of which mean something.
type grammar struct{ r *rand.Rand }

func (g *grammar) pick(of ...string) string { return of[g.r.IntN(len(of))] }

func (g *grammar) template() string {
	var b strings.Builder
	for range 1 + g.r.IntN(4) {
		b.WriteString(g.stmt(3))
	}
	return b.String()
}

func (g *grammar) tag(body string) string {
	open, end := "{% ", " %}"
	if g.r.IntN(5) == 0 {
		open = "{%- "
	}
	if g.r.IntN(5) == 0 {
		end = " -%}"
	}
	return open + body + end
}

func (g *grammar) body(depth int) string {
	var b strings.Builder
	for range 1 + g.r.IntN(2) {
		b.WriteString(g.stmt(depth - 1))
	}
	return b.String()
}

func (g *grammar) stmt(depth int) string {
	if depth <= 0 {
		return g.pick("text ", " \n", "{{ "+g.expr(1)+" }}")
	}
	e := func() string { return g.expr(depth) }
	switch g.r.IntN(14) {
	case 0:
		return g.pick("select ", "\n  from t\n", " , ", "a", "  ")
	case 1:
		return g.tag("if "+e()) + g.body(depth) + g.pick("", g.tag("elif "+e())+g.body(depth)) + g.pick("", g.tag("else")+g.body(depth)) + g.tag("endif")
	case 2:
		return g.tag("for "+g.name()+" in "+g.iterable(depth)+g.pick("", "", " if "+e())) + g.body(depth) +
			g.pick("{{ loop.index }}", "{{ loop.last }}", "{{ loop.length }}", "{{ loop.previtem|default('-') }}", "") + g.pick("", g.tag("else")+g.body(depth)) + g.tag("endfor")
	case 3:
		return g.tag("for k, v in "+g.dict(depth)+".items()") + "{{ k }}={{ v }};" + g.body(depth) + g.tag("endfor")
	case 4:
		return g.tag("set " + g.name() + " = " + e())
	case 5:
		return g.tag("set "+g.name()+g.pick("", " | "+g.filter(0))) + g.body(depth) + g.tag("endset")
	case 6:
		return g.tag("do shared." + g.pick("append", "extend", "insert", "pop", "remove") + "(" + g.pick("", e(), "0, "+e()) + ")")
	case 7:
		return g.tag("do gd." + g.pick("update", "setdefault", "pop", "get") + "(" + g.pick(g.dict(depth), "'a'", "'a', "+e()) + ")")
	case 8:
		return g.tag("with "+g.name()+" = "+e()) + g.body(depth) + g.tag("endwith")
	case 9:
		return g.tag("filter "+g.filter(0)) + g.body(depth) + g.tag("endfilter")
	default:
		return "{{ " + e() + " }}"
	}
}

func (g *grammar) name() string { return g.pick("x", "y", "z", "model_name", "d") }

func (g *grammar) scalar() string {
	switch g.r.IntN(9) {
	case 0:
		return fmt.Sprint(g.r.IntN(20) - 5)
	case 1:
		return g.pick("0.5", "1.0", "2.5", "-1.25", "1e3", "1e-7", "3.14159", "1e16", "0.1")
	case 2, 3:
		return g.pick(`"a"`, `"Hello World"`, `"a,b,c"`, `""`, `" pad "`, `"it's"`, `'q"q'`, `"12"`, `"1.5"`, `"é"`, `"a\nb"`, `"%s"`, `"x{}y"`, `"None"`, `"ß"`)
	case 4:
		return g.pick("true", "false", "none", "True", "None")
	case 5:
		return g.pick("nope", "x", "y", "z", "d.q", "rows[0].zz")
	case 6:
		return g.pick("model_name", "big", "dec", "rel.identifier", "rel", "execute", "d.z", `d["a"]`, "rows[1].name", "dt.year")
	default:
		return g.pick("x", "1", "2", "0", `"b"`, "d", "rows")
	}
}

func (g *grammar) number() string {
	return g.pick("1", "2", "7", "-3", "0", "0.5", "2.5", "1e3", "dec", "big", "true", "(1 + 2)", "d.z", "d|length", "rows[1].n", "dt.year", "100", "1.005")
}

func (g *grammar) items(depth int) string {
	var parts []string
	for range g.r.IntN(4) {
		parts = append(parts, g.expr(depth-1))
	}
	return strings.Join(parts, ", ")
}

func (g *grammar) dict(depth int) string {
	var parts []string
	for range g.r.IntN(3) {
		parts = append(parts, g.pick(`"a"`, `"b"`, `"k"`, "1", "none", "(1, 2)")+": "+g.expr(depth-1))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (g *grammar) iterable(depth int) string {
	return g.pick("["+g.items(depth)+"]", "["+g.items(depth)+"]", "range("+g.pick("3", "1, 4", "5, 0, -2")+")", "rows", "d", `"abc"`, "("+g.items(depth)+")|list", "("+g.scalar()+",)", "shared", "nope", "d.items()", "rows|map(attribute='name')")
}

func (g *grammar) expr(depth int) string {
	if depth <= 0 {
		return g.scalar()
	}
	e := func() string { return g.expr(depth - 1) }
	switch g.r.IntN(20) {
	case 0, 1, 2:
		return g.scalar()
	case 3:
		return "[" + g.items(depth) + "]"
	case 4:
		return g.dict(depth)
	case 5:
		return "(" + e() + ", " + e() + ")"
	case 6:
		if g.r.IntN(4) == 0 { // mistakes have answers too
			return e() + " " + g.pick("+", "-", "*", "/", "//", "%") + " " + e()
		}
		return g.number() + " " + g.pick("+", "-", "*", "/", "//", "%") + " " + g.number()
	case 7:
		return e() + " ~ " + e()
	case 8:
		if g.r.IntN(3) == 0 {
			return g.number() + " " + g.pick("<", ">", "<=", ">=") + " " + g.number()
		}
		return "(" + e() + ") " + g.pick("==", "!=") + " " + e()
	case 9:
		return e() + " " + g.pick("and", "or") + " " + e()
	case 10:
		return g.pick("not "+e(), "not "+e(), "-"+g.number(), "+"+g.number())
	case 11:
		return "(" + e() + " if " + e() + g.pick("", " else "+e()) + ")"
	case 12:
		return "(" + e() + " is " + g.pick("", "not ") + g.pick("defined", "none", "string", "number", "mapping", "sequence", "iterable", "odd", "true", "undefined", "boolean", "integer", "callable", "in [1, 2]", "sameas none", "divisibleby 2", "eq 1", "lower") + ")"
	case 13, 14, 15:
		switch g.r.IntN(6) {
		case 0:
			return "(" + e() + ")|" + g.filter(depth)
		case 1:
			return g.number() + "|" + g.pick("abs", "round", "round(1)", "int", "float", "string", "filesizeformat", "round(2, 'floor')", "tojson")
		case 2:
			return "(" + g.iterable(0) + "|list)|" + g.pick("first", "last", "length", "join('-')", "reverse|list", "map('string')|sort", "batch(2)|list", "slice(2)|list", "select|list", "map('default', 0)|list", "tojson", "string", "unique|list")
		}
		return "(" + e() + " ~ '')|" + g.pick("upper", "lower", "title", "capitalize", "trim", "length", "list", "int", "float", "replace('a', 'x')", "indent(2)", "wordcount", "truncate(5)", "escape", "center(8)", "striptags", "wordwrap(4)", "tojson", "default('d', true)", "reverse", "first", "urlencode", "pprint")
	case 16:
		if g.r.IntN(3) > 0 {
			return "[" + g.items(depth) + ", 1]" + g.pick("[0]", "[-1]", "[1:]", "[::-1]", "[:2]", "[9]", "|first", ".index(1)", ".count(1)")
		}
		return "(" + e() + ")" + g.pick("[0]", "[-1]", `["a"]`, ".a", ".identifier", ".keys()|list", ".get('a', 1)")
	case 17, 18:
		return "(" + e() + "~'')." + g.pick("upper()", "lower()", "title()", "strip()", "split()", `split(",")`, `replace("a", "b")`, "startswith('a')", "zfill(4)", "center(7, '*')", "format(1, 2)", "join(['x', 'y'])", "count('a')", "find('b')", "isdigit()", "splitlines()", "capitalize()", "partition('a')")
	default:
		return g.pick("range("+e()+")|list", "dict("+g.pick("a=", "b=")+e()+")", "namespace(a="+e()+").a", "rel.include(schema="+e()+")", "rows|"+g.rowFilter())
	}
}

func (g *grammar) rowFilter() string {
	return g.pick(`map(attribute="name")|list`, `selectattr("g", "eq", "x")|list|length`, `groupby("g")|map("first")|list`, `sum(attribute="n")`, `sort(attribute="n", reverse=true)|first`,
		`rejectattr("n", "gt", 1)|map(attribute="n")|list`, `join("-", "name")`, `map("length")|list`, `batch(2)|list|length`, `unique(attribute="g")|list|length`, `max(attribute="n")`)
}

func (g *grammar) filter(depth int) string {
	return g.pick("upper", "lower", "title", "capitalize", "trim", "length", "list", "string", "int", "float", "abs", "first", "last", "sort", "reverse|list", "unique|list", "join", `join(", ")`, "sum", "min", "max",
		`default("d")`, `default("d", true)`, `replace("a", "x")`, "round", "round(1)", "tojson", "items|list", `indent(2)`, "wordcount", "truncate(5)", "batch(2)|list", "slice(2)|list",
		`select("odd")|list`, `reject("none")|list`, `map("string")|list`, `map("upper")|list`, "escape", "pprint", "center(8)", "striptags", "wordwrap(4)", "count", "filesizeformat", `format(1)`, `map("default", "-")|list`,
		"int("+g.expr(min(depth-1, 1))+")")
}

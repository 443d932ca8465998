package slicing

import (
	"strings"

	"github.com/millrace/millrace/compiler/sql"
)

// expression reads one expression strictly, so that a text with words that it does not know
// is refused. How operators bind does not matter: whatever stands in an expression has a part in it.
type expression struct {
	b *blockTracer
	parser
}

// operators are the characters that operators are made of.
const operators = "+-*/%=<>!|&^~@#"

func (e *expression) operator() (text string) {
	for {
		t := e.peek()
		if t.kind != symbol || len(t.text) != 1 || !strings.Contains(operators, t.text) {
			return text
		}
		text += t.text
		e.pos++
	}
}

// read reads operands with operators between them.
func (e *expression) read() (value, bool) {
	v, ok := e.operand()
	if !ok {
		return value{}, false
	}
	typ, count, plain, calls, nothing := v.typ, 0, true, false, v.nothing()
	for {
		op, ok := e.between()
		if !ok {
			return value{}, false
		}
		if op == (operation{}) {
			break
		}
		typ = op.typ
		count++
		plain, calls = plain && op.plain, calls || op.calls
		more := value{}
		if !op.last {
			if more, ok = e.right(op.list); !ok {
				return value{}, false
			}
		}
		nothing = nothing || more.nothing()
		v = value{from: origins(nil).with(v.from, sql.Transform).with(more.from, sql.Transform)}
	}
	switch {
	case count == 0:
		return v, true
	case count > 1 && !plain: // which of them is the outermost is the engine's to say
		typ = ""
	}
	v.typ = typ
	return v, !calls || !nothing
}

// operation is what stands between two operands.
type operation struct {
	typ   string // of its value, if it is the outermost
	plain bool   // it compares values or joins conditions, whose value is a BOOLEAN in any company
	calls bool   // it is a function of the engine
	list  bool   // a list stands behind it
	last  bool   // no operand stands behind it
}

// between reads an operator; it is empty where the expression ends.
func (e *expression) between() (operation, bool) {
	t := e.peek()
	switch {
	case t.kind == symbol && e.operator() != "":
		if e.tokens[e.pos-1].is("=", "<", ">") {
			return operation{typ: "BOOLEAN", plain: true}, true
		}
		return operation{calls: true}, true // what numbers and texts make is the engine's to say
	case e.take("and", "or"):
		return operation{typ: "BOOLEAN", plain: true}, true
	case e.take("isnull", "notnull"):
		return operation{typ: "BOOLEAN", last: true}, true
	case e.take("is"):
		e.take("not")
		if e.take("null", "true", "false", "unknown") {
			return operation{typ: "BOOLEAN", last: true}, true
		}
		return operation{typ: "BOOLEAN"}, e.take("distinct") && e.take("from")
	case t.is("not", "in", "between", "like", "ilike", "glob", "similar"):
		e.take("not")
		if e.take("in") {
			return operation{typ: "BOOLEAN", list: true}, true
		}
		if e.take("between") {
			return operation{typ: "BOOLEAN"}, true
		}
		return operation{typ: "BOOLEAN", calls: true}, e.take("similar") && e.take("to") || e.take("like", "ilike", "glob")
	case e.take("escape"):
		return operation{typ: "BOOLEAN", calls: true}, true
	}
	return operation{}, true
}

// right reads the second operand. What stands behind the list of an IN belongs to the whole.
func (e *expression) right(list bool) (value, bool) {
	if !list {
		return e.operand()
	}
	if !e.peek().is("(") {
		return value{}, false
	}
	v, ok := e.parenthesis()
	return v, ok && !e.peek().is("::", "[", "at")
}

// nothing reports a value without a type: what a function makes of it is NULL, whatever it is made from.
func (v value) nothing() bool { return v.typ == sql.Untyped }

// made is something made from what an expression is made from.
func made(v value, kind sql.Kind, typ string) value {
	return value{from: origins(nil).with(v.from, kind), typ: typ}
}

// operand reads one operand with what stands before and behind it.
func (e *expression) operand() (value, bool) {
	if e.depth++; e.depth > maxDepth {
		return value{}, false
	}
	defer func() { e.depth-- }()
	if e.take("not") {
		v, ok := e.operand()
		return made(v, sql.Transform, "BOOLEAN"), ok && !v.nothing() // it may be that of more than this operand
	}
	if t := e.peek(); t.is("+", "-", "~", "!", "@") {
		e.pos++
		v, ok := e.operand()
		return made(v, sql.Transform, ""), ok && !v.nothing()
	}
	v, ok := e.primary()
	for ok {
		switch {
		case e.take("::"):
			var typ string
			typ, ok = e.typeName()
			v = cast(v, typ)
		case e.peek().is("["):
			var in value
			if in, ok = e.brackets(); ok && v.nothing() {
				return value{}, false
			} else if ok {
				v = value{from: origins(nil).with(v.from, sql.Transform).with(in.from, sql.Transform)}
			}
		case e.peek().is("at") && e.ahead(1).is("time") && e.ahead(2).is("zone"):
			e.pos += 3
			var zone value
			if zone, ok = e.operand(); ok && v.nothing() {
				return value{}, false
			} else if ok {
				v = value{from: origins(nil).with(v.from, sql.Transform).with(zone.from, sql.Transform)}
			}
		default:
			return v, true
		}
	}
	return value{}, false
}

// brackets reads [a, b], and the index or slice of a list.
func (e *expression) brackets() (value, bool) {
	e.pos++
	asking := e.b.asking
	e.b.asking = true // [x for x in list] has names of its own
	defer func() { e.b.asking = asking }()
	var out value
	for !e.take("]") {
		if e.take(",", ":") {
			continue
		}
		v, ok := e.read()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(v.from, sql.Transform)
	}
	return out, true
}

func (e *expression) primary() (value, bool) {
	t := e.peek()
	switch {
	case t.kind == number:
		e.pos++
		return value{typ: integerType(t.text)}, true
	case t.kind == text:
		e.pos++
		return value{typ: "VARCHAR"}, true
	case t.is("("):
		return e.parenthesis()
	case t.is("["):
		v, ok := e.brackets()
		return value{from: v.from}, ok
	case t.kind == quoted:
		return e.name()
	case t.kind != word:
		return value{}, false
	}
	next := e.ahead(1)
	switch {
	case t.is("case") && !next.is(".", "("), t.is("case") && next.is("("):
		e.pos++
		return e.cases()
	case t.is("cast", "try_cast") && next.is("("):
		e.pos += 2
		return e.casts()
	case t.is("extract") && next.is("(") && e.ahead(2).kind == word && e.ahead(3).is("from"):
		e.pos += 4
		v, ok := e.read()
		return made(v, sql.Transform, ""), ok && !v.nothing() && e.take(")")
	case t.is("interval"):
		return e.interval()
	case next.kind == text && literals[t.text] != "":
		e.pos += 2
		return value{typ: literals[t.text]}, true
	case t.is("null"):
		e.pos++
		return value{typ: sql.Untyped}, true
	case t.is("true", "false"):
		e.pos++
		return value{typ: "BOOLEAN"}, true
	case next.is("("):
		e.pos++
		return e.function(t.text)
	case reserved[t.text] || clauseWords[t.text]:
		return value{}, false
	}
	return e.name()
}

// literals are types before a text.
var literals = map[string]string{"date": "DATE", "timestamp": "TIMESTAMP", "time": "TIME"}

var clauseWords = set(clauses...)

// parenthesis reads (a), whose value is that of a, or (a, b), a row.
func (e *expression) parenthesis() (value, bool) {
	e.pos++
	v, ok := e.read()
	if !ok {
		return value{}, false
	}
	if e.take(")") {
		return v, true
	}
	out := made(v, sql.Transform, "")
	for e.take(",") {
		more, ok := e.read()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(more.from, sql.Transform)
	}
	return out, e.take(")")
}

// name reads a column: name or relation.name.
func (e *expression) name() (value, bool) {
	first, ok := e.peek().name()
	if !ok {
		return value{}, false
	}
	e.pos++
	if !e.take(".") {
		if e.peek().is("(") {
			return value{}, false
		}
		if v, ok := e.b.find("", first); ok {
			return v, true
		}
		return value{}, false
	}
	second, ok := e.peek().name()
	if !ok {
		return value{}, false
	}
	e.pos++
	if e.peek().is(".", "(") {
		return value{}, false
	}
	return e.b.find(first, second)
}

// cases reads CASE behind its first word.
func (e *expression) cases() (value, bool) {
	var from origins
	take := func() (string, bool) {
		v, ok := e.read()
		from = from.with(v.from, sql.Transform)
		return v.typ, ok
	}
	if !e.peek().is("when") {
		if _, ok := take(); !ok {
			return value{}, false
		}
	}
	results := []string{}
	for e.take("when") {
		if _, ok := take(); !ok || !e.take("then") {
			return value{}, false
		}
		typ, ok := take()
		if !ok {
			return value{}, false
		}
		results = append(results, typ)
	}
	if e.take("else") {
		typ, ok := take()
		if !ok {
			return value{}, false
		}
		results = append(results, typ)
	}
	return value{from: from, typ: common(results)}, len(results) > 0 && e.take("end")
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

func (e *expression) casts() (value, bool) {
	v, ok := e.read()
	if !ok || !e.take("as") {
		return value{}, false
	}
	typ, ok := e.typeName()
	return cast(v, typ), ok && e.take(")")
}

// cast is a value as another type. One that has the type already stays as it is.
func cast(v value, typ string) value {
	switch {
	case typ == "" || v.typ == "":
		out := doubtful(v)
		out.typ = typ
		return out
	case v.typ == typ:
		return v
	}
	return made(v, sql.Transform, typ)
}

// units may stand behind INTERVAL 1.
var units = set("year", "years", "month", "months", "day", "days", "hour", "hours", "minute", "minutes", "second", "seconds", "week", "weeks", "quarter", "quarters",
	"millisecond", "milliseconds", "microsecond", "microseconds")

func (e *expression) interval() (value, bool) {
	amount, unit := e.ahead(1), e.ahead(2)
	if amount.kind != text && amount.kind != number {
		return value{}, false
	}
	e.pos += 2
	if unit.kind == word && units[unit.text] {
		e.pos++
	} else if amount.kind == number {
		return value{}, false
	}
	return value{typ: "INTERVAL"}, true
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
	var out value
	args := []value{}
	if name == "count" && e.peek().is("*") {
		e.pos++
	} else {
		for !e.peek().is(")", "order") {
			v, ok := e.read()
			if !ok {
				return value{}, false
			}
			args = append(args, v)
			if !e.take(",") {
				break
			}
		}
	}
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
		if n, named := e.ahead(1).name(); named && !e.ahead(1).is("partition", "order", "rows", "range", "groups") {
			_ = n // OVER (name …) builds on a named window
			return value{}, false
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

package slicing

import (
	"strconv"

	"github.com/millrace/millrace/compiler/sql"
)

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

// integerType is the type of a number that is written without point or exponent.
func integerType(text string) string {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return ""
	case n == int64(int32(n)):
		return "INTEGER"
	}
	return "BIGINT"
}

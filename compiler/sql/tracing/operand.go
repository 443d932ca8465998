package tracing

import (
	"strconv"

	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/query"
)

func (e *expression) primary() (value, bool) {
	t := e.Peek()
	switch {
	case t.Kind == query.Number:
		e.Pos++
		return value{typ: integerType(t.Text)}, true
	case t.Kind == query.Text:
		e.Pos++
		return value{typ: "VARCHAR"}, true
	case t.Is("("):
		return e.parenthesis()
	case t.Is("["):
		v, ok := e.brackets()
		return value{from: v.from}, ok
	case t.Kind == query.Quoted:
		return e.name()
	case t.Kind != query.Word:
		return value{}, false
	}
	next := e.Ahead(1)
	switch {
	case t.Is("case") && !next.Is(".", "("), t.Is("case") && next.Is("("):
		e.Pos++
		return e.cases()
	case t.Is("cast", "try_cast") && next.Is("("):
		e.Pos += 2
		return e.casts()
	case t.Is("extract") && next.Is("(") && e.Ahead(2).Kind == query.Word && e.Ahead(3).Is("from"):
		e.Pos += 4
		v, ok := e.read()
		return made(v, sql.Transform, ""), ok && !v.nothing() && e.Take(")")
	case t.Is("interval"):
		return e.interval()
	case next.Kind == query.Text && literals[t.Text] != "":
		e.Pos += 2
		return value{typ: literals[t.Text]}, true
	case t.Is("null"):
		e.Pos++
		return value{typ: sql.Untyped}, true
	case t.Is("true", "false"):
		e.Pos++
		return value{typ: "BOOLEAN"}, true
	case next.Is("("):
		e.Pos++
		return e.function(t.Text)
	case query.Reserved[t.Text] || clauseWords[t.Text]:
		return value{}, false
	}
	return e.name()
}

// literals are types before a text.
var literals = map[string]string{"date": "DATE", "timestamp": "TIMESTAMP", "time": "TIME"}

var clauseWords = query.Words(query.Clauses...)

// brackets reads [a, b], and the index or slice of a list.
func (e *expression) brackets() (value, bool) {
	e.Pos++
	asking := e.b.asking
	e.b.asking = true // [x for x in list] has names of its own
	defer func() { e.b.asking = asking }()
	var out value
	for !e.Take("]") {
		if e.Take(",", ":") {
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
	e.Pos++
	v, ok := e.read()
	if !ok {
		return value{}, false
	}
	if e.Take(")") {
		return v, true
	}
	out := made(v, sql.Transform, "")
	for e.Take(",") {
		more, ok := e.read()
		if !ok {
			return value{}, false
		}
		out.from = out.from.with(more.from, sql.Transform)
	}
	return out, e.Take(")")
}

// name reads a column: name or relation.name.
func (e *expression) name() (value, bool) {
	first, ok := e.Peek().Name()
	if !ok {
		return value{}, false
	}
	e.Pos++
	if !e.Take(".") {
		if e.Peek().Is("(") {
			return value{}, false
		}
		if v, ok := e.b.find("", first); ok {
			return v, true
		}
		return value{}, false
	}
	second, ok := e.Peek().Name()
	if !ok {
		return value{}, false
	}
	e.Pos++
	if e.Peek().Is(".", "(") {
		return value{}, false
	}
	return e.b.find(first, second)
}

// units may stand behind INTERVAL 1.
var units = query.Words("year", "years", "month", "months", "day", "days", "hour", "hours", "minute", "minutes", "second", "seconds", "week", "weeks", "quarter", "quarters",
	"millisecond", "milliseconds", "microsecond", "microseconds")

func (e *expression) interval() (value, bool) {
	amount, unit := e.Ahead(1), e.Ahead(2)
	if amount.Kind != query.Text && amount.Kind != query.Number {
		return value{}, false
	}
	e.Pos += 2
	if unit.Kind == query.Word && units[unit.Text] {
		e.Pos++
	} else if amount.Kind == query.Number {
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

package tracing

import (
	"strings"

	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/query"
)

// expression reads one expression strictly, so that a text with words that it does not know
// is refused. How operators bind does not matter: whatever stands in an expression has a part in it.
type expression struct {
	b *blockTracer
	query.Parser
}

// operators are the characters that operators are made of.
const operators = "+-*/%=<>!|&^~@#"

func (e *expression) operator() (text string) {
	for {
		t := e.Peek()
		if t.Kind != query.Symbol || len(t.Text) != 1 || !strings.Contains(operators, t.Text) {
			return text
		}
		text += t.Text
		e.Pos++
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
	t := e.Peek()
	switch {
	case t.Kind == query.Symbol && e.operator() != "":
		if e.Tokens[e.Pos-1].Is("=", "<", ">") {
			return operation{typ: "BOOLEAN", plain: true}, true
		}
		return operation{calls: true}, true // what numbers and texts make is the engine's to say
	case e.Take("and", "or"):
		return operation{typ: "BOOLEAN", plain: true}, true
	case e.Take("isnull", "notnull"):
		return operation{typ: "BOOLEAN", last: true}, true
	case e.Take("is"):
		e.Take("not")
		if e.Take("null", "true", "false", "unknown") {
			return operation{typ: "BOOLEAN", last: true}, true
		}
		return operation{typ: "BOOLEAN"}, e.Take("distinct") && e.Take("from")
	case t.Is("not", "in", "between", "like", "ilike", "glob", "similar"):
		e.Take("not")
		if e.Take("in") {
			return operation{typ: "BOOLEAN", list: true}, true
		}
		if e.Take("between") {
			return operation{typ: "BOOLEAN"}, true
		}
		return operation{typ: "BOOLEAN", calls: true}, e.Take("similar") && e.Take("to") || e.Take("like", "ilike", "glob")
	case e.Take("escape"):
		return operation{typ: "BOOLEAN", calls: true}, true
	}
	return operation{}, true
}

// right reads the second operand. What stands behind the list of an IN belongs to the whole.
func (e *expression) right(list bool) (value, bool) {
	if !list {
		return e.operand()
	}
	if !e.Peek().Is("(") {
		return value{}, false
	}
	v, ok := e.parenthesis()
	return v, ok && !e.Peek().Is("::", "[", "at")
}

// nothing reports a value without a type: what a function makes of it is NULL, whatever it is made from.
func (v value) nothing() bool { return v.typ == sql.Untyped }

// made is something made from what an expression is made from.
func made(v value, kind sql.Kind, typ string) value {
	return value{from: origins(nil).with(v.from, kind), typ: typ}
}

// operand reads one operand with what stands before and behind it.
func (e *expression) operand() (value, bool) {
	if e.Depth++; e.Depth > query.MaxDepth {
		return value{}, false
	}
	defer func() { e.Depth-- }()
	if e.Take("not") {
		v, ok := e.operand()
		return made(v, sql.Transform, "BOOLEAN"), ok && !v.nothing() // it may be that of more than this operand
	}
	if t := e.Peek(); t.Is("+", "-", "~", "!", "@") {
		e.Pos++
		v, ok := e.operand()
		return made(v, sql.Transform, ""), ok && !v.nothing()
	}
	v, ok := e.primary()
	for ok {
		switch {
		case e.Take("::"):
			var typ string
			typ, ok = e.typeName()
			v = cast(v, typ)
		case e.Peek().Is("["):
			var in value
			if in, ok = e.brackets(); ok && v.nothing() {
				return value{}, false
			} else if ok {
				v = value{from: origins(nil).with(v.from, sql.Transform).with(in.from, sql.Transform)}
			}
		case e.Peek().Is("at") && e.Ahead(1).Is("time") && e.Ahead(2).Is("zone"):
			e.Pos += 3
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

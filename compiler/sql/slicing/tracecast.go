package slicing

import "github.com/millrace/millrace/compiler/sql"

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

// typeNames are DuckDB's names of types by those that a cast may use.
var typeNames = map[string]string{
	"boolean": "BOOLEAN", "bool": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "int2": "SMALLINT", "integer": "INTEGER", "int": "INTEGER", "int4": "INTEGER",
	"bigint": "BIGINT", "int8": "BIGINT", "hugeint": "HUGEINT", "float": "FLOAT", "real": "FLOAT", "float4": "FLOAT", "double": "DOUBLE", "float8": "DOUBLE",
	"varchar": "VARCHAR", "text": "VARCHAR", "string": "VARCHAR", "char": "VARCHAR", "bpchar": "VARCHAR", "date": "DATE", "time": "TIME",
	"timestamp": "TIMESTAMP", "datetime": "TIMESTAMP", "timestamptz": "TIMESTAMP WITH TIME ZONE", "interval": "INTERVAL", "uuid": "UUID", "blob": "BLOB",
}

// typeName reads the type of a cast; "" is one that it does not know to write as DuckDB does.
func (e *expression) typeName() (string, bool) {
	t := e.peek()
	if t.kind != word || reserved[t.text] && !t.is("interval", "time") {
		return "", false
	}
	e.pos++
	out := typeNames[t.text]
	switch {
	case t.is("double") && e.take("precision"):
	case t.is("character") && e.take("varying"):
		out = "VARCHAR"
	case t.is("timestamp", "time") && e.peek().is("with", "without"):
		zoned := e.peek().is("with")
		e.pos++
		if !e.take("time") || !e.take("zone") {
			return "", false
		}
		if zoned {
			out += " WITH TIME ZONE"
		}
	}
	if e.peek().is("(") {
		args, err := e.parens()
		if err != nil {
			return "", false
		}
		switch {
		case t.is("decimal", "numeric") && len(args) == 3 && args[0].kind == number && args[1].is(",") && args[2].kind == number:
			out = "DECIMAL(" + args[0].text + "," + args[2].text + ")"
		case t.is("varchar", "char", "text") && len(args) == 1 && args[0].kind == number, t.is("character"):
			out = "VARCHAR"
		default:
			return "", false // members of a STRUCT, values of an ENUM
		}
	}
	for e.peek().is("[") {
		e.pos++
		if e.peek().kind == number {
			e.pos++
		}
		if !e.take("]") {
			return "", false
		}
		out = ""
	}
	return out, !e.peek().is(".")
}

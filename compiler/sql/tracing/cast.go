package tracing

import (
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/query"
)

func (e *expression) casts() (value, bool) {
	v, ok := e.read()
	if !ok || !e.Take("as") {
		return value{}, false
	}
	typ, ok := e.typeName()
	return cast(v, typ), ok && e.Take(")")
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
	t := e.Peek()
	if t.Kind != query.Word || query.Reserved[t.Text] && !t.Is("interval", "time") {
		return "", false
	}
	e.Pos++
	out := typeNames[t.Text]
	switch {
	case t.Is("double") && e.Take("precision"):
	case t.Is("character") && e.Take("varying"):
		out = "VARCHAR"
	case t.Is("timestamp", "time") && e.Peek().Is("with", "without"):
		zoned := e.Peek().Is("with")
		e.Pos++
		if !e.Take("time") || !e.Take("zone") {
			return "", false
		}
		if zoned {
			out += " WITH TIME ZONE"
		}
	}
	if e.Peek().Is("(") {
		args, err := e.Parens()
		if err != nil {
			return "", false
		}
		switch {
		case t.Is("decimal", "numeric") && len(args) == 3 && args[0].Kind == query.Number && args[1].Is(",") && args[2].Kind == query.Number:
			out = "DECIMAL(" + args[0].Text + "," + args[2].Text + ")"
		case t.Is("varchar", "char", "text") && len(args) == 1 && args[0].Kind == query.Number, t.Is("character"):
			out = "VARCHAR"
		default:
			return "", false // members of a STRUCT, values of an ENUM
		}
	}
	for e.Peek().Is("[") {
		e.Pos++
		if e.Peek().Kind == query.Number {
			e.Pos++
		}
		if !e.Take("]") {
			return "", false
		}
		out = ""
	}
	return out, !e.Peek().Is(".")
}

package decode

import (
	"fmt"

	"github.com/hamba/avro/v2"
)

// AvroShape is what a record's schema holds; nothing for other types.
func AvroShape(s avro.Schema) Shape { return avroShape(s, 0) }

func avroShape(s avro.Schema, depth int) Shape {
	if ref, ok := s.(*avro.RefSchema); ok {
		s = ref.Schema()
	}
	r, ok := s.(*avro.RecordSchema)
	if !ok || depth > 16 {
		return nil
	}
	var out Shape
	for _, f := range r.Fields() {
		t, optional := alone(f.Type())
		m := Member{Name: f.Name(), Optional: optional, Type: avroType(t)}
		if m.Type == "json" {
			m.Members = avroShape(t, depth+1)
		}
		out = append(out, m)
	}
	return out
}

// alone is the one type of a union beside null, or the union itself.
func alone(s avro.Schema) (avro.Schema, bool) {
	u, ok := s.(*avro.UnionSchema)
	if !ok {
		return s, false
	}
	var rest []avro.Schema
	for _, t := range u.Types() {
		if t.Type() != avro.Null {
			rest = append(rest, t)
		}
	}
	if len(rest) == 1 {
		return rest[0], len(u.Types()) > 1
	}
	return s, len(rest) < len(u.Types())
}

var avroTypes = map[avro.Type]string{
	avro.Boolean: "boolean", avro.Int: "integer", avro.Long: "bigint", avro.Float: "real", avro.Double: "double precision",
	avro.String: "text", avro.Bytes: "bytea", avro.Fixed: "bytea", avro.Enum: "text",
}

var meantTypes = map[meaning]string{
	asDays: "date", asClockMillis: "time", asClockMicros: "time", asClockNanos: "time",
	asMillis: "timestamp with time zone", asMicros: "timestamp with time zone", asNanos: "timestamp with time zone", asVariableDecimal: "numeric(38,9)",
}

// avroType is the data_type that holds values of a schema: "" for null alone, json for what
// has parts or is now this, now that.
func avroType(s avro.Schema) string {
	if ref, ok := s.(*avro.RefSchema); ok {
		s = ref.Schema()
	}
	if s.Type() == avro.Null {
		return ""
	}
	if p, ok := s.(interface{ Prop(string) any }); ok {
		if name, ok := p.Prop("connect.name").(string); ok {
			if t, ok := meantTypes[meanings[name]]; ok {
				return t
			}
		}
	}
	if l, ok := s.(avro.LogicalTypeSchema); ok && l.Logical() != nil {
		switch l.Logical().Type() {
		case avro.Date:
			return "date"
		case avro.TimeMillis, avro.TimeMicros:
			return "time"
		case avro.TimestampMillis, avro.TimestampMicros:
			return "timestamp with time zone"
		case avro.LocalTimestampMillis, avro.LocalTimestampMicros:
			return "timestamp"
		case avro.UUID:
			return "uuid"
		case avro.Decimal:
			if d, ok := l.Logical().(*avro.DecimalLogicalSchema); ok {
				return fmt.Sprintf("numeric(%d,%d)", d.Precision(), d.Scale())
			}
		}
	}
	if t, ok := avroTypes[s.Type()]; ok {
		return t
	}
	return "json"
}

package decode

import (
	"fmt"

	"github.com/hamba/avro/v2"
)

type avroOp uint8

const (
	avNull avroOp = iota
	avBoolean
	avInt
	avFloat
	avDouble
	avBytes
	avString
	avFixed
	avEnum
	avArray
	avMap
	avUnion
	avRecord
	avDecimal
)

// avroStep reads one value of a writer's schema. Steps of named types are shared, so what
// a value is wanted for is not in them.
type avroStep struct {
	op      avroOp
	names   []string    // of fields, or an enum's symbols
	parts   []*avroStep // fields, branches, or the one type of items and values
	size    int         // of fixed
	scale   int         // of decimals
	isFixed bool        // a decimal in a fixed
	meaning meaning     // of whole numbers
}

type avroCompiler struct{ named map[string]*avroStep }

// ParseAvro reads a schema and what it refers to. Names of one schema stay out of another.
func ParseAvro(s *Schema) (avro.Schema, error) {
	cache := &avro.SchemaCache{}
	for _, r := range s.References {
		if _, err := avro.ParseWithCache(r.Text, "", cache); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	return avro.ParseWithCache(s.Text, "", cache)
}

// compileAvro makes of a schema how to read its values.
func compileAvro(text *Schema) (*avroStep, Shape, error) {
	s, err := ParseAvro(text)
	if err != nil {
		return nil, nil, err
	}
	c := avroCompiler{map[string]*avroStep{}}
	st, err := c.step(s)
	return st, AvroShape(s), err
}

func (c *avroCompiler) step(s avro.Schema) (*avroStep, error) {
	switch s := s.(type) {
	case *avro.RefSchema:
		return c.step(s.Schema())
	case *avro.RecordSchema:
		if known := c.named[s.FullName()]; known != nil {
			return known, nil
		}
		st := &avroStep{op: avRecord}
		if name, _ := s.Prop("connect.name").(string); meanings[name] == asVariableDecimal {
			st.meaning = asVariableDecimal
		}
		c.named[s.FullName()] = st
		for _, f := range s.Fields() {
			part, err := c.step(f.Type())
			if err != nil {
				return nil, err
			}
			st.names = append(st.names, f.Name())
			st.parts = append(st.parts, part)
		}
		return st, nil
	case *avro.EnumSchema:
		return &avroStep{op: avEnum, names: s.Symbols()}, nil
	case *avro.ArraySchema:
		return c.around(avArray, s.Items())
	case *avro.MapSchema:
		return c.around(avMap, s.Values())
	case *avro.UnionSchema:
		return c.around(avUnion, s.Types()...)
	case *avro.FixedSchema:
		st := &avroStep{op: avFixed, size: s.Size()}
		if d, ok := s.Logical().(*avro.DecimalLogicalSchema); ok {
			st.op, st.scale, st.isFixed = avDecimal, d.Scale(), true
		}
		return st, nil
	case *avro.NullSchema:
		return &avroStep{op: avNull}, nil
	case *avro.PrimitiveSchema:
		return primitive(s)
	}
	return nil, fmt.Errorf("the Avro type %s is not known", s.Type())
}

func (c *avroCompiler) around(op avroOp, types ...avro.Schema) (*avroStep, error) {
	st := &avroStep{op: op}
	for _, t := range types {
		part, err := c.step(t)
		if err != nil {
			return nil, err
		}
		st.parts = append(st.parts, part)
	}
	return st, nil
}

func primitive(s *avro.PrimitiveSchema) (*avroStep, error) {
	st := &avroStep{}
	switch s.Type() {
	case avro.Boolean:
		st.op = avBoolean
	case avro.Int, avro.Long:
		st.op = avInt
	case avro.Float:
		st.op = avFloat
	case avro.Double:
		st.op = avDouble
	case avro.Bytes:
		st.op = avBytes
	case avro.String:
		st.op = avString
	case avro.Null:
		st.op = avNull
	default:
		return nil, fmt.Errorf("the Avro type %s is not known", s.Type())
	}
	if name, ok := s.Prop("connect.name").(string); ok && st.op == avInt {
		st.meaning = meanings[name]
	}
	if s.Logical() == nil {
		return st, nil
	}
	switch s.Logical().Type() {
	case avro.Date:
		st.meaning = asDays
	case avro.TimeMillis:
		st.meaning = asClockMillis
	case avro.TimeMicros:
		st.meaning = asClockMicros
	case avro.TimestampMillis, avro.LocalTimestampMillis:
		st.meaning = asMillis
	case avro.TimestampMicros, avro.LocalTimestampMicros:
		st.meaning = asMicros
	case avro.Decimal:
		if d, ok := s.Logical().(*avro.DecimalLogicalSchema); ok {
			st.op, st.scale = avDecimal, d.Scale()
		}
	}
	return st, nil
}

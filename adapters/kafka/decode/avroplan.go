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
	avDate
	avTimeMillis
	avTimeMicros
	avMillis
	avMicros
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
}

type avroCompiler struct{ named map[string]*avroStep }

// compileAvro reads a schema's text.
func compileAvro(text string) (*avroStep, error) {
	// A cache of its own keeps names of one schema out of another.
	s, err := avro.ParseWithCache(text, "", &avro.SchemaCache{})
	if err != nil {
		return nil, err
	}
	c := avroCompiler{map[string]*avroStep{}}
	return c.step(s)
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
	if s.Logical() == nil {
		return st, nil
	}
	switch s.Logical().Type() {
	case avro.Date:
		st.op = avDate
	case avro.TimeMillis:
		st.op = avTimeMillis
	case avro.TimeMicros:
		st.op = avTimeMicros
	case avro.TimestampMillis, avro.LocalTimestampMillis:
		st.op = avMillis
	case avro.TimestampMicros, avro.LocalTimestampMicros:
		st.op = avMicros
	case avro.Decimal:
		if d, ok := s.Logical().(*avro.DecimalLogicalSchema); ok {
			st.op, st.scale = avDecimal, d.Scale()
		}
	}
	return st, nil
}

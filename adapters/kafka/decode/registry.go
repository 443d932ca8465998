package decode

import (
	"context"
	"encoding/binary"
	"errors"
)

// ErrUnknownSchema says that the registry answered, and has no such schema.
var ErrUnknownSchema = errors.New("the registry has no such schema")

// Kinds of schemas, as registries name them.
const (
	SchemaAvro     = "AVRO"
	SchemaProtobuf = "PROTOBUF"
	SchemaJSON     = "JSON"
)

// Schema is a schema with everything it refers to.
type Schema struct {
	Kind       string
	Text       string
	References []Reference // in an order in which each comes after what it needs itself
}

// Reference is a schema that another one names.
type Reference struct{ Name, Text string }

// Registry gives schemas by the id that values carry.
type Registry interface {
	Schema(ctx context.Context, id int) (*Schema, error)
}

// Judge says what becomes of values of a schema: nil lets them in. It is asked once for
// each schema that a decoder meets.
type Judge interface {
	Judge(ctx context.Context, id int, s *Schema, shape Shape) *Error
}

// wireHeader takes the header of the Confluent wire format off a value.
func wireHeader(data []byte) (id int, payload []byte, err *Error) {
	if len(data) == 0 || data[0] != 0 {
		return 0, nil, failed(CodeMagic, "the value does not begin with the registry's magic byte: %s", shown(data))
	}
	if len(data) < 5 {
		return 0, nil, failed(CodeTruncated, "the value ends inside its schema id")
	}
	return int(binary.BigEndian.Uint32(data[1:])), data[5:], nil
}

// outage is a failure that has nothing to do with the record: the registry cannot be asked.
func outage(err error) *Error {
	return &Error{Stage: StageValue, Code: "outage", Message: err.Error(), Outage: err}
}

// schemas are the schemas of one decoder: T is what it makes of one.
type schemas[T any] struct {
	ctx      context.Context
	registry Registry
	judge    Judge // nil lets every schema in
	kind     string
	compile  func(*Schema) (T, Shape, error)
	known    map[int]T
	refused  map[int]*Error
}

func newSchemas[T any](ctx context.Context, r Registry, j Judge, kind string, compile func(*Schema) (T, Shape, error)) *schemas[T] {
	return &schemas[T]{ctx: ctx, registry: r, judge: j, kind: kind, compile: compile, known: map[int]T{}, refused: map[int]*Error{}}
}

func (s *schemas[T]) lookup(id int) (T, *Error) {
	if t, ok := s.known[id]; ok {
		return t, nil
	}
	var none T
	if err := s.refused[id]; err != nil {
		return none, err
	}
	text, e := s.registry.Schema(s.ctx, id)
	switch {
	case errors.Is(e, ErrUnknownSchema):
		// Asked again for the next record: a schema may be registered late.
		return none, failed(CodeSchema, "the registry has no schema %d", id)
	case e != nil:
		return none, outage(e)
	}
	refuse := func(err *Error) (T, *Error) {
		s.refused[id] = err
		return none, err
	}
	if text.Kind != s.kind {
		return refuse(failed(CodeIncompatible, "schema %d is of the kind %s, not %s", id, text.Kind, s.kind))
	}
	t, shape, e := s.compile(text)
	if e != nil {
		return refuse(failed(CodeIncompatible, "schema %d cannot be read: %v", id, e))
	}
	if s.judge != nil {
		if err := s.judge.Judge(s.ctx, id, text, shape); err != nil {
			if err.Outage != nil || err.Grown || err.Fatal != nil {
				return none, err // asked again
			}
			return refuse(err)
		}
	}
	s.known[id] = t
	return t, nil
}

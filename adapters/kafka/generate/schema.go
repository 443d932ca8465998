package generate

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/adapters/kafka/decode"
)

// FromSchema fills in a table from a writer's schema, and from that of its keys if there
// is one. message names a message of a Protobuf schema with several.
func (t *Table) FromSchema(ctx context.Context, value, key *decode.Schema, message string) error {
	shape, err := shapeOf(ctx, value, message)
	if err != nil {
		return err
	}
	switch value.Kind {
	case decode.SchemaAvro:
		t.Format = "avro"
	case decode.SchemaProtobuf:
		t.Format = "protobuf"
	}
	if after, ok := shape.Find([]string{"after"}); ok && after.Members != nil {
		if _, isEvent := shape.Find([]string{"op"}); isEvent {
			shape = after.Members
			if t.Landing == "" {
				t.Landing = "debezium"
			}
		}
	}
	t.Columns = Columns(shape)
	if len(t.Columns) == 0 {
		return fmt.Errorf("the schema holds no fields")
	}
	if key == nil || t.Landing == "" || t.UniqueKey != nil {
		return nil
	}
	keys, err := shapeOf(ctx, key, "")
	if err != nil {
		return err
	}
	for _, m := range keys {
		if _, ok := shape.Find([]string{m.Name}); ok {
			t.UniqueKey = append(t.UniqueKey, m.Name)
		}
	}
	if t.UniqueKey != nil {
		t.KeyFormat = t.Format
	}
	return nil
}

func shapeOf(ctx context.Context, s *decode.Schema, message string) (decode.Shape, error) {
	switch s.Kind {
	case decode.SchemaAvro:
		parsed, err := decode.ParseAvro(s)
		if err != nil {
			return nil, err
		}
		return decode.AvroShape(parsed), nil
	case decode.SchemaProtobuf:
		file, err := decode.CompileProto(ctx, s)
		if err != nil {
			return nil, err
		}
		if message == "" && file.Messages().Len() > 0 {
			return decode.ProtoShape(file.Messages().Get(0)), nil
		}
		md, err := decode.MessageOf(file, message)
		if err != nil {
			return nil, err
		}
		return decode.ProtoShape(md), nil
	}
	return nil, fmt.Errorf("columns cannot be made of a schema of the kind %s; --topic looks at records instead", s.Kind)
}

package schemas

import (
	"context"
	"fmt"
	"strings"

	"github.com/hamba/avro/v2"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
)

// usage says which subject and version a schema is, as far as this stream is concerned.
func (g *Governor) usage(ctx context.Context, id int) (Usage, error) {
	all, err := g.registry.Usages(ctx, id)
	if err != nil || len(all) == 0 {
		return Usage{}, err
	}
	for _, u := range all {
		if u.Subject == g.src.Subject {
			return u, nil
		}
	}
	if g.src.Subject == "" {
		for _, u := range all {
			if topic, ok := strings.CutSuffix(u.Subject, "-value"); ok && g.src.Has(topic) {
				return u, nil
			}
		}
	}
	return all[0], nil
}

// breaks says in which way a schema breaks the rule of compatibility with the versions
// before it; "" when it keeps it.
func (g *Governor) breaks(ctx context.Context, use Usage, s *decode.Schema) (string, error) {
	if g.src.Compatibility == "" {
		return "", nil
	}
	if g.src.Subject != "" && use.Subject != g.src.Subject {
		return "it is of the subject '" + use.Subject + "', not '" + g.src.Subject + "'", nil
	}
	versions, err := g.registry.Versions(ctx, use.Subject)
	if err != nil {
		return "", err
	}
	rule, transitive := strings.CutSuffix(g.src.Compatibility, "_TRANSITIVE")
	for i := len(versions) - 1; i >= 0; i-- {
		if versions[i] >= use.Version {
			continue
		}
		before, err := g.registry.Version(ctx, use.Subject, versions[i])
		if err != nil {
			return "", err
		}
		for _, way := range []struct {
			name           string
			reader, writer *decode.Schema
		}{{"BACKWARD", s, before}, {"FORWARD", before, s}} {
			if rule != way.name && rule != "FULL" {
				continue
			}
			if why := reads(ctx, g.src.Format, way.reader, way.writer); why != "" {
				if way.name == "BACKWARD" {
					return fmt.Sprintf("it cannot read values of version %d: %s", versions[i], why), nil
				}
				return fmt.Sprintf("version %d cannot read its values: %s", versions[i], why), nil
			}
		}
		if !transitive {
			break
		}
	}
	return "", nil
}

// reads says why one schema cannot read values of another.
func reads(ctx context.Context, format string, reader, writer *decode.Schema) string {
	if reader.Kind != writer.Kind {
		return "one is " + reader.Kind + ", the other " + writer.Kind
	}
	if format == declare.Protobuf {
		r, err := decode.CompileProto(ctx, reader)
		if err != nil {
			return err.Error()
		}
		w, err := decode.CompileProto(ctx, writer)
		if err != nil {
			return err.Error()
		}
		return protoReads(r.Messages(), w.Messages())
	}
	r, err := decode.ParseAvro(reader)
	if err != nil {
		return err.Error()
	}
	w, err := decode.ParseAvro(writer)
	if err != nil {
		return err.Error()
	}
	if err := avro.NewSchemaCompatibility().Compatible(r, w); err != nil {
		return err.Error()
	}
	return ""
}

// protoReads compares message types by name and their fields by number, which are what the
// wire form rests on.
func protoReads(reader, writer protoreflect.MessageDescriptors) string {
	for i := range writer.Len() {
		w := writer.Get(i)
		r := reader.ByName(w.Name())
		if r == nil {
			return "it has no message " + string(w.Name())
		}
		if why := messageReads(r, w); why != "" {
			return why
		}
		if why := protoReads(r.Messages(), w.Messages()); why != "" {
			return why
		}
	}
	return ""
}

func messageReads(reader, writer protoreflect.MessageDescriptor) string {
	for i := range reader.Fields().Len() {
		r := reader.Fields().Get(i)
		w := writer.Fields().ByNumber(r.Number())
		if w == nil {
			if r.Cardinality() == protoreflect.Required {
				return fmt.Sprintf("the field %s must be there", r.FullName())
			}
			continue
		}
		if r.IsMap() != w.IsMap() || wireGroup(r) != wireGroup(w) || r.Message() != nil && r.Message().FullName() != w.Message().FullName() {
			return fmt.Sprintf("field %d is %s in one and %s in the other", r.Number(), kindName(r), kindName(w))
		}
		if r.IsList() != w.IsList() && !(r.Message() != nil || r.Kind() == protoreflect.StringKind || r.Kind() == protoreflect.BytesKind) {
			return fmt.Sprintf("field %d is a list in one and not in the other", r.Number())
		}
	}
	return ""
}

// wireGroup gathers kinds whose values can be read as each other's.
func wireGroup(f protoreflect.FieldDescriptor) int {
	switch f.Kind() {
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind, protoreflect.BoolKind, protoreflect.EnumKind:
		return 1
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return 2
	case protoreflect.StringKind, protoreflect.BytesKind:
		return 3
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return 4
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return 5
	}
	return 10 + int(f.Kind())
}

func kindName(f protoreflect.FieldDescriptor) string {
	if f.Message() != nil {
		return string(f.Message().FullName())
	}
	return f.Kind().String()
}

package decode

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// mainProto is the name under which a registry's schema is compiled.
const mainProto = "schema.proto"

// confluent holds the files that registries know without being told. Their fields are the
// interface; nothing else is in them.
var confluent = map[string]string{
	"confluent/type/decimal.proto": `syntax = "proto3"; package confluent.type;
message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
	"confluent/meta.proto": `syntax = "proto3"; package confluent;
import "google/protobuf/descriptor.proto";
message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
extend google.protobuf.FileOptions { Meta file_meta = 1088; }
extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }`,
	"google/type/date.proto": `syntax = "proto3"; package google.type;
message Date { int32 year = 1; int32 month = 2; int32 day = 3; }`,
	"google/type/timeofday.proto": `syntax = "proto3"; package google.type;
message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }`,
	"google/type/decimal.proto": `syntax = "proto3"; package google.type;
message Decimal { string value = 1; }`,
}

// CompileProto compiles a registry's schema with what it refers to.
func CompileProto(ctx context.Context, s *Schema) (protoreflect.FileDescriptor, error) {
	files := map[string]string{mainProto: s.Text}
	for _, r := range s.References {
		files[r.Name] = r.Text
	}
	return compileProtoFiles(ctx, mainProto, func(name string) (string, error) {
		if text, ok := files[name]; ok {
			return text, nil
		}
		return "", fs.ErrNotExist
	})
}

func compileProtoFiles(ctx context.Context, name string, read func(string) (string, error)) (protoreflect.FileDescriptor, error) {
	find := func(p string) (protocompile.SearchResult, error) {
		text, err := read(p)
		if errors.Is(err, fs.ErrNotExist) {
			if known, ok := confluent[p]; ok {
				text, err = known, nil
			}
		}
		if err != nil {
			return protocompile.SearchResult{}, err
		}
		return protocompile.SearchResult{Source: strings.NewReader(text)}, nil
	}
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(find)), MaxParallelism: 1}
	files, err := c.Compile(ctx, name)
	if err != nil {
		return nil, err
	}
	return files[0], nil
}

// ReadProto compiles a .proto file. What it imports is looked for beside it and below root.
func ReadProto(ctx context.Context, root, file string) (protoreflect.FileDescriptor, error) {
	dir, base := filepath.Split(file)
	return compileProtoFiles(ctx, base, func(name string) (string, error) {
		var err error
		for _, from := range []string{dir, root} {
			var text []byte
			if text, err = os.ReadFile(filepath.Join(from, filepath.FromSlash(path.Clean("/"+name)))); err == nil {
				return string(text), nil
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return "", fs.ErrNotExist
		}
		return "", err
	})
}

// protoShape is what a message type holds.
func protoShape(md protoreflect.MessageDescriptor, depth int) Shape {
	var out Shape
	for i := range md.Fields().Len() {
		f := md.Fields().Get(i)
		m := Member{Name: string(f.Name()), Type: protoType(f), Optional: f.HasPresence() && f.Cardinality() != protoreflect.Required}
		if m.Type == "json" && f.Kind() == protoreflect.MessageKind && !f.IsList() && !f.IsMap() && depth < 16 {
			m.Members = protoShape(f.Message(), depth+1)
		}
		out = append(out, m)
	}
	return out
}

// ProtoShape is what a message type holds.
func ProtoShape(md protoreflect.MessageDescriptor) Shape { return protoShape(md, 0) }

func protoType(f protoreflect.FieldDescriptor) string {
	if f.IsList() || f.IsMap() {
		return "json"
	}
	switch f.Kind() {
	case protoreflect.BoolKind:
		return "boolean"
	case protoreflect.EnumKind, protoreflect.StringKind:
		return "text"
	case protoreflect.BytesKind:
		return "bytea"
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return "integer"
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind, protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return "bigint"
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return "numeric(20,0)"
	case protoreflect.FloatKind:
		return "real"
	case protoreflect.DoubleKind:
		return "double precision"
	case protoreflect.MessageKind:
		if t, ok := wellKnownTypes[string(f.Message().FullName())]; ok {
			return t
		}
	}
	return "json"
}

var wellKnownTypes = map[string]string{
	"google.protobuf.Timestamp": "timestamp with time zone", "google.protobuf.Duration": "text", "google.protobuf.FieldMask": "text",
	"google.protobuf.BoolValue": "boolean", "google.protobuf.Int32Value": "integer", "google.protobuf.Int64Value": "bigint",
	"google.protobuf.UInt32Value": "bigint", "google.protobuf.UInt64Value": "numeric(20,0)", "google.protobuf.FloatValue": "real",
	"google.protobuf.DoubleValue": "double precision", "google.protobuf.StringValue": "text", "google.protobuf.BytesValue": "bytea",
	"google.type.Date": "date", "google.type.TimeOfDay": "time", "google.type.Decimal": "numeric(38,9)", "confluent.type.Decimal": "numeric(38,9)",
}

package decode

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/millrace/millrace/adapters/columnar"
)

const orderProto = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/type/date.proto";
import "confluent/type/decimal.proto";
message Other { int32 n = 1; }
message Order {
  enum Status { NEW = 0; PAID = 1; }
  message Address { string city = 1; optional int32 zip = 2; }
  int64 id = 1;
  string customer = 2;
  Status status = 3;
  Address address = 4;
  repeated string tags = 5;
  map<string, int32> counts = 6;
  google.protobuf.Timestamp at = 7;
  google.protobuf.StringValue note = 8;
  confluent.type.Decimal amount = 9;
  google.type.Date day = 10;
  sint32 delta = 11;
  uint64 big = 12;
  oneof paid_by { string card = 13; bool cash = 14; }
  bytes raw = 15;
  double rate = 16;
  google.protobuf.Duration took = 17;
  repeated Address stops = 18;
  fixed32 fix = 19;
}`

func protoFields(t testing.TB, engine string) []Field {
	t.Helper()
	var out []Field
	for _, c := range [][]string{
		{"id", "bigint"}, {"customer", "text"}, {"status", "text"}, {"city", "text", "address.city"}, {"zip", "integer", "address.zip"}, {"tags", "json"}, {"counts", "json"},
		{"at", "timestamp with time zone"}, {"note", "text"}, {"amount", "numeric(10,2)"}, {"day", "date"}, {"delta", "integer"}, {"big", "numeric(20,0)"},
		{"card", "text"}, {"cash", "boolean"}, {"raw", "bytea"}, {"rate", "double precision"}, {"took", "text"}, {"stops", "json"}, {"address", "json"}, {"nowhere", "text"}, {"fix", "bigint"},
	} {
		dt, ok := ParseType(c[1], DialectOf(engine))
		if !ok {
			t.Fatal(c)
		}
		f := Field{Name: c[0], Type: dt}
		if len(c) > 2 {
			f.Path = strings.Split(c[2], ".")
		}
		out = append(out, f)
	}
	return out
}

func orderFile(t testing.TB) protoreflect.FileDescriptor {
	t.Helper()
	file, err := CompileProto(context.Background(), &Schema{Kind: SchemaProtobuf, Text: orderProto})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func orderMessage(t testing.TB, file protoreflect.FileDescriptor, text string) []byte {
	t.Helper()
	m := dynamicpb.NewMessage(file.Messages().ByName("Order"))
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		t.Fatal(err)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const fullOrder = `{"id":"7","customer":"Zoé","status":"PAID","address":{"city":"Bern","zip":3000},"tags":["a","b"],"counts":{"x":1},"at":"2026-01-31T10:00:00.5Z","note":"n",
 "amount":{"value":"A+k=","precision":10,"scale":2},"day":{"year":2026,"month":1,"day":31},"delta":-3,"big":"18446744073709551615","card":"visa","raw":"AQI=","rate":1.5,"took":"1.500s",
 "stops":[{"city":"Thun"}],"fix":4294967295}`

type protoRegistry map[int]*Schema

func (r protoRegistry) Schema(_ context.Context, id int) (*Schema, error) {
	if s, ok := r[id]; ok {
		return s, nil
	}
	return nil, ErrUnknownSchema
}

func rowText(b *columnar.Batch, row int) string {
	var out []string
	for _, c := range b.Columns {
		out = append(out, cellText(c, row))
	}
	return strings.Join(out, "|")
}

func TestProtobuf(t *testing.T) {
	file := orderFile(t)
	fields := protoFields(t, "postgres")
	p := NewProtobuf(context.Background(), fields, DialectOf("postgres"), protoRegistry{1: {Kind: SchemaProtobuf, Text: orderProto}, 2: {Kind: SchemaAvro, Text: `"string"`}, 3: {Kind: SchemaProtobuf, Text: "nonsense"}}, nil)
	header := framed(1, []byte{2, 2}) // one index: 1, zigzag
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	for _, text := range []string{fullOrder, `{}`, `{"cash":true,"address":{}}`} {
		if err := p.Decode(out, append(append([]byte{}, header...), orderMessage(t, file, text)...)); err != nil {
			t.Fatal(err)
		}
		out.Rows++
	}
	if p.SchemaID() != 1 {
		t.Error(p.SchemaID())
	}
	for row, want := range []string{
		`7|Zoé|PAID|Bern|3000|["a","b"]|{"x":1}|1769853600500000|n|10.01|20484|-3|18446744073709551615|visa|~|` + "\x01\x02" + `|1.5|1.500s|[{"city":"Thun"}]|{"city":"Bern","zip":3000}|~|4294967295`,
		`0||NEW|~|~|[]|{}|~|~|~|~|0|0|~|~||0|~|[]|~|~|0`,
		`0||NEW||~|[]|{}|~|~|~|~|0|0|~|1||0|~|[]|{}|~|0`,
	} {
		if got := rowText(out, row); got != want {
			t.Errorf("row %d\n got %q\nwant %q", row, got, want)
		}
	}
	whole := append(append([]byte{}, header...), orderMessage(t, file, fullOrder)...)
	for name, c := range map[string]struct {
		data []byte
		code string
	}{
		"no header":  {[]byte{1, 2}, CodeMagic},
		"short":      {whole[:6], CodeTruncated},
		"truncated":  {whole[:len(whole)-3], CodeTruncated},
		"other kind": {framed(2, []byte{0}), CodeIncompatible},
		"nonsense":   {framed(3, []byte{0}), CodeIncompatible},
		"unknown":    {framed(9, []byte{0}), CodeSchema},
		"no message": {framed(1, []byte{2, 20}), CodeIncompatible},
		"utf-8":      {framed(1, append([]byte{2, 2}, 0x12, 1, 0xff)), CodeUTF8},
		"wire type":  {framed(1, append([]byte{2, 2}, 0x0a, 1, 'x')), CodeSyntax},
	} {
		err := p.Decode(columnar.NewBatch(Names(fields), Kinds(fields)), c.data)
		if err == nil || err.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Of a field that is there twice the last value counts, and messages are merged.
	twice := append(orderMessage(t, file, `{"id":"1","address":{"city":"A"}}`), orderMessage(t, file, `{"id":"2","address":{"zip":5}}`)...)
	one := columnar.NewBatch(Names(fields), Kinds(fields))
	if err := p.Decode(one, append(append([]byte{}, header...), twice...)); err != nil {
		t.Fatal(err)
	}
	if got := rowText(one, 0); !strings.HasPrefix(got, "2||NEW|A|5|") || !strings.Contains(got, `{"city":"A","zip":5}`) {
		t.Error(got)
	}
}

func TestLocalProtobuf(t *testing.T) {
	file := orderFile(t)
	if _, err := MessageOf(file, ""); err == nil {
		t.Error("there are two messages")
	}
	if _, err := MessageOf(file, "Nope"); err == nil {
		t.Error("there is no such message")
	}
	md, err := MessageOf(file, "shop.Order")
	if err != nil {
		t.Fatal(err)
	}
	fields := protoFields(t, "duckdb")
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	if err := NewLocalProtobuf(fields, DialectOf("duckdb"), md).Decode(out, orderMessage(t, file, fullOrder)); err != nil {
		t.Fatal(err)
	}
	if m, ok := ProtoShape(md).Find([]string{"address", "zip"}); !ok || m.Type != "integer" || !m.Optional {
		t.Error(m)
	}
}

func FuzzProtobuf(f *testing.F) {
	file := orderFile(f)
	md, err := MessageOf(file, "Order")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(orderMessage(f, file, fullOrder))
	f.Add([]byte{0x0a, 1, 'x'})
	f.Fuzz(func(t *testing.T, data []byte) {
		fields := protoFields(t, "postgres")
		p := NewLocalProtobuf(fields, DialectOf("postgres"), md)
		out := columnar.NewBatch(Names(fields), Kinds(fields))
		if p.Decode(out, data) == nil {
			for i, c := range out.Columns {
				if c.Len() != 1 {
					t.Fatalf("column %d has %d values", i, c.Len())
				}
			}
			// What we can read, the real library can.
			if err := proto.Unmarshal(data, dynamicpb.NewMessage(md)); err != nil && !strings.Contains(err.Error(), "UTF-8") {
				t.Fatalf("it is no message: %v", err)
			}
		}
		q := NewProtobuf(context.Background(), fields, DialectOf("postgres"), protoRegistry{1: {Kind: SchemaProtobuf, Text: orderProto}}, nil)
		_ = q.Decode(columnar.NewBatch(Names(fields), Kinds(fields)), append(binary.BigEndian.AppendUint32([]byte{0}, 1), data...))
	})
}

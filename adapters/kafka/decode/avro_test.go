package decode

import (
	"context"
	"encoding/binary"
	"errors"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"

	"github.com/millrace/millrace/adapters/columnar"
)

func cellText(c *columnar.Column, row int) string {
	if c.IsNull(row) {
		return "~"
	}
	switch c.Kind {
	case columnar.Text, columnar.Bytes:
		return string(c.DataAt(row))
	case columnar.Float:
		return strconv.FormatFloat(c.FloatAt(row), 'g', -1, 64)
	}
	return strconv.FormatInt(c.IntAt(row), 10)
}

const orderSchema = `{"type":"record","name":"Order","fields":[
 {"name":"id","type":"long"},
 {"name":"note","type":["null","string"],"default":null},
 {"name":"status","type":{"type":"enum","name":"Status","symbols":["NEW","PAID"]}},
 {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"skipped","type":{"type":"map","values":{"type":"array","items":"double"}}},
 {"name":"address","type":{"type":"record","name":"Address","fields":[{"name":"city","type":"string"},{"name":"zip","type":"int"}]}},
 {"name":"rate","type":"float"},{"name":"ok","type":"boolean"},
 {"name":"day","type":{"type":"int","logicalType":"date"}}]}`

type fakeRegistry map[int]string

func (r fakeRegistry) Schema(_ context.Context, id int) (*Schema, error) {
	if id == 99 {
		return nil, errors.New("connection refused")
	}
	if s, ok := r[id]; ok {
		return &Schema{Kind: SchemaAvro, Text: s}, nil
	}
	return nil, ErrUnknownSchema
}

func framed(id int, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), payload...)
}

func orderBytes(t testing.TB) []byte {
	t.Helper()
	schema, err := avro.Parse(orderSchema)
	if err != nil {
		t.Fatal(err)
	}
	b, err := avro.Marshal(schema, map[string]any{
		"id": int64(7), "note": map[string]any{"string": "hé"}, "status": "PAID", "amount": big.NewRat(-1995, 100), "at": time.UnixMilli(1700000000123).UTC(),
		"skipped": map[string]any{"a": []any{1.5, 2.5}}, "address": map[string]any{"city": "Oslo", "zip": 150},
		"rate": float32(0.5), "ok": true, "day": time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAvroAgainstTheLibrary(t *testing.T) {
	fields := fieldsOf(t, "postgres", "id bigint!", "note text", "status text", "amount numeric(10,2)", "at timestamptz", "address jsonb", "rate real", "ok boolean", "day date", "absent integer")
	fields = append(fields, Field{Name: "zip", Path: []string{"address", "zip"}, Type: fields[0].Type})
	good := orderBytes(t)
	a := NewAvro(context.Background(), fields, DialectOf("postgres"), fakeRegistry{1: orderSchema, 2: `{"type":"string"}`, 3: `not a schema`}, nil)
	try := func(data []byte) string {
		out := columnar.NewBatch(Names(fields), Kinds(fields))
		if err := a.Decode(out, data); err != nil {
			return err.Code
		}
		out.Rows = 1
		return strings.TrimSuffix(render(out), "\n")
	}
	want := `7|hé|PAID|-19.95|1700000000123000|{"city":"Oslo","zip":150}|0.5|1|19782|~|150`
	if got := try(framed(1, good)); got != want || a.SchemaID() != 1 {
		t.Errorf("got %s, want %s", got, want)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"magic": {append([]byte{1}, good...), CodeMagic}, "empty": {nil, CodeMagic}, "short": {[]byte{0, 0, 0}, CodeTruncated},
		"unknown": {framed(5, good), CodeSchema}, "no record": {framed(2, good), CodeIncompatible}, "no schema": {framed(3, good), CodeIncompatible},
		"outage": {framed(99, good), "outage"}, "trailing": {framed(1, append(good[:len(good):len(good)], 0)), CodeTrailing},
	} {
		if got := try(c.data); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
	for n := range good {
		if got := try(framed(1, good[:n])); got == want {
			t.Errorf("cut at %d it decodes", n)
		}
	}
	local, err := NewLocalAvro(fields, DialectOf("postgres"), orderSchema)
	if err != nil {
		t.Fatal(err)
	}
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	if err := local.Decode(out, good); err != nil {
		t.Error(err)
	}
}

func FuzzAvro(f *testing.F) {
	f.Add(orderBytes(f))
	fields := fieldsOf(f, "postgres", "id bigint!", "note text", "amount numeric(10,2)", "address jsonb", "day date")
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := NewLocalAvro(fields, DialectOf("postgres"), orderSchema)
		if err != nil {
			t.Fatal(err)
		}
		out := columnar.NewBatch(Names(fields), Kinds(fields))
		if err := a.Decode(out, data); err != nil {
			out.Truncate(0)
		}
		for i, c := range out.Columns {
			if c.Len() != out.Columns[0].Len() {
				t.Fatalf("column %d has %d values, column 0 has %d", i, c.Len(), out.Columns[0].Len())
			}
		}
	})
}

func BenchmarkAvro(b *testing.B) {
	fields := fieldsOf(b, "duckdb", "id bigint!", "note text", "status text", "amount numeric(10,2)", "at timestamptz")
	a, err := NewLocalAvro(fields, DialectOf("duckdb"), orderSchema)
	if err != nil {
		b.Fatal(err)
	}
	msg := orderBytes(b)
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		if out.Rows == 4096 {
			out.Truncate(0)
		}
		if err := a.Decode(out, msg); err != nil {
			b.Fatal(err)
		}
		out.Rows++
	}
}

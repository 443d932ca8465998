package decode

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/columnar"
)

const connectSchemaText = `{"type":"struct","fields":[
 {"field":"id","type":"int64"},
 {"field":"price","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}},
 {"field":"day","type":"int32","name":"org.apache.kafka.connect.data.Date"},
 {"field":"clock","type":"int32","name":"org.apache.kafka.connect.data.Time"},
 {"field":"at","type":"int64","name":"org.apache.kafka.connect.data.Timestamp"},
 {"field":"micro","type":"int64","name":"io.debezium.time.MicroTimestamp"},
 {"field":"nano","type":"int64","name":"io.debezium.time.NanoTimestamp"},
 {"field":"zoned","type":"string","name":"io.debezium.time.ZonedTimestamp"},
 {"field":"any","type":"struct","name":"io.debezium.data.VariableScaleDecimal","fields":[{"field":"scale","type":"int32"},{"field":"value","type":"bytes"}]}]}`

var connectColumns = []string{"id bigint!", "price numeric(10,2)", "day date", "clock time", "at timestamp", "micro timestamp with time zone", "nano timestamp", "zoned timestamp with time zone", "any numeric(10,3)"}

const connectPayload = `{"id":1,"price":"A+k=","day":20484,"clock":3600000,"at":1769853600500,"micro":1769853600500000,"nano":1769853600500000000,"zoned":"2026-01-31T10:00:00Z","any":{"scale":3,"value":"/w=="}}`

const connectRow = "1|10.01|20484|01:00:00|1769853600500000|1769853600500000|1769853600500000|1769853600000000|-0.001"

func TestConnectEnvelope(t *testing.T) {
	fields := fieldsOf(t, "postgres", connectColumns...)
	j := NewConnectJSON(fields, DialectOf("postgres"), false)
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	for range 2 {
		if err := j.Decode(out, []byte(`{"schema":`+connectSchemaText+`,"payload":`+connectPayload+`}`)); err != nil {
			t.Fatal(err)
		}
		out.Rows++
	}
	if got := rowText(out, 1); got != connectRow {
		t.Errorf("got %s", got)
	}
	for text, code := range map[string]string{
		`{"id":1}`:                         CodeSyntax,
		`{"schema":null,"payload":null}`:   CodeTombstone,
		`{"schema":5,"payload":{"id":1}}`:  CodeSyntax,
		`{"schema":null,"payload":{}}`:     CodeNull,
		`{"payload":{"id":1},"payload":1}`: CodeDuplicate,
		`{"payload":{"id":1}} x`:           CodeTrailing,
		`{"payload":{"id":`:                CodeTruncated,
		"{\"payload\":\"\xff\"}":           CodeUTF8,
	} {
		if err := j.Decode(columnar.NewBatch(Names(fields), Kinds(fields)), []byte(text)); err == nil || err.Code != code {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func debezium(t testing.TB) (*Debezium, *Layout) {
	t.Helper()
	fields := fieldsOf(t, "postgres", connectColumns...)
	after := NewJSON(fields, DialectOf("postgres"), false)
	d, err := NewDebezium(fields, []int{0}, after, NewJSONKey(fields[:1], DialectOf("postgres")), func(f []Field) (Decoder, error) {
		return NewJSON(f, DialectOf("postgres"), false), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d, &Layout{Fields: fields, Dialect: DialectOf("postgres"), Changes: true, Prior: []int{0}}
}

func TestDebeziumWithSchema(t *testing.T) {
	d, layout := debezium(t)
	schema := `{"type":"struct","fields":[` + strings.Replace(connectSchemaText, `{"type":"struct"`, `{"field":"after","type":"struct"`, 1) + `,` + strings.Replace(connectSchemaText, `{"type":"struct"`, `{"field":"before","type":"struct"`, 1) + `]}`
	var records []*kgo.Record
	for _, v := range []string{
		`{"schema":` + schema + `,"payload":{"before":null,"after":` + connectPayload + `,"op":"r"}}`,
		`{"schema":` + schema + `,"payload":{"before":{"id":9,"day":20484},"after":` + connectPayload + `,"op":"u"}}`,
		`{"schema":` + schema + `,"payload":{"before":` + connectPayload + `,"after":null,"op":"d"}}`,
	} {
		records = append(records, &kgo.Record{Value: []byte(v), Offset: int64(len(records))})
	}
	records = append(records, &kgo.Record{Value: []byte(`{"before":null,"after":null,"op":"d"}`), Key: []byte(`{"schema":{"type":"struct"},"payload":{"id":4}}`), Offset: 3})
	c, err := layout.Decode(d, records)
	if err != nil || len(c.Bad) > 0 {
		t.Fatal(err, c.Bad)
	}
	for i, want := range []string{connectRow + "|~|~", connectRow + "|9|~", connectRow + "|~|~", "4|~|~|~|~|~|~|~|~|~|~"} {
		if got := rowText(c.Batch, i); !strings.HasPrefix(got, want+"|") {
			t.Errorf("row %d: %s", i, got)
		}
	}
}

func FuzzDebezium(f *testing.F) {
	f.Add([]byte(`{"before":{"id":2},"after":{"id":1,"price":"__debezium_unavailable_value"},"op":"u"}`), []byte(`{"id":1}`))
	f.Add([]byte(`{"schema":`+connectSchemaText+`,"payload":{"after":`+connectPayload+`,"op":"c"}}`), []byte(`1`))
	f.Fuzz(func(t *testing.T, value, key []byte) {
		d, layout := debezium(t)
		good := &kgo.Record{Value: []byte(`{"after":{"id":1},"op":"c"}`), Offset: 1}
		c, err := layout.Decode(d, []*kgo.Record{good, {Value: value, Key: key, Offset: 2}, good})
		if err != nil {
			t.Fatal(err)
		}
		for i, col := range c.Batch.Columns {
			if col.Len() != c.Batch.Rows {
				t.Fatalf("column %d has %d values of %d rows", i, col.Len(), c.Batch.Rows)
			}
		}
		if c.Batch.Rows+len(c.Bad) != 3 {
			t.Fatalf("%d rows, %d bad", c.Batch.Rows, len(c.Bad))
		}
	})
}

func FuzzConnect(f *testing.F) {
	f.Add([]byte(`{"schema":` + connectSchemaText + `,"payload":` + connectPayload + `}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fields := fieldsOf(t, "postgres", connectColumns...)
		out := columnar.NewBatch(Names(fields), Kinds(fields))
		if NewConnectJSON(fields, DialectOf("postgres"), false).Decode(out, data) == nil {
			for i, c := range out.Columns {
				if c.Len() != 1 {
					t.Fatalf("column %d has %d values", i, c.Len())
				}
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("1,\"a\"\"b\",2026-01-01\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fields := fieldsOf(t, "postgres", "id bigint!", "name text", "day date")
		out := columnar.NewBatch(Names(fields), Kinds(fields))
		if NewCSV(fields, DialectOf("postgres"), ',').Decode(out, data) == nil {
			for i, c := range out.Columns {
				if c.Len() != 1 {
					t.Fatalf("column %d has %d values", i, c.Len())
				}
			}
		}
	})
}

func TestDefaultsAndAliases(t *testing.T) {
	fields := fieldsOf(t, "duckdb", "id bigint!", "name text", "level integer!")
	fields[1].Aliases = []string{"title"}
	fields[2].Default = "3"
	j := NewJSON(fields, DialectOf("duckdb"), false)
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	for _, text := range []string{`{"id":1,"name":"a","level":5}`, `{"id":2,"title":"b"}`} {
		if err := j.Decode(out, []byte(text)); err != nil {
			t.Fatal(err)
		}
		out.Rows++
	}
	if rowText(out, 0) != "1|a|5" || rowText(out, 1) != "2|b|3" {
		t.Error(rowText(out, 0), rowText(out, 1))
	}
}

func TestKeys(t *testing.T) {
	one := fieldsOf(t, "postgres", "id bigint!")
	two := fieldsOf(t, "postgres", "id bigint!", "shop text!")
	for _, c := range []struct {
		name   string
		dec    Decoder
		fields []Field
		key    string
		want   string
	}{
		{"text", NewTextKey(one[0], DialectOf("postgres")), one, "17", "17"},
		{"int", NewIntegerKey(one[0], DialectOf("postgres")), one, "\xff\xff\xff\xfe", "-2"},
		{"long", NewIntegerKey(one[0], DialectOf("postgres")), one, "\x00\x00\x00\x00\x00\x00\x01\x00", "256"},
		{"bad int", NewIntegerKey(one[0], DialectOf("postgres")), one, "123", CodeKey},
		{"json", NewJSONKey(two, DialectOf("postgres")), two, `{"shop":"a","id":1}`, "1|a"},
		{"bare json", NewJSONKey(one, DialectOf("postgres")), one, `5`, "5"},
		{"enveloped", NewJSONKey(two, DialectOf("postgres")), two, `{"schema":{"type":"struct"},"payload":{"shop":"a","id":1}}`, "1|a"},
		{"enveloped bare", NewJSONKey(one, DialectOf("postgres")), one, `{"schema":{"type":"int64"},"payload":8}`, "8"},
		{"half", NewJSONKey(two, DialectOf("postgres")), two, `{"id":1}`, CodeNull},
		{"text for number", NewTextKey(one[0], DialectOf("postgres")), one, "x", CodeType},
	} {
		out := columnar.NewBatch(Names(c.fields), Kinds(c.fields))
		got := ""
		if err := c.dec.Decode(out, []byte(c.key)); err != nil {
			got = err.Code
		} else {
			got = rowText(out, 0)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

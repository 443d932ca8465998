package decode

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters/columnar"
)

func fieldsOf(t testing.TB, engine string, decls ...string) []Field {
	t.Helper()
	var out []Field
	for _, d := range decls {
		name, typ, _ := strings.Cut(d, " ")
		notNull := strings.HasSuffix(typ, "!")
		parsed, ok := ParseType(strings.TrimSuffix(typ, "!"), DialectOf(engine))
		if !ok {
			t.Fatalf("type %q", typ)
		}
		out = append(out, Field{Name: name, Type: parsed, NotNull: notNull})
	}
	return out
}

// render writes the rows of a batch in a form that tests can compare.
func render(b *columnar.Batch) string {
	var s strings.Builder
	for r := range b.Rows {
		for i, c := range b.Columns {
			if i > 0 {
				s.WriteByte('|')
			}
			s.WriteString(cellText(c, r))
		}
		s.WriteByte('\n')
	}
	return s.String()
}

func TestJSON(t *testing.T) {
	fields := fieldsOf(t, "postgres", "id bigint!", "small smallint", "name text", "code varchar(3)", "amount numeric(6,2)", "rate double precision",
		"ok boolean", "day date", "at timestamp", "zoned timestamptz", "doc jsonb", "uid uuid", "clock time")
	fields = append(fields, Field{Name: "city", Path: []string{"address", "city"}, Type: fields[2].Type},
		Field{Name: "ms", Type: fields[9].Type, Epoch: Millis})
	cases := []struct{ in, want string }{
		{`{"id":1}`, `1|~|~|~|~|~|~|~|~|~|~|~|~|~|~`},
		{` { "small" : -5, "id" : 9007199254740993, "name":"a\u00e9\n\"\ud83d\ude00" , "unknown":[1,{"x":null}] } `,
			"9007199254740993|-5|aé\n\"😀|~|~|~|~|~|~|~|~|~|~|~|~"},
		{`{"id":2,"amount":"1234.5","rate":1e3,"ok":true,"day":"2024-02-29","at":"2024-02-29T12:00:00.5Z","zoned":"2024-01-01 00:00:00+02:00"}`,
			`2|~|~|~|1234.5|1000|1|19782|1709208000500000|1704060000000000|~|~|~|~|~`},
		{`{"id":3,"amount":12.30,"doc":{"b":[1, 2]},"uid":"00000000-0000-0000-0000-00000000000a","clock":"23:59","address":{"city":"Oslo","zip":1},"ms":1700000000123}`,
			`3|~|~|~|12.30|~|~|~|~|~|{"b":[1, 2]}|00000000-0000-0000-0000-00000000000a|23:59|Oslo|1700000000123000`},
		{`{"id":4,"address":null,"code":"äöü"}`, `4|~|~|äöü|~|~|~|~|~|~|~|~|~|~|~`},
		{`{"id":5,"amount":1e2}`, `5|~|~|~|100|~|~|~|~|~|~|~|~|~|~`},
		{`{}`, CodeNull}, {`{"id":null}`, CodeNull},
		{`{"id":"1"}`, CodeType}, {`{"id":1.0}`, CodeType}, {`{"id":true}`, CodeType}, {`{"id":{}}`, CodeType}, {`{"id":[1]}`, CodeType},
		{`{"id":9223372036854775808}`, CodeRange}, {`{"id":1,"small":32768}`, CodeRange}, {`{"id":1,"code":"abcd"}`, CodeRange},
		{`{"id":1,"amount":12345.6}`, CodeRange}, {`{"id":1,"amount":1.234}`, CodeRange}, {`{"id":1,"amount":"x"}`, CodeType},
		{`{"id":1,"rate":1e999}`, CodeRange}, {`{"id":1,"name":5}`, CodeType}, {`{"id":1,"name":"a\u0000"}`, CodeRange},
		{`{"id":1,"doc":"\u0000"}`, CodeRange}, {`{"id":1,"day":"2023-02-29"}`, CodeType}, {`{"id":1,"zoned":"2024-01-01T00:00:00"}`, CodeType},
		{`{"id":1,"at":1700000000}`, CodeType}, {`{"id":1,"uid":"00"}`, CodeType}, {`{"id":1,"address":5}`, CodeType},
		{`{"id":1,"id":2}`, CodeDuplicate}, {`{"id":1}}`, CodeTrailing}, {`{"id":1`, CodeTruncated}, {`{"id":`, CodeTruncated}, {``, CodeTruncated},
		{`{"id":1,}`, CodeSyntax}, {`{id:1}`, CodeSyntax}, {`{"id":01}`, CodeSyntax}, {`{"id":1,"x":"` + "\x01" + `"}`, CodeSyntax}, {`[1]`, CodeType}, {`5`, CodeType},
		{"{\"id\":1,\"x\":\"\xff\"}", CodeUTF8}, {`{"id":1,"x":"\ud800"}`, CodeUTF8},
		{`{"id":1,"x":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`, CodeDepth},
	}
	j := NewJSON(fields, DialectOf("postgres"), false)
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	for _, c := range cases {
		out.Truncate(0)
		err := j.Decode(out, []byte(c.in))
		got := ""
		if err != nil {
			out.Truncate(0)
			got = err.Code
		} else {
			out.Rows = 1
			got = strings.TrimSuffix(render(out), "\n")
		}
		if got != c.want {
			t.Errorf("%s\n got %s (%v)\nwant %s", c.in, got, err, c.want)
		}
	}
	strict := NewJSON(fields, DialectOf("postgres"), true)
	if err := strict.Decode(out, []byte(`{"id":1,"nope":2}`)); err == nil || err.Code != CodeUnknownField {
		t.Errorf("an undeclared field: %v", err)
	}
}

func TestCSVAndRaw(t *testing.T) {
	fields := fieldsOf(t, "duckdb", "id integer!", "name text", "ok boolean")
	c := NewCSV(fields, DialectOf("duckdb"), ',')
	for _, tc := range []struct{ in, want string }{
		{"1,a,true\n", "1|a|1"}, {`2,"x, ""y""",`, `2|x, "y"|~`}, {`3,"",0`, "3||0"}, {"4,a", CodeFields}, {"5,a,t,x", CodeFields},
		{",a,t", CodeNull}, {"x,a,t", CodeType}, {`6,"a`, CodeTruncated}, {`7,a"b,t`, CodeSyntax}, {"8,\xff,t", CodeUTF8},
	} {
		out := columnar.NewBatch(Names(fields), Kinds(fields))
		got := ""
		if err := c.Decode(out, []byte(tc.in)); err != nil {
			got = err.Code
		} else {
			out.Rows = 1
			got = strings.TrimSuffix(render(out), "\n")
		}
		if got != tc.want {
			t.Errorf("%q: got %s, want %s", tc.in, got, tc.want)
		}
	}
	raw := NewRaw(fieldsOf(t, "duckdb", "body json")[0], DialectOf("duckdb"))
	out := columnar.NewBatch([]string{"body"}, []columnar.Kind{columnar.Text})
	if err := raw.Decode(out, []byte(`{"a":1}`)); err != nil || string(out.Columns[0].DataAt(0)) != `{"a":1}` {
		t.Error(err)
	}
	if err := raw.Decode(out, []byte(`{"a":`)); err == nil || err.Code != CodeTruncated {
		t.Error(err)
	}
}

// FuzzJSON looks for panics and for rows that are half there.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"id":1,"name":"x","doc":{"a":[1,2]},"at":"2024-01-01T00:00:00Z"}`))
	f.Add([]byte(`{"id":1,"id":2}`))
	fields := fieldsOf(f, "postgres", "id bigint!", "name text", "doc jsonb", "at timestamptz", "amount numeric(5,2)")
	f.Fuzz(func(t *testing.T, data []byte) {
		j := NewJSON(fields, DialectOf("postgres"), false)
		out := columnar.NewBatch(Names(fields), Kinds(fields))
		if err := j.Decode(out, data); err != nil {
			out.Truncate(0)
		}
		for i, c := range out.Columns {
			if c.Len() != out.Columns[0].Len() {
				t.Fatalf("column %d has %d values, column 0 has %d", i, c.Len(), out.Columns[0].Len())
			}
		}
	})
}

func BenchmarkJSON(b *testing.B) {
	fields := fieldsOf(b, "duckdb", "order_id bigint!", "customer_id bigint", "status text", "amount numeric(12,2)", "currency text", "ordered_at timestamptz")
	j := NewJSON(fields, DialectOf("duckdb"), false)
	msg := []byte(`{"order_id":123456,"customer_id":9876,"status":"placed","amount":129.95,"currency":"EUR","ordered_at":"2026-01-02T03:04:05.678Z","note":"left at the door, please ring","items":[{"sku":"A-1","n":2}]}`)
	out := columnar.NewBatch(Names(fields), Kinds(fields))
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		if out.Rows == 4096 {
			out.Truncate(0)
		}
		if err := j.Decode(out, msg); err != nil {
			b.Fatal(err)
		}
		out.Rows++
	}
}

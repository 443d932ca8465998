package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/compiler/relation"
)

// loadable are the types that have a binary form here, with values of the kind they come in.
var loadable = []struct {
	dtype string
	kind  columnar.Kind
	value func(r *rand.Rand, c *columnar.Column)
}{
	{"text", columnar.Text, texts("", "plain", "tab\tand\nline", `back\slash`, "ünïcode 🜚", `\N`)},
	{"varchar(12)", columnar.Text, texts("", "twelve bytes")},
	{"char(5)", columnar.Text, texts("", "abc", "abcde")},
	{"json", columnar.Text, texts(`{"a": [1, 2.50]}`, `"x"`, "null")},
	{"jsonb", columnar.Text, texts(`{"b": 1, "a": [1, 2.50]}`, `"x"`, "null")},
	{"uuid", columnar.Text, texts("6f1b8a5e-0000-4000-8000-00000000abcd", "6F1B8A5E-0000-4000-8000-0000000000AF")},
	{"numeric", columnar.Text, decimals},
	{"numeric(38,4)", columnar.Text, texts("0", "-0.00", "1234567890123456789012345678901234.5678", "-1.00009", "0.00005")},
	{"smallint", columnar.Integer, integers(math.MinInt16, math.MaxInt16)},
	{"integer", columnar.Integer, integers(math.MinInt32, math.MaxInt32)},
	{"bigint", columnar.Integer, integers(math.MinInt64, math.MaxInt64)},
	{"real", columnar.Float, floats(math.MaxFloat32, math.SmallestNonzeroFloat32, 0.1)},
	{"double precision", columnar.Float, floats(math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1)},
	{"boolean", columnar.Boolean, func(r *rand.Rand, c *columnar.Column) { c.Bool(r.IntN(2) == 0) }},
	{"date", columnar.Date, integers(-719162, 2932896)}, // years 1 to 9999
	{"timestamp", columnar.Timestamp, integers(-62135596800_000_000, 253402300799_999_999)},
	{"timestamptz", columnar.TimestampTZ, integers(-62135596800_000_000, 253402300799_999_999)},
	{"bytea", columnar.Bytes, texts("", "\x00\xff\\", "bytes")},
}

func texts(of ...string) func(*rand.Rand, *columnar.Column) {
	return func(r *rand.Rand, c *columnar.Column) { c.String(of[r.IntN(len(of))]) }
}

func integers(low, high int64) func(*rand.Rand, *columnar.Column) {
	return func(r *rand.Rand, c *columnar.Column) {
		c.Int([]int64{low, high, 0, -1, max(low, min(high, r.Int64()-r.Int64()))}[r.IntN(5)])
	}
}

func floats(of ...float64) func(*rand.Rand, *columnar.Column) {
	of = append(of, 0, math.Inf(1), math.Inf(-1), math.NaN())
	return func(r *rand.Rand, c *columnar.Column) { c.Float(of[r.IntN(len(of))]) }
}

func decimals(r *rand.Rand, c *columnar.Column) {
	digits := func(n int) string {
		var b strings.Builder
		for range r.IntN(n) {
			b.WriteByte("0000123456789"[r.IntN(13)])
		}
		return b.String()
	}
	c.String([]string{"", "-"}[r.IntN(2)] + digits(30) + []string{"0", "7"}[r.IntN(2)] + []string{"", ".", "." + digits(20)}[r.IntN(3)])
}

// TestFormsOfCopy loads the same values as text and in binary form: the server must read the
// same from both.
func TestFormsOfCopy(t *testing.T) {
	ctx := context.Background()
	c := conned(t, engineWith(t, nil), "copy").(*conn)
	defer closed(t, c)
	r := rand.New(rand.NewPCG(7, 7))
	var (
		names, columns, shown []string
		kinds                 []columnar.Kind
	)
	for i, l := range loadable {
		names = append(names, fmt.Sprintf("c%d", i))
		kinds = append(kinds, l.kind)
		columns = append(columns, names[i]+" "+l.dtype)
		shown = append(shown, names[i]+"::text")
	}
	var batches []*columnar.Batch
	for _, rows := range []int{1, 700, 0, 400} {
		b := columnar.NewBatch(names, kinds)
		for range rows {
			for i, l := range loadable {
				if r.IntN(6) == 0 {
					b.Columns[i].Null()
				} else {
					l.value(r, b.Columns[i])
				}
			}
			b.Rows++
		}
		stamp := &columnar.Column{Kind: columnar.TimestampTZ, Const: true}
		stamp.Int(1_767_225_600_123_456)
		nothing := &columnar.Column{Kind: columnar.Text, Const: true}
		nothing.Null()
		batches = append(batches, b.With([]string{"stamp", "nothing"}, stamp, nothing))
	}
	for _, table := range []string{"binary_form", "text_form"} {
		do(t, c, "create table "+table+" ("+strings.Join(columns, ", ")+", stamp timestamptz, nothing inet)")
	}
	types, err := c.fields(ctx, "select * from binary_form")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := binaryCells(types, batches); !ok {
		t.Fatal("the values have no binary form")
	}
	rel := Driver{}.Dialect().New("", "public", "binary_form", relation.Table)
	if n, err := c.LoadColumns(ctx, rel, batches...); err != nil || n != 1101 {
		t.Fatal(n, err)
	}
	if n, err := c.copyIn(ctx, "text_form", batches, textForm); err != nil || n != 1101 {
		t.Fatal(n, err)
	}
	list := strings.Join(shown, ", ") + ", stamp::text, nothing::text"
	for _, sides := range [][2]string{{"binary_form", "text_form"}, {"text_form", "binary_form"}} {
		differ := do(t, c, "(select "+list+" from "+sides[0]+") except all (select "+list+" from "+sides[1]+") limit 3")
		for _, row := range differ.Rows {
			t.Errorf("only in %s: %v", sides[0], row)
		}
	}
}

// TestWhatBinaryFormCannotHold goes to the server as text, which says what is wrong, or that
// nothing is.
func TestWhatBinaryFormCannotHold(t *testing.T) {
	ctx := context.Background()
	for _, tc := range []struct {
		dtype string
		kind  columnar.Kind
		value any
		code  string // "" for a value that the server takes
		want  string
	}{
		{"integer", columnar.Integer, int64(math.MaxInt32 + 1), "22003", ""},
		{"smallint", columnar.Integer, int64(math.MinInt16 - 1), "22003", ""},
		{"real", columnar.Float, 1e300, "22003", ""},
		{"real", columnar.Float, 1e-300, "22003", ""},
		{"numeric", columnar.Text, "1e5", "", "100000"},
		{"numeric", columnar.Text, "NaN", "", "NaN"},
		{"numeric", columnar.Text, ".", "22P02", ""},
		{"numeric", columnar.Text, "", "22P02", ""},
		{"numeric", columnar.Text, "1.2.3", "22P02", ""},
		{"numeric(4,2)", columnar.Text, "123.45", "22003", ""},
		{"uuid", columnar.Text, "{6f1b8a5e-0000-4000-8000-00000000abcd}", "", "6f1b8a5e-0000-4000-8000-00000000abcd"},
		{"uuid", columnar.Text, "6f1b8a5e-0000-4000-8000-00000000abcg", "22P02", ""},
		{"varchar(3)", columnar.Text, "four", "22001", ""},
		{"text", columnar.Text, "a\x00b", "22021", ""},
		{"text", columnar.Text, "a\xffb", "22021", ""},
		{"jsonb", columnar.Text, "{", "22P02", ""},
		{"date", columnar.Date, int64(math.MinInt64), "22009", ""},
		{"timestamp", columnar.Timestamp, int64(math.MinInt64), "22009", ""},
		{"time", columnar.Text, "10:11:12", "", "10:11:12"},
		{"bigint", columnar.Text, "12", "", "12"},
		{"bigint not null", columnar.Integer, nil, "23502", ""},
	} {
		t.Run(fmt.Sprintf("%s %v", tc.dtype, tc.value), func(t *testing.T) {
			c := conned(t, engineWith(t, nil), "copy")
			defer closed(t, c)
			do(t, c, "create temporary table refused (v "+tc.dtype+")")
			b := columnar.NewBatch([]string{"v"}, []columnar.Kind{tc.kind})
			switch v := tc.value.(type) {
			case int64:
				b.Columns[0].Int(v)
			case float64:
				b.Columns[0].Float(v)
			case string:
				b.Columns[0].String(v)
			default:
				b.Columns[0].Null()
			}
			b.Rows++
			_, err := c.(columnar.Loader).LoadColumns(ctx, Driver{}.Dialect().New("", "pg_temp", "refused", relation.Table), b)
			if tc.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got := cell(t, c, "select v::text from refused"); got != tc.want {
					t.Errorf("%q, want %q", got, tc.want)
				}
				return
			}
			var db *adapters.DatabaseError
			if !errors.As(err, &db) || db.Code != tc.code {
				t.Errorf("%v, want an error %s", err, tc.code)
			}
		})
	}
}

// TestExecuteAll sends statements, and the BEGIN before them, together.
func TestExecuteAll(t *testing.T) {
	ctx := context.Background()
	c := conned(t, engineWith(t, nil), "all")
	defer closed(t, c)
	all := c.(adapters.Sequencer)
	done, err := all.ExecuteAll(ctx, "create table sequence (n integer)", "insert into sequence select generate_series(1, 5)", "update sequence set n = 0 where n > 3")
	if err != nil || len(done) != 3 || done[1].RowsAffected != 5 || done[2].RowsAffected != 2 {
		t.Fatal(done, err)
	}
	if err := c.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if n := cell(t, c, "select count(*) from pg_class where relname = 'sequence'"); n != "0" {
		t.Error("what was not committed is there")
	}
	done, err = all.ExecuteAll(ctx, "select 1", "select 1/0", "select 2")
	var db *adapters.DatabaseError
	if !errors.As(err, &db) || db.Code != "22012" || len(done) != 1 {
		t.Errorf("%v %v, want the first response and a division by zero", done, err)
	}
}

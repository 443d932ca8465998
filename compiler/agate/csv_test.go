package agate

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestRecords compares the splitting into records with Python's csv module.
func TestRecords(t *testing.T) {
	data, err := os.ReadFile("testdata/csv.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text, Delimiter string
		Records         [][]string
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 400 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		r, err := newReader(c.Text, CSVOptions{Delimiter: c.Delimiter})
		if err != nil {
			t.Errorf("%q: %v", c.Text, err)
			continue
		}
		var got [][]string
		for {
			rec, ok, err := r.record([]string{})
			if err != nil {
				t.Errorf("%q: %v", c.Text, err)
			}
			if !ok {
				break
			}
			got = append(got, rec)
		}
		if !slices.EqualFunc(got, c.Records, slices.Equal) {
			t.Errorf("%q by %q\n got %q\nwant %q", c.Text, c.Delimiter, got, c.Records)
		}
	}
}

func TestReadCSVErrors(t *testing.T) {
	for _, c := range []struct{ text, delimiter, want string }{
		{"", "", "the file is empty"},
		{"a\n1,2\n", "", "Row 0 has 2 values, but Table only has 1 columns."},
		{"a,b\n1,2", "||", `the delimiter of a seed must be one character, not "||"`},
		{"a\n\x00", "", "line contains NUL"},
		{"a\n\xff", "", "the file is not valid UTF-8 (byte 0xff)"},
		{"a\n" + strings.Repeat("x", maxField+1), "", "a field is longer than the limit of 131072 characters"},
	} {
		_, err := ParseCSV(c.text, CSVOptions{Delimiter: c.delimiter, Path: "seeds/x.csv"})
		var d *diag.Diagnostic
		if !errors.As(err, &d) || !strings.Contains(d.Summary, c.want) || d.Span.Source.Path != "seeds/x.csv" {
			t.Errorf("%.20q: got %v, want %s", c.text, err, c.want)
		}
	}
}

func TestTextColumns(t *testing.T) {
	table, err := ReadCSV(strings.NewReader("\ufeffid;zip;n\n1;00123;4\n2;null;\n"), CSVOptions{Delimiter: ";", TextColumns: []string{"zip", "absent"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(table.Names, " "); got != "id zip n" {
		t.Errorf("names %q", got)
	}
	if table.Types[0] != Number || table.Types[1] != Text || table.Types[2] != Number {
		t.Errorf("types %v", table.Types)
	}
	if got := value.Repr(value.NewTuple(table.Rows[0]...)) + value.Repr(value.NewTuple(table.Rows[1]...)); got != "(Decimal('1'), '00123', Decimal('4'))(Decimal('2'), None, None)" {
		t.Errorf("rows %s", got)
	}
}

// FuzzReadCSV checks what must hold for any text: no panic, and every row as long as the header.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a\n\"x\ny\"\n", "\n1\n", "a;b\n;", "a,a\n2024-01-01,2024-01-01T10:00Z", "x\nnan\n-inf\n1e999999999\n", "d\n2024-W53-7T24\n", "a\n$-5%", "a\n1e999998\n", "a\n1e-999998\n1"} {
		f.Add(s, ",")
	}
	f.Fuzz(func(t *testing.T, text, delimiter string) {
		table, err := ParseCSV(text, CSVOptions{Delimiter: delimiter})
		if err != nil {
			return
		}
		for i, row := range table.Rows {
			if len(row) != len(table.Names) {
				t.Fatalf("row %d has %d values for %d columns", i, len(row), len(table.Names))
			}
			for c, v := range row {
				if v.IsUndefined() {
					t.Fatalf("row %d column %d is undefined", i, c)
				}
			}
		}
		again, err := ParseCSV(table.CSV(), CSVOptions{TextColumns: table.Names})
		if err != nil && len(table.Names) > 0 {
			t.Fatalf("printed text does not read back: %v\n%q", err, table.CSV())
		}
		if err == nil && len(again.Rows) != len(table.Rows) {
			t.Fatalf("%d rows became %d", len(table.Rows), len(again.Rows))
		}
		_ = table.PrintTable(20, 6, 20)
	})
}

func BenchmarkParseCSV(b *testing.B) {
	var text strings.Builder
	text.WriteString("id,name,amount,day,at\n")
	for range 10_000 {
		text.WriteString("12345,some name,19.99,2024-01-02,2024-01-02 03:04:05\n")
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseCSV(text.String(), CSVOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

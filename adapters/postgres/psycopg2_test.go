package postgres

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestAsPsycopg2 compares error texts, responses and values with what psycopg2 gave for
// the same statements; testdata/generate.py asked it.
func TestAsPsycopg2(t *testing.T) {
	ctx := context.Background()
	raw, err := os.ReadFile("testdata/psycopg2.json")
	if err != nil {
		t.Fatal(err)
	}
	root, err := value.ParseJSON(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := root.AsDict()
	cases := func(name string) []value.Value {
		list, ok := all.GetString(name)
		if !ok || len(list.Items()) == 0 {
			t.Fatalf("no cases of %s", name)
		}
		return list.Items()
	}
	e := engineWith(t, map[string]value.Value{"autocommit": value.True})
	c, err := e.Conn(ctx, "x")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, tc := range cases("errors") {
		sql, message, code := value.Str(tc.Items()[0]), value.Str(tc.Items()[1]), value.Str(tc.Items()[2])
		_, _, err := c.Execute(ctx, sql, true, -1)
		var de *adapters.DatabaseError
		if !errors.As(err, &de) {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if de.Message != message || de.Code != code {
			t.Errorf("%s\ngot  %s %s\nwant %s %s", sql, de.Code, de.Message, code, message)
		}
	}
	for _, tc := range cases("status") {
		sql, message := value.Str(tc.Items()[0]), value.Str(tc.Items()[1])
		rows, _ := tc.Items()[2].AsInt()
		r, _, err := c.Execute(ctx, sql, false, -1)
		if err != nil {
			t.Fatal(err)
		}
		// For statements that return rows without a count in their tag, psycopg2 counts them.
		if r.Message != message || r.RowsAffected != rows {
			t.Errorf("%s: got %q %d, want %q %d", sql, r.Message, r.RowsAffected, message, rows)
		}
	}
	for _, tc := range cases("values") {
		expr, want := value.Str(tc.Items()[0]), value.Str(tc.Items()[1])
		r := c.(*conn).pg.ExecParams(ctx, "select "+expr, nil, nil, nil, nil)
		if !r.NextRow() {
			t.Fatal(expr)
		}
		cell := r.Values()[0]
		got := "None"
		if cell != nil {
			got = value.Str(decoderFor(r.FieldDescriptions()[0].DataTypeOID)(string(cell)))
		}
		if _, err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", expr, got, want)
		}
	}
}

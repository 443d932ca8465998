package slicing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/sql"
)

// cases are in testdata: a line "-- what" with what is to be said, then a query.
func cases(t *testing.T, file string, do func(t *testing.T, want, query string)) {
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split("\n"+string(data), "\n-- ")[1:] {
		want, query, _ := strings.Cut(part, "\n")
		t.Run(fmt.Sprintf("%02d", i), func(t *testing.T) { do(t, want, strings.TrimSpace(query)) })
	}
}

var inputs = []Input{{ID: "orders", Text: "@orders", Table: `"db"."raw"."orders"`}, {ID: "payments", Text: "@payments", Table: `"db"."raw"."payments"`}}

// said is an error with the text that it points at.
func said(query string, err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return "ok"
	}
	at := query[min(e.Offset, len(query)):]
	if n := strings.IndexAny(at, " \n("); n > 0 {
		at = at[:n]
	}
	return e.What + " [" + at + "]"
}

func TestAppends(t *testing.T) {
	cases(t, "append.sql", func(t *testing.T, want, query string) {
		if got := said(query, Appends(query, inputs)); got != want {
			t.Errorf("got  %s\nwant %s\n%s", got, want, query)
		}
	})
}

func TestKeys(t *testing.T) {
	cases(t, "keys.sql", func(t *testing.T, want, query string) {
		key, query, _ := strings.Cut(query, "\n")
		list, err := Keys(query, inputs, strings.Split(strings.TrimPrefix(key, "key "), ", "))
		got := said(query, err)
		if err == nil {
			var parts []string
			for _, a := range list {
				parts = append(parts, a.Input.ID+": "+strings.Join(a.Exprs, ", "))
			}
			got = strings.Join(parts, "; ")
		}
		if got != want {
			t.Errorf("got  %s\nwant %s\n%s", got, want, query)
		}
	})
}

func TestAdds(t *testing.T) {
	cases(t, "adds.sql", func(t *testing.T, want, query string) {
		key, query, _ := strings.Cut(query, "\n")
		list, err := Adds(query, inputs, strings.Split(strings.TrimPrefix(key, "key "), ", "))
		got := said(query, err)
		if err == nil {
			var parts []string
			for _, f := range list {
				if f == "" {
					f = "."
				}
				parts = append(parts, string(f))
			}
			got = strings.Join(parts, ", ")
		}
		if got != want {
			t.Errorf("got  %s\nwant %s\n%s", got, want, query)
		}
	})
}

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"select  A, \"B\" -- c\nfrom t /* d /* e */ */ where x = 'a  -- b'": `select a , "B" from t where x = 'a  -- b'`,
		"select $$ a $$, E'\\'' from t":                                     "select $$ a $$ , E'\\'' from t",
		"select 'open":                                                      "select 'open",
	} {
		if got := Normal(in); got != want {
			t.Errorf("%s\n%s", got, want)
		}
	}
}

func FuzzAnalysis(f *testing.F) {
	for _, file := range []string{"append.sql", "keys.sql", "adds.sql"} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "\n-- ") {
			f.Add(part)
		}
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, err := range []error{Appends(query, inputs), func() error { _, err := Keys(query, inputs, []string{"k", "id"}); return err }(),
			func() error { _, err := Adds(query, inputs, []string{"k", "id"}); return err }()} {
			var e *Error
			if errors.As(err, &e) && (e.Offset < 0 || e.Offset > len(query)) {
				t.Errorf("offset %d in a text of %d bytes", e.Offset, len(query))
			}
		}
		Normal(query)
		found, err := Trace(query, func(n sql.Name) (*sql.Relation, bool) {
			return &sql.Relation{Name: n, Columns: []sql.Column{{Name: "k", Type: "INTEGER"}, {Name: "v"}}, Certainty: sql.Known}, true
		})
		if found != nil && (err != nil || len(found.Trace.Columns) != len(found.Columns)) {
			t.Errorf("%d columns with the origins of %d: %v", len(found.Columns), len(found.Trace.Columns), err)
		}
	})
}

package slicing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/sql/query"
)

// cases are in testdata: a line "-- what" with what is to be said, then a query.
func cases(t *testing.T, file string, do func(t *testing.T, want, code string)) {
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split("\n"+string(data), "\n-- ")[1:] {
		want, code, _ := strings.Cut(part, "\n")
		t.Run(fmt.Sprintf("%02d", i), func(t *testing.T) { do(t, want, strings.TrimSpace(code)) })
	}
}

var inputs = []Input{{ID: "orders", Text: "@orders", Table: `"db"."raw"."orders"`}, {ID: "payments", Text: "@payments", Table: `"db"."raw"."payments"`}}

// said is an error with the text that it points at.
func said(code string, err error) string {
	var e *query.Error
	if !errors.As(err, &e) {
		return "ok"
	}
	at := code[min(e.Offset, len(code)):]
	if n := strings.IndexAny(at, " \n("); n > 0 {
		at = at[:n]
	}
	return e.What + " [" + at + "]"
}

func TestAppends(t *testing.T) {
	cases(t, "append.sql", func(t *testing.T, want, code string) {
		if got := said(code, Appends(code, inputs)); got != want {
			t.Errorf("got  %s\nwant %s\n%s", got, want, code)
		}
	})
}

func TestKeys(t *testing.T) {
	cases(t, "keys.sql", func(t *testing.T, want, code string) {
		key, code, _ := strings.Cut(code, "\n")
		list, err := Keys(code, inputs, strings.Split(strings.TrimPrefix(key, "key "), ", "))
		got := said(code, err)
		if err == nil {
			var parts []string
			for _, a := range list {
				parts = append(parts, a.Input.ID+": "+strings.Join(a.Exprs, ", "))
			}
			got = strings.Join(parts, "; ")
		}
		if got != want {
			t.Errorf("got  %s\nwant %s\n%s", got, want, code)
		}
	})
}

func TestAdds(t *testing.T) {
	cases(t, "adds.sql", func(t *testing.T, want, code string) {
		key, code, _ := strings.Cut(code, "\n")
		list, err := Adds(code, inputs, strings.Split(strings.TrimPrefix(key, "key "), ", "))
		got := said(code, err)
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
			t.Errorf("got  %s\nwant %s\n%s", got, want, code)
		}
	})
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
	f.Fuzz(func(t *testing.T, code string) {
		for _, err := range []error{Appends(code, inputs), func() error { _, err := Keys(code, inputs, []string{"k", "id"}); return err }(),
			func() error { _, err := Adds(code, inputs, []string{"k", "id"}); return err }()} {
			var e *query.Error
			if errors.As(err, &e) && (e.Offset < 0 || e.Offset > len(code)) {
				t.Errorf("offset %d in a text of %d bytes", e.Offset, len(code))
			}
		}
	})
}

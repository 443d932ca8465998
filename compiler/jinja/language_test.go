package jinja_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// languageCase is one template with what dbt's Jinja environment makes of it. Mode is text,
// parse (lenient undefined values) or native. A native expectation is the value's repr.
type languageCase struct {
	Cat, Src, Macros, Mode, Err, Expect string
	Line                                int
	Ours                                string // our message where it deliberately differs
}

func loadLanguage(t testing.TB, file string) (cases []languageCase) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func TestLanguage(t *testing.T) { testLanguage(t, "language.json") }

// TestSuite goes through the language area by area; testdata/oracle.py wrote the expectations.
func TestSuite(t *testing.T) { testLanguage(t, "suite.json") }

func testLanguage(t *testing.T, file string) {
	for _, c := range loadLanguage(t, file) {
		t.Run(c.Cat, func(t *testing.T) {
			got, err := renderLanguage(t, c)
			if c.Err == "" {
				if err != nil {
					t.Fatalf("%q\nfailed: %v\nwant %q", c.Src, err, c.Expect)
				}
				if got != c.Expect {
					t.Fatalf("%q\n got %q\nwant %q", c.Src, got, c.Expect)
				}
				return
			}
			if err == nil {
				t.Fatalf("%q\nrendered %q, want error %s", c.Src, got, c.Err)
			}
			var d *diag.Diagnostic
			if !errors.As(err, &d) {
				t.Fatalf("%q: %T is not a diagnostic: %v", c.Src, err, err)
			}
			_, want, _ := strings.Cut(c.Err, ": ")
			if i := strings.Index(want, "\n  line "); i >= 0 {
				want = want[:i]
			}
			if c.Ours != "" {
				want = c.Ours
			}
			if d.Summary != want {
				t.Errorf("%q\n got message %q\nwant %q", c.Src, d.Summary, want)
			}
			if !d.Span.Valid() {
				t.Fatalf("%q: no position", c.Src)
			}
			// Where a block is never closed, we point at its opening tag and Jinja at the end.
			if line, _ := d.Span.Source.Position(d.Span.Start); c.Line > 0 && d.Code != diag.CodeUnclosedBlock && line != c.Line {
				t.Errorf("%q: error at line %d, want %d", c.Src, line, c.Line)
			}
		})
	}
}

func renderLanguage(t *testing.T, c languageCase) (string, error) {
	t.Helper()
	tmpl, d := jinja.Parse(diag.NewSource("case.sql", c.Src))
	if d != nil {
		return "", d
	}
	th := &value.Thread{Globals: caseContext(t, c.Macros)}
	switch c.Mode {
	case "parse":
		th.Undefined = value.UndefinedLenient
	case "native":
		v, err := tmpl.RenderNative(th)
		if err != nil {
			return "", err
		}
		return value.Repr(v), nil
	}
	return tmpl.Render(th)
}

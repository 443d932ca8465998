package jinja_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func seeds(f *testing.F) {
	f.Helper()
	for _, c := range loadCases(f) {
		f.Add(c.Src)
		if c.Macros != "" {
			f.Add(c.Macros)
		}
	}
	data, err := os.ReadFile("testdata/language.json")
	if err != nil {
		f.Fatal(err)
	}
	var cases []languageCase
	if err := json.Unmarshal(data, &cases); err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		f.Add(c.Src)
	}
	for _, name := range []string{"testdata/bench/model.sql", "testdata/bench/macros.sql", "testdata/bench/heavy.sql"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
}

func checkDiag(t *testing.T, text string, d *diag.Diagnostic) {
	t.Helper()
	if d.Code == "" || d.Summary == "" || !d.Span.Valid() || d.Span.Start < 0 || d.Span.End < d.Span.Start || d.Span.End > len(text) {
		t.Fatalf("bad diagnostic %+v for %q", d, text)
	}
}

// FuzzLexer checks the block scanner, the other reader of raw text, against the parser's lexer.
func FuzzLexer(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		blocks, d := jinja.ScanBlocks(diag.NewSource("f", text), "macro", "test", "materialization", "snapshot", "docs")
		if d != nil {
			checkDiag(t, text, d)
		}
		last := 0
		for _, b := range blocks {
			if b.FullSpan.Start < last || b.BodySpan.Start < b.FullSpan.Start || b.BodySpan.End < b.BodySpan.Start || b.FullSpan.End < b.BodySpan.End || b.FullSpan.End > len(text) {
				t.Fatalf("bad block %+v", b)
			}
			last = b.FullSpan.End
		}
	})
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		tmpl, d := jinja.Parse(diag.NewSource("f", text))
		if d != nil {
			checkDiag(t, text, d)
			return
		}
		for _, c := range tmpl.Calls() {
			if c.Name == "" || c.Span.End > len(text) {
				t.Fatalf("bad call %+v", c)
			}
		}
		// Whatever counts as static must render to the same calls.
		calls, ok := tmpl.StaticCalls(parseNames)
		if !ok {
			return
		}
		var made int
		record := func(result value.Value) value.Value {
			return value.Func("f", func(*value.Thread, value.Args) (value.Value, error) {
				made++
				return result, nil
			})
		}
		ctx := mapScope{"execute": value.False, "is_incremental": record(value.False)}
		for _, name := range []string{"ref", "source", "config"} {
			ctx[name] = record(value.String("x"))
		}
		_, err := tmpl.Render(&value.Thread{Globals: ctx, Undefined: value.UndefinedLenient})
		if err != nil && !isLimit(err) || err == nil && made != len(calls) {
			t.Fatalf("%q: static says %d calls, rendering made %d, error %v", text, len(calls), made, err)
		}
	})
}

func isLimit(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.CodeLimit
}

func FuzzRender(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		tmpl, d := jinja.Parse(diag.NewSource("f", text))
		if d != nil {
			return
		}
		limits := value.Limits{Depth: 50, Steps: 20_000, Output: 1 << 20, Range: 10_000}
		for _, policy := range []value.UndefinedPolicy{value.UndefinedDefault, value.UndefinedLenient, value.UndefinedStrict} {
			ctx := caseContext(t, "{% macro wrap() %}<{{ caller() }}>{% endmacro %}{% macro m(a, b=1) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}")
			if _, err := tmpl.Render(&value.Thread{Globals: ctx, Limits: limits, Undefined: policy}); err != nil {
				var d *diag.Diagnostic
				if !errors.As(err, &d) || d.Summary == "" && d.Code != diag.CodeTemplateRuntime || !d.Span.Valid() {
					t.Fatalf("%q: %#v", text, err)
				}
			}
			if _, err := tmpl.RenderNative(&value.Thread{Globals: ctx, Limits: limits, Undefined: policy}); err != nil {
				if !errors.As(err, &d) {
					t.Fatalf("%q: %#v", text, err)
				}
			}
		}
	})
}

package jinja_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func renderWith(t *testing.T, src string, th *value.Thread) (string, *diag.Diagnostic) {
	t.Helper()
	tmpl, d := jinja.Parse(diag.NewSource("models/a.sql", src))
	if d != nil {
		return "", d
	}
	out, err := tmpl.Render(th)
	if err == nil {
		return out, nil
	}
	if !errors.As(err, &d) {
		t.Fatalf("%q: %T is not a diagnostic: %v", src, err, err)
	}
	return "", d
}

// The source marks the expected span with ‹ and ›.
func TestErrorSpans(t *testing.T) {
	for _, c := range []struct {
		src  string
		code diag.Code
		hint string
	}{
		{"a\n{{ ‹model_nam›.x }}", diag.CodeUndefined, "did you mean 'model_name'?"},
		{"{% set total = 1 %}{{ ‹totl› + 1 }}", diag.CodeUndefined, "did you mean 'total'?"},
		{"{{ 'é' }}\n  {{ ‹reff›('x') }}", diag.CodeUnknownMacro, "did you mean 'ref'?"},
		{"{{ ‹zzzzzzzz›() }}", diag.CodeUnknownMacro, "check the spelling; if the macro comes from a package, is the package installed?"},
		{"{{ ‹1 / 0› }}", diag.CodeTemplateRuntime, ""},
		{"{{ [1] | join(‹nope›.x) }}", diag.CodeUndefined, ""},
		{"{{ d.‹nope›() }}", diag.CodeUndefined, ""},
		{"{{ ‹d.nope›.x }}", diag.CodeUndefined, ""},
		{"{{ 1 + ‹nope› }}", diag.CodeUndefined, ""},
		{"{{ ‹m(1, 2, 3)› }}", diag.CodeTemplateRuntime, ""},
		{"{{ ‹\"a\"|int(base=\"q\")› }}", diag.CodeTemplateRuntime, ""},
		{"select 1\n‹{% if› true %}\n a", diag.CodeUnclosedBlock, ""},
		{"{% if true %}‹{% for› x in [1] %}\n a", diag.CodeUnclosedBlock, ""},
		{"x ‹{{› ref('a'", diag.CodeUnclosedBlock, ""},
		{"x ‹{%› set a = 1", diag.CodeUnclosedBlock, ""},
		{"x ‹{#› abc", diag.CodeUnclosedBlock, ""},
		{"x ‹{% raw %}› abc {% endif %}", diag.CodeUnclosedBlock, ""},
		{"{% ‹fro› x in y %}", diag.CodeTemplateSyntax, "did you mean 'for'?"},
		{"{% if a %}{% ‹endfor› %}{% endif %}", diag.CodeTemplateSyntax, ""},
		{"{{ ‹'a'|uper› }}", diag.CodeTemplateSyntax, "did you mean 'upper'?"},
		{"{{ foo ‹bar› }}", diag.CodeTemplateSyntax, ""},
		{"{{ (1 ‹]› }}", diag.CodeTemplateSyntax, ""},
		{"{{ ‹'a\\x4'› }}", diag.CodeTemplateSyntax, ""},
		{"{% for ‹a, b› in [1] %}{% endfor %}", diag.CodeTemplateRuntime, ""},
		{"{% for a in ‹1› %}{% endfor %}", diag.CodeTemplateRuntime, ""},
		{"{% set ‹d.x› = 1 %}", diag.CodeTemplateRuntime, ""},
		{"{% ‹include› 'x' %}", diag.CodeTemplateSyntax, "'include' cannot load another template; macros are visible everywhere without it."},
	} {
		before, rest, _ := strings.Cut(c.src, "‹")
		marked, after, _ := strings.Cut(rest, "›")
		src := before + marked + after
		if strings.Contains(marked, "include") {
			before, marked = before[:len(before)-3], "{% "+marked
		}
		th := &value.Thread{Globals: caseContext(t, "{% macro m(a) %}{% endmacro %}")}
		out, d := renderWith(t, src, th)
		if d == nil {
			t.Errorf("%q rendered %q", src, out)
			continue
		}
		if d.Code != c.code || d.Hint != c.hint || d.Kind != diag.Compilation {
			t.Errorf("%q: code %s hint %q (%s), want %s %q", src, d.Code, d.Hint, d.Summary, c.code, c.hint)
		}
		if d.Span.Start != len(before) || d.Span.End != len(before)+len(marked) {
			t.Errorf("%q: %s at %q, want %q", src, d.Summary, src[d.Span.Start:d.Span.End], marked)
		}
	}
}

func TestUnclosedSaysWhereTheInputEnds(t *testing.T) {
	_, d := jinja.Parse(diag.NewSource("m.sql", "a\n{% if x %}\n b\n"))
	if d == nil || !strings.Contains(d.Detail, "m.sql:4:1") || len(d.Related) != 1 || d.Span.String() != "m.sql:2:1" {
		t.Fatalf("got %+v", d)
	}
	if want := "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'."; d.Summary != want {
		t.Errorf("got %q", d.Summary)
	}
}

// A part of a file keeps the positions of the file.
func TestParseAtKeepsPositions(t *testing.T) {
	src := diag.NewSource("m.sql", "head\n{% macro m() %}\n {{ nope.x }}\n{% endmacro %}\ntail {{ broken")
	blocks, d := jinja.ScanBlocks(diag.NewSource("m.sql", src.Text[:strings.Index(src.Text, "tail")]), "macro")
	if d != nil || len(blocks) != 1 {
		t.Fatal(blocks, d)
	}
	tmpl, d := jinja.ParseAt(src, blocks[0].FullSpan.Start, blocks[0].FullSpan.End)
	if d != nil {
		t.Fatal(d)
	}
	_, err := tmpl.Macros()[0].Call(&value.Thread{}, value.Args{})
	if !errors.As(err, &d) || d.Span.String() != "m.sql:3:5" {
		t.Fatalf("%v at %s", err, d.Span)
	}
}

// Every macro on the way out is recorded with the place it was called from.
func TestMacroTrace(t *testing.T) {
	macros := "{% macro inner(x) %}\n{{ x.y.z }}{% endmacro %}\n{% macro outer() %}{{ inner(1) }}{% endmacro %}"
	_, d := renderWith(t, "a\n  {{ outer() }}", &value.Thread{Globals: caseContext(t, macros)})
	if d == nil {
		t.Fatal("no error")
	}
	got := []string{d.Span.String()}
	for _, r := range d.Related {
		got = append(got, r.Message+" at "+r.Span.String())
	}
	want := []string{"macros.sql:2:4", "in macro inner at macros.sql:3:23", "in macro outer at models/a.sql:2:6"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestLimits(t *testing.T) {
	ctx := caseContext(t, "{% macro f(n) %}{{ f(n) }}{% endmacro %}{% macro g() %}{% call g() %}{{ caller() }}{% endcall %}{{ caller }}{% endmacro %}")
	for _, c := range []struct {
		src    string
		limits value.Limits
	}{
		{"{{ f(1) }}", value.Limits{}},
		{"{% call g() %}{% endcall %}", value.Limits{}},
		{"{% macro r() %}{{ dbt_macro__r() }}{% endmacro %}{{ dbt_macro__r() }}", value.Limits{}},
		{"{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", value.Limits{}},
		{"{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", value.Limits{Steps: 100_000}},
		{"{% set l = [1] %}{% for x in l %}{% do l.append(1) %}{% endfor %}", value.Limits{Steps: 100_000}},
		{"{% set l = [1] %}{% for x in l if false %}{% else %}{% endfor %}{% for x in l if l.append(1) %}{% endfor %}", value.Limits{Steps: 100_000}},
		{"{% for a in range(1000) %}aaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}", value.Limits{Output: 1000}},
		{"{% set s = 'aaaaaaaaaaaaaaaaaaaaaaaaa' %}{% set s = s ~ s ~ s ~ s %}{% set s = s ~ s ~ s ~ s %}{% set s = s ~ s ~ s ~ s %}", value.Limits{Output: 1000}},
		{strings.Repeat("{{ (", 1) + strings.Repeat("(", 100_000), value.Limits{}},
		{"{{ " + strings.Repeat("-", 100_000) + "1 }}", value.Limits{}},
		{"{{ " + strings.Repeat("not ", 100_000) + "1 }}", value.Limits{}},
		{"{{ 1" + strings.Repeat(" + 1", 100_000) + " }}", value.Limits{}},
		{"{{ a" + strings.Repeat(".a", 100_000) + " }}", value.Limits{}},
		{"{{ a" + strings.Repeat("|upper", 100_000) + " }}", value.Limits{}},
		{"{{ 1" + strings.Repeat(" if 1 else 1", 100_000) + " }}", value.Limits{}},
		{"{{ 1" + strings.Repeat(" if 1", 100_000) + " }}", value.Limits{}},
		{strings.Repeat("{% if 1 %}", 100_000), value.Limits{}},
		{strings.Repeat("{% macro m(a: ", 1) + strings.Repeat("x[", 100_000), value.Limits{}},
		{"{% set " + strings.Repeat("(", 100_000), value.Limits{}},
	} {
		_, d := renderWith(t, c.src, &value.Thread{Globals: ctx, Limits: c.limits})
		if d == nil || d.Code != diag.CodeLimit || !d.Span.Valid() {
			t.Errorf("%.60q…: got %v", c.src, d)
		}
	}
}

func TestCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	tmpl, d := jinja.Parse(diag.NewSource("a", "{% for a in range(100000) %}{% endfor %}"))
	if d != nil {
		t.Fatal(d)
	}
	if _, err := tmpl.Render(&value.Thread{Context: ctx}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestStrictUndefined(t *testing.T) {
	for _, src := range []string{
		"{{ nope }}", "{% if nope %}{% endif %}", "{% for x in nope %}{% endfor %}", "{{ nope ~ 1 }}", "{{ nope == 1 }}",
		"{{ not nope }}", "{{ 1 if nope }}", "{{ nope and 1 }}", "{{ nope|upper }}", "{{ d.nope }}",
	} {
		_, d := renderWith(t, src, &value.Thread{Globals: caseContext(t, ""), Undefined: value.UndefinedStrict})
		if d == nil || d.Code != diag.CodeUndefined {
			t.Errorf("%s: got %v", src, d)
		}
	}
	out, d := renderWith(t, "{{ nope is defined }}{{ nope|default(1) }}", &value.Thread{Undefined: value.UndefinedStrict})
	if d != nil || out != "False1" {
		t.Errorf("got %q, %v", out, d)
	}
}

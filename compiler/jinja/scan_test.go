package jinja_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
)

// The expectations are what dbt's extract_toplevel_blocks gives for the same text.
func TestScanBlocks(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a {% macro m(x='%}') %} b {% endmacro %} c", `macro m "{% macro m(x='%}') %} b {% endmacro %}" " b "`},
		{"a\n {%- macro m() -%} b \n {%- endmacro -%} c", `macro m "\n {%- macro m() -%} b \n {%- endmacro -%} " "b"`},
		{"{# {% macro z() %} #}{% docs d %}don't{% enddocs %}", `docs d "{% docs d %}don't{% enddocs %}" "don't"`},
		{"{% raw %}{% macro z() %}{% endraw %}{% macro y() %}{% endmacro %}", `macro y "{% macro y() %}{% endmacro %}" ""`},
		{"{% set x = 1 %}{{ '{% macro z() %}' }}{% if a %}{% endif %}", ""},
		{"{%+ macro p() %}{% endmacro %}", ""},
		{"{% macro a() %}{% if x %}{{ y }}{% endif %}{% endmacro %}{% test t(m) %}{% endtest %}",
			`macro a "{% macro a() %}{% if x %}{{ y }}{% endif %}{% endmacro %}" "{% if x %}{{ y }}{% endif %}"` + "\n" + `test t "{% test t(m) %}{% endtest %}" ""`},
		{"{% snapshot s %}{{ config(a='{% endsnapshot %}') }}{% endsnapshot %}", `snapshot s "{% snapshot s %}{{ config(a='{% endsnapshot %}') }}{% endsnapshot %}" "{{ config(a='{% endsnapshot %}') }}"`},
		{"{% macro %}{% endmacro %}", `macro  "{% macro %}{% endmacro %}" ""`},
		{"{% other x %}{% endother %}", ""},
	} {
		blocks, d := jinja.ScanBlocks(diag.NewSource("m.sql", c.src), "macro", "test", "docs", "snapshot")
		if d != nil {
			t.Errorf("%q: %v", c.src, d)
			continue
		}
		var got []string
		for _, b := range blocks {
			got = append(got, fmt.Sprintf("%s %s %q %q", b.Kind, b.Name, c.src[b.FullSpan.Start:b.FullSpan.End], c.src[b.BodySpan.Start:b.BodySpan.End]))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.src, strings.Join(got, "\n"), c.want)
		}
	}
}

func TestScanBlocksErrors(t *testing.T) {
	for _, c := range []struct {
		src, want, at string
		code          diag.Code
	}{
		{"x\n{% macro a() %}\nb", "Reached EOF without finding a close tag for macro (searched from line 2)", "m.sql:2:1", diag.CodeUnclosedBlock},
		{"{% if x %}{% macro a() %}{% endmacro %}{% endif %}", "Got a block definition inside control flow at 1:10. All dbt block definitions must be at the top level", "m.sql:1:11", diag.CodeTemplateSyntax},
		{"{% macro a() %}{% macro b() %}{% endmacro %}", "Got nested tags: macro (started at 0) did not have a matching {% endmacro %} before a subsequent macro was found (started at 15)", "m.sql:1:1", diag.CodeUnclosedBlock},
		{"a\n{% endif %}", "Got an unexpected control flow end tag, got endif but never saw a preceding if (@ 2:0)", "m.sql:2:1", diag.CodeTemplateSyntax},
		{"{% for a in b %}{% endif %}", "Got an unexpected control flow end tag, got endif but expected endfor next (@ 1:16)", "m.sql:1:17", diag.CodeTemplateSyntax},
		{"a {{ 'x", "unexpected EOF, expected string", "m.sql:1:3", diag.CodeUnclosedBlock},
		{"a {# x", "unexpected EOF, expected #}", "m.sql:1:3", diag.CodeUnclosedBlock},
		{"a {% if x", `unexpected EOF, expected tag close ("%}")`, "m.sql:1:3", diag.CodeUnclosedBlock},
		{"a {% raw %} x", "unexpected EOF, expected {% raw %}...{% endraw %}", "m.sql:1:3", diag.CodeUnclosedBlock},
	} {
		_, d := jinja.ScanBlocks(diag.NewSource("m.sql", c.src))
		if d == nil {
			t.Errorf("%q: no error", c.src)
			continue
		}
		if d.Summary != c.want || d.Span.String() != c.at || d.Code != c.code {
			t.Errorf("%q\n got %s %s %s\nwant %s %s %s", c.src, d.Code, d.Span, d.Summary, c.code, c.at, c.want)
		}
	}
}

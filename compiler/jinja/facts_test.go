package jinja_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func mustParse(t testing.TB, text string) *jinja.Template {
	t.Helper()
	tmpl, d := jinja.Parse(diag.NewSource("t.sql", text))
	if d != nil {
		t.Fatalf("%s: %v", d.Span, d)
	}
	return tmpl
}

func describeCalls(calls []jinja.StaticCall) string {
	var parts []string
	for _, c := range calls {
		var args []string
		for _, a := range c.Args {
			args = append(args, value.Repr(a))
		}
		for _, a := range c.Kwargs {
			args = append(args, a.Name+"="+value.Repr(a.Value))
		}
		s := c.Name + "(" + strings.Join(args, ", ") + ")"
		if !c.Literal {
			s += "?"
		}
		if c.Conditional {
			s += "~"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func TestCalls(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"{{ config(materialized='table', tags=['a', -1]) }} from {{ ref('x') }}", "config(materialized='table', tags=['a', -1]) ref('x')"},
		{"{{ dbt_utils.star(from=ref('x')) }}", "ref('x') dbt_utils.star(from=Undefined)?"},
		{"{{ adapter.dispatch('m', 'p')(ref('a')) }}", "adapter.dispatch('m', 'p') ref('a')"},
		{"{% if is_incremental() %}{{ ref('b') }}{% endif %}", "is_incremental() ref('b')~"},
		{"{% for x in xs() %}{{ f(x) }}{% endfor %}", "xs() f(Undefined)?~"},
		{"{{ a() or b() }}{{ c() if d() else e() }}", "a() b()~ d() c()~ e()~"},
		{"{% set ref = 1 %}{{ ref('x') }}{{ source('a', 'b').x.y('z') }}", "source('a', 'b')"},
		{"{% call statement('x') %}{{ ref('y') }}{% endcall %}", "statement('x') ref('y')~"},
		{"{% macro m() %}{{ ref('x') }}{% endmacro %}{{ f(*a, **b) }}", "f()?"},
		{"{% set q %}{{ ref('x') }}{% endset %}{% do log('a' ~ var('b')) %}", "ref('x') var('b') log(Undefined)?"},
		{"{{ a.b.c(1) }}{{ x[0](2) }}{{ 'a'.upper() }}", "a.b.c(1)"},
	} {
		if got := describeCalls(mustParse(t, c.src).Calls()); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.src, got, c.want)
		}
	}
}

func TestMacroFacts(t *testing.T) {
	tmpl := mustParse(t, `{% macro m(a, b: Dict[str, list[int]] = ref('d'), c=1) %}{{ dbt.hash(a) }}{% macro inner() %}{{ z() }}{% endmacro %}{% endmacro %}
{%- materialization mat, adapter='duckdb', supported_languages=['sql', 'python'] -%} {% endmaterialization %}
{% materialization mat2, default %}{% endmaterialization %}
{% test unique_x(model) %}{% endtest %}{% data_test other(model, column_name) %}{% enddata_test %}
{% docs some_doc %} *free* {{ text }} {% if %} {% enddocs %}
{% snapshot snap %}select 1{% endsnapshot %}`)
	var got []string
	for _, m := range tmpl.Macros() {
		var params []string
		for _, p := range m.Params {
			params = append(params, fmt.Sprintf("%s:%s:%v", p.Name, p.Type, p.Required))
		}
		name := m.NameSpan.Source.Text[m.NameSpan.Start:m.NameSpan.End]
		got = append(got, fmt.Sprintf("%d %s %s [%s] %s %v %q", m.Kind, m.Name, name, strings.Join(params, " "), m.Adapter, m.SupportedLanguages, m.Text))
	}
	want := []string{
		`0 m m [a::true b:Dict[str, list[int]]:false c::false]  [] ""`,
		`2 materialization_mat_duckdb mat [supported_languages::false] duckdb [sql python] ""`,
		`2 materialization_mat2_default mat2 [supported_languages::false] default [sql] ""`,
		`1 test_unique_x unique_x [model::true]  [] ""`,
		`1 test_other other [model::true column_name::true]  [] ""`,
		`4 some_doc some_doc []  [] "*free* {{ text }} {% if %}"`,
		`3 snap snap []  [] ""`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := describeCalls(tmpl.Macros()[0].Calls()), "ref('d')~ dbt.hash(Undefined)?~ z()~"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	id := tmpl.Macros()[0].WithID("macro.p.m")
	if id.UniqueID != "macro.p.m" || tmpl.Macros()[0].UniqueID != "" {
		t.Error("WithID must copy")
	}
}

func TestFreeNames(t *testing.T) {
	got := mustParse(t, "{{ a }}{% set b = 1 %}{{ b }}{% for c in d %}{{ c }}{{ loop.index }}{{ a }}{% endfor %}{% macro m(p) %}{{ p }}{{ q }}{{ caller() }}{% endmacro %}{% if e %}{% set f = 1 %}{% endif %}{{ f }}").FreeNames()
	// f is the context's when the condition is false.
	if want := "a d e f q"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestConstant(t *testing.T) {
	for src, want := range map[string]bool{
		"": true, "a\n\n": true, "{ a }": true, "a } b %": true, "{{": false, "a #}": false, "{%": false, "}}": false, "%}": false,
	} {
		if got := jinja.IsConstant(src); got != want {
			t.Errorf("%q: got %v", src, got)
		}
	}
	if text, ok := mustParse(t, "a\r\n\n").Constant(); !ok || text != "a\r\n\n" {
		t.Errorf("got %q %v", text, ok)
	}
}

var parseNames = map[string]bool{"ref": true, "source": true, "config": true, "is_incremental": false, "execute": false}

func TestStaticCalls(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"select 1", ""},
		{"{{ config(materialized='incremental') }}\nselect * from {{ ref('x') }} {% if is_incremental() %} where {{ compare(this) }} > (select max(a) from {{ this }}) {% endif %}",
			"config(materialized='incremental') ref('x') is_incremental()"},
		{"{% if is_incremental() %}{{ ref('a') }}{% elif execute %}{{ boom() }}{% else %}{{ ref('b') }}{% endif %}", "is_incremental() ref('b')"},
		{"{% if is_incremental() and var('x') %}{{ ref('a') }}{% endif %}", "is_incremental()"},
		{"{% set methods = ['a', 'b'] %}{% for m in methods %}sum({{ m }}){{ ',' if not loop.last }}{% endfor %} from {{ ref('x') }}", "ref('x')"},
		{"{% set x = ref('a') %}{{ x }}{{ this.schema }}{{ target.name == 'dev' }}", "ref('a')"},
		{"{% if target.name == 'dev' %}limit 10{% endif %}", ""},
		{"{% raw %}{{ x }}{% endraw %}{# {{ boom() }} #}", ""},
	} {
		calls, ok := mustParse(t, c.src).StaticCalls(parseNames)
		if got := describeCalls(calls); !ok || got != c.want {
			t.Errorf("%s\n got %v %s\nwant %s", c.src, ok, got, c.want)
		}
	}
	for _, src := range []string{
		"{{ dbt_utils.star(ref('x')) }}", "{{ ref(x) }}", "{{ ref('a' ~ 'b') }}", "{% for x in [1] %}{{ ref('a') }}{% endfor %}",
		"{% for x in xs %}{% endfor %}", "{% if target.name == 'dev' %}{{ ref('a') }}{% endif %}", "{{ 1 / 0 }}", "{{ x + 1 }}",
		"{{ x | length }}", "{% call f() %}{% endcall %}", "{% do return(1) %}", "{% set ref = f %}{{ ref('a') }}",
		"{% if is_incremental(1) %}{% endif %}", "{{ ref('a').x() }}", "{% set x = [1] %}{% set x = y %}{% for a in x %}{% endfor %}",
		"{{ x[0] }}", "{% set a, b = 1, 2 %}", "{% if x < 1 %}{% endif %}", "{{ config(**x) }}", "{% set l = [1] %}{% if q %}{% set l = 5 %}{% endif %}{% for x in l %}{% endfor %}",
		"{% if q %}{% set l = [1] %}{% endif %}{% for x in l %}{% endfor %}",
	} {
		if mustParse(t, src).OnlyStatic(parseNames) {
			t.Errorf("%s counts as static", src)
		}
	}
}

// TestAlone: a call is alone when its value is all that a print tag prints.
func TestAlone(t *testing.T) {
	for src, want := range map[string]bool{
		"{{ doc('a') }}":                true,
		"x {{ doc('p', 'a') }} y":       true,
		"{{ doc('a') | upper }}":        false,
		"{{ doc('a').format(x=1) }}":    false,
		"{{ f(doc('a')) }}":             false,
		"{% set x = doc('a') %}{{ x }}": false,
	} {
		for _, c := range mustParse(t, src).Calls() {
			if c.Name == "doc" && c.Alone != want {
				t.Errorf("%s: alone is %v", src, c.Alone)
			}
		}
	}
}

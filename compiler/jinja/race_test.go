package jinja_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

const sharedMacros = `
{%- set prefix = 'p_' -%}
{% macro cols(n) %}{% for i in range(n) %}{{ prefix }}{{ i }}{{ ", " if not loop.last }}{% endfor %}{% endmacro %}
{% macro wrap(tag, upper=false) %}<{{ tag }}:{{ who }}>{{ caller(1) | upper if upper else caller(1) }}{{ kwargs }}{{ varargs }}</{{ tag }}>{% endmacro %}
{% macro pick(xs) %}{% set out = [] %}{% for x in xs if x %}{% do out.append(x) %}{% endfor %}{% do return(out) %}{% endmacro %}
`

// Templates and macros are shared; every render has its own context and must see only that.
func TestSharedByGoroutines(t *testing.T) {
	macros := mustParse(t, sharedMacros)
	tmpl := mustParse(t, `{% set x = pick([0, who, none]) %}{% call(n) wrap('a', k=x) %}{{ who }}{{ n }}{{ x[0] }}{% endcall %} {{ cols(3) }}`)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			who := "w" + strconv.Itoa(g)
			ctx := mapScope{"who": value.String(who), "return": returnFunc()}
			for _, m := range macros.Macros() {
				ctx[m.Name] = value.FromObject(m)
			}
			want := "<a:" + who + ">" + who + "1" + who + "{'k': ['" + who + "']}()</a> p_0, p_1, p_2"
			for range 200 {
				out, err := tmpl.Render(&value.Thread{Globals: ctx})
				if err != nil || out != want {
					t.Errorf("got %q, %v\nwant %q", out, err, want)
					return
				}
			}
		}()
	}
	wg.Wait()
}

type recorder struct{ seen []string }

func (r *recorder) EnterMacro(m *jinja.Macro) { r.seen = append(r.seen, "+"+m.UniqueID) }
func (r *recorder) ExitMacro(m *jinja.Macro)  { r.seen = append(r.seen, "-"+m.UniqueID) }

func TestHostSeesMacros(t *testing.T) {
	macros, d := jinja.Parse(diag.NewSource("m.sql", "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ stack() }}{{ boom() }}{% endmacro %}"))
	if d != nil {
		t.Fatal(d)
	}
	ctx := mapScope{}
	for _, m := range macros.Macros() {
		ctx[m.Name] = value.FromObject(m.WithID("macro.p." + m.Name))
	}
	var frames []string
	ctx["stack"] = value.Func("stack", func(th *value.Thread, _ value.Args) (value.Value, error) {
		for _, f := range th.Frames {
			frames = append(frames, f.Macro)
		}
		return value.String(""), nil
	})
	r := &recorder{}
	th := &value.Thread{Globals: ctx, Host: r}
	if _, err := mustParse(t, "{{ a() }}").Render(th); err == nil {
		t.Fatal("no error")
	}
	if got := r.seen; len(got) != 4 || got[0] != "+macro.p.a" || got[1] != "+macro.p.b" || got[2] != "-macro.p.b" || got[3] != "-macro.p.a" {
		t.Errorf("recorded %v", got)
	}
	if len(frames) != 2 || frames[0] != "macro.p.a" || frames[1] != "macro.p.b" || len(th.Frames) != 0 {
		t.Errorf("frames %v, left %v", frames, th.Frames)
	}
}

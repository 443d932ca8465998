package builtin_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/builtin"
	"github.com/millrace/millrace/compiler/jinja/value"
)

type globals struct{}

func (globals) Lookup(_ *value.Thread, name string) (value.Value, bool) {
	v, ok := builtin.Globals[name]
	return v, ok
}
func (globals) Names() []string { return nil }

func parse(t *testing.T, src string) *jinja.Template {
	t.Helper()
	tmpl, d := jinja.Parse(diag.NewSource("case.yml", src))
	if d != nil {
		t.Fatal(d)
	}
	return tmpl
}

// TestNativeFilters renders values as YAML files do and text as SQL does.
func TestNativeFilters(t *testing.T) {
	for _, c := range []struct{ src, native, text string }{
		{"{{ '1' | as_number }}", "1", "1"},
		{"{{ '1.5' | as_number }}", "1.5", "1.5"},
		{"{{ 'True' | as_bool }}", "True", "True"},
		{"{{ '1' }}", "'1'", "1"},
		{"{{ 1 }}", "'1'", "1"}, // constants are joined as text when the template is compiled
		{"{{ '1' | as_text }}", "'1'", "1"},
		{"{{ '[1, 2]' | as_native }}", "[1, 2]", "[1, 2]"},
		{"{{ 'nope' | as_native }}", "'nope'", "nope"},
		{"{{ '1' | as_number | upper }}", "'1'", "1"},
		{"x{{ '1' | as_number }}", "'x1'", "x1"},
		{"{{ [1] | is_list }}", "'True'", "True"},
		{"{{ range(2) | list | is_list }}", "True", "True"},
		{"{{ '<' | e }}", "'&lt;'", "&lt;"},
	} {
		tmpl := parse(t, c.src)
		v, err := tmpl.RenderNative(&value.Thread{Globals: globals{}})
		if err != nil || value.Repr(v) != c.native {
			t.Errorf("%s native: %s %v, want %s", c.src, value.Repr(v), err, c.native)
		}
		s, err := tmpl.Render(&value.Thread{Globals: globals{}})
		if err != nil || s != c.text {
			t.Errorf("%s text: %s %v, want %s", c.src, s, err, c.text)
		}
	}
	for _, src := range []string{"{{ 'true' | as_bool }}", "{{ 'x' | as_number }}", "{{ 'True' | as_number }}"} {
		if v, err := parse(t, src).RenderNative(&value.Thread{Globals: globals{}}); err == nil {
			t.Errorf("%s gave %s", src, value.Repr(v))
		}
	}
}

// TestState renders templates whose result depends on calls before.
func TestState(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"{% set c = cycler('a','b') %}{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.next() }}{% do c.reset() %}{{ c.next() }}", "abbaa"},
		{"{% set j = joiner('|') %}{% for i in range(3) %}{{ j() }}{{ i }}{% endfor %}", "0|1|2"},
		{"{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6"},
		{"{% set g = [1,2,3]|map('string') %}{{ g|first }}{{ g|first }}{{ g|list }}{{ g|list }}", "12['3'][]"},
		{"{% set l = [3,1,2] %}{% do l.sort(reverse=true) %}{{ l }}{% do l.insert(1, 9) %}{{ l.pop(0) }}{{ l }}", "[3, 2, 1]3[9, 2, 1]"},
		{"{% set d = {'a': 1} %}{% do d.update({'b': 2}, c=3) %}{{ d.pop('a') }}{{ d }}{{ d.popitem() }}{{ d.setdefault('z', []).append(1) }}{{ d }}", "1{'b': 2, 'c': 3}('c', 3)None{'b': 2, 'z': [1]}"},
		{"{% set d = {} %}{% set v = d.items() %}{% do d.update(a=1) %}{{ v }}{{ v|length }}", "dict_items([('a', 1)])1"},
	} {
		if got, err := parse(t, c.src).Render(&value.Thread{Globals: globals{}}); err != nil || got != c.want {
			t.Errorf("%s\n got %s %v\nwant %s", c.src, got, err, c.want)
		}
	}
}

func TestLipsum(t *testing.T) {
	got, err := parse(t, "{{ lipsum(n=3, html=false, min=5, max=9) }}").Render(&value.Thread{Globals: globals{}})
	if err != nil {
		t.Fatal(err)
	}
	paragraphs := strings.Split(got, "\n\n")
	if len(paragraphs) != 3 {
		t.Fatalf("%d paragraphs: %s", len(paragraphs), got)
	}
	for _, p := range paragraphs {
		if n := len(strings.Fields(p)); n < 5 || n > 8 || !strings.HasSuffix(p, ".") || strings.ToUpper(p[:1]) != p[:1] {
			t.Errorf("%d words: %s", n, p)
		}
	}
}

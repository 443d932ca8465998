package yaml

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// upper renders by writing the text in capitals.
type upper struct{}

func (upper) Native(text string, span diag.Span) (value.Value, error) {
	if strings.Contains(text, "boom") {
		return value.Undef, errors.New("no")
	}
	return value.String(strings.ToUpper(text) + span.String()), nil
}

func (u upper) Text(text string, span diag.Span) (string, error) {
	v, err := u.Native(text, span)
	return value.Str(v), err
}

func TestRender(t *testing.T) {
	n := mustParse(t, "a: '{{ x }}'\nb: plain\n'{{ k }}': [1, '{% y %}', 2024-01-02, 2024-01-02 03:04:05]\nvars: {v: '{{ z }}'}\nblock: |\n  one\n  two\n")
	v, list := Render(n, upper{}, func(p Path) bool { return p.Key(0) == "vars" })
	if list != nil {
		t.Fatal(list)
	}
	want := "{'a': '{{ X }}t.yml:1:5', 'b': 'plain', '{{ k }}': [1, '{% Y %}t.yml:3:17', '2024-01-02', '2024-01-02T03:04:05'], 'vars': {'v': '{{ z }}'}, 'block': 'one\\ntwo'}"
	if got := value.Repr(v); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	_, list = Render(mustParse(t, "a: {b: ['{{ boom }}', '{{ ok }}', '{{ boom }}']}\n"), upper{}, nil)
	if len(list) != 2 || list[1].Span.String() != "t.yml:1:35" || !strings.HasPrefix(list[0].Summary, "Could not render {{ boom }}: no") {
		t.Errorf("errors: %v at %v", list, list[1].Span)
	}
}

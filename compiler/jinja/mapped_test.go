package jinja_test

import (
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func TestRenderMappedKnowsWhereOutputCameFrom(t *testing.T) {
	src := diag.NewSource("m.sql", "select a,\n{%- set x = 'bb' %}\n {{ x }} from t\n")
	tmpl, d := jinja.Parse(src)
	if d != nil {
		t.Fatal(d)
	}
	out, segments, err := tmpl.RenderMapped(&value.Thread{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "select a,\n bb from t"; out != want {
		t.Fatalf("output %q, want %q", out, want)
	}
	want := []struct {
		text, from string
		literal    bool
	}{{"select a,", "select a,", true}, {"\n ", "\n ", true}, {"bb", "x", false}, {" from t", " from t", true}}
	if len(segments) != len(want) {
		t.Fatalf("segments %v", segments)
	}
	for i, s := range segments {
		got := src.Text[s.Span.Start:s.Span.End]
		if out[s.Out:s.End] != want[i].text || got != want[i].from || s.Literal != want[i].literal {
			t.Errorf("segment %d: %q from %q (literal %v), want %v", i, out[s.Out:s.End], got, s.Literal, want[i])
		}
	}
}

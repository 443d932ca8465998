package adapters

import (
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestAsDBT compares with what dbt answers to the same inputs; testdata/generate.py asked it.
func TestAsDBT(t *testing.T) {
	raw, err := os.ReadFile("testdata/dbt.json")
	if err != nil {
		t.Fatal(err)
	}
	root, err := value.ParseJSON(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	s := newSetup(t, &fake{surface: &Surface{Constraints: AllConstraints}}, nil, nil)
	cases := func(name string) [][]value.Value {
		d, _ := root.AsDict()
		list, ok := d.GetString(name)
		if !ok || len(list.Items()) == 0 {
			t.Fatalf("no cases of %s", name)
		}
		var out [][]value.Value
		for _, c := range list.Items() {
			out = append(out, c.Items())
		}
		return out
	}
	for _, c := range cases("columns") {
		same(t, value.Repr(s.must(t, "render_raw_columns_constraints", c[0])), value.Repr(c[1]))
	}
	for _, c := range cases("model") {
		same(t, value.Repr(s.must(t, "render_raw_model_constraints", c[0])), value.Repr(c[1]))
	}
	for _, c := range cases("hard_deletes") {
		got, err := s.call(t, "get_hard_deletes_behavior", c[0])
		want := value.Str(c[1])
		if text, isError := strings.CutPrefix(want, "error: "); isError {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: got %v, want %s", value.Str(c[0]), err, text)
			}
			continue
		}
		if err != nil {
			t.Error(err)
		}
		same(t, value.Str(got), want)
	}
	for _, c := range cases("comment") {
		comment, err := CommentConfig{Template: "x", Append: value.Truth(c[0])}.For(CommentVars{}, func(string) (string, error) { return " a comment ", nil })
		if err != nil {
			t.Fatal(err)
		}
		got, _ := comment.Add(value.Str(c[1]))
		same(t, got, value.Str(c[2]))
	}
	for _, c := range cases("convert") {
		table, err := agate.ReadCSV(strings.NewReader(value.Str(c[0])), agate.CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var got []value.Value
		for i := range table.Types {
			got = append(got, s.must(t, "convert_type", table.Value(), value.Int(int64(i))))
		}
		if a, b := value.Repr(value.NewList(got...)), value.Repr(c[1]); a != b {
			t.Errorf("%q: got %s, want %s", value.Str(c[0]), a, b)
		}
	}
}

func TestDefaultComment(t *testing.T) {
	c, err := CommentConfig{Default: true}.For(CommentVars{Version: "1.12.6", Profile: "jaffle", Target: "dév", Connection: "master"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, before := c.Add("select 1")
	head := `/* {"app": "dbt", "dbt_version": "1.12.6", "profile_name": "jaffle", "target_name": "d\u00e9v", "connection_name": "master"} */` + "\n"
	if got != head+"select 1" || before != len(head) {
		t.Error(got, before)
	}
	if _, err := (CommentConfig{Template: "x"}).For(CommentVars{}, func(string) (string, error) { return "a */ drop", nil }); err == nil ||
		!strings.Contains(err.Error(), `query comment contains illegal value "*/"`) {
		t.Error(err)
	}
}

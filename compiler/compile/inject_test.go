package compile

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// testdata/inject.json is what dbt-core makes of these queries with one and with two
// ephemeral parents.
func TestInjectionIsDbts(t *testing.T) {
	text, err := os.ReadFile("testdata/inject.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct{ SQL, One, Two string }
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 15 {
		t.Fatalf("only %d cases", len(cases))
	}
	parents := []cte{
		{CTE: manifest.CTE{ID: "a", SQL: cteText("a", "select 1")}, head: cteHead("a")},
		{CTE: manifest.CTE{ID: "b", SQL: cteText("b", "select 2")}, head: cteHead("b")},
	}
	for _, c := range cases {
		for n, want := range map[int]string{1: c.One, 2: c.Two} {
			src := diag.NewSource("m.sql", c.SQL)
			out := &Output{own: c.SQL, Map: constantMap(src.At(0, len(c.SQL)))}
			out.Code = c.SQL
			inject(out, parents[:n])
			if out.Code != want {
				t.Errorf("%q with %d\ngot  %q\nwant %q", c.SQL, n, out.Code, want)
			}
		}
	}
}

func TestPositionsLeadThroughInjectedCode(t *testing.T) {
	parentFile := diag.NewSource("models/parent.sql", "select one, two")
	parent := constantMap(parentFile.At(0, len(parentFile.Text)))
	own := diag.NewSource("models/own.sql", "with x as (select 1) select three")
	out := &Output{own: own.Text, Map: constantMap(own.At(0, len(own.Text)))}
	out.Code = own.Text
	inject(out, []cte{{CTE: manifest.CTE{ID: "p", SQL: cteText("p", parentFile.Text)}, head: cteHead("p"), from: parent}})
	for word, want := range map[string]string{"two": "models/parent.sql:1:13", "three": "models/own.sql:1:29", "with": "models/own.sql:1:1"} {
		span, ok := out.Map.At(index(out.Code, word))
		if !ok || span.String() != want {
			t.Errorf("%s at %s (%v), want %s", word, span, ok, want)
		}
	}
	if span, ok := out.Map.At(index(out.Code, "__dbt__cte__")); ok {
		t.Errorf("generated text is said to stand at %s", span)
	}
}

func index(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if s[i:i+len(sub)] == sub {
			return i
		}
	}
	return -1
}

package tablediff

import (
	"encoding/json"
	"os"
	"testing"
)

// testdata/cases.json holds the pictures that daff draws (testdata/generate.py).
func TestPicturesAreDaffs(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Expected, Actual [][]*string
		Differs          bool
		Picture          string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 150 {
		t.Fatalf("only %d cases", len(cases))
	}
	failed := 0
	for i, c := range cases {
		got, differs := Diff(cells(c.Expected), cells(c.Actual), true)
		if differs == c.Differs && got == c.Picture {
			continue
		}
		if failed++; failed <= 5 {
			t.Errorf("case %d: differs %v, want %v\nexpected %s\nactual %s\ngot\n%s\nwant\n%s", i, differs, c.Differs,
				dump(c.Expected), dump(c.Actual), stripCodes(got), stripCodes(c.Picture))
		}
	}
	if failed > 0 {
		t.Errorf("%d of %d cases", failed, len(cases))
	}
}

func cells(rows [][]*string) [][]Cell {
	out := make([][]Cell, len(rows))
	for i, r := range rows {
		for _, s := range r {
			if s == nil {
				out[i] = append(out[i], Cell{Null: true})
			} else {
				out[i] = append(out[i], Cell{Text: *s})
			}
		}
	}
	return out
}

func dump(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

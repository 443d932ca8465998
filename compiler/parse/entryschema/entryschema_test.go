package entryschema_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/parse/entryschema"
	"github.com/millrace/millrace/compiler/yaml"
)

// TestAsDbt compares with what dbt-core says about the same entries (testdata/gen.py).
func TestAsDbt(t *testing.T) {
	file, err := os.Open("testdata/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		var c struct {
			Record string
			Entry  json.RawMessage
			Says   string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		root, list := yaml.Parse(diag.NewSource("entry.json", string(c.Entry)))
		if list.Err() != nil {
			t.Fatal(list.Err())
		}
		got := ""
		if list := entryschema.Check(c.Record, root.Dict()); list != nil {
			got = list[0].String()
		}
		if got != c.Says {
			t.Errorf("case %d, %s: %s\n got: %s\nwant: %s", n, c.Record, c.Entry, got, c.Says)
		}
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
}

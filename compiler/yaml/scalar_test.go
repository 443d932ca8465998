package yaml

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestScalarsAsPyYAML compares the type and value of plain scalars with those PyYAML's
// SafeLoader gave for the same text (testdata/scalars.json).
func TestScalarsAsPyYAML(t *testing.T) {
	raw, err := os.ReadFile("testdata/scalars.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		text, kind := row[0].(string), row[1].(string)
		if kind == "error" {
			continue // texts that PyYAML refuses are covered by the syntax tests
		}
		n, list := ParseText("t.yml", "k: "+text)
		if list.Err() != nil {
			t.Errorf("%q: %v", text, list)
			continue
		}
		got := []string{describe(n.Get("k").Value())}
		want := kind
		if len(row) > 2 {
			switch v := row[2].(type) {
			case bool:
				want += " " + strconv.FormatBool(v)
			case string:
				want += " " + v
			}
		}
		if got[0] != want {
			t.Errorf("%q: got %s, want %s", text, got[0], want)
		}
	}
}

func describe(v value.Value) string {
	switch v.Kind() {
	case value.KindNone:
		return "null"
	case value.KindBool:
		b, _ := v.AsBool()
		return "bool " + strconv.FormatBool(b)
	case value.KindInt, value.KindBig:
		return "int " + value.Str(v)
	case value.KindFloat:
		f, _ := v.AsFloat()
		if math.IsNaN(f) {
			return "float nan"
		}
		return "float " + value.Repr(v)
	case value.KindString:
		s, _ := v.AsString()
		return "str " + s
	case value.KindObject:
		o, _ := v.AsObject()
		name := strings.TrimPrefix(o.TypeName(), "datetime.")
		return name + " " + strings.Replace(value.Str(v), " ", "T", 1)
	}
	return "other"
}

// TestBlockAtTheEndOfTheFile: a block scalar that ends with the file, not with a line break,
// ends without one, as in PyYAML.
func TestBlockAtTheEndOfTheFile(t *testing.T) {
	for text, want := range map[string]string{
		"a: >\n  x\n  y":       "x y",
		"a: >\n  x\n  y\n":     "x y\n",
		"a: |\n  x\n  y":       "x\ny",
		"a: |+\n  x":           "x",
		"a: |\n  x\n  ":        "x\n",
		"a: |-\n  x":           "x",
		"a: >\n  x\nb: |\n  y": "x\n",
	} {
		n, list := ParseText("t", text)
		if list.Err() != nil || n.Get("a").Text() != want {
			t.Errorf("%q: got %q, want %q (%v)", text, n.Get("a").Text(), want, list)
		}
	}
}

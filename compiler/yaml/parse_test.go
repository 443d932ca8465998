package yaml

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func mustParse(t *testing.T, text string) *Node {
	t.Helper()
	n, list := ParseText("t.yml", text)
	if list.Err() != nil {
		t.Fatal(list)
	}
	return n
}

func TestSpans(t *testing.T) {
	text := "a: &x plain text # c\nb:\n  - 'it''s'\n  - \"q\\\"x\"\n  - {k: [1, 2] , z: ä}\nc: |\n  first\n  last\n\nd: folded\n  over lines\né: *x\n"
	n := mustParse(t, text)
	for _, c := range []struct {
		node *Node
		want string
	}{
		{n.Get("a"), "plain text"}, {n.At("b", 0), "'it''s'"}, {n.At("b", 1), `"q\"x"`},
		{n.At("b", 2), "{k: [1, 2] , z: ä}"}, {n.At("b", 2, "k"), "[1, 2]"}, {n.At("b", 2, "z"), "ä"},
		{n.Get("c"), "|\n  first\n  last"}, {n.Get("d"), "folded\n  over lines"}, {n.Get("é"), "plain text"},
	} {
		s := c.node.Span()
		if got := text[s.Start:s.End]; got != c.want {
			t.Errorf("span %q, want %q", got, c.want)
		}
	}
	if got := n.KeySpan("é"); text[got.Start:got.End] != "é" || got.String() != "t.yml:12:1" {
		t.Errorf("key span %v", got)
	}
	if got := n.At("b", 0).Content(); text[got.Start:got.End] != "'it''s'" {
		t.Errorf("content with an escape must be the whole scalar, not %q", text[got.Start:got.End])
	}
}

func TestMappings(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"duplicate keeps place":  {"a: 1\nb: 2\na: 3\n", "{'a': 3, 'b': 2}"},
		"merge comes first":      {"x: &x {p: 1, q: 2}\ny:\n  z: 0\n  q: 9\n  <<: *x\n", "{'x': {'p': 1, 'q': 2}, 'y': {'p': 1, 'q': 9, 'z': 0}}"},
		"earlier merge wins":     {"x: &x {p: 1}\ny: &y {p: 2, r: 3}\nz:\n  <<: [*x, *y]\n", "{'x': {'p': 1}, 'y': {'p': 2, 'r': 3}, 'z': {'p': 1, 'r': 3}}"},
		"keys of all types":      {"1: a\n1.5: b\ntrue: c\nnull: d\n", "{1: 'c', 1.5: 'b', None: 'd'}"},
		"quoted merge is a key":  {"'<<': 1\n", "{'<<': 1}"},
		"tags":                   {"a: !!str 1\nb: !!int '2'\nc: !!float 3\n", "{'a': '1', 'b': 2, 'c': 3.0}"},
		"dates":                  {"a: 2024-01-31\n", "{'a': datetime.date(2024, 1, 31)}"},
		"empty":                  {"a:\nb: ''\nc: ~\n", "{'a': None, 'b': '', 'c': None}"},
		"block texts":            {"a: |-\n  x\n  y\nb: >\n  x\n  y\n", "{'a': 'x\\ny', 'b': 'x y\\n'}"},
		"sequence on key column": {"a:\n- 1\n- b: 2\n  c: 3\n", "{'a': [1, {'b': 2, 'c': 3}]}"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := value.Repr(mustParse(t, c.text).Value()); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestDuplicateKeys(t *testing.T) {
	_, list := ParseText("m.yml", "models:\n  - name: a\n    name: b\nmodels: []\n")
	if len(list) != 2 || list.Err() != nil {
		t.Fatalf("want two warnings: %v", list)
	}
	d := list[0]
	if d.Code != diag.CodeYAMLDuplicate || d.Span.String() != "m.yml:3:5" || d.Related[0].Span.String() != "m.yml:2:5" {
		t.Errorf("%v at %v, first %v", d, d.Span, d.Related[0].Span)
	}
	var many strings.Builder
	for i := range 40 {
		many.WriteString(anchor(i%30) + ": " + anchor(i) + "\n")
	}
	n, list := ParseText("m.yml", many.String())
	if len(list) != 10 || n.Len() != 30 || n.Get("a05").Text() != "a35" || n.Get("a29").Text() != "a29" {
		t.Errorf("a long mapping: %d warnings, %d entries", len(list), n.Len())
	}
	if _, list = ParseText("m.yml", "x: &x {a: 1}\ny: {<<: *x, a: 2}\n"); len(list) != 0 {
		t.Errorf("overriding a merged key is no duplicate: %v", list)
	}
}

// TestMistakes checks that the usual slips are explained at the right place.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct{ text, at, want string }{
		"tab":              {"models:\n\t- name: a\n", "2:1", "indented with a tab"},
		"tab after spaces": {"a:\n  b:\n  \tc: 1\n", "3:3", "indented with a tab"},
		"fits no level":    {"models:\n    - name: a\n  - name: b\n", "3:1", "indented by 2 spaces, which fits no level above it: line 2 has 4"},
		"under a value":    {"models:\n  - name: a\n      description: b\n", "3:7", "indented under 'name', which already has a value"},
		"deeper key":       {"a: 1\n  b: 2\n", "2:3", "indented under 'a', which already has a value; indent it by 0 spaces"},
		"colon in value":   {"description: this: that\n", "1:14", "colon in it"},
		"template value":   {"a: {{ x }}\nb: {{ y }}-z\n", "1:4", "template must stand in quotes"},
		"template in list": {"a:\n  - {{ x }} y\n", "2:5", "template must stand"},
		"after quotes":     {"a: \"b\" c\n", "1:8", "the quoted value ends before this text"},
		"single quotes":    {"a: 'it's'\n", "1:8", "must be written twice"},
		"open quote":       {"a: 'b\nc: d\n", "1:4", "single quote is never closed"},
		"open bracket":     {"a: [1, 2\nb: 3\n", "1:4", "\"[\" is never closed"},
		"at sign":          {"a: @b\n", "1:4", "cannot begin with \"@\""},
		"percent":          {"a: %b\n", "1:4", "cannot begin with \"%\""},
		"no colon":         {"models\nversion: 2\n", "1:1", "'models' stands where a key is expected but has no colon"},
		"no space":         {"a: 1\nname:b\n", "2:5", "needs a space after its colon"},
		"dash without gap": {"a:\n  - b\n  -c\n", "3:3", "space after its dash"},
		"list beside key":  {"a: 1\n- b\n", "2:1", "list item stands beside the key 'a'"},
		"key in a list":    {"a:\n  - b\n  c: d\n", "3:3", "column of the list items above but has no dash"},
		"list on key line": {"a: - b\n", "1:4", "a list cannot begin on the line of its key"},
		"two documents":    {"a: 1\n---\nb: 2\n", "2:1", "a second document begins here"},
		"unknown alias":    {"a: *nope\n", "", "nope"},
		"unhashable":       {"? [a]\n: b\n", "1:3", "simple value"},
		"recursion":        {"a: &a [*a]\n", "1:8", "refers to a value that contains it"},
		"bad date":         {"a: 2024-13-01\n", "1:4", "no such moment"},
		"bad tag":          {"a: !mine b\n", "1:10", "tag !mine is not supported"},
		"merge of text":    {"a:\n  <<: b\n", "2:7", "takes a mapping or a list of mappings"},
		"not utf-8":        {"a: \xff\n", "1:4", "not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			n, list := ParseText("f.yml", c.text)
			if n != nil || list.Err() == nil {
				t.Fatalf("no error; value %s", value.Repr(n.Value()))
			}
			d := list[len(list)-1]
			if !strings.Contains(d.Summary, c.want) || c.at != "" && d.Span.String() != "f.yml:"+c.at {
				t.Errorf("%s: %s (want %s: %s)", d.Span, d.Summary, c.at, c.want)
			}
			if strings.Contains(d.Summary, "\n") || d.Code != diag.CodeYAMLSyntax {
				t.Errorf("not one plain sentence: %+v", d)
			}
		})
	}
}

func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("a00: &a00 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 12; i++ {
		prev, name := anchor(i-1), anchor(i)
		b.WriteString(name + ": &" + name + " [" + strings.TrimSuffix(strings.Repeat("*"+prev+", ", 9), ", ") + "]\n")
	}
	_, list := ParseText("bomb.yml", b.String())
	if list.Err() == nil || !strings.Contains(list.Error(), "expand to more than") {
		t.Errorf("bomb: %v", list)
	}
	if _, list = ParseText("deep.yml", strings.Repeat("[", 5000)+strings.Repeat("]", 5000)); list.Err() == nil || !strings.Contains(list.Error(), "levels deep") {
		t.Errorf("depth: %v", list)
	}
}

func anchor(i int) string { return "a" + string(rune('0'+i/10)) + string(rune('0'+i%10)) }

// FuzzParse looks for panics, positions outside the text and quoting that does not read back.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: 1\nb: [x, {y: z}]\n", "a: &x 1\nb: *x\n<<: {c: d}\n", "a: |\n  t\n b: 'x", "- - - a\n\t- b", "? a\n: b", "a: \"\\x41\" #c", "%YAML 1.1\n---\na", "2024-01-01: !!int 3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, list := ParseText("fuzz.yml", text)
		for _, d := range list {
			if d.Span.Start < 0 || d.Span.End > len(text) || d.Span.Start > d.Span.End {
				t.Errorf("%q: position %d–%d for %s", text, d.Span.Start, d.Span.End, d.Summary)
			}
		}
		if list.Err() != nil && n != nil {
			t.Error("a value together with an error")
		}
		walk(t, text, n)
		_ = n.Value()
		if back, list := ParseText("q.yml", "k: "+Quote(strings.ToValidUTF8(text, "?"))); list.Err() == nil {
			if got, ok := back.Get("k").String(); !ok || got != strings.ToValidUTF8(text, "?") {
				t.Errorf("Quote(%q) reads back as %q", text, got)
			}
		}
	})
}

func walk(t *testing.T, text string, n *Node) {
	if n == nil {
		return
	}
	if s := n.Span(); s.Start < 0 || s.End > len(text) || s.Start > s.End {
		t.Errorf("%q: node at %d–%d", text, s.Start, s.End)
	}
	for _, e := range n.Entries() {
		walk(t, text, e.Key)
		walk(t, text, e.Value)
	}
	for _, item := range n.Items() {
		walk(t, text, item)
	}
}

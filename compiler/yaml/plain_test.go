package yaml

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// describeTree is everything there is to know of a node.
func describeTree(b *strings.Builder, n *Node, indent string) {
	fmt.Fprintf(b, "%s%d [%d,%d) %q plain=%v %d %s\n", indent, n.kind, n.start, n.end, n.text, n.plain, n.scalar().Kind(), value.Repr(n.scalar()))
	for _, item := range n.Items() {
		describeTree(b, item, indent+"  ")
	}
	for _, e := range n.Entries() {
		fmt.Fprintf(b, "%smerged=%v\n", indent, e.Merged)
		describeTree(b, e.Key, indent+"k ")
		describeTree(b, e.Value, indent+"v ")
	}
}

func describeList(b *strings.Builder, list diag.List) {
	for _, d := range list {
		fmt.Fprintf(b, "%v %v [%d,%d) %s", d.Severity, d.Code, d.Span.Start, d.Span.End, d.Summary)
		for _, r := range d.Related {
			fmt.Fprintf(b, " %s [%d,%d)", r.Message, r.Span.Start, r.Span.End)
		}
		b.WriteByte('\n')
	}
}

// comparePlain reads a text with both readers and reports whether the plain one could.
func comparePlain(t *testing.T, text string) bool {
	t.Helper()
	src := diag.NewSource("f.yml", text)
	n, list, ok := parsePlain(src)
	if !ok {
		return false
	}
	var got, want strings.Builder
	describeTree(&got, n, "")
	describeList(&got, list)
	general, notes := parseGeneral(src)
	if general != nil {
		describeTree(&want, general, "")
	}
	describeList(&want, notes)
	if got.String() != want.String() {
		t.Fatalf("%q\nplain:\n%s\ngeneral:\n%s", text, got.String(), want.String())
	}
	return true
}

// plainTexts are documents that the plain reader must be able to read.
var plainTexts = []string{
	"a: 1\n", "---\na: 1\n", "# c\n\na: 1 # d\n# e\nb:\n# f\n  c: x\n", "- a\n- b: c\n  d: e\n-\n  f: g\n- \n- h\n", "a:\n- 1\n- b: 2\n  c: 3\nd:\n",
	"a: [x, 'y', \"z\", 1, -1, {k: v}, []]\nb: {c: d, e: {f: [g]}, 'h': i}\n", "a: [\n  x,\n  y,\n ]\nb: {c: d,\n e: f}\n",
	"a: it's ok\nb: 'it''s'\nc: \"x # y\"\n'd': e\n\"f g\": h\n", "a: one\n  two\n\n  three\nb: \"one\n  two\n\n  three\"\nc: 'x\n  y'\n",
	"a: |\n  x\n   y\n\n  z\nb: >-\n  x\n  y\n\n  z\n   w\n  v\n\nc: |-\n\n  x\n", "a: http://x:80/y?z=1\nb: ~\nc: 2024-01-01\nd: yes\ne: 1_000\n",
	"- a: |\n    x\n  b: c\n", "k: v\nk: w\nk: u\n", "é: ü\nx: ‘quoted’\n", "a: b\n", "a b : c\n", "{a: b}: c\n"[:0] + "x:\n  - [a, b]\n  - {c: d}\n",
	"a:   \n  - b   \n  - c: d   \n", "1: a\ntrue: b\nnull: c\n1: d\n", "a: -\\d\nb: \\n\n", "description: this, that & those (all) * of them\n",
}

// oddTexts are documents for the general decoder.
var oddTexts = []string{
	"", "# only a comment\n", "a: &x 1\nb: *x\n", "a: !!str 1\n", "a:\tb\n", "a: \"\\x41\"\n", "<<: {a: b}\n", "? a\n: b\n", "a: |+\n  x\n", "a: |2\n  x\n", "a: b: c\n", "a: 'b\n",
	"a: [1, 2\n", "a: - b\n", "- - a\n", "a: {b}\n", "a: [b: c]\n", "a\n", "a: 1\n---\nb: 2\n", "%YAML 1.1\n---\na: 1\n", "a: 1\n  b: 2\n", "a:\n  b: 1\n c: 2\n", "a: 1\r\n", "a: 2024-13-01\n",
}

func TestPlainAsGeneral(t *testing.T) {
	for _, text := range plainTexts {
		if !comparePlain(t, text) {
			t.Errorf("%q was not read", text)
		}
		if !comparePlain(t, strings.TrimRight(text, "\n")) && !strings.Contains(text, "|") {
			t.Errorf("%q was not read without its last line break", text)
		}
	}
	for _, text := range oddTexts {
		if comparePlain(t, text) {
			t.Errorf("%q is for the general decoder", text)
		}
	}
}

// TestPlainRandom puts together lines at random: what both readers take they read alike.
func TestPlainRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 7))
	starts := []string{"", "", "", " ", "  ", "  ", "   ", "    ", "- ", "  - ", "  -  ", "    - ", "-\n", "  -\n"}
	keys := []string{"", "", "a: ", "b: ", "c:  ", "name:", "'q': ", "\"r s\": ", "d e: ", "a: ", "x:y: "}
	values := []string{
		"", "", "text", "two words", "1", "-1", "yes", "~", "'q'", "'it''s'", "\"d\"", "\"d # e\"", "[a, b]", "[]", "{k: v}", "{}", "[a,", "b]", "{k: [v, {w: x}]}", "|", ">", "|-", ">-",
		"'open", "close'", "\"open", "close\"", "# comment", "text # comment", "a: b", "-", "- x", "text  ", "x:", "é", "a#b", "http://x", "...", "---", "[a, 'b', \"c\"]", "[a: b]", "{a}", ":", "]", ",", "*a", "&a b", "!t x", "<<: x", "2024-01-01",
	}
	read := 0
	for range 60000 {
		var b strings.Builder
		for range 1 + rng.IntN(7) {
			b.WriteString(starts[rng.IntN(len(starts))] + keys[rng.IntN(len(keys))] + values[rng.IntN(len(values))] + "\n")
		}
		text := b.String()
		if rng.IntN(8) == 0 {
			text = strings.TrimSuffix(text, "\n")
		}
		if comparePlain(t, text) {
			read++
		}
	}
	if read < 800 {
		t.Errorf("only %d documents were read", read)
	}
}

// TestPlainExamples reads the YAML of the examples, the files people write, whole and cut short.
func TestPlainExamples(t *testing.T) {
	files, read := 0, 0
	err := filepath.WalkDir(filepath.Join("..", "..", "examples"), func(path string, d os.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || ext != ".yml" && ext != ".yaml" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		text := string(data)
		if comparePlain(t, text) {
			read++
		}
		for cut := 1; cut < len(text); cut += 1 + len(text)/60 {
			comparePlain(t, text[:cut])
			comparePlain(t, text[cut:])
		}
		return nil
	})
	if err != nil || files == 0 || read < files/2 {
		t.Errorf("%d of %d files were read, %v", read, files, err)
	}
}

// FuzzPlain: what the plain reader takes it reads as the general decoder does.
func FuzzPlain(f *testing.F) {
	for _, text := range append(plainTexts, oddTexts...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 1<<12 {
			comparePlain(t, text)
		}
	})
}

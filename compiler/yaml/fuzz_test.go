package yaml

import (
	"testing"

	"github.com/millrace/millrace/compiler/diag"
)

// FuzzSpans: any text parses or gives a diagnostic whose place lies in the text, and every
// node lies in it too.
func FuzzSpans(f *testing.F) {
	for _, seed := range []string{
		"a: 1\nb: [x, {y: z}]\n", "x: &x {a: 1}\ny: {<<: *x, b: 2}\n", "- - - a\n", "t: |2\n   a\n  b\n", "? [a]\n: b\n", "a: 'b\n", "\t", "%YAML 1.1\n---\na\n...\n",
		"d: 2024-01-01 12:00:00.1 +01:00\n", "n: 0x1F\no: 0o17\nb: 1_000.5e3\ns: 1:30:00\n", "a: !!str 1\n", "x: \"\\u00e9\\x41\\U0001F600\"\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		n, list := ParseText("f.yml", text)
		for _, d := range list {
			inside(t, d.Span, text)
			_ = d.Span.String()
		}
		if list.Err() != nil {
			return
		}
		visit(t, n, text, 0)
		_ = n.Value()
	})
}

func inside(t *testing.T, s diag.Span, text string) {
	if s.Valid() && (s.Start < 0 || s.End < s.Start || s.End > len(text)) {
		t.Fatalf("span %d:%d of a text of %d bytes", s.Start, s.End, len(text))
	}
}

func visit(t *testing.T, n *Node, text string, depth int) {
	if depth > 12 {
		return // aliases make graphs
	}
	inside(t, n.Span(), text)
	inside(t, n.Content(), text)
	for _, item := range n.Items() {
		visit(t, item, text, depth+1)
	}
	for _, e := range n.Entries() {
		visit(t, e.Key, text, depth+1)
		visit(t, e.Value, text, depth+1)
	}
}

// FuzzQuote: what Quote writes reads back as the same string, in block and flow style.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", "a", "yes", "1.0", "a: b", "'", "\n", "- a", "é\u2028", "=", "<<", "~", "0o7", "a #b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if invalidUTF8(s) >= 0 {
			return
		}
		for _, text := range []string{"k: " + Quote(s) + "\n", "k: [" + Quote(s) + "]\n"} {
			n, list := ParseText("f.yml", text)
			if list.Err() != nil {
				t.Fatalf("%q: %v", text, list)
			}
			v := n.Get("k")
			if v.IsSequence() {
				v = v.Items()[0]
			}
			if got, ok := v.String(); !ok || got != s {
				t.Fatalf("%q reads back as %q", text, got)
			}
		}
	})
}

package regex

import (
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// What Python itself answers is in the cases of compiler/context; here is what must not break.
func TestErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"(a":               "missing ), unterminated subpattern at position 0",
		"a)":               "unbalanced parenthesis at position 1",
		"[a":               "unterminated character set at position 0",
		`\q`:               `bad escape \q at position 0`,
		`a\`:               "bad escape (end of pattern) at position 1",
		`(a)\2`:            "invalid group reference 2 at position 4",
		"(?P<a>x)(?P<a>y)": "redefinition of group name 'a' at position 12",
		"(?P=x)":           "unknown group name 'x' at position 4",
		"(?P<x":            "missing >, unterminated name at position 4",
		"(?#x":             "missing ), unterminated comment at position 0",
		"(?z)":             "unknown extension ?z at position 2",
	} {
		_, err := Compile(pattern, 0)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", pattern, err, want)
		}
	}
}

// FuzzCompile checks that no pattern, text or replacement can make the package panic.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"(a)(?P<n>b)?", `[^\W\d_]+`, "(?i:x)|y{,3}", `(?(1)a|b)`, `\Z$`, "(?x) a # b\n c", `(\d+)\1`} {
		f.Add(s, "ab xx 12", `\1-\g<n>`, 0)
	}
	f.Fuzz(func(t *testing.T, pattern, text, repl string, flags int) {
		if len(pattern) > 40 || len(text) > 40 {
			return
		}
		p, err := Compile(pattern, flags&(flagI|flagM|flagS|flagX|flagA))
		if err != nil {
			return
		}
		for _, run := range []func() error{
			func() error {
				_, err := findAll(&value.Thread{}, p, []value.Value{value.String(text), value.Undef, value.Undef})
				return err
			},
			func() error {
				_, err := split(&value.Thread{}, p, []value.Value{value.String(text), value.Undef})
				return err
			},
			func() error {
				_, _, err := substitute(&value.Thread{}, p, []value.Value{value.String(repl), value.String(text), value.Undef})
				return err
			},
		} {
			if err := run(); err != nil && !value.IsError(err) {
				t.Fatalf("%s on %q: %v", pattern, text, err)
			}
		}
	})
}

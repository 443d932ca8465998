package fix

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
)

// Forms beside those of the script of the command: what is left alone, and line ends.
func TestProperties(t *testing.T) {
	for name, c := range map[string]struct{ before, after, left string }{
		"crlf": {
			"models:\r\n  - name: a\r\n    tests:\r\n      - unique:\r\n          limit: 1\r\n",
			"models:\r\n  - name: a\r\n    data_tests:\r\n      - unique:\r\n          config:\r\n            limit: 1\r\n", ""},
		"no newline at the end": {
			"models:\n  - name: a\n    data_tests:\n      - unique:\n          limit: 1",
			"models:\n  - name: a\n    data_tests:\n      - unique:\n          config:\n            limit: 1", ""},
		"both":               {"models:\n  - name: a\n    tests: [x]\n    data_tests: [y]\n", "", "both given"},
		"merge key":          {"models:\n  - name: a\n    data_tests:\n      - t:\n          <<: {x: 1}\n          limit: 1\n", "", "merge key"},
		"twice":              {"models:\n  - name: a\n    meta: {a: 1}\n    config: {meta: {b: 2}}\n", "", "by hand"},
		"first after a dash": {"models:\n  - meta: {a: 1}\n    name: a\n", "", "first key after a dash"},
		"long flow":          {"models:\n  - name: a\n    data_tests:\n      - t: {x: 1,\n            limit: 1}\n", "", "several lines"},
		"arguments and config": {
			"seeds:\n  - name: a\n    data_tests:\n      - t:\n          arguments:\n              x: 1\n          y: 2\n          limit: 1\n",
			"seeds:\n  - name: a\n    data_tests:\n      - t:\n          arguments:\n              x: 1\n              y: 2\n          config:\n            limit: 1\n", ""},
		"folded text": {
			"models:\n  - name: a\n    data_tests:\n      - t:\n          x: >\n            one\n\n            two\n      - unique\n",
			"models:\n  - name: a\n    data_tests:\n      - t:\n          arguments:\n            x: >\n              one\n\n              two\n      - unique\n", ""},
		"keys like tests elsewhere": {"models:\n  - name: a\n    config:\n      meta: {tests: [x]}\nexposures:\n  - name: e\n    config: {meta: {tests: 1}}\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, list := Properties(diag.NewSource("s.yml", c.before), Options{Arguments: true})
			if list.Err() != nil {
				t.Fatal(list)
			}
			want := c.after
			if want == "" {
				want = c.before
			}
			if r.After != want {
				t.Errorf("got:\n%s\nwant:\n%s", r.After, want)
			}
			if (c.left == "") != (len(r.Left) == 0) || c.left != "" && !strings.Contains(r.Left.Error(), c.left) {
				t.Errorf("left: %v, want %q", r.Left, c.left)
			}
		})
	}
}

// Without the behaviour flag an `arguments` key would be an argument itself.
func TestArgumentsNeedTheFlag(t *testing.T) {
	const text = "models:\n  - name: a\n    data_tests:\n      - t:\n          x: 1\n"
	r, _ := Properties(diag.NewSource("s.yml", text), Options{})
	if r.Changed() {
		t.Errorf("changed to\n%s", r.After)
	}
}

// FuzzProperties holds the rewrite to two promises: the result is YAML, and rewriting it
// again changes nothing.
func FuzzProperties(f *testing.F) {
	for _, seed := range []string{
		"models:\n  - name: a\n    meta: {a: 1} # c\n    columns:\n      - name: id\n        tests: [unique, {t: {x: 1, limit: 2}}]\n",
		"sources:\n- name: s\n  tables:\n  - name: t\n    freshness: {}\n    config: {}\n    loaded_at_field: x\n",
		"models:\n  - name: a\n    data_tests:\n    - t:\n        x: |\n          a\n        config:\n\n        where: b\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, list := Properties(diag.NewSource("s.yml", text), Options{Arguments: true})
		if list.Err() != nil || !r.Changed() {
			return
		}
		again, list := Properties(diag.NewSource("s.yml", r.After), Options{Arguments: true})
		if list.Err() != nil {
			t.Fatalf("the result is not YAML: %v\n%s", list, r.After)
		}
		if again.Changed() {
			t.Fatalf("rewritten twice:\n%s\nand\n%s", r.After, again.After)
		}
	})
}

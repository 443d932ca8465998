package selector

import (
	"testing"

	"github.com/millrace/millrace/compiler/yaml"
)

// FuzzCriteria: any criterion parses or is refused with a message, and its text is stable.
func FuzzCriteria(f *testing.F) {
	for _, seed := range []string{"a", "+a+", "2+a+3", "@a", "tag:x,path:models", "a b", "config.materialized:view", "state:modified.body+", "source:x.y", "999999999999999999999+a", "@+a", "", ",", "fqn:*", "test_type:unit", "a+999999999999"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, selected, excluded string) {
		for mode := Eager; mode <= Empty; mode++ {
			spec, d := Parse([]string{selected}, []string{excluded}, mode)
			if d == nil && spec == nil {
				t.Fatal("neither a spec nor a message")
			}
			if d != nil && d.Summary == "" {
				t.Fatal("an error without a message")
			}
		}
	})
}

// FuzzSelectors: any selectors.yml is read or refused.
func FuzzSelectors(f *testing.F) {
	for _, seed := range []string{
		"selectors: [{name: a, definition: 'tag:x'}]", "selectors: [{name: a, definition: {union: [{method: tag, value: x, parents: true, parents_depth: 2}, {exclude: [b]}]}}]",
		"selectors: [{name: a, definition: {method: selector, value: a}}]", "selectors: [{name: a, default: true, definition: {intersection: []}}]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			return
		}
		n, list := yaml.ParseText("selectors.yml", text)
		if list.Err() != nil {
			return
		}
		if s, d := ParseSelectors(n.Value(), Eager); d == nil && s == nil {
			t.Fatal("neither selectors nor a message")
		}
	})
}

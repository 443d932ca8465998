package fix

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/parse"
	"github.com/millrace/millrace/compiler/yaml"
)

// Options say what a project has switched on.
type Options struct {
	// Arguments is the flag require_generic_test_arguments_property: without it a key
	// `arguments` would reach the test itself.
	Arguments bool
}

// testedLists are the lists whose entries may have generic tests.
var testedLists = []string{"models", "seeds", "snapshots", "sources", "functions"}

// Properties rewrites a properties file: `tests` to `data_tests`, arguments and configs of
// generic tests to `arguments` and `config`, and properties that have moved to `config`.
func Properties(src *diag.Source, o Options) (*Result, diag.List) {
	return rewrite(src, func(f *file, root *yaml.Node) {
		for _, key := range testedLists {
			f.tests(root.Get(key), o)
		}
		parse.MovedKeys(root, func(in *yaml.Node, keys map[string]bool) {
			f.nest(in, func(key string) string {
				if keys[key] {
					return "config"
				}
				return ""
			})
		})
	})
}

// tests looks for tests anywhere below a list of resources.
func (f *file) tests(n *yaml.Node, o Options) {
	for _, item := range n.Items() {
		f.tests(item, o)
	}
	for _, e := range n.Entries() {
		if e.Merged {
			continue
		}
		switch e.Key.Text() {
		case "config", "meta", "external", "description":
		case "tests":
			if e.Value.IsSequence() {
				f.rename(n, e, "data_tests")
			}
			fallthrough
		case "data_tests":
			for _, item := range e.Value.Items() {
				f.test(item, o)
			}
		default:
			f.tests(e.Value, o)
		}
	}
}

// testOwn are the keys of a test that are neither arguments nor configs.
var testOwn = map[string]bool{"name": true, "description": true, "column_name": true, "config": true, "arguments": true, "test_name": true}

func (f *file) test(item *yaml.Node, o Options) {
	body := item
	if !item.Has("test_name") {
		if item.Len() != 1 || !item.IsMapping() {
			return
		}
		body = item.Entries()[0].Value
	}
	if !body.IsMapping() {
		return
	}
	f.nest(body, func(key string) string {
		switch {
		case testOwn[key]:
			return ""
		case parse.IsTestConfig(key):
			return "config"
		case o.Arguments:
			return "arguments"
		}
		return ""
	})
}

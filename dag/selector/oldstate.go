package selector

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// syntaxTree begins a config that a dbt before 1.12 wrote down as Jinja's syntax tree.
const syntaxTree = "Keyword(key="

// modernized writes the configs of an earlier state as they are written today, from the code of its
// nodes, and gives its models the access that they had before there was a word for it: a project does
// not change by a newer program.
func modernized(m *manifest.Manifest) {
	for _, n := range m.NodeList() {
		if n.ResourceType == manifest.Model && n.Access == "" {
			n.Access = "protected"
		}
		if n.Unrendered == nil || n.RawCode == "" {
			continue
		}
		var out *value.Dict
		for k, v := range n.Unrendered.All() {
			if text, ok := v.AsString(); !ok || !strings.HasPrefix(text, syntaxTree) {
				continue
			}
			if out == nil {
				out = n.Unrendered.Copy()
			}
			if written, ok := writtenConfig(n.RawCode, value.Str(k)); ok {
				out.SetString(value.Str(k), value.String(written))
			}
		}
		if out != nil {
			n.Unrendered = out
		}
	}
}

// writtenConfig is an argument of the first config() call of a template.
func writtenConfig(code, key string) (string, bool) {
	tmpl, err := jinja.Parse(diag.NewSource("", code))
	if err != nil {
		return "", false
	}
	for _, call := range tmpl.Calls() {
		if call.Name != "config" {
			continue
		}
		for i, kw := range call.Kwargs {
			if kw.Name == key {
				return call.Written(i), true
			}
		}
		break
	}
	return "", false
}

// withoutNulls drops the keys without a value in the mappings of a list: what an earlier version did
// not know is missing, and null today.
func withoutNulls(v value.Value) value.Value {
	items := v.Items()
	out := make([]value.Value, len(items))
	for i, item := range items {
		out[i] = item
		if d, ok := item.AsDict(); ok {
			kept := value.NewDict(d.Len())
			for k, x := range d.All() {
				if !x.IsNull() {
					kept.SetString(value.Str(k), x)
				}
			}
			out[i] = value.FromDict(kept)
		}
	}
	return value.NewList(out...)
}

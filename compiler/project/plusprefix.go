package project

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

// missingPlus notes config keys of the root project that are written without '+', in one
// diagnostic for all of them.
func (b *builder) missingPlus() {
	var first *diag.Diagnostic
	count := 0
	for _, k := range configKinds {
		key := k.key
		node := b.raw.Get(key)
		if node == nil && k.alias != "" {
			key, node = k.alias, b.raw.Get(k.alias)
		}
		eachBare(node, []string{key}, func(path []string, e yaml.Entry) {
			ofExposures := key == "exposures" && len(path) == 1 && e.Key.Text() == "meta" // taken as written
			if e.Value.IsMapping() && !ofExposures {
				b.lostConfig(path, e)
				return
			}
			count++
			if first == nil {
				first = deprecated("MissingPlusPrefixDeprecation", e.Key.Span(), "Missing '+' prefix on `%s` found at `%s` in file `%s`", e.Key.Text(), strings.Join(path, "."), b.shown)
				first.Severity = diag.Note
				first.Hint = "write +" + e.Key.Text() + ": config keys without '+' can be taken for folders"
				return
			}
			first.Related = append(first.Related, diag.Related{Span: e.Key.Span(), Message: "here too: " + e.Key.Text()})
		})
	}
	if count > 1 {
		first.Summary += fmt.Sprintf(" (and %d more)", count-1)
	}
	if first != nil {
		b.add(first)
	}
}

// lostConfig warns of a config whose value is a dictionary: without '+' it is a folder of
// that name, as in dbt, and what it says applies to nothing.
func (b *builder) lostConfig(path []string, e yaml.Entry) {
	d := deprecated("MissingPlusPrefixDeprecation", e.Key.Span(), "`%s` at `%s` has no '+', so it is read as a folder and its values are lost", e.Key.Text(), strings.Join(path, "."))
	d.Hint = "write +" + e.Key.Text()
	b.add(d)
}

// dictConfigs are configs that take a dictionary.
var dictConfigs = map[string]bool{
	"meta": true, "docs": true, "persist_docs": true, "grants": true, "contract": true, "quoting": true,
	"column_types": true, "freshness": true, "snapshot_meta_column_names": true, "latest_version_pointer": true,
}

// eachBare visits the config keys without '+' below a level.
func eachBare(n *yaml.Node, path []string, visit func([]string, yaml.Entry)) {
	for _, e := range n.Entries() {
		key := e.Key.Text()
		switch {
		case strings.HasPrefix(key, "+"):
		case e.Value.IsMapping() && !dictConfigs[key]:
			eachBare(e.Value, append(path[:len(path):len(path)], key), visit)
		default:
			visit(path, e)
		}
	}
}

// EachBareConfig visits the config keys of dbt_project.yml that are written without '+'.
// A lost one takes a dictionary, so that without '+' it is read as a folder.
func EachBareConfig(root *yaml.Node, visit func(e yaml.Entry, lost bool)) {
	for _, k := range configKinds {
		node := root.Get(k.key)
		if node == nil && k.alias != "" {
			node = root.Get(k.alias)
		}
		eachBare(node, nil, func(_ []string, e yaml.Entry) { visit(e, e.Value.IsMapping()) })
	}
}

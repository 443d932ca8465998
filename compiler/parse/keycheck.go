package parse

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

// checkKeys reports the keys of an entry that nobody reads and those that have moved under
// `config:`. Only the root project is looked at: nobody can change an installed package.
func (p *parser) checkKeys(f *schemaFile, list string, item *yaml.Node, index int) {
	if !f.pkg.IsRoot {
		return
	}
	c := keyChecker{p: p, file: f.file.Path}
	c.walk(item, entryShapes[list], func() string { return list + "[" + strconv.Itoa(index) + "]" })
	if list == "sources" && item.Has("overrides") {
		p.deprecate("SourceOverrideDeprecation", item.KeySpan("overrides"),
			"The source property `overrides` is deprecated but was found on source `"+item.Get("name").Text()+"` in file `"+f.file.Path+"`.",
			"disable the source of the package in dbt_project.yml and define it here")
	}
}

type keyChecker struct {
	p    *parser
	file string
}

func (c *keyChecker) walk(n *yaml.Node, s *shape, path func() string) {
	if s == nil {
		return
	}
	for i, item := range n.Items() {
		c.walk(item, s, func() string { return path() + "[" + strconv.Itoa(i) + "]" })
	}
	for _, e := range n.Entries() {
		key := e.Key.Text()
		of, known := s.keys[key]
		switch {
		case !known:
			c.unknown(e.Key.Span(), key, path(), s)
		case s.moved[key]:
			c.p.deprecate("PropertyMovedToConfigDeprecation", e.Key.Span(), fmt.Sprintf(
				"Found `%s` as a top-level property of `%s` in file `%s`. The `%s` top-level property should be moved into the `config` of `%s`.",
				key, path(), c.file, key, path()), "")
		case of != nil:
			c.walk(e.Value, of, func() string { return path() + "." + key })
		}
	}
}

func (c *keyChecker) unknown(span diag.Span, key, path string, s *shape) {
	hint := ""
	names := slices.Clone(s.names)
	slices.Sort(names)
	if near := diag.Suggest(key, names); near != "" {
		hint = "did you mean '" + near + "'?"
	} else if _, has := s.keys["config"]; has {
		hint = "keys of your own belong under config: meta:"
	}
	c.p.deprecate("CustomKeyInObjectDeprecation", span, fmt.Sprintf("Custom key `%s` found at `%s` in file `%s`.", key, path, c.file), hint)
}

// deprecate counts one use of a deprecated form; with --strict it is an error of its own.
func (p *parser) deprecate(kind string, span diag.Span, summary, hint string) {
	if !p.flags.Strict {
		p.notes.addHint(kind, span, summary, hint)
		return
	}
	d := diag.New(diag.CodeYAMLKey, diag.Parsing, span, summary)
	d.Detail, d.Hint = kind, hint
	p.report(d)
}

// MovedKeys visits every mapping of a properties file that has keys which belong under its
// `config:`.
func MovedKeys(root *yaml.Node, visit func(mapping *yaml.Node, keys map[string]bool)) {
	for _, list := range entryKeys {
		movedKeys(root.Get(list), entryShapes[list], visit)
	}
}

func movedKeys(n *yaml.Node, s *shape, visit func(*yaml.Node, map[string]bool)) {
	if s == nil {
		return
	}
	for _, item := range n.Items() {
		movedKeys(item, s, visit)
	}
	var found map[string]bool
	for _, e := range n.Entries() {
		key := e.Key.Text()
		if s.moved[key] {
			if found == nil {
				found = map[string]bool{}
			}
			found[key] = true
			continue
		}
		movedKeys(e.Value, s.keys[key], visit)
	}
	if found != nil {
		visit(n, found)
	}
}

// IsTestConfig reports whether a key of a generic test configures it.
func IsTestConfig(key string) bool { return isConfigArg[key] }

package project

import (
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// ConfigTree is one resource kind's configs in dbt_project.yml: levels of package,
// folders and file, each with config values.
type ConfigTree struct {
	Kind    string // "models"
	root    *configLevel
	written *value.Dict
}

type configLevel struct {
	node       *yaml.Node // as written, may be nil
	values     *value.Dict
	unrendered *value.Dict
	children   map[string]*configLevel
}

// Layer is the config one level of the tree gives. Its dicts are shared and read-only.
type Layer struct {
	Values     *value.Dict // rendered, '+' stripped
	Unrendered *value.Dict // as written, '+' stripped
	Span       diag.Span   // the level's mapping
	Path       []string    // the level below the kind: ["my_project", "staging"]
	node       *yaml.Node
}

// KeySpan is where the level sets a key, with or without '+'.
func (l Layer) KeySpan(key string) diag.Span {
	for _, e := range l.node.Entries() {
		if stripPlus(e.Key.Text()) == key {
			return e.Key.Span()
		}
	}
	return l.Span
}

func newConfigTree(kind string, rendered *value.Dict, node *yaml.Node) *ConfigTree {
	return &ConfigTree{Kind: kind, root: newConfigLevel(rendered, node), written: rendered}
}

// Written is the rendered tree as a mapping, keys with their '+'. dbt takes tags and meta of
// exposures from it, which so need no '+'.
func (t *ConfigTree) Written() *value.Dict {
	if t == nil {
		return nil
	}
	return t.written
}

// newConfigLevel splits a level as dbt does: '+key' is a config whatever its value, a
// mapping without '+' is a level below, everything else is a config.
func newConfigLevel(rendered *value.Dict, node *yaml.Node) *configLevel {
	l := &configLevel{node: node, values: value.NewDict(0), unrendered: value.NewDict(0)}
	for k, v := range rendered.All() {
		key, ok := k.AsString()
		if !ok {
			key = value.Str(k)
		}
		own := node.Get(key)
		sub, isDict := v.AsDict()
		if isDict && !strings.HasPrefix(key, "+") {
			if l.children == nil {
				l.children = map[string]*configLevel{}
			}
			l.children[key] = newConfigLevel(sub, own)
			continue
		}
		l.values.SetString(stripPlus(key), v)
		l.unrendered.SetString(stripPlus(key), own.Value())
	}
	return l
}

// stripPlus is the config name of a key: without its '+' and the blanks after it.
func stripPlus(key string) string {
	if strings.HasPrefix(key, "+") {
		return strings.TrimSpace(key[1:])
	}
	return key
}

// For gives the layers that apply to a resource, least specific first. The first part of
// a fully qualified name is its package.
func (t *ConfigTree) For(fqn []string) []Layer {
	if t == nil {
		return nil
	}
	var layers []Layer
	level := t.root
	for i := 0; ; i++ {
		if level.values.Len() > 0 {
			if layers == nil {
				layers = make([]Layer, 0, 2)
			}
			layers = append(layers, Layer{Values: level.values, Unrendered: level.unrendered, Span: level.node.Span(), Path: fqn[:i:i], node: level.node})
		}
		if i == len(fqn) || level.children[fqn[i]] == nil {
			return layers
		}
		level = level.children[fqn[i]]
	}
}

// Empty reports a tree that sets nothing.
func (t *ConfigTree) Empty() bool {
	return t == nil || t.root.values.Len() == 0 && len(t.root.children) == 0
}

// Unused lists the levels that set something but apply to none of the given fully
// qualified names, as dotted paths below the kind ("models.shop.staging"), with their places.
func (t *ConfigTree) Unused(fqns [][]string) []Unused {
	var out []Unused
	used := map[*configLevel]bool{}
	for _, fqn := range fqns {
		level := t.root
		for _, part := range fqn {
			if level = level.children[part]; level == nil {
				break
			}
			used[level] = true
		}
	}
	t.root.unused(t.Kind, nil, len(fqns) > 0, used, &out)
	return out
}

// Unused is a level of a config tree that applies to nothing.
type Unused struct {
	Path string
	Span diag.Span
}

func (l *configLevel) unused(shown string, path []string, inUse bool, used map[*configLevel]bool, out *[]Unused) {
	if l.values.Len() > 0 && !inUse {
		*out = append(*out, Unused{Path: shown, Span: l.node.Span()})
	}
	names := make([]string, 0, len(l.children))
	for name := range l.children {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		below := append(path[:len(path):len(path)], name)
		l.children[name].unused(shown+"."+name, below, used[l.children[name]], used, out)
	}
}

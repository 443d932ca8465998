package selector

import (
	stdpath "path"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
)

// item is what selection needs to know about any resource.
type item struct {
	index   int // in the graph
	id      string
	kind    manifest.ResourceType
	pkg     string
	name    string
	fqn     []string
	path    string // original_file_path
	patch   string // file of the YAML entry
	tags    []string
	group   string
	config  *value.Dict
	version value.Value
	enabled bool // false for tests that were switched off because what they test is not there

	unrendered *value.Dict

	node     *manifest.Node
	source   *manifest.Source
	exposure *manifest.Exposure
	unit     *manifest.UnitTestDef
	generic  *manifest.Generic
}

func (it *item) versioned() bool {
	return it.kind == manifest.Model && !it.version.IsNull()
}

// collect lists all resources in the order of their graph index.
func collect(g *dag.Graph, m *manifest.Manifest) []*item {
	items := make([]*item, g.Len())
	all := make([]item, g.Len())
	describe(m, func(it item) {
		if i, ok := g.Index(it.id); ok {
			it.index = i
			all[i] = it
			items[i] = &all[i]
		}
	})
	return items
}

// describe makes an item of every resource.
func describe(m *manifest.Manifest, receive func(item)) {
	on := switches{}
	put := func(it item) {
		it.enabled = on.enabled(it.config)
		it.path = stdpath.Clean(it.path) // a project's "./models" is found as models
		if it.patch != "" {
			it.patch = stdpath.Clean(it.patch)
		}
		receive(it)
	}
	for id, n := range m.Nodes {
		put(item{id: id, kind: n.ResourceType, pkg: n.PackageName, name: n.Name, fqn: n.FQN, path: n.OriginalFilePath,
			patch: patchFile(n.PatchPath), tags: n.Tags, group: configText(n.Config, "group"), config: values(n.Config),
			version: n.Version, unrendered: n.Unrendered, node: n})
	}
	for id, s := range m.Sources {
		put(item{id: id, kind: manifest.SourceType, pkg: s.PackageName, name: s.Name, fqn: s.FQN, path: s.OriginalFilePath,
			patch: patchFile(s.PatchPath), tags: s.Tags, config: values(s.Config), unrendered: s.Unrendered, source: s})
	}
	for id, e := range m.Exposures {
		put(item{id: id, kind: manifest.ExposureType, pkg: e.PackageName, name: e.Name, fqn: e.FQN, path: e.OriginalFilePath,
			tags: e.Tags, config: values(e.Config), unrendered: e.Unrendered, exposure: e})
	}
	for id, u := range m.UnitTests {
		put(item{id: id, kind: manifest.UnitTest, pkg: u.PackageName, name: u.Name, fqn: u.FQN, path: u.OriginalFilePath,
			tags: configStrings(u.Config, "tags"), config: values(u.Config), unit: u})
	}
	for _, all := range []map[string]*manifest.Generic{m.Metrics, m.SemanticModels, m.SavedQueries} {
		for id, r := range all {
			put(item{id: id, kind: r.ResourceType, pkg: r.PackageName, name: r.Name, fqn: r.FQN, path: r.OriginalFilePath,
				tags: bodyStrings(r.Body, "tags"), group: configText(r.Config, "group"), config: values(r.Config), generic: r})
		}
	}
}

// macros are the macros the resource uses directly.
func (it *item) macros() []string {
	switch {
	case it.node != nil:
		return it.node.DependsOn.Macros
	case it.exposure != nil:
		return it.exposure.DependsOn.Macros
	case it.unit != nil:
		return it.unit.DependsOn.Macros
	case it.generic != nil:
		return it.generic.DependsOn.Macros
	}
	return nil
}

func values(c *manifest.Config) *value.Dict {
	if c == nil {
		return nil
	}
	return c.Values
}

func configText(c *manifest.Config, key string) string {
	if v := values(c); v != nil {
		if x, ok := v.GetString(key); ok {
			s, _ := x.AsString()
			return s
		}
	}
	return ""
}

func configStrings(c *manifest.Config, key string) []string { return bodyStrings(values(c), key) }

func bodyStrings(d *value.Dict, key string) []string {
	if d == nil {
		return nil
	}
	v, _ := d.GetString(key)
	if s, ok := v.AsString(); ok {
		return []string{s}
	}
	var out []string
	for _, x := range v.Items() {
		if s, ok := x.AsString(); ok {
			out = append(out, s)
		}
	}
	return out
}

// patchFile is the file in "package://models/schema.yml".
func patchFile(patch string) string {
	for i := 0; i+3 <= len(patch); i++ {
		if patch[i:i+3] == "://" {
			return patch[i+3:]
		}
	}
	return ""
}

// inNodes reports whether dbt keeps the resource in manifest.nodes; functions it keeps apart.
func (it *item) inNodes() bool { return it.node != nil && it.kind != manifest.FunctionType }

// switches remembers what configs say of being enabled; most are shared by many resources.
type switches map[*value.Dict]bool

// enabled is true without a config.
func (s switches) enabled(config *value.Dict) bool {
	if config == nil {
		return true
	}
	on, known := s[config]
	if !known {
		v, ok := config.GetString("enabled")
		on = !ok || v.IsNull() || value.Truth(v)
		s[config] = on
	}
	return on
}

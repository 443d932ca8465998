package selector

import (
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
)

var stateValues = []string{
	"new", "old", "modified", "unmodified", "modified.body", "modified.configs", "modified.persisted_descriptions",
	"modified.relation", "modified.macros", "modified.contract",
}

// state compares every resource with the earlier manifest.
func (s *Selector) state(text string) (dag.Set, *diag.Diagnostic) {
	if s.opts.State == nil || s.opts.State.Manifest == nil {
		d := failure("Got a state selector method, but no comparison manifest")
		d.Hint = "pass the folder of an earlier run's artifacts with --state"
		return nil, d
	}
	c := comparison{sel: s, old: s.opts.State.Manifest, new: s.manifest, unrendered: s.opts.CompareUnrendered}
	var check func(it *item, was *item) bool
	switch text {
	case "new":
		check = func(_, was *item) bool { return was == nil }
	case "old":
		check = func(_, was *item) bool { return was != nil }
	case "modified":
		check = c.modified
	case "unmodified":
		check = func(it, was *item) bool { return !c.modified(it, was) }
	case "modified.body":
		check = func(it, was *item) bool { return it.node != nil && (was == nil || !c.sameBody(it.node, was.node)) }
	case "modified.configs":
		check = func(it, was *item) bool { return c.hasConfigCheck(it) && (was == nil || !c.sameConfig(it, was)) }
	case "modified.persisted_descriptions":
		check = func(it, was *item) bool { return it.node != nil && (was == nil || !samePersisted(it.node, was.node)) }
	case "modified.relation":
		check = func(it, was *item) bool {
			return (it.node != nil || it.source != nil) && (was == nil || !c.sameRelation(it, was))
		}
	case "modified.macros":
		check = func(it, _ *item) bool { return c.macrosModified(it) }
	case "modified.contract":
		check = func(it, was *item) bool { return it.node != nil && (was == nil || !c.sameContract(it.node, was.node)) }
	default:
		d := failure("Got an invalid selector \"" + text + "\", expected one of \"" + quoteList(stateValues) + "\"")
		if near := diag.Suggest(text, stateValues); near != "" {
			d.Hint = "did you mean 'state:" + near + "'?"
		}
		return nil, d
	}
	modernized(c.old)
	before := previousItems(c.old)
	found := s.where(func(it *item) bool { return check(it, before[it.id]) })
	if strings.HasPrefix(text, "modified") || text == "unmodified" {
		if text != "modified.body" && text != "modified.configs" && text != "modified.relation" {
			c.removed(text == "modified" || text == "unmodified" || text == "modified.contract")
		}
	}
	sort.SliceStable(c.breaking, func(a, b int) bool { return c.breaking[a].NodeID < c.breaking[b].NodeID })
	for _, d := range c.breaking {
		if d.Severity == diag.Error {
			return nil, d
		}
		s.warnings = append(s.warnings, d)
	}
	return found, nil
}

// previousItems indexes an earlier manifest by unique_id.
func previousItems(m *manifest.Manifest) map[string]*item {
	out := make(map[string]*item, len(m.Nodes)+len(m.Sources))
	describe(m, func(it item) { out[it.id] = &it })
	return out
}

type comparison struct {
	sel        *Selector
	old, new   *manifest.Manifest
	unrendered bool
	macros     map[string]bool // changed macros
	breaking   diag.List
	reported   map[string]bool
}

func (c *comparison) modified(it, was *item) bool {
	return !c.sameContents(it, was) || c.macrosModified(it)
}

func (c *comparison) sameContents(it, was *item) bool {
	switch {
	case it.unit != nil:
		return was != nil && it.unit.Checksum == was.unit.Checksum
	case was == nil:
		// For dbt a new node differs, and a new source, exposure or metric does not.
		return it.node == nil
	case it.source != nil:
		return c.sameSource(it, was)
	case it.exposure != nil:
		return c.sameExposure(it, was)
	case it.generic != nil:
		return c.sameGeneric(it.generic, was.generic)
	}
	n, o := it.node, was.node
	if n.ResourceType == manifest.Test && n.Test != nil {
		return c.sameConfig(it, was) && sameStrings(n.FQN, o.FQN)
	}
	contract := c.sameContract(n, o)
	if !c.sameBody(n, o) || !c.sameConfig(it, was) || !samePersisted(n, o) || !sameStrings(n.FQN, o.FQN) || !c.sameRelation(it, was) || !contract {
		return false
	}
	switch n.ResourceType {
	case manifest.Model:
		return sameValue(n.LatestVersion, o.LatestVersion) && n.Access == o.Access && n.DeprecationDate == o.DeprecationDate
	case manifest.FunctionType:
		return sameValue(withoutNulls(n.Arguments), withoutNulls(o.Arguments)) && sameValue(n.Returns, o.Returns) && sameValue(withoutNulls(n.Overloads), withoutNulls(o.Overloads))
	}
	return true
}

func (c *comparison) sameBody(n, o *manifest.Node) bool {
	if o == nil {
		return false
	}
	if n.ResourceType == manifest.Seed {
		c.largeSeed(n, o)
		return n.Checksum == o.Checksum
	}
	return n.RawCode == o.RawCode
}

// samePersisted compares the descriptions that are written to the database.
func samePersisted(n, o *manifest.Node) bool {
	docs := n.Config.Dict("persist_docs")
	if docs == nil {
		return true
	}
	if truth(docs, "relation") && n.Description != o.Description {
		return false
	}
	return !truth(docs, "columns") || sameDescriptions(n.Columns, o.Columns)
}

func sameDescriptions(a, b []*manifest.Column) bool {
	if len(a) != len(b) {
		return false
	}
	by := make(map[string]string, len(b))
	for _, x := range b {
		by[x.Name] = x.Description
	}
	for _, x := range a {
		if d, ok := by[x.Name]; !ok || d != x.Description {
			return false
		}
	}
	return true
}

func (c *comparison) sameRelation(it, was *item) bool {
	if it.source != nil {
		n, o := it.source, was.source
		if c.unrendered {
			return n.UnrenderedDatabase == o.UnrenderedDatabase && n.UnrenderedSchema == o.UnrenderedSchema && n.Identifier == o.Identifier
		}
		return n.Database == o.Database && n.Schema == o.Schema && n.Identifier == o.Identifier
	}
	for _, key := range []string{"database", "schema", "alias"} {
		if !sameKey(it.node.Unrendered, was.node.Unrendered, key) {
			return false
		}
	}
	return true
}

func sameKey(a, b *value.Dict, key string) bool {
	return sameValue(get(a, key), get(b, key))
}

func get(d *value.Dict, key string) value.Value {
	if d == nil {
		return value.None
	}
	v, ok := d.GetString(key)
	if !ok {
		return value.None
	}
	return v
}

// sameValue treats None and undefined alike.
func sameValue(a, b value.Value) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	return value.Equal(a, b)
}

func sameStrings(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (c *comparison) hasConfigCheck(it *item) bool { return it.unit == nil }

// uncompared config keys do not change what is built, or are compared elsewhere.
var uncompared = map[manifest.ResourceType]map[string]bool{
	manifest.SourceType:    {},
	manifest.ExposureType:  {},
	manifest.MetricType:    {"group": true},
	manifest.SemanticModel: {"group": true},
	manifest.SavedQuery:    {"group": true},
}

var uncomparedNode = map[string]bool{"alias": true, "schema": true, "database": true, "tags": true, "group": true}

func (c *comparison) sameConfig(it, was *item) bool {
	if it.generic != nil && it.kind != manifest.MetricType {
		return sameDict(it.config, was.config)
	}
	skip, ok := uncompared[it.kind]
	if !ok {
		skip = uncomparedNode
	}
	a, b := it.unrendered, was.unrendered
	for _, side := range [][2]*value.Dict{{a, b}, {b, a}} {
		if side[0] == nil {
			continue
		}
		for k, v := range side[0].All() {
			if name := value.Str(k); skip[name] {
				continue
			}
			if side[1] == nil {
				return false
			}
			if other, ok := side[1].Get(k); !ok || !value.Equal(v, other) {
				return false
			}
		}
	}
	return true
}

func sameDict(a, b *value.Dict) bool {
	if a == nil || b == nil {
		return (a == nil || a.Len() == 0) && (b == nil || b.Len() == 0)
	}
	return value.Equal(value.FromDict(a), value.FromDict(b))
}

func (c *comparison) sameSource(it, was *item) bool {
	n, o := it.source, was.source
	return c.sameRelation(it, was) && sameStrings(n.FQN, o.FQN) && c.sameConfig(it, was) && sameDict(n.Quoting, o.Quoting) &&
		sameDict(n.Freshness, o.Freshness) && n.LoadedAtField == o.LoadedAtField && sameDict(n.External, o.External)
}

func (c *comparison) sameExposure(it, was *item) bool {
	n, o := it.exposure, was.exposure
	return sameStrings(n.FQN, o.FQN) && n.Type == o.Type && sameDict(n.Owner, o.Owner) && n.Maturity == o.Maturity && n.URL == o.URL &&
		n.Description == o.Description && n.Label == o.Label && sameSet(n.DependsOn.Nodes, o.DependsOn.Nodes) && c.sameConfig(it, was)
}

func sameSet(a, b []string) bool {
	in := make(map[string]bool, len(a))
	for _, x := range a {
		in[x] = true
	}
	other := make(map[string]bool, len(b))
	for _, x := range b {
		if !in[x] {
			return false
		}
		other[x] = true
	}
	return len(in) == len(other)
}

var genericKeys = map[manifest.ResourceType][]string{
	manifest.MetricType:    {"type", "description", "label"},
	manifest.SemanticModel: {"model", "description", "defaults", "entities", "dimensions", "measures", "config", "primary_entity", "group"},
	manifest.SavedQuery:    {"query_params", "description", "label", "config", "group", "tags"},
}

func (c *comparison) sameGeneric(n, o *manifest.Generic) bool {
	for _, key := range genericKeys[n.ResourceType] {
		if !sameKey(n.Body, o.Body, key) {
			return false
		}
	}
	switch n.ResourceType {
	case manifest.MetricType:
		return sameDict(unrenderedOf(n), unrenderedOf(o))
	case manifest.SavedQuery:
		return sameExports(get(n.Body, "exports").Items(), get(o.Body, "exports").Items())
	}
	return true
}

func unrenderedOf(g *manifest.Generic) *value.Dict {
	d, _ := get(g.Body, "unrendered_config").AsDict()
	return d
}

func sameExports(a, b []value.Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, _ := a[i].AsDict()
		y, _ := b[i].AsDict()
		if !sameKey(x, y, "name") {
			return false
		}
		cx, _ := get(x, "unrendered_config").AsDict()
		cy, _ := get(y, "unrendered_config").AsDict()
		for _, key := range []string{"export_as", "schema", "alias"} {
			if !sameKey(cx, cy, key) {
				return false
			}
		}
	}
	return true
}

// macrosModified reports whether a macro that the resource uses, directly or through
// other macros, differs.
func (c *comparison) macrosModified(it *item) bool {
	if c.macros == nil {
		c.macros = map[string]bool{}
		// What comes with the program says nothing about the project: the state may be another
		// version's, or dbt-core's.
		own := func(m *manifest.Macro) bool { return !slices.Contains(c.sel.opts.Internal, m.PackageName) }
		for id, m := range c.new.Macros {
			if o, ok := c.old.Macros[id]; own(m) && (!ok || o.SQL != m.SQL) {
				c.macros[id] = true
			}
		}
		for id, o := range c.old.Macros {
			if _, ok := c.new.Macros[id]; own(o) && !ok {
				c.macros[id] = true
			}
		}
	}
	if len(c.macros) == 0 {
		return false
	}
	seen := map[string]bool{}
	var visit func(ids []string) bool
	visit = func(ids []string) bool {
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			if c.macros[id] {
				return true
			}
			if m := c.new.Macros[id]; m != nil && visit(m.DependsOn) {
				return true
			}
		}
		return false
	}
	return visit(it.macros())
}

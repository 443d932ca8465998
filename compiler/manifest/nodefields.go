package manifest

import (
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Compiled is what compiling a node adds to it.
type Compiled struct {
	Code      string
	ExtraCTEs []CTE
	Path      string // below the project: "target/compiled/pkg/models/x.sql", "" when not written
	BuildPath string // "target/run/…", "" when not written
	// ForeignKeys are the relations that the targets of foreign keys stand for.
	ForeignKeys map[string]string
	// Macros are those that the code called and parsing did not see, because they stand
	// behind `execute`; and those that the materialization of a test calls.
	Macros []string
	// Overloads are the compiled bodies of a function's overloads.
	Overloads []string
	// HookIndex is which of its kind a hook was that ran, from 1; dbt counts from 0 before that.
	HookIndex int
}

// Called adds macros that were called to those that the node depends on.
func (c *Compiled) Called(n *Node, macros []string) {
	for _, id := range macros {
		if !slices.Contains(n.DependsOn.Macros, id) && !slices.Contains(c.Macros, id) {
			c.Macros = append(c.Macros, id)
		}
	}
}

// CTE is an ephemeral parent that was put in front of the compiled code.
type CTE struct{ ID, SQL string }

func (c *Compiled) ctes() value.Value {
	items := make([]value.Value, len(c.ExtraCTEs))
	for i, cte := range c.ExtraCTEs {
		d := value.NewDict(2)
		d.SetString("id", value.String(cte.ID))
		d.SetString("sql", value.String(cte.SQL))
		items[i] = value.FromDict(d)
	}
	return value.NewList(items...)
}

// fields lists the node's keys in dbt's order; compiled may be nil.
func (n *Node) fields(compiled *Compiled, to sink) {
	if compiled != nil {
		n = n.withTargets(compiled.ForeignKeys)
	}
	if n.ResourceType == FunctionType {
		to.put("returns", none(n.Returns))
	}
	to.optStr("database", n.Database)
	to.optStr("schema", n.Schema)
	to.str("name", n.Name)
	to.str("resource_type", string(n.ResourceType))
	to.str("package_name", n.PackageName)
	to.str("path", n.Path)
	to.str("original_file_path", n.OriginalFilePath)
	to.str("unique_id", n.UniqueID)
	to.strs("fqn", n.FQN)
	to.str("alias", n.Alias)
	n.Checksum.fields(to)
	n.Config.fields(to)
	to.strs("tags", n.Tags)
	to.str("description", n.Description)
	columnFields(to, n.Columns)
	to.dict("meta", n.meta(to))
	to.optStr("group", n.Group)
	n.Docs.fields(to)
	to.optStr("patch_path", n.PatchPath)
	buildPath := ""
	if compiled != nil {
		buildPath = compiled.BuildPath
	}
	to.optStr("build_path", buildPath)
	if n.Config != nil && n.Config.shared && n.Unrendered != nil {
		if to.e != nil {
			to.e.key("unrendered_config")
			to.e.sharedDict(n.Unrendered)
		} else {
			to.dict("unrendered_config", n.Unrendered.DeepCopy())
		}
	} else {
		to.dict("unrendered_config", n.Unrendered)
	}
	to.put("created_at", value.Float(n.CreatedAt))
	to.optStr("relation_name", n.Relation)
	to.str("raw_code", n.RawCode)
	to.strs("doc_blocks", n.DocBlocks)
	if n.ResourceType == Seed {
		to.optStr("root_path", n.RootPath)
		o := to.open("depends_on", 1)
		o.strs("macros", n.DependsOn.Macros)
		o.close()
		return
	}
	to.str("language", n.Language)
	refFields(to, n.Refs)
	to.put("sources", sourceRefValues(n.Sources))
	to.put("metrics", lists(n.Metrics))
	to.put("functions", lists(n.Functions))
	depends := n.DependsOn
	if compiled != nil && len(compiled.Macros) > 0 {
		depends.Macros = slices.Concat(depends.Macros, compiled.Macros)
	}
	depends.fields(to)
	if compiled == nil {
		to.put("compiled_path", value.None)
	} else {
		to.optStr("compiled_path", compiled.Path)
		to.put("compiled", value.True)
		to.str("compiled_code", compiled.Code)
		to.put("extra_ctes_injected", value.True)
		to.put("extra_ctes", compiled.ctes())
	}
	n.Contract.fields(to)
	n.kindFields(compiled, to)
	if n.Extra != nil {
		for k, v := range n.Extra.All() {
			to.put(value.Str(k), v)
		}
	}
}

// meta is the node's meta, which is that of its config.
func (n *Node) meta(to sink) *value.Dict {
	if n.Meta != nil && to.d != nil && n.Config != nil && n.Config.shared {
		v, _ := n.Config.Own().GetString("meta")
		d, _ := v.AsDict()
		return d
	}
	return n.Meta
}

// kindFields lists the keys that only one kind of node has.
func (n *Node) kindFields(compiled *Compiled, to sink) {
	switch n.ResourceType {
	case Model:
		to.str("access", n.Access)
		to.put("constraints", dicts(n.Constraints))
		to.put("version", none(n.Version))
		to.put("latest_version", none(n.LatestVersion))
		to.optStr("deprecation_date", n.DeprecationDate)
		to.strs("primary_key", n.PrimaryKey)
		to.put("time_spine", orNone(n.TimeSpine))
	case Test:
		if n.Test == nil {
			return
		}
		to.optStr("column_name", n.ColumnName)
		to.optStr("file_key_name", n.FileKeyName)
		to.optStr("attached_node", n.AttachedNode)
		n.Test.fields(to)
	case Operation:
		index := n.Index
		if compiled != nil && compiled.HookIndex > 0 {
			index = compiled.HookIndex
		}
		to.put("index", value.Int(int64(index)))
	case FunctionType:
		to.put("arguments", none(n.Arguments))
		overloads := n.Overloads
		if compiled != nil {
			overloads = compiledOverloads(overloads, compiled.Overloads)
		}
		to.put("overloads", none(overloads))
	}
}

// compiledOverloads are overloads with their compiled bodies.
func compiledOverloads(overloads value.Value, bodies []string) value.Value {
	items := overloads.Items()
	if len(bodies) == 0 || len(bodies) != len(items) {
		return overloads
	}
	out := make([]value.Value, len(items))
	for i, item := range items {
		d, _ := item.AsDict()
		d = d.Copy()
		d.SetString("compiled_body", value.String(bodies[i]))
		out[i] = value.FromDict(d)
	}
	return value.NewList(out...)
}

func (t *TestMetadata) fields(to sink) {
	o := to.open("test_metadata", 3)
	o.str("name", t.Name)
	o.dict("kwargs", t.Kwargs)
	o.optStr("namespace", t.Namespace)
	o.close()
}

// Value is the node with all its keys as a fresh dict.
func (n *Node) Value(compiled *Compiled) value.Value {
	return dictOf(48, func(to sink) { n.fields(compiled, to) })
}

// MacroContextValue is `model` in a template: keys without a value are left out, as dbt
// leaves them out, also inside the config, the columns and the other parts that dbt types.
func (n *Node) MacroContextValue(compiled *Compiled) value.Value {
	all, _ := n.Value(compiled).AsDict()
	d := value.NewDict(48)
	for k, v := range all.All() {
		if v.IsNone() {
			continue
		}
		key := value.Str(k)
		switch key {
		case "config":
			v = withoutNone(v, "docs", "contract", "freshness", "latest_version_pointer", "snapshot_meta_column_names")
		case "docs", "contract", "test_metadata", "time_spine", "returns":
			v = withoutNone(v)
		case "refs", "constraints", "arguments", "overloads":
			v = eachWithoutNone(v)
		case "columns":
			v = columnsWithoutNone(v)
		}
		d.SetString(key, v)
	}
	if compiled != nil && n.ResourceType != Seed {
		d.SetString("compiled_sql", value.String(compiled.Code))
	}
	return value.FromDict(d)
}

func withoutNone(v value.Value, nested ...string) value.Value {
	d, ok := v.AsDict()
	if !ok {
		return v
	}
	out := value.NewDict(d.Len())
	for k, item := range d.All() {
		if item.IsNone() {
			continue
		}
		key, _ := k.AsString()
		for _, name := range nested {
			if key == name {
				item = withoutNone(item)
			}
		}
		out.SetString(key, item)
	}
	return value.FromDict(out)
}

func eachWithoutNone(v value.Value) value.Value {
	items := v.Items()
	out := make([]value.Value, len(items))
	for i, item := range items {
		out[i] = withoutNone(item)
	}
	return value.NewList(out...)
}

func columnsWithoutNone(v value.Value) value.Value {
	d, ok := v.AsDict()
	if !ok {
		return v
	}
	out := value.NewDict(d.Len())
	for k, column := range d.All() {
		c := withoutNone(column)
		if cd, ok := c.AsDict(); ok {
			if constraints, ok := cd.GetString("constraints"); ok {
				cd.SetString("constraints", eachWithoutNone(constraints))
			}
		}
		out.SetString(value.Str(k), c)
	}
	return value.FromDict(out)
}

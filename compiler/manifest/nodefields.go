package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// Compiled is what compiling a node adds to it.
type Compiled struct {
	Code      string
	ExtraCTEs []CTE
	Path      string // below the project: "target/compiled/pkg/models/x.sql", "" when not written
	BuildPath string // "target/run/…", "" when not written
	// ForeignKeys are the relations that the targets of foreign keys stand for.
	ForeignKeys map[string]string
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
func (n *Node) fields(compiled *Compiled, emit emit) {
	if compiled != nil {
		n = n.withTargets(compiled.ForeignKeys)
	}
	if n.ResourceType == FunctionType {
		emit("returns", none(n.Returns))
	}
	emit("database", value.OptString(n.Database))
	emit("schema", value.OptString(n.Schema))
	emit("name", value.String(n.Name))
	emit("resource_type", value.String(string(n.ResourceType)))
	emit("package_name", value.String(n.PackageName))
	emit("path", value.String(n.Path))
	emit("original_file_path", value.String(n.OriginalFilePath))
	emit("unique_id", value.String(n.UniqueID))
	emit("fqn", strs(n.FQN))
	emit("alias", value.String(n.Alias))
	emit("checksum", n.Checksum.value())
	emit("config", n.Config.value())
	emit("tags", strs(n.Tags))
	emit("description", value.String(n.Description))
	emit("columns", columnValues(n.Columns))
	emit("meta", orEmpty(n.Meta))
	emit("group", value.OptString(n.Group))
	emit("docs", n.Docs.value())
	emit("patch_path", value.OptString(n.PatchPath))
	buildPath := value.None
	if compiled != nil {
		buildPath = value.OptString(compiled.BuildPath)
	}
	emit("build_path", buildPath)
	emit("unrendered_config", orEmpty(n.Unrendered))
	emit("created_at", value.Float(n.CreatedAt))
	emit("relation_name", value.OptString(n.Relation))
	emit("raw_code", value.String(n.RawCode))
	emit("doc_blocks", strs(n.DocBlocks))
	if n.ResourceType == Seed {
		emit("root_path", value.OptString(n.RootPath))
		macros := value.NewDict(1)
		macros.SetString("macros", strs(n.DependsOn.Macros))
		emit("depends_on", value.FromDict(macros))
		return
	}
	emit("language", value.String(n.Language))
	emit("refs", refValues(n.Refs))
	emit("sources", sourceRefValues(n.Sources))
	emit("metrics", lists(n.Metrics))
	emit("functions", lists(n.Functions))
	emit("depends_on", n.DependsOn.value())
	if compiled == nil {
		emit("compiled_path", value.None)
	} else {
		emit("compiled_path", value.OptString(compiled.Path))
		emit("compiled", value.True)
		emit("compiled_code", value.String(compiled.Code))
		emit("extra_ctes_injected", value.True)
		emit("extra_ctes", compiled.ctes())
	}
	emit("contract", n.Contract.value())
	n.kindFields(emit)
	if n.Extra != nil {
		for k, v := range n.Extra.All() {
			emit(value.Str(k), v)
		}
	}
}

// kindFields lists the keys that only one kind of node has.
func (n *Node) kindFields(emit emit) {
	switch n.ResourceType {
	case Model:
		emit("access", value.String(n.Access))
		emit("constraints", dicts(n.Constraints))
		emit("version", none(n.Version))
		emit("latest_version", none(n.LatestVersion))
		emit("deprecation_date", value.OptString(n.DeprecationDate))
		emit("primary_key", strs(n.PrimaryKey))
		emit("time_spine", orNone(n.TimeSpine))
	case Test:
		if n.Test == nil {
			return
		}
		emit("column_name", value.OptString(n.ColumnName))
		emit("file_key_name", value.OptString(n.FileKeyName))
		emit("attached_node", value.OptString(n.AttachedNode))
		emit("test_metadata", n.Test.value())
	case Operation:
		emit("index", value.Int(int64(n.Index)))
	case FunctionType:
		emit("arguments", none(n.Arguments))
		emit("overloads", none(n.Overloads))
	}
}

func (t *TestMetadata) value() value.Value {
	d := value.NewDict(3)
	d.SetString("name", value.String(t.Name))
	d.SetString("kwargs", orEmpty(t.Kwargs))
	d.SetString("namespace", value.OptString(t.Namespace))
	return value.FromDict(d)
}

// Value is the node with all its keys as a fresh dict.
func (n *Node) Value(compiled *Compiled) value.Value {
	return dictOf(48, func(e emit) { n.fields(compiled, e) })
}

// MacroContextValue is `model` in a template: keys without a value are left out, as dbt
// leaves them out, also inside the config, the columns and the other parts that dbt types.
func (n *Node) MacroContextValue(compiled *Compiled) value.Value {
	d := value.NewDict(48)
	n.fields(compiled, func(key string, v value.Value) {
		if v.IsNone() {
			return
		}
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
	})
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

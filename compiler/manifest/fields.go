package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// emit receives the keys of a resource in dbt's order. The artifact writer and the
// template values are both fed from the same lists, so they cannot drift apart.
type emit func(key string, v value.Value)

// dictOf collects what fields emits.
func dictOf(capacity int, fields func(emit)) value.Value {
	d := value.NewDict(capacity)
	fields(d.SetString)
	return value.FromDict(d)
}

func strs(list []string) value.Value { return value.Strings(list...) }

func lists(list [][]string) value.Value {
	items := make([]value.Value, len(list))
	for i, l := range list {
		items[i] = strs(l)
	}
	return value.NewList(items...)
}

func dicts(list []*value.Dict) value.Value {
	items := make([]value.Value, len(list))
	for i, d := range list {
		items[i] = value.FromDict(d)
	}
	return value.NewList(items...)
}

// orEmpty is an empty dict for nil.
func orEmpty(d *value.Dict) value.Value {
	if d == nil {
		d = value.NewDict(0)
	}
	return value.FromDict(d)
}

// orNone is None for nil.
func orNone(d *value.Dict) value.Value {
	if d == nil {
		return value.None
	}
	return value.FromDict(d)
}

func none(v value.Value) value.Value {
	if v.IsUndefined() {
		return value.None
	}
	return v
}

func optBool(b *bool) value.Value {
	if b == nil {
		return value.None
	}
	return value.Bool(*b)
}

func (c *Config) value() value.Value {
	if c == nil {
		return orEmpty(nil)
	}
	return orEmpty(c.Values)
}

func (c Checksum) value() value.Value {
	d := value.NewDict(2)
	d.SetString("name", value.String(c.Name))
	d.SetString("checksum", value.String(c.Checksum))
	return value.FromDict(d)
}

func (d Docs) value() value.Value {
	v := value.NewDict(2)
	v.SetString("show", value.Bool(d.Show))
	v.SetString("node_color", value.OptString(d.NodeColor))
	return value.FromDict(v)
}

func (c Contract) value() value.Value {
	v := value.NewDict(3)
	v.SetString("enforced", value.Bool(c.Enforced))
	v.SetString("alias_types", value.Bool(c.AliasTypes))
	v.SetString("checksum", value.OptString(c.Checksum))
	return value.FromDict(v)
}

func refValues(refs []Ref) value.Value {
	items := make([]value.Value, len(refs))
	for i, r := range refs {
		d := value.NewDict(3)
		d.SetString("name", value.String(r.Name))
		d.SetString("package", value.OptString(r.Package))
		d.SetString("version", none(r.Version))
		items[i] = value.FromDict(d)
	}
	return value.NewList(items...)
}

func sourceRefValues(refs []SourceRef) value.Value {
	items := make([]value.Value, len(refs))
	for i, r := range refs {
		items[i] = value.Strings(r.Source, r.Table)
	}
	return value.NewList(items...)
}

func (d DependsOn) value() value.Value {
	v := value.NewDict(2)
	v.SetString("macros", strs(d.Macros))
	v.SetString("nodes", strs(d.Nodes))
	return value.FromDict(v)
}

func columnValues(columns []*Column) value.Value {
	d := value.NewDict(len(columns))
	for _, c := range columns {
		d.SetString(c.Name, c.Value())
	}
	return value.FromDict(d)
}

// Value is the column as artifacts and templates show it.
func (c *Column) Value() value.Value {
	size := 12
	if c.Extra != nil {
		size += c.Extra.Len()
	}
	d := value.NewDict(size)
	d.SetString("name", value.String(c.Name))
	d.SetString("description", value.String(c.Description))
	d.SetString("meta", orEmpty(c.Meta))
	d.SetString("data_type", value.OptString(c.DataType))
	d.SetString("constraints", dicts(c.Constraints))
	d.SetString("quote", optBool(c.Quote))
	config := value.NewDict(2)
	config.SetString("meta", orEmpty(c.Meta))
	config.SetString("tags", strs(c.Tags))
	d.SetString("config", value.FromDict(config))
	d.SetString("tags", strs(c.Tags))
	d.SetString("granularity", value.OptString(c.Granularity))
	d.SetString("dimension", none(c.Dimension))
	d.SetString("entity", none(c.Entity))
	d.SetString("doc_blocks", strs(c.DocBlocks))
	if c.Extra != nil {
		for k, v := range c.Extra.All() {
			d.SetString(value.Str(k), v)
		}
	}
	return value.FromDict(d)
}

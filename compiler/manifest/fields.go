package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// emit receives the keys of an object in dbt's order.
type emit func(key string, v value.Value)

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

func (c *Config) fields(to sink) {
	switch {
	case c == nil:
		to.dict("config", nil)
	case to.e != nil && c.shared:
		to.e.key("config")
		to.e.sharedDict(c.Values)
	case to.e != nil:
		to.dict("config", c.Values)
	default:
		to.dict("config", c.Own())
	}
}

func (c Checksum) fields(to sink) {
	o := to.open("checksum", 2)
	o.str("name", c.Name)
	o.str("checksum", c.Checksum)
	o.close()
}

func (d Docs) fields(to sink) {
	o := to.open("docs", 2)
	o.put("show", value.Bool(d.Show))
	o.optStr("node_color", d.NodeColor)
	o.close()
}

func (c Contract) fields(to sink) {
	o := to.open("contract", 3)
	o.put("enforced", value.Bool(c.Enforced))
	o.put("alias_types", value.Bool(c.AliasTypes))
	o.optStr("checksum", c.Checksum)
	o.close()
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

func refFields(to sink, refs []Ref) {
	if to.e == nil {
		to.put("refs", refValues(refs))
		return
	}
	to.e.key("refs")
	to.e.raw("[")
	for i := range refs {
		if i > 0 {
			to.e.raw(", ")
		}
		to.e.raw("{")
		to.e.n = 0
		to.str("name", refs[i].Name)
		to.optStr("package", refs[i].Package)
		to.put("version", none(refs[i].Version))
		to.close()
	}
	to.e.raw("]")
}

func sourceRefValues(refs []SourceRef) value.Value {
	items := make([]value.Value, len(refs))
	for i, r := range refs {
		items[i] = value.Strings(r.Source, r.Table)
	}
	return value.NewList(items...)
}

func (d DependsOn) fields(to sink) {
	o := to.open("depends_on", 2)
	o.strs("macros", d.Macros)
	o.strs("nodes", d.Nodes)
	o.close()
}

func columnFields(to sink, columns []*Column) {
	o := to.open("columns", len(columns))
	for _, c := range columns {
		c.fields(o.open(c.Name, c.size()))
		o.close()
	}
	o.close()
}

func (c *Column) size() int {
	if c.Extra != nil {
		return 12 + c.Extra.Len()
	}
	return 12
}

// Value is the column as artifacts and templates show it.
func (c *Column) Value() value.Value { return dictOf(c.size(), c.fields) }

func (c *Column) fields(to sink) {
	to.str("name", c.Name)
	to.str("description", c.Description)
	to.dict("meta", c.Meta)
	to.optStr("data_type", c.DataType)
	to.put("constraints", dicts(c.Constraints))
	to.put("quote", optBool(c.Quote))
	config := to.open("config", 2)
	config.dict("meta", c.Meta)
	config.strs("tags", c.Tags)
	config.close()
	to.strs("tags", c.Tags)
	to.optStr("granularity", c.Granularity)
	to.put("dimension", none(c.Dimension))
	to.put("entity", none(c.Entity))
	if own, ok := (record{c.Extra}).own("doc_blocks"); ok {
		to.put("doc_blocks", keptBlocks(own))
	} else {
		to.strs("doc_blocks", c.DocBlocks)
	}
	if c.Extra == nil {
		return
	}
	for k, v := range c.Extra.All() {
		if key := value.Str(k); key != "doc_blocks" {
			to.put(key, v)
		}
	}
}

// keptBlocks are the doc_blocks that a project gives a column itself: none when they are no list
// of texts, which readers of the manifest refuse.
func keptBlocks(own value.Value) value.Value {
	if own.Kind() != value.KindList {
		return value.NewList()
	}
	for _, item := range own.Items() {
		if item.Kind() != value.KindString {
			return value.NewList()
		}
	}
	return own
}

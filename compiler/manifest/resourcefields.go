package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

func (s *Source) fields(to sink) {
	to.optStr("database", s.Database)
	to.str("schema", s.Schema)
	to.str("name", s.Name)
	to.str("resource_type", string(SourceType))
	to.str("package_name", s.PackageName)
	to.str("path", s.Path)
	to.str("original_file_path", s.OriginalFilePath)
	to.str("unique_id", s.UniqueID)
	to.strs("fqn", s.FQN)
	to.str("source_name", s.SourceName)
	to.str("source_description", s.SourceDescription)
	to.str("loader", s.Loader)
	to.str("identifier", s.Identifier)
	to.dict("quoting", s.Quoting)
	to.optStr("loaded_at_field", s.LoadedAtField)
	to.optStr("loaded_at_query", s.LoadedAtQuery)
	to.put("freshness", orNone(s.Freshness))
	to.put("external", orNone(s.External))
	to.str("description", s.Description)
	columnFields(to, s.Columns)
	to.dict("meta", s.Meta)
	to.dict("source_meta", s.SourceMeta)
	to.strs("tags", s.Tags)
	s.Config.fields(to)
	to.optStr("patch_path", s.PatchPath)
	to.dict("unrendered_config", s.Unrendered)
	to.optStr("relation_name", s.Relation)
	to.put("created_at", value.Float(s.CreatedAt))
	to.optStr("unrendered_database", s.UnrenderedDatabase)
	to.optStr("unrendered_schema", s.UnrenderedSchema)
	to.strs("doc_blocks", s.DocBlocks)
}

// Value is the source with all its keys as a fresh dict.
func (s *Source) Value() value.Value { return dictOf(32, s.fields) }

func (m *Macro) fields(to sink) {
	to.str("name", m.Name)
	to.str("resource_type", string(MacroType))
	to.str("package_name", m.PackageName)
	to.str("path", m.Path)
	to.str("original_file_path", m.OriginalFilePath)
	to.str("unique_id", m.UniqueID)
	to.str("macro_sql", m.SQL)
	o := to.open("depends_on", 1)
	o.strs("macros", m.DependsOn)
	o.close()
	to.str("description", m.Description)
	to.dict("meta", m.Meta)
	m.Docs.fields(to)
	if m.Config != nil {
		to.dict("config", m.Config)
	} else {
		config := to.open("config", 2)
		config.dict("meta", m.Meta)
		m.Docs.fields(config)
		config.close()
	}
	to.optStr("patch_path", m.PatchPath)
	to.put("arguments", dicts(m.Arguments))
	to.put("created_at", value.Float(m.CreatedAt))
	languages := value.None
	if m.SupportedLanguages != nil {
		languages = strs(m.SupportedLanguages)
	}
	to.put("supported_languages", languages)
}

// Value is the macro with all its keys as a fresh dict.
func (m *Macro) Value() value.Value { return dictOf(16, m.fields) }

func (d *Doc) fields(to sink) {
	to.str("name", d.Name)
	to.str("resource_type", string(DocType))
	to.str("package_name", d.PackageName)
	to.str("path", d.Path)
	to.str("original_file_path", d.OriginalFilePath)
	to.str("unique_id", d.UniqueID)
	to.str("block_contents", d.Contents)
}

func (x *Exposure) fields(to sink) {
	to.str("name", x.Name)
	to.str("resource_type", string(ExposureType))
	to.str("package_name", x.PackageName)
	to.str("path", x.Path)
	to.str("original_file_path", x.OriginalFilePath)
	to.str("unique_id", x.UniqueID)
	to.strs("fqn", x.FQN)
	to.str("type", x.Type)
	to.dict("owner", x.Owner)
	to.str("description", x.Description)
	to.optStr("label", x.Label)
	to.optStr("maturity", x.Maturity)
	to.dict("meta", x.Meta)
	to.strs("tags", x.Tags)
	x.Config.fields(to)
	to.dict("unrendered_config", x.Unrendered)
	to.optStr("url", x.URL)
	x.DependsOn.fields(to)
	refFields(to, x.Refs)
	to.put("sources", sourceRefValues(x.Sources))
	to.put("metrics", lists(x.Metrics))
	to.put("created_at", value.Float(x.CreatedAt))
}

// Value is the exposure with all its keys as a fresh dict.
func (x *Exposure) Value() value.Value { return dictOf(24, x.fields) }

func (g *Group) fields(to sink) {
	to.str("name", g.Name)
	to.str("resource_type", string(GroupType))
	to.str("package_name", g.PackageName)
	to.str("path", g.Path)
	to.str("original_file_path", g.OriginalFilePath)
	to.str("unique_id", g.UniqueID)
	to.dict("owner", g.Owner)
	to.optStr("description", g.Description)
	to.dict("config", g.Config)
}

// Value is the group with all its keys as a fresh dict.
func (g *Group) Value() value.Value { return dictOf(9, g.fields) }

func (u *UnitTestDef) fields(to sink) {
	to.str("model", u.Model)
	given := make([]value.Value, len(u.Given))
	for i := range u.Given {
		given[i] = u.Given[i].value(true)
	}
	to.put("given", value.NewList(given...))
	to.put("expect", u.Expect.value(false))
	to.str("name", u.Name)
	to.str("resource_type", string(UnitTest))
	to.str("package_name", u.PackageName)
	to.str("path", u.Path)
	to.str("original_file_path", u.OriginalFilePath)
	to.str("unique_id", u.UniqueID)
	to.strs("fqn", u.FQN)
	to.str("description", u.Description)
	to.put("overrides", orNone(u.Overrides))
	u.DependsOn.fields(to)
	u.Config.fields(to)
	to.optStr("checksum", u.Checksum)
	to.optStr("schema", u.Schema)
	to.put("created_at", value.Float(u.CreatedAt))
	to.put("versions", none(u.Versions))
	to.put("version", none(u.Version))
}

// Value is the unit test with all its keys as a fresh dict.
func (u *UnitTestDef) Value() value.Value { return dictOf(20, u.fields) }

func (f *Fixture) value(input bool) value.Value {
	d := value.NewDict(4)
	if input {
		d.SetString("input", value.String(f.Input))
	}
	d.SetString("rows", none(f.Rows))
	d.SetString("format", value.String(f.Format))
	d.SetString("fixture", value.OptString(f.Fixture))
	return value.FromDict(d)
}

// fields of a Generic are those of its Body, which holds them in order; the ones that
// resolution fills in are replaced.
func (g *Generic) fields(to sink) {
	for k, v := range g.Body.All() {
		key := value.Str(k)
		switch key {
		case "depends_on":
			g.DependsOn.fields(to)
			continue
		case "refs":
			v = refValues(g.Refs)
		case "created_at":
			v = value.Float(g.CreatedAt)
		}
		to.put(key, v)
	}
}

// Value is the resource with all its keys as a fresh dict.
func (g *Generic) Value() value.Value { return dictOf(g.Body.Len(), g.fields) }

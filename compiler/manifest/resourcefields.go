package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

func (s *Source) fields(emit emit) {
	emit("database", value.OptString(s.Database))
	emit("schema", value.String(s.Schema))
	emit("name", value.String(s.Name))
	emit("resource_type", value.String(string(SourceType)))
	emit("package_name", value.String(s.PackageName))
	emit("path", value.String(s.Path))
	emit("original_file_path", value.String(s.OriginalFilePath))
	emit("unique_id", value.String(s.UniqueID))
	emit("fqn", strs(s.FQN))
	emit("source_name", value.String(s.SourceName))
	emit("source_description", value.String(s.SourceDescription))
	emit("loader", value.String(s.Loader))
	emit("identifier", value.String(s.Identifier))
	emit("quoting", orEmpty(s.Quoting))
	emit("loaded_at_field", value.OptString(s.LoadedAtField))
	emit("loaded_at_query", value.OptString(s.LoadedAtQuery))
	emit("freshness", orNone(s.Freshness))
	emit("external", orNone(s.External))
	emit("description", value.String(s.Description))
	emit("columns", columnValues(s.Columns))
	emit("meta", orEmpty(s.Meta))
	emit("source_meta", orEmpty(s.SourceMeta))
	emit("tags", strs(s.Tags))
	emit("config", s.Config.value())
	emit("patch_path", value.OptString(s.PatchPath))
	emit("unrendered_config", orEmpty(s.Unrendered))
	emit("relation_name", value.OptString(s.Relation))
	emit("created_at", value.Float(s.CreatedAt))
	emit("unrendered_database", value.OptString(s.UnrenderedDatabase))
	emit("unrendered_schema", value.OptString(s.UnrenderedSchema))
	emit("doc_blocks", strs(s.DocBlocks))
}

// Value is the source with all its keys as a fresh dict.
func (s *Source) Value() value.Value { return dictOf(32, s.fields) }

func (m *Macro) fields(emit emit) {
	emit("name", value.String(m.Name))
	emit("resource_type", value.String(string(MacroType)))
	emit("package_name", value.String(m.PackageName))
	emit("path", value.String(m.Path))
	emit("original_file_path", value.String(m.OriginalFilePath))
	emit("unique_id", value.String(m.UniqueID))
	emit("macro_sql", value.String(m.SQL))
	depends := value.NewDict(1)
	depends.SetString("macros", strs(m.DependsOn))
	emit("depends_on", value.FromDict(depends))
	emit("description", value.String(m.Description))
	emit("meta", orEmpty(m.Meta))
	emit("docs", m.Docs.value())
	emit("config", value.FromDict(m.config()))
	emit("patch_path", value.OptString(m.PatchPath))
	emit("arguments", dicts(m.Arguments))
	emit("created_at", value.Float(m.CreatedAt))
	languages := value.None
	if m.SupportedLanguages != nil {
		languages = strs(m.SupportedLanguages)
	}
	emit("supported_languages", languages)
}

func (m *Macro) config() *value.Dict {
	if m.Config != nil {
		return m.Config
	}
	d := value.NewDict(2)
	d.SetString("meta", orEmpty(m.Meta))
	d.SetString("docs", m.Docs.value())
	return d
}

// Value is the macro with all its keys as a fresh dict.
func (m *Macro) Value() value.Value { return dictOf(16, m.fields) }

func (d *Doc) fields(emit emit) {
	emit("name", value.String(d.Name))
	emit("resource_type", value.String(string(DocType)))
	emit("package_name", value.String(d.PackageName))
	emit("path", value.String(d.Path))
	emit("original_file_path", value.String(d.OriginalFilePath))
	emit("unique_id", value.String(d.UniqueID))
	emit("block_contents", value.String(d.Contents))
}

func (x *Exposure) fields(emit emit) {
	emit("name", value.String(x.Name))
	emit("resource_type", value.String(string(ExposureType)))
	emit("package_name", value.String(x.PackageName))
	emit("path", value.String(x.Path))
	emit("original_file_path", value.String(x.OriginalFilePath))
	emit("unique_id", value.String(x.UniqueID))
	emit("fqn", strs(x.FQN))
	emit("type", value.String(x.Type))
	emit("owner", orEmpty(x.Owner))
	emit("description", value.String(x.Description))
	emit("label", value.OptString(x.Label))
	emit("maturity", value.OptString(x.Maturity))
	emit("meta", orEmpty(x.Meta))
	emit("tags", strs(x.Tags))
	emit("config", x.Config.value())
	emit("unrendered_config", orEmpty(x.Unrendered))
	emit("url", value.OptString(x.URL))
	emit("depends_on", x.DependsOn.value())
	emit("refs", refValues(x.Refs))
	emit("sources", sourceRefValues(x.Sources))
	emit("metrics", lists(x.Metrics))
	emit("created_at", value.Float(x.CreatedAt))
}

// Value is the exposure with all its keys as a fresh dict.
func (x *Exposure) Value() value.Value { return dictOf(24, x.fields) }

func (g *Group) fields(emit emit) {
	emit("name", value.String(g.Name))
	emit("resource_type", value.String(string(GroupType)))
	emit("package_name", value.String(g.PackageName))
	emit("path", value.String(g.Path))
	emit("original_file_path", value.String(g.OriginalFilePath))
	emit("unique_id", value.String(g.UniqueID))
	emit("owner", orEmpty(g.Owner))
	emit("description", value.OptString(g.Description))
	emit("config", orEmpty(g.Config))
}

// Value is the group with all its keys as a fresh dict.
func (g *Group) Value() value.Value { return dictOf(9, g.fields) }

func (u *UnitTestDef) fields(emit emit) {
	emit("model", value.String(u.Model))
	given := make([]value.Value, len(u.Given))
	for i := range u.Given {
		given[i] = u.Given[i].value(true)
	}
	emit("given", value.NewList(given...))
	emit("expect", u.Expect.value(false))
	emit("name", value.String(u.Name))
	emit("resource_type", value.String(string(UnitTest)))
	emit("package_name", value.String(u.PackageName))
	emit("path", value.String(u.Path))
	emit("original_file_path", value.String(u.OriginalFilePath))
	emit("unique_id", value.String(u.UniqueID))
	emit("fqn", strs(u.FQN))
	emit("description", value.String(u.Description))
	emit("overrides", orNone(u.Overrides))
	emit("depends_on", u.DependsOn.value())
	emit("config", u.Config.value())
	emit("checksum", value.OptString(u.Checksum))
	emit("schema", value.OptString(u.Schema))
	emit("created_at", value.Float(u.CreatedAt))
	emit("versions", none(u.Versions))
	emit("version", none(u.Version))
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
func (g *Generic) fields(emit emit) {
	for k, v := range g.Body.All() {
		key := value.Str(k)
		switch key {
		case "depends_on":
			v = g.DependsOn.value()
		case "refs":
			v = refValues(g.Refs)
		case "created_at":
			v = value.Float(g.CreatedAt)
		}
		emit(key, v)
	}
}

// Value is the resource with all its keys as a fresh dict.
func (g *Generic) Value() value.Value { return dictOf(g.Body.Len(), g.fields) }

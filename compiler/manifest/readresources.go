package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

func (r record) config() *Config {
	d := r.dict("config")
	if d == nil {
		d = value.NewDict(0)
	}
	return &Config{Values: d}
}

func (r record) docs() Docs {
	d := r.sub("docs")
	show := d.get("show")
	return Docs{Show: show.IsNull() || value.Truth(show), NodeColor: d.str("node_color")}
}

func (r record) dependsOn() DependsOn {
	d := r.sub("depends_on")
	return DependsOn{Macros: d.strs("macros"), Nodes: d.strs("nodes")}
}

func (r record) refs() []Ref {
	var refs []Ref
	for _, item := range r.get("refs").Items() {
		if d, ok := item.AsDict(); ok {
			ref := record{d}
			version := ref.get("version")
			if version.IsNone() {
				version = value.Undef
			}
			refs = append(refs, Ref{Package: ref.str("package"), Name: ref.str("name"), Version: version})
			continue
		}
		switch parts := stringsOf(item); len(parts) { // before manifest v9
		case 1:
			refs = append(refs, Ref{Name: parts[0]})
		case 2:
			refs = append(refs, Ref{Package: parts[0], Name: parts[1]})
		}
	}
	return refs
}

func (r record) sources() []SourceRef {
	var out []SourceRef
	for _, parts := range r.lists("sources") {
		if len(parts) == 2 {
			out = append(out, SourceRef{Source: parts[0], Table: parts[1]})
		}
	}
	return out
}

var columnKeys = map[string]bool{
	"name": true, "description": true, "meta": true, "data_type": true, "constraints": true, "quote": true, "config": true,
	"tags": true, "granularity": true, "dimension": true, "entity": true, "doc_blocks": true,
}

func (r record) columns() []*Column {
	var out []*Column
	r.each("columns", func(name string, c record) {
		column := &Column{
			Name:        name,
			Description: c.str("description"),
			DataType:    c.str("data_type"),
			Meta:        c.dict("meta"),
			Constraints: c.dicts("constraints"),
			Tags:        c.strs("tags"),
			DocBlocks:   c.strs("doc_blocks"),
			Granularity: c.str("granularity"),
			Dimension:   c.get("dimension"),
			Entity:      c.get("entity"),
		}
		if b, ok := c.get("quote").AsBool(); ok {
			column.Quote = &b
		}
		for k, v := range c.All() {
			if key := value.Str(k); !columnKeys[key] {
				if column.Extra == nil {
					column.Extra = value.NewDict(1)
				}
				column.Extra.SetString(key, v)
			}
		}
		out = append(out, column)
	})
	return out
}

// undef turns None into undefined, as nodes hold what was not given.
func undef(v value.Value) value.Value {
	if v.IsNone() {
		return value.Undef
	}
	return v
}

func (r record) node() *Node {
	checksum, contract := r.sub("checksum"), r.sub("contract")
	raw := r.str("raw_code")
	if raw == "" {
		raw = r.str("raw_sql") // before manifest v7
	}
	n := &Node{
		ResourceType:     ResourceType(r.str("resource_type")),
		UniqueID:         r.str("unique_id"),
		Name:             r.str("name"),
		PackageName:      r.str("package_name"),
		Path:             r.str("path"),
		OriginalFilePath: r.str("original_file_path"),
		RootPath:         r.str("root_path"),
		FQN:              r.strs("fqn"),
		Database:         r.str("database"),
		Schema:           r.str("schema"),
		Alias:            r.str("alias"),
		Relation:         r.str("relation_name"),
		Checksum:         Checksum{checksum.str("name"), checksum.str("checksum")},
		Config:           r.config(),
		Unrendered:       r.dict("unrendered_config"),
		Tags:             r.strs("tags"),
		Description:      r.str("description"),
		Columns:          r.columns(),
		Meta:             r.dict("meta"),
		Group:            r.str("group"),
		Docs:             r.docs(),
		PatchPath:        r.str("patch_path"),
		CreatedAt:        r.float("created_at"),
		RawCode:          raw,
		Language:         r.str("language"),
		Refs:             r.refs(),
		Sources:          r.sources(),
		Functions:        r.lists("functions"),
		Metrics:          r.lists("metrics"),
		DependsOn:        r.dependsOn(),
		DocBlocks:        r.strs("doc_blocks"),
		Contract:         Contract{contract.bool("enforced"), contract.bool("alias_types"), contract.str("checksum")},
		Access:           r.str("access"),
		Constraints:      r.dicts("constraints"),
		Version:          undef(r.get("version")),
		LatestVersion:    undef(r.get("latest_version")),
		DeprecationDate:  r.str("deprecation_date"),
		PrimaryKey:       r.strs("primary_key"),
		TimeSpine:        r.dict("time_spine"),
		ColumnName:       r.str("column_name"),
		FileKeyName:      r.str("file_key_name"),
		AttachedNode:     r.str("attached_node"),
		Index:            int(r.float("index")),
		Arguments:        undef(r.get("arguments")),
		Returns:          undef(r.get("returns")),
		Overloads:        undef(r.get("overloads")),
	}
	if t := r.sub("test_metadata"); t.Dict != nil {
		n.Test = &TestMetadata{Name: t.str("name"), Namespace: t.str("namespace"), Kwargs: t.dict("kwargs")}
	}
	return n
}

func (r record) source() *Source {
	return &Source{
		UniqueID:           r.str("unique_id"),
		Name:               r.str("name"),
		PackageName:        r.str("package_name"),
		Path:               r.str("path"),
		OriginalFilePath:   r.str("original_file_path"),
		FQN:                r.strs("fqn"),
		SourceName:         r.str("source_name"),
		SourceDescription:  r.str("source_description"),
		Loader:             r.str("loader"),
		Identifier:         r.str("identifier"),
		Database:           r.str("database"),
		Schema:             r.str("schema"),
		Relation:           r.str("relation_name"),
		UnrenderedDatabase: r.str("unrendered_database"),
		UnrenderedSchema:   r.str("unrendered_schema"),
		Quoting:            r.dict("quoting"),
		LoadedAtField:      r.str("loaded_at_field"),
		LoadedAtQuery:      r.str("loaded_at_query"),
		Freshness:          r.dict("freshness"),
		External:           r.dict("external"),
		Description:        r.str("description"),
		Columns:            r.columns(),
		Meta:               r.dict("meta"),
		SourceMeta:         r.dict("source_meta"),
		Tags:               r.strs("tags"),
		Config:             r.config(),
		Unrendered:         r.dict("unrendered_config"),
		PatchPath:          r.str("patch_path"),
		CreatedAt:          r.float("created_at"),
		DocBlocks:          r.strs("doc_blocks"),
	}
}

func (r record) macro() *Macro {
	return &Macro{
		UniqueID:           r.str("unique_id"),
		Name:               r.str("name"),
		PackageName:        r.str("package_name"),
		Path:               r.str("path"),
		OriginalFilePath:   r.str("original_file_path"),
		SQL:                r.str("macro_sql"),
		Description:        r.str("description"),
		PatchPath:          r.str("patch_path"),
		Meta:               r.dict("meta"),
		Docs:               r.docs(),
		Config:             r.dict("config"),
		Arguments:          r.dicts("arguments"),
		DependsOn:          r.sub("depends_on").strs("macros"),
		SupportedLanguages: r.strs("supported_languages"),
		CreatedAt:          r.float("created_at"),
	}
}

func (r record) exposure() *Exposure {
	return &Exposure{
		UniqueID:         r.str("unique_id"),
		Name:             r.str("name"),
		PackageName:      r.str("package_name"),
		Path:             r.str("path"),
		OriginalFilePath: r.str("original_file_path"),
		FQN:              r.strs("fqn"),
		Type:             r.str("type"),
		Label:            r.str("label"),
		Description:      r.str("description"),
		Maturity:         r.str("maturity"),
		URL:              r.str("url"),
		Owner:            r.dict("owner"),
		Config:           r.config(),
		Unrendered:       r.dict("unrendered_config"),
		Meta:             r.dict("meta"),
		Tags:             r.strs("tags"),
		Refs:             r.refs(),
		Sources:          r.sources(),
		Metrics:          r.lists("metrics"),
		DependsOn:        r.dependsOn(),
		CreatedAt:        r.float("created_at"),
	}
}

func (r record) fixture() Fixture {
	return Fixture{Input: r.str("input"), Rows: r.get("rows"), Format: r.str("format"), Fixture: r.str("fixture")}
}

func (r record) unitTest() *UnitTestDef {
	u := &UnitTestDef{
		UniqueID:         r.str("unique_id"),
		Name:             r.str("name"),
		PackageName:      r.str("package_name"),
		Path:             r.str("path"),
		OriginalFilePath: r.str("original_file_path"),
		FQN:              r.strs("fqn"),
		Model:            r.str("model"),
		Expect:           r.sub("expect").fixture(),
		Overrides:        r.dict("overrides"),
		Description:      r.str("description"),
		Versions:         undef(r.get("versions")),
		Version:          undef(r.get("version")),
		Config:           r.config(),
		DependsOn:        r.dependsOn(),
		CreatedAt:        r.float("created_at"),
		Checksum:         r.str("checksum"),
		Schema:           r.str("schema"),
	}
	for _, given := range r.records("given") {
		u.Given = append(u.Given, given.fixture())
	}
	if len(u.DependsOn.Nodes) > 0 {
		u.TestedNode = u.DependsOn.Nodes[0]
	}
	return u
}

func (r record) generic(kind ResourceType) *Generic {
	return &Generic{
		ResourceType:     kind,
		UniqueID:         r.str("unique_id"),
		Name:             r.str("name"),
		PackageName:      r.str("package_name"),
		Path:             r.str("path"),
		OriginalFilePath: r.str("original_file_path"),
		FQN:              r.strs("fqn"),
		DependsOn:        r.dependsOn(),
		Refs:             r.refs(),
		Config:           r.config(),
		Group:            r.str("group"),
		Tags:             r.strs("tags"),
		Body:             r.Dict,
		CreatedAt:        r.float("created_at"),
	}
}

// resource reads an object of any kind by its resource_type.
func (r record) resource() any {
	switch kind := ResourceType(r.str("resource_type")); kind {
	case SourceType:
		return r.source()
	case ExposureType:
		return r.exposure()
	case UnitTest:
		return r.unitTest()
	case MetricType, SemanticModel, SavedQuery:
		return r.generic(kind)
	default:
		return r.node()
	}
}

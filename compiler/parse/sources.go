package parse

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
)

// sourceTable is one table of one source, before overrides.
type sourceTable struct {
	entry  *entry
	source *value.Dict // rendered
	table  *value.Dict
	node   *yaml.Node // the table as written
	result *manifest.Source
	off    bool // disabled
	patch  string
}

// sourceOverride is a source entry with `overrides:`: it changes another package's source.
type sourceOverride struct {
	entry  *entry
	tables map[string]*value.Dict
	nodes  map[string]*yaml.Node
	used   map[string]bool
	any    bool
}

// collectSources splits the sources of all files into tables and overrides.
func (p *parser) collectSources(files []*schemaFile) {
	p.overrides = map[string]*sourceOverride{}
	for _, f := range files {
		for _, e := range f.entries["sources"] {
			if target := e.str("overrides"); target != "" {
				p.addOverride(e, target)
				continue
			}
			tables := e.node.Get("tables")
			for i, t := range dictsAt(e.d, "tables") {
				p.sources = append(p.sources, &sourceTable{entry: e, source: e.d, table: t, node: tables.At(i)})
			}
		}
	}
}

func (p *parser) translateAliases(d *value.Dict) {
	for from, to := range p.aliases {
		if v, ok := d.GetString(from); ok {
			d.DeleteString(from)
			d.SetString(to, v)
		}
	}
}

func (p *parser) addOverride(e *entry, target string) {
	key := target + "\x00" + e.name()
	if first := p.overrides[key]; first != nil {
		bad := diag.New(diag.CodeDuplicatePatch, diag.Compilation, e.span(), fmt.Sprintf(
			"dbt found two schema.yml entries for the same source named %s in package %s. Sources may only be overridden a single time. To fix this, %s",
			e.name(), target, describedTwice(target+"."+e.name(), e, first.entry)))
		bad.Related = []diag.Related{{Span: first.entry.span(), Message: "first overridden here"}}
		p.report(bad)
		return
	}
	o := &sourceOverride{entry: e, tables: map[string]*value.Dict{}, nodes: map[string]*yaml.Node{}, used: map[string]bool{}}
	for i, t := range dictsAt(e.d, "tables") {
		o.tables[textOf(t, "name")] = t
		o.nodes[textOf(t, "name")] = e.node.Get("tables").At(i)
	}
	p.overrides[key] = o
}

// override applies what another package says about the table.
func (p *parser) override(t *sourceTable) {
	o := p.overrides[t.entry.file.pkg.Name+"\x00"+t.entry.name()]
	if o == nil {
		return
	}
	o.any = true
	t.patch = o.entry.file.file.Path
	t.source = replaced(t.source, o.entry.d, "name", "overrides", "tables")
	name := textOf(t.table, "name")
	if patch := o.tables[name]; patch != nil {
		o.used[name] = true
		t.table = replaced(t.table, patch, "name")
		t.node = o.nodes[name]
	}
}

func replaced(base, patch *value.Dict, keep ...string) *value.Dict {
	out := base.Copy()
	for k, v := range patch.All() {
		if key := value.Str(k); !slices.Contains(keep, key) {
			out.SetString(key, v)
		}
	}
	return out
}

// buildSources makes the source nodes and returns the tests written on them.
func (p *parser) buildSources() []testUse {
	var uses []testUse
	for _, t := range p.sources {
		node := t.node
		p.override(t)
		uses = append(uses, p.sourceTests(t, node)...)
		p.buildSource(t)
	}
	p.unusedOverrides()
	return uses
}

func (p *parser) unusedOverrides() {
	keys := make([]string, 0, len(p.overrides))
	for key := range p.overrides {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		o := p.overrides[key]
		name := strings.Replace(key, "\x00", ".", 1)
		if !o.any {
			p.warn("UnusedTables", diag.CodeSourceNotFound, o.entry.span(), "Source "+name+" is overridden but does not exist")
			continue
		}
		tables := make([]string, 0, len(o.tables))
		for table := range o.tables {
			if !o.used[table] {
				tables = append(tables, table)
			}
		}
		sort.Strings(tables)
		for _, table := range tables {
			p.warn("UnusedTables", diag.CodeSourceNotFound, o.nodes[table].Span(), "Source table "+name+"."+table+" is overridden but does not exist")
		}
	}
}

func (p *parser) buildSource(t *sourceTable) {
	e, s, table := t.entry, t.source, t.table
	pkg := e.file.pkg
	sourceName, name := textOf(s, "name"), textOf(table, "name")
	fqn := append(fqnOf(pkg.Name, folders(e.file.file.Rel), sourceName), name)
	patch := p.sourceConfig(t)
	l := p.layersFor(manifest.SourceType, pkg, fqn)
	b := p.build(manifest.SourceType, l, patch, nil)
	p.checkEnabled(e, b)
	if b.err != "" {
		p.report(e.invalid(t.node.Span(), b.err))
	}
	values := b.dict()
	if f, ok := values.GetString("freshness"); ok && !f.IsNone() {
		values.SetString("freshness", value.FromDict(mergeThresholds(thresholdOf(values, "freshness")).dict()))
	}
	schema := textOf(s, "schema")
	if schema == "" {
		schema = sourceName
	}
	database := textOf(s, "database")
	if database == "" {
		database = p.database
	}
	identifier := textOf(table, "identifier")
	if identifier == "" {
		identifier = name
	}
	freshness, _ := values.GetString("freshness")
	freshnessDict, _ := freshness.AsDict()
	tags, _ := values.GetString("tags")
	meta, _ := values.GetString("meta")
	metaDict, _ := meta.AsDict()
	src := &manifest.Source{
		UniqueID: "source." + pkg.Name + "." + sourceName + "." + name, Name: name, PackageName: pkg.Name,
		Path: e.file.file.Path, OriginalFilePath: e.file.file.Path, FQN: fqn,
		SourceName: sourceName, SourceDescription: textOf(s, "description"), Loader: textOf(s, "loader"),
		Identifier: identifier, Database: database, Schema: schema,
		UnrenderedDatabase: e.node.Get("database").Text(), UnrenderedSchema: e.node.Get("schema").Text(),
		Quoting:       mergedQuoting(dictAt(s, "quoting"), dictAt(table, "quoting")),
		LoadedAtField: textOf(values, "loaded_at_field"), LoadedAtQuery: textOf(values, "loaded_at_query"),
		Freshness:   freshnessDict,
		External:    external(dictAt(table, "external")),
		Description: textOf(table, "description"),
		Columns:     p.columns(e, dictsAt(table, "columns"), func(i int) diag.Span { return t.node.At("columns", i, "name").Span() }),
		Meta:        metaDict,
		SourceMeta:  mergedMeta(dictAt(s, "meta"), dictAt(s, "config")),
		Tags:        stringList(tags),
		Config:      &manifest.Config{Values: values},
		Unrendered:  p.unrenderedConfig(l, patch, nil),
		PatchPath:   t.patch,
		CreatedAt:   p.now,
		Span:        t.node.Get("name").Span(),
	}
	if src.Meta == nil {
		src.Meta = value.NewDict(0)
	}
	_, streamed := src.Meta.GetString("stream") // what fills it knows how fresh it is
	if !streamed && src.HasFreshness() && src.LoadedAtField == "" && src.LoadedAtQuery == "" {
		p.warn("FreshnessConfigProblem", diag.CodeConfigValue, src.Span, fmt.Sprintf(
			"The configured adapter does not support metadata-based freshness. A loaded_at_field must be specified for source '%s.%s'.", sourceName, name))
	}
	t.off = !src.Config.Enabled()
	t.result = src
	if r, ok := p.env.RelationOf(&manifest.Manifest{Sources: map[string]*manifest.Source{src.UniqueID: src}}, src.UniqueID); ok {
		// In the manifest dbt quotes sources as the project says; source() does not.
		src.Relation = r.WithQuoting(p.env.Quoting().Merge(src.Quoting)).Render()
	}
}

// sourceConfig is the source's and table's own config, with the properties that may stand
// outside of it.
func (p *parser) sourceConfig(t *sourceTable) *value.Dict {
	s, table := t.source, t.table
	sc, tc := emptyIfNil(dictAt(s, "config")), emptyIfNil(dictAt(table, "config"))
	out := value.NewDict(8)
	for _, d := range []*value.Dict{sc, tc} {
		for k, v := range d.All() {
			out.SetString(value.Str(k), v)
		}
	}
	f := mergeThresholds(thresholdOf(s, "freshness"), thresholdOf(sc, "freshness"), thresholdOf(table, "freshness"), thresholdOf(tc, "freshness"))
	switch {
	case f.null:
		out.SetString("freshness", value.None)
	case f.given():
		out.SetString("freshness", value.FromDict(f.dict()))
	default:
		out.DeleteString("freshness")
	}
	field, query := p.loadedAt(t, sc, tc)
	out.SetString("loaded_at_field", field)
	out.SetString("loaded_at_query", query)
	meta := value.NewDict(4)
	for _, d := range []*value.Dict{dictAt(s, "meta"), dictAt(sc, "meta"), dictAt(table, "meta"), dictAt(tc, "meta")} {
		if d == nil {
			continue
		}
		for k, v := range d.All() {
			meta.SetString(value.Str(k), v)
		}
	}
	out.SetString("meta", value.FromDict(meta))
	tags := uniqueStrings(stringsAt(s, "tags"), configTags(sc), stringsAt(table, "tags"), configTags(tc))
	sort.Strings(tags)
	out.SetString("tags", value.Strings(tags...))
	return out
}

// loadedAt is the table's loaded_at_field and loaded_at_query, or the source's. An explicit
// null on the table hides what the source says.
func (p *parser) loadedAt(t *sourceTable, sc, tc *value.Dict) (field, query value.Value) {
	s, table := t.source, t.table
	first := func(key string, dicts ...*value.Dict) value.Value {
		for _, d := range dicts {
			if v := get(d, key); value.Truth(v) {
				return v
			}
		}
		return value.None
	}
	present := hasKey(table, "loaded_at_field") || value.Truth(get(tc, "loaded_at_field"))
	tableQuery := first("loaded_at_query", table, tc)
	if present && !tableQuery.IsNone() {
		p.report(t.entry.invalid(t.node.Span(), "Cannot specify both loaded_at_field and loaded_at_query at table level."))
	}
	if !first("loaded_at_field", s, sc).IsNone() && !first("loaded_at_query", s, sc).IsNone() {
		p.report(t.entry.invalid(t.entry.span(), "Cannot specify both loaded_at_field and loaded_at_query at source level."))
	}
	if present {
		field = first("loaded_at_field", table, tc)
	} else {
		field = first("loaded_at_field", s, sc)
	}
	switch {
	case !tableQuery.IsNone():
		query = tableQuery
	case present:
		query = value.None
	default:
		query = first("loaded_at_query", s, sc)
	}
	return field, query
}

func mergedQuoting(source, table *value.Dict) *value.Dict {
	out := value.NewDict(4)
	for _, key := range []string{"database", "schema", "identifier", "column"} {
		v := value.None
		for _, d := range []*value.Dict{source, table} {
			if d != nil {
				if q, ok := d.GetString(key); ok && !q.IsNull() {
					v = q
				}
			}
		}
		out.SetString(key, v)
	}
	return out
}

// external fills up the external property; keys of one's own follow.
func external(d *value.Dict) *value.Dict {
	if d == nil {
		return nil
	}
	out := value.NewDict(6)
	known := []string{"location", "file_format", "row_format", "tbl_properties", "partitions"}
	for _, key := range known {
		out.SetString(key, none(get(d, key)))
	}
	if partitions := get(d, "partitions"); partitions.Kind() == value.KindList {
		out.SetString("partitions", externalPartitions(partitions))
	}
	for k, v := range d.All() {
		if key := value.Str(k); !slices.Contains(known, key) {
			out.SetString(key, v)
		}
	}
	return out
}

// externalPartitions fills up the partition columns that are written as mappings.
func externalPartitions(list value.Value) value.Value {
	var out []value.Value
	for _, item := range list.Items() {
		if d, ok := item.AsDict(); ok {
			full := value.NewDict(4)
			full.SetString("name", value.String(textOf(d, "name")))
			full.SetString("description", value.String(textOf(d, "description")))
			full.SetString("data_type", value.String(textOf(d, "data_type")))
			full.SetString("meta", dictOrEmpty(d, "meta"))
			item = value.FromDict(overlayShallow(full, d))
		}
		out = append(out, item)
	}
	return value.NewList(out...)
}

// sourceTests are the tests on a source table. node is the table as its own package wrote it.
func (p *parser) sourceTests(t *sourceTable, node *yaml.Node) []testUse {
	sourceName, name := textOf(t.source, "name"), textOf(t.table, "name")
	target := &testTarget{
		pkg: t.entry.file.pkg, file: t.entry.file, key: "sources", name: sourceName + "_" + name,
		source: sourceName, table: name, fileKey: "sources." + sourceName, label: sourceName + "_" + name,
	}
	if q, ok := mergedQuoting(dictAt(t.source, "quoting"), dictAt(t.table, "quoting")).GetString("column"); ok {
		target.quoteColumn = value.Truth(q)
	}
	owner := node
	if t.node != nil && (t.node.Has("data_tests") || t.node.Has("tests")) {
		owner = t.node
	}
	columns := node.Get("columns")
	if t.node.Has("columns") {
		columns = t.node.Get("columns")
	}
	tags := uniqueStrings(stringsAt(t.source, "tags"), stringsAt(t.table, "tags"))
	uses := p.listedTests(nil, target, owner, "", nil)
	uses = p.columnTests(uses, target, columns, nil)
	for i := range uses {
		uses[i].tags = append(append([]string(nil), tags...), uses[i].tags...)
	}
	return uses
}

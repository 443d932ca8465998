package parse

import (
	"fmt"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// semantics are the resources of the semantic layer. They are checked, resolved and
// carried into the artifacts, but nothing here runs them.
type semantics struct {
	models, metrics, queries []*manifest.Generic
	byName                   map[string]*metricDef
}

// metricDef is a metric while its inputs are worked out.
type metricDef struct {
	generic *manifest.Generic
	done    bool
}

// buildSemantics makes the semantic models, metrics and saved queries of all files.
func (p *parser) buildSemantics(files []*schemaFile) *semantics {
	s := &semantics{}
	for _, f := range files {
		for _, e := range f.entries["models"] {
			p.modelSemantics(s, e)
		}
		for _, e := range f.entries["metrics"] {
			if m := p.metric(e, e.d, "", ""); m != nil {
				s.metrics = append(s.metrics, m)
			}
		}
		for _, e := range f.entries["semantic_models"] {
			p.semanticModel(s, e)
		}
		for _, e := range f.entries["saved_queries"] {
			if q := p.savedQuery(e); q != nil {
				s.queries = append(s.queries, q)
			}
		}
	}
	return s
}

// newGeneric starts a semantic resource and its config.
func (p *parser) newGeneric(kind manifest.ResourceType, e *entry, name string, config *value.Dict) (*manifest.Generic, *value.Dict) {
	pkg := e.file.pkg
	g := &manifest.Generic{
		ResourceType: kind, UniqueID: string(kind) + "." + pkg.Name + "." + name, Name: name, PackageName: pkg.Name,
		Path: e.file.file.Rel, OriginalFilePath: e.file.file.Path, FQN: fqnOf(pkg.Name, folders(e.file.file.Rel), name),
		CreatedAt: p.now, Span: e.span(),
	}
	l := p.layersFor(kind, pkg, g.FQN)
	b := p.build(kind, l, config, nil)
	p.checkEnabled(e, b)
	if b.err != "" {
		p.report(e.invalid(e.span(), b.err))
	}
	g.Config = &manifest.Config{Values: b.dict()}
	g.Group, _ = b.lookup("group").AsString()
	return g, p.unrenderedConfig(l, config, nil)
}

// head puts the keys that every resource starts with into the body.
func head(g *manifest.Generic) *value.Dict {
	d := value.NewDict(32)
	d.SetString("name", value.String(g.Name))
	d.SetString("resource_type", value.String(string(g.ResourceType)))
	d.SetString("package_name", value.String(g.PackageName))
	d.SetString("path", value.String(g.Path))
	d.SetString("original_file_path", value.String(g.OriginalFilePath))
	d.SetString("unique_id", value.String(g.UniqueID))
	d.SetString("fqn", value.Strings(g.FQN...))
	return d
}

func orNone(d *value.Dict, key string) value.Value { return none(get(d, key)) }

// pick makes a dict of the given keys; a missing one has the default after "=".
func pick(d *value.Dict, keys ...string) *value.Dict {
	out := value.NewDict(len(keys))
	for _, key := range keys {
		name, def, _ := strings.Cut(key, "=")
		v, ok := d.GetString(name)
		if !ok {
			switch def {
			case "false":
				v = value.False
			case "[]":
				v = value.NewList()
			default:
				v = value.None
			}
		}
		out.SetString(name, v)
	}
	return out
}

// elementConfig is the config of a dimension, entity or measure: the model's meta below its own.
func elementConfig(d *value.Dict, base *value.Dict) value.Value {
	meta := mergedMeta(base, dictAt(d, "config"))
	out := value.NewDict(1)
	out.SetString("meta", value.FromDict(meta))
	return value.FromDict(out)
}

// text of an expression that YAML may have read as something else.
func exprText(d *value.Dict, key string) value.Value {
	v := get(d, key)
	if v.IsNull() {
		return value.None
	}
	return value.String(value.Str(v))
}

func (p *parser) semanticModel(s *semantics, e *entry) {
	g, unrendered := p.newGeneric(manifest.SemanticModel, e, e.name(), e.dict("config"))
	meta := g.Config.Dict("meta")
	var entities, measures, dimensions []value.Value
	for _, d := range dictsAt(e.d, "entities") {
		x := pick(d, "name", "type", "description", "label", "role", "expr")
		x.SetString("config", elementConfig(d, meta))
		entities = append(entities, value.FromDict(x))
	}
	for _, d := range dictsAt(e.d, "measures") {
		measures = append(measures, value.FromDict(measure(d, meta)))
	}
	for _, d := range dictsAt(e.d, "dimensions") {
		dimensions = append(dimensions, value.FromDict(dimension(d, meta)))
	}
	defaults := value.None
	if d := e.dict("defaults"); d != nil {
		defaults = value.FromDict(pick(d, "agg_time_dimension"))
	}
	p.finishSemanticModel(s, e, g, semanticParts{
		model: e.str("model"), description: none(e.get("description")), label: none(e.get("label")), defaults: defaults,
		entities: entities, measures: measures, dimensions: dimensions, primary: none(e.get("primary_entity")), unrendered: unrendered,
	})
	for _, d := range dictsAt(e.d, "measures") {
		if value.Truth(get(d, "create_metric")) {
			p.metricOfMeasure(s, e, g, d)
		}
	}
}

type semanticParts struct {
	model                                 string
	description, label, defaults, primary value.Value
	entities, measures, dimensions        []value.Value
	unrendered                            *value.Dict
}

func (p *parser) finishSemanticModel(s *semantics, e *entry, g *manifest.Generic, parts semanticParts) {
	ref, _, ok := refOrSource(parts.model, e.node.Get("model").Span())
	if !ok || ref == nil {
		p.report(e.invalid(e.node.KeySpan("model"), "the model of a semantic model must be a ref(): "+parts.model))
		return
	}
	g.Refs = []manifest.Ref{*ref}
	body := head(g)
	body.SetString("model", value.String(parts.model))
	body.SetString("node_relation", value.None)
	body.SetString("description", parts.description)
	body.SetString("label", parts.label)
	body.SetString("defaults", parts.defaults)
	body.SetString("entities", value.NewList(parts.entities...))
	body.SetString("measures", value.NewList(parts.measures...))
	body.SetString("dimensions", value.NewList(parts.dimensions...))
	body.SetString("metadata", value.None)
	body.SetString("depends_on", value.None)
	body.SetString("refs", value.None)
	body.SetString("created_at", value.None)
	body.SetString("config", value.FromDict(g.Config.Values))
	body.SetString("unrendered_config", value.FromDict(parts.unrendered))
	body.SetString("primary_entity", parts.primary)
	body.SetString("group", value.OptString(g.Group))
	g.Body = body
	s.models = append(s.models, g)
}

func measure(d, meta *value.Dict) *value.Dict {
	x := pick(d, "name", "agg", "description", "label", "create_metric=false")
	x.SetString("create_metric", value.False) // dbt turns it into a metric of its own
	x.SetString("expr", exprText(d, "expr"))
	params := value.None
	if a := dictAt(d, "agg_params"); a != nil {
		params = value.FromDict(pick(a, "percentile", "use_discrete_percentile=false", "use_approximate_percentile=false"))
	}
	x.SetString("agg_params", params)
	nonAdditive := value.None
	if n := dictAt(d, "non_additive_dimension"); n != nil {
		nonAdditive = value.FromDict(pick(n, "name", "window_choice", "window_groupings=[]"))
	}
	x.SetString("non_additive_dimension", nonAdditive)
	x.SetString("agg_time_dimension", orNone(d, "agg_time_dimension"))
	x.SetString("config", elementConfig(d, meta))
	return x
}

// dimension leaves out dbt-core 1.12's datatype: it is always null, and published readers of
// manifest v12 do not know the key and refuse the file.
func dimension(d, meta *value.Dict) *value.Dict {
	x := pick(d, "name", "type", "description", "label", "is_partition=false")
	params := value.None
	if t := dictAt(d, "type_params"); t != nil {
		params = value.FromDict(dimensionParams(orNone(t, "time_granularity"), dictAt(t, "validity_params")))
	}
	x.SetString("type_params", params)
	x.SetString("expr", orNone(d, "expr"))
	x.SetString("metadata", value.None)
	x.SetString("config", elementConfig(d, meta))
	return x
}

func dimensionParams(granularity value.Value, validity *value.Dict) *value.Dict {
	out := value.NewDict(2)
	out.SetString("time_granularity", granularity)
	v := value.None
	if validity != nil {
		v = value.FromDict(pick(validity, "is_start=false", "is_end=false"))
	}
	out.SetString("validity_params", v)
	return out
}

// metricOfMeasure is the metric that create_metric: true asks for.
func (p *parser) metricOfMeasure(s *semantics, e *entry, model *manifest.Generic, d *value.Dict) {
	name := textOf(d, "name")
	expr := exprText(d, "expr")
	if expr.IsNone() {
		expr = value.String(name)
	}
	label := textOf(d, "label")
	if label == "" {
		label = name
	}
	description := textOf(d, "description")
	if description == "" {
		description = "Metric created from measure " + name
	}
	params := value.NewDict(2)
	params.SetString("measure", value.String(name))
	params.SetString("expr", expr)
	config := value.NewDict(2)
	config.SetString("enabled", value.Bool(model.Config.Enabled()))
	config.SetString("meta", model.Config.Get("meta"))
	m := value.NewDict(6)
	m.SetString("name", value.String(name))
	m.SetString("label", value.String(label))
	m.SetString("type", value.String("simple"))
	m.SetString("type_params", value.FromDict(params))
	m.SetString("description", value.String(description))
	m.SetString("config", value.FromDict(config))
	if g := p.metric(e, m, model.Name, ""); g != nil {
		s.metrics = append(s.metrics, g)
	}
}

// modelSemantics makes the semantic model and metrics that a model's own entry declares.
func (p *parser) modelSemantics(s *semantics, e *entry) {
	declared := e.get("semantic_model")
	d, isDict := declared.AsDict()
	if on, _ := declared.AsBool(); !on && !isDict || isDict && hasKey(d, "enabled") && !value.Truth(get(d, "enabled")) {
		return
	}
	name, config := e.name(), value.NewDict(2)
	if isDict {
		if own := textOf(d, "name"); own != "" {
			name = own
		}
		if sub := dictAt(d, "config"); sub != nil {
			config.SetString("meta", dictOrEmpty(sub, "meta"))
			config.SetString("enabled", value.True)
			if group := textOf(d, "group"); group != "" {
				config.SetString("group", value.String(group))
			}
		}
	}
	g, unrendered := p.newGeneric(manifest.SemanticModel, e, name, config)
	meta := g.Config.Dict("meta")
	parts := semanticParts{
		model: "ref('" + e.name() + "')", description: value.String(e.str("description")), label: value.None,
		primary: none(e.get("primary_entity")), unrendered: unrendered,
	}
	defaults := value.NewDict(1)
	defaults.SetString("agg_time_dimension", none(e.get("agg_time_dimension")))
	parts.defaults = value.FromDict(defaults)
	for _, c := range p.columns(e, dictsAt(e.d, "columns"), func(int) diag.Span { return e.span() }) {
		if x := semanticDimensionOf(c, meta); x != nil {
			parts.dimensions = append(parts.dimensions, value.FromDict(x))
		}
		if x := semanticEntityOf(c, meta); x != nil {
			parts.entities = append(parts.entities, value.FromDict(x))
		}
	}
	derived := emptyIfNil(e.dict("derived_semantics"))
	for _, x := range dictsAt(derived, "dimensions") {
		y := dimension(x, meta)
		if grain := get(x, "granularity"); !grain.IsNull() {
			y.SetString("type_params", value.FromDict(dimensionParams(grain, dictAt(x, "validity_params"))))
		}
		parts.dimensions = append(parts.dimensions, value.FromDict(y))
	}
	for _, x := range dictsAt(derived, "entities") {
		y := pick(x, "name", "type", "description", "label", "role", "expr")
		y.SetString("config", elementConfig(x, meta))
		parts.entities = append(parts.entities, value.FromDict(y))
	}
	p.finishSemanticModel(s, e, g, parts)
	for _, x := range dictsAt(e.d, "metrics") {
		from, agg := "", ""
		if kind := textOf(x, "type"); kind == "" || kind == "simple" {
			from, agg = name, e.str("agg_time_dimension")
		}
		if m := p.metric(e, x, from, agg); m != nil {
			s.metrics = append(s.metrics, m)
		}
	}
}

func semanticDimensionOf(c *manifest.Column, meta *value.Dict) *value.Dict {
	if c.Dimension.IsNull() {
		return nil
	}
	x := value.NewDict(10)
	d, isDict := c.Dimension.AsDict()
	own := value.NewDict(1)
	own.SetString("config", value.FromDict(metaConfig(c.Meta)))
	if !isDict {
		x = pick(value.NewDict(0), "name", "type", "description", "label", "is_partition=false", "type_params", "expr", "metadata")
		x.SetString("name", value.String(c.Name))
		x.SetString("type", c.Dimension)
		x.SetString("description", value.String(c.Description))
		x.SetString("config", elementConfig(own, meta))
		return x
	}
	for _, key := range []string{"name", "type", "description", "label", "is_partition"} {
		x.SetString(key, orNone(d, key))
	}
	params := value.None
	if c.Granularity != "" {
		params = value.FromDict(dimensionParams(value.String(c.Granularity), dictAt(d, "validity_params")))
	}
	x.SetString("type_params", params)
	expr := value.None
	if textOf(d, "name") != c.Name {
		expr = value.String(c.Name)
	}
	x.SetString("expr", expr)
	x.SetString("metadata", value.None)
	own.SetString("config", value.FromDict(metaConfig(mergedMeta(c.Meta, dictAt(d, "config")))))
	x.SetString("config", elementConfig(own, meta))
	return x
}

func metaConfig(meta *value.Dict) *value.Dict {
	d := value.NewDict(1)
	d.SetString("meta", value.FromDict(emptyIfNil(meta)))
	return d
}

func semanticEntityOf(c *manifest.Column, meta *value.Dict) *value.Dict {
	if c.Entity.IsNull() {
		return nil
	}
	x := pick(value.NewDict(0), "name", "type", "description", "label", "role", "expr")
	x.SetString("name", value.String(c.Name))
	x.SetString("type", c.Entity)
	x.SetString("description", value.String(c.Description))
	own := metaConfig(c.Meta)
	if d, ok := c.Entity.AsDict(); ok {
		x.SetString("name", orNone(d, "name"))
		x.SetString("type", orNone(d, "type"))
		x.SetString("description", orNone(d, "description"))
		x.SetString("label", orNone(d, "label"))
		if textOf(d, "name") != c.Name {
			x.SetString("expr", value.String(c.Name))
		}
		if config := dictAt(d, "config"); config != nil && hasKey(config, "meta") {
			own = config
		}
	}
	wrap := value.NewDict(1)
	wrap.SetString("config", value.FromDict(own))
	x.SetString("config", elementConfig(wrap, meta))
	return x
}

func (p *parser) savedQuery(e *entry) *manifest.Generic {
	g, unrendered := p.newGeneric(manifest.SavedQuery, e, e.name(), e.dict("config"))
	q := e.dict("query_params")
	params := pick(q, "metrics=[]", "group_by=[]", "where", "order_by=[]", "limit")
	params.SetString("where", whereFilter(get(q, "where")))
	if cache := g.Config.Dict("cache"); cache != nil {
		g.Config.Values.SetString("cache", value.FromDict(pick(cache, "enabled=false")))
	}
	var exports []value.Value
	for _, x := range dictsAt(e.d, "exports") {
		exports = append(exports, value.FromDict(p.export(e, g, x)))
	}
	tags := uniqueStrings(stringsAt(e.d, "tags"), stringsAt(g.Config.Values, "tags"))
	sort.Strings(tags)
	g.Tags = tags
	body := head(g)
	body.SetString("query_params", value.FromDict(params))
	body.SetString("exports", value.NewList(exports...))
	body.SetString("description", none(e.get("description")))
	body.SetString("label", none(e.get("label")))
	body.SetString("metadata", value.None)
	body.SetString("config", value.FromDict(g.Config.Values))
	body.SetString("unrendered_config", value.FromDict(unrendered))
	body.SetString("group", value.OptString(g.Group))
	body.SetString("depends_on", value.None)
	body.SetString("created_at", value.None)
	body.SetString("refs", value.None)
	body.SetString("tags", value.Strings(tags...))
	g.Body = body
	return g
}

// export is one table or view that a saved query is written to, named like a node.
func (p *parser) export(e *entry, g *manifest.Generic, x *value.Dict) *value.Dict {
	own := emptyIfNil(dictAt(x, "config"))
	effective := overlayShallow(g.Config.Values, own)
	name := textOf(x, "name")
	d := p.newDraft(e.file.pkg, e.file.file, manifest.SavedQuery, name, "", g.FQN)
	d.node.Config = &manifest.Config{Values: effective}
	schema := get(effective, "schema_name")
	if schema.IsNull() {
		schema = get(effective, "schema")
	}
	config := value.NewDict(4)
	config.SetString("export_as", orNone(effective, "export_as"))
	shown := schema
	if shown.IsNull() {
		shown = value.String(p.component(d, "schema", value.Undef))
	}
	config.SetString("schema_name", shown)
	alias := get(effective, "alias")
	if alias.IsNull() {
		alias = value.String(p.component(d, "alias", value.Undef))
	}
	config.SetString("alias", alias)
	database := get(effective, "database")
	config.SetString("database", value.OptString(p.component(d, "database", database)))
	out := value.NewDict(3)
	out.SetString("name", value.String(name))
	out.SetString("config", value.FromDict(config))
	out.SetString("unrendered_config", value.FromDict(own))
	return out
}

// whereFilter is a filter as the semantic layer stores it.
func whereFilter(v value.Value) value.Value {
	if v.IsNull() {
		return value.None
	}
	var filters []value.Value
	for _, f := range listify(v) {
		d := value.NewDict(1)
		d.SetString("where_sql_template", value.String(value.Str(f)))
		filters = append(filters, value.FromDict(d))
	}
	out := value.NewDict(1)
	out.SetString("where_filters", value.NewList(filters...))
	return value.FromDict(out)
}

// resolveSemantics finds what the semantic resources depend on.
func (p *parser) resolveSemantics(s *semantics) {
	for _, g := range s.models {
		if p.m.SemanticModels[g.UniqueID] != g {
			continue
		}
		p.resolve(&dependent{
			kind: g.ResourceType, id: g.UniqueID, name: g.Name, pkg: g.PackageName, path: g.OriginalFilePath, group: g.Group,
			config: g.Config, edges: &g.DependsOn, refs: g.Refs, span: g.Span,
		})
		if len(g.DependsOn.Nodes) > 0 {
			if n := p.m.Nodes[g.DependsOn.Nodes[0]]; n != nil {
				g.Body.SetString("node_relation", n.NodeRelation())
			}
		}
	}
	s.byName = map[string]*metricDef{}
	for _, g := range s.metrics {
		if p.m.Metrics[g.UniqueID] == g {
			s.byName[g.UniqueID] = &metricDef{generic: g}
		}
	}
	for _, g := range s.metrics {
		if m := s.byName[g.UniqueID]; m != nil {
			p.resolveMetric(s, m, nil)
		}
	}
	for _, g := range s.queries {
		if p.m.SavedQueries[g.UniqueID] != g {
			continue
		}
		var metrics [][]string
		for _, name := range stringsAt(emptyIfNil(dictAt(g.Body, "query_params")), "metrics") {
			metrics = append(metrics, []string{name})
		}
		p.resolve(&dependent{
			kind: g.ResourceType, id: g.UniqueID, name: g.Name, pkg: g.PackageName, path: g.OriginalFilePath, group: g.Group,
			config: g.Config, edges: &g.DependsOn, metrics: metrics, span: g.Span,
		})
	}
	p.checkTimeSpine()
	p.validateSemantics(s)
}

// validateSemantics ends the parse when the semantic layer is one that MetricFlow refuses.
func (p *parser) validateSemantics(s *semantics) {
	broken := p.checkSemantics()
	if names, span := p.flatCumulative(s); names != "" {
		const fields, nested = "Cumulative fields `type_params.window` and `type_params.grain_to_date` ",
			"`type_params.cumulative_type_params.window` and `type_params.cumulative_type_params.grain_to_date`."
		if p.behavior("require_nested_cumulative_type_params") {
			broken = append(broken, brokenSemantics{span, fields + "should be nested under " + nested + " Invalid metrics: " + names + "."})
		} else {
			p.notes.add("MFCumulativeTypeParamsDeprecation", span, fields+"have been moved and will soon be deprecated. Please nest those values under "+nested)
		}
	}
	for _, b := range broken {
		p.report(warning(diag.CodeConfigValue, b.span, b.message).Named("SemanticValidationFailure"))
	}
	if broken != nil {
		p.report(diag.New(diag.CodeConfigValue, diag.Parsing, broken[0].span, "Semantic Manifest validation failed."))
	}
}

// flatCumulative are the cumulative metrics whose windows stand in no mapping of their own.
func (p *parser) flatCumulative(s *semantics) (string, diag.Span) {
	var names []string
	var span diag.Span
	if len(p.m.SemanticModels) == 0 {
		return "", span
	}
	for _, g := range s.metrics {
		params := emptyIfNil(dictAt(g.Body, "type_params"))
		if s.byName[g.UniqueID] == nil || !value.Truth(get(params, "window")) && !value.Truth(get(params, "grain_to_date")) {
			continue
		}
		if names == nil {
			span = g.Span
		}
		names = append(names, g.Name)
	}
	sort.Strings(names)
	return strings.Join(names, ", "), span
}

// checkTimeSpine: metrics over time need a calendar of days or finer.
func (p *parser) checkTimeSpine() {
	if len(p.m.SemanticModels) == 0 {
		return
	}
	fine := map[string]bool{"day": true, "hour": true, "minute": true, "second": true, "millisecond": true, "microsecond": true, "nanosecond": true}
	for _, n := range p.m.NodeList() {
		if n.ResourceType != manifest.Model {
			continue
		}
		if n.Name == "metricflow_time_spine" {
			return
		}
		if n.TimeSpine == nil {
			continue
		}
		for _, c := range n.Columns {
			if c.Name == textOf(n.TimeSpine, "standard_granularity_column") && fine[c.Granularity] {
				return
			}
		}
	}
	first := p.m.SemanticModels[p.m.Order.SemanticModels[0]]
	p.report(diag.New(diag.CodeConfigValue, diag.Parsing, first.Span,
		"The semantic layer requires a time spine model with granularity DAY or smaller in the project, but none was found. Guidance on creating this model can be found on our docs site (https://docs.getdbt.com/docs/build/metricflow-time-spine)."))
}

func (p *parser) metricProblem(g *manifest.Generic, format string, args ...any) {
	d := diag.New(diag.CodeConfigValue, diag.Parsing, g.Span, fmt.Sprintf(format, args...))
	d.NodeID = g.UniqueID
	d.Node = "metric " + g.Name + " (" + g.OriginalFilePath + ")"
	p.report(d)
}

package parse

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

var metricTypes = []string{"simple", "ratio", "cumulative", "derived", "conversion"}

var grains = []string{
	"nanosecond", "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year",
}

// metric reads a metric in either form: with type_params, or flat. from names the semantic
// model that a simple flat metric belongs to, and agg its default time dimension.
func (p *parser) metric(e *entry, d *value.Dict, from, agg string) *manifest.Generic {
	name := textOf(d, "name")
	kind := textOf(d, "type")
	if kind == "" {
		kind = "simple"
	}
	if problem := metricNameProblem(name); problem != "" {
		p.report(e.invalid(e.span(), "The metric name '"+name+"' is invalid.  It "+problem))
		return nil
	}
	if !contains(metricTypes, kind) {
		x := e.invalid(e.node.KeySpan("type"), "at path ['type']: '"+kind+"' is not one of "+value.Repr(value.Strings(metricTypes...)))
		x.Hint = diag.DidYouMean(kind, metricTypes)
		p.report(x)
		return nil
	}
	g, unrendered := p.newGeneric(manifest.MetricType, e, name, dictAt(d, "config"))
	nested := dictAt(d, "type_params")
	m := metricReader{p: p, e: e}
	var params *value.Dict
	meta, tags := value.NewDict(0), []string(nil)
	if nested != nil {
		params = m.nested(nested, kind)
		meta, tags = emptyIfNil(dictAt(d, "meta")), stringsAt(d, "tags")
		if own := g.Config.Dict("meta"); own != nil && own.Len() > 0 {
			meta = own
		}
	} else {
		params = m.flat(d, kind, from, agg)
	}
	if m.problem != "" {
		p.report(e.invalid(e.span(), m.problem))
		return nil
	}
	label := textOf(d, "label")
	if label == "" {
		if nested != nil {
			p.report(e.invalid(e.span(), "'label' is a required property"))
			return nil
		}
		label = name
	}
	body := head(g)
	body.SetString("description", value.String(textOf(d, "description")))
	body.SetString("label", value.String(label))
	body.SetString("type", value.String(kind))
	body.SetString("type_params", value.FromDict(params))
	body.SetString("filter", whereFilter(get(d, "filter")))
	body.SetString("metadata", value.None)
	body.SetString("time_granularity", orNone(d, "time_granularity"))
	body.SetString("config", value.FromDict(g.Config.Values))
	body.SetString("unrendered_config", value.FromDict(unrendered))
	body.SetString("sources", value.NewList())
	body.SetString("depends_on", value.None)
	body.SetString("refs", value.None)
	body.SetString("metrics", value.NewList())
	body.SetString("created_at", value.None)
	body.SetString("group", value.OptString(g.Group))
	body.SetString("meta", value.FromDict(meta))
	body.SetString("tags", value.Strings(tags...))
	g.Body, g.Tags = body, tags
	return g
}

func metricNameProblem(name string) string {
	var problems []string
	if strings.Contains(name, " ") {
		problems = append(problems, "cannot contain spaces")
	}
	if len([]rune(name)) > 250 {
		problems = append(problems, "cannot contain more than 250 characters")
	}
	if name == "" || !(name[0] >= 'a' && name[0] <= 'z' || name[0] >= 'A' && name[0] <= 'Z') {
		problems = append(problems, "must begin with a letter")
	}
	if !isWord(name, '_') {
		problems = append(problems, "must contain only letters, numbers and underscores")
	}
	return strings.Join(problems, ", ")
}

// metricReader reads the parameters of one metric and keeps the first problem.
type metricReader struct {
	p       *parser
	e       *entry
	problem string
}

func (m *metricReader) fail(problem string) {
	if m.problem == "" {
		m.problem = problem
	}
}

var typeParamKeys = []string{
	"measure", "input_measures=[]", "numerator", "denominator", "expr", "window", "grain_to_date", "metrics=[]",
	"conversion_type_params", "cumulative_type_params", "metric_aggregation_params", "fill_nulls_with",
	"join_to_timespine=false", "is_private",
}

// nested reads type_params.
func (m *metricReader) nested(t *value.Dict, kind string) *value.Dict {
	out := pick(value.NewDict(0), typeParamKeys...)
	out.SetString("measure", inputMeasure(get(t, "measure")))
	out.SetString("numerator", m.input(get(t, "numerator")))
	out.SetString("denominator", m.input(get(t, "denominator")))
	out.SetString("expr", exprText(t, "expr"))
	out.SetString("window", m.window(get(t, "window")))
	out.SetString("grain_to_date", orNone(t, "grain_to_date"))
	out.SetString("metrics", m.inputs(get(t, "metrics")))
	if c := dictAt(t, "conversion_type_params"); c != nil {
		x := conversion(c)
		x.SetString("base_measure", inputMeasure(get(c, "base_measure")))
		x.SetString("conversion_measure", inputMeasure(get(c, "conversion_measure")))
		x.SetString("window", m.window(get(c, "window")))
		out.SetString("conversion_type_params", value.FromDict(x))
	}
	if kind == "cumulative" {
		c := emptyIfNil(dictAt(t, "cumulative_type_params")).Copy()
		for _, key := range []string{"window", "grain_to_date"} {
			if !value.Truth(get(c, key)) && value.Truth(get(t, key)) {
				c.SetString(key, get(t, key))
			}
		}
		x := cumulative(c)
		x.SetString("window", m.window(get(c, "window")))
		out.SetString("cumulative_type_params", value.FromDict(x))
	}
	return out
}

func cumulative(c *value.Dict) *value.Dict {
	x := pick(value.NewDict(0), "window", "grain_to_date", "period_agg", "metric")
	x.SetString("grain_to_date", orNone(c, "grain_to_date"))
	period := textOf(c, "period_agg")
	if period == "" {
		period = "first"
	}
	x.SetString("period_agg", value.String(period))
	return x
}

func conversion(c *value.Dict) *value.Dict {
	x := pick(value.NewDict(0), "entity", "base_measure", "conversion_measure", "base_metric", "conversion_metric", "calculation", "window", "constant_properties")
	x.SetString("entity", orNone(c, "entity"))
	calculation := textOf(c, "calculation")
	if calculation == "" {
		calculation = "conversion_rate"
	}
	x.SetString("calculation", value.String(calculation))
	x.SetString("constant_properties", orNone(c, "constant_properties"))
	return x
}

// flat reads a metric without type_params.
func (m *metricReader) flat(d *value.Dict, kind, from, agg string) *value.Dict {
	out := pick(value.NewDict(0), typeParamKeys...)
	out.SetString("numerator", m.input(get(d, "numerator")))
	out.SetString("denominator", m.input(get(d, "denominator")))
	out.SetString("expr", exprText(d, "expr"))
	out.SetString("metrics", m.inputs(get(d, "input_metrics")))
	out.SetString("join_to_timespine", value.Bool(value.Truth(get(d, "join_to_timespine"))))
	out.SetString("is_private", value.Bool(value.Truth(get(d, "hidden"))))
	switch kind {
	case "simple":
		if get(d, "agg").IsNull() {
			m.fail("Simple metrics must have an agg param.")
			return out
		}
	case "cumulative":
		if get(d, "input_metric").IsNull() {
			m.fail("input_metric is required for cumulative metrics.")
			return out
		}
		x := cumulative(d)
		x.SetString("window", m.window(get(d, "window")))
		x.SetString("metric", m.input(get(d, "input_metric")))
		out.SetString("cumulative_type_params", value.FromDict(x))
	case "conversion":
		for _, key := range []string{"base_metric", "conversion_metric", "entity"} {
			if get(d, key).IsNull() {
				m.fail(key + " is required for conversion metrics.")
				return out
			}
		}
		x := conversion(d)
		x.SetString("base_metric", m.input(get(d, "base_metric")))
		x.SetString("conversion_metric", m.input(get(d, "conversion_metric")))
		x.SetString("window", m.window(get(d, "window")))
		out.SetString("conversion_type_params", value.FromDict(x))
	}
	if get(d, "agg").IsNull() {
		return out
	}
	if from == "" {
		m.fail("simple metrics in v2 YAML must be attached to semantic_model")
		return out
	}
	out.SetString("metric_aggregation_params", value.FromDict(aggregation(d, from, agg)))
	return out
}

func aggregation(d *value.Dict, from, agg string) *value.Dict {
	x := value.NewDict(5)
	x.SetString("semantic_model", value.String(from))
	x.SetString("agg", get(d, "agg"))
	percentile := strings.ToLower(textOf(d, "percentile_type"))
	params := value.NewDict(3)
	params.SetString("percentile", orNone(d, "percentile"))
	params.SetString("use_discrete_percentile", value.Bool(percentile == "discrete"))
	params.SetString("use_approximate_percentile", value.Bool(percentile == "continuous"))
	x.SetString("agg_params", value.FromDict(params))
	dim := orNone(d, "agg_time_dimension")
	if dim.IsNone() {
		dim = value.OptString(agg)
	}
	x.SetString("agg_time_dimension", dim)
	nonAdditive := value.None
	if n := dictAt(d, "non_additive_dimension"); n != nil {
		y := value.NewDict(3)
		y.SetString("name", orNone(n, "name"))
		y.SetString("window_choice", orNone(n, "window_agg"))
		groups, ok := n.GetString("group_by")
		if !ok {
			groups = value.NewList()
		}
		y.SetString("window_groupings", groups)
		nonAdditive = value.FromDict(y)
	}
	x.SetString("non_additive_dimension", nonAdditive)
	return x
}

// inputMeasure reads a measure: a name, or a mapping.
func inputMeasure(v value.Value) value.Value {
	if v.IsNull() {
		return value.None
	}
	d, ok := v.AsDict()
	if !ok {
		d = value.NewDict(1)
		d.SetString("name", v)
	}
	x := pick(d, "name", "filter", "alias", "join_to_timespine=false", "fill_nulls_with")
	x.SetString("filter", whereFilter(get(d, "filter")))
	return value.FromDict(x)
}

// input reads an input metric: a name, or a mapping.
func (m *metricReader) input(v value.Value) value.Value {
	if v.IsNull() {
		return value.None
	}
	d, ok := v.AsDict()
	if !ok {
		d = value.NewDict(1)
		d.SetString("name", v)
	}
	x := pick(d, "name", "filter", "alias", "offset_window", "offset_to_grain")
	x.SetString("filter", whereFilter(get(d, "filter")))
	x.SetString("offset_window", m.window(get(d, "offset_window")))
	return value.FromDict(x)
}

func (m *metricReader) inputs(v value.Value) value.Value {
	var out []value.Value
	for _, item := range v.Items() {
		out = append(out, m.input(item))
	}
	return value.NewList(out...)
}

// window reads "28 days".
func (m *metricReader) window(v value.Value) value.Value {
	if v.IsNull() {
		return value.None
	}
	text := value.Str(v)
	parts := strings.Split(strings.ToLower(text), " ")
	if len(parts) != 2 {
		m.fail("Invalid window (" + text + ") in cumulative/conversion metric. Should be of the form `<count> <granularity>`, e.g., `28 days`")
		return value.None
	}
	count, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || count < 0 {
		m.fail("Invalid count (" + parts[0] + ") in cumulative/conversion metric window string: (" + text + ")")
		return value.None
	}
	grain := parts[1]
	if single := strings.TrimSuffix(grain, "s"); contains(grains, single) {
		grain = single
	}
	d := value.NewDict(2)
	d.SetString("count", value.Int(count))
	d.SetString("granularity", value.String(grain))
	return value.FromDict(d)
}

// resolveMetric sets a metric's input measures and edges; inputs come first.
func (p *parser) resolveMetric(s *semantics, m *metricDef, path []string) {
	g := m.generic
	if m.done {
		return
	}
	if contains(path, g.UniqueID) {
		p.metricProblem(g, "the metric `%s` depends on itself: %s", g.Name, strings.Join(append(path, g.UniqueID), " -> "))
		return
	}
	path = append(path, g.UniqueID)
	params := emptyIfNil(dictAt(g.Body, "type_params"))
	kind := textOf(g.Body, "type")
	switch kind {
	case "simple", "cumulative":
		switch {
		case !get(params, "measure").IsNull():
			p.addMeasures(g, params, get(params, "measure"))
		case kind == "simple":
			agg := dictAt(params, "metric_aggregation_params")
			if agg == nil {
				p.metricProblem(g, "Simple metric %s should have a measure or agg type defined, but it does not.", g.Name)
				break
			}
			addOnce(&g.DependsOn.Nodes, "semantic_model."+g.PackageName+"."+textOf(agg, "semantic_model"))
		default:
			c := emptyIfNil(dictAt(params, "cumulative_type_params"))
			if get(c, "metric").IsNull() {
				p.metricProblem(g, "Cumulative metric %s should have a measure or input_metric defined, but it does not.", g.Name)
				break
			}
			p.addMetrics(s, g, nil, path, get(c, "metric"))
		}
	case "conversion":
		c := emptyIfNil(dictAt(params, "conversion_type_params"))
		switch {
		case !get(c, "base_measure").IsNull() && !get(c, "conversion_measure").IsNull():
			p.addMeasures(g, params, get(c, "base_measure"), get(c, "conversion_measure"))
		case !get(c, "base_metric").IsNull() && !get(c, "conversion_metric").IsNull():
			p.addMetrics(s, g, nil, path, get(c, "base_metric"), get(c, "conversion_metric"))
		default:
			p.metricProblem(g, "Depending the version of YAML being used, conversion metric `%s` must have base and conversion measures or base and conversion metrics defined.", g.Name)
		}
	case "ratio":
		if get(params, "numerator").IsNull() || get(params, "denominator").IsNull() {
			p.metricProblem(g, "Invalid ratio metric. Both a numerator and denominator must be specified")
			break
		}
		p.addMetrics(s, g, params, path, get(params, "numerator"), get(params, "denominator"))
	case "derived":
		p.addMetrics(s, g, params, path, get(params, "metrics").Items()...)
	}
	m.done = true
}

func addInputMeasure(params *value.Dict, measure value.Value) {
	list := listify(get(params, "input_measures"))
	for _, have := range list {
		if value.Equal(have, measure) {
			return
		}
	}
	params.SetString("input_measures", value.NewList(append(list, measure)...))
}

func (p *parser) addMeasures(g *manifest.Generic, params *value.Dict, measures ...value.Value) {
	for _, measure := range measures {
		d, _ := measure.AsDict()
		addInputMeasure(params, measure)
		name := textOf(emptyIfNil(d), "name")
		id, ok := p.m.ResolveMeasure(g.PackageName, name)
		switch {
		case !ok:
			p.metricProblem(g, "A semantic model having a measure `%s` does not exist but was referenced.", name)
		case p.m.SemanticModels[id] == nil:
			p.metricProblem(g, "The measure `%s` is referenced on disabled semantic model `%s`.", name, id[strings.LastIndexByte(id, '.')+1:])
		default:
			addOnce(&g.DependsOn.Nodes, id)
		}
	}
}

// addMetrics adds edges to input metrics; with params their measures are taken over.
func (p *parser) addMetrics(s *semantics, g *manifest.Generic, params *value.Dict, path []string, inputs ...value.Value) {
	for _, input := range inputs {
		d, _ := input.AsDict()
		name := textOf(emptyIfNil(d), "name")
		id, disabled, ok := p.m.ResolveMetric(g.PackageName, "", name)
		if !ok {
			if disabled {
				p.metricProblem(g, "The metric `%s` is disabled and thus cannot be referenced.", name)
			} else {
				p.metricProblem(g, "The metric `%s` does not exist but was referenced by metric `%s`.", name, g.Name)
			}
			continue
		}
		if target := s.byName[id]; target != nil {
			p.resolveMetric(s, target, path)
			if params != nil {
				measures := emptyIfNil(dictAt(target.generic.Body, "type_params"))
				for _, measure := range get(measures, "input_measures").Items() {
					addInputMeasure(params, measure)
				}
			}
		}
		addOnce(&g.DependsOn.Nodes, id)
	}
}

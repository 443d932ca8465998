package parse

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// semanticRules are what MetricFlow asks of a semantic layer: names, keys, dimensions of time,
// labels and aggregations that it can work with. dbt ends the parse when one is broken.
type semanticRules struct {
	models []*semanticView
	broken []brokenSemantics
}

type brokenSemantics struct {
	span    diag.Span
	message string
}

// semanticView is a semantic model as the rules see it.
type semanticView struct {
	g                              *manifest.Generic
	entities, measures, dimensions []*value.Dict
}

func (r *semanticRules) fail(g *manifest.Generic, format string, args ...any) {
	r.broken = append(r.broken, brokenSemantics{g.Span, fmt.Sprintf(format, args...)})
}

// checkSemantics applies the rules; a layer without metrics or without models is not looked at.
func (p *parser) checkSemantics() []brokenSemantics {
	if len(p.m.Metrics) == 0 || len(p.m.SemanticModels) == 0 {
		return nil
	}
	r := &semanticRules{}
	for _, id := range p.m.Order.SemanticModels {
		if g := p.m.SemanticModels[id]; g != nil {
			r.models = append(r.models, &semanticView{g, dictsAt(g.Body, "entities"), dictsAt(g.Body, "measures"), dictsAt(g.Body, "dimensions")})
		}
	}
	metrics := orderedGenerics(p.m.Order.Metrics, p.m.Metrics)
	r.measures()
	r.consistency()
	r.names(metrics, orderedGenerics(p.m.Order.SavedQueries, p.m.SavedQueries))
	r.timeDimensions()
	r.primaryEntities()
	r.labels(metrics)
	return r.broken
}

func orderedGenerics(order []string, all map[string]*manifest.Generic) []*manifest.Generic {
	out := make([]*manifest.Generic, 0, len(order))
	for _, id := range order {
		if g := all[id]; g != nil {
			out = append(out, g)
		}
	}
	return out
}

// measures: their aggregations have what they need, and each belongs to one model.
func (r *semanticRules) measures() {
	owners := map[string][]string{}
	for _, m := range r.models {
		for _, x := range m.measures {
			name := textOf(x, "name")
			r.aggregation(m.g, name, strings.ToLower(textOf(x, "agg")), get(x, "expr"), dictAt(x, "agg_params"))
			if before := owners[name]; before != nil {
				r.fail(m.g, "Found measure with name %s in multiple semantic models with names (%s)", name, value.Repr(value.Strings(before...)))
			}
			owners[name] = append(owners[name], m.g.Name)
		}
	}
}

func (r *semanticRules) aggregation(g *manifest.Generic, name, agg string, expr value.Value, params *value.Dict) {
	percentile := get(emptyIfNil(params), "percentile")
	switch agg {
	case "count":
		if expr.IsNull() {
			r.fail(g, "Measure '%s' uses a COUNT aggregation, which requires an expr to be provided. Provide 'expr: 1' if a count of all rows is desired.", name)
		} else if text := value.Str(expr); strings.HasPrefix(strings.ToLower(text), "distinct ") {
			r.fail(g, "Measure '%s' uses a 'count' aggregation with a DISTINCT expr: '%s'. This is not supported as it effectively converts an additive measure into a non-additive one, "+
				"and this could cause certain queries to return incorrect results. Please use the count_distinct aggregation type.", name, text)
		}
	case "percentile":
		share, ok := percentile.AsFloat()
		switch {
		case percentile.IsNull() || !ok:
			r.fail(g, "Measure '%s' uses a PERCENTILE aggregation, which requires agg_params.percentile to be provided.", name)
		case share <= 0 || share >= 1:
			r.fail(g, "Percentile aggregation parameter for measure '%s' is '%s', but must be between 0 and 1 (non-inclusive). For example, to indicate the 65th percentile value, "+
				"set 'percentile: 0.65'. For percentile values of 0, please use MIN, for percentile values of 1, please use MAX.", name, value.Str(percentile))
		}
	}
}

// consistency: a name means one kind of element, and a dimension is one thing everywhere.
func (r *semanticRules) consistency() {
	type seen struct{ kind, partition string }
	dimensions := map[string]seen{}
	for _, m := range r.models {
		for _, x := range m.dimensions {
			name, now := textOf(x, "name"), seen{strings.ToUpper(textOf(x, "type")), pythonBool(value.Truth(get(x, "is_partition")))}
			first, known := dimensions[name]
			if !known {
				dimensions[name] = now
				continue
			}
			if first.kind != now.kind {
				r.fail(m.g, "In semantic model `%s`, type conflict for dimension `%s` - already in model as type `DimensionType.%s` but got `DimensionType.%s`", m.g.Name, name, first.kind, now.kind)
			}
			if first.partition != now.partition {
				r.fail(m.g, "In semantic model `%s, conflicting is_partition attribute for dimension `%s` - already in model with is_partition as `%s` but got `%s``", m.g.Name, name, first.partition, now.partition)
			}
		}
	}
	r.elementKinds()
}

func (r *semanticRules) elementKinds() {
	kinds := []string{"dimension", "entity", "measure"} // in the order of their names
	models := map[string]map[string][]*semanticView{}
	var order []string
	for _, m := range r.models {
		for kind, list := range map[string][]*value.Dict{"measure": m.measures, "dimension": m.dimensions, "entity": m.entities} {
			for _, x := range list {
				name := textOf(x, "name")
				if models[name] == nil {
					models[name] = map[string][]*semanticView{}
					order = append(order, name)
				}
				models[name][kind] = append(models[name][kind], m)
			}
		}
	}
	sort.Strings(order)
	for _, name := range order {
		if len(models[name]) < 2 {
			continue
		}
		var used []string
		for _, kind := range kinds {
			if models[name][kind] != nil {
				used = append(used, "<SemanticModelElementType."+strings.ToUpper(kind)+": '"+kind+"'>")
			}
		}
		for _, kind := range kinds {
			if list := models[name][kind]; list != nil {
				r.fail(list[0].g, "In semantic models %s, element `%s` is of type SemanticModelElementType.%s, but it is used as types [%s] across the model.",
					nameSet(list), name, strings.ToUpper(kind), strings.Join(used, ", "))
			}
		}
	}
}

// nameSet is a Python set of the models' names.
func nameSet(list []*semanticView) string {
	var names []string
	for _, m := range list {
		if quoted := value.Repr(value.String(m.g.Name)); !slices.Contains(names, quoted) {
			names = append(names, quoted)
		}
	}
	return "{" + strings.Join(names, ", ") + "}"
}

func pythonBool(b bool) string { return value.Str(value.Bool(b)) }

var elementName = regexp.MustCompile(`\A[a-z][a-z0-9_]*[a-z0-9]\z`)

func (r *semanticRules) name(g *manifest.Generic, name string) {
	if !elementName.MatchString(name) || strings.Contains(name, "__") {
		r.fail(g, "Invalid name `%s` - names may only contain lower case letters, numbers, and underscores. Additionally, names must start with a lower case letter, "+
			"cannot end with an underscore, cannot contain dunders (double underscores, or __), and must be at least 2 characters long.", name)
	}
	if slices.Contains(grains, strings.ToLower(name)) {
		upper := make([]string, len(grains))
		for i, grain := range grains {
			upper[i] = strings.ToUpper(grain)
		}
		r.fail(g, "Invalid name `%s` - names cannot match reserved time granularity keywords (%s)", name, value.Repr(value.Strings(upper...)))
	}
	switch strings.ToLower(name) {
	case "metric_time":
		r.fail(g, "Invalid name `%s` - this name is reserved by MetricFlow. Reason: Used as the query input for creating time series metrics from measures with different time dimension names.", name)
	case "mf_internal_uuid":
		r.fail(g, "Invalid name `%s` - this name is reserved by MetricFlow. Reason: Used internally to reference a column that has a uuid generated by MetricFlow.", name)
	}
}

// names are valid, and those of a kind unique within a model.
func (r *semanticRules) names(metrics, queries []*manifest.Generic) {
	for _, m := range r.models {
		r.name(m.g, m.g.Name)
	}
	for _, g := range slices.Concat(metrics, queries) {
		r.name(g, g.Name)
	}
	for _, m := range r.models {
		var names []string
		for _, part := range []struct {
			kind string
			list []*value.Dict
		}{{"measure", m.measures}, {"entity", m.entities}, {"dimension", m.dimensions}} {
			used := map[string]bool{}
			for _, x := range part.list {
				name := textOf(x, "name")
				names = append(names, name)
				if used[name] {
					r.fail(m.g, "In semantic model `%s`, can't use name `%s` for a %s when it was already used for a %s", m.g.Name, name, part.kind, part.kind)
				}
				used[name] = true
			}
		}
		for _, name := range names {
			r.name(m.g, name)
		}
	}
}

// timeDimensions: what measures are aggregated by exists.
func (r *semanticRules) timeDimensions() {
	for _, m := range r.models {
		isTime := func(name string) bool {
			return slices.ContainsFunc(m.dimensions, func(x *value.Dict) bool {
				return strings.EqualFold(textOf(x, "type"), "time") && textOf(x, "name") == name
			})
		}
		usual := textOf(emptyIfNil(dictAt(m.g.Body, "defaults")), "agg_time_dimension")
		for _, x := range m.measures {
			by := textOf(x, "agg_time_dimension")
			if by == "" {
				by = usual
			}
			switch {
			case by == "":
				r.fail(m.g, "Aggregation time dimension for measure %s is not set! This should either be set directly on the measure specification in the model, "+
					"or else defaulted to the primary time dimension in the data source containing the measure.", textOf(x, "name"))
			case !isTime(by):
				r.fail(m.g, "In semantic model '%s', measure '%s' has the aggregation time dimension set to '%s', which is not a valid time dimension in the semantic model",
					m.g.Name, textOf(x, "name"), by)
			}
		}
		if usual != "" && !isTime(usual) {
			r.fail(m.g, "Default aggregation time dimension was specified as '%s' which doesn't exist as a time dimension in semantic model named '%s'.", usual, m.g.Name)
		}
	}
}

// primaryEntities: a model with dimensions has one, and with it names each dimension once.
func (r *semanticRules) primaryEntities() {
	pairs := map[[2]string]string{}
	for _, m := range r.models {
		declared := textOf(m.g.Body, "primary_entity")
		var primary []string
		for _, x := range m.entities {
			if strings.EqualFold(textOf(x, "type"), "primary") {
				primary = append(primary, textOf(x, "name"))
			}
		}
		switch {
		case len(primary) > 1:
			r.fail(m.g, "Semantic models can have only one primary entity. The semantic model `%s` has %d: %s", m.g.Name, len(primary), strings.Join(primary, ", "))
		case len(primary) == 1 && declared != "":
			r.fail(m.g, "The semantic model `%s` has an entity named `%s` with type primary but it also has the `primary_entity` field set to `%s`. Both should not be present in the model.",
				m.g.Name, primary[0], declared)
		case len(primary) == 0 && declared == "" && len(m.dimensions) > 0:
			r.fail(m.g, "The semantic model %s contains dimensions, but it does not define a primary entity. Either add an entity with type PRIMARY or set a value for the primary_entity key.", m.g.Name)
		}
		if declared == "" && len(primary) > 0 {
			declared = primary[0]
		}
		if declared == "" {
			continue
		}
		for _, x := range m.dimensions {
			key := [2]string{declared, textOf(x, "name")}
			if before, taken := pairs[key]; taken {
				r.fail(m.g, "Duplicate dimension + primary entity pairing detected, dimension + primary entity pairings must be unique. Semantic model `%s` has a primary entity of `%s` "+
					"and dimension `%s`, but this pairing is already in use on semantic model `%s`.", m.g.Name, declared, key[1], before)
				continue
			}
			pairs[key] = m.g.Name
		}
	}
}

// labels tell things apart.
func (r *semanticRules) labels(metrics []*manifest.Generic) {
	unique := func(what string, list []*manifest.Generic) {
		taken := map[string]string{}
		for _, g := range list {
			label := textOf(g.Body, "label")
			if first, has := taken[label]; has {
				r.fail(g, "Can't use label `%s` for  %s `%s` as it's already used for %s `%s`", label, what, g.Name, what, first)
			} else if label != "" {
				taken[label] = g.Name
			}
		}
	}
	unique("metric", metrics)
	var models []*manifest.Generic
	for _, m := range r.models {
		models = append(models, m.g)
	}
	unique("semantic model", models)
	for _, m := range r.models {
		for _, part := range []struct {
			kind, kinds string
			list        []*value.Dict
		}{{"Dimension", "dimensions", m.dimensions}, {"Entity", "entities", m.entities}, {"Measure", "measures", m.measures}} {
			counts, order := map[string]int{}, []string(nil)
			for _, x := range part.list {
				if label := textOf(x, "label"); label != "" {
					if counts[label]++; counts[label] == 2 {
						order = append(order, label)
					}
				}
			}
			for _, label := range order {
				r.fail(m.g, "%s labels must be unique within a semantic model. The label `%s` was used for %d %s on semantic model `%s", part.kind, label, counts[label], part.kinds, m.g.Name)
			}
		}
	}
}

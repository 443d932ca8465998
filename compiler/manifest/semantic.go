package manifest

import (
	"io"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// semanticShape lists the keys of a semantic manifest object in order, and the shape of
// those that are reshaped themselves.
type semanticShape struct {
	keys   []string
	nested map[string]*semanticShape
}

var (
	elementConfig    = &semanticShape{keys: []string{"meta"}}
	semanticEntity   = &semanticShape{keys: []string{"name", "description", "type", "role", "expr", "metadata", "label", "config"}}
	semanticMeasure  = &semanticShape{keys: []string{"name", "agg", "description", "create_metric", "expr", "agg_params", "metadata", "non_additive_dimension", "agg_time_dimension", "label", "config"}}
	semanticDim      = &semanticShape{keys: []string{"name", "description", "type", "datatype", "is_partition", "type_params", "expr", "metadata", "label", "config"}}
	semanticModelDef = &semanticShape{
		keys:   []string{"name", "defaults", "description", "node_relation", "primary_entity", "entities", "measures", "dimensions", "label", "metadata", "config"},
		nested: map[string]*semanticShape{"entities": semanticEntity, "measures": semanticMeasure, "dimensions": semanticDim, "config": elementConfig},
	}
	semanticConversion = &semanticShape{keys: []string{
		"base_measure", "base_metric", "conversion_measure", "conversion_metric", "entity", "calculation", "window", "constant_properties",
	}}
	semanticTypeParams = &semanticShape{
		keys: []string{
			"measure", "numerator", "denominator", "expr", "window", "grain_to_date", "metrics", "conversion_type_params",
			"cumulative_type_params", "input_measures", "metric_aggregation_params", "join_to_timespine", "fill_nulls_with", "is_private",
		},
		nested: map[string]*semanticShape{"conversion_type_params": semanticConversion},
	}
	semanticMetric = &semanticShape{
		keys:   []string{"name", "description", "type", "datatype", "type_params", "filter", "metadata", "label", "config", "time_granularity"},
		nested: map[string]*semanticShape{"type_params": semanticTypeParams, "config": elementConfig},
	}
	semanticQueryParams = &semanticShape{keys: []string{"metrics", "group_by", "order_by", "limit", "where"}}
	semanticExport      = &semanticShape{
		keys:   []string{"name", "config"},
		nested: map[string]*semanticShape{"config": {keys: []string{"export_as", "schema_name", "alias"}}},
	}
	semanticSavedQuery = &semanticShape{
		keys:   []string{"name", "query_params", "description", "metadata", "label", "exports", "tags"},
		nested: map[string]*semanticShape{"query_params": semanticQueryParams, "exports": semanticExport},
	}
)

func (s *semanticShape) apply(v value.Value) value.Value {
	if items := v.Items(); items != nil {
		out := make([]value.Value, len(items))
		for i, item := range items {
			out[i] = s.apply(item)
		}
		return value.NewList(out...)
	}
	d, ok := v.AsDict()
	if !ok {
		return v
	}
	out := value.NewDict(len(s.keys))
	for _, key := range s.keys {
		item, ok := d.GetString(key)
		if !ok {
			item = value.None
		}
		if nested := s.nested[key]; nested != nil {
			item = nested.apply(item)
		}
		out.SetString(key, item)
	}
	return value.FromDict(out)
}

// legacyTimeSpine is the model that acts as time spine without being configured as one.
const legacyTimeSpine = "metricflow_time_spine"

// WriteSemantic writes semantic_manifest.json.
func WriteSemantic(w io.Writer, m *Manifest) error {
	e := &encoder{buf: make([]byte, 0, 1<<14)}
	list := func(name string, ids []string, by map[string]*Generic, shape *semanticShape) {
		e.key(name)
		e.raw("[")
		for i, id := range ids {
			if i > 0 {
				e.raw(", ")
			}
			e.value(shape.apply(by[id].Value()))
		}
		e.raw("]")
	}
	e.raw("{")
	list("semantic_models", m.Order.SemanticModels, m.SemanticModels, semanticModelDef)
	list("metrics", m.Order.Metrics, m.Metrics, semanticMetric)
	e.member("project_configuration", m.semanticProject())
	list("saved_queries", m.Order.SavedQueries, m.SavedQueries, semanticSavedQuery)
	e.raw("}")
	e.flush(w)
	return e.err
}

func (m *Manifest) semanticProject() value.Value {
	var spines, legacy []value.Value
	for _, n := range m.NodeList() {
		if n.ResourceType == Model && n.TimeSpine != nil {
			spines = append(spines, n.semanticTimeSpine())
		}
	}
	if len(m.SemanticModels) > 0 {
		id, _ := find(m.names().refs, legacyTimeSpine, "")
		if n := m.Nodes[id]; n != nil && n.TimeSpine == nil {
			d := value.NewDict(3)
			d.SetString("location", value.OptString(n.Relation))
			d.SetString("column_name", value.String("date_day"))
			d.SetString("grain", value.String("day"))
			legacy = append(legacy, value.FromDict(d))
		}
	}
	version := value.NewDict(3)
	version.SetString("major_version", value.String("0"))
	version.SetString("minor_version", value.String("213"))
	version.SetString("patch_version", value.String("0"))
	d := value.NewDict(4)
	d.SetString("time_spine_table_configurations", value.NewList(legacy...))
	d.SetString("metadata", value.None)
	d.SetString("dsi_package_version", value.FromDict(version))
	d.SetString("time_spines", value.NewList(spines...))
	return value.FromDict(d)
}

func (n *Node) semanticTimeSpine() value.Value {
	column, _ := n.TimeSpine.GetString("standard_granularity_column")
	grain := value.None
	for _, c := range n.Columns {
		if c.Name == value.Str(column) {
			grain = value.OptString(c.Granularity)
		}
	}
	primary := value.NewDict(2)
	primary.SetString("name", column)
	primary.SetString("time_granularity", grain)
	custom, _ := n.TimeSpine.GetString("custom_granularities")
	d := value.NewDict(3)
	d.SetString("node_relation", n.NodeRelation())
	d.SetString("primary_column", value.FromDict(primary))
	d.SetString("custom_granularities", none(custom))
	return value.FromDict(d)
}

// NodeRelation names the node's relation as semantic models refer to it.
func (n *Node) NodeRelation() value.Value {
	d := value.NewDict(4)
	d.SetString("alias", value.String(n.Alias))
	d.SetString("schema_name", value.OptString(n.Schema))
	d.SetString("database", value.OptString(n.Database))
	d.SetString("relation_name", value.OptString(n.Relation))
	return value.FromDict(d)
}

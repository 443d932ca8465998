package parse

import (
	"strings"

	"github.com/millrace/millrace/compiler/manifest"
)

// shape is what a mapping in a properties file may hold: every key with the shape of its
// value, nil for a value that is not looked into. A list has the shape of its elements.
type shape struct {
	keys map[string]*shape
	// moved are keys that still work here but belong under `config:`.
	moved map[string]bool
	// names are the keys, for suggestions.
	names []string
}

// shapeOf makes a shape of keys whose values are not looked into.
func shapeOf(keys string) *shape {
	s := &shape{keys: map[string]*shape{}, moved: map[string]bool{}}
	for _, key := range strings.Fields(keys) {
		s.keys[key] = nil
		s.names = append(s.names, key)
	}
	return s
}

// with gives one key a shape.
func (s *shape) with(key string, of *shape) *shape {
	if _, known := s.keys[key]; !known {
		s.names = append(s.names, key)
	}
	s.keys[key] = of
	return s
}

// movedToConfig adds keys that belong under `config:`.
func (s *shape) movedToConfig(keys string) *shape {
	for _, key := range strings.Fields(keys) {
		s.moved[key] = true
		s.keys[key] = nil
	}
	return s
}

// configShape is the typed config of a resource; what adapters read is known too.
func configShape(kind manifest.ResourceType) *shape {
	s := shapeOf("enabled pre_hook post_hook " + strings.Join(customKeys, " "))
	for key := range configSchemas[kind].index {
		s.with(key, nil)
	}
	return s
}

var (
	constraintShape = shapeOf("type name expression to to_columns warn_unenforced warn_unsupported")
	ownerShape      = (*shape)(nil) // people add keys of their own here
	exportShape     = shapeOf("name").with("config", shapeOf("export_as schema schema_name alias database"))
	validityShape   = shapeOf("is_start is_end")
	columnShape     = shapeOf("name description data_type quote data_tests tests config granularity policy_tags databricks_tags classifiers column_mask").
			with("constraints", constraintShape).
			with("dimension", shapeOf("type name label description is_partition config expr").with("validity_params", validityShape)).
			with("entity", shapeOf("type name label description config expr")).
			movedToConfig("meta tags")
	versionShape = shapeOf("v defined_in description access config docs data_tests tests deprecation_date").
			with("constraints", modelConstraint).with("columns", withKeys(columnShape, "include exclude"))
	modelConstraint = shapeOf("type name expression columns to to_columns warn_unenforced warn_unsupported")
)

// withKeys is a shape with more keys.
func withKeys(s *shape, keys string) *shape {
	out := shapeOf(strings.Join(s.names, " ") + " " + keys)
	for key, of := range s.keys {
		out.with(key, of)
	}
	for key := range s.moved {
		out.moved[key] = true
	}
	return out
}

// entryShapes are the entries of a properties file by the list they stand in.
var entryShapes = map[string]*shape{
	"models": shapeOf("name description config data_tests tests latest_version deprecation_date semantic_model primary_entity agg_time_dimension metrics identifier static_analysis_off_reason version").
		with("columns", columnShape).with("constraints", modelConstraint).with("versions", versionShape).
		with("time_spine", shapeOf("standard_granularity_column").with("custom_granularities", shapeOf("name column_name"))).
		with("derived_semantics", shapeOf("entities dimensions")).
		movedToConfig("access group docs meta tags freshness"),
	"seeds":     shapeOf("name description config data_tests tests").with("columns", columnShape).movedToConfig("docs meta tags"),
	"snapshots": shapeOf("name description config data_tests tests relation").with("columns", columnShape).movedToConfig("docs meta tags group"),
	"analyses":  shapeOf("name description config").with("columns", columnShape).movedToConfig("docs meta tags"),
	"sources": shapeOf("name description database catalog schema loader overrides unrendered_schema unrendered_database").
		with("quoting", shapeOf("database schema identifier snowflake_ignore_case")).
		with("config", withKeys(configShape(manifest.SourceType), "freshness")).
		with("tables", shapeOf("name description identifier loader data_tests tests external").
			with("quoting", shapeOf("database schema identifier snowflake_ignore_case")).
			with("columns", columnShape).with("config", withKeys(configShape(manifest.SourceType), "freshness")).
			movedToConfig("freshness loaded_at_field loaded_at_query meta tags")).
		movedToConfig("freshness loaded_at_field loaded_at_query meta tags"),
	"macros": shapeOf("name description config").with("arguments", shapeOf("name type description")).movedToConfig("docs meta"),
	"functions": shapeOf("name description config data_tests tests identifier language static_analysis_off_reason").
		with("arguments", shapeOf("name data_type description default_value")).with("returns", shapeOf("data_type description")).
		with("overloads", shapeOf("defined_in description").with("arguments", shapeOf("name data_type description default_value")).with("returns", shapeOf("data_type description"))).
		movedToConfig("docs meta tags"),
	"data_tests": shapeOf("name description config static_analysis_off_reason").movedToConfig("meta docs tags"),
	"unit_tests": shapeOf("name description model static_analysis_off_reason").
		with("given", shapeOf("input rows format fixture")).with("expect", shapeOf("rows format fixture")).
		with("overrides", shapeOf("macros vars env_vars")).with("versions", shapeOf("include exclude")).
		with("config", configShape(manifest.UnitTest)),
	"exposures": shapeOf("name type description label maturity url depends_on").with("owner", ownerShape).
		with("config", configShape(manifest.ExposureType)).movedToConfig("meta tags enabled"),
	"groups": shapeOf("name description").with("owner", ownerShape).with("config", configShape(manifest.GroupType)),
	"semantic_models": shapeOf("name model description label primary_entity").
		with("defaults", shapeOf("agg_time_dimension")).
		with("entities", shapeOf("name type description label role expr config")).
		with("measures", shapeOf("name agg description label create_metric expr agg_params non_additive_dimension agg_time_dimension config")).
		with("dimensions", shapeOf("name type description label is_partition expr config").
			with("type_params", shapeOf("time_granularity").with("validity_params", validityShape))).
		with("config", configShape(manifest.SemanticModel)),
	"metrics": shapeOf("name label description type type_params filter time_granularity agg percentile percentile_type expr join_to_timespine fill_nulls_with "+
		"non_additive_dimension agg_time_dimension window grain_to_date period_agg input_metric input_metrics numerator denominator entity calculation "+
		"base_metric conversion_metric constant_properties hidden").
		with("config", configShape(manifest.MetricType)).movedToConfig("meta tags enabled group"),
	"saved_queries": shapeOf("name description label").with("query_params", shapeOf("metrics group_by where order_by limit")).
		with("exports", exportShape).with("config", withKeys(configShape(manifest.SavedQuery), "cache tags")).movedToConfig("tags meta group"),
}

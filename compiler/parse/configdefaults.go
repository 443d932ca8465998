package parse

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// merge is what setting a config key again does to the value that is there.
type merge uint8

const (
	clobber merge = iota
	appendList
	updateDict
	grantsDict
)

// configField is one config key that dbt knows, with its default.
type configField struct {
	key   string
	merge merge
	def   func() value.Value // nil means None
}

func constant(v value.Value) func() value.Value { return func() value.Value { return v } }

func emptyDict() value.Value { return value.FromDict(value.NewDict(0)) }
func emptyList() value.Value { return value.NewList() }

func pairs(kv ...any) func() value.Value {
	return func() value.Value {
		d := value.NewDict(len(kv) / 2)
		for i := 0; i < len(kv); i += 2 {
			key, _ := kv[i].(string)
			v, _ := kv[i+1].(value.Value)
			d.SetString(key, v)
		}
		return value.FromDict(d)
	}
}

var (
	defTrue     = constant(value.True)
	defDocs     = pairs("show", value.True, "node_color", value.None)
	defContract = pairs("enforced", value.False, "alias_types", value.True)
	defPointer  = pairs("enabled", value.None, "alias", value.None)
	defSnowArgs = pairs("quote_args", value.True)
	defCache    = pairs("enabled", value.False)
	defMetaCols = pairs("dbt_valid_to", value.None, "dbt_valid_from", value.None, "dbt_scd_id", value.None,
		"dbt_updated_at", value.None, "dbt_is_deleted", value.None)
)

func text(s string) func() value.Value { return constant(value.String(s)) }

// Fields in dbt's order: the manifest shows them so.
var nodeAndTestFields = []configField{
	{"enabled", clobber, defTrue},
	{"alias", clobber, nil},
	{"schema", clobber, nil},
	{"database", clobber, nil},
	{"tags", appendList, emptyList},
	{"meta", updateDict, emptyDict},
	{"group", clobber, nil},
	{"static_analysis", clobber, nil},
}

var nodeFields = concat(nodeAndTestFields, []configField{
	{"materialized", clobber, text("view")},
	{"incremental_strategy", clobber, nil},
	{"batch_size", clobber, nil},
	{"lookback", clobber, constant(value.Int(1))},
	{"begin", clobber, nil},
	{"persist_docs", clobber, emptyDict},
	{"post-hook", appendList, emptyList},
	{"pre-hook", appendList, emptyList},
	{"quoting", updateDict, emptyDict},
	{"column_types", updateDict, emptyDict},
	{"full_refresh", clobber, nil},
	{"unique_key", clobber, nil},
	{"on_schema_change", clobber, text("ignore")},
	{"on_configuration_change", clobber, text("apply")},
	{"grants", grantsDict, emptyDict},
	{"packages", appendList, emptyList},
	{"docs", updateDict, defDocs},
	{"contract", updateDict, defContract},
	{"event_time", clobber, nil},
	{"concurrent_batches", clobber, nil},
})

var modelFields = concat(nodeFields, []configField{
	{"access", clobber, text("protected")},
	{"freshness", clobber, nil},
	{"on_error", clobber, nil},
	{"latest_version_pointer", updateDict, defPointer},
})

var seedFields = concat(withDefault(nodeFields, "materialized", text("seed")), []configField{
	{"delimiter", clobber, text(",")},
	{"quote_columns", clobber, nil},
})

var snapshotFields = concat(withDefault(nodeFields, "materialized", text("snapshot")), []configField{
	{"strategy", clobber, nil},
	{"target_schema", clobber, nil},
	{"target_database", clobber, nil},
	{"updated_at", clobber, nil},
	{"check_cols", clobber, nil},
	{"snapshot_meta_column_names", clobber, defMetaCols},
	{"dbt_valid_to_current", clobber, nil},
})

var functionFields = concat(withDefault(nodeFields, "materialized", text("function")), []configField{
	{"type", clobber, text("scalar")},
	{"volatility", clobber, nil},
	{"runtime_version", clobber, nil},
	{"entry_point", clobber, nil},
	{"snowflake", clobber, defSnowArgs},
})

var testFields = concat(withDefault(nodeAndTestFields, "schema", text("dbt_test__audit")), []configField{
	{"materialized", clobber, text("test")},
	{"severity", clobber, text("ERROR")},
	{"store_failures", clobber, nil},
	{"store_failures_as", clobber, nil},
	{"sql_header", clobber, nil},
	{"where", clobber, nil},
	{"limit", clobber, nil},
	{"fail_calc", clobber, text("count(*)")},
	{"warn_if", clobber, text("!= 0")},
	{"error_if", clobber, text("!= 0")},
})

var sourceFields = []configField{
	{"enabled", clobber, defTrue},
	{"event_time", clobber, nil},
	{"freshness", clobber, func() value.Value { return value.FromDict(emptyFreshness()) }},
	{"loaded_at_field", clobber, nil},
	{"loaded_at_query", clobber, nil},
	{"meta", updateDict, emptyDict},
	{"tags", clobber, emptyList},
	{"static_analysis", clobber, nil},
}

var exposureFields = []configField{
	{"enabled", clobber, defTrue},
	{"tags", clobber, emptyList},
	{"meta", clobber, emptyDict},
}

var groupFields = []configField{{"meta", updateDict, emptyDict}}

var unitTestFields = []configField{
	{"tags", appendList, emptyList},
	{"meta", updateDict, emptyDict},
	{"enabled", clobber, defTrue},
	{"static_analysis", clobber, nil},
}

var semanticFields = []configField{
	{"enabled", clobber, defTrue},
	{"group", clobber, nil},
	{"meta", updateDict, emptyDict},
}

var savedQueryFields = concat(semanticFields, []configField{
	{"export_as", clobber, nil},
	{"schema", clobber, nil},
	{"cache", clobber, defCache},
})

// configSchema is the known config of one resource type.
type configSchema struct {
	tree   string // key of dbt_project.yml
	fields []configField
	index  map[string]int
}

func newSchema(tree string, fields []configField) *configSchema {
	s := &configSchema{tree: tree, fields: fields, index: make(map[string]int, len(fields))}
	for i, f := range fields {
		s.index[f.key] = i
	}
	return s
}

var configSchemas = map[manifest.ResourceType]*configSchema{
	manifest.Model:         newSchema("models", modelFields),
	manifest.Seed:          newSchema("seeds", seedFields),
	manifest.Snapshot:      newSchema("snapshots", snapshotFields),
	manifest.Test:          newSchema("data_tests", testFields),
	manifest.Analysis:      newSchema("models", nodeFields),
	manifest.Operation:     newSchema("models", nodeFields),
	manifest.SQLOperation:  newSchema("models", nodeFields),
	manifest.FunctionType:  newSchema("functions", functionFields),
	manifest.SourceType:    newSchema("sources", sourceFields),
	manifest.ExposureType:  newSchema("exposures", exposureFields),
	manifest.GroupType:     newSchema("models", groupFields),
	manifest.UnitTest:      newSchema("unit_tests", unitTestFields),
	manifest.MetricType:    newSchema("metrics", semanticFields),
	manifest.SemanticModel: newSchema("semantic_models", semanticFields),
	manifest.SavedQuery:    newSchema("saved_queries", savedQueryFields),
}

func concat(lists ...[]configField) []configField {
	var out []configField
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

func withDefault(fields []configField, key string, def func() value.Value) []configField {
	out := append([]configField(nil), fields...)
	for i := range out {
		if out[i].key == key {
			out[i].def = def
		}
	}
	return out
}

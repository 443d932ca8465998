package adapters

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// methods are what the adapter object of every engine can do.
var methods map[string]Method

func init() { // the methods call macros, which call methods: a literal would be a cycle
	methods = map[string]Method{
		"type": typeName, "commit": commit, "execute": execute, "add_query": addQuery,
		"run_sql_for_tests": runSQLForTests, "bulk_load": bulkLoad, "get_binding_char": bindingChar,

		"get_relation": getRelation, "list_relations": listRelations, "list_relations_without_caching": listUncached,
		"already_exists": alreadyExists, "drop_relation": dropRelation, "truncate_relation": truncateRelation,
		"rename_relation": renameRelation, "cache_added": cacheAdded, "cache_dropped": cacheDropped, "cache_renamed": cacheRenamed,

		"create_schema": createSchema, "drop_schema": dropSchema, "check_schema_exists": checkSchemaExists, "list_schemas": listSchemas,

		"get_columns_in_relation": columnsInRelation, "get_columns_in_table": columnsInTable,
		"get_missing_columns": missingColumns, "expand_target_column_types": expandTargetColumnTypes,
		"get_column_schema_from_query": columnSchemaFromQuery, "get_pseudocolumns_for_relation": pseudocolumns,
		"convert_type": convertType,

		"quote": quote, "quote_as_configured": quoteAsConfigured, "quote_seed_column": quoteSeedColumn,

		"standardize_grants_dict": standardizeGrants,
		"valid_snapshot_target":   validSnapshotTarget, "assert_valid_snapshot_target_given_strategy": assertSnapshotTarget,
		"get_hard_deletes_behavior":    hardDeletesBehavior,
		"valid_incremental_strategies": validStrategies, "get_incremental_strategy_macro": strategyMacro,
		"render_raw_columns_constraints": renderColumns, "render_raw_model_constraints": renderModel,

		"get_partitions_metadata": partitionsMetadata,
		"get_catalog_integration": catalogIntegration, "build_catalog_relation": catalogRelation,
	}
}

func partitionsMetadata(*Bridge, *value.Thread, value.Args) (value.Value, error) {
	return value.Undef, RaiseError(kindNotImplemented, "`get_partitions_metadata` is not implemented for this adapter!")
}

// catalogIntegration: neither engine has integrations, so no name is ever found.
func catalogIntegration(_ *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_catalog_integration", "name")
	if err != nil {
		return value.Undef, err
	}
	return value.Undef, noCatalog(v[0])
}

func noCatalog(name value.Value) error {
	return runtimeError("Catalog not found. Received: %s. Expected one of: (none is configured for this adapter)", strings.TrimSpace(value.Str(name)))
}

func catalogRelation(_ *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("build_catalog_relation", "config")
	if err != nil {
		return value.Undef, err
	}
	config, err := value.GetAttr(th, v[0], "config")
	if err != nil {
		return value.Undef, err
	}
	if config.IsNull() || !value.Truth(config) {
		return value.None, nil
	}
	for _, key := range []string{"catalog_name", "catalog"} {
		name, err := item(th, config, key)
		if err != nil {
			return value.Undef, err
		}
		if value.Truth(name) {
			return value.Undef, noCatalog(name)
		}
	}
	return value.None, nil
}

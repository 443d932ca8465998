package flags

// Behavior is one behaviour flag: it can be set under flags: in dbt_project.yml only.
type Behavior struct {
	Name    string
	Default bool
	Doc     string
}

// Behaviors are dbt-core's behaviour flags. Engines may know more; unknown names under
// flags: are kept as they are for them.
var Behaviors = []Behavior{
	{"require_batched_execution_for_custom_microbatch_strategy", true, "Custom microbatch strategies run batch by batch."},
	{"require_event_names_in_deprecations", false, "Deprecation messages begin with their name."},
	{"require_explicit_package_overrides_for_builtin_materializations", true, "A package replaces a built-in materialization only when the project says so."},
	{"require_resource_names_without_spaces", true, "Resource names with spaces are errors."},
	{"source_freshness_run_project_hooks", true, "Source freshness runs on-run-start and on-run-end."},
	{"skip_nodes_if_on_run_start_fails", true, "When on-run-start fails, nothing runs."},
	{"state_modified_compare_more_unrendered_values", true, "state:modified compares configs as written, so that environments do not differ."},
	{"state_modified_compare_vars", false, "state:modified compares the vars a node uses."},
	{"require_yaml_configuration_for_mf_time_spines", true, "Time spines are configured in YAML."},
	{"require_nested_cumulative_type_params", true, "Cumulative metrics have their parameters nested."},
	{"validate_macro_args", true, "The arguments of macros are compared with their YAML."},
	{"require_all_warnings_handled_by_warn_error", true, "--warn-error makes every warning an error."},
	{"require_generic_test_arguments_property", true, "Arguments of generic tests stand under 'arguments'."},
	{"require_unique_project_resource_names", false, "Two resources of different kinds cannot share a name."},
	{"require_ref_searches_node_package_before_root", false, "ref() looks in the node's own package first."},
	{"require_valid_schema_from_generate_schema_name", false, "generate_schema_name must return a name."},
	{"allow_jinja_file_extensions", false, "Files may end in .sql.jinja, .md.j2 and so on."},
	{"require_sql_header_in_test_configs", false, "sql_header works in test configs."},
	{"support_custom_ref_kwargs", false, "A project's own ref macro may take more arguments."},
	{"require_corrected_analysis_fqns", false, "Analyses have fully qualified names without 'analysis' and read their own configs."},
	{"require_source_and_semantic_model_names_without_spaces", false, "Names of sources and semantic models with spaces are errors."},
	{"enable_grouped_warn_error_parser_logs", false, "Warnings of the parser are gathered before they become errors."},
	{"use_catalogs_v2", false, "catalogs.yml has the second form."},
	{"latest_version_pointer_enabled_by_default", false, "Versioned models get a pointer to their latest version."},
}

// DefaultBehavior is a fresh map of every behaviour flag's default.
func DefaultBehavior() map[string]bool {
	m := make(map[string]bool, len(Behaviors))
	for _, b := range Behaviors {
		m[b.Name] = b.Default
	}
	return m
}

package parse

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// customKeys are configs that adapters and built-in macros read although dbt's typed
// config does not name them.
var customKeys = []string{
	"sql_header", "merge_update_columns", "merge_exclude_columns", "incremental_predicates", "predicates",
	"merge_update_condition", "merge_insert_condition", "indexes", "unlogged", "location", "format", "options", "plugin",
	"partition_by", "partition_columns", "partitioned_by", "sorted_by", "cluster_by", "glue_register", "glue_database",
	"parquet_read_options", "csv_read_options", "json_read_options", "parameters", "fast", "external_location", "formatter",
	"hard_deletes", "invalidate_hard_deletes", "submission_method", "python_version", "imports", "transient", "dist", "sort",
	"config_keys_used", "config_keys_defaults", "meta_keys_used", "meta_keys_defaults", "store_failures", "severity",
	"bind", "backup", "auto_refresh", "labels", "hours_to_expiration", "kms_key_name", "copy_grants", "file_format",
	"snowflake_warehouse", "query_tag", "target_lag", "merge_clauses", "merge_on_using_columns", "merge_returning_columns",
	"ducklake", "catalog", "catalog_name", "table_format", "tblproperties", "location_root",
}

// checkConfig reports values of the wrong type and keys that are probably misspelled. A
// key of one's own is fine: macros may read it.
func (p *parser) checkConfig(d *draft, b *configBuilder) {
	schema := configSchemas[d.node.ResourceType]
	p.checkConfigTypes(d, b)
	p.checkConfigRules(d, b)
	if b.extra == nil {
		return
	}
	for k := range b.extra.All() {
		key := value.Str(k)
		if slices.Contains(customKeys, key) {
			continue
		}
		near := p.nearestConfig(schema, key)
		if near == "" || hasPlural(key, near) && !schema.knows(near) {
			if d.pkg.IsRoot {
				p.deprecate("CustomKeyInConfigDeprecation", p.configSpan(d, key), fmt.Sprintf(
					"Custom key `%s` found in `config` of %s %s in file `%s`. Custom config keys should move into the `config.meta`.", key, d.node.ResourceType, d.node.Name, d.node.OriginalFilePath),
					"put it under meta: and read it with config.meta_get('"+key+"')")
			}
			continue
		}
		span := p.configSpan(d, key)
		x := warning(diag.CodeUnknownConfig, span, fmt.Sprintf("unknown config '%s' on %s %s", key, d.node.ResourceType, d.node.Name)).Named("CustomKeyInConfigDeprecation")
		x.NodeID, x.Node = d.node.UniqueID, header(d.node)
		x.Hint = "did you mean '" + near + "'?"
		if p.flags.Strict {
			x.Severity = diag.Error
		}
		p.report(x)
	}
}

// nearestConfig is the known key that one resembles; projects give the same key to many nodes.
func (p *parser) nearestConfig(schema *configSchema, key string) string {
	id := [2]any{schema, key}
	if near, ok := p.misspelled.Load(id); ok {
		return near.(string)
	}
	candidates := slices.Clone(customKeys)
	for key := range schema.index {
		candidates = append(candidates, key)
	}
	sort.Strings(candidates)
	near := diag.Suggest(key, candidates)
	p.misspelled.Store(id, near)
	return near
}

func (s *configSchema) knows(key string) bool { _, ok := s.index[key]; return ok }

// hasPlural reports that two keys differ only in a final "s".
func hasPlural(a, b string) bool {
	return strings.TrimSuffix(a, "s") == strings.TrimSuffix(b, "s")
}

func (p *parser) checkConfigTypes(d *draft, b *configBuilder) {
	bad := func(key, reason string) {
		x := d.fail(diag.CodeConfigValue, diag.Parsing, p.configSpan(d, key), reason)
		p.report(x)
	}
	for _, key := range []string{"materialized", "alias", "schema", "database", "incremental_strategy"} {
		v := b.lookup(key)
		if v.IsNull() || v.Kind() == value.KindString {
			continue
		}
		bad(key, fmt.Sprintf("at path ['%s']: %s is not of type 'string'", key, value.Repr(v)))
	}
	if v := b.lookup("enabled"); !v.IsNull() && v.Kind() != value.KindBool {
		bad("enabled", fmt.Sprintf("at path ['enabled']: %s is not of type 'boolean'", value.Repr(v)))
	}
	if docs, ok := b.lookup("docs").AsDict(); ok {
		if v, given := docs.GetString("show"); given && !v.IsNull() && v.Kind() != value.KindBool {
			bad("docs", fmt.Sprintf("at path ['docs']['show']: %s is not of type 'boolean'", value.Repr(v)))
		}
	}
	if v := b.lookup("access"); !v.IsNull() && v.Kind() != value.KindString {
		bad("access", fmt.Sprintf("Field \"access\" of type AccessType in ModelConfig has invalid value %s", value.Repr(v)))
	}
	for _, key := range []string{"full_refresh", "store_failures"} {
		if v := b.lookup(key); !v.IsNull() && v.Kind() != value.KindBool {
			bad(key, fmt.Sprintf("at path ['%s']: %s is not valid under any of the given schemas", key, value.Repr(v)))
		}
	}
	if d.node.ResourceType == manifest.Test {
		if v := b.lookup("limit"); v.Kind() == value.KindString {
			bad("limit", `Field "limit" of type Optional[int] in TestConfig has invalid value `+value.Repr(v))
		}
		severity, _ := b.lookup("severity").AsString()
		if s := strings.ToLower(severity); s != "warn" && s != "error" {
			bad("severity", fmt.Sprintf("Severity must be either 'warn' or 'error'. Got '%s'", value.Str(b.lookup("severity"))))
		}
	}
	switch v, _ := b.lookup("on_configuration_change").AsString(); v {
	case "apply", "continue", "fail", "":
	default:
		bad("on_configuration_change", fmt.Sprintf("at path ['on_configuration_change']: '%s' is not one of ['apply', 'continue', 'fail']", v))
	}
}

// checkConfigRules looks at what configs must not be together. dbt does so whenever it has made
// a config; what it says about the place depends on where the wrong value came from.
func (p *parser) checkConfigRules(d *draft, b *configBuilder) {
	switch kind := d.node.ResourceType; kind {
	case manifest.Seed, manifest.Test:
		if m, _ := b.lookup("materialized").AsString(); m != "" && m != string(kind) {
			p.report(d.fail(diag.CodeConfigValue, diag.Parsing, p.configSpan(d, "materialized"),
				fmt.Sprintf("at path []: A %[1]s must have a materialized value of '%[1]s'", kind)))
		}
	}
	key, reason := brokenRule(b)
	if reason == "" {
		return
	}
	l := p.layersFor(d.node.ResourceType, d.pkg, d.node.FQN)
	_, inProject := brokenRule(p.build(d.node.ResourceType, l, nil, nil))
	_, inFile := brokenRule(p.build(d.node.ResourceType, l, nil, d.calls))
	if inProject == "" && inFile != "" {
		p.report(d.fail(diag.CodeConfigValue, diag.Parsing, p.configSpan(d, key), "at path []: "+reason))
		return
	}
	p.report(d.fail(diag.CodeConfigValue, diag.Validation, p.configSpan(d, key), reason))
}

// brokenRule is the config that is to blame, and why.
func brokenRule(b *configBuilder) (key, reason string) {
	if docs, ok := b.lookup("docs").AsDict(); ok {
		if color := textOf(docs, "node_color"); color != "" && !isColor(color) {
			return "docs", "Invalid color name for docs.node_color: " + color + ". It is neither a valid HTML color name nor a valid HEX code."
		}
	}
	contract, _ := b.lookup("contract").AsDict()
	if m, _ := b.lookup("materialized").AsString(); m != "incremental" || contract == nil || !value.Truth(get(contract, "enforced")) {
		return "", ""
	}
	switch onChange := value.Str(b.lookup("on_schema_change")); onChange {
	case "append_new_columns", "fail":
		return "", ""
	default:
		return "on_schema_change", "Invalid value for on_schema_change: " + onChange +
			". Models materialized as incremental with contracts enabled must set on_schema_change to 'append_new_columns' or 'fail'"
	}
}

// checkEnabled checks the switch of what stands in YAML only. Its config is checked by the
// schema alone, without a word about the file.
func (p *parser) checkEnabled(e *entry, b *configBuilder) bool {
	v := b.lookup("enabled")
	if v.IsNull() || v.Kind() == value.KindBool {
		return true
	}
	p.report(diag.New(diag.CodeConfigValue, diag.Validation, e.node.At("config", "enabled").Span(), value.Repr(v)+" is not of type 'boolean'"))
	return false
}

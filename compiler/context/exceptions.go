package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// exceptions is `exceptions`: every entry raises, but for the two that warn.
var exceptions value.Value

type raiser struct {
	params []string
	make   func(th *value.Thread, v []value.Value) error
}

func init() {
	d := value.NewDict(21)
	for _, e := range []struct {
		name string
		raiser
	}{
		{"warn", raiser{[]string{"msg", "node=None"}, func(th *value.Thread, v []value.Value) error {
			s, ok := hostOf(th)
			if !ok {
				return nil
			}
			return s.env.warn(th, "JinjaLogWarning", "I061", value.Str(v[0]), nil)
		}}},
		{"missing_config", raiser{[]string{"model", "name"}, func(th *value.Thread, v []value.Value) error {
			return missingConfig(field(th, v[0], "unique_id"), value.Str(v[1]))
		}}},
		{"missing_materialization", raiser{[]string{"model", "adapter_type"}, missingMaterialization}},
		{"missing_relation", raiser{[]string{"relation", "model=None"}, func(_ *value.Thread, v []value.Value) error {
			return compilation("Relation %s not found!", value.Str(v[0]))
		}}},
		{"raise_ambiguous_alias", raiser{[]string{"node_1", "node_2", "duped_name=None"}, ambiguousAlias}},
		{"raise_ambiguous_catalog_match", raiser{[]string{"unique_id", "match_1", "match_2"}, ambiguousCatalog}},
		{"raise_cache_inconsistent", raiser{[]string{"message"}, func(_ *value.Thread, v []value.Value) error {
			return diag.New(diag.CodeTemplateRuntime, diag.Internal, diag.Span{}, "Cache inconsistency detected: "+value.Str(v[0]))
		}}},
		{"raise_dataclass_not_dict", raiser{[]string{"obj"}, func(_ *value.Thread, v []value.Value) error {
			return compilation(`The object ("%s") was used as a dictionary. This capability has been removed from objects of this type.`, value.Str(v[0]))
		}}},
		{"raise_compiler_error", raiser{[]string{"msg", "node=None"}, raise(diag.Compilation, diag.CodeTemplateRuntime)}},
		{"raise_database_error", raiser{[]string{"msg", "node=None"}, raise(diag.Database, diag.CodeDatabase)}},
		{"raise_dep_not_found", raiser{[]string{"node", "node_description", "required_pkg"}, func(_ *value.Thread, v []value.Value) error {
			return compilationCode(diag.CodePackage, "Error while parsing %s.\nThe required package \"%s\" was not found. Is the package installed?\n"+
				"Hint: You may need to run `dbt deps`.", value.Str(v[1]), value.Str(v[2]))
		}}},
		{"raise_dependency_error", raiser{[]string{"msg"}, raise(diag.Dependency, diag.CodePackage)}},
		{"raise_duplicate_patch_name", raiser{[]string{"patch_1", "existing_patch_path"}, duplicatePatch}},
		{"raise_duplicate_resource_name", raiser{[]string{"node_1", "node_2"}, duplicateResource}},
		{"raise_invalid_property_yml_version", raiser{[]string{"path", "issue"}, func(_ *value.Thread, v []value.Value) error {
			return compilation("The yml property file at %s is invalid because %s. Please consult the documentation for more information on yml property file "+
				"syntax:\n\nhttps://docs.getdbt.com/reference/configs-and-properties", value.Str(v[0]), value.Str(v[1]))
		}}},
		{"raise_not_implemented", raiser{[]string{"msg"}, func(_ *value.Thread, v []value.Value) error {
			return diag.New(diag.CodeTemplateRuntime, diag.Runtime, diag.Span{}, "ERROR: "+value.Str(v[0]))
		}}},
		{"relation_wrong_type", raiser{[]string{"relation", "expected_type", "model=None"}, relationWrongType}},
		{"raise_contract_error", raiser{[]string{"yaml_columns", "sql_columns"}, contractError}},
		{"column_type_missing", raiser{[]string{"column_names"}, func(_ *value.Thread, v []value.Value) error {
			return compilation("Contracted models require data_type to be defined for each column. Please ensure that the column name and data_type "+
				"are defined within the YAML configuration for the %s column(s).", value.Str(v[0]))
		}}},
		{"raise_fail_fast_error", raiser{[]string{"msg", "node=None"}, func(_ *value.Thread, v []value.Value) error {
			return diag.New(diag.CodeTemplateRuntime, "FailFast", diag.Span{}, value.Str(v[0]))
		}}},
		{"warn_snapshot_timestamp_data_types", raiser{[]string{"snapshot_time_data_type", "updated_at_data_type"}, snapshotTypes}},
	} {
		d.SetString(e.name, e.value(e.name))
	}
	exceptions = value.FromDict(d)
}

// value makes the function; what raises nothing gives "".
func (r raiser) value(name string) value.Value {
	return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind(name, r.params...)
		if err != nil {
			return value.Undef, err
		}
		return value.String(""), r.make(th, v)
	})
}

func raise(kind diag.Kind, code diag.Code) func(*value.Thread, []value.Value) error {
	return func(_ *value.Thread, v []value.Value) error {
		return diag.New(code, kind, diag.Span{}, value.Str(v[0]))
	}
}

// field is an attribute or item of a node that a template passed, as text.
func field(th *value.Thread, v value.Value, name string) string {
	got, err := value.GetAttr(th, v, name)
	if err != nil || got.IsUndefined() {
		return ""
	}
	return value.Str(got)
}

func missingMaterialization(th *value.Thread, v []value.Value) error {
	config, err := value.GetAttr(th, v[0], "config")
	if err != nil {
		return err
	}
	types := "'default'"
	adapter := value.Str(v[1])
	if adapter != "default" {
		types = "'default' and '" + adapter + "'"
	}
	return compilationCode(diag.CodeMaterialization, "No materialization '%s' was found for adapter %s! (searched types %s)", field(th, config, "materialized"), adapter, types)
}

func nodeLines(th *value.Thread, nodes ...value.Value) string {
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString("\n- " + field(th, n, "unique_id") + " (" + field(th, n, "original_file_path") + ")")
	}
	return b.String()
}

func ambiguousAlias(th *value.Thread, v []value.Value) error {
	name := value.Str(v[2])
	if v[2].IsNull() {
		name = field(th, v[0], "database") + "." + field(th, v[0], "schema") + "." + field(th, v[0], "alias")
	}
	return compilationCode(diag.CodeAmbiguousAlias, "dbt found two resources with the database representation \"%s\".\n"+
		"dbt cannot create two resources with identical database representations. To fix this,\n"+
		"change the configuration of one of these resources:%s", name, nodeLines(th, v[0], v[1]))
}

func ambiguousCatalog(th *value.Thread, v []value.Value) error {
	match := func(m value.Value) string {
		meta, err := value.GetAttr(th, m, "metadata")
		if err != nil {
			return "None.None"
		}
		return orDefault(field(th, meta, "schema"), "None") + "." + orDefault(field(th, meta, "name"), "None")
	}
	return compilation("dbt found two relations in your warehouse with similar database identifiers. dbt\n"+
		"is unable to determine which of these relations was created by the model \"%s\".\n"+
		"In order for dbt to correctly generate the catalog, one of the following relations must be deleted or renamed:\n\n - %s\n - %s",
		value.Str(v[0]), match(v[1]), match(v[2]))
}

func duplicatePatch(th *value.Thread, v []value.Value) error {
	name, path, other := field(th, v[0], "name"), field(th, v[0], "original_file_path"), value.Str(v[1])
	fix := "remove the resource entry for " + name + " in one of these files:\n - " + path + "\n" + other
	if path == other {
		fix = "remove one of the resource entries for " + name + " in this file:\n - " + path + "\n"
	}
	return compilationCode(diag.CodeDuplicatePatch, "dbt found two schema.yml entries for the same resource named %s. Resources and their associated columns may only be "+
		"described a single time. To fix this, %s", name, fix)
}

func duplicateResource(th *value.Thread, v []value.Value) error {
	name := field(th, v[0], "name")
	kind := "resources"
	if k := field(th, v[0], "resource_type"); k == field(th, v[1], "resource_type") {
		switch kind = k + "s"; k {
		case "analysis":
			kind = "analyses"
		case "saved_query":
			kind = "saved_queries"
		case "test":
			kind = "data_tests"
		}
	}
	return compilationCode(diag.CodeDuplicateName, "dbt found two %s with the name \"%s\".\n\nSince these resources have the same name, dbt will be unable to find the correct resource\n"+
		"when looking for ref(\"%s\").\n\nTo fix this, change the name of one of these resources:%s", kind, name, name, nodeLines(th, v[0], v[1]))
}

func relationWrongType(th *value.Thread, v []value.Value) error {
	rel := value.Str(v[0])
	return compilation("Trying to create %s %s, but it currently exists as a %s. Either drop %s manually, or run dbt with `--full-refresh` and dbt will drop it for you.",
		value.Str(v[1]), rel, field(th, v[0], "type"), rel)
}

func snapshotTypes(th *value.Thread, v []value.Value) error {
	s, ok := hostOf(th)
	if !ok {
		return nil
	}
	time, updated := value.Str(v[0]), value.Str(v[1])
	msg := "Data type of snapshot table timestamp columns (" + time + ") doesn't match derived column 'updated_at' (" + updated + "). Please update snapshot config 'updated_at'."
	return s.env.warn(th, "SnapshotTimestampWarning", "Q043", msg, map[string]any{"snapshot_time_data_type": time, "updated_at_data_type": updated})
}

// contractError lists how the columns of a query differ from the contract.
func contractError(th *value.Thread, v []value.Value) error {
	yamlColumns, err := value.ToSlice(th, v[0])
	if err != nil {
		return err
	}
	sqlColumns, err := value.ToSlice(th, v[1])
	if err != nil {
		return err
	}
	if len(yamlColumns) == 0 {
		return compilation("This model has an enforced contract, and its 'columns' specification is missing")
	}
	var rows [][]value.Value
	add := func(name, definition, contract, reason string) {
		rows = append(rows, []value.Value{value.String(name), value.String(definition), value.String(contract), value.String(reason)})
	}
	inSQL := make(map[string]bool)
	for _, col := range sqlColumns {
		name, dtype := field(th, col, "name"), field(th, col, "data_type")
		inSQL[name] = true
		found := false
		for _, y := range yamlColumns {
			if field(th, y, "name") != name {
				continue
			}
			found = true
			if want := field(th, y, "data_type"); want != dtype {
				add(name, dtype, want, "data type mismatch")
			}
			break
		}
		if !found {
			add(name, dtype, "", "missing in contract")
		}
	}
	for _, y := range yamlColumns {
		if name := field(th, y, "name"); !inSQL[name] {
			add(name, "", field(th, y, "data_type"), "missing in definition")
		}
	}
	names := []string{"column_name", "definition_type", "contract_type", "mismatch_reason"}
	t := agate.New(names, rows)
	sorted, err := value.CallMethod(th, t.Value(), "order_by", value.Args{Pos: []value.Value{value.String("column_name")}})
	if err == nil {
		if st, ok := agate.FromValue(sorted); ok {
			t = st
		}
	}
	return compilation("This model has an enforced contract that failed.\n"+
		"Please ensure the name, data_type, and number of columns in your contract match the columns in your model's definition.\n\n%s",
		strings.TrimRight(t.PrintTable(-1, -1, 50), "\n"))
}

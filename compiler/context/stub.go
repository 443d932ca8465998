package context

import (
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// stubAdapter is `adapter` where no connection exists. While parsing its methods answer what
// dbt's do; at run time, when the command may not connect, those that ask the database fail.
type stubAdapter struct{ s *Scope }

// offline are the methods that a run answers without a connection.
var offline = map[string]bool{"type": true, "quote": true, "quote_as_configured": true, "quote_seed_column": true, "config": true, "behavior": true}

func (*stubAdapter) TypeName() string { return "ParseDatabaseWrapper" }

// Module implements value.Moduled.
func (*stubAdapter) Module() string { return "dbt.context.providers" }

// Attr answers the methods.
func (a *stubAdapter) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "dispatch":
		return a.s.DispatchFor(), true, nil
	case "Relation":
		return a.s.env.relationClass, true, nil
	case "Column":
		return a.s.env.Dialect.ColumnClass(), true, nil
	}
	v, ok := a.s.env.stubs[name]
	if ok && a.s.rt != nil && !offline[name] {
		return value.Func(name, neverConnected(name)), true, nil
	}
	return v, ok, nil
}

func neverConnected(method string) func(*value.Thread, value.Args) (value.Value, error) {
	return func(*value.Thread, value.Args) (value.Value, error) {
		return value.Undef, runtimeError("adapter.%s: connection never acquired for thread, because introspection is switched off", method)
	}
}

// CallMethod calls dispatch without making a value of it first.
func (a *stubAdapter) CallMethod(_ *value.Thread, name string, args value.Args) (value.Value, bool, error) {
	if name != "dispatch" {
		return value.Undef, false, nil
	}
	v, err := a.s.dispatch(args)
	return v, true, err
}

func (e *Env) stubMethods() map[string]value.Value {
	m := make(map[string]value.Value)
	answer := func(make func() value.Value, names ...string) {
		for _, name := range names {
			m[name] = value.Func(name, func(*value.Thread, value.Args) (value.Value, error) { return make(), nil })
		}
	}
	answer(func() value.Value { return value.None },
		"get_relation", "load_relation", "drop_relation", "truncate_relation", "rename_relation", "create_schema", "drop_schema",
		"expand_target_column_types", "valid_snapshot_target", "assert_valid_snapshot_target_given_strategy",
		"get_hard_deletes_behavior", "get_incremental_strategy_macro", "commit", "verify_database", "build_catalog_relation",
		"get_catalog_integration", "run_sql_for_tests", "warn_once", "ensure_transaction", "store_relation")
	answer(func() value.Value { return value.NewList() },
		"get_columns_in_relation", "get_columns_in_table", "get_missing_columns", "get_column_schema_from_query",
		"get_pseudocolumns_for_relation", "list_relations", "list_relations_without_caching", "list_schemas",
		"render_raw_columns_constraints", "render_raw_model_constraints", "existing_key_constraint_types")
	answer(func() value.Value { return value.False },
		"check_schema_exists", "already_exists", "is_motherduck", "disable_transactions", "is_ducklake",
		"use_ducklake_table_workarounds", "location_exists", "catalog_supports_foreign_keys")
	answer(func() value.Value { return value.String("") }, "cache_added", "cache_dropped", "cache_renamed")
	answer(func() value.Value { return value.NewTuple(value.None, value.None) }, "add_query")
	answer(func() value.Value { return value.NewTuple(value.String(""), agate.Empty().Value()) }, "execute", "get_partitions_metadata")
	answer(func() value.Value { return value.FromDict(value.NewDict(0)) }, "standardize_grants_dict")
	answer(func() value.Value { return value.String(e.Dialect.Name) }, "type")
	m["quote"] = value.Func("quote", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("quote", "identifier")
		if err != nil {
			return value.Undef, err
		}
		return value.String(e.Dialect.QuoteIdentifier(value.Str(v[0]))), nil
	})
	m["quote_as_configured"] = value.Func("quote_as_configured", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("quote_as_configured", "identifier", "quote_key")
		if err != nil {
			return value.Undef, err
		}
		return value.String(e.QuoteAsConfigured(value.Str(v[0]), value.Str(v[1]))), nil
	})
	m["quote_seed_column"] = value.Func("quote_seed_column", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("quote_seed_column", "column", "quote_config?")
		if err != nil {
			return value.Undef, err
		}
		quote := true
		switch {
		case v[1].IsNull():
		case v[1].Kind() == value.KindBool:
			quote = value.Truth(v[1])
		default:
			return value.Undef, compilation(`The seed configuration value of "quote_columns" has an invalid type %s`, pythonType(v[1]))
		}
		if !quote {
			return v[0], nil
		}
		return value.String(e.Dialect.QuoteIdentifier(value.Str(v[0]))), nil
	})
	m["config"] = e.ConfigValue()
	m["behavior"] = value.FromObject(behavior{e})
	return m
}

// QuoteAsConfigured quotes an identifier if the project quotes this part of names.
func (e *Env) QuoteAsConfigured(identifier, part string) string {
	quote := e.quoting.Identifier
	switch part {
	case "database":
		quote = e.quoting.Database
	case "schema":
		quote = e.quoting.Schema
	}
	if !quote {
		return identifier
	}
	return e.Dialect.QuoteIdentifier(identifier)
}

// behavior is adapter.behavior: each behaviour flag with no_warn and setting, true or false.
type behavior struct{ e *Env }

func (behavior) TypeName() string { return "Behavior" }

// Attr answers a flag by name.
func (b behavior) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	on, ok := b.e.Flags.Behavior[name]
	if !ok {
		return value.Undef, false, nil
	}
	return value.FromObject(behaviorFlag{name, on}), true, nil
}

type behaviorFlag struct {
	name string
	on   bool
}

func (behaviorFlag) TypeName() string { return "BehaviorFlag" }

// Truth is the flag's setting.
func (f behaviorFlag) Truth() bool { return f.on }

// Attr answers the flag's parts.
func (f behaviorFlag) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "no_warn", "setting":
		return value.Bool(f.on), true, nil
	case "name":
		return value.String(f.name), true, nil
	}
	return value.Undef, false, nil
}

// BehaviorValue is adapter.behavior for the run-time adapter too.
func (e *Env) BehaviorValue() value.Value { return value.FromObject(behavior{e}) }

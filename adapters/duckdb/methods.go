package duckdb

import (
	"path/filepath"
	"sort"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

func isDuckLake(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("is_ducklake", "relation")
	if err != nil {
		return value.Undef, err
	}
	r, ok := relation.FromValue(v[0])
	return value.Bool(ok && creds(b).ducklakes[r.Database]), nil
}

// noDuckLakeWorkarounds: the engine that is linked renames DuckLake tables in transactions.
func noDuckLakeWorkarounds(_ *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	_, err := a.Bind("use_ducklake_table_workarounds", "relation")
	return value.False, err
}

func escapeSQLString(_ *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("escape_sql_string", "value")
	if err != nil {
		return value.Undef, err
	}
	return value.String(strings.ReplaceAll(value.Str(v[0]), "'", "''")), nil
}

// ensureTransaction opens a transaction for work that must not be half done, even if the
// profile disables them.
func ensureTransaction(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	if _, err := a.Bind("ensure_transaction"); err != nil {
		return value.Undef, err
	}
	if b.InTransaction() {
		return value.None, nil
	}
	if creds(b).disableTransactions && b.Cache().First("ensure_transaction") {
		b.Warn("disable_transactions is set, but a table with foreign keys is rebuilt in a transaction all the same: " +
			"if the build fails, its data must come back.")
	}
	return value.None, b.Begin()
}

// convertDatetimes turns the datetime columns of a table into text.
func convertDatetimes(_ *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("convert_datetimes_to_strs", "table")
	if err != nil {
		return value.Undef, err
	}
	t, ok := agate.FromValue(v[0])
	if !ok {
		return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'columns'", value.TypeName(v[0]))
	}
	types := append([]agate.Type{}, t.Types...)
	found := false
	for i, typ := range types {
		if typ == agate.DateTime || typ == agate.ISODateTime {
			types[i], found = agate.Text, true
		}
	}
	if !found {
		return v[0], nil
	}
	rows := make([][]value.Value, len(t.Rows))
	for r, row := range t.Rows {
		rows[r] = append([]value.Value{}, row...)
		for i := range row {
			if types[i] != t.Types[i] {
				rows[r][i] = value.String(value.Str(row[i])) // null becomes "None", as str() does
			}
		}
	}
	return agate.NewTyped(t.Names, types, rows).Value(), nil
}

func seedFilePath(_ *adapters.Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_seed_file_path", "model")
	if err != nil {
		return value.Undef, err
	}
	var parts [2]string
	for i, key := range []string{"root_path", "original_file_path"} {
		x, err := value.GetItem(th, v[0], value.String(key))
		if err != nil {
			return value.Undef, err
		}
		if x.IsNull() {
			return value.Undef, value.Errorf("KeyError", "'%s'", key)
		}
		parts[i] = value.Str(x)
	}
	return value.String(filepath.Join(parts[0], filepath.FromSlash(parts[1]))), nil
}

// locationExists tries to read the location. Only an answer of the engine means no.
func locationExists(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("location_exists", "location")
	if err != nil {
		return value.Undef, err
	}
	_, _, err = b.Execute("select 1 from '"+value.Str(v[0])+"' where 1=0", false, false, -1)
	if _, isDiag := err.(*diag.Diagnostic); err != nil && !isDiag {
		return value.Undef, err
	}
	return value.Bool(err == nil), nil
}

// storeRelation hands the relation to a plugin.
func storeRelation(b *adapters.Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("store_relation", "plugin_name", "relation", "column_list", "path", "format", "config")
	if err != nil {
		return value.Undef, err
	}
	r, ok := relation.FromValue(v[1])
	if !ok {
		return value.Undef, adapters.RaiseError(diag.Compilation, "store_relation expects a relation, got %s", value.Repr(v[1]))
	}
	target := adapters.PluginTarget{Database: r.Database, Schema: r.Schema, Identifier: r.Identifier,
		Path: value.Str(v[3]), Format: value.Str(v[4]), Config: value.NewDict(0)}
	if o, ok := v[5].AsObject(); ok {
		if config, ok := o.(interface{ Values() *value.Dict }); ok {
			target.Config = config.Values()
		}
	} else if d, ok := v[5].AsDict(); ok {
		target.Config = d
	}
	for _, column := range v[2].Items() {
		var pair [2]string
		for i, attr := range []string{"column", "dtype"} {
			x, err := value.GetAttr(th, column, attr)
			if err != nil {
				return value.Undef, err
			}
			pair[i] = value.Str(x)
		}
		target.Columns = append(target.Columns, pair)
	}
	return value.None, b.StoreRelation(value.Str(v[0]), target)
}

func warnOnce(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("warn_once", "msg")
	if err != nil {
		return value.Undef, err
	}
	if msg := value.Str(v[0]); b.Cache().First("warn_once " + msg) {
		b.Warn(msg)
	}
	return value.None, nil
}

// batchID is the suffix that gives each microbatch its own temporary table.
func batchID(_ *adapters.Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("batch_id_for_model", "model")
	if err != nil {
		return value.Undef, err
	}
	at := v[0]
	for _, key := range []string{"batch", "event_time_start"} {
		if at.IsNull() || !value.Truth(at) {
			return value.String(""), nil
		}
		if at, err = value.GetAttr(th, at, key); err != nil {
			return value.Undef, err
		}
	}
	if at.IsNull() || !value.Truth(at) {
		return value.String(""), nil
	}
	return value.String(strings.NewReplacer("-", "", ":", "", " ", "_", "+", "").Replace(value.Str(at))), nil
}

// catalogType is how a database of the instance is stored: "duckdb", "postgres" …
func catalogType(b *adapters.Bridge, database string) (string, error) {
	_, t, err := b.Execute("select type from duckdb_databases() where lower(database_name) = lower("+literal(database)+")", false, true, -1)
	if err != nil || len(t.Rows) == 0 {
		return "", err
	}
	return strings.ToLower(value.Str(t.Rows[0][0])), nil
}

func supportsForeignKeys(b *adapters.Bridge, database string) (bool, error) {
	typ, err := catalogType(b, database)
	return typ == "duckdb" || typ == "motherduck", err
}

func catalogSupportsForeignKeys(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("catalog_supports_foreign_keys", "database")
	if err != nil {
		return value.Undef, err
	}
	ok, err := supportsForeignKeys(b, value.Str(v[0]))
	return value.Bool(ok), err
}

// existingKeyConstraints lists the kinds of key constraints that a table has.
func existingKeyConstraints(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("existing_key_constraint_types", "relation")
	if err != nil {
		return value.Undef, err
	}
	r, ok := relation.FromValue(v[0])
	if !ok || !r.HasDatabase || !r.HasSchema || !r.HasIdentifier {
		return value.Undef, adapters.RaiseError(diag.Runtime, "Foreign key metadata requires a relation with a database, schema, and identifier; got %s", value.Str(v[0]))
	}
	if ok, err := supportsForeignKeys(b, r.Database); err != nil || !ok {
		return value.NewList(), err
	}
	_, t, err := b.Execute("select distinct constraint_type from duckdb_constraints()"+
		" where lower(database_name) = lower("+literal(r.Database)+") and lower(schema_name) = lower("+literal(r.Schema)+")"+
		" and lower(table_name) = lower("+literal(r.Identifier)+")"+
		" and constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY')", false, true, -1)
	if err != nil {
		return value.Undef, err
	}
	var names []string
	for _, row := range t.Rows {
		names = append(names, strings.ReplaceAll(strings.ToLower(value.Str(row[0])), " ", "_"))
	}
	sort.Strings(names)
	return value.Strings(names...), nil
}

package duckdb

import (
	"errors"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Surface implements adapters.Surfaced.
func (Driver) Surface() *adapters.Surface { return surface }

var surface = &adapters.Surface{
	ErrorKind:        diag.Runtime, // dbt-duckdb raises the base class
	Constraints:      adapters.AllConstraints,
	ConstraintTarget: withoutDatabase,
	Strategies:       []string{"append", "delete+insert", "merge", "microbatch"},
	BindingChar:      "?",
	FixedStrings:     true,
	MissingIsEmpty:   doesNotExist,
	Methods: map[string]adapters.Method{
		"parse_index":                    adapters.ParseIndex(adapters.IndexFields{}),
		"is_motherduck":                  flag("is_motherduck", (*credentials).motherduck),
		"disable_transactions":           flag("disable_transactions", func(c *credentials) bool { return c.disableTransactions }),
		"external_root":                  externalRoot,
		"is_ducklake":                    isDuckLake,
		"use_ducklake_table_workarounds": noDuckLakeWorkarounds,
		"escape_sql_string":              escapeSQLString,
		"ensure_transaction":             ensureTransaction,
		"convert_datetimes_to_strs":      convertDatetimes,
		"get_seed_file_path":             seedFilePath,
		"location_exists":                locationExists,
		"store_relation":                 storeRelation,
		"external_write_options":         externalWriteOptions,
		"external_read_location":         externalReadLocation,
		"warn_once":                      warnOnce,
		"batch_id_for_model":             batchID,
		"get_temp_relation_path":         tempRelationPath,
		"catalog_supports_foreign_keys":  catalogSupportsForeignKeys,
		"existing_key_constraint_types":  existingKeyConstraints,
	},
}

// withoutDatabase: a foreign key's target takes no catalog, not even its own.
func withoutDatabase(to string) string {
	if parts := strings.Split(to, "."); len(parts) > 2 {
		return strings.Join(parts[1:], ".")
	}
	return to
}

func doesNotExist(err error) bool {
	var de *adapters.DatabaseError
	return errors.As(err, &de) && strings.Contains(strings.ToLower(de.Message), "does not exist")
}

func creds(b *adapters.Bridge) *credentials { return b.Credentials().(*credentials) }

func flag(name string, get func(*credentials) bool) adapters.Method {
	return func(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
		_, err := a.Bind(name)
		return value.Bool(get(creds(b))), err
	}
}

func externalRoot(b *adapters.Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	_, err := a.Bind("external_root")
	return value.String(creds(b).externalRoot), err
}

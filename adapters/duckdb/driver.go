// Package duckdb is the embedded engine: one database instance per process and file,
// one connection with real transactions per node. Profile keys, names and errors follow
// dbt-duckdb.
package duckdb

import (
	"context"
	"embed"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

//go:embed all:macros
var macroFiles embed.FS

func init() { adapters.Register(Driver{}) }

// Driver is the DuckDB driver.
type Driver struct{}

// Name implements adapters.Driver.
func (Driver) Name() string { return "duckdb" }

// Dialect implements adapters.Driver.
func (Driver) Dialect() *relation.Dialect { return dialect }

var dialect = &relation.Dialect{
	Name:        "duckdb",
	ClassPrefix: "DuckDB",
	Quote:       '"',
	Quoting:     relation.Policy{Database: true, Schema: true, Identifier: true},
	Include:     relation.Policy{Database: true, Schema: true, Identifier: true},
	Columns: relation.ColumnDialect{
		Floats: relation.TypeSet("real", "float", "float4", "float8", "double"),
		Integers: relation.TypeSet("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint",
			"uinteger", "ubigint", "int1", "int2", "int4", "int8", "short", "int", "signed", "long"),
		Structs: true,
	},
	ExternalSources: true,
}

// Macros implements adapters.Driver.
func (Driver) Macros() []project.Internal {
	return []project.Internal{adapters.MacroProject("dbt_duckdb", macroFiles)}
}

// Credentials implements adapters.Driver.
func (Driver) Credentials(output *value.Dict) (adapters.Credentials, error) {
	c, err := parseCredentials(output)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Open implements adapters.Driver.
func (Driver) Open(ctx context.Context, c adapters.Credentials) (adapters.Engine, error) {
	return open(ctx, c.(*credentials))
}

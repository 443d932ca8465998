// Package postgres is the PostgreSQL engine, on pgx's connection layer. Transactions,
// responses and types follow what psycopg2 gives to dbt, because macros count on them.
package postgres

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

// Driver is the PostgreSQL driver.
type Driver struct{}

// Name implements adapters.Driver.
func (Driver) Name() string { return "postgres" }

// Dialect implements adapters.Driver.
func (Driver) Dialect() *relation.Dialect { return dialect }

var dialect = &relation.Dialect{
	Name:          "postgres",
	Quote:         '"',
	Quoting:       relation.Policy{Database: true, Schema: true, Identifier: true},
	Include:       relation.Policy{Database: true, Schema: true, Identifier: true},
	MaxIdentifier: 63,
	RequireAlias:  true,
	RenameTypes:   map[relation.Type]bool{relation.View: true, relation.Table: true},
	ReplaceTypes:  map[relation.Type]bool{relation.View: true, relation.Table: true},
	Columns:       relation.ColumnDialect{UnsizedText: true},
	ClassPrefix:   "Postgres",

	SequentialBatches: true,
}

// Macros implements adapters.Driver.
func (Driver) Macros() []project.Internal {
	return []project.Internal{adapters.MacroProject("dbt_postgres", macroFiles)}
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

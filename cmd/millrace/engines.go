package main

import (
	"github.com/millrace/millrace/adapters"
	dbtmacros "github.com/millrace/millrace/adapters/macros"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"

	// Every engine registers itself.
	_ "github.com/millrace/millrace/adapters/duckdb"
	_ "github.com/millrace/millrace/adapters/postgres"
)

// internals are the macro projects that every project gets after its engine's own.
func internals() []project.Internal {
	return []project.Internal{adapters.MacroProject("dbt", dbtmacros.FS)}
}

// checkOutput lets the engine of a profile check its output.
func checkOutput(typ string, output *value.Dict) (project.Credentials, []project.Internal, error) {
	driver, ok := adapters.Lookup(typ)
	if !ok {
		return nil, nil, adapters.UnknownDriver(typ)
	}
	c, err := driver.Credentials(output)
	if err != nil {
		return nil, nil, err
	}
	return c, driver.Macros(), nil
}

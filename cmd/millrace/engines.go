package main

import (
	"strings"

	"github.com/millrace/millrace/adapters"
	dbtmacros "github.com/millrace/millrace/adapters/macros"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"

	// Every engine registers itself.
	_ "github.com/millrace/millrace/adapters/duckdb"
	_ "github.com/millrace/millrace/adapters/postgres"

	// So do the runners of tests.
	_ "github.com/millrace/millrace/testing/datatest"
	_ "github.com/millrace/millrace/testing/unit"
	// So do the runners of tests.
	_ "github.com/millrace/millrace/testing/datatest"
	_ "github.com/millrace/millrace/testing/unit"
)

// internals are the macro projects that every project gets after its engine's own.
func internals() []project.Internal {
	return []project.Internal{adapters.MacroProject("dbt", dbtmacros.Files())}
}

// dialectOf names the naming rules of an engine.
func dialectOf(typ string) (*relation.Dialect, bool) {
	driver, ok := adapters.Lookup(typ)
	if !ok {
		return nil, false
	}
	return driver.Dialect(), true
}

// checkOutput lets the engine of a profile check its output.
func checkOutput(typ string, output *value.Dict) (project.Credentials, []project.Internal, error) {
	driver, ok := adapters.Lookup(typ)
	if !ok {
		return nil, nil, unknownDriver(typ)
	}
	c, err := driver.Credentials(output)
	if err != nil {
		return nil, nil, err
	}
	return c, driver.Macros(), nil
}

// unknownDriver names the engines there are.
func unknownDriver(typ string) error {
	d := &diag.Diagnostic{Code: diag.CodeProfile, Kind: diag.Runtime, Summary: "Could not find adapter type " + typ + "!",
		Detail: "Millrace has: " + strings.Join(adapters.Names(), ", ")}
	d.Hint = diag.DidYouMean(typ, adapters.Names())
	return d
}

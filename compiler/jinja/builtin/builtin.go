// Package builtin holds the filters, tests and globals that every template has: those of
// Jinja2 3.1 and the few that dbt adds.
package builtin

import "github.com/millrace/millrace/compiler/jinja/value"

// Filter computes {{ v | name(args) }}.
type Filter func(th *value.Thread, v value.Value, a value.Args) (value.Value, error)

// Test answers {{ v is name(args) }}.
type Test func(th *value.Thread, v value.Value, a value.Args) (bool, error)

// Filters by name.
var Filters map[string]Filter

// Tests by name; comparison operators are tests too.
var Tests map[string]Test

// Globals are the functions that every template sees: range, dict, lipsum, cycler, joiner, namespace.
var Globals map[string]value.Value

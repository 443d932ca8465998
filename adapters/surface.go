package adapters

import (
	"context"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Method is one method of the template's adapter object.
type Method func(b *Bridge, th *value.Thread, a value.Args) (value.Value, error)

// Support says what an engine does with a constraint type.
type Support uint8

const (
	NotSupported Support = iota
	NotEnforced
	Enforced
)

// BehaviorFlag is a switch of dbt_project.yml that macros read as adapter.behavior.<name>.
type BehaviorFlag struct {
	Name        string
	Default     bool
	Description string
	DocsURL     string
}

// Surface is what an engine shows to templates beyond SQL. The zero value is dbt's base
// adapter.
type Surface struct {
	// ErrorKind is dbt's family for errors of statements; "" is Database.
	ErrorKind diag.Kind
	// Constraints by type: check, not_null, unique, primary_key, foreign_key.
	Constraints map[string]Support
	// ConstraintTarget rewrites the target of a foreign key; nil leaves it.
	ConstraintTarget func(to string) string
	// Strategies are the built-in incremental strategies it can do; nil is append alone.
	Strategies []string
	// Behavior are its own behaviour flags.
	Behavior []BehaviorFlag
	// BindingChar is the placeholder of add_query's bindings; "" is %s.
	BindingChar string
	// FixedStrings: string columns have no length, so nothing is ever expanded.
	FixedStrings bool
	// MissingIsEmpty recognizes the error that get_columns_in_relation answers with an
	// empty list, because the relation does not exist.
	MissingIsEmpty func(err error) bool
	// LinkMacro lists which relation depends on which, as dependent schema and name,
	// referenced schema and name. It is run after the cache was filled; "" means that
	// dropping a relation takes nothing along that we must know.
	LinkMacro string
	// Methods are added to the common ones, or replace them.
	Methods map[string]Method
}

// Surfaced is implemented by drivers that have a Surface.
type Surfaced interface{ Surface() *Surface }

// AllConstraints is for engines that enforce every type.
var AllConstraints = map[string]Support{
	"check": Enforced, "not_null": Enforced, "unique": Enforced, "primary_key": Enforced, "foreign_key": Enforced,
}

var baseSurface = &Surface{Constraints: map[string]Support{
	"check": NotSupported, "not_null": Enforced, "unique": NotEnforced, "primary_key": NotEnforced, "foreign_key": Enforced,
}}

// SurfaceOf is the surface of a driver.
func SurfaceOf(d Driver) *Surface {
	if s, ok := d.(Surfaced); ok {
		return s.Surface()
	}
	return baseSurface
}

// Transactionless is implemented by credentials that may ask for statements to commit on
// their own, where dbt would begin a transaction by itself.
type Transactionless interface{ NoTransactions() bool }

// QuerySchemer is implemented by connections whose get_column_schema_from_query differs
// from Describe. Types without a name come back as numbers, too, to be reported.
type QuerySchemer interface {
	QuerySchema(ctx context.Context, sql string) (columns []*relation.Column, unknown []uint32, err error)
}

// Package sql is what the compiler knows about the SQL of models: which columns a query
// gives, which names in it mean nothing, and which columns a column is made from. The
// binding itself is an engine's, behind Analyzer; nothing here opens a user's database.
package sql

import (
	"cmp"
	"context"
	"strings"
)

// Column is a column of a relation, with its type as the engine writes it; "" is a type that
// is not known.
type Column struct{ Name, Type string }

// Untyped is the type of NULL, and of a column of which nothing but its name is known.
const Untyped = `"NULL"`

// Name is where a relation is.
type Name struct{ Database, Schema, Identifier string }

// String is the name with dots.
func (n Name) String() string { return n.Database + "." + n.Schema + "." + n.Identifier }

// fold is the name for comparing: engines disagree about case, so it does not count.
func (n Name) fold() Name {
	return Name{strings.ToLower(n.Database), strings.ToLower(n.Schema), strings.ToLower(n.Identifier)}
}

// Compare orders names.
func (n Name) Compare(o Name) int {
	return cmp.Or(cmp.Compare(n.Database, o.Database), cmp.Compare(n.Schema, o.Schema), cmp.Compare(n.Identifier, o.Identifier))
}

// Analyzer binds queries as one engine does, against relations that it was told of and that
// hold no rows. One goroutine uses it.
type Analyzer interface {
	// Define makes a relation known, in place of an earlier one of that name. It gives the
	// columns back with their types as the engine writes them.
	Define(ctx context.Context, n Name, columns []Column) ([]Column, error)
	// Forget makes it unknown again.
	Forget(ctx context.Context, n Name) error
	// Check gives the columns of a query. The error is a *BindError if the query is at fault.
	Check(ctx context.Context, sql string) ([]Column, error)
	// Lineage gives what the columns and the rows of a query depend on. An error means that it
	// cannot be told exactly.
	Lineage(ctx context.Context, sql string) (*Trace, error)
	Close() error
}

// Fault says why a query does not bind.
type Fault uint8

// The faults. Only the first three follow from the query and the columns of what it reads;
// anything else may be different where the query runs.
const (
	FaultOther  Fault = iota
	FaultColumn       // a column that no relation in scope has
	FaultAlias        // a qualifier that names nothing in scope
	FaultSyntax       // the text is no query
)

// BindError is why a query does not bind.
type BindError struct {
	Fault      Fault
	Message    string   // the engine's own words
	Position   int      // byte in the query, -1 when it is not known
	Column     string   // for FaultColumn the name
	Candidates []string // columns that the engine says could have been meant
}

func (e *BindError) Error() string { return e.Message }

// Kind says how a column is made from another one.
type Kind uint8

// The kinds, from the closest to the loosest.
const (
	Passthrough Kind = iota // its value as it is
	Transform               // an expression over it
	Aggregate               // an aggregate over it
	Unknown                 // it is read, but how is not known
	// The kinds below say how rows are chosen, not what a value is made from.
	Filter // a condition on rows
	Join   // a condition under which rows of two inputs belong together
)

func (k Kind) String() string {
	return [...]string{"passthrough", "transform", "aggregate", "unknown", "filter", "join"}[k]
}

// Trace is what a query depends on.
type Trace struct {
	Columns [][]Origin // for every column what its values are made from
	Rows    []Origin   // what decides which rows there are, however far down
}

// Traced is what the text of a query tells.
type Traced struct {
	Columns []Column // a type is "" where the text does not tell it
	Trace   *Trace
}

// Origin is one column that another one is made from.
type Origin struct {
	Table  Name
	Column string
	Kind   Kind
}

// Compare orders origins by relation and column.
func (o Origin) Compare(p Origin) int {
	return cmp.Or(o.Table.Compare(p.Table), cmp.Compare(o.Column, p.Column), cmp.Compare(o.Kind, p.Kind))
}

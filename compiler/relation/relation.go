// Package relation names database objects: relations with their quoting and include
// policies, and columns. These are plain values; nothing here talks to a database.
package relation

// Type is dbt's relation type.
type Type string

const (
	Table            Type = "table"
	View             Type = "view"
	CTE              Type = "cte"
	MaterializedView Type = "materialized_view"
	External         Type = "external"
	Ephemeral        Type = "ephemeral"
	PointerTable     Type = "pointer_table"
	Function         Type = "function"
)

// Policy says for each part of a name whether it is quoted (quote policy) or
// rendered (include policy).
type Policy struct{ Database, Schema, Identifier bool }

// Dialect is what naming needs to know about an engine. One value per adapter, shared.
type Dialect struct {
	Name          string            // adapter type: "duckdb", "postgres"
	Parents       []string          // adapter types whose macros apply too, nearest first
	Quote         byte              // '"'
	Quoting       Policy            // default quote policy
	Include       Policy            // default include policy
	MaxIdentifier int               // bytes; 0 = unlimited
	RequireAlias  bool              // limited/filtered subqueries need an alias
	RenameTypes   map[Type]bool     // relation types that ALTER … RENAME can rename
	ReplaceTypes  map[Type]bool     // relation types that CREATE OR REPLACE can replace
	TypeLabels    map[string]string // api.Column.translate_type: "STRING" → "TEXT" …
	Columns       ColumnDialect
}

// Relation is one named object. It is immutable: With… and Incorporate return copies.
type Relation struct {
	Dialect                               *Dialect
	Database                              string
	Schema                                string
	Identifier                            string
	HasDatabase, HasSchema, HasIdentifier bool // a part may be absent (None), which differs from empty
	Type                                  Type // "" when unknown
	QuotePolicy, IncludePolicy            Policy

	Limit        *int // --empty and samples: render as a limited subquery
	EventTime    *EventTimeFilter
	RequireAlias bool
	Metadata     map[string]string // adapter extras, e.g. DuckDB external location
}

// EventTimeFilter restricts a rendered relation to a time range (microbatch, --sample).
// Start and End are literals as the adapter prints them; "" is open.
type EventTimeFilter struct{ Field, Start, End string }

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

func (t Type) known() bool {
	switch t {
	case Table, View, CTE, MaterializedView, External, Ephemeral, PointerTable, Function:
		return true
	}
	return false
}

// Policy says for each part of a name whether it is quoted (quote policy) or
// rendered (include policy).
type Policy struct{ Database, Schema, Identifier bool }

// Dialect is what naming needs to know about an engine. One value per adapter, shared.
type Dialect struct {
	Name          string            // adapter type: "duckdb", "postgres"
	ClassPrefix   string            // as in the class names "DuckDBRelation", "DuckDBColumn"; "" derives it from Name
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

	// SequentialBatches says that the engine's adapter of dbt never builds batches of one model
	// side by side, and warns of models that ask for it.
	SequentialBatches bool

	// ExternalSources lets a source say in its meta where its data lies: external_location
	// replaces the name, as a path or a function call.
	ExternalSources bool

	// Methods are methods that relations of this engine have beyond the common ones.
	Methods map[string]Method
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
	Slice        string // a condition that keeps the rows a streamed model takes in; "" for all
	RequireAlias bool
	Metadata     map[string]string // adapter extras, e.g. DuckDB external location
	DBTCreated   bool              // named by us, so an unquoted part matches in any case
	Catalog      string

	// InformationSchema marks the objects that relation.information_schema() returns;
	// View is the information_schema view they name, "" for none.
	InformationSchema bool
	InformationView   string
}

// EventTimeFilter restricts a rendered relation to a time range (microbatch, --sample).
// Start and End are literals as the adapter prints them; "" is open.
type EventTimeFilter struct{ Field, Start, End string }

// externalKey is the metadata key whose value replaces the whole rendered name.
const externalKey = "external"

// New names an object of this engine with its default policies; "" means that a part is absent.
func (d *Dialect) New(database, schema, identifier string, t Type) *Relation {
	return &Relation{
		Dialect:  d,
		Database: database, HasDatabase: database != "",
		Schema: schema, HasSchema: schema != "",
		Identifier: identifier, HasIdentifier: identifier != "",
		Type:        t,
		QuotePolicy: d.Quoting, IncludePolicy: d.Include,
		RequireAlias: d.RequireAlias,
	}
}

// EphemeralPrefix starts the name of the CTE that stands for an ephemeral model.
const EphemeralPrefix = "__dbt__cte__"

// NewEphemeral names the CTE that stands for an ephemeral model with this identifier.
func (d *Dialect) NewEphemeral(identifier string) *Relation {
	r := d.New("", "", EphemeralPrefix+identifier, CTE)
	r.QuotePolicy.Identifier = false
	return r
}

// WithType is a copy of another type.
func (r *Relation) WithType(t Type) *Relation { c := *r; c.Type = t; return &c }

// WithIdentifier is a copy with another identifier.
func (r *Relation) WithIdentifier(identifier string) *Relation {
	c := *r
	c.Identifier, c.HasIdentifier = identifier, true
	return &c
}

// WithSchema is a copy in another schema.
func (r *Relation) WithSchema(schema string) *Relation {
	c := *r
	c.Schema, c.HasSchema = schema, true
	return &c
}

// WithQuoting is a copy with another quote policy.
func (r *Relation) WithQuoting(p Policy) *Relation { c := *r; c.QuotePolicy = p; return &c }

// WithInclude is a copy with another include policy.
func (r *Relation) WithInclude(p Policy) *Relation { c := *r; c.IncludePolicy = p; return &c }

// WithLimit is a copy that renders as a subquery of at most n rows.
func (r *Relation) WithLimit(n int) *Relation { c := *r; c.Limit = &n; return &c }

// WithEventTime is a copy that renders as a subquery restricted to a time range.
func (r *Relation) WithEventTime(f EventTimeFilter) *Relation { c := *r; c.EventTime = &f; return &c }

// WithSlice is a copy that renders as a subquery of the rows that meet a condition. It has
// no alias: whoever puts the query together gives it one where the query does not.
func (r *Relation) WithSlice(condition string) *Relation { c := *r; c.Slice = condition; return &c }

// WithMetadata is a copy with one adapter extra set.
func (r *Relation) WithMetadata(key, val string) *Relation {
	c := *r
	c.Metadata = make(map[string]string, len(r.Metadata)+1)
	for k, v := range r.Metadata {
		c.Metadata[k] = v
	}
	c.Metadata[key] = val
	return &c
}

// WithoutIdentifier names only the database and schema.
func (r *Relation) WithoutIdentifier() *Relation {
	c := *r
	c.IncludePolicy.Identifier = false
	c.Identifier, c.HasIdentifier = "", false
	return &c
}

// InformationSchemaFor names a view of the information schema of r's database; "" names
// the information schema itself.
func (r *Relation) InformationSchemaFor(view string) *Relation {
	c := Relation{
		Dialect:  r.Dialect,
		Database: r.Database, HasDatabase: r.HasDatabase,
		Identifier: "INFORMATION_SCHEMA", HasIdentifier: true,
		Type:              View,
		QuotePolicy:       r.QuotePolicy,
		IncludePolicy:     Policy{Database: r.HasDatabase, Identifier: true},
		RequireAlias:      true,
		InformationSchema: true,
		InformationView:   view,
	}
	c.QuotePolicy.Identifier = false
	return &c
}

// Same reports that two relations are the same in every respect.
func (r *Relation) Same(o *Relation) bool {
	if r == o {
		return true
	}
	if r.Dialect != o.Dialect || r.InformationSchema != o.InformationSchema || r.InformationView != o.InformationView ||
		r.Database != o.Database || r.Schema != o.Schema || r.Identifier != o.Identifier ||
		r.HasDatabase != o.HasDatabase || r.HasSchema != o.HasSchema || r.HasIdentifier != o.HasIdentifier ||
		r.Type != o.Type || r.QuotePolicy != o.QuotePolicy || r.IncludePolicy != o.IncludePolicy ||
		r.RequireAlias != o.RequireAlias || r.DBTCreated != o.DBTCreated || r.Catalog != o.Catalog || r.Slice != o.Slice ||
		len(r.Metadata) != len(o.Metadata) || (r.Limit == nil) != (o.Limit == nil) || (r.EventTime == nil) != (o.EventTime == nil) {
		return false
	}
	if r.Limit != nil && *r.Limit != *o.Limit || r.EventTime != nil && *r.EventTime != *o.EventTime {
		return false
	}
	for k, v := range r.Metadata {
		if o.Metadata[k] != v {
			return false
		}
	}
	return true
}

// Package adapters says what Millrace asks of a database engine. An engine gives
// connections and a dialect; everything a user may want to change about its SQL
// comes from macros, which the Bridge runs on the engine's behalf.
package adapters

import (
	"context"
	"io/fs"
	"time"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// Driver is one kind of engine. It is registered by its package and shared.
type Driver interface {
	// Name is the profile type: "duckdb", "postgres".
	Name() string
	Dialect() *relation.Dialect
	// Macros are the engine's macro projects, most specific first, without the
	// dialect-neutral "dbt" project.
	Macros() []project.Internal
	// Credentials checks a rendered profile output: fills defaults and says what
	// `dbt debug` and the template variable `target` show (no secrets).
	Credentials(output *value.Dict) (Credentials, error)
	// Open connects; the Engine lives for one invocation.
	Open(ctx context.Context, c Credentials) (Engine, error)
}

// Credentials is a checked profile output.
type Credentials interface {
	Database() string
	Schema() string
	Threads() int
	// Target holds the keys that templates may see in `target`, in order, secrets left out.
	Target() *value.Dict
	// Describe lists name and value pairs for `debug`, secrets left out.
	Describe() [][2]string
	// UniqueField identifies the server or file for messages ("host", "path").
	UniqueField() string
}

// Engine is an open database.
type Engine interface {
	// Conn gives a connection for one node; name appears in query comments and server views.
	Conn(ctx context.Context, name string) (Conn, error)
	Close() error
}

// Sharer is an Engine whose database one process alone can open. While it is shared, other
// processes of the same user reach the database through this one, without noticing.
type Sharer interface {
	Share() (stop func(), err error)
}

// Conn runs statements one at a time; one goroutine uses it.
type Conn interface {
	// Begin opens a transaction unless one is open; Commit and Rollback end it and are
	// no-ops without one.
	Begin(ctx context.Context) error
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	InTransaction() bool

	// Execute runs one statement text (several statements are allowed where the engine
	// allows them). With fetch the result of the last is returned, at most limit rows when
	// limit >= 0; without fetch the table is empty. A context that ends cancels the query on the server.
	Execute(ctx context.Context, sql string, fetch bool, limit int) (Response, *agate.Table, error)
	// Query binds values to the dialect's placeholders and discards rows.
	Query(ctx context.Context, sql string, bindings []value.Value) (Response, error)
	// Describe gives the columns a query would return, without running it.
	Describe(ctx context.Context, sql string) ([]*relation.Column, error)
	// Load appends a table's rows to an existing relation in bulk; the number of rows loaded.
	Load(ctx context.Context, target *relation.Relation, columns []string, rows *agate.Table) (int64, error)
	// ID names the connection for cancelling and for logs.
	ID() string
	Close() error
}

// Sequencer is a Conn for which an exchange with its server costs more than a small statement.
type Sequencer interface {
	// ExecuteAll runs statements, each a single one, in their order and as one exchange. On an
	// error the responses are those of the statements before the one that failed.
	ExecuteAll(ctx context.Context, statements ...string) ([]Response, error)
}

// Response is dbt's adapter_response.
type Response struct {
	Message      string // "_message", e.g. "SELECT 5" or "OK"
	Code         string
	RowsAffected int64 // -1 when unknown
	QueryID      string
	Extra        map[string]any
	Elapsed      time.Duration
}

// Fault tells the scheduler what to do about an error of an engine.
type Fault uint8

const (
	FaultQuery     Fault = iota // the statement is wrong: report
	FaultTransient              // a fresh try may succeed: conflict, lost connection, serialization
	FaultCanceled               // the context ended
	FaultLocked                 // another process holds the database
)

// DatabaseError is an error from the engine. Position is a 0-based byte offset into SQL, -1 if unknown.
type DatabaseError struct {
	Fault    Fault
	Code     string // SQLSTATE or the engine's class
	Message  string
	Hint     string
	SQL      string
	Position int
	// Column is the name of a column that does not exist, when that is the error, and
	// Candidates the columns that the engine says could have been meant.
	Column     string
	Candidates []string
	Cause      error
}

func (e *DatabaseError) Error() string { return e.Message }
func (e *DatabaseError) Unwrap() error { return e.Cause }

// MacroProject wraps an embedded folder as an internal macro project.
func MacroProject(name string, files fs.FS) project.Internal {
	return project.Internal{Name: name, FS: files}
}

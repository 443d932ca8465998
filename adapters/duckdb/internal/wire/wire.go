// Package wire lends the sessions of a database file that one process holds to other
// processes of the same user, over a Unix socket beside the file: DuckDB lets one process
// open a file, and while a stream is running that process is the pump.
//
// A connection is one session. It begins with a greeting from both sides; then the client
// asks and the server answers, one request at a time. A request to cancel may come in
// between; it names the request that it means.
package wire

import (
	"context"

	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// protocol changes whenever two programs would no longer understand each other.
const protocol = 1

// Session is what a connection of the engine can do, here or in the process that has the file.
type Session interface {
	Run(ctx context.Context, sql string, fetch bool, limit int) (*native.Result, error)
	Exec(ctx context.Context, sql string, params []value.Value) (*native.Result, error)
	Describe(ctx context.Context, sql string) ([]native.Column, error)
	Append(ctx context.Context, insert string, kinds []native.Kind, names []string, rows ...native.Rows) error
	Close()
}

// greeting opens a connection in both directions.
type greeting struct {
	Protocol int
	Engine   string // DuckDB's version
	Config   string // the options that the database was opened with
	PID      int
	Refused  string // by the server: why there will be no session
}

type verb uint8

const (
	run verb = iota
	exec
	describe
	load // brings rows, which later requests of the same kind continue
	cancel
)

type request struct {
	Number  int64
	Verb    verb
	SQL     string
	Fetch   bool
	Limit   int
	Count   int    // of bindings, or of rows to load in all
	Values  []byte // bindings
	Kinds   []native.Kind
	Names   []string
	Cells   []native.Cell // row by row
	Pending bool          // more cells follow
}

// answer is one part of an answer; the last one has Last set.
type answer struct {
	Number  int64
	Names   []string
	Rows    int
	Values  []byte
	Changed int64
	Columns []native.Column
	Failed  *failure
	Last    bool
}

// failure is an error of the engine on its way to the client.
type failure struct {
	Class, Message string
	Statement      int
	Canceled       bool
}

// A part of an answer or of rows to load has about this many values.
const partValues = 64 << 10

func partRows(columns int) int { return max(partValues/max(columns, 1), 1) }

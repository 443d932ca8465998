package native

import (
	"context"
	"fmt"
	"sync"
	"time"
	"unsafe"
)

// DB is an open database instance; connections of it see the same catalog.
type DB struct{ db database }

// Version is the library's version with its leading v ("v1.5.5").
func Version() string { return libVersion() }

// Setting is one option given when the database is opened.
type Setting struct{ Name, Value string }

// Open opens or creates a database. An option the library does not know is an error.
func Open(path string, settings []Setting) (*DB, error) {
	var config libConfig
	if libCreateConfig(&config) == stateError {
		return nil, &Error{Class: "IO", Message: "IO Error: could not allocate a DuckDB configuration"}
	}
	defer libDestroyConfig(&config)
	// Tools that look at pg_stat-like views and MotherDuck see who connects.
	libSetConfig(config, "duckdb_api", "millrace")
	for _, s := range settings {
		if libSetConfig(config, s.Name, s.Value) == stateError {
			return nil, &Error{Class: "Invalid Configuration", Message: fmt.Sprintf(
				"Invalid Configuration Error: DuckDB does not know the config option %q, or %q is not a value for it", s.Name, s.Value)}
		}
	}
	d := &DB{}
	var message string
	if libOpen(path, &d.db, config, &message) == stateError {
		libClose(&d.db)
		return nil, newError(message, "")
	}
	return d, nil
}

// Close closes the instance; connections must be closed before. DuckDB writes its checkpoint here.
func (d *DB) Close() { libClose(&d.db) }

// Conn is one session. It is used by one goroutine at a time; Interrupt may be
// called from any.
type Conn struct {
	conn   connection
	mu     sync.Mutex // guards conn against Interrupt during Close
	closed bool
	zone   *time.Location // of zoneID
	zoneID string
}

// Connect opens a session.
func (d *DB) Connect() (*Conn, error) {
	c := &Conn{}
	if libConnect(d.db, &c.conn) == stateError {
		return nil, &Error{Class: "Connection", Message: "Connection Error: could not open a DuckDB connection"}
	}
	return c, nil
}

// Close ends the session; an open transaction is rolled back by the engine.
func (c *Conn) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		libDisconnect(&c.conn)
	}
}

// Interrupt asks the running statement to stop.
func (c *Conn) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		libInterrupt(c.conn)
	}
}

// interruptEvery is the pause between interrupts of a statement that goes on: the
// engine clears the flag when it passes from planning to execution.
const interruptEvery = 5 * time.Millisecond

// interruptible runs fn and interrupts the session while ctx is over. It returns only
// when the watcher has gone, so that a late interrupt cannot hit the next statement.
func (c *Conn) interruptible(ctx context.Context, fn func() error) error {
	if err := ctx.Err(); err != nil {
		return canceled(ctx)
	}
	if ctx.Done() == nil {
		return fn()
	}
	done, gone := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(gone)
		for {
			select {
			case <-done:
				return
			default:
				c.Interrupt()
			}
			select {
			case <-done:
				return
			case <-time.After(interruptEvery):
			}
		}
	})
	err := fn()
	close(done)
	if !stop() {
		<-gone
		if err != nil {
			return canceled(ctx)
		}
	}
	return err
}

func canceled(ctx context.Context) error {
	return &Error{Class: "INTERRUPT", Message: "INTERRUPT Error: Interrupted!", Canceled: true, Cause: context.Cause(ctx)}
}

// at is the address of element i of a vector's flat data.
func at[T any](data unsafe.Pointer, i idx) *T {
	var zero T
	return (*T)(unsafe.Add(data, uintptr(i)*unsafe.Sizeof(zero)))
}

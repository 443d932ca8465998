package postgres

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"github.com/millrace/millrace/adapters"
)

// engine hands out connections. One that is closed between transactions is kept for the
// next node, so that a run needs no more of them than it has workers.
type engine struct {
	creds  *credentials
	config *pgconn.Config

	mu     sync.Mutex
	idle   []*idle
	closed bool
}

func open(ctx context.Context, creds *credentials) (*engine, error) {
	config, err := creds.config()
	if err != nil {
		return nil, &adapters.DatabaseError{Message: err.Error(), Position: -1, Cause: err,
			Hint: "check sslmode and the certificate files of the profile"}
	}
	e := &engine{creds: creds, config: config}
	// A first connection shows at once whether the profile works.
	c, err := e.connect(ctx)
	if err != nil {
		return nil, err
	}
	e.idle = append(e.idle, &idle{pg: c, since: time.Now()})
	return e, nil
}

// cancelGrace is how long a canceled statement may take to answer before the
// connection is given up.
const cancelGrace = 10 * time.Second

func (c *credentials) config() (*pgconn.Config, error) {
	dsn := map[string]string{
		"host": c.host, "port": strconv.Itoa(c.port), "user": c.user, "password": c.password, "dbname": c.database,
		"connect_timeout": strconv.Itoa(c.connectTimeout), "sslmode": c.sslMode, "sslcert": c.sslCert,
		"sslkey": c.sslKey, "sslrootcert": c.sslRootCert,
	}
	var b strings.Builder
	for k, v := range dsn {
		if v != "" {
			b.WriteString(k + "='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "' ")
		}
	}
	config, err := pgconn.ParseConfig(b.String())
	if err != nil {
		return nil, err
	}
	if c.applicationName != "" {
		config.RuntimeParams["application_name"] = c.applicationName
	}
	if c.searchPath != "" {
		config.RuntimeParams["search_path"] = c.searchPath
	}
	config.RuntimeParams["datestyle"] = "ISO"
	config.RuntimeParams["client_encoding"] = "UTF8"
	if c.keepalivesIdle > 0 {
		dialer := &net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Duration(c.keepalivesIdle) * time.Second}}
		config.DialFunc = dialer.DialContext
	}
	// A context that ends asks the server to cancel and keeps the connection.
	config.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelGrace}
	}
	return config, nil
}

// connect opens a session, trying again after 0, 1, 4 … seconds as often as the profile says.
func (e *engine) connect(ctx context.Context) (*pgconn.PgConn, error) {
	for attempt := 0; ; attempt++ {
		c, err := e.dial(ctx)
		if err == nil {
			return c, nil
		}
		if attempt >= e.creds.retries || ctx.Err() != nil || !retryable(err) {
			return nil, e.connectError(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil, e.connectError(ctx, ctx.Err())
		case <-time.After(time.Duration(attempt*attempt) * time.Second):
		}
	}
}

func (e *engine) dial(ctx context.Context) (*pgconn.PgConn, error) {
	c, err := pgconn.ConnectConfig(ctx, e.config)
	if err != nil {
		return nil, err
	}
	if err := e.setRole(ctx, c); err != nil {
		_ = c.Close(ctx)
		return nil, err
	}
	return c, nil
}

func (e *engine) setRole(ctx context.Context, c *pgconn.PgConn) error {
	if e.creds.role == "" {
		return nil
	}
	return c.Exec(ctx, "set role "+e.creds.role).Close()
}

// retryable: an answer of the server about credentials or names will not change.
func retryable(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return true
	}
	switch {
	case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "53"), strings.HasPrefix(pg.Code, "57P"):
		return true
	}
	return false
}

func (e *engine) connectError(ctx context.Context, err error) error {
	out := &adapters.DatabaseError{Position: -1, Cause: err, Fault: adapters.FaultTransient}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		out.Code = pg.Code
		out.Message = "connection to " + e.creds.address() + " failed: " + pg.Severity + ":  " + pg.Message
		out.Hint = pg.Hint
		if !retryable(err) {
			out.Fault = adapters.FaultQuery
		}
		return out
	}
	out.Message = "connection to " + e.creds.address() + " failed: " + rootCause(err)
	switch {
	case ctx.Err() != nil:
		out.Fault = adapters.FaultCanceled
	case strings.Contains(out.Message, "refused"), strings.Contains(out.Message, "no such file"):
		out.Hint = "is the server running on that host and accepting connections?"
	case strings.Contains(out.Message, "tls"), strings.Contains(out.Message, "SSL"):
		out.Hint = "check sslmode, sslrootcert, sslcert and sslkey of the profile"
	}
	return out
}

// rootCause drops pgx's framing, which repeats the address and user for every attempt.
func rootCause(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
				err = joined.Unwrap()[0]
				continue
			}
			return err.Error()
		}
		var op *net.OpError
		if errors.As(err, &op) {
			return op.Err.Error()
		}
		err = next
	}
}

// Conn implements adapters.Engine.
func (e *engine) Conn(ctx context.Context, name string) (adapters.Conn, error) {
	for {
		e.mu.Lock()
		if e.closed {
			e.mu.Unlock()
			return nil, &adapters.DatabaseError{Message: "the database was closed", Position: -1, Code: "08003"}
		}
		var used *idle
		if n := len(e.idle); n > 0 {
			used, e.idle = e.idle[n-1], e.idle[:n-1]
		}
		e.mu.Unlock()
		if used == nil {
			fresh, err := e.connect(ctx)
			if err != nil {
				return nil, err
			}
			return &conn{engine: e, pg: fresh, name: name}, nil
		}
		// The server may have gone since; what a dead connection says is not interesting.
		if err := e.ready(ctx, used); err == nil {
			return &conn{engine: e, pg: used.pg, name: name}, nil
		}
		_ = used.pg.Close(context.WithoutCancel(ctx))
		if ctx.Err() != nil {
			return nil, e.connectError(ctx, ctx.Err())
		}
	}
}

// Close implements adapters.Engine.
func (e *engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var first error
	for _, c := range e.idle {
		if err := c.pg.Close(ctx); err != nil && first == nil {
			first = err
		}
	}
	e.idle = nil
	return first
}

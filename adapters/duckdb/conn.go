package duckdb

import (
	"context"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/adapters/duckdb/internal/wire"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// conn is one session. Outside of Begin and Commit every statement commits on its own.
type conn struct {
	native wire.Session
	creds  *credentials
	id     string
	open   bool
	alters []string // statements of the open transaction that alter tables
}

// configure applies what DuckDB keeps per session.
func (c *conn) configure(ctx context.Context) error {
	var b strings.Builder
	for k, v := range c.creds.settings.All() {
		name := value.Str(k)
		if name == "motherduck_token" {
			continue // given when the database was opened
		}
		b.WriteString("SET " + name + " = " + literal(settingText(v)) + ";\n")
	}
	// A target in an attached database is where unqualified names go.
	if c.creds.database != databaseOf(c.creds.path) {
		b.WriteString("USE " + quoteName(c.creds.database) + ";\n")
	}
	if b.Len() == 0 {
		return nil
	}
	if _, err := c.native.Run(ctx, b.String(), false, 0); err != nil {
		return wrap(err, b.String())
	}
	return nil
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// ID implements adapters.Conn.
func (c *conn) ID() string { return c.id }

// InTransaction implements adapters.Conn.
func (c *conn) InTransaction() bool { return c.open }

// Begin implements adapters.Conn.
func (c *conn) Begin(ctx context.Context) error {
	if c.open {
		return nil
	}
	if err := c.control(ctx, "BEGIN TRANSACTION", "within a transaction"); err != nil {
		return err
	}
	c.open, c.alters = true, nil
	return nil
}

// Commit implements adapters.Conn.
func (c *conn) Commit(ctx context.Context) error {
	if !c.open {
		return nil
	}
	c.open = false
	return c.control(ctx, "COMMIT", "no transaction is active")
}

// Rollback implements adapters.Conn. It works after the context has ended.
func (c *conn) Rollback(ctx context.Context) error {
	if !c.open {
		return nil
	}
	c.open = false
	return c.control(context.WithoutCancel(ctx), "ROLLBACK", "no transaction is active")
}

// control runs a transaction statement. A macro may have run its own BEGIN or COMMIT; the
// engine's objection to doing it twice is no error.
func (c *conn) control(ctx context.Context, sql, harmless string) error {
	_, err := c.native.Run(ctx, sql, false, 0)
	if err == nil || strings.Contains(err.Error(), harmless) {
		return nil
	}
	wrapped := wrap(err, sql)
	if alteredItself(wrapped.Message, c.alters) {
		wrapped.Fault = adapters.FaultQuery
		wrapped.Hint = "the transaction itself altered the table after it had changed rows of it, which DuckDB does not commit: alter the table first"
	}
	return wrapped
}

// Execute implements adapters.Conn.
func (c *conn) Execute(ctx context.Context, sql string, fetch bool, limit int) (adapters.Response, *agate.Table, error) {
	start := time.Now()
	var r *native.Result
	err := c.attempt(ctx, sql, func() (err error) {
		r, err = c.native.Run(ctx, sql, fetch, limit)
		return err
	})
	if err != nil {
		return adapters.Response{}, nil, err
	}
	resp := response(r, start)
	if len(r.Names) == 0 {
		return resp, agate.Empty(), nil
	}
	return resp, agate.New(r.Names, r.Rows), nil
}

// Query implements adapters.Conn.
func (c *conn) Query(ctx context.Context, sql string, bindings []value.Value) (adapters.Response, error) {
	start := time.Now()
	var r *native.Result
	err := c.attempt(ctx, sql, func() (err error) {
		r, err = c.native.Exec(ctx, sql, bindings)
		return err
	})
	if err != nil {
		return adapters.Response{}, err
	}
	return response(r, start), nil
}

func response(r *native.Result, start time.Time) adapters.Response {
	return adapters.Response{Message: "OK", RowsAffected: r.Changed, Elapsed: time.Since(start)}
}

// attempt repeats a statement as the profile's retries say, waiting 1, 2, 4 … seconds.
func (c *conn) attempt(ctx context.Context, sql string, run func() error) error {
	var first *adapters.DatabaseError
	for n := 0; ; n++ {
		err := run()
		if err == nil {
			if c.open && alters(sql) {
				c.alters = append(c.alters, sql)
			}
			return nil
		}
		wrapped := c.explain(wrap(err, sql))
		if first == nil {
			first = wrapped
		} else if strings.Contains(wrapped.Message, "transaction is aborted") {
			return first // the statement took its transaction with it; why, the first error says
		}
		r := c.creds.retries
		if r == nil || n+1 >= r.queryAttempts || !r.covers(wrapped) || !sleep(ctx, time.Second<<n) {
			return wrapped
		}
	}
}

// explain says what a function that is not there may have been.
func (c *conn) explain(err *adapters.DatabaseError) *adapters.DatabaseError {
	if len(c.creds.plugins) > 0 && strings.Contains(err.Message, "Function with name") && strings.Contains(err.Message, "does not exist") {
		err.Hint = "functions that plugins register in Python cannot be called here: write the function as a macro of SQL, or the model in Python"
	}
	return err
}

// Describe implements adapters.Conn. Binding the query as a prepared statement tells its
// columns; for types with named fields DESCRIBE is asked as well, which alone knows how
// the engine quotes them.
func (c *conn) Describe(ctx context.Context, sql string) ([]*relation.Column, error) {
	cols, err := c.native.Describe(ctx, sql)
	if err != nil {
		return nil, wrap(err, sql)
	}
	out := make([]*relation.Column, len(cols))
	var exact map[string]string
	for i, col := range cols {
		if strings.Contains(col.Type, `("`) {
			if exact == nil {
				exact = c.exactTypes(ctx, sql)
			}
			if t, ok := exact[col.Name]; ok {
				col.Type = t
			}
		}
		out[i] = dialect.NewColumn(col.Name, col.Type)
	}
	return out, nil
}

// exactTypes asks DESCRIBE for the types by name. What it does not take (a CALL, a PRAGMA)
// keeps the types that binding gave.
func (c *conn) exactTypes(ctx context.Context, sql string) map[string]string {
	r, err := c.native.Run(ctx, "DESCRIBE (\n"+strings.TrimRight(sql, "; \t\r\n")+"\n)", true, -1)
	types := map[string]string{}
	if err != nil {
		return types
	}
	for _, row := range r.Rows {
		types[value.Str(row[0])] = value.Str(row[1])
	}
	return types
}

// QuerySchema gives the columns of a query as adapter.get_column_schema_from_query does:
// structs are taken apart into their fields.
func (c *conn) QuerySchema(ctx context.Context, sql string) ([]*relation.Column, []uint32, error) {
	cols, err := c.Describe(ctx, sql)
	if err != nil {
		return nil, nil, err
	}
	var out []*relation.Column
	for _, col := range cols {
		out = append(out, col.Flatten()...)
	}
	return out, nil, nil
}

// Close implements adapters.Conn; what is not committed is rolled back.
func (c *conn) Close() error {
	err := c.Rollback(context.Background())
	c.native.Close()
	return err
}

package adapters

import (
	"errors"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Execute is adapter.execute: it adds the query comment, begins a transaction if asked
// to, and reports the statement as events.
func (b *Bridge) Execute(sql string, autoBegin, fetch bool, limit int) (Response, *agate.Table, error) {
	if a := b.known; a != nil && fetch {
		b.known = nil
		return a.Response, a.Table, nil
	}
	text, before := b.opts.Comment.Add(sql)
	var table *agate.Table
	resp, err := b.run(text, text, autoBegin, func(c Conn) (r Response, err error) {
		r, table, err = c.Execute(b.opts.Context, text, fetch, limit)
		return r, err
	})
	if err != nil {
		return Response{}, nil, ownText(err, sql, before)
	}
	return resp, table, nil
}

// Asked is how many statements templates have sent by themselves, as run_query does. What the
// bridge asks on their behalf, such as the columns of a relation, does not count.
func (b *Bridge) Asked() int { return b.asked }

func (b *Bridge) count() {
	if b.nested == 0 {
		b.asked++
	}
}

// Answer is what a query gives.
type Answer struct {
	Response Response
	Table    *agate.Table
}

// Know makes the next query that fetches rows give this answer instead of asking the engine. It is
// for a caller that has proven the answer; nil takes it back.
func (b *Bridge) Know(a *Answer) { b.known = a }

// ownText makes the position of an error one in the text that the caller gave.
func ownText(err error, sql string, before int) error {
	var de *DatabaseError
	if errors.As(err, &de) {
		if de.Position >= before {
			de.Position = min(de.Position-before, len(sql))
		} else {
			de.Position = -1
		}
		de.SQL = sql
	}
	return err
}

// run is one statement with its events. An error rolls back the open transaction.
func (b *Bridge) run(sql, shown string, autoBegin bool, statement func(Conn) (Response, error)) (Response, error) {
	c, err := b.Conn()
	if err != nil {
		return Response{}, err
	}
	if autoBegin && !c.InTransaction() && !b.transactionless() {
		if err := b.Begin(); err != nil {
			return Response{}, err
		}
	}
	b.connectionUsed()
	b.query(shown)
	start := b.opts.Now()
	resp, err := statement(c)
	if err != nil {
		return Response{}, b.failure(err)
	}
	b.queryStatus(resp, b.opts.Now().Sub(start))
	return resp, nil
}

func (b *Bridge) transactionless() bool {
	t, ok := b.opts.Credentials.(Transactionless)
	return ok && t.NoTransactions()
}

// failure reports an error of the engine, rolls back and makes it a diagnostic.
func (b *Bridge) failure(err error) error {
	var de *DatabaseError
	if !errors.As(err, &de) {
		return err
	}
	b.engineError(de)
	if b.opts.Shared != nil {
		b.opts.Shared.fail(b.opts.Context, err)
	} else if b.conn != nil && b.conn.InTransaction() {
		b.rollingBack()
		if rerr := b.conn.Rollback(b.opts.Context); rerr != nil {
			b.debug("RollbackFailed", "E009", "Failed to rollback '"+b.opts.Name+"'", map[string]any{"conn_name": b.opts.Name, "exc_info": rerr.Error()})
		}
	}
	kind := b.surface.ErrorKind
	if kind == "" {
		kind = diag.Database
	}
	return Diagnose(de, kind)
}

// Begin opens a transaction unless one is open.
func (b *Bridge) Begin() error {
	c, err := b.Conn()
	if err != nil {
		return err
	}
	if c.InTransaction() {
		return nil
	}
	b.connectionUsed()
	b.query("BEGIN")
	start := b.opts.Now()
	if err := c.Begin(b.opts.Context); err != nil {
		return b.failure(err)
	}
	b.queryStatus(Response{Message: "OK"}, b.opts.Now().Sub(start))
	return nil
}

// Commit commits the open transaction; without one it does nothing, and one that is shared
// is committed by whom it belongs to.
func (b *Bridge) Commit() error {
	if b.conn == nil || !b.conn.InTransaction() || b.opts.Shared != nil {
		return nil
	}
	b.committing()
	b.connectionUsed()
	b.query("COMMIT")
	start := b.opts.Now()
	if err := b.conn.Commit(b.opts.Context); err != nil {
		return b.failure(err)
	}
	b.queryStatus(Response{Message: "OK"}, b.opts.Now().Sub(start))
	return nil
}

// Rollback gives up the open transaction.
func (b *Bridge) Rollback() error {
	if b.conn == nil || !b.conn.InTransaction() {
		return nil
	}
	b.rollingBack()
	if b.opts.Shared != nil {
		return b.opts.Shared.Rollback(b.opts.Context)
	}
	return b.conn.Rollback(b.opts.Context)
}

// InTransaction reports whether a transaction is open.
func (b *Bridge) InTransaction() bool { return b.conn != nil && b.conn.InTransaction() }

func execute(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("execute", "sql", "auto_begin=False", "fetch=False", "limit=None")
	if err != nil {
		return value.Undef, err
	}
	limit, err := limitOf(v[3])
	if err != nil {
		return value.Undef, err
	}
	b.count()
	resp, table, err := b.Execute(value.Str(v[0]), value.Truth(v[1]), value.Truth(v[2]), limit)
	if err != nil {
		return value.Undef, err
	}
	return value.NewTuple(resp.Value(), table.Value()), nil
}

// limitOf: None and 0 mean all rows.
func limitOf(v value.Value) (int, error) {
	if v.IsNull() {
		return -1, nil
	}
	n, ok := v.AsInt()
	if !ok {
		return 0, value.Errorf("TypeError", "'%s' object cannot be interpreted as an integer", value.TypeName(v))
	}
	if n <= 0 {
		return -1, nil
	}
	return int(n), nil
}

// abridged is how much of a long statement the log shows when asked to shorten it.
const abridged = 512

func addQuery(b *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("add_query", "sql", "auto_begin=True", "bindings=None", "abridge_sql_log=False")
	if err != nil {
		return value.Undef, err
	}
	b.count()
	sql := value.Str(v[0])
	shown := sql
	if value.Truth(v[3]) {
		shown = sql[:min(len(sql), abridged)] + "..."
	}
	var bindings []value.Value
	if !v[2].IsNull() {
		if bindings, err = value.ToSlice(th, v[2]); err != nil {
			return value.Undef, err
		}
	}
	autoBegin := v[1].IsUndefined() || value.Truth(v[1])
	_, err = b.run(sql, shown, autoBegin, func(c Conn) (Response, error) {
		if bindings == nil {
			r, _, err := c.Execute(b.opts.Context, sql, false, 0)
			return r, err
		}
		return c.Query(b.opts.Context, sql, bindings)
	})
	if err != nil {
		return value.Undef, err
	}
	// Python's connection and cursor have no counterpart that a template could use.
	return value.NewTuple(value.None, value.None), nil
}

func commit(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	if _, err := a.Bind("commit"); err != nil {
		return value.Undef, err
	}
	return value.None, b.Commit()
}

func runSQLForTests(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("run_sql_for_tests", "sql", "fetch", "conn?")
	if err != nil {
		return value.Undef, err
	}
	c, err := b.Conn()
	if err != nil {
		return value.Undef, err
	}
	_, table, err := c.Execute(b.opts.Context, value.Str(v[0]), true, -1)
	if err != nil {
		return value.Undef, b.failure(err)
	}
	if err := c.Commit(b.opts.Context); err != nil {
		return value.Undef, b.failure(err)
	}
	rows := make([]value.Value, len(table.Rows))
	for i, r := range table.Rows {
		rows[i] = value.NewTuple(r...)
	}
	switch fetch, _ := v[1].AsString(); fetch {
	case "one":
		if len(rows) == 0 {
			return value.None, nil
		}
		return rows[0], nil
	case "all":
		return value.NewList(rows...), nil
	}
	return value.None, nil
}

// BulkLoad appends a table's rows to a relation in the engine's fastest way.
func (b *Bridge) BulkLoad(target *relation.Relation, rows *agate.Table) (int64, error) {
	var n int64
	shown := "load " + target.Render()
	_, err := b.run(shown, shown, true, func(c Conn) (Response, error) {
		var err error
		n, err = c.Load(b.opts.Context, target, rows.Names, rows)
		return Response{Message: "OK", RowsAffected: n}, err
	})
	return n, err
}

func bulkLoad(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("bulk_load", "relation", "agate_table")
	if err != nil {
		return value.Undef, err
	}
	r, err := relationArg(v[0], "bulk_load", "relation")
	if err != nil {
		return value.Undef, err
	}
	t, ok := agate.FromValue(v[1])
	if !ok {
		return value.Undef, argTypeError("bulk_load", "agate_table", "Table", value.Str(v[1]), value.TypeName(v[1]))
	}
	n, err := b.BulkLoad(r, t)
	return value.Int(n), err
}

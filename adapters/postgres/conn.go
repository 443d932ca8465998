package postgres

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// conn keeps transactions as psycopg2 does under dbt, which decides what is committed:
//
//   - The first statement sends BEGIN (unless the profile says autocommit).
//   - dbt's "begin" only remembers that a transaction is wanted.
//   - COMMIT is sent as a statement. The client does not begin again after it: what
//     follows on this connection commits on its own, until a rollback starts over.
//
// So a macro may end the transaction with `commit` in its SQL and run VACUUM, and the
// statements after adapter.commit() are kept although nobody commits them.
type conn struct {
	engine *engine
	pg     *pgconn.PgConn
	name   string
	begun  bool // BEGIN was sent since the connection was opened or rolled back
	open   bool // dbt's transaction_open
	closed bool
}

// ID is the server's process id of the session.
func (c *conn) ID() string { return strconv.FormatUint(uint64(c.pg.PID()), 10) }

// InTransaction implements adapters.Conn.
func (c *conn) InTransaction() bool { return c.open }

// Begin implements adapters.Conn; the statement that follows sends BEGIN.
func (c *conn) Begin(context.Context) error {
	c.open = true
	return nil
}

const idleStatus = 'I' // of ReadyForQuery: not in a transaction

// Commit implements adapters.Conn.
func (c *conn) Commit(ctx context.Context) error {
	c.open = false
	if c.engine.creds.autocommit {
		return nil
	}
	c.begun = true
	if c.pg.TxStatus() == idleStatus {
		return nil
	}
	tag, err := c.command(ctx, "COMMIT")
	if err != nil {
		return err
	}
	if tag == "ROLLBACK" { // what the server answers in a failed transaction
		return &adapters.DatabaseError{Code: "25P02", SQL: "COMMIT", Position: -1,
			Message: "the transaction was rolled back, because one of its statements had failed"}
	}
	return nil
}

// Rollback implements adapters.Conn.
func (c *conn) Rollback(ctx context.Context) error {
	c.open, c.begun = false, false
	if c.pg.IsClosed() || c.pg.TxStatus() == idleStatus {
		return nil
	}
	// A canceled run must still be able to roll back.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelGrace)
	defer cancel()
	_, err := c.command(ctx, "ROLLBACK")
	return err
}

func (c *conn) command(ctx context.Context, sql string) (string, error) {
	results, err := c.pg.Exec(ctx, sql).ReadAll()
	if err != nil {
		return "", c.wrap(ctx, err, sql, nil)
	}
	tag := ""
	for _, r := range results {
		tag = r.CommandTag.String()
	}
	return tag, nil
}

// begins reports that a statement implies a BEGIN before it.
func (c *conn) begins() bool {
	return !c.begun && !c.engine.creds.autocommit && c.pg.TxStatus() == idleStatus
}

// ready sends the BEGIN that a statement outside of a transaction implies.
func (c *conn) ready(ctx context.Context) error {
	if c.begins() {
		if _, err := c.command(ctx, "BEGIN"); err != nil {
			return err
		}
	}
	c.begun = true
	return nil
}

// Execute implements adapters.Conn. The text goes to the server as it is, so it may hold
// several statements; the last one's result counts.
func (c *conn) Execute(ctx context.Context, sql string, fetch bool, limit int) (adapters.Response, *agate.Table, error) {
	start := time.Now()
	if err := c.ready(ctx); err != nil {
		return adapters.Response{}, nil, err
	}
	var (
		names []string
		rows  [][]value.Value
		tag   pgconn.CommandTag
		read  int64
		width int
	)
	multi := c.pg.Exec(ctx, sql)
	for multi.NextResult() {
		r := multi.ResultReader()
		fields := r.FieldDescriptions()
		names, rows, read, width = nil, nil, 0, len(fields)
		var decode []decoder
		if fetch {
			decode = make([]decoder, len(fields))
			names = make([]string, len(fields))
			for i, f := range fields {
				names[i], decode[i] = f.Name, decoderFor(f.DataTypeOID)
			}
		}
		for r.NextRow() {
			read++
			if !fetch || limit >= 0 && len(rows) >= limit {
				continue
			}
			row := make([]value.Value, len(fields))
			for i, cell := range r.Values() {
				if cell == nil {
					row[i] = value.None
					continue
				}
				row[i] = decode[i](string(cell))
			}
			rows = append(rows, row)
		}
		var err error
		if tag, err = r.Close(); err != nil {
			_ = multi.Close()
			return adapters.Response{}, nil, c.wrap(ctx, err, sql, nil)
		}
	}
	if err := multi.Close(); err != nil {
		return adapters.Response{}, nil, c.wrap(ctx, err, sql, nil)
	}
	resp := response(tag)
	if resp.RowsAffected < 0 && width > 0 {
		resp.RowsAffected = read // EXPLAIN and SHOW do not count their rows themselves
	}
	resp.Elapsed = time.Since(start)
	if !fetch || names == nil {
		return resp, agate.Empty(), nil
	}
	return resp, agate.New(names, rows), nil
}

// response turns a command tag ("INSERT 0 5") into dbt's message, code and row count.
func response(tag pgconn.CommandTag) adapters.Response {
	text := tag.String()
	resp := adapters.Response{Message: text, RowsAffected: -1}
	var words []string
	for _, w := range strings.Fields(text) {
		n, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			words = append(words, w)
			continue
		}
		resp.RowsAffected = n
	}
	resp.Code = strings.Join(words, " ")
	return resp
}

// Query implements adapters.Conn. Placeholders are dbt's %s, with %% for a percent sign,
// or the server's own $1.
func (c *conn) Query(ctx context.Context, sql string, bindings []value.Value) (adapters.Response, error) {
	start := time.Now()
	if err := c.ready(ctx); err != nil {
		return adapters.Response{}, err
	}
	text, offsets := numbered(sql)
	params := make([][]byte, len(bindings))
	for i, b := range bindings {
		if !b.IsNull() {
			params[i] = []byte(textOf(b))
		}
	}
	r := c.pg.ExecParams(ctx, text, params, nil, nil, nil)
	for r.NextRow() { // rows are not wanted, but must be read
	}
	tag, err := r.Close()
	if err != nil {
		return adapters.Response{}, c.wrap(ctx, err, sql, offsets)
	}
	resp := response(tag)
	resp.Elapsed = time.Since(start)
	return resp, nil
}

// numbered replaces %s by $1, $2 …; offsets maps positions of the new text back to sql.
func numbered(sql string) (string, func(int) int) {
	if !strings.Contains(sql, "%") {
		return sql, nil
	}
	type shift struct{ at, delta int }
	var (
		b      strings.Builder
		shifts []shift
		n      int
	)
	for i := 0; i < len(sql); i++ {
		if sql[i] != '%' || i+1 == len(sql) || sql[i+1] != 's' && sql[i+1] != '%' {
			b.WriteByte(sql[i])
			continue
		}
		if i++; sql[i] == '%' {
			b.WriteByte('%')
		} else {
			n++
			b.WriteString("$" + strconv.Itoa(n))
		}
		shifts = append(shifts, shift{b.Len(), i + 1 - b.Len()})
	}
	return b.String(), func(pos int) int {
		delta := 0
		for _, s := range shifts {
			if s.at > pos {
				break
			}
			delta = s.delta
		}
		return pos + delta
	}
}

// Close implements adapters.Conn: what is not committed is rolled back, and the
// connection can serve the next node.
func (c *conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	err := c.Rollback(context.Background())
	if err != nil {
		_ = c.pg.Close(context.Background())
		return err
	}
	c.engine.release(c.pg)
	return nil
}

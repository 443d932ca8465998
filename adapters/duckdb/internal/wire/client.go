package wire

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Refused says that the process that holds the file gives no session.
type Refused struct {
	PID    int
	Reason string
}

func (r *Refused) Error() string { return r.Reason }

// Remote is a session in the process that holds the file. One goroutine uses it.
type Remote struct {
	conn net.Conn
	in   *gob.Decoder

	mu     sync.Mutex // of out
	out    *gob.Encoder
	number int64
	lost   error
}

// Dial opens a session at the socket of a database file. config is what the client's own
// profile would have opened the file with; another one is refused.
func Dial(ctx context.Context, file, config string) (*Remote, error) {
	var d net.Dialer
	path, err := SocketPath(file)
	if err != nil {
		return nil, err
	}
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	r := &Remote{conn: conn, in: gob.NewDecoder(conn), out: gob.NewEncoder(conn)}
	_ = conn.SetDeadline(time.Now().Add(greetingTimeout))
	var hello greeting
	if err = r.out.Encode(ours(config)); err == nil {
		err = r.in.Decode(&hello)
	}
	if err == nil && hello.Refused != "" {
		err = &Refused{PID: hello.PID, Reason: hello.Refused}
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	_ = conn.SetDeadline(time.Time{})
	return r, nil
}

// greetingTimeout bounds how long either side waits for the other's greeting: a process
// that is stopped accepts connections and says nothing.
const greetingTimeout = 5 * time.Second

// Close ends the session; an open transaction is rolled back.
func (r *Remote) Close() { _ = r.conn.Close() }

func (r *Remote) send(q *request) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.Encode(q)
}

// gone says that the other process has ended, or was made to.
func (r *Remote) gone(cause error) error {
	if r.lost == nil {
		r.lost = &native.Error{Class: "Connection", Lost: true, Cause: cause,
			Message: "Connection Error: the process that has the database file open has ended, or its socket broke"}
		r.Close()
	}
	return r.lost
}

// call asks and gathers the parts of the answer. more, if set, sends what belongs to the
// request after its first part.
func (r *Remote) call(ctx context.Context, q *request, more func() error) (*answer, [][]value.Value, error) {
	if r.lost != nil {
		return nil, nil, r.lost
	}
	if ctx.Err() != nil {
		return nil, nil, interrupted(ctx)
	}
	r.number++
	q.Number = r.number
	stop := context.AfterFunc(ctx, func() { _ = r.send(&request{Number: q.Number, Verb: cancel}) })
	defer stop()
	if err := r.send(q); err != nil {
		return nil, nil, r.gone(err)
	}
	if more != nil {
		if err := more(); err != nil {
			return nil, nil, err
		}
	}
	var whole answer
	var rows [][]value.Value
	for {
		var a answer
		if err := r.in.Decode(&a); err != nil {
			return nil, nil, r.gone(err)
		}
		if a.Number != q.Number {
			return nil, nil, r.gone(errors.New("an answer to another request"))
		}
		if f := a.Failed; f != nil {
			if f.Canceled {
				return nil, nil, interrupted(ctx)
			}
			return nil, nil, &native.Error{Class: f.Class, Message: f.Message, SQL: q.SQL, Statement: f.Statement}
		}
		if len(a.Names) > 0 {
			whole.Names = a.Names
		}
		part, err := unpack(a.Values, a.Rows, len(whole.Names))
		if err != nil {
			return nil, nil, r.gone(err)
		}
		rows = append(rows, part...)
		if a.Last {
			whole.Changed, whole.Columns = a.Changed, a.Columns
			return &whole, rows, nil
		}
	}
}

func interrupted(ctx context.Context) error {
	return &native.Error{Class: "INTERRUPT", Message: "INTERRUPT Error: Interrupted!", Canceled: true, Cause: context.Cause(ctx)}
}

func (r *Remote) result(ctx context.Context, q *request) (*native.Result, error) {
	a, rows, err := r.call(ctx, q, nil)
	if err != nil {
		return nil, err
	}
	return &native.Result{Names: a.Names, Rows: rows, Changed: a.Changed}, nil
}

// Run implements Session.
func (r *Remote) Run(ctx context.Context, sql string, fetch bool, limit int) (*native.Result, error) {
	return r.result(ctx, &request{Verb: run, SQL: sql, Fetch: fetch, Limit: limit})
}

// Exec implements Session.
func (r *Remote) Exec(ctx context.Context, sql string, params []value.Value) (*native.Result, error) {
	data, err := pack([][]value.Value{params})
	if err != nil {
		return nil, err
	}
	return r.result(ctx, &request{Verb: exec, SQL: sql, Count: len(params), Values: data})
}

// Describe implements Session.
func (r *Remote) Describe(ctx context.Context, sql string) ([]native.Column, error) {
	a, _, err := r.call(ctx, &request{Verb: describe, SQL: sql}, nil)
	if err != nil {
		return nil, err
	}
	return a.Columns, nil
}

// Append implements Session.
func (r *Remote) Append(ctx context.Context, insert string, kinds []native.Kind, names []string, list ...native.Rows) error {
	rows := 0
	for _, l := range list {
		rows += l.Count
	}
	row := 0 // of the first of list, which is what is left of it
	part := func(from, to int) ([]native.Cell, error) {
		cells := make([]native.Cell, 0, (to-from)*len(kinds))
		for ; from < to; from++ {
			for row == list[0].Count {
				row, list = 0, list[1:]
			}
			for col := range kinds {
				x, err := list[0].Cell(row, col)
				if err != nil {
					return nil, err
				}
				cells = append(cells, x)
			}
			row++
		}
		return cells, nil
	}
	step := partRows(len(kinds))
	first, err := part(0, min(step, rows))
	if err != nil {
		return err
	}
	q := &request{Verb: load, SQL: insert, Kinds: kinds, Names: names, Count: rows, Cells: first, Pending: rows > step}
	_, _, err = r.call(ctx, q, func() error {
		for at := step; at < rows; at += step {
			cells, err := part(at, min(at+step, rows))
			if err != nil { // half a request cannot be taken back
				return errors.Join(err, r.gone(fmt.Errorf("loading was given up: %w", err)))
			}
			if err := r.send(&request{Number: q.Number, Verb: load, Cells: cells, Pending: at+step < rows}); err != nil {
				return r.gone(err)
			}
		}
		return nil
	})
	return err
}

package wire

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters/duckdb/internal/native"
)

func ours(config string) *greeting {
	return &greeting{Protocol: protocol, Engine: native.Version(), Config: config, PID: os.Getpid()}
}

// Server lends sessions of one database.
type Server struct {
	listener net.Listener
	path     string
	config   string
	connect  func() (Session, error)

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]context.CancelFunc
	wg     sync.WaitGroup
}

// Serve begins to lend sessions of the database in file, which this process must hold: a
// socket that lies there was left by a process that has died.
func Serve(file, config string, connect func() (Session, error)) (*Server, error) {
	l, path, err := listen(file)
	if err != nil {
		return nil, err
	}
	s := &Server{listener: l, path: path, config: config, connect: connect, open: map[net.Conn]context.CancelFunc{}}
	s.wg.Add(1)
	go s.accept()
	return s, nil
}

// Close ends the sessions that are lent, rolls back what they had not committed, and
// returns when none uses the database any more.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	_ = s.listener.Close()
	_ = os.Remove(s.path)
	for c, end := range s.open {
		end()
		_ = c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *Server) accept() {
	defer s.wg.Done()
	for {
		c, err := s.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(50 * time.Millisecond) // out of descriptors, for example
			continue
		}
		ctx, end := context.WithCancel(context.Background())
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			end()
			_ = c.Close()
			return
		}
		s.open[c] = end
		s.wg.Add(1)
		s.mu.Unlock()
		go func() {
			defer s.wg.Done()
			s.serve(ctx, c)
			end()
			_ = c.Close()
			s.mu.Lock()
			delete(s.open, c)
			s.mu.Unlock()
		}()
	}
}

// lent is one session in the hands of a client.
type lent struct {
	session Session
	in      *gob.Decoder
	out     *gob.Encoder

	mu      sync.Mutex
	running int64 // the number of the request in work
	stop    context.CancelFunc
}

func (s *Server) serve(ctx context.Context, c net.Conn) {
	l := &lent{in: gob.NewDecoder(c), out: gob.NewEncoder(c)}
	_ = c.SetDeadline(time.Now().Add(greetingTimeout))
	var theirs greeting
	if err := l.in.Decode(&theirs); err != nil {
		return
	}
	hello := ours(s.config)
	var err error
	switch {
	case theirs.Protocol != protocol || theirs.Engine != hello.Engine:
		hello.Refused = fmt.Sprintf("process %d has the database file open, and its version of the program cannot serve this one", hello.PID)
	case theirs.Config != s.config:
		hello.Refused = fmt.Sprintf("process %d has the database file open with other config_options", hello.PID)
	default:
		if l.session, err = s.connect(); err != nil {
			hello.Refused = err.Error()
		}
	}
	if l.session != nil {
		defer l.session.Close()
	}
	if err := l.out.Encode(hello); err != nil || hello.Refused != "" {
		return
	}
	_ = c.SetDeadline(time.Time{})
	l.requests(ctx)
}

// requests reads and hands requests to a worker, so that a request to cancel, or the end
// of the client, reaches a statement that is running.
func (l *lent) requests(ctx context.Context) {
	ctx, end := context.WithCancel(ctx)
	work := make(chan func(), 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for do := range work {
			do()
		}
	}()
	defer func() {
		end()
		close(work)
		<-done
	}()
	var q *request
	for {
		var next request
		if err := l.in.Decode(&next); err != nil {
			return
		}
		if next.Verb == cancel {
			l.cancel(next.Number)
			continue
		}
		if q != nil { // the rest of rows to load
			q.Cells, q.Pending = append(q.Cells, next.Cells...), next.Pending
		} else {
			q = &next
		}
		if q.Pending {
			continue
		}
		whole := q
		q = nil
		rctx, stop := context.WithCancel(ctx)
		l.mu.Lock()
		l.running, l.stop = whole.Number, stop
		l.mu.Unlock()
		work <- func() {
			defer stop()
			if err := l.answer(rctx, whole); err != nil {
				end() // the client has gone
			}
		}
	}
}

func (l *lent) cancel(number int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running == number {
		l.stop()
	}
}

func (l *lent) answer(ctx context.Context, q *request) error {
	a := &answer{Number: q.Number, Last: true}
	var err error
	switch q.Verb {
	case run, exec:
		var r *native.Result
		if r, err = l.statement(ctx, q); err == nil {
			if err = l.rows(a, r); err != nil {
				return err
			}
		}
	case describe:
		a.Columns, err = l.session.Describe(ctx, q.SQL)
	case load:
		columns := len(q.Kinds)
		if len(q.Cells) != q.Count*columns {
			return errValues
		}
		err = l.session.Append(ctx, q.SQL, q.Kinds, q.Names, native.Rows{Count: q.Count, Cell: func(row, col int) (native.Cell, error) { return q.Cells[row*columns+col], nil }})
	}
	if err != nil {
		a = &answer{Number: q.Number, Last: true, Failed: &failure{Message: err.Error()}}
		var e *native.Error
		if errors.As(err, &e) {
			a.Failed = &failure{Class: e.Class, Message: e.Message, Statement: e.Statement, Canceled: e.Canceled}
		}
	}
	return l.out.Encode(a)
}

func (l *lent) statement(ctx context.Context, q *request) (*native.Result, error) {
	if q.Verb == run {
		return l.session.Run(ctx, q.SQL, q.Fetch, q.Limit)
	}
	params, err := unpack(q.Values, 1, q.Count)
	if err != nil {
		return nil, err
	}
	return l.session.Exec(ctx, q.SQL, params[0])
}

// rows sends all parts of a result but the last, which it leaves in a.
func (l *lent) rows(a *answer, r *native.Result) error {
	a.Names, a.Changed = r.Names, r.Changed
	step := partRows(len(r.Names))
	for at := 0; ; at += step {
		to := min(at+step, len(r.Rows))
		data, err := pack(r.Rows[at:to])
		if err != nil {
			return err
		}
		a.Rows, a.Values = to-at, data
		if to == len(r.Rows) {
			return nil
		}
		if err := l.out.Encode(&answer{Number: a.Number, Names: a.Names, Rows: a.Rows, Values: a.Values}); err != nil {
			return err
		}
	}
}

package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// idle is a session that waits for its next node.
type idle struct {
	pg    *pgconn.PgConn
	reset *pgconn.MultiResultReader // the answer to discardAll, which nobody has read yet; nil for a new session
	since time.Time
}

// discardAll gives a used session the state of a new one: no temporary tables, default settings.
const discardAll = "discard all"

// trusted is how long a session may have been idle without being asked whether it still lives.
const trusted = 20 * time.Millisecond

// release takes a session back. It is reset at once, while the program finishes the node
// and compiles the next: the answer is read when the session is needed.
func (e *engine) release(c *pgconn.PgConn) {
	if c.IsClosed() {
		return
	}
	reset := c.Exec(context.Background(), discardAll)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		_ = c.Close(context.Background())
		return
	}
	e.idle = append(e.idle, &idle{pg: c, reset: reset, since: time.Now()})
}

// ready makes an idle session one to work with.
func (e *engine) ready(ctx context.Context, s *idle) error {
	if s.reset != nil {
		stop := context.AfterFunc(ctx, func() { _ = s.pg.Conn().SetDeadline(time.Now()) })
		err := s.reset.Close()
		if !stop() {
			return ctx.Err() // its deadline may have passed: it is of no use any more
		}
		if err != nil {
			return err
		}
	}
	if time.Since(s.since) > trusted {
		if err := s.pg.Exec(ctx, discardAll).Close(); err != nil {
			return err
		}
	} else if s.reset == nil {
		return nil
	}
	return e.setRole(ctx, s.pg)
}

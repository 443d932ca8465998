package adapters

import (
	"context"
	"errors"
)

// Shared is one transaction in which several nodes work, one after the other: what they
// commit becomes visible when all of it is committed. An error in it ends it for all.
type Shared struct {
	conn    Conn
	opening []string
	opened  bool
	broken  error
}

// Share makes a connection the home of one transaction, which begins with the first use and
// with the given statements. It belongs to the caller, who ends it and closes the connection.
func Share(c Conn, opening ...string) *Shared { return &Shared{conn: c, opening: opening} }

// Conn gives the connection with its transaction open.
func (s *Shared) Conn(ctx context.Context) (Conn, error) {
	switch {
	case s.broken != nil:
		return nil, errors.Join(errors.New("the transaction was rolled back because of an earlier error"), s.broken)
	case s.opened && !s.conn.InTransaction():
		return nil, errors.New("something has ended the transaction that several nodes share")
	case s.opened:
		return s.conn, nil
	}
	// A connection that has committed once may commit statement by statement; rolling back ends that.
	if err := s.conn.Rollback(ctx); err != nil {
		return nil, err
	}
	if err := s.conn.Begin(ctx); err != nil {
		return nil, err
	}
	s.opened = true
	for _, sql := range s.opening {
		if _, _, err := s.conn.Execute(ctx, sql, false, -1); err != nil {
			s.fail(ctx, err)
			return nil, err
		}
	}
	return s.conn, nil
}

// fail rolls the transaction back for good.
func (s *Shared) fail(ctx context.Context, cause error) {
	if s.broken == nil {
		s.broken = cause
	}
	if err := s.conn.Rollback(ctx); err != nil {
		s.broken = errors.Join(s.broken, err)
	}
}

// Rollback takes everything back.
func (s *Shared) Rollback(ctx context.Context) error {
	if s.broken == nil {
		s.broken = errors.New("it was rolled back")
	}
	return s.conn.Rollback(ctx)
}

// Commit makes everything visible. An error of the transaction that came before is returned.
func (s *Shared) Commit(ctx context.Context) error {
	if s.broken != nil {
		return s.broken
	}
	if !s.opened {
		return nil
	}
	if !s.conn.InTransaction() {
		return errors.New("something has ended the transaction that several nodes share")
	}
	return s.conn.Commit(ctx)
}

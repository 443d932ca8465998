package duckdb

import (
	"context"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/duckdb/internal/wire"
)

// connect opens a session, here or in the process that has the file. When that process has
// ended meanwhile, the file is free and this process opens it.
func (i *instance) connect(ctx context.Context) (wire.Session, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.db == nil {
		lent, err := wire.Dial(ctx, i.creds.path, i.config)
		if err == nil {
			return lent, nil
		}
		if err := i.open(ctx); err != nil {
			return nil, err
		}
		if i.db == nil { // yet another process was faster
			if lent, err = wire.Dial(ctx, i.creds.path, i.config); err != nil {
				return nil, &adapters.DatabaseError{Position: -1, Code: "Connection", Fault: adapters.FaultTransient, Message: "Connection Error: " + err.Error(), Cause: err}
			}
			return lent, nil
		}
		if i.shares > 0 {
			if err := i.lend(); err != nil {
				return nil, err
			}
		}
	}
	c, err := i.db.Connect()
	if err != nil {
		return nil, wrap(err, "")
	}
	return c, nil
}

func (i *instance) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.server != nil {
		i.server.Close()
		i.server = nil
	}
	if i.db != nil {
		i.db.Close()
	}
}

// Share implements adapters.Sharer. A transaction that comes in over the socket is one
// like any other of this process: it sees what is committed, and when it touches what
// another transaction has changed, one of them fails and is tried again.
func (e *engine) Share() (stop func(), err error) {
	i := e.inst
	if i.key == "" || e.creds.motherduck() {
		return func() {}, nil // nobody else could open it
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if err := i.lend(); err != nil {
		return nil, err
	}
	i.shares++
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.shares--; i.shares == 0 && i.server != nil {
			i.server.Close()
			i.server = nil
		}
	}, nil
}

// lend begins to serve, unless it does already or another process has the file.
func (i *instance) lend() (err error) {
	if i.db == nil || i.server != nil {
		return nil
	}
	db := i.db
	i.server, err = wire.Serve(i.creds.path, i.config, func() (wire.Session, error) {
		c, err := db.Connect()
		if err != nil {
			return nil, err
		}
		return c, nil
	})
	return err
}

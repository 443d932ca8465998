package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/adapters"
)

// silence is how long a process that holds rows of the ledger may say nothing, a variable for tests.
var silence = 10 * time.Second

// taking runs a transaction that takes rows which other processes may hold, and repeats it as
// Retry does. A commit takes a moment; a process that hangs in the middle of one would hold
// its rows for ever, as the server waits for the rest of its COPY and knows no time limit for
// that. Its session is ended: nothing of it is committed, and it finds out when it goes on.
func (l *Ledger) taking(ctx context.Context, c adapters.Conn, do func() error) error {
	if l.engine == "duckdb" { // one process has all connections, and nothing waits
		return Retry(ctx, func() error { return Within(ctx, c, do) })
	}
	return Retry(ctx, func() error {
		err := Within(ctx, c, func() error {
			if _, err := affected(ctx, c, fmt.Sprintf("set local lock_timeout = '%dms'", silence.Milliseconds())); err != nil {
				return err
			}
			return do()
		})
		const lockNotAvailable = "55P03"
		var db *adapters.DatabaseError
		if !errors.As(err, &db) || db.Code != lockNotAvailable {
			return err
		}
		if e := l.endSilent(ctx, c); e != nil {
			return errors.Join(err, e)
		}
		again := *db
		again.Fault = adapters.FaultTransient
		return &again
	})
}

// endSilent ends the sessions that hold rows of owners and wait for their clients for too long.
func (l *Ledger) endSilent(ctx context.Context, c adapters.Conn) error {
	return Within(ctx, c, func() error {
		_, err := query(ctx, c, "select pg_catalog.pg_terminate_backend(a.pid) from pg_catalog.pg_stat_activity a where a.pid <> pg_catalog.pg_backend_pid() and a.wait_event = 'ClientRead' "+
			fmt.Sprintf("and a.xact_start < pg_catalog.clock_timestamp() - interval '%d milliseconds' ", silence.Milliseconds())+
			"and a.pid in (select k.pid from pg_catalog.pg_locks k where k.granted and k.relation = "+text(l.name("owner"))+"::regclass)")
		return err
	})
}

// Package ledger keeps the truth about the progress of streams in the database that
// receives their rows, so that rows and offsets commit together. Every change of a
// stream's progress first takes hold of its owner row: who no longer owns the stream
// changes nothing.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Schema is where the ledger's tables are.
const Schema = "_stream"

var (
	// ErrFenced says that another process has taken the stream over.
	ErrFenced = errors.New("another process has taken this stream over")
	// ErrMoved says that the ledger's offsets are not those that the batch starts from.
	ErrMoved = errors.New("the ledger's offsets have moved")
)

// Ledger names the tables of one database.
type Ledger struct {
	dialect  *relation.Dialect
	database string
	engine   string
}

// New makes the ledger of a database. engine is the adapter type.
func New(engine string, d *relation.Dialect, database string) *Ledger {
	return &Ledger{dialect: d, database: database, engine: engine}
}

// Relation is a table of the ledger.
func (l *Ledger) Relation(table string) *relation.Relation {
	return l.dialect.New(l.database, Schema, table, relation.Table)
}

// Beside is a table in the schema of another one.
func (l *Ledger) Beside(r *relation.Relation, name string) *relation.Relation {
	return l.dialect.New(r.Database, r.Schema, name, relation.Table)
}

func (l *Ledger) name(table string) string { return l.Relation(table).Render() }

// Types that the engines name differently.
func (l *Ledger) binary() string {
	if l.engine == "duckdb" {
		return "blob"
	}
	return "bytea"
}

// Statements that make the ledger. They change nothing that is there.
func (l *Ledger) ddl() []string {
	key := func(cols string) string {
		if l.engine == "duckdb" {
			return "" // the owner row keeps writers apart, and indexes make concurrent checkpoints impossible
		}
		return ", primary key (" + cols + ")"
	}
	table := func(name, cols string) string {
		return "create table if not exists " + l.name(name) + " (" + cols + ")"
	}
	return append([]string{
		table("owner", "pipeline text, shard integer, epoch bigint, owner_id text, last_batch bigint, updated_at timestamp with time zone"+key("pipeline, shard")),
		table("offsets", `pipeline text, topic text, topic_id text, "partition" integer, next_offset bigint, leader_epoch integer, owner_epoch bigint,
			last_record_ts timestamp with time zone, high_watermark bigint, updated_at timestamp with time zone`+key(`pipeline, topic, "partition"`)),
		table("batches", `batch bigint, pipeline text, token text, owner_epoch bigint, ranges text, row_count bigint, quarantined bigint, skipped bigint, bytes bigint,
			oldest_ts timestamp with time zone, newest_ts timestamp with time zone, committed_at timestamp with time zone, decode_ms double precision, run_id text`+key("pipeline, batch")),
		table("quarantine", `pipeline text, topic text, "partition" integer, "offset" bigint, ts timestamp with time zone, record_key `+l.binary()+`, record_value `+l.binary()+`,
			headers text, schema_id integer, stage text, code text, field text, error text, batch bigint, status text, replayed_batch bigint, quarantined_at timestamp with time zone`+key(`pipeline, topic, "partition", "offset", batch`)),
		table("paused", "pipeline text, paused_by text, paused_at timestamp with time zone"+key("pipeline")),
		table("gaps", `pipeline text, topic text, "partition" integer, from_offset bigint, to_offset bigint, reason text, detail text, old_topic_id text, new_topic_id text, policy text,
			recorded_at timestamp with time zone`),
		table("positions", "consumer_model text, input_relation text, frontier text, plan_fingerprint text, batch bigint, updated_at timestamp with time zone"+key("consumer_model, input_relation")),
		table("schemas", "pipeline text, subject text, id integer, version integer, verdict text, detail text, ddl text, batch bigint, recorded_at timestamp with time zone"),
	}, append(eventTimeTables(table, key), sinkTables(table, key)...)...)
}

// Create makes the ledger's schema and tables where they are not there yet.
func (l *Ledger) Create(ctx context.Context, c adapters.Conn) error {
	return Retry(ctx, func() error { return Within(ctx, c, func() error { return l.create(ctx, c) }) })
}

func (l *Ledger) create(ctx context.Context, c adapters.Conn) error {
	if l.engine == "postgres" {
		// CREATE … IF NOT EXISTS of two sessions at once can still collide.
		if _, _, err := c.Execute(ctx, "select pg_advisory_xact_lock(7316047212)", true, 1); err != nil {
			return err
		}
	}
	schema := l.Relation("owner").WithInclude(relation.Policy{Database: l.engine == "duckdb", Schema: true}).Render()
	for _, sql := range append([]string{"create schema if not exists " + schema}, l.ddl()...) {
		if _, _, err := c.Execute(ctx, sql, false, -1); err != nil {
			return err
		}
	}
	return nil
}

// Within runs do inside a transaction, which an error rolls back.
func Within(ctx context.Context, c adapters.Conn, do func() error) error {
	if err := Begin(ctx, c); err != nil {
		return err
	}
	if err := do(); err != nil {
		return errors.Join(err, c.Rollback(ctx))
	}
	return c.Commit(ctx)
}

// Begin opens a transaction. A connection that has committed once may commit statement by
// statement afterwards, as dbt's do; rolling back ends that.
func Begin(ctx context.Context, c adapters.Conn) error {
	if err := c.Rollback(ctx); err != nil {
		return err
	}
	return c.Begin(ctx)
}

// Owner is this process's claim to a stream.
type Owner struct {
	Pipeline  string
	ID        string
	Epoch     int64
	LastBatch int64
	Shares    *Shares // of one of several owners; nil for a single one
}

// Claim makes this process the owner of a stream. Whoever owned it before can commit nothing more.
func (l *Ledger) Claim(ctx context.Context, c adapters.Conn, pipeline, id string, now time.Time) (*Owner, error) {
	o := &Owner{Pipeline: pipeline, ID: id}
	where := " where pipeline = " + text(pipeline) + " and shard = 0"
	err := l.taking(ctx, c, func() error {
		n, err := affected(ctx, c, "update "+l.name("owner")+" set epoch = epoch + 1, owner_id = "+text(id)+", updated_at = "+moment(now)+
			", last_batch = greatest(last_batch, (select max(last_batch) from "+l.name("owner")+" where pipeline = "+text(pipeline)+"))"+where)
		if err != nil {
			return err
		}
		if n == 0 {
			if _, err := affected(ctx, c, "insert into "+l.name("owner")+" (pipeline, shard, epoch, owner_id, last_batch, updated_at) values ("+
				text(pipeline)+", 0, 1, "+text(id)+", 0, "+moment(now)+")"); err != nil {
				return err
			}
		}
		rows, err := query(ctx, c, "select epoch, last_batch from "+l.name("owner")+where)
		if err != nil {
			return err
		}
		if len(rows) != 1 {
			return fmt.Errorf("the ledger has %d owners of %s", len(rows), pipeline)
		}
		o.Epoch, o.LastBatch = Int(rows[0][0]), Int(rows[0][1])
		return nil
	})
	return o, err
}

// hold takes the owner row for the transaction and gives the next batch its number.
func (l *Ledger) hold(ctx context.Context, c adapters.Conn, o *Owner, step int64, now time.Time) error {
	if o.Shares != nil {
		return l.share(ctx, c, o)
	}
	return carryOut(ctx, c, l.held(o, step, now))
}

// held changes the owner row of a single owner, which takes it.
func (l *Ledger) held(o *Owner, step int64, now time.Time) change {
	return change{"update " + l.name("owner") + " set last_batch = " + num(o.LastBatch+step) + ", updated_at = " + moment(now) +
		" where pipeline = " + text(o.Pipeline) + " and shard = 0 and epoch = " + num(o.Epoch) + " and last_batch = " + num(o.LastBatch), 1, ErrFenced}
}

// patience is how long what passes is waited for: a server's restart with its recovery passes.
const patience = 30 * time.Second

// Retry repeats what failed for a reason that passes, such as a conflict with another transaction or
// a server that restarts.
func Retry(ctx context.Context, do func() error) error {
	wait := 5 * time.Millisecond
	start := time.Now()
	for n := 0; ; n++ {
		err := do()
		var db *adapters.DatabaseError
		if err == nil || !errors.As(err, &db) {
			return err
		}
		switch {
		case db.Fault == adapters.FaultTransient && time.Since(start) < patience:
		case db.Code == "23505" && n < 8: // another process made the same row first; the next look finds it
		default:
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
			wait = min(2*wait, time.Second)
		}
	}
}

func affected(ctx context.Context, c adapters.Conn, sql string) (int64, error) {
	r, _, err := c.Execute(ctx, sql, false, -1)
	return r.RowsAffected, err
}

func query(ctx context.Context, c adapters.Conn, sql string) ([][]value.Value, error) {
	_, t, err := c.Execute(ctx, sql, true, -1)
	if err != nil {
		return nil, err
	}
	return t.Rows, nil
}

// Query runs a query over the ledger; {name} stands for the ledger's table of that name.
// No transaction stays open behind it.
func (l *Ledger) Query(ctx context.Context, c adapters.Conn, sql string) (*agate.Table, error) {
	_, t, err := c.Execute(ctx, l.expand(sql), true, -1)
	if !c.InTransaction() {
		err = errors.Join(err, c.Rollback(ctx))
	}
	return t, err
}

func (l *Ledger) expand(sql string) string {
	for _, t := range []string{"owner", "offsets", "batches", "quarantine", "gaps", "positions", "paused", "partition_times", "event_time", "published", "sinks", "schemas"} {
		sql = strings.ReplaceAll(sql, "{"+t+"}", l.name(t))
	}
	return sql
}

func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func num(n int64) string { return strconv.FormatInt(n, 10) }

func moment(t time.Time) string {
	if t.IsZero() {
		return "null"
	}
	return "'" + t.UTC().Format("2006-01-02 15:04:05.999999") + "+00'::timestamp with time zone"
}

// Int is a whole number of a query's answer, which some engines give as text; 0 for anything else.
func Int(v value.Value) int64 {
	if n, ok := v.AsInt(); ok {
		return n
	}
	n, err := strconv.ParseInt(value.Str(v), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

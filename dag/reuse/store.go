package reuse

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag/run"
)

// Schema and Table name the table of records in the target's database.
const (
	Schema = "_millrace"
	Table  = "fingerprints"
)

// record is what decided a node's result when it last succeeded.
type record struct {
	Node     string            `json:"node"`
	Build    string            `json:"-"`        // names the success; another success has another one
	Parts    map[string]string `json:"parts"`    // what the node is made by: hashes of its code, its configuration, …
	Inputs   map[string]string `json:"inputs"`   // what it is made from: versions by unique_id
	Identity string            `json:"identity"` // of its relation, "" for tests
	Settled  bool              `json:"settled"`  // a further run over the same would change nothing

	grown       bool   // the run adds to a table that is there
	readsItself bool   // its code reads the table that it changes
	countBefore string // rows of a table that is run over the same inputs again
	before      string // build of that table: it stays the name of its rows if none changes
}

// key names the record of a node: by its relation, so that no two projects or targets have the
// same relation and different records.
func key(n *manifest.Node) string {
	return n.Database + "." + n.Schema + "." + n.Alias + map[bool]string{true: " test"}[n.ResourceType == manifest.Test]
}

// store keeps records in the database, on a connection of its own: what it writes is committed
// apart from what nodes do.
type store struct {
	session  *run.Session
	database string
	relation *relation.Relation
	now      func() time.Time

	mu   sync.Mutex
	conn adapters.Conn
}

func newStore(s *run.Session) *store {
	out := &store{session: s, now: s.Clock}
	if s.Credentials != nil {
		out.database = s.Credentials.Database()
	}
	if out.now == nil {
		out.now = time.Now
	}
	out.relation = s.Driver.Dialect().New(out.database, Schema, Table, relation.Table)
	return out
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	c := s.conn
	s.conn = nil
	return c.Close()
}

// do runs work in a transaction of the store's connection, again when another transaction is in its way.
func (s *store) do(ctx context.Context, work func(c adapters.Conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		c, err := s.session.Engine.Conn(ctx, Table)
		if err != nil {
			return err
		}
		s.conn = c
	}
	return ledger.Retry(ctx, func() error { return ledger.Within(ctx, s.conn, func() error { return work(s.conn) }) })
}

// rows runs a query.
func (s *store) rows(ctx context.Context, sql string) (rows [][]value.Value, err error) {
	err = s.do(ctx, func(c adapters.Conn) error {
		_, t, err := c.Execute(ctx, sql, true, -1)
		if err == nil {
			rows = t.Rows
		}
		return err
	})
	return rows, err
}

// ask runs the query that a macro writes.
func (s *store) ask(ctx context.Context, db run.Database, macro string, args ...value.Value) ([][]value.Value, error) {
	sql, err := db.RunMacro(macro, "", value.Args{Pos: args})
	if err != nil {
		return nil, err
	}
	return s.rows(ctx, value.Str(sql))
}

// row is the first row of an answer as one text, "" without one.
func (s *store) row(ctx context.Context, db run.Database, macro string, args ...value.Value) (string, error) {
	rows, err := s.ask(ctx, db, macro, args...)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	texts := make([]string, len(rows[0]))
	for i, v := range rows[0] {
		texts[i] = value.Str(v)
	}
	return strings.Join(texts, " "), nil
}

func (s *store) statement(ctx context.Context, statements ...string) error {
	return s.do(ctx, func(c adapters.Conn) error {
		for _, sql := range statements {
			if _, _, err := c.Execute(ctx, sql, false, -1); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *store) exists(ctx context.Context, db run.Database) (bool, error) {
	rows, err := s.ask(ctx, db, "get_fingerprints_exist_sql", s.relation.Value())
	if err != nil {
		return false, fmt.Errorf("looking for %s: %w", s.relation.Render(), err)
	}
	n, _ := rows[0][0].AsInt()
	return n > 0, nil
}

func (s *store) create(ctx context.Context, db run.Database) error {
	err := s.statement(ctx,
		"create schema if not exists "+s.relation.WithInclude(relation.Policy{Database: s.session.Driver.Name() == "duckdb", Schema: true}).Render(),
		"create table if not exists "+s.relation.Render()+" (relation text, build text, record text, recorded_at timestamp with time zone)")
	if err == nil {
		return nil
	}
	// Another process may have made it in between.
	if there, e := s.exists(ctx, db); e == nil && there {
		return nil
	}
	return fmt.Errorf("the table of fingerprints cannot be made, which --skip-unchanged needs: %w", err)
}

func (s *store) load(ctx context.Context) (map[string]*record, error) {
	rows, err := s.rows(ctx, "select relation, build, record from "+s.relation.Render())
	if err != nil {
		return nil, err
	}
	out := make(map[string]*record, len(rows))
	for _, row := range rows {
		r := &record{Build: value.Str(row[1])}
		name := value.Str(row[0])
		if _, twice := out[name]; twice || json.Unmarshal([]byte(value.Str(row[2])), r) != nil {
			r = nil // two processes have built it at once, or somebody wrote here: nothing is known
		}
		out[name] = r
	}
	return out, nil
}

// forget removes what is known of nodes. An error has to keep them from being built: what is
// known of them would be taken for true.
func (s *store) forget(ctx context.Context, keys ...string) error {
	const step = 1000
	var statements []string
	for ; len(keys) > 0; keys = keys[min(step, len(keys)):] {
		texts := make([]string, min(step, len(keys)))
		for i := range texts {
			texts[i] = literal(keys[i])
		}
		statements = append(statements, "delete from "+s.relation.Render()+" where relation in ("+strings.Join(texts, ", ")+")")
	}
	if err := s.statement(ctx, statements...); err != nil {
		return fmt.Errorf("what %s knows of the nodes that are built next cannot be removed: %w", s.relation.Render(), err)
	}
	return nil
}

func (s *store) keep(ctx context.Context, key string, r *record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.statement(ctx, "insert into "+s.relation.Render()+" (relation, build, record, recorded_at) values ("+
		strings.Join([]string{literal(key), literal(r.Build), literal(string(text)), literal(s.now().UTC().Format("2006-01-02 15:04:05.000000+00"))}, ", ")+")")
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

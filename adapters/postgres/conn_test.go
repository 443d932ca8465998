package postgres

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

func engineWith(t *testing.T, more map[string]value.Value) adapters.Engine {
	t.Helper()
	needServer(t)
	output := server.Profile("public")
	for k, v := range more {
		output.SetString(k, v)
	}
	creds, err := Driver{}.Credentials(output)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Driver{}.Open(context.Background(), creds)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func conned(t *testing.T, e adapters.Engine, name string) adapters.Conn {
	t.Helper()
	c, err := e.Conn(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func do(t *testing.T, c adapters.Conn, sql string) *agate.Table {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, table, err := c.Execute(ctx, sql, true, -1)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return table
}

func cell(t *testing.T, c adapters.Conn, sql string) string {
	t.Helper()
	return value.Str(do(t, c, sql).Rows[0][0])
}

func closed(t *testing.T, c adapters.Conn) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestWhatIsCommitted: the rules that macros count on.
func TestWhatIsCommitted(t *testing.T) {
	ctx := context.Background()
	e := engineWith(t, nil)
	look := conned(t, e, "look")
	defer closed(t, look)
	exists := func(name string) bool {
		t.Helper()
		found := cell(t, look, "select count(*) from pg_class where relname = '"+name+"'")
		if err := look.Rollback(ctx); err != nil {
			t.Fatal(err)
		}
		return found == "1"
	}
	for _, tc := range []struct {
		name  string
		steps func(adapters.Conn)
		kept  bool
	}{
		{"w_statement_alone", func(adapters.Conn) {}, false},
		{"w_commit_text", func(c adapters.Conn) { do(t, c, "commit") }, true},
		{"w_commit", func(c adapters.Conn) { check(t, c.Commit(ctx)) }, true},
		{"w_begin_commit_rollback", func(c adapters.Conn) { check(t, c.Begin(ctx)); check(t, c.Commit(ctx)); check(t, c.Rollback(ctx)) }, true},
		{"w_rollback", func(c adapters.Conn) { check(t, c.Rollback(ctx)) }, false},
	} {
		c := conned(t, e, tc.name)
		do(t, c, "create table "+tc.name+" (a int)")
		tc.steps(c)
		closed(t, c)
		if exists(tc.name) != tc.kept {
			t.Errorf("%s: kept %t, want %t", tc.name, !tc.kept, tc.kept)
		}
	}
	// After a commit the connection does not begin again: statements commit on their own,
	// and those that refuse transactions work. A rollback starts over.
	c := conned(t, e, "after")
	do(t, c, "create table w_first (a int)")
	check(t, c.Commit(ctx))
	do(t, c, "vacuum w_first")
	do(t, c, "create table w_after (a int)")
	check(t, c.Begin(ctx))
	do(t, c, "create table w_flagged (a int)")
	check(t, c.Rollback(ctx))
	do(t, c, "create table w_again (a int)")
	closed(t, c)
	for name, want := range map[string]bool{"w_after": true, "w_flagged": true, "w_again": false} {
		if exists(name) != want {
			t.Errorf("%s: exists %t, want %t", name, !want, want)
		}
	}
	// A failed transaction cannot be committed.
	c = conned(t, e, "failed")
	check(t, c.Begin(ctx))
	do(t, c, "create table w_failed (a int)")
	if _, _, err := c.Execute(ctx, "select nope", false, -1); err == nil {
		t.Fatal("no error")
	}
	if err := c.Commit(ctx); err == nil || !strings.Contains(err.Error(), "rolled back") {
		t.Error(err)
	}
	closed(t, c)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAutocommit(t *testing.T) {
	ctx := context.Background()
	e := engineWith(t, map[string]value.Value{"autocommit": value.True})
	c := conned(t, e, "a")
	check(t, c.Begin(ctx))
	if !c.InTransaction() {
		t.Error("Begin is remembered")
	}
	do(t, c, "create table autocommitted (a int)")
	check(t, c.Rollback(ctx))
	if cell(t, c, "select count(*) from autocommitted") != "0" {
		t.Error("not kept")
	}
	closed(t, c)
}

// TestConnectionsAreReused, and nothing of one node is seen by the next.
func TestConnectionsAreReused(t *testing.T) {
	ctx := context.Background()
	e := engineWith(t, map[string]value.Value{"search_path": value.String("pg_catalog, public"), "application_name": value.String("my app"), "keepalives_idle": value.Int(30)})
	c := conned(t, e, "one")
	id := c.ID()
	do(t, c, "create temporary table tmp (a int); set work_mem = '1MB'; set search_path = pg_catalog; commit")
	closed(t, c)
	closed(t, c)
	c = conned(t, e, "two")
	defer closed(t, c)
	if c.ID() != id {
		t.Errorf("connection %s, then %s", id, c.ID())
	}
	if cell(t, c, "select count(*) from pg_class where relname = 'tmp'") != "0" || cell(t, c, "show work_mem") == "1MB" ||
		cell(t, c, "show search_path") != "pg_catalog, public" || cell(t, c, "show application_name") != "my app" {
		t.Error("the session was not reset")
	}
	other := conned(t, e, "three")
	defer closed(t, other)
	if other.ID() == id {
		t.Error("two nodes on one connection")
	}
	// A connection that the server has ended is replaced.
	lost := conned(t, e, "lost")
	pid := lost.ID()
	closed(t, lost)
	do(t, other, "select pg_terminate_backend("+pid+")")
	time.Sleep(50 * time.Millisecond)
	fresh := conned(t, e, "fresh")
	defer closed(t, fresh)
	if fresh.ID() == pid || cell(t, fresh, "select 1") != "1" {
		t.Error("a dead connection was handed out")
	}
	check(t, c.Rollback(ctx))
}

func TestRole(t *testing.T) {
	e := engineWith(t, nil)
	c := conned(t, e, "setup")
	do(t, c, "drop role if exists analyst; create role analyst; commit")
	closed(t, c)
	e = engineWith(t, map[string]value.Value{"role": value.String("analyst")})
	for range 2 { // also on a connection that is used again
		c = conned(t, e, "x")
		if cell(t, c, "select current_user") != "analyst" {
			t.Error("the role is not set")
		}
		closed(t, c)
	}
}

func TestFaults(t *testing.T) {
	ctx := context.Background()
	e := engineWith(t, nil)
	setup := conned(t, e, "setup")
	do(t, setup, "drop table if exists faults; create table faults (id int, n int); insert into faults values (1, 0), (2, 0); commit")
	closed(t, setup)
	a, b := conned(t, e, "a"), conned(t, e, "b")
	fault := func(err error) adapters.Fault {
		t.Helper()
		var de *adapters.DatabaseError
		if !errors.As(err, &de) {
			t.Fatalf("got %v", err)
		}
		return de.Fault
	}
	// Serialization failure.
	for _, c := range []adapters.Conn{a, b} {
		do(t, c, "set transaction isolation level serializable; select sum(n) from faults")
	}
	do(t, a, "update faults set n = n + 1 where id = 1")
	check(t, a.Commit(ctx))
	_, _, err := b.Execute(ctx, "update faults set n = n + 1 where id = 1", false, -1)
	if fault(err) != adapters.FaultTransient {
		t.Error(err)
	}
	check(t, a.Rollback(ctx))
	check(t, b.Rollback(ctx))
	// Deadlock: one of the two is told.
	do(t, a, "update faults set n = 1 where id = 1")
	do(t, b, "update faults set n = 1 where id = 2")
	done := make(chan error, 1)
	go func() {
		_, _, err := a.Execute(ctx, "update faults set n = 1 where id = 2", false, -1)
		done <- err
	}()
	_, _, err = b.Execute(ctx, "update faults set n = 1 where id = 1", false, -1)
	if err != nil {
		check(t, b.Rollback(ctx)) // or the other one waits on
	}
	if other := <-done; other != nil {
		err = other
	}
	if fault(err) != adapters.FaultTransient {
		t.Error(err)
	}
	check(t, a.Rollback(ctx))
	check(t, b.Rollback(ctx))
	// A lost connection.
	do(t, b, "select pg_terminate_backend("+a.ID()+")")
	_, _, err = a.Execute(ctx, "select 1", true, -1)
	if fault(err) != adapters.FaultTransient {
		t.Error(err)
	}
	_, _, err = a.Execute(ctx, "select 1", true, -1)
	if fault(err) != adapters.FaultTransient {
		t.Error(err)
	}
	_ = a.Close()
	closed(t, b)
}

func TestNoConnection(t *testing.T) {
	needServer(t)
	for name, tc := range map[string]struct {
		key, want string
		val       value.Value
	}{
		"nobody listens": {"port", `port 1 failed`, value.Int(1)},
		"no database":    {"dbname", `database "no_such_database" does not exist`, value.String("no_such_database")},
		"no certificate": {"sslrootcert", "/no/such/file", value.String("/no/such/file")},
	} {
		output := server.Profile("public")
		output.SetString(tc.key, tc.val)
		if tc.key == "sslrootcert" {
			output.SetString("sslmode", value.String("verify-full"))
		}
		output.SetString("retries", value.Int(0))
		creds, err := Driver{}.Credentials(output)
		check(t, err)
		_, err = Driver{}.Open(context.Background(), creds)
		var de *adapters.DatabaseError
		if !errors.As(err, &de) || !strings.Contains(de.Message, tc.want) || strings.Contains(de.Message, "millrace ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	output := server.Profile("public")
	output.SetString("port", value.Int(1))
	output.SetString("retries", value.String("50"))
	creds, err := Driver{}.Credentials(output)
	check(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err = Driver{}.Open(ctx, creds)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || de.Fault != adapters.FaultCanceled {
		t.Error(err)
	}
}

func TestLoadIntoUnquotedNames(t *testing.T) {
	e := engineWith(t, nil)
	c := conned(t, e, "x")
	defer closed(t, c)
	do(t, c, `create table folded (Id int, "Kept" text, plain text)`)
	table := agate.New([]string{"ID", "Kept", "plain"}, [][]value.Value{{value.Int(1), value.String("a"), value.String("b")}})
	if _, err := c.Load(context.Background(), dialect.New("", "public", "folded", relation.Table), table.Names, table); err != nil {
		t.Fatal(err)
	}
	if got := cell(t, c, `select id || "Kept" || plain from folded`); got != "1ab" {
		t.Error(got)
	}
}

func TestQuerySchema(t *testing.T) {
	e := engineWith(t, nil)
	c := conned(t, e, "x")
	defer closed(t, c)
	cols, _, err := c.(*conn).QuerySchema(context.Background(), "select 1 as a, 'x'::varchar(3) as b, 'x'::text as c, 1.5::numeric(4,1) as d, gen_random_uuid() as e, now() as f, 1::bigint as g;")
	check(t, err)
	var got []string
	for _, col := range cols {
		got = append(got, col.Name+" "+col.DType)
	}
	if s := strings.Join(got, ", "); s != "a INTEGER, b TEXT, c TEXT, d DECIMAL, e unknown type_code 2950, f DATETIMETZ, g LONGINTEGER" {
		t.Error(s)
	}
}

func TestNumbered(t *testing.T) {
	for sql, want := range map[string]string{
		"select 1":                 "select 1",
		"values (%s, %s)":          "values ($1, $2)",
		"select '100%%', %s":       "select '100%', $1",
		"select 5 % 2, %s where %": "select 5 % 2, $1 where %",
	} {
		got, back := numbered(sql)
		if got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
		if back != nil {
			for _, mark := range []string{"select", "where"} {
				if i := strings.Index(got, mark); i >= 0 && back(i) != strings.Index(sql, mark) {
					t.Errorf("%s: %s is at %d", sql, mark, back(i))
				}
			}
		}
	}
}

func TestCredentials(t *testing.T) {
	base := func() *value.Dict {
		d := value.NewDict(8)
		for k, v := range map[string]value.Value{"host": value.String("h"), "user": value.String("u"), "pass": value.String("s3cret"), "port": value.String("5432"),
			"dbname": value.String("d"), "schema": value.String("s"), "threads": value.Int(4)} {
			d.SetString(k, v)
		}
		return d
	}
	c, err := Driver{}.Credentials(base())
	check(t, err)
	if c.Database() != "d" || c.Schema() != "s" || c.Threads() != 4 || c.UniqueField() != "h" {
		t.Errorf("%+v", c)
	}
	target := value.Repr(value.FromDict(c.Target()))
	if strings.Contains(target, "s3cret") || !strings.Contains(target, "'dbname': 'd'") || !strings.Contains(target, "'port': 5432") {
		t.Error(target)
	}
	for _, pair := range c.Describe() {
		if pair[1] == "s3cret" || pair[0] == "dbname" {
			t.Error(pair)
		}
	}
	for key, tc := range map[string]struct {
		val  value.Value
		want string
	}{
		"host":     {value.None, "'host' is a required property"},
		"port":     {value.Int(70000), "70000 is not a port number"},
		"database": {value.String("x"), `Got duplicate keys: (database, dbname) all map to "database"`},
		"retries":  {value.Int(-1), "retries: -1 is less than the minimum"},
		"schema":   {value.NewList(), "schema: [] is not of type 'string'"},
	} {
		d := base()
		d.SetString(key, tc.val)
		if _, err := (Driver{}).Credentials(d); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func FuzzValues(f *testing.F) {
	for _, s := range []string{`{1,NULL,"a\"b",{2}}`, "[0:1]={7,8}", "1 year -2 mons 03:04:05.6", "{", `{"`, `\xzz`, "NaN", "24:00:00", "2020-01-02 03:04:05+05:30:15"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for oid := range arrayElements {
			decoderFor(oid)(s)
		}
		for _, d := range scalarDecoders {
			d(s)
		}
		text, back := numbered(s)
		if back != nil && (back(len(text)) < 0 || back(0) < 0) {
			t.Error(strconv.Quote(s))
		}
		if n := byteOffset(s, len(s)); n > len(s) {
			t.Error(n)
		}
		excerpt(s, byteOffset(s, len(s)/2))
	})
}

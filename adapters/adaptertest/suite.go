// Package adaptertest is the conformance suite that every engine must pass. It is
// exported for engines outside of this repository.
package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Harness is one engine under test. All engines that Open gives see the same database,
// in which Schema exists and may be filled with tables.
type Harness struct {
	Driver adapters.Driver
	Open   func(t *testing.T) (adapters.Engine, adapters.Credentials)
	Schema string
	// Profile is the profile output that Open uses.
	Profile *value.Dict
	// Types are expressions of the engine's types with what they become.
	Types []TypeCase
	// Slow is a query that runs for a minute or more if nobody stops it.
	Slow string
	// Placeholder is the n-th placeholder of bindings, from 1.
	Placeholder func(n int) string
	// MissingTable is the code of the error for a table that does not exist.
	MissingTable string
	// ImplicitTransactions: statements outside of Begin are lost when the connection closes.
	ImplicitTransactions bool
}

// TypeCase is one type.
type TypeCase struct {
	Expr string // "cast(1.50 as decimal(10,2))"
	Type string // what Describe says; "" is not compared
	Want string // repr() of the cell; the table's column has made it uniform
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	for _, test := range []struct {
		name string
		fn   func(*testing.T, Harness)
	}{
		{"Execute", testExecute}, {"Limit", testLimit}, {"Several statements", testSeveral}, {"Types", testTypes},
		{"Describe", testDescribe}, {"Transactions", testTransactions}, {"Close rolls back", testCloseRollsBack},
		{"Load", testLoad}, {"Load is transactional", testLoadRollback}, {"Load error", testLoadError},
		{"Bindings", testBindings}, {"Errors", testErrors}, {"Connection survives errors", testSurvives},
		{"Cancel", testCancel}, {"Concurrent nodes", testConcurrent}, {"Bridge", testBridge}, {"Macros", testMacros},
	} {
		t.Run(test.name, func(t *testing.T) { test.fn(t, h) })
	}
}

// patience ends a statement that waits for a lock for ever.
const patience = 30 * time.Second

func connect(t *testing.T, h Harness) adapters.Conn {
	t.Helper()
	e, _ := h.Open(t)
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := e.Conn(context.Background(), "test."+t.Name())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func closing(t *testing.T, c interface{ Close() error }) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

func run(t *testing.T, c adapters.Conn, sql string) adapters.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, _, err := c.Execute(ctx, sql, false, -1)
	if err != nil {
		t.Fatalf("%s\n%v", sql, err)
	}
	return r
}

func fetch(t *testing.T, c adapters.Conn, sql string) *agate.Table {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, table, err := c.Execute(ctx, sql, true, -1)
	if err != nil {
		t.Fatalf("%s\n%v", sql, err)
	}
	return table
}

// show writes rows as text, one a line.
func show(table *agate.Table) string {
	var b strings.Builder
	for _, row := range table.Rows {
		for i, v := range row {
			if i > 0 {
				b.WriteString("|")
			}
			b.WriteString(value.Str(v))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (h Harness) table(name string) *relation.Relation {
	return h.Driver.Dialect().New("", h.Schema, name, relation.Table)
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("got:\n%s\nwant:\n%s", got, want)
	}
}

func testExecute(t *testing.T, h Harness) {
	c := connect(t, h)
	r, table, err := c.Execute(context.Background(), "select 1 as a, 'x' as b union all select 2, null order by 1", true, -1)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, strings.Join(table.Names, ","), "a,b")
	expect(t, show(table), "1|x\n2|None\n")
	if r.Message == "" || r.Elapsed <= 0 {
		t.Fatalf("response %+v", r)
	}
	_, table, err = c.Execute(context.Background(), "select 1 as a", false, -1)
	if err != nil || len(table.Names) != 0 {
		t.Fatalf("without fetch: %v %v", table, err)
	}
	if c.ID() == "" {
		t.Fatal("a connection has an ID")
	}
	rel := h.table("exec_rows")
	run(t, c, "create table "+rel.Render()+" as select 1 as a union all select 2 union all select 3")
	if r := run(t, c, "delete from "+rel.Render()+" where a > 1"); r.RowsAffected != 2 {
		t.Fatalf("rows affected: %+v", r)
	}
	run(t, c, "drop table "+rel.Render())
}

func testLimit(t *testing.T, h Harness) {
	c := connect(t, h)
	for _, limit := range []int{0, 1, 4000, 5000, 9000, -1} {
		_, table, err := c.Execute(context.Background(), "select * from generate_series(1, 9000) as g(n) order by 1", true, limit)
		if err != nil {
			t.Fatal(err)
		}
		want := limit
		if limit < 0 {
			want = 9000
		}
		if len(table.Rows) != want {
			t.Fatalf("limit %d: %d rows", limit, len(table.Rows))
		}
	}
	// The connection is usable after a result that was not read to its end.
	expect(t, show(fetch(t, c, "select 7")), "7\n")
}

func testSeveral(t *testing.T, h Harness) {
	c := connect(t, h)
	rel := h.table("several").Render()
	table := fetch(t, c, "create table "+rel+" (a int); insert into "+rel+" values (1), (2); -- a remark; with a semicolon\nselect sum(a) as total from "+rel+";")
	expect(t, show(table), "3\n")
	run(t, c, "drop table "+rel)
	// Nothing but a comment is no error.
	if _, _, err := c.Execute(context.Background(), "-- nothing here\n", true, -1); err != nil {
		t.Fatal(err)
	}
}

func testTypes(t *testing.T, h Harness) {
	c := connect(t, h)
	for _, tc := range h.Types {
		_, table, err := c.Execute(context.Background(), "select "+tc.Expr+" as x", true, -1)
		if err != nil {
			t.Errorf("%s: %v", tc.Expr, err)
			continue
		}
		if got := value.Repr(table.Rows[0][0]); got != tc.Want {
			t.Errorf("%s: got %s, want %s", tc.Expr, got, tc.Want)
		}
	}
}

func testDescribe(t *testing.T, h Harness) {
	c := connect(t, h)
	for _, tc := range h.Types {
		if tc.Type == "" {
			continue
		}
		cols, err := c.Describe(context.Background(), "-- first a remark\nselect "+tc.Expr+" as x -- and one more")
		if err != nil {
			t.Errorf("%s: %v", tc.Expr, err)
			continue
		}
		if len(cols) != 1 || cols[0].Name != "x" || cols[0].DType != tc.Type {
			t.Errorf("%s: got %+v, want %s", tc.Expr, cols[0], tc.Type)
		}
	}
	if _, err := c.Describe(context.Background(), "select nope from nowhere"); err == nil {
		t.Error("a query of an unknown table was described")
	}
	if err := c.Rollback(context.Background()); err != nil {
		t.Fatal(err)
	}
	// Describing runs nothing.
	start := time.Now()
	if _, err := c.Describe(context.Background(), h.Slow); err != nil || time.Since(start) > 10*time.Second {
		t.Errorf("describing a slow query took %s: %v", time.Since(start), err)
	}
}

func testTransactions(t *testing.T, h Harness) {
	ctx := context.Background()
	c := connect(t, h)
	rel := h.table("tx").Render()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if c.InTransaction() {
		t.Fatal("a new connection is in a transaction")
	}
	must(c.Commit(ctx))
	must(c.Rollback(ctx))
	must(c.Begin(ctx))
	must(c.Begin(ctx))
	if !c.InTransaction() {
		t.Fatal("Begin opened no transaction")
	}
	run(t, c, "create table "+rel+" (a int)")
	run(t, c, "insert into "+rel+" values (1)")
	must(c.Rollback(ctx))
	if c.InTransaction() {
		t.Fatal("Rollback left the transaction open")
	}
	if _, _, err := c.Execute(ctx, "select * from "+rel, true, -1); err == nil {
		t.Fatal("DDL was not rolled back")
	}
	must(c.Rollback(ctx))
	must(c.Begin(ctx))
	run(t, c, "create table "+rel+" (a int)")
	run(t, c, "alter table "+rel+" rename to tx_renamed")
	must(c.Commit(ctx))
	other := connect(t, h)
	expect(t, show(fetch(t, other, "select count(*) from "+h.table("tx_renamed").Render())), "0\n")
	must(other.Rollback(ctx)) // or it keeps its lock, where reading opens a transaction
	run(t, c, "drop table "+h.table("tx_renamed").Render())
}

func testCloseRollsBack(t *testing.T, h Harness) {
	ctx := context.Background()
	e, _ := h.Open(t)
	defer closing(t, e)
	rel := h.table("lost").Render()
	c, err := e.Conn(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	run(t, c, "create table "+rel+" (a int)")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c, err = e.Conn(ctx, "two")
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t, c)
	if c.InTransaction() {
		t.Fatal("the next node got a connection with an open transaction")
	}
	if _, _, err := c.Execute(ctx, "select * from "+rel, true, -1); err == nil {
		t.Fatal("what was not committed is there")
	}
}

func sampleRows(t *testing.T) *agate.Table {
	t.Helper()
	csv := "id,name,price,active,born,seen,big,note\n" +
		"1,plain,1.50,true,2020-02-29,2020-01-02 03:04:05,9007199254740993,\n" +
		"2,\"tab\there, \"\"quotes\"\" \\ and\nnewline\",-0.001,false,0099-01-01,2020-01-02 03:04:05.678901,-1,null\n" +
		"3,Grüße 世界 🦆,,,,,,x\n"
	table, err := agate.ReadCSV(strings.NewReader(csv), agate.CSVOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

const sampleColumns = "id integer, name text, price decimal(12,3), active boolean, born date, seen timestamp, big bigint, note varchar(10)"

func testLoad(t *testing.T, h Harness) {
	ctx := context.Background()
	c := connect(t, h)
	rel := h.table("loaded")
	run(t, c, "create table "+rel.Render()+" ("+sampleColumns+")")
	table := sampleRows(t)
	n, err := c.Load(ctx, rel, table.Names, table)
	if err != nil || n != 3 {
		t.Fatalf("%d rows: %v", n, err)
	}
	text := "select id, name, cast(price as varchar), cast(active as varchar), cast(born as varchar), cast(seen as varchar), big, note from " + rel.Render() + " order by id"
	expect(t, show(fetch(t, c, text)), "1|plain|1.500|true|2020-02-29|2020-01-02 03:04:05|9007199254740993|None\n"+
		"2|tab\there, \"quotes\" \\ and\nnewline|-0.001|false|0099-01-01|2020-01-02 03:04:05.678901|-1|None\n"+
		"3|Grüße 世界 🦆|None|None|None|None|None|x\n")
	// Text is cast to whatever the column is; columns may be fewer and in another order.
	other := h.table("loaded_text")
	run(t, c, "create table "+other.Render()+" (d date, n integer, b boolean, \"Odd \"\"name\" double precision, extra int default 7)")
	words := agate.NewTyped([]string{"n", "d", "b", `Odd "name`}, []agate.Type{agate.Text, agate.Text, agate.Text, agate.Text},
		[][]value.Value{{value.String("42"), value.String("2021-03-04"), value.String("true"), value.String("1e3")}, {value.None, value.None, value.None, value.None}})
	if _, err := c.Load(ctx, other, words.Names, words); err != nil {
		t.Fatal(err)
	}
	expect(t, show(fetch(t, c, "select cast(d as varchar), n, cast(b as varchar), cast(\"Odd \"\"name\" as integer), extra from "+other.Render()+" order by n nulls last")),
		"2021-03-04|42|true|1000|7\nNone|None|None|None|7\n")
	// Many rows, across the boundaries of chunks.
	rows := make([][]value.Value, 10000)
	for i := range rows {
		rows[i] = []value.Value{value.Int(int64(i)), value.String(fmt.Sprintf("row %d, which is longer than a short string", i))}
		if i%7 == 0 {
			rows[i][1] = value.None
		}
	}
	many := h.table("loaded_many")
	run(t, c, "create table "+many.Render()+" (i bigint, s text)")
	if _, err := c.Load(ctx, many, []string{"i", "s"}, agate.NewTyped([]string{"i", "s"}, []agate.Type{agate.Integer, agate.Text}, rows)); err != nil {
		t.Fatal(err)
	}
	expect(t, show(fetch(t, c, "select count(*), sum(i), count(s), max(length(s)) from "+many.Render())), "10000|49995000|8571|45\n")
	run(t, c, "drop table "+rel.Render()+"; drop table "+other.Render()+"; drop table "+many.Render())
}

func testLoadRollback(t *testing.T, h Harness) {
	ctx := context.Background()
	c := connect(t, h)
	rel := h.table("load_tx")
	run(t, c, "create table "+rel.Render()+" ("+sampleColumns+")")
	if h.ImplicitTransactions {
		if err := c.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		if err := c.Rollback(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	table := sampleRows(t)
	if _, err := c.Load(ctx, rel, table.Names, table); err != nil {
		t.Fatal(err)
	}
	expect(t, show(fetch(t, c, "select count(*) from "+rel.Render())), "3\n")
	if err := c.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	expect(t, show(fetch(t, c, "select count(*) from "+rel.Render())), "0\n")
	run(t, c, "drop table "+rel.Render())
}

func testLoadError(t *testing.T, h Harness) {
	ctx := context.Background()
	c := connect(t, h)
	rel := h.table("load_bad")
	if err := c.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	run(t, c, "create table "+rel.Render()+" (n integer)")
	bad := agate.NewTyped([]string{"n"}, []agate.Type{agate.Text}, [][]value.Value{{value.String("1")}, {value.String("not a number")}})
	_, err := c.Load(ctx, rel, bad.Names, bad)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || !strings.Contains(de.Message, "not a number") {
		t.Fatalf("got %v", err)
	}
	if err := c.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	expect(t, show(fetch(t, c, "select 1")), "1\n")
	if _, err := c.Load(ctx, h.table("does_not_exist"), bad.Names, bad); !errors.As(err, &de) {
		t.Fatalf("loading into nothing: %v", err)
	}
}

func testBindings(t *testing.T, h Harness) {
	ctx := context.Background()
	c := connect(t, h)
	rel := h.table("bound").Render()
	run(t, c, "create table "+rel+" (a integer, b text, c decimal(10,2), d date, e boolean)")
	p := make([]string, 5)
	for i := range p {
		p[i] = h.Placeholder(i + 1)
	}
	price, err := value.NewDecimal("12.50")
	if err != nil {
		t.Fatal(err)
	}
	insert := "insert into " + rel + " values (" + strings.Join(p, ", ") + ")"
	for _, row := range [][]value.Value{
		{value.Int(1), value.String("it's 100% 'quoted'"), price, value.NewDate(2020, 2, 3), value.True},
		{value.None, value.None, value.None, value.None, value.None},
	} {
		if _, err := c.Query(ctx, insert, row); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, show(fetch(t, c, "select a, b, cast(c as varchar), cast(d as varchar), cast(e as varchar) from "+rel+" order by a nulls last")),
		"1|it's 100% 'quoted'|12.50|2020-02-03|true\nNone|None|None|None|None\n")
	if _, err := c.Query(ctx, insert, []value.Value{value.Int(1)}); err == nil {
		t.Fatal("too few bindings were accepted")
	}
	if err := c.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if !h.ImplicitTransactions {
		run(t, c, "drop table "+rel)
	}
}

func testErrors(t *testing.T, h Harness) {
	ctx := context.Background()
	c := connect(t, h)
	for _, tc := range []struct{ sql, at, code string }{
		{"select 1 as a,\n  2 as b\nfrom no_such_table_here", "no_such_table_here", h.MissingTable},
		{"-- Grüße 世界\nselect 'ä' as x, no_such_column\nfrom (select 1 as a) t", "no_such_column", ""},
		{"select 1 frm x y z", "", ""},
		{"select 1;\nselect\n  'ß', missing_one + 1", "missing_one", ""},
		{"select " + strings.Repeat("1 + ", 60) + "missing_two + " + strings.Repeat("1 + ", 60) + "1", "missing_two", ""},
	} {
		_, _, err := c.Execute(ctx, tc.sql, true, -1)
		var de *adapters.DatabaseError
		if !errors.As(err, &de) {
			t.Errorf("%s: got %v", tc.sql, err)
			continue
		}
		if de.Fault != adapters.FaultQuery || de.Message == "" || de.SQL != tc.sql {
			t.Errorf("%s: %+v", tc.sql, de)
		}
		if tc.code != "" && de.Code != tc.code {
			t.Errorf("%s: code %q, want %q", tc.sql, de.Code, tc.code)
		}
		if tc.at != "" && de.Position != strings.Index(tc.sql, tc.at) {
			t.Errorf("%s: position %d, want %d\n%s", tc.sql, de.Position, strings.Index(tc.sql, tc.at), de.Message)
		}
		if err := c.Rollback(ctx); err != nil {
			t.Error(err)
		}
	}
}

func testSurvives(t *testing.T, h Harness) {
	ctx := context.Background()
	c := connect(t, h)
	for range 3 {
		if err := c.Begin(ctx); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Execute(ctx, "select * from nowhere_at_all", true, -1); err == nil {
			t.Fatal("no error")
		}
		if err := c.Rollback(ctx); err != nil {
			t.Fatal(err)
		}
		expect(t, show(fetch(t, c, "select 1")), "1\n")
	}
}

func testCancel(t *testing.T, h Harness) {
	c := connect(t, h)
	for _, begin := range []bool{false, true} {
		ctx, cancel := context.WithCancel(context.Background())
		if begin {
			if err := c.Begin(ctx); err != nil {
				t.Fatal(err)
			}
		}
		time.AfterFunc(100*time.Millisecond, cancel)
		start := time.Now()
		_, _, err := c.Execute(ctx, h.Slow, true, -1)
		var de *adapters.DatabaseError
		if !errors.As(err, &de) || de.Fault != adapters.FaultCanceled {
			t.Fatalf("got %v after %s", err, time.Since(start))
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Fatalf("canceling took %s", d)
		}
		if err := c.Rollback(ctx); err != nil { // also with the context over
			t.Fatal(err)
		}
		expect(t, show(fetch(t, c, "select 1")), "1\n")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := c.Execute(ctx, "select 1", true, -1); err == nil {
		t.Fatal("a statement ran after its context had ended")
	}
}

// testConcurrent runs as many nodes as a run has threads, each with its own connection.
func testConcurrent(t *testing.T, h Harness) {
	ctx := context.Background()
	e, _ := h.Open(t)
	defer closing(t, e)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 4 {
				if err := buildNode(ctx, e, h, fmt.Sprintf("node_%d_%d", i, k)); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
}

func buildNode(ctx context.Context, e adapters.Engine, h Harness, name string) (err error) {
	c, err := e.Conn(ctx, "model.test."+name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	rel, tmp := h.table(name), h.table(name+"__dbt_tmp")
	for _, step := range []func() error{
		func() error { return c.Begin(ctx) },
		func() error {
			_, _, err := c.Execute(ctx, "create table "+tmp.Render()+" as select * from generate_series(1, 1000) as g(n)", false, -1)
			return err
		},
		func() error {
			_, _, err := c.Execute(ctx, "alter table "+tmp.Render()+" rename to "+name, false, -1)
			return err
		},
		func() error { return c.Commit(ctx) },
		func() error {
			_, table, err := c.Execute(ctx, "select count(*) from "+rel.Render(), true, -1)
			if err == nil && show(table) != "1000\n" {
				return fmt.Errorf("%s has %s rows", name, show(table))
			}
			return err
		},
		func() error { _, _, err := c.Execute(ctx, "drop table "+rel.Render(), false, -1); return err },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

package adapters

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// fake is a driver, its engine and its only connection; it writes down what happens.
type fake struct {
	log     []string
	surface *Surface
	fail    error
	result  *agate.Table
	open    bool
	columns []*relation.Column
}

var fakeDialect = &relation.Dialect{Name: "fake", Quote: '"',
	Quoting: relation.Policy{Database: true, Schema: true, Identifier: true}, Include: relation.Policy{Database: true, Schema: true, Identifier: true}}

func (f *fake) Name() string                                 { return "fake" }
func (f *fake) Dialect() *relation.Dialect                   { return fakeDialect }
func (f *fake) Macros() []project.Internal                   { return nil }
func (f *fake) Credentials(*value.Dict) (Credentials, error) { return fakeCreds{}, nil }
func (f *fake) Open(context.Context, Credentials) (Engine, error) {
	return f, nil
}
func (f *fake) Surface() *Surface {
	if f.surface == nil {
		return baseSurface
	}
	return f.surface
}

func (f *fake) note(format string, args ...any) { f.log = append(f.log, fmt.Sprintf(format, args...)) }

func (f *fake) Conn(_ context.Context, name string) (Conn, error) {
	f.note("connect %s", name)
	return fakeConn{f}, nil
}
func (f *fake) Close() error { return nil }

type fakeConn struct{ *fake }

func (c fakeConn) ID() string          { return "1" }
func (c fakeConn) InTransaction() bool { return c.open }
func (c fakeConn) Begin(context.Context) error {
	c.open = true
	c.note("begin")
	return nil
}
func (c fakeConn) Commit(context.Context) error {
	c.open = false
	c.note("commit")
	return nil
}
func (c fakeConn) Rollback(context.Context) error {
	c.open = false
	c.note("rollback")
	return nil
}
func (c fakeConn) Execute(_ context.Context, sql string, fetch bool, limit int) (Response, *agate.Table, error) {
	c.note("execute %q fetch=%t limit=%d", sql, fetch, limit)
	if c.fail != nil {
		return Response{}, nil, c.fail
	}
	table := c.result
	if table == nil {
		table = agate.Empty()
	}
	return Response{Message: "SELECT 1", Code: "SELECT", RowsAffected: 1}, table, nil
}
func (c fakeConn) Query(_ context.Context, sql string, b []value.Value) (Response, error) {
	c.note("query %q with %s", sql, value.Repr(value.NewList(b...)))
	return Response{Message: "INSERT 0 1"}, nil
}
func (c fakeConn) Describe(_ context.Context, sql string) ([]*relation.Column, error) {
	c.note("describe %q", sql)
	return c.columns, nil
}
func (c fakeConn) Load(_ context.Context, r *relation.Relation, columns []string, t *agate.Table) (int64, error) {
	c.note("load %s %v %d", r.Render(), columns, len(t.Rows))
	return int64(len(t.Rows)), nil
}
func (c fakeConn) Close() error {
	c.note("close")
	return nil
}

type fakeCreds struct{ transactionless bool }

func (fakeCreds) Database() string       { return "db" }
func (fakeCreds) Schema() string         { return "sch" }
func (fakeCreds) Threads() int           { return 1 }
func (fakeCreds) Target() *value.Dict    { return value.NewDict(0) }
func (fakeCreds) Describe() [][2]string  { return nil }
func (fakeCreds) UniqueField() string    { return "x" }
func (c fakeCreds) NoTransactions() bool { return c.transactionless }

// fakeMacros answers macros by name.
type fakeMacros map[string]func(value.Args) (value.Value, error)

func (m fakeMacros) RunMacro(name, _ string, args value.Args) (value.Value, error) {
	fn, ok := m[name]
	if !ok {
		return value.Undef, fmt.Errorf("no macro %s", name)
	}
	return fn(args)
}

type recorder struct{ events []event.Event }

func (r *recorder) Emit(e event.Event) { r.events = append(r.events, e) }

func (r *recorder) text() string {
	var b strings.Builder
	for _, e := range r.events {
		fmt.Fprintf(&b, "%s %s %s: %s\n", e.Level, e.Code, e.Name, e.Msg)
	}
	return b.String()
}

type setup struct {
	*Bridge
	fake   *fake
	events *recorder
}

func newSetup(t *testing.T, f *fake, macros fakeMacros, change func(*BridgeOptions)) setup {
	t.Helper()
	s := setup{fake: f, events: &recorder{}}
	o := BridgeOptions{Driver: f, Credentials: fakeCreds{}, Engine: f, Macros: macros, Name: "model.p.m", Project: "p", Events: s.events,
		Now: func() time.Time { return time.Unix(0, 0) }}
	if change != nil {
		change(&o)
	}
	s.Bridge = NewBridge(o)
	return s
}

func (s setup) call(t *testing.T, name string, args ...value.Value) (value.Value, error) {
	t.Helper()
	v, ok, err := s.CallMethod(&value.Thread{}, name, value.Args{Pos: args})
	if !ok {
		t.Fatalf("no method %s", name)
	}
	return v, err
}

func (s setup) must(t *testing.T, name string, args ...value.Value) value.Value {
	t.Helper()
	v, err := s.call(t, name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag"
)

// engine is a database without data: a statement may name what shall happen to it.
//
//	fail            the statement is wrong
//	flaky           a transient error the first time
//	wait            blocks until the context ends
type engine struct {
	mu       sync.Mutex
	log      []string
	flaky    map[string]bool
	running  atomic.Int32
	peak     atomic.Int32
	canceled atomic.Int32
	onWait   func()
	failures int64 // what tests count
}

var fakeDialect = &relation.Dialect{Name: "fake", Quote: '"', Quoting: relation.Policy{Database: true, Schema: true, Identifier: true},
	Include: relation.Policy{Database: true, Schema: true, Identifier: true}}

func (e *engine) Name() string                                          { return "fake" }
func (e *engine) Dialect() *relation.Dialect                            { return fakeDialect }
func (e *engine) Macros() []project.Internal                            { return nil }
func (e *engine) Credentials(*value.Dict) (adapters.Credentials, error) { return creds{}, nil }
func (e *engine) Open(context.Context, adapters.Credentials) (adapters.Engine, error) {
	return e, nil
}
func (e *engine) Close() error { return nil }
func (e *engine) Conn(_ context.Context, name string) (adapters.Conn, error) {
	return &conn{e: e, name: name}, nil
}

// statements are the logged statements that contain a word.
func (e *engine) statements(word string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, s := range e.log {
		if strings.Contains(s, word) {
			out = append(out, s)
		}
	}
	return out
}

type conn struct {
	e    *engine
	name string
	open bool
}

func (c *conn) Begin(context.Context) error    { c.open = true; return nil }
func (c *conn) Commit(context.Context) error   { c.open = false; return nil }
func (c *conn) Rollback(context.Context) error { c.open = false; return nil }
func (c *conn) InTransaction() bool            { return c.open }
func (c *conn) ID() string                     { return c.name }
func (c *conn) Close() error                   { return nil }

func (c *conn) Execute(ctx context.Context, sql string, fetch bool, _ int) (adapters.Response, *agate.Table, error) {
	e := c.e
	if n := e.running.Add(1); n > e.peak.Load() {
		e.peak.Store(n)
	}
	defer e.running.Add(-1)
	sql = strings.TrimSpace(sql)
	e.mu.Lock()
	e.log = append(e.log, sql)
	first := !e.flaky[sql]
	if strings.Contains(sql, "flaky") {
		e.flaky[sql] = true
	}
	e.mu.Unlock()
	switch {
	case strings.Contains(sql, "fail"):
		return adapters.Response{}, nil, &adapters.DatabaseError{Message: "syntax error at or near \"fail\"", SQL: sql, Position: strings.Index(sql, "fail")}
	case strings.Contains(sql, "flaky") && first:
		return adapters.Response{}, nil, &adapters.DatabaseError{Fault: adapters.FaultTransient, Message: "could not serialize access", SQL: sql, Position: -1}
	case strings.Contains(sql, "wait"):
		if e.onWait != nil {
			e.onWait()
		}
		select {
		case <-ctx.Done():
			e.canceled.Add(1)
			return adapters.Response{}, nil, &adapters.DatabaseError{Fault: adapters.FaultCanceled, Message: "canceling statement due to user request", SQL: sql, Position: -1}
		case <-time.After(20 * time.Second):
			return adapters.Response{}, nil, errors.New("nobody cancelled the query")
		}
	}
	time.Sleep(time.Millisecond)
	table := agate.Empty()
	if strings.HasPrefix(sql, "count") && fetch {
		n := e.failures
		table = agate.New([]string{"failures", "should_warn", "should_error"}, [][]value.Value{{value.Int(n), value.Bool(n > 0), value.Bool(n > 0)}})
	}
	if strings.HasPrefix(sql, "list") && fetch {
		table = agate.New([]string{"database", "name", "schema", "type"}, nil)
	}
	return adapters.Response{Message: "SELECT 1", Code: "SELECT", RowsAffected: 1}, table, nil
}

func (c *conn) Query(context.Context, string, []value.Value) (adapters.Response, error) {
	return adapters.Response{}, errors.New("no bindings here")
}
func (c *conn) Describe(context.Context, string) ([]*relation.Column, error) { return nil, nil }
func (c *conn) Load(context.Context, *relation.Relation, []string, *agate.Table) (int64, error) {
	return 0, errors.New("no bulk load here")
}

type creds struct{}

func (creds) Database() string      { return "db" }
func (creds) Schema() string        { return "main" }
func (creds) Threads() int          { return 4 }
func (creds) Target() *value.Dict   { return value.NewDict(0) }
func (creds) Describe() [][2]string { return nil }
func (creds) UniqueField() string   { return "x" }

const macroText = `
{% macro statement(name=None, fetch_result=False, auto_begin=True) %}
{%- set sql = caller() -%}
{%- set res, table = adapter.execute(sql, auto_begin=auto_begin, fetch=fetch_result) -%}
{%- if name is not none -%}{{ store_result(name, response=res, agate_table=table) }}{%- endif -%}
{% endmacro %}
{% macro list_schemas(database) %}{% call statement('s', fetch_result=True, auto_begin=False) %}list schemas of {{ database }}{% endcall %}{{ return(load_result('s').table) }}{% endmacro %}
{% macro create_schema(relation) %}{% call statement('c') %}create schema {{ relation.schema }}{% endcall %}{% endmacro %}
{% macro list_relations_without_caching(schema_relation) %}{% call statement('l', fetch_result=True, auto_begin=False) %}list relations{% endcall %}{{ return(load_result('l').table) }}{% endmacro %}
{% materialization table, default %}{% call statement('main') %}build {{ model.name }} as {{ sql }}{% endcall %}{{ return({'relations': [this]}) }}{% endmaterialization %}
{% materialization quiet, default %}{{ return({'relations': [this]}) }}{% endmaterialization %}
{% materialization test, default %}{% call statement('main', fetch_result=True) %}count {{ sql }}{% endcall %}{{ return({'relations': []}) }}{% endmaterialization %}
`

// testRunner counts rows as the real one does; that one lives above this package.
type testRunner struct{}

func (testRunner) Describe(t *Task) string                    { return "test " + t.Node.Name }
func (testRunner) Compile(ctx context.Context, t *Task) error { return t.CompileNode(ctx) }
func (testRunner) Execute(ctx context.Context, t *Task) error {
	_, state, err := t.Materialize(ctx, t.Node, t.Out, "test")
	if err != nil {
		return err
	}
	main, _ := state.Result("main")
	t.Result.Status = Pass
	if value.Truth(main.Table.Rows[0][2]) {
		t.Result.Status, t.Result.Message = Fail, "Got 1 result, configured to fail if != 0"
	}
	return nil
}
func (testRunner) Line(*Task, *Result) (event.Event, bool) { return event.Event{}, false }

type sink struct {
	mu     sync.Mutex
	events []event.Event
}

func (s *sink) Emit(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *sink) lines(level event.Level) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, e := range s.events {
		if e.Level >= level {
			out = append(out, e.Msg)
		}
	}
	return out
}

// node is one line of a test project: "model.b: model.a | select 1 | materialized=table".
func parseNode(line string) *manifest.Node {
	head, rest, _ := strings.Cut(line, "|")
	sql, settings, _ := strings.Cut(rest, "|")
	id, parents, _ := strings.Cut(strings.TrimSpace(head), ":")
	kind, name, _ := strings.Cut(id, ".")
	sql = strings.TrimSpace(sql)
	config := value.NewDict(4)
	materialized := "table"
	if kind == "test" {
		materialized = "test"
	}
	config.SetString("materialized", value.String(materialized))
	for _, s := range strings.Fields(settings) {
		k, v, _ := strings.Cut(s, "=")
		config.SetString(k, value.String(v))
	}
	src := diag.NewSource("models/"+name+".sql", sql)
	n := &manifest.Node{UniqueID: kind + ".p." + name, Name: name, Alias: name, PackageName: "p", ResourceType: manifest.ResourceType(kind),
		OriginalFilePath: src.Path, Path: name + ".sql", Schema: "main", Database: "db", Language: "sql", RawCode: sql, BodySpan: src.At(0, len(sql)),
		Config: &manifest.Config{Values: config}, Relation: "\"db\".\"main\".\"" + name + "\"", Meta: value.NewDict(0)}
	for _, p := range strings.Fields(parents) {
		kind, name, _ := strings.Cut(p, ".")
		n.DependsOn.Nodes = append(n.DependsOn.Nodes, kind+".p."+name)
		n.Refs = append(n.Refs, manifest.Ref{Name: name, Version: value.None})
	}
	return n
}

type fixture struct {
	*Session
	engine *engine
	sink   *sink
	graph  *dag.Graph
	mode   Mode
}

func newFixture(t testing.TB, mode Mode, lines ...string) *fixture {
	t.Helper()
	Register(manifest.Test, testRunner{})
	src := diag.NewSource("macros/fake.sql", macroText)
	tmpl, d := jinja.Parse(src)
	if d != nil {
		t.Fatal(d)
	}
	var entries []macros.Entry
	for _, m := range tmpl.Macros() {
		entries = append(entries, macros.Entry{Macro: m, Package: "dbt", UniqueID: "macro.dbt." + m.Name, Source: src, OriginalPath: src.Path})
	}
	set, problems := macros.Build("p", []string{"dbt"}, entries)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	m := manifest.New("p", "fake")
	for _, line := range lines {
		n := parseNode(line)
		m.Nodes[n.UniqueID] = n
		m.Order.Nodes = append(m.Order.Nodes, n.UniqueID)
		if n.ResourceType == manifest.Operation {
			n.Tags = []string{n.Config.String("kind")}
			n.Index = len(m.Operations)
			m.Operations = append(m.Operations, n)
		}
	}
	m.Finish("p")
	g, failed := dag.New(m)
	if failed != nil {
		t.Fatal(failed)
	}
	if mode == ModeBuild {
		g = g.WithTestEdges(m)
	}
	f := &flags.Flags{Which: string(mode), PopulateCache: true, Introspect: true, Behavior: flags.DefaultBehavior(), Version: "1.12.6", Now: time.Now()}
	events := &sink{}
	p := &project.Project{Package: &project.Package{Name: "p", Vars: value.NewDict(0), QueryComment: project.QueryComment{Given: true}}, Flags: f, Env: project.EnvMap{}, CLIVars: value.NewDict(0)}
	e := &engine{flaky: map[string]bool{}}
	env := rendering.New(rendering.Options{Project: p, Flags: f, Macros: set, Dialect: fakeDialect, Events: events, Now: f.Now, Target: value.FromDict(value.NewDict(0))})
	return &fixture{engine: e, sink: events, graph: g, mode: mode, Session: &Session{
		Project: p, Flags: f, Env: env, Manifest: m, Driver: e, Engine: e, Credentials: creds{}, Events: events, TargetDir: t.TempDir()}}
}

func (f *fixture) run(ctx context.Context, o Options, ids ...string) (*Results, error) {
	selected := f.graph.NewSet()
	for id, n := range f.Manifest.Nodes {
		if n.ResourceType != manifest.Operation && (len(ids) == 0 || slices.Contains(ids, id)) {
			i, _ := f.graph.Index(id)
			selected.Add(i)
		}
	}
	if o.Threads == 0 {
		o.Threads = 4
	}
	return Execute(ctx, f.Session, Plan{Mode: f.mode, Graph: f.graph, Selected: selected}, o)
}

// statuses are "name status" pairs, sorted.
func statuses(r *Results) string {
	var out []string
	for _, x := range r.Results {
		out = append(out, fmt.Sprintf("%s %s", x.Node.Name, x.Status))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

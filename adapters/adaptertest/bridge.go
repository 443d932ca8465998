package adaptertest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// sink collects events.
type sink struct {
	mu     sync.Mutex
	events []event.Event
}

func (s *sink) Emit(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *sink) names() string {
	var out []string
	for _, e := range s.events {
		out = append(out, e.Name)
	}
	return strings.Join(out, " ")
}

// testBridge drives the template's adapter object against the real engine, without macros.
func testBridge(t *testing.T, h Harness) {
	e, creds := h.Open(t)
	defer closing(t, e)
	events := &sink{}
	comment, err := adapters.CommentConfig{Default: true}.For(adapters.CommentVars{Version: "1.12.6", Profile: "p", Target: "dev", NodeID: "model.test.x"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := adapters.NewBridge(adapters.BridgeOptions{Driver: h.Driver, Credentials: creds, Engine: e, Name: "model.test.x",
		Comment: comment, Events: events, Context: context.Background()})
	defer closing(t, b)
	rel := h.table("bridged")
	if _, _, err := b.Execute("create table "+rel.Render()+" (a integer, b text)", true, false, -1); err != nil {
		t.Fatal(err)
	}
	if !b.InTransaction() {
		t.Fatal("auto_begin opened no transaction")
	}
	rows := agate.New([]string{"a", "b"}, [][]value.Value{{value.Int(1), value.String("x")}})
	if n, err := b.BulkLoad(rel, rows); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	_, table, err := b.Execute("select a, b from "+rel.Render(), false, true, -1)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, show(table), "1|x\n")
	sql := "select 1,\n  no_such_column from " + rel.Render()
	_, _, err = b.Execute(sql, true, true, -1)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || de.Position != strings.Index(sql, "no_such_column") || de.SQL != sql {
		t.Fatalf("%v: %+v", err, de)
	}
	if b.InTransaction() {
		t.Fatal("an error left the transaction open")
	}
	cols, err := b.QuerySchema("select a, b from " + rel.Render() + " where false")
	if err != nil || len(cols) != 2 || cols[1].Name != "b" {
		t.Fatal(cols, err)
	}
	if _, _, err := b.Execute("drop table "+rel.Render(), true, false, -1); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"NewConnection NewConnectionOpening ConnectionUsed SQLQuery SQLQueryStatus", "SQLCommit", "Rollback"} {
		if !strings.Contains(events.names(), want) {
			t.Errorf("no %q in %s", want, events.names())
		}
	}
	for _, ev := range events.events {
		if ev.Name == "SQLQuery" && strings.Contains(ev.Msg, "create table") &&
			!strings.Contains(ev.Msg, `/* {"app": "dbt", "dbt_version": "1.12.6", "profile_name": "p", "target_name": "dev", "node_id": "model.test.x"} */`) {
			t.Errorf("no query comment in %s", ev.Msg)
		}
	}
}

package duckdb

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/sql"
)

func openAnalyzer(t testing.TB) sql.Analyzer {
	t.Helper()
	a, err := Driver{}.Analyzer(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

var shop = sql.Name{Database: "Shop db", Schema: "main", Identifier: "orders"}

func withOrders(t testing.TB) sql.Analyzer {
	a := openAnalyzer(t)
	if _, err := a.Define(context.Background(), shop, []sql.Column{{Name: "id", Type: "int"}, {Name: "status", Type: "text"},
		{Name: "amount", Type: "decimal"}, {Name: "info", Type: `STRUCT("x y" INTEGER)`}}); err != nil {
		t.Fatal(err)
	}
	return a
}

const fromOrders = ` from "Shop db"."main"."orders"`

func TestCheckGivesColumns(t *testing.T) {
	a := withOrders(t)
	got, err := a.Check(context.Background(), `select *, null as nothing, amount * 2 as double, [info] as l`+fromOrders)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, c := range got {
		text = append(text, c.Name+" "+c.Type)
	}
	want := `id INTEGER|status VARCHAR|amount DECIMAL(18,3)|info STRUCT("x y" INTEGER)|nothing INTEGER|double DECIMAL(18,3)|l STRUCT("x y" INTEGER)[]`
	if s := strings.Join(text, "|"); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	// What a query gives can be the columns of the next relation.
	again, err := a.Define(context.Background(), sql.Name{Database: "Shop db", Schema: "other", Identifier: "next"}, got)
	if err != nil || !slices.Equal(again, got) {
		t.Error(again, err)
	}
}

// A position of -2 means that the query is not at fault, however little it binds here.
func TestCheckFindsFaults(t *testing.T) {
	a := withOrders(t)
	const none = -2
	for _, c := range []struct {
		query, at string // the text that the position points at
		fault     sql.Fault
		column    string
	}{
		{"select 'é', idd" + fromOrders, "idd", sql.FaultColumn, "idd"},
		{"select o.idd" + fromOrders + " o", "idd", sql.FaultColumn, "idd"},
		{"with o as (select id" + fromOrders + ") select o.status from o", "status from o", sql.FaultColumn, "status"},
		{"select * exclude (stat)" + fromOrders, "stat", sql.FaultColumn, "stat"},
		{"select * replace (1 as stat)" + fromOrders, "stat", sql.FaultColumn, "stat"},
		{"select *" + fromOrders + " a join" + fromOrders[5:] + " b using (idd)", "idd", sql.FaultColumn, "idd"},
		{"select q.id" + fromOrders + " o", "q.id", sql.FaultAlias, ""},
		{"select id" + fromOrders + " where", "", sql.FaultSyntax, ""},
		{"select max(id) filter (where idd > 1)" + fromOrders, "idd", sql.FaultColumn, "idd"},
		// Nothing of this is known to be wrong where the query runs.
		{"select id from nowhere", "", sql.FaultOther, ""},
		{"select idd from nowhere", "", sql.FaultOther, ""},
		{"select my_macro(id)" + fromOrders, "", sql.FaultOther, ""},
		{"select * from 'missing.csv'", "", sql.FaultOther, ""},
		{"select * from read_parquet('*.parquet')", "", sql.FaultOther, ""},
		{"select id + status" + fromOrders, "", sql.FaultOther, ""},
		{"select info.z" + fromOrders, "", sql.FaultOther, ""},
		{"select id = $1" + fromOrders, "", sql.FaultOther, ""},
		{"select idd; select 1", "", sql.FaultOther, ""},
		{"create table x (a int)", "", sql.FaultOther, ""},
	} {
		_, err := a.Check(context.Background(), c.query)
		if err == nil {
			t.Errorf("%s: no error", c.query)
			continue
		}
		var bind *sql.BindError
		if !errors.As(err, &bind) {
			bind = &sql.BindError{Position: none}
		}
		if bind.Fault != c.fault || bind.Column != c.column {
			t.Errorf("%s: fault %d about %q: %v", c.query, bind.Fault, bind.Column, err)
		}
		if c.at != "" && (bind.Position < 0 || !strings.HasPrefix(c.query[bind.Position:], c.at)) {
			t.Errorf("%s: position %d, want that of %s", c.query, bind.Position, c.at)
		}
	}
}

func TestAnalyzerReadsNoFiles(t *testing.T) {
	file := t.TempDir() + "/a.csv"
	if err := os.WriteFile(file, []byte("id\n1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openAnalyzer(t).Check(context.Background(), "select * from '"+file+"'"); err == nil {
		t.Error("a file was read")
	}
}

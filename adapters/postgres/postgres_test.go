package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/adaptertest"
)

var server *adaptertest.Server

// startServer starts the server for the first test that needs one.
var startServer = sync.OnceValue(func() (err error) {
	server, err = adaptertest.StartPostgres()
	return err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if server != nil {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

func needServer(t *testing.T) {
	t.Helper()
	if err := startServer(); errors.Is(err, adaptertest.ErrNoPostgres) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

const testSchema = "suite"

func openEngine(t *testing.T) (adapters.Engine, adapters.Credentials) {
	t.Helper()
	needServer(t)
	creds, err := Driver{}.Credentials(server.Profile(testSchema))
	if err != nil {
		t.Fatal(err)
	}
	e, err := Driver{}.Open(context.Background(), creds)
	if err != nil {
		t.Fatal(err)
	}
	return e, creds
}

func TestSuite(t *testing.T) {
	e, _ := openEngine(t)
	c, err := e.Conn(context.Background(), "setup")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Execute(context.Background(), "drop schema if exists suite cascade; create schema suite; commit", false, -1); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	adaptertest.Run(t, adaptertest.Harness{
		Driver: Driver{}, Open: openEngine, Schema: testSchema, Profile: server.Profile(testSchema),
		Types: []adaptertest.TypeCase{
			{Expr: "1", Type: "integer", Want: "1"},
			{Expr: "1::smallint", Type: "smallint", Want: "1"},
			{Expr: "9223372036854775807", Type: "bigint", Want: "9223372036854775807"},
			{Expr: "true", Type: "boolean", Want: "True"},
			{Expr: "null::integer", Type: "integer", Want: "None"},
			{Expr: "1.50::numeric(10,2)", Type: "numeric", Want: "Decimal('1.50')"},
			{Expr: "1e30::numeric", Type: "numeric", Want: "Decimal('1000000000000000000000000000000')"},
			{Expr: "0.1::float8", Type: "double precision", Want: "Decimal('0.1')"},
			{Expr: "'x'::text", Type: "text", Want: "'x'"},
			{Expr: "'x'::varchar(10)", Type: "character varying", Want: "'x'"},
			{Expr: "'x'::char(3)", Type: "character", Want: "'x  '"},
			{Expr: "date '2020-02-29'", Type: "date", Want: "datetime.date(2020, 2, 29)"},
			{Expr: "date '0044-03-15 BC'", Type: "date", Want: "'0044-03-15 BC'"},
			{Expr: "timestamp '2020-01-02 03:04:05.5'", Type: "timestamp without time zone", Want: "datetime.datetime(2020, 1, 2, 3, 4, 5, 500000)"},
			{Expr: "time '12:30:00'", Type: "time without time zone", Want: "'12:30:00'"},
			{Expr: "interval '1 day 02:00'", Type: "interval", Want: "'1 day, 2:00:00'"},
			{Expr: "interval '-1 mon +00:00:01.5'", Type: "interval", Want: "'-30 days, 0:00:01.500000'"},
			{Expr: `'{"b": [1, 2.5], "a": null}'::json`, Type: "json", Want: `'{"b": [1, 2.5], "a": null}'`},
			{Expr: `'{"b": 1}'::jsonb`, Type: "jsonb", Want: `'{"b": 1}'`},
			{Expr: "array[1, null, 3]", Type: "integer[]", Want: "'[1, null, 3]'"},
			{Expr: `array['a"b', 'c,d', 'NULL', null, '']`, Type: "text[]", Want: `'["a\\"b", "c,d", "NULL", null, ""]'`},
			{Expr: "array[[1,2],[3,4]]", Type: "integer[]", Want: "'[[1, 2], [3, 4]]'"},
			{Expr: "'6f1b8a5e-0000-4000-8000-000000000001'::uuid", Type: "uuid", Want: "'6f1b8a5e-0000-4000-8000-000000000001'"},
			{Expr: "'127.0.0.1'::inet", Type: "inet", Want: "'127.0.0.1'"},
		},
		Slow:                 "select count(*) from generate_series(1, 100000) a, generate_series(1, 1000000) b",
		Placeholder:          func(int) string { return "%s" },
		MissingTable:         "42P01",
		ImplicitTransactions: true,
	})
}

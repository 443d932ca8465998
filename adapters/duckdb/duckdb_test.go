package duckdb

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func profile(pairs ...string) *value.Dict {
	d := value.NewDict(len(pairs) / 2)
	for i := 0; i < len(pairs); i += 2 {
		d.SetString(pairs[i], value.String(pairs[i+1]))
	}
	return d
}

func openProfile(t *testing.T, output *value.Dict) (adapters.Engine, adapters.Credentials) {
	t.Helper()
	creds, err := Driver{}.Credentials(output)
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
	path := filepath.Join(t.TempDir(), "engine.duckdb")
	output := profile("type", "duckdb", "path", path, "schema", "suite")
	open := func(t *testing.T) (adapters.Engine, adapters.Credentials) { return openProfile(t, output) }
	e, _ := open(t)
	c, err := e.Conn(context.Background(), "setup")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Execute(context.Background(), "create schema suite", false, -1); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	adaptertest.Run(t, harness(output, open))
}

func harness(output *value.Dict, open func(*testing.T) (adapters.Engine, adapters.Credentials)) adaptertest.Harness {
	return adaptertest.Harness{
		Driver: Driver{}, Open: open, Schema: "suite", Profile: output,
		Types: []adaptertest.TypeCase{
			{Expr: "1", Type: "INTEGER", Want: "1"},
			{Expr: "-1::tinyint", Type: "TINYINT", Want: "-1"},
			{Expr: "1::smallint", Type: "SMALLINT", Want: "1"},
			{Expr: "9223372036854775807", Type: "BIGINT", Want: "9223372036854775807"},
			{Expr: "255::utinyint", Type: "UTINYINT", Want: "255"},
			{Expr: "65535::usmallint", Type: "USMALLINT", Want: "65535"},
			{Expr: "4294967295::uinteger", Type: "UINTEGER", Want: "4294967295"},
			{Expr: "18446744073709551615::ubigint", Type: "UBIGINT", Want: "18446744073709551615"},
			{Expr: "-170141183460469231731687303715884105727::hugeint", Type: "HUGEINT", Want: "-170141183460469231731687303715884105727"},
			{Expr: "340282366920938463463374607431768211455::uhugeint", Type: "UHUGEINT", Want: "340282366920938463463374607431768211455"},
			{Expr: "'-123456789012345678901234567890123456789012345678901234567890'::bignum", Type: "BIGNUM", Want: "-123456789012345678901234567890123456789012345678901234567890"},
			{Expr: "true", Type: "BOOLEAN", Want: "True"},
			{Expr: "null", Type: "INTEGER", Want: "None"},
			{Expr: "null::integer", Type: "INTEGER", Want: "None"},
			{Expr: "1.50::decimal(4,2)", Type: "DECIMAL(4,2)", Want: "Decimal('1.50')"},
			{Expr: "-1.50::decimal(9,2)", Type: "DECIMAL(9,2)", Want: "Decimal('-1.50')"},
			{Expr: "1.50::decimal(18,2)", Type: "DECIMAL(18,2)", Want: "Decimal('1.50')"},
			{Expr: "-12345678901234567890.5::decimal(38,1)", Type: "DECIMAL(38,1)", Want: "Decimal('-12345678901234567890.5')"},
			{Expr: "0.1::double", Type: "DOUBLE", Want: "Decimal('0.1')"},
			{Expr: "0.5::float", Type: "FLOAT", Want: "Decimal('0.5')"},
			{Expr: "'x'", Type: "VARCHAR", Want: "'x'"},
			{Expr: "'twelve chars'", Type: "VARCHAR", Want: "'twelve chars'"},
			{Expr: "'thirteen char'", Type: "VARCHAR", Want: "'thirteen char'"},
			{Expr: `'\xAA\x00b'::blob`, Type: "BLOB", Want: `"b'\\xaa\\x00b'"`},
			{Expr: "'0101'::bit", Type: "BIT", Want: "'0101'"},
			{Expr: "date '2020-02-29'", Type: "DATE", Want: "datetime.date(2020, 2, 29)"},
			{Expr: "date '1969-12-31'", Type: "DATE", Want: "datetime.date(1969, 12, 31)"},
			{Expr: "'infinity'::date", Type: "DATE", Want: "datetime.date(9999, 12, 31)"},
			{Expr: "date '0044-03-15 (BC)'", Type: "DATE", Want: "'0044-03-15 (BC)'"},
			{Expr: "time '12:30:00.5'", Type: "TIME", Want: "'12:30:00.500000'"},
			{Expr: "'12:30:00+02'::timetz", Type: "TIME WITH TIME ZONE", Want: "'12:30:00+02:00'"},
			{Expr: "timestamp '2020-01-02 03:04:05.123456'", Type: "TIMESTAMP", Want: "datetime.datetime(2020, 1, 2, 3, 4, 5, 123456)"},
			{Expr: "'2020-01-02 03:04:05'::timestamp_s", Type: "TIMESTAMP_S", Want: "datetime.datetime(2020, 1, 2, 3, 4, 5)"},
			{Expr: "'2020-01-02 03:04:05.5'::timestamp_ms", Type: "TIMESTAMP_MS", Want: "datetime.datetime(2020, 1, 2, 3, 4, 5, 500000)"},
			{Expr: "'1960-01-02 03:04:05.123456789'::timestamp_ns", Type: "TIMESTAMP_NS", Want: "datetime.datetime(1960, 1, 2, 3, 4, 5, 123457)"},
			{Expr: "interval '1 day 2 hours'", Type: "INTERVAL", Want: "'1 day, 2:00:00'"},
			{Expr: "interval '-1 month'", Type: "INTERVAL", Want: "'-30 days, 0:00:00'"},
			{Expr: `'{"b": [1, 2.50],   "a": null}'::json`, Type: "JSON", Want: `'{"b": [1, 2.50],   "a": null}'`},
			{Expr: "[1, null, 3]", Type: "INTEGER[]", Want: "'[1, null, 3]'"},
			{Expr: "[[1], [], null]", Type: "INTEGER[][]", Want: "'[[1], [], null]'"},
			{Expr: "[1, 2]::integer[2]", Type: "INTEGER[2]", Want: "'[1, 2]'"},
			{Expr: "{'z': 1, 'a': 'x', 'n': null}", Type: "STRUCT(z INTEGER, a VARCHAR, n INTEGER)", Want: `'{"z": 1, "a": "x", "n": null}'`},
			{Expr: "{'a b': 1, 'select': {'C': 2}}", Type: `STRUCT("a b" INTEGER, "select" STRUCT(C INTEGER))`, Want: `'{"a b": 1, "select": {"C": 2}}'`},
			{Expr: "map {'k': 1.5, 'l': 2.5}", Type: "MAP(VARCHAR, DECIMAL(2,1))", Want: `'{"k": 1.5, "l": 2.5}'`},
			{Expr: "'6f1b8a5e-0000-4000-8000-000000000001'::uuid", Type: "UUID", Want: "'6f1b8a5e-0000-4000-8000-000000000001'"},
			{Expr: "'b'::enum('a', 'b')", Type: "ENUM('a', 'b')", Want: "'b'"},
			{Expr: "union_value(num := 2)", Type: "UNION(num INTEGER)", Want: "2"},
		},
		Slow:         "select count(*) from range(100000) a, range(1000000) b where a.range + b.range = 5 or hash(a.range) = b.range",
		Placeholder:  func(int) string { return "?" },
		MissingTable: "Catalog",
	}
}

"""Writes psycopg2.json: error texts, status messages and values that psycopg2 gives.

Run with a Python that has psycopg2 and the DSN of a server: python generate.py "host=…" > psycopg2.json
"""

import json
import sys

import psycopg2

conn = psycopg2.connect(sys.argv[1])
conn.autocommit = True
cur = conn.cursor()
out = {"server": cur.connection.server_version // 10000, "errors": [], "status": [], "values": []}

long = "select " + "1 + " * 30
for sql in ["select nope", "select 1,\n  2,\n  nope\nfrom pg_class", "select * from no_such_table", "select 1 frm x", "select 'ä世', nope",
            long + "nope", long + "nope" + " + 1" * 30, "nope" + " " * 100 + "x", "select\t\tnope", "select 1/0", "select upper(1, 2)",
            "select 1;\nselect nope;", "select 'unfinished", "insert into pg_class (no_such) values (1)", "select cast('x' as integer)",
            "do $$ begin raise exception 'own' using hint = 'think', detail = 'more'; end $$", "\r\nselect nope\r\n", "create table t (a int, a int)",
            "-- é\n-- ü\nselect nope -- tail", "select relnam from pg_class", "世界" * 40 + " nope"]:
    try:
        cur.execute(sql)
        raise SystemExit("no error: " + sql)
    except psycopg2.Error as e:
        out["errors"].append([sql, str(e).strip(), e.pgcode])

for sql in ["create schema if not exists gen", "create table gen.t as select generate_series(1, 5) as a", "insert into gen.t values (6), (7)", "update gen.t set a = a",
            "delete from gen.t where a > 6", "select * from gen.t", "create view gen.v as select 1 as a", "begin", "commit", "truncate gen.t", "copy gen.t from program 'echo 1'",
            "drop schema gen cascade", "select 1; select 2 union all select 3", "set timezone to 'UTC'", "explain select 1"]:
    cur.execute(sql)
    out["status"].append([sql, cur.statusmessage, cur.rowcount])

for expr in ["interval '1 year 2 mons -3 days 04:05:06.789'", "interval '-00:00:01'", "interval '-1 year +3 days'", "date '2020-02-29'", "'infinity'::date", "timestamptz '2020-01-02 03:04:05.5+05:30'",
             "'-infinity'::timestamp", "time '12:30:00.25'", "'12:30:00+02'::timetz", "1e10::numeric", "'NaN'::numeric", "'a'::\"char\"", "'{1,2}'::int[]", "'{}'::text[]", "'{{a,\"b c\"},{NULL,\"NULL\"}}'::text[]",
             "'[0:1]={7,8}'::int[]", "'{\"a\": [1, {\"b\": null}]}'::jsonb", "'3'::jsonb", "'\"s\"'::json", "'(1,2)'::point", "true", "null::text", "1::oid", "'{t,f}'::bool[]", "array['2020-01-01'::date]"]:
    cur.execute("select " + expr)
    v = cur.fetchone()[0]
    out["values"].append([expr, str(v)])

print(json.dumps(out, indent=1, ensure_ascii=False))

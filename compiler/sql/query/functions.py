#!/usr/bin/env python3
"""Writes functions.txt: what the functions of DuckDB and PostgreSQL are.

    PGHOST=… python3 functions.py > functions.txt

Needs the duckdb module and psql. Classes: a aggregate, o aggregate whose result depends on
the order of its rows, w window function, v differs from run to run, s everything else.
"""
import collections
import re
import subprocess
import textwrap

import duckdb

ORDERED = "array_agg string_agg listagg group_concat list json_agg jsonb_agg json_object_agg jsonb_object_agg json_group_array json_group_object json_group_structure xmlagg histogram_values".split()
ARBITRARY = "any_value arbitrary first last first_value_agg mode reservoir_quantile approx_top_k".split()
WINDOW = "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value".split()
# They tell about the moment, the session, or what lies outside of the database.
MOMENT = """now today get_current_time get_current_timestamp current_localtime current_localtimestamp transaction_timestamp statement_timestamp clock_timestamp timeofday
current_timestamp current_date current_time localtime localtimestamp random setseed gen_random_uuid uuid uuidv4 uuidv7 uuidv1 nextval currval lastval setval txid_current
txid_current_if_assigned txid_current_snapshot txid_status pg_current_xact_id current_query current_query_id current_transaction_id current_connection_id current_user session_user
current_role current_setting set_config getvariable getenv inet_client_addr inet_client_port sleep_ms write_log read_blob read_csv read_csv_auto read_duckdb read_json
read_json_auto read_json_objects read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_parquet parquet_scan read_text glob sniff_csv query query_table
query_to_xml table_to_xml schema_to_xml database_to_xml cursor_to_xml which_secret loread lowrite bernoulli system stats error""".split()
INTERNAL = re.compile(r"^(pg_|lo_|has_|duckdb_|pragma_|RI_)")
# Syntax that looks like a call but is in no catalog.
SYNTAX = "coalesce nullif greatest least ifnull if iif try_cast cast convert grouping row array struct map overlay position extract trim substring".split()

classes = collections.defaultdict(str)


def put(name, cls):
    if INTERNAL.search(name) or not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return
    order = "sawov"
    if order.find(cls) > order.find(classes[name] or "s") or not classes[name]:
        classes[name] = cls


for kind, name, volatile in duckdb.sql(
    "select function_type, lower(function_name), coalesce(stability, '') = 'VOLATILE' from duckdb_functions() where function_type <> 'pragma'"
).fetchall():
    put(name, "a" if kind == "aggregate" else "v" if volatile else "s")
out = subprocess.run(["psql", "-Atc", "select proname, prokind, provolatile from pg_proc where pronamespace = 'pg_catalog'::regnamespace and prorettype not in ('trigger'::regtype, 'internal'::regtype, 'cstring'::regtype)"
                      " and not 'internal'::regtype = any (proargtypes) and not 'cstring'::regtype = any (proargtypes)"],
                     check=True, capture_output=True, text=True).stdout
for line in out.splitlines():
    name, kind, volatility = line.split("|")
    put(name, {"a": "a", "w": "w"}.get(kind, "v" if volatility == "v" else "s"))
for names, cls in ((SYNTAX, "s"), (ORDERED, "o"), (ARBITRARY, "v"), (WINDOW, "w"), (MOMENT, "v")):
    for name in names:
        classes[name] = cls
for cls in "aowvs":
    for line in textwrap.wrap(" ".join(sorted(n for n, c in classes.items() if c == cls)), 180):
        print(cls, line)

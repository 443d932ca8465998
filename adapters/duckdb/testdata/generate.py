"""Writes dbt.json: what dbt-duckdb answers to the inputs below.

Run with a Python that has dbt-duckdb: python generate.py > dbt.json
"""

import json

from dbt.adapters.duckdb.credentials import Attachment, DuckDBCredentials
from dbt.adapters.duckdb.impl import DuckDBAdapter
from dbt.adapters.duckdb.secrets import Secret

out = {"database": {}, "write": [], "read": [], "attach": [], "secret": [], "columns": [], "model": []}

for path in [":memory:", "x.duckdb", "/a/b/jaffle.db", "my.db.duckdb", ".hidden.duckdb", "rel/dir/noext", "md:", "md:prod",
             "md:prod?motherduck_token=abc", "motherduck:other", "ducklake:meta.ducklake", "ducklake:sqlite:cat.db", "s3://bucket/key/data.duckdb"]:
    out["database"][path] = DuckDBCredentials.path_derived_database_name(path)

options = [{}, {"format": "csv"}, {"delimiter": "|"}, {"format": "parquet", "partition_by": "a"}, {"partition_by": "a, b"},
           {"partition_by": "(a, b)"}, {"format": "csv", "header": 0, "quote": "'x'", "null": "NA", "escape": "\\"}, {"codec": "zstd"},
           {"compression": "none"}, {"per_thread_output": True, "format": "parquet"}]
for location in ["out", "out.csv", "a/b.parquet", "x.json", "x.CSV.GZ", "x.csv.zst", "x.gz", "a.b/c", ".csv"]:
    for o in options:
        given = dict(o)
        try:
            got = DuckDBAdapter.external_write_options(None, location, given)
        except Exception as e:  # a boolean has no startswith
            continue
        out["write"].append([location, o, got])
for o in [{}, {"partition_by": "a"}, {"partition_by": "a,b", "format": "csv"}, {"per_thread_output": True}, {"per_thread_output": False}]:
    out["read"].append(["some/where", o, DuckDBAdapter.external_read_location(None, "some/where", dict(o))])

for a in [{"path": "x.db"}, {"path": "x'y.db", "alias": "z"}, {"path": "pg:", "type": "postgres", "secret": "s", "read_only": True, "alias": "p"},
          {"path": "md:db?x=y"}, {"path": "a", "options": {"type": "sqlite", "data_path": "s3://x", "encrypted": True, "off": False, "n": 3, "q": "'k'", "none": None}},
          {"path": "a", "options": {"read_only": True, "secret": "t"}}]:
    out["attach"].append([a, Attachment(**a).to_sql()])

for s in [{"type": "s3", "region": "x", "key_id": "it's"}, {"type": "azure", "name": "n", "provider": "credential_chain", "scope": "s3://a"},
          {"type": "http", "scope": ["a", "b"], "persistent": True, "bearer_token": "t"},
          {"type": "http", "extra_http_headers": {"Authorization": "Bearer x", "k'": "v"}}, {"type": "gcs", "list": ["a", "b'c"]}]:
    given = dict(s)
    secret = Secret.create(secret_type=given.pop("type"), name=given.pop("name", "_dbt_secret_1"), **given)
    out["secret"].append([s, secret.to_sql()])

kinds = ["check", "not_null", "unique", "primary_key", "foreign_key", "custom"]
constraints = []
for kind in kinds:
    for extra in [{}, {"expression": "a > 0"}, {"name": "n", "expression": "x"}, {"to": "db.sch.t", "to_columns": ["id", "b"]}, {"to": "sch.t", "to_columns": ["id"], "name": "fk"}]:
        constraints.append({"type": kind, **extra})
for c in constraints:
    if c["type"] == "foreign_key" and "expression" not in c and "to" not in c:
        continue  # renders the word None
    column = {"c": {"name": "C", "data_type": "int", "quote": c["type"] == "check", "constraints": [c]}}
    out["columns"].append([column, DuckDBAdapter.render_raw_columns_constraints(column)])
    model = [{**c, "columns": ["a", "b"]}]
    out["model"].append([model, DuckDBAdapter.render_raw_model_constraints(model)])

print(json.dumps(out, indent=1))

"""Writes dbt.json: what dbt's base adapter and PostgreSQL's answer to the inputs below.

Run with a Python that has dbt-postgres: python generate.py > dbt.json
"""

import json
from types import SimpleNamespace

from dbt.adapters.base.query_headers import _QueryComment
from dbt.adapters.postgres.impl import PostgresAdapter
from dbt_common.clients.agate_helper import from_csv
import tempfile, pathlib

out = {"columns": [], "model": [], "convert": [], "comment": [], "hard_deletes": [], "quote_seed": []}

for kind in ["check", "not_null", "unique", "primary_key", "foreign_key", "custom"]:
    for extra in [{}, {"expression": "a > 0"}, {"name": "n", "expression": "x"}, {"to": "db.sch.t", "to_columns": ["id", "b"]}, {"to": "sch.t", "to_columns": ["id"], "name": "fk"}]:
        c = {"type": kind, **extra}
        column = {"c": {"name": "C", "data_type": "int", "quote": kind == "check", "constraints": [c]}, "d": {"name": "d", "data_type": "text", "constraints": []}}
        out["columns"].append([column, PostgresAdapter.render_raw_columns_constraints(column)])
        model = [{**c, "columns": ["a", "b"]}]
        out["model"].append([model, PostgresAdapter.render_raw_model_constraints(model)])

csvs = ["a\n1\n2\n", "a\n1\n\n", "a\n1.5\n2\n", "a\n1.0\n2.0\n", "a\ntrue\nfalse\n", "a\n2020-01-01\n", "a\n2020-01-01 10:00:00\n", "a\nx\n1\n",
        "a\n12345678901234567890\n", "a\n1e3\n", "a\n1e-3\n", "a\n\n\n", "a\n2020-01-01T10:00:00Z\n", "a\n10:00:00\n", "a\n1,b\n", "a,b\n1,0.0\n"]
for text in csvs:
    p = pathlib.Path(tempfile.mkdtemp()) / "x.csv"
    p.write_text(text)
    try:
        t = from_csv(str(p), [])
    except Exception:
        continue
    out["convert"].append([text, [PostgresAdapter.convert_type(t, i) for i in range(len(t.column_names))]])

for append in [False, True]:
    for sql in ["select 1", "select 1;", "select 1;\n\n", "select 1 -- x", "  select 1  "]:
        q = _QueryComment(None)
        q.set(" a comment ", append)
        out["comment"].append([append, sql, q.add(sql)])

for config in [{}, {"invalidate_hard_deletes": True}, {"invalidate_hard_deletes": False}, {"hard_deletes": "ignore"}, {"hard_deletes": "invalidate"},
               {"hard_deletes": "new_record"}, {"hard_deletes": "nonsense"}, {"invalidate_hard_deletes": True, "hard_deletes": "ignore"}]:
    try:
        got = PostgresAdapter.get_hard_deletes_behavior(config)
    except Exception as e:
        got = "error: " + str(e).split("\n")[-1].strip()
    out["hard_deletes"].append([config, got])

print(json.dumps(out, indent=1))

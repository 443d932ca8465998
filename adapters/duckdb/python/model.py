"""Runs one Python model in a process of its own.

A database file belongs to one process, so this one gets files with copies of what the model
reads, under the names the relations have. Tables that are added to them are taken over.
"""

import json
import linecache
import sys
import traceback
import types

NO_DUCKDB = 3


def main(job_file):
    with open(job_file, encoding="utf-8") as file:
        job = json.load(file)
    try:
        import duckdb
    except ImportError as error:
        print(f"{sys.executable}: {error}", file=sys.stderr)
        sys.exit(NO_DUCKDB)
    layouts = {}  # what is to be done to a table before its rows come, by relation
    con = duckdb.connect(job["memory"] or ":memory:")
    for statement in job["setup"]:
        con.execute(statement)
    code, path = job["code"], job["path"]
    # Tracebacks show the lines of what ran, which goes on after the end of the file.
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    module = types.ModuleType(job["name"])
    module.__file__ = path
    module.lay_out = lambda relation, statements: layouts.update({relation: statements})
    sys.modules[job["name"]] = module
    try:
        exec(compile(code, path, "exec"), module.__dict__)
        dbt = module.dbtObj(lambda name: con.query(f"select * from {name}"))
        module.materialize(module.model(dbt, con), con)
        con.close()
        with open(job["layouts"], "w", encoding="utf-8") as file:
            json.dump(layouts, file)
    except Exception as error:
        error = error.with_traceback(error.__traceback__.tb_next)
        print("".join(traceback.format_exception(error)), file=sys.stderr)
        sys.exit(1)


main(sys.argv[1])

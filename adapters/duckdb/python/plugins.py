"""Runs the plugins of dbt-duckdb, which are Python modules, for a program that is not Python.

The first line of the input is the profile, every further one a request; each is answered
with one line. Plugins live until the input ends, so that what one of them keeps open
between two models (a workbook with a sheet for each) stays open.
"""

import gc
import json
import os
import sys
import traceback


def imports():
    global BasePlugin, Column, DuckDBCredentials, DuckDBRelation, SourceConfig, TargetConfig, TargetLocation, duckdb
    import duckdb
    from dbt.adapters.base.column import Column
    from dbt.adapters.duckdb.credentials import DuckDBCredentials
    from dbt.adapters.duckdb.plugins import BasePlugin
    from dbt.adapters.duckdb.relation import DuckDBRelation
    from dbt.adapters.duckdb.utils import SourceConfig, TargetConfig, TargetLocation


class Plugins:
    def __init__(self, profile):
        self.profile = profile
        self.made = {}

    def get(self, module, alias, config):
        name = alias or module
        if name not in self.made:
            credentials = DuckDBCredentials.from_dict(dict(self.profile))
            settings = dict(self.profile.get("settings") or {})
            settings.update(config or {})
            self.made[name] = BasePlugin.create(module, config=settings, alias=alias, credentials=credentials)
        return self.made[name]

    def load(self, plugin, source, file):
        rows = plugin.load(SourceConfig(**source))
        if rows is None:
            raise ValueError(f"the plugin {plugin.name} gave nothing for the source {source['name']}")
        con = duckdb.connect(file)
        con.register("plugin_rows", rows)
        con.execute("create table source_rows as select * from plugin_rows")
        con.close()

    def store(self, plugin, relation, columns, path, format, config):
        plugin.store(
            TargetConfig(
                relation=DuckDBRelation.create(type="view", **relation),
                column_list=[Column(name, dtype) for name, dtype in columns],
                config=config,
                location=TargetLocation(path=path, format=format),
            )
        )


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what plugins print must not look like an answer
    setup = json.loads(sys.stdin.readline())
    sys.path.extend(setup["module_paths"])
    plugins = Plugins(setup["profile"])
    missing = ""
    try:
        imports()
    except ImportError as error:
        missing = f"{sys.executable}: {error}"
    for line in sys.stdin:
        request = json.loads(line)
        answer = {}
        try:
            if missing:
                answer["missing"] = missing
            else:
                plugin = plugins.get(**request["plugin"])
                getattr(plugins, request["do"])(plugin, **request["with"])
        except ImportError as error:
            answer["missing"] = f"{sys.executable}: {error}"
        except Exception as error:
            error = error.with_traceback(error.__traceback__.tb_next)
            answer["error"] = str(error) or type(error).__name__
            answer["trace"] = "".join(traceback.format_exception(error))
        sys.stdout.flush()
        print(json.dumps(answer), file=answers, flush=True)
    plugins.made.clear()
    gc.collect()


main()

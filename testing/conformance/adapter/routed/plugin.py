"""What pytest loads: the option --engine, and dbtRunner as a process of the binary."""

import importlib
import os

import pytest
from dbt.adapters.base.impl import BaseAdapter
from dbt.adapters.contracts.connection import ConnectionState
from dbt.cli.main import dbtRunner
from dbt.parser.manifest import ManifestLoader

# Directories below tests/ whose classes belong to one engine; the modules beside them belong to both.
ENGINES = ("postgres", "duckdb")

ENGINE = pytest.StashKey()

pytest_plugins = ["dbt.tests.fixtures.project"]


def pytest_addoption(parser):
    parser.addoption("--engine", choices=ENGINES, required=True)


def pytest_configure(config):
    engine = importlib.import_module("engines." + config.getoption("engine"))
    config.stash[ENGINE] = engine
    if "MILLRACE_BIN" in os.environ:  # else dbt itself, to know whose a failure is
        from routed import invocation

        dbtRunner.invoke = lambda runner, args, **flags: invocation.invoke(runner, engine, args, **flags)
        _list_relations_without_cache()
    _remember_base_macros()


def pytest_ignore_collect(collection_path, config):
    if collection_path.name in ENGINES and collection_path.name != config.getoption("engine"):
        return True
    return None


def pytest_collection_modifyitems(config, items):
    """What dbt fails on the engine too is expected to fail; passing would be news."""
    reasons = getattr(config.stash[ENGINE], "DBT_FAILS_TOO", {})
    for item in items:
        reason = reasons.get(item.nodeid.partition("::")[2])
        if reason is not None:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def _list_relations_without_cache():
    """A run in this process leaves a cache behind, from which tests list relations without a connection."""
    from_connection = BaseAdapter.list_relations

    def list_relations(self, *args, **kwargs):
        connection = self.connections.get_if_exists()
        if connection is not None and connection.state == ConnectionState.OPEN:
            return from_connection(self, *args, **kwargs)
        with self.connection_named("tests"):
            return from_connection(self, *args, **kwargs)

    BaseAdapter.list_relations = list_relations


def _remember_base_macros():
    """The project fixture parses dbt's own macros for every class; they are the same every time."""
    parse = ManifestLoader.load_macros.__func__
    parsed = {}

    def load_macros(cls, root_config, macro_hook, base_macros_only=False):
        if not base_macros_only:
            return parse(cls, root_config, macro_hook, base_macros_only)
        adapter = root_config.credentials.type
        if adapter not in parsed:
            parsed[adapter] = parse(cls, root_config, macro_hook, base_macros_only)
        return parsed[adapter]

    ManifestLoader.load_macros = classmethod(load_macros)

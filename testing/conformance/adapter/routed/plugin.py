"""What pytest loads: the option --engine, the profile of that engine, and the replaced dbtRunner."""

import importlib
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner
from dbt.parser.manifest import ManifestLoader

from routed import invocation

pytest_plugins = ["dbt.tests.fixtures.project"]

# Directories below tests/ whose classes belong to one engine; the modules beside them belong to both.
ENGINES = ("postgres", "duckdb")


def pytest_addoption(parser):
    parser.addoption("--engine", choices=ENGINES, required=True)


def pytest_configure(config):
    engine = importlib.import_module("engines." + config.getoption("engine"))
    config.stash[_engine] = engine
    dbtRunner.invoke = lambda runner, args, **flags: invocation.invoke(runner, engine, args, **flags)
    _remember_base_macros()


_engine = pytest.StashKey()


def pytest_ignore_collect(collection_path: Path, config):
    if collection_path.name in ENGINES and collection_path.name != config.getoption("engine"):
        return True
    return None


@pytest.fixture(scope="class")
def dbt_profile_target(request, tmp_path_factory):
    return request.config.stash[_engine].target(tmp_path_factory)


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

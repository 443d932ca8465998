"""DuckDB, in a file that each class has for itself."""

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import FACTORY


def target(tmp_path_factory):
    return {"type": "duckdb", "path": str(tmp_path_factory.mktemp("database") / "dbt.duckdb"), "threads": 4}


def release():
    """Closes Python's connections: one process at a time may write to a file."""
    for adapter in FACTORY.adapters.values():
        adapter.cleanup_connections()
    DuckDBConnectionManager.close_all_connections()

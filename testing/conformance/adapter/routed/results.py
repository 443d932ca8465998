"""dbt's result objects, rebuilt from the artifacts of an invocation."""

import json
from types import SimpleNamespace

import agate
from dbt.artifacts.schemas.batch_results import BatchResults
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.results import RunStatus, TestStatus
from dbt.artifacts.schemas.run import RunExecutionResult, RunResult
from dbt.contracts.graph.manifest import Manifest


class Target:
    """The target folder, with what run_results.json was before the invocation."""

    def __init__(self, path):
        self.path = path
        self.before = self._stamp()

    def _stamp(self):
        try:
            stat = (self.path / "run_results.json").stat()
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def has_new_results(self):
        return self._stamp() not in (None, self.before)

    def json(self, name):
        return json.loads((self.path / name).read_text(encoding="utf-8"))

    def manifest(self):
        """Through dbt's own reader, which refuses what does not fit its classes."""
        path = str(self.path / "manifest.json")
        return Manifest.from_writable_manifest(WritableManifest.read_and_check_versions(path))


def of(command, success, stdout, target):
    if command in ("clean", "debug", "deps"):
        return success
    if command in ("list", "ls"):
        return [line for line in stdout.splitlines() if line]
    if command == "parse":
        return target.manifest()
    if command == "docs":
        return CatalogArtifact.from_dict(target.json("catalog.json"))
    if not target.has_new_results():
        raise AssertionError(f"{command} ended without writing run_results.json")
    return _run(target, _shown(stdout) if command == "show" else None)


def _run(target, table):
    written = target.json("run_results.json")
    manifest = target.manifest()
    results = []
    for raw in written["results"]:
        result = RunResult(
            status=_status(raw),
            timing=[],
            thread_id=raw["thread_id"],
            execution_time=raw["execution_time"],
            adapter_response=raw["adapter_response"],
            message=raw["message"],
            failures=raw["failures"],
            node=_node(manifest, raw),
            batch_results=BatchResults.from_dict(raw["batch_results"]) if raw.get("batch_results") else None,
        )
        if table is not None:
            result.agate_table = table
        results.append(result)
    return RunExecutionResult(results=results, elapsed_time=written["elapsed_time"], args=written["args"])


def _status(raw):
    """A test that is only compiled succeeds; one that runs passes."""
    tested = raw["unique_id"].split(".")[0] in ("test", "unit_test") and raw["status"] != RunStatus.Success
    return (TestStatus if tested else RunStatus)(raw["status"])


def _node(manifest, raw):
    """The manifest's node. Inline queries and operations are in no manifest; tests read little of them."""
    unique_id = raw["unique_id"]
    if unique_id.split(".")[0] in ("sql_operation", "sql operation", "operation", "macro"):
        return SimpleNamespace(unique_id=unique_id, name=unique_id.split(".")[-1], compiled_code=raw["compiled_code"])
    node = manifest.expect(unique_id)
    if raw["compiled_code"] is not None:
        node.compiled_code = raw["compiled_code"]
    return node


def _shown(stdout):
    """The table of `show --output json`; None when there is none, as after an error."""
    start = stdout.find("{")
    if start < 0:
        return None
    rows = json.loads(stdout[start:])["show"]
    return agate.Table.from_object(rows)

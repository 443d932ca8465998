"""One invocation of dbt as one process of the binary."""

import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from unittest import mock

from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunnerResult
from dbt.materializations.incremental.microbatch import MicrobatchBuilder
from dbt_common.events.functions import get_capture_stream

from routed import events, failures, results

BINARY = os.environ["MILLRACE_BIN"]
SECONDS = 300

COMMANDS = {
    "build", "clean", "clone", "compile", "debug", "deps", "docs", "list", "ls", "parse", "run",
    "run-operation", "seed", "show", "snapshot", "test",
}  # fmt: skip


class Crashed(BaseException):
    """The binary did what no dbt does. No Exception: a test that expects an error must not take it for one."""


def invoke(runner, engine, args, **flags):
    if flags or runner.manifest is not None:
        raise NotImplementedError("flags as keywords and manifests in memory exist inside of a Python process only")
    argv = [str(a) for a in args]
    command = next((a for a in argv if a in COMMANDS), None)
    if command is None:
        raise NotImplementedError(f"no command whose results this plugin can read in {argv}")

    captured = get_capture_stream()
    # In a process of dbt's own the result of these two is a value; here it is what they print.
    if captured is None and command == "show":
        argv += ["--output", "json", "--quiet"]
    elif captured is None and command in ("list", "ls"):
        argv += ["--quiet"]

    environment = dict(os.environ, **_clock())
    if runner.callbacks:
        environment.update(DBT_LOG_FORMAT_FILE="json", DBT_LOG_LEVEL_FILE="debug")
    log = events.Log(Path(os.environ["DBT_LOG_PATH"], "dbt.log"))
    target = results.Target(Path.cwd() / os.environ.get("DBT_TARGET_PATH", "target"))

    engine.release()
    try:
        done = subprocess.run([BINARY, *argv], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired as e:
        raise Crashed(f"{argv} did not end within {SECONDS} s") from e
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    if captured is not None:
        captured.write(done.stdout)
    if done.returncode not in (0, 1, 2) or "\ngoroutine " in done.stderr:
        raise Crashed(f"exit code {done.returncode} of {argv}\n{done.stderr}")

    # Python's adapter, which the tests use for their own SQL, does not know what the process did.
    for adapter in FACTORY.adapters.values():
        adapter.cache.clear()
    for event in log.new_events() if runner.callbacks else ():
        for callback in runner.callbacks:
            callback(event)

    if done.returncode == 2:
        return dbtRunnerResult(success=False, exception=failures.exception(done.stdout, done.stderr))
    success = done.returncode == 0
    return dbtRunnerResult(success=success, result=results.of(command, success, done.stdout, target))


def _clock():
    """The variables that stop the binary's clock where a test stopped Python's."""
    end = MicrobatchBuilder.build_end_time
    if isinstance(end, mock.Mock):
        return {"MILLRACE_TEST_NOW": end.return_value.isoformat(), "MILLRACE_TEST_NOW_KIND": "batch"}
    freezegun = sys.modules.get("freezegun.api")
    if freezegun is not None and freezegun.freeze_factories:
        return {"MILLRACE_TEST_NOW": datetime.now(timezone.utc).isoformat(), "MILLRACE_TEST_NOW_KIND": "freeze"}
    return {}

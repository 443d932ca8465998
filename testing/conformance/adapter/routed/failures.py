"""The exception that dbt would have raised for what the binary printed before it left with exit code 2."""

import json
import re
import textwrap

from dbt.cli.exceptions import DbtUsageException
from dbt.exceptions import ParsingError
from dbt_common.exceptions import CompilationError, DbtDatabaseError, DbtRuntimeError

# The word before "Error" in a message's first line, as dbt writes it.
CLASSES = {
    "Compilation": CompilationError,
    "Database": DbtDatabaseError,
    "Parsing": ParsingError,
    "Runtime": DbtRuntimeError,
}


def exception(stdout, stderr):
    if stdout.startswith("{"):  # --log-format json
        events = [json.loads(line) for line in stdout.splitlines()]
        stdout = "".join(e["info"]["msg"] + "\n" for e in events if e["info"]["name"] == "MainEncounteredError")
    # Every line of the message but its first is indented; the next log line is not.
    found = re.search(r"Encountered an error:\n(?P<kind>[A-Z]\w+) Error(?P<message>.*\n(?:(?:[ \t].*)?\n)*)", stdout)
    if found is None:
        return DbtUsageException(stderr or stdout)
    if found["kind"] not in CLASSES:
        raise NotImplementedError(f"no exception class for {found['kind']} Error in routed/failures.py")
    where, _, message = found["message"].partition("\n")
    return CLASSES[found["kind"]]((where + "\n" + textwrap.dedent(message)).strip())

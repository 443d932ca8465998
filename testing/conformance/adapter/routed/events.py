"""dbt.log under DBT_LOG_FORMAT_FILE=json, as the events that a callback of dbtRunner gets."""

import importlib
import json

from google.protobuf.json_format import ParseDict

MODULES = ("dbt_common.events.types", "dbt.adapters.events.types", "dbt.events.types")


class Log:
    def __init__(self, path):
        self.path = path
        self.start = path.stat().st_size if path.exists() else 0

    def new_events(self):
        with self.path.open(encoding="utf-8") as lines:
            lines.seek(self.start)
            for line in lines:
                if line.startswith("{"):
                    event = _event(json.loads(line))
                    if event is not None:
                        yield event


def _event(raw):
    name = raw["info"]["name"]
    for module in map(importlib.import_module, MODULES):
        event = getattr(module, name, None)
        if event is not None:
            message = getattr(event.PROTO_TYPES_MODULE, name + "Msg")
            return ParseDict(raw, message(), ignore_unknown_fields=True)
    return None  # the binary has events of its own

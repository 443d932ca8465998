#!/usr/bin/env python3
"""Says what dbt's own Jinja environment makes of a template.

    oracle.py cases suite.txt > suite.json   expectations for a list of templates
    oracle.py serve                          one JSON request a line in, one JSON answer a line out

Needs `pip install dbt-common jinja2`. A request is {"src", "macros", "mode"}: mode text renders as dbt renders SQL, parse
leaves undefined values lenient as dbt does while it parses, native gives the repr of the value as in YAML.
"""
import json
import re
import signal
import sys
import warnings
from datetime import datetime
from decimal import Decimal

from dbt_common.clients.jinja import get_environment
from dbt_common.exceptions.macros import MacroReturn


class Rel:
    def __init__(self, database="db", schema="sch", identifier="tbl"):
        self.database, self.schema, self.identifier = database, schema, identifier

    def include(self, database=True, schema=True, identifier=True):
        return Rel(self.database if database else None, self.schema if schema else None, self.identifier)

    def render(self):
        return ".".join('"%s"' % part for part in (self.database, self.schema, self.identifier) if part)

    def __str__(self):
        return self.render()

    def __repr__(self):
        return "<Relation %s>" % self.render()


class Config:
    def __call__(self, *args, **kwargs):
        return ""

    def get(self, key, default=None):
        return default


class Node:
    """What dbt blames for an undefined value while it parses."""

    name = original_file_path = package_name = "case"


ENVIRONMENTS = {
    "text": get_environment(None, capture_macros=False),
    "parse": get_environment(Node(), capture_macros=True),
    "native": get_environment(None, capture_macros=False, native=True),
}


def context(macros, mode):
    """The names that case templates see; caseContext in the Go tests is its twin."""
    env = ENVIRONMENTS["text" if mode == "native" else mode]
    ctx = dict(
        rows=[{"name": "a", "n": 1, "g": "x"}, {"name": "b", "n": 2, "g": "y"}, {"name": "c", "n": 3, "g": "x"}],
        d={"z": 1, "a": 2, "m": 3}, dec=Decimal("1.10"), dt=datetime(2024, 1, 2, 3, 4, 5), rel=Rel(), shared=[], gd={},
        big=2**70, model_name="my_model", execute=True, config=Config(), ref=lambda *args: Rel(identifier=args[-1]),
        objlist=[Rel(identifier="t1"), Rel(identifier="t2")],
    )

    def give_back(data=None):
        raise MacroReturn(data)

    ctx["return"], ctx["context"], pkg = give_back, ctx, {}
    if macros:
        template = env.from_string(macros)
        for name in re.findall(r"macro\s+(\w+)\s*\(", macros):

            def call(*args, name=name, **kwargs):
                macro = getattr(template.make_module(vars=ctx), "dbt_macro__" + name)
                try:
                    return macro(*args, **kwargs)
                except MacroReturn as result:
                    return result.value

            pkg[name] = ctx[name] = call

    class Adapter:
        def dispatch(self, name, namespace=None):
            return ctx["default__" + name]

    ctx["pkg"], ctx["adapter"] = pkg, Adapter()
    return ctx


def answer(request):
    """expect, or err with the class and message of Python's error and the line it names."""
    mode = request.get("mode") or "text"
    try:
        result = ENVIRONMENTS[mode].from_string(request["src"]).render(context(request.get("macros"), mode))
        return {"expect": plain(repr(result) if mode == "native" else str(result))}
    except Exception as error:
        # Python's own SyntaxError counts the lines of the code that Jinja generates, so its line says nothing.
        line = 0 if isinstance(error, SyntaxError) else getattr(error, "lineno", None) or 0
        return {"err": "%s: %s" % (type(error).__name__, plain(str(error))), "line": line}


def plain(text):
    """The text without what differs from run to run and without dbt's heading."""
    return re.sub(r" at 0x[0-9a-f]+|__main__\.|^[A-Z]\w+ Error\n  ", "", text)


def cases(path):
    """One template a line: "== area mode" begins an area, "macros ⟹ template" gives macros of the context,
    "template ⟸ message" what we say instead of Python's words, ⏎ and ␍ stand for a newline and a carriage return."""
    area = mode = ""
    for line in open(path, encoding="utf-8").read().split("\n"):
        if line.startswith("== "):
            _, area, mode = line.split()
        elif area:
            line, _, ours = line.partition(" ⟸ ")
            macros, _, src = line.rpartition(" ⟹ ")
            case = {"cat": area, "mode": mode, "macros": macros, "src": src, "ours": ours}
            for key in "macros", "src":
                case[key] = case[key].replace("⏎", "\n").replace("␍", "\r")
            yield case


def too_long(*_):
    raise TimeoutError("took too long")


def main():
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["serve"]:
        signal.signal(signal.SIGALRM, too_long)
        for line in sys.stdin:
            signal.alarm(5)
            said = answer(json.loads(line))
            signal.alarm(0)
            print(json.dumps(said), flush=True)
    elif sys.argv[1:2] == ["cases"]:
        json.dump([dict(case, **answer(case)) for case in cases(sys.argv[2])], sys.stdout, indent=1, ensure_ascii=False)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

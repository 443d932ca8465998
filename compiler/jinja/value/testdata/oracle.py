"""Renders expressions with the template environment of dbt-common and writes what came out.

    python oracle.py < expressions.txt > expressions.json

One expression a line; empty lines and lines starting with # are skipped. A literal \\n in
the file is the two characters that the template sees.
"""
import datetime
import json
import sys
from decimal import Decimal

import pytz
from dbt_common.clients.jinja import get_environment

env = get_environment(None, capture_macros=False, native=False)
context = {"datetime": datetime, "pytz": pytz, "Decimal": Decimal, "set": set, "float": float, "zip": zip}

cases = []
for line in sys.stdin:
    line = line.rstrip("\n")
    if not line.strip() or line.startswith("#"):
        continue
    case = {"expr": line}
    try:
        case["want"] = env.from_string("{{ (" + line + ") }}").render(context)
    except Exception as e:
        case["error"] = type(e).__name__ + ": " + str(e)
    cases.append(case)
json.dump(cases, sys.stdout, indent=0, ensure_ascii=True)

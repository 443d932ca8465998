#!/usr/bin/env python3
"""Entries that are nearly right, with what dbt-core says about each: cases.jsonl.

Run with dbt-core 1.12 on the path: python gen.py > cases.jsonl
"""
import json
import random

import dbt.cli.main  # noqa: F401  (dbt's modules import each other in this order only)
import jsonschema
from dbt.contracts.graph import unparsed as u

READERS = {
    "model": u.UnparsedModelUpdate, "node": u.UnparsedNodeUpdate, "analysis": u.UnparsedAnalysisUpdate,
    "data_test": u.UnparsedSingularTestUpdate, "macro": u.UnparsedMacroUpdate, "function": u.UnparsedFunctionUpdate,
    "source": u.UnparsedSourceDefinition, "source_patch": u.SourcePatch, "exposure": u.UnparsedExposure,
    "group": u.UnparsedGroup, "unit_test": u.UnparsedUnitTest, "typed_metric": u.UnparsedMetric,
    "metric": u.UnparsedMetricV2, "semantic_model": u.UnparsedSemanticModel, "saved_query": u.UnparsedSavedQuery,
}
ADDED = {"original_file_path": "m.yml", "yaml_key": "k", "package_name": "p", "path": "m.yml"}
ODD = [None, "text", 1, 1.5, 2.0, True, [], ["a"], [1], [None], {}, {"a": 1}, "it's"]
rng = random.Random(12)


def value(schema, depth):
    """A value that the schema accepts."""
    if "anyOf" in schema:
        return value(rng.choice(schema["anyOf"]), depth)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "object":
        props = schema.get("properties")
        if props is None:
            return {} if rng.random() < 0.5 else {"k": 1}
        out = {}
        for key, of in props.items():
            if key != "_extra" and (key in schema.get("required", []) or rng.random() < (0.25 if depth else 0.4)):
                out[key] = value(of, depth + 1)
        return out
    if kind == "array":
        return [value(schema["items"], depth + 1) for _ in range(rng.randint(0, 2))]
    return {"string": "a", "integer": 3, "number": 0.5, "boolean": False, "null": None}.get(kind, "any")


def places(v, path=()):
    """Every place in a value."""
    yield path
    steps = v.items() if isinstance(v, dict) else enumerate(v) if isinstance(v, list) else ()
    for key, sub in steps:
        yield from places(sub, path + (key,))


def spoil(v):
    """Changes one place; may be harmless."""
    path = rng.choice([p for p in places(v) if p and p[0] not in ADDED] or [()])
    at = v
    for step in path[:-1]:
        at = at[step]
    kind = rng.random()
    if not path or kind < 0.15:
        target = at if isinstance(at, dict) else v
        target[rng.choice(["zzz", "aaa", "name", "tags", "config"])] = rng.choice(ODD)
    elif kind < 0.3 and isinstance(at, dict):
        del at[path[-1]]
    else:
        at[path[-1]] = rng.choice(ODD)
    return v


for name, reader in READERS.items():
    schema = reader.json_schema()
    validator = jsonschema.Draft7Validator(schema)
    for _ in range(60):
        entry = value(schema, 0)
        entry.update({k: v for k, v in ADDED.items() if k in schema["properties"]})
        for _ in range(rng.randint(0, 2)):
            spoil(entry)
        error = next(iter(validator.iter_errors(entry)), None)
        says = "" if error is None else "at path [%s]: %s" % ("][".join(map(repr, error.relative_path)), error.message)
        for key in ADDED:
            entry.pop(key, None)
        print(json.dumps({"record": name, "entry": entry, "says": says}))

#!/usr/bin/env python3
"""Compare two manifest.json files key by key.

    manifestdiff.py REFERENCE OURS [--packages a,b] [--order] [--limit N]

Timestamps, invocation ids and what compiling adds are ignored. The contents of the
built-in macro projects are not compared: they are another implementation. Lists whose
order dbt leaves to chance (tags of columns, edges made from sets) are compared sorted.
The exit status is 1 when anything differs.
"""
import argparse
import collections
import json
import sys

IGNORED = {'created_at', 'compiled_path', 'compiled', 'compiled_code', 'extra_ctes', 'extra_ctes_injected', 'build_path',
           'datatype'}  # datatype: always null in dbt 1.12; published readers of manifest v12 refuse the key
BUILTIN = {'dbt', 'dbt_duckdb', 'dbt_postgres'}
UNORDERED = {'tags'}
SECTIONS = ['nodes', 'sources', 'macros', 'docs', 'exposures', 'metrics', 'groups', 'selectors', 'disabled',
            'parent_map', 'child_map', 'group_map', 'saved_queries', 'semantic_models', 'unit_tests', 'functions']


class Differ:
    def __init__(self, order):
        self.order = order
        self.found = []

    def add(self, path, what, a=None, b=None):
        self.found.append((path, what, a, b))

    def compare(self, path, a, b):
        if isinstance(a, dict) and isinstance(b, dict):
            self.compare_dicts(path, a, b)
        elif isinstance(a, list) and isinstance(b, list):
            if path[-1] in UNORDERED or path[0] == 'group_map':
                a, b = sorted(a, key=str), sorted(b, key=str)
            if len(a) != len(b):
                self.add(path, 'differs', a, b)
                return
            for i, (x, y) in enumerate(zip(a, b)):
                self.compare(path + (str(i),), x, y)
        elif type(a) is not type(b) or a != b:
            self.add(path, 'differs', a, b)

    def compare_dicts(self, path, a, b):
        for key in a:
            if key in IGNORED:
                continue
            if key not in b:
                self.add(path + (key,), 'missing', a[key])
            else:
                self.compare(path + (key,), a[key], b[key])
        for key in b:
            if key not in a and key not in IGNORED:
                self.add(path + (key,), 'surplus', None, b[key])
        if self.order and set(a) == set(b) and list(a) != list(b):
            self.add(path, 'key order', list(a), list(b))


def builtin(uid):
    parts = uid.split('.')
    return len(parts) > 1 and parts[1] in BUILTIN


def main():
    args = argparse.ArgumentParser()
    args.add_argument('reference')
    args.add_argument('ours')
    args.add_argument('--packages', default='')
    args.add_argument('--order', action='store_true')
    args.add_argument('--limit', type=int, default=40)
    o = args.parse_args()
    with open(o.reference) as f:
        ref = json.load(f)
    with open(o.ours) as f:
        our = json.load(f)
    d = Differ(o.order)
    if list(ref) != list(our):
        d.add(('',), 'top keys', list(ref), list(our))
    for key in ('project_name', 'project_id', 'adapter_type', 'quoting', 'dbt_schema_version'):
        d.compare(('metadata', key), ref['metadata'].get(key), our['metadata'].get(key))
    wanted = set(filter(None, o.packages.split(',')))
    counts = {}
    for section in SECTIONS:
        a, b = ref.get(section) or {}, our.get(section) or {}
        keys = [k for k in list(a) + [k for k in b if k not in a] if not builtin(k)]
        counts[section] = sum(1 for k in keys if k in a)
        for key in keys:
            if wanted and key.split('.')[1:2] and key.split('.')[1] not in wanted:
                continue
            if key not in b:
                d.add((section, key), 'missing')
            elif key not in a:
                d.add((section, key), 'surplus')
            else:
                d.compare((section, key), a[key], b[key])
    kinds = collections.Counter()
    for path, what, _, _ in d.found:
        kinds[(path[0], '.'.join(p for p in path[2:] if not p.isdigit()), what)] += 1
    for path, what, a, b in d.found[:o.limit]:
        print(what, '/'.join(path))
        if a is not None:
            print('   reference:', json.dumps(a)[:300])
        if b is not None:
            print('   ours:     ', json.dumps(b)[:300])
    if len(d.found) > o.limit:
        print('…')
    for (section, keys, what), n in kinds.most_common(30):
        print(f'{n:6} {what:9} {section} {keys}')
    print('compared', {k: v for k, v in counts.items() if v}, 'differences:', len(d.found))
    return 1 if d.found else 0


if __name__ == '__main__':
    sys.exit(main())

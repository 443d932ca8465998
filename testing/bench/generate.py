#!/usr/bin/env python3
"""generate.py N DIR [--trivial] [--columns C]: a layered dbt project of N models, the same for the same N.

Four layers; every model but the first layer's refs one to three models of the layer before it. Every model has a YAML entry with four columns
and two to four tests; one in ten is incremental; one in five calls a macro; views everywhere else, so that a build costs the engine little.
With --columns there are C of them, which the first layer makes and the others hand on, each with a description.
With --trivial every model is a view of one row that refs what it would have selected from, without YAML: what a run costs beyond its statements.
"""
import pathlib
import random
import sys


def main():
    n, root, trivial = int(sys.argv[1]), pathlib.Path(sys.argv[2]), "--trivial" in sys.argv
    columns = int(sys.argv[sys.argv.index("--columns") + 1]) if "--columns" in sys.argv else 4
    more = [f"extra_{i:02d}" for i in range(5, columns + 1)]
    rnd = random.Random(n)
    for d in ("models", "macros"):
        (root / d).mkdir(parents=True, exist_ok=True)
    (root / "dbt_project.yml").write_text(
        "name: scale\nversion: '1.0'\nconfig-version: 2\nprofile: scale\nmodels:\n  scale:\n    +materialized: view\n    l0:\n      +tags: [base]\n")
    (root / "profiles.yml").write_text("scale:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: scale.duckdb, threads: 4}\n")
    (root / "macros" / "double.sql").write_text("{% macro doubled(column) %}{{ column }} * 2{% endmacro %}\n")
    layers = 4
    per = max(1, n // layers)
    names = [[] for _ in range(layers)]
    for i in range(n):
        names[min(i // per, layers - 1)].append(f"m_{i:05d}")
    for layer, models in enumerate(names):
        folder = root / "models" / f"l{layer}"
        folder.mkdir(exist_ok=True)
        doc = ["version: 2", "models:"]
        for k, name in enumerate(models):
            head = ""
            if rnd.random() < 0.1:
                head = "{{ config(materialized='incremental', unique_key='id') }}\n\n"
            amount = "{{ doubled('amount') }}" if rnd.random() < 0.2 else "amount"
            if trivial:
                parents = rnd.sample(names[layer - 1], min(len(names[layer - 1]), rnd.randint(1, 3))) if layer else []
                (folder / f"{name}.sql").write_text("".join(f"-- depends_on: {{{{ ref('{p}') }}}}\n" for p in parents) + f"select {k} as id\n")
                continue
            if layer == 0:
                body = f"select 1 as id, {k} as amount, 'x' as label, cast('2026-01-01' as date) as day{''.join(f', {i} as {c}' for i, c in enumerate(more))}\n"
            else:
                parents = rnd.sample(names[layer - 1], min(len(names[layer - 1]), rnd.randint(1, 3)))
                ctes = ",\n\n".join(f"p{j} as (\n    select * from {{{{ ref('{p}') }}}}\n)" for j, p in enumerate(parents))
                body = f"with {ctes}\n\nselect id, {amount} as amount, label, day{''.join(f', {c}' for c in more)}\nfrom p0\n"
            if head:
                body += "{% if is_incremental() %}\nwhere day > (select max(day) from {{ this }})\n{% endif %}\n"
            (folder / f"{name}.sql").write_text(head + body)
            doc += [f"  - name: {name}", f"    description: Model {k} of layer {layer}.", "    columns:",
                    "      - name: id", "        description: Key.", "        data_tests: [unique, not_null]",
                    "      - name: amount", "        description: Amount in cents."]
            if rnd.random() < 0.5:
                doc.append("        data_tests: [not_null]")
            doc += ["      - name: label", "        description: What it is called."]
            if rnd.random() < 0.5:
                doc += ["        data_tests:", "          - accepted_values:", "              arguments: {values: [x, y]}"]
            doc += ["      - name: day", "        description: Day of the event."]
            for c in more:
                doc += [f"      - name: {c}", f"        description: One more column, {c}, which model {k} has."]
            if (k + 1) % 50 == 0 or k + 1 == len(models):
                (folder / f"_{layer}_{k // 50:04d}.yml").write_text("\n".join(doc) + "\n")
                doc = ["version: 2", "models:"]


if __name__ == "__main__":
    main()

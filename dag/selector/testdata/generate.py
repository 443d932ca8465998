"""Asks dbt-core what selectors select, once. Run in a Python with dbt-core and dbt-duckdb:

    python generate.py

It writes manifest.json (macros of the project only), state/manifest.json and
state/run_results.json of an earlier version of the project, and answers.json.
"""
import json, os, pathlib, shutil, subprocess, sys, tempfile
from dbt.cli.main import dbtRunner

here = pathlib.Path(__file__).parent.resolve()
ALL = ["--resource-type", "all"]
cases = []
for s in """fqn:* stg_orders shop.staging shop.staging.* staging.stg_orders stg_* *orders *.orders stg_order? [rs]*_customers
dim_customers dim_customers.v1 dim_customers_v2 dim_* dim_customers.* dim_customer? revenue dotted.name shop.marts.finance.dotted.name
local_pkg pkg_model local_pkg.pkg_model package:local_pkg package:this package:s* tag:nightly tag:people tag:n* tag:external tag:bi
tag:seeded tag:unit_tag tag:slow tag:singular_tag tag:stage[1] tag:none group:core group:c? access:private access:public access:protected
source:raw source:raw.orders source:shop.raw.orders source:* source:other source:raw.* path:models/staging path:models/staging/
path:models/marts/marts.yml path:models/staging/stg_orders.sql path:models/*/fct_orders.sql path:models/** path:models/**/*.sql path:seeds path:tests
path:local_pkg path:models/marts/finance models/staging ./models/staging path:models/none path:snapshots/snap.sql path:analyses stg_orders.sql raw_customers.csv file:stg_* file:*.csv file:schema file:schema.yml
config.materialized:view config.materialized:incremental config.materialized:test config.meta.owner.team:core config.meta.owner.team:growth
config.meta.pii:true config.meta.pii:True config.meta.pii:false config.meta.level:3 config.level_list:1 config.enabled:true config.severity:WARN config.severity:warn config.severity:error
config.tags:nightly config.group:core config.access:public config.materialized:v* config:x config.nothing:1
test_name:unique test_name:not_null test_name:rel* test_name:orders_pass test_type:generic test_type:singular test_type:unit test_type:data test_type:schema
resource_type:model resource_type:seed resource_type:test resource_type:source resource_type:exposure resource_type:snapshot resource_type:unit_test resource_type:analysis resource_type:metric
exposure:dashboard exposure:* exposure:shop.orphan +exposure:dashboard metric:* semantic_model:* saved_query:* unit_test:orders_pass unit_test:shop.*
version:latest version:old version:prerelease version:none +stg_orders stg_orders+ +stg_orders+ 1+fct_orders fct_orders+1 2+revenue+1 @stg_customers @stg_orders @source:raw
source:raw+ source:raw.orders+1 +revenue 0+revenue revenue+0 +fct_orders,stg_* tag:nightly,config.materialized:view tag:nightly,tag:people stg_orders+,tag:nightly
+dim_customers state:new state:old state:modified state:unmodified state:modified.body state:modified.configs state:modified.relation state:modified.macros state:modified.contract state:modified.persisted_descriptions
state:modified+ 1+state:new+ result:success result:error result:fail result:pass result:skipped result:error+ selector:nightly selector:n* +selector:both selector:kids,tag:nightly nothing_here tag:nope source:nope fqn:""".split():
    cases.append(["--select", s])
cases += [["--select", "stg_orders", "stg_customers"], ["--select", "stg_orders stg_customers"], ["--select", "tag:nightly", "--exclude", "stg_orders"],
  ["--exclude", "resource_type:test"], ["--exclude", "tag:nightly+"], ["--select", "fqn:*", "--exclude", "source:*"],
  ["--select", "stg_orders+", "--exclude", "fct_orders+"], ["--select", "tag:nightly,config.materialized:view stg_payments"],
  ["--select", "stg_customers fct_orders", "--exclude", "test_name:relationships"], ["--exclude", "nope"], []]
for n in ["nightly", "union_exclude", "both", "kids", "at", "cautious", "inherits", "excluding", "listed"]:
    cases.append(["--selector", n])
for mode in ["eager", "cautious", "buildable", "empty"]:
    for s in [["fct_orders"], ["stg_customers"], ["+fct_orders"], ["fct_orders", "stg_customers"], ["dim_customers"], ["stg_orders+"], ["fct_orders,tag:nope"],
              ["source:raw.orders"], ["stg_orders,stg_orders"], ["path:models/marts", "--exclude", "revenue"]]:
        cases.append(["--indirect-selection", mode, "--select", *s])
typed = []
for t in [["model"], ["test"], ["seed", "snapshot"], ["unit_test"], ["source"], ["exposure"], ["default"]]:
    for s in [[], ["--select", "stg_orders+"], ["--select", "source:raw+"], ["--selector", "inherits"]]:
        typed.append(sum((["--resource-type", x] for x in t), []) + s)

def ls(args):
    try:
        r = dbtRunner().invoke(["--quiet", "ls", "--output", "json", "--output-keys", "unique_id", "--state", "state", *args])
    except BaseException as e:
        return None
    if not r.success or r.result is None:
        return None if r.exception is not None else []
    return sorted(json.loads(x)["unique_id"] for x in r.result)

def trim(path):
    m = json.loads(path.read_text())
    m["macros"] = {k: v for k, v in m["macros"].items() if k.split(".")[1] in ("shop", "local_pkg")}
    for v in list(m["nodes"].values()) + list(m["macros"].values()):
        v["depends_on"]["macros"] = [x for x in v["depends_on"].get("macros", []) if x in m["macros"]]
    m["docs"], m["parent_map"], m["child_map"] = {}, {}, {}
    m["metadata"].update(user_id=None, project_id=None, invocation_id=None, env={})
    path.write_text(json.dumps(m, indent=1, sort_keys=False) + "\n")

with tempfile.TemporaryDirectory() as tmp:
    work = pathlib.Path(tmp) / "p"
    shutil.copytree(here / "project", work)
    os.chdir(work)
    os.environ["DBT_PROFILES_DIR"] = "."
    assert dbtRunner().invoke(["deps"]).success
    # The earlier version: another body, another config, another macro, one model less.
    def edit(path, old, new):
        text = pathlib.Path(path).read_text(); assert old in text; pathlib.Path(path).write_text(text.replace(old, new))
    edit("models/staging/stg_orders.sql", "select *", "select 1 as order_id, *")
    edit("models/marts/fct_orders.sql", "select o.*", "{{ config(alias='f') }} select o.*")
    edit("macros/cents.sql", "({{ c }})", "(({{ c }}))")
    edit("models/marts/dim_customers_v1.sql", "select *", "{{ config(materialized='view', tags=['t']) }} select *")
    edit("models/marts/marts.yml", "  - name: dashboard\n    type: dashboard", "  - name: dashboard\n    type: notebook")
    edit("models/marts/marts.yml", "  - name: orphan", "  - name: orphan_was")
    edit("models/staging/schema.yml", "      - name: payments\n", "      - name: payments\n        identifier: pay\n")
    edit("models/staging/schema.yml", "rows: [{order_id: 1}]}", "rows: [{order_id: 2}]}")
    edit("seeds/raw_customers.csv", "1,a", "1,b")
    shutil.move("models/marts/finance/dotted.name.sql", "models/marts/finance/gone.sql")
    assert dbtRunner().invoke(["parse", "--target-path", "state"]).success
    shutil.copytree(here / "project" / "models", "models", dirs_exist_ok=True)
    os.remove("models/marts/finance/gone.sql")
    for d in ["seeds", "macros"]:
        shutil.copytree(here / "project" / d, d, dirs_exist_ok=True)
    rr = {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "dbt_version": "1.12.0"}, "elapsed_time": 1.0, "args": {}, "results": []}
    for uid, status in [("model.shop.stg_orders", "success"), ("model.shop.fct_orders", "error"), ("model.shop.revenue", "skipped"), ("seed.shop.raw_customers", "success")]:
        rr["results"].append({"status": status, "timing": [], "thread_id": "t", "execution_time": 0.1, "adapter_response": {}, "message": None, "failures": None, "unique_id": uid, "compiled": None, "compiled_code": None, "relation_name": None, "batch_results": None})
    pathlib.Path("state/run_results.json").write_text(json.dumps(rr, indent=1) + "\n")
    assert dbtRunner().invoke(["parse"]).success
    answers = []
    for c in cases:
        answers.append({"args": c, "ids": ls([*ALL, *c])})
    for c in typed:
        answers.append({"args": c, "ids": ls([*c])})
    shutil.copy("target/manifest.json", here / "manifest.json")
    (here / "state").mkdir(exist_ok=True)
    shutil.copy("state/manifest.json", here / "state" / "manifest.json")
    shutil.copy("state/run_results.json", here / "state" / "run_results.json")
trim(here / "manifest.json"); trim(here / "state" / "manifest.json")
out = ["[\n"]
out.append(",\n".join(json.dumps(a) for a in answers))
out.append("\n]\n")
(here / "answers.json").write_text("".join(out))
print(len(answers), "answers,", sum(a["ids"] is None for a in answers), "errors")

"""dagster_shop.py BIN PROJECT: dagster-dbt parses, builds and builds one model with BIN as its dbt executable."""
import json
import pathlib
import sys

from dagster import AssetExecutionContext, AssetKey, materialize
from dagster_dbt import DbtCliResource, dbt_assets

binary, project = sys.argv[1], pathlib.Path(sys.argv[2])
dbt = DbtCliResource(project_dir=str(project), profiles_dir=str(project), dbt_executable=binary)
parse = dbt.cli(["parse"], target_path=project / "target").wait()
assert parse.is_successful(), "parse failed"
manifest = parse.target_path / "manifest.json"


@dbt_assets(manifest=manifest)
def shop(context: AssetExecutionContext, dbt: DbtCliResource):
    yield from dbt.cli(["build"], context=context).stream()


def build(selection=None):
    result = materialize([shop], resources={"dbt": dbt}, selection=selection, raise_on_error=True)
    assert result.success
    return {e.asset_key for e in result.asset_materializations_for_node("shop")}, result.get_asset_check_evaluations()


nodes = json.loads(manifest.read_text())["nodes"].values()
built = [n for n in nodes if n["resource_type"] in ("model", "seed", "snapshot") and n["config"]["materialized"] != "ephemeral"]
everything, checks = build()
assert len(everything) == len(built), f"{len(built)} nodes, {len(everything)} materializations"
assert len(checks) > 20 and all(c.passed for c in checks), [c for c in checks if not c.passed]

key = AssetKey(["staging", "stg_customers"])
assert key in everything, sorted(k.to_user_string() for k in everything)
one, checks = build([key])
assert one == {key}, one
assert checks, "the tests of one model are checks of its asset"
print(f"dagster-dbt: {len(everything)} assets of {len(built)} nodes, then one alone with {len(checks)} checks")

#!/usr/bin/env bash
# shop-dbt.sh BIN DBT: dbt-core (the executable DBT, with dbt-duckdb) builds examples/shop on the tables that
# BIN has landed; every mart has the rows that BIN's own build left.
set -euo pipefail
if [ $# -ne 2 ]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
bin=$(readlink -f "$1")
dbt=$(readlink -f -s "$2")
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$root/examples/shop" "$work/shop"
rm -rf "$work/shop/target" "$work/shop/logs" "$work"/shop/*.duckdb
cd "$work/shop"
export DBT_PROFILES_DIR=. DBT_SEND_ANONYMOUS_USAGE_STATS=0
mkdir ours theirs
SHOP_DB=ours/shop.duckdb "$bin" build --quiet >/dev/null
SHOP_DB=theirs/shop.duckdb "$bin" stream catch-up --quiet
rm -rf target
SHOP_DB=theirs/shop.duckdb "$dbt" build --no-use-colors >"$work/log" || { tail -60 "$work/log"; exit 1; }
"$(dirname "$dbt")/python" - <<'PY'
import duckdb

marts = {}
for whose in ("ours", "theirs"):
    db = duckdb.connect(f"{whose}/shop.duckdb", read_only=True)
    names = [r[0] for r in db.execute("select table_name from information_schema.tables where table_schema = 'main_marts' order by 1").fetchall()]
    # Which batch a row came in says how it came, not what it is.
    marts[whose] = {n: sorted(map(repr, db.execute(f"select columns(c -> c not like '%\\_batch' escape '\\') from main_marts.{n}").fetchall())) for n in names}
assert marts["ours"].keys() == marts["theirs"].keys() and len(marts["ours"]) > 5, [list(m) for m in marts.values()]
for name, rows in marts["ours"].items():
    assert rows and rows == marts["theirs"][name], f"{name} differs"
print(f"ok   dbt-core on landed tables: {len(marts['ours'])} marts, {sum(map(len, marts['ours'].values()))} rows, equal")
PY

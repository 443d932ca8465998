#!/usr/bin/env bash
# run-tools.sh BIN: orchestrators from PyPI drive the binary as their dbt executable on examples/shop.
# The packages are half a gigabyte; they are installed once, into .venv-tools. Byte code is made only of what is imported.
set -euo pipefail
bin=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${MILLRACE_TOOLS_VENV:-$root/.venv-tools}
if [ ! -x "$venv/bin/dagster" ] || [ ! -x "$venv/bin/airflow" ] || [ ! -x "$venv/bin/dbt-score" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" -q install --no-compile -r "$here/tools/requirements.txt"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shop() { # a clean copy of the project
  cp -r "$root/examples/shop" "$work/$1"
  rm -rf "$work/$1/target" "$work/$1/logs" "$work/$1"/*.duckdb
}
quietly() { # its last line, or all of it when it fails
  "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  tail -n 1 "$work/log"
}
export DAGSTER_HOME="$work/dagster" DO_NOT_TRACK=1
mkdir -p "$DAGSTER_HOME"
printf 'telemetry:\n  enabled: false\n' >"$DAGSTER_HOME/dagster.yaml"

shop dagster-shop
quietly "$venv/bin/python" "$here/tools/dagster_shop.py" "$bin" "$work/dagster-shop"
shop cosmos-shop
quietly "$venv/bin/python" "$here/tools/cosmos_shop.py" "$bin" "$work/cosmos-shop" "$work/airflow"

# dbt-score looks for a program named dbt and lets it parse.
shop score-shop
mkdir "$work/path"
ln -s "$bin" "$work/path/dbt"
cd "$work/score-shop"
PATH="$work/path:$PATH" "$venv/bin/dbt-score" lint --run-dbt-parse --format json >"$work/score.json" || [ -s "$work/score.json" ]
"$venv/bin/python" - "$work/score.json" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
assert report["project"]["score"] > 0 and report["evaluables"], report["project"]
print(f"dbt-score: {len(report['evaluables'])} resources, score {report['project']['score']:.2f}")
PY

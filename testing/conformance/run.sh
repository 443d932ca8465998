#!/usr/bin/env bash
# run.sh BIN: published packages read what the binary writes for examples/shop.
set -euo pipefail
bin=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${MILLRACE_CONFORMANCE_VENV:-$root/.venv-conformance}
if [ ! -x "$venv/bin/dbt-score" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" -q install -r "$here/requirements.txt"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$root/examples/shop" "$work/shop"
rm -rf "$work/shop/target" "$work/shop/logs" "$work"/shop/*.duckdb
cd "$work/shop"
"$bin" build --quiet
cp target/run_results.json "$work/run_results.json"
"$bin" docs generate --quiet
cp "$work/run_results.json" target/run_results.json # the build's results are the ones to read
"$venv/bin/python" "$here/consumers.py" "$work/shop/target"

#!/usr/bin/env bash
# external-parser.sh BIN DBT [PROJECT...]: dbt-core 1.12 (the executable DBT, with dbt-duckdb)
# runs projects that BIN has parsed. Without projects: examples/shop. A project is a folder
# with dbt_project.yml and profiles.yml; it is copied, and its default target must need no server.
set -euo pipefail
if [ $# -lt 2 ]; then
  sed -n '2,4s/^# //p' "$0" >&2
  exit 2
fi
bin=$(readlink -f "$1")
dbt=$(readlink -f -s "$2")
shift 2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ $# -eq 0 ]; then
  set -- "$root/examples/shop"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for project in "$@"; do
  name=$(basename "$(readlink -f "$project")")
  copy=$work/$name
  cp -rL "$project" "$copy"
  rm -rf "$copy/target" "$copy/logs" "$copy"/*.duckdb
  cd "$copy"
  export DBT_PROFILES_DIR=$copy DBT_SEND_ANONYMOUS_USAGE_STATS=0 NO_COLOR=1 DBT_USE_COLORS=0
  if { [ -f packages.yml ] || [ -f dependencies.yml ]; } && [ ! -d dbt_packages ]; then
    "$bin" deps --quiet
  fi
  # The same commands twice: with dbt-core's own parser, then with ours.
  for parser in own external; do
    rm -rf target ./*.duckdb
    if [ -f streams.yml ]; then
      "$bin" stream catch-up --quiet # dbt-core finds the topics landed
    fi
    if [ $parser = external ]; then
      export DBT_ENGINE_USE_V2_PARSER=1 DBT_ENGINE_V2_PARSER="$bin parse"
    else
      unset DBT_ENGINE_USE_V2_PARSER DBT_ENGINE_V2_PARSER
    fi
    code=0
    "$dbt" build >"$work/$name.$parser.log" 2>&1 || code=$?
    if [ $code -gt 1 ] || [ ! -f target/run_results.json ]; then
      echo "FAIL $name: dbt build with the $parser parser ended with exit code $code" >&2
      tail -40 "$work/$name.$parser.log" >&2
      failed=1
      continue 2
    fi
    if [ $parser = external ] && ! grep -q 'Delegating parse to v2 parser' "$work/$name.$parser.log"; then
      echo "FAIL $name: dbt-core did not call the external parser" >&2
      failed=1
      continue 2
    fi
    python3 "$here/outcome.py" target/run_results.json >"$work/$name.$parser.txt"
  done
  if diff -u "$work/$name.own.txt" "$work/$name.external.txt"; then
    echo "ok   $name: $(wc -l <"$work/$name.own.txt") results, equal with dbt-core's parser and with ours"
  else
    echo "FAIL $name: results differ" >&2
    failed=1
  fi
done
exit $failed

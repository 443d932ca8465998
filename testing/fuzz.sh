#!/usr/bin/env bash
# Runs every fuzz target of the repository for the given time each (default 60s), then compares random templates with
# Python's Jinja2 under dbt (needs Python 3 and PyPI; MILLRACE_JINJA_PYTHON names an environment that has dbt-common).
set -euo pipefail
time=${1:-60s}
cd "$(dirname "$0")/.."
grep -rl --include='*_test.go' '^func Fuzz' cmd compiler dag adapters testing docs 2>/dev/null | sort | while read -r file; do
  grep -o '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/func //' | while read -r target; do
    echo "== $(dirname "$file") $target"
    go test "./$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 5s
  done
done
if [ -z "${MILLRACE_JINJA_PYTHON:-}" ]; then
  venv=$(mktemp -d)
  trap 'rm -rf "$venv"' EXIT
  python3 -m venv "$venv"
  "$venv/bin/pip" -q install 'dbt-common<2' 'jinja2>=3.1.3,<4'
  MILLRACE_JINJA_PYTHON=$venv/bin/python
fi
echo "== random templates against Jinja2"
MILLRACE_JINJA_PYTHON=$MILLRACE_JINJA_PYTHON MILLRACE_JINJA_ROUNDS=${MILLRACE_JINJA_ROUNDS:-20000} go test ./compiler/jinja -run TestDifferential -count 1 -v

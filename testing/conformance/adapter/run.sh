#!/usr/bin/env bash
# run.sh BIN ENGINE [PYTEST ARGS]: dbt Labs' adapter tests (dbt-tests-adapter on PyPI) against the binary.
#
#   run.sh bin/millrace postgres                  every test on PostgreSQL
#   run.sh bin/millrace duckdb -k Incremental     those whose names contain Incremental, on DuckDB
#   run.sh dbt postgres                           dbt itself, to know whose a failure is
#
# Everything is installed once into .venv-adapter. PostgreSQL is started for the run and thrown away after it,
# unless PGHOST names a server that has superuser root with password password and the databases dbt and
# dbtMixedCase, as some tests name them. JOBS is the number of workers.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 64; }
bin=$1 engine=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
case $engine in postgres | duckdb) ;; *) echo "run.sh: no such engine: $engine (postgres, duckdb)" >&2; exit 64 ;; esac

venv=${MILLRACE_ADAPTER_VENV:-$root/.venv-adapter}
if ! cmp -s <(cat "$here"/requirements*.txt) "$venv/installed"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" -q install -r "$here/requirements.txt"
  "$venv/bin/pip" -q install --no-deps -r "$here/requirements-dbt.txt"
  cat "$here"/requirements*.txt >"$venv/installed"
fi

work=$(mktemp -d)
finish() {
  [ ! -f "$work/postgres/postmaster.pid" ] || as_server pg_ctl -D "$work/postgres" -m immediate stop >/dev/null
  rm -rf "$work"
}
trap finish EXIT

as_server() { # as_server PROGRAM ARGS: PostgreSQL refuses to run as root
  local program=$server/$1
  shift
  if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$program" "$@"; else "$program" "$@"; fi
}

if [ "$engine" = postgres ] && [ -z "${PGHOST:-}" ]; then
  server=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$server" ] || { echo "run.sh: no /usr/lib/postgresql/*/bin; install postgresql" >&2; exit 69; }
  chmod 711 "$work"
  mkdir "$work/postgres"
  [ "$(id -u)" != 0 ] || chown postgres "$work/postgres"
  export PGHOST=127.0.0.1 PGUSER=root PGPASSWORD=password PGDATABASE=dbt
  PGPORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  export PGPORT
  (
    cd "$work/postgres"
    as_server initdb -D "$work/postgres" -U root -A trust -E UTF8 --no-sync >/dev/null
    as_server pg_ctl -D "$work/postgres" -l "$work/postgres/log" -w start >/dev/null \
      -o "-p $PGPORT -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=200"
    "$server/createdb" dbt
    "$server/createdb" dbtMixedCase
  )
fi

[ "$bin" = dbt ] || { MILLRACE_BIN=$(readlink -f "$bin"); export MILLRACE_BIN; }
export DO_NOT_TRACK=1 PYTHONPATH=$here PYTHONDONTWRITEBYTECODE=1
cp -r "$here/tests" "$here/pytest.ini" "$work/" # dbt's fixtures write their logs beside the tests
cd "$work"
"$venv/bin/python" -m pytest -p routed.plugin --engine "$engine" -n "${JOBS:-2}" --basetemp "$work/projects" "$@" tests

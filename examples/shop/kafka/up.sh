#!/usr/bin/env bash
# up.sh DIR [PORT]: the shop's services on real servers. Starts Kafka on PORT (9092) with a Kafka Connect worker in DIR;
# the worker reads what each service wrote (events.jsonl, split by topic) into its topic.
# Stop it with: testing/servers/kafka.sh stop DIR
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
kafka=$here/../../../testing/servers/kafka.sh
mkdir -p "$1"
dir=$(cd "$1" && pwd)
brokers=$("$kafka" start "$dir" 1 "${2:-9092}")

python3 - "$here/../events.jsonl" "$dir" <<'PY'
import json, sys
events, folder = sys.argv[1:]
files = {}
for line in open(events):
    e = json.loads(line)
    topic = e["topic"]
    if topic not in files:
        files[topic] = open(f"{folder}/{topic}.jsonl", "w")
    files[topic].write((e["payload"] if "payload" in e else json.dumps(e["value"], separators=(",", ":"))) + "\n")
for topic in files:
    with open(f"{folder}/{topic}.properties", "w") as f:
        f.write(f"name={topic}\nconnector.class=org.apache.kafka.connect.file.FileStreamSourceConnector\ntasks.max=1\nfile={folder}/{topic}.jsonl\ntopic={topic}\n")
PY
cat >"$dir/worker.properties" <<PROPERTIES
bootstrap.servers=$brokers
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
offset.storage.file.filename=$dir/connect.offsets
offset.flush.interval.ms=1000
listeners=http://127.0.0.1:0
PROPERTIES
"$kafka" connect "$dir" "$dir/worker.properties" "$dir"/shop.*.properties
# Ready when the broker's logs hold something of every topic and grow no more.
topics=$(ls "$dir"/shop.*.jsonl | wc -l)
held=
for _ in $(seq 120); do
  before=$held
  held=$(find "$dir/node1" -path '*/shop.*/*.log' -size +0 -printf '%h %s\n' 2>/dev/null | sort)
  written=$(sed 's/-[0-9]* .*//' <<<"$held" | sort -u | grep -c shop || true)
  [ "$written" -lt "$topics" ] || [ "$held" != "$before" ] || break
  sleep 1
done
[ "$written" -eq "$topics" ] || { tail -20 "$dir/connect.log" >&2; exit 1; }
echo "KAFKA_BROKERS=$brokers millrace build --project-dir examples/shop --vars 'shop_connection: kafka'"

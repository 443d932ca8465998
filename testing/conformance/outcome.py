"""Print what a run did, one node a line: unique_id, status, failures, relation, compiled SQL."""
import hashlib
import json
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    results = json.load(f)["results"]
for r in sorted(results, key=lambda r: r["unique_id"]):
    sql = " ".join((r.get("compiled_code") or "").split())
    digest = hashlib.sha256(sql.encode()).hexdigest()[:12] if sql else "-"
    print(r["unique_id"], r["status"], r.get("failures"), r.get("relation_name"), digest)

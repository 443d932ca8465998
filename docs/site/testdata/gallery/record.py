#!/usr/bin/env python3
"""record.py DBT: builds the gallery with dbt-core and keeps its artifacts in ../artifacts, without the macros that come with dbt and without paths of the machine."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
OUT = HERE.parent / "artifacts"


def slim(x, root):
    if isinstance(x, dict):
        return {k: slim(v, root) for k, v in x.items() if k not in ("build_path", "compiled_path", "checksum", "env", "user_id", "root_path")}
    if isinstance(x, list):
        return [slim(v, root) for v in x]
    return x.replace(root, "target") if isinstance(x, str) else x


def main():
    with tempfile.TemporaryDirectory() as tmp:
        target = pathlib.Path(tmp) / "target"
        env = {**os.environ, "GALLERY_DB": str(pathlib.Path(tmp) / "gallery.duckdb"), "DBT_SEND_ANONYMOUS_USAGE_STATS": "0"}

        def dbt(*args):
            subprocess.run([sys.argv[1], *args, "--profiles-dir", str(HERE), "--project-dir", str(HERE), "--target-path", str(target), "--log-path", tmp], env=env, stdout=subprocess.DEVNULL)

        shutil.rmtree(OUT, ignore_errors=True)
        (OUT / "run_history").mkdir(parents=True)
        for name in ("run_history/1.json", "run_history/2.json", "run_results.json"):
            dbt("build")
            shutil.copy(target / "run_results.json", OUT / name)
        dbt("source", "freshness")
        dbt("docs", "generate")
        for name in ("manifest.json", "catalog.json", "sources.json"):
            shutil.copy(target / name, OUT / name)
        for path in OUT.rglob("*.json"):
            data = json.loads(path.read_text())
            if path.name == "manifest.json":
                # Two built-in macros stay, to show that they are told apart.
                keep = {"macro.dbt.ref", "macro.dbt.is_incremental"}
                data["macros"] = {k: v for k, v in data["macros"].items() if v["package_name"] == "gallery" or k in keep}
                for key in ("parent_map", "child_map", "group_map", "disabled"):
                    data.pop(key, None)
            data.get("args", {}) and data.update(args={"which": data["args"].get("which")})
            path.write_text(json.dumps(slim(data, tmp), indent=1) + "\n")
    (HERE / ".user.yml").unlink(missing_ok=True)


main()

#!/usr/bin/env python3
"""compare.py --millrace BIN [--dbt DBT] [--models 1000] [--only parse,compile,build]

Runs the same commands of millrace and of dbt-core on the same generated project, in one session, and prints CPU time, wall time, peak memory and
their ratios. Only the ratios mean anything on a busy machine. Without --dbt (or DBT in the environment) only our own figures are printed.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent


def measure(cmd, cwd):
    """(exit code, wall s, cpu s, peak MiB) of one process and its children."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DBT_")}
    env.update(DO_NOT_TRACK="1", DBT_SEND_ANONYMOUS_USAGE_STATS="false", NO_COLOR="1")
    start = time.perf_counter()
    p = subprocess.Popen(cmd, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(p.pid, 0)
    return os.waitstatus_to_exitcode(status), time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(cmd, cwd, runs, before=None):
    results = []
    for _ in range(runs):
        if before:
            before()
        results.append(measure(cmd, cwd))
    bad = [r[0] for r in results if r[0] != 0]
    if bad:
        print(f"   {' '.join(map(str, cmd))}: exit code {bad[0]}", file=sys.stderr)
    return min(results, key=lambda r: r[2])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--millrace", required=True)
    ap.add_argument("--dbt", default=os.environ.get("DBT"))
    ap.add_argument("--models", type=int, default=1000)
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--only", default="parse,parse-warm,ls,compile,build")
    a = ap.parse_args()
    if not os.path.exists(a.millrace):
        sys.exit(f"no binary at {a.millrace}: run `make build`")
    millrace = os.path.abspath(a.millrace)
    steps = {
        "parse": (["parse", "--no-partial-parse"], True),
        "parse-warm": (["parse"], False),
        "ls": (["ls", "--quiet"], False),
        "compile": (["compile"], False),
        "build": (["build"], False),
    }
    with tempfile.TemporaryDirectory() as tmp:
        project = pathlib.Path(tmp) / "scale"
        subprocess.run([sys.executable, HERE / "generate.py", str(a.models), project], check=True)
        print(f"{a.models} models; best of {a.runs} by CPU time")
        print(f"{'command':12} {'tool':9} {'wall s':>8} {'cpu s':>8} {'µs/model':>9} {'MiB':>6}   ratio (cpu)")
        for step in a.only.split(","):
            args, cold = steps[step]
            rows = []
            for tool, binary in (("millrace", millrace), ("dbt", a.dbt)):
                if not binary:
                    continue

                def clean():
                    if cold:
                        shutil.rmtree(project / "target", ignore_errors=True)

                runs = a.runs if tool == "millrace" else 1
                code, wall, cpu, mib = best([binary, *args], project, runs, clean)
                rows.append((tool, wall, cpu, mib))
            for tool, wall, cpu, mib in rows:
                ratio = f"1/{rows[1][2] / cpu:.0f} of dbt" if tool == "millrace" and len(rows) > 1 else ""
                print(f"{step:12} {tool:9} {wall:8.2f} {cpu:8.2f} {cpu / a.models * 1e6:9.0f} {mib:6.0f}   {ratio}", flush=True)


if __name__ == "__main__":
    main()

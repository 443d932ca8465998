#!/usr/bin/env python3
"""compare.py --millrace BIN [--dbt DBT] [--dbt2 DBT2] [--models 100,1000,10000] [--only parse,parse-warm,ls,compile,docs,docs-site,build]

With --columns every model has that many: `--models 10000 --columns 15 --only parse,docs --largest-build 10000` is what documentation costs beside a
parse at 150,000 columns.

Runs the same commands of millrace, of dbt-core and of dbt 2 on the same generated projects, in one session, and prints the median of CPU time (of the
process and its children), wall time, peak memory and the ratios of CPU time. Only the ratios mean anything on a busy machine. dbt-core is taken from
--dbt, DBT or the PATH, dbt 2 from --dbt2 or DBT2; what is not there is said and left out. Other tools run once a step, at most --limit seconds; a
parse of 10,000 models takes dbt-core minutes, and projects beyond --largest-build are only parsed and listed.
"""
import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
LOOKING = ("parse", "parse-warm", "ls")  # steps that run no model
STEPS = {  # arguments, and whether the target folder is emptied before
    "parse": (["parse"], True),  # from nothing, keeping the parse for the next command
    "parse-warm": (["parse"], False),
    "ls": (["ls", "--quiet"], False),
    "compile": (["compile"], False),
    "docs": (["docs", "generate", "--no-partial-parse"], True),  # with lineage of columns; the catalog of an empty database
    "docs-site": (["docs", "generate", "--no-partial-parse", "--no-compile", "--empty-catalog"], False),
    "build": (["build"], False),
}


def measure(cmd, cwd, limit):
    """(exit code, wall s, cpu s, peak MiB) of one process and its children; None when it took too long."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DBT")}
    env.update(DO_NOT_TRACK="1", DBT_SEND_ANONYMOUS_USAGE_STATS="false", NO_COLOR="1")
    start = time.perf_counter()
    p = subprocess.Popen(cmd, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while True:
        pid, status, usage = os.wait4(p.pid, os.WNOHANG)
        wall = time.perf_counter() - start
        if pid:
            return os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
        if limit and wall > limit:
            os.killpg(p.pid, signal.SIGKILL)
            os.wait4(p.pid, 0)
            return None
        time.sleep(0.002)


def median(binary, args, project, cold, runs, limit):
    """The run of median CPU time. An earlier target is moved away and not deleted: an ext4 without a journal looks for new inodes among those that
    were freed in the last minutes one by one, which would make every file of a cold run cost ten times of what it costs."""
    results = []
    for _ in range(runs):
        if cold and (project / "target").exists():
            (project / "target").rename(project.parent / f"target-{time.monotonic_ns()}")
        r = measure([binary, *args], project, limit)
        if r is None:
            return None
        results.append(r)
    bad = [r[0] for r in results if r[0] != 0]
    if bad:
        print(f"   {binary} {' '.join(args)}: exit code {bad[0]}", file=sys.stderr)
    return sorted(results, key=lambda r: r[2])[len(results) // 2]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--millrace", required=True)
    ap.add_argument("--dbt", default=os.environ.get("DBT") or shutil.which("dbt"))
    ap.add_argument("--dbt2", default=os.environ.get("DBT2"))
    ap.add_argument("--models", default="100,1000,10000")
    ap.add_argument("--columns", type=int, default=4)
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--limit", type=float, default=900)
    ap.add_argument("--largest-build", type=int, default=1000)
    ap.add_argument("--only", default=",".join(STEPS))
    a = ap.parse_args()
    if not os.path.exists(a.millrace):
        sys.exit(f"no binary at {a.millrace}: run `make build`")
    tools = [(name, os.path.abspath(path)) for name, path in (("millrace", a.millrace), ("dbt-core", a.dbt), ("dbt 2", a.dbt2)) if path]
    for name, path, how in (("dbt-core", a.dbt, "--dbt or DBT"), ("dbt 2", a.dbt2, "--dbt2 or DBT2")):
        if not path:
            print(f"{name} is not installed or not named by {how}: no ratios to it")
    print(f"median of {a.runs} runs by CPU time; the other tools run once")
    print(f"{'models':>6} {'command':11} {'tool':9} {'wall s':>8} {'cpu s':>8} {'µs/model':>9} {'MiB':>6}   millrace's cpu")
    with tempfile.TemporaryDirectory() as folder:  # nothing is deleted before the end, see median
        compare(a, tools, pathlib.Path(folder))


def compare(a, tools, folder):
    smallest = {}  # by step: models and CPU time of millrace at the smallest size
    for models in map(int, a.models.split(",")):
        steps = [step for step in a.only.split(",") if step in LOOKING or models <= a.largest_build]
        figures = {}
        for tool, binary in tools:
            project = folder / f"{'-'.join(tool.split())}-{models}" / "scale"
            subprocess.run([sys.executable, HERE / "generate.py", str(models), project, "--columns", str(a.columns)], check=True)
            time.sleep(2.5)  # files older than the coarsest clock of a file system
            for step in steps:
                args, cold = STEPS[step]
                if not cold:
                    measure([binary, "parse"], project, a.limit)
                figures[step, tool] = median(binary, args, project, cold, a.runs if tool == "millrace" else 1, a.limit)
        for step in steps:
            for tool, _ in tools:
                r = figures[step, tool]
                if r is None:
                    print(f"{models:6} {step:11} {tool:9} more than {a.limit:.0f} s")
                    continue
                _, wall, cpu, mib = r
                note = notes(step, tool, models, cpu, figures, smallest)
                print(f"{models:6} {step:11} {tool:9} {wall:8.2f} {cpu:8.2f} {cpu / models * 1e6:9.0f} {mib:6.0f}   {note}", flush=True)


def notes(step, tool, models, cpu, figures, smallest):
    """The ratios that a line is there for."""
    ours = figures[step, "millrace"]
    if tool != "millrace":
        return f"1/{cpu / ours[2]:.0f}" if ours else ""
    said = []
    if step in ("parse-warm", "ls") and figures.get(("parse", "millrace")):
        said.append(f"1/{figures['parse', 'millrace'][2] / cpu:.1f} of cold")
    if step.startswith("docs") and figures.get(("parse", "millrace")):
        said.append(f"{cpu / figures['parse', 'millrace'][2]:.1f} times a cold parse")
    if step in smallest:
        few, least = smallest[step]
        said.append(f"×{cpu / models / (least / few):.2f} a model of {few}")
    else:
        smallest[step] = models, cpu
    return ", ".join(said)


if __name__ == "__main__":
    main()

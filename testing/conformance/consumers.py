"""consumers.py TARGET_DIR: read the artifacts of a build with published packages; any failure is an exception."""
import json
import pathlib
import subprocess
import sys

from dbt_artifacts_parser.parser import parse_catalog, parse_manifest, parse_run_results


def main():
    target = pathlib.Path(sys.argv[1])
    manifest = parse_manifest(json.loads((target / "manifest.json").read_text()))
    results = parse_run_results(json.loads((target / "run_results.json").read_text()))
    catalog = parse_catalog(json.loads((target / "catalog.json").read_text()))
    assert type(manifest).__name__ == "ManifestV12", type(manifest)
    assert type(results).__name__ == "RunResultsV6", type(results)
    assert type(catalog).__name__ == "CatalogV1", type(catalog)
    assert manifest.nodes and manifest.macros and results.results and catalog.nodes
    known = set(manifest.nodes) | set(manifest.unit_tests or {}) | set(manifest.exposures or {}) | set(manifest.saved_queries or {})
    unknown = [r.unique_id for r in results.results if r.unique_id not in known]
    assert not unknown, f"results of nodes that the manifest does not have: {unknown}"
    score = subprocess.run([pathlib.Path(sys.executable).parent / "dbt-score", "lint", "--manifest", str(target / "manifest.json"), "--format", "json"],
                           capture_output=True, text=True, check=False)
    report = json.loads(score.stdout)
    assert report["project"]["score"] > 0, report["project"]
    print(f"{target}: {len(manifest.nodes)} nodes, {len(results.results)} results, {len(catalog.nodes)} relations; dbt-score {report['project']['score']:.2f}")


if __name__ == "__main__":
    main()

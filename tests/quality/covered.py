"""Which lines and branches of the package the tests run: what ``nox -s coverage`` does.

All tests, in all their processes, then those of the compiled loops once more with numba's compiler off, which runs the
same loops as plain Python: what numba compiles cannot be traced. The record holds each module and each layer.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .records import FRESH, ROOT, sources_hash, write

#: Tests that go through loops which numba compiles.
LOOPS = (
    *("tests/official/test_scan.py", "tests/official/test_coded.py", "tests/robustness/test_kernel.py"),
    *("tests/comparison/test_synthetic.py", "tests/selection/test_solve.py", "tests/test_speed.py"),
)


def layers() -> list[tuple[str, ...]]:
    """Return the layers of the package, lowest first, as tests/test_house.py declares them."""
    tree = ast.parse((ROOT / "tests" / "test_house.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LAYERS":
            return list(ast.literal_eval(node.value))
    raise LookupError("tests/test_house.py declares no LAYERS")


def share(summary: Mapping[str, int]) -> float:
    """Return lines and branches run, of all, in percent with two decimals."""
    every = summary["num_statements"] + summary["num_branches"]
    return round(100 * (summary["covered_lines"] + summary["covered_branches"]) / every, 2) if every else 100.0


def added(parts: list[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums of what the summaries of modules count."""
    names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    return {name: sum(part[name] for part in parts) for name in names}


def record_of(report: Mapping[str, Any], order: list[tuple[str, ...]]) -> dict[str, Any]:
    """Return totals, layers and modules of coverage's own report."""
    modules = {name.removeprefix("lipresearch/"): one["summary"] for name, one in sorted(report["files"].items())}
    first = {name: name.split("/")[0].removesuffix(".py").replace("__init__", "") for name in modules}
    found = []
    for layer in order:
        parts = [summary for name, summary in modules.items() if first[name] in layer]
        if parts:
            found.append({"modules": ", ".join(filter(None, layer)) or "lipresearch", "covered": share(added(parts))})
    return {
        "version": report["meta"]["version"],
        "covered": share(report["totals"]),
        "lines": report["totals"]["num_statements"],
        "branches": report["totals"]["num_branches"],
        "excluded": report["totals"]["excluded_lines"],
        "layers": found,
        "modules": {name: share(summary) for name, summary in modules.items()},
    }


def main(arguments: list[str]) -> None:
    """Measure and write the record: all; with ``--loops`` the second part anew; with ``--report`` nothing more."""
    data = FRESH / "coverage"
    data.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "COVERAGE_FILE": str(data / ".coverage")}

    def run(*command: str, **more: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=environment | more, check=False
        ).returncode

    failed = 0
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.quality.keep_coverage")
    if not {"--report", "--loops"} & set(arguments):
        for path in data.glob(".coverage*"):
            path.unlink()
        failed = run("coverage", "run", *tests, "-n", "2", "--dist", "loadscope", "--nbval")
        run("coverage", "combine", "--quiet", str(data))
    if "--report" not in arguments:
        # As in compiled code, unsigned numbers go on from 0 after their largest; NumPy warns of that.
        plain = (*tests, "-W", "ignore:overflow encountered:RuntimeWarning")
        failed = run("coverage", "run", *plain, *LOOPS, NUMBA_DISABLE_JIT="1") or failed
        run("coverage", "combine", "--quiet", "--append", str(data))
    report = data / "report.json"
    if run("coverage", "json", "--quiet", "-o", str(report)):
        sys.exit("coverage has nothing to report: run `nox -s coverage` without --report")
    record = record_of(json.loads(Path(report).read_text(encoding="utf-8")), layers())
    write("coverage.json", {"sources": sources_hash(), **record})
    print(f"coverage: {record['covered']} % of {record['lines']} lines and {record['branches']} branches")
    if failed:
        sys.exit("some tests failed")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Run tests as ``make test`` does and record how many passed.

``python -m tests.quality.tally NAME [OPTIONS OF PYTEST]``
"""

from __future__ import annotations

import collections
import platform
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from .records import FRESH, ROOT, write


def counted(report: Path) -> dict[str, Any]:
    """Return how many tests of a JUnit report had which outcome, and why some were skipped."""
    outcomes: collections.Counter[str] = collections.Counter()
    reasons: collections.Counter[str] = collections.Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
        outcomes[kinds[0] if kinds else "passed"] += 1
        if kinds == ["skipped"]:
            reasons[case.find("skipped").get("message", "")] += 1
    return {
        **{kind: outcomes[kind] for kind in ("passed", "failure", "error", "skipped")},
        "reasons": dict(sorted(reasons.items())),
    }


def main(arguments: list[str]) -> None:
    """Run pytest and write the record; its exit code is that of pytest."""
    name, *options = arguments
    report = FRESH / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadscope", f"--junitxml={report}", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    summary = [line.strip() for line in lines if re.match(r"bad input: \d", line)]
    record = {"python": platform.python_version(), **counted(report), "summary": summary[-1] if summary else ""}
    write(f"{name}.json", record)
    report.unlink()
    sys.exit(process.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])

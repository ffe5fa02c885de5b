"""Rules, layout, types and unused code: what ``nox -s lint`` runs, and its record."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from .records import ROOT, write

PATHS = ("lipresearch", "tests", "benchmarks", "notebooks", "noxfile.py")


def notebook_code(root: Path = ROOT) -> str:
    """Return the code of all notebooks, which uses functions that nothing else does."""
    cells = []
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                cells.append("".join(cell["source"]))
    return "\n".join(cells) + "\n"


def unused(paths: Sequence[str], folder: Path, root: Path = ROOT) -> list[str]:
    """Return what vulture finds unused in these paths; what a notebook uses is used."""
    used = folder / "notebooks.py"
    used.write_text(notebook_code(root), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "vulture", "--config", str(root / "pyproject.toml"), *paths, str(used)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 3):
        raise RuntimeError(done.stdout + done.stderr)
    return [line for line in done.stdout.splitlines() if not line.startswith(str(used))]


def said(*command: str) -> tuple[int, str]:
    """Run a tool of this environment; return its exit code and what it printed."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, end="")
    return done.returncode, done.stdout


def main() -> None:
    """Run all four and write the record; exit code 1 where one of them finds something."""
    rules, _ = said("ruff", "check", ".")
    layout, formatted = said("ruff", "format", "--check", ".")
    types, typed = said("mypy")
    with tempfile.TemporaryDirectory() as folder:
        left = unused(PATHS, Path(folder))
    print("\n".join(left) or "vulture: nothing unused")
    number = re.search(r"in (\d+) source files", typed)
    record = {
        "versions": {name: version(name) for name in ("ruff", "mypy", "vulture")},
        "files": sum(map(int, re.findall(r"(\d+) files? ", formatted))),
        "typed": int(number[1]) if number else 0,
        "rules": "clean" if rules == 0 else "broken",
        "layout": "clean" if layout == 0 else "broken",
        "types": "clean" if types == 0 else "broken",
        "unused": left,
    }
    write("lint.json", record)
    if rules or layout or types or left:
        sys.exit(1)


if __name__ == "__main__":
    main()

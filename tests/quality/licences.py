"""Write or check ``docs/licences.md``: the licence of every package of the lock and of every dataset.

Run in an environment that holds the lock: ``python -m tests.quality.licences [--write]``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from .records import ROOT

PAGE = "docs/licences.md"
ELSEWHERE = "not installed here: for another system or Python"
HEAD = """# Licences

Made by `nox -s licences -- --write` from what is installed and from `data/raw/*/SOURCE.toml`; not edited by hand.

The code of this project is under the MIT licence (`LICENSE`).

"""
PACKAGES = """## Packages of the lock

As each package states it. `lipresearch` imports those of the first list in `docs/dependencies.md`; the others are
brought by them, or are needed to test and to install. None of them is under the GPL.

| package | version | licence |
|---|---|---|
"""
DATA = """
## Data

| dataset | publisher | licence |
|---|---|---|
"""


def pins(root: Path = ROOT) -> dict[str, str]:
    """Return ``{package: version}`` of the lock."""
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def plain(name: str) -> str:
    """Return a package's name as the lock writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """Return ``{package: licence}`` of this environment, as pip-licenses finds it."""
    done = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--with-system", "--from=all"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {plain(one["Name"]): stated(one) for one in json.loads(done.stdout)}


def stated(one: Mapping[str, str]) -> str:
    """Return a licence: the expression, else the classifier, else the package's own words; of texts only the BSD's."""
    if "Redistribution and use in source and binary forms" in one["License-Metadata"]:
        return f"BSD-{3 if 'Neither the name' in one['License-Metadata'] else 2}-Clause"
    kinds = [one[f"License-{kind}"] for kind in ("Expression", "Classifier", "Metadata")]
    return next((text for text in kinds if text != "UNKNOWN" and len(text) < 80 and "\n" not in text), "UNKNOWN")


def cell(text: str) -> str:
    """Return text that fits into a cell of a table."""
    return text.replace("|", "\\|").strip()


def page(licences: Mapping[str, str], before: Mapping[str, str], root: Path = ROOT) -> str:
    """Return the page; a package that is not installed keeps what stood there before."""
    rows = [
        f"| `{name}` | {version} | {cell(licences.get(name) or before.get(name) or ELSEWHERE)} |"
        for name, version in sorted(pins(root).items())
    ]
    sets = []
    for path in sorted((root / "data" / "raw").glob("*/SOURCE.toml")):
        source = tomllib.loads(path.read_text(encoding="utf-8"))
        sets.append(f"| `{path.parent.name}` | {cell(source['publisher'])} | {cell(source['licence'])} |")
    return HEAD + PACKAGES + "\n".join(rows) + "\n" + DATA + "\n".join(sets) + "\n"


def listed(text: str) -> dict[str, tuple[str, str]]:
    """Return ``{package: (version, licence)}`` of a page."""
    part = text.split("## Packages of the lock")[-1].split("## Data")[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| (.+) \|$", part, re.MULTILINE)
    return {name: (version, licence) for name, version, licence in rows}


def main(arguments: list[str]) -> None:
    """Write the page, or stop where the stored one is not what would be written."""
    path = ROOT / PAGE
    stored = path.read_text(encoding="utf-8") if path.is_file() else ""
    made = page(installed(), {name: licence for name, (_, licence) in listed(stored).items()})
    if "--write" in arguments:
        path.write_text(made, encoding="utf-8", newline="\n")
    elif made != stored:
        lines = sorted(set(made.splitlines()) ^ set(stored.splitlines()))
        sys.exit(
            f"{PAGE} is not what the packages say. Run `nox -s licences -- --write`. Differs in:\n" + "\n".join(lines)
        )
    print(f"licences: {len(listed(made))} packages, {made.count(chr(10) + '| `') - len(listed(made))} datasets")


if __name__ == "__main__":
    main(sys.argv[1:])

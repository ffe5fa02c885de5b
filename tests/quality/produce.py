"""Make everything that has to be the same everywhere, and print its hashes: what ``determinism`` runs.

Run in a project folder of its own: ``python produce.py [--without-numba] [--locale]``.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import json
import locale
import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

#: Whose versions the record names.
PACKAGES = ("numpy", "pandas", "polars", "scipy", "numba", "statsmodels", "shapely", "matplotlib", "pillow")

#: A picture inside a page. It is hashed apart: other versions of matplotlib draw the same data with other bytes.
PICTURE = re.compile(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+")

CLUSTERS = ("education", "health", "labour", "justice", "inclusion")


def without_numba() -> None:
    """Make numba look as if it were not installed."""
    found = importlib.util.find_spec

    def hidden(name: str, *rest: Any) -> Any:
        return None if name.split(".")[0] == "numba" else found(name, *rest)

    sys.modules["numba"] = None  # type: ignore[assignment]
    importlib.util.find_spec = hidden  # type: ignore[assignment]


def commands() -> Iterator[tuple[str, ...]]:
    """Yield what is asked of the command line."""
    yield ("verify",)
    yield ("build", "--force")
    for cluster in CLUSTERS:
        yield ("rank", cluster, "--format", "json", "--output", f"out/rank_{cluster}.json")
        yield ("select", cluster, "--format", "json", "--output", f"out/select_{cluster}.json")
    yield ("robustness", "health", "--format", "csv", "--output", "out/robustness_health.csv")
    yield ("memo", "health", "--draws", "2000", "--output", "out/memo_en.html")
    yield ("memo", "labour", "--draws", "2000", "--language", "fr", "--output", "out/memo_fr.html")


def run(arguments: tuple[str, ...]) -> None:
    """Run one command in this process; stop with what it said where it fails."""
    from lipresearch.cli import main

    said = io.StringIO()
    code: object = 0
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            main(arguments)
    except SystemExit as stop:
        code = stop.code
    if code not in (0, None):
        sys.exit(f"lipresearch {' '.join(arguments)} ended with {code}:\n{said.getvalue()}")


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def hashes(folder: Path) -> dict[str, str]:
    """Return ``{file: sha256}`` of what was made; pictures inside pages as files of their own."""
    found = {}
    for part in (folder / "data" / "derived", folder / "out"):
        for path in sorted(part.rglob("*")):
            if not path.is_file():
                continue
            name, content = path.relative_to(folder).as_posix(), path.read_bytes()
            if path.suffix == ".html":
                pictures = PICTURE.findall(content.decode("utf-8"))
                if not pictures:
                    sys.exit(f"{name} holds no picture")
                found[f"{name} (pictures)"] = sha256("\n".join(pictures).encode())
                content = PICTURE.sub("PICTURE", content.decode("utf-8")).encode()
            found[name] = sha256(content)
    return found


def versions() -> dict[str, str]:
    """Return the versions of what computes here."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def main(arguments: list[str]) -> None:
    """Make everything in the working folder and print one JSON object."""
    if "--without-numba" in arguments:
        without_numba()
    if "--locale" in arguments:
        locale.setlocale(locale.LC_ALL, "")
    folder = Path.cwd()
    for command in commands():
        run(command)
    print(
        json.dumps(
            {
                "python": platform.python_version(),
                "locale": locale.setlocale(locale.LC_ALL),
                "versions": versions(),
                "hashes": hashes(folder),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])

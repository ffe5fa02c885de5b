"""Where the records of quality lie, and how they are written.

A check writes into ``outputs/quality``, which git does not keep. ``nox -s quality`` takes what is there into
``docs/quality`` and writes ``docs/quality.md`` from it, so that a record changes only where somebody asked for it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FRESH = ROOT / "outputs" / "quality"
KEPT = ROOT / "docs" / "quality"


def sources_hash(root: Path = ROOT) -> str:
    """Return one SHA-256 over the package, ``data/raw`` and ``data/design`` (line ends do not matter)."""
    digest = hashlib.sha256()
    for part in ("lipresearch", "data/raw", "data/design"):
        for path in sorted((root / part).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def derived_hash(root: Path = ROOT) -> str:
    """Return one SHA-256 over ``data/derived``."""
    digest = hashlib.sha256()
    for path in sorted((root / "data" / "derived").rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def read(name: str, folder: Path = KEPT) -> dict[str, Any] | None:
    """Return a record, or None where there is none."""
    path = folder / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def write(name: str, record: dict[str, Any], folder: Path = FRESH) -> Path:
    """Write a record and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    return path

"""The recorded hash of every published figure's file, and the check that none has changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from lipresearch.errors import DataChangedError, NotFoundError
from lipresearch.paths import relative
from lipresearch.tables import read_records, write_table

#: Where the registry lies, from the project folder.
REGISTRY = "data/raw/registry.csv"
HEADER = ("file", "bytes", "sha256")


@dataclass(frozen=True)
class Verified:
    """What ``verify_raw`` looked at: number of files and datasets, bytes, and the registry's own hash."""

    files: int
    datasets: int
    bytes: int
    registry_sha256: str


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 as 64 hexadecimal digits."""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def raw_files(root: Path) -> list[Path]:
    """Return every file under ``data/raw`` but the registry, sorted by its path."""
    raw = root / "data" / "raw"
    found = [path for path in raw.rglob("*") if path.is_file() and path != root / REGISTRY]
    return sorted((path for path in found if path.name != ".DS_Store"), key=lambda path: relative(path, root))


def write_registry(root: Path) -> None:
    """Record size and SHA-256 of every file under ``data/raw``; only ``compile`` calls this."""
    rows = [(relative(path, root), str(path.stat().st_size), sha256_of(path)) for path in raw_files(root)]
    write_table(root / REGISTRY, HEADER, rows)


def record_dataset(root: Path, dataset: str) -> None:
    """Record the files of one dataset; what is recorded of the others stays, so that a change in them still shows."""
    folder = root / "data" / "raw" / dataset
    mine = {
        relative(path, root): (path.stat().st_size, sha256_of(path))
        for path in raw_files(root)
        if folder in path.parents
    }
    _rewrite(root, dataset, mine)


def forget_dataset(root: Path, dataset: str) -> bool:
    """Take the files of one dataset out of the registry; return whether there were any."""
    return _rewrite(root, dataset, {})


def _rewrite(root: Path, dataset: str, mine: dict[str, tuple[int, str]]) -> bool:
    recorded = read_registry(root)
    others = {name: entry for name, entry in recorded.items() if name.split("/")[2] != dataset}
    rows = [(name, str(size), digest) for name, (size, digest) in sorted((others | mine).items())]
    write_table(root / REGISTRY, HEADER, rows)
    return len(others) < len(recorded)


def read_registry(root: Path) -> dict[str, tuple[int, str]]:
    """Return ``{file: (bytes, sha256)}``."""
    header, records = read_records(root / REGISTRY, REGISTRY)
    usable = all(len(record) == 3 and record[1].isascii() and record[1].isdecimal() for _, record in records)
    if tuple(header) != HEADER or not usable or len({record[0] for _, record in records}) != len(records):
        raise DataChangedError(f"{REGISTRY} is damaged. Restore it: git checkout -- {REGISTRY}")
    return {name: (int(size), digest) for _, (name, size, digest) in records}


def verify_raw(root: Path) -> Verified:
    """Check that every file under ``data/raw`` is the recorded one.

    Parameters
    ----------
    root : Path
        Project folder.

    Returns
    -------
    Verified

    Raises
    ------
    DataChangedError
        Naming every file that changed (with expected and found hash), is missing or is not recorded.
    NotFoundError
        If there is no registry.
    """
    if not (root / REGISTRY).is_file():
        raise NotFoundError(f"{REGISTRY} is missing. Restore it: git checkout -- data/raw")
    recorded = read_registry(root)
    present = {relative(path, root): path for path in raw_files(root)}
    lines: list[str] = []
    for name, (size, expected) in sorted(recorded.items()):
        if name not in present:
            lines.append(f"  {name}\n    missing; expected sha256 {expected}")
            continue
        found = sha256_of(present[name])
        if found != expected:
            lines.append(f"  {name}\n    expected sha256 {expected}\n    found    sha256 {found}")
        elif present[name].stat().st_size != size:
            lines.append(f"  {name}\n    expected {size} bytes\n    found    {present[name].stat().st_size} bytes")
    lines += [f"  {name}\n    is not recorded in {REGISTRY}" for name in sorted(set(present) - set(recorded))]
    if lines:
        raise DataChangedError(
            "data/raw is not what was recorded; nothing was computed.\n"
            + "\n".join(lines)
            + "\nEither a file was edited (restore it: git checkout -- data/raw),"
            "\nor the published data were compiled anew (record them: lipresearch compile --sources FOLDER)."
        )
    return Verified(
        files=len(recorded),
        datasets=len({name.split("/")[2] for name in recorded if name.count("/") >= 3}),
        bytes=sum(size for size, _ in recorded.values()),
        registry_sha256=sha256_of(root / REGISTRY),
    )

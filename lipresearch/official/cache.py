"""What was taken out of large files, kept as Parquet under the hash of the files and of what was asked for."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lipresearch.tables import UNFINISHED, write_text


def known_hash(folder: Path, path: Path) -> str:
    """Return the hash that a file had when it was read last, or "" if it was not, or has another size or date."""
    stat = path.stat()
    try:
        note = json.loads(_note(folder, path).read_text(encoding="utf-8"))
        same = (note["bytes"], note["modified"]) == (stat.st_size, stat.st_mtime_ns)
        return str(note["sha256"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def note_hash(folder: Path, path: Path, before: os.stat_result, digest: str) -> None:
    """Remember a file's hash, unless the file changed since ``before``."""
    after = path.stat()
    if (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns):
        note = {"bytes": after.st_size, "modified": after.st_mtime_ns, "sha256": digest}
        write_text(_note(folder, path), json.dumps(note) + "\n")


def _note(folder: Path, path: Path) -> Path:
    return folder / "read" / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]}.json"


def key_of(hashes: list[str], asked: Any) -> str:
    """Return the name under which an answer is kept."""
    text = json.dumps([hashes, asked], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def keep(folder: Path, key: str, table: pd.DataFrame, rest: dict[str, Any]) -> None:
    """Keep a table and what belongs to it; the second file is written last and says that the first is whole."""
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{UNFINISHED}{key}.{os.getpid()}"  # two processes may read the same file
    columns = {}
    for name in table.columns:
        if table[name].dtype == object:
            codes, texts = pd.factorize(table[name])
            columns[name] = pl.Series(list(texts), dtype=pl.Enum(list(texts))).gather(codes.astype(np.uint32))
        else:
            columns[name] = pl.Series(table[name].to_numpy())
    try:
        pl.DataFrame(columns).write_parquet(fresh, compression="zstd")
        os.replace(fresh, folder / f"{key}.parquet")
    finally:
        fresh.unlink(missing_ok=True)
    write_text(folder / f"{key}.json", json.dumps({**rest, "rows": len(table)}, ensure_ascii=False) + "\n")


def kept(folder: Path, key: str) -> tuple[pd.DataFrame, dict[str, Any]] | None:
    """Return a kept table and what belongs to it; None if there is none, or it is damaged."""
    import polars as pl

    try:
        rest = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        frame = pl.read_parquet(folder / f"{key}.parquet")
        if len(frame) != rest.pop("rows"):
            return None
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError):
        return None
    columns = {}
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Enum):
            texts = np.array([*dtype.categories.to_list(), ""], dtype=np.object_)
            columns[name] = pd.Series(texts[frame[name].to_physical().to_numpy()], dtype=object, copy=False)
        else:
            columns[name] = pd.Series(frame[name].to_numpy(), copy=False)
    return pd.DataFrame(columns, copy=False), rest

"""The small files in the official layouts, and what is read of the tables that come of them."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lipresearch.compile import DATASETS, compile_sources
from lipresearch.errors import TableError

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "compile"
Edit = Callable[[str, str, str], Path]


def records(root: Path, table: str) -> list[dict[str, str]]:
    with open(root / "data" / "raw" / table, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def rows(root: Path, table: str) -> dict[str, dict[str, str]]:
    """Return the rows of a table by their first cell."""
    return {next(iter(row.values())): row for row in records(root, table)}


def defects(root: Path, dataset: str) -> str:
    with open(root / "data" / "raw" / dataset / "SOURCE.toml", "rb") as handle:
        return "\n".join(tomllib.load(handle)["defects"])


def refused(folder: Path, project: Path, file: str, message: str, only: Sequence[str] = ()) -> None:
    """Compile a folder that holds a changed file: the message says what is wrong there, and nothing is written."""
    with pytest.raises(TableError, match=message) as caught:
        compile_sources(folder, project, only)
    files = {problem.file for problem in caught.value.problems}
    # Two years of one dataset are compared, so that the other one may be named too.
    assert files <= {file, *(f"{name}/" for name in DATASETS)} or file in files
    assert not list((project / "data").rglob("*.csv"))

"""One reader for every table under ``data/raw``: the codebook beside a table says how to read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from lipresearch.errors import NotFoundError, Problem, TableError
from lipresearch.paths import relative
from lipresearch.tables import KINDS, Column, Schema, Table, parse_toml, read_table, read_text

#: Columns of the codebook ``columns.csv``.
CODEBOOK = Schema(
    (
        Column("table", "id"),
        Column("column", "id"),
        Column("kind", "choice", choices=KINDS),
        Column("unit", required=False),
        Column("universe", required=False),
        Column("label"),
        Column("source_column", required=False),
        Column("missing", "flag"),
        Column("additive", required=False),
        Column("note", required=False),
    ),
    ("table", "column"),
)

#: What every ``SOURCE.toml`` must say.
CARD = (
    "dataset",
    "short",
    "title",
    "publisher",
    "catalogue",
    "published",
    "accessed",
    "url",
    "licence",
    "attribution",
    "universe",
    "vintage",
    "grade",
    "defects",
    "origin",
    "table",
)


@dataclass(frozen=True)
class Source:
    """Where a dataset comes from: the content of its ``SOURCE.toml``."""

    dataset: str
    short: str
    title: str
    publisher: str
    catalogue: str
    published: str
    accessed: str
    url: str
    licence: str
    attribution: str
    universe: str
    vintage: str
    grade: str
    defects: tuple[str, ...]
    origins: tuple[dict[str, Any], ...]
    tables: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class AreaTable:
    """Published figures, one row an area, one column a characteristic.

    Attributes
    ----------
    source : Source
        The dataset's card.
    level : str
        Level of the areas: cd, csd, cma, er, fed2013, hood140, hood158, ...
    values : DataFrame
        Index: area code (text). Columns: characteristics (``float64``, NaN where missing) and texts.
    reasons : DataFrame
        The same index and numeric columns: the reason where a value is missing, else "".
    """

    source: Source
    level: str
    values: pd.DataFrame
    reasons: pd.DataFrame


def _folder(root: Path, dataset: str) -> Path:
    folder = root / "data" / "raw" / dataset
    if not folder.is_dir():
        raise NotFoundError(
            f"There is no dataset {dataset!r} in data/raw. There are: {', '.join(list_datasets(root)) or 'none'}."
        )
    return folder


def list_datasets(root: Path) -> list[str]:
    """Return the names of the datasets under ``data/raw``, sorted."""
    return sorted(path.parent.name for path in (root / "data" / "raw").glob("*/SOURCE.toml"))


@lru_cache(maxsize=4)
def short_names(root: Path) -> Mapping[str, str]:
    """Return ``{dataset: short name}`` of all datasets, as tables name their sources; read once for a project."""
    return MappingProxyType({name: read_source(root, name).short for name in list_datasets(root)})


def read_source(root: Path, dataset: str) -> Source:
    """Return a dataset's card.

    Raises
    ------
    NotFoundError
        If there is no such dataset or no card.
    TableError
        If the card is not TOML or lacks an entry.
    """
    path = _folder(root, dataset) / "SOURCE.toml"
    shown = relative(path, root)
    card = parse_toml(read_text(path, shown), shown, "Restore it with git.")
    missing = [key for key in CARD if key not in card]
    if missing:
        raise TableError([Problem(shown, 0, "", "no " + ", ".join(missing), "an entry for each", "Compile it anew.")])
    texts = {key: str(card[key]) for key in CARD if key not in ("defects", "origin", "table")}
    return Source(**texts, defects=tuple(card["defects"]), origins=tuple(card["origin"]), tables=tuple(card["table"]))


def read_codebook(root: Path, dataset: str) -> pd.DataFrame:
    """Return a dataset's codebook: one row a column of each of its tables."""
    path = _folder(root, dataset) / "columns.csv"
    return read_table(path, CODEBOOK, relative(path, root)).values


def read_raw(root: Path, dataset: str, table: str) -> Table:
    """Return one table of a dataset, read as its codebook says.

    Parameters
    ----------
    root : Path
        Project folder.
    dataset, table : str
        Folder under ``data/raw`` and file name without ``.csv``.

    Raises
    ------
    NotFoundError
        If there is no such dataset or table.
    TableError
        With every cell that is not what the codebook says.
    """
    card = read_source(root, dataset)
    entries = [entry for entry in card.tables if entry["file"] == f"{table}.csv"]
    if not entries:
        names = ", ".join(entry["file"].removesuffix(".csv") for entry in card.tables)
        raise NotFoundError(f"Dataset {dataset} has no table {table!r}. It has: {names}.")
    book = read_codebook(root, dataset)
    mine = book[book["table"] == f"{table}.csv"]
    columns = tuple(
        Column(
            row.column,
            row.kind,
            required=row.missing == "no" or row.kind in ("number", "count", "share", "percent"),
            reasons=row.missing == "yes",
        )
        for row in mine.itertuples()
    )
    path = _folder(root, dataset) / f"{table}.csv"
    return read_table(path, Schema(columns, tuple(entries[0]["key"])), relative(path, root))


def read_areas(root: Path, dataset: str, table: str) -> AreaTable:
    """Return one table of a dataset whose first column is an area code.

    Returns
    -------
    AreaTable
        Indexed by area code.
    """
    read = read_raw(root, dataset, table)
    card = read_source(root, dataset)
    level = next(entry["level"] for entry in card.tables if entry["file"] == f"{table}.csv")
    code = read.values.columns[0]
    index = pd.Index(read.values[code], name="area")
    return AreaTable(card, level, read.values.drop(columns=code).set_axis(index), read.reasons.set_axis(index, axis=0))

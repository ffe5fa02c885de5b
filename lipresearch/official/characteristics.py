"""Which characteristics of which official product the toolkit can use: ``data/design/census_characteristics.csv``."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lipresearch.errors import InputError, Problem, TableError
from lipresearch.official.layouts import TITLES
from lipresearch.official.tree import alike
from lipresearch.paths import project_root
from lipresearch.tables import Column, Schema, read_table

FILE = "data/design/census_characteristics.csv"
SCHEMA = Schema(
    (
        Column("characteristic", "id"),
        Column("vintage", "id"),
        Column("layout", "choice", choices=tuple(TITLES)),
        Column("id", "id", required=False),
        Column("label"),
        Column("parent", required=False),
        Column("figure", "choice", choices=("count", "rate")),
        Column("universe"),
        Column("unit"),
        Column("additive", "flag"),
        Column("note"),
    ),
    ("characteristic", "layout"),
)


def load_characteristics(root: Path | None = None) -> pd.DataFrame:
    """Return the declared characteristics, one row a characteristic and layout, in the order of the file.

    Parameters
    ----------
    root : Path, optional
        Project folder, default the one that the working folder lies in.

    Returns
    -------
    DataFrame
        Columns as in ``data/design/README.md``; ``id`` is text and empty where the row is found by its label.

    Raises
    ------
    TableError
        If a cell breaks its rules, two rows of a layout share an id or a label under the same parents, a rate or a
        median is said to be additive, or a layout has rows of another vintage.
    """
    root = root or project_root()
    table = read_table(root / FILE, SCHEMA, FILE)
    problems: list[Problem] = []
    seen: dict[tuple[str, ...], tuple[int, str]] = {}
    for line, row in zip(table.lines, table.values.itertuples(), strict=True):
        known = row.layout[-4:] if row.layout[-4:].isdigit() else "2021"
        if row.vintage != known:
            problems.append(Problem(FILE, line, "vintage", row.vintage, known, f"{row.layout} is of {known}."))
        if row.additive == "yes" and (row.figure == "rate" or row.unit not in ("persons", "square kilometres")):
            found = f"yes for {row.unit}"
            problems.append(Problem(FILE, line, "additive", found, "no", "Only counts and land add over areas."))
        if row.id and not (row.id.isascii() and row.id.isdecimal()):
            problems.append(Problem(FILE, line, "id", repr(row.id), "the number in the file, or none", ""))
        places: list[tuple[str, ...]] = [(row.layout, "label", row.figure, alike(row.parent), alike(row.label))]
        if row.id:
            places.append((row.layout, "id", row.figure, row.id))
        for place in places:
            if place in seen:
                at, other = seen[place]
                expected = f"another {place[1]} than {other} (row {at})"
                problems.append(Problem(FILE, line, place[1], repr(place[-1]), expected, "Remove one of the two rows."))
            seen.setdefault(place, (line, row.characteristic))
    if problems:
        raise TableError(problems)
    return table.values


def declared(table: pd.DataFrame, layout: str, names: Sequence[str] | None) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of a layout for the characteristics asked for, and those that it has no row for.

    Raises
    ------
    InputError
        If a characteristic is declared for no layout at all.
    """
    rows = table[table["layout"] == layout]
    if names is None:
        return rows, []
    known = set(table["characteristic"])
    unknown = sorted(set(names) - known)
    if unknown:
        near = sorted({near for name in unknown for near in difflib.get_close_matches(name, sorted(known), 2)})
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise InputError(
            f"No characteristic is called {', '.join(unknown)} in {FILE}.{hint} Add a row there to use it."
        )
    rows = rows[rows["characteristic"].isin(set(names))]
    return rows, sorted(set(names) - set(rows["characteristic"]))

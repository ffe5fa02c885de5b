"""Tables for comparing sites: which measures to compare by, and a user's sites from outside the rosters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lipresearch.errors import NotFoundError, Problem, TableError
from lipresearch.evidence import read_measures
from lipresearch.sites import load_sites, read_design, unknown_ids
from lipresearch.supplied import value_range
from lipresearch.tables import Column, Schema, read_table

FILE = "data/design/matching_measures.csv"
MATCHING = Schema(
    (
        Column("profile", "id"),
        Column("measure", "id"),
        Column("scale", "choice", choices=("linear", "log")),
        Column("weight", "number", low=1e-9),
        Column("rationale"),
    ),
    ("profile", "measure"),
)
#: Columns of a table of sites from outside the rosters.
OUTSIDE = Schema(
    (
        Column("site", "id"),
        Column("name"),
        Column("measure", "id"),
        Column("value", "number", reasons=True),
        Column("unit"),
        Column("vintage", required=False),
        Column("source"),
    ),
    ("site", "measure"),
)


def load_matching_measures(root: Path, profile: str | None = None) -> pd.DataFrame:
    """Return the measures that sites are compared by: profile, measure, label, unit, scale, weight, rationale.

    Raises
    ------
    NotFoundError
        If there is no such profile, naming those there are.
    TableError
        If the table breaks its rules or names an unknown measure.
    """
    table = read_design(root, "matching_measures", MATCHING)
    known = read_measures(root)
    problems = unknown_ids(table, "measure", set(known.index), FILE, "Declare the measure in measures.csv.")
    if problems:
        raise TableError(problems)
    for column in ("label", "unit"):
        table[column] = known.loc[table["measure"], column].to_numpy()
    table = table[["profile", "measure", "label", "unit", "scale", "weight", "rationale"]]
    if profile is None:
        return table
    if profile not in set(table["profile"]):
        there = ", ".join(dict.fromkeys(table["profile"]))
        raise NotFoundError(f"There is no list of measures {profile!r} in {FILE}. There are: {there}.")
    return table[table["profile"] == profile].reset_index(drop=True)


def load_outside(root: Path, path: Path, wanted: Sequence[str]) -> pd.DataFrame:
    """Return a user's sites from outside the rosters as measures: site, name, measure, label, unit, value, reason.

    Parameters
    ----------
    root : Path
        Project folder.
    path : Path
        CSV with the columns of ``OUTSIDE``, one row a site and measure, each value in the measure's declared unit, or
        one of the reasons for a missing value.
    wanted : sequence of str
        The measures to compare by. Where a site has no row for one, its value is missing.

    Raises
    ------
    TableError
        With every failure: an unknown measure, another unit than the declared one, a number out of range, a row
        twice, a site that is on a roster or has two names, a number without a vintage.
    """
    shown = path.name
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}. Give the table of sites with its folder and ending.")
    table = read_table(path, OUTSIDE, shown, accept_mark=False)
    frame = table.values.assign(word=table.reasons["value"], line=table.lines)
    known, sites = read_measures(root), set(load_sites(root).index)
    problems: list[Problem] = []
    names: dict[str, str] = {}
    for row in frame.itertuples():

        def add(column: str, found: str, expected: str, remedy: str, line: int = int(row.line)) -> None:
            problems.append(Problem(shown, line, column, found, expected, remedy))

        if row.site in sites:
            add("site", repr(row.site), "a site that is on no roster", "Give it an id of its own.")
        if names.setdefault(row.site, row.name) != row.name:
            add("name", repr(row.name), f"one name for {row.site}: {names[row.site]}", "Write it alike in every row.")
        if row.measure not in known.index:
            add("measure", repr(row.measure), "a measure of measures.csv", "lip.load_measures() lists them.")
            continue
        unit = known.loc[row.measure, "unit"]
        if row.unit != unit:
            add("unit", repr(row.unit), repr(unit), "Convert the value to this unit.")
        low, high = value_range(row.measure, unit)
        if not pd.isna(row.value) and not low <= row.value <= high:
            expected = f"a number from {low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
            add("value", f"{row.value:g}", expected, "Check the number and its unit.")
        if not pd.isna(row.value) and not row.vintage:
            add("vintage", "an empty cell", "a vintage", "Write the year that the figure is of.")
    if not len(frame):
        problems.append(Problem(shown, 0, "", "no row", "at least one site", "Add its figures."))
    if problems:
        raise TableError(problems)
    rows = []
    by_key = {(row.site, row.measure): row for row in frame.itertuples()}
    for site, name in sorted(names.items()):
        for measure in wanted:
            found = by_key.get((site, measure))
            value = math.nan if found is None else float(found.value)
            reason = "not supplied" if found is None else str(found.word)
            rows.append((site, name, measure, known.loc[measure, "label"], known.loc[measure, "unit"], value, reason))
    return pd.DataFrame(rows, columns=["site", "name", "measure", "label", "unit", "value", "reason"])

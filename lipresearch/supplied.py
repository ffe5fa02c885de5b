"""Evidence that a user supplies: tables in ``data/design/evidence`` fill or override values, visibly."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lipresearch.errors import Problem, TableError
from lipresearch.evidence import GRADES
from lipresearch.paths import relative
from lipresearch.tables import REASONS, Column, Schema, read_table

#: Columns of a table of supplied evidence.
EVIDENCE = Schema(
    (
        Column("site", "id"),
        Column("measure", "id"),
        Column("value", "number", required=False, reasons=True),
        Column("unit"),
        Column("vintage", required=False),
        Column("grade", "choice", required=False, choices=GRADES),
        Column("source", required=False),
        Column("reason", required=False),
    ),
    ("site", "measure"),
)

#: Units whose values cannot leave a range.
RANGES = {
    "index from 0 to 1": (0.0, 1.0),
    "index from 0 to 1 (all languages)": (0.0, 1.0),
    "index from 0 to 2/3 (three groups)": (0.0, 0.6667),
    "per cent": (-100.0, math.inf),
    "per cent of immigrants": (0.0, 100.0),
    "per cent of immigrants admitted since 1980": (0.0, 100.0),
    "per cent of pupils": (0.0, 100.0),
}

#: What to do about a cell that must be filled.
REMEDIES = {
    "source": "Name the document, its publisher and year.",
    "vintage": "Write the year that the figure is of.",
    "grade": "A official and whole, B part or re-published, C modelled or a proxy.",
}


def evidence_files(root: Path) -> list[Path]:
    """Return the tables of supplied evidence, sorted by name."""
    return sorted((root / "data" / "design" / "evidence").glob("*.csv"))


def load_supplied(root: Path, sites: set[str], measures: pd.DataFrame) -> pd.DataFrame:
    """Return all supplied evidence, checked whole: site, measure, value, reason word, vintage, grade, source, why.

    Rows of a template that were left empty (no value, vintage, grade and source) are passed over.

    Parameters
    ----------
    root : Path
        Project folder.
    sites : set of str
        Known site ids.
    measures : DataFrame
        Declared measures, indexed by id, with unit and label.

    Raises
    ------
    TableError
        With every failure of every file: an unknown site or measure, another unit than the declared one, text or a
        decimal comma in a number, a value out of range, a row twice (in one file or two), a missing source, vintage
        or grade, a byte-order mark, semicolons.
    """
    problems: list[Problem] = []
    parts: list[pd.DataFrame] = []
    first: dict[tuple[str, str], str] = {}
    for path in evidence_files(root):
        shown = relative(path, root)
        try:
            table = read_table(path, EVIDENCE, shown, accept_mark=False)
        except TableError as error:
            problems += error.problems
            continue
        frame = table.values.assign(word=table.reasons["value"], line=table.lines, file=shown)
        empty = (
            frame["value"].isna() & (frame["word"] == "") & (frame[["vintage", "grade", "source"]] == "").all(axis=1)
        )
        frame = frame[~empty]
        for row in frame.itertuples():
            problems += _row_problems(row, sites, measures)
            key = (row.site, row.measure)
            if key in first:
                again = f"{row.site}, {row.measure} again"
                problems.append(
                    Problem(shown, row.line, "site, measure", again, f"once (first in {first[key]})", "Remove one row.")
                )
            first.setdefault(key, f"{shown}, row {row.line}")
        parts.append(frame)
    if problems:
        raise TableError(problems)
    columns = ["site", "measure", "value", "word", "vintage", "grade", "source", "reason", "file"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _row_problems(row: Any, sites: set[str], measures: pd.DataFrame) -> list[Problem]:
    problems = []

    def add(column: str, found: str, expected: str, remedy: str) -> None:
        problems.append(Problem(row.file, row.line, column, found, expected, remedy))

    if row.site not in sites:
        add("site", repr(row.site), "a site of sites.csv", "See `lipresearch sites` for the ids.")
    if row.measure not in measures.index:
        add("measure", repr(row.measure), "a measure of measures.csv", "Copy it from a template.")
    else:
        unit = measures.loc[row.measure, "unit"]
        if row.unit != unit:
            add("unit", repr(row.unit), repr(unit), "Convert the value to this unit.")
        low, high = RANGES.get(unit, (0.0, math.inf))
        if not pd.isna(row.value) and not low <= row.value <= high:
            expected = f"a number from {low:g} to {high:g} {unit}" if math.isfinite(high) else f"{low:g} or more"
            add("value", f"{row.value:g}", expected, "Check the number and its unit.")
    if pd.isna(row.value) and not row.word:
        add("value", "an empty cell", "a number, or one of " + ", ".join(REASONS), "Fill it, or remove the row.")
    needed = ("source",) if row.word else ("source", "vintage", "grade")
    for column in needed:
        if not getattr(row, column):
            add(column, "an empty cell", f"a {column}", REMEDIES[column])
    return problems


def apply_supplied(computed: pd.DataFrame, supplied: pd.DataFrame) -> pd.DataFrame:
    """Return site measures with the supplied values in place of the computed ones, marked as supplied.

    Parameters
    ----------
    computed : DataFrame
        As ``compute_measures`` returns it.
    supplied : DataFrame
        As ``load_supplied`` returns it.

    Returns
    -------
    DataFrame
        With a column ``supplied`` (yes or no). A supplied value is exact (``low`` and ``high`` equal it); its detail
        says what it replaces, so that the published figure stays visible.
    """
    table = computed.assign(supplied="no").set_index(["site", "measure"])
    for row in supplied.itertuples():
        key = (row.site, row.measure)
        before = table.loc[key]
        replaced = f"replaces {before['value']:g} ({before['sources']})" if pd.notna(before["value"]) else ""
        number = round(float(row.value), int(before["decimals"])) if pd.notna(row.value) else np.nan
        detail = "; ".join(part for part in (row.source, row.reason, replaced) if part)
        table.loc[key, ["value", "low", "high"]] = number
        table.loc[key, ["vintage", "grade"]] = [row.vintage, row.grade] if pd.notna(row.value) else ["", ""]
        table.loc[key, ["reason", "detail", "sources", "supplied"]] = [row.word, detail, row.file, "yes"]
        table.loc[key, "covered"] = 1.0 if pd.notna(row.value) else 0.0
    return table.reset_index()[[*computed.columns, "supplied"]]


def template_rows(measures: pd.DataFrame, wanted: list[str]) -> list[list[str]]:
    """Return the rows of a template: one for each site and wanted measure without a value, the rest to be filled in.

    Parameters
    ----------
    measures : DataFrame
        Site measures of a roster.
    wanted : list of str
        Measure ids, in the order of the template.
    """
    order = {measure: place for place, measure in enumerate(wanted)}
    gaps = measures[measures["value"].isna() & measures["measure"].isin(wanted)]
    gaps = gaps.assign(order=gaps["measure"].map(order)).sort_values(["order", "site"])
    return [[row.site, row.measure, "", row.unit, "", "", "", ""] for row in gaps.itertuples()]

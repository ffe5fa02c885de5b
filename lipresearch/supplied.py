"""Evidence that a user supplies: tables in ``data/design/evidence`` fill or override values, visibly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lipresearch.errors import Problem, TableError
from lipresearch.evidence import GRADES
from lipresearch.paths import relative
from lipresearch.tables import REASONS, Column, Schema, parse_number, read_records, read_table, strange_letters

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

#: Columns that a table of measures of one's own may hold besides: what encloses a value that is not known exactly.
BOUNDS = (Column("low", "number", required=False), Column("high", "number", required=False))

#: Units whose values cannot leave a range; a share in per cent lies between 0 and 100.
RANGES = {
    "index from 0 to 1": (0.0, 1.0),
    "index from 0 to 1 (all languages)": (0.0, 1.0),
    "index from 0 to 2/3 (three groups)": (0.0, 0.6667),
    "1 = yes": (0.0, 1.0),
}
#: Measures in per cent that are a change, not a share: everything can be lost, and any number gained.
CHANGES = ("population_change_2021", "landings_change_2014")

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
    files = [(path, relative(path, root)) for path in evidence_files(root)]
    found = read_supplied(files, measures, Known(sites, "sites.csv", "See `lipresearch sites` for the ids."))
    if found.problems:
        raise TableError(found.problems)
    return found.rows.drop(columns=["low", "high"])


#: Units of large whole numbers, in which 61.366 is meant as 61366 and must not become 61.
WHOLE_UNITS = ("persons", "dollars after tax")


@dataclass(frozen=True)
class Known:
    """The sites that a table of evidence may name (None: not known, so not checked), and where they are listed."""

    sites: set[str] | None
    file: str
    remedy: str


@dataclass(frozen=True, eq=False)
class Supplied:
    """Tables of evidence as read: the rows that can be used, and all that is wrong."""

    rows: pd.DataFrame
    problems: list[Problem]


def flexible_schema(
    path: Path, shown: str, required: Sequence[Column], optional: Sequence[Column], key: tuple[str, ...]
) -> tuple[Schema, list[Problem]]:
    """Return the schema of a table whose columns may come in any order, some of them left out, and what is wrong."""
    by_name = {column.name: column for column in (*required, *optional)}
    header, _ = read_records(path, shown)
    whole = Schema(tuple(required), key)
    if len(header) <= 1:  # empty, or other separators: the reader says so
        return whole, []
    unknown = [name for name in header if name not in by_name]
    missing = [column.name for column in required if column.name not in header]
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if unknown or missing or twice:
        found = [f"twice {', '.join(twice)}"] if twice else []
        found += [f"no column {', '.join(missing)}"] if missing else []
        found += [f"unknown column {', '.join(repr(name) for name in unknown)}"] if unknown else []
        expected = ", ".join(column.name for column in required)
        more = [column.name for column in optional]
        if more:
            expected += " and, where wanted, " + ", ".join(more)
        return whole, [Problem(shown, 1, "", "; ".join(found), expected, "Correct the header line.")]
    return Schema(tuple(by_name[name] for name in dict.fromkeys(header)), key), []


def read_supplied(
    files: Sequence[tuple[Path, str]], measures: pd.DataFrame, known: Known, own: bool = False
) -> Supplied:
    """Return the evidence of some tables (path and name in messages) and all that is wrong in them.

    With ``own``, the tables are a user's own: columns in any order, with bounds where wanted, and a byte-order mark
    (as spreadsheets write it) is passed over.
    """
    problems: list[Problem] = []
    parts: list[pd.DataFrame] = []
    first: dict[tuple[str, str], str] = {}
    units = {str(name): str(unit) for name, unit in measures["unit"].items()}
    for path, shown in files:
        try:
            schema = EVIDENCE
            if own:
                schema, wrong = flexible_schema(path, shown, EVIDENCE.columns, BOUNDS, EVIDENCE.key)
                if wrong:
                    problems += wrong
                    continue
            table = read_table(path, schema, shown, accept_mark=own)
        except TableError as error:
            problems += error.problems
            if own:
                problems += _beside(path, shown, error.problems, units, known)
            continue
        frame = table.values.assign(word=table.reasons["value"], line=table.lines, file=shown)
        for end in ("low", "high"):
            if end not in frame:
                frame[end] = np.nan
        empty = (
            frame["value"].isna() & (frame["word"] == "") & (frame[["vintage", "grade", "source"]] == "").all(axis=1)
        )
        frame = frame[~empty]
        for row in frame.itertuples():
            problems += _row_problems(row, units, known)
            key = (row.site, row.measure)
            if key in first:
                again = f"{row.site}, {row.measure} again"
                problems.append(
                    Problem(shown, row.line, "site, measure", again, f"once (first in {first[key]})", "Remove one row.")
                )
            first.setdefault(key, f"{shown}, row {row.line}")
        parts.append(frame)
    columns = ["site", "measure", "value", "word", "vintage", "grade", "source", "reason", "low", "high", "file"]
    rows = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    return Supplied(rows, problems)


@dataclass(frozen=True)
class _Row:
    """A row of a table that has cells which cannot be read."""

    site: str
    measure: str
    unit: str
    value: float
    word: str
    vintage: str
    grade: str
    source: str
    low: float
    high: float
    line: int
    file: str


def _beside(path: Path, shown: str, told: Sequence[Problem], units: dict[str, str], known: Known) -> list[Problem]:
    """Return what is wrong in a table besides the cells that could not be read, so that all comes at once."""
    if any(problem.row <= 1 for problem in told):
        return []
    header, records = read_records(path, shown)
    there = {(problem.row, problem.column) for problem in told}
    broken = {problem.row for problem in told if not problem.column}
    found: list[Problem] = []
    for line, record in records:
        if line in broken:
            continue
        cells = dict(zip(header, record, strict=True))
        numbers: dict[str, Any] = {}
        for name in ("value", "low", "high"):
            number = parse_number(cells.get(name, ""))
            numbers[name] = math.nan if number is None else number
        word = cells["value"] if cells["value"] in REASONS else ""
        texts: dict[str, Any] = {
            name: cells[name] for name in ("site", "measure", "unit", "vintage", "grade", "source")
        }
        if not cells["value"] and not (cells["vintage"] or cells["grade"] or cells["source"]):
            continue
        row = _Row(**texts, **numbers, word=word, line=line, file=shown)
        found += [problem for problem in _row_problems(row, units, known) if (line, problem.column) not in there]
    return found


def value_range(measure: str, unit: str) -> tuple[float, float]:
    """Return the lowest and highest number that a measure can be.

    >>> value_range("population_2021", "persons"), value_range("immigrants_2021_share", "per cent")
    ((0.0, inf), (0.0, 100.0))
    """
    if measure in CHANGES:
        return -100.0, math.inf
    return RANGES.get(unit, (0.0, 100.0) if unit.startswith("per cent") else (0.0, math.inf))


def _row_problems(row: Any, units: dict[str, str], known: Known) -> list[Problem]:
    problems: list[Problem] = []

    def add(column: str, found: str, expected: str, remedy: str) -> None:
        problems.append(Problem(row.file, row.line, column, found, expected, remedy))

    if known.sites is not None and row.site not in known.sites:
        add("site", repr(row.site) + strange_letters(row.site), f"a site of {known.file}", known.remedy)
    if row.measure not in units:
        add("measure", repr(row.measure), "a measure of measures.csv", "Copy it from a template.")
    else:
        unit = units[row.measure]
        if row.unit != unit:
            add("unit", repr(row.unit), repr(unit), "Convert the value to this unit.")
        low, high = value_range(row.measure, unit)
        for column in ("value", "low", "high"):
            number = getattr(row, column)
            if number == number and not low <= number <= high:
                expected = f"a number from {low:g} to {high:g} {unit}" if math.isfinite(high) else f"{low:g} or more"
                add(column, f"{number:g}", expected, "Check the number and its unit.")
            elif unit in WHOLE_UNITS and number == number and number != int(number):
                remedy = "Round it; a thousands separator is not written."
                add(column, f"{number:.15g}", f"a whole number of {unit}", remedy)
    if row.value != row.value and not row.word:
        add("value", "an empty cell", "a number, or one of " + ", ".join(REASONS), "Fill it, or remove the row.")
    if (row.low == row.low) != (row.high == row.high):
        add("low, high", "one bound", "both or none", "Give the lowest and the highest number that it can be.")
    elif row.low > row.high or row.value < row.low or row.value > row.high:
        found = "" if row.value != row.value else f"{row.value:g} "
        add("low, high", f"{found}between {row.low:g} and {row.high:g}", "low <= value <= high", "Check the three.")
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

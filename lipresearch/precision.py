"""How precise each measure is: declared in data/design/precision.csv."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lipresearch.design import CRITERIA
from lipresearch.errors import Problem, TableError
from lipresearch.evidence import read_measures
from lipresearch.sites import line_of, read_design, unknown_ids
from lipresearch.tables import Column, Schema

PRECISION_KINDS = ("full count", "sample", "register", "count", "computed", "coded")

PRECISION = Schema(
    (
        Column("measure", "id"),
        Column("kind", "choice", choices=PRECISION_KINDS),
        Column("fraction", "share", required=False),
        Column("base", "id", required=False),
        Column("part", "share", required=False),
        Column("per", "number", required=False, low=1),
        Column("model_error", "percent"),
        Column("rationale"),
    ),
    ("measure",),
)


def load_precision(root: Path) -> pd.DataFrame:
    """Return how precise each measure is, indexed by measure: kind, fraction, base, part, per, model_error, rationale.

    Raises
    ------
    TableError
        With all failures: an unknown measure or base, a criterion's measure without a row, a sample without its
        fraction and base, or a base without part and per.
    """
    table = read_design(root, "precision", PRECISION)
    known = set(read_measures(root).index)
    file = "data/design/precision.csv"
    problems = unknown_ids(table, "measure", known, file, "Declare the measure in measures.csv.")
    used = read_design(root, "criteria", CRITERIA)["measure"]
    for measure in sorted(set(used) - set(table["measure"])):
        problems.append(
            Problem(file, 0, "measure", f"no row for {measure}", "a row for every measure of criteria.csv", "Add it.")
        )
    for place, row in enumerate(table.itertuples()):
        line = line_of(table, place)
        if row.base and row.base not in known:
            problems.append(Problem(file, line, "base", row.base, "a measure of measures.csv", ""))
        shares = [pd.notna(share) and share > 0 for share in (row.fraction, row.part)]
        given = [bool(row.base), *shares, pd.notna(row.per)]
        if any(given) != all(given) or (row.kind == "sample") > all(given):
            expected = "fraction above 0, base, part above 0 and per together (always for a sample)"
            problems.append(Problem(file, line, "fraction, base, part, per", "only some", expected, ""))
    if problems:
        raise TableError(problems)
    return table.set_index("measure")

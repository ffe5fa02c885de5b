"""The factors that the workshops named, each with what answers it: criteria, quotas, or an open gap."""

from __future__ import annotations

import pandas as pd

from lipresearch.design import Design
from lipresearch.designs import Quota, quota_problems
from lipresearch.errors import Problem, TableError
from lipresearch.sites import line_of

FACTORS = [
    "factor",
    "cluster",
    "label",
    "label_fr",
    "treatment",
    "status",
    "criteria",
    "perspectives",
    "quotas",
    "spreads",
    "answers",
    "measures",
    "gap",
    "seed",
    "section",
]
FILE = "data/design/factors.csv"
USES = "data/design/perspective_criteria.csv"
QUOTAS_FILE = "data/design/quotas.csv"


def _joined(values: pd.Series) -> str:
    return ";".join(values.drop_duplicates())


def _whole(value: float) -> int | None:
    return None if pd.isna(value) else int(value)


def _answers(criteria: pd.DataFrame, asked: pd.DataFrame) -> str:
    """Return in words what answers a factor: criteria by their labels, then what the set of sites must hold."""
    parts = [f"criteria: {', '.join(criteria['label'].drop_duplicates())}"] if len(criteria) else []
    for kind, name in (("quota", "quota"), ("spread", "target")):
        rows = asked[asked["kind"] == kind].itertuples()
        labels = [
            Quota(
                row.quota,
                attribute=row.attribute,
                level=row.level,
                minimum=_whole(row.minimum),
                maximum=_whole(row.maximum),
            ).label
            for row in rows
        ]
        parts += [f"{name}: {', '.join(labels)}"] if labels else []
    return "; ".join(parts)


def _gap(status: str, note: str) -> str:
    """Return what a note says is missing and how to supply it.

    >>> _gap("partly", "Counts only. Missing: their size. To supply: a list.")
    'Missing: their size. To supply: a list.'
    >>> _gap("evidence", "Missing: nothing.")
    ''
    """
    if status == "evidence":
        return ""
    return note[max(note.find("Missing:"), 0) :]


def factor_table(design: Design) -> pd.DataFrame:
    """Return for every factor what answers it, or what is missing and how to supply it.

    Parameters
    ----------
    design : Design
        As ``load_design`` returns it.

    Returns
    -------
    DataFrame
        One row a factor, in the order of the table: names, ``treatment``, ``status``; ``criteria`` (ids, with ;
        between), ``perspectives`` that score one of them, ``quotas``, ``spreads``; ``answers``, the same in words;
        ``measures``; ``gap`` (empty where the evidence is there); seed and section of the source text.

    Raises
    ------
    TableError
        With every quota that contradicts itself or names an unknown category or level; or with everything that would
        be left out silently. A factor without criterion, quota, spread or gap; one to be scored that no perspective
        scores; a quota or spread without a row in ``quotas.csv``; a gap without a note. A criterion that no
        perspective uses, and a perspective without criteria.
    """
    scored = design.criteria.merge(
        design.perspective_criteria[["cluster", "criterion", "perspective"]],
        on=["cluster", "criterion"],
        how="left",
        validate="one_to_many",
    )
    problems = [
        Problem(QUOTAS_FILE, line_of(design.quotas, place), column, found, expected)
        for place, column, found, expected in quota_problems(design.quotas)
    ]
    if problems:
        raise TableError(problems)
    rows: list[dict[str, str]] = []
    problems = _unused(scored, design)
    for place, row in enumerate(design.factors.itertuples()):
        uses = scored[scored["factor"] == row.factor]
        asked = design.quotas[design.quotas["factor"] == row.factor]
        record = {
            **{name: getattr(row, name) for name in ("factor", "cluster", "label", "label_fr", "treatment", "status")},
            "criteria": _joined(uses["criterion"]),
            "perspectives": _joined(uses["perspective"].dropna()),
            "quotas": _joined(asked["quota"][asked["kind"] == "quota"]),
            "spreads": _joined(asked["quota"][asked["kind"] == "spread"]),
            "answers": _answers(uses, asked),
            "measures": row.measures,
            "gap": _gap(row.status, row.note),
            "seed": row.seed,
            "section": row.section,
        }
        rows.append(record)
        problems += [
            Problem(FILE, line_of(design.factors, place), column, f"{row.factor}, {found}", expected, remedy)
            for column, found, expected, remedy in _silent(record)
        ]
    if problems:
        raise TableError(problems)
    return pd.DataFrame(rows, columns=FACTORS)


def _unused(scored: pd.DataFrame, design: Design) -> list[Problem]:
    """Return a problem for each criterion that no perspective uses, and for each perspective without criteria."""
    lines = {(row.cluster, row.criterion): place for place, row in enumerate(design.criteria.itertuples(), start=2)}
    found = [
        Problem(
            "data/design/criteria.csv",
            lines[row.cluster, row.criterion],
            "criterion",
            f"{row.criterion}, which no perspective uses",
            f"a row in {USES} for at least one perspective",
            "Add it.",
        )
        for row in scored[scored["perspective"].isna()].itertuples()
    ]
    used = set(design.perspective_criteria[["cluster", "perspective"]].itertuples(index=False, name=None))
    for place, row in enumerate(design.perspectives.itertuples(), start=2):
        if (row.cluster, row.perspective) not in used:
            empty = f"{row.cluster}, {row.perspective}, which scores nothing"
            file = "data/design/perspectives.csv"
            found.append(
                Problem(file, place, "perspective", empty, f"a row in {USES} for each of its criteria", "Add it.")
            )
    return found


def _silent(record: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Return (column, found, expected, remedy) for each way in which a factor would be left out silently."""
    treatment, open_gap = record["treatment"], record["status"] == "no evidence yet"
    answers = {
        "criterion": bool(record["perspectives"]),
        "perspective": bool(record["perspectives"] or record["quotas"] or record["spreads"]),
        "quota": bool(record["quotas"]),
        "spread": bool(record["spreads"]),
    }
    wanted = {
        "criterion": "a criterion that a perspective scores",
        "perspective": "a criterion that a perspective scores, or a row of quotas.csv",
        "quota": "a quota in quotas.csv",
        "spread": "a spread target in quotas.csv",
    }
    wrong = []
    if not open_gap and not answers[treatment]:
        found = f"a {treatment} that nothing answers"
        remedy = "Add it, or set the status to: no evidence yet."
        wrong.append(("treatment", found, wanted[treatment], remedy))
    if record["status"] != "evidence" and not record["gap"]:
        wrong.append(("note", f"{record['status']} without a note", "what is missing and how to supply it", ""))
    if open_gap and record["gap"] and "To supply:" not in record["gap"]:
        wrong.append(("note", "a gap without a way to fill it", "a note with: To supply: ...", ""))
    return wrong

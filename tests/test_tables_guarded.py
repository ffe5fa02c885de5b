"""Tables guarded both ways: data against codebooks, design against code and against itself, goalposts, weights.

Each guard is a function that returns what breaks it. It is tried on a small case that breaks it, and then on the
project. Tables are read here as text, by plain Python. That every declared measure is computed once, and no other, is
held by test_steps.py; that cards are complete by test_compile.py.
"""

from __future__ import annotations

import csv
import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from lipresearch import (
    build,
    catchments,
    context,
    design,
    downloads,
    evidence,
    growth,
    matching_tables,
    precision,
    sites,
    vintages,
)
from lipresearch.official import characteristics
from lipresearch.tables import Schema

ROOT = Path(__file__).resolve().parent.parent
RAW, DESIGN, DERIVED = ROOT / "data" / "raw", ROOT / "data" / "design", ROOT / "data" / "derived"
REASONS = {"suppressed", "not published", "not applicable"}
Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]


def rows_of(path: Path) -> list[Row]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Return the tables of the design by their names."""
    return {path.stem: rows_of(path) for path in sorted(DESIGN.glob("*.csv"))}


# ---- raw tables against their codebooks -------------------------------------------------------------


def cell_problem(cell: str, column: Row) -> str:
    """Return what a cell should hold and does not, "" if it does, by its line of the codebook alone."""
    kind = column["kind"]
    if cell != cell.strip():
        return "no spaces around it"
    if cell in REASONS and kind in ("number", "count", "share", "percent"):
        return "" if column["missing"] == "yes" else "no missing figure"
    if kind in ("id", "text"):
        return "" if cell or column["missing"] == "yes" or column["additive"] == "" else "something"
    if kind == "flag":
        return "" if cell in ("yes", "no") else "yes or no"
    try:
        value = float(cell)
    except ValueError:
        return "a number or a reason"
    if kind == "count":
        return "" if value >= 0 and value.is_integer() else "a whole number of 0 or more"
    most = {"share": 1.0, "percent": 100.0}.get(kind, math.inf)
    return "" if (kind == "number" or value >= 0) and value <= most and math.isfinite(value) else f"0 to {most:g}"


def raw_problems(folder: Path) -> list[str]:
    """Return where the files of a dataset, its card, its codebook and its cells do not agree."""
    card = tomllib.loads((folder / "SOURCE.toml").read_text(encoding="utf-8"))
    book: dict[str, list[Row]] = {}
    for row in rows_of(folder / "columns.csv"):
        book.setdefault(row["table"], []).append(row)
    files = {path.name for path in folder.iterdir()} - {"SOURCE.toml", "columns.csv"}
    listed = {entry["file"]: entry for entry in card["table"]}
    problems = [f"{name}: lies there, but the card does not list it" for name in sorted(files - set(listed))]
    problems += [f"{name}: is on the card, but does not lie there" for name in sorted(set(listed) - files)]
    problems += [f"{name}: is not in columns.csv" for name in sorted(files - set(book))]
    problems += [f"{name}: is in columns.csv, but does not lie there" for name in sorted(set(book) - files)]
    for name in sorted(files & set(book) & set(listed)):
        columns = {row["column"]: row for row in book[name]}
        with open(folder / name, encoding="utf-8", newline="") as handle:
            header, *lines = csv.reader(handle)
        problems += [f"{name}: column {one} is not in columns.csv" for one in header if one not in columns]
        problems += [f"{name}: columns.csv names {one}, which is no column" for one in columns if one not in header]
        known = [(place, columns[one]) for place, one in enumerate(header) if one in columns]
        for at, line in enumerate(lines, start=2):
            for place, column in known:
                if expected := cell_problem(line[place], column):
                    problems.append(f"{name}, row {at}, {column['column']}: {line[place]!r}, expected {expected}")
        if len(lines) != listed[name]["rows"]:
            problems.append(f"{name}: {len(lines)} rows, {listed[name]['rows']} on the card")
        keys = [tuple(line[header.index(one)] for one in listed[name]["key"]) for line in lines]
        if len(set(keys)) != len(keys):
            problems.append(f"{name}: a key stands twice")
        for column in columns.values():
            missing = any(
                line[header.index(column["column"])] in REASONS for line in lines if column["column"] in header
            )
            numeric = column["kind"] in ("number", "count", "share", "percent")
            if numeric != bool(column["unit"] and column["universe"] and column["additive"]):
                problems.append(f"{name}, {column['column']}: unit, universe and additive are for numbers")
            if missing and not numeric:
                problems.append(f"{name}, {column['column']}: a reason stands for a text")
    return problems


CARD = '[[table]]\nfile = "t.csv"\nrows = 2\nkey = ["cd"]\n'
BOOK = (
    "table,column,kind,unit,universe,missing,additive\n"
    "t.csv,cd,id,,,no,\n"
    "t.csv,people,count,persons,all,yes,yes\n"
    "t.csv,part,percent,per cent,all,no,no\n"
)
CELLS = "cd,people,part\n01,5,0.5\n02,suppressed,100\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("t.csv", "", "", ""),
        ("t.csv", ",5,", ",5.5,", "t.csv, row 2, people: '5.5', expected a whole number of 0 or more"),
        ("t.csv", ",5,", ",-5,", "expected a whole number of 0 or more"),
        ("t.csv", ",5,", ",x,", "t.csv, row 2, people: 'x', expected a number or a reason"),
        ("t.csv", ",5,", ",,", "expected a number or a reason"),
        ("t.csv", "0.5", "100.5", "t.csv, row 2, part: '100.5', expected 0 to 100"),
        ("t.csv", "0.5", "suppressed", "expected no missing figure"),
        ("t.csv", "01,", "02,", "t.csv: a key stands twice"),
        ("t.csv", "01,", " 01,", "expected no spaces around it"),
        ("t.csv", "cd,people,part", "cd,persons,part", "t.csv: column persons is not in columns.csv"),
        ("columns.csv", "t.csv,part,percent,per cent,all,no,no\n", "", "t.csv: column part is not in columns.csv"),
        ("columns.csv", "t.csv,part", "u.csv,part", "u.csv: is in columns.csv, but does not lie there"),
        ("columns.csv", "count,persons", "count,", "people: unit, universe and additive are for numbers"),
        ("SOURCE.toml", "rows = 2", "rows = 3", "t.csv: 2 rows, 3 on the card"),
        ("more.csv", "", "", "more.csv: lies there, but the card does not list it"),
        ("SOURCE.toml", '"t.csv"', '"s.csv"', "s.csv: is on the card, but does not lie there"),
    ],
)
def test_a_raw_table_that_breaks_its_codebook_is_noticed(
    tmp_path: Path, file: str, old: str, new: str, problem: str
) -> None:
    for name, text in (("SOURCE.toml", CARD), ("columns.csv", BOOK), ("t.csv", CELLS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = tmp_path / file
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = raw_problems(tmp_path)
    assert (problem in "; ".join(found)) if problem else found == []


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in RAW.glob("*/SOURCE.toml")), ids=lambda path: path.name
)
def test_raw_tables_and_codebooks_agree(folder: Path) -> None:
    assert raw_problems(folder)[:10] == []


# ---- design and derived tables against docs/tables.md, and against the code ---------------------------

SCHEMAS: Mapping[str, Schema] = {
    "data/design/area_correspondence.csv": vintages.AREA_CORRESPONDENCE,
    "data/design/baseline_surveys.csv": context.BASELINE_SURVEYS,
    "data/design/borders.csv": build.BORDERS,
    "data/design/catchments.csv": catchments.CATCHMENTS,
    "data/design/census_characteristics.csv": characteristics.SCHEMA,
    "data/design/characteristic_measures.csv": context.CHARACTERISTIC_MEASURES,
    "data/design/characteristics.csv": context.CHARACTERISTICS,
    "data/design/clusters.csv": design.CLUSTERS,
    "data/design/criteria.csv": design.CRITERIA,
    "data/design/downloads.csv": downloads.DOWNLOADS,
    "data/design/factors.csv": design.FACTORS,
    "data/design/french_designation.csv": build.FRENCH,
    "data/design/language_correspondence.csv": growth.LANGUAGE_CORRESPONDENCE,
    "data/design/matching_measures.csv": matching_tables.MATCHING,
    "data/design/measures.csv": evidence.MEASURES,
    "data/design/overlaps.csv": catchments.OVERLAPS,
    "data/design/partners.csv": context.PARTNERS,
    "data/design/perspective_criteria.csv": design.PERSPECTIVE_CRITERIA,
    "data/design/perspectives.csv": design.PERSPECTIVES,
    "data/design/precision.csv": precision.PRECISION,
    "data/design/priorities.csv": context.PRIORITIES,
    "data/design/quotas.csv": design.QUOTAS,
    "data/design/roster_sites.csv": sites.ROSTER_SITES,
    "data/design/rosters.csv": sites.ROSTERS,
    "data/design/site_notes.csv": sites.SITE_NOTES,
    "data/design/sites.csv": sites.SITES,
    "data/derived/site_measures.csv": build.SITE_MEASURES,
    "data/derived/sites.csv": build.SITE_TYPES,
}


def described(text: str) -> dict[str, dict[str, set[str]]]:
    """Return {table: {column: the words in marks}} of a document with a heading for each table."""
    found: dict[str, dict[str, set[str]]] = {}
    for line in text.splitlines():
        if line.startswith("## "):
            found[line[3:]] = {}
        elif match := re.match(r"\| `([^`]+)` \| (.+) \|$", line):
            words = match[2].split(": one of ")
            found[list(found)[-1]][match[1]] = set(re.findall(r"`([^`]+)`", words[1])) if len(words) > 1 else set()
    return found


def column_problems(
    told: Mapping[str, Mapping[str, set[str]]],
    headers: Mapping[str, Sequence[str]],
    choices: Mapping[str, Mapping[str, Sequence[str]]],
) -> list[str]:
    """Return columns that are described and not there, or there and not described, and words that differ.

    Parameters
    ----------
    told : mapping
        As ``described`` returns it.
    headers : mapping
        {table: its columns}.
    choices : mapping
        {table: {column: the words that the code knows}}.
    """
    problems = [f"{name}: is not described" for name in headers if name not in told]
    problems += [f"{name}: is described, but there is none" for name in told if name not in headers]
    for name in headers.keys() & told.keys():
        plain = [column for column in headers[name] if not column.endswith("_fr")]
        problems += [f"{name}: column {column} is not described" for column in plain if column not in told[name]]
        problems += [f"{name}: {column} is described, but is no column" for column in told[name] if column not in plain]
        problems += [
            f"{name}: {column} is the French of no column"
            for column in headers[name]
            if column.endswith("_fr") and column.removesuffix("_fr") not in plain
        ]
        for column, words in told[name].items():
            known = set(choices.get(name, {}).get(column, ()))
            problems += [f"{name}, {column}: the code knows {word}" for word in sorted(known - words)]
            problems += [f"{name}, {column}: the code does not know {word}" for word in sorted(words - known)]
    return problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("## a.csv\n| `one` | first |\n| `kind` | what: one of `x`, `y` |\n", ""),
        ("## a.csv\n| `kind` | what: one of `x`, `y` |\n", "a.csv: column one is not described"),
        ("## a.csv\n| `one` | first |\n| `two` | second |\n", "a.csv: two is described, but is no column"),
        ("## a.csv\n| `one` | first |\n| `kind` | what: one of `x` |\n", "a.csv, kind: the code knows y"),
        ("## a.csv\n| `one` | first |\n| `kind` | one of: one of `x`, `y`, `z` |\n", "kind: the code does not know z"),
        ("", "a.csv: is not described"),
        ("## b.csv\n", "b.csv: is described, but there is none"),
    ],
)
def test_a_column_that_is_not_described_is_noticed(text: str, problem: str) -> None:
    found = column_problems(described(text), {"a.csv": ["one", "one_fr", "kind"]}, {"a.csv": {"kind": ("x", "y")}})
    assert (problem in "; ".join(found)) if problem else found == []
    assert column_problems({"a": {}}, {"a": ["two_fr"]}, {}) == ["a: two_fr is the French of no column"]


def header_of(path: Path) -> list[str]:
    with open(path, encoding="utf-8", newline="") as handle:
        return next(csv.reader(handle))


def test_every_column_is_described_and_every_word_that_the_code_knows() -> None:
    headers = {
        path.relative_to(ROOT).as_posix(): header_of(path) for path in [*DESIGN.glob("*.csv"), *DERIVED.glob("*.csv")]
    }
    assert set(SCHEMAS) == set(headers)
    for name, schema in SCHEMAS.items():
        assert schema.names == tuple(headers[name]) or list(schema.names) == headers[name], name
    rankings = {tuple(header_of(path)) for path in (DERIVED / "rankings").rglob("*.csv")}
    assert len(rankings) == 1
    headers["data/derived/rankings/*/*.csv"] = list(rankings.pop())
    choices = {name: {column.name: column.choices for column in schema.columns} for name, schema in SCHEMAS.items()}
    told = described((ROOT / "docs" / "tables.md").read_text(encoding="utf-8"))
    assert column_problems(told, headers, choices) == []


def test_the_readme_of_the_design_names_every_table_and_no_other() -> None:
    text = (DESIGN / "README.md").read_text(encoding="utf-8")
    named = {
        name
        for line in text.splitlines()
        if line.startswith("|")
        for name in re.findall(r"`(\w+)\.csv`", line.split("|")[1])
    }
    there = {path.stem for path in DESIGN.glob("*.csv")}
    assert named == there


# ---- the design against itself ------------------------------------------------------------------------

#: Measures that no table of the design uses: for profiles of sites and for users, not for a factor.
FOR_PROFILES = {
    "admitted_economic_share_2016", "admitted_family_share_2016", "arrived_before_1991_share_2016",
    "consultation_practices", "immigrants_2006", "immigrants_2021", "immigrants_change_2006_2021",
    "immigrants_change_2016_2021", "immigrants_share_change_2006_2021", "immigrants_share_change_2016_2021",
    "landings_change_2014", "language_training_points_2022", "low_income_pupils_2023_share", "mother_tongue_hill0_2016",
    "mother_tongue_hill0_2021", "mother_tongue_hill1_2021", "mother_tongue_hill1_change_2021",
    "mother_tongue_hill2_2016", "mother_tongue_hill2_2021", "mother_tongue_ldi_2021", "mother_tongue_shannon_2016",
    "mother_tongue_shannon_2021", "mother_tongue_three_2021", "new_pupils_change_2023", "pupils_range_2023",
    "pupils_three_2023", "share_miz_moderate", "share_miz_none", "share_miz_strong", "share_miz_weak",
    "share_under_15_2021", "toronto_services_2018_per_1000_recent", "university_partner",
}  # fmt: skip


def names_in(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(";") if name.strip()]


def link_problems(tables: Tables, unused: set[str]) -> list[str]:
    """Return ids of the design that lead nowhere, or that nothing leads to.

    Parameters
    ----------
    tables : mapping
        The rows of clusters, factors, criteria, perspectives, perspective_criteria, quotas, measures and of the other
        tables that name measures.
    unused : set of str
        Measures that need not be used.
    """
    problems = []
    clusters = {row["cluster"] for row in tables["clusters"]}
    factors = {row["factor"]: row for row in tables["factors"]}
    criteria = {(row["cluster"], row["criterion"]): row for row in tables["criteria"]}
    stances = {(row["cluster"], row["perspective"]) for row in tables["perspectives"]}
    uses = [(row["cluster"], row["perspective"], row["criterion"]) for row in tables["perspective_criteria"]]
    for name in ("factors", "criteria", "perspectives", "quotas"):
        there = {row["cluster"] for row in tables[name]}
        problems += [f"{name}: {cluster} is no cluster" for cluster in sorted(there - clusters)]
        problems += [f"{name}: no row of {cluster}" for cluster in sorted(clusters - there)]
    for name in ("criteria", "quotas"):
        for row in tables[name]:
            if row["factor"] not in factors or factors[row["factor"]]["cluster"] != row["cluster"]:
                problems.append(f"{name}: {row['factor']} is no factor of {row['cluster']}")
    problems += [f"perspective_criteria: {a}, {b} is no perspective" for a, b, _ in uses if (a, b) not in stances]
    problems += [f"perspective_criteria: {a}, {c} is no criterion" for a, _, c in uses if (a, c) not in criteria]
    problems += [f"perspectives: {a}, {b} uses no criterion" for a, b in sorted(stances - {use[:2] for use in uses})]
    used = {(a, c) for a, _, c in uses}
    problems += [f"criteria: no perspective uses {a}, {c}" for a, c in sorted(criteria.keys() - used)]
    scored, asked = {row["factor"] for row in tables["criteria"]}, {row["factor"] for row in tables["quotas"]}
    for factor, row in factors.items():
        none = row["status"] == "no evidence yet"
        if none == bool(names_in(row["measures"])):
            problems.append(f"factors: {factor} has status {row['status']} and measures {row['measures']!r}")
        if row["treatment"] == "criterion" and (factor in scored) == none:
            problems.append(
                f"factors: {factor} is scored, with status {row['status']}, by criteria: {factor in scored}"
            )
        if row["treatment"] in ("quota", "spread") and factor not in asked and not none:
            problems.append(f"factors: {factor} is a {row['treatment']} without a row in quotas")
        if row["treatment"] in ("quota", "spread") and factor in scored:
            problems.append(f"factors: {factor} is a {row['treatment']}, but has a criterion")
        if row["treatment"] == "perspective" and factor not in scored | asked and not none:
            problems.append(f"factors: {factor} has neither criterion nor quota")
    measures = {row["measure"] for row in tables["measures"]}
    named: set[str] = set()
    for name, column in (
        ("criteria", "measure"),
        ("factors", "measures"),
        ("characteristic_measures", "measure"),
        ("matching_measures", "measure"),
        ("precision", "measure"),
        ("precision", "base"),
    ):
        there = {measure for row in tables.get(name, ()) for measure in names_in(row[column])}
        problems += [f"{name}: {measure} is no measure" for measure in sorted(there - measures)]
        named |= there
    problems += [f"measures: nothing uses {measure}" for measure in sorted(measures - named - unused)]
    problems += [f"measures: {measure} is said to be unused, but is used" for measure in sorted(unused & named)]
    return problems


def small_design() -> dict[str, list[dict[str, str]]]:
    """Return a design without a mistake: one cluster with a factor that is scored and one that is a quota."""
    factor = {"cluster": "a", "status": "evidence", "measures": "m"}
    return {
        "clusters": [{"cluster": "a"}],
        "factors": [
            {"factor": "1.1", "treatment": "criterion", **factor},
            {"factor": "1.2", "treatment": "quota", **factor},
        ],
        "criteria": [{"cluster": "a", "criterion": "c", "factor": "1.1", "measure": "m"}],
        "perspectives": [{"cluster": "a", "perspective": "p"}],
        "perspective_criteria": [{"cluster": "a", "perspective": "p", "criterion": "c"}],
        "quotas": [{"cluster": "a", "quota": "q", "factor": "1.2"}],
        "measures": [{"measure": "m"}, {"measure": "n"}],
    }


@pytest.mark.parametrize(
    ("table", "row", "changes", "problem"),
    [
        ("clusters", 0, {}, ""),
        ("clusters", 0, {"cluster": "b"}, "factors: a is no cluster"),
        ("clusters", 0, {"cluster": "b"}, "quotas: no row of b"),
        ("criteria", 0, {"factor": "2.1"}, "criteria: 2.1 is no factor of a"),
        ("criteria", 0, {"measure": "x"}, "criteria: x is no measure"),
        ("criteria", 0, {"criterion": "d"}, "criteria: no perspective uses a, d"),
        ("criteria", 0, {"criterion": "d"}, "perspective_criteria: a, c is no criterion"),
        ("criteria", 0, {"factor": "1.2"}, "factors: 1.2 is a quota, but has a criterion"),
        ("criteria", 0, {"factor": "1.2"}, "factors: 1.1 is scored, with status evidence, by criteria: False"),
        ("perspectives", 0, {"perspective": "r"}, "perspectives: a, r uses no criterion"),
        ("perspective_criteria", 0, {"perspective": "r"}, "perspective_criteria: a, r is no perspective"),
        ("quotas", 0, {"factor": "1.1"}, "factors: 1.2 is a quota without a row in quotas"),
        ("factors", 0, {"status": "no evidence yet"}, "factors: 1.1 has status no evidence yet and measures 'm'"),
        ("factors", 0, {"measures": ""}, "factors: 1.1 has status evidence and measures ''"),
        ("measures", 1, {"measure": "o"}, "measures: nothing uses o"),
        ("measures", 0, {"measure": "o"}, "factors: m is no measure"),
    ],
)
def test_an_id_that_leads_nowhere_is_noticed(table: str, row: int, changes: dict[str, str], problem: str) -> None:
    tables = small_design()
    tables[table][row] |= changes
    found = link_problems(tables, {"n"})
    assert (problem in found) if problem else found == []
    assert link_problems(small_design(), {"n", "m"}) == ["measures: m is said to be unused, but is used"]


def test_clusters_factors_criteria_perspectives_and_quotas_lead_to_each_other(tables: Tables) -> None:
    assert link_problems(tables, FOR_PROFILES) == []


# ---- weights ------------------------------------------------------------------------------------------


def weight_problems(tables: Tables) -> list[str]:
    """Return perspectives whose weights have no reason, are mixed, or do not add to 1."""
    problems = []
    for stance in tables["perspectives"]:
        shown = f"{stance['cluster']}, {stance['perspective']}"
        if len(stance["weight_basis"].split()) < 5:
            problems.append(f"{shown}: no reason for the weights")
        weights = [
            row["weight"]
            for row in tables["perspective_criteria"]
            if (row["cluster"], row["perspective"]) == (stance["cluster"], stance["perspective"])
        ]
        if "equal" in weights:
            problems += [f"{shown}: some weights equal, some typed"] if set(weights) != {"equal"} else []
        elif abs(math.fsum(map(float, weights)) - 1) > 1e-9:
            problems.append(f"{shown}: weights add to {math.fsum(map(float, weights)):g}")
    return problems


@pytest.mark.parametrize(
    ("weights", "basis", "problem"),
    [
        (["equal", "equal"], "nobody in the sources weighted the factors", ""),
        (["0.4", "0.6"], "asked of three people in May", ""),
        (["0.4", "0.5"], "asked of three people in May", "a, p: weights add to 0.9"),
        (["equal", "0.5"], "asked of three people in May", "a, p: some weights equal, some typed"),
        ([], "asked of three people in May", "a, p: weights add to 0"),
        (["equal"], "", "a, p: no reason for the weights"),
    ],
)
def test_weights_that_do_not_add_up_are_noticed(weights: list[str], basis: str, problem: str) -> None:
    tables = {
        "perspectives": [{"cluster": "a", "perspective": "p", "weight_basis": basis}],
        "perspective_criteria": [{"cluster": "a", "perspective": "p", "weight": weight} for weight in weights],
    }
    assert weight_problems(tables) == ([problem] if problem else [])


def test_every_perspective_has_weights_with_a_reason(tables: Tables) -> None:
    assert weight_problems(tables) == []


# ---- goalposts ----------------------------------------------------------------------------------------

#: More of the sites beyond a goalpost, or less of the way between the two in use, needs a reason in goalposts.csv.
BEYOND, USED = 0.1, 0.6


def use_of(worst: float, best: float, scale: str, values: Sequence[float]) -> tuple[int, int, float]:
    """Return how many sites lie below and above the goalposts, and which part of the way between them is in use."""
    low, high = sorted((worst, best))
    along = math.log if scale == "log" else float
    inside = [min(max(value, low), high) for value in values]
    part = (along(max(inside)) - along(min(inside))) / (along(high) - along(low))
    return sum(value < low for value in values), sum(value > high for value in values), part


def goalpost_problems(
    criteria: Sequence[Row], values: Mapping[str, Sequence[float]], reasons: Mapping[tuple[str, str], Row]
) -> list[str]:
    """Return criteria whose goalposts do not tell sites apart, and unusual ones without a reason.

    Parameters
    ----------
    criteria : sequence of mapping
        Rows of criteria.csv.
    values : mapping
        Known values of the sites by measure.
    reasons : mapping
        By measure and goalposts: the row of goalposts.csv.
    """
    problems, needed = [], set()
    for row in criteria:
        shown = f"{row['cluster']}, {row['criterion']}"
        below, above, part = use_of(float(row["worst"]), float(row["best"]), row["scale"], values[row["measure"]])
        count = len(values[row["measure"]])
        if count in (below, above) or part == 0:
            problems.append(f"{shown}: all sites earn the same")
        if not row["rationale"].strip():
            problems.append(f"{shown}: no rationale")
        if max(below, above) <= BEYOND * count and part >= USED:
            continue
        key = (row["measure"], " to ".join(sorted((row["worst"], row["best"]), key=float)))
        needed.add(key)
        found = {"sites": str(count), "below": str(below), "above": str(above), "used": f"{part:.2f}"}
        if key not in reasons:
            problems.append(f"{shown}: {key[0]}, {key[1]} needs a row in goalposts.csv with {found} and the reason")
        elif {name: reasons[key][name] for name in found} != found:
            problems.append(f"{shown}: goalposts.csv has other figures than {found}")
        elif len(reasons[key]["reason"].split()) < 5:
            problems.append(f"{shown}: goalposts.csv gives no reason")
    return problems + [f"goalposts.csv: {key[0]}, {key[1]} needs no row" for key in reasons if key not in needed]


CRITERION = {"cluster": "a", "criterion": "c", "measure": "m", "worst": "0", "best": "10", "scale": "linear"}
REASON = {"sites": "4", "below": "0", "above": "1", "used": "0.90", "reason": "one very large city stands alone"}


@pytest.mark.parametrize(
    ("values", "changes", "reasons", "problem"),
    [
        ([0, 5, 10], {}, {}, ""),
        ([1, 5, 9, 12], {}, {("m", "0 to 10"): REASON}, ""),
        ([1, 5, 9, 12], {"worst": "10", "best": "0"}, {("m", "0 to 10"): REASON}, ""),
        ([1, 5, 9, 12], {}, {}, "a, c: m, 0 to 10 needs a row in goalposts.csv with {'sites': '4', 'below': '0'"),
        ([2, 5, 9, 12], {}, {("m", "0 to 10"): REASON}, "a, c: goalposts.csv has other figures than"),
        ([1, 5, 9, 12], {}, {("m", "0 to 10"): {**REASON, "reason": "so"}}, "a, c: goalposts.csv gives no reason"),
        ([12, 15], {}, {}, "a, c: all sites earn the same"),
        ([-3, -1], {}, {}, "a, c: all sites earn the same"),
        ([4, 4, 4], {}, {}, "a, c: all sites earn the same"),
        ([4, 5], {}, {}, "a, c: m, 0 to 10 needs a row"),
        ([0, 5, 10], {"rationale": " "}, {}, "a, c: no rationale"),
        ([0, 5, 10], {}, {("m", "0 to 10"): REASON}, "goalposts.csv: m, 0 to 10 needs no row"),
    ],
)
def test_goalposts_that_do_not_fit_are_noticed(
    values: list[float], changes: Row, reasons: Mapping[tuple[str, str], Row], problem: str
) -> None:
    found = goalpost_problems([{**CRITERION, "rationale": "natural bounds", **changes}], {"m": values}, reasons)
    assert (problem in "; ".join(found)) if problem else found == []


def test_part_of_the_way_is_counted_in_tenfold_steps_on_a_log_scale() -> None:
    assert use_of(10, 1000, "log", [1, 10, 100]) == (1, 0, pytest.approx(0.5))
    assert use_of(1000, 10, "log", [100, 1000, 9999]) == (0, 1, pytest.approx(0.5))


def test_goalposts_fit_the_observed_values_or_say_why_not(tables: Tables) -> None:
    roster = {row["site"] for row in tables["roster_sites"] if row["roster"] == "lips-2012"}
    values: dict[str, list[float]] = {row["measure"]: [] for row in tables["measures"]}
    for row in rows_of(DERIVED / "site_measures.csv"):
        if row["site"] in roster and row["value"] not in REASONS:
            values[row["measure"]].append(float(row["value"]))
    reasons = {(row["measure"], row["goalposts"]): row for row in rows_of(ROOT / "tests" / "goalposts.csv")}
    assert goalpost_problems(tables["criteria"], values, reasons) == []

"""Every measure once by hand: from published cells, by the arithmetic that ``hand_computed.csv`` writes out.

Nothing of the package takes part: cells are read as text, and computed by plain Python (``by_hand.py``).
"""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Mapping

import pytest

from measures.by_hand import (
    REASONS,
    ROOT,
    TABLE,
    computed,
    fits,
    kilometres,
    languages_of_both,
    look_up,
    parts_of,
    rows_of,
    shared,
    written,
)

Row = Mapping[str, str]


def table() -> list[Row]:
    with open(TABLE, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


ROWS = table()
DECLARED = [row["measure"] for row in rows_of("data/design/measures.csv")]


def measured(row: Row) -> Row:
    """Return what the build made of a measure and a site."""
    return next(
        other
        for other in rows_of("data/derived/site_measures.csv")
        if other["measure"] == row["measure"] and other["site"] == row["site"]
    )


def decimals_of(measure: str) -> int:
    return next(int(row["decimals"]) for row in rows_of("data/design/measures.csv") if row["measure"] == measure)


def problems_of(row: Row, made: Row, decimals: int) -> list[str]:
    """Return where a row, the published cells, its arithmetic and the value that the build made do not agree."""
    if row["value"] in REASONS:
        problems = [] if made["value"] == row["value"] else [f"the build has {made['value']}, not {row['value']}"]
        if made["detail"] != row["why_missing"]:
            problems.append(f"the build says: {made['detail']}")
        return problems
    problems, names = [], {}
    for name, place, figures in parts_of(row["figures"]):
        names[name] = look_up(place)
        if written(names[name]) != figures:
            problems.append(f"{place} holds {written(names[name])}, not {figures}")
    found = " to ".join(f"{computed(part, names):.{decimals}f}" for part in row["arithmetic"].split(" to "))
    if found != row["value"]:
        problems.append(f"{row['arithmetic']} is {found}, not {row['value']}")
    ends = [made["low"], made["high"]] if " to " in row["value"] else [made["value"]]
    if any(cell in REASONS for cell in ends) or [float(cell) for cell in ends] != list(
        map(float, row["value"].split(" to "))
    ):
        problems.append(f"the build has {' to '.join(ends)}, not {row['value']}")
    return problems


GOOD = {
    "measure": "population_density_2021",
    "site": "huron",
    "figures": "a: population_2021/cd [cd=3540] population_2021 = 61366; "
    "b: population_2021/cd [cd=3540] land_area_km2 = 3398.28",
    "arithmetic": "a / b",
    "value": "18.1",
    "why_missing": "",
}
MADE = {"value": "18.1", "low": "18.1", "high": "18.1", "detail": ""}


@pytest.mark.parametrize(
    ("changes", "made", "problem"),
    [
        ({}, {}, ""),
        ({"figures": GOOD["figures"].replace("61366", "61367")}, {}, "population_2021 holds 61366, not 61367"),
        ({"arithmetic": "b / a"}, {}, "b / a is 0.1, not 18.1"),
        ({"value": "18.2"}, {}, "a / b is 18.1, not 18.2"),
        ({}, {"value": "18.0"}, "the build has 18.0, not 18.1"),
        ({}, {"value": "suppressed"}, "the build has suppressed, not 18.1"),
        ({"value": "suppressed"}, {}, "the build has 18.1, not suppressed"),
        ({"value": "suppressed", "why_missing": "few people"}, {"value": "suppressed"}, "the build says: "),
    ],
)
def test_a_row_that_does_not_agree_is_noticed(changes: Row, made: Row, problem: str) -> None:
    found = problems_of({**GOOD, **changes}, {**MADE, **made}, 1)
    assert (problem in "; ".join(found)) if problem else found == []


def test_only_rows_that_fit_are_taken() -> None:
    row = {"cd": "3540", "name": "Huron", "kind": ""}
    assert fits(row, "cd=3540, name!=Perth")
    assert fits(row, "cd=35*, name=Perth|Huron")
    assert not fits(row, "cd=3540, name=Perth")
    assert not fits(row, "cd!=35*")
    with pytest.raises(AssertionError, match="no such row"):
        look_up("population_2021/cd [cd=3599] population_2021")
    with pytest.raises(AssertionError, match="suppressed: a missing figure cannot be computed with"):
        look_up("population_2021/csd [population_2021=suppressed] population_2021")


def test_a_degree_of_latitude_and_a_quarter_of_the_globe() -> None:
    assert kilometres((43.0, -80.0), (44.0, -80.0)) == pytest.approx(2 * math.pi * 6371.0088 / 360)
    assert kilometres((0.0, 0.0), (0.0, 90.0)) == pytest.approx(2 * math.pi * 6371.0088 / 4)
    assert kilometres((90.0, 0.0), (0.0, 17.0)) == pytest.approx(2 * math.pi * 6371.0088 / 4)


@pytest.mark.parametrize(
    ("arithmetic", "value"),
    [
        ("-2 ** 2 + 3 * (4 - 1) / 2", 0.5),
        ("100 * sum(a) / a[1]", 175.0),
        ("exp(log(n))", 7.0),
        ("1 if n else 0", 1.0),
        ("1 if 0 else 2", 2.0),
        ("len([x for x in [1, 0, n] if x > 0])", 2.0),
        ("sum(x * y for x, y in zip(a, [10, 1]))", 34.0),
        ("sum(x / t for t in [sum(a)] for x in a)", 1.0),
        ("max(a) - min(a) + len(set([n, n]))", 2.0),
    ],
)
def test_a_line_of_arithmetic(arithmetic: str, value: float) -> None:
    assert computed(arithmetic, {"a": [3.0, 4.0], "n": 7.0}) == pytest.approx(value)


@pytest.mark.parametrize(
    "arithmetic",
    [
        "a.real",
        "open(a)",
        "__import__('os')",
        "(lambda: 1)()",
        "b",
        "a % 2",
        "a < 2",
        "sum(a, start=1)",
        "f'{a}'",
        "a[a]",
    ],
)
def test_whatever_else_is_refused(arithmetic: str) -> None:
    with pytest.raises(AssertionError, match="not a part of the arithmetic"):
        computed(arithmetic, {"a": 1.0})


def test_languages_told_apart_since_are_added_and_those_of_one_list_are_one() -> None:
    found = set(languages_of_both())
    assert frozenset({"2016 cantonese", "2021 yue_cantonese"}) in found
    persian = {"2021 dari", "2021 iranian_persian", "2021 persian_farsi_n_o_s", "2016 persian_farsi"}
    assert frozenset(persian) in found
    assert frozenset({"2016 english", "2021 english"}) in found
    names = [f"{year} {name}" for year in ("2016", "2021") for name in columns(year)]
    assert set().union(*found) < set(names)
    # One speaker of each language: as many as the list has, and none twice.
    for year in ("2016", "2021"):
        assert sum(shared([[1.0] * len(columns(year))], year)) == len(columns(year))
        alone = [name for name in columns(year) if f"{year} {name}" not in set().union(*found)]
        assert shared([[1.0] * len(columns(year))], year)[-1] == len(alone) > 0


def columns(year: str) -> list[str]:
    return list(rows_of(f"data/raw/toronto_neighbourhoods_{year}/mother_tongue.csv")[0])[1:]


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['measure']}-{row['site']}" for row in ROWS])
def test_the_build_agrees_with_what_was_computed_by_hand(row: Row) -> None:
    assert problems_of(row, measured(row), decimals_of(row["measure"])) == []


@pytest.mark.parametrize("measure", DECLARED)
def test_every_measure_has_a_number_computed_by_hand(measure: str) -> None:
    numbers = [row for row in ROWS if row["measure"] == measure and row["value"] not in REASONS]
    assert numbers, f"tests/measures/hand_computed.csv has no row with a number for {measure}"


def test_the_rows_are_those_of_the_declared_measures_in_their_order() -> None:
    assert list(dict.fromkeys(row["measure"] for row in ROWS)) == DECLARED
    assert len({(row["measure"], row["site"]) for row in ROWS}) == len(ROWS)


def test_every_number_says_where_to_check_it() -> None:
    short = {}
    for card in (ROOT / "data" / "raw").glob("*/SOURCE.toml"):
        short[card.parent.name] = tomllib.loads(card.read_text(encoding="utf-8"))["short"]
    for row in ROWS:
        if row["value"] not in REASONS:
            datasets = [place.split("/")[0] for _, place, _ in parts_of(row["figures"])]
            named = row["where_to_check"].split("; ")
            assert {short[name] for name in datasets} <= set(named), row["measure"]
            assert datasets or "data/derived" in row["where_to_check"]

"""Declared boundary changes, and areas that are of another territory than before."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.catchments import load_catchments
from lipresearch.errors import TableError
from lipresearch.vintages import load_area_correspondence, not_the_same

ROOT = Path(__file__).resolve().parent.parent
DECLARED = "data/design/area_correspondence.csv"
YEARS = ("2016", "2021")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("cd,2016,3543,", "cd,2016,9999,", r"area: found '9999', expected a code of level cd\. Look it up"),
        ("2021,3544,15", "2021,3543,15", r"new_area: found 3543, expected another area\. Remove the row: an area"),
        (
            "csd,2006,4806014,2011",
            "csd,2006,4806014,2021",
            r"new_vintage: found 2021, expected the census after 2006 \(2011\)\. Write one row for each step",
        ),
        (
            "csd,2016,3529005,2021",
            "csd,2021,3529005,2021",
            r"new_vintage: found 2021, expected the census after 2021\.",
        ),
    ],
)
def test_rows_that_cannot_be_used_are_refused(project_copy: Path, old: str, new: str, message: str) -> None:
    path = project_copy / DECLARED
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TableError, match=r"area_correspondence\.csv, row \d+, column " + message):
        load_area_correspondence(project_copy, load_catchments(ROOT))


def moved(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["area", "new_area", "residents"])


def people(**counts: float) -> pd.Series:
    return pd.Series(counts, dtype=float)


def test_an_area_whose_population_was_restated_is_of_another_territory() -> None:
    then, now = people(a=100, b=50, c=7), people(a=100, b=57, c=0)
    assert not_the_same(["a", "b", "c"], then, now, moved(), YEARS) == {
        "b": "a boundary change of 2016 to 2021 is not declared (+7 residents)",
        "c": "a boundary change of 2016 to 2021 is not declared (-7 residents)",
    }


def test_a_declared_move_inside_the_site_changes_nothing_there() -> None:
    then, now, moves = people(a=100, b=50), people(a=93, b=57), moved(("a", "b", 7))
    assert not_the_same(["a", "b"], then, now, moves, YEARS) == {}
    assert not_the_same(["a"], then, now, moves, YEARS) == {
        "a": "7 residents went with a boundary between 2016 and 2021"
    }
    assert not_the_same(["b"], then, now, moves, YEARS) == {
        "b": "7 residents came with a boundary between 2016 and 2021"
    }


def test_a_move_that_explains_a_part_only_leaves_both_out() -> None:
    found = not_the_same(["a", "b"], people(a=100, b=50), people(a=93, b=58), moved(("a", "b", 7)), YEARS)
    assert found == {
        "a": "7 residents went with a boundary between 2016 and 2021",
        "b": "a boundary change of 2016 to 2021 is not declared (+1 residents)",
    }


def test_an_area_without_both_populations_is_not_taken_for_the_same() -> None:
    words = "no population of 2016 on the boundaries of 2021 to compare with"
    assert not_the_same(["a", "b"], people(a=100), people(b=50), moved(), YEARS) == {"a": words, "b": words}


def test_equal_exchanges_that_are_declared_are_told() -> None:
    """Seven came and seven went: the population is the same, the territory is not."""
    moves = moved(("a", "x", 7), ("x", "a", 7))
    assert not_the_same(["a"], people(a=100, x=9), people(a=100, x=9), moves, YEARS) == {
        "a": "7 residents came and 7 residents went with a boundary between 2016 and 2021"
    }


AREAS = st.sampled_from("abcde")


@given(
    st.dictionaries(AREAS, st.integers(50, 99), min_size=5, max_size=5),
    st.lists(st.tuples(AREAS, AREAS, st.integers(1, 9)).filter(lambda row: row[0] != row[1]), max_size=4),
    st.dictionaries(AREAS, st.integers(-3, 3), max_size=2),
    st.sets(AREAS),
)
def test_what_is_left_is_a_union_of_areas_that_exchanged_with_each_other_only(
    then: dict[str, int], listed: list[tuple[str, str, int]], errors: dict[str, int], inside: set[str]
) -> None:
    """The slow way: of all sets of the site's areas, the largest that nothing joins to what is not in it."""
    now = dict(then)
    for area, new_area, count in listed:
        now[area] -= count
        now[new_area] += count
    for area, error in errors.items():
        now[area] += error
    found = not_the_same(sorted(inside), people(**then), people(**now), moved(*listed), YEARS)
    largest: set[str] = set()
    for number in range(2 ** len(inside)):
        chosen = {area for place, area in enumerate(sorted(inside)) if number >> place & 1}
        closed = all((area in chosen) == (new_area in chosen) for area, new_area, _ in listed)
        if closed and not any(errors.get(area) for area in chosen) and len(chosen) > len(largest):
            largest = chosen
    assert inside - set(found) == largest
    assert sum(now[area] for area in largest) == sum(then[area] for area in largest)

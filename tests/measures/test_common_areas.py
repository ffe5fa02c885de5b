"""Common areas: against a slow second implementation, and what must hold whatever the boundaries do."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.common_areas import (
    LINKS,
    add_counts,
    change_bounds,
    common_areas,
    match_areas,
    same_codes,
    unexplained_change,
)

Link = tuple[str, str, str, str]
codes = st.sampled_from("abcdefg")
links = st.lists(
    st.tuples(st.sampled_from([("2011", "2016"), ("2016", "2021")]), codes, codes).map(
        lambda drawn: (drawn[0][0], drawn[1], drawn[0][1], drawn[2])
    ),
    min_size=1,
    max_size=14,
)


def table(rows: list[Link]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(LINKS), dtype=object)


def slowly(rows: list[Link]) -> set[frozenset[tuple[str, str]]]:
    """Join two groups that a link touches, until nothing changes."""
    groups = {frozenset({(row[0], row[1]), (row[2], row[3])}) for row in rows}
    while True:
        pair = next(((a, b) for a in groups for b in groups if a != b and a & b), None)
        if pair is None:
            return groups
        groups = (groups - set(pair)) | {pair[0] | pair[1]}


def groups_of(common: pd.DataFrame) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(zip(members["vintage"], members["area"], strict=True)) for _, members in common.groupby("common")}


@given(links)
def test_the_groups_are_those_of_the_slow_way(rows: list[Link]) -> None:
    assert groups_of(common_areas(table(rows))) == slowly(rows)


@given(links, st.randoms())
def test_order_repetition_and_direction_change_nothing(rows: list[Link], random: object) -> None:
    again = [*rows, *rows[:3]]
    random.shuffle(again)  # type: ignore[attr-defined]
    expected = common_areas(table(rows))
    pd.testing.assert_frame_equal(common_areas(table(again)), expected)
    turned = [(row[2], row[3], row[0], row[1]) for row in rows]
    pd.testing.assert_frame_equal(common_areas(table(turned)), expected)


@given(links, links)
def test_more_links_only_join(rows: list[Link], more: list[Link]) -> None:
    coarse = groups_of(common_areas(table([*rows, *more])))
    for group in groups_of(common_areas(table(rows))):
        assert sum(group <= other for other in coarse) == 1


@given(links, st.data())
def test_totals_stay_what_they_were(rows: list[Link], data: st.DataObject) -> None:
    common = common_areas(table(rows))
    mine = common[common["vintage"] == "2016"].set_index("area")["common"]
    values = [data.draw(st.integers(0, 1000)) for _ in mine]
    counts = pd.DataFrame({"value": values, "low": values, "high": values, "reason": ""}, index=mine.index)
    added = add_counts(counts.sample(frac=1, random_state=len(rows)), mine)
    assert added["value"].sum() == sum(values)
    assert added["parts"].sum() == len(values)
    for name, value in added["value"].items():
        assert value == sum(v for v, group in zip(values, mine, strict=True) if group == name)


@given(links, st.sets(codes, min_size=1))
def test_a_set_matches_exactly_if_it_is_a_union_of_common_areas(rows: list[Link], chosen: set[str]) -> None:
    common = common_areas(table(rows))
    matched = match_areas(common, "2021", chosen, "2011")
    here = {area for vintage, area in {node for group in slowly(rows) for node in group} if vintage == "2021"}
    assert set(matched.unknown) == chosen - here
    cut = whole = 0
    for group in slowly(rows):
        now = {area for vintage, area in group if vintage == "2021"}
        then = {area for vintage, area in group if vintage == "2011"}
        if now & chosen and now - chosen:
            cut += len(then)
            beyond = dict(matched.crossing)
            assert all(beyond[area] == tuple(sorted(now - chosen)) for area in then)
        elif now & chosen:
            whole += len(then)
            assert then <= set(matched.areas)
    assert (len(matched.crossing), len(matched.areas)) == (cut, whole)


def test_the_small_cases_of_tongfen() -> None:
    """Four squares and two strips make two areas; a code that stays is one area, the rest is joined.

    From tests/testthat/test-correspondence-estimate.R of the package tongfen.
    """
    strips = [("2016", f"a{place}", "2021", strip) for place, strip in zip((1, 2, 3, 4), "bbcc", strict=True)]
    assert common_areas(table(strips))["common"].unique().tolist() == ["2016:a1+a2", "2016:a3+a4"]
    rest = table([("2016", "a3", "2021", "x"), ("2016", "a4", "2021", "x")])
    mixed = common_areas(pd.concat([same_codes(["a1", "a2"], ["2016", "2021"]), rest]))
    assert groups_of(mixed) == {
        frozenset({("2016", "a1"), ("2021", "a1")}),
        frozenset({("2016", "a2"), ("2021", "a2")}),
        frozenset({("2016", "a3"), ("2016", "a4"), ("2021", "x")}),
    }


def test_names_tell_vintages_apart() -> None:
    common = common_areas(table([("2011", "a", "2016", "b"), ("2016", "a", "2021", "a")]))
    assert common["common"].tolist() == ["2011:a", "2016:a", "2011:a", "2016:a"]


def test_nothing_is_changed_and_nothing_gives_nothing() -> None:
    rows = table([("2016", "a", "2021", "b")])
    kept = rows.copy()
    common_areas(rows)
    pd.testing.assert_frame_equal(rows, kept)
    assert common_areas(table([])).empty
    assert same_codes(["b", "a", "a"], ["2011", "2016", "2021"]).shape == (4, 4)


def test_a_missing_part_makes_the_whole_missing_with_its_reason() -> None:
    counts = pd.DataFrame(
        {
            "value": [5, math.nan, math.nan, 7],
            "low": [5, 0, math.nan, 7],
            "high": [5, 10, math.nan, 7],
            "reason": ["", "suppressed", "not applicable", ""],
        },
        index=list("abcd"),
    )
    common = pd.Series({"a": "x", "b": "x", "c": "y", "d": "y", "e": "z"})
    added = add_counts(counts, common)
    assert added["reason"].tolist() == ["suppressed", "not applicable", "not published"]
    assert added["value"].isna().all()
    assert added.loc["x", ["low", "high"]].tolist() == [5, 15]  # bounds are added as well
    assert added.loc["y", ["low", "high"]].isna().all()
    assert add_counts(counts.iloc[[1, 2]], pd.Series({"c": "x", "b": "x"})).loc["x", "reason"] == "suppressed"


@given(
    st.dictionaries(codes, st.integers(0, 500), min_size=2),
    st.lists(st.tuples(codes, codes, st.integers(1, 50)), max_size=6),
)
def test_declared_moves_explain_what_they_moved(people: dict[str, int], moved: list[tuple[str, str, int]]) -> None:
    moves = pd.DataFrame(moved, columns=["area", "new_area", "residents"])
    restated = dict(people)
    for area, new, residents in moved:
        if area in restated:
            restated[area] -= residents
        if new in restated:
            restated[new] += residents
    rest = unexplained_change(pd.Series(people), pd.Series(restated), moves)
    assert (rest == 0).all()
    if moved:  # without the first row its residents stay unexplained, but for a move to itself
        area, new, residents = moved[0]
        rest = unexplained_change(pd.Series(people), pd.Series(restated), moves.iloc[1:])
        if area != new and area in people:
            assert rest[area] == -residents
    assert math.isnan(unexplained_change(pd.Series({"a": 1}), pd.Series({"b": 1}), moves.iloc[:0])["a"])


@given(st.integers(0, 900), st.integers(1, 900), st.integers(0, 60), st.integers(0, 60), st.data())
def test_bounds_hold_whatever_part_of_those_who_moved_is_counted(
    new: int, old: int, came: int, went: int, data: st.DataObject
) -> None:
    low, high = change_bounds(new, old, came, went)
    true = old + data.draw(st.integers(0, came)) - data.draw(st.integers(0, min(went, old)))
    if true > 0:
        assert low - 1e-9 <= 100 * (new - true) / true <= high + 1e-9
    assert change_bounds(new, old, 0, 0) == (pytest.approx(100 * (new - old) / old),) * 2


def test_bounds_of_nothing_are_undefined() -> None:
    assert all(math.isnan(end) for bounds in ((5, 0, 0, 3), (math.nan, 5, 0, 0)) for end in change_bounds(*bounds))
    assert change_bounds(5, 3, 0, 3)[1] == math.inf


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            table([]).drop(columns="area"),
            "Links need the columns vintage, area, other_vintage, other_area; area is not",
        ),
        (
            table([("2016", "", "2021", "a")]),
            "A link has an empty cell, or one that is no text: write vintages and areas",
        ),
        (table([("2016", 3, "2021", "a")]), "one that is no text"),  # type: ignore[list-item]
        (table([("2016", "b", "2016", "a")]), "A link joins two areas of one vintage; it must lead from one vintage"),
    ],
)
def test_links_that_cannot_be_used_are_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        common_areas(frame)


@pytest.mark.parametrize(
    ("value", "reason", "index", "message"),
    [
        ([1, 2], ["", ""], ["a", "a"], "An area stands twice among the counts or the common areas"),
        ([1, -2], ["", ""], ["a", "b"], "A count is negative; only counts can be added, not changes or differences"),
        ([1, np.nan], ["", ""], ["a", "b"], "A count is missing without a reason"),
    ],
)
def test_counts_that_cannot_be_added_are_refused(
    value: list[float], reason: list[str], index: list[str], message: str
) -> None:
    counts = pd.DataFrame({"value": value, "low": value, "high": value, "reason": reason}, index=index)
    with pytest.raises(InputError, match=message):
        add_counts(counts, pd.Series({"a": "x", "b": "x"}))


def test_what_was_matched_cannot_be_changed() -> None:
    common = common_areas(table([("2016", "a", "2021", "x"), ("2016", "b", "2021", "x"), ("2016", "c", "2021", "y")]))
    whole = match_areas(common, "2021", ["x"], "2016")
    assert (whole.areas, whole.crossing, whole.unknown, whole.exact) == (("a", "b"), (), (), True)
    assert whole == match_areas(common, "2021", ["x"], "2016")
    with pytest.raises(dataclasses.FrozenInstanceError):
        whole.areas = ()  # type: ignore[misc]
    cut = match_areas(common, "2016", ["b", "c", "z"], "2021")
    assert (cut.areas, cut.crossing, cut.unknown, cut.exact) == (("y",), (("x", ("a",)),), ("z",), False)
    assert not match_areas(common, "2016", ["c", "z"], "2021").exact
    assert not match_areas(common, "2016", ["b"], "2021").exact


def test_bounds_of_a_change_by_hand() -> None:
    # 110 now; 100 then, of whom 20 may have gone, and 10 who may have come.
    assert change_bounds(110, 100, 10, 20) == pytest.approx((0.0, 37.5))
    assert change_bounds(0, 100, 0, 0) == (-100.0, -100.0)
    assert change_bounds(5, 3, 0, 4) == (pytest.approx(100 * 2 / 3), math.inf)
    assert change_bounds(5, 0, 2, 0) == (150.0, math.inf)
    for bounds in ((-1, 5, 0, 0), (5, 0, 0, 0), (5, math.nan, 0, 0)):
        assert all(math.isnan(end) for end in change_bounds(*bounds))


def test_the_reason_of_the_first_missing_part() -> None:
    counts = pd.DataFrame(
        {
            "value": [1.0, np.nan, np.nan],
            "low": [1.0, 2.0, np.nan],
            "high": [1.0, 3.0, np.nan],
            "reason": ["", "x", "y"],
        },
        index=["a", "b", "c"],
    )
    added = add_counts(counts, pd.Series({"c": "two", "b": "two", "a": "one", "d": "none"}))
    assert added.index.tolist() == ["none", "one", "two"]
    assert added.index.name == "common"
    assert added["reason"].tolist() == ["not published", "", "x"]
    assert added["parts"].tolist() == [1, 1, 2]
    assert added.loc["one", ["value", "low", "high"]].tolist() == [1, 1, 1]
    assert added.loc[["none", "two"], ["value", "low", "high"]].isna().all(axis=None)
    for twice in (pd.Series(["x", "y"], index=["a", "a"]),):
        with pytest.raises(InputError, match=r"^An area stands twice among the counts or the common areas\.$"):
            add_counts(counts, twice)

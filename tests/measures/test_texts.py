"""From coded facts to one number a site: against plain loops; silence is never a zero."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.texts import distinct_facts, on_complete_list, said_of, total_mentions

SITES = ["a", "b", "c", "d"]
RECORDS = st.lists(st.tuples(st.sampled_from(SITES), st.sampled_from(["x", "y", "z"])), max_size=20)


def columns(records: list[tuple[str, str]]) -> tuple[pd.Series, pd.Series]:
    frame = pd.DataFrame(records, columns=["site", "item"], dtype=object)
    return frame["site"], frame["item"]


def same(found: pd.Series, expected: dict[str, float]) -> None:
    assert list(found.index) == list(expected)
    assert found.dtype == np.float64
    for site, value in expected.items():
        assert found[site] == value or (math.isnan(found[site]) and math.isnan(value)), site


@given(RECORDS)
def test_against_plain_loops(records: list[tuple[str, str]]) -> None:
    site, item = columns(records)
    different = {s: len({i for t, i in records if t == s}) or math.nan for s in SITES}
    same(distinct_facts(site, item, SITES), different)
    same(said_of(site, SITES), {s: 1.0 if any(t == s for t, _ in records) else math.nan for s in SITES})
    same(on_complete_list(site, SITES), {s: float(sum(t == s for t, _ in records)) for s in SITES})


@given(RECORDS)
def test_silence_is_missing_and_only_a_complete_list_has_zeros(records: list[tuple[str, str]]) -> None:
    site, item = columns(records)
    assert not (distinct_facts(site, item, SITES) == 0).any()
    assert not (said_of(site, SITES) == 0).any()
    assert on_complete_list(site, SITES).notna().all()


@given(RECORDS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_records_change_nothing(records: list[tuple[str, str]], random: object) -> None:
    site, item = columns(records)
    mixed = list(records) * 2
    random.shuffle(mixed)  # type: ignore[attr-defined]
    again, things = columns(mixed)
    pd.testing.assert_series_equal(distinct_facts(site, item, SITES), distinct_facts(again, things, SITES))
    pd.testing.assert_series_equal(said_of(site, SITES), said_of(again, SITES))


@given(st.lists(st.tuples(st.sampled_from(SITES), st.none() | st.integers(0, 40)), max_size=20))
def test_mentions_against_a_plain_loop(records: list[tuple[str, int | None]]) -> None:
    site = pd.Series([s for s, _ in records], dtype=object)
    count = pd.Series([math.nan if n is None else float(n) for _, n in records], dtype=float)
    expected = {}
    for wanted in SITES:
        mine = [n for s, n in records if s == wanted]
        expected[wanted] = math.nan if not mine or None in mine else float(sum(n for n in mine if n is not None))
    same(total_mentions(site, count, SITES), expected)


def test_a_site_searched_for_in_vain_is_zero_and_one_not_searched_for_is_missing() -> None:
    found = total_mentions(pd.Series(["a", "a"]), pd.Series([0.0, 0.0]), ["a", "b"])
    assert found["a"] == 0
    assert math.isnan(found["b"])


def test_the_arguments_are_not_changed() -> None:
    site, item = pd.Series(["b", "a"]), pd.Series(["x", "y"])
    distinct_facts(site, item, SITES)
    assert (site.tolist(), item.tolist()) == (["b", "a"], ["x", "y"])


@pytest.mark.parametrize(
    "call",
    [
        lambda site, sites: distinct_facts(site, site, sites),
        said_of,
        on_complete_list,
        lambda site, sites: total_mentions(site, pd.Series([1.0] * len(site)), sites),
    ],
)
def test_unknown_and_double_sites_are_refused(call: object) -> None:
    with pytest.raises(InputError, match=r"^Facts name sites that are not asked for: y, z\.$"):
        call(pd.Series(["z", "a", "y"]), ["a"])  # type: ignore[operator]
    with pytest.raises(InputError, match=r"^Sites are listed twice: a, b\.$"):
        call(pd.Series(["a"]), ["b", "a", "b", "a"])  # type: ignore[operator]

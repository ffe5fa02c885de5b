"""Evenness of industries, the largest one, and one place against a larger one."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.industry import industry_evenness, largest_share, location_quotient

workers = st.lists(st.integers(0, 10**6), min_size=2, max_size=20)


@given(workers)
def test_evenness_is_the_entropy_over_its_largest_possible_value(counts: list[int]) -> None:
    total = sum(counts)
    if total == 0:
        assert math.isnan(industry_evenness(counts))
        return
    entropy = -sum(n / total * math.log(n / total) for n in counts if n)
    assert industry_evenness(counts) == pytest.approx(entropy / math.log(len(counts)), abs=1e-12)
    assert -1e-12 <= industry_evenness(counts) <= 1 + 1e-12


@given(workers)
def test_the_largest_industry_has_at_least_its_even_share(counts: list[int]) -> None:
    if sum(counts) == 0:
        assert math.isnan(largest_share(counts))
        return
    assert 100 / len(counts) - 1e-9 <= largest_share(counts) <= 100
    assert largest_share(counts) == pytest.approx(100 * max(counts) / sum(counts))


@given(workers, st.integers(2, 50))
def test_neither_depends_on_the_size_of_the_place_or_the_order(counts: list[int], times: int) -> None:
    for function in (industry_evenness, largest_share):
        one, other = function(counts), function([times * n for n in reversed(counts)])
        assert one == pytest.approx(other, nan_ok=True)


def test_one_industry_or_none_has_no_evenness() -> None:
    assert math.isnan(industry_evenness([5]))
    assert math.isnan(largest_share([]))


@pytest.mark.parametrize("function", [industry_evenness, largest_share])
@pytest.mark.parametrize("counts", [[1.0, math.nan], [1.0, -1.0], [1.0, math.inf], [[1.0, 2.0]]])
def test_what_is_no_row_of_counts_is_refused(function: object, counts: object) -> None:
    with pytest.raises(InputError, match="Workers per industry must be one row of counts, none missing or negative"):
        function(counts)  # type: ignore[operator]


def test_text_is_no_count() -> None:
    with pytest.raises(InputError, match="Workers per industry must be numbers, not text"):
        largest_share(["5", "6"])


@given(st.integers(0, 1000), st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 1000))
def test_the_quotient_of_a_place_with_itself_is_one(part: int, rest: int, around: int, more: int) -> None:
    place = location_quotient(pd.Series([float(part)]), pd.Series([float(part + rest)]), around, around + more)
    assert place[0] == pytest.approx((part / (part + rest)) / (around / (around + more)))
    itself = location_quotient(pd.Series([float(around)]), pd.Series([float(around + more)]), around, around + more)
    assert itself[0] == pytest.approx(1.0)


def test_a_place_without_workers_has_no_quotient() -> None:
    assert location_quotient(pd.Series([0.0, math.nan]), pd.Series([0.0, 5.0]), 1, 10).isna().all()


@pytest.mark.parametrize(("part", "whole"), [(0.0, 10.0), (11.0, 10.0)])
def test_a_larger_area_without_the_industry_is_refused(part: float, whole: float) -> None:
    with pytest.raises(InputError, match=f"must have workers in the industry: {part:g} of {whole:g}"):
        location_quotient(pd.Series([1.0]), pd.Series([2.0]), part, whole)


@pytest.mark.parametrize("industries", range(2, 61))
def test_as_many_in_each_industry_is_one_and_never_more(industries: int) -> None:
    assert industry_evenness([7] * industries) <= 1.0
    assert industry_evenness([7] * industries) == pytest.approx(1.0, abs=1e-12)
    assert largest_share([7] * industries) == pytest.approx(100 / industries)


def test_counts_of_any_kind_of_number_are_counts() -> None:
    assert largest_share([True, False]) == 100.0
    assert industry_evenness([2, 2]) == industry_evenness([2.0, 2.0]) == 1.0
    for counts in (["5", "6"], [None, 1]):
        with pytest.raises(InputError, match=r"^Workers per industry must be numbers, not text\.$"):
            industry_evenness(counts)
    assert math.isnan(industry_evenness([]))


def test_an_area_that_is_all_of_the_industry() -> None:
    assert location_quotient(pd.Series([5.0]), pd.Series([10.0]), 8, 8).tolist() == [0.5]
    with pytest.raises(InputError, match=r"^The larger area must have workers in the industry: -1 of 5\.$"):
        location_quotient(pd.Series([5.0]), pd.Series([10.0]), -1, 5)

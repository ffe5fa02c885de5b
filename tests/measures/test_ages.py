"""The middle of a population counted in bands of age: properties, a slow second implementation, every error."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.ages import median_band

AGES = st.lists(st.integers(0, 99), min_size=1, max_size=60)
EDGES = [0, 5, 10, 20, 40, 65, 100]


def counted(ages: list[int]) -> list[int]:
    return [sum(low <= age < high for age in ages) for low, high in pairwise(EDGES)]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(AGES)
def test_every_median_of_the_people_themselves_lies_in_the_band(ages: list[int]) -> None:
    ordered = sorted(ages)
    size = len(ordered)
    # Any number between the two middle ones is a median.
    lower, upper = ordered[(size - 1) // 2], ordered[size // 2]
    low, high = median_band(counted(ages), EDGES)
    assert low <= lower <= upper < high
    assert low in EDGES
    assert high in EDGES


@settings(derandomize=True, deadline=None, max_examples=100)
@given(AGES, st.integers(0, 20))
def test_rounding_only_widens(ages: list[int], rounding: int) -> None:
    low, high = median_band(counted(ages), EDGES)
    wider_low, wider_high = median_band(counted(ages), EDGES, rounding)
    assert wider_low <= low
    assert wider_high >= high


def test_by_hand() -> None:
    assert median_band([10, 30, 5], [0, 18, 65, math.inf]) == (18, 65)
    assert median_band([10, 30, 50], [0, 18, 65, math.inf]) == (65, math.inf)
    # 40 of 90 are below 65: with 6 people counted wrongly it may be half of them.
    assert median_band([10, 30, 50], [0, 18, 65, math.inf], 6) == (18, math.inf)
    assert all(math.isnan(end) for end in median_band([0, 0], [0, 40, 80]))


@pytest.mark.parametrize(
    ("counts", "edges", "rounding", "message"),
    [
        ([1, -1], [0, 1, 2], 0, "People by age must be one row of counts, none missing or negative"),
        ([1, math.nan], [0, 1, 2], 0, "none missing"),
        ([[1, 2]], [0, 1, 2], 0, "one row of counts"),
        ([1, 2], [0, 1], 0, "2 bands of age need 3 edges that rise"),
        ([1, 2], [0, 2, 1], 0, "2 bands of age need 3 edges that rise"),
        ([1, 2], [0, 1, 2], -1, "Rounding is a number of 0 or more, not -1"),
        ([1, 2], [0, 1, 2], math.nan, "Rounding is a number of 0 or more, not nan"),
    ],
)
def test_what_cannot_be_used_is_named(counts: list[float], edges: list[float], rounding: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        median_band(counts, edges, rounding)


def slow_band(counts: list[int], edges: list[float], rounding: float) -> tuple[float, float]:
    """Go up the bands: the first that can reach the half, and the first that surely passes it, else the last."""
    half, low, high = sum(counts) / 2, None, None
    for band in range(len(counts)):
        reached = sum(counts[: band + 1])
        low = edges[band] if low is None and reached + rounding >= half else low
        high = edges[band + 1] if high is None and reached - rounding > half else high
    assert low is not None
    return low, edges[-1] if high is None else high


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.integers(0, 8), min_size=6, max_size=6).filter(any), st.sampled_from([0.0, 0.5, 1.0, 3.0, 30.0]))
def test_the_band_is_the_slow_one(counts: list[int], rounding: float) -> None:
    assert median_band(counts, EDGES, rounding) == slow_band(counts, EDGES, rounding)


def test_one_band_and_edges_that_do_not_fit() -> None:
    assert median_band([3], [0, 110]) == (0, 110)
    assert median_band([1, 1], [0, 40, 80]) == median_band([1, 1], [0, 40, 80], 0) == (0, 80)
    for edges, count in (([0, 1, 2, 3], 2), ([0, 1, 1], 2), ([0, 2, 1, 3], 2)):
        message = rf"^{count} bands of age need {count + 1} edges that rise from one to the next\.$"
        with pytest.raises(InputError, match=message):
            median_band([1] * count, edges)
    for rounding in (-0.5, math.inf):
        with pytest.raises(InputError, match=rf"^Rounding is a number of 0 or more, not {rounding}\.$"):
            median_band([1, 2], [0, 1, 2], rounding)
    with pytest.raises(InputError, match=r"^People by age must be one row of counts, none missing or negative\.$"):
        median_band([math.inf, 2], [0, 1, 2])

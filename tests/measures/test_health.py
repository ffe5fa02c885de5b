"""The state of the health infrastructure: how many kinds of facility, and how even."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.health import evenness, kinds_present

counts = st.lists(st.integers(0, 500), min_size=2, max_size=10)


def slow_evenness(facilities: list[int]) -> float:
    total = sum(facilities)
    entropy = 0.0
    for n in facilities:
        if n:
            entropy -= n / total * math.log(n / total)
    return entropy / math.log(len(facilities))


@given(counts)
def test_evenness_is_the_obvious_loop(facilities: list[int]) -> None:
    if sum(facilities) == 0:
        assert math.isnan(evenness(facilities))
    else:
        assert evenness(facilities) == pytest.approx(slow_evenness(facilities), abs=1e-12)
        assert -1e-12 <= evenness(facilities) <= 1 + 1e-12


@given(counts)
def test_kinds_are_counted(facilities: list[int]) -> None:
    assert kinds_present(facilities) == sum(1 for n in facilities if n > 0)
    assert 0 <= kinds_present(facilities) <= len(facilities)


@given(counts.filter(any), st.permutations(range(10)), st.integers(1, 50))
def test_order_and_scale_are_irrelevant(facilities: list[int], order: list[int], times: int) -> None:
    shuffled = [facilities[place] * times for place in order if place < len(facilities)]
    assert evenness(shuffled) == pytest.approx(evenness(facilities), abs=1e-12)
    assert kinds_present(shuffled) == kinds_present(facilities)


@given(counts.filter(any))
def test_a_kind_that_is_absent_lowers_evenness(facilities: list[int]) -> None:
    more = evenness([*facilities, 0])
    assert more <= evenness(facilities) + 1e-12
    assert kinds_present([*facilities, 0]) == kinds_present(facilities)
    if len([n for n in facilities if n]) > 1:
        assert more < evenness(facilities)


@given(st.integers(2, 30), st.integers(1, 100))
def test_as_many_of_each_kind_is_one_and_one_kind_is_zero(kinds: int, facilities: int) -> None:
    assert evenness([facilities] * kinds) == pytest.approx(1.0, abs=1e-12)
    assert evenness([facilities] + [0] * (kinds - 1)) == 0.0


@given(counts.filter(any), st.integers(0, 9), st.integers(0, 9))
def test_moving_a_facility_to_a_rarer_kind_never_lowers_evenness(facilities: list[int], a: int, b: int) -> None:
    a, b = a % len(facilities), b % len(facilities)
    rich, poor = (a, b) if facilities[a] > facilities[b] else (b, a)
    if facilities[rich] - facilities[poor] >= 1:
        moved = list(facilities)
        moved[rich] -= 1
        moved[poor] += 1
        assert evenness(moved) >= evenness(facilities) - 1e-12


def test_undefined_is_missing_and_not_zero() -> None:
    assert math.isnan(evenness([0, 0, 0]))
    assert math.isnan(evenness([3]))
    assert math.isnan(evenness([]))
    assert kinds_present([0, 0, 0]) == 0.0


@pytest.mark.parametrize("bad", [[1, -1], [1, math.nan], [1, math.inf], [[1, 2], [3, 4]], 5])
@pytest.mark.parametrize("function", [evenness, kinds_present])
def test_what_is_no_row_of_counts_is_refused(function: object, bad: object) -> None:
    message = r"^Facilities per kind must be one row of counts, none missing or negative\.$"
    with pytest.raises(InputError, match=message):
        function(bad)  # type: ignore[operator]


@pytest.mark.parametrize("function", [evenness, kinds_present])
def test_text_is_no_count(function: object) -> None:
    for counts in (["1", "2"], [None, 1]):
        with pytest.raises(InputError, match=r"^Facilities per kind must be numbers, not text\.$"):
            function(counts)  # type: ignore[operator]
    assert kinds_present([]) == 0.0


@pytest.mark.parametrize("kinds", range(2, 61))
def test_evenness_is_never_above_one(kinds: int) -> None:
    assert evenness([7] * kinds) <= 1.0

"""Bounds of a rate over areas of which an unknown part is held, against every corner and many mixtures."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.rates import mixture_bounds

areas = st.lists(
    st.integers(1, 1000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))), min_size=0, max_size=5
)


def mixture(held: list[tuple[float, float, float]], part: float, whole: float) -> float:
    above = part + sum(weight * p for p, _, weight in held)
    below = whole + sum(weight * n for _, n, weight in held)
    return 100 * above / below if below else math.nan


@given(areas, st.integers(0, 500), st.integers(0, 500))
def test_the_bounds_are_the_extreme_corners(shared: list[tuple[int, int]], part: int, more: int) -> None:
    whole = part + more
    corners = [
        mixture([(p, n, w) for (p, n), w in zip(shared, weights, strict=True)], part, whole)
        for weights in itertools.product((0.0, 1.0), repeat=len(shared))
    ]
    known = [corner for corner in corners if not math.isnan(corner)]
    low, high = mixture_bounds([p for p, _ in shared], [n for _, n in shared], part, whole)
    if not known:
        assert math.isnan(low)
        assert math.isnan(high)
        return
    assert low == pytest.approx(min(known))
    assert high == pytest.approx(max(known))


@given(areas.filter(len), st.integers(0, 500), st.integers(0, 500), st.data())
def test_any_mixture_lies_between(shared: list[tuple[int, int]], part: int, more: int, data: st.DataObject) -> None:
    weights = [data.draw(st.floats(0.01, 1)) for _ in shared]
    inside = mixture([(p, n, w) for (p, n), w in zip(shared, weights, strict=True)], part, part + more)
    low, high = mixture_bounds([p for p, _ in shared], [n for _, n in shared], part, part + more)
    assert low - 1e-9 <= inside <= high + 1e-9


@pytest.mark.parametrize(
    "counts", [([-1], [5], 0, 0), ([1], [0], 0, 0), ([math.nan], [5], 0, 0), ([1], [5], -1, 0), ([1], [5], 0, math.nan)]
)
def test_what_is_no_count_is_refused(counts: tuple[list[float], list[float], float, float]) -> None:
    with pytest.raises(InputError, match="Counts must be 0 or more, and the whole of every area above 0"):
        mixture_bounds(*counts)


def test_parts_and_wholes_go_together() -> None:
    with pytest.raises(InputError, match="Every area needs one part and one whole"):
        mixture_bounds([1, 2], [5], 0, 0)
    with pytest.raises(InputError, match="A rate is per a positive number, not 0"):
        mixture_bounds([1], [5], 0, 0, per=0)


def test_a_rate_is_per_what_is_asked_for() -> None:
    assert mixture_bounds([9, 4], [10, 10], 6, 10, per=1000) == (500.0, 750.0)
    assert mixture_bounds([9, 4], [10, 10], 6, 10) == (50.0, 75.0)
    for per in (0, -1.0, math.inf, math.nan):
        with pytest.raises(InputError, match=rf"^A rate is per a positive number, not {per}\.$"):
            mixture_bounds([1], [5], 0, 0, per=per)
    assert mixture_bounds([0], [5], 0, 0) == (0.0, 0.0)
    assert mixture_bounds([], [], 3, 4) == (75.0, 75.0)
    for part, whole in (([[1]], [[5]]), (1, 5)):
        with pytest.raises(InputError, match=r"^Every area needs one part and one whole\.$"):
            mixture_bounds(part, whole, 0, 0)


def test_a_whole_may_be_less_than_one() -> None:
    assert mixture_bounds([0.25], [0.5], 0, 0) == (50.0, 50.0)
    assert mixture_bounds([0.0], [0.5], 0.5, 0.5) == (50.0, 100.0)

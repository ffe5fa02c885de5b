"""The loops of synthetic sampling one by one, in plain Python, against what they are defined by."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipresearch.comparison import kernels

numbers = st.integers(-3, 9).map(float)


def loop(name: str) -> Any:
    """Return a loop as written, without compiling it."""
    function = getattr(kernels, name)
    return getattr(function, "py_func", function)


def least_cost_of(inner: NDArray[Any], price: NDArray[Any]) -> float:
    """Return the least of w'Gw + p'w by solving for every set of sites that may carry the weight."""
    best, size = np.inf, len(price)
    for count in range(1, size + 1):
        for chosen in map(list, itertools.combinations(range(size), count)):
            table = np.zeros((count + 1, count + 1))
            table[:count, :count] = 2 * inner[np.ix_(chosen, chosen)]
            table[:count, count], table[count, :count] = -1, 1
            if np.linalg.matrix_rank(table) == count + 1:
                weights = np.linalg.solve(table, [*-price[chosen], 1.0])[:count]
                if (weights >= -1e-12).all():
                    best = min(best, weights @ inner[np.ix_(chosen, chosen)] @ weights + price[chosen] @ weights)
    return float(best)


@settings(max_examples=60)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10_000))
def test_no_other_weights_cost_less(size: int, measures: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(size, measures))
    inner, price = points @ points.T, rng.random(size)
    weights = np.zeros(size)
    loop("simplex_weights")(inner, price, size, weights, kernels.RIDGE)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    # Where sites are more than measures the ridge moves the weights a little, and the cost hardly at all.
    cost = weights @ inner @ weights + price @ weights
    assert cost == pytest.approx(least_cost_of(inner, price), rel=1e-5 if size > measures else 1e-9)


def test_weights_worked_out_by_hand() -> None:
    """Between 0 and 3 on a line, the site at 1 is matched by two thirds of the first and one third of the second."""
    points = np.array([[0.0], [3.0]]) - 1.0
    weights = np.zeros(2)
    loop("simplex_weights")(points @ points.T, np.zeros(2), 2, weights, kernels.RIDGE)
    assert weights == pytest.approx([2 / 3, 1 / 3], abs=1e-6)


@given(st.lists(numbers, min_size=1, max_size=8), st.integers(0, 8), st.data())
def test_the_cheapest_are_the_first_of_the_sorted(prices: list[float], wanted: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(prices)))
    order = data.draw(st.permutations(range(len(prices))))
    found = np.zeros(len(prices) + wanted + 1)
    used = loop("cheapest")(np.array(prices), np.array(order), first, len(prices), wanted, found)
    expected = sorted(prices[place] for place in order[first:])[:wanted]
    assert found[:used].tolist() == expected


@given(st.lists(numbers, min_size=1, max_size=8))
def test_the_most_promising_come_first_and_equals_stay_in_order(gains: list[float]) -> None:
    candidates, gain = np.arange(len(gains)), np.zeros(len(gains))
    loop("arrange")(candidates, len(gains), np.array(gains), gain)
    assert candidates.tolist() == sorted(range(len(gains)), key=lambda place: -gains[place])
    assert gain.tolist() == sorted(gains, reverse=True)


@given(st.lists(st.tuples(st.integers(0, 20), st.permutations(range(4))), max_size=12))
def test_the_best_sets_are_kept_once_each_in_order(offers: list[tuple[int, list[int]]]) -> None:
    values, sets = np.full(3, np.inf), np.zeros((3, 2), dtype=np.int64)
    # A set has one cost, however it is written.
    cost = {frozenset(chosen[:2]): float(value) for value, chosen in reversed(offers)}
    for _, chosen in offers:
        loop("keep")(values, sets, cost[frozenset(chosen[:2])], np.array(chosen[:2]), 2)
    expected = sorted(cost.values())[:3]
    assert values[np.isfinite(values)].tolist() == expected
    for value, members in zip(values, sets, strict=True):
        assert not np.isfinite(value) or cost[frozenset(members.tolist())] == value


@given(st.data())
def test_rules_can_be_kept_exactly_where_some_choice_keeps_them(data: st.DataObject) -> None:
    """One rule alone: it is possible after taking candidate i where some rest of the later ones meets it."""
    count = data.draw(st.integers(1, 5))
    member = data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    i = data.draw(st.integers(0, count - 1))
    missing = data.draw(st.integers(1, count - i))
    least, most = sorted(data.draw(st.tuples(st.integers(0, 3), st.integers(0, 5))))
    held = data.draw(st.integers(0, 2))
    new = np.zeros(1, dtype=np.int64)
    found = loop("possible")(
        np.array([member]),
        np.array([least]),
        np.array([most]),
        np.array([held]),
        np.arange(count),
        i,
        count,
        missing,
        new,
    )
    rests = itertools.combinations(range(i + 1, count), missing - 1)
    assert found == any(least <= held + member[i] + sum(member[m] for m in rest) <= most for rest in rests)
    if found:
        assert new.tolist() == [held + member[i]]


def test_a_chosen_site_costs_nothing_and_others_what_their_weights_say() -> None:
    points = np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 1.0]])
    gram, gap = points @ points.T / 2, np.full((3, 3), 0.25)
    weights, costs = np.zeros((3, 2)), np.zeros((3, 3))
    total = kernels.fit_set(gram, gap, np.array([0, 1]), 2, weights, costs, kernels.RIDGE)
    assert weights[:2].tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert weights[2] == pytest.approx([0.5, 0.5], abs=1e-6)
    # Half way between the two, it misses (1, 1) by 1 in one of two measures, and pays the price of standing for it.
    assert costs[2, 0] == pytest.approx(0.5 + 0.25)
    assert total == pytest.approx(0.75)
    assert costs[2, 1] <= costs[2, 0] + 1e-9

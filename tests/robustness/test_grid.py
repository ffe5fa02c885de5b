"""A ranking as arrays: the points that its score counts, and sums that add in one order."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.robustness.grid import (
    checked_weights,
    factor_titles,
    grid_of,
    is_whole,
    numbers,
    ranked_grid,
    same_grid,
    tidy,
    weighted_sum,
)
from robustness.rankings import ranking_of

NAN = math.nan


def test_missing_counts_at_the_worse_bound_or_not_at_all() -> None:
    ranking = ranking_of([[0.2, NAN], [NAN, 0.7]], low=[[0.2, NAN], [0.3, 0.7]], high=[[0.2, NAN], [0.9, 0.7]])
    grid = grid_of(ranking)
    assert grid.points.tolist() == [[0.2, 0.0], [0.3, 0.7]]
    assert grid.lowest.tolist() == [[0.2, 0.0], [0.3, 0.7]]
    assert grid.highest.tolist() == [[0.2, 1.0], [0.9, 0.7]]
    assert grid.known.tolist() == [[True, False], [False, True]]
    assert np.isnan(grid.values[0, 1])
    assert grid.complete.tolist() == [False, False]
    assert grid.reweighted([1, 0]).complete.tolist() == [True, False]


@settings(max_examples=25)
@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_score_of_a_ranking_is_the_weighted_sum(points: list[list[float]]) -> None:
    ranking = ranking_of(points, weights=[0.5, 0.3, 0.2])
    grid = grid_of(ranking)
    scores = pd.Series(weighted_sum(grid.points, grid.weights), index=list(grid.sites))
    listed = ranking.table.set_index("site")["score"]
    assert scores[listed.index].to_numpy() == pytest.approx(listed.to_numpy(dtype=float), abs=1e-9)


def test_coverage_is_the_weight_of_what_is_known() -> None:
    ranking = ranking_of([[0.5, NAN], [0.1, 0.2], [NAN, NAN]], weights=[0.6, 0.4], minimum_coverage=0.6)
    grid = grid_of(ranking)
    assert grid.covered.tolist() == [True, True, False]
    assert ranked_grid(ranking).sites == ("s00", "s01")
    assert same_grid(ranked_grid(ranking), grid.only_sites([True, True, False]))
    assert not same_grid(grid, ranked_grid(ranking))
    with pytest.raises(InputError, match=r"No site is ranked, so there is no rank to ask about\."):
        ranked_grid(ranking_of([[NAN]], minimum_coverage=0.5))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([0.5, 0.4], r"Weights must add to 1, not 0\.9\."),
        ([1.5, -0.5], r"There must be 2 weights, one a criterion, each a number of 0 or more\."),
        ([1.0], r"There must be 2 weights"),
        ([NAN, 1.0], r"There must be 2 weights"),
        (["a", "b"], r"Weights must be numbers, in rows of equal length, not text\."),
    ],
)
def test_weights_that_cannot_be_weights(weights: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked_weights(weights, 2)


def test_weights_are_made_to_add_to_one_exactly() -> None:
    given_weights = [0.3333333, 0.3333333, 0.3333334]
    assert checked_weights(given_weights, 3).sum() == 1.0
    with pytest.raises(InputError, match=r"Points must be numbers, in rows of equal length"):
        numbers([[1, 2], [3]], "Points")


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6))
def test_noise_of_rounding_is_taken_away_and_nothing_else(values: list[float]) -> None:
    found = tidy(np.array(values))
    largest = max(map(abs, values))
    assert np.abs(found - values).max() <= largest * 1e-11
    assert tidy(found).tolist() == found.tolist()


def test_what_is_too_small_to_be_rounded_is_left_as_it_is() -> None:
    for column in ([0.0, 0.0], [1e-300, -1e-291, 0.0]):
        assert tidy(np.array(column)).tolist() == column
    assert str(tidy(np.array([-0.0, 0.0])).tolist()) == "[0.0, 0.0]"
    assert np.isnan(tidy(np.array([np.nan]))).all()
    assert tidy(np.array([np.nan, 0.1 + 0.2]))[1] == 0.3


def test_whole_numbers_and_titles() -> None:
    assert [is_whole(value, 1) for value in (1, np.int64(3), 0, 1.0, True, "1")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    ranking = ranking_of([[0.1, 0.2]], factors=["2.1", "2.2"])
    assert factor_titles(ranking) == {"2.1": "2.1", "2.2": "2.2"}

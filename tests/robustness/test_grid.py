"""A ranking as arrays: the points that its score counts, and sums that add in one order."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_rankings import small_cluster, small_measures, small_ranking

from lipresearch.errors import InputError
from lipresearch.ranking import rank_sites
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
    for wrong in ([[1, 2], [3]], ["a"], [{}], [[1, [2]]]):
        with pytest.raises(InputError, match=r"^Points must be numbers, in rows of equal length, not text\.$"):
            numbers(wrong, "Points")


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


def test_values_are_turned_so_that_more_is_better_and_taken_as_logarithms_where_the_scale_says_so() -> None:
    cluster = small_cluster([1, 1, 2], goalposts=[(0.1, 1.0), (1.0, 0.1), (1.0, 0.0)])
    cluster = dataclasses.replace(cluster, _criteria=cluster.criteria.assign(scale=["log", "log", "linear"]))
    table = [[0.5, 0.5, 0.25], [0.01, 0.02, (0.3, 0.4)], [(0.2, 0.4), (0.2, 0.4), None]]
    grid = grid_of(rank_sites(small_measures(table), cluster))
    log = math.log
    expected = [
        [log(0.5), -log(0.5), -0.25],
        [log(0.1), -log(0.1), -0.4],  # below the lower goalpost it stops
        [log(0.2), -log(0.4), NAN],
    ]
    assert grid.values == pytest.approx(np.array(expected), nan_ok=True)
    assert grid.known.tolist() == [[True] * 3, [True, True, False], [False] * 3]
    assert grid.points[1].tolist() == pytest.approx([0, 1, 0.6])
    assert grid.highest[1].tolist() == pytest.approx([0, 1, 0.7])
    assert grid.weights.tolist() == [0.25, 0.25, 0.5]
    assert (grid.sites, grid.names) == (("s00", "s01", "s02"), ("Site 0", "Site 1", "Site 2"))
    assert (grid.criteria, grid.factors) == (("c0", "c1", "c2"),) * 2
    assert grid.labels == ("Criterion 0", "Criterion 1", "Criterion 2")


def test_twelve_digits_of_the_largest_number_are_kept() -> None:
    for largest, found in ((1.0, 0.12345678901), (9.99, 0.12345678901), (1000.0, 0.12345679), (0.5, 0.123456789012)):
        assert tidy(np.array([largest, 0.1234567890123456])).tolist()[1] == found
    assert tidy(np.array([-1000.0, 0.1234567890123456])).tolist()[1] == 0.12345679
    assert tidy(np.array([])).tolist() == []
    column = np.array([0.1 + 0.2, 1.0])
    tidy(column)
    assert column[0] == 0.1 + 0.2


def test_weights_may_miss_one_by_a_millionth() -> None:
    assert checked_weights([0.5, 0.5 + 9e-7], 2).sum() == 1.0
    for wrong in ([0.5, 0.5 + 1.1e-6], [0.5, 0.5 - 1.1e-6]):
        with pytest.raises(InputError, match=r"^Weights must add to 1, not "):
            checked_weights(wrong, 2)
    assert checked_weights([0.0, 1.0], 2).tolist() == [0, 1]
    mine = np.array([0.25, 0.75])
    assert checked_weights(mine, 2) is not mine


def test_coverage_that_is_just_met_and_sites_picked_out() -> None:
    ranking = ranking_of([[0.5, NAN, 0.1], [0.5, 0.2, NAN]], weights=[0.1, 0.2, 0.7], minimum_coverage=0.3)
    grid = grid_of(ranking)
    assert grid.covered.tolist() == [True, True]  # 0.1 + 0.2 is a little more or less than 0.3
    assert grid.complete.tolist() == [False, False]
    only = grid.only_sites([False, True])
    assert (only.sites, only.names) == (("s01",), ("Site 01",))
    for name in ("points", "lowest", "highest", "known"):
        assert (getattr(only, name) == getattr(grid, name)[[1]]).all()
    assert only.values == pytest.approx(grid.values[[1]], nan_ok=True)
    with pytest.raises(ValueError, match="zip"):
        grid.only_sites([True])
    with pytest.raises(dataclasses.FrozenInstanceError):
        grid.sites = ()  # type: ignore[misc]
    assert grid != dataclasses.replace(grid)


def test_sums_over_the_last_axis_in_order() -> None:
    points, weights = np.random.default_rng(2).random((3, 4, 5)), np.array([0.1, 0.2, 0.3, 0.25, 0.15])
    found = weighted_sum(points, weights)
    for one in range(3):
        for other in range(4):
            total = 0.0
            for place in range(5):
                total += weights[place] * points[one, other, place]
            assert found[one, other] == total


def test_titles_of_factors_have_their_labels() -> None:
    assert factor_titles(small_ranking([[0.1, 0.2, 0.3]], factors=["b", "a", "b"])) == {
        "b": "b Factor b",
        "a": "a Factor a",
    }
    assert [is_whole(value, 0) for value in (0, -1, np.int8(0), None)] == [True, False, True, False]

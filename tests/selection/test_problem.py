"""A choice in whole numbers: distances and units."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.selection.problem import UNIT, distances, whole


def test_distances_are_a_weighted_mean_over_what_both_have() -> None:
    points = np.array([[0.0, 0.5, np.nan], [1.0, np.nan, 0.2], [0.0, 0.5, 0.2]])
    weights = np.array([0.5, 0.25, 0.25])
    found = distances(points, weights, 0.5)
    assert found[0, 1] == 1.0  # only the first is shared, with half of the weight
    assert found[0, 2] == 0.0
    assert found[1, 2] == pytest.approx(0.5 / 0.75)
    assert np.isnan(distances(points, weights, 0.6)[0, 1])
    assert (np.diag(found) == 0).all()
    assert np.array_equal(found, found.T)
    # Nothing in common: no distance, not one of 0, even where nothing need be shared.
    assert np.isnan(distances(np.array([[1.0, np.nan], [np.nan, 1.0]]), np.array([0.5, 0.5]), 0.0)[0, 1])


@given(st.lists(st.floats(0, 5), min_size=1, max_size=20))
def test_whole_units_agree_with_the_decimals_of_ties(values: list[float]) -> None:
    assert whole(np.array(values)).tolist() == [int(Fraction(str(round(value, 9))) * UNIT) for value in values]

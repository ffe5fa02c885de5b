"""How long synthetic purposive sampling takes: the best set, and its proof, of rosters of several sizes.

The noise of ``hard`` is the worst case: no site is like another, so that no bound is tight.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lipresearch as lip
from lipresearch.comparison.covariates import Covariates, from_frame
from lipresearch.comparison.synthetic import synthetic_sample


def roster(sites: int, measures: int, kinds: int, seed: int) -> Covariates:
    """Return a made-up roster: noise around as many kinds of site as asked for (0: noise alone)."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(sites, measures))
    if kinds:
        values += 2.0 * rng.normal(size=(kinds, measures))[rng.integers(kinds, size=sites)]
    return from_frame(
        pd.DataFrame(values, index=[f"s{i:03d}" for i in range(sites)], columns=[f"m{j}" for j in range(measures)])
    )


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Compile the loops first, so that no benchmark pays for it."""
    synthetic_sample(roster(8, 2, 0, 0), 3)


@pytest.mark.parametrize(("measures", "kinds"), [(8, 4), (11, 0)], ids=["kinds", "hard"])
def test_six_of_forty_proven(benchmark, measures: int, kinds: int) -> None:
    """The best set of 6 of 40, and the proof."""
    table = roster(40, measures, kinds, 1)
    found = benchmark.pedantic(lambda: synthetic_sample(table, 6), rounds=1)
    assert found.proven


def test_six_of_forty_best_set_without_a_proof(benchmark) -> None:
    """The descents alone, which find a set as good or nearly."""
    table = roster(40, 11, 0, 1)
    found = benchmark.pedantic(lambda: synthetic_sample(table, 6, max_fits=1), rounds=1)
    assert found.objective <= 1.01 * synthetic_sample(table, 6).objective


def test_six_of_the_roster_proven(benchmark) -> None:
    """The partnerships themselves, with what overlaps kept apart."""
    found = benchmark.pedantic(lambda: lip.synthetic_sample(6), rounds=1)
    assert found.proven


def test_a_bound_for_twelve_of_three_hundred(benchmark) -> None:
    """Beyond what can be proven: a set and a bound."""
    table = roster(300, 8, 6, 2)
    found = benchmark.pedantic(lambda: synthetic_sample(table, 12, starts=1, max_fits=2000), rounds=1)
    assert 0.0 < found.gap < 1.0

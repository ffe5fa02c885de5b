"""Which source explains how much: known nulls, one source alone, a slow second estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lipresearch.errors import InputError
from lipresearch.robustness import Weighting, data_uncertainty, explain_rank_variance, variance
from lipresearch.robustness.variance import METHODS
from robustness.rankings import precision_of, ranking_of

NAN = np.nan
POINTS = np.random.default_rng(4).random((8, 3))
HOLES = np.where(np.random.default_rng(5).random((8, 3)) < 0.2, NAN, POINTS)


def explained(points: np.ndarray, weighting: Weighting | None = None, sources=("missing",), **changes):
    ranking = ranking_of(points)
    unsure = data_uncertainty(ranking, precision_of(ranking), pd.DataFrame(), sources)
    return explain_rank_variance(ranking, unsure, weighting, **({"draws": 2048} | changes))


def test_two_identical_methods_explain_exactly_nothing() -> None:
    found = explained(HOLES, methods=("arithmetic", "arithmetic"))
    row = found.table.loc["method"]
    assert row[["first_order", "total", "alone", "total_error"]].tolist() == [0, 0, 0, 0]
    assert (found.by_site.query("source == 'method'")[["first_order", "total"]].dropna() == 0).all().all()


def test_a_source_that_varies_nothing_explains_exactly_nothing() -> None:
    found = explained(POINTS, methods=("arithmetic",))
    assert found.table.loc["missing", ["first_order", "total", "alone"]].tolist() == [0, 0, 0]
    assert found.table.loc["method", "total"] == 0
    # Only the weights are left, so they explain all.
    assert found.table.loc["weights", "total"] == pytest.approx(1, abs=0.1)
    assert found.table.loc["weights", "first_order"] == pytest.approx(1, abs=0.1)


def test_where_nothing_moves_nothing_is_explained() -> None:
    found = explained(POINTS[:, :1], methods=("arithmetic",))
    assert found.variance == 0
    assert found.table[["first_order", "total"]].isna().all().all()
    assert (found.table["alone"] == 0).all()


def test_fixed_weights_explain_nothing_beside_missing_values() -> None:
    found = explained(HOLES, Weighting("fixed"), methods=("arithmetic",))
    assert found.table.loc["weights", "total"] == 0
    assert found.table.loc["missing", "total"] == pytest.approx(1, abs=0.1)


def test_shares_add_to_the_whole_where_sources_do_not_act_together() -> None:
    found = explained(HOLES, methods=("arithmetic", "geometric", "min-max"), draws=8192)
    table = found.table
    assert table["first_order"].sum() < 1 + 4 * table["first_order_error"].max()
    assert table["total"].sum() > 1 - 4 * table["total_error"].max()
    assert (table["total"] > table["first_order"] - 4 * table["first_order_error"]).all()


def test_the_first_order_share_against_the_variance_of_conditional_means() -> None:
    found = explained(POINTS, methods=("arithmetic", "harmonic"), draws=16_384)
    first = explained(POINTS, methods=("arithmetic",), draws=16_384).mean_shift
    # The mean of both methods together and of the first give that of the second; known, they differ by so much.
    second = 2 * found.mean_shift - first
    expected = np.var([first, second]) / found.variance
    assert found.table.loc["method", "first_order"] == pytest.approx(expected, abs=0.03)


def test_the_same_seed_gives_the_same() -> None:
    one, two = explained(HOLES), explained(HOLES)
    assert one.table.equals(two.table)
    assert not one.table.equals(explained(HOLES, seed=3).table)
    table = one.table
    table.iloc[0, 1] = 9
    assert one.table.equals(two.table)
    assert "Rank variance by source: a site moves by" in repr(one)


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_gives_scores_between_0_and_1_and_rewards_more_points(method: str) -> None:
    points = np.array([[0.2, 0.3], [0.6, 0.3], [0.6, 0.9], [0.2, 0.3]])[:, :, None]
    scores = METHODS[method](points, np.array([[0.5], [0.5]]))[:, 0]
    assert scores[0] == scores[3]
    assert 0 <= scores[0] < scores[1] < scores[2] <= 1


def test_means_by_hand() -> None:
    points, weights = np.array([[0.25, 1.0], [0.0, 1.0]])[:, :, None], np.array([[0.5], [0.5]])
    assert METHODS["arithmetic"](points, weights)[:, 0].tolist() == [0.625, 0.5]
    assert METHODS["geometric"](points, weights)[:, 0].tolist() == pytest.approx([0.5, 0.0])
    assert METHODS["harmonic"](points, weights)[:, 0].tolist() == pytest.approx([0.4, 0.0])
    # A criterion without weight plays no part, even with 0 points.
    assert METHODS["geometric"](points, np.array([[0.0], [1.0]]))[:, 0].tolist() == [1.0, 1.0]
    assert METHODS["harmonic"](points, np.array([[0.0], [1.0]]))[:, 0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"methods": ("magic",)},
            "Methods are arithmetic, geometric, harmonic, min-max, z-score, rank, at least",
        ),
        ({"methods": ()}, "at least one, not none"),
        ({"draws": 63}, r"At least 64 draws are needed for a standard error, not 63\."),
        ({"draws": 0}, "The number of draws is a whole number"),
    ],
)
def test_what_cannot_be_explained_is_said(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        explained(POINTS, **changes)


def test_the_uncertainty_of_another_ranking_is_refused() -> None:
    ranking, other = ranking_of(POINTS), ranking_of(POINTS[:4])
    with pytest.raises(InputError, match="The uncertainty is that of another ranking"):
        explain_rank_variance(other, data_uncertainty(ranking, precision_of(ranking), pd.DataFrame()))


def test_scores_that_depend_on_the_other_candidates_by_hand() -> None:
    # The second criterion is the same everywhere: it tells the sites apart in no method.
    points, weights = np.array([[0.2, 0.3], [0.6, 0.3], [0.6, 0.3], [0.6, 0.3]])[:, :, None], np.array([[0.75], [0.25]])
    assert METHODS["min-max"](points, weights)[:, 0].tolist() == [0.0, 0.75, 0.75, 0.75]
    spread = np.std([0.2, 0.6, 0.6, 0.6])
    expected = [0.75 * (x - 0.5) / spread / 4 + 0.5 for x in (0.2, 0.6, 0.6, 0.6)]
    assert METHODS["z-score"](points, weights)[:, 0].tolist() == pytest.approx(expected)
    # Sites beaten, and half of those that tie, of the three others: 0, then 1 + 2/2; and 3/2 in the second criterion.
    assert METHODS["rank"](points, weights)[:, 0].tolist() == pytest.approx([0.125, *[0.75 * 2 / 3 + 0.125] * 3])


def test_what_is_not_said_is_the_declared_default() -> None:
    said = explained(HOLES, Weighting(), methods=("arithmetic", "geometric", "min-max"), seed=2010)
    assert explained(HOLES).table.equals(said.table)
    assert (said.draws, said.seed, said.weighting) == (2048, 2010, Weighting().text)


def test_the_standard_error_is_how_much_other_seeds_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two batches: divided by their number instead of by one less, the mean square would be half of this."""
    monkeypatch.setattr(variance, "BATCHES", 2)
    ranking = ranking_of(HOLES)
    unsure = data_uncertainty(ranking, precision_of(ranking), pd.DataFrame(), ("missing",))
    runs = [
        explain_rank_variance(ranking, unsure, draws=128, seed=seed, methods=("arithmetic",)).table.loc["missing"]
        for seed in range(80)
    ]
    for name in ("first_order", "total"):
        spread = np.var([run[name] for run in runs], ddof=1)
        told = np.mean([run[f"{name}_error"] ** 2 for run in runs])
        assert 0.6 < told / spread < 1.5, (name, told / spread)

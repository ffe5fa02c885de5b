"""Rank acceptability: what is known exactly, what others published, what must not matter."""

from __future__ import annotations

import dataclasses
import gzip
import inspect
import json
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.paths import project_root
from lipresearch.ranking import Ranking, competition_ranks
from lipresearch.robustness import (
    Uncertainty,
    Weighting,
    acceptability_of_samples,
    data_uncertainty,
    rank_acceptability,
    ranking_entropy,
    sample_scores,
)
from lipresearch.robustness.acceptability import RankAcceptability, check_draws, meta_weights
from lipresearch.robustness.grid import Grid, ranked_grid
from lipresearch.robustness.kernel import chunk_size
from lipresearch.robustness.weighting import WeightSampler
from robustness.rankings import fresh, is_frozen_and_equal_to_itself_alone, precision_of, ranking_of

CASES = Path(os.environ.get("LIPRESEARCH_CASES") or project_root().parent / "shared" / "cases")
NAN = np.nan
several = settings(max_examples=20)
worlds = st.lists(st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=3, max_size=3), min_size=2, max_size=6)


def test_two_sites_and_two_criteria_in_closed_form() -> None:
    # s00 leads where 0.8 w + 0.2 (1 - w) > 0.4 w + 0.7 (1 - w), that is w > 5/9; its central weight is their mean, 7/9.
    found = rank_acceptability(ranking_of([[0.8, 0.2], [0.4, 0.7]]), draws=40_000, top=1)
    table = found.acceptability
    assert abs(table.loc["s00", 1] - 4 / 9) < 4 * found.standard_errors.loc["s00", 1]
    assert found.standard_errors.loc["s00", 1] == pytest.approx(
        np.sqrt(table.loc["s00", 1] * table.loc["s00", 2] / 40_000)
    )
    central, error = found.central_weights.loc["s00"], found.central_weight_errors.loc["s00"]
    assert abs(central["c0"] - 7 / 9) < 4 * error["c0"]
    # A uniform weight over 5/9 to 1 has the standard deviation (4/9) / sqrt(12).
    firsts = table.loc["s00", 1] * 40_000
    assert error["c0"] == pytest.approx(4 / 9 / np.sqrt(12) / np.sqrt(firsts), rel=0.02)
    assert found.table["confidence"].tolist() == [1.0, 1.0]
    assert found.pairwise.loc["s00", "s01"] == table.loc["s00", 1]


def test_three_sites_of_one_criterion_each_are_alike() -> None:
    found = rank_acceptability(ranking_of(np.eye(3)), draws=40_000, top=2)
    assert np.allclose(found.acceptability, 1 / 3, atol=0.01)
    assert np.allclose(found.table["expected_rank"], 2, atol=0.02)
    # The weight of the criterion that leads has the mean of the largest of three: 11/18.
    assert np.allclose(np.diag(found.central_weights.sort_index()), 11 / 18, atol=0.005)


@several
@given(worlds)
def test_acceptabilities_add_up(points: list[list[float]]) -> None:
    found = rank_acceptability(ranking_of(points), draws=300, top=1, workers=1)
    shares, pairs = found.acceptability, found.pairwise.to_numpy()
    assert np.allclose(shares.sum(axis=1), 1)
    # Ties leave ranks empty, never fill one twice: the first r ranks hold r sites or more.
    assert (shares.sum().cumsum() >= np.arange(1, len(points) + 1) - 1e-9).all()
    assert (pairs + pairs.T <= 1 + 1e-12).all()
    assert (np.diag(pairs) == 0).all()
    # A site's expected rank is 1 and how often each other one lies above it.
    assert np.allclose(found.table["expected_rank"], 1 + pairs.sum(axis=0))


def test_the_ranks_that_hold_nine_draws_of_ten_are_counted_site_by_site() -> None:
    points = [[0.9, 0.1, 0.2], [0.8, 0.8, 0.1], [0.1, 0.7, 0.6], [0.2, 0.3, 0.9], [0.5, 0.4, 0.4], [0.0, 0.0, 0.1]]
    found = rank_acceptability(ranking_of(points), draws=2000, top=2)
    table = found.table
    for site, shares in found.acceptability.iterrows():
        running, low, high = 0.0, None, None
        for rank, share in shares.items():
            running += share
            low = rank if low is None and running >= 0.05 else low
            high = rank if high is None and running >= 0.95 else high
        assert table.loc[site, ["rank_low", "rank_high"]].tolist() == [low, high]
        assert table.loc[site, "top"] == pytest.approx(shares[1] + shares[2])
        assert table.loc[site, "first"] == shares[1]
    assert table["rank_low"].nunique() > 2
    assert table["rank_high"].nunique() > 2
    assert table.loc["s05", ["rank_low", "rank_high"]].tolist() == [6, 6]


@several
@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_the_sites_does_not_matter(points: list[list[float]], random) -> None:
    order = list(range(len(points)))
    random.shuffle(order)
    one = rank_acceptability(ranking_of(points), draws=300, top=1).acceptability
    other = rank_acceptability(ranking_of([points[place] for place in order]), draws=300, top=1).acceptability
    for new, old in enumerate(order):
        assert one.loc[f"s{old:02d}"].tolist() == other.loc[f"s{new:02d}"].tolist()


@several
@given(worlds)
def test_under_the_stated_weights_it_is_the_ranking(points: list[list[float]]) -> None:
    ranking = ranking_of(points, [0.5, 0.3, 0.2])
    found = rank_acceptability(ranking, Weighting("fixed"), draws=10, top=1)
    ranks = ranking.table.set_index("site")["rank"]
    assert found.table["rank"].tolist() == ranks.loc[found.table.index].tolist()
    assert all(found.acceptability.loc[site, rank] == 1 for site, rank in ranks.items())
    assert (found.standard_errors == 0).all().all()


def test_one_criterion_leaves_nothing_to_the_weights() -> None:
    found = rank_acceptability(ranking_of([[0.2], [0.9], [0.4]]), draws=500, top=1)
    assert sorted(found.acceptability.to_numpy().ravel().tolist()) == [0] * 6 + [1] * 3


def test_equal_sites_share_every_rank() -> None:
    found = rank_acceptability(ranking_of([[0.3, 0.6], [0.3, 0.6], [0.9, 0.1]]), draws=2000, top=1)
    shares = found.acceptability
    assert shares.loc["s00"].tolist() == shares.loc["s01"].tolist()
    assert found.pairwise.loc["s00", "s01"] == found.pairwise.loc["s01", "s00"] == 0
    assert shares.loc["s00", 2] + shares.loc["s00", 1] == 1
    assert shares[3].sum() == shares.loc["s02", 3]


def test_missing_evidence_counts_as_in_the_ranking_unless_it_is_varied() -> None:
    ranking = ranking_of([[NAN, 0.8], [0.5, 0.5]])
    plain = rank_acceptability(ranking, Weighting("fixed"), draws=10, top=1)
    assert plain.acceptability.loc["s01", 1] == 1
    unsure = data_uncertainty(ranking, precision_of(ranking), pd.DataFrame(), ["missing"])
    # s00 leads where (u + 0.8) / 2 > 0.5, that is u > 0.2.
    varied = rank_acceptability(ranking, Weighting("fixed"), unsure, draws=40_000, top=1)
    assert abs(varied.acceptability.loc["s00", 1] - 0.8) < 4 * varied.largest_error
    assert abs(varied.table.loc["s00", "confidence"] - 0.8) < 4 * varied.largest_error
    assert abs(varied.table.loc["s01", "confidence"] - 0.2) < 4 * varied.largest_error
    off = rank_acceptability(ranking, Weighting("fixed"), unsure.only([]), draws=10, top=1)
    assert off.acceptability.equals(plain.acceptability)


def test_the_same_seed_gives_the_same_on_any_number_of_threads() -> None:
    ranking = ranking_of(np.random.default_rng(0).random((9, 4)), low=np.zeros((9, 4)), high=np.ones((9, 4)), grade="C")
    unsure = data_uncertainty(ranking, precision_of(ranking), pd.DataFrame())
    one, many = (rank_acceptability(ranking, None, unsure, draws=5000, workers=threads) for threads in (1, 4))
    assert one.table.equals(many.table)
    assert one.pairwise.equals(many.pairwise)
    assert one.central_weights.equals(many.central_weights)
    assert not one.table.equals(rank_acceptability(ranking, None, unsure, draws=5000, seed=1).table)


def test_draws_stop_at_the_tolerance_and_say_if_it_was_not_met() -> None:
    ranking = ranking_of(np.eye(3))
    found = rank_acceptability(ranking, tolerance=0.005, top=1)
    assert found.converged
    assert found.draws == 16_384
    assert found.largest_error <= 0.005 < np.sqrt(2 / 9 / 8192)
    assert "(tolerance 0.005, met)" in repr(found)
    short = rank_acceptability(ranking, tolerance=0.005, draws=100, top=1)
    assert not short.converged
    assert short.draws == 100
    assert "(tolerance 0.005, not met)" in repr(short)
    whole = rank_acceptability(ranking, draws=16_384, top=1)
    assert whole.acceptability.equals(found.acceptability)


def test_drawn_scores_are_those_that_are_counted() -> None:
    ranking = ranking_of(np.random.default_rng(1).random((5, 3)))
    drawn = sample_scores(ranking, draws=2000)
    ranks = np.array([competition_ranks(row) for row in drawn.scores])
    shares = rank_acceptability(ranking, draws=2000, top=1).acceptability
    for place, site in enumerate(drawn.sites):
        assert shares.loc[site].tolist() == [(ranks[:, place] == rank).mean() for rank in range(1, 6)]
    drawn.scores[:] = 0
    assert drawn.scores.max() > 0


def test_results_cannot_be_changed() -> None:
    found = rank_acceptability(ranking_of(np.eye(2)), draws=10, top=1)
    table = found.acceptability
    table.iloc[0, 0] = 9
    assert found.acceptability.max().max() <= 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.draws = 3  # type: ignore[misc]


# ---- everything again, draw by draw -----------------------------------------------------------------


def one_by_one(
    ranking: Ranking, chosen: Weighting, unsure: Uncertainty, draws: int, seed: int
) -> tuple[Grid, list[list[float]], list[list[list[float]]]]:
    """Return the weights and the points of each draw, as lists."""
    grid = ranked_grid(ranking)
    sampler = WeightSampler(chosen, grid.criteria, grid.factors, grid.weights, seed)
    unit, weights, points = chunk_size(len(grid.sites)), [], []
    for chunk, start in enumerate(range(0, draws, unit)):
        size = min(unit, draws - start)
        mine, moved = sampler.draw(chunk, size), unsure.draw(seed, chunk, size)
        for draw in range(size):
            table = grid.points.tolist()
            for cell, (site, criterion) in enumerate(zip(*unsure.cells(), strict=True)):
                table[site][criterion] = float(moved[cell, draw])
            weights.append(mine[:, draw].tolist())
            points.append(table)
    return grid, weights, points


def score(weights: list[float], row: list[float]) -> float:
    return round(sum(weight * point for weight, point in zip(weights, row, strict=True)), 9)


def agrees(found: RankAcceptability, weights: list[list[float]], points: list[list[list[float]]], meta: str) -> None:
    """Compare every figure with a count over the draws."""
    count, draws = len(found.sites), len(weights)
    totals = [[score(w, row) for row in table] for w, table in zip(weights, points, strict=True)]
    ranks = np.array([[1 + sum(other > mine for other in row) for mine in row] for row in totals])
    worth = {
        "linear": [(count - r) / (count - 1) for r in range(1, count + 1)],
        "inverse": [1 / r for r in range(1, count + 1)],
        "centroid": [sum(1 / i for i in range(r, count)) / sum(1 / i for i in range(1, count)) for r in range(1, count)]
        + [0.0],
    }[meta]
    assert found.draws == draws
    largest = 0.0
    for place, site in enumerate(found.sites):
        mine = ranks[:, place]
        shares = [float((mine == rank).mean()) for rank in range(1, count + 1)]
        errors = [math.sqrt(share * (1 - share) / draws) for share in shares]
        largest = max(largest, *errors)
        assert found.acceptability.loc[site].tolist() == pytest.approx(shares, abs=1e-12)
        assert found.standard_errors.loc[site].tolist() == pytest.approx(errors, abs=1e-12)
        for other, name in enumerate(found.sites):
            won = float((mine < ranks[:, other]).mean())
            assert found.pairwise.loc[site, name] == pytest.approx(won, abs=1e-12)
        leads = np.array([w for w, rank in zip(weights, mine, strict=True) if rank == 1])
        row, error = found.table.loc[site], found.table_errors.loc[site]
        top, value = float((mine <= found.top).mean()), np.array([worth[rank - 1] for rank in mine])
        assert row["expected_rank"] == pytest.approx(mine.mean(), abs=1e-9)
        assert row["rank_low"] == min(r for r in range(1, count + 1) if (mine <= r).mean() >= 0.05)
        assert row["rank_high"] == min(r for r in range(1, count + 1) if (mine <= r).mean() >= 0.95)
        assert (row["first"], row["top"]) == pytest.approx((shares[0], top), abs=1e-12)
        assert row["holistic"] == pytest.approx(value.mean(), abs=1e-9)
        assert row["standard_error"] == pytest.approx(max(errors), abs=1e-12)
        assert error["expected_rank"] == pytest.approx(mine.std() / math.sqrt(draws), abs=1e-9)
        assert error["holistic"] == pytest.approx(value.std() / math.sqrt(draws), abs=1e-9)
        assert error["first"] == pytest.approx(errors[0], abs=1e-12)
        assert error["top"] == pytest.approx(math.sqrt(top * (1 - top) / draws), abs=1e-9)
        central, spread = found.central_weights.loc[site], found.central_weight_errors.loc[site]
        if not len(leads):
            assert central.isna().all()
            assert math.isnan(row["confidence"])
            assert math.isnan(error["confidence"])
        else:
            own = leads.mean(axis=0)
            assert central.tolist() == pytest.approx(own.tolist(), abs=1e-12)
            under = [[score(own.tolist(), one) for one in table] for table in points]
            sure = float(np.mean([scores[place] == max(scores) for scores in under]))
            assert row["confidence"] == pytest.approx(sure, abs=1e-12)
            assert error["confidence"] == pytest.approx(math.sqrt(sure * (1 - sure) / draws), abs=1e-9)
        if len(leads) < 2:
            assert spread.isna().all()
        else:
            expected = leads.std(axis=0, ddof=1) / math.sqrt(len(leads))
            assert spread.tolist() == pytest.approx(expected.tolist(), rel=1e-6, abs=1e-9)
    assert found.largest_error == pytest.approx(largest, abs=1e-12)


FIVE = np.array([[0.9, 0.2, 0.3], [0.3, 0.8, 0.5], [0.5, 0.5, NAN], [0.1, 0.1, 0.1], [0.6, 0.3, 0.6]])
LOW, HIGH = FIVE - 0.08, FIVE + 0.04
LOW[3], HIGH[3] = FIVE[3], FIVE[3]


@pytest.mark.parametrize("meta", ["centroid", "inverse", "linear"])
def test_every_figure_is_the_count_over_the_draws(meta: str) -> None:
    ranking = ranking_of(FIVE, [0.5, 0.2, 0.3], ["a", "b", "b"], LOW, HIGH, grade="C")
    unsure, chosen = data_uncertainty(ranking, precision_of(ranking), pd.DataFrame()), Weighting()
    found = rank_acceptability(ranking, chosen, unsure, draws=1200, seed=5, top=2, meta=meta, workers=2)
    grid, weights, points = one_by_one(ranking, chosen, unsure, 1200, 5)
    assert found.sites == grid.sites
    agrees(found, weights, points, meta)
    assert list(found.table.index) == ranking.table["site"].tolist()
    assert found.table["rank"].tolist() == ranking.table["rank"].tolist() == [1, 2, 3, 4, 5]
    assert found.table["name"].tolist() == ranking.table["name"].tolist()
    assert 0 < found.table["confidence"].min() < 1
    drawn = sample_scores(ranking, chosen, unsure, draws=1200, seed=5)
    expected = [[score(w, row) for row in table] for w, table in zip(weights, points, strict=True)]
    assert drawn.scores == pytest.approx(np.array(expected), abs=2e-9)
    assert (drawn.sites, drawn.names, drawn.seed, drawn.weighting) == (grid.sites, grid.names, 5, chosen.text)


def test_samples_made_elsewhere_are_counted_draw_by_draw() -> None:
    generator = np.random.default_rng(8)
    points, weights = generator.normal(2.0, 3.0, (1100, 4, 3)), generator.dirichlet(np.ones(3), 1100)
    points[:, 3] = points[:, :3].min(axis=1) - 0.5  # never first
    found = acceptability_of_samples(points, weights, "badc", "xyz", top=2)
    scaled = (points - points.min()) / (points.max() - points.min())
    agrees(found, weights.tolist(), scaled.tolist(), "centroid")
    means = (points.mean(axis=0) * weights.mean(axis=0)).sum(axis=1)
    expected = sorted("badc", key=lambda site: -means["badc".index(site)])
    assert list(found.table.index) == expected
    assert found.table["rank"].tolist() == [1, 2, 3, 4]
    assert (found.seed, found.accepted, found.tolerance, found.converged) == (None, 1.0, None, True)
    assert (found.weighting, found.evidence) == ("weights drawn elsewhere", "points drawn elsewhere")


def test_samples_within_0_and_1_and_samples_that_are_all_the_same() -> None:
    same = acceptability_of_samples(np.full((3, 2, 1), 5.0), np.ones((3, 1)), ["q", "p"], ["x"])
    assert same.acceptability.to_numpy().tolist() == [[1, 0], [1, 0]]
    assert same.table.index.tolist() == ["p", "q"]  # a tie stands in the order of the ids
    assert same.top == 1
    # A lead of less than half a billionth of the range, 0 to 1 or wider, is a tie.
    near = [[[0.5], [0.5 + 4e-10]], [[0.0], [0.0]]]
    level = [[[0.5], [0.5 + 4e-10]], [[0.5], [0.5]]]
    below, above = [[[0.0], [8e-10]], [[-0.9], [0.9]]], [[[0.9], [0.9 + 8e-10]], [[0.0], [1.8]]]
    for points, tied in ((near, 1.0), (level, 1.0), ([[[-1.0], [2.0]]], 0.0), (below, 0.5), (above, 0.5)):
        found = acceptability_of_samples(points, np.ones((len(points), 1)), "ab", "x")
        assert found.acceptability.loc["a", 1] == tied


def test_a_site_that_is_first_once_has_central_weights_without_an_error() -> None:
    points = [[[1, 0], [0, 1]]] * 4
    found = acceptability_of_samples(points, [[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.1, 0.9]], "pq", "xy")
    assert found.central_weights.loc["q"].tolist() == pytest.approx([0.1, 0.9])
    assert found.central_weight_errors.loc["q"].isna().all()
    spread = np.std([0.9, 0.8, 0.6], ddof=1) / math.sqrt(3)
    assert found.central_weight_errors.loc["p"].tolist() == pytest.approx([spread, spread])
    two = acceptability_of_samples(points[:2], [[0.9, 0.1], [0.8, 0.2]], "pq", "xy")
    assert two.central_weight_errors.loc["p"].tolist() == pytest.approx([0.05, 0.05])


def test_the_declared_defaults() -> None:
    def defaults(function: object) -> dict[str, object]:
        given = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
        return {one.name: one.default for one in given if one.default not in (None, inspect.Parameter.empty)}

    assert defaults(rank_acceptability) == {"draws": 100_000, "seed": 2010, "top": 6, "meta": "centroid"}
    assert defaults(sample_scores) == {"draws": 2000, "seed": 2010}
    assert defaults(acceptability_of_samples) == {"top": 1, "meta": "centroid"}


def test_draws_and_seeds_at_their_edges() -> None:
    for draws, seed in ((1, 0), (100_000_000, 2010), (np.int64(7), np.int64(3))):
        check_draws(draws, seed)
    for draws in (100_000_001, 0, 1.0, "1", True):
        with pytest.raises(InputError, match=r"^The number of draws is a whole number from 1 to 100,000,000, not "):
            check_draws(draws, 1)  # type: ignore[arg-type]
    for seed in (-1, 0.0, None, True):
        with pytest.raises(InputError, match=r"^A seed is a whole number from 0 up, not "):
            check_draws(1, seed)  # type: ignore[arg-type]
    for workers in (0, -1, 1.0, True, "2"):
        with pytest.raises(InputError, match=r"^The number of threads is a whole number from 1 up, not "):
            call(workers=workers)
    for tolerance in (1.0, 1, -0.1, 0):
        with pytest.raises(InputError, match=r"^A tolerance is a standard error between 0 and 1, not "):
            call(tolerance=tolerance)
    assert call(tolerance=np.float64(0.9)).converged
    assert call(top=3, workers=1).table["top"].tolist() == [1.0] * 3


def test_what_was_varied_in_words() -> None:
    ranking = ranking_of([[NAN, 0.8], [0.5, 0.5]])
    unsure = data_uncertainty(ranking, precision_of(ranking), pd.DataFrame())
    said = rank_acceptability(ranking, None, unsure.only(["missing", "rounding"]), draws=5, top=1)
    assert said.evidence == "evidence varied: rounding of census counts, missing values and bounds"
    for evidence in (None, unsure.only([])):
        found = rank_acceptability(ranking, Weighting("fixed"), evidence, draws=1, top=2)
        assert found.evidence == "evidence as it stands"
        assert found.table["confidence"].dropna().tolist() == [1.0]
        assert repr(found) == (
            "Rank acceptability of 2 sites over 1 draw: the stated weights only; evidence as it stands. "
            "Largest standard error 0.0000. See .table, .acceptability, .pairwise, .central_weights."
        )
    half = rank_acceptability(ranking_of(np.eye(2)), Weighting(bounds={"c0": (0.0, 0.5)}), draws=5, top=1)
    assert half.accepted == pytest.approx(0.5, abs=0.02)
    for refused in (call, lambda **changes: sample_scores(ranking_of(np.eye(3)), draws=2, **changes)):
        with pytest.raises(InputError, match=r"^The uncertainty is that of another ranking; make it with "):
            refused(uncertainty=unsure)


def test_the_entropy_of_rankings_by_hand() -> None:
    assert ranking_entropy([[1, 2], [2, 1], [1, 2], [1, 2]]) == pytest.approx(-(0.75 * math.log2(0.75) - 0.5))
    assert str(ranking_entropy([[1, 2], [1, 2]])) == "0.0"
    assert ranking_entropy([[1], [2], [3], [4]]) == 2.0
    for ranks in ([1, 2], [[1, NAN]], [[]]):
        with pytest.raises(InputError, match="Rankings need one row a draw, and at least one, without a gap"):
            ranking_entropy(ranks)


@pytest.mark.parametrize(
    ("points", "weights", "message"),
    [
        (
            np.ones((2, 2, 1)),
            [[1.0]],
            r"\(draws, 2, 1\) and weights \(draws, 1\), not \(2, 2, 1\) and \(1, 1\)\.$",
        ),
        (np.ones((2, 2)), [[1.0]] * 2, r"not \(2, 2\) and \(2, 1\)\.$"),
        (np.ones((2, 2, 1)), [1.0, 1.0], r"not \(2, 2, 1\) and \(2,\)\.$"),
        (
            np.ones((1, 2, 1)),
            [[0.5, 0.5]],
            r"^Weights need the shape \(draws, 1\) with at .* draw, not \(1, 2\)\.$",
        ),
        (np.ones((0, 2, 1)), np.ones((0, 1)), r"^Weights need .* with at least one draw, not \(0, 1\)\.$"),
        (np.ones((1, 2, 1)), [[1.0 + 1e-8]], r"^The weights of each draw are 0 or more and add to 1\.$"),
        (np.full((1, 2, 1), math.inf), [[1.0]], r"^A point is missing or infinite\.$"),
    ],
)
def test_samples_that_cannot_be_counted(points: np.ndarray, weights: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        acceptability_of_samples(points, weights, ["a", "b"], ["x"])


def test_samples_with_a_name_twice_or_weights_below_0() -> None:
    for sites, criteria in (("aa", "xy"), ("ab", "xx")):
        with pytest.raises(InputError, match=r"^Each site and each criterion is named once\.$"):
            acceptability_of_samples(np.ones((1, 2, 2)), [[0.5, 0.5]], sites, criteria)
    with pytest.raises(InputError, match=r"^The weights of each draw are 0 or more"):
        acceptability_of_samples(np.ones((1, 2, 2)), [[1.5, -0.5]], "ab", "xy")
    for top in (0, 3):
        with pytest.raises(InputError, match=rf"^Choose top from 1 to 2, not {top}\.$"):
            acceptability_of_samples(np.ones((1, 2, 1)), [[1.0]], "ab", "x", top=top)
    assert acceptability_of_samples(np.ones((1, 2, 1)), [[1.0 + 1e-10]], "ab", "x", top=2).draws == 1


def stored(name: str) -> pd.DataFrame:
    with gzip.open(CASES / "smaa_thrombo" / name, "rt", encoding="utf-8") as file:
        return pd.read_csv(file)


@pytest.mark.skipif(
    not (CASES / "smaa_thrombo").is_dir(),
    reason="the 10,000 stored samples are too large to be kept here (LIPRESEARCH_CASES)",
)
def test_the_published_thrombolytics_example() -> None:
    # van Valkenhoef: R package smaa 0.3-3, stored output of its examples; 1e-9.
    expected = json.loads((CASES / "smaa_thrombo" / "expected.json").read_text(encoding="utf-8"))
    measurements, weights = stored("measurements.csv.gz"), stored("weights.csv.gz")
    sites = ["Heparin", "Enoxaparin"]
    criteria = list(weights.columns)
    points = np.stack([measurements[[f"{site}:{name}" for name in criteria]].to_numpy() for site in sites], axis=1)
    found = acceptability_of_samples(points, weights, sites, criteria)
    for row in expected["rank_acceptability"]:
        assert found.acceptability.loc[row["_row"]].tolist() == pytest.approx([row["V1"], row["V2"]], abs=1e-9)
    for row in expected["central_weights"]:
        assert found.central_weights.loc[row["_row"]].tolist() == pytest.approx([row[c] for c in criteria], abs=1e-9)
    # There entry (i, j) of the first row is how often Enoxaparin lies below Heparin's column, and so on.
    wins = {"Heparin": expected["rank_acceptability"][0]["V1"], "Enoxaparin": expected["rank_acceptability"][1]["V1"]}
    for site, other in zip(sites, sites[::-1], strict=True):
        assert found.pairwise.loc[site, other] == pytest.approx(wins[site], abs=1e-9)
        assert found.pairwise.loc[site, other] in [pytest.approx(row[other], abs=1e-9) for row in expected["pairwise"]]
    assert found.table["confidence"].to_dict() == pytest.approx(expected["confidence"], abs=1e-9)
    totals = (points * weights.to_numpy()[:, None, :]).sum(axis=2)
    assert ranking_entropy([competition_ranks(row) for row in totals]) == pytest.approx(
        expected["entropy"][0], abs=1e-9
    )
    fixed = acceptability_of_samples(points, np.tile([0.5, 0.2, 0.3], (len(points), 1)), sites, criteria)
    for row in expected["ra_fixed_weights"]:
        assert fixed.acceptability.loc[row["_row"]].tolist() == pytest.approx([row["V1"], row["V2"]], abs=1e-9)


def test_the_unit_of_samples_does_not_matter() -> None:
    generator = np.random.default_rng(2)
    points, weights = generator.random((200, 4, 3)), generator.dirichlet(np.ones(3), 200)
    one, other = (acceptability_of_samples(p, weights, "abcd", "xyz") for p in (points, 250 * points - 80))
    assert one.acceptability.equals(other.acceptability)
    assert one.pairwise.equals(other.pairwise)


def test_samples_against_a_count_by_hand() -> None:
    points = [[[1, 0], [0, 1]], [[1, 0], [0, 1]], [[0.5, 0.5], [0.5, 0.5]]]
    found = acceptability_of_samples(points, [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], ["p", "q"], ["x", "y"])
    assert found.acceptability.loc["p"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert found.central_weights.loc["p"].tolist() == pytest.approx([0.7, 0.3])
    # Under its central weights p leads in the first two draws and shares the lead in the third.
    assert found.table.loc["p", "confidence"] == 1
    assert found.pairwise.loc["p", "q"] == found.pairwise.loc["q", "p"] == pytest.approx(1 / 3)


def test_how_much_a_rank_counts() -> None:
    assert meta_weights(1).tolist() == [1.0]
    assert meta_weights(4, "inverse").round(3).tolist() == [1, 0.5, 0.333, 0.25]
    for kind in ("centroid", "inverse", "linear"):
        weights = meta_weights(6, kind)
        assert weights[0] == 1
        assert (np.diff(weights) < 0).all()
    found = rank_acceptability(ranking_of(np.eye(3)), draws=100, top=1, meta="linear")
    assert np.allclose(found.table["holistic"], 1 - (found.table["expected_rank"] - 1) / 2)


def call(**changes: object):
    return rank_acceptability(ranking_of(np.eye(3)), **({"draws": 10, "top": 1} | changes))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: call(draws=0), r"The number of draws is a whole number from 1 to 100,000,000, not 0\."),
        (lambda: call(draws=1.5), "The number of draws is a whole number"),
        (lambda: call(draws=True), "The number of draws is a whole number"),
        (lambda: call(seed=-1), r"A seed is a whole number from 0 up, not -1\."),
        (lambda: call(seed="x"), r"A seed is a whole number from 0 up, not 'x'\."),
        (lambda: call(top=4), r"The first 4 were asked for, but 3 sites are ranked: choose top from 1 to 3\."),
        (lambda: call(top=6), "The first 6 are asked for by default, but 3 sites are ranked"),
        (lambda: call(tolerance=0.0), r"A tolerance is a standard error between 0 and 1, not 0\."),
        (lambda: call(tolerance="0.1"), r"A tolerance is a standard error between 0 and 1, not '0\.1'\."),
        (lambda: call(tolerance=float("nan")), "A tolerance is a standard error between 0 and 1, not nan"),
        (lambda: call(meta="square"), r"Ranks are weighed as centroid, inverse, linear, not 'square'\."),
        (lambda: call(workers=0), r"The number of threads is a whole number from 1 up, not 0\."),
        (
            lambda: call(uncertainty=data_uncertainty(o := ranking_of(np.eye(2)), precision_of(o), pd.DataFrame())),
            "The uncertainty is that of another ranking; make it with data_uncertainty for this one",
        ),
        (
            lambda: rank_acceptability(ranking_of([[NAN]], minimum_coverage=0.5)),
            "No site is ranked, so there is no rank to ask about",
        ),
        (
            lambda: acceptability_of_samples([[[1.0]]], [[1.0]], ["a", "b"], ["x"]),
            "Points of 2 sites on 1 criteria",
        ),
        (lambda: acceptability_of_samples([[[NAN]]], [[1.0]], ["a"], ["x"]), "A point is missing or infinite"),
        (
            lambda: acceptability_of_samples([[[1.0]]], [[0.5]], ["a"], ["x"]),
            "weights of each draw are 0 or more",
        ),
        (lambda: acceptability_of_samples(np.ones((1, 2, 1)), [[1]], ["a", "a"], ["x"]), "is named once"),
        (lambda: acceptability_of_samples([[[1.0]]], [[1.0]], ["a"], ["x"], top=2), "Choose top from 1 to 1, not 2"),
        (lambda: ranking_entropy([]), "Rankings need one row a draw, and at least one"),
    ],
)
def test_what_cannot_be_done_is_said(make, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make()


def test_the_word_for_how_ranks_count_is_read_by_its_letters() -> None:
    for kind in ("centroid", "inverse", "linear"):
        assert meta_weights(5, fresh(kind)).tolist() == meta_weights(5, kind).tolist()
        assert meta_weights(1, fresh(kind)).tolist() == [1.0]
    assert meta_weights(2).tolist() == meta_weights(2, "linear").tolist() == [1.0, 0.0]


def test_results_are_frozen_and_equal_to_themselves_alone() -> None:
    ranking = ranking_of(np.eye(2))
    assert is_frozen_and_equal_to_itself_alone(rank_acceptability(ranking, draws=5, top=1))
    assert is_frozen_and_equal_to_itself_alone(sample_scores(ranking, draws=5))

"""Which source explains how much: known nulls, one source alone, a slow second estimate."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math

import numpy as np
import pandas as pd
import pytest

from lipresearch.errors import InputError
from lipresearch.ranking import competition_ranks
from lipresearch.robustness import Weighting, data_uncertainty, explain_rank_variance, variance
from lipresearch.robustness.grid import ranked_grid
from lipresearch.robustness.kernel import chunk_generator
from lipresearch.robustness.variance import LABELS, METHODS
from lipresearch.robustness.weighting import WeightSampler
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


# ---- from the formula, draw by draw -----------------------------------------------------------------

UNSURE = ranking_of(
    [[0.9, 0.2, 0.4], [0.3, NAN, 0.5], [0.5, 0.5, 0.5], [0.2, 0.7, NAN]],
    [0.5, 0.2, 0.3],
    ["a", "b", "b"],
    low=[[0.7, 0.1, 0.4], [0.3, 0.2, 0.1], [0.5, 0.3, 0.4], [0.2, 0.7, NAN]],
    high=[[0.95, 0.6, 0.4], [0.3, 0.9, 0.6], [0.8, 0.6, 0.6], [0.2, 0.7, NAN]],
    grade="C",
)


def slow_ranks(unsure, chosen, methods, draws, seed, taken, only=None) -> np.ndarray:
    """Return ranks (draws, sites), the sources named taken from the second streams, the others but ``only`` held."""
    grid, streams = unsure.grid, {"rounding": 1, "sampling": 2, "model": 3, "missing": 4}
    sampler = WeightSampler(chosen, grid.criteria, grid.factors, grid.weights, seed)
    found = []
    for chunk, start in enumerate(range(0, draws, 1024)):
        size = min(1024, draws - start)
        weights = sampler.draw(chunk, size, 1000 if "weights" in taken else 0)
        kept = unsure if only is None else unsure.only([only] if only in streams else [])
        moved = kept.draw(seed, chunk, size, {name: 1000 + n for name, n in streams.items() if name in taken})
        picks = chunk_generator(seed, 1500 if "method" in taken else 500, chunk).integers(len(methods), size=size)
        for draw in range(size):
            points = grid.points.copy()
            for cell, (row, column) in enumerate(zip(*unsure.cells(), strict=True)):
                points[row, column] = moved[cell, draw]
            weight = weights[:, draw] if only in (None, "weights") else grid.weights
            method = METHODS[methods[picks[draw] if only in (None, "method") else 0]]
            scores = np.clip(method(points[:, :, None], weight[:, None])[:, 0], 0, 1)
            found.append(competition_ranks(scores))
    return np.array(found, dtype=float)


@pytest.mark.parametrize("methods", [("geometric", "arithmetic", "min-max"), ("arithmetic",)])
def test_the_shares_are_those_of_the_formula_draw_by_draw(methods: tuple[str, ...]) -> None:
    unsure = data_uncertainty(UNSURE, precision_of(UNSURE, model_error=30.0), pd.DataFrame(), ["missing", "model"])
    chosen, draws, seed = Weighting("stated", 4), 1100, 9
    found = explain_rank_variance(UNSURE, unsure, chosen, methods=methods, draws=draws, seed=seed)
    sources = ["weights", "model", "missing", "method"]
    assert found.table.index.tolist() == sources
    assert found.table["label"].tolist() == [LABELS[name] for name in sources]
    assert list(found.table.columns) == ["label", "first_order", "first_order_error", "total", "total_error", "alone"]
    grid = ranked_grid(UNSURE)

    def shift(ranks: np.ndarray, method: str) -> np.ndarray:
        scores = np.clip(METHODS[method](grid.points[:, :, None], grid.weights[:, None])[:, 0], 0, 1)
        return np.abs(ranks - competition_ranks(scores)).mean(axis=1)

    def gather(taken: set[str]) -> np.ndarray:
        ranks = slow_ranks(unsure, chosen, methods, draws, seed, taken)
        return np.column_stack([shift(ranks, "arithmetic"), ranks])

    first, second = gather(set()), gather(set(sources))
    middle, variance = np.vstack([first, second]).mean(axis=0), np.vstack([first, second]).var(axis=0)
    assert found.variance == pytest.approx(variance[0], abs=1e-12)
    assert found.mean_shift == pytest.approx(first[:, 0].mean(), abs=1e-12)
    # 1,100 draws make 32 batches: the first twelve of 35, the others of 34.
    ends = np.cumsum([0] + [35] * 12 + [34] * 20)
    for source in sources:
        mixed, row = gather({source}), found.table.loc[source]
        for name, part in (("first_order", (second - middle) * (mixed - first)), ("total", (first - mixed) ** 2 / 2)):
            assert row[name] == pytest.approx(part[:, 0].mean() / variance[0], abs=1e-12)
            means = [part[a:b, 0].mean() for a, b in itertools.pairwise(ends)]
            error = math.sqrt(sum((m - np.mean(means)) ** 2 for m in means) / 31 / 32) / variance[0]
            assert row[f"{name}_error"] == pytest.approx(error, abs=1e-12)
            mine = found.by_site[found.by_site["source"] == source].set_index("site")
            for place, site in enumerate(grid.sites, start=1):
                expected = part[:, place].mean() / variance[place] if variance[place] > 0 else NAN
                assert mine.loc[site, name] == pytest.approx(expected, abs=1e-12, nan_ok=True)
                assert mine.loc[site, "variance"] == pytest.approx(variance[place], abs=1e-12)
        only = slow_ranks(unsure, chosen, methods, draws, seed, set(), source)
        assert row["alone"] == pytest.approx(shift(only, methods[0]).mean(), abs=1e-12)
    listed = found.by_site
    assert listed[["site", "source"]].to_numpy().tolist() == [
        [site, source] for site in grid.sites for source in sorted(sources)
    ]
    assert listed["name"].tolist() == [name for name in grid.names for _ in sources]
    assert listed["label"].tolist() == [LABELS[name] for name in listed["source"]]
    assert (found.methods, found.draws, found.seed, found.weighting) == (methods, draws, seed, chosen.text)


def test_the_declared_defaults_and_what_a_result_says() -> None:
    given = inspect.signature(explain_rank_variance).parameters
    assert {name: given[name].default for name in ("methods", "draws", "seed")} == {
        "methods": ("arithmetic", "geometric", "min-max"),
        "draws": 8192,
        "seed": 2010,
    }
    found = explained(HOLES, Weighting("fixed"), draws=64, methods=("arithmetic", "rank"))
    assert repr(found) == (
        f"Rank variance by source: a site moves by {found.mean_shift:.1f} ranks on average over 64 draws "
        "(the stated weights only; methods: arithmetic, rank). See .table, .by_site."
    )
    listed = found.by_site
    listed["variance"] = -1.0
    assert (found.by_site["variance"] >= 0).all()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.draws = 3  # type: ignore[misc]
    assert found != dataclasses.replace(found)


def test_equal_candidates_and_criteria_that_hardly_differ() -> None:
    weights = np.array([[0.5], [0.5]])
    # A difference below 1e-12 is rounding: no method tells the sites apart by it.
    near = np.array([[0.5, 0.1], [0.5 + 4e-13, 0.1], [0.5, 0.1]])[:, :, None]
    assert METHODS["min-max"](near, weights)[:, 0].tolist() == [0, 0, 0]
    assert METHODS["z-score"](near, weights)[:, 0].tolist() == [0.5, 0.5, 0.5]
    assert METHODS["rank"](near, weights)[:, 0].tolist() == [0.5, 0.5, 0.5]
    # One of 1e-11 is a difference.
    apart = np.array([[0.5, 0.1], [0.5 + 1e-11, 0.1], [0.5, 0.1]])[:, :, None]
    assert METHODS["min-max"](apart, weights)[:, 0].tolist() == [0, 0.5, 0]
    assert METHODS["rank"](apart, weights)[:, 0].tolist() == [0.375, 0.75, 0.375]
    # One site alone beats nobody.
    assert METHODS["rank"](near[:1], weights)[:, 0].tolist() == [0.0]
    assert METHODS["min-max"](near[:1], weights)[:, 0].tolist() == [0.0]


def test_every_method_in_plain_python() -> None:
    random = np.random.default_rng(12)
    points, weights = random.random((5, 3, 6)), random.dirichlet(np.ones(3), 6).T
    points[2] = points[3]
    for draw in range(6):
        table, w = points[:, :, draw].tolist(), weights[:, draw].tolist()
        columns = list(zip(*table, strict=True))
        for site, row in enumerate(table):
            z = [(x - np.mean(column)) / np.std(column) for x, column in zip(row, columns, strict=True)]
            beaten = [
                sum(1.0 if x > y else 0.5 if x == y else 0.0 for k, y in enumerate(column) if k != site) / 4
                for x, column in zip(row, columns, strict=True)
            ]
            stretched = [
                (x - min(column)) / (max(column) - min(column)) for x, column in zip(row, columns, strict=True)
            ]
            expected = {
                "arithmetic": sum(a * x for a, x in zip(w, row, strict=True)),
                "geometric": math.prod(x**a for a, x in zip(w, row, strict=True)),
                "harmonic": 1 / sum(a / x for a, x in zip(w, row, strict=True)),
                "min-max": sum(a * x for a, x in zip(w, stretched, strict=True)),
                "z-score": sum(a * x for a, x in zip(w, z, strict=True)) / (2 * math.sqrt(5)) + 0.5,
                "rank": sum(a * x for a, x in zip(w, beaten, strict=True)),
            }
            for name, value in expected.items():
                assert METHODS[name](points, weights)[site, draw] == pytest.approx(value, abs=1e-12), name

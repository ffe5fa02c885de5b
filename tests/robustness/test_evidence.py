"""How far the evidence may be off: errors computed by hand, distributions against scipy, sources on and off."""

from __future__ import annotations

import dataclasses
import inspect
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lipresearch as lip
from lipresearch.errors import InputError
from lipresearch.ranking import normalise
from lipresearch.robustness import data_uncertainty
from lipresearch.robustness.evidence import SOURCES, Uncertainty
from lipresearch.robustness.grid import grid_of, same_grid
from lipresearch.robustness.kernel import chunk_generator
from robustness.rankings import is_frozen_and_equal_to_itself_alone, precision_of, ranking_of

NAN = np.nan


def population(sites: int, residents: float = 1000.0) -> pd.DataFrame:
    return pd.DataFrame({"site": [f"s{site:02d}" for site in range(sites)], "measure": "residents", "value": residents})


SAMPLE = {"kind": "sample", "fraction": 0.25, "base": "residents", "part": 0.5, "per": 1.0}


def test_sampling_and_rounding_by_hand() -> None:
    ranking = ranking_of([[0.2], [0.7]])
    unsure = data_uncertainty(ranking, precision_of(ranking, **SAMPLE), population(2))
    row = unsure.table.iloc[0]
    # 2.5 x 3 x 0.2 x 0.8 / 500 persons; a count is off by 2 of 500.
    assert row["sampling"] == pytest.approx(np.sqrt(2.5 * 3 * 0.16 / 500))
    assert row["rounding"] == pytest.approx(2 / 500)
    drawn = unsure.draw(1, 0, 40_000)
    assert drawn[0].mean() == pytest.approx(0.2, abs=0.002)
    assert drawn[0].std() == pytest.approx(np.hypot(row["sampling"], row["rounding"]), rel=0.02)
    rounded = unsure.only(["rounding"]).draw(1, 0, 40_000)
    assert rounded[0].std() == pytest.approx(2 / 500, rel=0.02)
    assert rounded[0].mean() == pytest.approx(0.2, abs=0.0001)


def test_every_error_of_rounding_at_random_to_five() -> None:
    # A count n goes to the multiple below with probability (5 - r) / 5, r = n mod 5: the variance is r (5 - r).
    variances = [sum(p * e * e for e, p in ((-r, (5 - r) / 5), (5 - r, r / 5))) for r in range(5)]
    assert np.mean(variances) == pytest.approx(2.0**2)


def test_a_modelled_value_between_bounds_is_triangular() -> None:
    ranking = ranking_of([[0.3], [0.5]], low=[[0.1], [0.5]], high=[[0.9], [0.5]], grade="C")
    unsure = data_uncertainty(ranking, precision_of(ranking, model_error=10.0), population(2))
    assert unsure.table["shape"].tolist() == ["triangular", "normal"]
    drawn = unsure.draw(1, 0, 20_000)
    assert stats.kstest(drawn[0], stats.triang(0.25, 0.1, 0.8).cdf).pvalue > 0.001
    assert drawn[1].std() == pytest.approx(0.05, rel=0.03)
    assert (unsure.only([]).draw(1, 0, 5) == [[0.3] * 5, [0.5] * 5]).all()


def test_bounds_without_a_value_and_nothing_at_all_are_uniform() -> None:
    ranking = ranking_of([[NAN], [NAN], [0.4]], low=[[0.2], [NAN], [0.4]], high=[[0.6], [NAN], [0.4]])
    unsure = data_uncertainty(ranking, precision_of(ranking), population(3))
    assert unsure.table[["site", "low", "high"]].to_numpy().tolist() == [["s00", 0.2, 0.6], ["s01", 0.0, 1.0]]
    drawn = unsure.draw(1, 0, 20_000)
    assert stats.kstest(drawn[0], stats.uniform(0.2, 0.4).cdf).pvalue > 0.001
    assert stats.kstest(drawn[1], stats.uniform().cdf).pvalue > 0.001
    # Switched off, they count as in the ranking: at the worse bound, or not at all.
    assert (unsure.only(["model"]).draw(1, 0, 3) == [[0.2] * 3, [0.0] * 3]).all()


def test_a_source_that_is_switched_off_leaves_the_others_as_they_are() -> None:
    ranking = ranking_of([[0.2, NAN], [0.7, 0.1]])
    unsure = data_uncertainty(ranking, precision_of(ranking, **SAMPLE), population(2))
    with_all, without = unsure.draw(5, 2, 100), unsure.only(["rounding", "sampling"]).draw(5, 2, 100)
    missing = unsure.table["shape"].to_numpy() == "uniform"
    assert (with_all[~missing] == without[~missing]).all()
    assert (without[missing] == 0).all()


def test_points_stay_between_the_goalposts() -> None:
    ranking = ranking_of([[0.01], [0.99]])
    unsure = data_uncertainty(ranking, precision_of(ranking, **SAMPLE), population(2, 40.0))
    drawn = unsure.draw(1, 0, 2000)
    assert drawn.min() == 0
    assert drawn.max() == 1


def test_the_precision_of_every_cluster_is_declared() -> None:
    measures = lip.load_measures()
    for cluster in lip.list_clusters()["cluster"]:
        ranking = lip.rank_sites(measures, lip.load_cluster(cluster))
        unsure = lip.data_uncertainty(ranking)
        table = unsure.table
        assert len(table) > 30
        assert (table[["rounding", "sampling", "model"]] >= 0).all().all()
        drawn = unsure.draw(1, 0, 50)
        assert np.isfinite(drawn).all()
        assert ((drawn >= 0) & (drawn <= 1)).all()


def test_recent_immigrants_of_timmins_by_hand() -> None:
    # 41,145 residents of 2021 in its catchment; the value is per 1,000 of them.
    measures = lip.load_measures()
    value = measures[(measures["site"] == "timmins") & (measures["measure"] == "recent_immigrants_2021_per_1000")]
    share = float(value["value"].iloc[0]) / 1000
    people = float(
        measures[(measures["site"] == "timmins") & (measures["measure"] == "population_2021")]["value"].iloc[0]
    )
    assert people == 41_145
    unsure = lip.data_uncertainty(lip.rank_sites(measures, lip.load_cluster("health"))).table
    row = unsure[(unsure["site"] == "timmins") & (unsure["criterion"] == "recent")].iloc[0]
    assert row["sampling"] == pytest.approx(1000 * np.sqrt(2.5 * 3 * share * (1 - share) / people))
    assert row["rounding"] == pytest.approx(1000 * 2 / people)


@pytest.mark.parametrize(
    ("changes", "bases", "sources", "message"),
    [
        (
            {},
            population(1),
            ["weather"],
            "Sources of uncertainty are rounding, sampling, model, missing, each",
        ),
        ({}, population(1), ["model", "model"], "each once, not model, model"),
        (SAMPLE, population(0), ["model"], "Site s00 has no residents, on which the precision of m0 rests"),
        (SAMPLE, population(1, NAN), ["model"], "Site s00 has no residents"),
        (SAMPLE, population(1, 0.0), ["model"], "Site s00 has no residents"),
    ],
)
def test_what_is_wrong_is_said(changes: dict, bases: pd.DataFrame, sources: list[str], message: str) -> None:
    ranking = ranking_of([[0.5]])
    with pytest.raises(InputError, match=message):
        data_uncertainty(ranking, precision_of(ranking, **changes), bases, sources)


def test_a_measure_whose_precision_is_not_declared_is_named() -> None:
    ranking = ranking_of([[0.5, 0.5]])
    with pytest.raises(InputError, match=r"How precise m1 is was not declared: add a row to data/design"):
        data_uncertainty(ranking, precision_of(ranking).iloc[:1], population(1))


def test_the_table_has_a_column_for_each_error_and_each_bound() -> None:
    table = data_uncertainty(ranking_of([[0.2]]), precision_of(ranking_of([[0.2]]), **SAMPLE), population(1)).table
    errors = ["rounding", "sampling", "model"]
    assert list(table.columns) == ["site", "criterion", "place", "column", "value", *errors, "low", "high", "shape"]


def test_grids_are_the_same_only_with_the_same_sites_criteria_points_and_bounds() -> None:
    grid = grid_of(ranking_of([[0.2, 0.4], [0.7, 0.1]]))
    assert same_grid(grid, dataclasses.replace(grid, weights=np.array([0.9, 0.1])))
    others = {
        "sites": ("s00", "s09"),
        "criteria": ("c0", "c9"),
        **dict.fromkeys(("points", "lowest", "highest"), np.zeros((2, 2))),
    }
    for name, other in others.items():
        assert not same_grid(grid, dataclasses.replace(grid, **{name: other})), name
        assert not same_grid(dataclasses.replace(grid, **{name: other}), grid), name


# ---- drawn again, cell by cell ----------------------------------------------------------------------


def slow_triangular(low: float, mode: float, high: float, u: float) -> float:
    """The quantile of the triangular distribution, from its two halves."""
    if u < (mode - low) / (high - low):
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


def slowly_drawn(
    unsure: Uncertainty, seed: int, chunk: int, size: int, streams: dict[str, int] | None = None
) -> list[list[float]]:
    """Draw each number by itself: normal errors from the streams 1 to 3, places between bounds from 103 and 104."""
    table, sources = unsure.table, unsure.sources
    use = {"rounding": 1, "sampling": 2, "model": 3, "missing": 4} | (streams or {})
    rules = unsure._goalposts
    normal = {name: chunk_generator(seed, use[name], chunk).standard_normal((len(table), size)) for name in SOURCES[:3]}
    uniform = {
        name: iter(chunk_generator(seed, use[name] + 100, chunk).random(((table["shape"] == shape).sum(), size)))
        for name, shape in (("model", "triangular"), ("missing", "uniform"))
    }
    found = []
    for place, row in enumerate(table.itertuples()):
        rule = rules.loc[row.criterion]
        counted = unsure.grid.points[row.place, row.column]
        between = {"triangular": "model", "uniform": "missing"}.get(row.shape, "")
        u = next(uniform[between]) if between else None
        mine = []
        for draw in range(size):
            if row.shape == "uniform":
                point = row.low + (row.high - row.low) * u[draw] if between in sources else counted
            else:
                value = row.value + sum(
                    getattr(row, name) * normal[name][place, draw] for name in SOURCES[:3] if name in sources
                )
                point = float(normalise([value], rule["worst"], rule["best"], rule["scale"])[0])
                if between in sources:
                    point += slow_triangular(row.low, counted, row.high, u[draw]) - counted
            mine.append(min(max(point, 0.0), 1.0))
        found.append(mine)
    return found


MIXED = ranking_of(
    [[0.3, NAN, 0.5], [0.6, 0.2, 0.02], [NAN, 0.9, 0.7], [0.5, NAN, 0.4]],
    low=[[0.1, NAN, 0.5], [0.6, 0.1, 0.0], [0.2, 0.85, 0.7], [0.5, 0.3, 0.3]],
    high=[[0.9, NAN, 0.5], [0.6, 0.25, 0.1], [0.6, 0.95, 0.7], [0.5, 0.7, 0.4]],
    grade="C",
)


@pytest.mark.parametrize("sources", [SOURCES, ("model",), ("missing", "sampling"), ("rounding",), ()])
@pytest.mark.parametrize("streams", [None, {"sampling": 1003, "model": 1004, "missing": 1001}])
def test_each_draw_is_the_slow_one(sources: tuple[str, ...], streams: dict[str, int] | None) -> None:
    precision = precision_of(MIXED, **(SAMPLE | {"model_error": 20.0}))
    unsure = data_uncertainty(MIXED, precision, population(4, 300.0), sources)
    assert set(unsure.table["shape"]) == {"normal", "triangular", "uniform"}
    for chunk in (0, 3):
        drawn = unsure.draw(11, chunk, 40, streams)
        assert drawn.shape == (len(unsure), 40)
        assert drawn == pytest.approx(np.array(slowly_drawn(unsure, 11, chunk, 40, streams)), abs=1e-12)


def test_the_table_of_a_mixed_ranking_by_hand() -> None:
    precision = precision_of(MIXED, **(SAMPLE | {"model_error": 20.0}))
    unsure = data_uncertainty(MIXED, precision, population(4, 300.0), ["missing", "rounding"])
    table = unsure.table
    assert unsure.sources == ("rounding", "missing")  # in their own order
    assert table[["place", "column"]].to_numpy().tolist() == [[i, j] for i in range(4) for j in range(3)]
    assert [site.tolist() for site in unsure.cells()] == [table["place"].tolist(), table["column"].tolist()]
    assert table["shape"].tolist() == [
        *("triangular", "uniform", "normal"),
        *("normal", "triangular", "triangular"),
        *("uniform", "triangular", "normal"),
        *("normal", "uniform", "triangular"),
    ]
    assert table.loc[[0, 1, 10, 11], ["low", "high"]].to_numpy().tolist() == [
        [0.1, 0.9],
        [0, 1],
        [0.3, 0.7],
        [0.3, 0.4],
    ]
    # Values of grade C without bounds are off by 20 % of themselves; those within bounds lie between them.
    assert table["model"].tolist() == pytest.approx([0, 0, 0.1, 0.12, 0, 0, 0, 0, 0.14, 0.1, 0, 0])
    known = table["value"].notna()
    assert table.loc[known, "rounding"].tolist() == pytest.approx([2 / 150] * 9)
    share = table.loc[known, "value"]
    errors = [math.sqrt(2.5 * 3 * p * (1 - p) / 150) for p in share]
    assert table.loc[known, "sampling"].tolist() == pytest.approx(errors)
    assert (table.loc[~known, ["rounding", "sampling", "model"]] == 0).all().all()
    fixed = unsure.fixed_points()
    assert fixed.tolist() == [[0.0] * 3] * 4
    assert unsure.grid.points.any()
    table["value"] = 9.0
    assert (unsure.table["value"] != 9.0).all()
    assert len(unsure) == 12


def test_only_what_can_be_off_has_a_row() -> None:
    # Known exactly; bounds of a value, and of none, that are no bounds; grade A without a model.
    ranking = ranking_of(
        [[0.5, NAN], [0.4, 0.3], [0.2, 0.9]],
        low=[[0.5, 0.6], [0.4, 0.1], [0.2, 0.9]],
        high=[[0.5, 0.6], [0.4, 0.5], [0.2, 0.9]],
    )
    unsure = data_uncertainty(
        ranking, precision_of(ranking, model_error=10.0), pd.DataFrame(columns=["site", "measure"])
    )
    assert unsure.table[["site", "criterion", "shape"]].to_numpy().tolist() == [["s01", "c1", "triangular"]]
    assert unsure.fixed_points().tolist() == [[0.5, 0.6], [0.4, 0.0], [0.2, 0.9]]
    # Bounds beyond the goalpost, where both are worth as much: the value is as good as sure.
    beyond = ranking_of([[1.4], [0.1]], low=[[1.2], [0.1]], high=[[1.6], [0.1]])
    assert len(data_uncertainty(beyond, precision_of(beyond), population(2))) == 0
    with_error = data_uncertainty(beyond, precision_of(beyond, **SAMPLE), population(2)).table
    assert with_error["shape"].tolist() == ["normal", "normal"]
    # A share above the whole, by rounding, has no sampling error left.
    assert with_error["sampling"].tolist() == [0.0, pytest.approx(math.sqrt(2.5 * 3 * 0.09 / 500))]


def test_negative_values_are_modelled_with_an_error_of_their_size() -> None:
    ranking = ranking_of([[-0.5], [0.5]], grade="C")
    table = data_uncertainty(ranking, precision_of(ranking, model_error=10.0), population(2)).table
    assert table["model"].tolist() == [0.05, 0.05]
    below = data_uncertainty(ranking, precision_of(ranking, **SAMPLE), population(2)).table
    assert below["sampling"].tolist() == [0.0, pytest.approx(math.sqrt(2.5 * 3 * 0.25 / 500))]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"fraction": 0.0}, "0, 0.5 and 1"),
        ({"fraction": 1.01}, "1.01, 0.5 and 1"),
        ({"fraction": NAN}, "nan, 0.5 and 1"),
        ({"part": 0.0}, "0.25, 0 and 1"),
        ({"per": 0.0}, "0.25, 0.5 and 0"),
    ],
)
def test_a_fraction_a_part_and_a_per_that_cannot_be(changes: dict[str, float], shown: str) -> None:
    ranking = ranking_of([[0.5]])
    message = (
        "^The precision of m0 needs a fraction and a part above 0 and up to 1 and a per above 0, not "
        + shown.replace(".", r"\.")
        + r"\.$"
    )
    with pytest.raises(InputError, match=message):
        data_uncertainty(ranking, precision_of(ranking, **(SAMPLE | changes)), population(1))


def test_a_whole_count_has_no_sampling_error() -> None:
    ranking = ranking_of([[0.5]])
    table = data_uncertainty(ranking, precision_of(ranking, **(SAMPLE | {"fraction": 1.0})), population(1)).table
    assert (table["sampling"].item(), table["rounding"].item()) == (0.0, 2 / 500)
    assert inspect.signature(data_uncertainty).parameters["sources"].default == SOURCES
    assert SOURCES == ("rounding", "sampling", "model", "missing")


def test_a_measure_that_stands_twice_is_refused() -> None:
    ranking = ranking_of([[0.5], [0.6]])
    twice = pd.concat([population(2), population(3).iloc[::-1]])
    with pytest.raises(InputError, match=r"^Site s01 has the measure residents twice\.$"):
        data_uncertainty(ranking, precision_of(ranking, **SAMPLE), twice)


def test_an_uncertainty_cannot_be_changed_and_is_equal_to_itself_alone() -> None:
    ranking = ranking_of([[0.5]])
    one, other = (data_uncertainty(ranking, precision_of(ranking, **SAMPLE), population(1)) for _ in range(2))
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.sources = ()  # type: ignore[misc]
    assert one != other
    assert is_frozen_and_equal_to_itself_alone(one)
    assert one.only(["model"]).sources == ("model",)
    assert one.sources == SOURCES

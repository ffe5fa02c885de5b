"""How far the evidence may be off: errors computed by hand, distributions against scipy, sources on and off."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import lipresearch as lip
from lipresearch.errors import InputError
from lipresearch.robustness import data_uncertainty
from lipresearch.robustness.grid import grid_of, same_grid
from robustness.rankings import precision_of, ranking_of

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

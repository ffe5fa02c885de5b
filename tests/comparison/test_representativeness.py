"""Balance, the generalisability index, strata: slow second implementations, known nulls, what is undefined."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch.comparison.covariates import Covariates, from_frame
from lipresearch.comparison.representativeness import (
    _propensities,
    affinity,
    assess_representativeness,
    largest_remainders,
    select_by_strata,
    strata_shares,
)
from lipresearch.errors import InputError


def sites(**columns: list[float]) -> Covariates:
    count = len(next(iter(columns.values())))
    return from_frame(pd.DataFrame(columns, index=[f"s{i:03d}" for i in range(count)]))


# ---- balance ------------------------------------------------------------------------------------------


def slow_balance(everyone: list[float], some: list[float]) -> tuple[float, float, float]:
    def variance(values: list[float]) -> float:
        mean = sum(values) / len(values)
        return sum((value - mean) ** 2 for value in values) / (len(values) - 1) if len(values) > 1 else math.nan

    difference = (sum(some) / len(some) - sum(everyone) / len(everyone)) / math.sqrt(variance(everyone))
    return (
        difference,
        variance(some) / variance(everyone),
        (max(some) - min(some)) / (max(everyone) - min(everyone)),
    )


def test_balance_against_a_slow_loop_on_the_roster() -> None:
    chosen = ["toronto-west", "peel", "london-middlesex", "ottawa", "huron", "timmins"]
    found = lip.assess_representativeness(chosen, use="wider").table
    use = lip.load_matching_measures("wider").set_index("measure")
    measures = lip.load_measures()
    for row in found.itertuples():
        values = measures[measures["measure"] == row.measure].set_index("site")["value"].dropna().to_dict()
        log = use.loc[row.measure, "scale"] == "log"
        numbers = {site: math.log10(value) if log else value for site, value in values.items()}
        some = [numbers[site] for site in chosen if site in numbers]
        expected = slow_balance(list(numbers.values()), some)
        assert (row.difference, row.variance_ratio, row.range_covered) == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert (row.chosen_with_value, row.sites_with_value) == (len(some), len(numbers))
        assert row.mean_all == pytest.approx(sum(values.values()) / len(values))


def test_what_cannot_be_said_is_missing_with_its_reason() -> None:
    table = sites(
        a=[1.0, 2.0, 3.0, 4.0], b=[math.nan, 1.0, 2.0, math.nan], c=[5.0] * 4, d=[1.0, math.nan, 2.0, math.nan]
    )
    found = assess_representativeness(table, ["s000", "s003"])
    rows = found.table.set_index("measure")
    assert rows["reason"].to_dict() == {"a": "", "b": "no chosen site has a value", "c": "all sites are equal", "d": ""}
    for measure in ("b", "c"):
        assert rows.loc[measure, ["difference", "variance_ratio", "range_covered"]].isna().all()
    assert rows.loc["d", "range_covered"] == 0.0  # one chosen site: no width
    assert math.isnan(rows.loc["d", "variance_ratio"])
    assert found.mean_difference == pytest.approx((0.0 + abs(rows.loc["d", "difference"])) / 2)
    assert math.isnan(found.index)
    assert found.reading == ("undefined: 0 chosen and 1 other sites have every value; two of each are needed")
    assert "generalisability index undefined" in repr(found)


def test_the_index_is_undefined_where_the_measures_tell_the_chosen_sites_apart() -> None:
    apart = sites(a=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    found = assess_representativeness(apart, ["s000", "s001", "s002"])
    assert found.reading == (
        "undefined: the measures tell chosen and other sites apart completely; name fewer measures"
    )
    assert found.scores.empty
    with_penalty = assess_representativeness(apart, ["s000", "s001", "s002"], penalty=0.1)
    assert 0.0 < with_penalty.index < 1.0
    quasi = sites(a=[1.0, 2.0, 3.0, 3.0, 5.0, 6.0])  # only a tie keeps them together
    assert math.isnan(assess_representativeness(quasi, ["s000", "s001", "s002"]).index)
    copies = sites(a=[1.0, 2.0, 3.0, 4.0, 2.5, 1.5], b=[2.0, 4.0, 6.0, 8.0, 5.0, 3.0])
    reading = assess_representativeness(copies, ["s000", "s003", "s004"]).reading
    assert reading == "undefined: 2 measures over 6 complete sites: one follows from the others"
    equal = sites(a=[1.0] * 5)
    reading = assess_representativeness(equal, ["s000", "s001"]).reading
    assert reading == "undefined: no measure differs between the complete sites"


def test_propensities_solve_the_equations_of_the_likelihood() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(60, 2))
    table = from_frame(pd.DataFrame(values, index=[f"s{i:03d}" for i in range(60)], columns=["a", "b"]))
    chosen = [site for site, value in zip(table.sites, values[:, 0], strict=True) if value + rng.normal() > 0.8]
    found = assess_representativeness(table, chosen)
    scores = found.scores
    inside = (scores["chosen"] == "yes").to_numpy(dtype=float)
    residual = inside - scores["propensity"].to_numpy()
    assert np.abs(np.column_stack([np.ones(60), values]).T @ residual).max() < 1e-6
    assert found.index == pytest.approx(
        affinity(scores["propensity"].to_numpy()[inside == 1], scores["propensity"].to_numpy())
    )
    assert "very like it" in found.reading or found.index < 0.8 or found.index >= 0.9


@pytest.mark.parametrize("penalty", [0.001, 0.1, 2.0])
def test_propensities_with_a_penalty_solve_its_equations(penalty: float) -> None:
    rng = np.random.default_rng(8)
    design = np.column_stack([np.ones(40), rng.normal(size=(40, 3))])
    inside = design[:, 1] + rng.normal(size=40) > 0.5
    propensity = _propensities(design, inside, penalty)
    logit = np.log(propensity / (1 - propensity))
    coefficients = np.linalg.lstsq(design, logit, rcond=None)[0]
    gradient = design.T @ (inside - propensity) / 40 - penalty * np.array([0.0, *coefficients[1:]])
    assert np.abs(gradient).max() < 1e-5


def test_nothing_to_compare() -> None:
    table = sites(a=[1.0, 1.0, 1.0])
    assert repr(assess_representativeness(table, ["s000"])) == (
        "1 of 3 sites: no difference is defined, generalisability index undefined. See .table, .reading."
    )


def test_the_affinity_of_two_normal_samples() -> None:
    """Of kernels of equal width around single points the affinity is known: exp(-gap^2 / 8 h^2)."""
    first, second = np.array([0.0, 0.0]), np.array([0.004, 0.004])
    assert affinity(first, second) == pytest.approx(math.exp(-(0.004**2) / (8 * 0.001**2)), abs=1e-8)
    rng = np.random.default_rng(0)
    one, two = rng.normal(0.3, 0.05, 40), rng.normal(0.4, 0.1, 25)
    x = np.linspace(-1, 2, 60_001)
    densities = []
    for sample in (one, two):
        h = (4 * sample.std(ddof=1) ** 5 / (3 * len(sample))) ** 0.2
        kernels = np.exp(-(((x[:, None] - sample) / h) ** 2) / 2) / math.sqrt(2 * math.pi)
        densities.append(kernels.mean(axis=1) / h)
    assert affinity(one, two) == pytest.approx(np.trapezoid(np.sqrt(densities[0] * densities[1]), x), abs=1e-6)
    assert affinity(one, two) == pytest.approx(affinity(two, one), abs=1e-7)


@settings(max_examples=6)
@given(st.integers(0, 10_000))
def test_another_unit_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(rng.normal(size=(12, 2)), index=[f"s{i:03d}" for i in range(12)], columns=["a", "b"])
    chosen = list(rng.choice(values.index, 5, replace=False))
    first = assess_representativeness(from_frame(values), chosen)
    second = assess_representativeness(from_frame(values * [1000.0, 0.01] + [7.0, -3.0]), chosen)
    columns = ["difference", "variance_ratio", "range_covered"]
    pd.testing.assert_frame_equal(first.table[columns], second.table[columns], rtol=1e-8)
    assert first.index == pytest.approx(second.index, abs=1e-5, nan_ok=True)


@pytest.mark.parametrize(
    ("chosen", "arguments", "message"),
    [
        ([], {}, "0 of 3 sites are chosen; choose at least one, and leave at least one out"),
        (["s000", "s001", "s002"], {}, "3 of 3 sites are chosen; choose at least one"),
        (["q"], {}, "Chosen sites: there is no site 'q' among these 3 sites."),
        (["s000"], {"penalty": -1}, "The penalty must be a number from 0 to 1e+06, not -1."),
    ],
)
def test_sets_that_cannot_be_assessed(chosen: list[str], arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        assess_representativeness(sites(a=[1.0, 2.0, 3.0]), chosen, **arguments)


# ---- strata -------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(st.lists(st.integers(0, 20), min_size=1, max_size=6).filter(sum), st.data())
def test_shares_are_whole_and_fair(sizes: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, sum(sizes)))
    shares = largest_remainders(sizes, n)
    assert sum(shares) == n
    for size, share in zip(sizes, shares, strict=True):
        assert abs(share - n * size / sum(sizes)) < 1
        assert share <= size
    for (a, x), (b, y) in itertools.combinations(zip(sizes, shares, strict=True), 2):
        if a >= b:
            assert x >= y


def slow_within(values: np.ndarray, groups: tuple[int, ...]) -> float:
    total = 0.0
    for h in set(groups):
        part = values[[g == h for g in groups]]
        total += float(((part - part.mean(axis=0)) ** 2).sum())
    return total


@settings(max_examples=8)
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_strata_are_the_best_of_all_partitions(seed: int, strata: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(7, 2))
    table = from_frame(pd.DataFrame(values, index=[f"s{i}" for i in range(7)], columns=["a", "b"]))
    z = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    best = min(
        slow_within(z, groups) for groups in itertools.product(range(strata), repeat=7) if len(set(groups)) == strata
    )
    total = float(((z - z.mean(axis=0)) ** 2).sum())
    found = select_by_strata(table, 3, strata=strata)
    assert found.between_share == pytest.approx(1 - best / total, abs=1e-9)
    assert found.strata["to_recruit"].sum() == 3
    for stratum, part in found.table.groupby("stratum"):
        rows = [table.sites.index(site) for site in part["site"]]
        centre = z[rows].mean(axis=0)
        away = [float(np.linalg.norm(z[row] - centre)) / math.sqrt(2) for row in rows]
        assert part["distance"].tolist() == pytest.approx(away)
        assert (np.diff(away) > -1e-9).all()
        wanted = int(found.strata.set_index("stratum").loc[stratum, "to_recruit"])
        assert (part["chosen"] == "yes").tolist() == [place < wanted for place in range(len(rows))]
    assert found.strata["sites"].is_monotonic_decreasing


def test_who_declines_is_replaced_by_the_next_in_line() -> None:
    table = sites(a=[1.0, 2.0, 3.0, 10.0, 11.0, 12.0])
    assert select_by_strata(table, 2, strata=2).sites == ("s001", "s004")
    found = select_by_strata(table, 2, strata=2, exclude=["s001"])
    assert found.sites == ("s000", "s004")
    assert found.table.set_index("site").loc["s001", "chosen"] == "excluded"
    overlapping = select_by_strata(table, 2, strata=2, apart=[("s001", "s004")])
    assert overlapping.sites == ("s001", "s003")
    with pytest.raises(InputError, match=r"Stratum 1 is to give 1 sites, but only 0 of its 3 can be recruited."):
        select_by_strata(table, 2, strata=2, exclude=["s000", "s001", "s002"])


def test_shares_between_strata() -> None:
    found = strata_shares(sites(a=[1.0, 2.0, 3.0, 10.0, 11.0, 12.0]), 6)
    assert found["between_share"].iloc[[0, -1]].tolist() == [0.0, pytest.approx(1.0)]
    assert found["between_share"].is_monotonic_increasing
    assert found["smallest"].tolist()[:2] == [6, 3]


def test_strata_on_the_roster_never_overlap_and_do_not_depend_on_the_seed() -> None:
    first = lip.select_by_strata(6)
    assert first.sites == lip.select_by_strata(6, seed=7).sites
    overlaps = lip.load_sites()["overlaps"]
    assert not any(set(overlaps[site].split(";")) & set(first.sites) for site in first.sites)
    wider = lip.select_by_strata(6, use="wider")
    assert len(wider.left_out) > 0
    assert "sites lack a value and belong to none" in repr(wider)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 4}, "The number of sites to recruit must be a whole number from 1 to 3, not 4."),
        ({"n": 1, "strata": 3}, "The number of strata must be a whole number from 1 to 2, not 3."),
        ({"n": 1, "strata": 1, "starts": 0}, "The number of starts must be a whole number from 1 to 10000, not 0."),
        ({"n": 1, "strata": 1, "exclude": ["q"]}, "Sites to exclude: there is no site 'q' among these 3 sites."),
        ({"n": 1, "strata": 1, "seed": -1}, "The seed must be a whole number from 0"),
    ],
)
def test_strata_that_cannot_be_made(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        select_by_strata(sites(a=[1.0, 1.0, 3.0]), **arguments)


def test_too_few_sites_for_strata() -> None:
    with pytest.raises(InputError, match=r"1 sites have a value for every measure; at least 2 are needed."):
        strata_shares(sites(a=[1.0, math.nan]))


def test_a_penalty_is_named_beside_the_index() -> None:
    chosen = ["huron", "ottawa", "peel"]
    found = lip.assess_representativeness(chosen, penalty=1e6)  # every propensity is drawn to the same
    assert found.index > 0.99
    assert found.reading.endswith("(estimated with a penalty of 1e+06, which makes the index higher)")
    assert "generalisability index 1.00 with a penalty of" in repr(found)
    assert "penalty" not in lip.assess_representativeness(chosen).reading


def test_sites_that_lack_a_value_may_be_excluded_from_strata() -> None:
    assert lip.select_by_strata(4, use="wider", exclude=["calgary"]).sites == lip.select_by_strata(4, use="wider").sites

"""Synthetic purposive sampling: published sets, enumeration by another solver, and what a bound must be."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import lipresearch as lip
from lipresearch.comparison.covariates import Covariates, from_frame
from lipresearch.comparison.synthetic import (
    CountRule,
    SyntheticSample,
    average_effect,
    count_rule,
    synthetic_sample,
)
from lipresearch.errors import InputError

PUBLISHED = Path(__file__).resolve().parent.parent / "published"
COUNTRIES = pd.read_csv(PUBLISHED / "sps_imm15.csv", index_col="site")
CONTINUOUS = list(COUNTRIES.columns[:7])
SETS = pd.read_csv(PUBLISHED / "sps_imm15_sets.csv", index_col="design")

# ---- a slow second implementation -------------------------------------------------------------------


def simplex_minimum(inner: NDArray[Any], price: NDArray[Any]) -> float:
    """Return min w'Gw + p'w over the simplex: the best of all supports, each by its linear equations."""
    size, best = len(price), np.inf
    for count in range(1, size + 1):
        for support in itertools.combinations(range(size), count):
            part = list(support)
            system = np.ones((count + 1, count + 1))
            system[:count, :count] = 2 * inner[np.ix_(part, part)]
            system[count, count] = 0
            weights = np.linalg.lstsq(system, np.append(-price[part], 1.0), rcond=None)[0][:count]
            if (weights >= -1e-12).all() and abs(weights.sum() - 1) < 1e-9:
                best = min(best, weights @ inner[np.ix_(part, part)] @ weights + price[part] @ weights)
    return float(best)


def slow_objective(points: NDArray[Any], chosen: tuple[int, ...], interpolation: float = 1.0) -> float:
    total = 0.0
    for k in range(len(points)):
        if k not in chosen:
            away = points[list(chosen)] - points[k]
            inner = away @ away.T / points.shape[1]
            total += simplex_minimum(inner, interpolation * np.diag(inner))
    return total / (len(points) - len(chosen))


def slow_best(points: NDArray[Any], n: int, allowed: Any, interpolation: float = 1.0) -> list[float]:
    return sorted(
        slow_objective(points, chosen, interpolation)
        for chosen in itertools.combinations(range(len(points)), n)
        if allowed(set(chosen))
    )


def roster(points: NDArray[Any]) -> Covariates:
    columns = [f"m{j}" for j in range(points.shape[1])]
    return from_frame(pd.DataFrame(points, index=[f"s{i:02d}" for i in range(len(points))], columns=columns))


# ---- published results ------------------------------------------------------------------------------


def scaled() -> pd.DataFrame:
    table = COUNTRIES.astype(float)
    table[CONTINUOUS] = (table[CONTINUOUS] - table[CONTINUOUS].mean()) / table[CONTINUOUS].std(ddof=1)
    return table


def designs() -> dict[str, dict[str, Any]]:
    z = from_frame(scaled())

    def rule(measure: str, **ends: Any) -> CountRule:
        return count_rule(z, measure, **ends)

    return {
        "plain": {},
        "gdp_2_2_2": {
            "rules": [
                rule("GDP", low=0.5, minimum=2),
                rule("GDP", low=-0.25, high=0.25, minimum=2),
                rule("GDP", high=-0.5, minimum=2),
            ]
        },
        "gdp_quantiles": {
            "rules": [
                rule("GDP", low=0.8, quantiles=True, minimum=1),
                rule("GDP", low=0.4, high=0.6, quantiles=True, minimum=1),
                rule("GDP", high=0.2, quantiles=True, minimum=1),
            ]
        },
        "each_var_pm_half": {
            "rules": [
                side
                for measure in CONTINUOUS
                for side in (rule(measure, low=0.5, minimum=1), rule(measure, high=-0.5, minimum=1))
            ]
        },
        "four_regions": {"rules": [rule(region, low=1, minimum=1) for region in COUNTRIES.columns[7:]]},
        "include_sweden": {"include": ["Sweden"]},
        "exclude_dk_es": {"exclude": ["Denmark", "Spain"]},
        "include_sweden_exclude_dk_es": {"include": ["Sweden"], "exclude": ["Denmark", "Spain"]},
    }


def countries(**arguments: Any) -> SyntheticSample:
    return synthetic_sample(from_frame(COUNTRIES.astype(float)), 6, standardise=CONTINUOUS, **arguments)


@pytest.mark.parametrize("design", SETS.index)
def test_the_eight_published_sets(design: str) -> None:
    found = countries(**designs()[design])
    expected = SETS.loc[design]
    assert ";".join(found.sites) == expected["sites"]
    assert found.objective == pytest.approx(expected["objective"], abs=1e-9)
    assert found.best_sets["objective"].iloc[1] == pytest.approx(expected["runner_up"], abs=1e-9)
    assert found.proven
    assert (found.gap, found.bound) == (0.0, found.objective)


def test_the_published_average_effect() -> None:
    effects = pd.read_csv(PUBLISHED / "sps_imm15_estimates.csv", index_col="site")
    effects.columns = ["estimate", "standard_error"]
    found = average_effect(countries(), effects)
    assert found.estimate == pytest.approx(0.2888706, abs=5e-8)
    assert found.standard_error == pytest.approx(0.01957847, abs=5e-8)
    # Of the weights, those of spsR to its two decimals.
    austria = countries().weights.loc["Austria"].round(2).to_dict()
    assert austria == pytest.approx(
        {"Switzerland": 0.43, "Czechia": 0.19, "Germany": 0, "Denmark": 0, "Spain": 0.13, "Netherlands": 0.24},
        abs=0.011,
    )
    assert found.weights.sum() == pytest.approx(1.0)
    # The corrected divisor is larger, so its error is smaller.
    assert found.standard_error_corrected < found.standard_error
    assert len(found.table) == 9


# ---- against enumeration ------------------------------------------------------------------------------


@st.composite
def small_cases(draw: st.DrawFn) -> tuple[NDArray[Any], int]:
    sites = draw(st.integers(4, 7))
    columns = draw(st.integers(1, 3))
    grid = draw(st.booleans())  # whole numbers: sites that are equal, and sets that tie
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 3, (sites, columns)).astype(float) if grid else rng.normal(size=(sites, columns))
    return points, draw(st.integers(1, min(3, sites - 1)))


@settings(max_examples=40)
@given(small_cases(), st.sampled_from([0.0, 0.5, 1.0]), st.data())
def test_the_best_sets_are_those_of_the_enumeration(
    case: tuple[NDArray[Any], int], interpolation: float, data: st.DataObject
) -> None:
    points, n = case
    sites = range(len(points))
    include = data.draw(st.sets(st.sampled_from(sites), max_size=min(1, n - 1)))
    exclude = data.draw(st.sets(st.sampled_from(sites), max_size=1)) - include
    members = data.draw(st.sets(st.sampled_from(sites), min_size=1))
    least = data.draw(st.integers(0, 1))
    most = data.draw(st.integers(least, 2))

    def allowed(chosen: set[int]) -> bool:
        return include <= chosen and not exclude & chosen and least <= len(members & chosen) <= most

    expected = slow_best(points, n, allowed, interpolation)
    table = roster(points)
    arguments = {
        "standardise": False,
        "interpolation": interpolation,
        "include": [table.sites[i] for i in include],
        "exclude": [table.sites[i] for i in exclude],
        "rules": [CountRule("rule", tuple(table.sites[i] for i in members), least, most)],
        "starts": 2,
    }
    if not expected:
        with pytest.raises(InputError, match=f"No set of {n} sites keeps these rules|{n} sites are to be chosen, but"):
            synthetic_sample(table, n, **arguments)
        return
    found = synthetic_sample(table, n, **arguments)
    assert found.proven
    assert found.objective == pytest.approx(expected[0], abs=1e-8)
    assert found.best_sets["objective"].tolist() == pytest.approx(expected[:10], abs=1e-8)
    chosen = tuple(table.sites.index(site) for site in found.sites)
    assert allowed(set(chosen))
    assert slow_objective(points, chosen, interpolation) == pytest.approx(found.objective, abs=1e-8)


def test_a_search_that_stops_still_gives_a_bound() -> None:
    points = np.random.default_rng(3).normal(size=(14, 4))
    table = roster(points)
    best = synthetic_sample(table, 5)
    bounds = []
    for fits in (1, 10, 50, 200, 1000):
        found = synthetic_sample(table, 5, max_fits=fits, starts=1)
        assert found.bound <= best.objective + 1e-12
        assert found.objective >= best.objective - 1e-12
        assert found.proven == (found.gap == 0.0)
        assert 0.0 <= found.gap < 1.0
        bounds.append(found.bound)
    assert not synthetic_sample(table, 5, max_fits=1).proven
    assert bounds[-1] == pytest.approx(best.objective)
    assert "another set could be" in repr(synthetic_sample(table, 5, max_fits=1))


def test_order_and_names_of_sites_do_not_matter() -> None:
    rng = np.random.default_rng(11)
    values = pd.DataFrame(rng.normal(size=(12, 3)), index=[f"s{i:02d}" for i in range(12)], columns=list("abc"))
    first = synthetic_sample(from_frame(values), 4)
    shuffled = synthetic_sample(from_frame(values.sample(frac=1, random_state=1)[["c", "a", "b"]]), 4)
    assert first.sites == shuffled.sites
    assert first.objective == pytest.approx(shuffled.objective, abs=1e-12)
    other_seed = synthetic_sample(from_frame(values), 4, seed=1)
    assert other_seed.sites == first.sites


def test_sets_that_tie_share_a_place() -> None:
    square = roster(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    found = synthetic_sample(square, 1)
    assert found.best_sets["place"].tolist() == [1, 1, 1, 1]
    assert found.best_sets["sites"].tolist() == ["s00", "s01", "s02", "s03"]
    assert found.sites == ("s00",)
    assert "proven best. 3 other sets are as good (.best_sets)." in repr(found)


def test_a_roster_of_copies_is_stood_for_exactly() -> None:
    points = np.array([[0.0, 1.0], [2.0, 0.0]])[[0, 1, 0, 1, 1]]
    found = synthetic_sample(roster(points), 2)
    assert found.objective == pytest.approx(0.0, abs=1e-12)
    assert found.proven
    assert found.table["stands_for"].tolist() == pytest.approx([0.4, 0.6])
    shares = found.best_sets["above_best"]
    assert (shares.isna() == (found.best_sets["place"] > 1)).all()  # no share of nothing
    assert shares.isna().any()


def test_weights_of_measures_count() -> None:
    values = pd.DataFrame({"a": [0.0, 0.1, 5.0, 5.1], "b": [0.0, 5.0, 0.1, 5.1]}, index=list("wxyz"))

    def apart(a: float, b: float) -> tuple[str, ...]:
        use = pd.DataFrame({"measure": ["a", "b"], "weight": [a, b]})
        return synthetic_sample(from_frame(values, use), 2).sites

    assert apart(100.0, 1.0)[0] in "wx"
    assert apart(100.0, 1.0)[1] in "yz"
    assert {tuple(sorted("wy".find(s) >= 0 for s in apart(1.0, 100.0)))} == {(False, True)}


def test_sites_without_a_value_take_no_part() -> None:
    values = pd.DataFrame({"a": [0.0, 1.0, 2.0, np.nan], "b": [1.0, 0.0, 1.0, 5.0]}, index=list("wxyz"))
    found = synthetic_sample(from_frame(values), 1)
    assert found.left_out["site"].tolist() == ["z"]
    assert found.left_out["lacks"].tolist() == ["a (not published)"]
    assert len(found.weights) == 2
    assert "1 sites lack a value and took no part" in repr(found)
    with pytest.raises(InputError, match=r"include: z lacks a value, so it cannot take part: a \(not published\)\."):
        synthetic_sample(from_frame(values), 1, include=["z"])


def test_without_numba_the_same_digits(tmp_path: Path) -> None:
    code = """
import sys
if sys.argv[1] == "without":
    sys.modules["numba"] = None
import numpy as np, pandas as pd
from lipresearch.comparison.covariates import from_frame
from lipresearch.comparison.synthetic import synthetic_sample
points = np.random.default_rng(5).normal(size=(8, 3))
table = from_frame(pd.DataFrame(points, index=[f"s{i}" for i in range(8)], columns=list("abc")))
found = synthetic_sample(table, 3, starts=1)
from lipresearch.comparison import kernels
print(type(kernels.search).__name__ == "function", file=sys.stderr)
print(found.sites, found.objective.hex(), [value.hex() for value in found.best_sets["objective"]])
"""
    done = [
        subprocess.run(
            [sys.executable, "-W", "error", "-c", code, way],
            env={**os.environ, "PYTHONPATH": str(Path(lip.__file__).parent.parent)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        for way in ("with", "without")
    ]
    assert done[0].stdout == done[1].stdout
    assert done[1].stderr.strip() == "True"


# ---- what is refused ----------------------------------------------------------------------------------

LINE = from_frame(pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0]}, index=list("wxyz")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 4}, "The number of sites to choose must be a whole number from 1 to 3, not 4."),
        ({"n": 0}, "The number of sites to choose must be a whole number from 1 to 3, not 0."),
        ({"n": 2.5}, "The number of sites to choose must be a whole number from 1 to 3, not 2.5."),
        ({"n": 1, "interpolation": -1.0}, "The factor of the second part must be a number from 0 to 1e+06, not -1.0."),
        ({"n": 1, "include": ["w"], "exclude": ["w"]}, "w is both to be included and excluded. Decide on one."),
        ({"n": 1, "include": ["w", "x"]}, "2 sites are to be included, more than the 1 to choose."),
        ({"n": 3, "exclude": ["w", "x"]}, "3 sites are to be chosen, but only 2 are not excluded."),
        ({"n": 1, "include": ["q"]}, "Sites to include: there is no site 'q' among these 4 sites."),
        ({"n": 1, "rules": [CountRule("r", ("q",), 0, 1)]}, "Rule 'r': there is no site 'q' among these 4 sites."),
        ({"n": 1, "sets": 0}, "The number of sets to list must be a whole number from 1 to 1000, not 0."),
        ({"n": 1, "starts": 0}, "The number of starts must be a whole number from 1 to 1000, not 0."),
        ({"n": 1, "max_fits": 0}, "The number of fits must be a whole number of 1 or more, not 0."),
        ({"n": 1, "seed": None}, "The seed must be a whole number from 0"),
        ({"n": 1, "standardise": ["b"]}, "There is no measure 'b' to standardise among a."),
    ],
)
def test_arguments_that_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        synthetic_sample(LINE, **arguments)


def test_rules_that_contradict_each_other_are_named_and_no_others() -> None:
    rules = [
        count_rule(LINE, "a", low=2, minimum=2),
        count_rule(LINE, "a", high=1, minimum=1),
        count_rule(LINE, "a", low=0, minimum=1),
    ]
    with pytest.raises(InputError) as raised:
        synthetic_sample(LINE, 2, rules=rules)
    assert str(raised.value) == (
        "No set of 2 sites keeps these rules together with the sites to include and exclude: a from 2: 2 or more "
        "(of 2 sites); a up to 1: 1 or more (of 2 sites). Relax one of them."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"measure": "b", "low": 1}, "There is no measure 'b' among a."),
        ({"measure": "a"}, "Say from which value or up to which value of a sites count (low, high)."),
        ({"measure": "a", "low": 2, "high": 1}, "The range of a begins at 2, above its end 1."),
        (
            {"measure": "a", "low": 1, "minimum": -1},
            "a from 1: the minimum must be a whole number of 0 or more, not -1.",
        ),
        (
            {"measure": "a", "low": 1, "minimum": 2, "maximum": 1},
            "a from 1: the maximum must be a whole number of 2 or more, not 1.",
        ),
        ({"measure": "a", "low": 3, "quantiles": True}, "A quantile needs values and a share from 0 to 1, not 3"),
    ],
)
def test_rules_that_cannot_be_used(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        count_rule(LINE, **arguments)


def test_one_site_with_values_is_too_few() -> None:
    values = pd.DataFrame({"a": [0.0, np.nan]}, index=["x", "y"])
    with pytest.raises(InputError, match=r"1 site has a value for every measure; at least 2 are needed."):
        synthetic_sample(from_frame(values), 1)


def test_effects_that_cannot_be_used() -> None:
    sample = synthetic_sample(LINE, 2)
    good = pd.DataFrame({"estimate": [1.0, 2.0], "standard_error": [0.1, 0.1]}, index=list(sample.sites))
    assert sample.sites == ("w", "y")  # x is half of each, z is y
    assert average_effect(sample, good, None).estimate == pytest.approx((1.5 * 1.0 + 2.5 * 2.0) / 4.0)
    with pytest.raises(InputError, match=r"The effects have no column standard_error."):
        average_effect(sample, good[["estimate"]])
    with pytest.raises(InputError, match=r"The effects must be those of the chosen sites, one row each: "):
        average_effect(sample, good.iloc[:1])
    with pytest.raises(InputError, match=r"Every effect needs a finite estimate and a standard error of 0 or more."):
        average_effect(sample, good.assign(standard_error=[-1.0, 1.0]))
    one = synthetic_sample(LINE, 1)
    effect = pd.DataFrame({"estimate": [1.0], "standard_error": [1.0]}, index=list(one.sites))
    with pytest.raises(InputError, match=r"With one site the variance between sites is unknown."):
        average_effect(one, effect)


def test_effects_without_variance_between_sites() -> None:
    """Equal effects: the published rule leaves no negative variance, and neither has any between sites."""
    sample = countries()
    effects = pd.DataFrame({"estimate": 0.3, "standard_error": 0.05}, index=list(sample.sites))
    found = average_effect(sample, effects)
    assert found.estimate == pytest.approx(0.3)
    assert found.between_sites_corrected == 0.0
    assert found.between_sites == pytest.approx(0.0, abs=1e-9)
    expected = 0.05 * float(np.sqrt((found.weights**2).sum()))
    assert found.standard_error == pytest.approx(expected, rel=1e-6)


# ---- the roster ---------------------------------------------------------------------------------------


def test_six_of_the_roster_are_proven_and_never_overlap() -> None:
    found = lip.synthetic_sample(6)
    assert found.proven
    overlaps = lip.load_sites()["overlaps"]
    assert not any(set(overlaps[site].split(";")) & set(found.sites) for site in found.sites)
    rural = lip.synthetic_sample(3, rules=[{"category": "settlement_type", "level": "rural", "minimum": 2}])
    types = lip.load_sites()["settlement_type"]
    assert sum(types[site] == "rural" for site in rural.sites) >= 2


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"measure": "population_2021", "low": 1}, "A rule names a measure (low, high) or a category (level)"),
        ({"minimum": 1}, "A rule names a measure (low, high) or a category (level)"),
        ({"measure": "population_2021", "level": "x", "minimum": 1}, "A rule on a measure has no 'level'"),
        ({"category": "region", "minimum": 1}, "A rule on a category has category, level, and minimum or maximum"),
        ({"category": "region", "level": "Mars", "minimum": 1}, "No site has the region 'Mars'."),
        ({"category": "colour", "level": "x", "minimum": 1}, "There is no category 'colour' of sites. There are: "),
    ],
)
def test_rules_of_a_notebook_that_cannot_be_used(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        lip.synthetic_sample(3, rules=[rule])


def test_rules_and_effects_of_another_kind() -> None:
    with pytest.raises(InputError, match=re.escape("A rule is a table such as {'category': ..., 'level': ...")):
        lip.synthetic_sample(2, rules=[5])  # type: ignore[list-item]
    rule = {"category": "settlement_type", "level": "rural", "minimum": 10**30}
    with pytest.raises(InputError, match="No set of 2 sites keeps these rules"):
        lip.synthetic_sample(2, rules=rule)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="An end of the range of population_2021 must be a number"):
        lip.synthetic_sample(2, rules=[{"measure": "population_2021", "low": "5,5", "minimum": 1}])
    with pytest.raises(InputError, match="Sites to include: calgary lacks a value, so it cannot take part"):
        lip.synthetic_sample(2, use="wider", include=["calgary"])
    sample = lip.synthetic_sample(2)
    text = pd.DataFrame({"estimate": ["0,5", "1"], "standard_error": [0.1, 0.1]}, index=list(sample.sites))
    with pytest.raises(InputError, match="Every effect needs a finite estimate"):
        lip.average_effect(sample, text)
    with pytest.raises(InputError, match="The effects must be a table"):
        lip.average_effect(sample, {"estimate": [1.0]})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="The effects must be those of the chosen sites"):
        lip.average_effect(sample, text.set_axis([1, None]))
    numbers = pd.DataFrame({"estimate": [0.5, 1.0], "standard_error": [0.1, 0.1]}, index=list(sample.sites))
    assert repr(lip.average_effect(sample, numbers)).startswith("Average effect 0.")

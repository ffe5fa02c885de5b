"""The cube method: every sample has its size, every site its chance, and the equations nearly hold."""

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
from lipresearch.comparison.balanced import balanced_sample, cube, inclusion_chances
from lipresearch.comparison.covariates import from_frame
from lipresearch.errors import InputError


@settings(max_examples=150)
@given(st.integers(0, 100_000), st.integers(2, 25), st.integers(1, 5), st.data())
def test_every_sample_has_its_size(seed: int, sites: int, measures: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    n = data.draw(st.integers(1, sites))
    chances = inclusion_chances(rng.random(sites) + 0.05, n)
    assert chances.sum() == pytest.approx(n)
    values = rng.integers(0, 3, (sites, measures)).astype(float)
    drawn = cube(chances, values, rng)
    assert drawn.sum() == n
    assert drawn[chances == 1.0].all()


def test_every_site_keeps_its_chance() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(12, 3))
    chances = inclusion_chances(np.linspace(1.0, 3.0, 12), 5)
    draws = 1500
    counts = np.zeros(12)
    for _ in range(draws):
        counts += cube(chances, values, rng)
    errors = np.sqrt(chances * (1 - chances) / draws)
    assert (np.abs(counts / draws - chances) < 4.5 * errors).all()


def test_strata_are_met_exactly() -> None:
    """With a measure that marks a stratum whose chances add to a whole number, every sample holds that number of it."""
    rng = np.random.default_rng(7)
    stratum = np.repeat([0, 1, 2], [6, 4, 10])
    chances = np.full(20, 0.5)
    marks = (stratum[:, None] == np.arange(3)).astype(float) * chances[:, None]
    for _ in range(200):
        drawn = cube(chances, marks, rng)
        assert [int(drawn[stratum == h].sum()) for h in range(3)] == [3, 2, 5]


def test_balanced_samples_are_nearer_than_random_ones() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(60, 3))
    chances = np.full(60, 0.25)

    def miss(drawn: np.ndarray) -> float:
        return float(np.abs(values[drawn].mean(axis=0) - values.mean(axis=0)).mean())

    balanced = np.mean([miss(cube(chances, values, rng)) for _ in range(200)])
    random = np.mean([miss(np.isin(np.arange(60), rng.choice(60, 15, replace=False))) for _ in range(200)])
    assert balanced < 0.4 * random


def slow_chances(relative: list[float], n: int) -> list[float]:
    """Give 1 to whatever would exceed it, one at a time, the largest first."""
    sure: set[int] = set()
    while True:
        rest = sum(value for i, value in enumerate(relative) if i not in sure)
        shares = [1.0 if i in sure else (n - len(sure)) * value / rest for i, value in enumerate(relative)]
        over = [i for i, share in enumerate(shares) if i not in sure and share >= 1.0]
        if not over:
            return shares
        sure.add(max(over, key=lambda i: relative[i]))
        if len(sure) == n or len(sure) == len(relative):
            return [1.0 if i in sure else 0.0 for i in range(len(relative))]


@settings(max_examples=80)
@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=8), st.data())
def test_chances_against_a_slow_loop(relative: list[float], data: st.DataObject) -> None:
    n = data.draw(st.integers(1, len(relative)))
    assert inclusion_chances(np.array(relative), n).tolist() == pytest.approx(slow_chances(relative, n), abs=1e-9)


def test_means_are_estimated_without_bias() -> None:
    rng = np.random.default_rng(9)
    values = rng.lognormal(size=10)
    table = from_frame(pd.DataFrame({"a": values, "b": rng.normal(size=10)}, index=[f"s{i}" for i in range(10)]))
    chances = pd.Series(values, index=table.sites)
    totals = []
    for seed in range(400):
        sample = balanced_sample(table, 4, chances=chances, seed=seed)
        part = sample.covariates.values["b"]
        totals.append(sum(part[site] / sample.chances[site] for site in sample.sites))
    error = np.std(totals, ddof=1) / math.sqrt(len(totals))
    assert abs(np.mean(totals) - table.values["b"].sum()) < 4.5 * error


def test_the_seed_decides_and_the_table_says_how_near() -> None:
    rng = np.random.default_rng(3)
    table = from_frame(pd.DataFrame({"a": rng.normal(size=15)}, index=[f"s{i:02d}" for i in range(15)]))
    first, second = balanced_sample(table, 5, seed=4), balanced_sample(table, 5, seed=4)
    assert first.sites == second.sites
    assert len({balanced_sample(table, 5, seed=seed).sites for seed in range(20)}) > 10
    row = first.table.iloc[0]
    assert row["mean_all"] == pytest.approx(table.values["a"].mean())
    assert row["mean_estimated"] == pytest.approx(table.values["a"][list(first.sites)].mean())
    assert "5 of 15 sites drawn with seed 4" in repr(first)


def test_included_excluded_and_missing_sites() -> None:
    values = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0, math.nan]}, index=list("vwxyz"))
    for seed in range(20):
        found = balanced_sample(from_frame(values), 2, include=["v"], exclude=["w"], seed=seed)
        assert "v" in found.sites
        assert not {"w", "z"} & set(found.sites)
        assert found.chances["v"] == 1.0
    assert found.left_out["site"].tolist() == ["z"]
    assert found.table["mean_all"].item() == pytest.approx(8 / 3)
    assert "1 sites lack a value and could not be drawn" in repr(found)


FOUR = from_frame(pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}, index=list("wxyz")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 5}, "The size of the sample must be a whole number from 1 to 4, not 5."),
        ({"n": 1, "include": ["w", "x"]}, "2 sites are to be included, more than the 1 to draw."),
        ({"n": 1, "include": ["w"], "exclude": ["w"]}, "w is both to be included and excluded. Decide on one."),
        ({"n": 1, "exclude": list("wxyz")}, "No site is left to draw from: exclude fewer"),
        ({"n": 1, "chances": pd.Series({"w": 1.0})}, "Site x has no chance in the table."),
        ({"n": 1, "chances": pd.Series([1.0] * 5, index=list("wxyzz"))}, "A site has two chances in the table."),
        ({"n": 1, "chances": pd.Series(0.0, index=list("wxyz"))}, "Chances must be numbers above 0; name sites that"),
        ({"n": 1, "chances": pd.Series("a", index=list("wxyz"))}, "Chances must be numbers above 0; name sites that"),
        ({"n": 1, "chances": {"w": 1.0}}, "Chances must be a pandas Series of numbers whose index holds the ids"),
        ({"n": 1, "seed": -1}, "The seed must be a whole number from 0"),
    ],
)
def test_samples_that_cannot_be_drawn(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        balanced_sample(FOUR, **arguments)


def test_overlapping_sites_are_to_be_excluded_first() -> None:
    with pytest.raises(InputError, match=r"the wider ones are northwestern-ontario, renfrew-lanark, toronto-city."):
        lip.balanced_sample(6)
    overlaps = lip.load_sites()["overlaps"]
    wider = ["northwestern-ontario", "renfrew-lanark", "toronto-city"]
    for seed in range(5):
        sites = lip.balanced_sample(6, exclude=wider, seed=seed).sites
        assert not any(set(overlaps[a].split(";")) & {b} for a, b in itertools.permutations(sites, 2))


def test_sites_that_lack_a_value_may_be_excluded_and_not_included() -> None:
    gaps = from_frame(pd.DataFrame({"a": [1.0, 2.0, 3.0, float("nan")]}, index=list("wxyz")))
    assert balanced_sample(gaps, 2, exclude=["z"]).sites == balanced_sample(gaps, 2).sites
    with pytest.raises(
        InputError, match=re.escape("Sites to include: z lacks a value, so it cannot take part: a (not")
    ):
        balanced_sample(gaps, 2, include=["z"])
    lip.balanced_sample(4, use="wider", exclude=["calgary", "northwestern-ontario", "renfrew-lanark", "toronto-city"])


def test_only_the_proportions_of_chances_count() -> None:
    huge = balanced_sample(FOUR, 2, chances=pd.Series(1e308, index=list("wxyz")))
    assert huge.chances.tolist() == [0.5] * 4

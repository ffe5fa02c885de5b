"""How long the choice of sites takes: run `python -m pytest benchmarks/test_selection_speed.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lipresearch as lip
from lipresearch.selection import solve
from lipresearch.selection.problem import UNIT, Objective, Part, Problem, Rule

pytest.importorskip("pytest_benchmark")


def problem(sites: int, size: int, objective: str = "suitability", seed: int = 2010) -> Problem:
    """Return a random roster with three kinds of place, ten regions, and a few overlaps."""
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.integers(0, UNIT, sites))[::-1].astype(np.int64)
    kind, region = rng.integers(0, 3, sites), rng.integers(0, 10, sites)
    overlap = np.zeros((sites, sites), dtype=bool)
    for i, j in rng.integers(0, sites, (sites // 5, 2)):
        if i != j:
            overlap[i, j] = overlap[j, i] = True
    types = Rule("types", "", "quota", tuple(Part("", kind == k, kind == k, size // 4, None) for k in range(3)))
    most = max(1, size // 5)
    spread = Rule("regions", "", "quota", tuple(Part("", region == r, region == r, None, most) for r in range(10)))
    goal = Objective("suitability", float(UNIT))
    if objective == "representativeness":
        deviation = np.rint(rng.normal(size=(sites, 8)) * UNIT).astype(np.int64)
        goal = Objective(objective, -float(UNIT), 0, 0, 1, deviation=deviation)
    return Problem(tuple(f"s{i:05}" for i in range(sites)), scores, size, overlap, (types, spread), goal)


@pytest.mark.parametrize(
    ("sites", "size", "seconds"), [(38, 6, 0.05), (300, 12, 0.5), (5161, 20, 10.0)], ids=["38", "300", "5161"]
)
def test_best_set(benchmark: Any, sites: int, size: int, seconds: float) -> None:
    case = problem(sites, size)
    found = benchmark.pedantic(solve.best_sets, args=(case,), rounds=3, warmup_rounds=1)
    assert found.proven
    assert benchmark.stats["min"] < seconds


def test_choose_sites_on_the_real_roster(benchmark: Any) -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    design, types = lip.load_design("six-sites"), lip.load_sites()
    from lipresearch.selection import choose_sites

    found = benchmark.pedantic(choose_sites, args=(ranking, design, types), rounds=5, warmup_rounds=1)
    assert found.proof.optimal
    assert benchmark.stats["min"] < 0.05


def test_representative_set_of_40(benchmark: Any) -> None:
    case = problem(40, 6, "representativeness")
    found = benchmark.pedantic(solve.best_sets, args=(case,), rounds=2)
    assert found.proven
    assert benchmark.stats["min"] < 2


def test_representative_set_of_40_without_quotas(benchmark: Any) -> None:
    case = problem(40, 6, "representativeness").only_rules(())
    found = benchmark.pedantic(solve.best_sets, args=(case,), rounds=2)
    assert found.proven
    assert benchmark.stats["min"] < 2


def test_core_index_of_2000_draws(benchmark: Any) -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    selection = lip.choose_sites(ranking, lip.load_design("six-sites"))
    drawn = lip.sample_scores(ranking, draws=2000)
    index = benchmark.pedantic(lip.core_index, args=(selection, drawn), rounds=1)
    assert index.draws == 2000
    assert benchmark.stats["min"] < 20  # compiling the search included

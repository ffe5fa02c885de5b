"""How long a what-if panel takes for one change: run `python -m pytest benchmarks/test_what_if_speed.py`."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import pytest

import lipresearch as lip
from lipresearch.design import weigh_factors
from lipresearch.ranking import rank_sites, reweigh

pytest.importorskip("pytest_benchmark")


def test_fifty_changes_of_a_slider(benchmark: Any) -> None:
    """Ranking, set, controls and tables for the default roster, in 50 changes; median and worst are printed.

    The limit is on the time of the processor, which other programs on the machine do not lengthen.
    """
    panel = lip.what_if(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")), lip.load_design("health"))
    values = np.random.default_rng(2010).permutation(100)[:50].astype(float)
    slider, seconds, used = panel.controls.weights["2.2"], [], []
    slider.value = 0.5  # the solver is loaded at the first choice

    def move() -> None:
        for value in values:
            start, before = time.perf_counter(), time.process_time()
            slider.value = value
            for part in ("changes", "set", "ranking"):
                panel._bundle(part)
            seconds.append(time.perf_counter() - start)
            used.append(time.process_time() - before)

    benchmark.pedantic(move, rounds=1)
    for what, times in (("time", seconds), ("time of the processor", used)):
        median, worst = 1000 * statistics.median(times), 1000 * max(times)
        print(f"\na change of a slider, {what}: median {median:.0f} ms, worst of {len(times)} {worst:.0f} ms")
    assert max(used) < 0.2


def test_other_weights_without_reading_the_measures_again(benchmark: Any) -> None:
    measures, cluster = lip.load_measures(), lip.load_cluster("health")
    ranking = rank_sites(measures, cluster)
    other = weigh_factors(cluster, {"2.1": 3, "2.2": 1}, "a test")
    start = time.perf_counter()
    rank_sites(measures, other)
    whole = time.perf_counter() - start
    benchmark.pedantic(reweigh, args=(ranking, other), rounds=10, warmup_rounds=1)
    print(f"\nrank_sites takes {whole / benchmark.stats['min']:.1f} times as long as reweigh")
    assert benchmark.stats["min"] < whole

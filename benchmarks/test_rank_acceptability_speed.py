"""Rank acceptability and pairwise index beside other packages; smallest of several runs each."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lipresearch.robustness import kernel
from lipresearch.robustness.weighting import Weighting, WeightSampler

SMALL, NATIONAL = (38, 12, 100_000), (5000, 12, 10_000)
both = pytest.mark.parametrize("size", [SMALL, NATIONAL], ids=["38 sites", "5,000 sites"])


def matrix(size: tuple[int, int, int]) -> np.ndarray:
    return np.random.default_rng(2010).random(size[:2])


def name(size: tuple[int, int, int]) -> str:
    return f"{size[0]:,} sites x {size[1]} criteria x {size[2]:,} draws"


def count(size: tuple[int, int, int], loops: kernel.Loops) -> kernel.Counts:
    """Do all that ``rank_acceptability`` does from the points on."""
    sites, criteria, draws = size
    names = [f"c{place}" for place in range(criteria)]
    sampler = WeightSampler(Weighting(over="criteria"), names, names, np.full(criteria, 1 / criteria), 2010)
    points, counts = matrix(size), kernel.Counts(sites, criteria, draws, loops)

    def draw(chunk: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        weights, scores = sampler.draw(chunk, width), np.empty((sites, width), np.int32)
        loops.site_scores(points, weights, scores)
        return weights, scores

    kernel.count_ranks(draw, counts, 0, draws, kernel.default_workers())
    return counts


@both
def test_lipresearch(benchmark: Any, size: tuple[int, int, int]) -> None:
    benchmark.group, benchmark.extra_info["who"] = name(size), "lipresearch"
    benchmark.extra_info["draws"] = size[2]
    counts = benchmark.pedantic(count, (size, kernel.loops()), rounds=7 if size is SMALL else 2, warmup_rounds=1)
    assert int(counts.ranks.sum(dtype=np.int64)) == size[0] * size[2]


def test_lipresearch_without_numba(benchmark: Any) -> None:
    benchmark.group, benchmark.extra_info["who"] = name(SMALL), "lipresearch without numba"
    benchmark.extra_info["draws"] = SMALL[2]
    benchmark.pedantic(count, (SMALL, kernel.numpy_loops()), rounds=3)


def ranks_of(who: str, points: np.ndarray) -> Any:
    """Return the function from weights to ranks of another package."""
    types = np.ones(points.shape[1])
    if who == "pymcdm":
        from pymcdm.helpers import rankdata
        from pymcdm.methods import WSM

        method = WSM()
        return lambda weights: rankdata(method(points, weights, types), reverse=True)
    if who == "pyrepo-mcda":
        from pyrepo_mcda.additions import rank_preferences
        from pyrepo_mcda.mcda_methods import SAW

        other = SAW()
        return lambda weights: rank_preferences(other(points, weights, types), reverse=True)
    import skcriteria
    from skcriteria.agg.simple import WeightedSumModel

    model = WeightedSumModel()

    def rank(weights: np.ndarray) -> np.ndarray:
        decision = skcriteria.mkdm(points, [max] * points.shape[1], weights=weights)
        return np.asarray(model.evaluate(decision).rank_)

    return rank


@both
@pytest.mark.parametrize("who", ["pymcdm", "scikit-criteria", "pyrepo-mcda"])
def test_another_package(benchmark: Any, who: str, size: tuple[int, int, int]) -> None:
    sites, criteria, _ = size
    draws = 1000 if size is SMALL else 8
    weights = np.random.default_rng(1).dirichlet(np.ones(criteria), draws)
    rank = ranks_of(who, matrix(size))

    def loop() -> np.ndarray:
        often, won = np.zeros((sites, sites), np.int64), np.zeros((sites, sites), np.int64)
        rows = np.arange(sites)
        for row in weights:
            ranks = np.asarray(rank(row)).astype(np.int64)
            often[rows, ranks - 1] += 1
            won += ranks[:, None] < ranks
        return often

    benchmark.group, benchmark.extra_info["who"], benchmark.extra_info["draws"] = name(size), who, draws
    assert benchmark.pedantic(loop, rounds=3).sum() == sites * draws


R = """
suppressMessages(library(smaa)); set.seed(1); N <- {draws}; m <- {sites}; n <- {criteria}
meas <- aperm(array(matrix(runif(m * n), m, n), c(m, n, N)), c(3, 1, 2))
w <- matrix(rexp(N * n), N, n); w <- w / rowSums(w)
cat(min(sapply(1:3, function(i) system.time(smaa(meas, w))[["elapsed"]])))
"""


def test_r_smaa(benchmark: Any) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed")
    sites, criteria, draws = SMALL
    script = R.format(sites=sites, criteria=criteria, draws=draws)
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"R has no package smaa: {done.stderr.strip().splitlines()[-1]}")
    benchmark.group, benchmark.extra_info["who"], benchmark.extra_info["draws"] = name(SMALL), "R smaa", draws
    benchmark.extra_info["seconds"] = float(done.stdout)
    benchmark.pedantic(lambda: None, rounds=1)


FIRST_CALL = """
import sys, time
from pathlib import Path

def peak():
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

sys.path.insert(0, {folder!r})
from test_rank_acceptability_speed import SMALL, NATIONAL, count, kernel
start = time.perf_counter(); count((5, 3, 10), kernel.loops()); count((90, 3, 10), kernel.loops())
first = time.perf_counter() - start
before = peak()
count({size}, kernel.loops())
print(first, before, peak())
"""


@both
def test_first_call_and_memory(size: tuple[int, int, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Report, in new processes, the cost of the first call with and without compiled loops kept from before."""
    script = FIRST_CALL.format(folder=str(Path(__file__).parent), size=size)
    lines = []
    for kept in ("compiling", "compiled before"):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": "", "NUMBA_CACHE_DIR": str(tmp_path)},
        )
        first, before, after = map(float, done.stdout.split())
        lines.append(
            f"{name(size)}, new process, {kept}: first call {first:.1f} s, whole process "
            f"{time.perf_counter() - started:.1f} s, peak memory {after:.0f} MB ({before:.0f} MB before the count)"
        )
    with capsys.disabled():
        print("\n" + "\n".join(lines))

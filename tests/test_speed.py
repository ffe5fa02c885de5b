"""Compiled loops, and the same without numba."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lipresearch import speed


def double(x: int) -> int:
    return 2 * x


def test_a_compiled_loop_gives_the_same() -> None:
    assert speed.compiled(double)(21) == 42


def test_without_numba_the_function_itself_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed.importlib.util, "find_spec", lambda name: None)
    assert not speed.has_numba()
    assert speed.compiled(double) is double


def test_without_a_folder_to_keep_it_in_the_loop_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    numba = pytest.importorskip("numba", reason="numba has no wheels for this machine; plain Python does the same")
    real = numba.njit

    def njit(**options: object) -> object:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(numba, "njit", njit)
    assert speed.compiled(double)(4) == 8


WITHOUT = """
import sys
sys.modules["numba"] = None
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "numba" else found(name, *rest)
import lipresearch as lip
ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
often = lip.rank_acceptability(ranking, draws=300)
print(often._counts.loops.kind, often.table["first"].tolist())
chosen = lip.choose_sites(ranking, lip.load_design("one-of-each-type"))
index = lip.core_index(chosen, lip.sample_scores(ranking, draws=20))
print(index.table["share"].tolist())
"""


def test_rankings_and_sets_are_the_same_without_numba() -> None:
    without = WITHOUT.replace('sys.modules["numba"] = None\n', "", 1).replace('if name == "numba"', "if False")
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.splitlines()
        for script in (WITHOUT, without)
    ]
    assert runs[0][0].startswith("NumPy ")
    assert runs[0][0].split(" ", 1)[1] == runs[1][0].split(" ", 1)[1]
    assert runs[0][1] == runs[1][1]

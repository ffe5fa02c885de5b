"""Results are frozen: whatever the measures, the ranking, its robustness and the selection return."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
from types import ModuleType

import pytest

import lipresearch
from lipresearch import measures, robustness, selection


def result_modules() -> list[ModuleType]:
    names = ["lipresearch.ranking"]
    for package in (measures, robustness, selection):
        names += [found.name for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names]


RESULTS = [
    thing
    for module in result_modules()
    for thing in vars(module).values()
    if dataclasses.is_dataclass(thing) and thing.__module__ == module.__name__
]
#: Two with equal arrays or tables cannot be asked whether they are equal, so these are equal only to themselves.
HOLDS = {"DataFrame", "Series", "NDArray", "Floats", "Flags", "Ints", "Bools", "Ranking", "Grid", "Objective", "Rule"}


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.__name__)
def test_a_result_is_frozen_and_equal_only_to_itself_where_it_holds_tables(result: type) -> None:
    assert result.__dataclass_params__.frozen  # type: ignore[attr-defined]
    kinds = [str(field.type) for field in dataclasses.fields(result)]
    held = {part for kind in kinds if "Callable" not in kind for part in re.findall(r"\w+", kind)}
    if held & HOLDS:
        assert not result.__dataclass_params__.eq  # type: ignore[attr-defined]


def test_a_seed_that_is_not_given_is_the_declared_one() -> None:
    seeds = {
        name: inspect.signature(thing).parameters["seed"].default
        for name, thing in vars(lipresearch).items()
        if inspect.isfunction(thing) and "seed" in inspect.signature(thing).parameters
    }
    assert "rank_acceptability" in seeds
    assert {name: seed for name, seed in seeds.items() if seed not in (2010, None)} == {}

"""Small random problems, and a slow, obvious way to solve them, for the tests beside this file."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from lipresearch.selection.problem import UNIT, Levels, Objective, Part, Problem, Rule

FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def obvious_value(problem: Problem, chosen: tuple[int, ...]) -> Fraction:
    goal = problem.objective
    pairs = list(itertools.combinations(chosen, 2))
    if goal.least:
        return Fraction(min(int(goal.distance[i][j]) for i, j in pairs))
    total = Fraction(0)
    for i in chosen:
        total += goal.score * int(problem.scores[i])
    for i, j in pairs if goal.pair else []:
        total += goal.pair * int(goal.distance[i][j])
    for m in range(goal.deviation.shape[1]) if goal.spread else []:
        total -= goal.spread * abs(sum(int(goal.deviation[i][m]) for i in chosen))
    return total


def obvious_meets(problem: Problem, chosen: tuple[int, ...]) -> bool:
    if set(chosen) & problem.banned:
        return False
    for i, j in itertools.combinations(chosen, 2):
        if problem.overlap[i][j]:
            return False
    for rule in problem.rules:
        if rule.include is not None and rule.include not in chosen:
            return False
        if rule.apart is not None and any(rule.apart[i][j] for i, j in itertools.combinations(chosen, 2)):
            return False
        for part in rule.parts:
            if part.minimum is not None and sum(1 for i in chosen if part.sure[i]) < part.minimum:
                return False
            if part.maximum is not None and sum(1 for i in chosen if part.possible[i]) > part.maximum:
                return False
        if rule.levels is not None:
            there = [row for row in rule.levels.member if any(row[i] for i in chosen)]
            lost = sum(1 for i in chosen if rule.levels.unknown[i])
            if rule.levels.minimum is not None and len(there) < rule.levels.minimum:
                return False
            if rule.levels.maximum is not None and len(there) + lost > rule.levels.maximum:
                return False
    return True


def obvious_sets(problem: Problem) -> list[tuple[int, ...]]:
    """Return every set that meets the rules, in the declared order."""
    found = [
        chosen
        for chosen in itertools.combinations(range(len(problem.sites)), problem.size)
        if obvious_meets(problem, chosen)
    ]
    return sorted(found, key=lambda s: (-obvious_value(problem, s), -sum(int(problem.scores[i]) for i in s), s))


@st.composite
def problems(draw: Any, kinds: tuple[str, ...] = ("suitability",)) -> Problem:
    n = draw(st.integers(3, 9))
    size = draw(st.integers(2, min(4, n)))
    # Few different scores, so that ties are common; some near ties of one unit.
    scores = sorted((draw(st.sampled_from([0, 1, 2, 300_000_000, 300_000_001, UNIT])) for _ in range(n)), reverse=True)
    levels = [draw(st.sampled_from(["a", "b", "c", ""])) for _ in range(n)]
    values = np.array(levels, dtype=object)
    unknown = values == ""
    rules = []
    for at, kind in enumerate(
        draw(st.lists(st.sampled_from(["part", "each", "levels", "apart", "include"]), max_size=3))
    ):
        low = draw(st.none() | st.integers(0, 3))
        high = draw(st.none() | st.integers(max(low or 0, 0), 4))
        if kind in ("part", "each"):
            wanted = ["a", "b", "c"] if kind == "each" else [draw(st.sampled_from("abc"))]
            parts = tuple(Part(w, values == w, (values == w) | unknown, low, high) for w in wanted)
            rules.append(Rule(f"r{at}", kind, "quota", parts))
        elif kind == "levels":
            member = np.array([values == w for w in "abc"])
            rules.append(Rule(f"r{at}", kind, "quota", levels=Levels(member, unknown, low, high)))
        elif kind == "apart":
            rules.append(Rule(f"r{at}", kind, "apart", apart=draw(pairs(n))))
        else:
            rules.append(Rule(f"r{at}", kind, "include", include=draw(st.integers(0, n - 1))))
    kind = draw(st.sampled_from(kinds))
    matrix = np.array([[draw(st.integers(0, 3)) for _ in range(n)] for _ in range(n)]) * 250_000_000
    matrix = np.triu(matrix, 1) + np.triu(matrix, 1).T
    deviation = np.array([[draw(st.integers(-3, 3)) for _ in range(2)] for _ in range(n)]) * 500_000_000
    goal = {
        "suitability": Objective("suitability", float(UNIT)),
        "least distance": Objective("least distance", float(UNIT), distance=matrix, least=True),
        "variety": Objective("variety", float(UNIT), 0, 1, 0, matrix),
        "representativeness": Objective("representativeness", -float(UNIT), 0, 0, 1, deviation=deviation),
        "mix": Objective("mix", float(UNIT), 3, 2, 5, matrix, deviation),
    }[kind]
    banned = frozenset(draw(st.lists(st.integers(0, n - 1), max_size=1)))
    names = tuple(f"s{place}" for place in range(n))
    return Problem(names, np.array(scores, dtype=np.int64), size, draw(pairs(n)), tuple(rules), goal, banned)


@st.composite
def pairs(draw: Any, n: int) -> Any:
    matrix = np.zeros((n, n), dtype=bool)
    for i, j in draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=3)):
        if i != j:
            matrix[i, j] = matrix[j, i] = True
    return matrix


KINDS = ("suitability", "least distance", "variety", "representativeness", "mix")


def plain(scores: list[int], size: int, goal: Objective | None = None) -> Problem:
    n = len(scores)
    names = tuple(f"s{i:02}" for i in range(n))
    none = np.zeros((n, n), dtype=bool)
    return Problem(names, np.array(scores, dtype=np.int64), size, none, (), goal or Objective("suitability", 1.0))


def frozen(thing: Any, *, by_identity: bool) -> bool:
    """Whether no field of a result can be set, and whether another with the same fields is another."""
    for field in dataclasses.fields(thing):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, field.name, getattr(thing, field.name))
    other = copy.copy(thing)
    return (other != thing and len({thing, other}) == 2) if by_identity else bool(other == thing)

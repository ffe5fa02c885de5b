"""The best set of sites: every answer against looking at all sets by hand, and what may not change it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.selection import solve
from lipresearch.selection.problem import UNIT, Objective, Part, Problem, Rule
from lipresearch.selection.solve import best_sets, by_enumeration, cliques, conflict, feasible
from selection.obvious import FEW, KINDS, obvious_meets, obvious_sets, obvious_value, pairs, plain, problems

# ---- a slow, obvious second implementation ---------------------------------------------------------


# ---- random problems ---------------------------------------------------------------------------------


@FEW
@given(problems(KINDS), st.integers(1, 10))
def test_looking_at_every_set_agrees(problem: Problem, count: int) -> None:
    expected = obvious_sets(problem)
    found = by_enumeration(problem, count)
    assert list(found.sets) == expected[:count]
    assert found.compared == len(expected)
    if expected:
        best = obvious_value(problem, expected[0])
        assert found.bound == best == problem.value_of(expected[0])
        assert found.tied == sum(obvious_value(problem, s) == best for s in expected)
        middle = int(obvious_value(problem, expected[len(expected) // 2]))
        above = by_enumeration(problem, 1, middle).above
        assert above == sum(obvious_value(problem, s) > middle for s in expected)


@FEW
@given(problems(("suitability", "least distance")), st.integers(1, 10), st.booleans())
def test_integer_programming_finds_the_same_sets_in_the_same_order(problem: Problem, count: int, large: bool) -> None:
    expected = obvious_sets(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve, "PRESOLVED", 0 if large else 1000)
        found = best_sets(problem, count)
    assert list(found.sets) == expected[:count]
    assert found.proven
    if expected:
        best = obvious_value(problem, expected[0])
        tied = sum(obvious_value(problem, s) == best for s in expected)
        assert found.bound == best
        assert found.tied <= tied
        assert found.tied == tied or found.more_tied


@FEW
@given(problems(("variety", "representativeness", "mix")))
def test_the_programme_for_large_rosters_finds_the_same_value(problem: Problem) -> None:
    expected = obvious_sets(problem)
    found = solve._by_large_programme(problem, 1, 60.0)
    assert bool(found.sets) == bool(expected)
    assert found.proven
    if expected:
        assert problem.meets(found.sets[0])
        assert obvious_value(problem, found.sets[0]) == obvious_value(problem, expected[0])


@settings(max_examples=15)
@given(problems(), st.integers(1, 4))
def test_more_ties_than_are_listed_are_settled_by_the_same_rule(problem: Problem, count: int) -> None:
    problem = replace(problem, scores=np.full(len(problem.sites), 7, dtype=np.int64))
    expected = obvious_sets(problem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solve, "TIES", 2)
        found = best_sets(problem, count)
    assert list(found.sets) == expected[:count]
    assert found.tied <= len(expected)


@FEW
@given(problems())
def test_a_conflict_is_the_smallest(problem: Problem) -> None:
    if obvious_sets(problem):
        assert feasible(problem)
        return
    assert not feasible(problem)
    ids, smallest = conflict(problem)
    assert smallest
    names = [rule.rule for rule in problem.rules]
    assert not obvious_sets(problem.only_rules(ids))
    for size in range(len(ids)):
        for group in itertools.combinations(names, size):
            assert obvious_sets(problem.only_rules(group)), f"{group} conflicts and is smaller than {ids}"


@FEW
@given(problems(KINDS), st.randoms(use_true_random=False))
def test_the_order_of_equal_sites_and_their_ids_play_no_part(problem: Problem, random: Any) -> None:
    """Renumber the sites (the order by score has to stay): values and number of sets are the same."""
    order = list(range(len(problem.sites)))
    random.shuffle(order)
    order.sort(key=lambda place: -int(problem.scores[place]))
    back = {place: at for at, place in enumerate(order)}
    goal = problem.objective
    moved = replace(
        problem,
        sites=tuple(problem.sites[place] for place in order),
        scores=problem.scores[order],
        overlap=problem.overlap[np.ix_(order, order)],
        rules=tuple(
            replace(
                rule,
                parts=tuple(replace(p, sure=p.sure[order], possible=p.possible[order]) for p in rule.parts),
                levels=rule.levels
                and replace(rule.levels, member=rule.levels.member[:, order], unknown=rule.levels.unknown[order]),
                apart=None if rule.apart is None else rule.apart[np.ix_(order, order)],
                include=None if rule.include is None else back[rule.include],
            )
            for rule in problem.rules
        ),
        objective=replace(
            goal,
            distance=None if goal.distance is None else goal.distance[np.ix_(order, order)],
            deviation=None if goal.deviation is None else goal.deviation[order],
        ),
        banned=frozenset(back[place] for place in problem.banned),
    )
    one, two = best_sets(problem, 3), best_sets(moved, 3)
    assert [problem.value_of(s) for s in one.sets] == [moved.value_of(s) for s in two.sets]
    assert one.compared == two.compared


@FEW
@given(problems(KINDS))
def test_giving_up_a_rule_never_makes_the_best_set_worse(problem: Problem) -> None:
    found = best_sets(problem)
    for rule in problem.rules:
        relaxed = problem.without_rule(rule.rule)
        wider = best_sets(relaxed)
        if found.sets:
            assert relaxed.value_of(wider.sets[0]) >= problem.value_of(found.sets[0])


# ---- parts -------------------------------------------------------------------------------------------


@given(st.integers(2, 9).flatmap(pairs))
def test_cliques_cover_exactly_the_pairs_that_are_kept_apart(apart: Any) -> None:
    covered = {pair for group in cliques(apart) for pair in itertools.combinations(group, 2)}
    assert covered == {(i, j) for i, j in itertools.combinations(range(len(apart)), 2) if apart[i, j]}


def test_a_large_roster_keeps_only_candidates_that_can_win() -> None:
    """Leaving out dominated candidates changes nothing: against all of them, with overlaps among the best."""
    rng = np.random.default_rng(7)
    n = 400
    scores = np.sort(rng.integers(0, UNIT, n))[::-1].astype(np.int64)
    kind = rng.integers(0, 3, n)
    overlap = np.zeros((n, n), dtype=bool)
    for i, j in [(0, 1), (1, 2), (5, 300), (7, 8)]:
        overlap[i, j] = overlap[j, i] = True
    rules = tuple(Rule(f"r{k}", "", "quota", (Part("", kind == k, kind == k, 2, 4),)) for k in range(3))
    problem = Problem(tuple(f"s{i:03}" for i in range(n)), scores, 9, overlap, rules, Objective("suitability", 1.0))
    kept = solve._candidates(problem, 1 + solve.TIES)
    assert len(kept) < n
    found = best_sets(problem, 5)
    programme = solve._Programme(problem, range(n))
    for chosen in found.sets:
        other, _, _ = programme.solve(problem.scores / 1000, 60.0)
        assert other is not None
        assert problem.score_of(other) == problem.score_of(chosen)
        programme.cut(tuple(sorted(other)))


@pytest.mark.parametrize(("sites", "size"), [(12, 10), (12, 12), (7, 1), (20, 2), (11, 5)])
def test_every_set_is_looked_at_however_it_is_split(sites: int, size: int) -> None:
    rng = np.random.default_rng(sites)
    scores = np.sort(rng.integers(0, 50, sites))[::-1].astype(np.int64)
    none = np.zeros((sites, sites), dtype=bool)
    deviation = rng.integers(-9, 9, (sites, 3)).astype(np.int64)
    goal = Objective("mix", 1.0, 1, 0, 2, deviation=deviation)
    problem = Problem(tuple(f"s{i:02}" for i in range(sites)), scores, size, none, (), goal)
    expected = obvious_sets(problem)
    found = by_enumeration(problem, 20)
    assert list(found.sets) == expected[:20]
    assert found.compared == len(expected)


@pytest.mark.parametrize("kind", ["least distance", "variety"])
def test_equally_good_sets_go_by_the_sum_of_scores_before_the_best_site(kind: str) -> None:
    scores = np.array([10, 9, 9, 0], dtype=np.int64)
    same = np.full((4, 4), 5, dtype=np.int64) - np.diag([5] * 4)
    goal = Objective(kind, 1.0, 0, int(kind == "variety"), 0, same, least=kind == "least distance")
    problem = Problem(("a", "b", "c", "d"), scores, 2, np.zeros((4, 4), dtype=bool), (), goal)
    expected = ((0, 1), (0, 2), (1, 2), (0, 3))
    assert best_sets(problem, 4).sets == by_enumeration(problem, 4).sets == expected
    assert sorted([(0, 3), (1, 2)], key=problem.key) == [(1, 2), (0, 3)]


@pytest.mark.parametrize("seed", range(6))
def test_the_largest_least_distance_among_many_different_ones(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.triu(rng.permutation(100).reshape(10, 10), 1).astype(np.int64)
    goal = Objective("least distance", 1.0, distance=matrix + matrix.T, least=True)
    problem = plain(sorted(rng.integers(0, 9, 10).tolist(), reverse=True), 4, goal)
    expected = obvious_sets(problem)
    found = best_sets(problem, 12)
    assert list(found.sets) == expected[:12]
    assert found.bound == problem.value_of(expected[0])


def test_the_list_of_the_best_is_shortened_on_the_way() -> None:
    """Eight thousand sets of few different values: what is dropped early may not have belonged to the best."""
    rng = np.random.default_rng(5)
    deviation = rng.integers(-1, 2, (18, 1)).astype(np.int64)
    goal = Objective("representativeness", -1.0, 0, 0, 1, deviation=deviation)
    problem = plain(sorted(rng.integers(0, 40, 18).tolist(), reverse=True), 5, goal)
    assert list(by_enumeration(problem, 3).sets) == obvious_sets(problem)[:3]
    turned = replace(problem, scores=problem.scores[::-1].copy())  # the best sums come last
    assert list(by_enumeration(turned, 3).sets) == obvious_sets(turned)[:3]


def test_many_ties_do_not_let_a_worse_set_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solve, "TIES", 2)
    problem = plain([9, 9, 9, 9, 9, 9, 1, 1], 3)
    found = best_sets(problem, 5)
    assert found.sets == ((0, 1, 2), (0, 1, 3), (0, 1, 4), (0, 1, 5), (0, 2, 3))
    assert found.more_tied


@FEW
@given(problems(), st.data())
def test_every_last_site_is_asked_at_once(problem: Problem, data: Any) -> None:
    places = range(len(problem.sites))
    rest = data.draw(st.lists(st.sampled_from(places), min_size=problem.size - 1, max_size=problem.size - 1))
    asked = [[*rest, place] for place in places]
    fits = [len(set(chosen)) == len(chosen) and obvious_meets(problem, tuple(chosen)) for chosen in asked]
    assert problem.fits_with(rest).tolist() == [problem.meets(chosen) for chosen in asked] == fits
    barred = [problem.overlap, *(rule.apart for rule in problem.rules if rule.apart is not None)]
    assert problem.apart.tolist() == [[any(bool(table[i, j]) for table in barred) for j in places] for i in places]


@pytest.mark.parametrize("kind", ["suitability", "least distance"])
@pytest.mark.parametrize("large", [False, True])
def test_where_no_set_meets_the_rules_none_is_found(kind: str, large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if large:
        monkeypatch.setattr(solve, "ENUMERABLE", 0)
    distance = 10**8 * np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    goal = Objective(kind, float(UNIT), distance=distance if "distance" in kind else None, least="distance" in kind)
    nobody = Rule("r", "nobody", "quota", (Part("a", np.zeros(5, bool), np.zeros(5, bool), 1, None),))
    found = best_sets(replace(plain([5, 4, 3, 2, 1], 2, goal), rules=(nobody,)), 3)
    assert (found.sets, found.tied, found.more_tied, found.bound, found.proven) == ((), 0, False, 0, True)


@pytest.mark.parametrize("sites", [6, 8])
def test_a_site_that_must_be_in_counts_towards_every_bound(sites: int) -> None:
    marked = np.array([True, False] * (sites // 2))
    last = sites - 2  # marked, and of the lowest score but one
    at_most_one = Rule("few", "few", "quota", (Part("a", marked, marked, None, 1),))
    at_least_two = Rule("two", "two", "quota", (Part("a", marked, marked, 2, None),))
    forced = Rule("in", "in", "include", include=last)
    problem = plain(list(range(sites, 0, -1)), 3)
    few = by_enumeration(replace(problem, rules=(at_most_one, forced)), 50)
    assert few.sets[0] == (1, 3, last)
    assert few.compared == math.comb(sites // 2, 2)
    two = by_enumeration(replace(problem, rules=(at_least_two, forced)), 50)
    assert two.sets[0] == (0, 1, last)
    assert two.compared == math.comb(sites - 1, 2) - math.comb(sites // 2, 2)

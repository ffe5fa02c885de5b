"""The best set of sites: every answer against looking at all sets by hand, and what may not change it."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import LipresearchError
from lipresearch.selection import solve
from lipresearch.selection.problem import UNIT, Levels, Objective, Part, Problem, Rule
from lipresearch.selection.solve import Found, best_sets, by_enumeration, cliques, conflict, feasible
from selection.obvious import (
    FEW,
    KINDS,
    frozen,
    obvious_meets,
    obvious_sets,
    obvious_value,
    pairs,
    plain,
    problems,
)

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
@given(problems(("variety", "representativeness", "mix")), st.integers(1, 4))
def test_the_programme_for_large_rosters_finds_the_same_values(problem: Problem, count: int) -> None:
    expected = [obvious_value(problem, chosen) for chosen in obvious_sets(problem)]
    found = solve._by_large_programme(problem, count, 60.0)
    assert found.proven
    assert (found.method, found.compared, found.above) == (solve.HIGHS, None, None)
    assert all(problem.meets(chosen) for chosen in found.sets)
    assert len(set(found.sets)) == len(found.sets)
    values = [obvious_value(problem, chosen) for chosen in found.sets]
    assert values == expected[:count]
    assert found.bound == (expected[0] if expected else 0)
    assert found.tied == sum(value == expected[0] for value in values)
    assert found.more_tied == (0 < found.tied == len(values))


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


# ---- every branch, with answers given by hand ------------------------------------------------------------


def test_what_was_found_is_frozen() -> None:
    assert frozen(Found((), 0, False, 0, True, solve.HIGHS), by_identity=False)


def test_how_many_sets_there_are() -> None:
    def forced(*places: int) -> tuple[Rule, ...]:
        return tuple(Rule(f"r{place}", "", "include", include=place) for place in places)

    problem = plain([5, 4, 3, 2, 1], 3)
    for rules, banned, sets in (
        ((), set(), 10),
        (forced(0), set(), 6),
        (forced(0), {1}, 3),
        ((), {1, 2}, 1),
        ((), {1, 2, 3}, 0),
        (forced(0, 1, 2), set(), 1),
        (forced(0, 1, 2, 3), set(), 0),
        (forced(0, 1, 2), {0, 1, 2, 3}, 0),  # fewer than none are free
    ):
        assert solve.number_of_sets(replace(problem, rules=rules, banned=frozenset(banned))) == sets


def test_all_sets_are_compared_up_to_a_number_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    distance = 5 - 5 * np.eye(6, dtype=np.int64)
    problem = plain([6, 5, 4, 3, 2, 1], 3, Objective("variety", 1.0, 0, 1, 0, distance))
    for most, method, compared in ((20, solve.EVERY, 20), (19, solve.HIGHS, None)):
        monkeypatch.setattr(solve, "ENUMERABLE", most)
        found = best_sets(problem)
        assert (found.method, found.compared, found.bound, len(found.sets)) == (method, compared, 15, 1)
    assert len(best_sets(problem, 4).sets) == 4
    near = np.zeros((6, 6), dtype=bool)
    near[0, 2] = near[2, 0] = True
    wrong = Found(((0, 1, 2),), 1, False, 15, True, "guessed")
    monkeypatch.setattr(solve, "_by_large_programme", lambda *_: wrong)
    message = (
        "The solver returned a set that does not meet the design: s00, s01, s02. Please report this with its file."
    )
    with pytest.raises(LipresearchError, match=f"^{re.escape(message)}$"):
        best_sets(replace(problem, overlap=near))
    assert best_sets(problem) is wrong


def test_cliques_by_hand() -> None:
    def of(n: int, *edges: tuple[int, int]) -> list[list[int]]:
        apart = np.zeros((n, n), dtype=bool)
        for i, j in edges:
            apart[i, j] = apart[j, i] = True
        return cliques(apart)

    assert of(4) == []
    assert of(4, (1, 3)) == [[1, 3]]
    assert of(4, *itertools.combinations(range(4), 2)) == [[0, 1, 2, 3]]
    assert of(3, (0, 1), (1, 2)) == [[0, 1], [1, 2]]
    # Two triangles with one corner in common: the place that most others are kept apart from comes first.
    assert of(5, (0, 1), (1, 2), (0, 2), (2, 3), (3, 4), (2, 4)) == [[0, 1, 2], [2, 3, 4]]
    assert of(5, (0, 3), (1, 2), (2, 4), (1, 4)) == [[1, 2, 4], [0, 3]]
    # 4 comes first, with 1 and 3. Then with 2, to which 5 adds two pairs that are not covered yet, and 3 one.
    edges = [(1, 3), (1, 4), (1, 5), (2, 3), (2, 4), (2, 5), (3, 4), (4, 5)]
    assert of(6, *edges) == [[1, 3, 4], [2, 4, 5], [1, 4, 5], [2, 3, 4]]


@given(st.integers(2, 9).flatmap(pairs))
def test_no_clique_can_be_made_larger(apart: Any) -> None:
    for group in cliques(apart):
        assert group == sorted(set(group))
        assert not apart[group].all(axis=0).any()


LEVEL = np.array(["a", "b", "b", ""])
MEMBER = np.array([name == LEVEL for name in "ab"])


def test_a_problem_as_rows_of_a_programme() -> None:
    sure = np.array([True, True, False, True])
    near = np.zeros((4, 4), dtype=bool)
    near[0, 3] = near[3, 0] = True
    rules = (
        Rule("in", "", "include", include=2),
        Rule("part", "", "quota", (Part("", sure, np.ones(4, dtype=bool), 1, 2), Part("", sure, sure, None, None))),
        Rule("levels", "", "quota", levels=Levels(MEMBER, LEVEL == "", 1, 3)),
        Rule("km", "", "apart", apart=near),
    )
    problem = replace(plain([9, 8, 7, 6], 2), rules=rules)
    programme = solve._Programme(problem, [0, 2, 3])
    top = math.inf
    assert list(zip(programme.rows, programme.low, programme.high, strict=True)) == [
        ({0: 1, 1: 1, 2: 1}, 2, 2),
        ({0: 1, 2: 1}, 1, top),
        ({0: 1, 1: 1, 2: 1}, -top, 2),
        ({3: 1, 0: -1}, -top, 0),
        ({3: -2, 0: 1}, -top, 0),
        ({4: 1, 1: -1}, -top, 0),
        ({4: -2, 1: 1}, -top, 0),
        ({3: 1, 4: 1}, 1, top),
        ({3: 1, 4: 1, 2: 1}, -top, 3),
        ({0: 1, 2: 1}, -top, 1),
    ]
    assert programme.lower.tolist() == [0, 1, 0, 0, 0]
    assert programme.upper.tolist() == [1] * 5
    before = len(programme.rows)
    programme.cut((0, 1))  # 1 was not kept: such a set cannot come up
    assert len(programme.rows) == before
    programme.cut((0, 3))
    assert (programme.rows[-1], programme.low[-1], programme.high[-1]) == ({0: 1, 2: 1}, -top, 1)
    assert programme.helpers(2, 7.0) == [5, 6]
    assert programme.lower.tolist()[5:] == [0, 0]
    assert programme.upper.tolist()[5:] == [7, 7]
    # A site that must be in and was left out: nothing can be chosen.
    assert solve._Programme(problem, [0, 1, 3]).upper.tolist() == [0, 0, 0, 1, 1]
    least = replace(problem, rules=(Rule("levels", "", "quota", levels=Levels(MEMBER, LEVEL == "", 2, None)),))
    assert len(solve._Programme(least, range(4)).rows) == 4


def test_what_the_solver_is_asked_and_how_its_answers_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    answers: list[Any] = []

    def milp(cost: Any, **given_: Any) -> Any:
        asked.append((cost, given_))
        return answers.pop()

    monkeypatch.setattr("scipy.optimize.milp", milp)
    programme = solve._Programme(plain([9, 8, 7, 6, 5], 2), [0, 2, 3, 4])
    programme.helpers(2, 3.0)
    programme.add_row({1: -2.0, 5: 4.0}, -1.0, 6.0)

    def answered(
        status: int, x: list[float] | None, bound: float | None, gain: Any = None, continuous: tuple[int, ...] = ()
    ) -> tuple[Any, float, bool]:
        values = None if x is None else np.array(x)
        answers.append(SimpleNamespace(status=status, message="it broke", x=values, mip_dual_bound=bound))
        return programme.solve(gain, 12.5, continuous)

    assert answered(2, None, None) == (None, -math.inf, True)
    assert answered(0, [0.9, 0.5, 0.51, 0, 1, 1], -5.0) == ((0, 3), 5.0, True)
    assert answered(1, [0, 0, 1, 1, 0, 0], None) == ((3, 4), math.inf, False)
    assert answered(1, None, -3.0) == (None, 3.0, False)
    assert answered(1, None, None) == (None, math.inf, False)
    for status in (3, 4):
        with pytest.raises(LipresearchError, match=r"^The solver stopped without an answer: it broke$"):
            answered(status, None, None)
    cost, given_ = asked[0]
    assert cost.tolist() == [0] * 6
    assert given_["integrality"].tolist() == [1] * 6
    assert given_["options"] == {"mip_rel_gap": 0.0, "time_limit": 12.5, "presolve": True}
    assert given_["bounds"].lb.tolist() == [0] * 6
    assert given_["bounds"].ub.tolist() == [1, 1, 1, 1, 3, 3]
    rows = given_["constraints"]
    assert rows.A.toarray().tolist() == [[1, 1, 1, 1, 0, 0], [0, -2, 0, 0, 0, 4]]
    assert rows.lb.tolist() == [2, -1]
    assert rows.ub.tolist() == [2, 6]
    for most, presolved in ((7, True), (6, True), (5, False)):
        monkeypatch.setattr(solve, "PRESOLVED", most)
        answered(2, None, None, np.array([4.0, 3.0, 2.0, 1.0, 0.5]), (4, 5))
        assert asked[-1][1]["options"]["presolve"] is presolved
    assert asked[-1][0].tolist() == [-4, -3, -2, -1, -0.5, 0]
    assert asked[-1][1]["integrality"].tolist() == [1, 1, 1, 1, 0, 0]


def test_which_candidates_can_be_in_one_of_the_first_sets() -> None:
    problem = plain(list(range(12, 0, -1)), 2)
    assert solve._candidates(problem, 1) == [0, 1, 2]
    assert solve._candidates(problem, 3) == [0, 1, 2, 3, 4]
    assert solve._candidates(replace(problem, banned=frozenset({1})), 1) == [0, 2, 3]
    forced = replace(problem, rules=(Rule("in", "", "include", include=1), Rule("far", "", "include", include=9)))
    assert solve._candidates(forced, 1) == [0, 1, 2, 3, 9]  # what must be in is not among the sites to choose from
    near = np.zeros((12, 12), dtype=bool)
    near[0, 4] = near[4, 0] = True
    assert solve._candidates(replace(problem, overlap=near), 1) == [0, 1, 2, 3]
    assert solve._candidates(replace(problem, rules=(Rule("km", "", "apart", apart=near),)), 1) == [0, 1, 2, 3]
    marks = np.arange(12) >= 7
    unsure = marks | (np.arange(12) == 5)
    part = Rule("part", "", "quota", (Part("", marks, unsure, 1, None),))
    assert solve._candidates(replace(problem, rules=(part,)), 1) == [0, 1, 2, 5, 7, 8, 9]
    levels = Rule("levels", "", "quota", levels=Levels(marks[None, :], np.arange(12) == 6, 1, None))
    assert solve._candidates(replace(problem, rules=(levels,)), 1) == [0, 1, 2, 6, 7, 8, 9]


def scripted(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> list[Any]:
    """Let the programmes give these answers, one after the other; return what they are asked."""
    asked: list[Any] = []

    def answer(programme: Any, gain: Any, time_limit: float, continuous: Any = ()) -> Any:
        asked.append((gain, time_limit, list(continuous), len(programme.rows)))
        return answers[len(asked) - 1]

    monkeypatch.setattr(solve._Programme, "solve", answer)
    return asked


NO, LATE = (None, -math.inf, True), (None, math.inf, False)


@pytest.mark.parametrize(
    ("answers", "count", "expected"),
    [
        ([((1, 0), 17.0, True), NO], 1, (((0, 1),), 1, False, 17_000, True)),
        ([((0, 1), 17.0004, True), NO], 1, (((0, 1),), 1, False, 17_000, True)),
        ([((0, 1), 17.0006, True), NO], 1, (((0, 1),), 1, False, 17_001, False)),
        ([((0, 1), 16.0, True), NO], 1, (((0, 1),), 1, False, 17_000, True)),
        ([((0, 1), 20.0, False)], 1, (((0, 1),), 1, False, 20_000, False)),
        ([((0, 1), 17.0, False)], 1, (((0, 1),), 1, False, 17_000, False)),
        # A bound that the solver does not give is the sum of the highest scores.
        ([((1, 3), math.inf, True), NO], 1, (((1, 3),), 1, False, 17_000, False)),
        ([((0, 1), math.inf, False)], 1, (((0, 1),), 1, False, 17_000, False)),
        ([NO], 1, ((), 0, False, 0, True)),
        ([LATE], 1, ((), 0, False, 17_000, False)),
        ([((0, 1), 17.0, True), LATE], 1, (((0, 1),), 1, False, 17_000, False)),
        # Two that tie, found in either order; whether there are more was not settled, or was.
        ([((0, 2), 17.0, True), ((0, 1), 17.0, True), LATE], 1, (((0, 1),), 2, True, 17_000, False)),
        ([((0, 2), 17.0, True), ((0, 1), 17.0, True), NO], 1, (((0, 1),), 2, False, 17_000, True)),
        ([((0, 2), 17.0, True), ((0, 1), 17.0, True), ((0, 3), 16.0, True)], 1, (((0, 1),), 2, False, 17_000, True)),
        ([((0, 1), 17.0, True), ((0, 2), 17.0, True), NO], 5, (((0, 1), (0, 2)), 2, False, 17_000, True)),
        ([((0, 1), 17.0, True), ((0, 2), 17.0, False)], 5, (((0, 1), (0, 2)), 2, True, 17_000, True)),
        (
            [((0, 1), 17.0, True), ((0, 3), 16.0, True), ((1, 2), 16.0, True), ((1, 3), 15.0, True)],
            2,
            (((0, 1), (0, 3)), 1, False, 17_000, True),
        ),
    ],
)
def test_answers_of_the_solver_become_sets_bounds_and_proofs(
    answers: list[Any], count: int, expected: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = scripted(monkeypatch, *answers)
    problem = plain([9000, 8000, 8000, 7000], 2)
    found = solve._by_programme(problem, count, 12.5)
    assert (found.sets, found.tied, found.more_tied, found.bound, found.proven) == expected
    assert (found.method, found.compared) == (solve.HIGHS, None)
    assert len(asked) == len(answers)
    assert [rows for *_, rows in asked] == list(range(1, 1 + len(answers)))  # each leaves out those before
    assert all(gain.tolist() == [9, 8, 8, 7] and limit == 12.5 for gain, limit, *_ in asked)


def test_the_highest_scores_bound_every_set() -> None:
    problem = plain([9, 8, 7, 6], 2)
    assert solve._most(problem) == 17
    assert solve._most(replace(problem, banned=frozenset({0, 2}))) == 14


def test_sets_that_tie_are_listed_up_to_a_number() -> None:
    """Fifty beside the one that was asked for; which one comes first is settled all the same."""
    found = best_sets(plain([7] * 60, 1))
    assert (found.sets, found.tied, found.more_tied, found.bound) == (((0,),), 51, True, 7)


def test_an_order_that_is_not_settled_in_time_is_left_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = plain([7] * 5, 2)
    sets = [(3, 4), (1, 2)]
    scripted(monkeypatch, LATE)
    assert solve._in_order(problem, sets, 1, [], 60.0) == sets


def test_ties_in_order_leave_out_what_was_found_before() -> None:
    problem = replace(plain([9, 7, 7, 7, 7, 1], 2), banned=frozenset({2}))
    sets = [(0, 4), (0, 3), (0, 1), (1, 3)]
    assert solve._in_order(problem, sets, 2, [], 60.0) == [(0, 1), (0, 3)]
    assert solve._in_order(problem, sets, 2, [(0, 1)], 60.0) == [(0, 3), (0, 4)]
    better = [(0, 1), (0, 3), (0, 4)]
    lower = [*better, (3, 4), (1, 4)]
    assert solve._in_order(problem, lower, 5, [], 60.0) == [*better, (1, 3), (1, 4)]


def test_ties_in_order_are_of_one_value_to_the_last_unit() -> None:
    """(0, 3) comes before (1, 2) and is worth one unit less."""
    problem = plain([8, 7, 7, 5], 2)
    sets = [(0, 1), (0, 2), (1, 2)]
    assert solve._in_order(problem, sets, 3, [], 60.0) == sets


def test_candidates_are_kept_for_every_set_that_is_asked_for_or_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(solve, "_candidates", lambda problem, places: asked.append(places) or [0, 1, 2, 3])
    problem = plain([9, 7, 5, 3], 2)
    assert solve._by_programme(problem, 3, 60.0).sets == ((0, 1), (0, 2), (0, 3))
    assert solve._by_programme(problem, 2, 60.0, [(0, 1), (0, 3), (2, 3)]).sets == ((0, 2), (1, 2))
    assert asked == [53, 55]


def test_whether_a_design_can_be_met_must_be_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = plain([9, 8, 7], 2)
    asked = scripted(monkeypatch, NO, ((0, 1), 1.0, False), LATE)
    assert not feasible(problem)
    assert feasible(problem, 3.0)
    assert [(gain, limit) for gain, limit, *_ in asked] == [(None, 60.0), (None, 3.0)]
    with pytest.raises(
        LipresearchError, match=r"^Whether any set meets the design could not be settled in the time given\.$"
    ):
        feasible(problem)


def test_the_least_distance_says_how_many_sets_tie() -> None:
    """Of five sites on a line, the largest least distance of three is 2: ends and middle."""
    places = np.array([0, 1, 2, 3, 4])
    line = np.abs(np.subtract.outer(places, places)).astype(np.int64) * 10
    goal = Objective("least distance", 1.0, distance=line, least=True)
    problem = plain([5, 4, 3, 2, 1], 3, goal)
    found = best_sets(problem)
    assert (found.sets, found.tied, found.more_tied, found.bound, found.proven) == (((0, 2, 4),), 1, False, 20, True)
    assert (found.method, found.compared) == (solve.HIGHS, None)
    two = best_sets(replace(problem, size=2), 2)
    assert (two.sets, two.tied, two.bound) == (((0, 4), (0, 3)), 1, 40)
    inner = replace(problem, size=2, banned=frozenset({0}))
    assert best_sets(inner).sets == ((1, 4),)
    square = np.where(np.eye(4) == 1, 0, 10).astype(np.int64)
    same = plain([4, 3, 2, 1], 2, replace(goal, distance=square))
    one = best_sets(same)
    assert (one.sets, one.tied, one.more_tied) == (((0, 1),), 2, True)
    every = best_sets(same, 6)
    assert (len(every.sets), every.tied, every.more_tied) == (6, 6, False)
    near = ~np.eye(4, dtype=bool)
    none = best_sets(replace(same, overlap=near))
    assert (none.sets, none.tied, none.more_tied, none.bound, none.proven) == ((), 0, False, 0, True)


def pair_problem() -> Problem:
    distance = np.array([[0, 10**6, 5, 4], [10**6, 0, 3, 2], [5, 3, 0, 1], [4, 2, 1, 0]], dtype=np.int64)
    return plain([4, 3, 2, 1], 2, Objective("variety", 1.0, 0, 1, 0, distance))


FIRST_PAIR = (((0, 1),), 1, True)


@pytest.mark.parametrize(
    ("answers", "count", "expected"),
    [
        ([((0, 1), 1e6, True)], 1, (*FIRST_PAIR, 10**6, True)),
        ([((0, 1), 1e6 + 1, True)], 1, (*FIRST_PAIR, 10**6, True)),  # within rounding
        ([((0, 1), 1e6 + 1.2, True)], 1, (*FIRST_PAIR, 10**6 + 2, False)),
        ([((0, 1), 1e6 + 9.2, False)], 3, (*FIRST_PAIR, 10**6 + 10, False)),
        ([((0, 1), 5.0, False)], 1, (*FIRST_PAIR, 10**6, False)),
        ([((0, 2), 1e6, True), ((0, 1), 1e6, True)], 2, (((0, 1), (0, 2)), 1, False, 10**6, False)),
        ([((0, 1), 1e6, True), ((0, 2), 5.0, True), NO], 3, (((0, 1), (0, 2)), 1, False, 10**6, True)),
        ([((0, 1), 1e6, True), ((0, 2), 7.0, False)], 3, (((0, 1), (0, 2)), 1, False, 10**6, True)),
        ([NO], 2, ((), 0, False, 0, True)),
    ],
)
def test_answers_for_a_large_roster_become_sets_bounds_and_proofs(
    answers: list[Any], count: int, expected: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = scripted(monkeypatch, *answers)
    found = solve._by_large_programme(pair_problem(), count, 12.5)
    assert (found.sets, found.tied, found.more_tied, found.bound, found.proven) == expected
    assert len(asked) == len(answers)
    gain, limit, continuous, rows = asked[0]
    assert gain.tolist() == [0, 0, 0, 0, 10**6, 5, 4, 3, 2, 1]
    assert (limit, continuous) == (12.5, [4, 5, 6, 7, 8, 9])
    assert rows == 1 + 2 * 6 + 4


def test_what_a_large_roster_is_worth_as_a_programme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores, pairs that may be together, and a deviation a measure, of which only sizes count."""
    near = np.zeros((4, 4), dtype=bool)
    near[0, 1] = near[1, 0] = True
    deviation = np.array([[1, -2], [3, 0], [0, 5], [-1, 0]], dtype=np.int64) * 10**9
    goal = replace(pair_problem().objective, score=3, pair=2, spread=7, deviation=deviation)
    problem = replace(pair_problem(), objective=goal, overlap=near, banned=frozenset({2}))
    asked = scripted(monkeypatch, LATE)
    message = "No set was found in 60 seconds. Allow more time, or take fewer candidates."
    with pytest.raises(LipresearchError, match=f"^{re.escape(message)}$"):
        solve._by_large_programme(problem, 1, 60.0)
    gain, _, continuous, _ = asked[0]
    # The largest number in it is a million.
    assert (gain * 7000).tolist() == pytest.approx([12, 9, 3, 8, 4, -7e9, -7e9])
    assert continuous == [3, 4, 5, 6]


def test_sites_that_do_not_differ_are_all_alike() -> None:
    for goal in (
        Objective("variety", 1.0, 0, 1, 0, np.zeros((4, 4), dtype=np.int64)),
        Objective("representativeness", -1.0, 0, 0, 1, deviation=np.zeros((4, 2), dtype=np.int64)),
    ):
        found = solve._by_large_programme(plain([4, 3, 2, 1], 2, goal), 9, 60.0)
        assert len(found.sets) == found.tied == 6
        assert (found.bound, found.proven, found.more_tied) == (0, True, True)


def test_more_pairs_than_a_programme_can_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 301 sites there are 45,150 pairs; those that are never together count for nothing."""
    n = 301
    near = np.zeros((n, n), dtype=bool)
    near[0, 1:150] = near[1:150, 0] = True
    distance = 5 - 5 * np.eye(n, dtype=np.int64)
    problem = plain([1] * n, 2, Objective("variety", 1.0, 0, 1, 0, distance))
    asked = scripted(monkeypatch, NO)
    message = (
        "A sum of distances over 301 candidates is too large to be solved. Use the objective 'least distance', or "
        "fewer candidates."
    )
    with pytest.raises(LipresearchError, match=f"^{re.escape(message)}$"):
        solve._by_large_programme(replace(problem, overlap=near), 1, 60.0)
    assert asked == []
    near[0, 150] = near[150, 0] = True  # 45,000
    monkeypatch.setattr(solve._Programme, "add_row", lambda *_: None)
    assert solve._by_large_programme(replace(problem, overlap=near), 1, 60.0).sets == ()
    assert len(asked[0][0]) == n + 45_000


def test_the_smallest_conflict_is_looked_for_up_to_a_number_of_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve rules that conflict all together: 4,094 smaller groups, of which two thousand are tried."""
    names = [f"r{k}" for k in range(12)]
    rules = tuple(Rule(name, name, "include", include=0) for name in names)
    problem = replace(plain([3, 2, 1], 2), rules=rules)
    asked: list[tuple[str, ...]] = []

    def answer(part: Problem, time_limit: float) -> bool:
        assert time_limit == 7.0
        asked.append(tuple(rule.rule for rule in part.rules))
        return asked[-1] not in conflicting

    monkeypatch.setattr(solve, "feasible", answer)
    conflicting: list[tuple[str, ...]] = [tuple(names)]
    assert conflict(problem, 7.0) == (tuple(names), False)
    assert len(asked) == 1 + 12 + 2000
    assert asked[0] == ()
    monkeypatch.setattr(solve, "TRIES", 4094)
    assert conflict(problem, 7.0) == (tuple(names), True)
    monkeypatch.setattr(solve, "TRIES", 4093)
    assert conflict(problem, 7.0) == (tuple(names), False)
    # A group may be irreducible, and another smaller.
    few = replace(problem, rules=rules[:4])
    monkeypatch.setattr(solve, "TRIES", 2000)
    conflicting = [("r0", "r1", "r2", "r3"), ("r0", "r1", "r2"), ("r1", "r2", "r3"), ("r0", "r1", "r3"), ("r1", "r3")]
    assert conflict(few, 7.0) == (("r1", "r3"), True)
    conflicting = [()]
    assert conflict(few, 7.0) == ((), True)


def test_without_a_site_to_choose_every_set_is_the_one_that_is_forced() -> None:
    rules = tuple(Rule(f"r{place}", "", "include", include=place) for place in (0, 2))
    goals = [
        Objective("variety", 1.0, 0, 1, 0, np.arange(9, dtype=np.int64).reshape(3, 3) + np.arange(9).reshape(3, 3).T),
        Objective("suitability", 1.0),
    ]
    for goal in goals:
        problem = replace(plain([3, 2, 1], 2, goal), rules=rules)
        found = by_enumeration(problem, 3, -1)
        assert (found.sets, found.tied, found.compared, found.above) == (((0, 2),), 1, 1, 1)
        assert found.bound == problem.value_of((0, 2))
        one = Rule("few", "", "quota", (Part("", np.ones(3, bool), np.ones(3, bool), None, 1),))
        none = by_enumeration(replace(problem, rules=(*rules, one)), 3)
        assert none == Found((), 0, False, 0, True, solve.EVERY, 0)
    for impossible in (
        replace(problem, size=1),
        replace(problem, banned=frozenset({2})),
        replace(problem, size=4),
        replace(problem, overlap=np.array([[False, False, True], [False] * 3, [True, False, False]])),
    ):
        none = by_enumeration(impossible, 3, 0)
        assert none == Found((), 0, False, 0, True, solve.EVERY, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forced", [(), (3,), (0, 5), (1, 4, 6), (2, 3, 5, 7)])
def test_every_set_with_sites_that_must_be_in_by_every_objective(kind: str, forced: tuple[int, ...]) -> None:
    """Also how many sets are worth more than each value that there is, and than one that there is not."""
    rng = np.random.default_rng(len(forced))
    n, size = 9, 4
    matrix = np.triu(rng.integers(1, 9, (n, n)), 1).astype(np.int64)
    deviation = rng.integers(-4, 5, (n, 3)).astype(np.int64)
    goal = {
        "suitability": Objective(kind, 1.0),
        "least distance": Objective(kind, 1.0, distance=matrix + matrix.T, least=True),
        "variety": Objective(kind, 1.0, 0, 1, 0, matrix + matrix.T),
        "representativeness": Objective(kind, -1.0, 0, 0, 1, deviation=deviation),
        "mix": Objective(kind, 1.0, 3, 2, 5, matrix + matrix.T, deviation),
    }[kind]
    near = np.zeros((n, n), dtype=bool)
    near[1, 8] = near[8, 1] = near[0, 2] = near[2, 0] = True
    scores = sorted(rng.integers(0, 9, n).tolist(), reverse=True)
    rules = tuple(Rule(f"r{place}", "", "include", include=place) for place in forced)
    problem = replace(plain(scores, size, goal), rules=rules, overlap=near, banned=frozenset({8}))
    expected = obvious_sets(problem)
    values = [int(obvious_value(problem, chosen)) for chosen in expected]
    for above in {*values, values[0] + 1, values[-1] - 1}:
        found = by_enumeration(problem, 200, above)
        assert list(found.sets) == expected
        assert (found.bound, found.tied, found.compared) == (values[0], values.count(values[0]), len(values))
        assert found.above == sum(value > above for value in values)
    assert by_enumeration(problem).sets == tuple(expected[:1])
    assert by_enumeration(problem).above is None
    assert list(best_sets(problem, 5).sets) == expected[:5]


@pytest.mark.parametrize("off", [0, 1])
def test_what_is_dropped_on_the_way_was_not_among_the_best(off: int) -> None:
    """Eight thousand sets of one value or of two, so that sums of scores decide, which stand in no order."""
    sets = list(itertools.combinations(range(18), 5))
    places = np.array(sets)
    for seed in range(25):
        rng = np.random.default_rng(seed)
        scores, deviation = rng.integers(0, 60, 18), np.zeros((18, 1), dtype=np.int64)
        deviation[rng.integers(0, 18), 0] = off
        goal = Objective("representativeness", -1.0, 0, 0, 1, deviation=deviation)
        values, sums = -deviation[places, 0].sum(axis=1), scores[places].sum(axis=1)
        order = np.lexsort((np.arange(len(sets)), -sums, -values))
        for count in (1, 2, 5):
            found = by_enumeration(plain(scores.tolist(), 5, goal), count)
            assert found.sets == tuple(sets[at] for at in order[:count])
            assert (found.tied, found.compared) == (int((values == values.max()).sum()), len(sets))

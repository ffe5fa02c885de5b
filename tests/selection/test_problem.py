"""A choice in whole numbers: distances and units."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.selection.problem import UNIT, Levels, Objective, Part, Rule, distances, whole
from selection.obvious import frozen, obvious_meets, plain


def test_distances_are_a_weighted_mean_over_what_both_have() -> None:
    points = np.array([[0.0, 0.5, np.nan], [1.0, np.nan, 0.2], [0.0, 0.5, 0.2]])
    weights = np.array([0.5, 0.25, 0.25])
    found = distances(points, weights, 0.5)
    assert found[0, 1] == 1.0  # only the first is shared, with half of the weight
    assert found[0, 2] == 0.0
    assert found[1, 2] == pytest.approx(0.5 / 0.75)
    assert np.isnan(distances(points, weights, 0.6)[0, 1])
    assert (np.diag(found) == 0).all()
    assert np.array_equal(found, found.T)
    # Nothing in common: no distance, not one of 0, even where nothing need be shared.
    assert np.isnan(distances(np.array([[1.0, np.nan], [np.nan, 1.0]]), np.array([0.5, 0.5]), 0.0)[0, 1])


@given(st.lists(st.floats(0, 5), min_size=1, max_size=20))
def test_whole_units_agree_with_the_decimals_of_ties(values: list[float]) -> None:
    assert whole(np.array(values)).tolist() == [int(Fraction(str(round(value, 9))) * UNIT) for value in values]


def test_whole_units_are_rounded_to_the_nearest_and_not_cut() -> None:
    assert UNIT == 1_000_000_000
    given_values = [0.0, 4e-10, 6e-10, 0.1 + 0.2, 1.0, -6e-10, -0.25]
    assert whole(np.array(given_values)).tolist() == [0, 0, 1, 300_000_000, UNIT, -1, -250_000_000]


@pytest.mark.parametrize(
    ("low", "high", "fine"),
    [(None, None, True), (2, None, True), (3, None, False), (None, 3, True), (None, 2, False), (2, 3, True)],
)
def test_a_part_is_met_at_its_bounds_and_not_beyond(low: int | None, high: int | None, fine: bool) -> None:
    """Two members for sure, and one more that is not known."""
    sure = np.array([True, True, False, False])
    part = Part("a", sure, sure | np.array([False, False, True, False]), low, high)
    assert part.met([0, 1, 2]) is fine
    rule = Rule("r", "", "quota", (part,))
    assert rule.met((0, 1, 2)) is fine
    assert replace(plain([4, 3, 2, 1], 3), rules=(rule,)).meets([0, 1, 2]) is fine


@pytest.mark.parametrize(
    ("low", "high", "fine"),
    [(None, None, True), (2, None, True), (3, None, False), (None, 3, True), (None, 2, False), (2, 3, True)],
)
def test_levels_are_met_at_their_bounds_and_not_beyond(low: int | None, high: int | None, fine: bool) -> None:
    """Levels a, a, b, and one site of unknown level: two are there, and perhaps a third."""
    member = np.array([[True, True, False, False, False], [False, False, True, False, False]])
    levels = Levels(member, np.array([False, False, False, True, False]), low, high)
    assert levels.count([0, 1, 2, 3]) == 2
    assert levels.count([4]) == 0
    assert levels.met([0, 1, 2, 3]) is fine
    assert Rule("r", "", "quota", levels=levels).met([0, 1, 2, 3]) is fine


def test_each_demand_of_a_rule_counts() -> None:
    apart = np.zeros((3, 3), dtype=bool)
    apart[0, 1] = apart[1, 0] = True
    assert not Rule("r", "", "apart", apart=apart).met([0, 1])
    assert Rule("r", "", "apart", apart=apart).met([0, 2])
    assert Rule("r", "", "include", include=0).met([0, 2])
    assert not Rule("r", "", "include", include=0).met([1, 2])
    all_of_them = np.ones(3, dtype=bool)
    kept, broken = Part("", all_of_them, all_of_them, 1, None), Part("", all_of_them, all_of_them, None, 1)
    assert not Rule("r", "", "quota", (kept, broken)).met([0, 1])
    assert Rule("r", "", "quota").met([0, 1])


def test_a_set_of_another_size_with_a_site_twice_or_a_banned_one_meets_nothing() -> None:
    problem = replace(plain([4, 3, 2, 1], 2), banned=frozenset({3}))
    found = {chosen: problem.meets(chosen) for chosen in [(0, 1), (1, 0), (0, 0), (0,), (0, 1, 2), (0, 0, 1), (0, 3)]}
    assert [chosen for chosen, meets in found.items() if meets] == [(0, 1), (1, 0)]
    overlap = np.zeros((4, 4), dtype=bool)
    overlap[0, 1] = overlap[1, 0] = True
    assert not replace(problem, overlap=overlap).meets([0, 1])
    assert replace(problem, overlap=overlap).meets([0, 2])


def test_a_problem_without_a_rule_or_a_site_is_another() -> None:
    first, second = Rule("a", "", "include", include=2), Rule("b", "", "include", include=0)
    problem = replace(plain([4, 3, 2, 1], 2), rules=(first, second, replace(first, rule="c")))
    assert problem.forced == (0, 2)
    assert [rule.rule for rule in problem.without_rule("a").rules] == ["b", "c"]
    assert [rule.rule for rule in problem.only_rules(["c", "a"]).rules] == ["a", "c"]
    assert problem.only_rules(()).rules == ()
    assert problem.without_rule("b").forced == (2,)
    assert problem.without_site(1).without_site(3).banned == {1, 3}
    assert problem.banned == frozenset()
    apart = problem.apart
    apart[:] = True  # a copy
    assert not problem.overlap.any()


def test_what_sets_are_worth_by_hand() -> None:
    distance = np.array([[0, 5, 7], [5, 0, 2], [7, 2, 0]], dtype=np.int64)
    deviation = np.array([[3, -1], [-4, -1], [2, 5]], dtype=np.int64)
    goals = {
        "suitability": (Objective("suitability", 1.0), 60, True),
        "least distance": (Objective("least distance", 1.0, distance=distance, least=True), 2, False),
        "variety": (Objective("variety", 1.0, 0, 1, 0, distance), 14, False),
        "representativeness": (Objective("representativeness", -2.0, 0, 0, 1, deviation=deviation), -4, False),
        "mix": (Objective("mix", 4.0, 3, 2, 5, distance, deviation), 3 * 60 + 2 * 14 - 5 * 4, False),
    }
    for goal, worth, linear in goals.values():
        problem = plain([30, 20, 10], 3, goal)
        for order in itertools.permutations(range(3)):
            assert problem.value_of(order) == worth
            assert problem.key(order) == (-worth, -60, (0, 1, 2))
        assert goal.linear is linear
    assert plain([30, 20, 10], 2, goals["representativeness"][0]).value_of((0, 2)) == -9
    assert goals["representativeness"][0].read(-9) == 4.5
    assert str(goals["representativeness"][0].read(0)) == "0.0"
    assert goals["mix"][0].read(188) == 47.0


def test_sites_that_share_just_enough_are_compared() -> None:
    points = np.array([[0.0, 1.0, np.nan], [1.0, np.nan, np.nan]])
    weights = np.array([2.0, 1.0, 1.0])  # of a sum of 4, as only proportions count
    assert distances(points, weights, 0.5)[0, 1] == 1.0
    assert distances(points, weights, 0.5 + 1e-10)[0, 1] == 1.0  # within rounding
    assert np.isnan(distances(points, weights, 0.5 + 1e-8)[0, 1])
    # A criterion of no weight makes nothing comparable.
    assert np.isnan(distances(points, np.array([0.0, 1.0, 0.0]), 0.0)[0, 1])


def test_problems_are_frozen_and_compared_by_identity() -> None:
    marks = np.array([True, False])
    problem = plain([2, 1], 1)
    things = (Part("a", marks, marks, 1, None), Levels(marks[None, :], marks, 1, None), Rule("r", "", "quota"))
    for thing in (*things, Objective("suitability", 1.0), problem):
        assert frozen(thing, by_identity=True)


def test_what_an_objective_is_unless_said_otherwise() -> None:
    plainly = Objective("suitability", 1.0)
    assert (plainly.score, plainly.pair, plainly.spread, plainly.least) == (1, 0, 0, False)
    assert (plainly.distance, plainly.deviation, plainly.linear) == (None, None, True)
    for given_ in ({"pair": 1}, {"spread": 1}, {"least": True}):
        assert not Objective("mix", 1.0, **given_).linear  # type: ignore[arg-type]
    rule = Rule("r", "label", "quota")
    assert (rule.parts, rule.levels, rule.apart, rule.include, rule.offers) == ((), None, None, None, "")


def test_the_distance_of_a_site_from_itself_plays_no_part() -> None:
    distance = np.array([[-99, 5, 7], [5, 99, 2], [7, 2, -99]], dtype=np.int64)
    for goal, worth in (
        (Objective("variety", 1.0, 0, 1, 0, distance), 14),
        (Objective("least distance", 1.0, distance=distance, least=True), 2),
        (Objective("mix", 1.0, 1, 3, 0, distance), 60 + 42),
    ):
        assert plain([30, 20, 10], 3, goal).value_of((2, 0, 1)) == worth


def demands() -> list[Rule]:
    level = np.array(["a", "a", "b", "c", "", "b"])
    member = np.array([level == name for name in "abc"])
    near = np.zeros((6, 6), dtype=bool)
    near[0, 3] = near[3, 0] = near[1, 5] = near[5, 1] = True
    rules = [Rule("in", "", "include", include=2), Rule("near", "", "apart", apart=near)]
    for low, high in itertools.product((None, 0, 1, 2, 3), (None, 0, 1, 2, 3)):
        part = Part("a", level == "a", (level == "a") | (level == ""), low, high)
        rules.append(Rule(f"part {low} {high}", "", "quota", (part,)))
        rules.append(Rule(f"levels {low} {high}", "", "quota", levels=Levels(member, level == "", low, high)))
    return rules


@pytest.mark.parametrize("rule", demands(), ids=lambda rule: rule.rule)
def test_every_set_and_every_last_site_against_counting(rule: Rule) -> None:
    """All sets of three, and all beginnings of two, twice the same site and a banned one among them."""
    overlap = np.zeros((6, 6), dtype=bool)
    overlap[0, 1] = overlap[1, 0] = True
    last = Rule("last", "", "include", include=4)
    problem = replace(plain([6, 5, 4, 3, 2, 1], 3), overlap=overlap, rules=(rule,), banned=frozenset({5}))
    for asked in (problem, replace(problem, rules=(last, rule)), replace(problem, rules=(rule,), banned=frozenset())):
        for rest in itertools.product(range(6), repeat=2):
            sets = [(*rest, place) for place in range(6)]
            fits = [len(set(chosen)) == 3 and obvious_meets(asked, chosen) for chosen in sets]
            assert [asked.meets(chosen) for chosen in sets] == fits
            assert asked.fits_with(rest).tolist() == fits
        for rest in ((), (0,), (0, 2, 3), (2, 2, 3)):
            assert not asked.fits_with(rest).any()


def test_distances_by_the_definition() -> None:
    rng = np.random.default_rng(3)
    points = np.where(rng.random((7, 4)) < 0.4, np.nan, rng.random((7, 4)))
    weights = np.array([0.4, 0.3, 0.2, 0.0])
    found = distances(points, weights, 0.5)
    for i, j in itertools.product(range(7), repeat=2):
        both = [c for c in range(4) if not np.isnan(points[i, c]) and not np.isnan(points[j, c])]
        shared = sum(weights[c] for c in both)
        if i == j:
            assert found[i, j] == 0
        elif shared < 0.45:
            assert np.isnan(found[i, j])
        else:
            expected = sum(weights[c] * abs(points[i, c] - points[j, c]) for c in both) / shared
            assert found[i, j] == pytest.approx(expected, abs=1e-12)
    assert np.isnan(found).any()

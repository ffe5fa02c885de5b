"""How often a site is in an optimal set: every draw against looking at all sets, and what is refused."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import lipresearch as lip
from lipresearch import notebook
from lipresearch.errors import InputError
from lipresearch.ranking import Ranking
from lipresearch.selection import Selection, core, core_index, solve
from lipresearch.selection.core import _arrays, _by_programme, _reordered, _search, _shares
from lipresearch.selection.problem import UNIT, Levels, Part, Problem, Rule
from selection.obvious import FEW, frozen, obvious_sets, plain, problems
from selection.test_choose import SMALL, best_of, every_set


def draws(ranking: Ranking, count: int) -> tuple[list[str], Any]:
    """Return scores under random weights, drawn evenly from all weightings."""
    points = ranking.contributions.pivot(index="site", columns="criterion", values="points").fillna(0)
    weights = np.random.default_rng(2010).dirichlet(np.ones(points.shape[1]), count)
    return list(points.index), weights @ points.to_numpy().T


def test_the_core_index_solves_every_draw(selection: Selection, health: Ranking, types: pd.DataFrame) -> None:
    sites, scores = draws(health, 60)
    index = core_index(selection, sites, scores)
    assert index.draws == 60
    assert index.table["share"].sum() == pytest.approx(6)
    one = core_index(selection, sites, scores, workers=1)
    pd.testing.assert_frame_equal(index.table, one.table)
    # Against looking at every set, in the first draws.
    groups = types["field_study_group"]
    held = pd.Series(0.0, index=sites)
    few = core_index(selection, sites, scores[:2])
    for row in scores[:2]:
        frame = health.table.assign(score=health.table["site"].map(dict(zip(sites, row, strict=True))))
        fake = replace(health, _table=frame[frame["status"] == "ranked"])
        sets = every_set(fake, types)
        for site in max(sets, key=lambda s: sets[s]):
            held[site] += 1 / 2
    assert few.table.set_index("site")["share"].to_dict() == pytest.approx(
        held.loc[few.table["site"]].to_dict(), abs=1e-9
    )
    assert set(groups) >= {"Greater Toronto"}
    always = core_index(selection, sites, np.tile(scores[:1], (20, 1)))
    assert always.table["class"].value_counts().to_dict() == {"out": len(selection.candidates) - 6, "core": 6}
    assert always.sets == 1
    assert "6 core, 0 borderline" in repr(always)
    assert notebook.core_table(index)["Class"].isin(["core", "borderline", "out"]).all()


def test_ties_in_a_draw_are_shared_fairly(selection: Selection, health: Ranking) -> None:
    sites, _ = draws(health, 1)
    index = core_index(selection, sites, np.full((2, len(sites)), 0.5))
    assert index.tied_draws == 2
    assert index.sets == 0
    assert index.table["share"].sum() == pytest.approx(6)
    lonely = index.table.set_index("site").loc[["hamilton", "ottawa", "waterloo"], "share"]
    assert len(set(lonely)) == 1
    assert index.recommended == 1.0


def test_the_core_index_of_drawn_weights_and_evidence(selection: Selection, health: Ranking) -> None:
    drawn = lip.sample_scores(health, draws=40, seed=1)
    index = lip.core_index(selection, drawn)
    pd.testing.assert_frame_equal(index.table, core_index(selection, drawn.sites, drawn.scores).table)
    with pytest.raises(InputError, match="The selection is over 1 rankings, and draws were given for 2"):
        lip.core_index(selection, [drawn, drawn])


def test_the_core_index_of_a_shared_design_adds_the_clusters(measures: pd.DataFrame, health: Ranking) -> None:
    labour = lip.rank_sites(measures, lip.load_cluster("labour"))
    design = replace(SMALL, clusters=("health", "labour"), cluster_weights=(2.0, 1.0))
    found = lip.choose_sites([labour, health], design)
    drawn = [lip.sample_scores(ranking, draws=30, seed=1) for ranking in found.rankings]
    index = lip.core_index(found, drawn)
    frames = [pd.DataFrame(one.scores, columns=list(one.sites)) for one in drawn]
    total = (2 * frames[0]).add(frames[1], fill_value=0)
    pd.testing.assert_frame_equal(index.table, core_index(found, list(total.columns), total.to_numpy()).table)
    with pytest.raises(InputError, match="The draws are of other sites than the ranking for"):
        lip.core_index(found, drawn[::-1])
    with pytest.raises(InputError, match="Give as many draws for each ranking"):
        lip.core_index(found, [drawn[0], lip.sample_scores(labour, draws=31, seed=1)])


def test_wrong_draws_are_refused(selection: Selection, health: Ranking) -> None:
    sites, scores = draws(health, 2)
    cases: list[tuple[Any, str]] = [
        (lambda: core_index(selection, sites[1:], scores), "a column for each of the 37 sites"),
        (lambda: core_index(selection, sites, scores[:0]), "Scores must have one row a draw"),
        (lambda: core_index(selection, [*sites[1:], sites[1]], scores), "A site has two columns"),
        (lambda: core_index(selection, sites, scores * np.nan), "A drawn score of a candidate is missing or inf"),
        (
            lambda: core_index(selection, sites, scores, core=0.1, out=0.2),
            "must be 0 <= out < core <= 1, not out 0.2",
        ),
        (lambda: core_index(selection, sites, scores, workers=0), "The number of workers must be 1 or more, not 0"),
    ]
    for call, message in cases:
        with pytest.raises(InputError, match=message):
            call()
    with pytest.raises(InputError, match="The draws have no scores for york, which can be chosen"):
        core_index(selection, [site for site in sites if site != "york"], scores[:, : len(sites) - 1])
    other = lip.choose_sites(health, replace(SMALL, objective="variety"))
    with pytest.raises(InputError, match="needs a selection by suitability, not by variety: only scores are drawn"):
        core_index(other, sites, scores)


@FEW
@given(problems())
def test_the_core_index_is_the_share_of_the_best_sets_that_hold_a_site(problem: Problem) -> None:
    if not obvious_sets(problem):
        return
    rng = np.random.default_rng(len(problem.sites))
    drawn = rng.integers(0, 4, (5, len(problem.sites))).astype(np.int64)
    shares, ties, bests = _shares(problem, drawn, 2)
    again = _shares(problem, drawn, 1)
    assert all((a == b).all() for a, b in zip((shares, ties, bests), again, strict=True))
    for row, scores in enumerate(drawn):
        values = {s: sum(int(scores[i]) for i in s) for s in obvious_sets(problem)}
        best = max(values.values())
        optimal = [s for s, value in values.items() if value == best]
        assert (bests[row], ties[row]) == (best, len(optimal))
        for place in range(len(problem.sites)):
            assert shares[row, place] == pytest.approx(sum(place in s for s in optimal) / len(optimal), abs=1e-12)


@settings(max_examples=25)
@given(problems())
def test_the_core_index_falls_back_on_integer_programming(problem: Problem) -> None:
    if not obvious_sets(problem):
        return
    scores = np.random.default_rng(3).permutation(len(problem.sites)).astype(np.int64) * 1000
    held, number, best = _by_programme(problem, scores)
    values = {s: sum(int(scores[i]) for i in s) for s in obvious_sets(problem)}
    optimal = [s for s, value in values.items() if value == max(values.values())]
    assert (number, best) == (len(optimal), max(values.values()))
    assert held.tolist() == [sum(place in s for s in optimal) for place in range(len(problem.sites))]


def searched(problem: Problem, scores: list[int], steps: int = 10_000) -> tuple[list[int], int, int]:
    """Return what the search finds, without compiling it; it must have come to its end."""
    drawn = np.array(scores, dtype=np.int64)
    order = np.argsort(-drawn, kind="stable")
    held, number, best, finished = _search(drawn[order], order, *_arrays(problem), problem.size, steps)
    assert finished
    return held.tolist(), int(number), int(best)


#: What a search returns that finds no set.
NOTHING = ([0] * 5, 0, np.iinfo(np.int64).min)


def test_the_search_by_hand() -> None:
    assert searched(plain([0] * 4, 2), [5, 3, 3, 1]) == ([2, 1, 1, 0], 2, 8)
    # Scores of nothing, and below nothing, are scores.
    assert searched(plain([0] * 4, 2), [0, 0, 0, 0]) == ([3, 3, 3, 3], 6, 0)
    assert searched(plain([0] * 4, 2), [-1, -2, -2, -9]) == ([2, 1, 1, 0], 2, -3)
    assert searched(plain([0] * 3, 3), [1, 1, 1]) == ([1, 1, 1], 1, 3)
    assert searched(plain([0] * 3, 1), [1, 4, 4]) == ([0, 1, 1], 2, 4)


def test_the_search_keeps_every_rule() -> None:
    marked = np.array([True, True, False, False, True])
    scores = [9, 8, 4, 3, 1]
    for low, high, expected in (
        (None, 1, ([1, 0, 1, 1, 0], 1, 16)),
        (None, 0, None),
        (2, None, ([1, 1, 1, 0, 0], 1, 21)),
        (3, None, ([1, 1, 0, 0, 1], 1, 18)),
        (1, 1, ([1, 0, 1, 1, 0], 1, 16)),
    ):
        rule = Rule("r", "", "quota", (Part("a", marked, marked, low, high),))
        found = searched(replace(plain([0] * 5, 3), rules=(rule,)), scores)
        assert found == (expected or NOTHING)
    apart = np.zeros((5, 5), dtype=bool)
    apart[0, 1] = apart[1, 0] = True
    assert searched(replace(plain([0] * 5, 3), overlap=apart), scores) == ([1, 0, 1, 1, 0], 1, 16)
    forced = Rule("in", "", "include", include=4)
    assert searched(replace(plain([0] * 5, 3), rules=(forced,)), scores) == ([1, 1, 0, 0, 1], 1, 18)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, ([1, 1, 1, 0, 0], 1, 21)),
        (2, None, ([1, 1, 1, 0, 0], 1, 21)),
        (3, None, ([1, 1, 0, 1, 0], 1, 20)),
        (None, 3, ([1, 1, 1, 0, 0], 1, 21)),
        (None, 2, ([1, 1, 0, 0, 1], 1, 18)),  # what is not known could be a third level
        (None, 1, NOTHING),
        (4, None, NOTHING),
    ],
)
def test_the_search_counts_levels_and_what_is_not_known(
    low: int | None, high: int | None, expected: tuple[list[int], int, int]
) -> None:
    problem = replace(plain([0] * 5, 3), rules=(levels_of(["a", "b", "", "c", "a"], low, high),))
    assert searched(problem, [9, 8, 4, 3, 1]) == expected


def levels_of(values: list[str], low: int | None, high: int | None) -> Rule:
    level = np.array(values)
    member = np.array([level == name for name in sorted(set(values) - {""})])
    return Rule("".join(values), "", "quota", levels=Levels(member, level == "", low, high))


def test_every_group_of_levels_has_its_own_bounds() -> None:
    first, second = levels_of(["a", "b", "", "c", "a"], None, 2), levels_of(["x", "x", "y", "y", ""], 2, None)
    for rules in ((first, second), (second, first)):
        problem = replace(plain([0] * 5, 3), rules=rules)
        assert searched(problem, [9, 8, 4, 3, 1]) == ([1, 0, 1, 0, 1], 1, 14)


def test_a_search_that_takes_too_long_says_so() -> None:
    problem = plain([0] * 12, 4)
    drawn = np.ones(12, dtype=np.int64)  # every set ties, so every one is visited
    arrays = _arrays(problem)
    results = [_search(drawn, np.arange(12), *arrays, 4, steps)[3] for steps in (1, 10, 100_000)]
    assert results == [False, False, True]


def test_thresholds_belong_to_the_classes_that_they_bound(selection: Selection, health: Ranking) -> None:
    """A site in half of the draws: core from 0.5 on, out up to 0.5, borderline between."""
    sites, scores = draws(health, 1)
    chosen = list(selection.sites)
    low = scores.copy()
    low[0, [sites.index(site) for site in chosen]] = 0.0
    high = np.zeros_like(scores)
    high[0, [sites.index(site) for site in chosen]] = 1.0
    both = np.vstack([high, low])
    found = core_index(selection, sites, both)
    table = found.table.set_index("site")
    assert (table.loc[chosen, "share"] == 0.5).all()
    assert table.loc[chosen, "chosen"].all()
    assert table["chosen"].sum() == 6
    assert (found.draws, found.core, found.out, found.recommended) == (2, 0.95, 0.05, 0.5)
    assert (table.loc[chosen, "class"] == "borderline").all()
    classes = {
        (core, out): set(
            core_index(selection, sites, both, core=core, out=out).table.set_index("site").loc[chosen, "class"]
        )
        for core, out in ((0.5, 0.0), (0.500001, 0.0), (1.0, 0.5), (1.0, 0.499999))
    }
    assert classes == {
        (0.5, 0.0): {"core"},
        (0.500001, 0.0): {"borderline"},
        (1.0, 0.5): {"out"},
        (1.0, 0.499999): {"borderline"},
    }
    assert found.about == f"{selection.design.label}; {health.cluster.title}"
    order = found.table
    again = order.sort_values(["share", "name", "site"], ascending=[False, True, True], ignore_index=True)
    pd.testing.assert_frame_equal(order, again)
    frame = found.table
    frame["site"] = "changed"
    assert found.table["site"].tolist() == order["site"].tolist()


@pytest.mark.parametrize(("core", "out"), [(0.5, 0.5), (0.4, 0.5), (1.01, 0.1), (0.9, -0.01)])
def test_thresholds_that_cross_or_leave_the_scale_are_refused(core: float, out: float, selection: Selection) -> None:
    message = rf"^The thresholds must be 0 <= out < core <= 1, not out {out:g} and core {core:g}\.$"
    with pytest.raises(InputError, match=message):
        core_index(selection, [], [], core=core, out=out)


@settings(max_examples=8)
@given(problems())
def test_a_draw_that_the_search_leaves_is_solved_by_programme(problem: Problem) -> None:
    if not obvious_sets(problem):
        return
    drawn = np.random.default_rng(5).permutation(len(problem.sites)).astype(np.int64)[None, :] * UNIT // 1000
    expected = _shares(problem, drawn, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lipresearch.selection.core.STEPS", 0)
        found = _shares(problem, drawn, 1)
    assert all((one == other).all() for one, other in zip(found, expected, strict=True))


# ---- the search, step by step ----------------------------------------------------------------------------


def obvious_steps(problem: Problem, drawn: list[int]) -> int:
    """Return how many sites a search tries that gives up where its bound, written out here, falls below the best."""
    order = sorted((p for p in range(len(drawn)) if p not in problem.banned), key=lambda place: (-drawn[place], place))
    minima = [(part.sure, part.minimum) for rule in problem.rules for part in rule.parts if part.minimum is not None]
    maxima = [(p.possible, p.maximum) for rule in problem.rules for p in rule.parts if p.maximum is not None]
    forced = {rule.include for rule in problem.rules if rule.include is not None}
    if forced:
        minima.append((np.isin(np.arange(len(drawn)), list(forced)), len(forced)))
    steps, best = 0, -math.inf

    def worth_going(first: int, chosen: list[int]) -> bool:
        following, rest = order[first:], problem.size - len(chosen)
        start = sum(drawn[place] for place in chosen)
        if len(following) < rest or start + sum(drawn[place] for place in following[:rest]) < best:
            return False
        for member, minimum in minima:
            need = minimum - sum(bool(member[place]) for place in chosen)
            those = [place for place in following if member[place]]
            if need > 0 and (
                need > rest
                or len(those) < need
                or start + sum(drawn[p] for p in [*those[:need], *following[: rest - need]]) < best
            ):
                return False
        return True

    def go_on(first: int, chosen: list[int]) -> None:
        nonlocal steps, best
        if len(chosen) == problem.size:
            if problem.meets(chosen):
                best = max(best, sum(drawn[place] for place in chosen))
            return
        while worth_going(first, chosen):
            steps += 1
            here = [*chosen, order[first]]
            near = any(problem.apart[order[first], place] for place in chosen)
            full = any(sum(bool(member[place]) for place in here) > maximum for member, maximum in maxima)
            if not near and not full:
                go_on(first + 1, here)
            first += 1

    go_on(0, [])
    return steps


@settings(max_examples=40)
@given(problems())
def test_the_search_tries_no_site_that_its_bound_passes_over(problem: Problem) -> None:
    drawn = np.random.default_rng(len(problem.rules)).integers(0, 9, len(problem.sites)).astype(np.int64)
    free = np.array([place for place in range(len(drawn)) if place not in problem.banned])
    order = free[np.argsort(-drawn[free], kind="stable")]
    steps = obvious_steps(problem, drawn.tolist())
    arrays = _arrays(problem)
    done = [_search(drawn[order], order, *arrays, problem.size, most)[3] for most in (steps, steps - 1)]
    assert done == [True, steps == 0]


def test_rules_as_arrays() -> None:
    level = np.array(["a", "b", "b", ""])
    member = np.array([level == name for name in "ab"])
    near = np.zeros((4, 4), dtype=bool)
    near[0, 3] = near[3, 0] = True
    sure = np.array([True, True, False, True])
    problem = replace(
        plain([9, 8, 7, 6], 2),
        rules=(
            Rule("part", "", "quota", (Part("", sure, np.ones(4, dtype=bool), 1, 2),)),
            Rule("levels", "", "quota", levels=Levels(member, level == "", 2, None)),
            Rule("in", "", "include", include=3),
            Rule("more", "", "quota", levels=Levels(member[:1], level == "b", None, 3)),
            Rule("too", "", "include", include=1),
            Rule("km", "", "apart", apart=near),
        ),
    )
    columns, low, high, group, unknown, least, most, apart = _arrays(problem)
    assert columns.T.tolist() == [
        [0, 0, 0, 0],
        [1, 1, 0, 1],
        [1, 1, 1, 1],
        [1, 0, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 0, 1],
        [1, 0, 0, 0],
        [0, 1, 1, 0],
        [0, 1, 0, 1],
    ]
    assert low.tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 2]
    assert high.tolist() == [2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert [np.flatnonzero(group == g).tolist() for g in range(2)] == [[3, 4], [6]]
    assert (unknown.tolist(), least.tolist(), most.tolist()) == ([5, 7], [2, 0], [4, 3])
    assert apart.tolist() == near.tolist()
    bare = _arrays(plain([3, 2, 1], 2))
    assert [bare[at].tolist() for at in range(7)] == [[[0]] * 3, [0], [2], [0], [], [], []]


def test_a_search_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(core, "compiled", lambda function: made.append(function) or function)
    core._compiled.cache_clear()
    try:
        assert core._compiled() is core._compiled() is _search
        assert made == [_search]
    finally:
        core._compiled.cache_clear()


@FEW
@given(problems())
def test_candidates_in_another_order_meet_the_same_rules(problem: Problem) -> None:
    scores = np.random.default_rng(1).permutation(len(problem.sites)).astype(np.int64)
    order = np.argsort(-scores, kind="stable")
    moved = _reordered(problem, order, scores, {int(place): at for at, place in enumerate(order)})
    assert moved.sites == tuple(problem.sites[place] for place in order)
    assert moved.scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert (moved.objective.kind, moved.objective.linear) == ("suitability", True)
    back = {tuple(sorted(int(order[place]) for place in chosen)) for chosen in obvious_sets(moved)}
    assert back == set(obvious_sets(problem))


def test_ties_found_by_programme_are_counted_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = plain([0] * 5, 2)
    scores = np.array([1, 3, 3, 3, 0], dtype=np.int64)
    held, number, best = _by_programme(problem, scores)
    assert (held.tolist(), number, best) == ([0, 2, 2, 2, 0], 3, 6)
    monkeypatch.setattr(solve, "TIES", 2)
    held, number, best = _by_programme(problem, scores)
    assert (held.tolist(), number, best) == ([0, 2, 1, 1, 0], 2, 6)


# ---- the table, by hand ----------------------------------------------------------------------------------


def by_hand(**changed: Any) -> Selection:
    ranking: Any = SimpleNamespace(cluster=SimpleNamespace(title="Health"))
    other: Any = SimpleNamespace(cluster=SimpleNamespace(title="Work"))
    return best_of(plain([9, 8, 7, 6, 5, 4, 3], 2), rankings=(ranking, other), **changed)


#: Four draws over the sites s00 to s06 (Oak, Elm, Ash, Yew, Fir, Elm, Bay) and one that is no candidate.
DRAWN = [
    [0.9, 0.8, 0.1, 0.1, 0.1, 0.1, 0.1, 1.0],  # Oak and the first Elm
    [0.9, 0.1, 0.8, 0.1, 0.1, 0.1, 0.1, np.nan],  # Oak and Ash
    [0.9, 0.8, 0.1, 0.1, 0.1, 0.1, 0.1, np.inf],  # as at first
    [0.9, 0.8, 0.1, 0.1, 0.1, 0.8, 0.1, -1.0],  # Oak and either Elm
]
SITES = [*(f"s{k:02}" for k in range(7)), "elsewhere"]


def test_the_core_index_by_hand() -> None:
    found = core_index(by_hand(), SITES, DRAWN)
    assert list(found.table.itertuples(name=None)) == [
        (0, "s00", "Oak", 1.0, "core", True),
        (1, "s01", "Elm", 0.625, "borderline", True),
        (2, "s02", "Ash", 0.25, "borderline", False),
        (3, "s05", "Elm", 0.125, "borderline", False),
        (4, "s06", "Bay", 0.0, "out", False),
        (5, "s04", "Fir", 0.0, "out", False),
        (6, "s03", "Yew", 0.0, "out", False),
    ]
    assert (found.draws, found.tied_draws, found.sets, found.recommended) == (4, 1, 2, 0.75)
    assert found.about == "Small; Health; Work"
    assert repr(found) == "Core index over 4 draws: 1 core, 3 borderline, 3 out. See .table."
    assert repr(replace(found, draws=10_000)).startswith("Core index over 10,000 draws: ")
    assert frozen(found, by_identity=True)
    mixed = [SITES.index(site) for site in sorted(SITES, reverse=True)]
    again = core_index(by_hand(), [SITES[at] for at in mixed], np.array(DRAWN)[:, mixed], workers=3)
    pd.testing.assert_frame_equal(again.table, found.table)
    # Equal shares of sites with one name stand by their ids.
    order = core_index(by_hand(), SITES, np.ones((1, 8))).table
    assert order["share"].tolist() == pytest.approx([2 / 7] * 7)
    assert order["site"].tolist() == ["s02", "s06", "s01", "s05", "s04", "s00", "s03"]


def test_a_share_at_a_threshold_is_within_rounding() -> None:
    kind = core_index(by_hand(), SITES, DRAWN, core=0.625 + 5e-13, out=0.125 - 5e-13).table.set_index("site")["class"]
    assert kind[["s01", "s02", "s05"]].tolist() == ["core", "borderline", "out"]
    kind = core_index(by_hand(), SITES, DRAWN, core=0.625 + 5e-12, out=0.125 - 5e-12).table.set_index("site")["class"]
    assert kind[["s01", "s02", "s05"]].tolist() == ["borderline"] * 3
    whole = core_index(by_hand(), SITES, DRAWN, core=1, out=0).table.set_index("site")["class"]
    assert whole[["s00", "s01", "s03"]].tolist() == ["core", "borderline", "out"]


@pytest.mark.parametrize(
    ("sites", "scores", "message"),
    [
        (SITES, [0.5] * 8, "Scores must have one row a draw and a column for each of the 8 sites."),
        (SITES, [[[0.5] * 8] * 8], "Scores must have one row a draw and a column for each of the 8 sites."),
        (SITES, [[0.5] * 7], "Scores must have one row a draw and a column for each of the 8 sites."),
        (SITES[:1] + SITES[:7], [[0.5] * 8], "A site has two columns of scores."),
        (
            ["s04", "elsewhere"],
            [[0.5] * 2],
            "The draws have no scores for s00, s01, s02, s03, s05, which can be chosen.",
        ),
        (SITES, [[0.5] * 8, [0.5, math.inf, *[0.5] * 6]], "A drawn score of a candidate is missing or infinite."),
    ],
)
def test_draws_of_another_form_are_refused(sites: list[str], scores: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        core_index(by_hand(), sites, scores)


def test_draws_are_shared_among_the_workers() -> None:
    problem = replace(plain([9, 8, 7, 6], 2), banned=frozenset({1}))
    drawn = np.array(list(itertools.permutations([4, 3, 2, 1])), dtype=np.int64)
    for workers in (1, 2, 5):
        shares, ties, bests = _shares(problem, drawn, workers)
        for row, mine, best in zip(shares, drawn, bests, strict=True):
            top = sorted((0, 2, 3), key=lambda place: -mine[place])[:2]
            assert np.flatnonzero(row).tolist() == sorted(top)
            assert best == mine[top].sum()
        assert (ties == 1).all()

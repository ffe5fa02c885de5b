"""Ranking: what must hold for any sites, a slow second ranking in exact fractions, published ranks, a peer."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import math
import random as random_module
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lipresearch.design import Cluster
from lipresearch.errors import InputError
from lipresearch.ranking import (
    CONTRIBUTIONS,
    TABLE,
    TIE,
    Ranking,
    compare_perspectives,
    competition_ranks,
    normalise,
    rank_range,
    rank_sites,
    reweigh,
)

PUBLISHED = Path(__file__).resolve().parent / "published"
NAN, INF = math.nan, math.inf
several = settings(max_examples=20)
few = settings(max_examples=12)


# ---- small worlds to rank -----------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A criterion: weight is a whole number, to be divided by the sum of all."""

    weight: int
    worst: float
    best: float
    scale: str = "linear"


@dataclass(frozen=True)
class Cell:
    """What is known of a site under a criterion, in steps from the worst goalpost (0) to the best (10)."""

    step: int | None
    low: int | None
    high: int | None
    grade: str = ""
    reason: str = ""


@dataclass(frozen=True)
class World:
    rules: tuple[Rule, ...]
    sites: tuple[tuple[Cell, ...], ...]
    minimum: Fraction = Fraction(0)


STEPS = 10
GONE = Cell(None, None, None, "", "not published")


def value_at(rule: Rule, step: int | None) -> float:
    """Return the value that lies so many steps from the worst to the best goalpost (beyond them if outside)."""
    if step is None:
        return NAN
    if rule.scale == "log":
        return rule.worst * (rule.best / rule.worst) ** (step / STEPS)
    return rule.worst + (rule.best - rule.worst) * step / STEPS


def cluster_of(world: World) -> Cluster:
    total = sum(rule.weight for rule in world.rules)
    criteria = pd.DataFrame(
        [
            {
                "criterion": f"c{place}",
                "factor": f"f{place % 2}",
                "label": f"Criterion {place}",
                "label_fr": f"Critère {place}",
                "measure": f"m{place}",
                "direction": "higher" if rule.best > rule.worst else "lower",
                "worst": rule.worst,
                "best": rule.best,
                "scale": rule.scale,
                "weight": rule.weight / total,
                "rationale": "for the test",
            }
            for place, rule in enumerate(world.rules)
        ]
    ).set_index("criterion")
    return make_cluster(criteria, float(world.minimum))


def make_cluster(criteria: pd.DataFrame, minimum: float = 0.0) -> Cluster:
    return Cluster(
        cluster="test",
        number=9,
        title="Test",
        title_fr="Essai",
        question="Which?",
        perspective="plain",
        perspective_label="Plain",
        stance="none",
        weight_basis="equal",
        perspectives=("plain",),
        minimum_coverage=minimum,
        _criteria=criteria,
        _factors=pd.DataFrame(),
        _quotas=pd.DataFrame(),
    )


def site_name(place: int) -> str:
    return f"s{place:02d}"


def measures_of(world: World) -> pd.DataFrame:
    rows = []
    for place, cells in enumerate(world.sites):
        for number, (rule, cell) in enumerate(zip(world.rules, cells, strict=True)):
            ends = sorted((value_at(rule, cell.low), value_at(rule, cell.high)))  # of the value, not of the points
            rows.append(
                {
                    "site": site_name(place),
                    "name": f"Site {place}",
                    "measure": f"m{number}",
                    "value": value_at(rule, cell.step),
                    "low": ends[0],
                    "high": ends[1],
                    "unit": "people",
                    "vintage": "2021",
                    "grade": cell.grade,
                    "reason": cell.reason,
                    "detail": "",
                    "sources": "a table",
                }
            )
    return pd.DataFrame(rows)


def ranked_world(world: World) -> Ranking:
    return rank_sites(measures_of(world), cluster_of(world))


rules = st.builds(
    lambda weight, ends, scale: Rule(weight, *ends, scale),
    st.integers(1, 4),
    st.sampled_from([(0.0, 10.0), (10.0, 0.0), (-5.0, 15.0), (2.0, 4.0)]),
    st.just("linear"),
) | st.builds(
    lambda weight, ends: Rule(weight, *ends, "log"),
    st.integers(1, 4),
    st.sampled_from([(1.0, 1024.0), (1000.0, 10.0), (0.01, 100.0)]),
)
grades = st.sampled_from("ABC")
#: Beyond the goalposts too: a value of -2 or 12 steps counts as 0 or 10.
steps = st.integers(-2, 12)
sure_cells = st.builds(lambda step, grade: Cell(step, step, step, grade), steps, grades)


@st.composite
def uncertain_cells(draw: st.DrawFn) -> Cell:
    low, step, high = sorted(draw(st.tuples(steps, steps, steps)))
    return Cell(step, low, high, draw(grades))


@st.composite
def bounded_cells(draw: st.DrawFn) -> Cell:
    low, high = sorted(draw(st.tuples(steps, steps)))
    return Cell(None, low, high, draw(st.sampled_from(["", "A", "C"])), "suppressed")  # the grade of its bounds


any_cell = st.one_of(sure_cells, sure_cells, uncertain_cells(), bounded_cells(), st.just(GONE))


@st.composite
def worlds(draw: st.DrawFn, cells: st.SearchStrategy[Cell] = any_cell, most_sites: int = 5) -> World:
    chosen = tuple(draw(st.lists(rules, min_size=1, max_size=3)))
    row = st.tuples(*[cells] * len(chosen))
    sites = tuple(draw(st.lists(row, min_size=1, max_size=most_sites)))
    return World(chosen, sites, draw(st.sampled_from([Fraction(n, 4) for n in range(5)])))


# ---- the slow second ranking --------------------------------------------------------------------


def slow_points(step: int) -> Fraction:
    return min(max(Fraction(step, STEPS), Fraction(0)), Fraction(1))


def slow_ranking(world: World) -> dict[str, dict[str, object]]:
    """Rank in exact fractions, site by site and criterion by criterion; no arrays, no shortcuts."""
    total = sum(rule.weight for rule in world.rules)
    found: dict[str, dict[str, object]] = {}
    for place, cells in enumerate(world.sites):
        score = lowest = highest = coverage = Fraction(0)
        shares = {name: Fraction(0) for name in ("A", "B", "C", "bounds only", "missing")}
        lacks = []
        for number, (rule, cell) in enumerate(zip(world.rules, cells, strict=True)):
            weight = Fraction(rule.weight, total)
            if cell.low is None or cell.high is None:
                low, high = Fraction(0), Fraction(1)
            else:
                low, high = slow_points(cell.low), slow_points(cell.high)
            lowest += weight * low
            highest += weight * high
            if cell.step is not None:
                score += weight * slow_points(cell.step)
                coverage += weight
                shares[cell.grade] += weight
            else:
                score += weight * low
                shares["missing" if cell.low is None or cell.high is None else "bounds only"] += weight
                lacks.append(f"Criterion {number} ({cell.reason})")
        found[site_name(place)] = {
            "score": score,
            "score_lowest": lowest,
            "score_highest": highest,
            "coverage": coverage,
            "ranked": coverage >= world.minimum,
            "lacks": "; ".join(lacks),
            "shares": shares,
        }
    rivals = [site for site in found.values() if site["ranked"]]
    for site in rivals:
        others = [other for other in rivals if other is not site]
        site["rank"] = 1 + sum(other["score"] > site["score"] for other in others)
        site["rank_best"] = 1 + sum(other["score_lowest"] > site["score_highest"] for other in others)
        site["rank_worst"] = 1 + sum(other["score_highest"] > site["score_lowest"] for other in others)
    return found


@settings(max_examples=50)
@given(worlds())
def test_the_ranking_is_the_slow_one(world: World) -> None:
    ranking, expected = ranked_world(world), slow_ranking(world)
    table = ranking.table.set_index("site")
    assert set(table.index) == set(expected)
    for site, parts in expected.items():
        row = table.loc[site]
        assert row["coverage"] == pytest.approx(float(parts["coverage"]), abs=1e-12)
        assert row["lacks"] == parts["lacks"]
        for grade, share in parts["shares"].items():
            assert ranking.grades.loc[site, grade] == pytest.approx(float(share), abs=1e-12)
        if parts["ranked"]:
            assert row["status"] == "ranked"
            for column in ("score", "score_lowest", "score_highest"):
                assert row[column] == pytest.approx(float(parts[column]), abs=1e-12)
            for column in ("rank", "rank_best", "rank_worst"):
                assert row[column] == parts[column]
        else:
            assert row["status"] == f"unranked: below {100 * float(world.minimum):.0f} % coverage"
            assert row[["rank", "rank_best", "rank_worst", "score", "score_lowest", "score_highest"]].isna().all()


@several
@given(worlds())
def test_ranks_and_scores_lie_within_their_intervals(world: World) -> None:
    ranked = ranked_world(world).ranked
    assert (ranked["score_lowest"] <= ranked["score"] + 1e-12).all()
    assert (ranked["score"] <= ranked["score_highest"] + 1e-12).all()
    assert (ranked["score_lowest"] >= -1e-12).all()
    assert (ranked["score_highest"] <= 1 + 1e-12).all()
    assert (ranked["rank_best"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["rank_worst"]).all()
    assert ranked["rank"].between(1, len(ranked)).all()


@several
@given(worlds(sure_cells))
def test_with_full_evidence_the_interval_is_a_point(world: World) -> None:
    ranking = ranked_world(world)
    table = ranking.table
    assert (table["status"] == "ranked").all()
    assert table["coverage"].tolist() == pytest.approx([1.0] * len(table))
    assert table["score_lowest"].tolist() == table["score_highest"].tolist() == table["score"].tolist()
    assert table["rank_best"].tolist() == table["rank"].tolist()
    # Sites of equal score share the better rank, and nobody can come between them.
    assert table["rank_worst"].tolist() == table["rank"].tolist()
    assert (table["lacks"] == "").all()


@several
@given(worlds(st.one_of(sure_cells, uncertain_cells(), st.just(GONE))))
def test_contributions_add_to_the_score(world: World) -> None:
    ranking = ranked_world(world)
    sums = ranking.contributions.groupby("site")["contribution"].sum()
    for row in ranking.ranked.itertuples():
        assert sums[row.site] == pytest.approx(row.score, abs=1e-12)
    parts = ranking.contributions
    assert parts["contribution"].isna().tolist() == parts["points"].isna().tolist()
    assert parts.groupby("site")["weight"].sum().tolist() == pytest.approx([1.0] * len(world.sites))
    for end, column in (("points_lowest", "score_lowest"), ("points_highest", "score_highest")):
        ends = (parts["weight"] * parts[end]).groupby(parts["site"]).sum()
        for row in ranking.ranked.itertuples():
            assert ends[row.site] == pytest.approx(getattr(row, column), abs=1e-12)


@several
@given(worlds())
def test_shares_of_weight_by_grade_add_to_one(world: World) -> None:
    ranking = ranked_world(world)
    shares = ranking.grades.drop(columns="name")
    assert shares.pop("of it supplied").tolist() == [0.0] * len(world.sites)
    assert shares.columns.tolist() == ["A", "B", "C", "bounds only", "missing"]
    assert shares.sum(axis=1).tolist() == pytest.approx([1.0] * len(world.sites))
    known = shares[["A", "B", "C"]].sum(axis=1)
    coverage = ranking.table.set_index("site")["coverage"]
    assert known.tolist() == pytest.approx(coverage[known.index].tolist())


# ---- what may not move a rank -------------------------------------------------------------------


def scores_of(ranking: Ranking) -> pd.DataFrame:
    return ranking.table.set_index("site").sort_index()


@several
@given(worlds(), st.data())
def test_a_site_added_never_swaps_two_others_or_changes_a_score(world: World, data: st.DataObject) -> None:
    row = st.tuples(*[any_cell] * len(world.rules))
    more = replace(world, sites=(*world.sites, *data.draw(st.lists(row, min_size=1, max_size=3))))
    before, after = scores_of(ranked_world(world)), scores_of(ranked_world(more))
    columns = ["name", "score", "score_lowest", "score_highest", "coverage", "status", "lacks"]
    pd.testing.assert_frame_equal(before[columns], after.loc[before.index, columns], check_exact=True)
    ranked = before.index[before["status"] == "ranked"]
    for one, other in itertools.combinations(ranked, 2):
        assert np.sign(before.loc[one, "rank"] - before.loc[other, "rank"]) == np.sign(
            after.loc[one, "rank"] - after.loc[other, "rank"]
        )
    for column in ("rank", "rank_best", "rank_worst"):
        assert (after.loc[ranked, column] >= before.loc[ranked, column]).all()


@several
@given(worlds(), st.data())
def test_blanking_evidence_never_helps_a_site(world: World, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(world.sites) - 1))
    number = data.draw(st.integers(0, len(world.rules) - 1))
    cells = list(world.sites[place])
    keep_bounds = data.draw(st.booleans())
    cells[number] = replace(cells[number], step=None, grade="", reason="suppressed") if keep_bounds else GONE
    blanked = replace(world, sites=(*world.sites[:place], tuple(cells), *world.sites[place + 1 :]))
    old, new = scores_of(ranked_world(world)), scores_of(ranked_world(blanked))
    site = site_name(place)
    assert new.loc[site, "coverage"] <= old.loc[site, "coverage"] + 1e-12
    if old.loc[site, "status"] != "ranked":
        assert new.loc[site, "status"] != "ranked"
        return
    if new.loc[site, "status"] != "ranked":
        return
    assert new.loc[site, "score"] <= old.loc[site, "score"] + 1e-12
    assert new.loc[site, "rank"] >= old.loc[site, "rank"]
    assert new.loc[site, "score_lowest"] <= old.loc[site, "score_lowest"] + 1e-12
    assert new.loc[site, "score_highest"] >= old.loc[site, "score_highest"] - 1e-12
    assert new.loc[site, "rank_worst"] >= old.loc[site, "rank_worst"]
    assert new.loc[site, "rank_best"] <= old.loc[site, "rank_best"]


@several
@given(worlds(), st.data())
def test_better_evidence_never_hurts_a_site(world: World, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(world.sites) - 1))
    number = data.draw(st.integers(0, len(world.rules) - 1))
    up = data.draw(st.integers(1, 5))
    cells = list(world.sites[place])
    old_cell = cells[number]
    cells[number] = replace(
        old_cell,
        **{end: getattr(old_cell, end) + up for end in ("step", "low", "high") if getattr(old_cell, end) is not None},
    )
    better = replace(world, sites=(*world.sites[:place], tuple(cells), *world.sites[place + 1 :]))
    old, new = scores_of(ranked_world(world)), scores_of(ranked_world(better))
    site = site_name(place)
    assert new.loc[site, "status"] == old.loc[site, "status"]
    if old.loc[site, "status"] == "ranked":
        for column in ("score", "score_lowest", "score_highest"):
            assert new.loc[site, column] >= old.loc[site, column] - 1e-12
        for column in ("rank", "rank_best", "rank_worst"):
            assert new.loc[site, column] <= old.loc[site, column]


@several
@given(worlds(), st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_a_unit_changed_with_its_goalposts_changes_nothing(world: World, times: float, plus: float) -> None:
    measures, cluster = measures_of(world), cluster_of(world)
    criteria = cluster.criteria
    for number, rule in enumerate(world.rules):
        shift = plus if rule.scale == "linear" else 0.0
        mine = measures["measure"] == f"m{number}"
        measures.loc[mine, ["value", "low", "high"]] = measures.loc[mine, ["value", "low", "high"]] * times + shift
        ends = ["worst", "best"]
        criteria.loc[f"c{number}", ends] = [rule.worst * times + shift, rule.best * times + shift]
    changed = scores_of(rank_sites(measures, make_cluster(criteria, cluster.minimum_coverage)))
    same = ["name", "rank", "rank_best", "rank_worst", "status", "lacks"]
    plain = scores_of(ranked_world(world))
    pd.testing.assert_frame_equal(changed[same], plain[same])
    pd.testing.assert_frame_equal(changed, plain, check_exact=False, rtol=0, atol=TIE / 10)


@several
@given(worlds(sure_cells))
def test_reversing_every_direction_mirrors_scores_and_ranks(world: World) -> None:
    measures, cluster = measures_of(world), cluster_of(world)
    criteria = cluster.criteria
    criteria[["worst", "best"]] = criteria[["best", "worst"]].to_numpy()
    plain, turned = ranked_world(world), rank_sites(measures, make_cluster(criteria, cluster.minimum_coverage))
    points, mirrored = plain.contributions["points"], turned.contributions["points"]
    assert mirrored.tolist() == pytest.approx((1 - points).tolist(), abs=1e-12)
    before, after = scores_of(plain), scores_of(turned)
    assert after["score"].tolist() == pytest.approx((1 - before["score"]).tolist(), abs=1e-12)
    ties = before.groupby("rank")["rank"].transform("size")
    assert after["rank"].tolist() == (len(before) + 2 - before["rank"] - ties).tolist()


@several
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_criteria_changes_nothing(world: World, random: random_module.Random) -> None:
    measures, cluster = measures_of(world), cluster_of(world)
    order = list(range(len(measures)))
    random.shuffle(order)
    mixed = measures.iloc[order]
    plain, other = rank_sites(measures, cluster), rank_sites(mixed, cluster)
    for part in ("table", "contributions", "grades"):
        pd.testing.assert_frame_equal(getattr(plain, part), getattr(other, part), check_exact=True)
    turned = rank_sites(measures, make_cluster(cluster.criteria.iloc[::-1], cluster.minimum_coverage))
    columns = ["rank", "rank_best", "rank_worst", "score", "score_lowest", "score_highest", "coverage", "status"]
    pd.testing.assert_frame_equal(turned.table[["site", *columns]], plain.table[["site", *columns]], atol=1e-12)


@few
@given(worlds())
def test_the_index_and_further_columns_and_measures_are_irrelevant(world: World) -> None:
    measures, cluster = measures_of(world), cluster_of(world)
    more = pd.concat(
        [measures.assign(points=99, weight=99, bounded=True), measures.assign(measure="unused " + measures["measure"])]
    )
    assert more.index.has_duplicates
    for part in ("table", "contributions", "grades"):
        pd.testing.assert_frame_equal(
            getattr(rank_sites(more, cluster), part), getattr(rank_sites(measures, cluster), part), check_exact=True
        )


@few
@given(worlds(sure_cells, most_sites=3), st.integers(0, 2))
def test_equal_sites_share_a_rank(world: World, which: int) -> None:
    twin = world.sites[which % len(world.sites)]
    doubled = replace(world, sites=(*world.sites, twin))
    table = scores_of(ranked_world(doubled))
    first, last = table.loc[site_name(which % len(world.sites))], table.iloc[-1]
    assert first["rank"] == last["rank"]
    assert (table["rank"] == first["rank"]).sum() >= 2
    shared = int((table["rank"] == first["rank"]).sum())
    assert not table["rank"].isin(range(int(first["rank"]) + 1, int(first["rank"]) + shared)).any()


# ---- nothing outside changes it -----------------------------------------------------------------


@few
@given(worlds())
def test_the_callers_frames_are_not_changed(world: World) -> None:
    measures, cluster = measures_of(world), cluster_of(world)
    measures_before, criteria_before = measures.copy(deep=True), cluster._criteria.copy(deep=True)
    rank_sites(measures, cluster)
    pd.testing.assert_frame_equal(measures, measures_before, check_exact=True)
    pd.testing.assert_frame_equal(cluster._criteria, criteria_before, check_exact=True)


WORLD = World(
    (Rule(1, 0.0, 10.0), Rule(1, 100.0, 1.0, "log"), Rule(2, 10.0, 0.0)),
    (
        (Cell(7, 7, 7, "A"), Cell(5, 4, 6, "B"), Cell(3, 3, 3, "C")),
        (Cell(2, 2, 2, "A"), GONE, Cell(9, 9, 9, "A")),
        (GONE, Cell(None, 2, 8, "", "suppressed"), GONE),
    ),
    Fraction(1, 2),
)


def test_a_result_is_frozen() -> None:
    measures, cluster = measures_of(WORLD), cluster_of(WORLD)
    ranking = rank_sites(measures, cluster)
    kept = {
        part: getattr(ranking, part).copy(deep=True)
        for part in ("table", "contributions", "grades", "ranked", "unranked")
    }
    for part in kept:
        frame = getattr(ranking, part)
        frame.iloc[0, 0] = frame.iloc[-1, 0]
        frame["site"] = "changed"
        del frame["name"]
    measures.loc[:, ["value", "low", "high"]] = 0.0
    measures["name"] = "changed"
    criteria = ranking.cluster.criteria
    criteria["weight"] = 9.0
    for part, before in kept.items():
        pd.testing.assert_frame_equal(getattr(ranking, part), before, check_exact=True)
    assert ranking.cluster.criteria["weight"].tolist() == [0.25, 0.25, 0.5]
    for attribute in ("cluster", "table", "grades", "_table", "anything"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{attribute}'"):
            setattr(ranking, attribute, None)


# ---- what a reader sees -------------------------------------------------------------------------


def test_the_parts_of_a_ranking() -> None:
    ranking = ranked_world(WORLD)
    table = ranking.table
    assert table.columns.tolist() == TABLE
    assert table.index.tolist() == [0, 1, 2]
    assert table["site"].tolist() == ["s01", "s00", "s02"]
    assert table["rank"].tolist()[:2] == [1, 2]
    assert table["rank"].isna().tolist() == [False, False, True]
    assert table["score"].tolist()[:2] == pytest.approx([0.25 * 0.2 + 0.5 * 0.9, 0.25 * 0.7 + 0.25 * 0.5 + 0.5 * 0.3])
    assert table["score_highest"].tolist()[:2] == pytest.approx([0.75, 0.475])
    assert table["coverage"].tolist() == [0.75, 1.0, 0.0]
    assert table["lacks"].tolist() == [
        "Criterion 1 (not published)",
        "",
        "Criterion 0 (not published); Criterion 1 (suppressed); Criterion 2 (not published)",
    ]
    assert table["status"].tolist() == ["ranked", "ranked", "unranked: below 50 % coverage"]
    assert ranking.ranked["site"].tolist() == ["s01", "s00"]
    assert ranking.unranked.columns.tolist() == ["site", "name", "coverage", "status", "lacks"]
    assert ranking.unranked["site"].tolist() == ["s02"]
    assert ranking.contributions.columns.tolist() == CONTRIBUTIONS
    assert ranking.contributions["site"].tolist() == ["s00"] * 3 + ["s01"] * 3 + ["s02"] * 3
    assert ranking.contributions["criterion"].tolist() == ["c0", "c1", "c2"] * 3
    assert ranking.grades.loc["s02"].tolist() == ["Site 2", 0.0, 0.0, 0.0, 0.25, 0.75, 0.0]
    assert repr(ranking) == (
        "Ranking of 3 sites for Test (Plain): 2 ranked, 1 unranked. See .table, .contributions, .grades, .unranked."
    )


def test_the_detail_is_shown_before_the_reason() -> None:
    measures = measures_of(WORLD)
    gap = (measures["site"] == "s01") & (measures["measure"] == "m1")
    measures.loc[gap, "detail"] = "2 of 3 areas suppressed"
    table = rank_sites(measures, cluster_of(WORLD)).table.set_index("site")
    assert table.loc["s01", "lacks"] == "Criterion 1 (2 of 3 areas suppressed)"


def test_unranked_sites_follow_in_order_of_coverage_and_name() -> None:
    known = Cell(5, 5, 5, "A")
    world = World(
        (Rule(1, 0.0, 10.0), Rule(2, 0.0, 10.0)),
        ((GONE, GONE), (known, GONE), (known, known), (GONE, GONE), (known, GONE)),
        Fraction(3, 4),
    )
    assert ranked_world(world).table["site"].tolist() == ["s02", "s01", "s04", "s00", "s03"]


def test_all_sites_may_be_unranked() -> None:
    ranking = ranked_world(World((Rule(1, 0.0, 10.0),), ((GONE,), (GONE,)), Fraction(1, 4)))
    assert ranking.ranked.empty
    assert ranking.table["rank"].isna().all()
    assert ranking.table["site"].tolist() == ["s00", "s01"]


def test_coverage_that_meets_the_minimum_but_for_rounding_is_enough() -> None:
    cells = tuple(Cell(5, 5, 5, "A") for _ in range(7))
    world = World(tuple(Rule(1, 0.0, 10.0) for _ in range(10)), ((*cells, GONE, GONE, GONE),))
    cluster = make_cluster(cluster_of(world).criteria, 0.7)
    assert rank_sites(measures_of(world), cluster).table["status"].tolist() == ["ranked"]
    cluster = make_cluster(cluster_of(world).criteria, 0.7001)
    assert rank_sites(measures_of(world), cluster).table["status"].tolist() == ["unranked: below 70 % coverage"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda measures: measures[measures["measure"] == "m1"],
            "The measures hold no m0, m2. Run `lipresearch build`.",
        ),
        (lambda measures: measures.iloc[:0], "The measures hold no m0, m1, m2. Run `lipresearch build`."),
        (
            lambda measures: pd.concat([measures, measures.iloc[[4]].assign(value=1.0)]),
            "Site s01 has the measure m1 twice.",
        ),
    ],
)
def test_measures_that_cannot_be_used_are_refused(change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        rank_sites(change(measures_of(WORLD)), cluster_of(WORLD))


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ((9.0, 1.0, 5.0), "value 9 with bounds 1 and 5"),
        ((0.5, 1.0, 5.0), "value 0.5 with bounds 1 and 5"),
        ((3.0, 5.0, 1.0), "value 3 with bounds 5 and 1"),
        ((NAN, 5.0, 1.0), "value nan with bounds 5 and 1"),
        ((INF, INF, INF), "value inf with bounds inf and inf"),
        ((-INF, -INF, -INF), "value -inf with bounds -inf and -inf"),
        ((3.0, 1.0, INF), "value 3 with bounds 1 and inf"),
        ((3.0, NAN, NAN), "value 3 with bounds nan and nan"),
        ((3.0, 1.0, NAN), "value 3 with bounds 1 and nan"),
        ((NAN, NAN, 1.0), "value nan with bounds nan and 1"),
    ],
)
def test_a_value_that_does_not_fit_its_bounds_is_refused(numbers: tuple[float, float, float], shown: str) -> None:
    measures = measures_of(WORLD)
    measures.loc[4, ["value", "low", "high"]] = numbers
    message = (
        f"Site s01, measure m1: {shown} cannot be used; "
        "a value lies within two finite bounds (equal to it where it is exact)."
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        rank_sites(measures, cluster_of(WORLD))
    measures.loc[4, "measure"] = "unused"  # what no criterion uses is not looked at
    measures = pd.concat([measures, measures_of(WORLD).iloc[[4]]])
    assert rank_sites(measures, cluster_of(WORLD)).table["site"].tolist() == ["s01", "s00", "s02"]


@pytest.mark.parametrize(
    ("weights", "shown"),
    [
        ([-0.001, 0.501, 0.5], "-0.001, 0.501, 0.5"),
        ([0.5, 0.75, -0.25], "0.5, 0.75, -0.25"),
        ([0.25, 0.25, 0.4], "0.25, 0.25, 0.4"),
        ([0.25, 0.25, 0.6], "0.25, 0.25, 0.6"),
        ([0.25, 0.25, 0.49999], "0.25, 0.25, 0.49999"),
        ([0.25, 0.25, 0.50001], "0.25, 0.25, 0.50001"),
        ([0.5, 0.5, NAN], "0.5, 0.5, nan"),
    ],
)
def test_weights_below_nothing_or_of_another_sum_are_refused(weights: list[float], shown: str) -> None:
    criteria = cluster_of(WORLD).criteria
    criteria["weight"] = weights
    changed = make_cluster(criteria, 0.5)
    message = f"^{re.escape(f'Weights must be 0 or more and add to 1, not {shown}.')}$"
    with pytest.raises(InputError, match=message):
        rank_sites(measures_of(WORLD), changed)
    with pytest.raises(InputError, match=message):
        reweigh(ranked_world(WORLD), changed)


@pytest.mark.parametrize("weights", [[0.0, 0.5, 0.5], [0.25, 0.25, 0.5 + 9e-7], [0.25, 0.25, 0.5 - 9e-7]])
def test_weights_may_be_nothing_and_their_sum_may_be_rounded(weights: list[float]) -> None:
    criteria = cluster_of(WORLD).criteria
    criteria["weight"] = weights
    found = rank_sites(measures_of(WORLD), make_cluster(criteria, 0.5))
    assert (found.table["coverage"] <= 1).all()
    assert found.table.set_index("site").loc["s00", "coverage"] == pytest.approx(min(sum(weights), 1.0), abs=1e-15)


@pytest.mark.parametrize(("minimum", "fine"), [(-0.001, False), (0.0, True), (1.0, True), (1.001, False)])
def test_the_minimum_coverage_is_a_share(minimum: float, fine: bool) -> None:
    cluster = make_cluster(cluster_of(WORLD).criteria, minimum)
    if fine:
        # From full coverage on one site is left, and without any minimum all are.
        assert len(rank_sites(measures_of(WORLD), cluster).ranked) == (3 if minimum == 0 else 1)
        return
    message = re.escape(f"The minimum coverage must be a share from 0 to 1, not {minimum:g}.")
    with pytest.raises(InputError, match=f"^{message}$"):
        rank_sites(measures_of(WORLD), cluster)


def test_a_site_without_a_row_for_a_measure_is_named_the_first_by_id() -> None:
    measures = measures_of(WORLD)
    gone = (measures["measure"] == "m2") & measures["site"].isin(["s01", "s02"])
    message = "Site s01 has no row for the measure m2; a value that is missing needs its reason."
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        rank_sites(measures[~gone], cluster_of(WORLD))


def test_what_is_supplied_is_shown_and_counted() -> None:
    measures = measures_of(WORLD)
    assert ranked_world(WORLD).contributions["supplied"].tolist() == ["no"] * 9
    assert ranked_world(WORLD).grades["of it supplied"].tolist() == [0.0, 0.0, 0.0]
    measures["supplied"] = ["no", "yes", "yes", "yes", *["no"] * 5]
    found = rank_sites(measures, cluster_of(WORLD))
    assert found.contributions["supplied"].tolist() == measures["supplied"].tolist()
    assert found.grades["of it supplied"].tolist() == [0.75, 0.25, 0.0]


def test_equal_ranks_stand_by_coverage_then_name_then_site() -> None:
    full, none = Cell(0, 0, 0, "A"), GONE  # a value at the worst goalpost scores as much as a gap
    cells = ((full, none), (full, full), (full, none), (full, full), (full, full))
    world = World((Rule(1, 0.0, 10.0), Rule(1, 0.0, 10.0)), cells)
    measures = measures_of(world)
    measures["name"] = measures["site"].map({"s00": "B", "s01": "D", "s02": "A", "s03": "C", "s04": "C"})
    table = rank_sites(measures, cluster_of(world)).table
    assert table["rank"].tolist() == [1] * 5
    assert table["site"].tolist() == ["s03", "s04", "s01", "s02", "s00"]


@pytest.mark.parametrize("weights", [(1, 1, 1), (0, 1, 3), (5, 0, 1)])
def test_a_ranking_that_is_weighed_anew_is_that_of_rank_sites(weights: tuple[int, ...]) -> None:
    """A value within bounds, one known within bounds alone, and gaps: each counts as it did."""
    ranking, criteria = ranked_world(WORLD), cluster_of(WORLD).criteria
    criteria["weight"] = [weight / sum(weights) for weight in weights]
    other = make_cluster(criteria, 0.3)
    with pytest.raises(
        InputError, match=r"^Only the weights may differ from those of the ranking; rank the sites anew"
    ):
        reweigh(ranking, make_cluster(criteria.assign(best=11.0)))
    found, expected = reweigh(ranking, other), rank_sites(measures_of(WORLD), other)
    for part in ("table", "contributions", "grades"):
        pd.testing.assert_frame_equal(getattr(found, part), getattr(expected, part), check_exact=True)
    assert found.cluster is other


def test_perspectives_side_by_side() -> None:
    measures, plain = measures_of(WORLD), cluster_of(WORLD)
    criteria = plain.criteria
    criteria["weight"] = [1.0, 0.0, 0.0]
    first_only = replace(make_cluster(criteria, 0.5), perspective="first only")
    criteria = plain.criteria
    criteria["weight"] = [0.0, 1.0, 0.0]
    second_only = replace(make_cluster(criteria, 0.5), perspective="second only")
    table = compare_perspectives(measures, [plain, first_only, second_only])
    assert table.columns.tolist() == ["name", "plain", "first only", "second only", "spread"]
    assert table.index.tolist() == rank_sites(measures, plain).table["site"].tolist() == ["s01", "s00", "s02"]
    assert table["name"].tolist() == ["Site 1", "Site 0", "Site 2"]
    for cluster in (plain, first_only, second_only):
        ranks = rank_sites(measures, cluster).table.set_index("site")["rank"]
        pd.testing.assert_series_equal(table[cluster.perspective], ranks[table.index], check_names=False)
    assert table["first only"].tolist()[:2] == [2, 1]
    assert table["second only"].isna().tolist() == [True, False, True]
    assert table["spread"].tolist()[:2] == [1, 1]
    assert table["spread"].isna().tolist() == [False, False, True]


def test_perspectives_of_other_clusters_are_not_compared() -> None:
    plain = cluster_of(WORLD)
    message = r"^Compare different perspectives of one cluster\.$"
    reserved = [[plain, replace(plain, perspective=name)] for name in ("name", "spread")]
    for clusters in ([plain, plain], [plain, replace(plain, cluster="other", perspective="p")], [], *reserved):
        with pytest.raises(InputError, match=message):
            compare_perspectives(measures_of(WORLD), clusters)


def test_a_cluster_without_criteria_is_refused() -> None:
    message = (
        "Cluster test, perspective plain, has no criterion yet: "
        "add one to data/design/criteria.csv and perspective_criteria.csv."
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        rank_sites(measures_of(WORLD), make_cluster(cluster_of(WORLD).criteria.iloc[:0]))


def test_goalposts_that_cannot_be_used_are_refused() -> None:
    criteria = cluster_of(WORLD).criteria
    criteria.loc["c1", "best"] = 0.0
    with pytest.raises(InputError, match=r"^Goalposts 100 and 0 cannot be used: a logarithmic scale needs goalposts"):
        rank_sites(measures_of(WORLD), make_cluster(criteria))


# ---- points -------------------------------------------------------------------------------------

ends = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)).filter(lambda pair: abs(pair[0] - pair[1]) > 1e-3)
positive_ends = st.tuples(st.floats(1e-3, 1e6), st.floats(1e-3, 1e6)).filter(
    lambda pair: abs(math.log(pair[0] / pair[1])) > 1e-3
)
values = st.lists(st.floats(-1e7, 1e7) | st.just(NAN), max_size=8)


def slow_normalise(value: float, worst: float, best: float, scale: str) -> float:
    if math.isnan(value):
        return NAN
    if scale == "log":
        if value <= 0:
            return 0.0 if worst < best else 1.0
        share = math.log(value / worst) / math.log(best / worst)
    else:
        share = (value - worst) / (best - worst)
    return min(max(share, 0.0), 1.0)


@given(values, ends)
def test_points_are_the_obvious_loop(numbers: list[float], pair: tuple[float, float]) -> None:
    found = normalise(numbers, *pair)
    expected = [slow_normalise(value, *pair, "linear") for value in numbers]
    assert found.tolist() == pytest.approx(expected, abs=1e-12, nan_ok=True)


@given(values, positive_ends)
def test_points_on_a_log_scale_are_the_obvious_loop(numbers: list[float], pair: tuple[float, float]) -> None:
    found = normalise(numbers, *pair, scale="log")
    expected = [slow_normalise(value, *pair, "log") for value in numbers]
    assert found.tolist() == pytest.approx(expected, abs=1e-9, nan_ok=True)


@given(values, positive_ends, st.sampled_from(["linear", "log"]))
def test_points_run_from_the_worst_to_the_best(numbers: list[float], pair: tuple[float, float], scale: str) -> None:
    assert normalise(list(pair), *pair, scale).tolist() == pytest.approx([0.0, 1.0], abs=1e-12)
    points = normalise(sorted(numbers), *pair, scale)
    assert np.isnan(points).sum() == np.isnan(numbers).sum()
    known = normalise(sorted(value for value in numbers if not math.isnan(value)), *pair, scale)
    assert ((known >= 0) & (known <= 1)).all()
    steps = np.diff(known)
    assert (steps >= 0).all() if pair[1] > pair[0] else (steps <= 0).all()


@given(values, ends)
def test_turning_the_goalposts_round_mirrors_the_points(numbers: list[float], pair: tuple[float, float]) -> None:
    mirrored = normalise(numbers, pair[1], pair[0])
    assert mirrored.tolist() == pytest.approx((1 - normalise(numbers, *pair)).tolist(), abs=1e-12, nan_ok=True)


@given(values, ends, st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3), st.floats(-1e6, 1e6))
def test_linear_points_do_not_depend_on_unit_or_origin(
    numbers: list[float], pair: tuple[float, float], times: float, plus: float
) -> None:
    assume(abs(pair[0] - pair[1]) * abs(times) > 1e-3)
    worst, best = (end * times + plus for end in pair)
    changed = normalise([value * times + plus for value in numbers], worst, best)
    assert changed.tolist() == pytest.approx(normalise(numbers, *pair).tolist(), abs=1e-5, nan_ok=True)


@given(values, positive_ends, st.floats(1e-3, 1e3))
def test_log_points_do_not_depend_on_the_unit(numbers: list[float], pair: tuple[float, float], times: float) -> None:
    changed = normalise([value * times for value in numbers], pair[0] * times, pair[1] * times, "log")
    expected = normalise(numbers, *pair, "log").tolist()
    assert changed.tolist() == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("value", [INF, -INF])
@pytest.mark.parametrize("scale", ["linear", "log"])
def test_an_infinite_value_has_no_points(value: float, scale: str) -> None:
    with pytest.raises(InputError, match=r"^A value is infinite\.$"):
        normalise([2.0, value], 1, 10, scale)


def test_points_at_the_edges() -> None:
    # No negative zero, which would be shown as -0.
    assert [math.copysign(1, point) for point in normalise([10.0, 11.0], 10, 0)] == [1.0, 1.0]
    assert normalise([10.0, 100.0], 1, 100, "log").tolist() == [0.5, 1.0]
    assert normalise([2.5], 0, 10).tolist() == [0.25]
    assert normalise([], 0, 1).tolist() == []
    assert normalise([0.0, -5.0, 1e-300], 1, 100, "log").tolist() == [0.0, 0.0, 0.0]
    assert normalise([0.0, -5.0, 1e-300], 100, 1, "log").tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(normalise([NAN, None], 1, 100, "log")).all()
    given_values = np.array([5.0, 0.0])
    normalise(given_values, 1, 10, "log")
    assert given_values.tolist() == [5.0, 0.0]


@pytest.mark.parametrize(
    ("worst", "best", "scale", "message"),
    [
        (1, 1, "linear", "Goalposts 1 and 1 cannot be used: best 1 is not above worst 1, but higher is preferred."),
        (0, -1, "log", "Goalposts 0 and -1 cannot be used: a logarithmic scale needs goalposts above 0, not -1."),
        (0, 5, "log", "Goalposts 0 and 5 cannot be used: a logarithmic scale needs goalposts above 0, not 0."),
        (0, INF, "linear", "Goalposts 0 and inf cannot be used: they must be finite."),
        (-INF, 0, "linear", "Goalposts -inf and 0 cannot be used: they must be finite."),
        (
            NAN,
            1,
            "linear",
            "Goalposts nan and 1 cannot be used: best 1 is not below worst nan, but lower is preferred.",
        ),
        (1, NAN, "log", "Goalposts 1 and nan cannot be used: best nan is not below worst 1, but lower is preferred."),
        (0, 1, "sqrt", "A scale is linear or log, not 'sqrt'."),
        (0, 1, "", "A scale is linear or log, not ''."),
    ],
)
def test_goalposts_and_scales_that_cannot_be_used(worst: float, best: float, scale: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        normalise([1.0], worst, best, scale)


# ---- ranks and their ranges ---------------------------------------------------------------------

grid = st.lists(st.integers(0, 8), max_size=8)


@given(grid)
def test_ranks_count_those_above(numbers: list[int]) -> None:
    found = competition_ranks([number / 8 for number in numbers])
    assert found.tolist() == [1 + sum(other > number for other in numbers) for number in numbers]


@given(grid, st.randoms(use_true_random=False))
def test_rounding_makes_no_difference_to_ranks(numbers: list[int], random: random_module.Random) -> None:
    noisy = [number / 8 + random.uniform(-1e-12, 1e-12) for number in numbers]
    assert competition_ranks(noisy).tolist() == competition_ranks(numbers).tolist()


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_a_score_that_is_missing_has_no_rank(bad: float) -> None:
    with pytest.raises(InputError, match=r"^A score is missing or infinite; sites without a score are not ranked\.$"):
        competition_ranks([0.5, bad])


def test_scores_tie_to_nine_decimals_and_not_to_ten() -> None:
    assert competition_ranks([0.5, 0.500000001, 0.5000000004]).tolist() == [2, 1, 2]
    assert rank_range([0.5, 0.500000001], [0.5, 0.500000001]).tolist() == [[2, 2], [1, 1]]
    # An interval that is narrower than a decimal counts as a point, whichever way round its ends are.
    assert rank_range([0.5000000004, 0.5], [0.5, 0.5]).tolist() == [[1, 1], [1, 1]]


def test_a_table_of_scores_has_no_ranks() -> None:
    with pytest.raises(InputError, match=r"^A score is missing or infinite; sites without a score are not ranked\.$"):
        competition_ranks([[0.5, 0.2], [0.1, 0.3]])
    for low, high in (([0.1, 0.2], [0.5]), ([[0.1], [0.2]], [[0.5], [0.6]]), (0.1, 0.5)):
        with pytest.raises(InputError, match=r"^There must be one lowest and one highest score for each site\.$"):
            rank_range(low, high)
    with pytest.raises(InputError, match=r"^A lowest score is above its highest score\.$"):
        rank_range([0.1, 0.500000002], [0.2, 0.5])


intervals = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda pair: tuple(sorted(pair))), min_size=1, max_size=5
)


def brute_force_ranges(pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Rank every way in which the evidence could turn out, each site at one end of its interval."""
    seen: list[set[int]] = [set() for _ in pairs]
    for scores in itertools.product(*pairs):
        for place, score in enumerate(scores):
            seen[place].add(1 + sum(other > score for other in scores))
    return [[min(ranks), max(ranks)] for ranks in seen]


@settings(max_examples=200)
@given(intervals)
def test_rank_ranges_are_those_of_all_outcomes(pairs: list[tuple[int, int]]) -> None:
    low, high = ([pair[end] / 6 for pair in pairs] for end in (0, 1))
    assert rank_range(low, high).tolist() == brute_force_ranges(pairs)


@given(intervals, st.randoms(use_true_random=False))
def test_what_really_happens_lies_in_the_range(pairs: list[tuple[int, int]], random: random_module.Random) -> None:
    outcome = [random.uniform(*pair) for pair in pairs]
    ranges = rank_range([low for low, _ in pairs], [high for _, high in pairs])
    ranks = competition_ranks(outcome)
    assert (ranges[:, 0] <= ranks).all()
    assert (ranks <= ranges[:, 1]).all()


@given(st.integers(1, 8))
def test_without_evidence_every_rank_is_possible(sites: int) -> None:
    assert rank_range([0.0] * sites, [1.0] * sites).tolist() == [[1, sites]] * sites


def test_no_sites_have_no_ranks() -> None:
    assert competition_ranks([]).tolist() == []
    assert rank_range([], []).shape == (0, 2)


@pytest.mark.parametrize(("low", "high"), [([NAN], [1.0]), ([0.0], [NAN]), ([-INF], [1.0]), ([0.0, 0.0], [1.0, INF])])
def test_a_bound_that_is_missing_or_infinite_is_refused(low: list[float], high: list[float]) -> None:
    with pytest.raises(InputError, match=r"^A lowest or highest score is missing or infinite\.$"):
        rank_range(low, high)


# ---- published ranks ----------------------------------------------------------------------------


def published(name: str) -> list[dict[str, str]]:
    with open(PUBLISHED / name, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def index_ranks(goalposts: dict[str, tuple[float, float]], basis: str) -> dict[str, int]:
    countries = published("tai.csv")
    score = np.zeros(len(countries))
    for row in published("tai_goalposts.csv"):
        indicator = row["indicator"]
        points = normalise([float(country[indicator]) for country in countries], *goalposts[indicator])
        score += float(row[f"weight_{basis}"]) * points
    return {country["country"]: int(rank) for country, rank in zip(countries, competition_ranks(score), strict=True)}


@pytest.mark.parametrize("basis", ["equal", "budget"])
def test_the_technology_achievement_index_ranks_23_countries_as_published(basis: str) -> None:
    goalposts = {row["indicator"]: (float(row["worst"]), float(row["best"])) for row in published("tai_goalposts.csv")}
    expected = {country["country"]: int(country[f"rank_{basis}"]) for country in published("tai.csv")}
    assert len(expected) == 23
    assert index_ranks(goalposts, basis) == expected


def test_goalposts_taken_from_the_candidates_do_not_give_the_published_ranks() -> None:
    countries = published("tai.csv")
    sample = {}
    for row in published("tai_goalposts.csv"):
        column = [float(country[row["indicator"]]) for country in countries]
        sample[row["indicator"]] = (min(column), max(column))
    found = index_ranks(sample, "equal")
    assert sum(found[country["country"]] != int(country["rank_equal"]) for country in countries) == 12


def test_the_published_ranks_come_out_of_the_whole_ranking_too() -> None:
    countries, posts = published("tai.csv"), published("tai_goalposts.csv")
    criteria = pd.DataFrame(
        {
            "criterion": [row["indicator"] for row in posts],
            "factor": "technology",
            "label": [row["indicator"] for row in posts],
            "label_fr": "",
            "measure": [row["indicator"] for row in posts],
            "direction": "higher",
            "worst": [float(row["worst"]) for row in posts],
            "best": [float(row["best"]) for row in posts],
            "scale": "linear",
            "weight": [float(row["weight_budget"]) for row in posts],
            "rationale": "",
        }
    ).set_index("criterion")
    measures = pd.DataFrame(
        [
            {"site": country["country"], "name": country["country"], "measure": row["indicator"]}
            | dict.fromkeys(("value", "low", "high"), float(country[row["indicator"]]))
            | {"unit": "", "vintage": "", "grade": "A", "reason": "", "detail": "", "sources": ""}
            for country in countries
            for row in posts
        ]
    )
    ranked = rank_sites(measures, make_cluster(criteria, 1.0)).table.set_index("site")["rank"]
    assert {country["country"]: int(country["rank_budget"]) for country in countries} == ranked.to_dict()


# ---- a peer -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a peer says while it is imported is not ours
        pytest.importorskip("skcriteria.agg.simple", reason="scikit-criteria is not installed")
        import skcriteria

    return skcriteria


@pytest.mark.parametrize("seed", range(12))
def test_the_peer_for_weighted_sums_agrees(peer: ModuleType, seed: int) -> None:
    random = np.random.default_rng(seed)
    sites, count = int(random.integers(2, 30)), int(random.integers(1, 7))
    weights = random.dirichlet(np.ones(count))
    world = World(tuple(Rule(1, 0.0, 1.0) for _ in range(count)), tuple((GONE,) * count for _ in range(sites)))
    criteria = cluster_of(world).criteria
    criteria["weight"] = weights
    criteria["worst"], criteria["best"] = random.uniform(-5, 0, count), random.uniform(1, 9, count)
    turned = random.random(count) < 0.5
    criteria.loc[turned, ["worst", "best"]] = criteria.loc[turned, ["best", "worst"]].to_numpy()
    measures = measures_of(world)
    measures["value"] = random.normal(2, 4, len(measures))
    measures["low"] = measures["high"] = measures["value"]
    measures["grade"] = "A"
    ranking = rank_sites(measures, make_cluster(criteria, 1.0))
    points = ranking.contributions.pivot(index="site", columns="criterion", values="points")[criteria.index]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matrix = peer.mkdm(
            points.to_numpy(), objectives=[max] * count, weights=weights, alternatives=points.index.tolist()
        )
        result = peer.agg.simple.WeightedSumModel().evaluate(matrix)
    table = scores_of(ranking)
    assert table["score"].tolist() == pytest.approx(list(result.e_.score), rel=1e-10, abs=1e-12)
    assert table["rank"].rank(method="dense").astype(int).tolist() == list(result.rank_)

"""Leaving out one part, and the smallest change of weights: the ranking made anew, grids of weights, known nulls."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_rankings import Points, reweighted, small_cluster, small_measures, small_ranking, tables

import lipresearch as lip
from lipresearch.design import equal_weights
from lipresearch.errors import InputError, LipresearchError
from lipresearch.ranking import rank_sites
from lipresearch.robustness import sensitivity
from lipresearch.robustness.grid import grid_of
from lipresearch.robustness.sensitivity import leave_one_out, nearest_weights, smallest_weight_change, weights_without
from robustness.rankings import fresh, is_frozen_and_equal_to_itself_alone

few = settings(max_examples=15)
World = tuple[list[list[Points]], list[int]]

# ---- leave one out ------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), st.data())
def test_equal_weights_stay_equal_weights(factors: list[str], data: st.DataObject) -> None:
    weights = equal_weights(pd.Series(factors)).to_numpy()
    gone = np.array(data.draw(st.lists(st.booleans(), min_size=len(factors), max_size=len(factors))))
    found = weights_without(weights, tuple(factors), gone)
    if gone.all():
        assert found is None
        return
    expected = equal_weights(pd.Series(factors)[~gone])
    assert found[~gone] == pytest.approx(expected.to_numpy(), abs=1e-12)
    assert (found[gone] == 0).all()


def test_the_weight_of_a_criterion_goes_to_its_factor_in_proportion() -> None:
    weights, factors = np.array([0.1, 0.3, 0.2, 0.4]), ("a", "a", "a", "b")
    found = weights_without(weights, factors, np.array([False, False, True, False]))
    assert found == pytest.approx([0.15, 0.45, 0, 0.4])
    # A factor of which only criteria without weight are left has nothing to share it among.
    found = weights_without(np.array([0.0, 0.5, 0.5]), ("a", "a", "b"), np.array([False, True, False]))
    assert found == pytest.approx([0, 0, 1])


@few
@given(tables(criteria=(1, 4)), st.sampled_from([0.0, 0.5]))
def test_without_a_part_the_ranking_is_that_made_anew(world: World, minimum: float) -> None:
    table, _ = world
    count = len(table[0])
    factors = ["a", "a", "b", "b"][:count]
    weights = equal_weights(pd.Series(factors)).tolist()
    ranking = small_ranking(table, weights, factors, minimum)
    assume((ranking.table["status"] == "ranked").any())
    ranks = leave_one_out(ranking).ranks
    cases = {("criterion", f"c{c}"): {c} for c in range(count)}
    cases |= {("factor", f): {c for c in range(count) if factors[c] == f} for f in set(factors)}
    measures = small_measures(table)
    for part, gone in cases.items():
        kept = [c for c in range(count) if c not in gone]
        if not kept:
            assert ranks[part].isna().all()
            continue
        criteria = ranking.cluster.criteria.iloc[kept]
        criteria = criteria.assign(weight=equal_weights(criteria["factor"]))
        anew = rank_sites(measures, dataclasses.replace(ranking.cluster, _criteria=criteria))
        expected = anew.table.set_index("site")["rank"].reindex(ranks.index)
        pd.testing.assert_series_equal(ranks[part], expected, check_names=False)


@few
@given(tables(sites=(2, 5)), st.sampled_from([0.0, 0.5]))
def test_leaving_out_a_site_shifts_nobody_where_goalposts_are_declared(world: World, minimum: float) -> None:
    table, weights = world
    ranking = small_ranking(table, weights, minimum=minimum)
    assume((ranking.table["status"] == "ranked").any())
    parts = leave_one_out(ranking).table
    sites = parts[parts["kind"] == "site"]
    assert len(sites) == (ranking.table["status"] == "ranked").sum()
    assert (sites["largest_shift"].dropna() == 0).all()
    assert (sites[["no_longer_ranked", "newly_ranked"]] == "").all(axis=None)


def test_min_max_lets_a_site_that_leaves_swap_two_others() -> None:
    # By min-max 0.3 against 0.4 of site 1; without site 2 the first criterion spreads wider, and it is 0.6 against 0.4.
    ranking = small_ranking([[0.5, 0.0], [0.0, 0.6], [1.0, 0.6]], [3, 2])
    by_goalposts, by_candidates = (
        leave_one_out(ranking, variant=name).table.set_index("left_out") for name in ("goalposts", "min-max")
    )
    assert by_goalposts.loc["s02", "largest_shift"] == 0
    assert by_candidates.loc["s02", "largest_shift"] == 1
    assert by_candidates.loc["s02", "moved_most"] == "Site 0; Site 1"


def test_a_data_set_takes_its_values_with_it_and_leaves_the_rest() -> None:
    table = [[0.9, 0.2], [0.5, 0.5], [0.1, 0.9]]
    sources = [["census", "schools"], ["census;towns", "schools"], ["towns", "schools"]]
    ranking = small_ranking(table, [1, 1], minimum=0.5, sources=sources)
    found = leave_one_out(ranking, top=1)
    parts = found.table.set_index(["kind", "left_out"])
    # The census: two sites lose their value, the third keeps its own.
    expected = {"s00": 3, "s01": 2, "s02": 1}
    assert found.ranks["data set", "census"].to_dict() == expected
    assert parts.loc[("data set", "census"), "weight"] == pytest.approx(1 / 3)
    # The schools: the criterion goes, and the other takes its weight.
    assert found.ranks["data set", "schools"].to_dict() == {"s00": 1, "s01": 2, "s02": 3}
    assert parts.loc[("data set", "schools"), "weight"] == pytest.approx(0.5)
    assert list(parts.loc["data set"].index) == ["census", "schools", "towns"]
    titled = leave_one_out(ranking, titles={"census": "Census 2021"}).table.set_index("left_out")
    assert titled.loc[["census", "towns"], "label"].tolist() == ["Census 2021", "towns"]


@few
@given(tables(criteria=(2, 3)), st.data())
def test_without_a_data_set_the_ranking_is_that_of_what_remains(world: World, data: st.DataObject) -> None:
    table, weights = world
    names = st.sampled_from(["x", "y", "x;y", "yx"])
    sources = [[data.draw(names) for _ in row] for row in table]
    ranking = small_ranking(table, weights, minimum=0.4, sources=sources)
    assume((ranking.table["status"] == "ranked").any())
    ranks = leave_one_out(ranking).ranks
    assume(("data set", "x") in ranks)
    left = [
        [None if "x" in source.split(";") else cell for cell, source in zip(row, origin, strict=True)]
        for row, origin in zip(table, sources, strict=True)
    ]
    lost = [
        all(row[c] is None for row in left) and any(row[c] is not None for row in table) for c in range(len(weights))
    ]
    if all(lost):
        assert ranks["data set", "x"].isna().all()
        return
    kept = np.where(lost, 0.0, np.array(weights) / sum(weights))
    anew = reweighted(ranking, kept / kept.sum(), small_measures(left)).table.set_index("site")["rank"]
    pd.testing.assert_series_equal(ranks["data set", "x"], anew.reindex(ranks.index), check_names=False)


def test_what_happens_at_the_top_is_told() -> None:
    # 0.45 and 0.5; the third site has values for 0.75 of the weight.
    ranking = small_ranking([[0.8, 0.1, 0.1], [0.2, 0.8, 0.8], [0.0, 0.3, None]], [2, 1, 1], minimum=0.7)
    parts = leave_one_out(ranking, top=1).table.set_index(["kind", "left_out"])
    columns = ["first", "first_changes", "enter_top", "leave_top", "no_longer_ranked", "newly_ranked"]
    assert parts.loc[("criterion", "c0"), columns].tolist() == ["Site 1", "no", "", "", "Site 2", ""]
    assert parts.loc[("criterion", "c1"), columns].tolist() == ["Site 0", "yes", "Site 0", "Site 1", "Site 2", ""]
    assert parts.loc[("criterion", "c1"), "largest_shift"] == 1
    assert parts.loc[("site", "s01"), columns].tolist() == ["Site 0", "yes", "Site 0", "", "", ""]
    assert math.isnan(parts.loc[("site", "s01"), "weight"])
    # Without the third criterion it has all its evidence.
    stricter = small_ranking([[0.8, 0.1, 0.1], [0.2, 0.8, 0.8], [0.0, 0.3, None]], [2, 1, 1], minimum=0.9)
    without = leave_one_out(stricter, top=1).table.set_index(["kind", "left_out"])
    assert without.loc[("criterion", "c2"), "newly_ranked"] == "Site 2"


def test_a_criterion_without_any_value_can_be_left_out_too() -> None:
    found = leave_one_out(small_ranking([[0.3, None], [0.6, None]], [1, 3]))
    # Without the first nothing tells the sites apart; without the second nothing changes.
    assert found.ranks["criterion", "c0"].to_dict() == {"s00": 1, "s01": 1}
    assert found.ranks["criterion", "c1"].to_dict() == {"s00": 2, "s01": 1}
    notes = found.table.set_index(["kind", "left_out"])["note"]
    assert (notes["criterion", "c0"], notes["criterion", "c1"]) == ("", "")
    alone = leave_one_out(small_ranking([[None], [None]]))
    assert alone.table.set_index(["kind", "left_out"])["note"]["criterion", "c0"] == "nothing is left to rank by"


def test_nothing_left() -> None:
    found = leave_one_out(small_ranking([[0.3], [0.6]], sources=[["a"], ["b"]]))
    notes = found.table.set_index(["kind", "left_out"])["note"]
    assert notes["criterion", "c0"] == notes["factor", "c0"] == "nothing is left to rank by"
    assert notes["data set", "a"] == ""
    alone = leave_one_out(small_ranking([[0.3, 0.2]])).table.set_index(["kind", "left_out"])
    assert alone.loc[("site", "s00"), "note"] == "nothing is left to rank by"
    assert alone.loc[("site", "s00"), "first_changes"] == "no"
    lost = leave_one_out(
        small_ranking([[0.3, None], [None, 0.5], [0.2, 0.2]], [3, 1], minimum=0.7, sources=[["a", "a"]] * 3)
    ).table.set_index(["kind", "left_out"])
    assert lost.loc[("data set", "a"), "note"] == "nothing is left to rank by"


def test_a_method_that_is_undefined_without_a_part_says_so() -> None:
    ranking = small_ranking([[0.3, 0.2], [0.6, 0.2]])
    notes = leave_one_out(ranking, variant="topsis").table.set_index(["kind", "left_out"])["note"]
    assert (
        notes["criterion", "c0"] == "undefined: all sites have the same points on every criterion that carries weight"
    )


# ---- the smallest change of weights -----------------------------------------------------------------


def simplex(criteria: int, steps: int) -> np.ndarray:
    """All weights in whole steps."""
    cuts = itertools.combinations(range(steps + criteria - 1), criteria - 1)
    return np.array([np.diff([-1, *cut, steps + criteria - 1]) - 1 for cut in cuts]) / steps


def passed(table: list[list[Points]], weights: np.ndarray, minimum: float, first: frozenset[int]) -> np.ndarray:
    """Whether, at each weighting, one outside passes one of the first, or one of the first is no longer ranked."""
    points = np.array([[0.0 if c is None else c[0] if isinstance(c, tuple) else c for c in row] for row in table])
    known = np.array([[isinstance(cell, float) for cell in row] for row in table])
    scores, ranked = np.round(weights @ points.T, 9), weights @ known.T >= minimum - 1e-9
    inside = np.array([place in first for place in range(len(table))])
    best_outside = np.where(ranked & ~inside, scores, -1.0).max(axis=1)
    worst_inside = np.where(inside, scores, 2.0).min(axis=1)
    return (best_outside > worst_inside) | ~ranked[:, inside].all(axis=1)


STEPS = {1: 1, 2: 240, 3: 60}


@settings(max_examples=25)
@given(tables(sites=(2, 5), criteria=(1, 3)), st.sampled_from([0.0, 0.0, 0.5, 0.75]), st.integers(1, 3))
def test_no_weighting_of_a_grid_alters_the_first_sites_at_less(world: World, minimum: float, top: int) -> None:
    table, weights = world
    ranking = small_ranking(table, weights, minimum=minimum)
    try:
        found = smallest_weight_change(ranking, top)
    except InputError:
        assume(False)
    base = grid_of(ranking).weights
    ranks = ranking.table.set_index("site").sort_index()["rank"]
    first = frozenset(place for place, rank in enumerate(ranks) if rank is not pd.NA and rank <= top)
    assert not passed(table, base[None, :], minimum, first)[0]
    grid = simplex(len(weights), STEPS[len(weights)])
    moved = np.abs(grid[passed(table, grid, minimum, first)] - base).sum(axis=1) / 2
    if found.smallest is None:
        assert len(moved) == 0
    else:
        assert moved.min(initial=math.inf) >= found.smallest["moved"] - 1e-9


@settings(max_examples=25)
@given(tables(sites=(2, 5), criteria=(2, 4)), st.sampled_from([0.0, 0.5, 0.75]), st.integers(1, 2))
def test_at_the_weights_found_the_two_draw_level(world: World, minimum: float, top: int) -> None:
    table, weights = world
    ranking = small_ranking(table, weights, minimum=minimum)
    try:
        found = smallest_weight_change(ranking, top)
    except InputError:
        assume(False)
    grid = grid_of(ranking)
    place = {site: number for number, site in enumerate(grid.sites)}
    for number, row in enumerate(found.table.itertuples()):
        if row.possible == "no":
            with pytest.raises(InputError, match=f"Row {number} of the table has no weights"):
                found.change(number)
            continue
        change = found.change(number)
        for column, distance in (("moved_to", row.moved), ("spread_to", row.largest_change)):
            new = change[column].to_numpy()
            assert new.min() >= 0
            assert new.sum() == pytest.approx(1, abs=1e-9)
            apart = np.abs(new - change["weight"].to_numpy())
            assert (apart.sum() / 2 if column == "moved_to" else apart.max()) == pytest.approx(distance, abs=1e-9)
            holder = place[row.instead_of]
            if row.challenger:
                ahead = grid.points[place[row.challenger]] - grid.points[holder]
                assert ahead @ new >= -1e-9
                assert grid.known[place[row.challenger]] @ new >= minimum - 1e-9
                assert ahead.max() > 0
            else:
                assert grid.known[holder] @ new == pytest.approx(minimum, abs=1e-9)
    order = found.table.loc[found.table["possible"] == "yes", "moved"]
    assert order.is_monotonic_increasing or order.round(9).is_monotonic_increasing


def greedy_move(weights: np.ndarray, ahead: np.ndarray) -> float:
    """The least weight moved, by taking it from where the challenger is farthest behind: exact without coverage."""
    lead, moved, best = float(ahead @ weights), 0.0, float(ahead.max())
    for place in np.argsort(ahead):
        if lead >= -1e-12:
            break
        gain = best - ahead[place]
        share = min(weights[place], -lead / gain) if gain > 0 else 0.0
        lead, moved = lead + share * gain, moved + share
    return moved


@few
@given(tables(sites=(2, 6), criteria=(2, 5), full=True))
def test_with_full_evidence_the_least_move_is_the_greedy_one(world: World) -> None:
    table, weights = world
    ranking = small_ranking(table, weights)
    try:
        found = smallest_weight_change(ranking)
    except InputError:
        assume(False)
    grid = grid_of(ranking)
    place = {site: number for number, site in enumerate(grid.sites)}
    for row in found.table.itertuples():
        ahead = grid.points[place[row.challenger]] - grid.points[place[row.instead_of]]
        assert (row.possible == "yes") == (ahead.max() > 1e-9)
        if row.possible == "yes":
            assert row.moved == pytest.approx(greedy_move(grid.weights, ahead), abs=1e-9)
        else:
            assert row.reason == f"{row.instead_of_name} has at least as many points on every criterion"


def test_a_case_by_hand() -> None:
    # 0.5 w1 leads by 0.6 on the first criterion and is behind by 0.2 on the second: level at w1 = 1/4.
    found = smallest_weight_change(small_ranking([[0.8, 0.4], [0.2, 0.6]]))
    assert found.smallest["name"] == "Site 1"
    assert (found.smallest["moved"], found.smallest["largest_change"]) == pytest.approx((0.25, 0.25))
    change = found.change().set_index("criterion")
    assert change["moved_to"].tolist() == pytest.approx([0.25, 0.75])
    assert repr(found) == "25.0 % of the weight must move to alter the first site. See .table, .change()."


def test_total_and_largest_change_differ_with_three_criteria() -> None:
    found = smallest_weight_change(small_ranking([[0.9, 0.3, 0.3], [0.3, 0.6, 0.6]], [2, 1, 1])).smallest
    # Level at w1 = 1/3: 1/6 moves from the first; spread over the two others each gets 1/12.
    assert (found["moved"], found["largest_change"]) == pytest.approx((1 / 6, 1 / 6))
    found = smallest_weight_change(small_ranking([[0.7, 0.5, 0.3], [0.3, 0.5, 0.6]])).smallest
    # Ahead by -0.4, 0, 0.3: from the first to the third 1/21 of the weight is enough, by either distance.
    assert (found["moved"], found["largest_change"]) == pytest.approx((1 / 21, 1 / 21))


def test_with_one_criterion_no_change_of_weights_alters_anything() -> None:
    found = smallest_weight_change(small_ranking([[0.9], [0.5], [0.1]]))
    assert found.smallest is None
    assert (found.table["possible"] == "no").all()
    assert found.weights.empty
    assert repr(found) == "No weighting puts another site first. See .table."


def test_a_site_that_can_only_draw_level_is_told_apart() -> None:
    found = smallest_weight_change(small_ranking([[0.9, 0.5], [0.2, 0.5]]))
    assert found.smallest is None
    assert found.table["reason"].tolist() == ["Site 0 has at least as many points on every criterion"]
    several = smallest_weight_change(small_ranking([[0.9, 0.5], [0.8, 0.4], [0.2, 0.1]]), top=2)
    assert several.table["reason"].tolist() == ["no weighting puts it before any of the first"]
    assert several.table["instead_of"].tolist() == [""]


def test_too_little_evidence_keeps_a_challenger_back_and_costs_a_first_site_its_rank() -> None:
    ranking = small_ranking([[0.5, None], [0.4, 0.4], [None, 1.0]], [3, 1], minimum=0.6)
    found = smallest_weight_change(ranking)
    table = found.table.set_index("challenger")
    # Site 0 has 0.375 against 0.4 of site 1, which is first; it overtakes at a weight of 0.8, with enough evidence.
    assert table.loc["s00", "moved"] == pytest.approx(0.05)
    # Site 2 needs 0.6 on the second criterion to be ranked at all, and is ahead by then.
    assert table.loc["s02", "moved"] == pytest.approx(0.35)
    measures = small_measures([[0.5, None], [0.4, 0.4], [None, 1.0]])
    assert reweighted(ranking, [0.4, 0.6], measures).table["site"][0] == "s02"
    assert reweighted(ranking, [0.41, 0.59], measures).table["site"][0] == "s01"
    # A first site whose evidence rests on one criterion loses its rank when that loses weight.
    lost = smallest_weight_change(small_ranking([[0.9, None], [0.2, 0.2]], [3, 1], minimum=0.6))
    row = lost.table[lost.table["challenger"] == ""].iloc[0]
    assert (row["moved"], row["reason"]) == (pytest.approx(0.15), "Site 0 falls below the minimum coverage")
    assert lost.smallest["challenger"] == ""
    never = smallest_weight_change(small_ranking([[0.9, 0.1], [0.95, None]], [1, 3], minimum=0.6))
    assert never.table["possible"].tolist() == ["yes"]
    kept = smallest_weight_change(small_ranking([[0.9, 0.3, 0.9], [0.1, 0.4, None]], [1, 1, 1], minimum=1.0))
    assert kept.table["possible"].tolist() == ["yes"]
    behind = smallest_weight_change(small_ranking([[0.9, 0.1], [None, 0.2]], [9, 1], minimum=0.5, factors=["a", "b"]))
    assert behind.table["possible"].tolist() == ["yes"]
    nothing = smallest_weight_change(small_ranking([[0.9, 0.1], [None, None]], minimum=0.5))
    assert nothing.table["reason"].tolist() == ["Site 0 has at least as many points on every criterion"]


def test_evidence_decides_where_points_do_not() -> None:
    # Site 1 is ahead only on the criterion for which it is known within bounds, and those are no evidence.
    found = smallest_weight_change(small_ranking([[0.9, 0.5], [0.8, (0.6, 0.9)]], minimum=0.6))
    assert found.table["possible"].tolist() == ["no"]
    assert found.table["reason"].tolist() == ["Site 0 stays before it wherever it has the minimum coverage"]
    found = smallest_weight_change(small_ranking([[0.9, 0.5], [(0.8, 0.9), (0.6, 0.9)]], minimum=0.6))
    assert found.table["reason"].tolist() == ["no weighting gives it the minimum coverage"]


def test_the_nearest_weights_may_not_exist() -> None:
    assert nearest_weights(np.array([0.5, 0.5]), np.array([[-1.0, -1.0]]), np.array([0.0])) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: leave_one_out(r, top=0), "first sites to watch must be 1 or more, not 0"),
        (lambda r: leave_one_out(r, variant="saw"), "There is no variant 'saw'. There are: goalposts, min-max"),
        (lambda r: smallest_weight_change(r, 0), "must be 1 to 3, the sites that are ranked, not 0"),
        (lambda r: smallest_weight_change(r, 4), "must be 1 to 3, the sites that are ranked, not 4"),
        (
            lambda r: smallest_weight_change(r, 2),
            "Site 1, Site 2 share rank 2, so there is no set of the first 2: any change of weights that parts them",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(small_ranking([[0.9, 0.5], [0.2, 0.6], [0.6, 0.2]]))


def test_nobody_ranked() -> None:
    unranked = small_ranking([[None, 0.5]] * 2, minimum=0.9)
    with pytest.raises(InputError, match="No site is ranked, so nothing can be left out"):
        leave_one_out(unranked)
    with pytest.raises(InputError, match="No site is ranked, so there is no first one to alter"):
        smallest_weight_change(unranked)


def test_results_are_frozen_and_copies() -> None:
    ranking = small_ranking([[0.9, 0.5], [0.2, 0.6]])
    before = ranking.contributions
    parts, change = leave_one_out(ranking), smallest_weight_change(ranking)
    for result, names in ((parts, ("table", "ranks")), (change, ("table", "weights"))):
        for name in names:
            mine = getattr(result, name)
            mine[("further", "") if name == "ranks" else "further"] = 1
            assert "further" not in getattr(result, name)
        with pytest.raises(dataclasses.FrozenInstanceError):
            result.top = 5
    pd.testing.assert_frame_equal(ranking.contributions, before)
    assert repr(parts) == "8 parts of the ranking left out one at a time. See .table, .ranks."
    assert small_cluster([1, 1]).criteria["weight"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("cluster", ["education", "health", "labour", "justice", "inclusion"])
@pytest.mark.parametrize("top", [1, 10])
def test_the_first_sites_change_just_beyond_the_weights_found_and_not_before(cluster: str, top: int) -> None:
    measures = lip.load_measures()
    ranking = lip.rank_sites(measures, lip.load_cluster(cluster))
    change = lip.smallest_weight_change(ranking, top).change()
    weights, level = change["weight"].to_numpy(), change["moved_to"].to_numpy()

    def first(share: float) -> set[str]:
        """The first sites so far on the way to the weights found, and beyond them."""
        new = np.maximum(weights + share * (level - weights), 0)
        ranked = reweighted(ranking, (new / new.sum()).tolist(), measures).ranked
        return set(ranked.loc[ranked["rank"] <= top, "site"])

    assert first(0.0) == first(0.999) != first(1.001)


# ---- the tables again, from the ranks alone ---------------------------------------------------------


def slow_effect(before: dict[str, int], after: dict[str, int], top: int, left_out: str) -> dict[str, object]:
    """What two rankings of named sites differ in; ranks by name, in the order of the first ranking."""
    both = [name for name in before if name in after]

    def places(ranks: dict[str, int]) -> dict[str, float]:
        mine = [ranks[name] for name in both]
        return {name: 1 + sum(r < ranks[name] for r in mine) + (mine.count(ranks[name]) - 1) / 2 for name in both}

    old, new = places(before), places(after)
    shift = {name: abs(old[name] - new[name]) for name in both}
    most = max(shift.values(), default=math.nan)
    first, then = ([name for name, rank in ranks.items() if rank == 1] for ranks in (before, after))
    was, now = ({name for name, rank in ranks.items() if rank <= top} for ranks in (before, after))
    return {
        "average_shift": sum(shift.values()) / len(both) if both else math.nan,
        "largest_shift": most,
        "moved_most": "; ".join(name for name in both if shift[name] == most) if most > 0 else "",
        "first": "; ".join(then),
        "first_changes": "yes" if then and set(first) != set(then) else "no",
        "enter_top": "; ".join(name for name in after if name in now - was),
        "leave_top": "; ".join(name for name in before if name in was - now - {left_out}) if after else "",
        "no_longer_ranked": "; ".join(name for name in before if name not in after and name != left_out),
        "newly_ranked": "; ".join(name for name in after if name not in before),
    }


def ranked_names(ranks: pd.Series, names: dict[str, str]) -> dict[str, int]:
    return {names[site]: int(rank) for site, rank in ranks.items() if rank is not pd.NA}


@few
@given(tables(sites=(2, 7), criteria=(1, 4)), st.sampled_from([0.0, 0.5, 0.7]), st.integers(1, 4))
def test_each_row_is_what_the_ranks_with_and_without_the_part_say(world: World, minimum: float, top: int) -> None:
    table, weights = world
    factors = ["a", "a", "b", "c"][: len(weights)]
    sources = [["x;y" if (s + c) % 3 else "x" for c in range(len(weights))] for s in range(len(table))]
    ranking = small_ranking(table, weights, factors, minimum, sources=sources)
    assume(not ranking.ranked.empty)
    found = leave_one_out(ranking, top)
    listed = ranking.table.set_index("site")
    names = listed["name"].to_dict()
    before = ranked_names(listed["rank"], names)
    share = np.array(weights) / sum(weights)
    ranked = [place for place in range(len(table)) if listed.loc[f"s{place:02d}", "rank"] is not pd.NA]
    assert list(found.ranks.index) == list(listed.index)
    assert list(found.ranks.columns) == list(zip(found.table["kind"], found.table["left_out"], strict=True))
    kinds = ["criterion"] * len(weights) + ["factor"] * len(set(factors))
    assert found.table["kind"].tolist()[: len(kinds)] == kinds
    for row in found.table.to_dict("records"):
        after = ranked_names(found.ranks[row["kind"], row["left_out"]], names)
        left_out = names[row["left_out"]] if row["kind"] == "site" else ""
        for column, value in slow_effect(before, after, top, left_out).items():
            if isinstance(value, float):
                assert row[column] == pytest.approx(value, nan_ok=True), (row, column)
            else:
                assert row[column] == value, (row, column)
        expected = {
            "criterion": sum(w for place, w in enumerate(share) if f"c{place}" == row["left_out"]),
            "factor": sum(w for w, factor in zip(share, factors, strict=True) if factor == row["left_out"]),
            "site": math.nan,
            "data set": np.mean(
                [
                    sum(
                        w
                        for c, w in enumerate(share)
                        if table[s][c] is not None and row["left_out"] in sources[s][c].split(";")
                    )
                    for s in ranked
                ]
            ),
        }[row["kind"]]
        assert row["weight"] == pytest.approx(expected, nan_ok=True)
        labels = {
            "criterion": f"Criterion {row['left_out'][1:]}",
            "factor": f"{row['left_out']} Factor {row['left_out']}",
            "site": left_out,
            "data set": row["left_out"],
        }
        assert row["label"] == labels[row["kind"]]


def test_what_is_left_out_by_default() -> None:
    given_ = inspect.signature(leave_one_out).parameters
    assert (given_["top"].default, given_["variant"].default) == (10, "goalposts")
    assert inspect.signature(smallest_weight_change).parameters["top"].default == 1
    found = leave_one_out(small_ranking([[0.9, 0.5], [0.2, 0.6]]))
    assert (found.top, found.variant) == (10, "goalposts")
    for top in (0, 1.0, True, "3"):
        with pytest.raises(InputError, match=rf"^The number of first sites to watch must be 1 or more, not {top}\.$"):
            leave_one_out(found.ranking, top=top)  # type: ignore[arg-type]
    assert leave_one_out(found.ranking, top=1).top == 1


def test_challengers_stand_by_what_must_move_then_by_their_rank() -> None:
    # Both others draw level at a weight of 1/4 of the first criterion; site 1 is second, site 0 third.
    ranking = small_ranking([[0.2, 0.6], [0.5, 0.5], [0.8, 0.4], [0.1, 0.1], [0.2, 0.2]])
    found = smallest_weight_change(ranking)
    assert found.table["challenger"].tolist() == ["s01", "s00", "s04", "s03"]
    assert found.table["possible"].tolist() == ["yes", "yes", "no", "no"]
    assert found.table["moved"].tolist()[:2] == pytest.approx([0.25, 0.25])
    assert found.table["instead_of"].tolist() == ["s02"] * 4
    assert found.table["instead_of_name"].tolist() == ["Site 2"] * 4
    weights = found.weights
    assert list(weights.columns) == ["row", "criterion", "label", "weight", "moved_to", "spread_to"]
    assert weights[["row", "criterion", "label", "weight"]].to_numpy().tolist() == [
        [row, f"c{c}", f"Criterion {c}", 0.5] for row in (0, 1) for c in (0, 1)
    ]
    assert found.change().equals(found.change(0))
    assert list(found.change(1).index) == [0, 1]
    with pytest.raises(InputError, match=r"^Row 2 of the table has no weights: no weighting does it, or there is no"):
        found.change(2)
    smallest = found.smallest
    smallest["moved"] = 9.0
    assert found.smallest["moved"] == pytest.approx(0.25)


def test_with_several_first_sites_the_one_that_is_overtaken_soonest_is_named() -> None:
    # Site 2 passes site 1 at a weight of 0.4 of the first criterion, site 0 only later.
    ranking = small_ranking([[0.9, 0.5], [0.8, 0.4], [0.2, 0.8], [0.1, 0.3]])
    found = smallest_weight_change(ranking, 2)
    assert found.table[["challenger", "instead_of", "possible"]].to_numpy().tolist() == [
        ["s02", "s01", "yes"],
        ["s03", "", "no"],
    ]
    assert found.smallest["moved"] == pytest.approx(0.1)
    assert found.table["instead_of_name"].tolist() == ["Site 1", ""]
    assert found.table["reason"].tolist() == ["", "no weighting puts it before any of the first"]
    assert repr(found) == "10.0 % of the weight must move to alter the first 2 sites. See .table, .change()."
    none = smallest_weight_change(small_ranking([[0.9], [0.8], [0.2]]), 2)
    assert repr(none) == "No weighting puts another site among the first 2. See .table."
    every = smallest_weight_change(ranking, 4)
    assert every.table.empty
    assert every.smallest is None


def test_two_first_sites_that_are_level_are_overtaken_in_the_order_of_the_ranking() -> None:
    # Twins at the top: to pass either takes as much, and the first of them is named.
    ranking = small_ranking([[0.2, 0.6], [0.8, 0.4], [0.8, 0.4]])
    found = smallest_weight_change(ranking, 2)
    assert found.table["instead_of"].tolist() == ["s01"]
    message = r"^Site 1, Site 2 share rank 1, so there is no set of the first 1: any change of weights that parts them"
    with pytest.raises(InputError, match=message):
        smallest_weight_change(ranking, 1)


@pytest.mark.parametrize(
    ("done", "message"),
    [
        (
            SimpleNamespace(status=4, message="tired"),
            "^The linear programme for the weights ended without a .*: tired$",
        ),
        (
            SimpleNamespace(status=0, x=np.array([1.0, 0.0, 0, 0]), fun=-1.0),
            "^The linear programme for the weights gave weights that miss its own conditions",
        ),
    ],
)
def test_a_solver_that_fails_is_not_believed(
    done: SimpleNamespace, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_, **__: done)
    with pytest.raises(LipresearchError, match=message):
        nearest_weights(np.array([0.8, 0.2]), np.array([[-1.0, 1.0]]), np.array([0.0]))
    if done.status:
        with pytest.raises(LipresearchError, match=message):
            sensitivity._most(np.array([1.0, 0.0]), np.array([[1.0, 0.0]]), np.array([0.5]))


def test_programmes_that_contradict_each_other_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sensitivity._programme
    near = np.array([0.8, 0.2]), np.array([[-1.0, 1.0]]), np.array([0.0])
    monkeypatch.setattr(sensitivity, "_programme", lambda w, a, b, t: whole(w, a, b, t) if t.shape[1] > 1 else None)
    with pytest.raises(LipresearchError, match=r"^The linear programme for the largest change failed; please report"):
        nearest_weights(*near)
    monkeypatch.setattr(sensitivity, "_nearest", lambda *_: None)
    with pytest.raises(LipresearchError, match=r"^The linear programme for the weights contradicts itself; please"):
        smallest_weight_change(small_ranking([[0.8, 0.4], [0.2, 0.6]]))


def test_the_most_that_a_direction_reaches() -> None:
    direction = np.array([0.2, -0.1, 0.5])
    assert sensitivity._most(direction, np.empty((0, 3)), np.empty(0)) == 0.5
    # With at least 0.6 on the second: 0.6 x -0.1 + 0.4 x 0.5.
    assert sensitivity._most(direction, np.array([[0.0, 1, 0]]), np.array([0.6])) == pytest.approx(0.14)
    assert sensitivity._most(direction, np.array([[0.0, 0, 0]]), np.array([0.5])) == -math.inf


def test_by_largest_and_by_total_change_against_a_fine_grid() -> None:
    weights, ahead = np.array([0.5, 0.3, 0.2]), np.array([[-0.4, 0.1, 0.5]])
    moved_to, spread_to = nearest_weights(weights, ahead, np.array([0.0]))
    grid = simplex(3, 200)
    able = grid[grid @ ahead[0] >= 0]
    assert np.abs(moved_to - weights).sum() == pytest.approx(np.abs(able - weights).sum(axis=1).min(), abs=0.02)
    assert np.abs(spread_to - weights).max() == pytest.approx(np.abs(able - weights).max(axis=1).min(), abs=0.01)
    for found in (moved_to, spread_to):
        assert found.sum() == pytest.approx(1, abs=1e-12)
        assert found @ ahead[0] >= -1e-9


def test_names_are_read_by_their_letters() -> None:
    factors = tuple(fresh(name) for name in ("aa", "aa", "bb"))
    found = weights_without(np.array([0.25, 0.25, 0.5]), factors, np.array([True, False, False]))
    assert found.tolist() == [0, 0.5, 0.5]


def test_results_are_equal_to_themselves_alone() -> None:
    ranking = small_ranking([[0.9, 0.5], [0.2, 0.6]])
    near = sensitivity._overtaking(grid_of(ranking), 1, 0)
    for result in (leave_one_out(ranking), smallest_weight_change(ranking), near):
        assert is_frozen_and_equal_to_itself_alone(result)

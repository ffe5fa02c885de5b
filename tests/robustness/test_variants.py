"""The same evidence under other methods: published tables, slow second methods, known nulls, what must hold."""

from __future__ import annotations

import dataclasses
import math
import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_rankings import Points, published, small_cluster, small_measures, small_ranking, tables

from lipresearch.errors import InputError
from lipresearch.ranking import competition_ranks, rank_sites
from lipresearch.robustness.grid import grid_of
from lipresearch.robustness.variants import (
    NORMALISATIONS,
    PREFERENCE,
    VARIANTS,
    UndefinedError,
    aggregate,
    compare_variants,
    mean_ranks,
    normalised,
    promethee,
    rank_shifts,
    relative_points,
)

several = settings(max_examples=25)
few = settings(max_examples=15)


# ---- published ------------------------------------------------------------------------------------


def tai() -> tuple[list[str], list[str], np.ndarray]:
    rows, names = published("tai.csv"), [row["indicator"] for row in published("tai_goalposts.csv")]
    return [row["country"] for row in rows], names, np.array([[float(row[name]) for name in names] for row in rows])


def ranks_of(scores: np.ndarray, countries: list[str]) -> dict[str, int]:
    return {country: int(rank) for country, rank in zip(countries, competition_ranks(scores), strict=True)}


def test_the_published_geometric_ranks_come_out_exactly() -> None:
    countries, _, values = tai()
    found = ranks_of(aggregate(values, np.full(8, 1 / 8), "geometric"), countries)
    assert found == {row["country"]: int(row["GME"]) for row in published("tai_ranks.csv")}


@pytest.mark.parametrize(("basis", "differ", "by"), [("FA", 4, 1), ("AHP", 3, 2)])
def test_ranks_from_weights_printed_with_two_decimals_differ_as_stated(basis: str, differ: int, by: int) -> None:
    countries, names, values = tai()
    posts = {row["indicator"]: (float(row["worst"]), float(row["best"])) for row in published("tai_goalposts.csv")}
    typed = {row["indicator"]: float(row[basis]) for row in published("tai_weights.csv")}
    cluster = small_cluster([typed[name] for name in names], goalposts=[posts[name] for name in names])
    ranked = rank_sites(small_measures(values.tolist()), cluster).table.sort_values("site")
    expected = {row["country"]: int(row[basis]) for row in published("tai_ranks.csv")}
    apart = [abs(expected[country] - int(rank)) for country, rank in zip(countries, ranked["rank"], strict=True)]
    assert (sum(distance > 0 for distance in apart), max(apart)) == (differ, by)


@pytest.mark.parametrize(
    ("method", "column"),
    [
        ("rank", "rank"),
        ("z-score", "z"),
        ("min-max", "minmax"),
        ("ratio to mean", "dist_mean"),
        ("ratio to best", "dist_best"),
        ("ratio to worst", "dist_worst"),
        ("difference to mean", "diff_mean"),
        ("difference to worst", "diff_worst"),
        ("above or below mean", "above_below_p20"),
        ("percentile", "percentile"),
    ],
)
def test_the_published_normalisations_come_out_to_rounding(method: str, column: str) -> None:
    rows = published("tai_schooling.csv")
    found = normalised([float(row["schooling"]) for row in rows], method)
    tolerance = 0.05 if method == "percentile" else 0.005
    for row, number in zip(rows, found, strict=True):
        assert number == pytest.approx(float(row[column]), abs=tolerance + 1e-9), row["country"]


def test_min_max_of_the_whole_ranking_moves_twelve_countries() -> None:
    _, names, values = tai()
    posts = {row["indicator"]: (float(row["worst"]), float(row["best"])) for row in published("tai_goalposts.csv")}
    cluster = small_cluster([1] * 8, goalposts=[posts[name] for name in names])
    found = compare_variants(rank_sites(small_measures(values.tolist()), cluster), variants=["min-max"])
    assert int((found.table["goalposts"] != found.table["min-max"]).sum()) == 12


# ---- slow second methods --------------------------------------------------------------------------


def slow_points(cell: Points) -> float:
    return 0.0 if cell is None else cell[0] if isinstance(cell, tuple) else cell


def slow_scores(method: str, table: list[list[Points]], weights: list[int]) -> list[float] | None:
    """Each method again, from its definition, in loops; None where it is undefined."""
    shares = [weight / sum(weights) for weight in weights]
    points = [[slow_points(cell) for cell in row] for row in table]
    known = [[cell is not None for cell in row] for row in table]
    sites, criteria = range(len(table)), range(len(weights))

    def mean(rows: list[list[float]]) -> list[float]:
        return [sum(share * x for share, x in zip(shares, row, strict=True)) for row in rows]

    def beats(i: int, j: int, c: int) -> float:
        one, other = (points[k][c] if known[k][c] else -1 for k in (i, j))
        return 1.0 if one > other else 0.5 if one == other else 0.0

    if method == "goalposts":
        return mean(points)
    if method == "geometric":
        return [math.prod(x**share for x, share in zip(row, shares, strict=True)) for row in points]
    if method == "harmonic":
        return [0.0 if 0 in row else 1 / sum(share / x for x, share in zip(row, shares, strict=True)) for row in points]
    if method in ("min-max", "z-score", "rank"):
        columns = []
        for c in criteria:
            have = [points[i][c] for i in sites if known[i][c]]
            column = []
            for i in sites:
                if method == "rank":
                    value = 0.0
                    if known[i][c] and len(table) > 1:
                        value = sum(beats(i, j, c) for j in sites if j != i) / (len(table) - 1)
                    column.append(value)
                    continue
                x = points[i][c] if known[i][c] else min(have, default=0)
                if len(set(have)) < 2:
                    column.append(0.0)
                elif method == "min-max":
                    column.append((x - min(have)) / (max(have) - min(have)))
                else:
                    column.append((x - statistics.mean(have)) / statistics.stdev(have))
            columns.append(column)
        return mean([list(row) for row in zip(*columns, strict=True)])
    if method == "pairwise":
        wins = []
        for i in sites:
            total = 0.0
            for j in sites:
                if i != j:
                    ahead = sum(share * beats(i, j, c) for c, share in enumerate(shares)) - 0.5
                    total += 0.5 if abs(ahead) < 1e-10 else float(ahead > 0)
            wins.append(total)
        return wins
    telling = [c for c in criteria if len({row[c] for row in points}) > 1]
    if not telling:
        return None
    if method == "topsis":
        found = []
        for row in points:
            far = [
                math.sqrt(sum((shares[c] * (row[c] - end(other[c] for other in points))) ** 2 for c in telling))
                for end in (max, min)
            ]
            found.append(far[1] / (far[0] + far[1]))
        return found
    if method == "vikor":
        loss = [
            [
                shares[c]
                * (max(r[c] for r in points) - row[c])
                / (max(r[c] for r in points) - min(r[c] for r in points))
                for c in telling
            ]
            for row in points
        ]
        whole, worst = [sum(row) for row in loss], [max(row) for row in loss]
        if max(whole) - min(whole) < 1e-10 or max(worst) - min(worst) < 1e-10:
            return None
        return [
            1 - (s - min(whole)) / (max(whole) - min(whole)) / 2 - (r - min(worst)) / (max(worst) - min(worst)) / 2
            for s, r in zip(whole, worst, strict=True)
        ]
    assert method == "promethee"

    def lead(d: float) -> float:
        return min(max(d, 0) / PREFERENCE, 1)

    return [
        sum(
            shares[c] * (lead(points[i][c] - points[j][c]) - lead(points[j][c] - points[i][c]))
            for j in sites
            if j != i
            for c in criteria
        )
        / (len(table) - 1)
        for i in sites
    ]


@pytest.mark.parametrize("method", VARIANTS)
@several
@given(world=tables())
def test_every_method_is_the_slow_one(method: str, world: tuple[list[list[Points]], list[int]]) -> None:
    table, weights = world
    grid = grid_of(small_ranking(table, weights))
    expected = slow_scores(method, table, weights)
    if expected is None:
        with pytest.raises(UndefinedError, match="all sites have the same"):
            VARIANTS[method].score(grid)
    else:
        assert VARIANTS[method].score(grid).tolist() == pytest.approx(expected, abs=1e-9)


# ---- what must hold -------------------------------------------------------------------------------


@few
@given(tables())
def test_the_first_variant_is_the_ranking_itself(world: tuple[list[list[Points]], list[int]]) -> None:
    ranking = small_ranking(*world)
    found = compare_variants(ranking)
    assert found.table["goalposts"].tolist() == ranking.table["rank"].tolist()
    assert found.table["site"].tolist() == ranking.table["site"].tolist()
    first = found.summary.iloc[0]
    assert (first["average_shift"], first["largest_shift"], first["moved_most"]) == (0, 0, "")
    ranks = found.table[list(found.summary["variant"])]
    assert (found.table["rank_best"] == ranks.min(axis=1)).all()
    assert (found.table["spread"] == ranks.max(axis=1) - ranks.min(axis=1)).all()


@few
@given(tables())
def test_two_identical_variants_shift_nothing(world: tuple[list[list[Points]], list[int]]) -> None:
    table, weights = world
    ranking = small_ranking(table, weights)
    twin = small_ranking(table, weights, perspective="twin")
    found = compare_variants(ranking, [twin], variants=[])
    assert found.summary["average_shift"].tolist() == [0, 0]
    assert found.table["spread"].tolist() == [0] * len(table)


@few
@given(tables(criteria=(1, 3)), st.integers(0, 5))
def test_equal_sites_share_every_rank(world: tuple[list[list[Points]], list[int]], which: int) -> None:
    table, weights = world
    twin = table[which % len(table)]
    found = compare_variants(small_ranking([*table, twin], weights)).table.set_index("site")
    ranks = found.drop(columns="name")
    pd.testing.assert_series_equal(
        ranks.loc[f"s{which % len(table):02d}"], ranks.loc[f"s{len(table):02d}"], check_names=False
    )


@few
@given(tables(full=True, criteria=(1, 1)))
def test_with_one_criterion_every_method_gives_the_same_order(world: tuple[list[list[Points]], list[int]]) -> None:
    table, weights = world
    assume(len({row[0] for row in table}) == len(table))
    found = compare_variants(small_ranking(table, weights))
    told = found.table.drop(columns=["vikor"])
    # With one criterion VIKOR's two indices are the same, so it agrees too.
    assert (found.summary["average_shift"] == 0).all()
    assert (told["goalposts"] == told["promethee"]).all()


@few
@given(tables(full=True))
def test_promethee_between_its_two_limits(world: tuple[list[list[Points]], list[int]]) -> None:
    table, weights = world
    grid = grid_of(small_ranking(table, weights))
    assume(any(len({row[c] for row in table}) > 1 for c in range(len(weights))))
    # A lead counts in full only at 1: the weighted mean. Any lead counts in full: the share beaten.
    wide, narrow = promethee(grid, 1.0), promethee(grid, 1e-6)
    count = len(table)
    mean = grid.points @ grid.weights
    assert wide == pytest.approx((count * mean - mean.sum()) / (count - 1), abs=1e-9)
    beaten = relative_points(grid, "share beaten") @ grid.weights
    assert narrow == pytest.approx(2 * beaten - 1, abs=1e-9)


@several
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=6), st.sampled_from(["min-max", "z-score", "share beaten"]))
def test_relative_points_know_no_unit(values: list[int], method: str) -> None:
    first = normalised([float(value) for value in values], method)
    assert normalised([7.0 * value + 3 for value in values], method) == pytest.approx(first, abs=1e-9)
    order = np.argsort(values, kind="stable")
    assert (np.diff(first[order]) >= -1e-12).all()


@pytest.mark.parametrize("method", NORMALISATIONS)
def test_missing_stays_missing_and_the_others_are_compared_among_themselves(method: str) -> None:
    found = normalised([4.0, math.nan, 1.0, 2.0], method)
    assert math.isnan(found[1])
    assert found[[0, 2, 3]].tolist() == normalised([4.0, 1.0, 2.0], method).tolist()
    assert np.isnan(normalised([math.nan, math.nan], method)).all()


def test_rounding_noise_tells_nobody_apart() -> None:
    assert normalised([0.1 + 0.2, 0.3], "min-max").tolist() == [0, 0]
    assert normalised([0.1 + 0.2, 0.3, 0.3], "z-score").tolist() == [0, 0, 0]
    noisy = small_ranking([[0.1 + 0.2, 0.5], [0.3, 0.5]])
    found = compare_variants(noisy)
    assert found.table["spread"].tolist() == [0, 0]
    notes = found.summary.set_index("variant")["note"]
    assert notes["topsis"] == "undefined: all sites have the same points on every criterion that carries weight"
    # The same sum of distances but for the last digit is the same sum.
    mirrored = small_ranking([[0.1 + 0.2, 0.7], [0.7, 0.3]])
    note = compare_variants(mirrored).summary.set_index("variant").loc["vikor", "note"]
    assert note == "undefined: all sites have the same sum of distances from the best"


@given(st.lists(st.integers(0, 4), min_size=1, max_size=7))
def test_mean_ranks_are_the_obvious_count(scores: list[int]) -> None:
    expected = [1 + sum(y > x for y in scores) + (sum(y == x for y in scores) - 1) / 2 for x in scores]
    assert mean_ranks(scores).tolist() == expected


def test_zero_points_make_the_geometric_and_harmonic_means_zero_and_this_is_said() -> None:
    found = compare_variants(small_ranking([[0.0, 1.0], [0.4, 0.4], [None, 0.9], [0.2, 0.3]]))
    notes = found.summary.set_index("variant")["note"]
    said = "2 of 4 sites have a score of 0 and share the last rank, 1 of them only for want of a value"
    assert notes["geometric"] == notes["harmonic"] == said
    assert found.scores["geometric"].loc[["s00", "s02"]].tolist() == [0, 0]
    ranks = found.table.set_index("site")["geometric"]
    assert ranks.to_dict() == {"s00": 3, "s01": 1, "s02": 3, "s03": 2}


def test_a_criterion_without_weight_makes_no_zero() -> None:
    assert aggregate([[0.0, 0.5]], [0.0, 1.0], "geometric").tolist() == pytest.approx([0.5])
    assert aggregate([[0.0, 0.5]], [0.0, 1.0], "harmonic").tolist() == [0.5]


def test_sites_with_a_gap_are_taken_at_worst_or_left_out() -> None:
    ranking = small_ranking([[0.2, 0.2], [None, 1.0], [(0.1, 0.9), 0.6], [0.9, 0.1]])
    worst = compare_variants(ranking).table.set_index("site")
    assert worst["min-max"].notna().all()
    without = compare_variants(ranking, missing="left out").table.set_index("site")
    assert without["goalposts"].dropna().to_dict() == {"s00": 2, "s03": 1}
    assert without.loc["s01"].drop("name").isna().all()


def test_sites_below_the_minimum_coverage_have_no_rank() -> None:
    found = compare_variants(small_ranking([[0.2, 0.2], [None, 1.0], [0.9, 0.1]], minimum=0.6))
    assert found.table.set_index("site").loc["s01"].drop("name").isna().all()
    counted = found.summary.set_index("variant")["sites"]
    assert counted.drop("vikor").eq(2).all()  # which is undefined for these two


def test_a_perspective_ranks_its_own_sites_and_shifts_are_over_the_common_ones() -> None:
    table = [[0.9, None], [0.5, 0.5], [0.1, 0.9]]
    first = small_ranking(table, [3, 1], minimum=0.6)
    other = small_ranking(table, [1, 3], minimum=0.6, perspective="other")
    found = compare_variants(first, [other], variants=[])
    ranks = found.table.set_index("site")["perspective: other"]
    assert ranks.astype(object).where(ranks.notna(), None).to_dict() == {"s00": None, "s01": 2, "s02": 1}
    row = found.summary.set_index("variant").loc["perspective: other"]
    assert (row["sites"], row["average_shift"], row["first"]) == (2, 1.0, "Site 2")


def test_shifts_count_ties_by_the_mean_of_their_places() -> None:
    first = pd.Series({"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0, "e": math.nan})
    assert rank_shifts(first, pd.Series({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0})).tolist() == [1.5, 0.5, 0.5, 1.5]
    assert rank_shifts(first, pd.Series({"z": 1.0})).empty


def test_results_are_frozen_and_copies() -> None:
    ranking = small_ranking([[0.1, 0.2], [0.3, 0.1]])
    before = ranking.table
    found = compare_variants(ranking)
    for name in ("table", "summary", "scores"):
        mine = getattr(found, name)
        mine.iloc[:, 0] = mine.iloc[0, 0]
        mine["further"] = 1
        assert "further" not in getattr(found, name)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.missing = "left out"
    pd.testing.assert_frame_equal(ranking.table, before)
    assert repr(found) == "10 variants of the ranking for Test. See .table, .summary, .scores."


GOOD = [[0.1, 0.2], [0.3, 0.1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: normalised([1.0], "softmax"), "There is no normalisation 'softmax'. There are: min-max, "),
        (lambda: normalised([math.inf], "rank"), "one finite number a site, NaN where missing"),
        (lambda: normalised([0.0, 1.0], "ratio to worst"), "Ratios to the worst are undefined: it is 0"),
        (lambda: normalised([-1.0, 1.0], "difference to mean"), "Ratios to the mean are undefined: it is 0"),
        (lambda: aggregate(GOOD, [0.5, 0.5], "median"), "There is no aggregation 'median'. There are: arithmetic"),
        (lambda: aggregate([[math.nan]], [1.0]), "one row of points a site, without a gap"),
        (lambda: aggregate([[-1.0]], [1.0], "geometric"), "The geometric mean is undefined for points below 0"),
        (lambda: aggregate(GOOD, [0.5, 0.6]), r"Weights must add to 1, not 1\.1"),
        (lambda: compare_variants(small_ranking(GOOD), variants=["saw"]), "Name different variants .* no 'saw'"),
        (lambda: compare_variants(small_ranking(GOOD), variants=["rank"] * 2), "Name different variants out of: "),
        (lambda: compare_variants(small_ranking(GOOD), missing="zero"), "taken at worst or left out, not 'zero'"),
        (
            lambda: compare_variants(small_ranking([[None, 0.5]] * 2, minimum=0.9)),
            "No site is ranked, so there is nothing to compare",
        ),
        (
            lambda: compare_variants(small_ranking([[None, 0.5]] * 2), missing="left out"),
            "No site has a value for every criterion, so none is left. Use missing='at worst'",
        ),
        (lambda: compare_variants(small_ranking(GOOD), [small_ranking(GOOD)]), "Perspective plain stands twice"),
        (
            lambda: compare_variants(small_ranking(GOOD), [small_ranking(GOOD[:1], perspective="other")]),
            "Perspective other of test is not a ranking of the same sites for test",
        ),
        (lambda: promethee(grid_of(small_ranking(GOOD)), 0), "preference threshold must be above 0, not 0"),
    ],
)
def test_what_cannot_be_used_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_one_site_alone() -> None:
    found = compare_variants(small_ranking([[0.5, 0.2]]))
    notes = found.summary.set_index("variant")["note"]
    assert notes["promethee"].startswith("undefined: ")
    assert found.table["rank_worst"].tolist() == [1]


def test_the_summary_of_every_variant_is_what_its_ranks_say() -> None:
    random = np.random.default_rng(11)
    ranking = small_ranking((random.integers(0, 11, (14, 3)) / 10).tolist(), [1, 2, 3])
    found = compare_variants(ranking)
    ranks, names = found.table.set_index("site"), found.table.set_index("site")["name"]
    stated = {site: int(rank) for site, rank in ranks[found.summary["variant"].iloc[0]].items()}
    tens = []
    for row in found.summary.itertuples():
        mine = {site: int(rank) for site, rank in ranks[row.variant].items()}
        assert row.first == "; ".join(names[site] for site in mine if mine[site] == 1)
        top = [{site for site, rank in those.items() if rank <= 10} for those in (stated, mine)]
        assert row.of_first_ten == len(top[0] & top[1])
        tens.append(row.of_first_ten)
        if len(set(mine.values())) == len(set(stated.values())) == 14:  # without ties a shift is one of ranks
            shift = {site: abs(stated[site] - mine[site]) for site in mine}
            assert row.largest_shift == max(shift.values())
            assert row.average_shift == pytest.approx(sum(shift.values()) / 14)
            most = [names[site] for site in mine if 0 < shift[site] == max(shift.values())]
            assert row.moved_most == "; ".join(most)
    assert min(tens) < 10 < len(names)

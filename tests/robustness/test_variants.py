"""The same evidence under other methods: published tables, slow second methods, known nulls, what must hold."""

from __future__ import annotations

import dataclasses
import inspect
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
    Variant,
    aggregate,
    compare_variants,
    mean_ranks,
    normalised,
    promethee,
    rank_shifts,
    relative_points,
    topsis,
    vikor,
)
from robustness.rankings import fresh, is_frozen_and_equal_to_itself_alone

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


#: A site that is added to, or left out of, these changes what the methods make of the others.
CROWD = [[0.2, 0.9], [0.7, 0.4], [0.5, 0.6], [0.1, 0.1], [1.0, 0.95]]


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_relative_method_is_one_whose_scores_depend_on_the_other_candidates(variant: Variant) -> None:
    whole, fewer = (variant.score(grid_of(small_ranking(table, [2, 1]))) for table in (CROWD, CROWD[:3]))
    assert variant.relative == (not np.allclose(whole[:3], fewer))
    assert ("depends on the other candidates" in variant.about) == variant.relative
    with pytest.raises(dataclasses.FrozenInstanceError):
        variant.relative = False  # type: ignore[misc]
    assert VARIANTS[variant.name] is variant


def test_a_lead_of_a_fifth_counts_in_full_and_a_smaller_one_in_proportion() -> None:
    # One criterion: leads of 0.1, 0.2 and 0.4 count a half, a whole and a whole.
    grid = grid_of(small_ranking([[0.1], [0.2], [0.5]]))
    assert promethee(grid).tolist() == pytest.approx([(-0.5 - 1) / 2, (0.5 - 1) / 2, 1])
    assert promethee(grid, 0.1).tolist() == pytest.approx([-1, 0, 1])
    assert "in full from 0.2 points on" in VARIANTS["promethee"].about
    for preference in (-0.1, 0, math.nan, math.inf):
        with pytest.raises(InputError, match=rf"^The preference threshold must be above 0, not {preference:g}\.$"):
            promethee(grid, preference)


@pytest.mark.parametrize("whole", [0.0, 0.25, 0.5, 1.0])
def test_vikor_by_its_formula(whole: float) -> None:
    table, shares = [[0.1, 0.9, 0.3], [0.8, 0.2, 0.5], [0.4, 0.6, 0.9], [0.3, 0.3, 0.1]], [0.5, 0.3, 0.2]
    grid = grid_of(small_ranking(table, shares))
    columns = list(zip(*table, strict=True))
    loss = [
        [w * (max(column) - x) / (max(column) - min(column)) for w, x, column in zip(shares, row, columns, strict=True)]
        for row in table
    ]
    sums, most = [sum(row) for row in loss], [max(row) for row in loss]
    expected = [
        1 - whole * (s - min(sums)) / (max(sums) - min(sums)) - (1 - whole) * (r - min(most)) / (max(most) - min(most))
        for s, r in zip(sums, most, strict=True)
    ]
    assert vikor(grid, whole).tolist() == pytest.approx(expected)
    if whole == 0.5:
        assert vikor(grid).tolist() == vikor(grid, 0.5).tolist()


def test_a_share_of_the_whole_is_one() -> None:
    grid = grid_of(small_ranking(CROWD))
    for whole in (-0.01, 1.01, math.nan):
        with pytest.raises(InputError, match=rf"^The share of the whole, v, lies between 0 and 1, not {whole:g}\.$"):
            vikor(grid, whole)
    with pytest.raises(UndefinedError, match=r"^all sites have the same largest distance from the best$"):
        vikor(grid_of(small_ranking([[0.0, 1.0, 0.5], [1.0, 0.0, 0.0]], [1, 1, 1])))


def test_a_criterion_without_weight_tells_nobody_apart() -> None:
    grid = grid_of(small_ranking([[0.5, 0.1], [0.5, 0.9]], [1, 0]))
    for method in (topsis, vikor, promethee):
        with pytest.raises(UndefinedError, match=r"^all sites have the same points on every criterion that carries"):
            method(grid)


def test_normalisations_by_hand() -> None:
    values = [4.0, 8.0, 5.0, 5.0, 3.0]  # mean 5
    expected = {
        "min-max": [0.2, 1, 0.4, 0.4, 0],
        "z-score": [x / math.sqrt(14 / 4) for x in (-1, 3, 0, 0, -2)],
        "rank": [2, 5, 3, 3, 1],
        "percentile": [40, 100, 60, 60, 20],
        "share beaten": [0.25, 1, 0.625, 0.625, 0],
        "ratio to mean": [0.8, 1.6, 1, 1, 0.6],
        "ratio to best": [0.5, 1, 0.625, 0.625, 0.375],
        "ratio to worst": [4 / 3, 8 / 3, 5 / 3, 5 / 3, 1],
        "difference to mean": [-0.2, 0.6, 0, 0, -0.4],
        "difference to worst": [1 / 3, 5 / 3, 2 / 3, 2 / 3, 0],
        "above or below mean": [-1, 1, 0, 0, -1],  # from 20 % on
    }
    assert list(expected) == list(NORMALISATIONS)
    for method, row in expected.items():
        assert normalised(values, method).tolist() == pytest.approx(row, abs=1e-12), method
    assert normalised([4.1, 5.9, 5.0], "above or below mean").tolist() == [0, 0, 0]
    assert normalised([2.0, 10.0, 3.0], "above or below mean").tolist() == [-1, 1, -1]
    for method in ("z-score", "share beaten", "min-max"):
        assert normalised([3.0], method).tolist() == [0.0]
    mine = np.array(values)
    normalised(mine, "min-max")
    assert mine.tolist() == values
    with pytest.raises(InputError, match=r"^The values of a criterion are one finite number a site, NaN where missing"):
        normalised([[1.0]], "rank")


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ("ratio to mean", "mean"),
        ("ratio to best", "best"),
        ("ratio to worst", "worst"),
        ("above or below mean", "mean"),
    ],
)
def test_ratios_of_values_below_0_turn_the_order_around(method: str, what: str) -> None:
    message = rf"^Ratios to the {what} are undefined for values below 0: they would turn the order around\.$"
    with pytest.raises(InputError, match=message):
        normalised([-1.0, 5.0], method)
    with pytest.raises(InputError, match=rf"^Ratios to the {what} are undefined: it is 0\.$"):
        normalised([0.0, 0.0], method)
    if what != "worst":
        assert normalised([0.0, 5.0], method).tolist()[0] in (0.0, -1.0)  # none at all is no value below 0


def test_what_is_missing_counts_as_the_worst_of_the_candidates() -> None:
    grid = grid_of(small_ranking([[0.2, None], [None, 0.5], [0.6, 0.1], [0.4, 0.9]]))
    assert relative_points(grid, "min-max").tolist() == pytest.approx(np.array([[0, 0], [0, 0.5], [1, 0], [0.5, 1]]))
    third = 1 / 3
    beaten = [[third, 0], [0, 2 * third], [1, third], [2 * third, 1]]
    assert relative_points(grid, "share beaten").tolist() == [pytest.approx(row) for row in beaten]
    nothing = grid_of(small_ranking([[0.2, None], [0.3, None]]))
    assert relative_points(nothing, "z-score")[:, 1].tolist() == [0, 0]


def test_zeros_are_counted_where_a_criterion_carries_weight() -> None:
    notes = {
        "3 of 4 sites have a score of 0 and share the last rank": [[0.0, 1], [0.0, 0.2], [0.3, 0.0], [0.5, 0.5]],
        "1 of 2 sites have a score of 0 and share the last rank, 1 of them only for want of a value": [
            [None, 0.5],
            [0.3, 0.3],
        ],
        "1 of 2 sites have a score of 0 and share the last rank": [[0.0, None], [0.3, 0.3]],
        "": [[0.1, 0.2], [0.2, 0.1]],
    }
    for note, table in notes.items():
        found = compare_variants(small_ranking(table)).summary.set_index("variant")["note"]
        assert found["geometric"] == found["harmonic"] == note
    free = compare_variants(small_ranking([[0.0, 0.4], [0.3, 0.2]], [0, 1])).summary
    assert (free["note"] == "").sum() >= 3
    assert free.set_index("variant").loc["geometric", "note"] == ""


def test_columns_labels_and_defaults_of_a_comparison() -> None:
    ranking = small_ranking(CROWD, [2, 1])
    other = small_ranking(CROWD, [1, 3], perspective="other")
    found = compare_variants(ranking, [other], variants=["rank", "goalposts", "topsis"])
    names = ["goalposts", "rank", "topsis", "perspective: other"]
    assert found.summary["variant"].tolist() == names
    assert found.summary["label"].tolist() == ["Goalposts", "Rank", "TOPSIS", "Other"]
    assert found.summary["about"].tolist() == [*(VARIANTS[name].about for name in names[:3]), "none"]
    assert list(found.table.columns) == ["site", "name", *names, "rank_best", "rank_worst", "spread"]
    assert found.table.index.tolist() == list(range(5))
    assert list(found.scores.columns) == names
    assert list(found.scores.index) == ranking.table["site"].tolist()
    listed = other.table.set_index("site")["score"]
    assert found.scores["perspective: other"].tolist() == listed.reindex(found.scores.index).tolist()
    assert found.missing == "at worst"
    given_ = inspect.signature(compare_variants).parameters
    assert (given_["missing"].default, given_["perspectives"].default, given_["variants"].default) == (
        "at worst",
        (),
        None,
    )
    with pytest.raises(InputError, match=r"^What is missing is taken at worst or left out, not 'zero'\.$"):
        compare_variants(ranking, missing="zero")
    with pytest.raises(InputError, match=r"^Name different variants out of: goalposts, .*, pairwise\.$"):
        compare_variants(ranking, variants=["rank", "rank"])
    with pytest.raises(InputError, match=r"^Name different variants out of: .*, pairwise; there is no 'saw'\.$"):
        compare_variants(ranking, variants=["saw"])


def test_a_method_without_a_result_has_no_shift_and_no_first() -> None:
    row = compare_variants(small_ranking([[0.5, 0.2], [0.5, 0.2]])).summary.set_index("variant").loc["vikor"]
    assert (row["sites"], row["first"], row["moved_most"], row["of_first_ten"]) == (0, "", "", pd.NA)
    assert math.isnan(row["average_shift"])
    assert math.isnan(row["largest_shift"])


def test_a_tie_and_a_gap_in_two_rankings() -> None:
    first = pd.Series({"b": 2.0, "a": 3.0, "c": 1.0, "d": math.nan})
    other = pd.Series({"a": 1.0, "b": 2.0, "c": 2.0, "d": 5.0})
    found = rank_shifts(first, other)
    assert found.to_dict() == {"b": 0.5, "a": 2.0, "c": 1.5}
    assert list(found.index) == ["b", "a", "c"]


@several
@given(
    st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any),
    st.sampled_from(["arithmetic", "geometric", "harmonic"]),
)
def test_means_are_the_slow_ones(table: list[list[int]], weights: list[int], method: str) -> None:
    shares = [weight / sum(weights) for weight in weights]
    expected = []
    for row in table:
        pairs = [(w, x) for w, x in zip(shares, row, strict=True) if w > 0]
        if method == "arithmetic":
            expected.append(sum(w * x for w, x in pairs))
        elif 0 in [x for _, x in pairs]:
            expected.append(0.0)
        else:
            product = math.prod(x**w for w, x in pairs)
            expected.append(product if method == "geometric" else 1 / sum(w / x for w, x in pairs))
    assert aggregate(table, shares, method).tolist() == pytest.approx(expected, abs=1e-12)


def test_means_that_are_undefined() -> None:
    assert aggregate([[-1.0, 3.0]], [0.5, 0.5]).tolist() == [1.0]
    for method in ("geometric", "harmonic"):
        with pytest.raises(InputError, match=rf"^The {method} mean is undefined for points below 0\.$"):
            aggregate([[-1.0, 3.0]], [0.5, 0.5], method)
    for points in ([1.0, 2.0], [[math.inf, 1.0]]):
        with pytest.raises(InputError, match=r"^There must be one row of points a site, without a gap\.$"):
            aggregate(points, [0.5, 0.5])


def test_words_are_read_by_their_letters() -> None:
    table, weights = [[0.2, 0.9], [0.7, 0.4], [0.5, 0.6]], [0.5, 0.5]
    for method in ("arithmetic", "geometric", "harmonic"):
        assert aggregate(table, weights, fresh(method)).tolist() == aggregate(table, weights, method).tolist()
    ranking = small_ranking([[0.2, 0.2], [None, 1.0], [(0.1, 0.9), 0.6], [0.9, 0.0]])
    for method in ("min-max", "z-score", "share beaten"):
        assert (relative_points(grid_of(ranking), fresh(method)) == relative_points(grid_of(ranking), method)).all()
    for missing in ("at worst", "left out"):
        one = compare_variants(ranking, variants=["geometric", "harmonic"], missing=missing)
        other = compare_variants(ranking, variants=[fresh("geometric"), fresh("harmonic")], missing=fresh(missing))
        pd.testing.assert_frame_equal(one.summary, other.summary)
        pd.testing.assert_frame_equal(one.table, other.table)
    again = compare_variants(ranking, variants=[fresh("goalposts"), "rank"])
    assert again.summary["variant"].tolist() == ["goalposts", "rank"]
    for missing, message in (
        ("at worst", "^No site is ranked"),
        ("left out", "^No site has a value for every criterion"),
    ):
        with pytest.raises(InputError, match=message):
            compare_variants(small_ranking([[None, None]], minimum=0.5), missing=fresh(missing))


def test_a_comparison_is_equal_to_itself_alone() -> None:
    assert is_frozen_and_equal_to_itself_alone(compare_variants(small_ranking(GOOD)))


def test_who_moves_most_is_named_in_the_order_of_the_ranking() -> None:
    random = np.random.default_rng(3)
    ranking = small_ranking((random.integers(0, 11, (7, 3)) / 10).tolist(), [3, 2, 1])
    found = compare_variants(ranking)
    names = ranking.table.set_index("site")["name"]

    def places(scores: pd.Series) -> dict[str, float]:
        near = scores.round(9).tolist()
        return {site: 1 + sum(y > x for y in near) + (near.count(x) - 1) / 2 for site, x in scores.round(9).items()}

    stated, moved = places(found.scores["goalposts"]), []
    for row in found.summary.itertuples():
        mine = places(found.scores[row.variant])
        shift = {site: abs(stated[site] - mine[site]) for site in stated}
        most = max(shift.values())
        assert (row.average_shift, row.largest_shift) == pytest.approx((sum(shift.values()) / 7, most))
        assert row.moved_most == "; ".join(names[site] for site in shift if shift[site] == most > 0)
        assert row.sites == row.of_first_ten == 7
        moved.append(row.moved_most)
    assert moved[0] == ""
    assert sum("; " in name for name in moved) >= 1
    assert len(set(moved)) > 3

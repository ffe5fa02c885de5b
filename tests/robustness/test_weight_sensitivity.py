"""One weight from 0 to 1: exact fractions, the ranking made anew at many weights, known cases."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_rankings import Points, reweighted, small_measures, small_ranking, tables

import lipresearch as lip
from lipresearch.errors import InputError
from lipresearch.robustness.sensitivity import WeightSensitivity, weight_sensitivity
from robustness.rankings import is_frozen_and_equal_to_itself_alone

World = tuple[list[list[Points]], list[int]]


def at_weight(weights: list[int], place: int, t: Fraction) -> list[Fraction]:
    """Weights when one of them is t and the others are in proportion, exactly."""
    rest = sum(weights) - weights[place]
    return [t if c == place else (1 - t) * Fraction(weight, rest) for c, weight in enumerate(weights)]


def first_at(table: list[list[Points]], weights: list[Fraction], minimum: Fraction) -> tuple[int, ...]:
    """The first sites, exactly: scores as sums of fractions; a bound counts with its worse end."""
    scores = {}
    for site, row in enumerate(table):
        if sum(w for w, cell in zip(weights, row, strict=True) if isinstance(cell, float)) >= minimum:
            counted = [0.0 if cell is None else cell[0] if isinstance(cell, tuple) else cell for cell in row]
            scores[site] = sum(w * Fraction(round(10 * u), 10) for w, u in zip(weights, counted, strict=True))
    return tuple(site for site, score in scores.items() if score == max(scores.values()))


def slow_stretches(
    table: list[list[Points]], weights: list[int], place: int, minimum: Fraction
) -> list[tuple[Fraction, Fraction, tuple[int, ...]]]:
    """Every weight at which any two scores are level or a coverage is just met, each solved for by itself."""

    def ends(site: int, value: str) -> tuple[Fraction, Fraction]:
        found = []
        for t in (Fraction(0), Fraction(1)):
            total = Fraction(0)
            for weight, cell in zip(at_weight(weights, place, t), table[site], strict=True):
                number = 0.0 if cell is None else cell[0] if isinstance(cell, tuple) else cell
                number = float(isinstance(cell, float)) if value == "coverage" else number
                total += weight * Fraction(round(10 * number), 10)
            found.append(total)
        return found[0], found[1]

    corners = {Fraction(0), Fraction(1)}
    differences = []
    for site in range(len(table)):
        mine, cover = ends(site, "score"), ends(site, "coverage")
        differences.append((cover[0] - minimum, cover[1] - minimum))
        for other in range(site):
            its = ends(other, "score")
            differences.append((mine[0] - its[0], mine[1] - its[1]))
    for low, high in differences:
        if low != high and 0 <= low / (low - high) <= 1:
            corners.add(low / (low - high))
    ordered = sorted(corners)
    found: list[tuple[Fraction, Fraction, tuple[int, ...]]] = []
    for low, high in itertools.pairwise(ordered):
        first = first_at(table, at_weight(weights, place, (low + high) / 2), minimum)
        if found and found[-1][2] == first:
            found[-1] = (found[-1][0], high, first)
        else:
            found.append((low, high, first))
    return found


@settings(max_examples=60)
@given(tables(sites=(1, 6), criteria=(2, 4)), st.sampled_from([0.0, 0.0, 0.5, 0.75]))
def test_the_stretches_are_those_of_exact_fractions(world: World, minimum: float) -> None:
    table, weights = world
    ranking = small_ranking(table, weights, minimum=minimum)
    assume(not ranking.ranked.empty)
    found = weight_sensitivity(ranking).stretches
    for place in range(len(weights)):
        mine = found[found["criterion"] == f"c{place}"]
        expected = slow_stretches(table, weights, place, Fraction(minimum))
        assert [tuple(first.split("; ")) if first else () for first in mine["first"]] == [
            tuple(f"s{site:02d}" for site in first) for _, _, first in expected
        ]
        assert mine["start"].tolist() == pytest.approx([float(low) for low, _, _ in expected], abs=1e-9)
        assert mine["end"].tolist() == pytest.approx([float(high) for _, high, _ in expected], abs=1e-9)


@settings(max_examples=25)
@given(tables(sites=(1, 5), criteria=(2, 4)), st.sampled_from([0.0, 0.5]), st.integers(0, 3), st.integers(0, 20))
def test_scores_at_a_weight_are_those_of_the_ranking_made_anew(
    world: World, minimum: float, place: int, step: int
) -> None:
    table, weights = world
    place %= len(weights)
    ranking = small_ranking(table, weights, minimum=minimum)
    assume(not ranking.ranked.empty)
    new = [float(weight) for weight in at_weight(weights, place, Fraction(step, 20))]
    anew = reweighted(ranking, new, small_measures(table)).table.set_index("site").sort_index()
    found = weight_sensitivity(ranking).scores(f"c{place}", step / 20).set_index("site").sort_index()
    pd.testing.assert_series_equal(found["rank"], anew["rank"], check_names=False, check_index_type=False)
    ranked = anew["rank"].notna()
    assert found.loc[ranked, "score"].tolist() == pytest.approx(anew.loc[ranked, "score"].tolist(), abs=1e-12)
    assert found.loc[~ranked, "score"].isna().all()


@settings(max_examples=40)
@given(tables(sites=(2, 6), criteria=(2, 4)), st.sampled_from([0.0, 0.0, 0.5]))
def test_the_first_stay_first_within_the_range_and_not_beyond_it(world: World, minimum: float) -> None:
    table, weights = world
    ranking = small_ranking(table, weights, minimum=minimum)
    assume(not ranking.ranked.empty)
    found = weight_sensitivity(ranking)
    held = set(ranking.ranked.loc[ranking.ranked["rank"] == 1, "site"])
    for row in found.table.itertuples():
        assert row.stays_from - 1e-9 <= row.weight <= row.stays_to + 1e-9

        def first(weight: float, criterion: str = row.criterion) -> set[str]:
            at = found.scores(criterion, weight)
            return set(at.loc[at["rank"] == 1, "site"])

        for share in (0.02, 0.5, 0.98):
            if row.stays_to - row.stays_from > 1e-6:
                assert held <= first(row.stays_from + share * (row.stays_to - row.stays_from))
        # Scores are in tenths and weights small whole numbers, so no stretch is shorter than this.
        if row.below:
            assert not held <= first(row.stays_from - 1e-5)
        if row.above:
            assert not held <= first(row.stays_to + 1e-5)
        assert bool(row.below) == (row.stays_from > 0)
        assert bool(row.above) == (row.stays_to < 1)


def one_crossing() -> WeightSensitivity:
    # Under c0 alone 0.8 against 0.2; under c1 alone 0.4 against 0.6: level where 0.6 t = 0.2 (1 - t), at 1/4.
    return weight_sensitivity(small_ranking([[0.8, 0.4], [0.2, 0.6], [0.1, 0.1]], [1, 1]))


def test_a_crossing_worked_out_by_hand() -> None:
    found = one_crossing()
    row = found.table.set_index("criterion").loc["c0"]
    assert row[["weight", "stays_from", "stays_to", "changes"]].tolist() == pytest.approx([0.5, 0.25, 1.0, 1])
    assert (row["below"], row["above"], row["reason"]) == ("Site 1", "", "")
    row = found.table.set_index("criterion").loc["c1"]
    assert row[["weight", "stays_from", "stays_to"]].tolist() == pytest.approx([0.5, 0.0, 0.75])
    mine = found.stretches[found.stretches["criterion"] == "c0"]
    assert mine["name"].tolist() == ["Site 1", "Site 0"]
    assert mine["declared"].tolist() == ["no", "yes"]
    assert repr(found).startswith("Of 2 criteria, 0 leave the first site first whatever they alone weigh.")


def test_a_site_that_loses_its_coverage_loses_the_first_place() -> None:
    # Site 0 has no value under c1; with at least half of the weight on values it needs c0 to weigh half.
    found = weight_sensitivity(small_ranking([[0.9, None], [0.1, 0.1]], [3, 1], minimum=0.5))
    row = found.table.set_index("criterion").loc["c0"]
    assert (row["stays_from"], row["stays_to"], row["below"]) == (pytest.approx(0.5), 1.0, "Site 1")
    alone = weight_sensitivity(small_ranking([[0.9, None], [0.1, None]], [3, 1], minimum=0.5)).table
    assert alone.set_index("criterion").loc["c0", "below"] == "no site ranked"


def test_sites_level_at_the_declared_weight_only() -> None:
    found = weight_sensitivity(small_ranking([[0.6, 0.4], [0.4, 0.6]], [1, 1])).table.set_index("criterion")
    assert found.loc["c0", ["stays_from", "stays_to", "below", "above"]].tolist() == [0.5, 0.5, "Site 1", "Site 0"]


def test_a_criterion_with_all_the_weight_has_a_reason() -> None:
    found = weight_sensitivity(small_ranking([[0.6, 0.4], [0.4, 0.6]], [1, 0])).table.set_index("criterion")
    assert math.isnan(found.loc["c0", "stays_from"])
    assert found.loc["c0", "changes"] is pd.NA
    assert found.loc["c0", "reason"] == "no other criterion carries weight that could be in proportion"
    assert found.loc["c1", ["stays_from", "stays_to"]].tolist() == pytest.approx([0.0, 0.5])


def test_what_cannot_be_asked() -> None:
    with pytest.raises(InputError, match="No site is ranked, so there is no first one to follow"):
        weight_sensitivity(small_ranking([[None, None]], minimum=0.5))
    with pytest.raises(InputError, match="Criterion 0 is the only criterion: there is no other weight"):
        weight_sensitivity(small_ranking([[0.2], [0.3]]))
    found = one_crossing()
    with pytest.raises(InputError, match=r"There is no criterion 'x'\. There are: c0, c1"):
        found.scores("x", 0.5)
    with pytest.raises(InputError, match=r"A weight is 0 to 1, not 1\.5"):
        found.scores("c0", 1.5)
    whole = weight_sensitivity(small_ranking([[0.6, 0.4], [0.4, 0.6]], [1, 0]))
    with pytest.raises(InputError, match="The weight of c0 cannot be varied: no other criterion carries weight"):
        whole.scores("c0", 0.5)


@pytest.mark.parametrize("cluster", ["education", "health", "labour", "justice", "inclusion"])
def test_the_clusters_at_their_declared_weights(cluster: str) -> None:
    ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster(cluster))
    found = lip.weight_sensitivity(ranking)
    expected = ranking.table.set_index("site").sort_index()
    for row in found.table.itertuples():
        at = found.scores(row.criterion, row.weight).set_index("site").sort_index()
        pd.testing.assert_series_equal(at["rank"], expected["rank"], check_names=False, check_index_type=False)
        assert np.allclose(at["score"].dropna(), expected.loc[expected["rank"].notna(), "score"], atol=1e-12)


def test_results_are_copies() -> None:
    found = one_crossing()
    for table in (found.table, found.stretches):
        table["weight"] = 9.0
    assert found.table["weight"].tolist() == found.stretches["weight"].unique().tolist() * 2 == [0.5, 0.5]


def test_sites_level_at_the_declared_weight_with_others_farther_on() -> None:
    # Over the weight of c0: 0.6 to 0.2, 0.5 to 0.6 and 0 to 1; level at 1/5, and the third leads from 5/9 on.
    found = weight_sensitivity(small_ranking([[0.2, 0.6], [0.6, 0.5], [1.0, 0.0]], [1, 4]))
    row = found.table.set_index("criterion").loc["c0"]
    assert row[["weight", "stays_from", "stays_to", "changes"]].tolist() == pytest.approx([0.2, 0.2, 0.2, 2])
    assert (row["below"], row["above"]) == ("Site 0", "Site 1")
    mine = found.stretches[found.stretches["criterion"] == "c0"]
    assert mine["name"].tolist() == ["Site 0", "Site 1", "Site 2"]
    assert mine["start"].tolist() == pytest.approx([0, 1 / 5, 5 / 9])
    assert mine["end"].tolist() == pytest.approx([1 / 5, 5 / 9, 1])
    assert mine["declared"].tolist() == ["yes", "yes", "no"]  # at its edge the declared weight lies in both
    # Level where the criterion weighs nothing: there is nothing below, and above is who leads then.
    edge = weight_sensitivity(small_ranking([[0.2, 0.6], [0.9, 0.6]], [0, 1])).table.set_index("criterion").loc["c0"]
    assert edge[["stays_from", "stays_to", "below", "above", "changes"]].tolist() == [0, 0, "", "Site 1", 0]


def test_a_range_over_several_stretches_and_who_takes_over() -> None:
    # Site 0 leads alone, then level with its twin at c1 = 0 no more; site 2 leads under c0, site 3 under c1.
    table = [[0.6, 0.6], [0.9, 0.1], [0.1, 0.9], [0.9, 0.1]]
    found = weight_sensitivity(small_ranking(table, [1, 1]))
    for row in found.table.itertuples():
        assert (row.stays_from, row.stays_to, row.changes) == (pytest.approx(0.375), pytest.approx(0.625), 2)
    sides = found.table.set_index("criterion")[["below", "above"]]
    assert sides.loc["c0"].tolist() == ["Site 2", "Site 1; Site 3"]
    assert sides.loc["c1"].tolist() == ["Site 1; Site 3", "Site 2"]
    assert found.stretches["first"].tolist()[:3] == ["s02", "s00", "s01; s03"]
    assert repr(found) == (
        "Of 2 criteria, 0 leave the first site first whatever they alone weigh. "
        "See .table, .stretches, .scores(criterion, weight)."
    )
    firm = weight_sensitivity(small_ranking([[0.9, 0.9], [0.1, 0.2]], [1, 1]))
    assert repr(firm).startswith("Of 2 criteria, 2 leave")
    assert firm.table[["stays_from", "stays_to", "below", "above"]].to_numpy().tolist() == [[0.0, 1.0, "", ""]] * 2


@settings(max_examples=15)
@given(tables(sites=(1, 5), criteria=(2, 4)), st.sampled_from([0.0, 0.3, 0.5, 0.75]), st.integers(0, 3))
def test_lines_end_where_a_site_gains_or_loses_its_coverage(world: World, minimum: float, place: int) -> None:
    table, weights = world
    place %= len(weights)
    ranking = small_ranking(table, weights, minimum=minimum)
    assume(not ranking.ranked.empty)
    found = weight_sensitivity(ranking)
    lines = found.lines(f"c{place}").set_index("site")
    assert list(lines.columns) == ["name", "start", "end", "score_start", "score_end"]
    least = Fraction(minimum)
    for site, row in enumerate(table):
        cover = [
            sum(w for w, cell in zip(at_weight(weights, place, t), row, strict=True) if isinstance(cell, float))
            for t in (Fraction(0), Fraction(1))
        ]
        name = f"s{site:02d}"
        if max(cover) < least:
            assert name not in lines.index
            continue
        turn = (least - cover[0]) / (cover[1] - cover[0]) if min(cover) < least else None
        start = turn if turn is not None and cover[0] < least else Fraction(0)
        end = turn if turn is not None and cover[1] < least else Fraction(1)
        mine = lines.loc[name]
        assert (mine["start"], mine["end"]) == pytest.approx((float(start), float(end)), abs=1e-12)
        assert mine["name"] == f"Site {site}"
        for edge, value in ((start, mine["score_start"]), (end, mine["score_end"])):
            counted = [0.0 if cell is None else cell[0] if isinstance(cell, tuple) else cell for cell in row]
            exact = sum(
                w * Fraction(round(10 * u), 10) for w, u in zip(at_weight(weights, place, edge), counted, strict=True)
            )
            assert value == pytest.approx(float(exact), abs=1e-12)
    assert list(lines.index) == sorted(lines.index)


def test_scores_at_the_two_ends_and_their_order() -> None:
    found = weight_sensitivity(small_ranking([[0.8, None], [0.2, 0.6], [0.2, 0.6], [0.9, 0.1]], [1, 1], minimum=0.5))
    at = found.scores("c1", 1.0)
    assert list(at.columns) == ["site", "name", "rank", "score"]
    assert at["site"].tolist() == ["s01", "s02", "s03", "s00"]
    assert at.index.tolist() == [0, 1, 2, 3]
    assert at["rank"].tolist()[:3] == [1, 1, 3]
    assert at["rank"].isna().tolist() == at["score"].isna().tolist() == [False, False, False, True]
    assert at["score"].tolist()[:3] == pytest.approx([0.6, 0.6, 0.1])
    assert found.scores("c1", 0.0)["site"].tolist() == ["s03", "s00", "s01", "s02"]
    assert found.scores("c1", 0.5)["rank"].notna().all()  # just enough evidence is enough
    for weight in (-0.01, 1.01, math.nan):
        with pytest.raises(InputError, match=rf"^A weight is 0 to 1, not {weight:g}\.$"):
            found.scores("c1", weight)
    with pytest.raises(InputError, match=r"^There is no criterion 'x'\. There are: c0, c1\.$"):
        found.lines("x")
    nobody = weight_sensitivity(small_ranking([[0.9, None], [0.1, None]], [3, 1], minimum=0.5)).scores("c1", 1.0)
    assert nobody["rank"].isna().all()
    assert nobody["site"].tolist() == ["s00", "s01"]


def test_columns_and_labels_of_both_tables() -> None:
    found = one_crossing()
    assert list(found.table.columns) == (
        ["criterion", "label", "weight", "stays_from", "stays_to", "below", "above", "changes", "reason"]
    )
    assert list(found.stretches.columns) == (
        ["criterion", "label", "weight", "start", "end", "first", "name", "declared"]
    )
    assert found.table["label"].tolist() == ["Criterion 0", "Criterion 1"]
    assert found.stretches["label"].tolist() == ["Criterion 0"] * 2 + ["Criterion 1"] * 2
    assert str(found.table["changes"].dtype) == "Int64"


def test_results_are_frozen_and_equal_to_themselves_alone() -> None:
    found = one_crossing()
    for result in (found, found._of("c0")):
        assert is_frozen_and_equal_to_itself_alone(result)


def test_a_first_site_stays_first_where_a_twin_joins_or_leaves_it() -> None:
    # Site 1 has the same score everywhere, but enough evidence only where c0 weighs half.
    found = weight_sensitivity(small_ranking([[0.9, 0.0], [0.9, None], [0.1, 0.0]], [1, 3], minimum=0.5))
    mine = found.stretches[found.stretches["criterion"] == "c0"]
    assert mine["first"].tolist() == ["s00", "s00; s01"]
    assert mine["end"].tolist() == pytest.approx([0.5, 1.0])
    mirrored = found.stretches[found.stretches["criterion"] == "c1"]
    assert mirrored["first"].tolist() == ["s00; s01", "s00"]
    for row in found.table.itertuples():
        assert (row.stays_from, row.stays_to, row.below, row.above, row.changes) == (0.0, 1.0, "", "", 1)
    # Site 1 is ranked where c1 weighs up to a half; the score of both is 0.9 (1 - t), that of the last 0.1: 8/9.
    found = weight_sensitivity(
        small_ranking([[0.9, 0.0, 0.9], [0.9, None, 0.9], [0.1, 0.1, 0.1]], [2, 6, 2], minimum=0.5)
    )
    row = found.table.set_index("criterion").loc["c1"]
    assert row[["stays_from", "stays_to", "changes"]].tolist() == pytest.approx([0, 8 / 9, 2])
    assert (row["below"], row["above"]) == ("", "Site 2")
    mine = found.stretches[found.stretches["criterion"] == "c1"]
    assert mine["first"].tolist() == ["s00; s01", "s00", "s02"]
    assert mine["end"].tolist() == pytest.approx([0.5, 8 / 9, 1])
    assert mine["declared"].tolist() == ["no", "yes", "no"]

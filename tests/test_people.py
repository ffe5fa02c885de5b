"""Several people's weights: published judgements, slow second formulas, files that cannot be used, what must hold."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_rankings import published, small_cluster, small_measures, small_ranking, tables

import lipresearch as lip
from lipresearch.design import Cluster
from lipresearch.errors import InputError, NotFoundError, TableError
from lipresearch.people import HOW, read_participants, template
from lipresearch.ranking import rank_sites
from lipresearch.robustness.elicitation import (
    RANDOM_INDEX,
    ahp_weights,
    group_judgements,
    judgement_problems,
    rank_order_weights,
    swing_weights,
)
from lipresearch.robustness.people import GROUP_METHODS, Participant, group_ranking, participant

several = settings(max_examples=40)
few = settings(max_examples=12)
PLAIN = small_cluster([1, 1, 2], ["a", "a", "b"])


# ---- judgements -----------------------------------------------------------------------------------


def test_the_published_judgements_come_out_to_nine_decimals() -> None:
    rows = published("ahp_judgements.csv")
    names = [row["criterion"] for row in rows]
    judged = ahp_weights([[float(row[name]) for name in names] for row in rows])
    expected = {row["quantity"]: float(row["value"]) for row in published("ahp_expected.csv")}
    assert judged.random_index == 1.41
    assert judged.lambda_max == pytest.approx(expected["lambda_max"], abs=1e-9)
    assert judged.consistency_index == pytest.approx(expected["consistency_index"], abs=1e-9)
    assert judged.consistency_ratio == pytest.approx(expected["consistency_ratio"], abs=1e-9)
    for name, weight in zip(names, judged.weights, strict=True):
        assert weight == pytest.approx(expected[f"weight {name}"], abs=1e-9)


@st.composite
def judgements(draw: st.DrawFn, most: int = 6) -> np.ndarray:
    count = draw(st.integers(1, most))
    table = np.ones((count, count))
    for row in range(count):
        for column in range(row + 1, count):
            table[row, column] = draw(st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1 / 2, 1, 2, 3, 4, 7]))
            table[column, row] = 1 / table[row, column]
    return table


@several
@given(judgements())
def test_the_eigenvector_is_that_of_the_power_method(table: np.ndarray) -> None:
    vector = np.ones(len(table)) / len(table)
    for _ in range(500):
        product = table @ vector
        vector = product / product.sum()
    judged = ahp_weights(table)
    assert judged.weights == pytest.approx(vector, abs=1e-9)
    assert table @ judged.weights == pytest.approx(judged.lambda_max * judged.weights, abs=1e-9)
    assert judged.lambda_max >= len(table)
    assert judged.consistency_ratio >= 0


@several
@given(st.lists(st.integers(1, 9), min_size=1, max_size=7))
def test_consistent_judgements_give_back_their_weights(parts: list[int]) -> None:
    weights = np.array(parts) / sum(parts)
    judged = ahp_weights(weights[:, None] / weights)
    assert judged.weights == pytest.approx(weights, abs=1e-12)
    assert judged.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_one_and_two_rows_are_always_consistent_and_sixteen_have_no_random_index() -> None:
    assert (ahp_weights([[1]]).consistency_ratio, ahp_weights([[1]]).weights.tolist()) == (0, [1])
    two = ahp_weights([[1, 3], [0.33, 1]])
    assert (two.lambda_max, two.consistency_index, two.consistency_ratio) == (2, 0, 0)
    many = ahp_weights(np.ones((16, 16)))
    assert math.isnan(many.random_index)
    assert math.isnan(many.consistency_ratio)
    assert len(RANDOM_INDEX) == 15


def test_the_random_index_is_the_mean_inconsistency_of_answers_at_random() -> None:
    random = np.random.default_rng(1980)
    scale = np.array([1 / n for n in range(9, 1, -1)] + [float(n) for n in range(1, 10)])
    assert RANDOM_INDEX[:2] == (0, 0)
    for rows, published_mean in enumerate(RANDOM_INDEX[2:], start=3):
        upper = np.triu(random.choice(scale, (400, rows, rows)), 1)
        tables = upper + np.transpose(np.divide(1, upper, out=np.zeros_like(upper), where=upper > 0), (0, 2, 1))
        largest = np.linalg.eigvals(tables + np.eye(rows)).real.max(axis=1)
        assert ((largest - rows) / (rows - 1)).mean() == pytest.approx(published_mean, abs=0.15)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ([[1, 2]], (0, 0, "1 x 2 cells", "as many rows as columns")),
        ([[1, 0], [1, 1]], (0, 1, "0", "a judgement above 0, such as 3 or 1/3")),
        ([[1, math.nan], [1, 1]], (0, 1, "nan", "a judgement above 0, such as 3 or 1/3")),
        ([[2, 1], [1, 1]], (0, 0, "2", "1: each is as important as itself")),
        ([[1, 4], [0.5, 1]], (1, 0, "0.5", "0.25, the reciprocal of 4")),
    ],
)
def test_judgements_that_cannot_be_used(table: list[list[float]], problem: tuple[int, int, str, str]) -> None:
    assert judgement_problems(table) == [problem]
    row, column, found, expected = problem
    with pytest.raises(InputError, match=f"row {row + 1}, column {column + 1}: found {found}, expected {expected}"):
        ahp_weights(table)


@several
@given(judgements(), st.integers(1, 3))
def test_the_judgement_of_a_group_of_equals_is_theirs(table: np.ndarray, copies: int) -> None:
    assert group_judgements([table] * copies) == pytest.approx(table)
    assert group_judgements([table, table.T]) == pytest.approx(np.ones_like(table))


def test_groups_without_or_with_different_tables() -> None:
    for tables_given in ([], [np.ones((3, 3)), np.ones((2, 2))]):
        with pytest.raises(InputError, match="one table or more, all over the same things"):
            group_judgements(tables_given)


# ---- swings and orders ------------------------------------------------------------------------------


def test_the_published_centroid_weights() -> None:
    # Barron and Barrett (1996), as tabulated for four and five attributes.
    assert rank_order_weights([1, 2, 3, 4]) == pytest.approx([0.5208, 0.2708, 0.1458, 0.0625], abs=5e-5)
    assert rank_order_weights([1, 2, 3, 4], "sum") == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert rank_order_weights([1, 2, 3, 4], "reciprocal") == pytest.approx([0.48, 0.24, 0.16, 0.12])
    assert rank_order_weights([5, 4, 3, 2, 1]) == pytest.approx([0.04, 0.09, 0.1567, 0.2567, 0.4567], abs=5e-5)


def test_the_centroid_is_the_mean_of_all_weights_in_that_order() -> None:
    draws = np.sort(np.random.default_rng(3).dirichlet(np.ones(4), size=200_000), axis=1)[:, ::-1]
    assert rank_order_weights([1, 2, 3, 4]) == pytest.approx(draws.mean(axis=0), abs=2e-3)


@several
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.sampled_from(["centroid", "sum", "reciprocal"]))
def test_orders_give_weights_in_their_order(order: list[int], method: str) -> None:
    weights = rank_order_weights(order, method)
    assert weights.sum() == pytest.approx(1)
    for one, other in itertools.product(range(len(order)), repeat=2):
        assert (weights[one] > weights[other]) == (order[one] < order[other])
        assert (weights[one] == weights[other]) == (order[one] == order[other])
    assert rank_order_weights([10 * place for place in order], method).tolist() == weights.tolist()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: swing_weights([0, 0]), "one of them at least is above 0"),
        (lambda: swing_weights([-1, 2]), "points of 0 or more, one a criterion"),
        (lambda: rank_order_weights([1, math.nan]), "one place a criterion, without a gap"),
        (lambda: rank_order_weights([1], "guess"), "There is no method 'guess'. There are: centroid, sum, reciprocal"),
        (lambda: participant(PLAIN, "A", "guess", "factor", [1, 1]), "weights, swings, order, pairs, not 'guess'"),
        (lambda: participant(PLAIN, "A", "swings", "site", [1, 1]), "each criterion or each factor, not 'site'"),
        (lambda: participant(PLAIN, "A", "swings", "factor", [1]), "A: there must be one answer for each factor: a, b"),
        (lambda: participant(PLAIN, "A", "weights", "factor", [1, 1]), "Weights must add to 1, not 2"),
        (lambda: participant(PLAIN, "A", "pairs", "factor", [[1, 2], [2, 1]]), "row 2, column 1: found 2, expected"),
    ],
)
def test_answers_that_cannot_be_used(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


def test_factors_share_their_weight_as_the_perspective_does() -> None:
    assert participant(PLAIN, "A", "swings", "factor", [100, 25]).weights.tolist() == pytest.approx([0.4, 0.4, 0.2])
    typed = small_cluster([1, 3, 4], ["a", "a", "b"])
    assert participant(typed, "A", "weights", "factor", [0.8, 0.2]).weights.tolist() == pytest.approx([0.2, 0.6, 0.2])
    without = small_cluster([0, 0, 1], ["a", "a", "b"])
    assert participant(without, "A", "order", "factor", [1, 2]).weights.tolist() == pytest.approx([0.375, 0.375, 0.25])
    person = participant(PLAIN, "A", "pairs", "criterion", np.ones((3, 3)))
    assert person.weights.tolist() == pytest.approx([1 / 3] * 3)
    assert person.answers.loc["c0", "c2"] == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        person.name = "B"


# ---- the group --------------------------------------------------------------------------------------


def people(cluster: Cluster, *said: tuple[str, list[float]]) -> list[Participant]:
    return [participant(cluster, name, "swings", "criterion", points) for name, points in said]


TABLE = [[0.9, 0.1, 0.3], [0.2, 0.8, 0.4], [0.5, 0.5, 0.5], [0.9, 0.1, 0.3]]


def test_a_group_of_one_and_of_equals_is_that_person() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2])
    one = people(ranking.cluster, ("A", [3, 1, 1]))
    for members in (one, [*one, *people(ranking.cluster, ("B", [3, 1, 1]))]):
        for method in ("mean of weights", "mean rank"):
            found = group_ranking(ranking, members, method)
            assert (found.members["weight_moved"].abs() < 1e-12).all()
            assert (found.members["average_shift"] == 0).all()
            assert (found.table["spread"] == 0).all()
            assert found.table["rank"].tolist() == found.ranks["A"].tolist()
            assert (found.members[["most_above", "most_below"]] == "").all(axis=None)
    assert found.agreement["w"].tolist() == pytest.approx([1, 1, 1])
    alone = group_ranking(ranking, one)
    assert set(alone.agreement["reason"]) == {"one ranking alone has nothing to agree with"}


@few
@given(tables(criteria=(3, 3)), st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_group_and_its_members_are_rankings_with_their_weights(world, said: list[list[int]]) -> None:
    table, weights = world
    cluster = small_cluster(weights)
    measures = small_measures(table)
    ranking = rank_sites(measures, cluster)
    members = people(cluster, *((f"P{place}", points) for place, points in enumerate(said)))
    found = group_ranking(ranking, members)

    def anew(share: pd.Series) -> pd.Series:
        criteria = cluster.criteria.assign(weight=np.asarray(share, dtype=float))
        table = rank_sites(measures, dataclasses.replace(cluster, _criteria=criteria)).table
        return table.set_index("site")["rank"].sort_index()

    mean = np.mean([np.array(points) / sum(points) for points in said], axis=0)
    listed = found.table.set_index("site").sort_index()
    pd.testing.assert_series_equal(listed["rank"], anew(mean), check_names=False)
    assert found.weights["group"].to_numpy() == pytest.approx(mean, abs=1e-12)
    assert listed["declared"].tolist() == anew(np.array(weights) / sum(weights)).tolist()
    for person in members:
        ranks = found.ranks[person.name].sort_index()
        pd.testing.assert_series_equal(ranks, anew(person.weights), check_names=False)
        assert (listed["rank_best"] <= ranks).all()
        assert (listed["rank_worst"] >= ranks).all()
    moved = found.members["weight_moved"]
    assert ((moved >= 0) & (moved <= 1)).all()
    for row in found.spread.itertuples():
        assert row.lowest - 1e-12 <= row.group <= row.highest + 1e-12


def test_equal_sites_share_every_rank() -> None:
    ranking = small_ranking(TABLE)
    members = people(ranking.cluster, ("A", [3, 1, 1]), ("B", [1, 3, 1]))
    for method in ("mean of weights", "mean rank"):
        found = group_ranking(ranking, members, method)
        assert (found.ranks.loc["s00"] == found.ranks.loc["s03"]).all()
        ranks = found.table.set_index("site")
        assert ranks.loc["s00", "rank"] == ranks.loc["s03", "rank"]


def test_the_mean_rank_is_bordas_order() -> None:
    ranking = small_ranking([[0.9, 0.1], [0.2, 0.8], [0.5, 0.55]])
    members = people(ranking.cluster, ("A", [4, 1]), ("B", [1, 4]), ("C", [1, 9]))
    found = group_ranking(ranking, members, "mean rank")
    listed = found.table.set_index("site")
    # A: s0 s2 s1; B and C: s1 s2 s0.
    assert listed["mean_rank"].to_dict() == pytest.approx({"s00": 7 / 3, "s01": 5 / 3, "s02": 2})
    assert listed["rank"].to_dict() == {"s01": 1, "s02": 2, "s00": 3}
    assert listed["score"].isna().all()
    assert listed["spread"].to_dict() == {"s00": 2, "s01": 2, "s02": 0}


def test_who_differs_about_what() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    members = people(ranking.cluster, ("A", [6, 2, 2]), ("B", [2, 2, 6]))
    found = group_ranking(ranking, members)
    rows = found.members.set_index("participant")
    assert rows.loc["A", ["most_above", "most_below"]].tolist() == ["Criterion 0", "Criterion 2"]
    assert rows.loc["A", ["by_above", "by_below"]].tolist() == pytest.approx([0.2, -0.2])
    assert rows["weight_moved"].tolist() == pytest.approx([0.2, 0.2])
    spread = found.spread.set_index(["level", "id"])
    assert spread.loc[("factor", "b"), ["group", "lowest", "highest"]].tolist() == pytest.approx([0.4, 0.2, 0.6])
    assert spread.loc[("factor", "b"), ["lowest_by", "highest_by", "label"]].tolist() == ["A", "B", "b Factor b"]
    assert spread.loc[("criterion", "c1"), ["lowest_by", "highest_by"]].tolist() == ["", ""]
    assert spread.loc[("factor", "b"), "deviation"] == pytest.approx(0.2 * math.sqrt(2))


def test_who_agrees_with_the_group_lies_apart_on_nothing() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    rows = group_ranking(ranking, people(ranking.cluster, ("A", [2, 2, 6]), ("B", [2, 2, 6]))).members
    assert rows[["most_above", "most_below"]].to_numpy().tolist() == [["", ""]] * 2
    assert rows[["by_above", "by_below", "weight_moved", "average_shift"]].to_numpy().tolist() == [[0, 0, 0, 0]] * 2


def test_the_group_of_judgements_takes_their_geometric_mean() -> None:
    ranking = small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"])
    members = [
        participant(ranking.cluster, name, "pairs", "factor", table)
        for name, table in (("A", [[1, 8], [1 / 8, 1]]), ("B", [[1, 1 / 2], [2, 1]]))
    ]
    found = group_ranking(ranking, members, "geometric mean of judgements")
    assert found.weights["group"].tolist() == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    mean = group_ranking(ranking, members)
    assert mean.weights["group"].tolist() == pytest.approx([11 / 36, 11 / 36, 7 / 18])


def test_judgements_that_contradict_each_other_are_pointed_out() -> None:
    cluster = small_cluster([1, 1, 1])
    person = participant(cluster, "A", "pairs", "criterion", [[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]])
    found = group_ranking(rank_sites(small_measures(TABLE), cluster), [person])
    assert found.members["note"].tolist() == ["judgements contradict each other (ratio above 0.1)"]
    assert found.members["consistency"].item() > 1


def test_sites_without_enough_evidence_for_somebody_are_listed_with_the_reason() -> None:
    ranking = small_ranking([[0.9, None], [0.2, 0.8], [0.5, 0.5]], minimum=0.5)
    members = people(ranking.cluster, ("A", [4, 1]), ("B", [2, 3]))
    found = group_ranking(ranking, members).table.set_index("site")
    assert found.loc["s00", "status"] == "unranked: below the minimum coverage under the weights of B"
    assert found.loc["s00", ["rank", "rank_best", "score", "mean_rank", "declared"]].isna().all()
    # Under the mean of the weights, 0.6 and 0.4, site 2 has 0.5 and site 1 has 0.44.
    assert found.loc[["s01", "s02"], "rank"].tolist() == [2, 1]
    with pytest.raises(InputError, match="No site has the minimum coverage under everybody's weights"):
        group_ranking(small_ranking([[0.9, None]] * 2, minimum=0.5), people(small_cluster([1, 1]), ("B", [1, 9])))


@pytest.mark.parametrize(
    ("members", "method", "message"),
    [
        ([], "mean of weights", "one participant or more, each with a name of its own"),
        (people(PLAIN, ("A", [1, 1, 1])) * 2, "mean rank", "one participant or more, each with a name of its own"),
        (people(small_cluster([1]), ("A", [1])), "mean rank", "A weighs other criteria than the ranking has: c0"),
        (people(PLAIN, ("A", [1, 1, 1])), "vote", "There is no method 'vote'. There are: mean of weights, geometric"),
        (people(PLAIN, ("A", [1, 1, 1])), GROUP_METHODS[1], "needs pairwise judgements on the same level from every"),
    ],
)
def test_groups_that_cannot_be_ranked(members: list[Participant], method: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        group_ranking(small_ranking(TABLE, [1, 1, 2], ["a", "a", "b"]), members, method)


# ---- files ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_all_kinds_of_files_are_read(folder: Path) -> None:
    write(
        folder,
        ann="factor,label,points\nb,Second,25\na,First,100\n",
        bob="criterion,weight\nc0,0.5\nc1,0.25\nc2,0.25\n",
        cat="criterion,label,order\nc0,,2\nc1,,1\nc2,,2\n",
        dan="factor,a,b\na,1,1/3\nb,3,1\n",
    )
    found = read_participants(folder, PLAIN, folder)
    weights = {person.name: person.weights.tolist() for person in found.members}
    assert weights == {
        "ann": pytest.approx([0.4, 0.4, 0.2]),
        "bob": pytest.approx([0.5, 0.25, 0.25]),
        "cat": pytest.approx([7 / 36, 11 / 18, 7 / 36]),
        "dan": pytest.approx([0.125, 0.125, 0.75]),
    }
    table = found.table
    assert table["kind"].tolist() == ["swings", "weights", "order", "pairs"]
    assert table["consistency"].isna().tolist() == [True, True, True, False]
    assert table["file"].tolist() == ["ann.csv", "bob.csv", "cat.csv", "dan.csv"]
    assert repr(found) == "4 participants for Test. See .table, .members."
    summed = read_participants(folder, PLAIN, folder, "sum").members[2].weights
    assert summed.tolist() == pytest.approx([0.25, 0.5, 0.25])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("site,weight\nc0,1\n", "row 1: found the header site,weight, expected criterion or factor, then weight"),
        ("factor,weight,points\na,1,1\n", "row 1: found the header factor,weight,points, expected .*: factor,a,b"),
        ("factor,b,a\na,1,1\nb,1,1\n", "row 1: found the header factor,b,a"),
        ("factor,weight\na,0.5\n", "column factor: found no row b, expected one row for each factor"),
        ("factor,weight\na,0.5\nb,0.5\nz,0\n", "row 4, column factor: found 'z', expected a factor with weight in pla"),
        (
            "factor,weight\na,0.5\nb,0.5\na,0\n",
            r"row 4, column factor: found again a, expected once \(first in row 2\)",
        ),
        ("factor,weight\na,0.5\nb\n", "row 3: found 1 cells, expected 2 cells"),
        ("factor,weight\na,0.5\nb,0.4\n", "column weight: found weights that add to 0.9, expected weights that add to"),
        ("factor,weight\na,1.5\nb,-0.5\n", "row 3, column weight: found -0.5, expected a number of 0 or more"),
        ("factor,weight\na,\nb,1\n", "row 2, column weight: found an empty cell, expected a number. Fill it, or remov"),
        ('factor,weight\na,"0,5"\nb,0.5\n', "row 2, column weight: found '0,5', expected a number. Write a decimal po"),
        ("factor,weight\na,1/2\nb,0.5\n", "row 2, column weight: found '1/2', expected a number"),
        ("factor,weight\na,nan\nb,0.5\n", "row 2, column weight: found 'nan', expected a number"),
        ("factor,points\na,0\nb,0\n", "column points: found only zeros, expected points above 0 for one at least"),
        ("factor,order\na,0\nb,1.5\n", r"row 2, column order: found 0, expected a place: 1, 2, 3, \.\.\."),
        ("factor,a,b\na,1,3\nb,3,1\n", "row 3, column a: found 3, expected 0.333333, the reciprocal of 3. Correct one"),
        ("factor,a,b\na,1,3\nb,,1\n", "row 3, column a: found an empty cell, expected a number"),
        ("factor,a,b\na,2,3\nb,1/3,1\n", "row 2, column a: found 2, expected 1: each is as important as itself"),
        ("factor,a,b\na,1,-3\nb,1/3,1\n", "row 2, column b: found -3, expected a judgement above 0, such as 3 or 1/3"),
        ("factor,a,b\na,1,1/0\nb,1/3,1\n", "row 2, column b: found '1/0', expected a number"),
        ("", "found an empty file"),
        ("factor;weight\na;1\n", "found the header factor;weight"),
    ],
)
def test_files_that_cannot_be_used(text: str, message: str, folder: Path) -> None:
    with pytest.raises(TableError, match=message):
        read_participants(folder, PLAIN, write(folder, ann=text))


def test_all_failures_of_all_files_come_at_once(folder: Path) -> None:
    write(folder, ann="factor,weight\na,x\nb,y\n", bob="factor,points\na,1\n", cat="factor,points\na,1\nb,1\n")
    with pytest.raises(TableError) as caught:
        read_participants(folder, PLAIN, folder)
    assert [problem.file for problem in caught.value.problems] == ["ann.csv", "ann.csv", "bob.csv"]


def test_an_empty_folder_says_how_to_make_a_file(folder: Path) -> None:
    with pytest.raises(
        NotFoundError, match=r"no table of weights in .* Make one with `lipresearch weights-template test"
    ):
        read_participants(folder, PLAIN, folder)


@pytest.mark.parametrize("kind", HOW)
@pytest.mark.parametrize("level", ["factor", "criterion"])
def test_a_template_that_is_filled_in_can_be_read(kind: str, level: str, folder: Path) -> None:
    cluster = lip.load_cluster("health")
    header, rows = template(cluster, kind, level)
    count = len(rows)
    filled = [
        [cell or {"weights": str(1 / count), "swings": "10", "order": "1", "pairs": "1"}[kind] for cell in row]
        for row in rows
    ]
    lines = [header, *filled]
    write(folder, ann="\n".join(",".join(cells) for cells in lines) + "\n")
    found = read_participants(folder, cluster, folder).members[0]
    assert (found.kind, found.level) == (kind, level)
    shares = found.weights.groupby(cluster.criteria["factor"]).sum() if level == "factor" else found.weights
    assert shares.tolist() == pytest.approx([1 / count] * count)


def test_templates_that_do_not_exist() -> None:
    with pytest.raises(InputError, match="A template is for weights, swings, order, pairs, not 'votes'"):
        template(PLAIN, "votes", "factor")


# ---- the public face -------------------------------------------------------------------------------


def test_people_weigh_the_health_cluster(tmp_path: Path) -> None:
    write(
        tmp_path,
        ann="factor,points\n2.1,100\n2.2,50\n",
        bob="factor,points\n2.1,50\n2.2,100\n",
        cat="factor,2.1,2.2\n2.1,1,3\n2.2,1/3,1\n",
    )
    members = lip.load_participants("health", folder=tmp_path)
    ranking = lip.rank_sites(lip.load_measures(), members.cluster)
    found = lip.group_ranking(ranking, members)
    assert found.weights.groupby("factor")["group"].sum().tolist() == pytest.approx([7 / 12, 5 / 12])
    assert found.table["rank"].notna().sum() == 35
    assert found.table["rank"].iloc[0] == 1
    assert len(lip.group_ranking(ranking, members.members, "mean rank").members) == 3

"""Judgements, swings and orders as weights: published ones, slow second formulas, answers that cannot be used."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_rankings import published, small_cluster

from lipresearch.errors import InputError
from lipresearch.robustness.elicitation import (
    RANDOM_INDEX,
    ahp_weights,
    group_judgements,
    judgement_problems,
    rank_order_weights,
    swing_weights,
)
from lipresearch.robustness.people import participant

several = settings(max_examples=40)

PLAIN = small_cluster([1, 1, 2], ["a", "a", "b"])


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


def test_the_random_index_is_the_mean_inconsistency_of_answers_at_random() -> None:
    random = np.random.default_rng(1980)
    scale = np.array([1 / n for n in range(9, 1, -1)] + [float(n) for n in range(1, 10)])
    assert RANDOM_INDEX[:2] == (0, 0)
    for rows, published_mean in enumerate(RANDOM_INDEX[2:], start=3):
        upper = np.triu(random.choice(scale, (400, rows, rows)), 1)
        tables = upper + np.transpose(np.divide(1, upper, out=np.zeros_like(upper), where=upper > 0), (0, 2, 1))
        largest = np.linalg.eigvals(tables + np.eye(rows)).real.max(axis=1)
        assert ((largest - rows) / (rows - 1)).mean() == pytest.approx(published_mean, abs=0.15)


def test_every_problem_of_a_table_is_listed_in_its_order() -> None:
    third = "a judgement above 0, such as 3 or 1/3"
    assert judgement_problems([[1, -2, 4], [0.5, 3, math.inf], [0.3, 1, 1]]) == [
        (0, 1, "-2", third),
        (1, 1, "3", "1: each is as important as itself"),
        (1, 2, "inf", third),
        (2, 0, "0.3", "0.25, the reciprocal of 4"),
        (2, 1, "1", "0, the reciprocal of inf"),
    ]
    for table, cells in (([], "0"), ([1, 2], "2"), (np.empty((0, 0)), "0 x 0"), (np.ones((2, 3)), "2 x 3")):
        assert judgement_problems(table) == [(0, 0, f"{cells} cells", "as many rows as columns")]
    # A third written with two decimals is one; a fifth more is not.
    assert judgement_problems([[1, 3], [0.33, 1]]) == judgement_problems([[1, 0.33], [3, 1]]) == []
    assert judgement_problems([[1, 2], [0.509, 1]]) == []
    assert judgement_problems([[1, 2], [0.511, 1]]) == [(1, 0, "0.511", "0.5, the reciprocal of 2")]
    assert judgement_problems([[1, 0.25], [3, 1]]) == [(1, 0, "3", "4, the reciprocal of 0.25")]
    assert judgement_problems([[1, 2], [0.489, 1]]) == [(1, 0, "0.489", "0.5, the reciprocal of 2")]


@pytest.mark.parametrize("count", range(3, 16))
def test_the_ratio_is_the_index_over_that_of_answers_at_random(count: int) -> None:
    table = np.ones((count, count))
    table[0, 1], table[1, 0] = 9, 1 / 9
    judged = ahp_weights(table)
    assert judged.random_index == RANDOM_INDEX[count - 1]
    assert judged.consistency_index == pytest.approx((judged.lambda_max - count) / (count - 1))
    assert judged.consistency_ratio == pytest.approx(judged.consistency_index / RANDOM_INDEX[count - 1])
    assert judged.consistency_ratio > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        judged.lambda_max = 1.0  # type: ignore[misc]
    assert judged != ahp_weights(table)


def test_saatys_random_indices() -> None:
    # As printed in Saaty (1980), p. 21.
    printed = "0 0 0.58 0.90 1.12 1.24 1.32 1.41 1.45 1.49 1.51 1.48 1.56 1.57 1.59"
    assert list(RANDOM_INDEX) == [float(number) for number in printed.split()]
    assert (ahp_weights(np.ones((2, 2))).random_index, ahp_weights([[1]]).random_index) == (0, 0)
    assert ahp_weights([[1]]).lambda_max == 1


@pytest.mark.parametrize("method", ["centroid", "sum", "reciprocal"])
def test_weights_of_an_order_from_their_formula(method: str) -> None:
    assert inspect.signature(rank_order_weights).parameters["method"].default == "centroid"
    for order in ([1], [2, 1], [1, 2, 2], [3, 1, 1, 1], [4, 4, 1, 2, 9], [2.5, -1, 2.5, 0]):
        n = len(order)
        of_place = {
            "centroid": [sum(1 / j for j in range(k, n + 1)) / n for k in range(1, n + 1)],
            "sum": [2 * (n + 1 - k) / (n * (n + 1)) for k in range(1, n + 1)],
            "reciprocal": [1 / k / sum(1 / j for j in range(1, n + 1)) for k in range(1, n + 1)],
        }[method]
        expected = []
        for mine in order:
            before, same = sum(other < mine for other in order), order.count(mine)
            expected.append(sum(of_place[before : before + same]) / same)
        assert rank_order_weights(order, method) == pytest.approx(expected, abs=1e-12)


def test_swings_and_orders_at_their_edges() -> None:
    assert swing_weights([5]).tolist() == [1.0]
    assert swing_weights([0.2, 0.6]) == pytest.approx([0.25, 0.75])
    assert swing_weights([0, 3]).tolist() == [0.0, 1.0]
    assert swing_weights([3e300, 1e300]).tolist() == [0.75, 0.25]
    assert swing_weights([3e-310, 1e-310]) == pytest.approx([0.75, 0.25])
    said = np.array([100.0, 60.0, 40.0])
    swing_weights(said)
    assert said.tolist() == [100, 60, 40]
    for wrong in ([], [[1, 2]], [math.nan, 1], [math.inf, 1], [0.0]):
        with pytest.raises(InputError, match=r"^Swings are points of 0 or more, one a criterion, and one of them at"):
            swing_weights(wrong)
    for wrong in ([], [[1, 2]], [math.inf, 1]):
        with pytest.raises(InputError, match=r"^An order of importance is one place a criterion, without a gap\.$"):
            rank_order_weights(wrong)
    with pytest.raises(InputError, match=r"^Judgements, row 1, column 2: found -1, expected a judgement above 0"):
        group_judgements([[[1, 2], [0.5, 1]], [[1, -1], [-1, 1]]])

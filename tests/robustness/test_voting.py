"""Orders from pairwise comparisons and many ranks: published tables, all orders tried, properties."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_rankings import published

from lipresearch.errors import InputError
from lipresearch.robustness import voting
from lipresearch.robustness.voting import kemeny, kemeny_score, kendalls_w, outranking, pairwise_wins

several = settings(max_examples=40)
numbers = st.one_of(st.integers(0, 3).map(float), st.just(math.nan))


def five() -> tuple[list[str], np.ndarray]:
    rows = published("tai_five.csv")
    columns = [name for name in rows[0] if name != "country"]
    return [row["country"] for row in rows], np.array([[float(row[name]) for name in columns] for row in rows])


def test_the_published_outranking_table_comes_out_exactly() -> None:
    names, values = five()
    expected = [[float(row[name]) for name in names] for row in published("tai_outranking.csv")]
    assert outranking(values, np.full(8, 1 / 8)).tolist() == expected


def test_the_published_orders_of_five_countries_come_out_exactly() -> None:
    names, values = five()
    support = outranking(values, np.full(8, 1 / 8))
    rows = published("tai_kemeny.csv")
    best = {tuple(row["order"].split(";")) for row in rows if row["score"] == "6.375"}
    assert len(best) == 3
    found = kemeny(support)
    assert (found.score, found.complete) == (6.375, True)
    assert {tuple(names[place] for place in order) for order in found.orders} == best
    # The next four, and nothing between: all 120 orders are tried.
    scored = sorted(((kemeny_score(support, order), order) for order in itertools.permutations(range(5))), reverse=True)
    listed = [(float(row["score"]), tuple(row["order"].split(";"))) for row in rows]
    shown = {(score, tuple(names[place] for place in order)) for score, order in scored if score >= 6.125}
    assert shown == set(listed)


@several
@given(
    st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=1, max_size=5),
    st.lists(st.integers(1, 4), min_size=3, max_size=3),
)
def test_outranking_is_the_obvious_count(table: list[list[float]], weights: list[int]) -> None:
    shares = np.array(weights) / sum(weights)
    found = outranking(table, shares)
    for i, first in enumerate(table):
        for j, other in enumerate(table):
            if i == j:
                assert found[i, j] == 0
                continue
            total = 0.0
            for share, a, b in zip(shares, first, other, strict=True):
                a, b = (-1.0 if math.isnan(x) else x for x in (a, b))
                total += share if a > b else share / 2 if a == b else 0.0
            assert found[i, j] == pytest.approx(total, abs=1e-12)
            assert found[i, j] + found[j, i] == pytest.approx(1, abs=1e-12)


@several
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 4), min_size=n, max_size=n), min_size=n, max_size=n)
    )
)
def test_kemenys_orders_are_the_best_of_all(table: list[list[int]]) -> None:
    count = len(table)
    scores = {order: kemeny_score(table, order) for order in itertools.permutations(range(count))}
    best = max(scores.values())
    expected = sorted(order for order, score in scores.items() if score == best)
    found = kemeny(table, most_orders=200)
    assert (found.score, list(found.orders), found.complete) == (best, expected, True)
    if len(expected) > 1:
        few = kemeny(table, most_orders=1)
        assert (len(few.orders), few.complete) == (1, False)


def test_a_candidate_that_beats_all_comes_first() -> None:
    support = [[0, 0.6, 0.7], [0.4, 0, 0.2], [0.3, 0.8, 0]]
    assert pairwise_wins(support).tolist() == [2, 0, 1]
    assert kemeny(support).orders == ((0, 2, 1),)


def test_equal_candidates_are_tied() -> None:
    support = outranking([[1, 2], [1, 2], [0, 0]], [0.3, 0.7])
    assert pairwise_wins(support).tolist() == [1.5, 1.5, 0]
    assert kemeny(support).orders == ((0, 1, 2), (1, 0, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: outranking([1, 2], [1]), "one row of finite values a candidate"),
        (lambda: outranking([[1, math.inf]], [0.5, 0.5]), "one row of finite values a candidate"),
        (lambda: outranking([[1, 2]], [0.5, 0.6]), r"Weights must add to 1, not 1\.1"),
        (lambda: outranking([[1, 2]], [1.0]), "There must be 2 weights, one a criterion"),
        (lambda: outranking([[1, 2]], [1.5, -0.5]), "each a number of 0 or more"),
        (lambda: pairwise_wins([[0, 1]]), "must be a square table of finite numbers"),
        (lambda: kemeny([[0, -1], [1, 0]]), "must be a square table of finite numbers"),
        (lambda: kemeny(np.zeros((15, 15))), "exactly for up to 14 candidates, not 15. Use fewer, or pairwise wins"),
        (lambda: kemeny_score([[0, 1], [1, 0]], [0, 0]), "names each of the 2 candidates once"),
        (lambda: kendalls_w([1, 2]), "one row of ranks a rater"),
        (lambda: kendalls_w([[1, math.nan], [1, 2]]), "without a gap"),
        (lambda: kendalls_w([[1, 2], [1, 2]], permutations=10), "and a seed goes with them"),
    ],
)
def test_tables_that_cannot_be_used(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()


# ---- Kendall's W ----------------------------------------------------------------------------------


def slow_w(rows: list[list[int]]) -> float | None:
    """W from the mean rank correlation of all pairs of raters (with ties: Kendall's own definition by sums)."""
    raters, things = len(rows), len(rows[0])
    ranked = [[1 + sum(x < y for x in row) + (sum(x == y for x in row) - 1) / 2 for y in row] for row in rows]
    mean = raters * (things + 1) / 2
    spread = sum((sum(rank[i] for rank in ranked) - mean) ** 2 for i in range(things))
    ties = sum(sum(row.count(value) ** 3 - row.count(value) for value in set(row)) for row in rows)
    most = (raters**2 * (things**3 - things) - raters * ties) / 12
    return spread / most if most else None


@several
@given(
    st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(1, 4), min_size=n, max_size=n), min_size=2, max_size=5)
    )
)
def test_w_is_the_slow_one(rows: list[list[int]]) -> None:
    found, expected = kendalls_w(rows), slow_w(rows)
    if expected is None:
        assert (math.isnan(found.w), found.reason) == (True, "every ranking ties all")
    else:
        assert found.w == pytest.approx(expected, abs=1e-12)
        assert 0 <= found.w <= 1
        assert found.chi_squared == pytest.approx(len(rows) * (len(rows[0]) - 1) * found.w)


def test_w_is_friedmans_test_of_scipy() -> None:
    from scipy.stats import friedmanchisquare

    rows = np.random.default_rng(4).integers(1, 6, size=(6, 9)).astype(float)
    found = kendalls_w(rows)
    expected = friedmanchisquare(*rows.T)
    assert (found.chi_squared, found.p_value) == pytest.approx((expected.statistic, expected.pvalue), abs=1e-10)


def test_everyone_alike_and_opposed() -> None:
    assert kendalls_w([[1, 2, 3]] * 4).w == 1
    assert kendalls_w([[1, 2, 3], [3, 2, 1]]).w == 0
    assert kendalls_w([[1, 2, 3]]).reason == "one ranking alone has nothing to agree with"
    assert kendalls_w([[1], [1]]).reason == "one thing alone has no order"


def test_the_permutation_test_nears_all_permutations_and_repeats_with_its_seed() -> None:
    rows = [[1, 2, 3, 4], [1, 2, 4, 3], [2, 1, 3, 4]]
    w = kendalls_w(rows).w
    every = list(itertools.permutations([1, 2, 3, 4]))
    exact = np.mean([slow_w([rows[0], list(a), list(b)]) >= w - 1e-12 for a in every for b in every])
    found = kendalls_w(rows, permutations=4000, seed=1)
    assert found.p_permuted == pytest.approx(exact, abs=0.015)
    assert kendalls_w(rows, permutations=4000, seed=1).p_permuted == found.p_permuted
    assert math.isnan(kendalls_w(rows).p_permuted)


@pytest.mark.parametrize("permutations", [1, 7, 200])
def test_the_permutation_test_counts_its_own_draws(permutations: int) -> None:
    rows, seed = np.array([[1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 3, 3]]), 5
    found = kendalls_w(rows, permutations, seed)
    generator, reached = np.random.default_rng(seed), 0
    ranked = np.array([[1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 3.5, 3.5]])
    for _ in range(permutations):
        shuffled = generator.permuted(ranked, axis=1)
        reached += slow_w([[int(2 * x) for x in row] for row in shuffled]) >= slow_w(rows.tolist()) - 1e-12
    assert found.p_permuted == (1 + reached) / (1 + permutations)
    assert found.w == pytest.approx(slow_w(rows.tolist()))


def test_a_coefficient_that_is_undefined_says_how_much_was_ranked() -> None:
    for rows, degrees, raters, things, reason in (
        ([[1, 2, 3]], 2, 1, 3, "one ranking alone has nothing to agree with"),
        ([[1], [2]], 0, 2, 1, "one thing alone has no order"),
        (np.empty((2, 0)), 0, 2, 0, "one thing alone has no order"),
        ([[2, 2], [5, 5], [1, 1]], 1, 3, 2, "every ranking ties all"),
    ):
        found = kendalls_w(rows)
        assert (found.degrees, found.raters, found.things, found.reason) == (degrees, raters, things, reason)
        assert all(math.isnan(x) for x in (found.w, found.chi_squared, found.p_value, found.p_permuted))
    whole = kendalls_w([[1, 2, 3], [1, 3, 2]])
    assert (whole.degrees, whole.raters, whole.things, whole.reason) == (2, 2, 3, "")
    assert (whole.w, whole.chi_squared) == pytest.approx((0.75, 3.0))
    with pytest.raises(dataclasses.FrozenInstanceError):
        whole.w = 1.0  # type: ignore[misc]
    assert whole != dataclasses.replace(whole)


def test_permutations_and_seeds_at_their_edges() -> None:
    rows = [[1, 2], [1, 2]]
    message = r"^The number of permutations is 0 or more, and a seed goes with them: whole numbers from 0 up\.$"
    for permutations, seed in ((-1, 1), (1.0, 1), (True, 1), (1, -1), (1, 1.0), (1, None), (1, True)):
        with pytest.raises(InputError, match=message):
            kendalls_w(rows, permutations, seed)  # type: ignore[arg-type]
    assert math.isnan(kendalls_w(rows, 0, None).p_permuted)
    assert kendalls_w(rows, 1, 0).p_permuted in (0.5, 1.0)
    given_ = inspect.signature(kendalls_w).parameters
    assert (given_["permutations"].default, given_["seed"].default) == (0, None)


def test_as_many_orders_as_are_asked_for() -> None:
    level = np.ones((5, 5))  # all 120 orders are as good
    found = kemeny(level)
    assert (len(found.orders), found.complete, found.score) == (100, False, 10.0)
    assert list(found.orders) == sorted(found.orders)
    three = np.ones((3, 3))
    for most, complete in ((5, False), (6, True), (7, True)):
        some = kemeny(three, most)
        assert (len(some.orders), some.complete) == (min(most, 6), complete)
    for most in (0, -1, 1.0, True):
        with pytest.raises(
            InputError, match=rf"^The number of orders to list is a whole number from 1 up, not {most}\.$"
        ):
            kemeny(three, most)  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.score = 0.0  # type: ignore[misc]
    assert found != kemeny(level)


def test_one_candidate_and_none_and_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (kemeny([[7.0]]).orders, kemeny([[7.0]]).score) == (((0,),), 0.0)
    assert pairwise_wins([[7.0]]).tolist() == [0.0]
    assert pairwise_wins(np.ones((300, 300))).tolist() == [149.5] * 300
    assert outranking([[1.0, 2.0]], [0.5, 0.5]).tolist() == [[0.0]]
    assert voting.MOST_CANDIDATES == 14
    monkeypatch.setattr(voting, "MOST_CANDIDATES", 3)
    assert kemeny(np.ones((3, 3))).complete
    with pytest.raises(
        InputError, match=r"^Kemeny's orders are found exactly for up to 3 candidates, not 4\. Use fewer"
    ):
        kemeny(np.ones((4, 4)))


@several
@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=n, max_size=n)
    )
)
def test_pairwise_wins_are_the_obvious_count(table: list[list[int]]) -> None:
    expected = [
        sum(1.0 if row[j] > table[j][i] else 0.5 if row[j] == table[j][i] else 0.0 for j in range(len(table)) if j != i)
        for i, row in enumerate(table)
    ]
    assert pairwise_wins(table).tolist() == expected
    assert pairwise_wins([[1e30 * x for x in row] for row in table]).tolist() == expected


def test_a_lead_below_a_billionth_is_a_draw() -> None:
    assert pairwise_wins([[0, 0.5 + 4e-11], [0.5, 0]]).tolist() == [0.5, 0.5]
    assert pairwise_wins([[0, 0.5 + 1e-9], [0.5, 0]]).tolist() == [1.0, 0.0]
    assert kemeny([[0, 0.5 + 4e-11], [0.5, 0]]).orders == ((0, 1), (1, 0))
    assert kemeny([[0, 0.5 + 1e-9], [0.5, 0]]).orders == ((0, 1),)
    # Only pairs count: what stands on the diagonal is no support.
    assert pairwise_wins([[9e9, 0.6], [0.4, 9e9]]).tolist() == [1.0, 0.0]
    assert kemeny([[9e9, 0.6], [0.4, 9e9]]).orders == ((0, 1),)
    for wrong in ([1.0], [[0, math.nan], [0, 0]], [[0, math.inf], [0, 0]], [[0, 1, 2], [1, 0, 2]]):
        with pytest.raises(InputError, match=r"^The support must be a square table of finite numbers of 0 or more"):
            kemeny(wrong)
    for order in ([0], [0, 2], [0, 1, 1], [0.0, 1.0]):
        with pytest.raises(InputError, match=r"^An order names each of the 2 candidates once\.$"):
            kemeny_score([[0, 0.6], [0.4, 0]], order)
    assert kemeny_score([[0, 0.6, 0.1], [0.4, 0, 0.3], [0.9, 0.7, 0]], [2, 0, 1]) == pytest.approx(0.9 + 0.7 + 0.6)

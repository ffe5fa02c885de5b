"""Counting ranks: both kinds of loops against each other and against plain Python."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lipresearch.errors import InputError
from lipresearch.ranking import competition_ranks
from lipresearch.robustness import kernel
from lipresearch.robustness.kernel import (
    Counts,
    chunk_generator,
    chunk_size,
    count_ranks,
    first_pair,
    loops,
    numpy_loops,
)

KINDS = pytest.mark.parametrize("kind", [loops(), numpy_loops()], ids=lambda kind: kind.kind)
few = settings(max_examples=25)
scores = st.tuples(st.integers(1, 7), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(0, 4))
)


def test_the_compiled_loops_are_used_where_numba_is() -> None:
    pytest.importorskip("numba", reason="numba has no wheels for this machine; NumPy does the same")
    assert loops().kind == "numba"


@KINDS
@few
@given(scores)
def test_ranks_are_those_of_a_ranking(kind: kernel.Loops, drawn: np.ndarray) -> None:
    by_pairs, sorted_ = (np.empty(drawn.shape, np.int16) for _ in range(2))
    kind.ranks_by_pairs(drawn, by_pairs)
    keys = (-drawn.T.astype(np.int64) << 16) | np.arange(len(drawn))
    kind.ranks_of_sorted(np.sort(np.ascontiguousarray(keys), axis=1), sorted_)
    for draw in range(drawn.shape[1]):
        expected = competition_ranks(drawn[:, draw] / 10) - 1
        assert by_pairs[:, draw].tolist() == expected.tolist()
        assert sorted_[:, draw].tolist() == expected.tolist()


@KINDS
@few
@given(scores)
def test_first_ranks_are_those_no_other_beats(kind: kernel.Loops, drawn: np.ndarray) -> None:
    for site in range(len(drawn)):
        assert kind.firsts(drawn, site) == int((drawn[site] == drawn.max(axis=0)).sum())


def counted(kind: kernel.Loops, points: np.ndarray, draws: int, workers: int = 1, seed: int = 1) -> Counts:
    counts = Counts(*points.shape, draws, kind)

    def draw(chunk: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        weights = chunk_generator(seed, 0, chunk).dirichlet(np.ones(points.shape[1]), size).T.copy()
        made = np.empty((len(points), size), np.int32)
        kind.site_scores(points, weights, made)
        return weights, made

    count_ranks(draw, counts, 0, draws, workers)
    return counts


def slowly(points: np.ndarray, draws: int, seed: int = 1) -> tuple[Counter, Counter, Counter, np.ndarray]:
    """Count ranks, wins, ties and weights of first ranks, one draw, one site, one pair after another."""
    ranks, won, tied, central = Counter(), Counter(), Counter(), np.zeros(points.shape)
    unit = chunk_size(len(points))
    for chunk, start in enumerate(range(0, draws, unit)):
        for weights in chunk_generator(seed, 0, chunk).dirichlet(np.ones(points.shape[1]), min(unit, draws - start)):
            total = [sum(float(w) * float(p) for w, p in zip(weights, row, strict=True)) for row in points]
            rank = competition_ranks(total)
            for one in range(len(points)):
                ranks[one, int(rank[one]) - 1] += 1
                if rank[one] == 1:
                    central[one] += weights
                for other in range(len(points)):
                    won[one, other] += rank[one] < rank[other]
                    tied[one, other] += rank[one] == rank[other]
    return ranks, won, tied, central


@KINDS
def test_counts_against_plain_python(kind: kernel.Loops) -> None:
    points = np.random.default_rng(3).integers(0, 4, (5, 3)) / 3
    points[4] = points[1]
    counts = counted(kind, points, 1500)
    ranks, won, tied, central = slowly(points, 1500)
    for one in range(5):
        assert counts.ranks[one].tolist() == [ranks[one, rank] for rank in range(5)]
        for other in range(one + 1, 5):
            pair = first_pair(one, 5) + other - one - 1
            assert counts.won[pair] == won[one, other]
            assert counts.tied_table()[pair] == tied[one, other]
    assert np.allclose(counts.central, central, rtol=1e-12)
    assert counts.tied_table()[first_pair(1, 5) + 2] == 1500


def same(one: Counts, other: Counts) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("ranks", "won", "central", "squares")
    ) and np.array_equal(one.tied_table(), other.tied_table())


@pytest.mark.parametrize("sites", [4, 90])
def test_threads_blocks_and_kind_of_loop_change_nothing(sites: int, monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).random((sites, 4))
    points[1] = points[0]
    first = counted(loops(), points, 3000)
    assert same(first, counted(loops(), points, 3000, workers=3))
    assert same(first, counted(numpy_loops(), points, 3000, workers=2))
    monkeypatch.setattr(kernel, "BLOCK_CELLS", 1)
    monkeypatch.setattr(kernel, "SORTED_CELLS", 200)
    assert same(first, counted(loops(), points, 3000))
    monkeypatch.setattr(kernel, "FEW_TIES", 0)
    dense = counted(loops(), points, 3000)
    assert isinstance(dense.tied, np.ndarray)
    assert isinstance(first.tied, dict)
    assert same(first, dense)


def test_many_draws_need_larger_counters() -> None:
    assert Counts(2, 1, 65_535).ranks.dtype == np.uint16
    assert Counts(2, 1, 65_536).ranks.dtype == np.uint32
    points = np.array([[1.0], [0.0]])
    assert counted(loops(), points, 70_000).ranks.tolist() == [[70_000, 0], [0, 70_000]]


def test_other_draws_than_the_first_are_other_draws() -> None:
    points = np.eye(3)
    one, two = Counts(3, 3, 4096), Counts(3, 3, 4096)

    def draw(chunk: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        weights = chunk_generator(1, 0, chunk).dirichlet(np.ones(3), size).T.copy()
        made = np.empty((3, size), np.int32)
        loops().site_scores(points, weights, made)
        return weights, made

    count_ranks(draw, one, 0, 4096, 1)
    count_ranks(draw, two, 0, 2048, 1)
    count_ranks(draw, two, 2, 2048, 1)
    assert same(one, two)
    assert two.draws == 4096


def test_the_number_of_sites_has_a_limit() -> None:
    with pytest.raises(InputError, match=r"^Ranks can be counted for 1 to 32,000 sites, not 32,001\.$"):
        Counts(32_001, 1, 1)
    with pytest.raises(InputError, match="not 0"):
        Counts(0, 1, 1)


@KINDS
@few
@given(scores)
def test_pairs_that_tie_are_found_however_few(kind: kernel.Loops, drawn: np.ndarray) -> None:
    sites, draws = drawn.shape
    ranks = np.column_stack([competition_ranks(drawn[:, draw]) - 1 for draw in range(draws)]).astype(np.int16)
    pairs = [(one, other) for one in range(sites) for other in range(one + 1, sites)]
    shared = [int((ranks[one] == ranks[other]).sum()) for one, other in pairs]
    tying = np.zeros(sites, bool)
    kind.tying_sites(ranks, tying)
    assert set(np.flatnonzero(tying)) == {site for pair, n in zip(pairs, shared, strict=True) if n for site in pair}
    table, won = np.zeros(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    kind.draws_tied(ranks, 0, sites, table)
    kind.wins(ranks, 0, sites, won)
    assert table.tolist() == shared
    assert won.tolist() == [int((ranks[one] < ranks[other]).sum()) for one, other in pairs]
    # With room for one pair only the first is noted, but all are counted.
    for room in (1, len(pairs)):
        pair, tied = np.zeros(room, np.int64), np.zeros(room, np.int64)
        assert kind.tied_pairs(ranks, 0, sites, tying, pair, tied) == sum(n > 0 for n in shared)
        noted = [(place, n) for place, n in enumerate(shared) if n][:room]
        assert [*zip(pair.tolist(), tied.tolist(), strict=True)][: len(noted)] == noted


@KINDS
def test_points_that_differ_from_draw_to_draw_by_hand(kind: kernel.Loops) -> None:
    points, weights = np.array([[0.5, 0.0], [0.0, 0.0]]), np.array([[0.25, 1.0], [0.75, 0.0]])
    first, column = np.array([0, 1, 3]), np.array([1, 0, 1])
    drawn = np.array([[0.4, 0.8], [1.0, 0.2], [0.6, 0.9]])
    made = np.empty((2, 2), np.int32)
    kind.drawn_scores(points, weights, first, column, drawn, made)
    # 0.25 x 0.5 + 0.75 x 0.4, then 1 x 0.5; 0.25 x 1 + 0.75 x 0.6, then 1 x 0.2.
    assert made.tolist() == [[425_000_000, 500_000_000], [700_000_000, 200_000_000]]

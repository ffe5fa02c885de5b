"""Counting ranks: both kinds of loops against each other and against plain Python."""

from __future__ import annotations

import dataclasses
import itertools
import multiprocessing
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
    default_workers,
    first_pair,
    loops,
    numpy_loops,
    rank_draws,
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


def test_a_site_that_always_wins_is_not_lost_in_16_bits() -> None:
    # With many threads a block holds 31 chunks at most: 31,744 draws, below 32,768.
    counts = counted(loops(), np.array([[1.0], [0.0]]), 33 * 1024, workers=40)
    assert counts.won.tolist() == [33 * 1024]
    assert counts.draws == 33 * 1024


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


def test_the_number_of_sites_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"^Ranks can be counted for 1 to 32,000 sites, not 32,001\.$"):
        Counts(32_001, 1, 1)
    with pytest.raises(InputError, match="not 0"):
        Counts(0, 1, 1)
    monkeypatch.setattr(kernel, "MOST_SITES", 3)
    assert Counts(3, 1, 1).ranks.shape == (3, 3)
    with pytest.raises(InputError, match="for 1 to 3 sites, not 4"):
        Counts(4, 1, 1)


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


#: Around the sizes of what the loops take at a time: 4 sites, 64 sites.
SIZES = pytest.mark.parametrize("sites", [1, 2, 5, 6, 7, 8, 9, 64, 65, 66, 67, 68, 69, 70, 131])


@KINDS
@SIZES
def test_every_pair_of_many_sites_is_compared_once(
    kind: kernel.Loops, sites: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = np.random.default_rng(sites).integers(-3, sites, (sites, 4)).astype(np.int32)
    above = (drawn[None] > drawn[:, None]).sum(axis=1)
    for few_sites, cells in ((64, 250_000), (0, 3 * sites), (0, 1), (1000, 1)):
        monkeypatch.setattr(kernel, "FEW_SITES", few_sites)
        monkeypatch.setattr(kernel, "SORTED_CELLS", cells)
        ranks = np.full(drawn.shape, -1, np.int16)
        rank_draws(drawn, ranks, kind)
        assert ranks.tolist() == above.tolist()
    pairs = list(itertools.combinations(range(sites), 2))
    before = [int((ranks[one] < ranks[other]).sum()) for one, other in pairs]
    level = [int((ranks[one] == ranks[other]).sum()) for one, other in pairs]
    tying = np.zeros(sites, bool)
    kind.tying_sites(ranks, tying)
    assert np.flatnonzero(tying).tolist() == sorted(
        {site for pair, n in zip(pairs, level, strict=True) if n for site in pair}
    )
    # Begun from something, and in two pieces: each adds its own pairs and no others.
    won, tied = np.full(len(pairs), 7, np.int64), np.full(len(pairs), 9, np.int64)
    cut, noted = sites // 3, {}
    for first, last in ((0, cut), (cut, sites)):
        kind.wins(ranks, first, last, won)
        kind.draws_tied(ranks, first, last, tied)
        pair, times = np.full(len(pairs), -1, np.int64), np.full(len(pairs), -1, np.int64)
        found = kind.tied_pairs(ranks, first, last, tying, pair, times)
        assert (pair[found:] == -1).all()
        noted.update(zip(pair[:found].tolist(), times[:found].tolist(), strict=True))
    assert won.tolist() == [7 + n for n in before]
    assert tied.tolist() == [9 + n for n in level]
    assert noted == {place: n for place, n in enumerate(level) if n}


@KINDS
def test_first_ranks_and_their_weights_are_added_to_what_is_there(kind: kernel.Loops) -> None:
    ranks = np.array([[0, 1, 0, 2], [1, 0, 0, 0], [2, 2, 2, 1]], np.int16)
    weights = np.array([[0.75, 0.5, 0.25, 1.0], [0.25, 0.5, 0.75, 0.0]])
    counts = np.full((3, 3), 5, np.uint16)
    central, squares = np.full((3, 2), 10.0), np.full((3, 2), 20.0)
    kind.tally(ranks, weights, 1, 3, counts, central, squares)
    assert counts.tolist() == [[5, 5, 5], [8, 6, 5], [5, 6, 8]]
    assert central.tolist() == [[10, 10], [11.75, 11.25], [10, 10]]
    assert squares.tolist() == [[20, 20], [21.3125, 20.8125], [20, 20]]


@KINDS
def test_a_score_is_a_whole_number_of_billionths(kind: kernel.Loops) -> None:
    points, weights = np.array([[1.0, 0.0], [0.0, 1.0], [0.3, 0.1]]), np.array([[1.0, 0.25, 1 / 3], [0.0, 0.75, 2 / 3]])
    made = np.full((3, 3), -1, np.int32)
    kind.site_scores(points, weights, made)
    assert made.tolist() == [
        [1_000_000_000, 250_000_000, 333_333_333],
        [0, 750_000_000, 666_666_667],
        [300_000_000, 150_000_000, 166_666_667],
    ]
    again = np.full((3, 3), -1, np.int32)
    nothing = np.zeros(4, np.int64)
    kind.drawn_scores(points, weights, nothing, np.empty(0, np.int64), np.empty((0, 3)), again)
    assert again.tolist() == made.tolist()


def test_how_many_draws_share_a_random_stream() -> None:
    # The largest power of two of which a million cells hold one for each site, from 32 to 1,024.
    expected = {1: 1024, 976: 1024, 977: 512, 1953: 512, 1954: 256, 15_625: 64, 15_626: 32, 31_251: 32, 32_000: 32}
    assert {sites: chunk_size(sites) for sites in expected} == expected


def test_a_stream_of_random_numbers_has_its_seed_its_kind_and_its_chunk() -> None:
    expected = np.random.Generator(np.random.PCG64(np.random.SeedSequence(3, spawn_key=(5, 7)))).random(4)
    assert chunk_generator(3, 5, 7).random(4).tolist() == expected.tolist()
    others = [chunk_generator(*key).random() for key in ((3, 7, 5), (3, 5, 8), (4, 5, 7))]
    assert len({float(expected[0]), *others}) == 4


def test_the_pieces_of_the_sites_are_all_of_them_in_order() -> None:
    for sites, workers in ((1, 1), (2, 3), (38, 1), (38, 4), (300, 2)):
        pieces = kernel._pieces(sites, workers)
        assert [place for first, last in pieces for place in range(first, last)] == list(range(sites))
        assert len(pieces) <= 4 * workers
    # Each piece has about as many pairs as another.
    pairs = [sum(399 - site for site in range(*piece)) for piece in kernel._pieces(400, 2)]
    assert len(pairs) == 8
    assert max(pairs) < 1.1 * min(pairs)


def test_chunks_go_on_where_the_last_ones_ended() -> None:
    assert list(kernel._chunks(3, 25, 10)) == [(3, 10), (4, 10), (5, 5)]
    assert list(kernel._chunks(0, 20, 10)) == [(0, 10), (1, 10)]
    assert list(kernel._chunks(0, 1, 10)) == [(0, 1)]


def test_ties_are_noted_one_by_one_until_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.array([[0.5, 0.2], [0.5, 0.2], [0.5, 0.2], [0.1, 0.9]])
    for most, kept in ((3, dict), (2, np.ndarray)):
        monkeypatch.setattr(kernel, "FEW_TIES", most)
        counts = counted(loops(), points, 2100)
        assert isinstance(counts.tied, kept)
        table = counts.tied_table()
        assert table.dtype == counts.won.dtype
        assert table.tolist() == [2100, 2100, 0, 2100, 0, 0]
        again = counted(loops(), points, 2100, workers=3)
        assert again.tied_table().tolist() == table.tolist()


def test_counts_begin_at_nothing_and_loops_cannot_be_exchanged() -> None:
    counts = Counts(3, 2, 10)
    assert [getattr(counts, name).shape for name in ("ranks", "won", "central", "squares")] == [
        (3, 3),
        (3,),
        (3, 2),
        (3, 2),
    ]
    assert not any(getattr(counts, name).any() for name in ("ranks", "won", "central", "squares"))
    assert (counts.draws, counts.tied) == (0, {})
    assert counts.loops is loops()
    assert Counts(1, 1, 1, numpy_loops()).loops.kind == "NumPy"
    with pytest.raises(dataclasses.FrozenInstanceError):
        loops().kind = "other"  # type: ignore[misc]
    assert numpy_loops() is numpy_loops()
    assert default_workers() == multiprocessing.cpu_count()


def test_without_numba_the_loops_are_those_of_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "has_numba", lambda: False)
    assert loops.__wrapped__().kind == "NumPy"

"""Counting ranks over many weightings: one set of loops, compiled where numba is there, NumPy where it is not.

Draws come in chunks, each with its own random stream, so that a result depends on the seed alone, never on the
number of threads, the size of a block or which of the two kinds of loops ran.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipresearch.errors import InputError
from lipresearch.ranking import TIE_DECIMALS
from lipresearch.speed import compiled, has_numba

Floats = NDArray[np.float64]

#: Cells (sites times draws) of a block held in memory at a time.
BLOCK_CELLS = 4_000_000
#: Cells sorted at a time.
SORTED_CELLS = 250_000
#: Up to so many sites, ranks are counted pair by pair; above, the scores of a draw are sorted.
FEW_SITES = 64
#: So many pairs that tie are noted one by one; more are kept in a table as large as that of the wins.
FEW_TIES = 4096
#: Ranks are kept in 16 bits.
MOST_SITES = 32_000

_ONE = float(10**TIE_DECIMALS)


def site_scores(points: Any, weights: Any, out: Any) -> None:
    """Write the weighted sums of points (sites, criteria) under weights (criteria, draws), as whole billionths."""
    for site in range(points.shape[0]):
        total = np.zeros(weights.shape[1])
        for criterion in range(points.shape[1]):
            own = points[site, criterion]
            for draw in range(weights.shape[1]):
                total[draw] += own * weights[criterion, draw]
        for draw in range(weights.shape[1]):
            out[site, draw] = np.int32(np.rint(total[draw] * 1e9))


def drawn_scores(points: Any, weights: Any, first: Any, column: Any, drawn: Any, out: Any) -> None:
    """Do the same where some points differ from draw to draw.

    Those of site s are ``drawn[first[s]:first[s + 1]]``, of the criteria ``column``; ``points`` is 0 there.
    """
    for site in range(points.shape[0]):
        total = np.zeros(weights.shape[1])
        for criterion in range(points.shape[1]):
            own = points[site, criterion]
            for draw in range(weights.shape[1]):
                total[draw] += own * weights[criterion, draw]
        for cell in range(first[site], first[site + 1]):
            criterion = column[cell]
            for draw in range(weights.shape[1]):
                total[draw] += drawn[cell, draw] * weights[criterion, draw]
        for draw in range(weights.shape[1]):
            out[site, draw] = np.int32(np.rint(total[draw] * 1e9))


def ranks_by_pairs(scores: Any, out: Any) -> None:
    """Write how many sites lie above each site, by comparing every pair; scores (sites, draws)."""
    sites, draws = scores.shape
    above = np.zeros((sites, draws), np.int32)
    for one in range(sites):
        for other in range(one + 1, sites):
            for draw in range(draws):
                above[one, draw] = np.int32(above[one, draw] + np.int32(scores[one, draw] < scores[other, draw]))
                above[other, draw] = np.int32(above[other, draw] + np.int32(scores[one, draw] > scores[other, draw]))
    for site in range(sites):
        for draw in range(draws):
            out[site, draw] = np.int16(above[site, draw])


def ranks_of_sorted(keys: Any, out: Any) -> None:
    """Write how many sites lie above each site, from sorted keys (draws, sites): score, then number of the site."""
    draws, sites = keys.shape
    for draw in range(draws):
        rank = 0
        for place in range(sites):
            key = keys[draw, place]
            if (key >> 16) != (keys[draw, place - 1] >> 16):  # of the first with the last: its rank is 0 either way
                rank = place
            out[key & 0xFFFF, draw] = np.int16(rank)


def tally(ranks: Any, weights: Any, first: int, last: int, counts: Any, central: Any, squares: Any) -> None:
    """Add the ranks of the sites first to last - 1 to their counts, and the weights (and squares) of first ranks."""
    for site in range(first, last):
        for draw in range(ranks.shape[1]):
            rank = ranks[site, draw]
            counts[site, rank] += 1
            if rank == 0:
                for criterion in range(weights.shape[0]):
                    weight = weights[criterion, draw]
                    central[site, criterion] += weight
                    squares[site, criterion] += weight * weight


def tying_sites(ranks: Any, tying: Any) -> None:
    """Mark the sites that share a rank in any draw; ranks (sites, draws)."""
    sites, draws = ranks.shape
    total = np.zeros(draws, np.int32)
    for site in range(sites):
        for draw in range(draws):
            total[draw] += np.int32(ranks[site, draw])
    seen = np.zeros(sites, np.int32)
    for draw in range(draws):
        # Shared ranks are the better ones, so their sum is smaller.
        if total[draw] == sites * (sites - 1) // 2:
            continue
        seen[:] = 0
        for site in range(sites):
            seen[ranks[site, draw]] += 1
        for site in range(sites):
            if seen[ranks[site, draw]] > 1:
                tying[site] = True


def wins(ranks: Any, first: int, last: int, won: Any) -> None:
    """Add how often each of the sites first to last - 1 lies above each later site.

    ``won`` holds the pairs (0, 1), (0, 2), ..., (1, 2), ... one after the other.
    """
    sites, draws = ranks.shape
    for start in range(first + 1, sites, 64):  # so many rows stay in the cache
        for one in range(first, last):
            pairs = one * sites - one * (one + 1) // 2 - one - 1
            other, end = max(start, one + 1), min(start + 64, sites)
            while other + 4 <= end:  # four at a time: the first site's ranks are read once
                above_1 = np.int16(0)
                above_2 = np.int16(0)
                above_3 = np.int16(0)
                above_4 = np.int16(0)
                for draw in range(draws):
                    rank = ranks[one, draw]
                    above_1 = np.int16(above_1 + np.int16(rank < ranks[other, draw]))
                    above_2 = np.int16(above_2 + np.int16(rank < ranks[other + 1, draw]))
                    above_3 = np.int16(above_3 + np.int16(rank < ranks[other + 2, draw]))
                    above_4 = np.int16(above_4 + np.int16(rank < ranks[other + 3, draw]))
                won[pairs + other] += above_1
                won[pairs + other + 1] += above_2
                won[pairs + other + 2] += above_3
                won[pairs + other + 3] += above_4
                other += 4
            while other < end:
                above = np.int16(0)
                for draw in range(draws):
                    above = np.int16(above + np.int16(ranks[one, draw] < ranks[other, draw]))
                won[pairs + other] += above
                other += 1


def tied_pairs(ranks: Any, first: int, last: int, tying: Any, pair: Any, tied: Any) -> int:
    """Return how many pairs of one of the sites first to last - 1 and a later one ever share a rank.

    Only two sites marked in ``tying`` can. The first pairs that do are written to ``pair``, with how often to
    ``tied``, as far as there is room.
    """
    sites = ranks.shape[0]
    found = 0
    for one in range(first, last):
        if not tying[one]:
            continue
        pairs = one * sites - one * (one + 1) // 2 - one - 1
        for other in range(one + 1, sites):
            if not tying[other]:
                continue
            equal = np.int16(0)
            for draw in range(ranks.shape[1]):
                equal = np.int16(equal + np.int16(ranks[one, draw] == ranks[other, draw]))
            if equal > 0:
                if found < len(pair):
                    pair[found] = pairs + other
                    tied[found] = equal
                found += 1
    return found


def draws_tied(ranks: Any, first: int, last: int, tied: Any) -> None:
    """Add how often each of the sites first to last - 1 shares its rank with each later site, as ``wins`` does."""
    sites = ranks.shape[0]
    for one in range(first, last):
        pairs = one * sites - one * (one + 1) // 2 - one - 1
        for other in range(one + 1, sites):
            equal = np.int16(0)
            for draw in range(ranks.shape[1]):
                equal = np.int16(equal + np.int16(ranks[one, draw] == ranks[other, draw]))
            tied[pairs + other] += equal


def firsts(scores: Any, site: int) -> int:
    """Return in how many draws no site lies above a site; scores (sites, draws)."""
    found = 0
    for draw in range(scores.shape[1]):
        beaten = False
        for other in range(scores.shape[0]):
            beaten = beaten or scores[other, draw] > scores[site, draw]
        found += not beaten
    return found


def first_pair(site: int, sites: int) -> int:
    """Return where the pairs of a site with the later ones begin.

    >>> [first_pair(site, 4) for site in range(4)]
    [0, 3, 5, 6]
    """
    return site * sites - site * (site + 1) // 2


# -- the same with NumPy, for machines without numba and as the check of the loops above ------------


def _numpy_site_scores(points: Any, weights: Any, out: Any) -> None:
    total = np.zeros(out.shape)
    for criterion in range(points.shape[1]):
        total += points[:, criterion, None] * weights[criterion]
    out[:] = np.rint(total * _ONE).astype(np.int32)


def _numpy_drawn_scores(points: Any, weights: Any, first: Any, column: Any, drawn: Any, out: Any) -> None:
    total = np.zeros(out.shape)
    for criterion in range(points.shape[1]):
        total += points[:, criterion, None] * weights[criterion]
    for site in range(points.shape[0]):
        for cell in range(first[site], first[site + 1]):
            total[site] += drawn[cell] * weights[column[cell]]
    out[:] = np.rint(total * _ONE).astype(np.int32)


def _numpy_ranks_by_pairs(scores: Any, out: Any) -> None:
    for site in range(len(scores)):
        out[site] = (scores > scores[site]).sum(axis=0)


def _numpy_ranks_of_sorted(keys: Any, out: Any) -> None:
    score = keys >> 16
    new = np.empty(keys.shape, bool)
    new[:, 0] = True
    new[:, 1:] = score[:, 1:] != score[:, :-1]
    rank = np.maximum.accumulate(np.where(new, np.arange(keys.shape[1]), 0), axis=1)
    out[(keys & 0xFFFF).ravel(), np.repeat(np.arange(len(keys)), keys.shape[1])] = rank.ravel()


def _numpy_tally(ranks: Any, weights: Any, first: int, last: int, counts: Any, central: Any, squares: Any) -> None:
    for site in range(first, last):
        found = np.bincount(ranks[site], minlength=counts.shape[1])
        counts[site] += found.astype(counts.dtype)
        if found[0]:
            leads = weights[:, ranks[site] == 0]
            for sums, parts in ((central, leads), (squares, leads * leads)):
                # One after the other, as the compiled loop adds them.
                sums[site] = np.add.accumulate(np.column_stack([sums[site], parts]), axis=1)[:, -1]


def _numpy_tying_sites(ranks: Any, tying: Any) -> None:
    order = np.sort(ranks, axis=0)
    shared = np.flatnonzero((order[1:] == order[:-1]).any(axis=0))
    for draw in shared:
        tying |= np.bincount(ranks[:, draw], minlength=len(ranks))[ranks[:, draw]] > 1


def _numpy_wins(ranks: Any, first: int, last: int, won: Any) -> None:
    for site in range(first, last):
        place, later = first_pair(site, len(ranks)), ranks[site + 1 :]
        won[place : place + len(later)] += (ranks[site] < later).sum(axis=1).astype(won.dtype)


def _numpy_tied_pairs(ranks: Any, first: int, last: int, tying: Any, pair: Any, tied: Any) -> int:
    count = 0
    for site in np.flatnonzero(tying[first:last]) + first:
        equal = (ranks[site] == ranks[site + 1 :]).sum(axis=1)
        found = np.flatnonzero(equal)
        room = max(0, min(len(pair) - count, len(found)))
        pair[count : count + room] = first_pair(int(site), len(ranks)) + found[:room]
        tied[count : count + room] = equal[found[:room]]
        count += len(found)
    return count


def _numpy_draws_tied(ranks: Any, first: int, last: int, tied: Any) -> None:
    for site in range(first, last):
        place, later = first_pair(site, len(ranks)), ranks[site + 1 :]
        tied[place : place + len(later)] += (ranks[site] == later).sum(axis=1).astype(tied.dtype)


def _numpy_firsts(scores: Any, site: int) -> int:
    return int((scores[site] >= scores.max(axis=0)).sum())


@dataclass(frozen=True)
class Loops:
    """The loops above, of one kind."""

    kind: str
    site_scores: Callable[..., None]
    drawn_scores: Callable[..., None]
    ranks_by_pairs: Callable[..., None]
    ranks_of_sorted: Callable[..., None]
    tally: Callable[..., None]
    tying_sites: Callable[..., None]
    wins: Callable[..., None]
    tied_pairs: Callable[..., int]
    draws_tied: Callable[..., None]
    firsts: Callable[..., int]


@cache
def numpy_loops() -> Loops:
    """Return the loops written with NumPy."""
    return Loops(
        "NumPy",
        _numpy_site_scores,
        _numpy_drawn_scores,
        _numpy_ranks_by_pairs,
        _numpy_ranks_of_sorted,
        _numpy_tally,
        _numpy_tying_sites,
        _numpy_wins,
        _numpy_tied_pairs,
        _numpy_draws_tied,
        _numpy_firsts,
    )


@cache
def loops() -> Loops:
    """Return the compiled loops, or those of NumPy where numba is not installed.

    The first call ever on a machine compiles for some seconds; what it made is kept beside the package, or in the
    user's cache where the package cannot be written to.
    """
    if not has_numba():
        return numpy_loops()
    plain: tuple[Any, ...] = (
        *(site_scores, drawn_scores, ranks_by_pairs, ranks_of_sorted, tally, tying_sites, wins, tied_pairs, draws_tied),
        firsts,
    )
    return Loops("numba", *(compiled(function) for function in plain))


# -- counting ---------------------------------------------------------------------------------------


def chunk_size(sites: int) -> int:
    """Return how many draws share a random stream: 1,024, fewer where the sites are thousands.

    >>> chunk_size(38), chunk_size(5161)
    (1024, 128)
    """
    return int(max(32, min(1024, 2 ** int(np.log2(1_000_000 / sites)))))


def chunk_generator(seed: int, stream: int, chunk: int) -> np.random.Generator:
    """Return the random numbers of one chunk of draws; ``stream`` tells weights from kinds of data."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stream, chunk))))


#: Gives the weights (criteria, draws) and the scores in whole billionths (sites, draws) of a chunk: (chunk, size).
Draw = Callable[[int, int], tuple[Floats, NDArray[np.int32]]]


class Counts:
    """What was counted so far, for n sites and m criteria, in as few bytes as ``draws`` draws need.

    Attributes
    ----------
    ranks : ndarray, shape (n, n)
        How often each site had each rank; column 0 is the first.
    won : ndarray, shape (n (n - 1) / 2,)
        How often the first site of each pair lay above the second; see ``first_pair``.
    tied : dict or ndarray
        How often the two shared a rank: by pair, as long as few did; then like ``won``.
    central : ndarray, shape (n, m)
        Sum of the weights under which the row's site came first.
    squares : ndarray, shape (n, m)
        Sum of their squares.
    draws : int
        Draws counted so far.
    """

    def __init__(self, sites: int, criteria: int, draws: int, kind: Loops | None = None) -> None:
        if not 1 <= sites <= MOST_SITES:
            raise InputError(f"Ranks can be counted for 1 to {MOST_SITES:,} sites, not {sites:,}.")
        size = np.uint16 if draws < 2**16 else np.uint32
        self.ranks: NDArray[Any] = np.zeros((sites, sites), size)
        self.won: NDArray[Any] = np.zeros(sites * (sites - 1) // 2, size)
        self.tied: dict[int, int] | NDArray[Any] = {}
        self.central: Floats = np.zeros((sites, criteria))
        self.squares: Floats = np.zeros((sites, criteria))
        self.draws = 0
        self.loops = kind or loops()
        self._lock = Lock()

    def add(self, ranks: NDArray[np.int16], weights: Floats, tying: NDArray[np.bool_], first: int, last: int) -> None:
        """Add the ranks (sites, draws) of the sites first to last - 1."""
        self.loops.tally(ranks, weights, first, last, self.ranks, self.central, self.squares)
        pair, tied = np.empty(FEW_TIES, np.int64), np.empty(FEW_TIES, np.int64)
        self.loops.wins(ranks, first, last, self.won)
        ties = self.loops.tied_pairs(ranks, first, last, tying, pair, tied)
        with self._lock:
            if isinstance(self.tied, dict) and len(self.tied) + ties > FEW_TIES:
                self.tied = self.tied_table()
            if isinstance(self.tied, dict):
                for place, times in zip(pair[:ties].tolist(), tied[:ties].tolist(), strict=True):
                    self.tied[place] = self.tied.get(place, 0) + times
                return
        if ties:
            self.loops.draws_tied(ranks, first, last, self.tied)

    def tied_table(self) -> NDArray[Any]:
        """Return how often the two sites of each pair shared a rank, in the order of ``won``."""
        if not isinstance(self.tied, dict):
            return self.tied
        dense = np.zeros_like(self.won)
        dense[list(self.tied.keys())] = list(self.tied.values())
        return dense


def _pieces(sites: int, workers: int) -> list[tuple[int, int]]:
    """Cut the sites into ranges of equal work: the first ones are compared with more others."""
    ends = sites * (1 - np.sqrt(1 - np.linspace(0, 1, 4 * workers + 1)))
    cuts = np.unique(np.round(ends).astype(int))
    return [(int(one), int(other)) for one, other in pairwise(cuts)]


def count_ranks(draw: Draw, counts: Counts, first_chunk: int, draws: int, workers: int) -> None:
    """Add ``draws`` draws, from the chunk ``first_chunk`` on, to the counts."""
    sites, criteria = counts.central.shape
    unit = chunk_size(sites)
    chunks = list(_chunks(first_chunk, draws, unit))
    pieces = _pieces(sites, workers)
    # A count within a block is kept in 16 bits.
    at_a_time = min(31, max(workers, min(16, BLOCK_CELLS // (sites * unit))))
    width = sum(size for _, size in chunks[:at_a_time])
    weights, ranks = np.empty((criteria, width)), np.empty((sites, width), np.int16)

    def fill(place: int, chunk: int, size: int) -> NDArray[np.bool_]:
        weights[:, place : place + size], scores = draw(chunk, size)
        own = ranks[:, place : place + size]
        rank_draws(scores, own, counts.loops)
        tying = np.zeros(sites, bool)
        counts.loops.tying_sites(own, tying)
        return tying

    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(chunks), at_a_time):
            block = chunks[start : start + at_a_time]
            places = np.cumsum([0, *(size for _, size in block)])
            tying = np.any(list(pool.map(fill, places[:-1].tolist(), *zip(*block, strict=True))), axis=0)
            held = np.ascontiguousarray(ranks[:, : places[-1]])
            add = partial(counts.add, held, np.ascontiguousarray(weights[:, : places[-1]]), tying)
            list(pool.map(add, *zip(*pieces, strict=True)))
    counts.draws += draws


def rank_draws(scores: NDArray[np.int32], out: NDArray[np.int16], loop: Loops) -> None:
    """Write how many sites lie above each site; scores in whole billionths (sites, draws)."""
    sites, draws = scores.shape
    if sites <= FEW_SITES:
        loop.ranks_by_pairs(scores, out)
        return
    step = max(1, SORTED_CELLS // sites)
    for start in range(0, draws, step):
        keys = scores[:, start : start + step].T.astype(np.int64, order="C")
        np.negative(keys, out=keys)
        np.left_shift(keys, 16, out=keys)
        keys += np.arange(sites)
        keys.sort(axis=1)
        loop.ranks_of_sorted(keys, out[:, start : start + step])


def _chunks(first: int, draws: int, unit: int) -> Iterator[tuple[int, int]]:
    for place in range(0, draws, unit):
        yield first + place // unit, min(unit, draws - place)


def default_workers() -> int:
    """Return how many cores the machine has."""
    return multiprocessing.cpu_count()

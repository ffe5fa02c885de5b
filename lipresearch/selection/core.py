"""How often a site is in an optimal set when weights and data vary: core, borderline or out."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lipresearch.errors import InputError
from lipresearch.selection import solve
from lipresearch.selection.choose import Selection
from lipresearch.selection.problem import Bools, Ints, Objective, Problem, whole
from lipresearch.speed import compiled

#: A site in at least this share of the optimal sets is core; in at most that share it is out.
CORE, OUT = 0.95, 0.05
#: Steps of the search in one draw, after which integer programming takes over.
STEPS = 20_000_000


@dataclass(frozen=True, eq=False)
class CoreIndex:
    """How often each site is in an optimal set over draws of the scores.

    Attributes
    ----------
    draws : int
    core, out : float
        The thresholds used.
    tied_draws : int
        Draws in which several sets were optimal; each of them counted for an equal part.
    sets : int
        How many different sets were optimal in some draw (where several tied, none of them is counted here).
    recommended : float
        Share of draws in which the recommended set was among the optimal ones.
    about : str
        The design and the clusters, for a title.
    """

    draws: int
    core: float
    out: float
    tied_draws: int
    sets: int
    recommended: float
    about: str
    _table: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a candidate: share of the draws in whose optimal set it is, its class, whether it is recommended."""
        return self._table.copy()

    def __repr__(self) -> str:
        counts = self._table["class"].value_counts()
        parts = ", ".join(f"{int(counts.get(name, 0))} {name}" for name in ("core", "borderline", "out"))
        return f"Core index over {self.draws:,} draws: {parts}. See .table."


def core_index(
    selection: Selection,
    sites: Sequence[str],
    scores: ArrayLike,
    *,
    core: float = CORE,
    out: float = OUT,
    workers: int = 2,
) -> CoreIndex:
    r"""Return how often each site is in the best set when the scores vary, the set being solved anew in each draw.

    .. math:: c_i = \frac{1}{D} \sum_d \frac{|\{S \in O_d : i \in S\}|}{|O_d|}

    where O is the collection of optimal sets of a draw: mostly one, and where several tie, each counts for an equal
    part. 1: in every optimal set of every draw; 0: in none. A site is *core* from ``core`` on, *out* up to ``out``,
    and *borderline* between: whether it is taken depends on weights or data that are not settled. The shares add to
    the number of sites of the design. They are the same whatever the number of workers.

    Parameters
    ----------
    selection : Selection
        Chosen for suitability; its design, candidates and exclusions are used in every draw.
    sites : sequence of str
        The order of the columns of ``scores``; at least every candidate.
    scores : array_like, shape (draws, sites)
        0 to 1 a cluster; compared to ``TIE_DECIMALS`` decimals.
    core, out : float
        Thresholds, 0 <= out < core <= 1.
    workers : int
        Threads.

    Returns
    -------
    CoreIndex

    Raises
    ------
    InputError
        If the selection is not by suitability, a candidate has no column, a column stands twice, or a candidate's
        score is missing or infinite.

    References
    ----------
    Liesio, J., Mild, P., Salo, A. (2007), Preference programming for robust portfolio modeling and project selection,
    European Journal of Operational Research 181, p. 1488 (core index; here over draws rather than over all weights).
    """
    problem = selection._candidates.problem
    if not problem.objective.linear:
        raise InputError(
            f"A core index needs a selection by suitability, not by {problem.objective.kind}: only scores are drawn."
        )
    if not 0 <= out < core <= 1:
        raise InputError(f"The thresholds must be 0 <= out < core <= 1, not out {out:g} and core {core:g}.")
    if workers < 1:
        raise InputError(f"The number of workers must be 1 or more, not {workers}.")
    array = np.asarray(scores, dtype=float)
    names = list(sites)
    if array.ndim != 2 or array.shape[1] != len(names) or not len(array):
        raise InputError(f"Scores must have one row a draw and a column for each of the {len(names)} sites.")
    if len(set(names)) < len(names):
        raise InputError("A site has two columns of scores.")
    lacking = [site for site in problem.sites if site not in names]
    if lacking:
        raise InputError(f"The draws have no scores for {', '.join(sorted(lacking)[:5])}, which can be chosen.")
    drawn = array[:, [names.index(site) for site in problem.sites]]
    if not np.isfinite(drawn).all():
        raise InputError("A drawn score of a candidate is missing or infinite.")
    shares, ties, bests = _shares(problem, whole(drawn), workers)
    chosen = selection._chosen
    share = np.array([math.fsum(column) for column in shares.T]) / len(drawn)
    kind = np.where(share >= core - 1e-12, "core", np.where(share <= out + 1e-12, "out", "borderline"))
    table = pd.DataFrame(
        {
            "site": list(problem.sites),
            "name": selection._candidates.frame["name"],
            "share": share,
            "class": kind,
            "chosen": [place in chosen for place in range(len(problem.sites))],
        }
    ).sort_values(["share", "name", "site"], ascending=[False, True, True], ignore_index=True)
    values = whole(drawn)[:, list(chosen)].sum(axis=1)
    return CoreIndex(
        len(drawn),
        core,
        out,
        int((ties > 1).sum()),
        len({row.tobytes() for row in np.where(shares[ties == 1] > 0, 1, 0).astype(np.int8)}),
        float((values == bests).mean()),
        "; ".join([selection.design.label, *(ranking.cluster.title for ranking in selection.rankings)]),
        table,
    )


def _shares(problem: Problem, drawn: Ints, workers: int) -> tuple[NDArray[np.float64], Ints, Ints]:
    """Return for each draw the share of its optimal sets that hold each site, their number, and their value."""
    shares = np.zeros(drawn.shape)
    ties = np.zeros(len(drawn), dtype=np.int64)
    bests = np.zeros(len(drawn), dtype=np.int64)
    search = _compiled()
    parts = _arrays(problem)
    free = np.array([place for place in range(len(problem.sites)) if place not in problem.banned], dtype=np.int64)

    def work(first: int) -> None:
        for draw in range(first, len(drawn), workers):
            order = free[np.argsort(-drawn[draw, free], kind="stable")]
            held, number, best, finished = search(drawn[draw][order], order, *parts, problem.size, STEPS)
            if not finished:
                held, number, best = _by_programme(problem, drawn[draw])
            shares[draw] = held / number
            ties[draw], bests[draw] = number, best

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    return shares, ties, bests


def _by_programme(problem: Problem, scores: Ints) -> tuple[Ints, int, int]:
    """Return the same by integer programming, with at most ``solve.TIES`` of the tied sets."""
    order = np.argsort(-scores, kind="stable")
    back = {int(place): at for at, place in enumerate(order)}
    found = solve.best_sets(_reordered(problem, order, scores, back), solve.TIES)
    best = max(int(scores[order[list(chosen)]].sum()) for chosen in found.sets)
    tied = [order[list(chosen)] for chosen in found.sets if int(scores[order[list(chosen)]].sum()) == best]
    held = np.zeros(len(scores), dtype=np.int64)
    for chosen in tied:
        held[chosen] += 1
    return held, len(tied), best


def _reordered(problem: Problem, order: Ints, scores: Ints, back: dict[int, int]) -> Problem:
    """Return the problem with its candidates in the order of other scores."""

    def rule_of(rule: Any) -> Any:
        return replace(
            rule,
            parts=tuple(replace(p, sure=p.sure[order], possible=p.possible[order]) for p in rule.parts),
            levels=None
            if rule.levels is None
            else replace(rule.levels, member=rule.levels.member[:, order], unknown=rule.levels.unknown[order]),
            apart=None if rule.apart is None else rule.apart[np.ix_(order, order)],
            include=None if rule.include is None else back[rule.include],
        )

    return replace(
        problem,
        sites=tuple(problem.sites[int(place)] for place in order),
        scores=scores[order],
        overlap=problem.overlap[np.ix_(order, order)],
        rules=tuple(rule_of(rule) for rule in problem.rules),
        objective=Objective("suitability", problem.objective.scale),
        banned=frozenset(back[place] for place in problem.banned),
    )


def _arrays(problem: Problem) -> tuple[Any, ...]:
    """Return the rules as arrays: columns of members with bounds, groups of levels, pairs apart, forced sites."""
    columns, low, high, levels = solve._counting(problem)
    group = np.full(columns.shape[1], len(levels), dtype=np.int64)  # of none
    for at, (where, *_) in enumerate(levels):
        group[where] = at
    unknown, least, most = (np.array([row[k] for row in levels], dtype=np.int64) for k in (1, 2, 3))
    forced = np.zeros(len(problem.sites), dtype=np.int64)
    forced[list(problem.forced)] = 1
    if problem.forced:  # as one more minimum
        columns = np.column_stack([columns, forced.astype(columns.dtype)])
        low, high = np.append(low, len(problem.forced)), np.append(high, problem.size)
        group = np.append(group, len(levels))
    return (
        np.ascontiguousarray(columns, dtype=np.int64),
        low.astype(np.int64),
        high.astype(np.int64),
        group,
        unknown,
        least,
        most,
        problem.apart,
    )


def _search(
    scores: Ints,
    order: Ints,
    columns: Ints,
    low: Ints,
    high: Ints,
    group: Ints,
    unknown: Ints,
    least: Ints,
    most: Ints,
    apart: Bools,
    size: int,
    steps: int,
) -> tuple[Ints, int, int, bool]:
    """Search all sets in the order of descending scores, passing over those that cannot reach the best so far.

    Returns how many of the best sets hold each candidate, how many there are, their value, and whether the search was
    finished. The bound: the sites chosen so far and the highest scores that follow; and, for each minimum that is not
    met yet, the highest scores among its members that follow, with the highest of all beside.
    """
    n, width = len(order), columns.shape[1]
    prefix = np.zeros(n + 1, dtype=np.int64)
    prefix[1:] = np.cumsum(scores)
    # after[c, i]: the members of column c from i on, in order; top[c, i, q]: the sum of the first q of them.
    after = np.zeros((width, n + 1), dtype=np.int64)
    top = np.zeros((width, n + 1, size + 1), dtype=np.int64)
    for c in range(width):
        for i in range(n - 1, -1, -1):
            inside = columns[order[i], c]
            after[c, i] = after[c, i + 1] + inside
            for q in range(1, size + 1):
                if inside == 1:
                    top[c, i, q] = top[c, i + 1, q - 1] + scores[i]
                else:
                    top[c, i, q] = top[c, i + 1, q]
    best, number = np.iinfo(np.int64).min, 0
    held = np.zeros(len(apart), dtype=np.int64)
    chosen = np.zeros(size, dtype=np.int64)
    count = np.zeros((size + 1, width), dtype=np.int64)
    value = np.zeros(len(count), dtype=np.int64)
    following = np.zeros(len(count), dtype=np.int64)
    depth, taken = 0, 0
    while depth >= 0:
        if depth == size:
            total = value[depth]
            fits = True
            for c in range(width):
                if count[depth, c] < low[c]:  # none is above a maximum: sites that bring it there are passed over
                    fits = False
            for g in range(len(unknown)):
                present = 0
                for c in range(width):
                    if group[c] == g and count[depth, c] > 0:
                        present += 1
                if present < least[g] or present + count[depth, unknown[g]] > most[g]:
                    fits = False
            if fits:
                if total > best:
                    best, number = total, 0
                    held[:] = 0
                number += 1  # the bound lets no set through that is worth less than the best
                for d in range(size):
                    held[chosen[d]] += 1
            depth -= 1
            continue
        i = following[depth]
        rest = size - depth
        going = i + rest <= n and value[depth] + prefix[i + rest] - prefix[i] >= best
        if going:
            for c in range(width):
                need = low[c] - count[depth, c]
                if need > 0 and (
                    need > rest
                    or after[c, i] < need
                    or value[depth] + top[c, i, need] + prefix[i + rest - need] - prefix[i] < best
                ):
                    going = False
                    break
        if not going:
            depth -= 1
            continue
        following[depth] = i + 1
        taken += 1
        if taken > steps:
            return held, number, best, False
        place = order[i]
        free = True
        for d in range(depth):
            if apart[chosen[d], place]:
                free = False
                break
        if free:
            for c in range(width):
                if count[depth, c] + columns[place, c] > high[c]:
                    free = False
                    break
        if free:
            chosen[depth] = place
            value[depth + 1] = value[depth] + scores[i]
            for c in range(width):
                count[depth + 1, c] = count[depth, c] + columns[place, c]
            following[depth + 1] = i + 1
            depth += 1
    return held, number, best, True


@functools.cache
def _compiled() -> Callable[..., Any]:
    """Return the search, compiled where that can be done."""
    return compiled(_search)

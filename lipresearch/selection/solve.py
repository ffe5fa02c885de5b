"""Finding the best sets exactly: by integer programming, or by comparing every set; every answer is checked."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipresearch.errors import LipresearchError
from lipresearch.selection.problem import Bools, Ints, Objective, Problem, Set

#: Up to so many sets are compared one by one; beyond, integer programming bounds the best.
ENUMERABLE = 6_000_000
#: Sets that share a value are listed up to this number.
TIES = 50
#: Seconds for one integer programme; what is not proven by then is said to be unproven.
TIME_LIMIT = 60.0
#: Variables up to which an integer programme is presolved.
PRESOLVED = 1000
#: Pairs of sites up to which a sum of distances can be written as an integer programme.
MOST_PAIRS = 45_000

HIGHS = "integer programming (HiGHS)"
EVERY = "every set compared"


@dataclass(frozen=True)
class Found:
    """The best sets of a problem.

    Attributes
    ----------
    sets : tuple of Set
        Best first, at most as many as asked for; empty where no set meets the rules.
    tied : int
        How many sets share the best value; at least so many where ``more_tied``.
    more_tied : bool
    bound : int
        No set is worth more than this, in whole units.
    proven : bool
        Whether the bound is the value of the first set.
    method : str
    compared : int or None
        How many sets meet the rules, where every one was looked at.
    above : int or None
        How many of them are worth more than a value that was asked for.
    """

    sets: tuple[Set, ...]
    tied: int
    more_tied: bool
    bound: int
    proven: bool
    method: str
    compared: int | None = None
    above: int | None = None


def best_sets(problem: Problem, count: int = 1, time_limit: float = TIME_LIMIT) -> Found:
    """Return the best sets in order: by value, then sum of scores, then the sites from the highest score on.

    Parameters
    ----------
    problem : Problem
    count : int
        How many; fewer come back where there are no more.
    time_limit : float
        Seconds for one integer programme.
    """
    if problem.objective.linear:
        found = _by_programme(problem, count, time_limit)
    elif problem.objective.least:
        found = _by_thresholds(problem, count, time_limit)
    elif number_of_sets(problem) <= ENUMERABLE:
        found = by_enumeration(problem, count)
    else:
        found = _by_large_programme(problem, count, time_limit)
    for chosen in found.sets:
        if not problem.meets(chosen):
            names = ", ".join(problem.sites[place] for place in chosen)
            raise LipresearchError(
                f"The solver returned a set that does not meet the design: {names}. Please report this with its file."
            )
    return found


def number_of_sets(problem: Problem) -> int:
    """Return how many sets of the right size hold every forced site and no banned one, whatever the quotas."""
    free = len(problem.sites) - len(problem.banned) - len(problem.forced)
    wanted = problem.size - len(problem.forced)
    return math.comb(free, wanted) if 0 <= wanted <= free else 0


# -- integer programming -------------------------------------------------------------------------------


def cliques(apart: Bools) -> list[list[int]]:
    """Return groups of places, at most one of which can be chosen, that cover every pair kept apart."""
    left = np.triu(apart, 1)
    groups = []
    degree = apart.sum(axis=1)
    for first in np.argsort(-degree, kind="stable"):
        while True:
            others = np.flatnonzero(left[first] | left[:, first])
            if not len(others):
                break
            group = [int(first), int(others[0])]
            open_to = apart[first] & apart[others[0]]
            while open_to.any():
                nearest = np.flatnonzero(open_to)
                gain = (left[nearest][:, group] | left[group][:, nearest].T).sum(axis=1)
                following = int(nearest[np.argmax(gain)])
                group.append(following)
                open_to = open_to & apart[following]
            left[np.ix_(group, group)] = False
            groups.append(sorted(group))
    return groups


class _Programme:
    """Rows and bounds of the integer programme of a problem: a variable a kept candidate, then helpers."""

    def __init__(self, problem: Problem, keep: Sequence[int]):
        self.problem = problem
        self.keep = np.asarray(keep, dtype=int)
        self.column = {int(place): at for at, place in enumerate(self.keep)}
        self.width = len(self.keep)
        self.rows: list[dict[int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []
        self.lower = np.zeros(self.width)
        self.upper = np.ones(self.width)
        self.add(range(self.width), problem.size, problem.size)
        for place in problem.forced:
            if place in self.column:
                self.lower[self.column[place]] = 1
            else:  # forced and banned at once
                self.upper[:] = 0
        for rule in problem.rules:
            for part in rule.parts:
                if part.minimum is not None:
                    self.add(np.flatnonzero(part.sure[self.keep]), part.minimum, math.inf)
                if part.maximum is not None:
                    self.add(np.flatnonzero(part.possible[self.keep]), -math.inf, part.maximum)
            if rule.levels is not None:
                self._levels(rule.levels.member[:, self.keep], rule.levels.unknown[self.keep], rule.levels)
        for group in cliques(problem.apart[np.ix_(self.keep, self.keep)]):
            self.add(group, -math.inf, 1)

    def add(self, columns: Iterable[int], low: float, high: float) -> None:
        """Add a row that counts columns."""
        self.add_row(dict.fromkeys(map(int, columns), 1.0), low, high)

    def add_row(self, row: dict[int, float], low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)

    def helpers(self, count: int, upper: float = 1.0) -> list[int]:
        """Add variables from 0 on and return their columns."""
        first = len(self.lower)
        self.lower = np.append(self.lower, np.zeros(count))
        self.upper = np.append(self.upper, np.full(count, upper))
        return list(range(first, first + count))

    def _levels(self, member: Bools, unknown: Bools, levels: Any) -> None:
        present = self.helpers(len(member))
        for helper, row in zip(present, member, strict=True):
            those = [int(column) for column in np.flatnonzero(row)]
            self.add_row({helper: 1.0, **dict.fromkeys(those, -1.0)}, -math.inf, 0)
            if levels.maximum is not None:
                self.add_row({helper: -float(self.problem.size), **dict.fromkeys(those, 1.0)}, -math.inf, 0)
        if levels.minimum is not None:
            self.add(present, levels.minimum, math.inf)
        if levels.maximum is not None:
            self.add([*present, *np.flatnonzero(unknown)], -math.inf, levels.maximum)

    def cut(self, chosen: Set) -> None:
        """Leave out one set."""
        columns = [self.column[place] for place in chosen if place in self.column]
        if len(columns) == len(chosen):
            self.add(columns, -math.inf, len(chosen) - 1)

    def solve(
        self, gain: NDArray[np.float64] | None, time_limit: float, continuous: Sequence[int] = ()
    ) -> tuple[Set | None, float, bool]:
        """Return (set or None, upper bound of the gain, whether it was solved to the end)."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        width = len(self.lower)
        counts = [len(row) for row in self.rows]
        matrix = csr_array(
            (
                np.fromiter((x for row in self.rows for x in row.values()), dtype=float, count=sum(counts)),
                np.fromiter((j for row in self.rows for j in row), dtype=np.int32, count=sum(counts)),
                np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
            ),
            shape=(len(self.rows), width),
        )
        cost = np.zeros(width)
        if gain is not None:
            cost[: len(gain)] = -gain
        integrality = np.ones(width)
        integrality[list(continuous)] = 0
        answer = milp(
            cost,
            integrality=integrality,
            bounds=Bounds(self.lower, self.upper),
            constraints=LinearConstraint(matrix, self.low, self.high),
            # Presolving a large roster takes longer than it saves.
            options={"mip_rel_gap": 0.0, "time_limit": time_limit, "presolve": width <= PRESOLVED},
        )
        if answer.status == 2:
            return None, -math.inf, True
        if answer.status not in (0, 1):
            raise LipresearchError(f"The solver stopped without an answer: {answer.message}")
        bound = math.inf if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)
        if answer.x is None:
            return None, bound, False
        chosen = tuple(int(place) for place in self.keep[np.flatnonzero(answer.x[: self.width] > 0.5)])
        return chosen, bound, answer.status == 0


def _candidates(problem: Problem, places: int) -> list[int]:
    """Return the candidates that can be in one of the first ``places`` sets of a sum of scores.

    A site is left out where enough sites stand before it that count the same for every rule and that nothing
    keeps apart from any other: whichever set it is in, each of those that is not would make it better.
    """
    free = [place for place in range(len(problem.sites)) if place not in problem.banned]
    lonely = ~np.asarray(problem.apart.any(axis=1))
    columns: list[Bools] = [np.zeros(len(problem.sites), dtype=bool)]
    for rule in problem.rules:
        for part in rule.parts:
            columns += [part.sure, part.possible]
        if rule.levels is not None:
            columns += [*rule.levels.member, rule.levels.unknown]
    forced = set(problem.forced)
    code = np.stack(columns).T
    before: dict[bytes, int] = {}
    keep = []
    for place in free:
        kind = code[place].tobytes()
        if place in forced or before.get(kind, 0) < problem.size + places:
            keep.append(place)
        if lonely[place] and place not in forced:
            before[kind] = before.get(kind, 0) + 1
    return keep


#: Scores reach the solver in millionths: its absolute tolerance of 1e-6 is then 1e-12 of a score.
_STEP = 1000


def _by_programme(problem: Problem, count: int, time_limit: float, before: Sequence[Set] = ()) -> Found:
    """Return the best sets of a sum of scores, one integer programme a set, each leaving out those before."""
    programme = _Programme(problem, _candidates(problem, count + len(before) + TIES))
    gain = problem.scores[programme.keep] / _STEP
    for chosen in before:
        programme.cut(chosen)
    sets: list[Set] = []
    bound: int | None = None
    proven, ended = True, False
    while True:
        chosen_now, top, solved = programme.solve(gain, time_limit)
        if bound is None and chosen_now is not None:
            value = problem.score_of(chosen_now)
            bound = max(value, math.floor(top * _STEP + 0.5)) if math.isfinite(top) else _most(problem)
            proven = solved and bound == value
        if chosen_now is None:
            ended = solved
            proven = proven and solved
            break
        chosen_now = tuple(sorted(chosen_now))
        sets.append(chosen_now)
        programme.cut(chosen_now)
        if len(sets) > count and problem.score_of(chosen_now) < problem.score_of(sets[count - 1]):
            break
        if len(sets) >= count + TIES or not solved:
            break
    if not sets:
        return Found((), 0, False, _most(problem) if bound is None and not ended else 0, ended, HIGHS)
    sets.sort(key=problem.key)
    best = problem.score_of(sets[0])
    tied = sum(problem.score_of(chosen) == best for chosen in sets)
    more = not ended and problem.score_of(sets[-1]) == best and len(sets) > 1
    if not ended and len(sets) >= count + TIES and problem.score_of(sets[-1]) == problem.score_of(sets[count - 1]):
        sets = _in_order(problem, sets, count, list(before), time_limit)
    assert bound is not None
    return Found(tuple(sets[:count]), tied, more, bound, proven, HIGHS)


def _most(problem: Problem) -> int:
    """Return the sum of the highest scores: a bound that needs no solver."""
    free = [place for place in range(len(problem.sites)) if place not in problem.banned]
    return problem.score_of(free[: problem.size])


def _in_order(problem: Problem, sets: list[Set], count: int, before: list[Set], time_limit: float) -> list[Set]:
    """Return the first sets where too many tie to list them all: those better, then the tied in their order."""
    value = problem.score_of(sets[count - 1])
    done = [chosen for chosen in sets if problem.score_of(chosen) > value]
    while len(done) < count:
        programme = _Programme(problem, [p for p in range(len(problem.sites)) if p not in problem.banned])
        for chosen in (*before, *done):
            programme.cut(chosen)
        gain = problem.scores[programme.keep] / _STEP
        programme.add_row(dict(enumerate(gain.tolist())), (value - 0.5) / _STEP, math.inf)
        first = 0
        fixed: list[int] = []
        while len(fixed) < problem.size:  # the smallest place that some tied set with these sites can go on with
            low, high = first, programme.width - 1
            while low < high:
                middle = (low + high) // 2
                programme.add(range(first, middle + 1), 1, math.inf)
                there, _, solved = programme.solve(None, time_limit)
                for rows in (programme.rows, programme.low, programme.high):
                    rows.pop()
                if not solved and there is None:
                    return sets
                low, high = (low, middle) if there is not None else (middle + 1, high)
            programme.lower[low] = 1
            programme.upper[first:low] = 0
            fixed.append(int(programme.keep[low]))
            first = low + 1
        done.append(tuple(fixed))
    return done


def feasible(problem: Problem, time_limit: float = TIME_LIMIT) -> bool:
    """Whether any set meets all rules."""
    keep = _candidates(replace(problem, objective=Objective("suitability", 1.0)), 1)
    chosen, _, solved = _Programme(problem, keep).solve(None, time_limit)
    if chosen is None and not solved:
        raise LipresearchError("Whether any set meets the design could not be settled in the time given.")
    return chosen is not None


def _by_thresholds(problem: Problem, count: int, time_limit: float) -> Found:
    """Return the sets with the largest least distance: the largest threshold that a set can keep, by bisection."""
    distance = problem.objective.distance
    assert distance is not None
    linear = replace(problem, objective=Objective("suitability", 1.0))
    free = np.array([place for place in range(len(problem.sites)) if place not in problem.banned], dtype=np.int64)
    allowed = np.triu(~problem.apart, 1)[np.ix_(free, free)]
    steps = np.unique(distance[np.ix_(free, free)][allowed])

    def at(step: int) -> Problem:
        near = distance < steps[step]
        np.fill_diagonal(near, False)
        return replace(linear, overlap=problem.overlap | near)

    if not len(steps) or not feasible(linear, time_limit):
        return Found((), 0, False, 0, True, HIGHS)
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if feasible(at(middle), time_limit) else (low, middle - 1)
    sets: list[Set] = []
    tied, more, best = 0, False, low
    while len(sets) < count and low >= 0:
        found = _by_programme(at(low), count - len(sets), time_limit, sets)
        if low == best:
            more_sets = _by_programme(at(low), 1, time_limit, found.sets).sets
            tied, more = len(found.sets) + bool(more_sets), bool(more_sets)
        sets += found.sets
        low -= 1
    sets.sort(key=problem.key)
    value = problem.value_of(sets[0])
    return Found(tuple(sets), tied, more, int(steps[best]), value == int(steps[best]), HIGHS)


def _by_large_programme(problem: Problem, count: int, time_limit: float) -> Found:
    """Return the best sets of an objective with distances or deviations, as far as the time allows to prove them."""
    goal = problem.objective
    keep = [place for place in range(len(problem.sites)) if place not in problem.banned]
    programme = _Programme(problem, keep)
    gain = [goal.score * float(problem.scores[place]) for place in keep]
    continuous: list[int] = []
    pairs = [(i, j) for i, j in itertools.combinations(range(len(keep)), 2) if not problem.apart[keep[i], keep[j]]]
    if goal.pair:
        assert goal.distance is not None
        if len(pairs) > MOST_PAIRS:
            raise LipresearchError(
                f"A sum of distances over {len(keep)} candidates is too large to be solved. Use the objective "
                "'least distance', or fewer candidates."
            )
        helper = programme.helpers(len(pairs))
        continuous += helper
        around: list[dict[int, float]] = [{i: -(problem.size - 1.0)} for i in range(len(keep))]
        for column, (i, j) in zip(helper, pairs, strict=True):
            programme.add_row({column: 1.0, i: -1.0}, -math.inf, 0)
            programme.add_row({column: 1.0, j: -1.0}, -math.inf, 0)
            around[i][column] = around[j][column] = 1.0
        for row in around:
            programme.add_row(row, 0, 0)
    if goal.spread:
        assert goal.deviation is not None
        helper_spread = programme.helpers(goal.deviation.shape[1], math.inf)
        continuous += helper_spread
        for column, values in zip(helper_spread, goal.deviation[keep].T / 1e9, strict=True):
            for sign in (1.0, -1.0):
                row = {i: sign * float(x) for i, x in enumerate(values)}
                programme.add_row({column: 1.0, **row}, 0, math.inf)
    full = np.zeros(len(programme.lower))
    full[: len(gain)] = gain
    if goal.pair:
        assert goal.distance is not None
        full[helper] = [goal.pair * float(goal.distance[keep[i], keep[j]]) for i, j in pairs]
    if goal.spread:
        full[helper_spread] = -goal.spread * 1e9
    step = float(np.abs(full).max()) / 1e6 or 1.0
    sets: list[Set] = []
    bound, proven = 0, False
    while len(sets) < count:
        chosen, top, solved = programme.solve(full / step, time_limit, continuous)
        if chosen is None:
            if not sets and not solved:
                raise LipresearchError(
                    f"No set was found in {time_limit:g} seconds. Allow more time, or take fewer candidates."
                )
            proven = proven if sets else True
            break
        value = problem.value_of(chosen)
        if not sets:
            slack = step * 1e-4 + 1
            proven = solved and top * step <= value + slack
            bound = value if proven else max(value, math.ceil(top * step))
        sets.append(chosen)
        programme.cut(chosen)
        if not solved:
            break
    sets.sort(key=problem.key)
    tied = sum(problem.value_of(s) == problem.value_of(sets[0]) for s in sets)
    return Found(tuple(sets), tied, bool(sets) and tied == len(sets), bound, proven, HIGHS)


# -- every set -----------------------------------------------------------------------------------------


def _combinations(count: int, size: int) -> Ints:
    flat = np.fromiter(itertools.chain.from_iterable(itertools.combinations(range(count), size)), dtype=np.int64)
    return flat.reshape(math.comb(count, size), size)


def by_enumeration(problem: Problem, count: int = 1, above: int | None = None) -> Found:
    """Return the best sets after looking at every one that meets the rules; count those worth more than ``above``.

    A set is split in two: its first sites in the order of the candidates, and the rest. Sums over both parts are
    made once, and each first part meets all later second parts at a time.
    """
    apart = problem.apart
    forced = list(problem.forced)
    if set(forced) & problem.banned or apart[np.ix_(forced, forced)].any() or len(forced) > problem.size:
        return Found((), 0, False, 0, True, EVERY, 0)
    away = np.asarray(apart[forced].any(axis=0))
    pool = np.array(
        [p for p in range(len(problem.sites)) if p not in problem.banned and p not in forced and not away[p]],
        dtype=np.int64,
    )
    wanted = problem.size - len(forced)
    if wanted > len(pool):
        return Found((), 0, False, 0, True, EVERY, 0)
    columns, low, high, levels = _counting(problem)
    base = columns[forced].sum(axis=0)
    columns = columns[pool]
    block = apart[np.ix_(pool, pool)]
    # As many sites in the first part as keep both lists short; a first part costs a step of its own.
    first = min(range(wanted + 1), key=lambda k: 20 * math.comb(len(pool), k) + math.comb(len(pool), wanted - k))
    left = _apart_dropped(_combinations(len(pool), first), block)
    right = _apart_dropped(_combinations(len(pool), wanted - first), block)
    scores = problem.scores[pool]
    worth = _Worth(problem, pool, forced, left, right)
    # One row a bound: sums along long rows are what makes this fast.
    counts_right = np.ascontiguousarray(columns[right].sum(axis=1, dtype=np.int16).T)
    counts_left = columns[left].sum(axis=1, dtype=np.int16) + base.astype(np.int16)
    most_right = counts_right.max(axis=1) if len(right) else base
    scores_right, scores_left = scores[right].sum(axis=1), scores[left].sum(axis=1)
    first_right = right[:, 0] if right.shape[1] else np.zeros(1, dtype=np.int64)
    starts = np.searchsorted(first_right, left[:, -1], side="right") if left.shape[1] else np.zeros(len(left), int)
    kept: list[NDArray[np.int64]] = []  # columns: value, score, left, right
    waiting, compared, tied, higher = 0, 0, 0, 0
    best: int | None = None
    worst: tuple[int, int] | None = None

    def shortened() -> NDArray[np.int64]:
        rows = np.concatenate(kept)
        return rows[np.lexsort((rows[:, 3], rows[:, 2], -rows[:, 1], -rows[:, 0]))[:count]]

    for at in range(len(left)):
        start = int(starts[at])
        here = counts_left[at]
        fits = np.ones(len(right) - start, dtype=bool)
        for row in np.flatnonzero((here < low) | (here + most_right > high)):
            total = counts_right[row, start:] + here[row]
            fits &= (total >= low[row]) & (total <= high[row])
        if left.shape[1]:
            barred = block[left[at]].any(axis=0)
            if barred.any():
                fits &= ~barred[right[start:]].any(axis=1)
        for where, unknown, minimum, maximum in levels:
            present = (counts_right[where, start:] + here[where, None] > 0).sum(axis=0)
            fits &= present >= minimum
            fits &= present + counts_right[unknown, start:] + here[unknown] <= maximum
        those = np.flatnonzero(fits) + start
        if not len(those):
            continue
        compared += len(those)
        values = worth.of(at, those)
        if above is not None:
            higher += int((values > above).sum())
        top = int(values.max())
        if best is None or top > best:
            best, tied = top, 0
        if top == best:
            tied += int((values == best).sum())
        sums = scores_right[those] + scores_left[at]
        if worst is not None:
            better = (values > worst[0]) | ((values == worst[0]) & (sums > worst[1]))
            those, values, sums = those[better], values[better], sums[better]
        if len(those):
            kept.append(np.column_stack([values, sums, np.full(len(those), at), those]))
            waiting += len(those)
        if waiting > 20 * count + 5000:
            kept = [shortened()]
            waiting = 0
            if len(kept[0]) == count:
                worst = (int(kept[0][-1, 0]), int(kept[0][-1, 1]))
    if best is None:
        return Found((), 0, False, 0, True, EVERY, 0)
    sets = tuple(
        tuple(sorted([*forced, *pool[left[int(row[2])]].tolist(), *pool[right[int(row[3])]].tolist()]))
        for row in shortened()
    )
    return Found(sets, tied, False, best, True, EVERY, compared, None if above is None else higher)


def _apart_dropped(groups: Ints, apart: Bools) -> Ints:
    """Return the groups that hold no pair that is kept apart."""
    fits = np.ones(len(groups), dtype=bool)
    for i, j in itertools.combinations(range(groups.shape[1]), 2):
        fits &= ~apart[groups[:, i], groups[:, j]]
    return groups[fits]


def _counting(problem: Problem) -> tuple[Any, Any, Any, list[tuple[Any, int, int, int]]]:
    """Return one column of members a bound, the bounds, and for different levels (columns, unknown, bounds)."""
    n, size = len(problem.sites), problem.size
    columns: list[Bools] = [np.zeros(n, dtype=bool)]
    low, high = [0], [size]
    levels = []

    def column(members: Bools, least: int, most: int) -> int:
        columns.append(members)
        low.append(least)
        high.append(most)
        return len(columns) - 1

    for rule in problem.rules:
        for part in rule.parts:
            if part.minimum is not None:
                column(part.sure, part.minimum, size)
            if part.maximum is not None:
                column(part.possible, 0, part.maximum)
        if rule.levels is not None:
            where = np.array([column(row, 0, size) for row in rule.levels.member], dtype=int)
            unknown = column(rule.levels.unknown, 0, size)
            least = 0 if rule.levels.minimum is None else rule.levels.minimum
            most = 2 * size if rule.levels.maximum is None else rule.levels.maximum
            levels.append((where, unknown, least, most))
    return (
        np.stack(columns).T.astype(np.int16),
        np.array(low, dtype=np.int16),
        np.array(high, dtype=np.int16),
        levels,
    )


class _Worth:
    """Values of sets that are split in two, in whole units."""

    def __init__(self, problem: Problem, pool: NDArray[np.int64], forced: list[int], left: Ints, right: Ints):
        goal = problem.objective
        self.goal, self.left, self.right = goal, left, right
        self.scores = [problem.scores[pool][part].sum(axis=1) for part in (left, right)]
        self.base = problem.score_of(forced)
        if goal.pair or goal.least:
            assert goal.distance is not None
            distance = goal.distance
            self.between = distance[np.ix_(pool, pool)]
            inner = [int(distance[i, j]) for i, j in itertools.combinations(forced, 2)]
            far = np.iinfo(np.int64).max
            if goal.least:
                self.to_forced = distance[pool][:, forced].min(axis=1, initial=far)
                self.inside = [self._least(part) for part in (left, right)]
                self.start = min(inner, default=far)
            else:
                self.to_forced = distance[pool][:, forced].sum(axis=1)
                self.inside = [self._sum(part) for part in (left, right)]
                self.start = sum(inner)
        if goal.spread:
            assert goal.deviation is not None
            parts = goal.deviation[pool]
            self.deviation_left = parts[left].sum(axis=1) + goal.deviation[forced].sum(axis=0)
            self.deviation_right = np.ascontiguousarray(parts[right].sum(axis=1).T)  # one row a measure

    def _sum(self, part: Ints) -> Ints:
        total = self.to_forced[part].sum(axis=1)
        for i, j in itertools.combinations(range(part.shape[1]), 2):
            total = total + self.between[part[:, i], part[:, j]]
        return np.asarray(total, dtype=np.int64)

    def _least(self, part: Ints) -> Ints:
        least = self.to_forced[part].min(axis=1, initial=np.iinfo(np.int64).max)
        for i, j in itertools.combinations(range(part.shape[1]), 2):
            least = np.minimum(least, self.between[part[:, i], part[:, j]])
        return np.asarray(least, dtype=np.int64)

    def of(self, at: int, those: NDArray[np.int64]) -> Ints:
        """Return the values of one first part with each of these second parts."""
        goal, mine = self.goal, self.left[at]
        others = self.right[those]
        if goal.least:
            least = np.minimum(self.inside[1][those], min(int(self.inside[0][at]), self.start))
            if len(mine):
                cross = self.between[mine].min(axis=0)
                least = np.minimum(least, cross[others].min(axis=1, initial=np.iinfo(np.int64).max))
            return least
        value = np.zeros(len(those), dtype=np.int64)
        if goal.score:
            value = goal.score * (self.scores[1][those] + self.scores[0][at] + self.base)
        if goal.pair:
            total = self.inside[1][those] + self.inside[0][at] + self.start
            if len(mine):
                cross = self.between[mine].sum(axis=0)
                for place in range(others.shape[1]):
                    total = total + cross[others[:, place]]
            value = value + goal.pair * total
        if goal.spread:
            first = int(those[0])
            rows = (
                self.deviation_right[:, first:]
                if len(those) == len(self.right) - first
                else (self.deviation_right.take(those, axis=1))
            )
            off = rows + self.deviation_left[at][:, None]
            np.abs(off, out=off)
            value = value - goal.spread * off.sum(axis=0)
        return np.asarray(value, dtype=np.int64)


# -- impossible designs --------------------------------------------------------------------------------

#: How many groups of rules are tried in the search for the smallest conflict.
TRIES = 2000


def conflict(problem: Problem, time_limit: float = TIME_LIMIT) -> tuple[tuple[str, ...], bool]:
    """Return the ids of rules that no set can meet together, and whether no smaller group conflicts.

    First an irreducible group (without any one of its rules the others can be met), then every smaller group, up to
    ``TRIES`` of them. Empty: even without any rule there are too few sites.
    """
    if not feasible(problem.only_rules(()), time_limit):
        return (), True
    group = [rule.rule for rule in problem.rules]
    for rule in list(group):
        rest = [other for other in group if other != rule]
        if not feasible(problem.only_rules(rest), time_limit):
            group = rest
    tried = 0
    names = [rule.rule for rule in problem.rules]
    for size in range(1, len(group)):
        for smaller in itertools.combinations(names, size):
            tried += 1
            if tried > TRIES:
                return tuple(group), False
            if not feasible(problem.only_rules(smaller), time_limit):
                return smaller, True
    return tuple(group), True

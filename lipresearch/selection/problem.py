"""A choice of sites in whole numbers: candidates, rules and what is maximised, without files or solvers.

Scores, distances and deviations are rounded to ``TIE_DECIMALS`` decimals and held as integers, so that
every set is compared exactly: two sets tie, or one is better, on every machine alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lipresearch.ranking import TIE_DECIMALS

#: One score point in the integers that are compared.
UNIT = 10**TIE_DECIMALS

Set = tuple[int, ...]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Part:
    """Bounds on how many chosen sites are members.

    Attributes
    ----------
    label : str
        What is counted.
    sure, possible : ndarray of bool, shape (n,)
        Members; and members together with the sites of unknown value, which count against a maximum only.
    minimum, maximum : int or None
    """

    label: str
    sure: Bools
    possible: Bools
    minimum: int | None
    maximum: int | None

    def met(self, chosen: Sequence[int]) -> bool:
        """Whether a set keeps both bounds, whatever the unknown values turn out to be."""
        places = list(chosen)
        enough = self.minimum is None or int(self.sure[places].sum()) >= self.minimum
        return enough and (self.maximum is None or int(self.possible[places].sum()) <= self.maximum)


@dataclass(frozen=True, eq=False)
class Levels:
    """Bounds on how many different levels the chosen sites have."""

    member: Bools  # (levels, n)
    unknown: Bools  # (n,): could be a further level each, so they count against a maximum
    minimum: int | None
    maximum: int | None

    def count(self, chosen: Sequence[int]) -> int:
        """Return how many different levels are known to be there."""
        return int(self.member[:, list(chosen)].any(axis=1).sum())

    def met(self, chosen: Sequence[int]) -> bool:
        """Whether a set keeps both bounds, whatever the unknown values turn out to be."""
        known = self.count(chosen)
        most = known + int(self.unknown[list(chosen)].sum())
        return (self.minimum is None or known >= self.minimum) and (self.maximum is None or most <= self.maximum)


@dataclass(frozen=True, eq=False)
class Rule:
    """One demand of a design: bounds on members, on different levels, pairs that exclude each other, or a site.

    ``offers`` says in words what the candidates have to offer.
    """

    rule: str
    label: str
    kind: str
    parts: tuple[Part, ...] = ()
    levels: Levels | None = None
    apart: Bools | None = None  # (n, n), symmetric: these two never together
    include: int | None = None
    offers: str = ""

    def met(self, chosen: Sequence[int]) -> bool:
        """Whether a set meets the demand, by counting."""
        places = list(chosen)
        if self.include is not None and self.include not in places:
            return False
        if self.levels is not None and not self.levels.met(places):
            return False
        if self.apart is not None and self.apart[np.ix_(places, places)].any():
            return False
        return all(part.met(places) for part in self.parts)


@dataclass(frozen=True, eq=False)
class Objective:
    r"""What a set is worth, as one integer; the higher, the better.

    .. math:: V(S) = a \sum_{i \in S} s_i + b \sum_{i<j \in S} d_{ij} - c \sum_m \left|\sum_{i \in S} z_{im}\right|

    or, where ``least`` is set, :math:`\min_{i<j \in S} d_{ij}`.

    Attributes
    ----------
    kind : str
        As in ``designs.OBJECTIVES``.
    scale : float
        What the integer is divided by for reading; negative where a smaller number reads as better.
    score, pair, spread : int
        a, b and c.
    distance : ndarray of int, shape (n, n)
    deviation : ndarray of int, shape (n, measures)
    least : bool
    """

    kind: str
    scale: float
    score: int = 1
    pair: int = 0
    spread: int = 0
    distance: Ints | None = None
    deviation: Ints | None = None
    least: bool = False

    @property
    def linear(self) -> bool:
        """Whether it is a sum over sites alone."""
        return not (self.least or self.pair or self.spread)

    def read(self, value: int) -> float:
        """Return a value as a reader sees it."""
        return value / self.scale + 0.0


@dataclass(frozen=True, eq=False)
class Problem:
    """Which ``size`` candidates are the best set under all rules.

    Attributes
    ----------
    sites : tuple of str
        Candidates, the highest score first, equal scores by id: a set of places in this order is compared
        place by place to settle ties.
    scores : ndarray of int, shape (n,)
    size : int
    overlap : ndarray of bool, shape (n, n)
        Sites that share an area: never together, and no demand that could be given up.
    rules : tuple of Rule
    objective : Objective
    banned : frozenset of int
        Candidates that are left out (a site that declines), without renumbering the others.
    """

    sites: tuple[str, ...]
    scores: Ints
    size: int
    overlap: Bools
    rules: tuple[Rule, ...]
    objective: Objective
    banned: frozenset[int] = field(default_factory=frozenset)

    def without_rule(self, rule: str) -> Problem:
        """Return the problem without one of its rules."""
        return replace(self, rules=tuple(other for other in self.rules if other.rule != rule))

    def only_rules(self, rules: Iterable[str]) -> Problem:
        """Return the problem with these rules alone."""
        kept = set(rules)
        return replace(self, rules=tuple(rule for rule in self.rules if rule.rule in kept))

    def without_site(self, place: int) -> Problem:
        """Return the problem with one candidate fewer."""
        return replace(self, banned=self.banned | {place})

    @property
    def apart(self) -> Bools:
        """Pairs that may not be together: overlaps, and those that a rule keeps apart."""
        pairs = self.overlap.copy()
        for rule in self.rules:
            if rule.apart is not None:
                pairs |= rule.apart
        return pairs

    @property
    def forced(self) -> Set:
        """Places that every set must hold."""
        return tuple(sorted({rule.include for rule in self.rules if rule.include is not None}))

    def meets(self, chosen: Sequence[int]) -> bool:
        """Whether a set has the right size and meets every rule, counted without a solver."""
        places = list(chosen)
        if len(set(places)) != self.size or len(places) != self.size or set(places) & self.banned:
            return False
        return not self.overlap[np.ix_(places, places)].any() and all(rule.met(places) for rule in self.rules)

    def fits_with(self, rest: Sequence[int]) -> Bools:
        """Return which candidates make a set that ``meets`` everything, together with one site fewer than it takes.

        The same as asking ``meets`` of each, counted for all at once.
        """
        places = list(rest)
        fits = np.full(
            len(self.sites), len(set(places)) == len(places) == self.size - 1 and not set(places) & self.banned
        )
        fits[[*places, *self.banned]] = False
        if self.overlap[np.ix_(places, places)].any():
            fits[:] = False
        fits &= ~self.overlap[places].any(axis=0)
        for rule in self.rules:
            if rule.include is not None and rule.include not in places:
                fits &= np.arange(len(fits)) == rule.include
            if rule.apart is not None:
                near: Bools = np.asarray(rule.apart[places].any(axis=0))
                fits &= ~near & (not rule.apart[np.ix_(places, places)].any())
            for part in rule.parts:
                if part.minimum is not None:
                    fits &= part.sure[places].sum() + part.sure >= part.minimum
                if part.maximum is not None:
                    fits &= part.possible[places].sum() + part.possible <= part.maximum
            if rule.levels is not None:
                member = rule.levels.member
                known = (np.asarray(member[:, places].any(axis=1))[:, None] | member).sum(axis=0)
                if rule.levels.minimum is not None:
                    fits &= known >= rule.levels.minimum
                if rule.levels.maximum is not None:
                    lost = rule.levels.unknown[places].sum() + rule.levels.unknown
                    fits &= known + lost <= rule.levels.maximum
        return fits

    def score_of(self, chosen: Sequence[int]) -> int:
        """Return the sum of scores in whole units."""
        return sum(int(self.scores[place]) for place in chosen)

    def value_of(self, chosen: Sequence[int]) -> int:
        """Return what a set is worth, in whole units: exact, and the same for every order of its sites."""
        goal, places = self.objective, list(chosen)
        if goal.least:
            assert goal.distance is not None
            return min(int(goal.distance[i, j]) for at, i in enumerate(places) for j in places[at + 1 :])
        value = goal.score * self.score_of(places)
        if goal.pair:
            assert goal.distance is not None
            value += goal.pair * sum(int(goal.distance[i, j]) for at, i in enumerate(places) for j in places[at + 1 :])
        if goal.spread:
            assert goal.deviation is not None
            value -= goal.spread * sum(abs(sum(int(x) for x in column)) for column in goal.deviation[places].T)
        return value

    def key(self, chosen: Sequence[int]) -> tuple[int, int, Set]:
        """Return what sets are sorted by: value, then sum of scores, then the sites from the highest score on."""
        places = tuple(sorted(chosen))
        return (-self.value_of(places), -self.score_of(places), places)


def whole(values: NDArray[np.float64]) -> Ints:
    """Return numbers in whole units of ``TIE_DECIMALS`` decimals.

    >>> whole(np.array([0.1 + 0.2, 0.3])).tolist()
    [300000000, 300000000]
    """
    return np.asarray(np.rint(np.round(values, TIE_DECIMALS) * UNIT), dtype=np.int64)


def distances(points: NDArray[np.float64], weights: NDArray[np.float64], minimum: float) -> NDArray[np.float64]:
    r"""Return how different sites are: the weighted mean difference of their points over the criteria both have.

    .. math:: d_{ij} = \frac{\sum_c w_c |u_{ic} - u_{jc}|}{\sum_c w_c}

    over the criteria c of which both points are known. 0: the same points throughout; 1: opposite goalposts
    throughout. Points are those of the ranking, so the unit of a measure does not matter.

    Parameters
    ----------
    points : ndarray, shape (n, criteria)
        0 to 1; NaN where missing.
    weights : ndarray, shape (criteria,)
        0 or more.
    minimum : float
        Share of the weight (0 to 1) that the shared criteria must carry.

    Returns
    -------
    ndarray, shape (n, n)
        Symmetric, 0 on the diagonal; NaN where the shared criteria carry too little weight.

    References
    ----------
    Gower, J. C. (1971), A general coefficient of similarity and some of its properties, Biometrics 27, p. 861.

    Examples
    --------
    >>> distances(np.array([[0.0, 0.5], [1.0, 0.5]]), np.array([0.5, 0.5]), 0.5).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    known = ~np.isnan(points)
    filled = np.nan_to_num(points)
    total = float(weights.sum())
    apart = np.zeros((len(points), len(points)))
    shared = np.zeros_like(apart)
    for column, weight in enumerate(weights):  # added in the order of the criteria, so that every machine rounds alike
        both = known[:, column][:, None] & known[:, column][None, :]
        apart += np.where(both, weight * np.abs(filled[:, column][:, None] - filled[:, column][None, :]), 0.0)
        shared += np.where(both, weight, 0.0)
    enough = shared >= minimum * total - 1e-9
    found = np.divide(apart, shared, out=np.full_like(apart, np.nan), where=enough & (shared > 0))
    np.fill_diagonal(found, 0.0)
    return found

"""Orders from pairwise comparisons and from many ranks: Copeland, Kemeny, Kendall's W."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lipresearch.errors import InputError
from lipresearch.ranking import TIE_DECIMALS
from lipresearch.robustness.grid import Floats, checked_weights, is_whole, numbers

#: Kemeny's orders are found by going through all subsets of the candidates, up to so many candidates.
MOST_CANDIDATES = 14


def outranking(values: ArrayLike, weights: ArrayLike) -> Floats:
    r"""Return for each pair the share of the weight on which the first is better, equals counting half.

    .. math:: e_{ij} = \sum_c w_c \left( [x_{ic} > x_{jc}] + \tfrac12 [x_{ic} = x_{jc}] \right)

    0: worse on every criterion; 1: better on every one. How much better plays no part, so nothing is compensated.

    Parameters
    ----------
    values : array_like, shape (n, m)
        More is better; NaN (missing) is worse than any value and equal to another NaN.
    weights : array_like, shape (m,)
        0 or more; they add to 1.

    Returns
    -------
    ndarray, shape (n, n)
        ``e[i, j] + e[j, i] = 1`` off the diagonal; 0 on it.

    Raises
    ------
    InputError
        If the shapes do not fit or the weights do not add to 1.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, pp. 109-113 (non-compensatory multi-criteria
    approach).

    Examples
    --------
    >>> outranking([[3, 1], [2, 1]], [0.25, 0.75]).tolist()
    [[0.0, 0.625], [0.375, 0.0]]
    """
    table = numbers(values, "Values")
    if table.ndim != 2 or np.isposinf(table).any():
        raise InputError("There must be one row of finite values a candidate and one column a criterion.")
    shares = checked_weights(weights, table.shape[1])
    table = np.where(np.isnan(table), -np.inf, table)
    found = np.zeros((len(table), len(table)))
    for weight, column in zip(shares, table.T, strict=True):
        found += weight * ((column[:, None] > column) + 0.5 * (column[:, None] == column))
    np.fill_diagonal(found, 0.0)
    return found


def pairwise_wins(support: ArrayLike) -> Floats:
    """Return how many others each candidate beats (more than half of the support), a draw counting half.

    0: beaten by all; n - 1: beats all (the Condorcet winner). Unlike Kemeny's order this is quick for any number of
    candidates, and candidates with equal wins are tied.

    Parameters
    ----------
    support : array_like, shape (n, n)
        As ``outranking`` returns it.

    References
    ----------
    Copeland, A. H. (1951), A reasonable social welfare function, University of Michigan.

    Examples
    --------
    >>> pairwise_wins([[0, 0.6, 0.5], [0.4, 0, 0.7], [0.5, 0.3, 0]]).tolist()
    [1.5, 1.0, 0.5]
    """
    table = _shares(_checked_support(support))
    ahead = np.round(table - table.T, TIE_DECIMALS)
    wins = (ahead > 0).sum(axis=1) + 0.5 * ((ahead == 0).sum(axis=1) - 1)
    return np.asarray(wins, dtype=float)


def _checked_support(support: ArrayLike) -> Floats:
    table = numbers(support, "The support for pairs")
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not np.isfinite(table).all() or (table < 0).any():
        raise InputError("The support must be a square table of finite numbers of 0 or more, one row a candidate.")
    return table


def _shares(table: Floats) -> Floats:
    """Return support as shares of the largest, so that what is rounding does not depend on its unit."""
    apart = ~np.eye(len(table), dtype=bool)
    largest = float(table[apart].max()) if apart.any() else 0.0
    return table / largest if largest > 0 else table


@dataclass(frozen=True, eq=False)
class Kemeny:
    """The orders that agree best with pairwise comparisons.

    Attributes
    ----------
    score : float
        Support that the order has, summed over its pairs.
    orders : tuple of tuple of int
        Every best order (places of the candidates in the table, best first), sorted; several where they tie.
    complete : bool
        Whether ``orders`` holds all of them.
    """

    score: float
    orders: tuple[tuple[int, ...], ...]
    complete: bool


def kemeny_score(support: ArrayLike, order: Sequence[int]) -> float:
    """Return the support that an order has, summed over its pairs; see ``kemeny``.

    Examples
    --------
    >>> kemeny_score([[0, 0.6], [0.4, 0]], [1, 0])
    0.4
    """
    table = _checked_support(support)
    if sorted(order) != list(range(len(table))) or not all(isinstance(place, int | np.integer) for place in order):
        raise InputError(f"An order names each of the {len(table)} candidates once.")
    return float(sum(table[first, then] for place, first in enumerate(order) for then in order[place + 1 :]))


def kemeny(support: ArrayLike, most_orders: int = 100) -> Kemeny:
    r"""Return every order that agrees best with pairwise comparisons.

    .. math:: \max_\pi \sum_{\pi(i) < \pi(j)} e_{ij}

    Exact: by dynamic programming over all subsets of the candidates, so up to ``MOST_CANDIDATES`` of them. Several
    orders may be equally good; all are returned, because to show one of them alone would hide the tie.

    Parameters
    ----------
    support : array_like, shape (n, n)
        Support for each pair, 0 or more; the diagonal plays no part.
    most_orders : int
        No more orders than this are listed; 1 or more.

    Returns
    -------
    Kemeny

    Raises
    ------
    InputError
        If the table is not square or has negative or missing numbers, there are too many candidates, or no order is to
        be listed.

    References
    ----------
    Kemeny, J. G. (1959), Mathematics without numbers, Daedalus 88(4), 577-591; Munda, G. and Nardo, M. (2009),
    Noncompensatory/nonlinear composite indicators for ranking countries, Applied Economics 41(12), 1513-1523.

    Examples
    --------
    >>> kemeny([[0, 0.6, 0.5], [0.4, 0, 0.7], [0.5, 0.3, 0]]).orders
    ((0, 1, 2),)
    """
    table = _checked_support(support)
    count = len(table)
    if not is_whole(most_orders, 1):
        raise InputError(f"The number of orders to list is a whole number from 1 up, not {most_orders!r}.")
    if count > MOST_CANDIDATES:
        raise InputError(
            f"Kemeny's orders are found exactly for up to {MOST_CANDIDATES} candidates, not {count}. "
            "Use fewer, or pairwise wins or mean ranks."
        )
    columns: list[list[float]] = _shares(table).T.tolist()
    best = [0.0] * (1 << count)
    for chosen in range(1, 1 << count):
        best[chosen] = max(
            best[chosen ^ (1 << last)] + _before(columns, chosen ^ (1 << last), last)
            for last in range(count)
            if chosen >> last & 1
        )
    orders: list[tuple[int, ...]] = []

    def walk(chosen: int, tail: tuple[int, ...]) -> None:
        if len(orders) > most_orders:
            return
        if not chosen:
            orders.append(tail)
            return
        for last in range(count):
            if chosen >> last & 1:
                rest = chosen ^ (1 << last)
                if round(best[chosen] - best[rest] - _before(columns, rest, last), TIE_DECIMALS) == 0:
                    walk(rest, (last, *tail))

    walk((1 << count) - 1, ())
    score = kemeny_score(table, orders[0]) if orders else 0.0
    return Kemeny(score, tuple(sorted(orders[:most_orders])), len(orders) <= most_orders)


def _before(columns: list[list[float]], chosen: int, last: int) -> float:
    """Return the support for every one of a subset to come before a candidate."""
    return sum(support for other, support in enumerate(columns[last]) if chosen >> other & 1)


@dataclass(frozen=True, eq=False)
class Concordance:
    """How far several rankings of the same things agree.

    Attributes
    ----------
    w : float
        Kendall's coefficient with the correction for ties: 0 no agreement, 1 the same order by all; NaN if undefined.
    chi_squared, degrees, p_value : float, int, float
        Friedman's test that the rankings have nothing in common: large and small p tell of agreement. The chi-squared
        distribution is an approximation, good for more than seven things.
    p_permuted : float
        The same by permutation: share of random re-orderings that agree at least as well; NaN unless asked for.
    raters, things : int
        Number of rankings, and of things ranked.
    reason : str
        Why the coefficient is undefined, else empty.
    """

    w: float
    chi_squared: float
    degrees: int
    p_value: float
    p_permuted: float
    raters: int
    things: int
    reason: str


def kendalls_w(ranks: ArrayLike, permutations: int = 0, seed: int | None = None) -> Concordance:
    r"""Return Kendall's coefficient of concordance, corrected for ties, with its test.

    .. math:: W = \frac{12 \sum_i R_i^2 - 3 m^2 n (n + 1)^2}{m^2 n (n^2 - 1) - m \sum_k \sum_g (t_{kg}^3 - t_{kg})},
        \qquad \chi^2 = m (n - 1) W \sim \chi^2_{n - 1}

    with :math:`R_i` the sum of the ranks of thing i (equal ones share the mean of their places) and :math:`t_{kg}` the
    sizes of the groups of equal ranks that rater k gives. 0: the rank sums are all equal; 1: everyone has the same
    order.

    Parameters
    ----------
    ranks : array_like, shape (m raters, n things)
        Numbers whose order is the ranking, smaller first; no NaN.
    permutations : int
        How many random re-orderings of each rater to test with; 0: none. Wanted for seven things or fewer, where
        chi-squared is rough.
    seed : int, optional
        For the permutations; must be given with them.

    Returns
    -------
    Concordance
        ``w`` is missing, with the reason, for one rater, for one thing, and where every rater ties all.

    Raises
    ------
    InputError
        If a rank is missing, or permutations are asked for without a seed.

    References
    ----------
    Kendall, M. G. (1948), Rank Correlation Methods, chapter 6; Siegel, S. and Castellan, N. J. (1988), Nonparametric
    Statistics for the Behavioral Sciences, 2nd ed., pp. 262-272.

    Examples
    --------
    >>> found = kendalls_w([[1, 2, 3, 4], [1, 2, 4, 3], [2, 1, 3, 4]])
    >>> round(found.w, 4), round(found.chi_squared, 2), found.degrees
    (0.8222, 7.4, 3)
    """
    from scipy.stats import chi2, rankdata

    table = numbers(ranks, "Ranks")
    if table.ndim != 2 or not np.isfinite(table).all():
        raise InputError("There must be one row of ranks a rater and one column a thing, without a gap.")
    if not is_whole(permutations, 0) or (permutations and not is_whole(seed, 0)):
        raise InputError("The number of permutations is 0 or more, and a seed goes with them: whole numbers from 0 up.")
    raters, things = table.shape

    def undefined(reason: str) -> Concordance:
        return Concordance(math.nan, math.nan, max(things - 1, 0), math.nan, math.nan, raters, things, reason)

    if raters < 2:
        return undefined("one ranking alone has nothing to agree with")
    if things < 2:
        return undefined("one thing alone has no order")
    table = np.asarray(rankdata(table, axis=1))
    ties = sum(float((size**3 - size).sum()) for size in (np.unique(row, return_counts=True)[1] for row in table))
    below = raters**2 * things * (things**2 - 1) - raters * ties
    if below <= 0:
        return undefined("every ranking ties all")

    def coefficient(rows: Floats) -> float:
        sums = rows.sum(axis=0)
        return float((12 * (sums**2).sum() - 3 * raters**2 * things * (things + 1) ** 2) / below)

    w = min(max(coefficient(table), 0.0), 1.0)
    statistic = raters * (things - 1) * w
    permuted = math.nan
    if permutations:
        random = np.random.default_rng(seed)
        reached = sum(coefficient(random.permuted(table, axis=1)) >= w - 1e-12 for _ in range(permutations))
        permuted = (1 + reached) / (1 + permutations)
    p_value = float(chi2.sf(statistic, things - 1))
    return Concordance(w, statistic, things - 1, p_value, permuted, raters, things, "")

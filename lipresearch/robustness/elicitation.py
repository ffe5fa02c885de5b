"""Weights from what a person said: pairwise judgements, swings, an order of importance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lipresearch.errors import InputError
from lipresearch.robustness.grid import Floats, numbers

#: Mean consistency index of random tables of 1, 2, ... 15 rows: Saaty, T. L. (1980), The Analytic Hierarchy Process,
#: p. 21.
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
#: A pair and its reverse may differ from being reciprocal by so much: 0.33 stands for a third.
RECIPROCAL = 0.02
#: Saaty's rule of thumb: judgements with a higher ratio should be looked at again.
CONSISTENT = 0.10

ORDER_METHODS = ("centroid", "sum", "reciprocal")


@dataclass(frozen=True, eq=False)
class Judgements:
    """Weights from a table of pairwise judgements.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        Principal eigenvector; adds to 1.
    lambda_max : float
        Principal eigenvalue: n for consistent judgements, else more.
    consistency_index : float
        (lambda_max - n) / (n - 1); 0 for one or two rows, which cannot be inconsistent.
    random_index : float
        Mean index of random tables of this size; NaN above 15 rows, for which none was published.
    consistency_ratio : float
        Index / random index: 0 consistent, 1 like answers at random, up to 0.1 usually accepted; 0 for one or two
        rows; NaN where the random index is not known.
    """

    weights: Floats
    lambda_max: float
    consistency_index: float
    random_index: float
    consistency_ratio: float


def judgement_problems(table: ArrayLike) -> list[tuple[int, int, str, str]]:
    """Return what is wrong with a table of pairwise judgements: (row, column, found, expected).

    Examples
    --------
    >>> judgement_problems([[1, 3], [0.5, 1]])
    [(1, 0, '0.5', '0.333333, the reciprocal of 3')]
    """
    array = numbers(table, "Judgements")
    if array.ndim != 2 or array.shape[0] != array.shape[1] or not len(array):
        return [(0, 0, f"{' x '.join(map(str, array.shape))} cells", "as many rows as columns")]
    problems = []
    for row in range(len(array)):
        for column in range(len(array)):
            cell = array[row, column]
            if not (math.isfinite(cell) and cell > 0):
                problems.append((row, column, f"{cell:g}", "a judgement above 0, such as 3 or 1/3"))
            elif row == column and cell != 1:
                problems.append((row, column, f"{cell:g}", "1: each is as important as itself"))
            elif row > column and array[column, row] > 0 and not abs(cell * array[column, row] - 1) <= RECIPROCAL:
                other = array[column, row]
                problems.append((row, column, f"{cell:g}", f"{1 / other:g}, the reciprocal of {other:g}"))
    return problems


def ahp_weights(table: ArrayLike) -> Judgements:
    r"""Return the weights that pairwise judgements imply, and how consistent they are.

    .. math:: A w = \lambda_\mathrm{max} w, \qquad CI = \frac{\lambda_\mathrm{max} - n}{n - 1}, \qquad CR = CI / RI

    Parameters
    ----------
    table : array_like, shape (n, n)
        Row i, column j: how many times as important i is as j (1 equal, 3 moderately, 5 strongly, 7 very strongly,
        9 extremely more). Reciprocal, each off by no more than rounding (``RECIPROCAL``).

    Returns
    -------
    Judgements

    Raises
    ------
    InputError
        If the table is not square, or a judgement is missing, not above 0 or not the reciprocal of its reverse; the
        first such cell is named.

    References
    ----------
    Saaty, T. L. (1980), The Analytic Hierarchy Process, pp. 17-21; OECD/JRC (2008), Handbook on Constructing Composite
    Indicators, pp. 96-98.

    Examples
    --------
    >>> judged = ahp_weights([[1, 2, 4], [1/2, 1, 2], [1/4, 1/2, 1]])
    >>> judged.weights.round(4).tolist(), round(judged.consistency_ratio, 9)
    ([0.5714, 0.2857, 0.1429], 0.0)
    """
    problems = judgement_problems(table)
    if problems:
        row, column, found, expected = problems[0]
        raise InputError(f"Judgements, row {row + 1}, column {column + 1}: found {found}, expected {expected}.")
    array = np.array(table, dtype=float)
    count = len(array)
    numbers, vectors = np.linalg.eig(array)
    largest = int(np.argmax(numbers.real))
    weights = np.abs(vectors[:, largest].real)
    weights = weights / weights.sum()
    lambda_max = max(float(numbers[largest].real), float(count))
    index = (lambda_max - count) / (count - 1) if count > 2 else 0.0
    random = RANDOM_INDEX[count - 1] if count <= len(RANDOM_INDEX) else math.nan
    ratio = index / random if count > 2 else 0.0
    return Judgements(weights, lambda_max if count > 2 else float(count), index, random, ratio)


def group_judgements(tables: Sequence[ArrayLike]) -> Floats:
    r"""Return one table of judgements for a group: the geometric mean of each judgement (AIJ).

    .. math:: a_{ij} = \left( \prod_{k=1}^{m} a_{ij}^{(k)} \right)^{1/m}

    The only mean that keeps the table reciprocal. It treats the group as one person; to keep its members apart, take
    the mean of their weights (AIP).

    Parameters
    ----------
    tables : sequence of array_like, each of shape (n, n)

    Raises
    ------
    InputError
        If there is no table, their sizes differ, or one cannot be used.

    References
    ----------
    Aczél, J. and Saaty, T. L. (1983), Procedures for synthesizing ratio judgements, Journal of Mathematical Psychology
    27(1), 93-102; Forman, E. and Peniwati, K. (1998), Aggregating individual judgments and priorities with the Analytic
    Hierarchy Process, European Journal of Operational Research 108(1), 165-169.

    Examples
    --------
    >>> group_judgements([[[1, 4], [1/4, 1]], [[1, 1], [1, 1]]]).tolist()
    [[1.0, 2.0], [0.5, 1.0]]
    """
    arrays = [numbers(table, "Judgements") for table in tables]
    if not arrays or len({array.shape for array in arrays}) != 1:
        raise InputError("Judgements of a group are one table or more, all over the same things.")
    for array in arrays:
        ahp_weights(array)
    return np.asarray(np.exp(np.mean([np.log(array) for array in arrays], axis=0)))


def swing_weights(points: ArrayLike) -> Floats:
    r"""Return weights from swings: points for going from the worst to the best goalpost on each criterion.

    .. math:: w_c = p_c / \sum_d p_d

    Parameters
    ----------
    points : array_like, shape (n,)
        0 or more, one at least above 0; usually 100 for the swing that matters most.

    Raises
    ------
    InputError
        If points are missing, negative, or all 0.

    References
    ----------
    von Winterfeldt, D. and Edwards, W. (1986), Decision Analysis and Behavioral Research, pp. 286-287.

    Examples
    --------
    >>> swing_weights([100, 60, 40]).tolist()
    [0.5, 0.3, 0.2]
    """
    array = numbers(points, "Swings")
    if array.ndim != 1 or not np.isfinite(array).all() or (array < 0).any() or not (array > 0).any():
        raise InputError("Swings are points of 0 or more, one a criterion, and one of them at least is above 0.")
    if not 1e-290 < array.max() < 1e290:  # their sum could not be held
        array = array / array.max()
    return np.asarray(array / array.sum())


def rank_order_weights(order: ArrayLike, method: str = "centroid") -> Floats:
    r"""Return weights from an order of importance.

    .. math:: w^\mathrm{centroid}_k = \frac1n \sum_{j=k}^n \frac1j, \qquad
        w^\mathrm{sum}_k = \frac{2 (n + 1 - k)}{n (n + 1)}, \qquad
        w^\mathrm{reciprocal}_k = \frac{1/k}{\sum_j 1/j}

    for place k of n. The centroid is the mean of all weights that respect the order, and loses least against the true
    weights in simulations (Barron and Barrett). Criteria of equal importance share the mean of the weights of their
    places.

    Parameters
    ----------
    order : array_like, shape (n,)
        Place of each criterion, 1 the most important; equal numbers for equal importance, gaps do not matter.
    method : {"centroid", "sum", "reciprocal"}

    Raises
    ------
    InputError
        If there is no such method or a place is missing.

    References
    ----------
    Barron, F. H. and Barrett, B. E. (1996), Decision quality using ranked attribute weights, Management Science 42(11),
    1515-1523.

    Examples
    --------
    >>> rank_order_weights([1, 2, 3]).round(4).tolist()
    [0.6111, 0.2778, 0.1111]
    >>> rank_order_weights([1, 1, 2], "sum").round(4).tolist()
    [0.4167, 0.4167, 0.1667]
    """
    if method not in ORDER_METHODS:
        raise InputError(f"There is no method {method!r}. There are: {', '.join(ORDER_METHODS)}.")
    places = numbers(order, "Places")
    if places.ndim != 1 or not len(places) or not np.isfinite(places).all():
        raise InputError("An order of importance is one place a criterion, without a gap.")
    count = len(places)
    steps = np.arange(1, count + 1)
    by_place = {
        "centroid": np.cumsum((1 / steps)[::-1])[::-1] / count,
        "sum": 2 * (count + 1 - steps) / (count * (count + 1)),
        "reciprocal": (1 / steps) / (1 / steps).sum(),
    }[method]
    ordered = np.sort(places)
    first, last = np.searchsorted(ordered, places, side="left"), np.searchsorted(ordered, places, side="right")
    return np.array([by_place[start:stop].mean() for start, stop in zip(first, last, strict=True)])

"""Linguistic diversity of a population.

All functions take a vector of speakers per language and agree on three things: languages that nobody
speaks do not count; a population of nobody has no diversity (NaN, not 0); the order of languages is
of no importance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipresearch.errors import InputError


def _numbers(values: ArrayLike) -> NDArray[np.float64]:
    array = np.asarray(values)
    if array.dtype.kind == "O" and all(value is None or isinstance(value, int | float) for value in array.flat):
        array = np.array([np.nan if value is None else value for value in array.flat]).reshape(array.shape)
    if array.size and array.dtype.kind not in "biuf":
        raise InputError("Speakers per language must be numbers, not text.")
    return array.astype(float)


def _speakers(counts: ArrayLike) -> NDArray[np.float64]:
    array = _numbers(counts)
    if array.ndim != 1:
        raise InputError(f"Speakers per language must be one row of numbers, not an array of shape {array.shape}.")
    if not np.isfinite(array).all():
        raise InputError("A number of speakers is missing or infinite; leave the area out or give bounds.")
    if (array < 0).any():
        raise InputError("A number of speakers is negative.")
    return array[array > 0]


def linguistic_diversity(counts: ArrayLike, *, unbiased: bool = False) -> float:
    r"""Return Greenberg's index of linguistic diversity (his measure A).

    .. math:: A = 1 - \sum_i p_i^2, \qquad
              A_\mathrm{unbiased} = 1 - \sum_i \frac{n_i (n_i - 1)}{N (N - 1)}

    The probability that two people chosen at random have different mother tongues. 0: all share one;
    towards 1: no two share one. Also known as the linguistic diversity index, the Gini-Simpson index,
    and one minus the Herfindahl index.

    Parameters
    ----------
    counts : array_like, shape (n_languages,)
        Speakers of each language, one mother tongue a person.
    unbiased : bool
        Draw the two people without replacement (finite population). Needs whole numbers of persons.

    Returns
    -------
    float
        0 to 1; NaN for nobody (and for a single person when ``unbiased``).

    Raises
    ------
    InputError
        If a count is missing, infinite, negative or, when ``unbiased``, not whole.

    References
    ----------
    Greenberg, J. H. (1956). The measurement of linguistic diversity. Language 32(1), 109-115, p. 110.

    Examples
    --------
    >>> round(linguistic_diversity([1800, 200]), 2)
    0.18
    >>> linguistic_diversity([10, 0]), linguistic_diversity([])
    (0.0, nan)
    """
    speakers = _speakers(counts)
    total = float(speakers.sum())
    if total == 0 or (unbiased and total <= 1):
        return float("nan")
    if unbiased:
        if (speakers != np.floor(speakers)).any():
            raise InputError("The unbiased index needs whole numbers of persons.")
        value = 1.0 - float((speakers * (speakers - 1)).sum()) / (total * (total - 1))
    else:
        value = 1.0 - float(((speakers / total) ** 2).sum())
    return min(max(value, 0.0), 1.0)


def weighted_linguistic_diversity(counts: ArrayLike, resemblance: ArrayLike) -> float:
    r"""Return Greenberg's measure B: diversity in which related languages count as partly the same.

    .. math:: B = 1 - \sum_{i,j} p_i p_j r_{ij}

    0: everybody speaks one language (or all languages are the same); it equals A when different
    languages resemble each other not at all.

    Parameters
    ----------
    counts : array_like, shape (n_languages,)
        Speakers of each language.
    resemblance : array_like, shape (n_languages, n_languages)
        Symmetric, 0 (nothing shared) to 1, with 1 on the diagonal.

    Returns
    -------
    float
        0 to 1; NaN for nobody.

    Raises
    ------
    InputError
        If the matrix has another shape, is not symmetric, leaves 0 to 1, or its diagonal is not 1.

    References
    ----------
    Greenberg (1956), p. 111.

    Examples
    --------
    >>> weighted_linguistic_diversity([1, 1], [[1, 0.5], [0.5, 1]])
    0.25
    """
    speakers = _numbers(counts)
    _speakers(speakers)
    if speakers.size == 0:
        return float("nan")
    matrix = np.asarray(resemblance, dtype=float)
    if matrix.shape != (len(speakers), len(speakers)):
        raise InputError(f"The resemblances must be {len(speakers)} x {len(speakers)}, not {matrix.shape}.")
    if not (np.isfinite(matrix).all() and (matrix >= 0).all() and (matrix <= 1).all()):
        raise InputError("A resemblance is not between 0 and 1.")
    if not (np.diag(matrix) == 1).all() or not np.array_equal(matrix, matrix.T):
        raise InputError("Resemblances must be symmetric, with 1 on the diagonal.")
    total = speakers.sum()
    if total == 0:
        return float("nan")
    shares = speakers / total
    return min(max(1.0 - float(shares @ matrix @ shares), 0.0), 1.0)


def shannon(counts: ArrayLike) -> float:
    r"""Return Shannon's entropy of the languages, in nats.

    .. math:: H = -\sum_i p_i \ln p_i

    0: all share one language; ln(number of languages): all languages have equally many speakers.
    It weighs rare languages more than Greenberg's index does.

    Parameters
    ----------
    counts : array_like, shape (n_languages,)
        Speakers of each language.

    Returns
    -------
    float
        Nats, >= 0; NaN for nobody.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal 27, p. 393.

    Examples
    --------
    >>> round(shannon([5, 5]), 4)
    0.6931
    """
    speakers = _speakers(counts)
    if speakers.size == 0:
        return float("nan")
    shares = speakers / speakers.sum()
    return max(0.0, -float((shares * np.log(shares)).sum()))


#: Orders this near 1 are taken as 1, where the formula divides by zero; the number changes by less than 1e-5.
NEAR_ONE = 1e-6


def hill_number(counts: ArrayLike, order: float) -> float:
    r"""Return the effective number of languages (Hill number).

    .. math:: {}^qD = \Bigl(\sum_i p_i^q\Bigr)^{1/(1-q)}, \qquad {}^1D = e^H

    The number of equally spoken languages that would be as diverse. 1: all share one language; the
    number of languages spoken: all have equally many speakers. Order 0 counts every language,
    order 1 weighs each by its share, order 2 looks at the common ones (the inverse Simpson
    concentration), infinity at the commonest only.

    Parameters
    ----------
    counts : array_like, shape (n_languages,)
        Speakers of each language.
    order : float
        :math:`q` >= 0; may be infinite.

    Returns
    -------
    float
        1 to the number of languages spoken; NaN for nobody.

    Raises
    ------
    InputError
        If the order is negative or not a number, or a count cannot be used.

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness. Ecology 54(2), 427-432, eq. 1.

    Examples
    --------
    >>> hill_number([50, 50, 0], 0), round(hill_number([50, 50, 0], 1), 6), hill_number([50, 50, 0], 2)
    (2.0, 2.0, 2.0)
    """
    if not order >= 0:
        raise InputError(f"The order of a Hill number must be 0 or more, not {order}.")
    speakers = _speakers(counts)
    if speakers.size == 0:
        return float("nan")
    shares = speakers / speakers.sum()
    if order == 0:
        return float(speakers.size)
    most = float(speakers.size)
    if abs(order - 1.0) < NEAR_ONE:
        return min(max(float(np.exp(shannon(speakers))), 1.0), most)
    largest = float(shares.max())
    if np.isinf(order):
        return min(1.0 / largest, most)
    # Scaled by the largest share, so that a high order neither underflows nor overflows.
    log_sum = float(np.log(((shares / largest) ** order).sum()))
    log_number = log_sum / (1.0 - order) + (order / (1.0 - order)) * np.log(largest)
    return min(max(float(np.exp(log_number)), 1.0), most)


def diversity_bounds(known: Sequence[float], lumped: float) -> tuple[float, float]:
    r"""Return the lowest and highest Greenberg index when part of the speakers are only known as "other".

    Splitting "other" can only raise diversity, so with known counts :math:`n_i`, lumped :math:`m` and
    :math:`N = m + \sum n_i`

    .. math:: 1 - \sum_i (n_i/N)^2 - (m/N)^2 \;\le\; A \;<\; 1 - \sum_i (n_i/N)^2

    The lower end: all others share one language; the upper: no two of them do (not reached).

    Parameters
    ----------
    known : sequence of float
        Speakers of the languages published on their own (English, French).
    lumped : float
        Speakers of all other languages together.

    Returns
    -------
    tuple of float
        Lower and upper bound, 0 to 1; NaN for nobody.

    Examples
    --------
    >>> low, high = diversity_bounds([60, 20], 20)
    >>> round(low, 2), round(high, 2)
    (0.56, 0.6)
    """
    low = linguistic_diversity([*known, lumped])
    if np.isnan(low):
        return low, low
    total = float(sum(known)) + float(lumped)
    return low, min(low + (float(lumped) / total) ** 2, 1.0)

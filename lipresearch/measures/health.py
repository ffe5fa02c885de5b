"""State of the health infrastructure: how many kinds of facility there are, and how even."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lipresearch.errors import InputError
from lipresearch.measures.language import shannon


def _facilities(counts: ArrayLike) -> np.ndarray:
    array = np.asarray(counts)
    if array.size and array.dtype.kind not in "biuf":
        raise InputError("Facilities per kind must be numbers, not text.")
    array = array.astype(float)
    if array.ndim != 1 or not np.isfinite(array).all() or (array < 0).any():
        raise InputError("Facilities per kind must be one row of counts, none missing or negative.")
    return array


def kinds_present(counts: ArrayLike) -> float:
    """Return how many kinds of facility a site has at least one of.

    0: none of the kinds; the number of kinds: all of them.

    Parameters
    ----------
    counts : array_like, shape (n_kinds,)
        Facilities of each kind. 0 is a true zero: the list is complete.

    Examples
    --------
    >>> kinds_present([3, 0, 1])
    2.0
    """
    return float((_facilities(counts) > 0).sum())


def evenness(counts: ArrayLike) -> float:
    r"""Return how evenly facilities are spread over the kinds (Pielou's J over all kinds asked for).

    .. math:: J = H / \ln K, \qquad H = -\sum_k p_k \ln p_k

    0: all facilities are of one kind; 1: as many of each kind. A kind that is absent lowers it.

    Parameters
    ----------
    counts : array_like, shape (n_kinds,)
        Facilities of each of the :math:`K` kinds.

    Returns
    -------
    float
        0 to 1; NaN where there is no facility at all, or only one kind is asked for.

    References
    ----------
    Pielou, E. C. (1966). Journal of Theoretical Biology 13, 131-144.

    Examples
    --------
    >>> evenness([2, 2]), evenness([4, 0]), evenness([0, 0])
    (1.0, 0.0, nan)
    """
    array = _facilities(counts)
    if len(array) < 2 or array.sum() == 0:
        return float("nan")
    return min(shannon(array) / float(np.log(len(array))), 1.0)

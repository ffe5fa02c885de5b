"""Industries of a labour force: how even they are, how large the largest is, how one compares with a larger area."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lipresearch.errors import InputError
from lipresearch.measures.language import shannon
from lipresearch.measures.rates import rate


def _workers(counts: ArrayLike) -> np.ndarray:
    array = np.asarray(counts)
    if array.size and array.dtype.kind not in "biuf":
        raise InputError("Workers per industry must be numbers, not text.")
    array = array.astype(float)
    if array.ndim != 1 or not np.isfinite(array).all() or (array < 0).any():
        raise InputError("Workers per industry must be one row of counts, none missing or negative.")
    return array


def industry_evenness(counts: ArrayLike) -> float:
    r"""Return how evenly a labour force is spread over the industries asked for (Pielou's J).

    .. math:: J = H / \ln K, \qquad H = -\sum_k p_k \ln p_k

    0: everybody works in one industry; 1: as many in each. A place of one employer or one harvest is near 0.5,
    a large city near 0.9.

    Parameters
    ----------
    counts : array_like, shape (n_industries,)
        Workers in each of the :math:`K` industries, residents of the place.

    Returns
    -------
    float
        0 to 1; NaN where nobody works, or only one industry is asked for.

    Raises
    ------
    InputError
        If a count is missing, negative or infinite.

    References
    ----------
    Pielou, E. C. (1966). Journal of Theoretical Biology 13, 131-144.

    Examples
    --------
    >>> industry_evenness([2, 2]), industry_evenness([4, 0]), industry_evenness([0, 0])
    (1.0, 0.0, nan)
    """
    array = _workers(counts)
    if len(array) < 2 or array.sum() == 0:
        return float("nan")
    return min(shannon(array) / float(np.log(len(array))), 1.0)


def largest_share(counts: ArrayLike) -> float:
    r"""Return the share of the largest industry, in per cent of the labour force.

    .. math:: 100 \max_k n_k / \sum_k n_k

    100 / K: all industries are of one size; 100: there is only one. NaN where nobody works.

    >>> largest_share([30, 50, 20]), largest_share([0, 0])
    (50.0, nan)
    """
    array = _workers(counts)
    if len(array) == 0 or array.sum() == 0:
        return float("nan")
    return 100.0 * float(array.max()) / float(array.sum())


def location_quotient(part: pd.Series, whole: pd.Series, part_around: float, whole_around: float) -> pd.Series:
    r"""Return how much more common an industry is in a place than around it.

    .. math:: Q_i = \frac{n_i / N_i}{n / N}

    0: the industry is absent; 1: as common as in the larger area; 2: twice as common.

    Parameters
    ----------
    part, whole : Series
        Workers of the industry and of all industries, by place.
    part_around, whole_around : float
        The same of the larger area; both above 0.

    Returns
    -------
    Series
        Undefined (NaN) where a count is missing or nobody works.

    Raises
    ------
    InputError
        If the larger area has nobody in the industry, or fewer workers than that.

    Examples
    --------
    >>> location_quotient(pd.Series([20.0, 0.0]), pd.Series([100.0, 50.0]), 100, 1000).tolist()
    [2.0, 0.0]
    """
    if not 0 < part_around <= whole_around:
        raise InputError(f"The larger area must have workers in the industry: {part_around:g} of {whole_around:g}.")
    return rate(part, whole) / (part_around / whole_around)

"""Shares and rates of added counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lipresearch.errors import InputError


def _same_index(first: pd.Series, *others: pd.Series) -> None:
    if not all(first.index.equals(other.index) for other in others):
        raise InputError("The numerator and the denominator list other sites, or in another order.")


def rate(numerator: pd.Series, denominator: pd.Series, per: float = 1.0) -> pd.Series:
    r"""Return counts per so many units of another count.

    .. math:: r_i = k \, n_i / d_i

    0 means none; there is no upper end unless the numerator is part of the denominator (then ``per``).

    Parameters
    ----------
    numerator, denominator : Series
        Counts over the same areas, with the same index, >= 0.
    per : float
        :math:`k`: 100 for per cent, 1000, 10000.

    Returns
    -------
    Series
        Undefined (NaN) where either count is missing or the denominator is 0.

    Raises
    ------
    InputError
        If the indexes differ, a count is negative or infinite, or ``per`` is not a positive number.

    Examples
    --------
    >>> rate(pd.Series([20, 0, 5]), pd.Series([200, 50, 0]), per=100).tolist()
    [10.0, 0.0, nan]
    """
    _same_index(numerator, denominator)
    if not (per > 0 and np.isfinite(per)):
        raise InputError(f"A rate is per a positive number, not {per}.")
    above = numerator.to_numpy(dtype=float)
    below = denominator.to_numpy(dtype=float)
    for name, array in (("numerator", above), ("denominator", below)):
        if (array < 0).any() or np.isinf(array).any():
            raise InputError(f"The {name} holds a negative or infinite count.")
    defined = ~np.isnan(above) & ~np.isnan(below) & (below > 0)
    result = np.full(len(above), np.nan)
    result[defined] = per * above[defined] / below[defined]
    return pd.Series(result, index=numerator.index)


def share(part: pd.Series, whole: pd.Series, rounding: float = 0.0) -> pd.Series:
    r"""Return a part in per cent of its whole.

    .. math:: s_i = 100 \, p_i / w_i

    0 per cent: nobody; 100 per cent: everybody.

    Parameters
    ----------
    part, whole : Series
        Counts over the same areas and in the same universe, same index.
    rounding : float
        How far a part may exceed its whole because both were rounded at random; the share is then 100.

    Returns
    -------
    Series
        Per cent; undefined (NaN) where a count is missing or the whole is 0.

    Raises
    ------
    InputError
        If a part exceeds its whole by more than ``rounding``: two universes were mixed.

    Examples
    --------
    >>> share(pd.Series([1, 50]), pd.Series([4, 50])).tolist()
    [25.0, 100.0]
    """
    _same_index(part, whole)
    if not (rounding >= 0 and np.isfinite(rounding)):
        raise InputError(f"Rounding is a number of 0 or more, not {rounding}.")
    excess = part.to_numpy(dtype=float) - whole.to_numpy(dtype=float)
    if (excess > rounding).any():
        where = ", ".join(str(name) for name in part.index[excess > rounding][:5])
        raise InputError(f"A part is larger than its whole ({where}): the two counts are not of one universe.")
    return rate(part.where(~(excess > 0), whole), whole, per=100.0)


def percent_change(new: pd.Series, old: pd.Series) -> pd.Series:
    r"""Return the change between two counts of the same areas, in per cent of the old one.

    .. math:: c_i = 100 \, (n_i - o_i) / o_i

    -100: all left; 0: no change; no upper end. Undefined (NaN) where a count is missing or the old one is 0.

    >>> percent_change(pd.Series([110, 5]), pd.Series([100, 0])).tolist()
    [10.0, nan]
    """
    return rate(new, old, per=100.0) - 100.0


def pooled_percent(percent: pd.Series, weight: pd.Series, group: pd.Series) -> pd.DataFrame:
    r"""Return groups' per cents from units' per cents and their denominators.

    .. math:: P_g = \sum_{i \in g} w_i p_i / \sum_{i \in g} w_i

    over the units that have both; published per cents are turned back into counts, never averaged as they are.

    Parameters
    ----------
    percent : Series
        0 to 100 per unit (school), NaN where suppressed.
    weight : Series
        The per cent's denominator (pupils), NaN where suppressed.
    group : Series
        The unit's group; "" for none.

    Returns
    -------
    DataFrame
        Index: group. ``counted`` (numerator), ``weight`` (denominator), ``units``, ``units_missing``.
        Groups whose units are all missing have weight 0 and an undefined counted.

    Raises
    ------
    InputError
        If the indexes differ, a group is missing, or a per cent or weight is out of range.
    """
    _same_index(percent, weight, group)
    if group.isna().any():
        raise InputError("A unit has no group; write an empty text for a unit that belongs to none.")
    if ((percent < 0) | (percent > 100)).any():
        raise InputError("A per cent is not between 0 and 100.")
    if ((weight < 0) | np.isinf(weight.astype(float))).any():
        raise InputError("A weight is negative or infinite.")
    usable = percent.notna() & weight.notna() & (group != "")
    frame = pd.DataFrame(
        {
            "group": group,
            "counted": (percent * weight / 100.0).where(usable),
            "weight": weight.where(usable, 0.0),
            "units": usable.astype(float),
            "units_missing": (~usable).astype(float),
        }
    )
    return frame[frame["group"] != ""].groupby("group").sum(min_count=1)


def mixture_bounds(
    part: ArrayLike, whole: ArrayLike, sure_part: float, sure_whole: float, per: float = 100.0
) -> tuple[float, float]:
    r"""Return the lowest and highest rate of a place that holds all of some areas and an unknown part of others.

    .. math:: \min_{w \in [0, 1]^k} c \, \frac{p + \sum_j w_j p_j}{n + \sum_j w_j n_j}, \qquad \text{and the maximum}

    on the assumption that an area has the same rate in all of its parts.

    Parameters
    ----------
    part, whole : array_like, shape (n_areas,)
        Counts of the areas that are held in part (ballots and electors, say); every whole above 0.
    sure_part, sure_whole : float
        Sums over the areas that are held as a whole; 0 where there are none.
    per : float
        :math:`c`: 100 for per cent.

    Returns
    -------
    tuple of float
        Lowest and highest; both NaN where there is no area at all.

    Raises
    ------
    InputError
        If a count is missing or negative, the whole of an area is 0, parts and wholes differ in number, or ``per``
        is not a positive number.

    Examples
    --------
    >>> mixture_bounds([90, 40], [100, 100], 60, 100)
    (50.0, 75.0)
    >>> mixture_bounds([], [], 0, 0)
    (nan, nan)
    """
    above, below = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    if above.ndim != 1 or above.shape != below.shape:
        raise InputError("Every area needs one part and one whole.")
    if not (per > 0 and np.isfinite(per)):
        raise InputError(f"A rate is per a positive number, not {per}.")
    if not ((above >= 0).all() and (below > 0).all() and sure_part >= 0 and sure_whole >= 0):
        raise InputError("Counts must be 0 or more, and the whole of every area above 0.")
    ends: list[float] = []
    for order in (np.argsort(above / below, kind="stable"), np.argsort(-above / below, kind="stable")):
        count, total = sure_part, sure_whole
        lowest = len(ends) == 0
        for place in order:
            # An area belongs to the extreme if it moves the mixture on: those that do come first.
            ahead = above[place] * total - count * below[place]
            if total == 0 or (ahead < 0 if lowest else ahead > 0):
                count, total = count + above[place], total + below[place]
        ends.append(per * float(count / total) if total else float("nan"))
    return ends[0], ends[1]

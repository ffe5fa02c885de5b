"""Ages of a population that is counted in bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lipresearch.errors import InputError


def median_band(counts: ArrayLike, edges: ArrayLike, rounding: float = 0.0) -> tuple[float, float]:
    r"""Return the lowest and highest median age of people who are counted in bands of age.

    .. math:: e_a \le m \le e_{b+1}, \qquad a = \min\{k : C_k + r \ge N/2\}, \quad b = \min\{k : C_k - r > N/2\}

    with :math:`C_k` the people up to band :math:`k` and :math:`N` all of them. Half of the people are no older than the
    median. The two ends are those of one band, unless the half is reached within the rounding of its edge.

    Parameters
    ----------
    counts : array_like, shape (n_bands,)
        People in each band, youngest first.
    edges : array_like, shape (n_bands + 1,)
        Ages at which the bands begin, in years, and the end of the last one (may be infinite).
    rounding : float
        :math:`r` >= 0: how many people too many or too few may be counted up to any band, because counts are rounded.

    Returns
    -------
    tuple of float
        Years; both NaN for nobody.

    Raises
    ------
    InputError
        If a count is missing, infinite or negative, the edges do not rise or are not one more than the counts, or the
        rounding is negative.

    Examples
    --------
    >>> median_band([30, 50, 20], [0, 15, 65, 110])
    (15.0, 65.0)
    >>> median_band([50, 50], [0, 40, 110])
    (0.0, 110.0)
    """
    people, ends = np.asarray(counts, dtype=float), np.asarray(edges, dtype=float)
    if people.ndim != 1 or not np.isfinite(people).all() or (people < 0).any():
        raise InputError("People by age must be one row of counts, none missing or negative.")
    if ends.shape != (len(people) + 1,) or not (np.diff(ends) > 0).all():
        raise InputError(f"{len(people)} bands of age need {len(people) + 1} edges that rise from one to the next.")
    if not (rounding >= 0 and np.isfinite(rounding)):
        raise InputError(f"Rounding is a number of 0 or more, not {rounding}.")
    half = people.sum() / 2.0
    if half == 0:
        return float("nan"), float("nan")
    reached = np.cumsum(people)
    first = int(np.argmax(reached + rounding >= half))
    # Within the rounding of everybody the median may lie in the last band.
    sure = np.flatnonzero(reached - rounding > half)
    last = int(sure[0]) if len(sure) else len(people) - 1
    return float(ends[first]), float(ends[last + 1])

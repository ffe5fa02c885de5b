"""Access to facilities: distances and floating catchment areas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipresearch.errors import InputError

#: Mean radius of the earth in kilometres (IUGG).
EARTH_RADIUS_KM = 6371.0088

Decay = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def great_circle_km(
    latitude: ArrayLike, longitude: ArrayLike, to_latitude: ArrayLike, to_longitude: ArrayLike
) -> NDArray[np.float64]:
    r"""Return the distances over the sphere between every point of one list and every point of another.

    .. math:: d = 2R \arcsin \sqrt{\sin^2\tfrac{\Delta\varphi}{2}
              + \cos\varphi_1 \cos\varphi_2 \sin^2\tfrac{\Delta\lambda}{2}}

    0: the same place; at most :math:`\pi R` (20,015 km). As the crow flies, so never longer than the road.

    Parameters
    ----------
    latitude, longitude : array_like, shape (n,)
        Degrees.
    to_latitude, to_longitude : array_like, shape (m,)
        Degrees.

    Returns
    -------
    ndarray, shape (n, m)
        Kilometres.

    Raises
    ------
    InputError
        If a latitude is not within 90 or a longitude not within 180 degrees (also when missing).

    Examples
    --------
    >>> round(float(great_circle_km([43.65], [-79.38], [43.26], [-79.87])[0, 0]))
    59
    """
    rows = [np.atleast_1d(np.asarray(value, dtype=float)) for value in (latitude, longitude)]
    columns = [np.atleast_1d(np.asarray(value, dtype=float)) for value in (to_latitude, to_longitude)]
    for north, east in (rows, columns):
        if north.shape != east.shape or north.ndim != 1:
            raise InputError("Every point needs one latitude and one longitude.")
        if not ((np.abs(north) <= 90).all() and (np.abs(east) <= 180).all()):
            raise InputError(
                "A latitude must be within 90 degrees and a longitude within 180; one is not, or is missing."
            )
    phi, lam = (np.radians(value)[:, None] for value in rows)
    phi2, lam2 = (np.radians(value)[None, :] for value in columns)
    half = np.sin((phi2 - phi) / 2) ** 2 + np.cos(phi) * np.cos(phi2) * np.sin((lam2 - lam) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))), dtype=float)


def nearest(distance: ArrayLike) -> NDArray[np.float64]:
    """Return each row's smallest distance (cost to the closest facility), in the unit given.

    Parameters
    ----------
    distance : array_like, shape (n_places, n_facilities)

    Returns
    -------
    ndarray, shape (n_places,)
        NaN for every place when there is no facility.

    Examples
    --------
    >>> nearest([[3.0, 1.0], [2.0, 5.0]]).tolist()
    [1.0, 2.0]
    """
    matrix = _distances(distance)
    return matrix.min(axis=1) if matrix.shape[1] else np.full(matrix.shape[0], np.nan)


def _distances(distance: ArrayLike) -> NDArray[np.float64]:
    matrix = np.asarray(distance, dtype=float)
    if matrix.ndim != 2:
        raise InputError(f"Distances must be a table of places by facilities, not an array of shape {matrix.shape}.")
    if np.isnan(matrix).any() or (matrix < 0).any():
        raise InputError("A distance is missing or negative.")
    return matrix


def binary(within: float) -> Decay:
    """Return a decay that counts everything up to a distance fully and nothing beyond.

    Raises ``InputError`` unless the reach is 0 or more.

    >>> binary(30)(np.array([0.0, 30.0, 30.1])).tolist()
    [1.0, 1.0, 0.0]
    """
    if not within >= 0:
        raise InputError(f"A reach is a distance of 0 or more, not {within}.")
    return lambda distance: (distance <= within).astype(float)


def linear(within: float) -> Decay:
    """Return a decay that falls evenly from 1 at no distance to 0 at ``within``.

    Raises ``InputError`` unless the reach is a finite distance above 0.

    >>> linear(10)(np.array([0.0, 5.0, 20.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    if not (within > 0 and np.isfinite(within)):
        raise InputError(f"A reach is a finite distance above 0, not {within}.")
    return lambda distance: np.clip(1.0 - distance / within, 0.0, None)


def exponential(rate: float) -> Decay:
    """Return a decay of ``exp(-rate * distance)``.

    0 where there is no way (infinite distance). Raises ``InputError`` for a negative rate.

    >>> exponential(0.0)(np.array([5.0])).tolist()
    [1.0]
    """
    if not (rate >= 0 and np.isfinite(rate)):
        raise InputError(f"A rate of decay is a number of 0 or more, not {rate}.")
    return lambda distance: np.where(
        np.isinf(distance), 0.0, np.exp(-rate * np.where(np.isinf(distance), 0.0, distance))
    )


def stepped(limits: tuple[float, ...], weights: tuple[float, ...]) -> Decay:
    """Return a decay in zones: the weight of the first limit that the distance does not exceed, 0 beyond the last.

    Luo and Qi (2009) use three zones with weights 1, 0.68 and 0.22.

    Raises
    ------
    InputError
        If limits and weights differ in number, the limits do not rise, or a weight is not between 0 and 1.

    Examples
    --------
    >>> stepped((10, 30), (1.0, 0.5))(np.array([10.0, 20.0, 31.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    if len(limits) != len(weights) or not limits or list(limits) != sorted(set(limits)) or np.isnan(limits).any():
        raise InputError("Zones need one weight for each limit, and limits that rise.")
    if not all(0 <= weight <= 1 for weight in weights):
        raise InputError("The weight of a zone is a number from 0 to 1.")
    padded = np.array([*weights, 0.0])
    return lambda distance: padded[np.searchsorted(np.array(limits, dtype=float), distance, side="left")]


def floating_catchment(
    distance: ArrayLike, supply: ArrayLike, population: ArrayLike, decay: Decay
) -> NDArray[np.float64]:
    r"""Return the two-step floating catchment ratio of each place.

    .. math:: R_j = \frac{S_j}{\sum_k f(d_{kj}) P_k}, \qquad A_i = \sum_j f(d_{ij}) R_j

    Facilities per resident that a place reaches, where everybody who reaches a facility shares it.
    0: no facility within reach; there is no upper end. The population-weighted sum of all places'
    ratios is the supply that anybody reaches. With ``stepped`` decay this is the enhanced method (E2SFCA).

    Parameters
    ----------
    distance : array_like, shape (n_places, n_facilities)
        In the unit that ``decay`` expects; infinite where there is no way.
    supply : array_like, shape (n_facilities,)
        Size of each facility (1 to count facilities), >= 0.
    population : array_like, shape (n_places,)
        Residents, >= 0.
    decay : callable
        Weight of a distance, 0 to 1.

    Returns
    -------
    ndarray, shape (n_places,)
        Supply per resident. A facility that nobody reaches adds nothing.

    Raises
    ------
    InputError
        If shapes do not agree, or a distance, supply or population is missing or negative.

    References
    ----------
    Luo, W. and Wang, F. (2003). Environment and Planning B 30, 865-884. Luo, W. and Qi, Y. (2009).
    Health & Place 15, 1100-1107.

    Examples
    --------
    >>> floating_catchment([[0.0], [1.0]], [2.0], [3.0, 1.0], binary(5)).tolist()
    [0.5, 0.5]
    """
    matrix = _distances(distance)
    offered = np.asarray(supply, dtype=float)
    people = np.asarray(population, dtype=float)
    if offered.ndim != 1 or people.ndim != 1:
        raise InputError("Supply and population must be one row of numbers each.")
    if matrix.shape != (len(people), len(offered)):
        raise InputError(
            f"Distances are {matrix.shape}, but there are {len(people)} places and {len(offered)} facilities."
        )
    for name, array in (("supply", offered), ("population", people)):
        if not np.isfinite(array).all() or (array < 0).any():
            raise InputError(f"A {name} is missing, infinite or negative.")
    weight = np.asarray(decay(matrix), dtype=float)
    if weight.shape != matrix.shape or not ((weight >= 0) & (weight <= 1)).all():
        raise InputError("A decay must give one weight from 0 to 1 for each distance.")
    sharing = people @ weight
    # Sharing so small that the ratio overflows is out of reach.
    reached = sharing > np.finfo(float).tiny * max(float(offered.max(initial=0.0)), 1.0)
    ratio = np.divide(offered, sharing, out=np.zeros_like(offered), where=reached)
    return np.asarray(weight @ ratio, dtype=float)

"""How many other sites a site can be compared with: those whose profile is near enough in every respect."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from lipresearch.errors import InputError


def profile_distance(
    profile: pd.DataFrame, tolerance: Mapping[str, float], ratios: Collection[str] = ()
) -> pd.DataFrame:
    r"""Return how far apart sites are in the respect in which they differ most, in units of what is tolerated.

    .. math:: d_{ij} = \max_k \frac{|x_{ik} - x_{jk}|}{t_k}, \qquad
              \text{for a ratio } \frac{|\ln x_{ik} - \ln x_{jk}|}{\ln t_k}

    0: alike in everything; 1: as different as is tolerated in one respect at least; no upper end. A large difference
    in one respect is never offset by likeness in the others.

    Parameters
    ----------
    profile : DataFrame, shape (n_sites, n_features)
        Index: site, each once. NaN where a figure is not known.
    tolerance : mapping
        For each feature that counts, the largest difference :math:`t_k` > 0 that two comparable sites may have.
    ratios : collection of str
        Features whose tolerance is a factor > 1 ("up to twice as many"); their figures must be above 0.

    Returns
    -------
    DataFrame, shape (n_sites, n_sites)
        Symmetric, 0 on the diagonal; undefined (NaN), the diagonal included, for a site that lacks a feature.

    Raises
    ------
    InputError
        If no feature is named, a feature is not in the profile, a tolerance is not above 0 (1 for a ratio), a
        site stands twice, or a figure is infinite (or, of a ratio, not above 0).

    Examples
    --------
    >>> profile = pd.DataFrame({"residents": [100, 200, 800], "share": [5, 8, 5]}, index=["a", "b", "c"])
    >>> profile_distance(profile, {"residents": 2, "share": 6}, ["residents"]).round(2).loc["a"].tolist()
    [0.0, 1.0, 3.0]
    """
    if not tolerance:
        raise InputError("A profile needs at least one feature with its tolerance.")
    absent = sorted((set(tolerance) | set(ratios)) - set(profile.columns)) + sorted(set(ratios) - set(tolerance))
    if absent:
        raise InputError(
            f"The profile has no feature, or no tolerance is given, for: {', '.join(dict.fromkeys(absent))}."
        )
    if not profile.index.is_unique:
        raise InputError("A site stands twice in the profile; give each site one row.")
    distance = np.zeros((len(profile), len(profile)))
    for feature, most in tolerance.items():
        figures = profile[feature].to_numpy(dtype=float)
        least = 1.0 if feature in ratios else 0.0
        if not (most > least and np.isfinite(most)):
            raise InputError(f"The tolerance of {feature} must be a number above {least:g}, not {most:g}.")
        if np.isinf(figures).any() or (feature in ratios and (figures <= 0).any()):
            raise InputError(f"A figure of {feature} is infinite, or not above 0 where a ratio is asked for.")
        if feature in ratios:
            figures, most = np.log(figures), float(np.log(most))
        # The larger of the two, and NaN where either is not known.
        distance = np.maximum(distance, np.abs(figures[:, None] - figures[None, :]) / most)
    return pd.DataFrame(distance, index=profile.index, columns=profile.index)


def comparable_pairs(
    profile: pd.DataFrame,
    tolerance: Mapping[str, float],
    ratios: Collection[str] = (),
    *,
    peers: pd.DataFrame | None = None,
    threshold: float = 1.0,
) -> pd.DataFrame:
    r"""Return whether two different sites have similar profiles.

    .. math:: d_{ij} \le \theta, \qquad i \ne j

    Parameters
    ----------
    profile, tolerance, ratios
        As in ``profile_distance``.
    peers : DataFrame, shape (n_sites, n_sites), optional
        Whether two sites may be compared at all (no area in common, say); symmetric. Default: any two.
    threshold : float
        :math:`\theta` >= 0; 1 takes the tolerances as they are.

    Returns
    -------
    DataFrame, shape (n_sites, n_sites)
        True or False, symmetric. A site that lacks a feature is comparable with none.

    Raises
    ------
    InputError
        As ``profile_distance``; if ``peers`` has other sites or is not symmetric; if the threshold is negative.

    Examples
    --------
    >>> profile = pd.DataFrame({"share": [5.0, 8.0, 20.0]}, index=["a", "b", "c"])
    >>> comparable_pairs(profile, {"share": 4}).loc["a"].tolist()
    [False, True, False]
    """
    if not (threshold >= 0 and np.isfinite(threshold)):
        raise InputError(f"The threshold must be a number of 0 or more, not {threshold:g}.")
    distance = profile_distance(profile, tolerance, ratios)
    # A hair's breadth more, so that a difference that is tolerated exactly is not lost to binary fractions.
    near = distance.to_numpy() <= threshold + 1e-9
    if peers is not None:
        if not (peers.index.equals(profile.index) and peers.columns.equals(profile.index)):
            raise InputError("The table of peers must list the sites of the profile, in the same order, both ways.")
        allowed = peers.to_numpy(dtype=bool)
        if not (allowed == allowed.T).all():
            raise InputError("The table of peers must be symmetric: two sites may be compared, or may not.")
        near &= allowed
    np.fill_diagonal(near, False)
    return pd.DataFrame(near, index=profile.index, columns=profile.index)


def comparable_sites(
    profile: pd.DataFrame,
    tolerance: Mapping[str, float],
    ratios: Collection[str] = (),
    *,
    peers: pd.DataFrame | None = None,
    threshold: float = 1.0,
) -> pd.Series:
    r"""Return how many other sites have a similar profile.

    .. math:: c_i = \#\{ j \ne i : d_{ij} \le \theta \}

    0: no other site is like it, so that it can be studied but not compared; higher: more sites to compare it with.
    The count depends on which other sites there are: it describes a site among candidates and is no score.

    Parameters
    ----------
    profile, tolerance, ratios, peers, threshold
        As in ``comparable_pairs``.

    Returns
    -------
    Series
        Counts, float; undefined (NaN) for a site that lacks a feature. Such a site is counted for no other.

    Raises
    ------
    InputError
        As ``comparable_pairs``.

    Examples
    --------
    >>> profile = pd.DataFrame({"share": [5.0, 8.0, 20.0, np.nan]}, index=["a", "b", "c", "d"])
    >>> comparable_sites(profile, {"share": 4}).tolist()
    [1.0, 1.0, 0.0, nan]
    """
    pairs = comparable_pairs(profile, tolerance, ratios, peers=peers, threshold=threshold)
    complete = profile[list(tolerance)].notna().all(axis=1)
    return pairs.sum(axis=1).astype(float).where(complete)

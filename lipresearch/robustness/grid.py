"""A ranking as arrays: what every robustness question is asked of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lipresearch.errors import InputError
from lipresearch.ranking import TIE, Ranking

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Numbers of one criterion that agree to so many digits of the largest one are the same number.
DIGITS = 12


@dataclass(frozen=True, eq=False)
class Grid:
    """Sites x criteria, as a ranking counts them.

    Attributes
    ----------
    sites, names : tuple of str, length n
        Sites in the order of their ids.
    criteria, labels, factors : tuple of str, length m
        Criteria in their declared order.
    weights : ndarray, shape (m,)
        0 or more; they add to 1.
    points : ndarray, shape (n, m)
        0 to 1, as the score counts them: those of the value, or of the worse bound; 0 where nothing is known.
    lowest, highest : ndarray, shape (n, m)
        Points at the worse and at the better bound; 0 and 1 where nothing is known.
    values : ndarray, shape (n, m)
        The value, or the worse bound, turned so that more is better (negative where less is preferred) and as a
        logarithm where the criterion's scale says so; NaN where nothing is known.
    known : ndarray of bool, shape (n, m)
        Whether there is a value; bounds alone are none.
    minimum_coverage : float
        Share of the weight that must rest on values for a site to be ranked.
    """

    sites: tuple[str, ...]
    names: tuple[str, ...]
    criteria: tuple[str, ...]
    labels: tuple[str, ...]
    factors: tuple[str, ...]
    weights: Floats
    points: Floats
    lowest: Floats
    highest: Floats
    values: Floats
    known: Flags
    minimum_coverage: float

    @property
    def covered(self) -> Flags:
        """Whether each site has values for the minimum share of the weight, shape (n,)."""
        coverage = weighted_sum(self.known.astype(float), self.weights)
        return np.asarray(coverage >= self.minimum_coverage - TIE)

    @property
    def complete(self) -> Flags:
        """Whether each site has a value for every criterion that carries weight, shape (n,)."""
        return np.asarray(self.known[:, self.weights > 0].all(axis=1))

    def only_sites(self, chosen: ArrayLike) -> Grid:
        """Return the grid of the sites marked (shape (n,), bool)."""
        marks = np.asarray(chosen, dtype=bool)
        return replace(
            self,
            sites=tuple(name for name, mark in zip(self.sites, marks, strict=True) if mark),
            names=tuple(name for name, mark in zip(self.names, marks, strict=True) if mark),
            points=self.points[marks],
            lowest=self.lowest[marks],
            highest=self.highest[marks],
            values=self.values[marks],
            known=self.known[marks],
        )

    def reweighted(self, weights: ArrayLike) -> Grid:
        """Return the grid under other weights, shape (m,)."""
        return replace(self, weights=checked_weights(weights, len(self.criteria)))


def numbers(values: ArrayLike, what: str) -> Floats:
    """Return a copy as an array of numbers; raise ``InputError`` for text or rows of unequal length."""
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{what} must be numbers, in rows of equal length, not text.") from None


def is_whole(value: object, least: int) -> bool:
    """Return whether a value is a whole number of at least so much (True and False are none)."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)


def same_grid(one: Grid, other: Grid) -> bool:
    """Return whether two grids hold the same sites, criteria and points."""
    return (
        one.sites == other.sites
        and one.criteria == other.criteria
        and np.array_equal(one.points, other.points)
        and np.array_equal(one.lowest, other.lowest)
        and np.array_equal(one.highest, other.highest)
    )


def factor_titles(ranking: Ranking) -> dict[str, str]:
    """Return {factor: id and label} of a ranking's criteria, in their order."""
    factors = ranking.cluster.factors
    labels = factors["label"].to_dict() if "label" in factors else {}
    return {
        name: f"{name} {labels.get(name, '')}".strip() for name in dict.fromkeys(ranking.cluster.criteria["factor"])
    }


def checked_weights(weights: ArrayLike, criteria: int) -> Floats:
    """Return weights as an array that adds to 1 exactly; raise ``InputError`` where they cannot be weights."""
    array = numbers(weights, "Weights")
    if array.shape != (criteria,) or not np.isfinite(array).all() or (array < 0).any():
        raise InputError(f"There must be {criteria} weights, one a criterion, each a number of 0 or more.")
    total = float(array.sum())
    if abs(total - 1) > 1e-6:
        raise InputError(f"Weights must add to 1, not {total:g}.")
    return array / total


def weighted_sum(points: Floats, weights: Floats) -> Floats:
    """Return sums over criteria (last axis), added in their order, so that every machine rounds alike."""
    total = np.zeros(points.shape[:-1])
    for place, weight in enumerate(weights):
        total += weight * points[..., place]
    return total


def tidy(values: Floats) -> Floats:
    """Return a column's values without the noise of rounding: to ``DIGITS`` digits of the largest one.

    >>> tidy(np.array([0.1 + 0.2, 0.3, 1000.0])).tolist()
    [0.3, 0.3, 1000.0]
    """
    known = np.abs(values[~np.isnan(values)])
    largest = float(known.max()) if len(known) else 0.0
    if largest < 1e-290:  # too small to be rounded
        return values + 0.0
    return np.round(values, DIGITS - 1 - int(np.floor(np.log10(largest)))) + 0.0


def grid_of(ranking: Ranking) -> Grid:
    """Return a ranking's sites, ranked or not, and criteria as arrays.

    Parameters
    ----------
    ranking : Ranking
        As ``rank_sites`` returns it.

    Examples
    --------
    >>> import lipresearch as lip
    >>> grid = grid_of(lip.rank_sites(lip.load_measures(), lip.load_cluster("health")))
    >>> grid.points.shape, int(grid.covered.sum())
    ((38, 6), 35)
    """
    criteria = ranking.cluster.criteria
    parts = ranking.contributions
    sites = list(dict.fromkeys(parts["site"]))
    shape = (len(sites), len(criteria))

    def table(column: str) -> Floats:
        return np.asarray(parts[column], dtype=float).reshape(shape)

    value, points, lowest = table("value"), table("points"), table("points_lowest")
    higher = (criteria["best"] > criteria["worst"]).to_numpy()
    counted = np.where(np.isnan(value), np.where(higher, table("low"), table("high")), value)
    for place, rule in enumerate(criteria.itertuples()):
        column = counted[:, place]
        if rule.scale == "log":
            column = np.log(np.maximum(column, min(rule.worst, rule.best)))
        counted[:, place] = tidy(column if higher[place] else -column)
    names = parts.drop_duplicates("site").set_index("site")["name"]
    return Grid(
        sites=tuple(sites),
        names=tuple(names[site] for site in sites),
        criteria=tuple(criteria.index),
        labels=tuple(criteria["label"]),
        factors=tuple(criteria["factor"]),
        weights=np.asarray(criteria["weight"], dtype=float),
        points=np.where(np.isnan(points), lowest, points),
        lowest=lowest,
        highest=table("points_highest"),
        values=counted,
        known=~np.isnan(value),
        minimum_coverage=ranking.cluster.minimum_coverage,
    )


def ranked_grid(ranking: Ranking) -> Grid:
    """Return a ranking's ranked sites and criteria as arrays.

    Raises
    ------
    InputError
        If no site is ranked.
    """
    grid = grid_of(ranking)
    if not grid.covered.any():
        raise InputError("No site is ranked, so there is no rank to ask about.")
    return grid.only_sites(grid.covered)

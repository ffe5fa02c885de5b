"""The same evidence under other methods and other stances, side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lipresearch.errors import InputError
from lipresearch.ranking import Ranking, competition_ranks
from lipresearch.robustness.grid import DIGITS, Floats, Grid, checked_weights, grid_of, numbers, tidy, weighted_sum
from lipresearch.robustness.voting import outranking, pairwise_wins

#: A lead of so many points on a criterion counts in full for PROMETHEE II, a smaller one in proportion.
PREFERENCE = 0.2
#: Share of VIKOR's index that rests on the whole of the criteria; the rest, on the worst one.
VIKOR_WHOLE = 0.5

MISSING = ("at worst", "left out")
AGGREGATIONS = ("arithmetic", "geometric", "harmonic")


# ---- normalising against the other candidates ---------------------------------------------------


def _spread(values: Floats) -> Floats:
    """Return (x - mean) / sample standard deviation; 0 for all where they are equal."""
    if len(values) < 2 or values.min() == values.max():
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / values.std(ddof=1))


def _stretch(values: Floats) -> Floats:
    """Return (x - min) / (max - min); 0 for all where they are equal."""
    if values.min() == values.max():
        return np.zeros_like(values)
    return np.asarray((values - values.min()) / (values.max() - values.min()))


def _below(values: Floats) -> Floats:
    """Return how many others lie below each."""
    return np.asarray(np.searchsorted(np.sort(values), values, side="left"), dtype=float)


def _beaten(values: Floats) -> Floats:
    """Return the share of the others that lie below each, equals counting half; 0 for one alone."""
    equal = np.searchsorted(np.sort(values), values, side="right") - _below(values) - 1
    return np.asarray((_below(values) + 0.5 * equal) / max(len(values) - 1, 1))


def _ratio(values: Floats, to: float, what: str) -> Floats:
    if to == 0:
        raise InputError(f"Ratios to the {what} are undefined: it is 0.")
    if (values < 0).any():
        raise InputError(f"Ratios to the {what} are undefined for values below 0: they would turn the order around.")
    return values / to


#: How values become comparable without goalposts. Each takes a column without gaps.
NORMALISATIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "min-max": _stretch,
    "z-score": _spread,
    "rank": lambda x: 1 + _below(x),
    "percentile": lambda x: 100 * (1 + _below(x)) / len(x),
    "share beaten": _beaten,
    "ratio to mean": lambda x: _ratio(x, float(x.mean()), "mean"),
    "ratio to best": lambda x: _ratio(x, float(x.max()), "best"),
    "ratio to worst": lambda x: _ratio(x, float(x.min()), "worst"),
    "difference to mean": lambda x: _ratio(x, float(x.mean()), "mean") - 1,
    "difference to worst": lambda x: _ratio(x, float(x.min()), "worst") - 1,
    "above or below mean": lambda x: np.sign(np.trunc(np.round(5 * (_ratio(x, float(x.mean()), "mean") - 1), DIGITS))),
}


def normalised(values: ArrayLike, method: str) -> Floats:
    r"""Return one criterion's values made comparable by looking at the candidates themselves.

    Unlike goalposts (:func:`lipresearch.ranking.normalise`), each of these depends on who else is a candidate: a site
    that is added or leaves changes the others' points, and two of them may swap ranks.

    ``min-max`` :math:`(x - \min) / (\max - \min)`, 0 to 1. ``z-score`` :math:`(x - \bar x) / s` with the sample
    standard deviation. ``rank`` 1 for the lowest, equal values share the lower rank. ``percentile`` 100 rank / n.
    ``share beaten`` of the others, equals counting half, 0 to 1. ``ratio to mean``, ``ratio to best``, ``ratio to
    worst`` :math:`x / \bar x`, ... ``difference to mean``, ``difference to worst``: the ratio less 1. ``above or below
    mean``: 1 from 20 % above the mean on, -1 from 20 % below, else 0.

    Parameters
    ----------
    values : array_like, shape (n,)
        In one unit, more is better; NaN where missing.
    method : str
        One of ``NORMALISATIONS``.

    Returns
    -------
    ndarray, shape (n,)
        NaN where missing; the others are compared among themselves. Where all values are equal, ``min-max`` and
        ``z-score`` are 0 for all: such a criterion tells nobody apart.

    Raises
    ------
    InputError
        If there is no such method, a value is infinite, or a ratio to 0 or of values below 0 is asked for.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, pp. 83-88 and table 15.

    Examples
    --------
    >>> normalised([10, 30, float("nan"), 20], "min-max").tolist()
    [0.0, 1.0, nan, 0.5]
    >>> normalised([10, 30, 20, 20], "share beaten").tolist()
    [0.0, 1.0, 0.5, 0.5]
    """
    if method not in NORMALISATIONS:
        raise InputError(f"There is no normalisation {method!r}. There are: {', '.join(NORMALISATIONS)}.")
    column = numbers(values, "The values of a criterion")
    if column.ndim != 1 or np.isinf(column).any():
        raise InputError("The values of a criterion are one finite number a site, NaN where missing.")
    known = ~np.isnan(column)
    if known.any():
        column[known] = NORMALISATIONS[method](tidy(column[known]))
    return column


# ---- aggregating ------------------------------------------------------------------------------


def aggregate(points: ArrayLike, weights: ArrayLike, method: str = "arithmetic") -> Floats:
    r"""Return the weighted mean of each site's points: arithmetic, geometric or harmonic.

    .. math:: \sum_c w_c u_c, \qquad \prod_c u_c^{w_c}, \qquad 1 / \sum_c (w_c / u_c)

    The arithmetic mean lets a strong criterion make up for a weak one in full, the geometric in part, the harmonic
    least. With 0 points on any criterion that carries weight the geometric and harmonic means are 0, whatever the
    others: nothing is added to avoid it.

    Parameters
    ----------
    points : array_like, shape (n, m)
        Any finite numbers for the arithmetic mean, 0 or more for the others (points, or values on a ratio scale).
    weights : array_like, shape (m,)
        0 or more; they add to 1.
    method : {"arithmetic", "geometric", "harmonic"}

    Returns
    -------
    ndarray, shape (n,)
        Between the lowest and the highest of a site's points.

    Raises
    ------
    InputError
        If there is no such method, or a number is missing, infinite or (but for the arithmetic mean) negative.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, pp. 103-104.

    Examples
    --------
    >>> [round(float(aggregate([[0.25, 1.0]], [0.5, 0.5], name)[0]), 3) for name in AGGREGATIONS]
    [0.625, 0.5, 0.4]
    >>> aggregate([[0.0, 1.0]], [0.5, 0.5], "geometric").tolist()
    [0.0]
    """
    if method not in AGGREGATIONS:
        raise InputError(f"There is no aggregation {method!r}. There are: {', '.join(AGGREGATIONS)}.")
    table = numbers(points, "Points")
    if table.ndim != 2 or not np.isfinite(table).all():
        raise InputError("There must be one row of points a site, without a gap.")
    shares = checked_weights(weights, table.shape[1])
    if method == "arithmetic":
        return weighted_sum(table, shares)
    if (table < 0).any():
        raise InputError(f"The {method} mean is undefined for points below 0.")
    table, shares = table[:, shares > 0], shares[shares > 0]
    found = np.zeros(len(table))
    above = (table > 0).all(axis=1)
    if method == "geometric":
        found[above] = np.exp(weighted_sum(np.log(table[above]), shares))
    else:
        found[above] = 1 / weighted_sum(1 / table[above], shares)
    return found


# ---- methods of a library -----------------------------------------------------------------------


class UndefinedError(InputError):
    """A method has no result for these sites; the message says why."""


def _telling(grid: Grid) -> tuple[Floats, Floats]:
    """Return points without the noise of rounding, and weights, of the criteria that tell sites apart."""
    points = np.round(grid.points, DIGITS)
    telling = (points.min(axis=0) < points.max(axis=0)) & (grid.weights > 0)
    if not telling.any():
        raise UndefinedError("all sites have the same points on every criterion that carries weight")
    return points[:, telling], grid.weights[telling]


def topsis(grid: Grid) -> Floats:
    r"""Return closeness to the best of all sites: TOPSIS on the points from goalposts.

    .. math:: s_i = \frac{d_i^-}{d_i^- + d_i^+}

    with the Euclidean distances of the weighted points from the worst and the best points of any candidate. 0: worst
    of all on every criterion; 1: best on every one. Depends on the candidates through those two ideals.

    Raises
    ------
    UndefinedError
        If no criterion tells the sites apart.

    References
    ----------
    Hwang, C. L. and Yoon, K. (1981), Multiple Attribute Decision Making, pp. 128-140; computed by pymcdm.
    """
    from pymcdm.methods import TOPSIS

    points, weights = _telling(grid)
    method = TOPSIS(normalization_function=lambda column, cost: column)
    return np.asarray(method(points, weights, np.ones(len(weights)), validation=False), dtype=float)


def vikor(grid: Grid, whole: float = VIKOR_WHOLE) -> Floats:
    r"""Return VIKOR's compromise between the whole of the criteria and the worst one, turned so that 1 is best.

    .. math:: s_i = 1 - v \frac{S_i - S^*}{S^- - S^*} - (1 - v) \frac{R_i - R^*}{R^- - R^*}

    with S the weighted sum and R the largest of the weighted distances from the best candidate, in units of the
    candidates' range. 1: nearest in both; 0: farthest in both. Depends on the candidates.

    Parameters
    ----------
    grid : Grid
    whole : float
        v, 0 to 1.

    Raises
    ------
    UndefinedError
        If no criterion tells the sites apart, or all have the same S or the same R (then it would be 0/0).
    InputError
        If v is not a share.

    References
    ----------
    Opricovic, S. and Tzeng, G.-H. (2004), Compromise solution by MCDM methods, European Journal of Operational
    Research 156(2), 445-455; computed by pymcdm.
    """
    from pymcdm.methods import VIKOR

    if not 0 <= whole <= 1:
        raise InputError(f"The share of the whole, v, lies between 0 and 1, not {whole:g}.")
    points, weights = _telling(grid)
    best, worst = points.max(axis=0), points.min(axis=0)
    losses = weights * (best - points) / (best - worst)
    for name, index in (("sum of distances", losses.sum(axis=1)), ("largest distance", losses.max(axis=1))):
        if len(set(np.round(index, DIGITS))) == 1:
            raise UndefinedError(f"all sites have the same {name} from the best")
    return np.asarray(1 - VIKOR(v=whole)(points, weights, np.ones(len(weights)), validation=False), dtype=float)


def promethee(grid: Grid, preference: float = PREFERENCE) -> Floats:
    r"""Return the net flow of PROMETHEE II: how far a site is preferred to the others, less how far they are to it.

    .. math:: \phi_i = \frac{1}{n-1} \sum_{j \ne i} \sum_c w_c \left( P(u_{ic} - u_{jc}) - P(u_{jc} - u_{ic}) \right),
        \quad P(d) = \min(\max(d, 0) / p, 1)

    -1: far behind all others on every criterion; 1: far ahead. Depends on the candidates. With p = 1 the order is that
    of the weighted mean; as p goes to 0, that of the share of the others beaten.

    Parameters
    ----------
    grid : Grid
    preference : float
        p: a lead of so many points counts in full, a smaller one in proportion; above 0.

    Raises
    ------
    UndefinedError
        If there are fewer than two sites, or no criterion tells them apart.

    References
    ----------
    Brans, J. P., Vincke, P. and Mareschal, B. (1986), How to select and how to rank projects, European Journal of
    Operational Research 24(2), 228-238; computed by pymcdm.
    """
    from pymcdm.methods import PROMETHEE_II

    if not (preference > 0 and math.isfinite(preference)):
        raise InputError(f"The preference threshold must be above 0, not {preference:g}.")
    points, weights = _telling(grid)
    # A new one for every call: its parameters are used up by the first.
    method = PROMETHEE_II("vshape", p=[preference] * len(weights))
    return np.asarray(method(points, weights, np.ones(len(weights)), validation=False), dtype=float)


# ---- variants ---------------------------------------------------------------------------------


def relative_points(grid: Grid, method: str) -> Floats:
    """Return points that depend on the candidates; what is missing counts as the worst of them.

    Parameters
    ----------
    grid : Grid
    method : {"min-max", "z-score", "share beaten"}
    """
    points = np.zeros_like(grid.values)
    for place, column in enumerate(grid.values.T):
        known = ~np.isnan(column)
        if not known.any():
            continue
        if method == "share beaten":
            # What is missing lies below all that is known, and beats nobody.
            filled = np.where(known, column, column[known].min() - 1)
            points[:, place] = np.where(known, _beaten(filled), 0.0)
        else:
            found = normalised(column, method)
            points[:, place] = np.where(known, found, found[known].min())
    return points


@dataclass(frozen=True)
class Variant:
    """A way to get from evidence to an order.

    Attributes
    ----------
    name, label, about : str
        Id, short name for a column, and what it does in one sentence.
    score : callable
        Grid in, one number a site out, more is better.
    relative : bool
        Whether a site's score depends on who else is a candidate.
    """

    name: str
    label: str
    about: str
    score: Callable[[Grid], Floats]
    relative: bool


def _mean_of(method: str) -> Callable[[Grid], Floats]:
    return lambda grid: aggregate(grid.points, grid.weights, method)


def _relative(method: str) -> Callable[[Grid], Floats]:
    return lambda grid: aggregate(relative_points(grid, method), grid.weights)


_CANDIDATES = "depends on the other candidates"
VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for variant in (
        Variant(
            "goalposts",
            "Goalposts",
            "Points between declared goalposts, weighted mean: the ranking itself",
            _mean_of("arithmetic"),
            False,
        ),
        Variant(
            "min-max",
            "Min-max",
            f"Points between the worst and the best candidate, weighted mean; {_CANDIDATES}",
            _relative("min-max"),
            True,
        ),
        Variant(
            "z-score",
            "Z-score",
            f"Standard deviations from the candidates' mean, weighted mean; {_CANDIDATES}",
            _relative("z-score"),
            True,
        ),
        Variant(
            "rank",
            "Rank",
            f"Share of the other sites beaten on each criterion, weighted mean; {_CANDIDATES}",
            _relative("share beaten"),
            True,
        ),
        Variant(
            "geometric",
            "Geometric",
            "Weighted geometric mean of the points; 0 points on any criterion make the score 0",
            _mean_of("geometric"),
            False,
        ),
        Variant(
            "harmonic",
            "Harmonic",
            "Weighted harmonic mean of the points; 0 points on any criterion make the score 0",
            _mean_of("harmonic"),
            False,
        ),
        Variant(
            "topsis", "TOPSIS", f"Closeness to the best and distance from the worst points; {_CANDIDATES}", topsis, True
        ),
        Variant("vikor", "VIKOR", f"Half the whole of the criteria, half the worst one; {_CANDIDATES}", vikor, True),
        Variant(
            "promethee",
            "PROMETHEE II",
            f"Leads over the other sites, in full from {PREFERENCE:g} points on; {_CANDIDATES}",
            promethee,
            True,
        ),
        Variant(
            "pairwise",
            "Pairwise wins",
            f"How many others a site beats on most of the weight, however narrowly; {_CANDIDATES}",
            lambda grid: pairwise_wins(outranking(grid.values, grid.weights)),
            True,
        ),
    )
}
REFERENCE = "goalposts"


@dataclass(frozen=True, eq=False)
class Variants:
    """A ranking beside what other methods and other perspectives make of the same evidence.

    Attributes
    ----------
    ranking : Ranking
        The reference.
    missing : str
        How the methods treat what is missing: at worst, or left out.
    table : DataFrame
        One row a site, in the order of the ranking: site, name, one rank a variant (missing where it gives none),
        ``rank_best``, ``rank_worst`` and ``spread`` over all of them.
    summary : DataFrame
        One row a variant: what it is, how far ranks shift from the reference, who comes first, how many of the
        reference's first ten stay, and notes (sites at 0, why it is undefined, ...).
    scores : DataFrame
        Indexed by site; one score a variant, each in its own unit (compare within a column only).
    """

    ranking: Ranking
    missing: str
    _table: pd.DataFrame
    _summary: pd.DataFrame
    _scores: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a site: its rank under every variant, and their range."""
        return self._table.copy()

    @property
    def summary(self) -> pd.DataFrame:
        """One row a variant: how far it shifts ranks."""
        return self._summary.copy()

    @property
    def scores(self) -> pd.DataFrame:
        """One row a site: its score under every variant."""
        return self._scores.copy()

    def __repr__(self) -> str:
        return (
            f"{len(self._summary)} variants of the ranking for {self.ranking.cluster.title}. "
            "See .table, .summary, .scores."
        )


def mean_ranks(scores: ArrayLike) -> Floats:
    """Return ranks, 1 for the highest score; equal scores share the mean of their places.

    >>> mean_ranks([0.5, 0.9, 0.5, 0.1]).tolist()
    [2.5, 1.0, 2.5, 4.0]
    """
    first = competition_ranks(scores)
    last = len(first) + 1 - competition_ranks(-np.asarray(scores, dtype=float))
    return np.asarray((first + last) / 2)


def rank_shifts(first: pd.Series, other: pd.Series) -> pd.Series:
    r"""Return how far each site's rank moves between two sets of scores, over the sites that have both.

    .. math:: \left| r_i - r'_i \right|

    Both rankings are made anew over the common sites, so that a site which only one of them has moves nobody; equal
    scores share the mean of their places, so that a tie moves nobody for free. 0: same place; n - 1: from one end to
    the other. Its mean is the average rank shift.

    Parameters
    ----------
    first, other : Series
        Scores by site, more is better; NaN: none.

    Returns
    -------
    Series
        By site, in the order of ``first``.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005), Uncertainty and sensitivity analysis techniques as tools for the
    quality assessment of composite indicators, Journal of the Royal Statistical Society A 168(2), 307-323.

    Examples
    --------
    >>> rank_shifts(pd.Series({"a": 3.0, "b": 2.0, "c": 1.0}), pd.Series({"a": 1.0, "b": 1.0, "c": 0.0})).to_dict()
    {'a': 0.5, 'b': 0.5, 'c': 0.0}
    """
    joined = pd.DataFrame({"first": first, "other": other}).reindex(first.index).dropna()
    if joined.empty:
        return pd.Series(dtype=float)
    moved = np.abs(mean_ranks(joined["first"]) - mean_ranks(joined["other"]))
    return pd.Series(moved, index=joined.index)


def compare_variants(
    ranking: Ranking,
    perspectives: Sequence[Ranking] = (),
    variants: Sequence[str] | None = None,
    missing: str = "at worst",
) -> Variants:
    """Return a ranking beside other methods on the same points and weights, and beside other perspectives.

    Every method ranks the sites that the reference ranks; a perspective, those that it ranks itself. What is missing
    is taken at its worst in every method: no points where points come from goalposts, as in the ranking, the worst of
    the candidates for min-max and z-scores (which favours a site whose value would be lower still), below everybody
    where only the order counts. In the geometric and harmonic means a gap makes the score 0, and VIKOR looks at it
    first. ``missing="left out"`` compares only the sites that have a value for every criterion that carries weight
    (bounds are none).

    Parameters
    ----------
    ranking : Ranking
        The reference.
    perspectives : sequence of Ranking
        The same sites ranked under other perspectives of the cluster.
    variants : sequence of str, optional
        Ids of ``VARIANTS``; default all. The reference is always the first.
    missing : {"at worst", "left out"}

    Returns
    -------
    Variants
        A method that is undefined for these sites has missing ranks, and its note says why.

    Raises
    ------
    InputError
        If there is no such variant or way to treat missing values, if no site is ranked, or a perspective is of
        another cluster or other sites, or stands twice.

    Examples
    --------
    >>> import lipresearch as lip
    >>> compared = lip.compare_variants(lip.load_measures(), "health")
    >>> float(compared.summary.set_index("variant").loc["goalposts", "average_shift"])
    0.0
    """
    names = list(VARIANTS) if variants is None else [REFERENCE, *(name for name in variants if name != REFERENCE)]
    unknown = [name for name in names if name not in VARIANTS]
    if unknown or len(set(names)) != len(names):
        raise InputError(
            f"Name different variants out of: {', '.join(VARIANTS)}"
            + (f"; there is no {unknown[0]!r}." if unknown else ".")
        )
    if missing not in MISSING:
        raise InputError(f"What is missing is taken {MISSING[0]} or {MISSING[1]}, not {missing!r}.")
    _check_perspectives(ranking, perspectives)
    whole = grid_of(ranking)
    grid = whole.only_sites(whole.covered & (whole.complete if missing == "left out" else True))
    if not grid.sites:
        raise InputError(
            "No site is ranked, so there is nothing to compare."
            if missing == "at worst"
            else "No site has a value for every criterion, so none is left. Use missing='at worst'."
        )
    order = list(ranking.table["site"])
    columns: dict[str, pd.Series] = {}
    about: dict[str, tuple[str, str, str]] = {}
    for name in names:
        variant, note = VARIANTS[name], ""
        try:
            scores = variant.score(grid)
        except UndefinedError as error:
            scores, note = np.full(len(grid.sites), np.nan), f"undefined: {error}"
        if name in ("geometric", "harmonic"):
            note = _zeros(grid)
        columns[name] = pd.Series(scores, index=list(grid.sites)).reindex(order)
        about[name] = (variant.label, variant.about, note)
    for other in perspectives:
        name = f"perspective: {other.cluster.perspective}"
        scored = other.table.set_index("site")
        columns[name] = scored["score"].where(scored["status"] == "ranked").reindex(order)
        about[name] = (other.cluster.perspective_label, other.cluster.stance, "")
    scores_table = pd.DataFrame(columns, index=pd.Index(order, name="site"))
    table = _ranks_table(ranking, scores_table)
    return Variants(ranking, missing, table, _summary(table, scores_table, about), scores_table)


def _check_perspectives(ranking: Ranking, perspectives: Sequence[Ranking]) -> None:
    sites = set(ranking.table["site"])
    seen = {ranking.cluster.perspective}
    for other in perspectives:
        chosen = other.cluster
        if chosen.cluster != ranking.cluster.cluster or set(other.table["site"]) != sites:
            raise InputError(
                f"Perspective {chosen.perspective} of {chosen.cluster} is not a ranking of the same sites for "
                f"{ranking.cluster.cluster}."
            )
        if chosen.perspective in seen:
            raise InputError(f"Perspective {chosen.perspective} stands twice.")
        seen.add(chosen.perspective)


def _zeros(grid: Grid) -> str:
    """Return how many sites have a score of 0 because a criterion gives no points, and for want of evidence alone."""
    carries = grid.weights > 0
    empty = (grid.points == 0) & carries
    zero = empty.any(axis=1)
    gaps = zero & ~(empty & grid.known).any(axis=1)
    if not zero.any():
        return ""
    note = f"{zero.sum()} of {len(zero)} sites have a score of 0 and share the last rank"
    return note + (f", {gaps.sum()} of them only for want of a value" if gaps.any() else "")


def _ranks_table(ranking: Ranking, scores: pd.DataFrame) -> pd.DataFrame:
    names = ranking.table.set_index("site")["name"]
    table = pd.DataFrame({"site": scores.index, "name": names.reindex(scores.index).to_numpy()}, index=scores.index)
    for name, column in scores.items():
        known = column.dropna()
        ranks = pd.Series(competition_ranks(known), index=known.index) if len(known) else pd.Series(dtype=float)
        table[name] = ranks.reindex(scores.index).astype("Int64")
    ranks = table[list(scores.columns)]
    table["rank_best"], table["rank_worst"] = ranks.min(axis=1), ranks.max(axis=1)
    table["spread"] = table["rank_worst"] - table["rank_best"]
    return table.reset_index(drop=True)


def _summary(table: pd.DataFrame, scores: pd.DataFrame, about: Mapping[str, tuple[str, str, str]]) -> pd.DataFrame:
    names = table.set_index("site")["name"]
    ranks = table.set_index("site")
    top = set(ranks.index[(ranks[REFERENCE] <= 10).fillna(value=False)])
    rows = []
    for name, (label, what, note) in about.items():
        shifts = rank_shifts(scores[REFERENCE], scores[name])
        first = names[(ranks[name] == 1).fillna(value=False).to_numpy(dtype=bool)]
        mine = set(ranks.index[(ranks[name] <= 10).fillna(value=False)])
        rows.append(
            {
                "variant": name,
                "label": label,
                "about": what,
                "sites": len(shifts),
                "average_shift": float(shifts.mean()) if len(shifts) else math.nan,
                "largest_shift": float(shifts.max()) if len(shifts) else math.nan,
                "moved_most": "; ".join(names[shifts.index[shifts == shifts.max()]]) if shifts.max() > 0 else "",
                "first": "; ".join(first),
                "of_first_ten": len(top & mine) if len(shifts) else None,
                "note": note,
            }
        )
    frame = pd.DataFrame(rows)
    frame["of_first_ten"] = frame["of_first_ten"].astype("Int64")
    return frame

"""How much of the movement of the ranks each source of uncertainty explains."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch.errors import InputError
from lipresearch.ranking import Ranking, competition_ranks
from lipresearch.robustness.acceptability import BILLION, check_draws
from lipresearch.robustness.evidence import SOURCE_LABELS, SOURCES, Uncertainty
from lipresearch.robustness.grid import ranked_grid, same_grid
from lipresearch.robustness.kernel import chunk_generator, chunk_size, loops, rank_draws
from lipresearch.robustness.weighting import Weighting, WeightSampler

Floats = NDArray[np.float64]
Tensor = Floats  # (sites, criteria, draws)

#: Random streams of the second, independent set of draws.
SECOND = 1000
METHOD_STREAM = 500
#: Batches of draws from which the standard errors are taken.
BATCHES = 32
#: A variance of ranks below this is rounding: one draw in a hundred million that differs gives more.
STILL = 1e-20
LABELS = {"weights": "Weights", **SOURCE_LABELS, "method": "Method"}


def _arithmetic(points: Tensor, weights: Floats) -> Floats:
    total = np.zeros((points.shape[0], points.shape[2]))
    for criterion in range(points.shape[1]):
        total += points[:, criterion] * weights[criterion]
    return total


def _geometric(points: Tensor, weights: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(points)
        parts = np.where(weights > 0, weights * logs, 0.0)
        return np.asarray(np.exp(_added(parts)))


def _harmonic(points: Tensor, weights: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(weights > 0, weights / points, 0.0)
        return np.asarray(1.0 / _added(parts))


def _added(parts: Tensor) -> Floats:
    total = np.zeros((parts.shape[0], parts.shape[2]))
    for criterion in range(parts.shape[1]):
        total += parts[:, criterion]
    return total


def _min_max(points: Tensor, weights: Floats) -> Floats:
    low, high = points.min(axis=0), points.max(axis=0)
    apart = high - low > 1e-12
    return _arithmetic(np.where(apart, (points - low) / np.where(apart, high - low, 1.0), 0.0), weights)


def _z_score(points: Tensor, weights: Floats) -> Floats:
    spread = points.std(axis=0)
    scores = np.where(spread > 1e-12, (points - points.mean(axis=0)) / np.where(spread > 1e-12, spread, 1.0), 0.0)
    # A z-score lies between plus and minus the root of the number of sites; so these lie between 0 and 1.
    return np.asarray(_arithmetic(scores, weights) / (2 * np.sqrt(len(points))) + 0.5)


def _rank(points: Tensor, weights: Floats) -> Floats:
    points = np.round(points, 12)
    beaten = np.zeros(points.shape)
    for site in range(len(points)):
        equal = (points == points[site]).sum(axis=0) - 1
        beaten[site] = (points < points[site]).sum(axis=0) + 0.5 * equal
    return _arithmetic(beaten / max(1, len(points) - 1), weights)


#: Ways from points to scores between 0 and 1; with the last three a site's score depends on the other candidates.
METHODS: dict[str, Callable[[Tensor, Floats], Floats]] = {
    "arithmetic": _arithmetic,
    "geometric": _geometric,
    "harmonic": _harmonic,
    "min-max": _min_max,
    "z-score": _z_score,
    "rank": _rank,
}


@dataclass(frozen=True, eq=False)
class RankVariance:
    """How much of the movement of the ranks each source of uncertainty explains.

    Attributes
    ----------
    table : DataFrame
        One row a source: ``first_order`` (share of the variance of the average rank shift that would vanish if it were
        known), ``total`` (share that would remain if only it were unknown; more than first_order where it acts
        together with others), both 0 to 1 up to their standard errors (``..._error``), missing where nothing moves;
        and ``alone``: by how many ranks a site moves on average, from where the first method puts it under the stated
        weights, if only this source varies.
    by_site : DataFrame
        One row a site and source: ``first_order`` and ``total`` for the site's own rank, ``variance`` of that rank.
    variance, mean_shift : float
        Variance and mean of the average rank shift over the draws, all sources together.
    draws, seed : int
    methods : tuple of str
    """

    variance: float
    mean_shift: float
    draws: int
    seed: int
    methods: tuple[str, ...]
    weighting: str
    _table: pd.DataFrame
    _by_site: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a source of uncertainty."""
        return self._table.copy()

    @property
    def by_site(self) -> pd.DataFrame:
        """One row a site and source."""
        return self._by_site.copy()

    def __repr__(self) -> str:
        return (
            f"Rank variance by source: a site moves by {self.mean_shift:.1f} ranks on average over {self.draws:,} "
            f"draws ({self.weighting}; methods: {', '.join(self.methods)}). See .table, .by_site."
        )


def explain_rank_variance(
    ranking: Ranking,
    uncertainty: Uncertainty,
    weighting: Weighting | None = None,
    *,
    methods: Sequence[str] = ("arithmetic", "geometric", "min-max"),
    draws: int = 8192,
    seed: int = 2010,
) -> RankVariance:
    r"""Return how much of the rank variance weights, data, missing values and method each explain (Sobol' indices).

    The result explained is the average shift from the stated ranks,

    .. math:: R = \frac{1}{n} \sum_i |\mathrm{rank}_i - \mathrm{rank}_i^{\mathrm{stated}}|

    With two independent sets of draws A and B, and A with source k taken from B,

    .. math:: S_k = \frac{\overline{f_B (f_{A_B^k} - f_A)}}{V}, \quad T_k = \frac{\overline{(f_A - f_{A_B^k})^2}}{2 V}

    Parameters
    ----------
    ranking : Ranking
    uncertainty : Uncertainty
        Sources switched on are explained one by one.
    weighting : Weighting, optional
        Default: all weightings over the factors, then within them.
    methods : sequence of str
        Ways to the score, all equally likely: arithmetic, geometric (a site with 0 points on a criterion that weighs
        anything scores 0), harmonic (the same), and the arithmetic mean of points brought to min-max, z-score or rank
        among the sites of that draw (equal ones counting half). The first is the reference of ``alone``. Naming one
        twice makes it likelier.
    draws : int
        Draws of each of the sets; there are two more sets than sources.
    seed : int

    Returns
    -------
    RankVariance
        ``table``: one row a source, with its share on its own and with others, and their standard errors.

    Raises
    ------
    InputError
        If a method is not known, the uncertainty is that of another ranking, or there are fewer than 64 draws.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, pp. 117-131 (average shift in rank, variance-based
    sensitivity). Saltelli and others (2010), Variance based sensitivity analysis of model output, Computer Physics
    Communications 181, pp. 259-270 (both estimators; the second is Jansen's).

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> moved = lip.explain_rank_variance(ranking, lip.data_uncertainty(ranking), draws=64)
    >>> moved.table.index.tolist()
    ['weights', 'rounding', 'sampling', 'model', 'missing', 'method']
    """
    check_draws(draws, seed)
    if draws < 2 * BATCHES:
        raise InputError(f"At least {2 * BATCHES} draws are needed for a standard error, not {draws}.")
    unknown = [method for method in methods if method not in METHODS]
    if unknown or not methods:
        raise InputError(f"Methods are {', '.join(METHODS)}, at least one, not {', '.join(methods) or 'none'}.")
    grid = ranked_grid(ranking)
    if not same_grid(uncertainty.grid, grid):
        raise InputError("The uncertainty is that of another ranking; make it with data_uncertainty for this one.")
    chosen = Weighting() if weighting is None else weighting
    sampler = WeightSampler(chosen, grid.criteria, grid.factors, grid.weights, seed)
    sources = ("weights", *uncertainty.sources, "method")
    central = grid.points[:, :, None], grid.weights[:, None]
    stated = competition_ranks(_arithmetic(*central)[:, 0])
    alone = competition_ranks(np.clip(METHODS[methods[0]](*central)[:, 0], 0.0, 1.0))
    rows, columns = uncertainty.cells()
    base = uncertainty.fixed_points()

    def ranks_of(taken: set[str], chunk: int, size: int, only: str | None = None) -> Floats:
        """Return ranks (sites, draws), the sources named taken from the second set; ``only`` lets one source vary."""
        weights = (
            sampler.draw(chunk, size, SECOND if "weights" in taken else 0)
            if only in (None, "weights")
            else np.repeat(grid.weights[:, None], size, axis=1)
        )
        varied = uncertainty if only is None else uncertainty.only([only] if only in SOURCES else [])
        points = np.repeat(base[:, :, None], size, axis=2)
        if len(uncertainty):
            streams = {name: SECOND + 1 + place for place, name in enumerate(SOURCES) if name in taken}
            points[rows, columns] = varied.draw(seed, chunk, size, streams)
        stream = METHOD_STREAM + (SECOND if "method" in taken else 0)
        drawn = chunk_generator(seed, stream, chunk).integers(len(methods), size=size)
        if only not in (None, "method"):
            drawn[:] = 0
        scores = np.empty((len(grid.sites), size), np.int32)
        for place, method in enumerate(methods):
            mine = drawn == place
            if mine.any():
                made = METHODS[method](np.ascontiguousarray(points[:, :, mine]), weights[:, mine])
                scores[:, mine] = np.rint(np.clip(made, 0.0, 1.0) * BILLION).astype(np.int32)
        ranks = np.empty(scores.shape, np.int16)
        rank_draws(scores, ranks, loops())
        return ranks.astype(np.float64) + 1.0

    unit = chunk_size(len(grid.sites))
    chunks = [(place // unit, min(unit, draws - place)) for place in range(0, draws, unit)]

    def gather(taken: set[str], only: str | None = None) -> Floats:
        """Return the average shift (first row) and every site's rank (the others) over all draws."""
        ranks = np.hstack([ranks_of(taken, chunk, size, only) for chunk, size in chunks])
        start = stated if only is None else alone
        return np.vstack([np.abs(ranks - start[:, None]).mean(axis=0), ranks])

    first, second = gather(set()), gather(set(sources))
    both = np.hstack([first, second])
    middle, variance = both.mean(axis=1, keepdims=True), both.var(axis=1)
    variance[variance < STILL] = 0.0
    batches = np.array_split(np.arange(draws), BATCHES)
    table, by_site = [], []
    for source in sources:
        mixed = gather({source})
        parts = {
            "first_order": (second - middle) * (mixed - first),
            "total": (first - mixed) ** 2 / 2,
        }
        row: dict[str, object] = {"source": source, "label": LABELS[source]}
        indices = {}
        for name, part in parts.items():
            with np.errstate(invalid="ignore", divide="ignore"):
                indices[name] = np.where(variance > 0, part.mean(axis=1) / variance, np.nan)
                means = np.array([part[0, batch].mean() for batch in batches])
                error = np.where(variance[0] > 0, means.std(ddof=1) / np.sqrt(BATCHES) / variance[0], np.nan)
            row[name], row[f"{name}_error"] = indices[name][0], float(error)
        row["alone"] = float(gather(set(), source)[0].mean())
        table.append(row)
        by_site += [
            {
                "site": site,
                "name": name,
                "source": source,
                "label": LABELS[source],
                "first_order": indices["first_order"][place + 1],
                "total": indices["total"][place + 1],
                "variance": variance[place + 1],
            }
            for place, (site, name) in enumerate(zip(grid.sites, grid.names, strict=True))
        ]
    return RankVariance(
        variance=float(variance[0]),
        mean_shift=float(first[0].mean()),
        draws=draws,
        seed=seed,
        methods=tuple(methods),
        weighting=chosen.text,
        _table=pd.DataFrame(table).set_index("source"),
        _by_site=pd.DataFrame(by_site).sort_values(["site", "source"], ignore_index=True),
    )

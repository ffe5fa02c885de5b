"""How often each site takes each rank when weights and evidence vary (SMAA-2)."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lipresearch.errors import InputError
from lipresearch.ranking import Ranking, competition_ranks
from lipresearch.robustness.evidence import SOURCE_LABELS, Uncertainty
from lipresearch.robustness.grid import Grid, is_whole, numbers, ranked_grid, same_grid
from lipresearch.robustness.kernel import Counts, Draw, chunk_size, count_ranks, default_workers, first_pair
from lipresearch.robustness.weighting import Weighting, WeightSampler

Floats = NDArray[np.float64]

#: Scores are compared in whole billionths, as everywhere.
BILLION = 1e9
#: How ranks are weighed for the holistic acceptability: from 1 for the first to 0 for the last.
META = ("centroid", "inverse", "linear")
#: Chunks between two looks at the stopping rule.
CHUNKS_A_LOOK = 8
MOST_DRAWS = 100_000_000


@dataclass(frozen=True, eq=False)
class RankAcceptability:
    """How often each site takes each rank, with the Monte-Carlo standard error of every figure.

    Attributes
    ----------
    table : DataFrame
        One row a site, in the order of the ranking: ``rank`` (under the stated weights), ``expected_rank``,
        ``rank_low`` and ``rank_high`` (between which it lies in 90 % of the draws), ``first`` (how often first),
        ``top`` (how often among the first k), ``confidence``, ``holistic``, ``standard_error`` (the largest of its
        acceptabilities).
    acceptability, standard_errors : DataFrame, sites x ranks
        Share of the draws in which the site has the rank, 0 (never) to 1 (always); rows add to 1.
    pairwise : DataFrame, sites x sites
        Share of the draws in which the row's site lies above the column's; what is missing to 1 with its mirror is
        how often they tie.
    central_weights : DataFrame, sites x criteria
        Mean of the weights under which the site comes first: who prefers it? Missing where it never does.
    weighting, evidence : str
        What was varied, in words.
    draws, seed, top : int
    accepted : float
        Share of candidate weightings that met the restrictions; 1 without restrictions.
    tolerance : float or None
        The largest standard error asked for.
    converged : bool
        Whether every standard error is within the tolerance.
    supplied : float
        Share of the values used that a user supplied, as ``Ranking.supplied``.
    """

    sites: tuple[str, ...]
    names: tuple[str, ...]
    criteria: tuple[str, ...]
    weighting: str
    evidence: str
    draws: int
    seed: int | None
    top: int
    accepted: float
    tolerance: float | None
    _counts: Counts
    _order: tuple[int, ...]
    _ranks: NDArray[np.int64]
    _confidence: Floats
    _meta: Floats
    supplied: float = 0.0

    def _shares(self) -> Floats:
        return np.asarray(self._counts.ranks / float(self.draws))

    def _by_site(self, values: Floats, columns: Sequence[Any]) -> pd.DataFrame:
        rows = list(self._order)
        index = pd.Index([self.sites[row] for row in rows], name="site")
        return pd.DataFrame(values[rows], index=index, columns=list(columns))

    @property
    def acceptability(self) -> pd.DataFrame:
        """Share of the draws in which the site (row) has the rank (column)."""
        return self._by_site(self._shares(), range(1, len(self.sites) + 1))

    @property
    def standard_errors(self) -> pd.DataFrame:
        """Monte-Carlo standard error of each acceptability."""
        return self._by_site(_error(self._shares(), self.draws), range(1, len(self.sites) + 1))

    @property
    def pairwise(self) -> pd.DataFrame:
        """Share of the draws in which the row's site lies above the column's."""
        count, won, tied = len(self.sites), self._counts.won, self._counts.tied_table()
        table = np.zeros((count, count))
        for site in range(count - 1):
            pairs = slice(first_pair(site, count), first_pair(site + 1, count))
            table[site, site + 1 :] = won[pairs]
            table[site + 1 :, site] = self.draws - won[pairs].astype(float) - tied[pairs]
        rows = list(self._order)
        return self._by_site(table[:, rows] / self.draws, [self.sites[row] for row in rows])

    @property
    def central_weights(self) -> pd.DataFrame:
        """Mean weights under which the site comes first; missing where it never does."""
        return self._by_site(self._central(), self.criteria)

    @property
    def central_weight_errors(self) -> pd.DataFrame:
        """Standard error of each central weight; missing where the site comes first in fewer than two draws."""
        firsts = self._counts.ranks[:, :1].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            variance = self._counts.squares / firsts - (self._counts.central / firsts) ** 2
            error = np.sqrt(np.maximum(variance, 0.0) / (firsts - 1))
        return self._by_site(np.where(firsts > 1, error, np.nan), self.criteria)

    def _central(self) -> Floats:
        firsts = self._counts.ranks[:, :1].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.where(firsts > 0, self._counts.central / firsts, np.nan))

    @property
    def table(self) -> pd.DataFrame:
        """One row a site."""
        shares = self._shares()
        ranks = np.arange(1, len(self.sites) + 1)
        running = shares.cumsum(axis=1)
        table = pd.DataFrame(
            {
                "rank": self._ranks,
                "name": self.names,
                "expected_rank": (shares * ranks).sum(axis=1),
                "rank_low": 1 + (running < 0.05 - 1e-12).sum(axis=1),
                "rank_high": 1 + (running < 0.95 - 1e-12).sum(axis=1),
                "first": shares[:, 0],
                "top": running[:, self.top - 1],
                "confidence": self._confidence,
                "holistic": (shares * self._meta).sum(axis=1),
                "standard_error": _error(shares, self.draws).max(axis=1),
            },
            index=pd.Index(self.sites, name="site"),
        )
        return table.iloc[list(self._order)]

    @property
    def table_errors(self) -> pd.DataFrame:
        """Monte-Carlo standard errors of the figures of ``table``."""
        shares = self._shares()
        ranks = np.arange(1, len(self.sites) + 1, dtype=float)

        def of_mean(values: Floats) -> Floats:
            mean = (shares * values).sum(axis=1, keepdims=True)
            return np.asarray(np.sqrt((shares * (values - mean) ** 2).sum(axis=1) / self.draws))

        table = pd.DataFrame(
            {
                "expected_rank": of_mean(ranks),
                "first": _error(shares[:, 0], self.draws),
                "top": _error(shares[:, : self.top].sum(axis=1), self.draws),
                "confidence": _error(self._confidence, self.draws),
                "holistic": of_mean(self._meta),
            },
            index=pd.Index(self.sites, name="site"),
        )
        return table.iloc[list(self._order)]

    @property
    def largest_error(self) -> float:
        """The largest standard error of an acceptability."""
        return float(_error(self._shares(), self.draws).max())

    @property
    def converged(self) -> bool:
        """Whether every standard error is within the tolerance; true where none was asked for."""
        return self.tolerance is None or self.largest_error <= self.tolerance

    def __repr__(self) -> str:
        met = "met" if self.converged else "not met"
        wanted = "" if self.tolerance is None else f" (tolerance {self.tolerance:g}, {met})"
        return (
            f"Rank acceptability of {len(self.sites)} site{'' if len(self.sites) == 1 else 's'} over {self.draws:,} "
            f"draw{'' if self.draws == 1 else 's'}: {self.weighting}; "
            f"{self.evidence}. Largest standard error {self.largest_error:.4f}{wanted}. "
            "See .table, .acceptability, .pairwise, .central_weights."
        )


def _error(shares: Any, draws: int) -> Any:
    return np.sqrt(np.clip(shares * (1 - shares), 0.0, None) / draws)


def meta_weights(sites: int, kind: str = "centroid") -> Floats:
    r"""Return how much each rank counts in the holistic acceptability: 1 for the first, less for each later one.

    ``centroid``: :math:`\sum_{i=r}^{n-1} \frac{1}{i} \, / \, \sum_{i=1}^{n-1} \frac{1}{i}`; ``inverse``: 1/r;
    ``linear``: (n - r) / (n - 1). With one site: 1.

    Raises
    ------
    InputError
        If the kind is not known.

    References
    ----------
    Lahdelma and Salminen (2001), SMAA-2: stochastic multicriteria acceptability analysis for group decision making,
    Operations Research 49, pp. 444-454 (holistic evaluation of rank acceptabilities).

    Examples
    --------
    >>> meta_weights(3, "linear").tolist(), meta_weights(3).round(2).tolist()
    ([1.0, 0.5, 0.0], [1.0, 0.33, 0.0])
    """
    if kind not in META:
        raise InputError(f"Ranks are weighed as {', '.join(META)}, not {kind!r}.")
    ranks = np.arange(1, sites + 1, dtype=float)
    if sites == 1 or kind == "inverse":
        return np.asarray(1 / ranks)
    if kind == "linear":
        return np.asarray((sites - ranks) / (sites - 1))
    tails = np.r_[np.cumsum(1 / ranks[:-1][::-1])[::-1], 0.0]
    return np.asarray(tails / tails[0])


def check_draws(draws: int, seed: int) -> None:
    """Raise ``InputError`` unless the draws and the seed can be used."""
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or not 1 <= draws <= MOST_DRAWS:
        raise InputError(f"The number of draws is a whole number from 1 to {MOST_DRAWS:,}, not {draws}.")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"A seed is a whole number from 0 up, not {seed!r}.")


def rank_acceptability(
    ranking: Ranking,
    weighting: Weighting | None = None,
    uncertainty: Uncertainty | None = None,
    *,
    draws: int = 100_000,
    seed: int = 2010,
    top: int = 6,
    tolerance: float | None = None,
    meta: str = "centroid",
    workers: int | None = None,
) -> RankAcceptability:
    r"""Return how often each ranked site takes each rank over admissible weightings, and over what the evidence allows.

    .. math:: b_i^r = P(\mathrm{rank}_i = r), \quad c_{ij} = P(s_i > s_j), \quad
        w_i^c = E(w \mid \mathrm{rank}_i = 1), \quad a_i^h = \sum_r \alpha_r b_i^r

    Ranks are those of ``rank_sites``: equal scores (to 9 decimals) share the better rank. The confidence factor is
    how often a site comes first under its own central weights when only the evidence varies (1 or 0 where it does
    not). Unranked sites take no part.

    Parameters
    ----------
    ranking : Ranking
    weighting : Weighting, optional
        Admissible weightings; default: all over the factors, then within each factor over its criteria.
    uncertainty : Uncertainty, optional
        How far the evidence may be off, as ``data_uncertainty`` returns it; default: not at all, and a criterion
        without a value adds nothing.
    draws : int
        How many, at most.
    seed : int
        The same seed gives the same result on any number of threads.
    top : int
        The k of the column ``top``.
    tolerance : float, optional
        Stop as soon as no acceptability has a Monte-Carlo standard error above it, sqrt(b (1 - b) / draws).
    meta : {"centroid", "inverse", "linear"}
        See ``meta_weights``.
    workers : int, optional
        Threads; default: as many as the machine has cores.

    Returns
    -------
    RankAcceptability

    Raises
    ------
    InputError
        If no site is ranked, the uncertainty is that of another ranking, or an argument cannot be used.

    References
    ----------
    Lahdelma and Salminen (2001), SMAA-2: stochastic multicriteria acceptability analysis for group decision making,
    Operations Research 49, pp. 444-454. Pairwise winning index: Leskinen, Viitanen, Kangas and Kangas (2006),
    Alternatives to incorporate uncertainty and risk attitude in multicriteria evaluation of forest plans, Forest
    Science 52, pp. 304-312.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> often = lip.rank_acceptability(ranking, draws=2000, seed=2010)
    >>> bool((often.acceptability.sum(axis=1).round(9) == 1).all())
    True
    """
    check_draws(draws, seed)
    grid = ranked_grid(ranking)
    if uncertainty is not None and not same_grid(uncertainty.grid, grid):
        raise InputError("The uncertainty is that of another ranking; make it with data_uncertainty for this one.")
    count, criteria = grid.points.shape
    if not is_whole(top, 1) or top > count:
        top_wanted = f"The first {top} were asked for" if top != 6 else "The first 6 are asked for by default"
        raise InputError(f"{top_wanted}, but {count} sites are ranked: choose top from 1 to {count}.")
    chosen = Weighting() if weighting is None else weighting
    sampler = WeightSampler(chosen, grid.criteria, grid.factors, grid.weights, seed)
    counts = Counts(count, criteria, draws)
    threads = _threads(workers)
    done = _count(_scorer(grid, sampler, uncertainty, counts, seed), counts, draws, tolerance, threads)
    evidence = "evidence as it stands"
    if uncertainty is not None:
        named = [SOURCE_LABELS[name][0].lower() + SOURCE_LABELS[name][1:] for name in uncertainty.sources]
        evidence = f"evidence varied: {', '.join(named)}" if named else evidence
    stated = ranking.ranked.set_index("site")["rank"].reindex(list(grid.sites)).to_numpy(dtype=np.int64)
    shown = {site: place for place, site in enumerate(ranking.table["site"])}
    result = RankAcceptability(
        sites=grid.sites,
        names=grid.names,
        criteria=grid.criteria,
        weighting=chosen.text,
        evidence=evidence,
        draws=done,
        seed=seed,
        top=top,
        accepted=sampler.accepted,
        tolerance=tolerance,
        _counts=counts,
        _order=tuple(sorted(range(count), key=lambda place: shown[grid.sites[place]])),
        _ranks=stated,
        _confidence=np.full(count, np.nan),
        _meta=meta_weights(count, meta),
        supplied=ranking.supplied,
    )
    result._confidence[:] = _confidence(grid, result._central(), uncertainty, counts, done, seed, threads)
    return result


def _threads(workers: int | None) -> int:
    if workers is None:
        return default_workers()
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise InputError(f"The number of threads is a whole number from 1 up, not {workers!r}.")
    return workers


def _scorer(grid: Grid, sampler: WeightSampler, uncertainty: Uncertainty | None, counts: Counts, seed: int) -> Draw:
    """Return the function that draws weights and scores of a chunk."""
    if uncertainty is None or not len(uncertainty):

        def draw(chunk: int, size: int) -> tuple[Floats, NDArray[np.int32]]:
            weights = sampler.draw(chunk, size)
            scores = np.empty((len(grid.sites), size), np.int32)
            counts.loops.site_scores(grid.points, weights, scores)
            return weights, scores

        return draw
    rows, columns = uncertainty.cells()
    points = uncertainty.fixed_points()
    first = np.searchsorted(rows, np.arange(len(grid.sites) + 1))

    def draw_both(chunk: int, size: int) -> tuple[Floats, NDArray[np.int32]]:
        weights = sampler.draw(chunk, size)
        scores = np.empty((len(grid.sites), size), np.int32)
        counts.loops.drawn_scores(points, weights, first, columns, uncertainty.draw(seed, chunk, size), scores)
        return weights, scores

    return draw_both


def _count(draw: Draw, counts: Counts, draws: int, tolerance: float | None, workers: int) -> int:
    """Count until the stopping rule is met; return the number of draws."""
    if tolerance is None:
        count_ranks(draw, counts, 0, draws, workers)
        return draws
    if not isinstance(tolerance, int | float | np.number) or not 0 < tolerance < 1:
        raise InputError(f"A tolerance is a standard error between 0 and 1, not {tolerance!r}.")
    unit = chunk_size(len(counts.central))
    step = CHUNKS_A_LOOK * unit
    while counts.draws < draws:
        size = min(step, draws - counts.draws)
        count_ranks(draw, counts, counts.draws // unit, size, workers)
        if _error(counts.ranks / counts.draws, counts.draws).max() <= tolerance:
            break
    return counts.draws


#: Scores nearer than this are compared draw by draw: far more than a sum over criteria can be off by rounding.
REACH = 1e-6


def _confidence(
    grid: Grid,
    central: Floats,
    uncertainty: Uncertainty | None,
    counts: Counts,
    draws: int,
    seed: int,
    workers: int,
) -> Floats:
    """Return how often each site comes first under its own central weights; missing where it never came first."""
    able = np.flatnonzero(~np.isnan(central[:, 0]))
    found = np.full(len(central), np.nan)
    varied = uncertainty if uncertainty is not None and uncertainty.sources and len(uncertainty) else None
    unit = chunk_size(len(central))
    every = [(place // unit, min(unit, draws - place)) for place in range(0, draws, unit)]
    chunks = [(0, 1)] if varied is None else every
    rows, columns = (np.empty(0, np.int64),) * 2 if varied is None else varied.cells()
    points = grid.points if varied is None else varied.fixed_points()
    first = np.searchsorted(rows, np.arange(len(grid.sites) + 1))

    def wins(chunk: int, size: int) -> NDArray[np.int64]:
        drawn = np.empty((0, size)) if varied is None else varied.draw(seed, chunk, size)
        won = np.zeros(len(able), np.int64)
        # Only sites whose best draws reach a site's worst one can stand before it; the others need no score.
        worst, best = points.copy(), points.copy()
        if len(rows):
            worst[rows, columns] += drawn.min(axis=1)
            best[rows, columns] += drawn.max(axis=1)
        for place, site in enumerate(able):
            near = np.flatnonzero(best @ central[site] >= worst[site] @ central[site] - REACH)
            cells = np.concatenate([np.arange(first[one], first[one + 1]) for one in near])
            begins = np.r_[0, np.cumsum(first[near + 1] - first[near])]
            weights = np.repeat(central[site][:, None], size, axis=1)
            scores = np.empty((len(near), size), np.int32)
            counts.loops.drawn_scores(points[near], weights, begins, columns[cells], drawn[cells], scores)
            won[place] = counts.loops.firsts(scores, int(np.searchsorted(near, site)))
        return won

    with ThreadPoolExecutor(workers) as pool:
        total = sum(pool.map(wins, *zip(*chunks, strict=True)), np.zeros(len(able), np.int64))
    found[able] = total / sum(size for _, size in chunks)
    return found


@dataclass(frozen=True, eq=False)
class ScoreDraws:
    """Scores of the ranked sites in every draw of weights and evidence.

    Attributes
    ----------
    sites, names : tuple of str, length n
    scores : ndarray, shape (draws, n)
        0 to 1, to 9 decimals.
    weighting : str
    seed : int
    """

    sites: tuple[str, ...]
    names: tuple[str, ...]
    weighting: str
    seed: int
    _scores: Floats

    @property
    def scores(self) -> Floats:
        """Scores, one row a draw."""
        return self._scores.copy()


def sample_scores(
    ranking: Ranking,
    weighting: Weighting | None = None,
    uncertainty: Uncertainty | None = None,
    *,
    draws: int = 2000,
    seed: int = 2010,
) -> ScoreDraws:
    """Return the scores of the ranked sites under drawn weights and evidence, as ``rank_acceptability`` draws them.

    Parameters
    ----------
    ranking, weighting, uncertainty, seed
        As for ``rank_acceptability``.
    draws : int
        All are held in memory.

    Returns
    -------
    ScoreDraws
        ``scores`` of shape (draws, sites), 0 to 1, sites in the order of ``sites``.

    Raises
    ------
    InputError
        As ``rank_acceptability``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> ranking = lip.rank_sites(lip.load_measures(), lip.load_cluster("health"))
    >>> lip.sample_scores(ranking, draws=10).scores.shape[0]
    10
    """
    check_draws(draws, seed)
    grid = ranked_grid(ranking)
    if uncertainty is not None and not same_grid(uncertainty.grid, grid):
        raise InputError("The uncertainty is that of another ranking; make it with data_uncertainty for this one.")
    chosen = Weighting() if weighting is None else weighting
    sampler = WeightSampler(chosen, grid.criteria, grid.factors, grid.weights, seed)
    draw = _scorer(grid, sampler, uncertainty, Counts(len(grid.sites), len(grid.criteria), 1), seed)
    unit = chunk_size(len(grid.sites))
    parts = [draw(place // unit, min(unit, draws - place))[1] for place in range(0, draws, unit)]
    scores = np.hstack(parts).T / BILLION
    return ScoreDraws(grid.sites, grid.names, chosen.text, seed, np.ascontiguousarray(scores))


def acceptability_of_samples(
    points: ArrayLike,
    weights: ArrayLike,
    sites: Sequence[str],
    criteria: Sequence[str],
    *,
    top: int = 1,
    meta: str = "centroid",
    workers: int | None = None,
) -> RankAcceptability:
    """Return rank acceptability of draws that were made elsewhere.

    Parameters
    ----------
    points : array_like, shape (draws, n, m)
        Points of n sites on m criteria in each draw, in any unit that all criteria share: weights add to 1, so
        another zero or unit changes no rank.
    weights : array_like, shape (draws, m)
        0 or more; each row adds to 1.
    sites, criteria : sequence of str
    top, meta, workers
        As for ``rank_acceptability``.

    Returns
    -------
    RankAcceptability
        ``rank`` is the rank under the mean points and the mean weights.

    Raises
    ------
    InputError
        If the shapes do not agree, a point is missing or infinite, or weights are negative or do not add to 1.
    """
    values, weight = numbers(points, "Points"), numbers(weights, "Weights")
    if values.ndim != 3 or weight.ndim != 2 or values.shape != (len(weight), len(sites), len(criteria)):
        raise InputError(
            f"Points of {len(sites)} sites on {len(criteria)} criteria need the shape (draws, {len(sites)}, "
            f"{len(criteria)}) and weights (draws, {len(criteria)}), not {values.shape} and {weight.shape}."
        )
    if weight.shape[1] != len(criteria) or not len(weight):
        raise InputError(f"Weights need the shape (draws, {len(criteria)}) with at least one draw, not {weight.shape}.")
    if len(set(sites)) != len(sites) or len(set(criteria)) != len(criteria):
        raise InputError("Each site and each criterion is named once.")
    if not np.isfinite(values).all():
        raise InputError("A point is missing or infinite.")
    if not (weight >= 0).all() or not (np.abs(weight.sum(axis=1) - 1) <= 1e-9).all():
        raise InputError("The weights of each draw are 0 or more and add to 1.")
    if not is_whole(top, 1) or top > len(sites):
        raise InputError(f"Choose top from 1 to {len(sites)}, not {top}.")
    low, high = values.min(), values.max()
    if low < 0 or high > 1:
        values = (values - low) / (high - low if high > low else 1.0)
    counts = Counts(len(sites), len(criteria), len(weight))
    unit = chunk_size(len(sites))

    def scores(weighted: Floats) -> NDArray[np.int32]:
        total = np.zeros(values.shape[:2])
        for criterion in range(len(criteria)):
            total += values[:, :, criterion] * weighted[:, criterion, None]
        return np.rint(total * BILLION).astype(np.int32)

    drawn = scores(weight)

    def draw(chunk: int, size: int) -> tuple[Floats, NDArray[np.int32]]:
        rows = slice(chunk * unit, chunk * unit + size)
        return np.ascontiguousarray(weight[rows].T), np.ascontiguousarray(drawn[rows].T)

    count_ranks(draw, counts, 0, len(weight), _threads(workers))
    means = competition_ranks((values.mean(axis=0) * weight.mean(axis=0)).sum(axis=1))
    order = sorted(range(len(sites)), key=lambda place: (means[place], sites[place]))
    result = RankAcceptability(
        sites=tuple(sites),
        names=tuple(sites),
        criteria=tuple(criteria),
        weighting="weights drawn elsewhere",
        evidence="points drawn elsewhere",
        draws=len(weight),
        seed=None,
        top=top,
        accepted=1.0,
        tolerance=None,
        _counts=counts,
        _order=tuple(order),
        _ranks=means,
        _confidence=np.full(len(sites), np.nan),
        _meta=meta_weights(len(sites), meta),
    )
    central = result._central()
    for place in np.flatnonzero(~np.isnan(central[:, 0])):
        own = scores(np.broadcast_to(central[place], weight.shape))
        result._confidence[place] = (own[:, place] >= own.max(axis=1)).mean()
    return result


def ranking_entropy(ranks: ArrayLike) -> float:
    r"""Return the entropy of the whole ranking over draws, in bits.

    .. math:: -\sum_\pi p_\pi \log_2 p_\pi

    0: the ranking is the same in every draw; at most log2 of the number of draws, which is also what comes out when
    every draw gives another ranking, so it needs many more draws than there are rankings.

    Parameters
    ----------
    ranks : array_like, shape (draws, n)
        One ranking a row.

    Raises
    ------
    InputError
        If there is no draw, or a rank is missing.

    References
    ----------
    van Valkenhoef and Tervonen (2016), Entropy-optimal weight constraint elicitation with additive multi-attribute
    utility models, Omega 64, pp. 1-12.

    Examples
    --------
    >>> ranking_entropy([[1, 2], [2, 1]])
    1.0
    """
    rows = numbers(ranks, "Ranks")
    if rows.ndim != 2 or not rows.size or not np.isfinite(rows).all():
        raise InputError("Rankings need one row a draw, and at least one, without a gap.")
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    shares = counts / counts.sum()
    return float(-(shares * np.log2(shares)).sum() + 0.0)

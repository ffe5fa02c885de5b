"""Synthetic purposive sampling: the sites from which all others can be made up best, with a proof."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch.comparison.covariates import (
    Covariates,
    check_complete,
    check_number,
    check_seed,
    check_sites,
    quantile,
    standardised,
)
from lipresearch.errors import InputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Sets whose objectives agree to this share are equal.
TIE = 1e-9


@dataclass(frozen=True)
class CountRule:
    """How many of some sites a set may hold.

    Parameters
    ----------
    label : str
        The rule in words, for messages and tables.
    members : tuple of str
        The sites that count.
    minimum, maximum : int, optional
        Fewest and most of them in the set.
    """

    label: str
    members: tuple[str, ...]
    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        check_number(self.minimum, f"{self.label}: the minimum", 0, whole=True)
        if self.maximum is not None:
            check_number(self.maximum, f"{self.label}: the maximum", self.minimum, whole=True)


def count_rule(
    covariates: Covariates,
    measure: str,
    *,
    low: float | None = None,
    high: float | None = None,
    minimum: int = 0,
    maximum: int | None = None,
    quantiles: bool = False,
) -> CountRule:
    """Return the rule that a set holds so many sites whose measure lies in a range.

    Parameters
    ----------
    covariates : Covariates
    measure : str
    low, high : float, optional
        Ends of the range, both included, in the measure's unit; with ``quantiles`` shares from 0 to 1 of the sites
        that have a value (type 7 of Hyndman and Fan). At least one of them.
    minimum, maximum : int, optional
        Fewest and most sites of the range in the set. A site without a value never counts.
    quantiles : bool

    Raises
    ------
    InputError
        If the measure is unknown, no end is given, or ``low`` is above ``high``.

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> sites = from_frame(pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0]}, index=list("abcd")))
    >>> count_rule(sites, "size", low=0.5, quantiles=True, minimum=1).members
    ('c', 'd')
    """
    if measure not in covariates.measures:
        raise InputError(f"There is no measure {measure!r} among {', '.join(covariates.measures)}.")
    if low is None and high is None:
        raise InputError(f"Say from which value or up to which value of {measure} sites count (low, high).")
    values = covariates.values[measure]
    for end in (low, high):
        if end is not None:
            check_number(end, f"An end of the range of {measure}", -np.inf)
    ends = [
        None if end is None else quantile(values.to_numpy(), end) if quantiles else float(end) for end in (low, high)
    ]
    least = -math.inf if ends[0] is None else ends[0]
    most = math.inf if ends[1] is None else ends[1]
    if not least <= most:
        raise InputError(f"The range of {measure} begins at {least:g}, above its end {most:g}.")
    inside = values[(values >= least) & (values <= most)]
    text = covariates.labels[measure]
    text += f" from {least:g}" if low is not None else ""
    text += f" up to {most:g}" if high is not None else ""
    return CountRule(text, tuple(inside.index), minimum, maximum)


@dataclass(frozen=True, eq=False)
class SyntheticSample:
    """A set of sites from which the others can be made up, as weighted means, best.

    Attributes
    ----------
    sites : tuple of str
        The chosen sites.
    objective : float
        Mean over the other sites of how badly the best weighted mean of the chosen ones stands for them; 0: exactly,
        by sites that are like them. Lower is better.
    bound : float
        No set that keeps the rules has an objective below this.
    proven : bool
        Whether no other set is better.
    """

    sites: tuple[str, ...]
    objective: float
    bound: float
    proven: bool
    covariates: Covariates
    _points: pd.DataFrame
    _weights: pd.DataFrame
    _best: pd.DataFrame
    _left_out: pd.DataFrame

    @property
    def gap(self) -> float:
        """How much lower, as a share of the objective, another set could be at most; 0 when proven."""
        return 0.0 if self.proven or self.objective <= 0 else 1.0 - self.bound / self.objective

    @property
    def table(self) -> pd.DataFrame:
        """One row a chosen site: site, name, and the share of all sites that it stands for (itself included)."""
        shares = (1.0 + self._weights.sum(axis=0)) / (len(self._weights) + len(self.sites))
        names = [self.covariates.names[site] for site in self.sites]
        return pd.DataFrame({"site": self.sites, "name": names, "stands_for": shares.to_numpy()})

    @property
    def weights(self) -> pd.DataFrame:
        """One row a site that is not chosen, one column a chosen one: the weighted mean nearest to it."""
        return self._weights.copy()

    @property
    def best_sets(self) -> pd.DataFrame:
        """The best sets found: place (equal ones share it), objective, share above the best (NaN if 0), sites."""
        return self._best.copy()

    @property
    def left_out(self) -> pd.DataFrame:
        """Sites that lack a value, and so could neither be chosen nor stood for: site, name, lacks."""
        return self._left_out.copy()

    def __repr__(self) -> str:
        names = ", ".join(self.covariates.names[site] for site in self.sites)
        ties = int((self._best["place"] == 1).sum()) - 1
        proof = (
            "proven best" if self.proven else f"not proven: another set could be {100 * self.gap:.1f} % lower at most"
        )
        text = f"{len(self.sites)} of {len(self.covariates.sites)} sites: {names}. "
        text += f"Objective {self.objective:.4f}, {proof}."
        if ties:
            text += f" {ties} other sets are as good (.best_sets)."
        if len(self._left_out):
            text += f" {len(self._left_out)} sites lack a value and took no part (.left_out)."
        return text + " See .table, .weights, .best_sets."


@dataclass(frozen=True, eq=False)
class _Problem:
    """The task in numbers: sites are places in sorted order."""

    points: Floats
    gram: Floats
    gap: Floats
    n: int
    start: Ints
    free: Ints
    rules: tuple[CountRule, ...]
    members: Ints
    least: Ints
    most: Ints


def synthetic_sample(
    covariates: Covariates,
    n: int,
    *,
    rules: Sequence[CountRule] = (),
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    standardise: bool | Sequence[str] = True,
    interpolation: float = 1.0,
    sets: int = 10,
    starts: int = 10,
    max_fits: int = 2_000_000,
    seed: int = 2010,
) -> SyntheticSample:
    r"""Choose the n sites from which all others can be made up best as weighted means, and prove it.

    .. math::
        \min_{|S|=n} \frac{1}{N-n} \sum_{k \notin S} \min_{q \in \Delta_S}
        \frac{1}{L} \lVert x_k - \sum_j q_j x_j \rVert^2 + \lambda \sum_{j \in S} q_j d_{jk},
        \qquad d_{jk} = \frac{1}{L} \lVert x_j - x_k \rVert^2

    The first part asks that a weighted mean of chosen sites be like the site it stands for, the second that it be
    made of sites that are like it themselves. 0: every other site equals a chosen one. Objectives can be compared
    between sets of one roster, not between rosters or lists of measures.

    Solved by branch and bound: a set's cost is bounded below by tangents of the costs of the sites that it stands
    for, and by a Lagrangian relaxation. Up to about 6 of 40 sites the best set is proven in seconds; beyond, the
    search stops after ``max_fits`` sets have been fitted and says how much better another set could be at most.
    Where numba is missing the same search runs in plain Python, to the same digits, about a hundred times slower.

    Parameters
    ----------
    covariates : Covariates
        Sites that lack a value take no part and are listed (``left_out``): nothing is filled in.
    n : int
        Number of sites to choose, the included ones among them; 1 to the number of sites less one.
    rules : sequence of CountRule
        See :func:`count_rule`. Sites that take no part do not count.
    include, exclude : iterable of str
        Sites that must, or may not, be chosen. Excluded ones are still stood for.
    standardise : bool or sequence of str
        Whether (or which) measures are given mean 0 and standard deviation 1 (divisor N - 1) first.
    interpolation : float
        The factor lambda of the second part; 1 as published.
    sets : int
        How many of the best sets to list; where the search ran to its end, no others come between them.
    starts : int
        Descents from different sets before the search, drawn with ``seed``.
    max_fits : int
        Where the search stops: a count, so that the result does not depend on how fast the machine is.
    seed : int

    Returns
    -------
    SyntheticSample

    Raises
    ------
    InputError
        If n or another number is out of range, a site is unknown or both included and excluded, a measure does not
        differ between sites, or no set keeps the rules (naming a smallest group of rules that contradict each other).

    References
    ----------
    Egami and Lee (2023), Designing Multi-Context Studies for External Validity: Site Selection via Synthetic
    Purposive Sampling; their package spsR minimises the same sum.
    Beasley (1993), European Journal of Operational Research 65, 383-399 (Lagrangian bounds of location problems).

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> line = from_frame(pd.DataFrame({"size": [0.0, 1.0, 2.0, 8.0, 9.0, 10.0]}, index=list("abcdef")))
    >>> sample = synthetic_sample(line, 2)
    >>> sample.sites, sample.proven
    (('b', 'e'), True)
    """
    whole, left_out = covariates.complete()
    for rule in rules:
        check_sites(rule.members, covariates.sites, f"Rule {rule.label!r}")
    include = check_complete(include, covariates, "Sites to include")
    exclude = check_sites(exclude, covariates.sites, "Sites to exclude")
    problem = _problem(whole, n, rules, include, exclude, standardise, interpolation)
    check_number(sets, "The number of sets to list", 1, 1000, whole=True)
    check_number(starts, "The number of starts", 1, 1000, whole=True)
    check_number(max_fits, "The number of fits", 1, whole=True)
    values, found, bound = _solve(problem, sets, starts, max_fits, check_seed(seed))
    others = len(whole.sites) - n
    # Of sets that tie the first by name is chosen, not the one that rounding puts first.
    order = sorted(range(len(values)), key=lambda row: (round(float(values[row]) / others, 9), found[row].tolist()))
    values, found = values[order], found[order]
    best = found[0]
    objective = float(values[0]) / others
    low = min(bound / others, objective)
    proven = low >= objective - TIE * (1.0 + objective)
    sites = tuple(whole.sites[i] for i in best)
    return SyntheticSample(
        sites,
        objective,
        objective if proven else low,
        proven,
        whole,
        pd.DataFrame(problem.points, index=list(whole.sites), columns=list(whole.measures)),
        _weights(problem, whole, best),
        _best_sets(values / others, found, whole),
        left_out,
    )


def _problem(
    whole: Covariates,
    n: int,
    rules: Sequence[CountRule],
    include: Iterable[str],
    exclude: Iterable[str],
    standardise: bool | Sequence[str],
    interpolation: float,
) -> _Problem:
    count = len(whole.sites)
    if count < 2:
        raise InputError(f"{count} site has a value for every measure; at least 2 are needed. Leave a measure out.")
    check_number(n, "The number of sites to choose", 1, count - 1, whole=True)
    check_number(interpolation, "The factor of the second part", 0.0, 1e6)
    kept, out = tuple(include), [site for site in whole.sites if site in set(exclude)]
    both = sorted(set(kept) & set(exclude))
    if both:
        raise InputError(f"{both[0]} is both to be included and excluded. Decide on one.")
    if len(kept) > n:
        raise InputError(f"{len(kept)} sites are to be included, more than the {n} to choose.")
    if count - len(out) < n:
        raise InputError(f"{n} sites are to be chosen, but only {count - len(out)} are not excluded.")
    table = whole.transformed
    if standardise is not False:
        table = standardised(table, whole.labels, None if standardise is True else standardise)
    weight = whole.use["weight"].to_numpy(dtype=float)
    points = table.to_numpy(dtype=float)
    points = (points - points.mean(axis=0)) * np.sqrt(weight / weight.sum())
    gram = points @ points.T
    squares = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    place = {site: i for i, site in enumerate(whole.sites)}
    members = np.zeros((len(rules), count), dtype=np.int64)
    for row, rule in enumerate(rules):
        members[row, [place[site] for site in rule.members if site in place]] = 1
    return _Problem(
        points,
        gram,
        interpolation * squares,
        n,
        np.array([place[site] for site in kept], dtype=np.int64),
        np.array([i for i, site in enumerate(whole.sites) if site not in {*kept, *out}], dtype=np.int64),
        tuple(rules),
        members,
        np.array([min(rule.minimum, n + 1) for rule in rules], dtype=np.int64),
        np.array([n if rule.maximum is None else min(rule.maximum, n) for rule in rules], dtype=np.int64),
    )


def _cheapest_set(problem: _Problem, price: Floats, drop: Iterable[int] = ()) -> Ints | None:
    """Return the set of least price that keeps the rules (but those dropped), or None where there is none."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    kept = [row for row in range(len(problem.rules)) if row not in set(drop)]
    if not kept:
        missing = problem.n - len(problem.start)
        order = problem.free[np.argsort(price[problem.free], kind="stable")][:missing]
        return np.sort(np.concatenate([problem.start, order]))
    sites = len(price)
    least = np.zeros(sites)
    most = np.zeros(sites)
    most[problem.free] = 1
    least[problem.start] = most[problem.start] = 1
    rows = LinearConstraint(
        np.vstack([np.ones(sites), problem.members[kept]]),
        np.concatenate([[problem.n], problem.least[kept]]),
        np.concatenate([[problem.n], problem.most[kept]]),
    )
    done = milp(price, constraints=rows, integrality=np.ones(sites), bounds=Bounds(least, most))
    return None if done.x is None else np.flatnonzero(done.x > 0.5).astype(np.int64)


def _conflict(problem: _Problem) -> InputError:
    """Return an error that names rules which contradict each other, none of which can be spared."""
    nothing = np.zeros(len(problem.points))
    dropped: set[int] = set()
    for row in range(len(problem.rules)):
        if _cheapest_set(problem, nothing, {*dropped, row}) is None:
            dropped.add(row)
    left = [rule for row, rule in enumerate(problem.rules) if row not in dropped]
    shown = "; ".join(
        f"{rule.label}: {rule.minimum} or more"
        + (f", at most {rule.maximum}" if rule.maximum is not None else "")
        + f" (of {len(rule.members)} sites)"
        for rule in left
    )
    return InputError(
        f"No set of {problem.n} sites keeps these rules together with the sites to include and exclude: {shown}. "
        "Relax one of them."
    )


def _solve(problem: _Problem, sets: int, starts: int, max_fits: int, seed: int) -> tuple[Floats, Ints, float]:
    """Return the costs of the best sets (ascending), the sets, and a lower bound of every set's cost."""
    from lipresearch.comparison import kernels

    rng = np.random.default_rng(seed)
    values = np.full(sets, np.inf)
    found = np.zeros((sets, problem.n), dtype=np.int64)
    central = problem.gap.sum(axis=0) if problem.gap.any() else np.diag(problem.gram).copy()
    for start in range(starts):
        price = central if start == 0 else rng.random(len(central))
        first = _cheapest_set(problem, price)
        if first is None:
            raise _conflict(problem)
        _descend(problem, first, values, found)
    base, price = _prices(problem, values[0], found[0])
    order = problem.free[np.argsort(price[problem.free], kind="stable")]
    _, rest = kernels.search(
        problem.gram,
        problem.gap,
        problem.n,
        problem.start,
        order,
        problem.members,
        problem.least,
        problem.most,
        base,
        price,
        values,
        found,
        TIE / 10,
        max_fits,
        kernels.RIDGE,
    )
    cheapest = _cheapest_set(problem, price)
    if cheapest is not None:
        rest = max(rest, base + float(price[cheapest].sum()))
    listed = np.isfinite(values)
    return values[listed], found[listed], min(rest, float(values[0]))


def _descend(problem: _Problem, first: Ints, values: Floats, found: Ints) -> None:
    """Swap one site at a time while that lowers the cost; every set fitted may enter the list of best ones."""
    from lipresearch.comparison import kernels

    sites, n = len(problem.points), problem.n
    weights, costs = np.zeros((sites, n)), np.zeros((sites, 3))
    chosen = first.copy()
    now = kernels.fit_set(problem.gram, problem.gap, chosen, n, weights, costs, kernels.RIDGE)
    kernels.keep(values, found, now, chosen, n)
    fixed = set(problem.start.tolist())
    improved = n > 1
    while improved:
        improved = False
        for leaving in sorted(set(chosen.tolist()) - fixed):
            rest = chosen[chosen != leaving]
            held = problem.members[:, rest].sum(axis=1)
            possible = problem.free[~np.isin(problem.free, chosen)]
            after = held[:, None] + problem.members[:, possible]
            keeps = (after >= problem.least[:, None]) & (after <= problem.most[:, None])
            possible = possible[keeps.all(axis=0)]
            kernels.fit_set(problem.gram, problem.gap, rest, n - 1, weights, costs, kernels.RIDGE)
            low = float(costs[:, 1].sum())
            gain = np.zeros(len(possible))
            kernels.gains(problem.gram, problem.gap, rest, n - 1, weights, costs, possible, len(possible), gain)
            new_weights, new_costs = np.zeros((sites, n)), np.zeros((sites, 3))
            for i in np.argsort(-gain, kind="stable"):
                if low - gain[i] >= now - TIE * (1.0 + now):
                    break
                trial = np.concatenate([rest, possible[i : i + 1]])
                cost = kernels.extend(
                    problem.gram, problem.gap, trial, n - 1, weights, costs, new_weights, new_costs, kernels.RIDGE
                )
                kernels.keep(values, found, cost, trial, n)
                if cost < now - TIE * (1.0 + now):
                    now, chosen, improved = cost, trial, True
                    break


def _prices(problem: _Problem, cost: float, best: Ints, rounds: int = 600) -> tuple[float, Floats]:
    r"""Return a base and a price for each site such that no set costs less than the base and its sites' prices.

    For any :math:`u_k` and :math:`\omega_k`, the cost of standing for k through j is at least
    :math:`a_{jk} = 2 u_k'(x_j - x_k) - |u_k|^2 + \lambda d_{jk}` (0 for j = k), so a set costs at least
    :math:`\sum_k \omega_k + \sum_{j \in S} \sum_k \min(0, a_{jk} - \omega_k)`. Both are chosen by subgradient ascent.
    """
    from lipresearch.comparison import kernels

    points, sites = problem.points, len(problem.points)
    weights, costs = np.zeros((sites, problem.n)), np.zeros((sites, 3))
    kernels.fit_set(problem.gram, problem.gap, best, problem.n, weights, costs, kernels.RIDGE)
    slopes = weights @ points[best] - points
    levels = costs[:, 1].copy()
    own = np.arange(sites)
    missing = problem.n - len(problem.start)
    top, kept, stalled, pace = -np.inf, (slopes, levels, np.zeros(sites)), 0, 1.0
    for _ in range(rounds):
        through = 2.0 * (slopes @ points.T - (slopes * points).sum(axis=1)[:, None]) + problem.gap
        through -= (slopes**2).sum(axis=1)[:, None]
        through[own, own] = 0.0
        below = np.minimum(through - levels[:, None], 0.0)
        price = below.sum(axis=0)
        chosen = np.concatenate([problem.start, problem.free[np.argsort(price[problem.free], kind="stable")][:missing]])
        bound = float(levels.sum() + price[chosen].sum())
        if bound > top + 1e-12 * (1.0 + abs(top) if np.isfinite(top) else 1.0):
            top, kept, stalled = bound, (slopes.copy(), levels.copy(), price), 0
        else:
            stalled += 1
            if stalled > 20:
                stalled, pace = 0, 0.7 * pace
                slopes, levels = kept[0].copy(), kept[1].copy()
                continue
        active = np.zeros((sites, sites))
        active[:, chosen] = below[:, chosen] < 0
        up = 1.0 - active.sum(axis=1)
        active[own, own] = 0.0
        many = active.sum(axis=1)[:, None]
        turn = 2.0 * (active @ points - many * points - many * slopes)
        length = float((up**2).sum() + (turn**2).sum())
        if length < 1e-14 or bound >= cost:
            break
        step = pace * (cost - bound) / length
        slopes, levels = slopes + step * turn, levels + step * up
    return float(kept[1].sum()), kept[2]


def _weights(problem: _Problem, whole: Covariates, best: Ints) -> pd.DataFrame:
    """Return the weighted means nearest to the sites that are not chosen (without the second part)."""
    from lipresearch.comparison import kernels

    others = [k for k in range(len(whole.sites)) if k not in set(best.tolist())]
    rows = []
    nothing = np.zeros_like(problem.gap)
    for k in others:
        weights = np.zeros(problem.n)
        kernels.fit_site(problem.gram, nothing, best, problem.n, k, weights, np.zeros(3), 1e-10)
        rows.append(weights)
    return pd.DataFrame(np.array(rows), index=[whole.sites[k] for k in others], columns=[whole.sites[j] for j in best])


def _above(values: Floats) -> Floats:
    """Return by what share each is above the first; NaN where the first is 0 and a share has no meaning."""
    first = float(values[0])
    if first > TIE:
        return np.asarray(values / first - 1.0, dtype=float)
    return np.where(values - first <= TIE, 0.0, np.nan)


def _best_sets(values: Floats, found: Ints, whole: Covariates) -> pd.DataFrame:
    rounded = np.round(values, 9)
    sites = ["; ".join(whole.sites[i] for i in row) for row in found]
    table = pd.DataFrame(
        {
            "place": [int(1 + (rounded < value).sum()) for value in rounded],
            "objective": values,
            "above_best": _above(values),
            "sites": sites,
            "names": ["; ".join(whole.names[whole.sites[i]] for i in row) for row in found],
        }
    )
    return table.sort_values(["place", "sites"], ignore_index=True)


@dataclass(frozen=True, eq=False)
class AverageEffect:
    """The average effect over all sites, estimated from the chosen ones.

    Attributes
    ----------
    estimate : float
        Weighted mean of the chosen sites' effects, in their unit.
    standard_error : float
        As published (the larger of the two in most cases).
    standard_error_corrected : float
        With the divisor that the formula seems to intend.
    between_sites, between_sites_corrected : float
        Standard deviation of effects between sites, as it enters the two.
    """

    estimate: float
    standard_error: float
    standard_error_corrected: float
    between_sites: float
    between_sites_corrected: float
    _weights: pd.Series
    _sites: pd.DataFrame

    @property
    def weights(self) -> pd.Series:
        """Weight of each chosen site; they add to 1."""
        return self._weights.copy()

    @property
    def table(self) -> pd.DataFrame:
        """One row a site that was not chosen: its synthetic effect and both standard errors."""
        return self._sites.copy()

    def __repr__(self) -> str:
        return (
            f"Average effect {self.estimate:.3f}, standard error {self.standard_error:.3f} (corrected: "
            f"{self.standard_error_corrected:.3f}), from {len(self._weights)} sites. See .weights, .table."
        )


def average_effect(sample: SyntheticSample, effects: pd.DataFrame, decimals: int | None = 2) -> AverageEffect:
    r"""Estimate the average effect over all sites of the roster from the effects in the chosen ones.

    .. math::
        \hat\tau = \sum_{j \in S} w_j \hat\tau_j, \qquad w_j \propto 1 + \sum_{k \notin S} q_{jk}, \qquad
        \widehat{\mathrm{se}}^2 = \sum_j w_j^2 (\widehat{\mathrm{se}}_j^2 + \hat\sigma^2)

    The variance between sites, :math:`\hat\sigma^2`, comes from standing for each chosen site by the other ones:
    the squared errors less their sampling variance, over a divisor. As published (and in spsR 0.2.0) the divisor is
    1 + the sum of all squared weights; its expectation asks for n + that sum, which is the *corrected* one. Where the
    numerator is negative the published rule takes a third of the squared errors, the corrected one 0.

    Parameters
    ----------
    sample : SyntheticSample
    effects : DataFrame
        Index: the chosen sites. Columns ``estimate`` and ``standard_error`` (above 0 or 0), in one unit.
    decimals : int, optional
        Weights are rounded to this many decimals as spsR does (2); None for none.

    Raises
    ------
    InputError
        If a chosen site is not in the table, another one is, a number is missing or a standard error negative; if
        fewer than two sites were chosen (the variance between sites is then unknown).

    References
    ----------
    Egami and Lee (2023), as above; spsR 0.2.0, function sps_estimator.
    """
    from lipresearch.comparison import kernels

    sites = list(sample.sites)
    if not isinstance(effects, pd.DataFrame):
        raise InputError("The effects must be a table (pandas DataFrame), one row a chosen site.")
    for column in ("estimate", "standard_error"):
        if column not in effects.columns:
            raise InputError(f"The effects have no column {column}.")
    if sorted(map(str, effects.index)) != sites:
        raise InputError(f"The effects must be those of the chosen sites, one row each: {', '.join(sites)}.")
    if len(sites) < 2:
        raise InputError("With one site the variance between sites is unknown. Choose at least two.")
    if decimals is not None:
        check_number(decimals, "The decimals of the weights", 0, 15, whole=True)
    numbers = effects.loc[sites, ["estimate", "standard_error"]].apply(pd.to_numeric, errors="coerce")
    tau = numbers["estimate"].to_numpy(dtype=float)
    error = numbers["standard_error"].to_numpy(dtype=float)
    if not (np.isfinite(tau).all() and np.isfinite(error).all() and (error >= 0).all()):
        raise InputError("Every effect needs a finite estimate and a standard error of 0 or more.")
    matrix = sample.weights.to_numpy(dtype=float)
    if decimals is not None:
        matrix = np.round(matrix, decimals)
    raw = 1.0 + matrix.sum(axis=0)
    weights = raw / raw.sum()
    points = sample._points.to_numpy()
    gram = points @ points.T
    nothing = np.zeros_like(gram)
    place = {site: i for i, site in enumerate(sample.covariates.sites)}
    chosen = np.array([place[site] for site in sites], dtype=np.int64)
    misses, within, squares = np.zeros(len(sites)), 0.0, 0.0
    for i in range(len(sites)):
        others = np.delete(np.arange(len(sites)), i)
        share = np.zeros(len(others))
        kernels.fit_site(gram, nothing, chosen[others], len(others), int(chosen[i]), share, np.zeros(3), 1e-10)
        misses[i] = tau[i] - float(share @ tau[others])
        within += float(error[i] ** 2 + (share**2) @ error[others] ** 2)
        squares += float((share**2).sum())
    excess = float((misses**2).sum()) - within
    published = (excess if excess >= 0 else float((misses**2).sum()) / 3.0) / (1.0 + squares)
    corrected = max(excess, 0.0) / (len(sites) + squares)

    def overall(between: float) -> float:
        return math.sqrt(float((weights**2 * (error**2 + between)).sum()))

    each = pd.DataFrame(
        {
            "site": sample.weights.index,
            "name": [sample.covariates.names[site] for site in sample.weights.index],
            "estimate": matrix @ tau,
            "standard_error": np.sqrt((matrix**2) @ error**2 + published),
            "standard_error_corrected": np.sqrt((matrix**2) @ error**2 + corrected),
        }
    )
    return AverageEffect(
        float(weights @ tau),
        overall(published),
        overall(corrected),
        math.sqrt(published),
        math.sqrt(corrected),
        pd.Series(weights, index=sites, name="weight"),
        each,
    )

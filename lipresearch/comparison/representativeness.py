"""How well some sites stand for a whole roster, and choosing them by strata so that they do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch.comparison.covariates import Covariates, check_number, check_seed, check_sites, standardised
from lipresearch.errors import InputError

Floats = NDArray[np.float64]

#: What the generalisability index means (Tipton 2014, rules of thumb from simulations).
GRADES = ((0.9, "as like the roster as a random sample"), (0.8, "very like it"), (0.5, "in part like it"))
LOWEST = "unlike it: the roster cannot be generalised to"

BALANCE = [
    "measure",
    "label",
    "unit",
    "mean_chosen",
    "mean_all",
    "difference",
    "variance_ratio",
    "range_covered",
    "chosen_with_value",
    "sites_with_value",
    "reason",
]


@dataclass(frozen=True, eq=False)
class Representativeness:
    """How like the roster the chosen sites are.

    Attributes
    ----------
    sites : tuple of str
        The chosen sites.
    mean_difference : float
        Mean of the absolute standardised differences over the measures where they are defined; 0: equal means.
    largest_difference : float
        The largest of them.
    range_covered : float
        Mean share of the measures' ranges that lies between the chosen sites; 0 to 1.
    index : float
        Generalisability index, 0 to 1; NaN where undefined.
    index_reason : str
        Why it is undefined; else "".
    penalty : float
        The penalty it was estimated with; 0: none.
    """

    sites: tuple[str, ...]
    covariates: Covariates
    mean_difference: float
    largest_difference: float
    range_covered: float
    index: float
    index_reason: str
    penalty: float
    _table: pd.DataFrame
    _scores: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a measure: means, standardised difference, variance ratio, share of the range, sites with a value."""
        return self._table.copy()

    @property
    def scores(self) -> pd.DataFrame:
        """One row a site: whether chosen and its estimated propensity; empty where the index is undefined."""
        return self._scores.copy()

    @property
    def reading(self) -> str:
        """The generalisability index in words."""
        if math.isnan(self.index):
            return f"undefined: {self.index_reason}"
        text = next((text for least, text in GRADES if self.index >= least), LOWEST)
        if self.penalty > 0:
            text += f" (estimated with a penalty of {self.penalty:g}, which makes the index higher)"
        return text

    def __repr__(self) -> str:
        index = "undefined" if math.isnan(self.index) else f"{self.index:.2f}"
        if self.penalty > 0 and not math.isnan(self.index):
            index += f" with a penalty of {self.penalty:g}"
        balance = "no difference is defined"
        if not math.isnan(self.mean_difference):
            balance = f"mean difference {self.mean_difference:.2f} standard deviations, "
            balance += f"{100 * self.range_covered:.0f} % of the ranges covered"
        return (
            f"{len(self.sites)} of {len(self.covariates.sites)} sites: {balance}, generalisability index {index}. "
            "See .table, .reading."
        )


def assess_representativeness(
    covariates: Covariates, sites: Iterable[str], *, penalty: float = 0.0
) -> Representativeness:
    r"""Say how like the whole roster the chosen sites are, measure by measure and in one index.

    For each measure, over the sites that have a value (S chosen, P all of the roster):

    .. math::
        \mathrm{difference} = \frac{\bar x_S - \bar x_P}{s_P}, \qquad
        \mathrm{variance\ ratio} = \frac{s_S^2}{s_P^2}, \qquad
        \mathrm{range} = \frac{\max_S x - \min_S x}{\max_P x - \min_P x}

    (divisors n - 1; of logarithms where the measure's scale says so). 0, 1 and 1: like the roster. The
    generalisability index compares the densities of propensity scores of the chosen sites and of all:

    .. math:: B = \int \sqrt{f_S(e) f_P(e)} \, de, \qquad 0 \le B \le 1

    e: fitted probability of having been chosen, by logistic regression on all measures over the complete sites;
    densities by Gaussian kernels of width :math:`(4 s^5 / 3 n)^{1/5}`, at least 0.001. 1: equal distributions.

    The index is undefined, with its reason, where the measures tell chosen and other sites apart completely (the
    usual case with few sites and many measures: name fewer, or set a penalty), and where fewer than two chosen
    sites are complete. A difference is undefined where no chosen site has a value or all sites are equal, a variance
    ratio with fewer than two chosen values.

    Parameters
    ----------
    covariates : Covariates
        The whole roster, the chosen sites among it.
    sites : iterable of str
        The chosen sites, at least one and not all.
    penalty : float
        Weight of the squared (standardised) coefficients in the regression's mean log-likelihood; 0: none. With a
        penalty propensities are drawn together and the index is higher: name the penalty beside it.

    Raises
    ------
    InputError
        If a site is unknown or stands twice, none or all are chosen, or the penalty is negative.

    References
    ----------
    Tipton (2014), Journal of Educational and Behavioral Statistics 39, 478-501. Kernel width and estimator as in the
    R package generalizeR (after Baklizi and Eidous 2006). Stuart and others (2011), Journal of the Royal Statistical
    Society A 174, 369-386 (standardised differences).

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> roster = from_frame(pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0, 5.0]}, index=list("abcde")))
    >>> found = assess_representativeness(roster, ["a", "e"])
    >>> found.table[["difference", "range_covered"]].to_numpy().tolist()
    [[0.0, 1.0]]
    """
    chosen = check_sites(sites, covariates.sites, "Chosen sites")
    if not chosen or len(chosen) == len(covariates.sites):
        raise InputError(
            f"{len(chosen)} of {len(covariates.sites)} sites are chosen; choose at least one, and leave at least one "
            "out to compare with."
        )
    check_number(penalty, "The penalty", 0.0, 1e6)
    table = _balance(covariates, chosen)
    index, reason, scores = _index(covariates, chosen, penalty)
    differences = table["difference"].abs()
    return Representativeness(
        chosen,
        covariates,
        float(differences.mean()),
        float(differences.max()),
        float(table["range_covered"].mean()),
        index,
        reason,
        float(penalty),
        table,
        scores,
    )


def _balance(covariates: Covariates, chosen: tuple[str, ...]) -> pd.DataFrame:
    values, transformed, use = covariates.values, covariates.transformed, covariates.use
    rows = []
    for measure, label, unit in zip(use["measure"], use["label"], use["unit"], strict=True):
        everyone = transformed[measure].dropna()
        some = everyone[everyone.index.isin(chosen)]
        width = float(everyone.max() - everyone.min()) if len(everyone) else math.nan
        spread = float(everyone.std(ddof=1)) if len(everyone) > 1 else math.nan
        reason = ""
        if not len(some):
            reason = "no chosen site has a value"
        elif not width > 0:
            reason = "all sites are equal"
        defined = not reason
        rows.append(
            (
                measure,
                label,
                unit,
                float(values.loc[some.index, measure].mean()) if len(some) else math.nan,
                float(values.loc[everyone.index, measure].mean()) if len(everyone) else math.nan,
                float(some.mean() - everyone.mean()) / spread if defined else math.nan,
                float(some.var(ddof=1)) / spread**2 if defined and len(some) > 1 else math.nan,
                float(some.max() - some.min()) / width if defined else math.nan,
                len(some),
                len(everyone),
                reason,
            )
        )
    return pd.DataFrame(rows, columns=BALANCE)


def _index(covariates: Covariates, chosen: tuple[str, ...], penalty: float) -> tuple[float, str, pd.DataFrame]:
    """Return the generalisability index, why it is undefined, and the propensities."""
    nothing = pd.DataFrame({"site": [], "name": [], "chosen": [], "propensity": []})
    whole, _ = covariates.complete()
    inside = np.array([site in set(chosen) for site in whole.sites])
    if inside.sum() < 2 or (~inside).sum() < 2:
        counts = f"{int(inside.sum())} chosen and {int((~inside).sum())} other sites have every value"
        text = f"{counts}; two of each are needed"
        return math.nan, text, nothing
    table = whole.transformed
    differing = [measure for measure in table.columns if table[measure].max() > table[measure].min()]
    if not differing:
        return math.nan, "no measure differs between the complete sites", nothing
    points = standardised(table[differing], whole.labels).to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(points)), points])
    if penalty == 0.0:
        if np.linalg.matrix_rank(design) < design.shape[1]:
            text = f"{len(differing)} measures over {len(points)} complete sites: one follows from the others"
            return math.nan, text, nothing
        if _separated(design, inside):
            return math.nan, "the measures tell chosen and other sites apart completely; name fewer measures", nothing
    propensity = _propensities(design, inside, penalty)
    scores = pd.DataFrame(
        {
            "site": whole.sites,
            "name": [whole.names[site] for site in whole.sites],
            "chosen": np.where(inside, "yes", "no"),
            "propensity": propensity,
        }
    )
    return affinity(propensity[inside], propensity), "", scores


def _separated(design: Floats, inside: NDArray[np.bool_]) -> bool:
    """Return whether some plane has all chosen sites on one side and all others on the other, or on it.

    Then no maximum of the likelihood exists (Albert and Anderson 1984, Biometrika 71, 1-10). Decided by a linear
    programme: the most by which sites can lie on their right sides together.
    """
    from scipy.optimize import linprog

    sides = np.where(inside, 1.0, -1.0)[:, None] * design
    sites, columns = sides.shape
    done = linprog(
        np.concatenate([np.zeros(columns), -np.ones(sites)]),
        A_ub=np.hstack([-sides, np.eye(sites)]),
        b_ub=np.zeros(sites),
        bounds=[(None, None)] * columns + [(0, 1)] * sites,
    )
    return bool(-done.fun > 1e-7)


def _propensities(design: Floats, inside: NDArray[np.bool_], penalty: float) -> Floats:
    import statsmodels.api as sm

    answer = inside.astype(float)
    if penalty == 0.0:
        fitted = sm.Logit(answer, design).fit(disp=0, method="newton", maxiter=200)
        return np.asarray(fitted.predict(design), dtype=float)
    # The mean log-likelihood less penalty / 2 of the squared coefficients, the constant left free.
    weights = np.array([0.0] + [penalty] * (design.shape[1] - 1))
    model = sm.GLM(answer, design, family=sm.families.Binomial())
    fitted = model.fit_regularized(alpha=weights, L1_wt=0.0)
    return np.asarray(model.predict(fitted.params), dtype=float)


def affinity(first: Floats, second: Floats) -> float:
    r"""Return the Bhattacharyya affinity of two samples' kernel densities, 0 (apart) to 1 (equal).

    .. math:: \int \sqrt{f_1 f_2}, \qquad f(x) = \frac{1}{nh} \sum_i \phi\left(\frac{x - x_i}{h}\right), \quad
              h = \max\left(0.001, (4 s^5 / 3 n)^{1/5}\right)

    Parameters
    ----------
    first, second : ndarray
        At least two numbers each.

    References
    ----------
    Tipton (2014), Journal of Educational and Behavioral Statistics 39, 478-501; generalizeR, gen_index.

    Examples
    --------
    >>> sample = np.array([0.1, 0.2, 0.4])
    >>> round(affinity(sample, sample), 6)
    1.0
    """
    from scipy.integrate import quad
    from scipy.stats import norm

    widths = [
        max(0.001, float((4.0 * np.std(sample, ddof=1) ** 5 / (3.0 * len(sample))) ** 0.2))
        for sample in (first, second)
    ]

    def density(x: float, sample: Floats, width: float) -> float:
        return float(norm.pdf((x - sample) / width).mean()) / width

    ends = np.sort(np.concatenate([first, second]))
    # Narrow peaks are easily overlooked: one interval between every two neighbouring points and each tail.
    reach = 10.0 * max(widths)
    breaks = np.unique(np.concatenate([[ends[0] - reach], ends, [ends[-1] + reach]]))
    total = 0.0
    for left, right in itertools.pairwise(breaks):
        pieces = max(1, min(50, math.ceil((right - left) / (4.0 * min(widths)))))
        cuts = np.linspace(left, right, pieces + 1)
        for low, high in itertools.pairwise(cuts):
            total += quad(
                lambda x: math.sqrt(density(x, first, widths[0]) * density(x, second, widths[1])),
                low,
                high,
                epsabs=1e-9,
            )[0]
    return min(1.0, max(0.0, float(total)))


# -- strata ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class StratifiedSample:
    """Strata of like sites, how many to recruit from each, and in which order.

    Attributes
    ----------
    sites : tuple of str
        The sites to begin with: the first ones of every stratum's list.
    between_share : float
        Share of the variance that lies between the strata, 0 to 1.
    """

    sites: tuple[str, ...]
    between_share: float
    covariates: Covariates
    _table: pd.DataFrame
    _strata: pd.DataFrame
    _left_out: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """The recruitment lists: stratum, place (nearest to its centre first), site, name, distance, chosen."""
        return self._table.copy()

    @property
    def strata(self) -> pd.DataFrame:
        """One row a stratum: sites, share of the roster, sites to recruit, and the mean of every measure."""
        return self._strata.copy()

    @property
    def left_out(self) -> pd.DataFrame:
        """Sites that lack a value and so belong to no stratum: site, name, lacks."""
        return self._left_out.copy()

    def __repr__(self) -> str:
        text = (
            f"{len(self.sites)} of {len(self.covariates.sites)} sites from {len(self._strata)} strata "
            f"({100 * self.between_share:.0f} % of the variance lies between them)."
        )
        if len(self._left_out):
            text += f" {len(self._left_out)} sites lack a value and belong to none (.left_out)."
        return text + " See .table, .strata."


def select_by_strata(
    covariates: Covariates,
    n: int,
    *,
    strata: int = 3,
    exclude: Iterable[str] = (),
    apart: Iterable[tuple[str, str]] = (),
    starts: int = 50,
    seed: int = 2010,
) -> StratifiedSample:
    r"""Divide the roster into strata of like sites, share n among them, and rank each one's sites for recruitment.

    Strata: k-means on standardised measures, the best of several starts,

    .. math:: \min \sum_h \sum_{i \in h} \lVert z_i - \bar z_h \rVert^2

    Sites to recruit: :math:`n N_h / N`, rounded by largest remainders (equal ones: the larger stratum, then the
    first). Order: distance to the stratum's centre, equal ones by id; who declines is replaced by the next in line.
    Strata are numbered by size, the largest first.

    Parameters
    ----------
    covariates : Covariates
        Sites that lack a value belong to no stratum and are listed (``left_out``): nothing is filled in. Weights
        of the measures count.
    n : int
        Sites to recruit.
    strata : int
        How many strata; :func:`strata_shares` shows what each number explains.
    exclude : iterable of str
        Sites that cannot be recruited; they still count in their stratum.
    apart : iterable of pairs of str
        Pairs that may not both be recruited, because they overlap: strata choose in their order, and a site that
        overlaps a chosen one is passed over.
    starts : int
        Starts of k-means, drawn with ``seed``.
    seed : int

    Raises
    ------
    InputError
        If a number is out of range, a site is unknown, a measure does not differ, or a stratum holds fewer sites that
        can be recruited than are to be.

    References
    ----------
    Tipton (2013), Evaluation Review 37, 109-139 (strata by k-means, proportional shares). Tipton and others (2014),
    Journal of Research on Educational Effectiveness 7, 114-135 (ranking by distance to the stratum's centre).

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> sizes = from_frame(pd.DataFrame({"size": [1.0, 2.0, 3.0, 10.0, 11.0, 12.0]}, index=list("abcdef")))
    >>> select_by_strata(sizes, 2, strata=2).sites
    ('b', 'e')
    """
    whole, left_out, points = _ready(covariates)
    count = len(whole.sites)
    check_number(n, "The number of sites to recruit", 1, count, whole=True)
    check_number(strata, "The number of strata", 1, len(np.unique(points, axis=0)), whole=True)
    check_number(starts, "The number of starts", 1, 10_000, whole=True)
    out = set(check_sites(exclude, covariates.sites, "Sites to exclude"))
    groups, within = _k_means(points, strata, starts, seed)
    sizes = np.bincount(groups, minlength=strata)
    shares = largest_remainders(sizes, n)
    total = float(((points - points.mean(axis=0)) ** 2).sum())
    centres = np.array([points[groups == h].mean(axis=0) for h in range(strata)])
    distance = np.sqrt(((points - centres[groups]) ** 2).sum(axis=1))
    rows: list[tuple[object, ...]] = []
    chosen: list[str] = []
    overlapping = {frozenset(pair) for pair in apart}
    for h in range(strata):
        order = sorted((round(float(distance[i]), 9), whole.sites[i], i) for i in np.flatnonzero(groups == h))
        taken: list[str] = []
        for _, site, _ in order:
            clear = all(frozenset((site, other)) not in overlapping for other in [*chosen, *taken])
            if len(taken) < shares[h] and site not in out and clear:
                taken.append(site)
        if len(taken) < shares[h]:
            raise InputError(
                f"Stratum {h + 1} is to give {shares[h]} sites, but only {len(taken)} of its {sizes[h]} can be "
                "recruited: the others are excluded, or overlap one that is chosen already. Exclude fewer sites, ask "
                "for fewer, or use fewer strata."
            )
        chosen += taken
        place = 0
        for _, site, i in order:
            place += site not in out
            state = "excluded" if site in out else "yes" if site in taken else "no"
            rows.append(
                (h + 1, place if site not in out else pd.NA, site, whole.names[site], float(distance[i]), state)
            )
    table = pd.DataFrame(rows, columns=["stratum", "place", "site", "name", "distance", "chosen"])
    table["place"] = table["place"].astype("Int64")
    described = pd.DataFrame(
        {"stratum": np.arange(1, strata + 1), "sites": sizes, "share": sizes / count, "to_recruit": shares}
    )
    values = whole.values
    for measure in whole.measures:
        described[measure] = [float(values[measure].to_numpy()[groups == h].mean()) for h in range(strata)]
    return StratifiedSample(tuple(sorted(chosen)), 1.0 - within / total, whole, table, described, left_out)


def strata_shares(covariates: Covariates, most: int = 8, *, starts: int = 50, seed: int = 2010) -> pd.DataFrame:
    """Return, for 1 to ``most`` strata, the share of the variance between them and the size of the smallest.

    Take the number where a further stratum adds little (Tipton 2013, Evaluation Review 37, 109-139).

    Returns
    -------
    DataFrame
        strata, between_share (0 to 1), smallest (sites).
    """
    _, _, points = _ready(covariates)
    check_number(most, "The greatest number of strata", 1, len(np.unique(points, axis=0)), whole=True)
    check_number(starts, "The number of starts", 1, 10_000, whole=True)
    total = float(((points - points.mean(axis=0)) ** 2).sum())
    rows = []
    for strata in range(1, most + 1):
        groups, within = _k_means(points, strata, starts, seed)
        rows.append((strata, 1.0 - within / total if strata > 1 else 0.0, int(np.bincount(groups).min())))
    return pd.DataFrame(rows, columns=["strata", "between_share", "smallest"])


def _ready(covariates: Covariates) -> tuple[Covariates, pd.DataFrame, Floats]:
    whole, left_out = covariates.complete()
    if len(whole.sites) < 2:
        raise InputError(f"{len(whole.sites)} sites have a value for every measure; at least 2 are needed.")
    weight = whole.use["weight"].to_numpy(dtype=float)
    points = standardised(whole.transformed, whole.labels).to_numpy(dtype=float)
    return whole, left_out, points * np.sqrt(weight / weight.sum())


def largest_remainders(sizes: Iterable[int], n: int) -> list[int]:
    """Return n shared out in proportion to sizes: whole parts first, the rest by largest remainder.

    Equal remainders go to the larger size, then to the first. No share exceeds its size.

    >>> largest_remainders([7, 2, 1], 5), largest_remainders([2, 2, 2], 4)
    ([4, 1, 0], [2, 1, 1])
    """
    sizes = [int(size) for size in sizes]
    total = sum(sizes)
    shares = [n * size // total for size in sizes]
    order = sorted(range(len(sizes)), key=lambda h: (-(n * sizes[h] % total), -sizes[h], h))
    for h in order[: n - sum(shares)]:
        shares[h] += 1
    return shares


def _k_means(points: Floats, strata: int, starts: int, seed: int) -> tuple[NDArray[np.int64], float]:
    """Return groups numbered by size and the sum of squares within; the best of the starts, the first of equals."""
    rng = np.random.default_rng(check_seed(seed))
    best, least = np.zeros(len(points), dtype=np.int64), math.inf
    for _ in range(starts):
        # A start as in k-means++: each further centre with a chance in proportion to its squared distance.
        centres = points[[int(rng.integers(len(points)))]]
        while len(centres) < strata:
            nearest = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2).min(axis=1)
            centres = np.vstack([centres, points[int(rng.choice(len(points), p=nearest / nearest.sum()))]])
        groups = np.full(len(points), -1)
        for _ in range(1000):
            squares = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
            new = squares.argmin(axis=1)
            for h in range(strata):
                if not (new == h).any():  # an empty stratum takes the site farthest from its centre
                    new[int(squares[np.arange(len(points)), new].argmax())] = h
            if (new == groups).all():
                break
            groups = new
            centres = np.array(
                [points[groups == h].mean(axis=0) if (groups == h).any() else centres[h] for h in range(strata)]
            )
        if len(set(groups.tolist())) < strata:
            continue
        within = float(((points - centres[groups]) ** 2).sum())
        if within < least * (1.0 - 1e-9):
            best, least = groups, within
    sizes = np.bincount(best, minlength=strata)
    first = [int(np.flatnonzero(best == h)[0]) if sizes[h] else len(best) for h in range(strata)]
    order = sorted(range(strata), key=lambda h: (-sizes[h], first[h]))
    number = {h: place for place, h in enumerate(order)}
    return np.array([number[int(h)] for h in best], dtype=np.int64), least

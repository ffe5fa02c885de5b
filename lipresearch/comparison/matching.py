"""Who can be compared with whom: distances between sites, comparators, replacements, pairs and contrasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch.comparison.covariates import Covariates, check_number, check_sites, quantile, standardised
from lipresearch.errors import InputError

Floats = NDArray[np.float64]
METHODS = ("weighted", "mahalanobis")
#: Distances that agree to this many decimals are equal.
TIE_DECIMALS = 9
#: The share of the measures' weight that both sites of a pair must have, unless the caller says otherwise.
MINIMUM_COVERAGE = 0.6


@dataclass(frozen=True, eq=False)
class Distances:
    """How unlike sites are on declared measures; one row a site to be compared, one column a site to compare with.

    Attributes
    ----------
    method : str
        ``weighted`` or ``mahalanobis``.
    rows, columns : Covariates
        The sites of the rows and of the columns.
    """

    method: str
    minimum_coverage: float
    rows: Covariates
    columns: Covariates
    _distance: pd.DataFrame
    _coverage: pd.DataFrame
    _parts: Floats

    @property
    def table(self) -> pd.DataFrame:
        """Distances in standard deviations; 0: equal; NaN: undefined (too few measures that both have)."""
        return self._distance.copy()

    @property
    def coverage(self) -> pd.DataFrame:
        """Share of the measures' weight that both sites have a value for, 0 to 1."""
        return self._coverage.copy()

    def parts(self, site: str, other: str) -> pd.DataFrame:
        """Return both sites' values measure by measure, with the difference in standard deviations of the roster."""
        first = check_sites([site], self.rows.sites, "The site to compare")[0]
        second = check_sites([other], self.columns.sites, "The site to compare with")[0]
        use = self.rows.use
        return pd.DataFrame(
            {
                "measure": use["measure"],
                "label": use["label"],
                "unit": use["unit"],
                "value": self.rows.values.loc[first].to_numpy(),
                "other_value": self.columns.values.loc[second].to_numpy(),
                "difference": self._parts[self.rows.sites.index(first), self.columns.sites.index(second)],
            }
        )

    def __repr__(self) -> str:
        undefined = int(self._distance.isna().to_numpy().sum())
        return (
            f"Distances ({self.method}) of {len(self.rows.sites)} sites to {len(self.columns.sites)}: "
            f"{undefined} undefined. See .table, .coverage, .parts(site, other)."
        )


def distances(
    covariates: Covariates,
    others: Covariates | None = None,
    *,
    method: str = "weighted",
    minimum_coverage: float = MINIMUM_COVERAGE,
    outside: Covariates | None = None,
) -> Distances:
    r"""Return how unlike sites are on the declared measures.

    Weighted:

    .. math:: d_{ij} = \sqrt{\frac{\sum_{m \in M_{ij}} w_m z_{ijm}^2}{\sum_{m \in M_{ij}} w_m}},
              \qquad z_{ijm} = \frac{x_{im} - x_{jm}}{s_m}

    over the measures :math:`M_{ij}` that both sites have: the typical difference in standard deviations
    :math:`s_m` of the roster (divisor n - 1). Mahalanobis:

    .. math:: d_{ij} = \sqrt{(x_i - x_j)' \Sigma^{-1} (x_i - x_j)}

    with the covariance of the roster's complete sites, so that measures that say the same count once. 0: equal on
    every measure compared; no upper end.

    Nothing is filled in. A weighted distance rests on what both sites have, and is undefined (NaN) where that is
    less than ``minimum_coverage`` of the weight, or nothing; a Mahalanobis distance is undefined unless both sites
    have every measure. Weights do not enter a Mahalanobis distance.

    Parameters
    ----------
    covariates : Covariates
        The roster: its spread is the unit.
    others : Covariates, optional
        The sites of the columns; default the roster's.
    method : {"weighted", "mahalanobis"}
    minimum_coverage : float
        0 to 1.
    outside : Covariates, optional
        Sites of the rows that are not on the roster; default the roster's. They do not move its spread.

    Raises
    ------
    InputError
        If the method is unknown, the measures of two tables differ, one does not differ between the roster's sites,
        or (Mahalanobis) fewer complete sites than measures + 1, or a measure follows from others.

    References
    ----------
    Gower (1971), Biometrics 27, 857-871 (a mean over the variables that both have). Mahalanobis (1936), Proceedings
    of the National Institute of Sciences of India 2, 49-55.

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> sites = from_frame(pd.DataFrame({"size": [0.0, 1.0, 2.0]}, index=["a", "b", "c"]))
    >>> distances(sites).table.loc["a"].tolist()
    [0.0, 1.0, 2.0]
    """
    if method not in METHODS:
        raise InputError(f"A distance is weighted or mahalanobis, not {method!r}.")
    check_number(minimum_coverage, "The minimum coverage", 0.0, 1.0)
    rows = covariates if outside is None else outside
    columns = covariates if others is None else others
    for table in (rows, columns):
        if table.measures != covariates.measures or list(table.use["scale"]) != list(covariates.use["scale"]):
            raise InputError(
                "The sites are not described by the same measures on the same scales: "
                f"{', '.join(table.measures)} and {', '.join(covariates.measures)}."
            )
    roster = covariates.transformed
    standardised(roster, covariates.labels)  # raises where a measure does not differ
    left, right = rows.transformed.to_numpy(dtype=float), columns.transformed.to_numpy(dtype=float)
    difference = left[:, None, :] - right[None, :, :]
    parts = difference / roster.std(ddof=1).to_numpy(dtype=float)
    weight = covariates.use["weight"].to_numpy(dtype=float)
    known = ~np.isnan(difference)
    held = (known * weight).sum(axis=2)
    coverage = held / weight.sum()
    if method == "weighted":
        squares = np.where(known, parts**2, 0.0) * weight
        defined = (coverage >= minimum_coverage - 1e-12) & (held > 0)
        distance = np.sqrt(squares.sum(axis=2) / np.where(held > 0, held, 1.0))
    else:
        inverse = _inverse_covariance(roster, covariates)
        defined = known.all(axis=2)
        complete = np.where(defined[:, :, None], difference, 0.0)
        distance = np.sqrt(np.maximum(np.einsum("ijm,mn,ijn->ij", complete, inverse, complete), 0.0))
    distance = np.where(defined, distance, np.nan)
    index, header = list(rows.sites), list(columns.sites)
    return Distances(
        method,
        minimum_coverage,
        rows,
        columns,
        pd.DataFrame(distance, index=index, columns=header),
        pd.DataFrame(coverage, index=index, columns=header),
        parts,
    )


def _inverse_covariance(roster: pd.DataFrame, covariates: Covariates) -> Floats:
    whole = roster.dropna()
    if len(whole) < roster.shape[1] + 1:
        raise InputError(
            f"Only {len(whole)} sites have all {roster.shape[1]} measures: too few for a Mahalanobis distance. "
            "Use fewer measures, or the weighted distance."
        )
    standardised(whole, covariates.labels)
    spread = whole.std(ddof=1).to_numpy(dtype=float)
    correlation = np.atleast_2d(np.corrcoef(whole.to_numpy(dtype=float), rowvar=False))
    if np.linalg.cond(correlation) > 1e10:
        raise InputError(
            "A measure follows from the others (all shares of one total, for instance), so a Mahalanobis distance is "
            "undefined. Leave one of them out, or use the weighted distance."
        )
    return np.asarray(np.linalg.inv(correlation) / np.outer(spread, spread), dtype=float)


def _levels(same: pd.Series | None, sites: Sequence[str], what: str) -> pd.Series | None:
    """Return the category of each site; raise ``InputError`` if one has none."""
    if same is None:
        return None
    lacking = sorted(set(sites) - set(same.index))
    if lacking:
        raise InputError(f"{what}: site {lacking[0]} has no category in the table.")
    if same.index.has_duplicates:
        raise InputError(f"{what}: site {same.index[same.index.duplicated()][0]} stands twice in the table.")
    return same


def _apart(apart: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in apart}


COMPARATORS = ["site", "name", "place", "comparator", "comparator_name", "distance", "coverage"]


@dataclass(frozen=True, eq=False)
class Comparators:
    """The sites most like given ones.

    Attributes
    ----------
    distances : Distances
        What they rest on; ``distances.parts(site, comparator)`` shows a pair measure by measure.
    """

    distances: Distances
    _table: pd.DataFrame
    _undefined: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a site and comparator, the nearest first; comparators equally near share a place."""
        return self._table.copy()

    @property
    def undefined(self) -> pd.DataFrame:
        """Pairs that cannot be compared: site, name, comparator, comparator_name, coverage, reason."""
        return self._undefined.copy()

    def __repr__(self) -> str:
        return (
            f"Comparators of {self._table['site'].nunique()} sites ({self.distances.method} distance); "
            f"{len(self._undefined)} pairs cannot be compared. See .table, .undefined, .distances."
        )


def find_comparators(
    covariates: Covariates,
    sites: Iterable[str] | None = None,
    *,
    count: int = 5,
    method: str = "weighted",
    minimum_coverage: float = MINIMUM_COVERAGE,
    same: pd.Series | None = None,
    exclude: Iterable[str] = (),
    apart: Iterable[tuple[str, str]] = (),
    caliper: float | None = None,
    outside: Covariates | None = None,
) -> Comparators:
    """Return the sites most like each given site: comparators, or ranked replacements for sites that decline.

    A comparator may stand for several sites (matching with replacement): each row of the table is the answer for one
    site alone. With ``exclude`` = the chosen set, they are ranked replacements.

    Parameters
    ----------
    covariates : Covariates
        The roster, from which comparators are taken.
    sites : iterable of str, optional
        Sites of the roster to find comparators for. Not with ``outside``.
    count : int
        Comparators a site; more where the last ones are equally near, fewer where the roster does not hold so many.
    method, minimum_coverage
        See :func:`distances`.
    same : Series, optional
        A category of each site (index: site); comparators have the same one. An empty category matches none.
    exclude : iterable of str
        Sites that may not be comparators.
    apart : iterable of pairs of str
        Pairs that may not be compared, because they overlap.
    caliper : float, optional
        Greatest distance.
    outside : Covariates, optional
        Sites that are not on the roster, described by the same measures; comparators are found for each.

    Raises
    ------
    InputError
        If a site is unknown or has no category, a number is out of range, or sites and ``outside`` are both given.

    References
    ----------
    Stuart (2010), Statistical Science 25, 1-21 (nearest neighbours, calipers, exact categories). Tipton and others
    (2014), Journal of Research on Educational Effectiveness 7, 114-135 (ranked lists for sites that decline).

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> sites = from_frame(pd.DataFrame({"size": [0.0, 1.0, 3.0]}, index=["a", "b", "c"]))
    >>> find_comparators(sites, ["a"], count=1).table["comparator"].tolist()
    ['b']
    """
    if (sites is None) == (outside is None):
        raise InputError(
            "Name the sites to find comparators for, or give a table of sites outside the roster: one of them."
        )
    check_number(count, "The number of comparators", 1, whole=True)
    if caliper is not None:
        check_number(caliper, "The caliper", 0.0)
    barred = set(check_sites(exclude, covariates.sites, "Sites to exclude"))
    overlapping = _apart(apart)
    found = distances(covariates, method=method, minimum_coverage=minimum_coverage, outside=outside)
    if outside is None:
        wanted = check_sites(sites or (), covariates.sites, "Sites to compare")
        if not wanted:
            raise InputError("Name at least one site to find comparators for.")
    else:
        wanted = outside.sites
    level = _levels(same, [*wanted, *covariates.sites], "Same category")
    rows, undefined = [], []
    for site in wanted:
        pool = []
        for other in covariates.sites:
            if (outside is None and other == site) or other in barred or frozenset((site, other)) in overlapping:
                continue
            if level is not None and (level[site] != level[other] or pd.isna(level[site]) or level[site] == ""):
                continue
            distance = float(found._distance.loc[site, other])
            coverage = float(found._coverage.loc[site, other])
            names = (found.rows.names[site], covariates.names[other])
            if np.isnan(distance):
                undefined.append((site, names[0], other, names[1], coverage, _reason(found, coverage)))
            elif caliper is None or distance <= caliper:
                pool.append((round(distance, TIE_DECIMALS), other, distance, coverage, names))
        pool.sort()
        places = [1 + sum(nearer[0] < entry[0] for nearer in pool) for entry in pool]
        rows += [
            (site, entry[4][0], place, entry[1], entry[4][1], entry[2], entry[3])
            for place, entry in zip(places, pool, strict=True)
            if place <= count
        ]
    table = pd.DataFrame(rows, columns=COMPARATORS)
    lost = pd.DataFrame(undefined, columns=["site", "name", "comparator", "comparator_name", "coverage", "reason"])
    return Comparators(found, table, lost)


def _reason(found: Distances, coverage: float) -> str:
    if found.method == "mahalanobis":
        return "a measure is missing for one of the two, and a Mahalanobis distance needs all"
    return f"both have values for {100 * coverage:.0f} % of the weight, {100 * found.minimum_coverage:.0f} % are needed"


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of sites of two groups, such that their distances add to the least possible.

    Attributes
    ----------
    total : float
        Sum of the distances.
    tied : bool
        Whether other pairs have the same total.
    """

    total: float
    tied: bool
    distances: Distances
    _table: pd.DataFrame
    _unpaired: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a pair, the nearest first: site, name, partner, partner_name, distance, coverage."""
        return self._table.copy()

    @property
    def unpaired(self) -> pd.DataFrame:
        """Sites of either group without a partner: site, name, group (first or second), reason."""
        return self._unpaired.copy()

    def __repr__(self) -> str:
        tied = ", and other pairs do as well" if self.tied else ""
        return (
            f"{len(self._table)} pairs ({self.distances.method} distance), total {self.total:.3f}{tied}; "
            f"{len(self._unpaired)} sites without a partner. See .table, .unpaired, .distances."
        )


def pair_sites(
    covariates: Covariates,
    first: Iterable[str],
    second: Iterable[str],
    *,
    pairs: int | None = None,
    method: str = "weighted",
    minimum_coverage: float = MINIMUM_COVERAGE,
    same: pd.Series | None = None,
    apart: Iterable[tuple[str, str]] = (),
    caliper: float | None = None,
) -> Pairs:
    r"""Pair the sites of two groups, each at most once, so that the distances add to the least possible.

    .. math:: \min_M \sum_{(i,j) \in M} d_{ij}

    over all sets M of ``pairs`` pairs (default: as many as the rules allow). Solved exactly as an assignment.

    Parameters
    ----------
    covariates : Covariates
        The roster.
    first, second : iterable of str
        Two groups without a common site, urban and rural ones for instance.
    pairs : int, optional
        How many; default as many as possible.
    method, minimum_coverage, same, apart, caliper
        See :func:`distances` and :func:`find_comparators`.

    Raises
    ------
    InputError
        If a site is unknown or in both groups, a group is empty, or so many pairs are not possible.

    References
    ----------
    Rosenbaum (1989), Journal of the American Statistical Association 84, 1024-1032 (optimal matching). Crouse (2016),
    IEEE Transactions on Aerospace and Electronic Systems 52, 1679-1696 (the algorithm in SciPy).

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> sites = from_frame(pd.DataFrame({"size": [0.0, 3.0, 2.0, 9.0]}, index=["a", "b", "c", "d"]))
    >>> pair_sites(sites, ["a", "b"], ["c", "d"]).table[["site", "partner"]].to_numpy().tolist()
    [['a', 'c'], ['b', 'd']]
    """
    one = check_sites(first, covariates.sites, "The first group")
    two = check_sites(second, covariates.sites, "The second group")
    both = sorted(set(one) & set(two))
    if both:
        raise InputError(f"Site {both[0]} is in both groups. A pair has one site of each.")
    if not one or not two:
        raise InputError("Each of the two groups needs at least one site.")
    if caliper is not None:
        check_number(caliper, "The caliper", 0.0)
    level = _levels(same, [*one, *two], "Same category")
    overlapping = _apart(apart)
    found = distances(covariates, method=method, minimum_coverage=minimum_coverage)
    cost = found._distance.loc[list(one), list(two)].to_numpy(dtype=float)
    allowed = ~np.isnan(cost)
    for i, site in enumerate(one):
        for j, other in enumerate(two):
            if frozenset((site, other)) in overlapping:
                allowed[i, j] = False
            if level is not None and (level[site] != level[other] or pd.isna(level[site]) or level[site] == ""):
                allowed[i, j] = False
    if caliper is not None:
        allowed &= np.where(np.isnan(cost), np.inf, cost) <= caliper
    possible = len(_assign(cost, allowed, min(cost.shape)))
    wanted = possible if pairs is None else int(check_number(pairs, "The number of pairs", 1, whole=True))
    if wanted > possible or not possible:
        raise InputError(
            f"Only {possible} pairs of these sites can be made, not {max(wanted, 1)}. "
            "Ask for fewer, widen the caliper, or lower the minimum coverage."
        )
    match = _assign(cost, allowed, wanted)
    total = sum(cost[i, j] for i, j in match)
    tied = False
    for i, j in match:
        without = allowed.copy()
        without[i, j] = False
        other_match = _assign(cost, without, wanted)
        if len(other_match) == wanted:
            tied |= sum(cost[a, b] for a, b in other_match) <= total + 10.0**-TIE_DECIMALS
    rows = sorted(
        ((one[i], covariates.names[one[i]], two[j], covariates.names[two[j]], float(cost[i, j])) for i, j in match),
        key=lambda row: (round(row[4], TIE_DECIMALS), row[0]),
    )
    table = pd.DataFrame(rows, columns=["site", "name", "partner", "partner_name", "distance"])
    table["coverage"] = [float(found._coverage.loc[row[0], row[2]]) for row in rows]
    paired = {row[0] for row in rows} | {row[2] for row in rows}
    left = []
    for group, sites, able in (("first", one, allowed.any(axis=1)), ("second", two, allowed.any(axis=0))):
        for site, partners in zip(sites, able, strict=True):
            if site not in paired:
                reason = "its possible partners are better used" if partners else "no possible partner"
                left.append((site, covariates.names[site], group, reason))
    unpaired = pd.DataFrame(left, columns=["site", "name", "group", "reason"], dtype=str)
    return Pairs(float(total), bool(tied), found, table, unpaired)


def _assign(cost: Floats, allowed: NDArray[np.bool_], wanted: int) -> list[tuple[int, int]]:
    """Return up to ``wanted`` allowed pairs of least total cost; fewer only where no more are possible."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = cost.shape
    if not allowed.any():
        return []
    # A pair that is not allowed costs more than all others together, so there are as few of them as possible.
    dear = 1.0 + 2.0 * float(cost[allowed].max()) * (rows + columns)
    size = rows + columns - wanted
    matrix = np.zeros((size, size))
    matrix[:rows, :columns] = np.where(allowed, np.where(allowed, cost, 0.0), dear)
    matrix[rows:, columns:] = dear * size  # the spare rows and columns take the sites that stay alone
    chosen = zip(*linear_sum_assignment(matrix), strict=True)
    return [(int(i), int(j)) for i, j in chosen if i < rows and j < columns and allowed[i, j]]


CONTRASTS = [
    "place",
    "site",
    "name",
    "partner",
    "partner_name",
    "alike",
    "unlike",
    "coverage_alike",
    "coverage_unlike",
    "efficient",
]


@dataclass(frozen=True, eq=False)
class Contrasts:
    """Pairs of sites that are alike in some measures and unlike in others.

    Attributes
    ----------
    limit : float
        Greatest distance in the measures in which pairs must be alike.
    pairs : int
        Number of pairs that could be compared in both respects.
    """

    limit: float
    pairs: int
    alike: Distances
    unlike: Distances
    _table: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a pair, the most unlike first; *efficient*: no pair is both more alike and more unlike."""
        return self._table.copy()

    def __repr__(self) -> str:
        return (
            f"{len(self._table)} of {self.pairs} pairs, alike within {self.limit:.2f}, the most unlike first. "
            "See .table, .alike, .unlike."
        )


def contrast_sites(
    alike: Covariates,
    unlike: Covariates,
    *,
    closest: float = 0.1,
    count: int = 10,
    method: str = "weighted",
    minimum_coverage: float = MINIMUM_COVERAGE,
    apart: Iterable[tuple[str, str]] = (),
) -> Contrasts:
    """Return pairs of sites that are alike in some measures and as unlike as possible in others.

    Most similar systems: ``alike`` holds the conditions to hold constant, ``unlike`` what is to be explained or its
    supposed cause. Most different systems: the other way round. Of all pairs of sites the ``closest`` share by the
    first distance is kept, and ordered by the second one.

    Parameters
    ----------
    alike, unlike : Covariates
        The same sites under two lists of measures without a common one.
    closest : float
        Share of all comparable pairs that count as alike, above 0 to 1 (type 7 quantile of their distances).
    count : int
        Pairs to list; more where the last ones are equal.
    method, minimum_coverage, apart
        See :func:`distances` and :func:`find_comparators`.

    Raises
    ------
    InputError
        If the sites differ, a measure is in both lists, or no pair can be compared in both respects.

    References
    ----------
    Przeworski and Teune (1970), The Logic of Comparative Social Inquiry, pp. 31-46. Seawright and Gerring (2008),
    Political Research Quarterly 61, 294-308.

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> sites = pd.DataFrame({"size": [1.0, 1.0, 9.0], "leads": [0.0, 1.0, 0.0]}, index=["a", "b", "c"])
    >>> found = contrast_sites(from_frame(sites[["size"]]), from_frame(sites[["leads"]]))
    >>> found.table[["site", "partner"]].to_numpy().tolist()
    [['a', 'b']]
    """
    if alike.sites != unlike.sites:
        raise InputError("Both lists of measures must describe the same sites.")
    common = [measure for measure in alike.measures if measure in unlike.measures]
    if common:
        raise InputError(f"The measure {common[0]} cannot be both alike and unlike. Leave it out of one list.")
    check_number(closest, "The share of pairs that count as alike", 1e-9, 1.0)
    check_number(count, "The number of pairs", 1, whole=True)
    near = distances(alike, method=method, minimum_coverage=minimum_coverage)
    far = distances(unlike, method=method, minimum_coverage=minimum_coverage)
    overlapping = _apart(apart)
    pairs = []
    for i, site in enumerate(alike.sites):
        for j in range(i + 1, len(alike.sites)):
            other = alike.sites[j]
            close, wide = float(near._distance.iloc[i, j]), float(far._distance.iloc[i, j])
            if frozenset((site, other)) not in overlapping and not np.isnan(close) and not np.isnan(wide):
                coverage = (float(near._coverage.iloc[i, j]), float(far._coverage.iloc[i, j]))
                pairs.append((site, other, close, wide, *coverage))
    if not pairs:
        raise InputError("No two sites can be compared in both lists of measures. Lower the minimum coverage.")
    limit = quantile([pair[2] for pair in pairs], closest)
    closeness = np.round([pair[2] for pair in pairs], TIE_DECIMALS)
    width = np.round([pair[3] for pair in pairs], TIE_DECIMALS)
    rows = []
    for pair, close, wide in zip(pairs, closeness.tolist(), width.tolist(), strict=True):
        better = (closeness <= close) & (width >= wide) & ((closeness < close) | (width > wide))
        if close <= round(limit, TIE_DECIMALS):
            rows.append((-wide, close, pair, not better.any()))
    rows.sort(key=lambda row: (row[0], row[1], row[2][:2]))
    table = pd.DataFrame(
        [
            (
                1 + sum((other[0], other[1]) < (row[0], row[1]) for other in rows),
                row[2][0],
                alike.names[row[2][0]],
                row[2][1],
                alike.names[row[2][1]],
                *row[2][2:],
                row[3],
            )
            for row in rows
        ],
        columns=CONTRASTS,
    )
    return Contrasts(limit, len(pairs), near, far, table[table["place"] <= count].reset_index(drop=True))


def pair_differences(found: Pairs | Comparators) -> pd.DataFrame:
    """Return the differences of each site from its partner or comparator: measures down, pairs across, NaN undefined.

    In standard deviations of the roster; 0: equal; above 0: the first site has more. NaN where one of the two has no
    value.

    Parameters
    ----------
    found : Pairs or Comparators

    Returns
    -------
    DataFrame
        Indexed by the measures' labels; one column a row of ``found.table``, numbered from 0.

    Examples
    --------
    >>> from lipresearch.comparison.covariates import from_frame
    >>> sites = from_frame(pd.DataFrame({"size": [0.0, 3.0, 2.0]}, index=["a", "b", "c"]))
    >>> pair_differences(pair_sites(sites, ["a"], ["b"])).round(2).to_numpy().tolist()
    [[-1.96]]
    """
    table = found.table
    other = "partner" if "partner" in table else "comparator"
    parts = {
        place: found.distances.parts(site, partner).set_index("label")["difference"]
        for place, (site, partner) in enumerate(zip(table["site"], table[other], strict=True))
    }
    return pd.DataFrame(parts, index=pd.Index(list(found.distances.rows.labels.values()), name="label"))

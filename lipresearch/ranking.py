"""Ranking candidate sites for a cluster: pure, nothing filled in, every part kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lipresearch.design import WEIGHT_TOLERANCE, Cluster, goalpost_problem
from lipresearch.errors import InputError

#: Scores are compared to this many decimals: sites whose scores agree so far share a rank.
TIE_DECIMALS = 9
#: A coverage this little below the minimum is rounding of the weights.
TIE = 1e-9

TABLE = [
    "rank",
    "rank_best",
    "rank_worst",
    "site",
    "name",
    "score",
    "score_lowest",
    "score_highest",
    "coverage",
    "status",
    "lacks",
]
CONTRIBUTIONS = [
    "site",
    "name",
    "factor",
    "criterion",
    "label",
    "measure",
    "value",
    "low",
    "high",
    "unit",
    "points",
    "points_lowest",
    "points_highest",
    "weight",
    "contribution",
    "vintage",
    "grade",
    "reason",
    "detail",
    "sources",
    "supplied",
]


def normalise(values: ArrayLike, worst: float, best: float, scale: str = "linear") -> NDArray[np.float64]:
    r"""Return how far values lie on the way from the worst to the best goalpost.

    .. math:: u = \frac{x - x_\mathrm{worst}}{x_\mathrm{best} - x_\mathrm{worst}}, \quad 0 \le u \le 1

    (of logarithms when ``scale`` is ``log``). 0: at the worst goalpost or beyond; 1: at the best or
    beyond. The goalposts are declared, so a value's points do not depend on the other candidates, and
    stay the same when value and goalposts change their unit together.

    Parameters
    ----------
    values : array_like
        In the measure's unit; NaN where missing.
    worst, best : float
        Goalposts in the same unit; ``best`` may be the smaller one.
    scale : {"linear", "log"}

    Returns
    -------
    ndarray
        0 to 1; NaN where missing. On a log scale a value of 0 or less is beyond the lower goalpost.

    Raises
    ------
    InputError
        If the goalposts are equal or not finite, or not above 0 on a log scale, or a value is infinite.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, p. 85 (distance to goalposts).

    Examples
    --------
    >>> normalise([0, 5, 20, float("nan")], worst=0, best=10).tolist()
    [0.0, 0.5, 1.0, nan]
    >>> normalise([10], worst=100, best=1, scale="log").tolist()
    [0.5]
    """
    if scale not in ("linear", "log"):
        raise InputError(f"A scale is linear or log, not {scale!r}.")
    wrong = goalpost_problem("higher" if best >= worst else "lower", worst, best, scale)
    if wrong or not (math.isfinite(worst) and math.isfinite(best)):
        raise InputError(f"Goalposts {worst:g} and {best:g} cannot be used: {wrong or 'they must be finite'}.")
    array = np.asarray(values, dtype=float)
    if np.isinf(array).any():
        raise InputError("A value is infinite.")
    if scale == "log":
        floor = min(worst, best)
        array = np.log(np.where(array < floor, floor, array))
        worst, best = math.log(worst), math.log(best)
    # Adding 0 turns a negative zero into zero.
    return np.clip((array - worst) / (best - worst), 0.0, 1.0) + 0.0


def competition_ranks(scores: ArrayLike) -> NDArray[np.int64]:
    """Return ranks, 1 for the highest score; equal scores share the better rank and the next one is skipped.

    Parameters
    ----------
    scores : array_like, shape (n,)
        No NaN. Compared to ``TIE_DECIMALS`` decimals.

    Raises
    ------
    InputError
        If a score is missing or infinite.

    Examples
    --------
    >>> competition_ranks([0.5, 0.9, 0.5, 0.1]).tolist()
    [2, 1, 2, 4]
    """
    array = np.asarray(scores, dtype=float)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise InputError("A score is missing or infinite; sites without a score are not ranked.")
    rounded = np.round(array, TIE_DECIMALS)
    descending = np.sort(-rounded)
    return np.asarray(1 + np.searchsorted(descending, -rounded, side="left"), dtype=np.int64)


def rank_range(lowest: ArrayLike, highest: ArrayLike) -> NDArray[np.int64]:
    """Return the best and the worst rank that each site could take, given what is uncertain about all of them.

    Best: only the sites that lie above it whatever the evidence turns out to be come before it. Worst: every
    site that could lie above it does.

    Parameters
    ----------
    lowest, highest : array_like, shape (n,)
        Bounds of the scores, compared to ``TIE_DECIMALS`` decimals.

    Returns
    -------
    ndarray, shape (n, 2)
        Best and worst rank, 1 to n.

    Raises
    ------
    InputError
        If a bound is missing or infinite, the lists differ in length, or a lowest score is above the highest.

    Examples
    --------
    >>> rank_range([0.6, 0.2, 0.5], [0.6, 0.55, 0.5]).tolist()
    [[1, 1], [2, 3], [2, 3]]
    """
    low, high = (np.round(np.asarray(ends, dtype=float), TIE_DECIMALS) for ends in (lowest, highest))
    if low.ndim != 1 or low.shape != high.shape:
        raise InputError("There must be one lowest and one highest score for each site.")
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise InputError("A lowest or highest score is missing or infinite.")
    if (low > high).any():
        raise InputError("A lowest score is above its highest score.")
    ordered_low, ordered_high = np.sort(low), np.sort(high)
    surely_above = len(low) - np.searchsorted(ordered_low, high, side="right")
    perhaps_above = len(low) - np.searchsorted(ordered_high, low, side="right")
    # A site whose own interval is more than a point does not come before itself.
    perhaps_above = perhaps_above - (high > low)
    return np.column_stack([1 + surely_above, 1 + perhaps_above]).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Ranking:
    """The sites of a roster ordered for one cluster under one perspective, with every part of each score.

    Attributes
    ----------
    cluster : Cluster
        Criteria, goalposts and weights used.
    table : DataFrame
        One row a site. ``rank`` (missing if unranked) with the best and worst rank that missing or uncertain
        evidence allows; ``score`` 0 to 1; ``score_lowest``, ``score_highest``; ``coverage`` (share of weight
        that rests on a value); ``status``; ``lacks`` (criteria without a value).
    contributions : DataFrame
        One row a site and criterion: value, points (0 to 1), weight, contribution, evidence, source.
    grades : DataFrame
        Share of weight by evidence grade: A, B, C, bounds only, missing (these add to 1); and how much of it
        rests on supplied evidence. Index: site.
    """

    cluster: Cluster
    _table: pd.DataFrame
    _contributions: pd.DataFrame
    _grades: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a site, ranked ones first."""
        return self._table.copy()

    @property
    def contributions(self) -> pd.DataFrame:
        """One row a site and criterion."""
        return self._contributions.copy()

    @property
    def grades(self) -> pd.DataFrame:
        """Share of weight by evidence grade, one row a site."""
        return self._grades.copy()

    @property
    def ranked(self) -> pd.DataFrame:
        """The rows of ``table`` that have a rank."""
        return self._table[self._table["status"] == "ranked"].copy()

    @property
    def supplied(self) -> float:
        """The share of the values used that a user supplied: 0 (none) to 1 (all); 0 where there is no value."""
        held = self._contributions["supplied"][self._contributions["value"].notna()]
        return float((held == "yes").mean()) if len(held) else 0.0

    @property
    def unranked(self) -> pd.DataFrame:
        """The sites below the minimum coverage, with what they lack."""
        return self._table.loc[
            self._table["status"] != "ranked", ["site", "name", "coverage", "status", "lacks"]
        ].copy()

    def __repr__(self) -> str:
        ranked = int((self._table["status"] == "ranked").sum())
        return (
            f"Ranking of {len(self._table)} sites for {self.cluster.title} ({self.cluster.perspective_label}): "
            f"{ranked} ranked, {len(self._table) - ranked} unranked. See .table, .contributions, .grades, .unranked."
        )


def rank_sites(measures: pd.DataFrame, cluster: Cluster) -> Ranking:
    r"""Rank sites for a cluster by the weighted mean of their criteria's points.

    .. math:: s_i = \sum_c w_c u_{ic}, \qquad \sum_c w_c = 1

    Nothing is filled in. A criterion without a value adds nothing to the score until evidence is supplied
    (so that a gap never helps a site), and its whole weight to the distance between lowest and highest
    score; one known only within bounds counts with its worse bound. A site whose values carry less than
    the cluster's minimum share of the weight is not ranked at all, and the table says what it lacks.

    0: at the worst goalpost of every criterion; 1: at the best of every one.

    Parameters
    ----------
    measures : DataFrame
        One row a site and measure, as ``load_measures`` returns it (columns site, name, measure, value, low,
        high, unit, vintage, grade, reason, detail, sources).
    cluster : Cluster
        As ``load_cluster`` returns it.

    Returns
    -------
    Ranking

    Raises
    ------
    InputError
        If the cluster has no criterion or its weights do not add to 1; if a site lacks a row for one of its
        measures or has it twice; if a value is infinite, outside its bounds or of an unknown grade.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, pp. 102-104 (linear aggregation).
    """
    criteria = cluster.criteria
    if criteria.empty:
        raise InputError(
            f"Cluster {cluster.cluster}, perspective {cluster.perspective}, has no criterion yet: "
            "add one to data/design/criteria.csv and perspective_criteria.csv."
        )
    _check_cluster(criteria, cluster.minimum_coverage)
    measures = _check_measures(measures, criteria)
    names = measures.drop_duplicates("site").set_index("site")["name"].sort_index()
    contributions = _contributions(measures, criteria, names)
    table, grades = _totals(contributions, names, len(criteria), cluster.minimum_coverage)
    return Ranking(cluster, table, contributions[CONTRIBUTIONS], grades)


def reweigh(ranking: Ranking, cluster: Cluster) -> Ranking:
    """Return the ranking that ``rank_sites`` would give with other weights, without reading the measures again.

    Points and bounds do not depend on weights; only contributions, sums and ranks are made anew, in the same way, so
    that every digit is that of ``rank_sites``.

    Parameters
    ----------
    ranking : Ranking
    cluster : Cluster
        The cluster of the ranking with other weights, as ``weigh_factors`` returns it.

    Raises
    ------
    InputError
        If anything but the weights differs, or they are below 0 or do not add to 1.
    """
    criteria, before = cluster.criteria, ranking.cluster.criteria
    if not criteria.drop(columns="weight").equals(before.drop(columns="weight")):
        raise InputError("Only the weights may differ from those of the ranking; rank the sites anew with rank_sites.")
    _check_cluster(criteria, cluster.minimum_coverage)
    parts = ranking.contributions
    names = parts.drop_duplicates("site").set_index("site")["name"]
    names.index = names.index.astype(ranking._table["site"].dtype)
    unknown = parts[["low", "high"]].isna().any(axis=1)
    bounded = parts["points"].isna() & ~unknown
    parts["weight"] = np.tile(criteria["weight"].to_numpy(dtype=float), len(names))
    parts["contribution"] = parts["weight"] * parts["points"].where(~bounded, parts["points_lowest"])
    table, grades = _totals(parts.assign(bounded=bounded), names, len(criteria), cluster.minimum_coverage)
    return Ranking(cluster, table, parts, grades)


#: Columns that ``rank_sites`` reads.
NEEDED = (
    "site",
    "name",
    "measure",
    "value",
    "low",
    "high",
    "unit",
    "vintage",
    "grade",
    "reason",
    "detail",
    "sources",
)


def _check_cluster(criteria: pd.DataFrame, minimum_coverage: float) -> None:
    weights = criteria["weight"].to_numpy(dtype=float)
    if not (weights >= 0).all() or abs(weights.sum() - 1) > WEIGHT_TOLERANCE:
        raise InputError(f"Weights must be 0 or more and add to 1, not {', '.join(f'{w:g}' for w in weights)}.")
    if not 0 <= minimum_coverage <= 1:
        raise InputError(f"The minimum coverage must be a share from 0 to 1, not {minimum_coverage:g}.")


def _check_measures(measures: pd.DataFrame, criteria: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that the criteria use; raise ``InputError`` if one is missing or cannot be used."""
    lacking = [name for name in NEEDED if name not in measures.columns]
    if lacking:
        raise InputError(f"The measures have no column {', '.join(lacking)}; load them with load_measures.")
    wanted = set(criteria["measure"])
    absent = sorted(wanted - set(measures["measure"]))
    if absent:
        raise InputError(f"The measures hold no {', '.join(absent)}. Run `lipresearch build`.")
    if measures["site"].isna().any() or (measures["site"] == "").any():
        raise InputError("A row of the measures names no site.")
    if measures.duplicated(["site", "measure"]).any():
        twice = measures[measures.duplicated(["site", "measure"])].iloc[0]
        raise InputError(f"Site {twice['site']} has the measure {twice['measure']} twice.")
    several = measures.groupby("site")["name"].nunique()
    if (several > 1).any():
        raise InputError(f"Site {several.index[several > 1][0]} has several names.")
    rows = measures[measures["measure"].isin(wanted)]
    sites = set(measures["site"])
    having = rows["measure"].value_counts()  # no row stands twice
    for measure in sorted(wanted):
        without = []
        if having[measure] < len(sites):
            without = sorted(sites - set(rows.loc[rows["measure"] == measure, "site"]))
        if without:
            raise InputError(
                f"Site {without[0]} has no row for the measure {measure}; a value that is missing needs its reason."
            )
    for column in ("value", "low", "high"):
        if not pd.api.types.is_numeric_dtype(rows[column]):
            raise InputError(f"Column {column} of the measures must hold numbers.")
    _check_numbers(rows)
    known = rows["value"].notna()
    if not rows.loc[known, "grade"].isin(["A", "B", "C"]).all():
        row = rows[known & ~rows["grade"].isin(["A", "B", "C"])].iloc[0]
        raise InputError(f"Site {row['site']}, measure {row['measure']}: grade {row['grade']!r} is not A, B or C.")
    return rows


def _check_numbers(rows: pd.DataFrame) -> None:
    """Raise ``InputError`` for a value that is infinite, outside its bounds, or has only one bound."""
    numbers = rows[["value", "low", "high"]].to_numpy(dtype=float)
    value, low, high = numbers.T
    wrong = np.isinf(numbers).any(axis=1) | (low > high) | (value < low) | (value > high)
    wrong |= (np.isnan(low) != np.isnan(high)) | (~np.isnan(value) & np.isnan(low))
    if wrong.any():
        row = rows[wrong].iloc[0]
        raise InputError(
            f"Site {row['site']}, measure {row['measure']}: value {row['value']:g} with bounds {row['low']:g} and "
            f"{row['high']:g} cannot be used; a value lies within two finite bounds (equal to it where it is exact)."
        )


def _contributions(measures: pd.DataFrame, criteria: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return one row a site and criterion, sorted by site, criteria in their order."""
    by_measure = {measure: frame.set_index("site") for measure, frame in measures.groupby("measure")}
    parts = []
    for place, (criterion, rule) in enumerate(criteria.iterrows()):
        frame = by_measure[rule["measure"]].reindex(names.index)
        goalposts = (float(rule["worst"]), float(rule["best"]), str(rule["scale"]))
        points = normalise(frame["value"], *goalposts)
        ends = np.column_stack([normalise(frame[end], *goalposts) for end in ("low", "high")])
        unknown = np.isnan(ends).any(axis=1)
        part = frame[["value", "low", "high", "unit", "vintage", "grade", "reason", "detail", "sources"]].copy()
        part["supplied"] = frame.get("supplied", "no")
        part["points"] = points
        part["points_lowest"] = np.where(unknown, 0.0, ends.min(axis=1))
        part["points_highest"] = np.where(unknown, 1.0, ends.max(axis=1))
        part["bounded"] = np.isnan(points) & ~unknown
        # What the score counts: the points, or those of the worse bound; nothing where neither is known.
        counted = np.where(np.isnan(points) & ~unknown, part["points_lowest"], points)
        part["contribution"] = rule["weight"] * counted
        for column in ("factor", "label", "measure", "weight"):
            part[column] = rule[column]
        part["criterion"] = criterion
        part["order"] = place
        part["name"] = names
        parts.append(part.rename_axis("site").reset_index())
    return pd.concat(parts, ignore_index=True).sort_values(["site", "order"], ignore_index=True)


def _weighted(weight: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sums over criteria, added in their order, so that every machine rounds alike."""
    total = np.zeros(len(points))
    for column in range(points.shape[1]):
        total += weight[:, column] * points[:, column]
    return np.asarray(np.clip(total, 0.0, 1.0), dtype=float)


def _totals(
    contributions: pd.DataFrame, names: pd.Series, criteria: int, minimum_coverage: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    def grid(column: str) -> NDArray[np.float64]:
        return np.asarray(contributions[column], dtype=float).reshape(len(names), criteria)

    weight, lowest, highest = grid("weight"), grid("points_lowest"), grid("points_highest")
    known = contributions["value"].notna().to_numpy().reshape(weight.shape)
    bounded = grid("bounded") > 0
    grade = contributions["grade"].to_numpy().reshape(weight.shape)
    coverage = _weighted(weight, known.astype(float))
    ranked = coverage >= minimum_coverage - TIE
    lacking = (
        contributions["label"]
        + " ("
        + contributions["detail"].where(contributions["detail"] != "", contributions["reason"])
        + ")"
    )
    missing = lacking.to_numpy().reshape(weight.shape)
    table = pd.DataFrame(
        {
            "site": names.index,
            "name": names.to_numpy(),
            "score": _weighted(weight, np.where(known, np.nan_to_num(grid("points")), lowest)),
            "score_lowest": _weighted(weight, lowest),
            "score_highest": _weighted(weight, highest),
            "coverage": coverage,
            "status": np.where(ranked, "ranked", f"unranked: below {100 * minimum_coverage:.0f} % coverage"),
            "lacks": ["; ".join(missing[row][~known[row]]) for row in range(len(names))],
        }
    )
    for column in ("rank", "rank_best", "rank_worst"):
        table[column] = pd.array([pd.NA] * len(table), dtype="Int64")
    if ranked.any():
        chosen = table[ranked]
        ends = rank_range(chosen["score_lowest"], chosen["score_highest"])
        table.loc[ranked, "rank"] = competition_ranks(chosen["score"])
        table.loc[ranked, "rank_best"] = ends[:, 0]
        table.loc[ranked, "rank_worst"] = ends[:, 1]
    table.loc[~ranked, ["score", "score_lowest", "score_highest"]] = np.nan
    table = table.sort_values(["rank", "coverage", "name", "site"], ascending=[True, False, True, True])
    grades = pd.DataFrame({"site": names.index, "name": names.to_numpy()})
    for letter in ("A", "B", "C"):
        grades[letter] = _weighted(weight, (known & (grade == letter)).astype(float))
    grades["bounds only"] = _weighted(weight, bounded.astype(float))
    grades["missing"] = _weighted(weight, (~known & ~bounded).astype(float))
    grades["of it supplied"] = _weighted(
        weight, (contributions["supplied"] == "yes").to_numpy(dtype=float).reshape(weight.shape)
    )
    return table[TABLE].reset_index(drop=True), grades.set_index("site")


def compare_perspectives(measures: pd.DataFrame, clusters: Sequence[Cluster]) -> pd.DataFrame:
    """Return each site's rank under several perspectives of one cluster, side by side.

    Parameters
    ----------
    measures : DataFrame
        As for ``rank_sites``.
    clusters : sequence of Cluster
        One cluster under different perspectives.

    Returns
    -------
    DataFrame
        Indexed by site, in the order of the first perspective: ``name``, one rank a perspective (missing where
        unranked), and ``spread``: the distance between the best and the worst of them.

    Raises
    ------
    InputError
        If a perspective stands twice (or is called name or spread), or two clusters are mixed.
    """
    names = [cluster.perspective for cluster in clusters]
    if len({*names, "name", "spread"}) != len(names) + 2 or len({cluster.cluster for cluster in clusters}) != 1:
        raise InputError("Compare different perspectives of one cluster.")
    rankings = [rank_sites(measures, cluster).table.set_index("site") for cluster in clusters]
    table = pd.DataFrame({"name": rankings[0]["name"]})
    for name, ranking in zip(names, rankings, strict=True):
        table[name] = ranking["rank"].reindex(table.index)
    table["spread"] = table[names].max(axis=1) - table[names].min(axis=1)
    return table

"""Choosing the set of sites that a design asks for, and judging a set that others chose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lipresearch import wording
from lipresearch.designs import (
    ATTRIBUTES,
    DISTINCT,
    EACH,
    INCLUDED,
    MOST_SITES,
    OBJECTIVES,
    TERCILES,
    UNKNOWN,
    Quota,
    StudyDesign,
    check_weights,
)
from lipresearch.errors import ImpossibleDesignError, InputError
from lipresearch.ranking import Ranking, competition_ranks
from lipresearch.selection import solve
from lipresearch.selection.problem import UNIT, Levels, Objective, Part, Problem, Rule, Set, distances, whole

#: How many of the best sets are listed.
BEST_SETS = 10
#: How many sets are kept from one comparison of all, to find the best one without a site.
KEPT = 400

#: Why a site is no candidate where nothing else was said.
ASKED = "left out when choosing"

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Proof:
    """What is known about the best set.

    Attributes
    ----------
    goal : str
        What was sought.
    objective : float
        What the recommended set is worth.
    bound : float
        No set that meets the design is worth more (less, where a smaller number is better).
    gap : float
        Distance between the two; 0 where the set is proven best.
    optimal : bool
        Whether no better set exists.
    solver : str
        How it was found.
    equally_good : int
        How many sets share the objective, the recommended one among them; at least so many where ``more``.
    more : bool
    compared : int or None
        How many sets meet the design, where every one was compared.
    """

    goal: str
    objective: float
    bound: float
    gap: float
    optimal: bool
    solver: str
    equally_good: int
    more: bool
    compared: int | None

    def __str__(self) -> str:
        text = f"{self.goal[:1].upper()}{self.goal[1:]}: {self.objective:.4f}"
        if self.optimal:
            text += "; proven: no set that meets the design is better"
        else:
            gap = f"{self.gap:.4f}" if self.gap >= 0.00005 else "below 0.0001"
            text += f"; not proven: the bound is {self.bound:.4f}, the gap {gap}"
        text += f" ({self.solver}"
        text += f"; {self.compared:,} sets meet the design)" if self.compared is not None else ")"
        if self.equally_good > 1:
            text += f". {'At least ' if self.more else ''}{self.equally_good} sets are equally good"
        elif self.more:
            text += ". Whether others are equally good was not looked into"
        return text + "."


@dataclass(frozen=True, eq=False)
class Candidates:
    """A design laid over the sites of rankings: the problem in whole numbers, and what its numbers stand for."""

    design: StudyDesign
    rankings: tuple[Ranking, ...]
    problem: Problem
    roster: tuple[str, ...]
    measures: pd.DataFrame | None
    frame: pd.DataFrame  # index: place; site, name, score, categories, one score a cluster
    excluded: pd.DataFrame
    targets: tuple[Rule, ...]
    quotas: Mapping[str, Quota]
    notes: tuple[str, ...]

    @cached_property
    def distance(self) -> Floats:
        """Distances between candidates, shape (n, n); NaN where undefined."""
        return _distances(self.rankings, self.design, self.problem.sites)

    @cached_property
    def deviation(self) -> Floats:
        """Standardised difference from the roster's mean, shape (n, measures); NaN where missing."""
        found = _deviations(self.roster, _compared(self.rankings, self.design, self.measures))[0]
        return found[_places(self.problem.sites, self.roster)]

    def places(self, sites: Iterable[str]) -> Set:
        """Return the places of sites, sorted; raise ``InputError`` for one that is no candidate."""
        index = {site: place for place, site in enumerate(self.problem.sites)}
        found = []
        for site in sites:
            if site not in index:
                row = self.excluded[self.excluded["site"] == site]
                why = f": {row['reason'].iloc[0]}" if len(row) else ""
                raise InputError(f"{site!r} is no candidate{why}. Candidates: {', '.join(sorted(index))}.")
            found.append(index[site])
        return tuple(sorted(found))

    def names(self, chosen: Iterable[int]) -> str:
        """Return the names of sites, in alphabetical order."""
        return ", ".join(sorted(self.frame["name"].iloc[list(chosen)]))

    def merits(self, chosen: Set) -> dict[str, float]:
        """Return what can be said of any set, whatever was sought."""
        scores = self.frame["score"].to_numpy()[list(chosen)]
        pairs = [self.distance[i, j] for at, i in enumerate(chosen) for j in chosen[at + 1 :]]
        known = bool(pairs) and not any(math.isnan(x) for x in pairs)
        parts = self.deviation[list(chosen)]
        counted = (~np.isnan(parts)).sum(axis=0)
        means = np.nansum(parts, axis=0)[counted > 0] / counted[counted > 0]
        return {
            "sum of scores": math.fsum(scores),
            "mean score": math.fsum(scores) / len(chosen),
            "least distance": min(pairs) if known else math.nan,
            "mean distance": math.fsum(pairs) / len(pairs) if known else math.nan,
            "mean difference from the roster": math.fsum(np.abs(means)) / len(means) if len(means) else math.nan,
        }


# -- from a design to whole numbers --------------------------------------------------------------------


def prepare(
    rankings: Ranking | Sequence[Ranking],
    design: StudyDesign,
    types: pd.DataFrame,
    *,
    measures: pd.DataFrame | None = None,
    kilometres: pd.DataFrame | None = None,
    exclude: Mapping[str, str] | Iterable[str] = (),
) -> Candidates:
    """Lay a design over the sites of rankings; see ``choose_sites`` for the parameters."""
    listed = (rankings,) if isinstance(rankings, Ranking) or not isinstance(rankings, Iterable) else tuple(rankings)
    _check_rankings(listed, design)
    weights = design.cluster_weights or (1.0,) * len(listed)
    if design.clusters:
        order = [ranking.cluster.cluster for ranking in listed]
        listed = tuple(listed[order.index(cluster)] for cluster in design.clusters)
    table = listed[0].table
    roster = sorted(table["site"])
    names = dict(zip(table["site"], table["name"], strict=True))
    lacking = sorted(set(roster) - set(types.index))
    if lacking:
        raise InputError(
            f"No categories are known of {', '.join(lacking[:5])}: add them to data/design/sites.csv. For a roster of "
            "your own name its table: roster='my_sites.csv'."
        )
    excluded = _excluded(roster, names, listed, design, exclude)
    scores, parts = _scores(listed, weights, roster)
    needs = {design.objective, *dict(design.mix)}
    notes: list[str] = []
    labels: list[str] = []
    deviation = np.zeros((len(roster), 0))
    if "representativeness" in needs:
        deviation, labels = _representing(listed, design, roster, measures, excluded, notes)
    kept = [site for site in roster if site not in excluded]
    if not kept:
        raise InputError("No site is left to choose from: " + "; ".join(f"{s}: {r}" for s, r in excluded.items()) + ".")
    values = dict(zip(kept, whole(np.array([scores[site] for site in kept])), strict=True))
    sites = tuple(sorted(kept, key=lambda site: (-values[site], site)))
    where = _places(sites, roster)
    overlap = _overlaps(sites, types)
    distance: Floats | None = None
    if {"least distance", "variety"} & needs:
        distance = _distances(listed, design, sites)
        undefined = np.isnan(distance)
        if undefined.any():
            notes.append(
                f"{int(np.triu(undefined, 1).sum())} pairs of sites share evidence for too little of the weight to be "
                "compared; they are never chosen together."
            )
        overlap = overlap | undefined
    shown = types.loc[list(sites)]
    for site, _ in design.include:
        if site not in sites:
            raise InputError(
                f"Design {design.design} must include {names.get(site, site)}, which is no candidate: "
                f"{excluded.get(site, 'not on the roster')}. Take it out of the design, or choose from a roster where "
                "it is ranked."
            )
    _check_levels(design, types)
    rules, targets = _rules(design, sites, names, shown, types.loc[roster], roster, measures, kilometres, notes)
    ranked = [site for site in roster if any(site in mine for mine in parts.values())]
    ranks = dict(zip(ranked, competition_ranks([scores[site] for site in ranked]), strict=True))
    columns: dict[str, object] = {
        "site": list(sites),
        "name": [names[site] for site in sites],
        "rank": [int(ranks[site]) for site in sites],
        "score": [scores[site] for site in sites],
    }
    for attribute in ATTRIBUTES:
        columns[attribute] = shown[attribute].to_numpy() if attribute in shown else ""
    for cluster, mine in parts.items():
        columns[f"score: {cluster}"] = [mine.get(site, math.nan) for site in sites]
    frame = pd.DataFrame(columns)
    problem = Problem(
        sites,
        np.array([values[site] for site in sites], dtype=np.int64),
        design.sites,
        overlap,
        tuple(rules),
        _objective(design, distance, deviation[where], labels),
    )
    return Candidates(
        design,
        listed,
        problem,
        tuple(roster),
        measures,
        frame,
        pd.DataFrame(
            [(site, names[site], excluded[site]) for site in sorted(excluded)], columns=["site", "name", "reason"]
        ),
        tuple(targets),
        {quota.quota: quota for quota in design.quotas},
        tuple(notes),
    )


def _places(sites: Sequence[str], roster: Sequence[str]) -> list[int]:
    """Return where sites stand on the roster."""
    index = {site: place for place, site in enumerate(roster)}
    return [index[site] for site in sites]


def _check_rankings(rankings: tuple[Ranking, ...], design: StudyDesign) -> None:
    if not isinstance(design, StudyDesign):
        raise InputError(f"A design is what load_design returns, not {design!r}.")
    if not rankings:
        raise InputError("No ranking was given.")
    for ranking in rankings:
        if not isinstance(ranking, Ranking):
            raise InputError(f"A ranking is what rank_sites returns, not {type(ranking).__name__}.")
    clusters = [ranking.cluster.cluster for ranking in rankings]
    if len(set(clusters)) < len(clusters):
        raise InputError(f"Give one ranking a cluster; these are of {', '.join(clusters)}.")
    if design.clusters and set(design.clusters) != set(clusters):
        raise InputError(
            f"The design {design.design} serves {', '.join(design.clusters)}; the rankings are of "
            f"{', '.join(clusters)}. Give a ranking for each of its clusters, or take another design."
        )
    if not design.clusters and len(clusters) > 1:
        raise InputError(
            f"The design {design.design} serves one cluster at a time; name several in its file to share sites."
        )
    for ranking in rankings:
        check_weights(design, ranking.cluster)
    rosters = {tuple(sorted(ranking.table["site"])) for ranking in rankings}
    if len(rosters) > 1:
        raise InputError("The rankings are over different sites; rank the same roster for each cluster.")


def _excluded(
    roster: list[str],
    names: Mapping[str, str],
    rankings: tuple[Ranking, ...],
    design: StudyDesign,
    exclude: Mapping[str, str] | Iterable[str],
) -> dict[str, str]:
    """Return {site: reason} of the sites of the roster that are no candidates."""
    excluded: dict[str, str] = {}
    tables = [ranking.table for ranking in rankings]
    ranked = set().union(*(table["site"][table["status"] == "ranked"] for table in tables))
    covered = [dict(zip(table["site"], table["coverage"], strict=True)) for table in tables]
    needed = min(ranking.cluster.minimum_coverage for ranking in rankings)
    for site in roster:
        if site not in ranked:
            share = max(float(mine[site]) for mine in covered)
            known, least = wording.percent(share), wording.percent(needed)
            excluded[site] = f"not ranked: evidence for {known} of the weight, at least {least} needed"
    if isinstance(exclude, str):
        raise InputError(f"Give the sites to leave out as a list, not as the text {exclude!r}.")
    if not isinstance(exclude, Iterable):
        raise InputError(f"Give the sites to leave out as a list, not as {exclude!r}.")
    asked = dict(exclude) if isinstance(exclude, Mapping) else {str(site): ASKED for site in exclude}
    for site, reason in asked.items():
        if site not in roster:
            near = [name for name in roster if str(site).lower() in name or str(site).lower() in names[name].lower()]
            raise InputError(
                f"{site!r} cannot be left out: it is not on the roster."
                + (f" Did you mean {', '.join(near[:5])}?" if near else " See `lipresearch sites`.")
            )
        excluded[site] = reason if isinstance(reason, str) and reason else ASKED
    for site, reason in design.exclude:
        if site in roster:
            excluded[site] = f"excluded by the design: {reason}"
    return excluded


def _scores(
    rankings: tuple[Ranking, ...], weights: Sequence[float], roster: list[str]
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Return each site's sum of weighted scores, and its score by cluster; unranked in a cluster adds nothing."""
    parts: dict[str, dict[str, float]] = {}
    for ranking in rankings:
        ranked = ranking.ranked
        parts[ranking.cluster.cluster] = dict(zip(ranked["site"], ranked["score"].astype(float), strict=True))
    total = {
        site: math.fsum(weight * mine.get(site, 0.0) for weight, mine in zip(weights, parts.values(), strict=True))
        for site in roster
    }
    return total, parts


def _overlaps(sites: tuple[str, ...], types: pd.DataFrame) -> Bools:
    index = {site: place for place, site in enumerate(sites)}
    overlap = np.zeros((len(sites), len(sites)), dtype=bool)
    for site, others in zip(sites, types["overlaps"].reindex(list(sites)), strict=True):
        for other in filter(None, others.split(";")):
            if other in index:
                overlap[index[site], index[other]] = overlap[index[other], index[site]] = True
    return overlap


def _points(ranking: Ranking, sites: Sequence[str]) -> tuple[Floats, Floats, list[str]]:
    parts = ranking.contributions
    criteria = list(ranking.cluster.criteria.index)
    wide = parts.pivot(index="site", columns="criterion", values="points").reindex(index=list(sites), columns=criteria)
    return wide.to_numpy(dtype=float), ranking.cluster.criteria["weight"].to_numpy(dtype=float), criteria


def _distances(rankings: tuple[Ranking, ...], design: StudyDesign, sites: tuple[str, ...]) -> Floats:
    """Return distances over the criteria's points of all rankings, weighted as the design says."""
    points, weights, names = [], [], []
    for ranking in rankings:
        mine, weight, criteria = _points(ranking, sites)
        points.append(mine)
        weights.append(weight)
        names += criteria
    weight = np.concatenate(weights) / len(rankings)
    if design.distance_weights == "equal":
        weight = np.full(len(names), 1 / len(names))
    elif not isinstance(design.distance_weights, str):
        declared = dict(design.distance_weights)
        unknown = sorted(set(declared) - set(names))
        if unknown:
            raise InputError(
                f"Design {design.design}: no criterion {', '.join(unknown)} to weight a distance with. "
                f"There are: {', '.join(names)}."
            )
        weight = np.array([declared.get(name, 0.0) for name in names])
        weight = weight / weight.max()  # only their proportions count, however large or small they were written
    minimum = min(ranking.cluster.minimum_coverage for ranking in rankings)
    return distances(np.concatenate(points, axis=1), weight, minimum)


def _compared(rankings: tuple[Ranking, ...], design: StudyDesign, measures: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows (site, measure, label, value) of what is compared with the roster, in a fixed order."""
    if design.measures:
        if measures is None:
            raise InputError(f"Design {design.design} compares measures with the roster; give the measures.")
        rows = measures[measures["measure"].isin(design.measures)]
        absent = sorted(set(design.measures) - set(rows["measure"]))
        if absent:
            raise InputError(f"Design {design.design}: the measures hold no {', '.join(absent)}.")
        return rows.sort_values("measure", key=lambda column: column.map(design.measures.index), kind="stable")
    rows = pd.concat([ranking.contributions for ranking in rankings], ignore_index=True)
    return rows.drop_duplicates(["site", "measure"])


def _deviations(roster: Sequence[str], rows: pd.DataFrame) -> tuple[Floats, list[str]]:
    """Return (value - mean of the roster) / standard deviation of the roster, by site and measure, with labels."""
    order = list(dict.fromkeys(rows["measure"]))
    wide = rows.pivot(index="site", columns="measure", values="value").reindex(index=list(roster), columns=order)
    labels = rows.drop_duplicates("measure").set_index("measure")["label"]
    columns, kept = [], []
    for measure in order:
        values = wide[measure].to_numpy(dtype=float)
        known = values[~np.isnan(values)]
        if len(known) < 2 or np.ptp(known) == 0:
            continue  # nothing to standardise by
        mean = math.fsum(known) / len(known)
        spread = math.sqrt(math.fsum((known - mean) ** 2) / len(known))
        columns.append((values - mean) / spread)
        kept.append(str(labels[measure]))
    return (np.column_stack(columns) if columns else np.zeros((len(roster), 0))), kept


def _representing(
    rankings: tuple[Ranking, ...],
    design: StudyDesign,
    roster: list[str],
    measures: pd.DataFrame | None,
    excluded: dict[str, str],
    notes: list[str],
) -> tuple[Floats, list[str]]:
    """Return deviations without gaps: a declared measure shuts out sites that lack it; others are left out."""
    rows = _compared(rankings, design, measures)
    deviation, labels = _deviations(roster, rows)
    flat = [label for label in dict.fromkeys(rows["label"]) if label not in labels]
    if flat:
        notes.append(f"Not compared with the roster, where it does not vary or is hardly known: {', '.join(flat)}.")
    if design.measures:
        for site, row in zip(roster, deviation, strict=True):
            gaps = [label for label, value in zip(labels, row, strict=True) if math.isnan(value)]
            if gaps and site not in excluded:
                excluded[site] = "no value to compare with the roster: " + ", ".join(gaps)
    else:
        # Of all ranked sites, so that leaving one out does not change what is compared.
        ranked = set().union(*(ranking.ranked["site"] for ranking in rankings))
        free = [place for place, site in enumerate(roster) if site in ranked]
        there = ~np.asarray(np.isnan(deviation[free]).any(axis=0))
        lost = [label for label, known in zip(labels, there, strict=True) if not known]
        labels = [label for label, known in zip(labels, there, strict=True) if known]
        deviation = deviation[:, there]
        if lost:
            notes.append(f"Not compared with the roster, for want of a value at some ranked site: {', '.join(lost)}.")
    notes.append(f"Compared with the roster: {', '.join(labels)}.")
    return deviation, labels


def _objective(design: StudyDesign, distance: Floats | None, deviation: Floats, labels: list[str]) -> Objective:
    size, width = design.sites, len(labels)
    pairs = size * (size - 1) // 2
    whole_distance = None if distance is None else whole(np.nan_to_num(distance))
    if design.objective == "suitability":
        return Objective("suitability", float(UNIT))
    if design.objective == "least distance":
        return Objective("least distance", float(UNIT), distance=whole_distance, least=True)
    if design.objective == "variety":
        return Objective("variety", float(UNIT), score=0, pair=1, distance=whole_distance)
    if not width and "representativeness" in (design.objective, *dict(design.mix)):
        raise InputError("No measure differs between the sites of the roster, so nothing can be represented.")
    if design.objective == "representativeness":
        return Objective("representativeness", -float(UNIT * size * width), 0, 0, 1, deviation=whole(deviation))
    mix = {name: Fraction(round(1000 * weight), 1000) for name, weight in design.mix}
    terms = [
        mix.get("suitability", Fraction(0)) / size,
        mix.get("variety", Fraction(0)) / max(pairs, 1),
        mix.get("representativeness", Fraction(0)) / (size * max(width, 1)),
    ]
    common = math.lcm(*(term.denominator for term in terms))
    score, pair, spread = (int(term * common) for term in terms)
    whole_deviation = whole(np.nan_to_num(deviation)) if spread else None
    return Objective("mix", float(UNIT * common), score, pair, spread, whole_distance, whole_deviation)


def _rules(
    design: StudyDesign,
    sites: tuple[str, ...],
    names: Mapping[str, str],
    types: pd.DataFrame,
    all_types: pd.DataFrame,
    roster: list[str],
    measures: pd.DataFrame | None,
    kilometres: pd.DataFrame | None,
    notes: list[str],
) -> tuple[list[Rule], list[Rule]]:
    rules: list[Rule] = []
    targets: list[Rule] = []
    for quota in design.quotas:
        rule, unknown = _quota_rule(quota, types, all_types, roster, measures)
        if unknown.any():
            who = ", ".join(sorted(names[site] for site, lost in zip(sites, unknown, strict=True) if lost))
            notes.append(f"Not known, so it meets no minimum and counts against a maximum: {quota.label}: {who}.")
        (rules if quota.kind == "quota" else targets).append(rule)
    index = {site: place for place, site in enumerate(sites)}
    for site, reason in design.include:
        label = f"must include {names[site]} ({reason})"
        rules.append(Rule(f"{INCLUDED}{site}", label, "include", include=index[site]))
    if design.minimum_km > 0:
        if kilometres is None:
            raise InputError(f"Design {design.design} asks for a minimum distance; give the distances in kilometres.")
        table = kilometres.reindex(index=list(sites), columns=list(sites)).to_numpy(dtype=float)
        near = ~(table >= design.minimum_km)  # a distance that is not known is not far enough
        np.fill_diagonal(near, False)
        far = int(np.triu(~near, 1).sum())
        text = f"at least {design.minimum_km:g} km between any two sites"
        rules.append(
            Rule("minimum_km", text, "apart", apart=near | near.T, offers=f"{far} pairs of sites are that far apart")
        )
    return rules, targets


def _check_levels(design: StudyDesign, types: pd.DataFrame) -> None:
    """Raise where a quota names a level that no site has: a maximum on it would be kept by every set."""
    for quota in design.quotas:
        if quota.measure or ATTRIBUTES[quota.attribute][1] or quota.level in (EACH, DISTINCT):
            continue
        there = sorted(set(types[quota.attribute]) - set(UNKNOWN))
        if quota.level not in there:
            raise InputError(
                f"Design {design.design}, quota {quota.quota}: no site has the {ATTRIBUTES[quota.attribute][0]} "
                f"{quota.level!r}. There are: {', '.join(there)}."
            )


def _quota_rule(
    quota: Quota, types: pd.DataFrame, all_types: pd.DataFrame, roster: list[str], measures: pd.DataFrame | None
) -> tuple[Rule, Bools]:
    """Return a quota as a rule over the candidates, and which of them have no known value for it."""
    if quota.measure:
        values, label = _terciles(quota, roster, list(types.index), measures)
        levels: list[str] = list(TERCILES)
    else:
        values = types[quota.attribute].astype(str).to_numpy()
        levels = list(ATTRIBUTES[quota.attribute][1]) or sorted(set(all_types[quota.attribute]) - set(UNKNOWN))
        label = quota.label
    unknown = np.isin(values, UNKNOWN)
    member = np.array([values == level for level in levels]).reshape(len(levels), len(values))
    counts = {level: int(row.sum()) for level, row in zip(levels, member, strict=True)}
    # A bound beyond every set asks the same as one just beyond it, which the arithmetic can hold.
    minimum, maximum = (
        None if bound is None else min(bound, MOST_SITES + 1) for bound in (quota.minimum, quota.maximum)
    )
    if quota.level == DISTINCT:
        there = [level for level, count in counts.items() if count]
        rule = Rule(
            quota.quota,
            label,
            quota.kind,
            levels=Levels(member, unknown, minimum, maximum),
            offers=f"the candidates offer {len(there)}: {', '.join(there)}",
        )
        return rule, unknown
    wanted = levels if quota.level == EACH else [quota.level]
    parts = tuple(Part(level, values == level, (values == level) | unknown, minimum, maximum) for level in wanted)
    offers = ", ".join(
        f"{counts.get(level, 0)} {level}" if len(wanted) > 1 else f"{counts.get(level, 0)}" for level in wanted
    )
    return Rule(quota.quota, label, quota.kind, parts, offers=f"the candidates offer {offers}"), unknown


def _terciles(
    quota: Quota, roster: list[str], sites: list[str], measures: pd.DataFrame | None
) -> tuple[NDArray[np.str_], str]:
    """Return the third of each site in a measure over the roster; "" where it has no value."""
    if measures is None:
        raise InputError(f"Quota {quota.quota} is on the measure {quota.measure}; give the measures.")
    rows = measures[(measures["measure"] == quota.measure) & measures["site"].isin(roster)]
    if rows.empty:
        raise InputError(f"Quota {quota.quota}: the measures hold no {quota.measure} for these sites.")
    values = rows.set_index("site")["value"].reindex(roster)
    known = values.dropna().to_numpy()
    if len(known) < 3:
        raise InputError(f"Quota {quota.quota}: {quota.measure} is known for fewer than three sites.")
    first, second = (round(float(np.quantile(known, share)), 9) for share in (1 / 3, 2 / 3))
    mine = values.reindex(sites).round(9)
    third = np.where(mine <= first, TERCILES[0], np.where(mine > second, TERCILES[2], TERCILES[1]))
    label = f"{quota.bounds} in the {quota.level} of: {rows['label'].iloc[0]}"
    return np.where(mine.isna(), "", third).astype(object), label


# -- the choice ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Selection:
    """The best set of sites under a design, with its proof, and what to do if a site declines.

    Tables that take further solving (``alternates``, ``replacements``, ``best_sets``, ``cost_of_quotas``) are made
    when they are first asked for.

    Attributes
    ----------
    design : StudyDesign
    rankings : tuple of Ranking
    proof : Proof
        Objective, bound, gap, whether it is proven, and how.
    notes : tuple of str
        What a reader must know: unknown categories, pairs that cannot be compared.
    """

    proof: Proof
    _candidates: Candidates
    _chosen: Set
    _kept: tuple[Set, ...]

    @property
    def design(self) -> StudyDesign:
        """The design."""
        return self._candidates.design

    @property
    def rankings(self) -> tuple[Ranking, ...]:
        """The rankings that the scores come from."""
        return self._candidates.rankings

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know."""
        return self._candidates.notes

    @property
    def sites(self) -> tuple[str, ...]:
        """Ids of the chosen sites, the highest score first."""
        return tuple(self._candidates.problem.sites[place] for place in self._chosen)

    @property
    def candidates(self) -> pd.DataFrame:
        """Every site that could have been chosen: score, categories and whether it was."""
        frame = self._candidates.frame.copy()
        frame.insert(3, "chosen", [place in self._chosen for place in range(len(frame))])
        return frame

    @property
    def table(self) -> pd.DataFrame:
        """The chosen sites: name, rank (by the sum of scores where there are several clusters), score, categories."""
        return self._candidates.frame.iloc[list(self._chosen)].reset_index(drop=True)

    @property
    def excluded(self) -> pd.DataFrame:
        """The sites of the roster that were no candidates, with the reason of each."""
        return self._candidates.excluded.copy()

    @property
    def merits(self) -> pd.Series:
        """What can be said of the set, whatever was sought: scores, distances, difference from the roster.

        The difference is over the chosen sites that have a value of a measure; a distance that is undefined leaves
        both distances missing.
        """
        return pd.Series(self._candidates.merits(self._chosen))

    @property
    def quotas(self) -> pd.DataFrame:
        """Each demand of the design, what the set has, and whether it is met; spread targets do not bind."""
        return quota_table(self._candidates, self._chosen)

    @property
    def fills(self) -> pd.DataFrame:
        """Which chosen site helps to meet which demand for a least number of sites, of different values or of one site.

        One row a site and demand, in the order of the sites, then of the design: ``site``, ``quota``, and ``needed``:
        whether the set without the site would not meet the demand. Spread targets are left out.
        """
        rows = []
        for place in self._chosen:
            rest = [other for other in self._chosen if other != place]
            for rule in self._candidates.problem.rules:
                helps = rule.include == place
                helps |= any(part.minimum is not None and bool(part.sure[place]) for part in rule.parts)
                if rule.levels is not None and rule.levels.minimum is not None:
                    helps |= bool(rule.levels.member[:, place].any())
                if helps:
                    rows.append((self._candidates.problem.sites[place], rule.rule, not rule.met(rest)))
        return pd.DataFrame(rows, columns=["site", "quota", "needed"])

    @cached_property
    def _swaps(self) -> list[tuple[int, list[tuple[int, Set]]]]:
        """Return for each chosen place every site that can take its place, the best first, with the set."""
        problem = self._candidates.problem
        found = []
        for out in self._chosen:
            rest = [place for place in self._chosen if place != out]
            fits = problem.fits_with(rest)
            fits[list(self._chosen)] = False
            usable = [(int(other), tuple(sorted([*rest, int(other)]))) for other in np.flatnonzero(fits)]
            found.append((out, sorted(usable, key=lambda pair: problem.key(pair[1]))))
        return found

    @cached_property
    def _replacements(self) -> pd.DataFrame:
        names = self._candidates.frame["name"]
        rows = []
        for out, options in self._swaps:
            base = self._value(self._chosen)
            values = [self._value(chosen) for _, chosen in options]
            better = 0
            for at, ((other, _), value) in enumerate(zip(options, values, strict=True)):
                if at and value != values[at - 1]:  # the best come first, so as many are better as stand before
                    better = at
                rows.append(
                    (
                        self._candidates.problem.sites[out],
                        names[out],
                        1 + better,
                        self._candidates.problem.sites[other],
                        names[other],
                        value,
                        value - base,
                    )
                )
        return pd.DataFrame(
            rows,
            columns=["site", "name", "order", "replacement", "replacement_name", "objective", "change"],
        )

    @property
    def replacements(self) -> pd.DataFrame:
        """Every site that could replace a chosen one with the others kept, the best first; equal ones share a place.

        ``objective`` is that of the whole set after the exchange, ``change`` what the exchange does to it.
        """
        return self._replacements.copy()

    @cached_property
    def _alternates(self) -> pd.DataFrame:
        problem, names = self._candidates.problem, self._candidates.frame["name"]
        base = self._value(self._chosen)
        rows = []
        for out, options in self._swaps:
            row: dict[str, object] = {"site": problem.sites[out], "name": names[out]}
            row["replacement"] = problem.sites[options[0][0]] if options else ""
            row["replacement_name"] = names[options[0][0]] if options else "none with the others kept"
            row["objective"] = self._value(options[0][1]) if options else math.nan
            row["change"] = self._value(options[0][1]) - base if options else math.nan
            best = self._best_without(out)
            row["best_without"] = math.nan if best is None else self._value(best)
            row["best_without_change"] = math.nan if best is None else self._value(best) - base
            new = [] if best is None else [place for place in best if place not in self._chosen]
            lost = [] if best is None else [place for place in self._chosen if place not in best and place != out]
            row["enters"] = self._candidates.names(new) if best is not None else "no set meets the design without it"
            row["leaves_too"] = self._candidates.names(lost)
            rows.append(row)
        return pd.DataFrame(rows)

    @property
    def alternates(self) -> pd.DataFrame:
        """For each chosen site its best replacement if it declines, solved anew under the same design.

        ``replacement``: with the other sites kept, and the set's objective then. ``best_without``: the objective of
        the best whole set without the site; ``enters`` and ``leaves_too`` say what changes besides.
        """
        return self._alternates.copy()

    def _best_without(self, out: int) -> Set | None:
        for chosen in self._kept:
            if out not in chosen:
                return chosen
        found = solve.best_sets(self._candidates.problem.without_site(out)).sets
        return found[0] if found else None

    @cached_property
    def _best_sets(self) -> pd.DataFrame:
        problem = self._candidates.problem
        sets: Sequence[Set] = self._kept[:BEST_SETS]
        if len(self._kept) < BEST_SETS:
            sets = solve.best_sets(problem, BEST_SETS).sets
        values = [problem.value_of(chosen) for chosen in sets]
        base = self._value(sets[0])
        rows = []
        for chosen, value in zip(sets, values, strict=True):
            rows.append(
                {
                    "place": 1 + sum(other > value for other in values),
                    "objective": self._value(chosen),
                    "change": self._value(chosen) - base,
                    "sites": ";".join(problem.sites[place] for place in chosen),
                    "names": self._candidates.names(chosen),
                    "leaves": self._candidates.names(set(self._chosen) - set(chosen)),
                    "enters": self._candidates.names(set(chosen) - set(self._chosen)),
                }
            )
        return pd.DataFrame(rows)

    @property
    def best_sets(self) -> pd.DataFrame:
        """The ten best sets (fewer where there are no more): equal ones share a place; what each changes."""
        return self._best_sets.copy()

    @property
    def shared(self) -> pd.DataFrame:
        """How many of the best sets hold each site: those in all of them do not depend on a near tie."""
        best = self._best_sets
        held = [site for sites in best["sites"] for site in sites.split(";")]
        counts = pd.Series(held).value_counts()
        frame = self._candidates.frame.set_index("site")["name"]
        table = pd.DataFrame(
            {
                "site": list(counts.index),
                "name": [frame[site] for site in counts.index],
                "sets": counts.to_numpy(),
                "of": len(best),
                "chosen": [site in self.sites for site in counts.index],
            }
        )
        return table.sort_values(["sets", "name", "site"], ascending=[False, True, True], ignore_index=True)

    @cached_property
    def _cost(self) -> pd.DataFrame:
        problem = self._candidates.problem
        base = self._value(self._chosen)
        rows = []
        trials = [(rule.rule, rule.label, problem.without_rule(rule.rule)) for rule in problem.rules]
        if len(trials) > 1:
            trials.append(("all", "all of these together", problem.only_rules(())))
        for rule, label, relaxed in trials:
            # The first places have the highest scores: they are best under fewer demands too.
            first = relaxed.objective.linear and self._chosen == tuple(range(relaxed.size))
            best = self._chosen if first else solve.best_sets(relaxed).sets[0]
            value = self._value(best)
            rows.append(
                {
                    "quota": rule,
                    "label": label,
                    "without_it": value,
                    "cost": abs(value - base) if self._better(value, base) else 0.0,
                    "leaves": self._candidates.names(set(self._chosen) - set(best)),
                    "enters": self._candidates.names(set(best) - set(self._chosen)),
                }
            )
        return pd.DataFrame(rows, columns=["quota", "label", "without_it", "cost", "leaves", "enters"])

    @property
    def cost_of_quotas(self) -> pd.DataFrame:
        """What each demand costs: the objective of the best set without it, solved anew, and how the set changes.

        All others are kept, so a demand that they imply costs nothing on its own; the last row gives up all of them.
        """
        return self._cost.copy()

    def _value(self, chosen: Set) -> float:
        return self._candidates.problem.objective.read(self._candidates.problem.value_of(chosen))

    def _better(self, first: float, second: float) -> bool:
        """Whether one value is better than another, as the objective reads."""
        return (first < second) if self._candidates.problem.objective.scale < 0 else (first > second)

    def __repr__(self) -> str:
        return (
            f"Selection of {len(self._chosen)} sites ({self.design.label}): {self._candidates.names(self._chosen)}. "
            f"{self.proof} See .table, .quotas, .alternates, .replacements, .best_sets, .cost_of_quotas, .excluded."
        )


def quota_table(candidates: Candidates, chosen: Set) -> pd.DataFrame:
    """Return each demand of a design, what a set has, and whether it meets it."""
    rows = []
    for rule in (*candidates.problem.rules, *candidates.targets):
        quota = candidates.quotas.get(rule.rule)
        if rule.levels is not None:
            has = str(rule.levels.count(chosen))
        elif rule.apart is not None:
            near = sum(bool(rule.apart[i, j]) for at, i in enumerate(chosen) for j in chosen[at + 1 :])
            has = "all pairs" if near == 0 else f"{near} pair{'' if near == 1 else 's'} nearer, or not known"
        elif rule.include is not None:
            has = "yes" if rule.include in chosen else "no"
        else:
            counts = [(part.label, int(part.sure[list(chosen)].sum())) for part in rule.parts]
            has = str(counts[0][1]) if len(counts) == 1 else ", ".join(f"{n} {label}" for label, n in counts if n)
        rows.append(
            {
                "quota": rule.rule,
                "label": rule.label,
                "kind": "spread" if rule.kind == "spread" else "quota",
                "has": has or "none",
                "met": rule.met(chosen),
                "rationale": quota.rationale if quota else "",
            }
        )
    return pd.DataFrame(rows, columns=["quota", "label", "kind", "has", "met", "rationale"])


def choose_sites(
    rankings: Ranking | Sequence[Ranking],
    design: StudyDesign,
    types: pd.DataFrame,
    *,
    measures: pd.DataFrame | None = None,
    kilometres: pd.DataFrame | None = None,
    exclude: Mapping[str, str] | Iterable[str] = (),
    time_limit: float = solve.TIME_LIMIT,
) -> Selection:
    r"""Return the set of sites that is best under a design, with the proof that no better one exists.

    .. math:: \max_{S} V(S) \quad |S| = k, \; S \text{ meets every quota}, \; \text{no two sites overlap}

    Scores, distances and deviations are compared to ``TIE_DECIMALS`` decimals, in whole numbers, and every set that
    a solver returns is counted again. Of sets that are equally good, the one with the highest sum of scores is
    recommended, then the one whose best site has the highest score, then its second, and so on; equal scores go by id.
    Neither the order of the rows nor the machine plays a part, unless the proof says that a set is not proven best, or
    that others as good were not looked into (a sum of distances or deviations over more sets than can be compared).

    A category that is not known meets no minimum, and counts against every maximum. Sites that are not ranked are no
    candidates. Two sites that share an area are never chosen together.

    Parameters
    ----------
    rankings : Ranking or sequence of Ranking
        One a cluster, over the same sites.
    design : StudyDesign
    types : DataFrame
        Categories of the sites, indexed by site, with the column ``overlaps``.
    measures : DataFrame, optional
        For quotas on thirds of a measure, and for the measures of a design: columns site, measure, label, value.
    kilometres : DataFrame, optional
        Distances between sites; needed where the design asks for a least one.
    exclude : mapping of site to reason, or sites
        Left out, for instance because they declined.
    time_limit : float
        Seconds for one integer programme.

    Returns
    -------
    Selection

    Raises
    ------
    ImpossibleDesignError
        Naming a smallest group of quotas that cannot be met together, with what the candidates offer.
    InputError
        If a ranking does not fit the design, a site is unknown, or a table is missing.

    References
    ----------
    Gower (1971) for distances; Kuby, M. (1987), Programming models for facility dispersion: the p-dispersion and
    maxisum dispersion problems, Geographical Analysis 19, p. 315, for the two kinds of variety.
    """
    candidates = prepare(rankings, design, types, measures=measures, kilometres=kilometres, exclude=exclude)
    return _chosen(candidates, time_limit)


def _chosen(candidates: Candidates, time_limit: float) -> Selection:
    problem = candidates.problem
    enumerated = not problem.objective.linear and not problem.objective.least
    if enumerated and solve.number_of_sets(problem) <= solve.ENUMERABLE:
        found = solve.by_enumeration(problem, KEPT)
    else:
        found = solve.best_sets(problem, 1, time_limit)
    if not found.sets:
        raise _impossible(candidates, time_limit)
    goal, value = problem.objective, problem.value_of(found.sets[0])
    proof = Proof(
        OBJECTIVES[goal.kind],
        goal.read(value),
        goal.read(found.bound),
        abs(goal.read(found.bound - value)),
        found.proven,
        found.method,
        found.tied,
        found.more_tied,
        found.compared,
    )
    return Selection(proof, candidates, found.sets[0], found.sets)


def _impossible(candidates: Candidates, time_limit: float) -> ImpossibleDesignError:
    problem, design = candidates.problem, candidates.design
    ids, smallest = solve.conflict(problem, time_limit)
    head = f"No set of {design.sites} sites meets the design {design.design}. "
    if not ids and len(problem.sites) < design.sites:
        return ImpossibleDesignError(
            f"{head}There are only {len(problem.sites)} candidates. Ask for fewer sites, or exclude fewer.",
            ("number of sites",),
        )
    if not ids:
        return ImpossibleDesignError(
            f"{head}Of {len(problem.sites)} candidates not even {design.sites} can be chosen without two that share an "
            "area (or cannot be compared). Ask for fewer sites, or exclude fewer.",
            ("number of sites",),
        )
    rules = [next(rule for rule in problem.rules if rule.rule == name) for name in ids]
    listed = "\n".join(f"  {rule.label}" + (f" ({rule.offers})" if rule.offers else "") for rule in rules)
    what = (
        "This demand cannot be met:"
        if len(rules) == 1
        else f"These {len(rules)} demands conflict, and no smaller group of them does:"
        if smallest
        else f"These {len(rules)} demands conflict; without any one of them the others can be met:"
    )
    out = candidates.excluded
    lost = f" {len(out)} sites of the roster are no candidates: {', '.join(out['name'])}." if len(out) else ""
    if problem.overlap.any():
        lost += " Two sites that share an area (or cannot be compared) are never chosen together."
    return ImpossibleDesignError(
        f"{head}{what}\n{listed}\nRelax one of them in {design.file or 'the design'}, or exclude fewer sites.{lost}",
        tuple(rule.label for rule in rules),
        smallest,
    )


# -- judging a set -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Assessment:
    """A set of sites that others chose, set beside the best one under a design.

    Attributes
    ----------
    best : Selection
        The best set under the same design.
    objective : float
        What the given set is worth, on the design's own objective.
    meets : bool
        Whether it meets every quota, and no two of its sites share an area.
    better : int or None
        How many sets meet the design and are worth more; None where there are too many to compare.
    compared : int or None
        How many sets meet the design.
    """

    best: Selection
    objective: float
    meets: bool
    better: int | None
    compared: int | None
    _candidates: Candidates
    _chosen: Set

    @property
    def sites(self) -> tuple[str, ...]:
        """Ids of the given sites, the highest score first."""
        return tuple(self._candidates.problem.sites[place] for place in self._chosen)

    @property
    def table(self) -> pd.DataFrame:
        """Every site of either set: score, rank, and whether it is in the given set, the best one or both."""
        either = sorted({*self._chosen, *self._candidates.places(self.best.sites)})
        frame = self._candidates.frame.iloc[either].reset_index(drop=True)
        given, best = set(self.sites), set(self.best.sites)
        kind = ["both" if site in given & best else "given" if site in given else "best" for site in frame["site"]]
        frame.insert(3, "in", kind)
        return frame

    @property
    def quotas(self) -> pd.DataFrame:
        """Each demand of the design, what the given set has, and whether it is met."""
        return quota_table(self._candidates, self._chosen)

    @property
    def overlapping(self) -> tuple[tuple[str, str], ...]:
        """Pairs of the given sites that may not be together: they share an area, or cannot be compared."""
        sites, overlap = self._candidates.problem.sites, self._candidates.problem.overlap
        return tuple(
            (sites[i], sites[j]) for at, i in enumerate(self._chosen) for j in self._chosen[at + 1 :] if overlap[i, j]
        )

    @property
    def merits(self) -> pd.DataFrame:
        """Scores, distances and difference from the roster, of the given set and of the best one."""
        best = self._candidates.merits(self._candidates.places(self.best.sites))
        return pd.DataFrame({"given": self._candidates.merits(self._chosen), "best": best})

    def __repr__(self) -> str:
        return (
            f"Assessment of {self._candidates.names(self._chosen)}: objective {self.objective:.4f}, the best set has "
            f"{self.best.proof.objective:.4f}. See .table, .quotas, .merits, .best."
        )


def assess_sites(
    rankings: Ranking | Sequence[Ranking],
    design: StudyDesign,
    sites: Iterable[str],
    types: pd.DataFrame,
    *,
    measures: pd.DataFrame | None = None,
    kilometres: pd.DataFrame | None = None,
    time_limit: float = solve.TIME_LIMIT,
) -> Assessment:
    """Return how a given set does under a design: its worth, the quotas it meets, and the best set beside it.

    Parameters
    ----------
    rankings, design, types, measures, kilometres, time_limit
        As for ``choose_sites``.
    sites : iterable of str
        As many ids as the design has sites.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        If a site is no candidate (not ranked, or not on the roster), stands twice, or the number is another.
    """
    if not isinstance(design, StudyDesign):
        raise InputError(f"A design is what load_design returns, not {design!r}.")
    given = [sites] if isinstance(sites, str) else [str(site) for site in sites]
    if len(set(given)) < len(given):
        raise InputError(
            f"A site stands twice: {', '.join(sorted(site for site in set(given) if given.count(site) > 1))}."
        )
    if len(given) != design.sites:
        raise InputError(f"The design {design.design} is for {design.sites} sites, and {len(given)} were given.")
    candidates = prepare(rankings, design, types, measures=measures, kilometres=kilometres)
    chosen = candidates.places(given)
    best = _chosen(candidates, time_limit)
    problem = candidates.problem
    value = problem.value_of(chosen)
    better = compared = None
    if solve.number_of_sets(problem) <= solve.ENUMERABLE:
        found = solve.by_enumeration(problem, 1, value)
        better, compared = found.above, found.compared
    return Assessment(best, problem.objective.read(value), problem.meets(chosen), better, compared, candidates, chosen)

"""What if: one state of weights, quotas, excluded sites and number of sites, and what comes of it. No widgets here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from lipresearch import french, wording
from lipresearch.design import (
    Cluster,
    factor_shares,
    scored_factors,
    shares_in_words,
    unknown_factor_problems,
    weigh_factors,
)
from lipresearch.designs import ATTRIBUTES, DISTINCT, EACH, OBJECTIVES, Quota, StudyDesign, check_weights
from lipresearch.errors import InputError, LipresearchError
from lipresearch.ranking import Ranking, reweigh
from lipresearch.selection.choose import Selection, choose_sites

#: Points of a factor: the scale of the sliders, and where the heaviest factor stands at the start.
MOST_POINTS, FIRST_POINTS = 100.0, 50.0
#: What is said of weights and designs that were changed.
CHANGED, CHANGED_FR = "Changed in the what-if panel", "Modifié dans le panneau de scénarios"
#: Why a site is left out, unless another reason is given.
LEFT_OUT = "left out in the what-if panel"

Bounds = tuple[str, int | None, int | None]


@dataclass(frozen=True)
class State:
    """What a reader can change: plain values, which may contradict each other until they are put to use.

    Attributes
    ----------
    points : tuple of (factor, float)
        0 to 100 for every factor that the perspective scores; only their proportions count.
    sites : int
        Number of sites.
    bounds : tuple of (quota, minimum, maximum)
        For every quota and target of the design; None: no bound.
    exclude : tuple of (site, reason)
    """

    points: tuple[tuple[str, float], ...]
    sites: int
    bounds: tuple[Bounds, ...]
    exclude: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, cluster: Cluster, design: StudyDesign) -> State:
        """Return the state that a design describes; without weights of its own, those that are declared."""
        return cls(
            design.weights or declared_points(cluster),
            design.sites,
            tuple((quota.quota, quota.minimum, quota.maximum) for quota in design.quotas),
            design.exclude,
        )

    @property
    def shares(self) -> dict[str, float]:
        """The share of the weight that each factor has; NaN for all where every one has 0 points."""
        points = dict(self.points)
        return factor_shares(points) if any(points.values()) else dict.fromkeys(points, math.nan)

    def with_points(self, factor: str, points: float) -> State:
        """Return the state with other points of one factor."""
        return replace(self, points=tuple((name, points if name == factor else old) for name, old in self.points))

    def with_share(self, factor: str, share: float, declared: Mapping[str, float]) -> State:
        """Return the state in which a factor has a share of the weight; the others keep their proportions.

        Parameters
        ----------
        factor : str
        share : float
            0 to 1.
        declared : mapping of factor to float
            Proportions of the others where all of them have 0 points.

        Raises
        ------
        InputError
            If there is no such factor, the share is not from 0 to 1, or it is the only factor.
        """
        names = [name for name, _ in self.points]
        if factor not in names:
            place, found, expected = unknown_factor_problems({**dict(self.points), factor: share}, names)[0]
            raise InputError(f"{place}: found {found}, expected {expected}.")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise InputError(f"A weight is a share from 0 to 1 (0.4 is 40 %), not {share!r}.")
        others = {name: points for name, points in self.points if name != factor}
        if not others:
            if share != 1:
                raise InputError(f"Factor {factor} is the only one that is scored, so it has all of the weight.")
            return self.with_points(factor, MOST_POINTS)
        if not any(others.values()):
            others = {name: declared[name] for name in others}
        if not any(others.values()):
            others = dict.fromkeys(others, 1.0)
        rest = {name: MOST_POINTS * (1 - share) * part for name, part in factor_shares(others).items()}
        return replace(self, points=tuple((name, rest.get(name, MOST_POINTS * share)) for name in names))

    def with_bounds(self, quota: str, minimum: int | None, maximum: int | None) -> State:
        """Return the state with other bounds of one quota; without any bound it asks for at least 0."""
        if quota not in [name for name, _, _ in self.bounds]:
            there = ", ".join(name for name, _, _ in self.bounds) or "none"
            raise InputError(f"The design has no quota {quota!r}. It has: {there}.")
        low = 0 if minimum is None and maximum is None else minimum
        return replace(self, bounds=tuple((quota, low, maximum) if old[0] == quota else old for old in self.bounds))

    def with_excluded(self, sites: Mapping[str, str]) -> State:
        """Return the state that leaves out exactly these sites; one that was out before keeps its reason."""
        before = dict(self.exclude)
        return replace(self, exclude=tuple((site, before.get(site, reason)) for site, reason in sorted(sites.items())))


def declared_points(cluster: Cluster) -> tuple[tuple[str, float], ...]:
    """Return the points at which the sliders stand for the weights in use: the heaviest factor at 50.

    Equal factors all stand at 50 of 100, so that each can be made to count more or less.
    """
    shares = cluster.criteria.groupby("factor")["weight"].sum()
    most = float(shares.max())
    return tuple((factor, FIRST_POINTS * float(shares[factor]) / most) for factor in scored_factors(cluster))


@dataclass(frozen=True, eq=False)
class Start:
    """What a panel starts from: a ranking, a design, and what a choice of sites needs beside them.

    Attributes
    ----------
    ranking : Ranking
        Under the weights of the design, if it has any.
    design : StudyDesign
    types, measures, kilometres : DataFrame
        As ``choose_sites`` takes them.
    """

    ranking: Ranking
    design: StudyDesign
    types: pd.DataFrame
    measures: pd.DataFrame | None = None
    kilometres: pd.DataFrame | None = None

    @cached_property
    def state(self) -> State:
        """The state before anything is changed."""
        return State.of(self.ranking.cluster, self.design)

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each site of the roster, by id, in the order of the names."""
        table = self.ranking.table.sort_values(["name", "site"])
        return dict(zip(table["site"], table["name"], strict=True))


@dataclass(frozen=True, eq=False)
class Outcome:
    """What comes of a state: frozen results, or in words why there are none.

    Attributes
    ----------
    state : State
    ranking : Ranking or None
    selection : Selection or None
    design : StudyDesign or None
    error : LipresearchError or None
        Why there is no ranking, no design or no set.
    """

    state: State
    ranking: Ranking | None
    selection: Selection | None
    design: StudyDesign | None
    error: LipresearchError | None = None


def start_from(
    ranking: Ranking,
    design: StudyDesign,
    types: pd.DataFrame,
    measures: pd.DataFrame | None = None,
    kilometres: pd.DataFrame | None = None,
) -> Start:
    """Return what a panel starts from, once ranking and design are known to fit each other.

    Raises
    ------
    InputError
        If the two do not fit, or the design serves several clusters.
    """
    if not isinstance(design, StudyDesign):
        raise InputError(f"A design is what load_design returns: lip.load_design({design!r}), not {design!r} itself.")
    if not isinstance(ranking, Ranking):
        raise InputError(f"A ranking is what rank_sites returns, not {type(ranking).__name__}.")
    mine = ranking.cluster.cluster
    if design.clusters and design.clusters != (mine,):
        served = ", ".join(design.clusters)
        raise InputError(
            f"The design {design.design} serves {served}, and a what-if panel is of one cluster, here {mine}. "
            "Take a design that serves it alone; `lipresearch designs` lists them."
        )
    check_weights(design, ranking.cluster)
    return Start(ranking, design, types, measures, kilometres)


def changed_design(start: Start, state: State) -> StudyDesign:
    """Return the design of a state; the design of the start where nothing was changed.

    Raises
    ------
    InputError
        If the values contradict each other, such as a minimum above its maximum.
    """
    first, design, cluster = start.state, start.design, start.ranking.cluster
    if state == first:
        return design
    for quota, (_, low, high) in zip(design.quotas, state.bounds, strict=True):
        if low is not None and high is not None and low > high:
            what = subject(quota, start.measures)
            raise InputError(
                f"{what[:1].upper()}{what[1:]}: at least {low} and at most {high} contradict each other. Lower the "
                "first or raise the second."
            )
    quotas = tuple(
        _changed_quota(quota, low, high) for quota, (_, low, high) in zip(design.quotas, state.bounds, strict=True)
    )
    number, number_fr = design.sites_rationale, design.sites_rationale_fr
    if state.sites != design.sites:
        number = f"{CHANGED}: {state.sites} instead of {design.sites}. {number}".strip()
        number_fr = french.typeset(f"{CHANGED_FR} : {state.sites} au lieu de {design.sites}. {number_fr}".strip())
    moved = state.points != first.points
    return replace(
        design,
        label=f"{design.label} (what-if)",
        label_fr=f"{design.label_fr} (scénario)",
        sites=state.sites,
        sites_rationale=number,
        sites_rationale_fr=number_fr,
        clusters=(cluster.cluster,) if moved else design.clusters,
        cluster_weights=design.cluster_weights,
        perspective=cluster.perspective if moved else design.perspective,
        weights=state.points if moved else design.weights,
        quotas=quotas,
        exclude=state.exclude,
        file="",
    )


def _changed_quota(quota: Quota, minimum: int | None, maximum: int | None) -> Quota:
    if (quota.minimum, quota.maximum) == (minimum, maximum):
        return quota
    made = replace(quota, minimum=minimum, maximum=maximum)
    before, after = french.bounds(quota.minimum, quota.maximum), french.bounds(minimum, maximum)
    return replace(
        made,
        rationale=f"{CHANGED}: {made.bounds} instead of {quota.bounds}. {quota.rationale}".strip(),
        rationale_fr=french.typeset(f"{CHANGED_FR} : {after} (avant : {before}). {quota.rationale_fr}".strip()),
    )


def changed_ranking(start: Start, state: State) -> Ranking:
    """Return the ranking under the weights of a state; that of the start where they were not changed.

    Raises
    ------
    InputError
        If all weights are 0.
    """
    if state.points == start.state.points:
        return start.ranking
    points = dict(state.points)
    if not any(points.values()):
        raise InputError("All weights are 0, so no site can be ranked. Give at least one factor a weight above 0.")
    basis = f"{CHANGED}: {shares_in_words(points)}."
    basis_fr = french.typeset(f"{CHANGED_FR} : {shares_in_words(points, 'fr')}.")
    return reweigh(start.ranking, weigh_factors(start.ranking.cluster, points, basis, basis_fr))


def outcome(start: Start, state: State) -> Outcome:
    """Return what comes of a state; what cannot be met is said in words and raises nothing."""
    ranking = selection = design = None
    try:
        ranking = changed_ranking(start, state)
        design = changed_design(start, state)
        selection = choose_sites(ranking, design, start.types, measures=start.measures, kilometres=start.kilometres)
    except LipresearchError as error:
        return Outcome(state, ranking, selection, design, error)
    return Outcome(state, ranking, selection, design)


def saved_design(start: Start, state: State, name: str, label: str = "", label_fr: str = "") -> StudyDesign:
    """Return the design under which a state is kept, with the perspective, so that its ranking can be repeated.

    Parameters
    ----------
    start, state
    name : str
        Id of the new design.
    label, label_fr : str
        Its names; default: those of the first design, marked as a what-if.

    Raises
    ------
    InputError
        If the values contradict each other, or all weights are 0.
    """
    changed_ranking(start, state)
    design, cluster = changed_design(start, state), start.ranking.cluster
    return replace(
        design,
        design=name,
        label=label or (design.label if state != start.state else f"{design.label} (what-if)"),
        label_fr=label_fr or (design.label_fr if state != start.state else f"{design.label_fr} (scénario)"),
        source=f"saved from a what-if panel of {start.design.design}",
        clusters=(cluster.cluster,),
        perspective=cluster.perspective,
        file="",
    )


# -- in words ------------------------------------------------------------------------------------------


def subject(quota: Quota, measures: pd.DataFrame | None = None) -> str:
    """Return what a quota counts, without its bounds.

    >>> subject(Quota("a", attribute="settlement_type", level="rural", minimum=2))
    'sites with settlement type rural'
    >>> subject(Quota("b", attribute="region", level="distinct", minimum=3))
    'different values of economic region'
    """
    if quota.measure:
        labels = [] if measures is None else list(measures.loc[measures["measure"] == quota.measure, "label"])
        return f"sites in the {quota.level} of: {labels[0] if labels else quota.measure}"
    if quota.level == DISTINCT:
        return f"different values of {ATTRIBUTES[quota.attribute][0]}"
    words = quota.label.removeprefix(f"{quota.bounds} ")
    return f"sites {words}" if quota.level != EACH else f"sites {words} there is"


def settings(start: Start, state: State) -> list[tuple[str, str]]:
    """Return everything that can be changed as (what, how it is set), in one order."""
    cluster, names = start.ranking.cluster, start.names
    rows = [
        (f"weight of {factor} {cluster.factors.loc[factor, 'label']}", _share(share))
        for factor, share in state.shares.items()
    ]
    rows.append(("number of sites", str(state.sites)))
    for quota, (_, low, high) in zip(start.design.quotas, state.bounds, strict=True):
        kind = "" if quota.kind == "quota" else " (a target, which does not bind)"
        rows.append((f"{subject(quota, start.measures)}{kind}", _bounds(low, high)))
    out = "; ".join(f"{names.get(site, site)} ({reason})" for site, reason in state.exclude)
    rows.append(("sites left out", out or "none"))
    return rows


def fixed(start: Start) -> list[tuple[str, str]]:
    """Return what the panel leaves as the design has it, as (what, how it is set)."""
    design, names = start.design, start.names
    rows = [("sought", OBJECTIVES[design.objective])]
    if design.include:
        included = "; ".join(f"{names.get(site, site)} ({reason})" for site, reason in design.include)
        rows.append(("sites that must be in the set", included))
    if design.minimum_km:
        rows.append(("between any two sites", f"at least {design.minimum_km:g} km"))
    return rows


def changes(start: Start, state: State) -> list[str]:
    """Return in words what a state has changed from the start; empty where nothing was."""
    pairs = list(zip(settings(start, state), settings(start, start.state), strict=True))
    found = [f"{what}: {now} instead of {before}" for (what, now), (_, before) in pairs if now != before]
    if state.points != start.state.points and not any(line.startswith("weight of") for line in found):
        found.insert(0, "points of the factors, in the same proportions or nearly so")
    return found


def _share(share: float) -> str:
    return "none" if math.isnan(share) else wording.percent(share)


def _bounds(low: int | None, high: int | None) -> str:
    if low is not None and high is not None:
        return f"exactly {low}" if low == high else f"{low} to {high}"
    return f"at least {low or 0}" if high is None else f"at most {high}"

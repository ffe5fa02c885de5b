"""Several people's weights: what each implies, what the group does, how far they agree, and who differs about what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lipresearch.design import Cluster
from lipresearch.errors import InputError
from lipresearch.ranking import Ranking, competition_ranks
from lipresearch.robustness.elicitation import (
    CONSISTENT,
    Judgements,
    ahp_weights,
    group_judgements,
    rank_order_weights,
    swing_weights,
)
from lipresearch.robustness.grid import Floats, Grid, checked_weights, factor_titles, grid_of, numbers, weighted_sum
from lipresearch.robustness.variants import mean_ranks, rank_shifts
from lipresearch.robustness.voting import kendalls_w

#: How a participant may have been asked.
KINDS = ("weights", "swings", "order", "pairs")
LEVELS = ("criterion", "factor")
#: Columns of tables, and words of messages, that stand beside the names of participants.
RESERVED = ("group", "the group", "label", "factor")
GROUP_METHODS = ("mean of weights", "geometric mean of judgements", "mean rank")


@dataclass(frozen=True, eq=False)
class Participant:
    """One person's weights.

    Attributes
    ----------
    name : str
        As the person is called in tables; a code rather than a name.
    kind : str
        How the person was asked, one of ``KINDS``.
    level : str
        What about: criterion or factor.
    answers : Series or DataFrame
        What the person said, indexed by criterion or factor.
    judgements : Judgements or None
        For pairs: eigenvector, eigenvalue and consistency.
    weights : Series
        Indexed by criterion, adds to 1.
    """

    name: str
    kind: str
    level: str
    judgements: Judgements | None
    _answers: pd.Series | pd.DataFrame
    _weights: pd.Series

    @property
    def answers(self) -> pd.Series | pd.DataFrame:
        """What the person said."""
        return self._answers.copy()

    @property
    def weights(self) -> pd.Series:
        """The weight of each criterion."""
        return self._weights.copy()


def things_to_weigh(cluster: Cluster, level: str) -> list[str]:
    """Return the ids that a participant weighs: the criteria of a perspective, or its factors that have criteria."""
    if level not in LEVELS:
        raise InputError(f"Weights are asked for each {LEVELS[0]} or each {LEVELS[1]}, not {level!r}.")
    criteria = cluster.criteria
    return list(criteria.index) if level == "criterion" else list(dict.fromkeys(criteria["factor"]))


def participant(
    cluster: Cluster, name: str, kind: str, level: str, answers: ArrayLike, order_method: str = "centroid"
) -> Participant:
    """Return a participant's weights of criteria from what the person said.

    The weight of a factor is shared among its criteria as the perspective shares it (equally, unless it has typed
    weights).

    Parameters
    ----------
    cluster : Cluster
        The perspective that is weighed.
    name : str
    kind : {"weights", "swings", "order", "pairs"}
        Weights that add to 1; swing points; places in the order of importance; pairwise judgements.
    level : {"criterion", "factor"}
    answers : array_like, shape (n,), or (n, n) for pairs
        One number for each of ``things_to_weigh``, in their order.
    order_method : {"centroid", "sum", "reciprocal"}
        How an order becomes weights.

    Returns
    -------
    Participant

    Raises
    ------
    InputError
        If the name is empty or a word of the tables, or the answers do not fit the cluster or cannot be used.

    Examples
    --------
    >>> import lipresearch as lip
    >>> someone = participant(lip.load_cluster("health"), "P1", "swings", "factor", [100, 25])
    >>> someone.weights.groupby(lip.load_cluster("health").criteria["factor"]).sum().round(2).tolist()
    [0.8, 0.2]
    """
    if kind not in KINDS:
        raise InputError(f"A participant's answers are {', '.join(KINDS)}, not {kind!r}.")
    if not isinstance(name, str) or not name.strip() or name in RESERVED:
        raise InputError(
            f"A participant is called by a text other than {', '.join(RESERVED)}, which are words of the tables, "
            f"not {name!r}."
        )
    things = things_to_weigh(cluster, level)
    array = numbers(answers, f"{name}: answers")
    shape = (len(things), len(things)) if kind == "pairs" else (len(things),)
    if array.shape != shape:
        raise InputError(f"{name}: there must be one answer for each {level}: {', '.join(things)}.")
    judgements = ahp_weights(array) if kind == "pairs" else None
    if judgements is not None:
        found = judgements.weights
    elif kind == "swings":
        found = swing_weights(array)
    elif kind == "order":
        found = rank_order_weights(array, order_method)
    else:
        found = checked_weights(array, len(things))
    shares = pd.Series(found, index=things)
    index = pd.Index(things, name=level)
    said = pd.DataFrame(array, index=index, columns=things) if kind == "pairs" else pd.Series(array, index=index)
    criteria = cluster.criteria
    weights = shares.reindex(criteria.index) if level == "criterion" else _within_factors(criteria, shares)
    return Participant(name, kind, level, judgements, said, weights.rename("weight"))


def _within_factors(criteria: pd.DataFrame, shares: pd.Series) -> pd.Series:
    """Return weights of criteria from those of factors, shared as the perspective shares them."""
    typed = criteria["weight"].astype(float)
    total = typed.groupby(criteria["factor"]).transform("sum")
    count = typed.groupby(criteria["factor"]).transform("size")
    within = (typed / total.where(total > 0, 1.0)).where(total > 0, 1.0 / count)
    return criteria["factor"].map(shares).astype(float) * within


@dataclass(frozen=True, eq=False)
class GroupRanking:
    """What several people's weights make of the same evidence, together and apart.

    Attributes
    ----------
    ranking : Ranking
        The evidence, and the weights that the perspective declares.
    method : str
        How the group's ranking was made, one of ``GROUP_METHODS``.
    table : DataFrame
        One row a site: ``rank`` of the group (missing where ``status`` says why), ``score`` (none for mean rank),
        ``mean_rank`` (of the participants; the order of Borda's count), ``rank_best``, ``rank_worst`` and ``spread``
        over the participants, ``declared`` (the rank under the perspective's own weights, same sites).
    ranks : DataFrame
        Indexed by site: the rank that each participant's weights give.
    weights : DataFrame
        Indexed by criterion: label, factor, one column a participant, ``group``.
    members : DataFrame
        One row a participant: how asked, ``consistency`` (AHP's ratio; NaN for others), ``first`` (names), distance
        from the group: ``weight_moved`` (share of the weight, 0 to 1) and ``average_shift`` (of ranks); ``most_above``
        and ``most_below`` the group (criteria, several where they tie) with the distance.
    spread : DataFrame
        One row a factor and criterion: weight of the group, ``lowest``, ``highest`` and standard deviation over the
        participants, and who gives them.
    agreement : DataFrame
        Kendall's W on the ranking of sites, on the importance of criteria and of factors. All rank the sites by the
        same evidence, so they agree on sites in part whatever they think; criteria and factors tell more of people.
    """

    ranking: Ranking
    method: str
    _table: pd.DataFrame
    _ranks: pd.DataFrame
    _weights: pd.DataFrame
    _members: pd.DataFrame
    _spread: pd.DataFrame
    _agreement: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row a site, ranked ones first."""
        return self._table.copy()

    @property
    def ranks(self) -> pd.DataFrame:
        """One row a site, one column a participant."""
        return self._ranks.copy()

    @property
    def weights(self) -> pd.DataFrame:
        """One row a criterion, one column a participant."""
        return self._weights.copy()

    @property
    def members(self) -> pd.DataFrame:
        """One row a participant: distance from the group."""
        return self._members.copy()

    @property
    def spread(self) -> pd.DataFrame:
        """One row a factor and criterion: how far the participants differ about it."""
        return self._spread.copy()

    @property
    def agreement(self) -> pd.DataFrame:
        """Kendall's coefficient of concordance with its test."""
        return self._agreement.copy()

    def __repr__(self) -> str:
        return (
            f"Ranking by {len(self._members)} participants ({self.method}). "
            "See .table, .members, .spread, .agreement, .weights, .ranks."
        )


def group_ranking(
    ranking: Ranking,
    participants: Sequence[Participant],
    method: str = "mean of weights",
    permutations: int = 0,
    seed: int | None = None,
) -> GroupRanking:
    """Return the ranking of a group, its agreement, and who differs about what.

    *Mean of weights* (AIP, the default): the arithmetic mean of the participants' weights; each person counts the same.
    *Geometric mean of judgements* (AIJ): one table of pairwise judgements for the group, for participants who all gave
    pairs on the same level. *Mean rank*: each participant's own ranking, sites by their mean rank (the order of
    Borda's count); no weights of the group are needed.

    Sites are ranked that reach the minimum coverage under every participant's weights and the group's, so that all
    rankings are over the same sites; the others are listed with the reason. Values that are missing add nothing.

    Parameters
    ----------
    ranking : Ranking
        The evidence.
    participants : sequence of Participant
        At least one, all of this cluster and perspective.
    method : str
        One of ``GROUP_METHODS``.
    permutations, seed : int, optional
        For a permutation test beside chi-squared; see :func:`lipresearch.robustness.voting.kendalls_w`.

    Returns
    -------
    GroupRanking

    Raises
    ------
    InputError
        If there are no participants, two have the same name, one weighs other criteria, the method is unknown or needs
        judgements that were not given, or no site is left to rank.

    References
    ----------
    Forman, E. and Peniwati, K. (1998), European Journal of Operational Research 108(1), 165-169; Borda, J.-C. de
    (1784), Mémoire sur les élections au scrutin.

    Examples
    --------
    >>> import lipresearch as lip
    >>> health = lip.load_cluster("health")
    >>> people = [participant(health, name, "swings", "factor", said) for name, said in (("A", [2, 1]), ("B", [1, 2]))]
    >>> found = lip.group_ranking(lip.rank_sites(lip.load_measures(), health), people)
    >>> found.members["weight_moved"].round(4).tolist()
    [0.1667, 0.1667]
    """
    grid = grid_of(ranking)
    _check_group(grid, participants, method)
    names = [person.name for person in participants]
    weights = pd.DataFrame({person.name: person.weights for person in participants}, index=list(grid.criteria))
    group = _group_weights(ranking.cluster, participants, weights, method)
    status = pd.Series("ranked", index=list(grid.sites))
    needed = {**({} if method == "mean rank" else {"the group": group}), **{name: weights[name] for name in names}}
    for name, column in reversed(needed.items()):
        status[~grid.reweighted(column).covered] = f"unranked: below the minimum coverage under the weights of {name}"
    kept = (status == "ranked").to_numpy()
    if not kept.any():
        raise InputError("No site has the minimum coverage under everybody's weights, so there is nothing to rank.")
    chosen = grid.only_sites(kept)
    scores = pd.DataFrame(
        {name: weighted_sum(chosen.points, checked_weights(weights[name], len(grid.criteria))) for name in names},
        index=list(chosen.sites),
    )
    means = pd.DataFrame({name: mean_ranks(scores[name]) for name in names}, index=scores.index).mean(axis=1)
    joint = -means if method == "mean rank" else pd.Series(weighted_sum(chosen.points, group), index=scores.index)
    ranks = scores.apply(competition_ranks).astype("Int64")
    table = _group_table(chosen, grid, status, joint, means, ranks, method)
    labels = dict(zip(grid.criteria, grid.labels, strict=True))
    listed = weights.assign(group=group)
    listed.insert(0, "label", [labels[name] for name in listed.index])
    listed.insert(1, "factor", list(grid.factors))
    return GroupRanking(
        ranking,
        method,
        table,
        ranks.reindex(list(table["site"])).rename_axis("site"),
        listed.rename_axis("criterion"),
        _members(participants, weights, group, scores, joint, grid),
        _spread(weights, group, grid, ranking),
        _agreement(scores, weights, grid, permutations, seed),
    )


def _check_group(grid: Grid, participants: Sequence[Participant], method: str) -> None:
    if method not in GROUP_METHODS:
        raise InputError(f"There is no method {method!r}. There are: {', '.join(GROUP_METHODS)}.")
    names = [person.name for person in participants]
    if not names or len(set(names)) != len(names):
        raise InputError("A group is one participant or more, each with a name of its own.")
    for person in participants:
        if list(person.weights.index) != list(grid.criteria):
            raise InputError(
                f"{person.name} weighs other criteria than the ranking has: {', '.join(person.weights.index)}. "
                "Load the participants for the same cluster and perspective."
            )
    if method == "geometric mean of judgements" and {(one.kind, one.level) for one in participants} not in (
        {("pairs", "criterion")},
        {("pairs", "factor")},
    ):
        raise InputError(
            "The geometric mean of judgements needs pairwise judgements on the same level from every participant. "
            "Use the mean of weights."
        )


def _group_weights(cluster: Cluster, participants: Sequence[Participant], weights: pd.DataFrame, method: str) -> Floats:
    if method == "geometric mean of judgements":
        joint = group_judgements([person.answers for person in participants])
        return np.asarray(participant(cluster, "all", "pairs", participants[0].level, joint).weights, dtype=float)
    return np.asarray(weights.mean(axis=1), dtype=float)


def _group_table(
    chosen: Grid, grid: Grid, status: pd.Series, joint: pd.Series, means: pd.Series, ranks: pd.DataFrame, method: str
) -> pd.DataFrame:
    sites = list(grid.sites)
    table = pd.DataFrame({"site": sites, "name": grid.names, "status": status.to_numpy()}, index=sites)
    declared = weighted_sum(chosen.points, chosen.weights)
    columns = {
        "rank": pd.Series(competition_ranks(joint), index=joint.index),
        "rank_best": ranks.min(axis=1),
        "rank_worst": ranks.max(axis=1),
        "spread": ranks.max(axis=1) - ranks.min(axis=1),
        "declared": pd.Series(competition_ranks(declared), index=joint.index),
    }
    for name, column in columns.items():
        table[name] = column.reindex(sites).astype("Int64")
    table["mean_rank"] = means.reindex(sites)
    table["score"] = np.nan if method == "mean rank" else joint.reindex(sites)
    order = ["rank", "rank_best", "rank_worst", "spread", "site", "name", "score", "mean_rank", "declared", "status"]
    return table.sort_values(["rank", "name", "site"])[order].reset_index(drop=True)


def _members(
    participants: Sequence[Participant],
    weights: pd.DataFrame,
    group: Floats,
    scores: pd.DataFrame,
    joint: pd.Series,
    grid: Grid,
) -> pd.DataFrame:
    site_names = dict(zip(grid.sites, grid.names, strict=True))
    rows = []
    for person in participants:
        apart = weights[person.name].to_numpy(dtype=float) - group
        first = scores.index[competition_ranks(scores[person.name]) == 1]
        ratio = person.judgements.consistency_ratio if person.judgements is not None else math.nan
        rows.append(
            {
                "participant": person.name,
                "kind": person.kind,
                "level": person.level,
                "consistency": ratio,
                "first": "; ".join(site_names[site] for site in first),
                "weight_moved": float(np.abs(apart).sum() / 2),
                "average_shift": float(rank_shifts(joint, scores[person.name]).mean()),
                **_most_apart(apart, grid),
                "note": f"judgements contradict each other (ratio above {CONSISTENT:g})" if ratio > CONSISTENT else "",
            }
        )
    return pd.DataFrame(rows)


def _most_apart(apart: Floats, grid: Grid) -> dict[str, object]:
    """Return the criteria on which a person lies farthest above and below the group, all that tie."""
    alike = float(np.abs(apart).max()) < 1e-12
    rounded = np.round(apart, 12)

    def labels(most: float) -> str:
        return "; ".join(label for label, far in zip(grid.labels, rounded, strict=True) if far == most)

    return {
        "most_above": "" if alike else labels(rounded.max()),
        "by_above": 0.0 if alike else float(apart.max()),
        "most_below": "" if alike else labels(rounded.min()),
        "by_below": 0.0 if alike else float(apart.min()),
    }


def _spread(weights: pd.DataFrame, group: Floats, grid: Grid, ranking: Ranking) -> pd.DataFrame:
    factors = pd.Series(grid.factors, index=weights.index)
    joint = pd.Series(group, index=weights.index)
    levels = {
        "factor": (weights.groupby(factors, sort=False).sum(), joint.groupby(factors, sort=False).sum()),
        "criterion": (weights, joint),
    }
    labels = {"factor": factor_titles(ranking), "criterion": dict(zip(grid.criteria, grid.labels, strict=True))}
    rows = []
    for level, (table, mean) in levels.items():
        for name, row in table.iterrows():
            rounded = row.astype(float).round(12)
            lowest, highest = rounded.min(), rounded.max()
            rows.append(
                {
                    "level": level,
                    "id": name,
                    "label": labels[level][str(name)],
                    "group": float(mean[name]),
                    "lowest": float(row.min()),
                    "highest": float(row.max()),
                    "deviation": float(row.std(ddof=1)) if len(row) > 1 else math.nan,
                    "lowest_by": "; ".join(row.index[rounded == lowest]) if lowest < highest else "",
                    "highest_by": "; ".join(row.index[rounded == highest]) if lowest < highest else "",
                }
            )
    return pd.DataFrame(rows)


def _agreement(
    scores: pd.DataFrame, weights: pd.DataFrame, grid: Grid, permutations: int, seed: int | None
) -> pd.DataFrame:
    factors = weights.groupby(list(grid.factors), sort=False).sum()
    rows = []
    for about, table in (("ranking of sites", scores), ("criteria", weights), ("factors", factors)):
        ranked = np.array([mean_ranks(table[name]) for name in table.columns])
        found = kendalls_w(ranked, permutations, seed)
        rows.append(
            {
                "about": about,
                "w": found.w,
                "chi_squared": found.chi_squared,
                "degrees": found.degrees,
                "p_value": found.p_value,
                "p_permuted": found.p_permuted,
                "participants": found.raters,
                "things": found.things,
                "reason": found.reason,
            }
        )
    return pd.DataFrame(rows)

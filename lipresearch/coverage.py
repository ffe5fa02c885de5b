"""How much of each factor rests on which evidence, site by site: pure, measures and clusters in, frames out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lipresearch.design import Cluster
from lipresearch.errors import InputError
from lipresearch.ranking import TIE, rank_sites

#: The kinds of evidence that a weight can rest on.
KINDS = ["A", "B", "C", "bounds only", "missing"]
#: How much of it a user supplied, whatever its grade.
SUPPLIED = "of it supplied"
MATRIX = [
    "cluster",
    "perspective",
    "factor",
    "label",
    "treatment",
    "status",
    "site",
    "name",
    "weight",
    *KINDS,
    SUPPLIED,
]


def _parts(measures: pd.DataFrame, cluster: Cluster) -> pd.DataFrame:
    """Return one row a site and criterion: factor, weight, and the kind of evidence it rests on."""
    parts = rank_sites(measures, cluster).contributions
    known = parts["value"].notna()
    bounded = ~known & parts["low"].notna()
    parts["kind"] = parts["grade"].where(known, "missing").mask(bounded, "bounds only")
    parts["supplied weight"] = parts["weight"].where(parts["supplied"] == "yes", 0.0)
    return parts[["site", "factor", "criterion", "weight", "kind", "supplied weight"]]


def coverage_matrix(measures: pd.DataFrame, clusters: Sequence[Cluster]) -> pd.DataFrame:
    r"""Return for every site and factor the share of the factor's weight by kind of evidence.

    .. math:: s_{ifg} = \frac{\sum_{c \in f,\, g(i,c) = g} w_c}{\sum_{c \in f} w_c}, \qquad \sum_g s_{ifg} = 1

    0: none of the factor's weight rests on evidence of this kind; 1: all of it does.

    Parameters
    ----------
    measures : DataFrame
        The sites of one roster, as ``load_measures`` returns it.
    clusters : sequence of Cluster
        Each under the perspective to look at; every cluster once.

    Returns
    -------
    DataFrame
        One row a factor and site, clusters and factors in their order, sites sorted: cluster, perspective, factor,
        label, treatment, status, site, name, ``weight`` (share of the perspective's weight that the factor
        carries; 0 for a factor that has no criterion in it), and the shares A, B, C, bounds only, missing:
        0 to 1, adding to 1; NaN where the factor carries no weight, because there is nothing to share. ``of it
        supplied``: the share that rests on evidence supplied by a user, whatever its kind.

    Raises
    ------
    InputError
        If a cluster stands twice.

    Examples
    --------
    >>> import lipresearch as lip
    >>> matrix = lip.coverage_matrix()
    >>> matrix["factor"].nunique(), matrix["site"].nunique()
    (21, 38)
    """
    named = [cluster.cluster for cluster in clusters]
    if len(set(named)) != len(named):
        twice = sorted({name for name in named if named.count(name) > 1})
        raise InputError(f"Cluster {', '.join(twice)} stands twice; name each cluster once.")
    names = measures.drop_duplicates("site").set_index("site")["name"].sort_index()
    blocks = [_block(measures, cluster, names) for cluster in clusters]
    if not blocks:
        return pd.DataFrame(columns=MATRIX)
    return pd.concat(blocks, ignore_index=True)[MATRIX]


def _block(measures: pd.DataFrame, cluster: Cluster, names: pd.Series) -> pd.DataFrame:
    factors = cluster.factors
    keys = pd.MultiIndex.from_product([factors.index, names.index], names=["factor", "site"])
    shares = pd.DataFrame(float("nan"), index=keys, columns=[*KINDS, SUPPLIED])
    weight = pd.Series(0.0, index=factors.index)
    if not cluster.criteria.empty:
        weight = cluster.criteria.groupby("factor")["weight"].sum().reindex(factors.index, fill_value=0.0)
        parts = _parts(measures, cluster)
        sums = parts.pivot_table(index=["factor", "site"], columns="kind", values="weight", aggfunc="sum")
        sums = sums.reindex(index=keys, columns=KINDS).fillna(0.0)
        sums[SUPPLIED] = parts.groupby(["factor", "site"])["supplied weight"].sum().reindex(keys).fillna(0.0)
        total = weight.reindex(keys.get_level_values("factor")).to_numpy()
        shares = sums.div(pd.Series(total, index=keys).where(total > 0), axis=0)
    table = shares.reset_index()
    return table.assign(
        cluster=cluster.cluster,
        perspective=cluster.perspective,
        weight=table["factor"].map(weight),
        name=table["site"].map(names),
        **{column: table["factor"].map(factors[column]) for column in ("label", "treatment", "status")},
    )


def factor_coverage(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of each factor averaged over the sites of the roster, every site counting the same.

    Parameters
    ----------
    matrix : DataFrame
        As ``coverage_matrix`` returns it.

    Returns
    -------
    DataFrame
        One row a factor: cluster, perspective, factor, label, treatment, status, ``sites``, weight, A, B, C,
        bounds only, missing (0 to 1, adding to 1; NaN where the factor carries no weight), of it supplied.
    """
    keys = ["cluster", "perspective", "factor", "label", "treatment", "status"]
    grouped = matrix.groupby(keys, sort=False)
    table = grouped[["weight", *KINDS, SUPPLIED]].mean()
    table.insert(0, "sites", grouped["site"].nunique())
    return table.reset_index()


def cluster_coverage(matrix: pd.DataFrame) -> pd.DataFrame:
    r"""Return how much of each cluster's weight rests on A, B, C, bounds and nothing, averaged over the roster.

    .. math:: S_g = \frac{1}{n} \sum_i \sum_f w_f s_{ifg}

    Parameters
    ----------
    matrix : DataFrame
        As ``coverage_matrix`` returns it.

    Returns
    -------
    DataFrame
        One row a cluster: cluster, perspective, ``sites``, ``factors`` (named by the workshop),
        ``factors_scored`` (with weight in this perspective), ``factors_open`` (no evidence yet: they carry no
        weight and are in none of the shares), A, B, C, bounds only, missing (0 to 1, adding to 1), of it supplied.
    """
    shares = [*KINDS, SUPPLIED]
    weighted = matrix.assign(**{kind: matrix["weight"] * matrix[kind].fillna(0.0) for kind in shares})
    rows = []
    for (cluster, perspective), frame in weighted.groupby(["cluster", "perspective"], sort=False):
        sites = frame["site"].nunique()
        once = frame.drop_duplicates("factor")
        scored = int((once["weight"] > 0).sum())
        total = frame[shares].sum() / sites
        rows.append(
            {
                "cluster": cluster,
                "perspective": perspective,
                "sites": sites,
                "factors": len(once),
                "factors_scored": scored,
                "factors_open": int((once["status"] == "no evidence yet").sum()),
                **{kind: float(total[kind]) if scored else float("nan") for kind in shares},
            }
        )
    columns = ["cluster", "perspective", "sites", "factors", "factors_scored", "factors_open", *shares]
    return pd.DataFrame(rows, columns=columns)


def could_rank(measures: pd.DataFrame, clusters: Sequence[Cluster]) -> pd.DataFrame:
    """Return how many sites clusters could rank, and which of their criteria no site has a value for.

    Parameters
    ----------
    measures : DataFrame
        The sites of one roster, as ``load_measures`` returns it.
    clusters : sequence of Cluster
        Each under one perspective, with at least one criterion.

    Returns
    -------
    DataFrame
        One row a cluster and perspective: cluster, perspective, label, ``sites``, ``ranked`` (sites whose values carry
        at least ``minimum``, the least share of the weight), ``coverage`` (share of the weight that rests on a value,
        mean of the sites, 0 to 1), ``lacks`` (labels of the criteria without any value, with ; between), ``partly``
        (of those that some sites lack).
    """
    known = measures.assign(known=measures["value"].notna()).pivot(index="site", columns="measure", values="known")
    rows = []
    for cluster in clusters:
        criteria = cluster.criteria
        there = known.reindex(columns=list(criteria["measure"])).fillna(False).to_numpy(dtype=bool)
        coverage = np.zeros(len(known))
        for place, weight in enumerate(criteria["weight"]):  # in their order, as the ranking adds them
            coverage += weight * there[:, place]
        share = there.mean(axis=0)
        rows.append(
            {
                "cluster": cluster.cluster,
                "perspective": cluster.perspective,
                "label": cluster.perspective_label,
                "sites": len(known),
                "ranked": int((coverage >= cluster.minimum_coverage - TIE).sum()),
                "minimum": cluster.minimum_coverage,
                "coverage": float(coverage.mean()),
                "lacks": "; ".join(criteria["label"][share == 0]),
                "partly": "; ".join(criteria["label"][(share > 0) & (share < 1)]),
            }
        )
    return pd.DataFrame(rows)

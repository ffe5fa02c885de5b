"""One site beside the others of its roster, and measures beside each other: pure, measures in, tables out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lipresearch.errors import InputError

PROFILE = [
    "measure",
    "label",
    "value",
    "low",
    "high",
    "decimals",
    "unit",
    "rank",
    "sites_with_value",
    "sites",
    "median",
    "grade",
    "vintage",
    "universe",
    "reason",
    "detail",
    "sources",
    "supplied",
]


def site_profile(measures: pd.DataFrame, site: str) -> pd.DataFrame:
    r"""Return every measure of a site with its place among the sites of the roster.

    .. math:: \mathrm{rank}_i = 1 + \#\{j : x_j > x_i\}

    over the sites that have a value. Rank 1 is the highest value, whatever a study prefers: it is a position,
    not a judgement. Equal values share a rank. Sites without a value, or known only within bounds, take no part
    in rank and median, so neither moves when such a site is added. A median is over sites, not over residents,
    and sites that overlap (a city and its quarters) each count.

    Parameters
    ----------
    measures : DataFrame
        The sites of one roster, one row a site and measure, as ``load_measures`` returns it.
    site : str
        Id of a site of the roster.

    Returns
    -------
    DataFrame
        One row a measure, in the order of the table: ``measure``, ``label``, ``value`` with its bounds ``low`` and
        ``high``, ``decimals`` to show, ``unit``; ``rank`` (1 to ``sites_with_value``; missing where the site has no
        value); ``sites_with_value``; ``sites``; ``median`` in the same unit (NaN where no site has a value); ``grade``,
        ``vintage``, ``universe``; ``reason`` and ``detail`` where the value is missing; ``sources``;
        ``supplied`` (yes where a user supplied the value; no where the table does not say).

    Raises
    ------
    InputError
        If the site is not in the table, or a site has a measure twice.

    Examples
    --------
    >>> import lipresearch as lip
    >>> profile = lip.site_profile("peel").set_index("measure")
    >>> int(profile.loc["population_2021", "rank"]), int(profile.loc["population_2021", "sites_with_value"])
    (2, 38)
    """
    if site not in set(measures["site"]):
        raise InputError(f"There is no site {site!r} among the {measures['site'].nunique()} sites of these measures.")
    twice = measures[measures.duplicated(["site", "measure"])]
    if len(twice):
        row = twice.iloc[0]
        raise InputError(f"Site {row['site']} has measure {row['measure']} twice.")
    if "supplied" not in measures:
        measures = measures.assign(supplied="no")
    groups = measures.groupby("measure", sort=False)["value"]
    table = measures.assign(
        rank=groups.rank(method="min", ascending=False).astype("Int64"),
        sites_with_value=groups.transform("count").astype(int),
        sites=measures["site"].nunique(),
        median=groups.transform("median"),
    )
    return table.loc[table["site"] == site, PROFILE].reset_index(drop=True)


def rank_agreement(measures: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    r"""Return how far measures put the same sites in the same order, two by two.

    Spearman's correlation of the ranks (equal values share the mean of their places), and the share of the pairs of
    sites that both measures tell apart which they put in the same order.

    .. math:: \mathrm{same} = \frac{\#\{i<j : (x_i - x_j)(y_i - y_j) > 0\}}{\#\{i<j : (x_i - x_j)(y_i - y_j) \ne 0\}}

    Parameters
    ----------
    measures : DataFrame
        The sites of one roster, as ``load_measures`` returns it.
    wanted : sequence of str
        Two measure ids or more; every pair of them is compared over the sites that have both values.

    Returns
    -------
    DataFrame
        One row a pair, in the order of ``wanted``: ``first``, ``second``, ``first_label``, ``second_label``,
        ``sites`` (with both values), ``correlation`` (-1 opposite to 1 the same order; NaN for fewer than three sites
        or where one measure is the same everywhere), ``same_order`` (0 to 1; NaN where no pair is told apart).

    Raises
    ------
    InputError
        If fewer than two measures are named, one is named twice, or one is not in the table.

    Examples
    --------
    >>> import lipresearch as lip
    >>> found = rank_agreement(lip.load_measures(), ["population_2021", "immigrants_2006"])
    >>> int(found["sites"].item()), 0.8 < found["correlation"].item() < 1
    (38, True)
    """
    names = list(wanted)
    if isinstance(wanted, str) or len(names) < 2 or len(set(names)) < len(names):
        raise InputError("Name two different measures or more whose orders are to be compared.")
    unknown = [name for name in names if name not in set(measures["measure"])]
    if unknown:
        raise InputError(f"There is no measure {unknown[0]!r}. See the column measure of load_measures().")
    values = measures[measures["measure"].isin(names)].pivot(index="site", columns="measure", values="value")
    labels = measures.drop_duplicates("measure").set_index("measure")["label"]
    rows = []
    for first, second in itertools.combinations(names, 2):
        both = values[[first, second]].dropna()
        ranks = both.rank()
        told = len(both) >= 3 and bool((ranks.max() > ranks.min()).all())
        correlation = float(np.corrcoef(ranks.to_numpy().T)[0, 1]) if told else float("nan")
        one, other = both.to_numpy().T
        turns = np.sign(np.subtract.outer(one, one) * np.subtract.outer(other, other))
        turns = turns[np.triu_indices(len(both), 1)]
        apart = int((turns != 0).sum())
        same = int((turns > 0).sum()) / apart if apart else float("nan")
        rows.append((first, second, labels[first], labels[second], len(both), correlation, same))
    columns = ["first", "second", "first_label", "second_label", "sites", "correlation", "same_order"]
    return pd.DataFrame(rows, columns=columns)

"""One site beside the others of its roster: pure, measures in, one row a measure out."""

from __future__ import annotations

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

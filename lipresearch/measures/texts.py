"""From coded facts to one number a site; what no text says stays missing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lipresearch.errors import InputError


def _sites(sites: Iterable[str]) -> pd.Index:
    index = pd.Index(list(sites), name="site", dtype=object)
    if index.has_duplicates:
        raise InputError(f"Sites are listed twice: {', '.join(sorted(set(index[index.duplicated()])))}.")
    return index


def _known(rows: pd.Series, index: pd.Index) -> pd.Series:
    unknown = sorted(set(rows) - set(index))
    if unknown:
        raise InputError(f"Facts name sites that are not asked for: {', '.join(unknown)}.")
    return rows


def distinct_facts(site: pd.Series, item: pd.Series, sites: Iterable[str]) -> pd.Series:
    r"""Count the different things that are recorded of each site.

    .. math:: n_s = |\{i : (s, i)\ \text{recorded}\}|

    A site without a record is missing, not 0: the texts do not list what a site has not.

    Parameters
    ----------
    site, item : Series
        Site and thing of each record, one below the other.
    sites : iterable of str
        All sites; the index of the result.

    Returns
    -------
    Series of float
        From 1 on; NaN for a site without a record.

    Raises
    ------
    InputError
        If a record names another site, or a site is listed twice.

    Examples
    --------
    >>> records = pd.DataFrame({"site": ["a", "a", "a"], "item": ["x", "y", "x"]})
    >>> distinct_facts(records["site"], records["item"], ["a", "b"]).tolist()
    [2.0, nan]
    """
    index = _sites(sites)
    counted = item.groupby(_known(site, index)).nunique()
    return counted.reindex(index).astype(float)


def said_of(site: pd.Series, sites: Iterable[str]) -> pd.Series:
    """Return 1 for each site of which something is said, missing for the others.

    Parameters
    ----------
    site : Series
        Site of each record.
    sites : iterable of str
        All sites; the index of the result.

    Returns
    -------
    Series of float
        1 or NaN, never 0: silence is no statement.

    Raises
    ------
    InputError
        If a record names another site, or a site is listed twice.

    Examples
    --------
    >>> said_of(pd.Series(["b", "b"]), ["a", "b"]).tolist()
    [nan, 1.0]
    """
    index = _sites(sites)
    said = index.isin(_known(site, index))
    return pd.Series(np.where(said, 1.0, np.nan), index=index)


def on_complete_list(site: pd.Series, sites: Iterable[str]) -> pd.Series:
    """Count how often each site stands on a list that is complete.

    Parameters
    ----------
    site : Series
        Site of each entry of the list.
    sites : iterable of str
        All sites; the index of the result.

    Returns
    -------
    Series of float
        0 for a site that is not on the list: the list names all there are.

    Raises
    ------
    InputError
        If the list names another site, or a site is listed twice.

    Examples
    --------
    >>> on_complete_list(pd.Series(["b", "b"]), ["a", "b"]).tolist()
    [0.0, 2.0]
    """
    index = _sites(sites)
    return _known(site, index).value_counts().reindex(index, fill_value=0).astype(float)


def total_mentions(site: pd.Series, occurrences: pd.Series, sites: Iterable[str]) -> pd.Series:
    """Add how often the texts name each site.

    Parameters
    ----------
    site, occurrences : Series
        Site and number of namings, one row a site and text.
    sites : iterable of str
        All sites; the index of the result.

    Returns
    -------
    Series of float
        0 where the texts were searched and do not name the site; NaN for a site that was not searched for, or
        whose count is missing in a text.

    Raises
    ------
    InputError
        If a row names another site, or a site is listed twice.

    Examples
    --------
    >>> total_mentions(pd.Series(["a", "a", "b"]), pd.Series([2.0, 0.0, 0.0]), ["a", "b", "c"]).tolist()
    [2.0, 0.0, nan]
    """
    index = _sites(sites)
    added = occurrences.groupby(_known(site, index)).agg(lambda each: each.sum(skipna=False))
    return added.reindex(index).astype(float)

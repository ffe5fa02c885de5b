"""Common areas of several censuses: the finest areas that each of them can be added up to.

Where boundaries change between two censuses, figures of single areas cannot be compared, but sums over areas that were
joined until both censuses agree can. This is what the R package tongfen does (von Bergmann, 2020) by its methods
*statcan* and *identifier*: from lists of areas that share territory, never by splitting an area.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lipresearch.errors import InputError

#: Columns of links: the area of one vintage shares territory with the other area of the other vintage.
LINKS = ("vintage", "area", "other_vintage", "other_area")
#: Columns of counts that are added.
COUNTS = ("value", "low", "high", "reason")


def same_codes(areas: Iterable[str], vintages: Iterable[str]) -> pd.DataFrame:
    """Return links that take areas of one code for the same area, between each vintage and the next.

    Parameters
    ----------
    areas : iterable of str
        Codes that every vintage has.
    vintages : iterable of str
        Vintages in order.

    Returns
    -------
    DataFrame
        Columns as ``LINKS``. It is an assumption: a code can stay while the boundary moves.

    Examples
    --------
    >>> same_codes(["3529005"], ["2016", "2021"]).values.tolist()
    [['2016', '3529005', '2021', '3529005']]
    """
    listed, years = sorted(set(areas)), list(vintages)
    rows = [(old, area, new, area) for old, new in pairwise(years) for area in listed]
    return pd.DataFrame(rows, columns=list(LINKS), dtype=object)


def common_areas(links: pd.DataFrame) -> pd.DataFrame:
    """Return the common area of every area: the connected parts of the graph whose edges are the links.

    Formula: two areas are in one common area if a chain of links leads from one to the other. No finer division can
    be added up to in every vintage, because each link is an area that would be split.

    Parameters
    ----------
    links : DataFrame
        Columns as ``LINKS``, all text; one row for each pair of areas that share territory (or residents).

    Returns
    -------
    DataFrame
        Columns vintage, area, common, sorted by the first two; one row an area. ``common`` names the areas of the
        earliest vintage in it (``2016:3529005+3529006``). Empty for no links.

    Raises
    ------
    InputError
        If a column is not there, a cell is empty, or a link stays within one vintage.

    References
    ----------
    J. von Bergmann, tongfen: Make Data Based on Different Geographies Comparable, R package, 2020.

    Examples
    --------
    >>> moved = pd.DataFrame([("2016", "brant", "2021", "city")], columns=list(LINKS))
    >>> links = pd.concat([same_codes(["brant", "city", "paris"], ["2016", "2021"]), moved])
    >>> common_areas(links)["common"].unique().tolist()
    ['2016:brant+city', '2016:paris']
    """
    absent = [name for name in LINKS if name not in links.columns]
    if absent:
        raise InputError(f"Links need the columns {', '.join(LINKS)}; {', '.join(absent)} is not there.")
    cells = links[list(LINKS)]
    if not cells.map(lambda cell: isinstance(cell, str) and cell != "").all(axis=None):
        raise InputError(
            "A link has an empty cell, or one that is no text: write vintages and areas as '2016', '3529005'."
        )
    if (cells["vintage"] == cells["other_vintage"]).any():
        raise InputError("A link joins two areas of one vintage; it must lead from one vintage to another.")
    ends = [list(zip(cells[LINKS[place]], cells[LINKS[place + 1]], strict=True)) for place in (0, 2)]
    nodes = sorted({*ends[0], *ends[1]})
    number = {node: place for place, node in enumerate(nodes)}
    rows, columns = ([number[node] for node in end] for end in ends)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(nodes), len(nodes)))
    _, part = connected_components(graph, directed=False)
    table = pd.DataFrame(nodes, columns=["vintage", "area"], dtype=object)
    names = {}
    for group, members in table.groupby(part):
        first = members["vintage"].iloc[0]
        names[group] = f"{first}:{'+'.join(members['area'][members['vintage'] == first])}"
    table["common"] = [names[group] for group in part]
    return table


def add_counts(counts: pd.DataFrame, common: pd.Series) -> pd.DataFrame:
    """Add counts of areas to common areas; a part that is missing makes the whole missing.

    Formula: the sum of value, of low and of high over the areas of a common area, each where all of its parts have it.

    Parameters
    ----------
    counts : DataFrame
        Index: area. Columns as ``COUNTS``: ``value`` (NaN where missing), ``low`` and ``high`` (equal to the value
        where it is certain; NaN where nothing is known), ``reason`` (why the value is missing, else ""). Counts only:
        rates, medians and averages cannot be added.
    common : Series
        Index: area; the common area of each area of that vintage. An area that ``counts`` lacks is *not published*.

    Returns
    -------
    DataFrame
        Index: common area, sorted. Columns as ``COUNTS`` and ``parts`` (number of areas). ``reason`` is *suppressed* if
        any part is, else that of the first missing part by code.

    Raises
    ------
    InputError
        If an area stands twice, a count is negative, or a value is missing without a reason.

    Examples
    --------
    >>> counts = pd.DataFrame({"value": [5, 7], "low": [5, 7], "high": [5, 7], "reason": ["", ""]}, index=["a", "b"])
    >>> add_counts(counts, pd.Series({"a": "x", "b": "x", "c": "y"}))[["value", "reason", "parts"]].values.tolist()
    [[12.0, '', 2], [nan, 'not published', 1]]
    """
    numbers = counts[["value", "low", "high"]].astype(float)
    if not counts.index.is_unique or not common.index.is_unique:
        raise InputError("An area stands twice among the counts or the common areas.")
    if (numbers < 0).any(axis=None):
        raise InputError("A count is negative; only counts can be added, not changes or differences.")
    if (numbers["value"].isna() & (counts["reason"] == "")).any():
        raise InputError("A count is missing without a reason.")
    table = numbers.reindex(common.index).sort_index()
    group = common.reindex(table.index)
    result = table.groupby(group).agg(lambda part: part.sum(skipna=False))
    reason = counts["reason"].reindex(table.index).fillna("not published").where(table["value"].isna(), "")
    result["reason"] = reason.groupby(group).agg(_worst_reason)
    result["parts"] = group.value_counts().reindex(result.index)
    return result.rename_axis("common")


def _worst_reason(reasons: pd.Series) -> str:
    given = [reason for reason in reasons if reason]
    return "suppressed" if "suppressed" in given else (given[0] if given else "")


@dataclass(frozen=True)
class Matched:
    """The areas of another vintage that make up a set of areas.

    Attributes
    ----------
    areas : tuple of str
        The areas of the other vintage whose common area lies wholly in the set, sorted.
    crossing : tuple of (str, tuple of str)
        Each area of the other vintage whose common area reaches beyond the border of the set, with the areas of the
        set's vintage that lie beyond; empty where the set is a union of common areas.
    unknown : tuple of str
        Areas of the set that no link names.
    """

    areas: tuple[str, ...]
    crossing: tuple[tuple[str, tuple[str, ...]], ...]
    unknown: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether the set is a union of common areas, so that the two vintages can be compared."""
        return not self.crossing and not self.unknown


def match_areas(common: pd.DataFrame, vintage: str, areas: Collection[str], other: str) -> Matched:
    """Return which areas of another vintage make up a set of areas, and which cross its border.

    Parameters
    ----------
    common : DataFrame
        As ``common_areas`` returns it.
    vintage : str
        Vintage of the set.
    areas : collection of str
        The set: the areas of a site.
    other : str
        The vintage to compare with.

    Returns
    -------
    Matched

    Examples
    --------
    >>> moved = pd.DataFrame([("2016", "brant", "2021", "city")], columns=list(LINKS))
    >>> table = common_areas(pd.concat([same_codes(["brant", "city"], ["2016", "2021"]), moved]))
    >>> match_areas(table, "2021", ["city"], "2016").crossing
    (('brant', ('brant',)), ('city', ('brant',)))
    >>> match_areas(table, "2021", ["brant", "city"], "2016").areas
    ('brant', 'city')
    """
    mine = set(areas)
    here = common[common["vintage"] == vintage]
    touched = set(here["common"][here["area"].isin(mine)])
    beyond = here[here["common"].isin(touched) & ~here["area"].isin(mine)]
    outside = {name: tuple(sorted(group)) for name, group in beyond.groupby("common")["area"]}
    there = common[(common["vintage"] == other) & common["common"].isin(touched)]
    whole = tuple(sorted(there["area"][~there["common"].isin(outside)]))
    crossing = there[there["common"].isin(outside)].sort_values("area")
    return Matched(
        whole,
        tuple((area, outside[name]) for area, name in zip(crossing["area"], crossing["common"], strict=True)),
        tuple(sorted(mine - set(here["area"]))),
    )


def unexplained_change(published: pd.Series, restated: pd.Series, moves: pd.DataFrame) -> pd.Series:
    r"""Return by how much a restated population differs from the published one beyond the declared moves.

    .. math:: u_a = r_a - \Bigl(p_a + \sum_{b \to a} m - \sum_{a \to b} m\Bigr)

    A publisher restates the population of the census before on the boundaries of today. Where the two figures differ,
    the boundary moved.

    Parameters
    ----------
    published, restated : Series
        Residents by area at one census: as first published, and as restated on later boundaries.
    moves : DataFrame
        Columns area, new_area, residents: declared boundary changes between the two.

    Returns
    -------
    Series
        By area of both: 0 where the moves explain the difference (or there is none); positive: it gained undeclared
        residents; negative: it lost some; NaN where either figure is missing, so that nothing is known.

    Examples
    --------
    >>> moves = pd.DataFrame({"area": ["brant"], "new_area": ["city"], "residents": [1067]})
    >>> published, restated = pd.Series({"city": 97496, "paris": 5}), pd.Series({"city": 98563, "paris": 7})
    >>> unexplained_change(published, restated, moves).to_dict()
    {'city': 0.0, 'paris': 2.0}
    """
    index = published.index.union(restated.index)
    came = moves.groupby("new_area")["residents"].sum().reindex(index, fill_value=0)
    went = moves.groupby("area")["residents"].sum().reindex(index, fill_value=0)
    return restated.reindex(index).astype(float) - published.reindex(index).astype(float) - came + went


def change_bounds(new: float, old: float, came: float, went: float) -> tuple[float, float]:
    r"""Return the lowest and highest per cent change of a count where a few residents changed sides in between.

    .. math:: 100 \frac{n - (o + c)}{o + c} \le x \le 100 \frac{n - \max(o - w, 0)}{\max(o - w, 0)}

    because nobody, or all, of those who came with a new boundary (:math:`c`) or went (:math:`w`) may be counted.

    Parameters
    ----------
    new, old : float
        The count in the later and the earlier census, each on the boundaries of its time.
    came, went : float
        Residents, at the earlier census, of what was added to the area and of what was taken from it.

    Returns
    -------
    tuple of float
        Per cent; the upper end is infinite where all of the old count may have gone. NaN where a count is missing or
        the old one is surely 0.

    Examples
    --------
    >>> [round(end, 2) for end in change_bounds(120, 100, 0, 10)]
    [20.0, 33.33]
    """
    most, least = old + came, max(old - went, 0.0)
    if not (new >= 0 and most > 0):
        return float("nan"), float("nan")
    return 100.0 * (new / most - 1.0), 100.0 * (new / least - 1.0) if least > 0 else float("inf")

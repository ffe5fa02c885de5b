"""What kinds of places the sites of a roster are, and how many of a kind a set can hold: pure, categories in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from lipresearch.designs import ATTRIBUTES, UNKNOWN
from lipresearch.errors import InputError
from lipresearch.measures import orientation, settlement

#: The six cases of the field study of 2010-11 and the group that its authors put each in (source text 003, part 2). The
#: Toronto West of the text is the neighbourhood partnership West Downtown Toronto.
FIELD_STUDY_CASES: Mapping[str, str] = {
    "west-downtown-toronto": settlement.GREATER_TORONTO,
    "peel": settlement.GREATER_TORONTO,
    "hamilton": settlement.OTHER_URBAN,
    "kingston": settlement.OTHER_URBAN,
    "huron": settlement.RURAL_REMOTE,
    "thunder-bay": settlement.RURAL_REMOTE,
}


def thresholds() -> pd.DataFrame:
    """Return the rules by which sites get their categories, with the thresholds that the code uses.

    Returns
    -------
    DataFrame
        ``category``, ``level``, ``rule`` in words; the rules of a category are tried from the top.

    Examples
    --------
    >>> thresholds()["rule"][0]
    'at least 50 % of the residents (2021) live in the City of Toronto'
    """
    urban = f"{settlement.URBAN_SHARE:g} %"
    core = "in a census metropolitan area or agglomeration"
    many, enough = f"{orientation.MANY_NEWCOMERS:g}", f"{orientation.BALANCED_SERVICES:.1f}"
    newcomers = "recent immigrants (2016-2021) per 1,000 residents"
    points = "points of settlement service (2022) per 1,000 of them"
    city = "of the largest city, counted with its metropolitan area where the catchment holds the better part of that"
    rules = [
        (
            "settlement type",
            settlement.TORONTO,
            f"at least {settlement.TORONTO_SHARE:g} % of the residents (2021) live in the City of Toronto",
        ),
        ("settlement type", settlement.URBAN, f"else at least {urban} live {core}"),
        ("settlement type", settlement.RURAL, "else"),
        (
            "field study group",
            settlement.GREATER_TORONTO,
            f"at least {settlement.TORONTO_SHARE:g} % live in the economic region of Toronto",
        ),
        (
            "field study group",
            settlement.RURAL_REMOTE,
            f"else fewer than {urban} live {core}, or the population-weighted index of remoteness is at least "
            f"{settlement.LESS_ACCESSIBLE:g}",
        ),
        ("field study group", settlement.OTHER_URBAN, "else"),
        ("orientation", orientation.ATTRACTION, f"fewer than {many} {newcomers}"),
        ("orientation", orientation.CAPACITY, f"else fewer than {enough} {points}"),
        ("orientation", orientation.COORDINATION, "else"),
        ("largest city of tier", orientation.FIRST_TIER, "most residents live in the City of Toronto"),
        (
            "largest city of tier",
            orientation.SECOND_TIER,
            f"else at least {orientation.SECOND_TIER_FROM:,.0f} residents {city}",
        ),
        ("largest city of tier", orientation.THIRD_TIER, f"else at least {orientation.THIRD_TIER_FROM:,.0f}"),
        ("largest city of tier", orientation.NO_CITY, "else"),
    ]
    return pd.DataFrame(rules, columns=["category", "level", "rule"])


def most_together(sites: Iterable[str], apart: Iterable[tuple[str, str]]) -> int:
    """Return how many of some sites can be chosen without two of a pair that overlap.

    The largest independent set of the graph of overlaps, found exactly by branching on the most crowded site.

    Examples
    --------
    >>> most_together(["city", "east", "west"], [("city", "east"), ("city", "west")])
    2
    """
    left = set(sites)
    others: dict[str, set[str]] = {site: set() for site in left}
    for one, other in apart:
        if one in left and other in left and one != other:
            others[one].add(other)
            others[other].add(one)

    def count(free: frozenset[str]) -> int:
        crowded = [site for site in free if others[site] & free]
        if not crowded:
            return len(free)
        site = max(crowded, key=lambda name: (len(others[name] & free), name))
        return max(count(free - {site}), 1 + count(free - {site} - others[site]))

    return count(frozenset(left))


def overlapping_pairs(types: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs of sites of a table of categories that share an area, each once, sorted."""
    here = set(types.index)
    return sorted(
        {
            (min(site, other), max(site, other))
            for site, listed in types["overlaps"].items()
            for other in str(listed).split(";")
            if other in here
        }
    )


def levels_of(types: pd.DataFrame, attribute: str) -> list[str]:
    """Return the levels of a category that some site has, in their declared order, the unknown one last.

    Raises
    ------
    InputError
        If there is no such category.
    """
    if attribute not in ATTRIBUTES:
        raise InputError(f"There is no category {attribute!r} of sites. There are: {', '.join(ATTRIBUTES)}.")
    declared = ATTRIBUTES[attribute][1]
    there = set(types[attribute])
    known = there - set(UNKNOWN)
    return (
        [level for level in declared if level in known] + sorted(known - set(declared)) + sorted(there & set(UNKNOWN))
    )


def site_levels(types: pd.DataFrame, attributes: Sequence[str] = tuple(ATTRIBUTES)) -> pd.DataFrame:
    """Return how many sites have each level of each category, and how many of them one set can hold.

    Parameters
    ----------
    types : DataFrame
        Indexed by site, with ``name``, ``overlaps`` and the categories, as ``load_sites`` returns it.
    attributes : sequence of str
        Categories of ``lipresearch.designs.ATTRIBUTES``.

    Returns
    -------
    DataFrame
        ``attribute``, ``level`` ("" or *not known* where a site's is not known), ``sites``, ``together`` (the most
        that can be chosen without two that overlap: no minimum of a quota can be higher), ``names``.

    Examples
    --------
    >>> import lipresearch as lip
    >>> levels = site_levels(lip.load_sites(), ["settlement_type"]).set_index("level")
    >>> int(levels.loc["Toronto", "sites"]), int(levels.loc["Toronto", "together"])
    (5, 4)
    """
    apart = overlapping_pairs(types)
    rows = []
    for attribute in attributes:
        for level in levels_of(types, attribute):
            mine = list(types.index[types[attribute] == level])
            names = ", ".join(types.loc[mine, "name"])
            rows.append((attribute, level, len(mine), most_together(mine, apart), names))
    return pd.DataFrame(rows, columns=["attribute", "level", "sites", "together", "names"])


def combinations(types: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Return how many sites have each combination of the levels of two categories.

    Returns
    -------
    DataFrame
        Rows: levels of the first; columns: levels of the second; whole numbers, 0 where no site has both.

    Examples
    --------
    >>> import lipresearch as lip
    >>> int(combinations(lip.load_sites(), "settlement_type", "northern").to_numpy().sum())
    38
    """
    if first == second:
        raise InputError(f"Combine two different categories, not {first} with itself.")
    rows, columns = levels_of(types, first), levels_of(types, second)
    return pd.DataFrame(
        [[int(((types[first] == row) & (types[second] == column)).sum()) for column in columns] for row in rows],
        index=pd.Index(rows, name=first),
        columns=pd.Index(columns, name=second),
    )


def check_field_study(types: pd.DataFrame, said: Mapping[str, str]) -> pd.DataFrame:
    """Return the six cases of the field study with what its text says of each beside what the rules give.

    Parameters
    ----------
    types : DataFrame
        Categories of all sites, indexed by site.
    said : mapping of site to orientation
        What the text says of a case's orientation; a case of which it says nothing is not in it.

    Returns
    -------
    DataFrame
        Indexed by site: ``name``, ``group_said``, ``group``, ``orientation_said`` ("" where the text is silent),
        ``orientation``, ``agree``: whether everything that the text says comes out.
    """
    cases = list(FIELD_STUDY_CASES)
    table = pd.DataFrame(
        {
            "name": types.loc[cases, "name"],
            "group_said": [FIELD_STUDY_CASES[site] for site in cases],
            "group": types.loc[cases, "field_study_group"],
            "orientation_said": [said.get(site, "") for site in cases],
            "orientation": types.loc[cases, "orientation"],
        },
        index=pd.Index(cases, name="site"),
    )
    silent = table["orientation_said"] == ""
    table["agree"] = (table["group_said"] == table["group"]) & (
        silent | (table["orientation_said"] == table["orientation"])
    )
    return table

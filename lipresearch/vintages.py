"""Which boundaries moved between two censuses: as declared, and as the publisher's populations show it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from lipresearch.catchments import Catchments
from lipresearch.errors import Problem, TableError
from lipresearch.measures.common_areas import unexplained_change
from lipresearch.sites import read_design
from lipresearch.tables import Column, Schema

#: The censuses whose figures are compared, in order.
VINTAGES = ("2006", "2011", "2016", "2021")

AREA_CORRESPONDENCE = Schema(
    (
        Column("level", "choice", choices=("cd", "csd")),
        Column("vintage", "choice", choices=VINTAGES),
        Column("area", "id"),
        Column("new_vintage", "choice", choices=VINTAGES),
        Column("new_area", "id"),
        Column("residents", "count", low=1),
        Column("source"),
        Column("note", required=False),
    ),
    ("level", "vintage", "area", "new_vintage", "new_area"),
)
AREAS_FILE = "data/design/area_correspondence.csv"


def load_area_correspondence(root: Path, catchments: Catchments) -> pd.DataFrame:
    """Return the declared boundary changes: residents of an area that live in another one since a later census.

    Raises
    ------
    TableError
        If a row names an unknown area, an area and itself, or censuses that do not follow each other.
    """
    table = read_design(root, "area_correspondence", AREA_CORRESPONDENCE)
    problems = []
    for place, row in enumerate(table.itertuples()):
        for column in ("area", "new_area"):
            code = getattr(row, column)
            if code not in catchments.geography.areas[row.level]:
                expected, remedy = f"a code of level {row.level}", "Look it up in data/raw/geography_2021."
                problems.append(Problem(AREAS_FILE, place + 2, column, repr(code), expected, remedy))
        if row.area == row.new_area:
            remedy = "Remove the row: an area keeps what is not declared to leave it."
            problems.append(Problem(AREAS_FILE, place + 2, "new_area", row.new_area, "another area", remedy))
        problems += order_problem(AREAS_FILE, place + 2, row.vintage, row.new_vintage)
    if problems:
        raise TableError(problems)
    return table


def order_problem(shown: str, line: int, old: str, new: str) -> list[Problem]:
    """Return the problem of a row whose two censuses do not follow each other."""
    place = VINTAGES.index(old) + 1
    if place < len(VINTAGES) and VINTAGES[place] == new:
        return []
    expected = f"the census after {old}" + (f" ({VINTAGES[place]})" if place < len(VINTAGES) else "")
    return [Problem(shown, line, "new_vintage", new, expected, "Write one row for each step between two censuses.")]


def not_the_same(
    areas: Collection[str], published: pd.Series, restated: pd.Series, moves: pd.DataFrame, years: tuple[str, str]
) -> dict[str, str]:
    """Return the areas of a site whose earlier figures are of another territory than the later ones, and why.

    An area keeps its territory if the population of the earlier census that was published first is the one that the
    publisher restates on the later boundaries. Areas of the site between which a declared move explains the whole
    difference are, together, the same territory as well. An exchange of land where nobody lives does not show.

    Parameters
    ----------
    areas : collection of str
        Areas of one level in the site that have figures of the earlier census.
    published, restated : Series
        Residents by area at the earlier census: as first published, and on the later boundaries.
    moves : DataFrame
        Columns area, new_area, residents: declared boundary changes of that level between the two.
    years : tuple of str
        The two censuses, for the words.

    Returns
    -------
    dict
        ``{area: words}``; empty where every area is the same in both.

    Examples
    --------
    >>> moves = pd.DataFrame({"area": ["brant"], "new_area": ["city"], "residents": [1067]})
    >>> then, now = pd.Series({"brant": 36707, "city": 97496}), pd.Series({"brant": 35640, "city": 98563})
    >>> not_the_same(["brant", "city"], then, now, moves, ("2016", "2021"))
    {}
    >>> not_the_same(["city"], then, now, moves, ("2016", "2021"))
    {'city': '1,067 residents came with a boundary between 2016 and 2021'}
    """
    old, new = years
    rest = unexplained_change(published, restated, moves).reindex(sorted(areas))
    found: dict[str, str] = {}
    for area, change in rest.items():
        if pd.isna(change):
            found[str(area)] = f"no population of {old} on the boundaries of {new} to compare with"
        elif change != 0:
            found[str(area)] = f"a boundary change of {old} to {new} is not declared ({change:+,.0f} residents)"
    same = set(rest.index) - set(found)
    links = moves[moves["area"].isin(rest.index) | moves["new_area"].isin(rest.index)]
    while True:
        apart = links[links["area"].isin(same) != links["new_area"].isin(same)]
        lost = (set(apart["area"]) | set(apart["new_area"])) & same
        if not lost:
            return dict(sorted(found.items()))
        for area in lost:
            came = int(apart.loc[apart["new_area"] == area, "residents"].sum())
            went = int(apart.loc[apart["area"] == area, "residents"].sum())
            words = [f"{came:,} residents came" if came else "", f"{went:,} residents went" if went else ""]
            told = " and ".join(word for word in words if word)
            found[area] = f"{told} with a boundary between {old} and {new}"
        same -= lost

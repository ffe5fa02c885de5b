"""Outlines of sites for maps: each catchment's areas put together from the compiled boundaries.

The outlines are schematic (see the cards of ``boundaries_2021`` and ``toronto_boundaries``): for pictures, never for
finding out what lies where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipresearch.catchments import TORONTO, Catchments
from lipresearch.errors import Problem, TableError
from lipresearch.sources import read_raw

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

PER_DEGREE = 100_000
#: Neighbours were simplified apart; gaps between areas of one site up to twice this (degrees) are closed.
GAP = 0.01
#: A hole of a site smaller than this (square degrees, about 400 square kilometres) is such a gap.
SLIVER = 0.05
#: The census division that is the City of Toronto.
TORONTO_DIVISION = "3520"


@dataclass(frozen=True, eq=False)
class Outlines:
    """What a map is drawn from; longitude and latitude in degrees.

    Attributes
    ----------
    divisions, hoods : dict
        Outline of each census division and of each of Toronto's 140 neighbourhoods, by code.
    sites : dict
        Outline of each site whose areas are known and have outlines, all of them, by site id.
    parts : frozenset of str
        The sites that are parts of the City of Toronto.
    """

    divisions: Mapping[str, BaseGeometry]
    hoods: Mapping[str, BaseGeometry]
    sites: Mapping[str, BaseGeometry]
    parts: frozenset[str]


def decode(line: str) -> list[tuple[float, float]]:
    """Return the corners (degrees) of a ring as the compiled tables write it.

    >>> decode("-7950000/4360000 10000/0 0/5000")
    [(-79.5, 43.6), (-79.4, 43.6), (-79.4, 43.65)]

    Raises
    ------
    ValueError
        If the text is not at least three pairs of whole numbers.
    """
    east = north = 0
    corners = []
    for pair in line.split(" "):
        x, y = pair.split("/")
        east, north = east + int(x), north + int(y)
        corners.append((east / PER_DEGREE, north / PER_DEGREE))
    if len(corners) < 3:
        raise ValueError("fewer than three corners")
    return corners


def load_outlines(root: Path, dataset: str, level: str) -> dict[str, BaseGeometry]:
    """Return the outlines of all areas of a level by code.

    Raises
    ------
    TableError
        Naming every ring that is no list of corners, or a hole without an outline before it.
    """
    table = read_raw(root, dataset, level)
    parts: dict[str, list[tuple[list[tuple[float, float]], list[list[tuple[float, float]]]]]] = {}
    problems = []
    for number, (code, hole, line) in enumerate(
        zip(table.values[level], table.values["hole"], table.values["line"], strict=True)
    ):
        mine = parts.setdefault(code, [])
        try:
            corners = decode(line)
            if hole == "yes":
                mine[-1][1].append(corners)
            else:
                mine.append((corners, []))
        except (ValueError, IndexError):
            problems.append(
                Problem(
                    f"data/raw/{dataset}/{level}.csv",
                    table.lines[number],
                    "line",
                    line[:40],
                    "three or more corners as whole numbers x/y, a hole only after its outline",
                    "Compile it anew.",
                )
            )
    if problems:
        raise TableError(problems)
    import shapely
    from shapely.geometry import Polygon

    return {code: shapely.union_all([Polygon(*part) for part in mine]) for code, mine in parts.items()}


def load_site_outlines(root: Path, catchments: Catchments) -> Outlines:
    """Return the outlines of all sites, put together from the areas that ``catchments.csv`` declares.

    The City of Toronto is its neighbourhoods, whose outlines are much finer.
    """
    import shapely

    areas = {
        "cd": load_outlines(root, "boundaries_2021", "cd"),
        "csd": load_outlines(root, "boundaries_2021", "csd"),
        "hood140": load_outlines(root, "toronto_boundaries", "hood140"),
    }
    city = shapely.union_all(list(areas["hood140"].values()))
    areas["csd"][TORONTO] = areas["cd"][TORONTO_DIVISION] = city
    pieces: dict[str, list[BaseGeometry]] = {}
    without = set()
    for row in catchments.declared.itertuples():
        if row.area in areas[row.level]:
            pieces.setdefault(row.site, []).append(areas[row.level][row.area])
        else:
            without.add(row.site)
    pieces = {site: found for site, found in pieces.items() if site not in without}
    parts = frozenset(site for site in pieces if catchments.level_of(site) == "hood140")
    sites = {
        # Neighbourhoods were simplified together and leave no gaps.
        site: shapely.union_all(found) if site in parts else together(found)
        for site, found in sorted(pieces.items())
    }
    return Outlines(areas["cd"], areas["hood140"], sites, parts)


def together(areas: list[BaseGeometry]) -> BaseGeometry:
    """Return one outline of several areas, with narrow gaps between them closed; one area as it is."""
    import shapely
    from shapely.geometry import Polygon

    joined = shapely.union_all(areas)
    if len(areas) == 1:
        return joined
    closed = shapely.buffer(shapely.buffer(joined, GAP, join_style="mitre"), -GAP, join_style="mitre")
    whole = shapely.get_parts(shapely.union(joined, closed))
    return shapely.union_all(
        [Polygon(part.exterior, [hole for hole in part.interiors if Polygon(hole).area > SLIVER]) for part in whole]
    )

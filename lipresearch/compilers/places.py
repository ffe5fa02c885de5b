"""Where a point lies: Toronto neighbourhoods and census subdivisions, from published polygons."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shapely import STRtree
from shapely.affinity import scale
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from lipresearch.compilers.base import REMEDY, Sources
from lipresearch.errors import Problem, TableError

HOODS = "places/toronto_neighbourhoods_140.geojson"
SUBDIVISIONS = "places/csd_2021_on_hal_sj_cal.geojson"
#: Census subdivision that is divided into the 140 neighbourhoods.
TORONTO = "3520005"

#: Degrees of longitude shrink with latitude; this factor is exact at 44 degrees north, where most sites lie.
SQUEEZE = math.cos(math.radians(44))
KM_PER_DEGREE = 111.2

#: The polygons of subdivisions are simplified so much that places on the shore lie up to this far outside.
SHORE_KM = 15.0
#: How far outside its own polygon a place with the right name may lie.
NAMED_KM = 6.0
#: How far outside every neighbourhood a place in Toronto may lie.
HOOD_KM = 1.0

_UPPER_TIER = re.compile(r", (County|Regional Municipality|District|United Counties)\b.*")


@dataclass(frozen=True)
class Areas:
    """Polygons with their codes and names, and an index to find them by point."""

    codes: Sequence[str]
    names: Sequence[str]
    shapes: Sequence[BaseGeometry]
    tree: STRtree
    index: Mapping[str, list[int]]

    def within(self, longitude: float, latitude: float) -> str:
        """Return the code of the polygon that a point lies in (the first in order on a border), or ``""``."""
        found = self.tree.query(Point(longitude * SQUEEZE, latitude), predicate="intersects")
        return self.codes[min(found)] if len(found) else ""

    def nearest(self, longitude: float, latitude: float) -> tuple[str, float]:
        """Return the nearest polygon's code and its distance in km (0 inside; off by some per cent in the north)."""
        point = Point(longitude * SQUEEZE, latitude)
        place = int(min(self.tree.query_nearest(point)))
        return self.codes[place], float(self.shapes[place].distance(point)) * KM_PER_DEGREE

    def called(self, name: str) -> list[int]:
        """Return the places of the polygons of that name."""
        return self.index.get(plain(name), [])

    def named(self, name: str, longitude: float, latitude: float) -> tuple[str, float]:
        """Return the nearest polygon of that name and its distance in km, or ``("", inf)``."""
        point = Point(longitude * SQUEEZE, latitude)
        found = [(float(self.shapes[at].distance(point)) * KM_PER_DEGREE, self.codes[at]) for at in self.called(name)]
        return (min(found)[1], min(found)[0]) if found else ("", math.inf)

    def only(self, name: str) -> str:
        """Return the code of the only polygon of that name, or ``""``."""
        found = self.called(name)
        return self.codes[found[0]] if len(found) == 1 else ""


def plain(name: str) -> str:
    """Return a municipality's name for comparison: no status, no French half, no punctuation, lower case.

    >>> plain("Toronto, City of"), plain("Greater Sudbury / Grand Sudbury"), plain("Saint Thomas"), plain("St. Marys")
    ('toronto', 'greater sudbury', 'st thomas', 'st marys')
    >>> plain("Waterloo, Regional Municipality of")
    ''
    """
    if _UPPER_TIER.search(name):
        return ""
    text = re.sub(r"[^\w]+", " ", name.split(" / ")[0].split(", ")[0].lower()).strip()
    return re.sub(r"\bsaint\b", "st", text)


def read_shapes(sources: Sources, file: str, code: str, name: str) -> tuple[list[str], list[str], list[BaseGeometry]]:
    """Return the codes, names and polygons (degrees) of a GeoJSON file whose features carry a code and a name."""
    try:
        features = json.loads(sources.text(file))["features"]
        codes = [str(feature["properties"][code]) for feature in features]
        names = [str(feature["properties"][name]) for feature in features]
        shapes = [shape(feature["geometry"]) for feature in features]
    except (ValueError, KeyError, TypeError) as error:
        found = f"{type(error).__name__}: {error}"
        raise TableError(
            [Problem(file, 0, "", found, f"GeoJSON polygons with the properties {code} and {name}", REMEDY)]
        ) from None
    if len(set(codes)) != len(codes) or not all(one.is_valid and not one.is_empty for one in shapes):
        raise TableError([Problem(file, 0, code, "a repeated code or a broken polygon", "one valid polygon each")])
    return codes, names, shapes


def read_areas(sources: Sources, file: str, code: str, name: str) -> Areas:
    """Read a GeoJSON file of polygons whose features carry a code and a name."""
    codes, names, shapes = read_shapes(sources, file, code, name)
    squeezed = [scale(one, xfact=SQUEEZE, yfact=1, origin=(0, 0)) for one in shapes]
    index: dict[str, list[int]] = {}
    for place, own in enumerate(names):
        index.setdefault(plain(own), []).append(place)
    return Areas(codes, names, squeezed, STRtree(squeezed), index)


def read_hoods(sources: Sources) -> Areas:
    """Return the 140 neighbourhoods of Toronto."""
    return read_areas(sources, HOODS, "hood_id", "hood_name")


def read_subdivisions(sources: Sources) -> Areas:
    """Return the census subdivisions of 2021."""
    return read_areas(sources, SUBDIVISIONS, "CSDUID", "NAME")


def point_of(longitude: str, latitude: str) -> tuple[float, float] | None:
    """Return longitude and latitude as numbers, or None where either is no coordinate.

    >>> point_of("-79.38", "43.65"), point_of("", ""), point_of(".", "."), point_of("0", "0")
    ((-79.38, 43.65), None, None, None)
    """
    try:
        east, north = float(longitude), float(latitude)
    except ValueError:
        return None
    return (east, north) if -142 <= east <= -52 and 41 <= north <= 84 else None


def subdivision_of(
    areas: Areas, hoods: Areas, point: tuple[float, float] | None, names: Iterable[str]
) -> tuple[str, str]:
    """Return the census subdivision of a place and how it was found.

    A point inside a Toronto neighbourhood is in Toronto. Elsewhere the polygons are simplified, so the
    place's own word for its municipality is heard first: the polygon that holds the point if it has
    that name; else a polygon of that name within ``NAMED_KM``; else the polygon that holds the point;
    else the nearest within ``SHORE_KM``; without a point the only polygon of that name.

    Parameters
    ----------
    areas : Areas
        Census subdivisions.
    hoods : Areas
        Toronto neighbourhoods, whose polygons are exact to some metres.
    point : tuple of float, optional
        Longitude and latitude in degrees.
    names : iterable of str
        Names of the municipality or town, the most specific first.

    Returns
    -------
    tuple of str
        Code (``""`` if none) and a key of ``FOUND``.
    """
    called = [name for name in names if plain(name)]
    if point is None:
        codes = [code for code in (areas.only(name) for name in called) if code]
        return (codes[0], "name") if codes else ("", "none")
    if hoods.within(*point):
        return TORONTO, "hood"
    inside = areas.within(*point)
    if inside and plain(areas.names[areas.codes.index(inside)]) in [plain(name) for name in called]:
        return inside, "name and point"
    for name in called:
        code, km = areas.named(name, *point)
        if km <= NAMED_KM:
            return code, "name nearby"
    if inside:
        return inside, "point"
    code, km = areas.nearest(*point)
    return (code, "shore") if km <= SHORE_KM else ("", "none")


def hood_of(areas: Areas, point: tuple[float, float] | None, csd: str) -> str:
    """Return the Toronto neighbourhood of a place, ``""`` outside Toronto or where it cannot be known."""
    if csd != TORONTO or point is None:
        return ""
    code, km = areas.nearest(*point)
    return code if km <= HOOD_KM else ""


def tally(methods: Iterable[str], words: Mapping[str, str]) -> str:
    """Return how many places were found in which way, as words for a defect.

    >>> tally(["point", "shore", "point"], {"point": "by the polygon", "shore": "by the nearest"})
    '2 by the polygon, 1 by the nearest'
    """
    found = list(methods)
    return ", ".join(f"{found.count(key)} {word}" for key, word in words.items() if found.count(key))


#: How a census subdivision was found, in words for a defect.
FOUND: Mapping[str, str] = {
    "hood": "by a Toronto neighbourhood's polygon",
    "same school": "from the same school in 2018-19",
    "name and point": "by polygon and municipality's name alike",
    "name nearby": f"by the municipality's name, its polygon within {NAMED_KM:g} km",
    "point": "by polygon alone",
    "shore": f"by the nearest polygon within {SHORE_KM:g} km",
    "name": "by the municipality's name alone",
    "publisher": "from the publisher's own code",
    "none": "not at all (no code)",
}


def found_in_words(methods: Iterable[str]) -> str:
    """Return the sentence that counts how census subdivisions were found."""
    return "Census subdivisions were found: " + tally(methods, FOUND) + "."


#: What a reader must know of places that were assigned to areas here.
PLACED = (
    "The census subdivision is not the publisher's: it was found from the coordinates and the municipality's or town's "
    "name, over simplified polygons. Tried on 2,704 facilities whose code Statistics Canada gives, 96.6 per cent of "
    "subdivisions and 99.6 per cent of census divisions agree."
)
HOOD_NOTE = "empty outside Toronto"

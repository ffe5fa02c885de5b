"""Outlines for maps: census divisions and subdivisions of 2021, and Toronto's 140 neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from shapely import coverage_simplify, get_parts
from shapely.geometry.base import BaseGeometry

from lipresearch.compilers.base import REMEDY, Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, STATCAN, TORONTO, adapted, toronto
from lipresearch.compilers.places import HOODS, SUBDIVISIONS, read_shapes
from lipresearch.errors import Problem, TableError

DIVISIONS = "places/cd_2021_on_hal_sj_cal.geojson"

#: Corners are kept as whole numbers of this many to the degree (1 is about a metre), as fine as they are published.
PER_DEGREE = 100_000
#: Corners that stand out less than a triangle of this side (degrees; about 50 m) are left out, the same on both
#: sides of a shared border.
HOOD_TOLERANCE = 0.0006

LINE_NOTE = (
    "corners as longitude/latitude in hundred-thousandths of a degree: the first as it is, each further one as the "
    "step from the one before; the last is joined to the first"
)


def encode(corners: Sequence[tuple[float, ...]]) -> str:
    """Return a closed ring of corners (degrees) as text, without its repeated last corner.

    >>> encode([(-79.5, 43.6), (-79.4, 43.6), (-79.4, 43.65), (-79.5, 43.6)])
    '-7950000/4360000 10000/0 0/5000'
    """
    whole = [(round(x * PER_DEGREE), round(y * PER_DEGREE)) for x, y in corners[:-1]]
    steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(whole)]
    return " ".join(f"{x}/{y}" for x, y in [whole[0], *steps])


def rings(code: str, area: BaseGeometry) -> Iterator[tuple[str, str, str, str]]:
    """Yield the rows of an area: each part's outline followed by its holes, numbered from 01."""
    found = []
    for part in get_parts(area):
        found.append(("no", part.exterior))
        found += [("yes", hole) for hole in part.interiors]
    for number, (hole, ring) in enumerate(found, start=1):
        yield code, f"{number:02d}", hole, encode(list(ring.coords))


def outlines(
    sources: Sources,
    file: str,
    properties: tuple[str, str],
    simplified: Callable[[list[BaseGeometry]], Sequence[BaseGeometry]] = lambda shapes: shapes,
) -> list[tuple[str, ...]]:
    """Return the rows of all areas of a file."""
    codes, _, shapes = read_shapes(sources, file, *properties)
    rows: list[tuple[str, ...]] = []
    for code, shape in zip(codes, simplified(shapes), strict=True):
        polygons = {part.geom_type for part in get_parts(shape)} == {"Polygon"}
        mine = list(rings(code, shape)) if polygons else []
        if not 0 < len(mine) < 100:
            found = f"{code} with {len(mine)} rings of polygons"
            raise TableError([Problem(file, 0, properties[0], found, "1 to 99", REMEDY)])
        rows += mine
    return rows


def compile_boundaries(sources: Sources) -> Compiled:
    """Return the tables of dataset ``boundaries_2021``."""
    return Compiled(
        {
            "cd.csv": outlines(sources, DIVISIONS, ("CDUID", "NAME")),
            "csd.csv": outlines(sources, SUBDIVISIONS, ("CSDUID", "NAME")),
        }
    )


def compile_hoods(sources: Sources) -> Compiled:
    """Return the table of dataset ``toronto_boundaries``."""
    rows = outlines(
        sources, HOODS, ("hood_id", "hood_name"), lambda shapes: list(coverage_simplify(shapes, HOOD_TOLERANCE))
    )
    return Compiled({"hood140.csv": rows})


def _table(level: str, label: str, source: str) -> TableSpec:
    return TableSpec(
        f"{level}.csv",
        level,
        (level, "ring"),
        (
            Col(level, "id", label, source),
            Col("ring", "id", "number of the ring within the area", "computed", note="a hole follows its outline"),
            Col("hole", "flag", "whether the ring bounds a hole of the outline before it", "geometry"),
            Col("line", "text", "corners of the ring", "geometry", note=LINE_NOTE),
        ),
    )


BOUNDARIES = Dataset(
    name="boundaries_2021",
    card=Card(
        short="Outlines of census divisions 2021",
        title="Outlines of census divisions and census subdivisions, 2021, for maps",
        publisher="Statistics Canada",
        catalogue="92-160-X",
        published="2021",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2021/geo/sip-pis/boundary-limites/index2021-eng.cfm",
        licence=STATCAN,
        attribution=adapted("2021 Census - Boundary files, catalogue no. 92-160-X"),
        universe="Ontario, and the census divisions of St. John's, Halifax and Calgary",
        vintage="2021",
        grade="C",
        defects=(
            "For pictures only: simplified by the R package canadianmaps 2.0.0 (repository cran/canadianmaps, commit "
            "183aea8), each area for itself, so that neighbours overlap or leave gaps, shores lie up to 15 km off and "
            "many cities have fewer than a dozen corners.",
            "Inland water is inside the outlines.",
            "All census subdivisions of Ontario have an outline; around St. John's and Calgary only some have.",
        ),
    ),
    tables=(
        _table("cd", "census division", "CDUID"),
        _table("csd", "census subdivision", "CSDUID"),
    ),
    inputs=(DIVISIONS, SUBDIVISIONS),
    compiler=compile_boundaries,
)

HOOD_BOUNDARIES = Dataset(
    name="toronto_boundaries",
    card=Card(
        short="Outlines of Toronto's neighbourhoods",
        title="Outlines of Toronto's 140 neighbourhoods, for maps",
        publisher="City of Toronto",
        catalogue="Neighbourhoods",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/neighbourhoods/",
        licence=TORONTO,
        attribution=toronto(),
        universe="neighbourhoods of Toronto, 140 model",
        vintage="2016",
        grade="C",
        defects=(
            "For pictures only: corners that stand out by less than about 50 m are left out, the same on both sides of "
            "a border (repository jess-data/Analysis-of-Toronto-Neighbourhoods, commit f6566bc).",
        ),
    ),
    tables=(_table("hood140", "Toronto neighbourhood, 140 model", "hood_id"),),
    inputs=(HOODS,),
    compiler=compile_hoods,
)

DATASETS = (BOUNDARIES, HOOD_BOUNDARIES)

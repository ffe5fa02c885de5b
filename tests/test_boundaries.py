"""Outlines of sites: rings read from the compiled tables, and areas put together."""

from __future__ import annotations

import csv
import math
import shutil
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
import shapely
from shapely.geometry import Polygon

import lipresearch as lip
from lipresearch import maps
from lipresearch.boundaries import Outlines, decode, load_outlines, load_site_outlines, together
from lipresearch.catchments import load_catchments
from lipresearch.compile import compile_sources
from lipresearch.compilers import boundaries
from lipresearch.errors import TableError
from lipresearch.paths import project_root

ROOT = project_root()
FIXTURES = ROOT / "tests" / "fixtures" / "compile"
NAMES = [dataset.name for dataset in boundaries.DATASETS]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    compile_sources(FIXTURES, folder, NAMES)
    return folder


def test_every_division_and_every_subdivision_of_ontario_has_an_outline() -> None:
    for level in ("cd", "csd"):
        with open(ROOT / "data" / "raw" / "geography_2021" / f"{level}.csv", encoding="utf-8", newline="") as handle:
            codes = {row[level] for row in csv.DictReader(handle)}
        found = set(load_outlines(ROOT, "boundaries_2021", level))
        assert found <= codes
        assert {code[:4] for code in codes - found} <= {"1001", "4806"}
        assert level == "csd" or found == codes


@pytest.mark.parametrize("line", ["", "1/1 2/2", "1/1 2/2 x/3", "1 2 3", "1/2/3 4/5 6/7", "1.5/2 1/1 1/1"])
def test_what_is_no_ring_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(line)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("3520,01,no,-7950000/4360000 20000/0 0/20000 -20000/0", "3520,01,no,somewhere", 2),
        ("3520,01,no,", "3520,01,yes,", 2),
    ],
)
def test_a_damaged_table_is_noticed(root: Path, tmp_path: Path, old: str, new: str, line: int) -> None:
    shutil.copytree(root / "data", tmp_path / "data")
    table = tmp_path / "data" / "raw" / "boundaries_2021" / "cd.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    where = rf"boundaries_2021/cd\.csv, row {line}, column line: "
    expected = where + r".*three or more corners as whole numbers x/y, a hole only after its outline"
    with pytest.raises(TableError, match=expected):
        load_outlines(tmp_path, "boundaries_2021", "cd")


def test_gaps_between_areas_of_one_site_are_closed_and_an_area_alone_is_left() -> None:
    left, right = Polygon([(0, 0), (1, 0), (1, 1), (0, 1)]), Polygon([(1.01, 0), (2, 0), (2, 1), (1.01, 1)])
    joined = together([left, right])
    assert joined.geom_type == "Polygon"
    assert joined.area == pytest.approx(2.0, abs=1e-3)
    assert together([left]).equals(left)
    far = Polygon([(1.05, 0), (2, 0), (2, 1), (1.05, 1)])
    assert shapely.get_num_geometries(together([left, far])) == 2
    ring = Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    assert len(shapely.get_parts(together([ring, far]))[0].interiors) == 1


@lru_cache
def outlines() -> Outlines:
    return load_site_outlines(project_root(), load_catchments(project_root()))


def test_outlines_hold_the_points_of_their_areas_and_about_their_land() -> None:
    sites = load_catchments(project_root())
    assert set(outlines().sites) == {site for site in sites.sites if sites.atoms[site]}
    land = lip.load_measures()
    land = land[land["measure"] == "land_area"].set_index("site")["value"]
    for site, shape in outlines().sites.items():
        assert shape.is_valid
        assert not shape.is_empty
        middle = maps._middle(shape)
        assert shape.covers(shapely.Point(middle)), site
        if site in land.index and not math.isnan(land[site]):
            km2 = shape.area * 111.2**2 * math.cos(math.radians(shape.centroid.y))
            # Inland water is inside, and small cities have few corners.
            low, high = (0.2, 1.6) if site in ("smiths-falls", "north-bay") else (0.8, 1.4)
            assert low < km2 / land[site] < high, (site, km2, land[site])


def test_a_site_with_an_area_without_outline_has_none() -> None:
    catchments = load_catchments(project_root())
    more = catchments.declared.iloc[:1].assign(site="huron", level="csd", area="1001113")  # Trepassey
    found = load_site_outlines(project_root(), replace(catchments, declared=pd.concat([catchments.declared, more])))
    assert set(outlines().sites) - set(found.sites) == {"huron"}


def test_parts_of_toronto_lie_in_the_city_and_add_to_it() -> None:
    found = outlines()
    city = found.sites["toronto-city"]
    quadrants = [found.sites[f"toronto-{name}"] for name in ("north", "east", "south", "west")]
    assert shapely.union_all(quadrants).symmetric_difference(city).area < 1e-9
    assert sum(shape.area for shape in quadrants) == pytest.approx(city.area, rel=1e-9)
    assert "toronto-city" not in found.parts
    assert {"toronto-east", "don-valley"} <= found.parts

"""Outlines: the corners that were published, and nothing that a map could not draw."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from lipresearch.boundaries import decode, load_outlines
from lipresearch.compile import compile_sources
from lipresearch.compilers import boundaries
from lipresearch.compilers.base import Sources
from lipresearch.compilers.places import HOODS, SUBDIVISIONS
from lipresearch.errors import TableError

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "tests" / "fixtures" / "compile"
NAMES = [dataset.name for dataset in boundaries.DATASETS]
SOURCES = Path(os.environ.get("LIPRESEARCH_SOURCES", ROOT.parent / "shared" / "sources"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    compile_sources(FIXTURES, folder, NAMES)
    return folder


def rows(root: Path, table: str) -> list[list[str]]:
    with open(root / "data" / "raw" / table, encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))[1:]


def test_a_ring_is_its_first_corner_and_the_steps_from_it(root: Path) -> None:
    assert rows(root, "boundaries_2021/cd.csv") == [
        ["3520", "01", "no", "-7950000/4360000 20000/0 0/20000 -20000/0"],
        # An island follows, and a hole stands behind its outline; -79.70004 is kept as published.
        ["3521", "01", "no", "-7970004/4360000 20004/0 0/40000 -20000/0"],
        ["3521", "02", "yes", "-7965000/4370000 0/5000 5000/0"],
        ["3521", "03", "no", "-7970000/4350000 1000/0 0/1000"],
    ]


def test_what_is_read_is_what_was_published(root: Path) -> None:
    published = json.loads((FIXTURES / boundaries.DIVISIONS).read_text(encoding="utf-8"))["features"]
    read = load_outlines(root, "boundaries_2021", "cd")
    for feature in published:
        assert read[feature["properties"]["CDUID"]].equals(shape(feature["geometry"]))


@pytest.mark.skipif(not (SOURCES / HOODS).is_file(), reason="the published copies are not here")
@pytest.mark.parametrize(
    ("dataset", "level", "file", "code", "exact"),
    [
        ("boundaries_2021", "cd", boundaries.DIVISIONS, "CDUID", True),
        ("boundaries_2021", "csd", SUBDIVISIONS, "CSDUID", True),
        ("toronto_boundaries", "hood140", HOODS, "hood_id", False),
    ],
)
def test_the_shipped_outlines_are_the_published_ones(
    dataset: str, level: str, file: str, code: str, exact: bool
) -> None:
    published = json.loads((SOURCES / file).read_text(encoding="utf-8"))["features"]
    read = load_outlines(ROOT, dataset, level)
    assert set(read) == {str(feature["properties"][code]) for feature in published}
    for feature in published:
        one, other = read[str(feature["properties"][code])], shape(feature["geometry"])
        if exact:
            assert one.symmetric_difference(other).area < 1e-12
        else:
            assert one.symmetric_difference(other).area < 0.06 * other.area


def test_the_shipped_neighbourhoods_still_share_their_borders() -> None:
    hoods = list(load_outlines(ROOT, "toronto_boundaries", "hood140").values())
    assert len(hoods) == 140
    assert shapely.coverage_is_valid(hoods)
    assert shapely.union_all(hoods).area == pytest.approx(sum(hood.area for hood in hoods), rel=1e-9)


def test_boundaries_are_small() -> None:
    files = [path for name in NAMES for path in (ROOT / "data" / "raw" / name).iterdir()]
    assert sum(path.stat().st_size for path in files) < 250_000


@given(st.lists(st.tuples(st.integers(-9_600_000, -5_200_000), st.integers(4_100_000, 5_700_000)), min_size=3))
@settings(derandomize=True, deadline=None, max_examples=100)
def test_a_ring_read_is_the_ring_written(corners: list[tuple[int, int]]) -> None:
    degrees = [(x / boundaries.PER_DEGREE, y / boundaries.PER_DEGREE) for x, y in corners]
    assert decode(boundaries.encode([*degrees, degrees[0]])) == degrees


def test_what_is_no_polygon_is_said(tmp_path: Path) -> None:
    text = (FIXTURES / boundaries.DIVISIONS).read_text(encoding="utf-8")
    (tmp_path / "places").mkdir()
    shutil.copy(FIXTURES / SUBDIVISIONS, tmp_path / SUBDIVISIONS)
    content = json.loads(text)
    content["features"][0]["geometry"] = {"type": "Point", "coordinates": [-79.5, 43.6]}
    (tmp_path / boundaries.DIVISIONS).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(TableError, match=r"cd_2021_on_hal_sj_cal\.geojson.*3520 with 0 rings of polygons.*1 to 99"):
        boundaries.compile_boundaries(Sources(tmp_path))

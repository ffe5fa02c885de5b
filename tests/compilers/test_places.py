"""Which area a place lies in."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.compilers.base import Sources
from lipresearch.compilers.places import (
    HOOD_KM,
    NAMED_KM,
    SHORE_KM,
    Areas,
    hood_of,
    plain,
    point_of,
    read_areas,
    read_hoods,
    read_subdivisions,
    subdivision_of,
)
from lipresearch.compilers.schools import kilometres, unmoved
from lipresearch.errors import TableError

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "compile"
DEGREE_NORTH = 111.2
LONGITUDES = st.floats(-80.2, -79.0)
LATITUDES = st.floats(43.2, 44.3)

# The fixture's squares: code, name, west, south, east, north.
SQUARES = [
    ("3520005", "Toronto", -79.5, 43.6, -79.3, 43.8),
    ("3521005", "Westville", -79.7, 43.6, -79.5, 43.8),
    ("3521010", "Northtown / Villenord", -79.7, 43.8, -79.5, 44.0),
]


@pytest.fixture(scope="module")
def areas() -> Areas:
    return read_subdivisions(Sources(FIXTURES))


@pytest.fixture(scope="module")
def hoods() -> Areas:
    return read_hoods(Sources(FIXTURES))


def slow_within(longitude: float, latitude: float) -> str:
    for code, _, west, south, east, north in SQUARES:
        if west <= longitude <= east and south <= latitude <= north:
            return code
    return ""


def slow_km(square: tuple[str, str, float, float, float, float], longitude: float, latitude: float) -> float:
    _, _, west, south, east, north = square
    beside = max(west - longitude, 0.0, longitude - east) * math.cos(math.radians(44))
    above = max(south - latitude, 0.0, latitude - north)
    return math.hypot(beside, above) * DEGREE_NORTH


@given(LONGITUDES, LATITUDES)
def test_points_lie_in_the_squares_that_hold_them(longitude: float, latitude: float) -> None:
    areas = read_subdivisions(Sources(FIXTURES))
    near_edge = any(
        abs(longitude - edge) < 1e-9 or abs(latitude - edge2) < 1e-9
        for _, _, west, south, east, north in SQUARES
        for edge, edge2 in ((west, south), (east, north))
    )
    found = areas.within(longitude, latitude)
    if not near_edge and found in ("", *(square[0] for square in SQUARES)):
        assert found == slow_within(longitude, latitude)
    code, km = areas.named("Northtown", longitude, latitude)
    assert code == "3521010"
    assert km == pytest.approx(slow_km(SQUARES[2], longitude, latitude), abs=1e-6)


def test_nearest_is_the_smallest_distance(areas: Areas) -> None:
    code, km = areas.nearest(-79.6, 43.5)
    assert code == "3521005"
    assert km == pytest.approx(0.1 * DEGREE_NORTH, abs=1e-6)
    assert areas.nearest(-79.6, 43.7) == ("3521005", 0.0)


def test_each_way_of_finding_a_subdivision(areas: Areas, hoods: Areas) -> None:
    def find(point: tuple[float, float] | None, *names: str) -> tuple[str, str]:
        return subdivision_of(areas, hoods, point, names)

    assert find((-79.45, 43.7), "Westville") == ("3520005", "hood")
    assert find((-79.6, 43.7), "Outpost", "Westville, Town of") == ("3521005", "name and point")
    # 0.01 degrees are about 1.1 km: the word for the town beats the simplified polygon.
    assert find((-79.6, 43.79), "Northtown") == ("3521010", "name nearby")
    # 0.1 degrees are about 11 km: too far for the name, so the polygon decides.
    assert 0.1 * DEGREE_NORTH > NAMED_KM
    assert find((-79.6, 43.7), "Northtown") == ("3521005", "point")
    assert find((-79.6, 43.5), "Elsewhere") == ("3521005", "shore")
    assert 0.2 * DEGREE_NORTH > SHORE_KM
    assert find((-79.6, 43.4), "Elsewhere") == ("", "none")
    assert find(None, "Northtown, City of") == ("3521010", "name")
    assert find(None, "Twin") == ("", "none")
    assert find(None, "Westville, Regional Municipality of") == ("", "none")
    assert find((-79.85, 43.2), "Twin, Township of") == ("3525005", "name and point")


def test_neighbourhoods_are_only_for_toronto(hoods: Areas) -> None:
    assert hood_of(hoods, (-79.35, 43.65), "3520005") == "2"
    assert hood_of(hoods, (-79.35, 43.65), "3521005") == ""
    assert hood_of(hoods, None, "3520005") == ""
    a_little = 0.5 * HOOD_KM / DEGREE_NORTH
    assert hood_of(hoods, (-79.35, 43.6 - a_little), "3520005") == "2"
    assert hood_of(hoods, (-79.35, 43.6 - 4 * a_little), "3520005") == ""


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Saint Thomas", "St. Thomas"),
        ("Toronto, City of", "TORONTO"),
        ("Niagara-On-The-Lake", "Niagara-on-the-Lake"),
        ("Greater Sudbury", "Greater Sudbury / Grand Sudbury"),
    ],
)
def test_names_that_mean_the_same(name: str, other: str) -> None:
    assert plain(name) == plain(other) != ""


def test_names_of_upper_tiers_are_no_municipality() -> None:
    assert plain("Essex, County of") == plain("Waterloo, Regional Municipality of") == ""


@pytest.mark.parametrize("cells", [("", ""), (".", "."), ("0", "0"), ("-79", "x"), ("79.4", "43.7"), ("nan", "43")])
def test_what_is_no_point(cells: tuple[str, str]) -> None:
    assert point_of(*cells) is None


@given(LONGITUDES, LATITUDES, LONGITUDES, LATITUDES)
def test_distance_is_symmetric_and_agrees_with_the_law_of_cosines(a: float, b: float, c: float, d: float) -> None:
    (east, north), (east2, north2) = ((math.radians(x), math.radians(y)) for x, y in ((a, b), (c, d)))
    cosine = math.sin(north) * math.sin(north2) + math.cos(north) * math.cos(north2) * math.cos(east2 - east)
    assert kilometres((a, b), (c, d)) == pytest.approx(kilometres((c, d), (a, b)), abs=1e-9)
    assert kilometres((a, b), (c, d)) == pytest.approx(6371 * math.acos(min(1.0, cosine)), abs=1e-2)


def test_a_school_that_moved_far_is_another_place() -> None:
    assert unmoved((-79.4, 43.7), (-79.4, 43.73))
    assert not unmoved((-79.4, 43.7), (-79.4, 43.76))
    assert not unmoved(None, (-79.4, 43.7))
    assert not unmoved((-79.4, 43.7), None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "JSONDecodeError"),
        (json.dumps({"features": [{"properties": {"id": 1}, "geometry": None}]}), "KeyError: 'name'"),
    ],
)
def test_a_file_that_is_no_polygons_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(
        TableError, match=rf"a\.geojson: found {message}.*expected GeoJSON polygons with the properties id"
    ):
        read_areas(Sources(tmp_path), "a.geojson", "id", "name")


def test_a_repeated_code_or_a_broken_polygon_is_refused(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    feature = {"properties": {"id": 1, "name": "a"}, "geometry": bow}
    (tmp_path / "a.geojson").write_text(json.dumps({"features": [feature]}), encoding="utf-8")
    with pytest.raises(TableError, match="found a repeated code or a broken polygon, expected one valid polygon each"):
        read_areas(Sources(tmp_path), "a.geojson", "id", "name")

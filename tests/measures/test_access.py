"""Distances and floating catchment areas, against slow loops, conservation and published values."""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lipresearch.errors import InputError
from lipresearch.measures.access import (
    EARTH_RADIUS_KM,
    binary,
    exponential,
    floating_catchment,
    great_circle_km,
    linear,
    nearest,
    stepped,
)

PUBLISHED = Path(__file__).resolve().parent.parent / "published"
NAN, INF = math.nan, math.inf

# ---- distances ----------------------------------------------------------------------------------

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def km(first: tuple[float, float], second: tuple[float, float]) -> float:
    return float(great_circle_km([first[0]], [first[1]], [second[0]], [second[1]])[0, 0])


def slow_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Put both points into space and take the angle between them (Kahan's form, exact at every angle)."""

    def vector(point: tuple[float, float]) -> tuple[float, float, float]:
        phi, lam = math.radians(point[0]), math.radians(point[1])
        return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)

    a, b = vector(first), vector(second)
    apart = math.dist(a, b)
    together = math.dist(a, tuple(-part for part in b))
    return EARTH_RADIUS_KM * 2 * math.atan2(apart, together)


@given(points, points)
def test_a_distance_is_the_angle_in_space(first: tuple[float, float], second: tuple[float, float]) -> None:
    # Near the opposite point the haversine form loses digits: 1e-8 of the radius is about 60 m there.
    assert km(first, second) == pytest.approx(slow_km(first, second), rel=1e-9, abs=0.3)
    if slow_km(first, second) < 15_000:
        assert km(first, second) == pytest.approx(slow_km(first, second), rel=1e-9, abs=1e-6)


@given(points, points, points)
def test_distances_are_distances(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
    assert km(a, a) == 0.0
    assert km(a, b) == km(b, a)
    assert 0 <= km(a, b) <= math.pi * EARTH_RADIUS_KM + 1e-9
    assert km(a, c) <= km(a, b) + km(b, c) + 1e-3


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 0), (0, 1), math.pi * EARTH_RADIUS_KM / 180),
        ((0, 0), (1, 0), math.pi * EARTH_RADIUS_KM / 180),
        ((60, 10), (60, -170), math.pi * EARTH_RADIUS_KM / 3),  # over the pole
        ((0, 179.5), (0, -179.5), math.pi * EARTH_RADIUS_KM / 180),  # over the date line
        ((0, -180), (0, 180), 0.0),
        ((90, 0), (90, 123), 0.0),
        ((90, 0), (-90, 0), math.pi * EARTH_RADIUS_KM),
        ((0, 0), (0, 180), math.pi * EARTH_RADIUS_KM),
        # Nashville to Los Angeles, the usual example of the haversine formula, on a sphere of 6,371 km.
        ((36.12, -86.67), (33.94, -118.40), 2886.444 * 6371.0088 / 6371.0),
    ],
)
def test_known_distances(first: tuple[float, float], second: tuple[float, float], expected: float) -> None:
    assert km(first, second) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_every_point_is_paired_with_every_other() -> None:
    north, east = [43.0, 44.0, 48.4], [-79.0, -80.0, -89.2]
    to_north, to_east = [43.5, 46.5], [-79.5, -81.0]
    table = great_circle_km(north, east, to_north, to_east)
    assert table.shape == (3, 2)
    for row in range(3):
        for column in range(2):
            assert table[row, column] == km((north[row], east[row]), (to_north[column], to_east[column]))


def test_points_are_one_row_of_latitudes_and_one_of_longitudes() -> None:
    message = r"^Every point needs one latitude and one longitude\.$"
    for wrong in (([[1.0]], [[1.0]]), ([1.0, 2.0], [1.0]), ([1.0], [[1.0]])):
        with pytest.raises(InputError, match=message):
            great_circle_km(*wrong, [1.0], [1.0])
        with pytest.raises(InputError, match=message):
            great_circle_km([1.0], [1.0], *wrong)
    assert great_circle_km(43.0, -79.0, 43.0, -79.0).tolist() == [[0.0]]


def test_no_points_give_an_empty_table() -> None:
    assert great_circle_km([], [], [1.0], [1.0]).shape == (0, 1)
    assert great_circle_km([1.0], [1.0], [], []).shape == (1, 0)


@pytest.mark.parametrize(
    "bad", [(90.1, 0), (-91, 0), (0, 180.1), (0, -181), (NAN, 0), (0, NAN), (INF, 0), (-79.4, 200)]
)
def test_places_that_are_not_on_the_earth_are_refused(bad: tuple[float, float]) -> None:
    message = r"^A latitude must be within 90 degrees and a longitude within 180; one is not, or is missing\.$"
    with pytest.raises(InputError, match=message):
        km(bad, (0, 0))
    with pytest.raises(InputError, match=message):
        km((0, 0), bad)


# ---- decays -------------------------------------------------------------------------------------

distances = hnp.arrays(float, st.integers(0, 12), elements=st.floats(0, 1e6))


@given(distances, st.floats(0, 1e5))
def test_binary_counts_what_is_within(distance: np.ndarray, within: float) -> None:
    assert binary(within)(distance).tolist() == [1.0 if d <= within else 0.0 for d in distance]


@given(distances, st.floats(1e-3, 1e5))
def test_linear_falls_evenly(distance: np.ndarray, within: float) -> None:
    expected = [1 - d / within if d < within else 0.0 for d in distance]
    assert linear(within)(distance).tolist() == pytest.approx(expected, abs=1e-12)


@given(distances, st.floats(0, 10))
def test_exponential_is_the_exponential(distance: np.ndarray, rate: float) -> None:
    assert exponential(rate)(distance).tolist() == pytest.approx([math.exp(-rate * d) for d in distance], rel=1e-12)


@given(distances, st.lists(st.integers(0, 10**5), min_size=1, max_size=5, unique=True).map(sorted), st.data())
def test_stepped_takes_the_first_zone(distance: np.ndarray, limits: list[int], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.floats(0, 1), min_size=len(limits), max_size=len(limits)))

    def slow(d: float) -> float:
        for limit, weight in zip(limits, weights, strict=True):
            if d <= limit:
                return weight
        return 0.0

    assert stepped(tuple(limits), tuple(weights))(distance).tolist() == [slow(d) for d in distance]


@pytest.mark.parametrize("decay", [binary(50), linear(50), exponential(0.05), stepped((10, 30, 60), (1, 0.68, 0.22))])
def test_decays_fall_from_one_to_nothing(decay: Callable[[np.ndarray], np.ndarray]) -> None:
    weights = decay(np.array([0.0, *np.linspace(0, 100, 500), INF]))
    assert weights[0] == 1.0
    assert weights[-1] == 0.0
    assert (np.diff(weights) <= 0).all()


@pytest.mark.parametrize(
    ("limits", "weights"), [((10, 20), (1.0,)), ((), ()), ((20, 10), (1, 0.5)), ((10, 10), (1, 0.5)), ((1,), ())]
)
def test_zones_that_make_no_sense_are_refused(limits: tuple[float, ...], weights: tuple[float, ...]) -> None:
    message = r"^Zones need one weight for each limit, and limits that rise\.$"
    with pytest.raises(InputError, match=message):
        stepped(limits, weights)


# ---- floating catchment areas -------------------------------------------------------------------

Problem = tuple[list[list[float]], list[float], list[float]]


@st.composite
def networks(draw: st.DrawFn) -> Problem:
    places, facilities = draw(st.integers(0, 6)), draw(st.integers(0, 4))
    way = st.one_of(st.integers(0, 80).map(float), st.just(INF))
    distance = [[draw(way) for _ in range(facilities)] for _ in range(places)]
    supply = [float(draw(st.integers(0, 20))) for _ in range(facilities)]
    population = [float(draw(st.integers(0, 5000))) for _ in range(places)]
    return distance, supply, population


DECAYS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], Callable[[float], float]]] = {
    "binary": (binary(30), lambda d: 1.0 if d <= 30 else 0.0),
    "linear": (linear(45), lambda d: max(0.0, 1 - d / 45)),
    "exponential": (exponential(0.05), lambda d: math.exp(-0.05 * d)),
    "stepped": (
        stepped((10, 20, 30), (1.0, 0.68, 0.22)),
        lambda d: 1.0 if d <= 10 else 0.68 if d <= 20 else 0.22 if d <= 30 else 0.0,
    ),
}
decays = st.sampled_from(sorted(DECAYS))


def table(problem: Problem) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    distance, supply, population = problem
    return np.array(distance).reshape(len(population), len(supply)), np.array(supply), np.array(population)


def slow_ratios(problem: Problem, weight: Callable[[float], float]) -> tuple[list[float], float]:
    """Walk through both steps facility by facility; also return the supply that anybody reaches."""
    distance, supply, population = problem
    ratios = [0.0] * len(population)
    reached = 0.0
    for facility, size in enumerate(supply):
        sharing = sum(weight(distance[place][facility]) * population[place] for place in range(len(population)))
        if sharing == 0:
            continue
        reached += size
        for place in range(len(population)):
            ratios[place] += weight(distance[place][facility]) * size / sharing
    return ratios, reached


@given(networks(), decays)
def test_ratios_are_the_obvious_loop_and_supply_is_conserved(problem: Problem, name: str) -> None:
    decay, weight = DECAYS[name]
    expected, reached = slow_ratios(problem, weight)
    found = floating_catchment(*table(problem), decay)
    assert found.shape == (len(problem[2]),)
    assert found.tolist() == pytest.approx(expected, rel=1e-10, abs=1e-15)
    assert float(found @ np.array(problem[2])) == pytest.approx(reached, rel=1e-10, abs=1e-12)


@given(networks(), decays, st.randoms(use_true_random=False))
def test_the_order_of_places_and_facilities_is_irrelevant(problem: Problem, name: str, random: object) -> None:
    distance, supply, population = table(problem)
    rows, columns = list(range(len(population))), list(range(len(supply)))
    random.shuffle(rows)  # type: ignore[attr-defined]
    random.shuffle(columns)  # type: ignore[attr-defined]
    decay = DECAYS[name][0]
    mixed = floating_catchment(distance[rows][:, columns], supply[columns], population[rows], decay)
    assert mixed.tolist() == pytest.approx(
        floating_catchment(distance, supply, population, decay)[rows].tolist(), rel=1e-10
    )


@given(networks(), decays, st.integers(2, 50))
def test_twice_the_supply_doubles_and_twice_the_people_halves(problem: Problem, name: str, times: int) -> None:
    distance, supply, population = table(problem)
    decay = DECAYS[name][0]
    once = floating_catchment(distance, supply, population, decay)
    assert floating_catchment(distance, supply * times, population, decay).tolist() == pytest.approx(
        (once * times).tolist(), rel=1e-10
    )
    assert (floating_catchment(distance, supply, population * times, decay) * times).tolist() == pytest.approx(
        once.tolist(), rel=1e-10
    )


@given(networks(), decays)
def test_a_place_cut_in_two_keeps_its_ratio(problem: Problem, name: str) -> None:
    distance, supply, population = table(problem)
    if not len(population):
        return
    decay = DECAYS[name][0]
    cut = floating_catchment(
        np.vstack([distance, distance[:1]]),
        supply,
        np.array([population[0] / 2, *population[1:], population[0] / 2]),
        decay,
    )
    whole = floating_catchment(distance, supply, population, decay)
    assert cut.tolist() == pytest.approx([*whole.tolist(), whole[0]], rel=1e-10, abs=1e-15)


@given(networks(), decays)
def test_nothing_comes_from_facilities_that_are_empty_or_out_of_reach(problem: Problem, name: str) -> None:
    distance, supply, population = table(problem)
    decay = DECAYS[name][0]
    here = floating_catchment(distance, supply, population, decay)
    places = len(population)
    more = np.column_stack([distance, np.zeros(places), np.full(places, INF)])
    assert floating_catchment(more, [*supply, 0.0, 9.0], population, decay).tolist() == pytest.approx(
        here.tolist(), rel=1e-10
    )


def test_few_people_who_hardly_reach_a_facility_still_share_it() -> None:
    assert floating_catchment([[100.0]], [3.0], [1.0], exponential(0.05)).tolist() == pytest.approx([3.0])
    assert floating_catchment([[100.0]], [3.0], [0.1], exponential(0.05)).tolist() == pytest.approx([30.0])


def test_a_place_without_people_still_has_access() -> None:
    assert floating_catchment([[1.0], [1.0]], [2.0], [4.0, 0.0], binary(5)).tolist() == [0.5, 0.5]
    assert floating_catchment([[1.0]], [2.0], [0.0], binary(5)).tolist() == [0.0]


def test_arguments_are_not_changed() -> None:
    distance, supply, population = np.array([[1.0, 2.0]]), np.array([1.0, 0.0]), np.array([3.0])
    floating_catchment(distance, supply, population, linear(10))
    nearest(distance)
    assert (distance.tolist(), supply.tolist(), population.tolist()) == ([[1.0, 2.0]], [1.0, 0.0], [3.0])


@given(networks())
def test_nearest_is_the_smallest(problem: Problem) -> None:
    distance, supply, _ = table(problem)
    found = nearest(distance)
    if not len(supply):
        assert np.isnan(found).all()
        assert len(found) == len(distance)
    else:
        assert found.tolist() == [min(row) for row in problem[0]]


@pytest.mark.parametrize(
    ("distance", "supply", "population", "message"),
    [
        ([[1.0, NAN]], [1, 1], [1], r"^A distance is missing or negative\.$"),
        ([[1.0, -0.1]], [1, 1], [1], r"^A distance is missing or negative\.$"),
        ([1.0, 2.0], [1, 1], [1], r"^Distances must be a table of places by facilities, not .* shape \(2,\)\.$"),
        ([[1.0, 2.0]], [1], [1], r"^Distances are \(1, 2\), but there are 1 places and 1 facilities\.$"),
        ([[1.0], [2.0]], [1], [1], r"^Distances are \(2, 1\), but there are 1 places and 1 facilities\.$"),
        ([[1.0]], [NAN], [1], r"^A supply is missing, infinite or negative\.$"),
        ([[1.0]], [-1], [1], r"^A supply is missing, infinite or negative\.$"),
        ([[1.0]], [INF], [1], r"^A supply is missing, infinite or negative\.$"),
        ([[1.0]], [1], [NAN], r"^A population is missing, infinite or negative\.$"),
        ([[1.0]], [1], [-5], r"^A population is missing, infinite or negative\.$"),
        ([[1.0]], [1], [INF], r"^A population is missing, infinite or negative\.$"),
    ],
)
def test_what_cannot_be_used_is_refused(distance: object, supply: object, population: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        floating_catchment(distance, supply, population, binary(10))
    if "istance" in message and "there are" not in message:
        with pytest.raises(InputError, match=message):
            nearest(distance)


# ---- published values ---------------------------------------------------------------------------


def test_schools_of_300_hexagons_of_belo_horizonte() -> None:
    with open(PUBLISHED / "hexagons.csv", encoding="utf-8", newline="") as handle:
        hexagons = list(csv.DictReader(handle))
    with gzip.open(PUBLISHED / "hexagon_minutes.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        schools, *rows = csv.reader(handle)
    minutes = np.array([[float(cell) if cell else INF for cell in row] for row in rows])
    by_id = {row["hexagon"]: float(row["schools"]) for row in hexagons}
    assert set(schools) == {name for name, supply in by_id.items() if supply > 0}
    assert minutes.shape == (300, 55)

    supply = [by_id[name] for name in schools]
    population = [float(row["population"]) for row in hexagons]
    found = {
        "binary_50": floating_catchment(minutes, supply, population, binary(50)),
        "exponential_0_05": floating_catchment(minutes, supply, population, exponential(0.05)),
        "linear_60": floating_catchment(minutes, supply, population, linear(60)),
        "cost_to_closest": nearest(minutes),
    }
    for name, values in found.items():
        expected = [float(row[name]) for row in hexagons]
        assert values.tolist() == pytest.approx(expected, rel=1e-9, abs=0), name
        assert values.min() < values.max()

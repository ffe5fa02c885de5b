"""The field study's three orientations and the tiers of cities, as rules."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.orientation import (
    ATTRACTION,
    BALANCED_SERVICES,
    CAPACITY,
    COORDINATION,
    MANY_NEWCOMERS,
    SECOND_TIER_FROM,
    THIRD_TIER_FROM,
    city_tier,
    orientation,
)

amount = st.floats(0, 1e6, allow_nan=False)


@given(amount, amount, amount, amount)
def test_the_rule_as_a_table(newcomers: float, services: float, many: float, balanced: float) -> None:
    found = orientation(newcomers, services, many_newcomers=many, balanced_services=balanced)
    table = {
        (False, False): ATTRACTION,
        (False, True): ATTRACTION,
        (True, False): CAPACITY,
        (True, True): COORDINATION,
    }
    assert found == table[newcomers >= many, services >= balanced]


def test_thresholds_belong_to_the_upper_side() -> None:
    assert orientation(MANY_NEWCOMERS, BALANCED_SERVICES) == COORDINATION
    assert orientation(MANY_NEWCOMERS, math.nextafter(BALANCED_SERVICES, 0)) == CAPACITY
    assert orientation(math.nextafter(MANY_NEWCOMERS, 0), BALANCED_SERVICES) == ATTRACTION


def test_the_default_thresholds_are_what_they_say_of_ontario() -> None:
    ontario = 1000 * 584_675 / 14_223_942
    assert pytest.approx(ontario / 2, abs=1) == MANY_NEWCOMERS
    assert pytest.approx(0.75 * 764 / 584.675, abs=0.05) == BALANCED_SERVICES


def test_what_is_not_known_decides_nothing() -> None:
    assert orientation(math.nan, 5) is None
    assert orientation(50, math.nan) is None
    assert orientation(5, math.nan) == ATTRACTION


@pytest.mark.parametrize(("name", "figures"), [("newcomers", (-1, 2)), ("services", (1, -2))])
def test_negative_figures_are_refused(name: str, figures: tuple[float, float]) -> None:
    with pytest.raises(InputError, match=f"{name} must be 0 or more, not -"):
        orientation(*figures)


@given(st.booleans(), amount, amount)
def test_more_residents_never_lower_the_tier(in_toronto: bool, one: float, other: float) -> None:
    order = ["none", "third", "second", "first"]
    low, high = sorted((one, other))
    assert order.index(city_tier(in_toronto, low)) <= order.index(city_tier(in_toronto, high))
    assert (city_tier(in_toronto, low) == "first") == in_toronto


def test_tiers_begin_at_their_thresholds() -> None:
    assert city_tier(False, SECOND_TIER_FROM) == "second"
    assert city_tier(False, SECOND_TIER_FROM - 1) == city_tier(False, THIRD_TIER_FROM) == "third"
    assert city_tier(False, THIRD_TIER_FROM - 1) == "none"
    assert city_tier(False, 50, second_from=40, third_from=5) == "second"


def test_wrong_thresholds_and_residents_are_refused() -> None:
    with pytest.raises(InputError, match="The second tier cannot begin below the third: 5 < 6"):
        city_tier(False, 1, second_from=5, third_from=6)
    for residents in (-1.0, math.nan):
        with pytest.raises(InputError, match="residents must be 0 or more, not"):
            city_tier(False, residents)


def test_the_thresholds_are_those_declared() -> None:
    assert (MANY_NEWCOMERS, BALANCED_SERVICES) == (20.0, 1.0)
    assert SECOND_TIER_FROM == 3 * 100_000
    assert THIRD_TIER_FROM == 10_000


def test_nothing_at_all_is_a_figure() -> None:
    assert orientation(0.0, 0.0) == ATTRACTION
    assert orientation(20.0, 0.0) == CAPACITY
    assert city_tier(False, 0) == "none"
    assert city_tier(True, 0) == "first"
    assert city_tier(False, 5, second_from=5, third_from=5) == "second"
    for name, figures in (("newcomers", (-0.5, 2)), ("services", (1, -0.5))):
        with pytest.raises(InputError, match=rf"^{name} must be 0 or more, not -0\.5\.$"):
            orientation(*figures)
    with pytest.raises(InputError, match=r"^residents must be 0 or more, not -0\.5\.$"):
        city_tier(True, -0.5)

"""What a partnership is oriented to, and the tier of a city: rules with thresholds as arguments."""

from __future__ import annotations

import math

from lipresearch.errors import InputError

ATTRACTION, CAPACITY, COORDINATION = "attraction and retention", "capacity building", "coordination"
FIRST_TIER, SECOND_TIER, THIRD_TIER, NO_CITY = "first", "second", "third", "none"

#: From this many recent immigrants (2016-2021) per 1,000 residents on, a place has many newcomers: half of the
#: figure of Ontario (584,675 among 14,223,942, or 41).
MANY_NEWCOMERS = 20.0
#: From this many points of service per 1,000 recent immigrants on, services are in balance with newcomers: three
#: quarters of the figure of Ontario (about 1.3 in December 2022).
BALANCED_SERVICES = 1.0
#: Residents from which on a city, its metropolitan area included, is of the second or third tier. The second begins at
#: three times the 100,000 that make a metropolitan area, the third where an urban core makes an agglomeration.
SECOND_TIER_FROM = 300_000.0
THIRD_TIER_FROM = 10_000.0


def orientation(
    newcomers: float,
    services: float,
    *,
    many_newcomers: float = MANY_NEWCOMERS,
    balanced_services: float = BALANCED_SERVICES,
) -> str | None:
    """Return the orientation that the field study expects of a partnership in such a place.

    Attraction and retention: fewer than ``many_newcomers``, however many services there are for each of them. Else
    capacity building: fewer than ``balanced_services``. Else coordination.

    Parameters
    ----------
    newcomers : float
        Recent immigrants per 1,000 residents, >= 0; NaN where not known.
    services : float
        Points of service per 1,000 recent immigrants, >= 0; NaN where not known.
    many_newcomers, balanced_services : float
        Thresholds.

    Returns
    -------
    str or None
        None where what decides is missing. It says what kind of place it is, not what its partnership does.

    Raises
    ------
    InputError
        If a figure is negative.

    References
    ----------
    Source text 003, part 2, the three categories of principal orientation; it gives no thresholds.

    Examples
    --------
    >>> orientation(5, 9), orientation(60, 0.4), orientation(60, 2)
    ('attraction and retention', 'capacity building', 'coordination')
    """
    for name, value in (("newcomers", newcomers), ("services", services)):
        if value < 0:
            raise InputError(f"{name} must be 0 or more, not {value:g}.")
    if math.isnan(newcomers):
        return None
    if newcomers < many_newcomers:
        return ATTRACTION
    if math.isnan(services):
        return None
    return CAPACITY if services < balanced_services else COORDINATION


def city_tier(
    in_toronto: bool,
    residents: float,
    *,
    second_from: float = SECOND_TIER_FROM,
    third_from: float = THIRD_TIER_FROM,
) -> str:
    """Return the tier of the city that a catchment holds.

    First: the site lies in the City of Toronto. Second: it holds a city of at least ``second_from`` residents.
    Third: of at least ``third_from``. None: it holds no city.

    Parameters
    ----------
    in_toronto : bool
        Whether most residents of the site live in the City of Toronto.
    residents : float
        Residents (2021) of the largest city in the catchment, counted with its metropolitan area or agglomeration
        if the catchment holds the better part of that; 0 where there is none.
    second_from, third_from : float
        Thresholds, ``second_from`` not below ``third_from``.

    Raises
    ------
    InputError
        If the thresholds are in the wrong order, or the residents negative or missing.

    Examples
    --------
    >>> city_tier(True, 0), city_tier(False, 785184), city_tier(False, 41145), city_tier(False, 0)
    ('first', 'second', 'third', 'none')
    """
    if second_from < third_from:
        raise InputError(f"The second tier cannot begin below the third: {second_from:g} < {third_from:g}.")
    if not residents >= 0:
        raise InputError(f"residents must be 0 or more, not {residents:g}.")
    if in_toronto:
        return FIRST_TIER
    if residents >= second_from:
        return SECOND_TIER
    return THIRD_TIER if residents >= third_from else NO_CITY

"""Kinds of place: settlement type, the field study's grouping, geographic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lipresearch.errors import InputError

TORONTO, URBAN, RURAL = "Toronto", "urban", "rural"
GREATER_TORONTO, OTHER_URBAN, RURAL_REMOTE = "Greater Toronto", "other urban", "rural and remote"

#: Fewer residents than this share in metropolitan areas and agglomerations makes a site rural.
URBAN_SHARE = 50.0
#: From this share of residents on, a site is part of the City or of Greater Toronto.
TORONTO_SHARE = 50.0
#: Index of remoteness at which the class "less accessible" begins (Subedi, Roshanafshar and Greenberg 2020;
#: classes drawn on the 2016 index, applied here to the 2021 index).
LESS_ACCESSIBLE = 0.2889


#: Levels of areas that a catchment may list.
LEVELS = {"cd", "csd", "hood140", "hood158"}


def _share(value: float, name: str) -> float:
    if not math.isnan(value) and not 0 <= value <= 100:
        raise InputError(f"{name} must be 0 to 100 per cent, not {value}.")
    return value


def _thresholds(*thresholds: float) -> None:
    if not all(0 <= threshold <= 100 for threshold in thresholds):
        raise InputError("A threshold must be 0 to 100 per cent (0 to 1 for remoteness).")


def settlement_type(
    toronto_share: float,
    urban_share: float,
    *,
    toronto_at_least: float = TORONTO_SHARE,
    urban_at_least: float = URBAN_SHARE,
) -> str | None:
    """Return the type of LIP that the workshops distinguish: Toronto, urban or rural.

    Toronto: at least ``toronto_at_least`` per cent of residents live in the City of Toronto. Else urban:
    at least ``urban_at_least`` per cent live in a census metropolitan area or census agglomeration.
    Else rural.

    Parameters
    ----------
    toronto_share : float
        Residents (2021) in the City of Toronto, per cent.
    urban_share : float
        Residents in census metropolitan areas and agglomerations, per cent.
    toronto_at_least, urban_at_least : float
        Thresholds, per cent.

    Returns
    -------
    str or None
        None where the share that decides is missing.

    Raises
    ------
    InputError
        If a share or a threshold is not between 0 and 100.

    Examples
    --------
    >>> settlement_type(100, 100), settlement_type(0, 96.3), settlement_type(0, 47.7)
    ('Toronto', 'urban', 'rural')
    """
    _share(toronto_share, "toronto_share")
    _share(urban_share, "urban_share")
    _thresholds(toronto_at_least, urban_at_least)
    if math.isnan(toronto_share):
        return None
    if toronto_share >= toronto_at_least:
        return TORONTO
    if math.isnan(urban_share):
        return None
    return URBAN if urban_share >= urban_at_least else RURAL


def field_study_group(
    greater_toronto_share: float,
    urban_share: float,
    remoteness: float,
    *,
    greater_toronto_at_least: float = TORONTO_SHARE,
    urban_at_least: float = URBAN_SHARE,
    remote_from: float = LESS_ACCESSIBLE,
) -> str | None:
    """Return the group of the 2010-11 field study: Greater Toronto, other urban, or rural and remote.

    Greater Toronto: at least ``greater_toronto_at_least`` per cent of residents live in the economic region
    of Toronto (Toronto, Durham, York, Peel, Halton without Burlington). Else rural and remote: fewer than
    ``urban_at_least`` per cent live in a metropolitan area or agglomeration, or the population-weighted
    index of remoteness is at least ``remote_from``. Else other urban.

    Parameters
    ----------
    greater_toronto_share, urban_share : float
        Residents (2021), per cent.
    remoteness : float
        Index of remoteness 2021, population-weighted, 0 (least) to 1 (most remote).
    greater_toronto_at_least, urban_at_least, remote_from : float
        Thresholds. The default of ``remote_from`` is where the class "less accessible" begins.

    Returns
    -------
    str or None
        None where what decides is missing.

    References
    ----------
    Field study: source text 003, part 2, "Place matters". Classes of remoteness: Subedi, R.,
    Roshanafshar, S. and Greenberg, T. L. (2020), Statistics Canada 11-633-X2020002 (no. 026); their
    classes were drawn on the 2016 index and are applied here to the 2021 index.

    Examples
    --------
    >>> field_study_group(100, 100, 0.0), field_study_group(0, 100, 0.07), field_study_group(0, 100, 0.30)
    ('Greater Toronto', 'other urban', 'rural and remote')
    """
    _share(greater_toronto_share, "greater_toronto_share")
    _share(urban_share, "urban_share")
    if not math.isnan(remoteness) and not 0 <= remoteness <= 1:
        raise InputError(f"remoteness must be 0 to 1, not {remoteness}.")
    _thresholds(greater_toronto_at_least, urban_at_least, 100 * remote_from)
    if math.isnan(greater_toronto_share):
        return None
    if greater_toronto_share >= greater_toronto_at_least:
        return GREATER_TORONTO
    if math.isnan(urban_share):
        return None
    if urban_share < urban_at_least:
        return RURAL_REMOTE
    if math.isnan(remoteness):
        return None
    return RURAL_REMOTE if remoteness >= remote_from else OTHER_URBAN


def geographic_scale(levels: Sequence[str], divisions: int, whole_divisions: int) -> str | None:
    """Return the geographic scale of a catchment.

    Parameters
    ----------
    levels : sequence of str
        Levels of the declared areas: cd, csd, hood140, hood158.
    divisions : int
        How many census divisions the catchment touches.
    whole_divisions : int
        How many of them it holds whole.

    Returns
    -------
    str or None
        ``neighbourhoods``, ``city or town``, ``county or region``, ``several counties or districts``;
        None for an empty catchment.

    Raises
    ------
    InputError
        If a level is unknown or the numbers of divisions cannot be.

    Examples
    --------
    >>> geographic_scale(["hood140"], 1, 0), geographic_scale(["cd"], 1, 1), geographic_scale(["cd", "cd"], 2, 2)
    ('neighbourhoods', 'county or region', 'several counties or districts')
    """
    if isinstance(levels, str) or not set(levels) <= LEVELS:
        raise InputError(f"Levels must be a list of {', '.join(sorted(LEVELS))}, not {levels!r}.")
    if not 0 <= whole_divisions <= divisions:
        raise InputError(f"{whole_divisions} whole census divisions of {divisions} touched cannot be.")
    if not levels:
        return None
    if set(levels) & {"hood140", "hood158"}:
        return "neighbourhoods"
    if divisions > 1:
        return "several counties or districts"
    return "county or region" if whole_divisions else "city or town"

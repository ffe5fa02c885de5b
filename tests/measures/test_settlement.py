"""Kinds of place follow declared thresholds, and more of a thing never makes less of it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.measures.settlement import (
    GREATER_TORONTO,
    LESS_ACCESSIBLE,
    OTHER_URBAN,
    RURAL,
    RURAL_REMOTE,
    TORONTO,
    TORONTO_SHARE,
    URBAN,
    URBAN_SHARE,
    field_study_group,
    geographic_scale,
    settlement_type,
)

NAN = math.nan
shares = st.floats(0, 100)
indexes = st.floats(0, 1)


@given(shares, shares, shares, shares)
def test_settlement_type_is_the_declared_rule(toronto: float, urban: float, first: float, second: float) -> None:
    expected = "Toronto" if toronto >= first else "urban" if urban >= second else "rural"
    assert settlement_type(toronto, urban, toronto_at_least=first, urban_at_least=second) == expected


@given(shares, shares, shares)
def test_more_residents_in_cities_never_make_a_site_more_rural(toronto: float, urban: float, more: float) -> None:
    order = [RURAL, URBAN, TORONTO]
    here = order.index(settlement_type(toronto, urban))
    assert order.index(settlement_type(toronto, max(urban, more))) >= here
    assert order.index(settlement_type(max(toronto, more), urban)) >= here


@given(shares, shares, shares, shares)
def test_a_higher_threshold_never_lets_more_sites_in(toronto: float, urban: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    for name, kinds in (("toronto_at_least", {TORONTO}), ("urban_at_least", {TORONTO, URBAN})):
        if settlement_type(toronto, urban, **{name: high}) in kinds:
            assert settlement_type(toronto, urban, **{name: low}) in kinds


def test_thresholds_are_met_by_the_value_itself() -> None:
    below = math.nextafter(50.0, 0)
    assert (TORONTO_SHARE, URBAN_SHARE) == (50.0, 50.0)
    assert settlement_type(50.0, 0.0) == TORONTO
    assert settlement_type(below, 50.0) == URBAN
    assert settlement_type(below, below) == RURAL
    assert field_study_group(50.0, 0.0, 1.0) == GREATER_TORONTO
    assert field_study_group(below, 50.0, math.nextafter(LESS_ACCESSIBLE, 0)) == OTHER_URBAN
    assert field_study_group(below, 50.0, LESS_ACCESSIBLE) == RURAL_REMOTE
    assert field_study_group(below, below, 0.0) == RURAL_REMOTE


@given(shares, shares, indexes, shares, shares, indexes)
def test_the_field_studys_grouping_is_the_declared_rule(
    greater: float, urban: float, remoteness: float, first: float, second: float, third: float
) -> None:
    if greater >= first:
        expected = "Greater Toronto"
    elif urban < second or remoteness >= third:
        expected = "rural and remote"
    else:
        expected = "other urban"
    found = field_study_group(
        greater, urban, remoteness, greater_toronto_at_least=first, urban_at_least=second, remote_from=third
    )
    assert found == expected


@given(shares, shares, indexes, shares, indexes)
def test_the_grouping_moves_one_way(
    greater: float, urban: float, remoteness: float, more: float, farther: float
) -> None:
    order = [RURAL_REMOTE, OTHER_URBAN, GREATER_TORONTO]
    here = order.index(field_study_group(greater, urban, remoteness))
    assert order.index(field_study_group(max(greater, more), urban, remoteness)) >= here
    assert order.index(field_study_group(greater, max(urban, more), remoteness)) >= here
    assert order.index(field_study_group(greater, urban, max(remoteness, farther))) <= here


@given(shares, shares, indexes)
def test_nothing_is_said_of_a_site_whose_share_is_missing(greater: float, urban: float, remoteness: float) -> None:
    assert settlement_type(NAN, urban) is None
    assert settlement_type(NAN, NAN) is None
    assert field_study_group(NAN, urban, remoteness) is None
    if greater < TORONTO_SHARE:
        assert settlement_type(greater, NAN) is None
        assert field_study_group(greater, NAN, NAN) is None


def test_remoteness_is_asked_for_only_where_it_decides() -> None:
    assert field_study_group(60, 90, NAN) == GREATER_TORONTO
    assert field_study_group(10, 40, NAN) == RURAL_REMOTE
    assert field_study_group(10, 60, NAN) is None


@pytest.mark.parametrize("value", [-0.1, 100.1, math.inf, -math.inf])
def test_shares_are_per_cents(value: float) -> None:
    for arguments, name in (
        ((value, 50), "toronto_share"),
        ((50, value), "urban_share"),
        ((NAN, value), "urban_share"),
    ):
        with pytest.raises(InputError, match=rf"^{name} must be 0 to 100 per cent, not {value}\.$"):
            settlement_type(*arguments)
    for arguments, name in (((value, 50), "greater_toronto_share"), ((50, value), "urban_share")):
        with pytest.raises(InputError, match=rf"^{name} must be 0 to 100 per cent, not {value}\.$"):
            field_study_group(*arguments, 0.1)


@pytest.mark.parametrize("value", [-0.01, 1.01, 29.0, math.inf])
def test_remoteness_is_an_index(value: float) -> None:
    with pytest.raises(InputError, match=rf"^remoteness must be 0 to 1, not {value}\.$"):
        field_study_group(100, 100, value)


@pytest.mark.parametrize(
    ("levels", "divisions", "whole", "expected"),
    [
        ([], 0, 0, None),
        (["hood140", "hood140"], 1, 0, "neighbourhoods"),
        (["csd", "hood140"], 2, 1, "neighbourhoods"),
        (["csd"], 1, 0, "city or town"),
        (["csd", "csd"], 1, 0, "city or town"),
        (["csd", "csd"], 1, 1, "county or region"),
        (["cd"], 1, 1, "county or region"),
        (["csd", "csd"], 2, 0, "several counties or districts"),
        (["cd", "csd"], 2, 1, "several counties or districts"),
        (("cd", "cd", "cd"), 3, 3, "several counties or districts"),
    ],
)
def test_geographic_scale(levels: list[str], divisions: int, whole: int, expected: str | None) -> None:
    assert geographic_scale(levels, divisions, whole) == expected
    assert geographic_scale(list(reversed(levels)), divisions, whole) == expected


def test_every_level_is_a_level_and_none_is_needed() -> None:
    assert geographic_scale(["cd", "csd", "hood140", "hood158"], 3, 1) == "neighbourhoods"
    assert geographic_scale(["hood158"], 1, 0) == "neighbourhoods"
    assert geographic_scale([], 0, 0) is None
    for levels in ("cd", ["cd", "cma"], ["cd", "csd", "hood140", "hood158", "x"]):
        with pytest.raises(InputError, match=r"^Levels must be a list of cd, csd, hood140, hood158, not "):
            geographic_scale(levels, 1, 0)
    for divisions, whole in ((1, 2), (1, -1), (-1, 0)):
        with pytest.raises(InputError, match=rf"^{whole} whole census divisions of {divisions} touched cannot be\.$"):
            geographic_scale(["cd"], divisions, whole)


@pytest.mark.parametrize("threshold", [-0.5, 100.5, NAN])
def test_thresholds_are_per_cents_too(threshold: float) -> None:
    message = r"^A threshold must be 0 to 100 per cent \(0 to 1 for remoteness\)\.$"
    for name in ("toronto_at_least", "urban_at_least"):
        with pytest.raises(InputError, match=message):
            settlement_type(50, 50, **{name: threshold})
    for name in ("greater_toronto_at_least", "urban_at_least"):
        with pytest.raises(InputError, match=message):
            field_study_group(50, 50, 0.5, **{name: threshold})
    with pytest.raises(InputError, match=message):
        field_study_group(50, 50, 0.5, remote_from=threshold / 100)


def test_thresholds_at_their_ends() -> None:
    assert settlement_type(0, 0, toronto_at_least=0) == TORONTO
    assert settlement_type(99, 100, toronto_at_least=100, urban_at_least=100) == URBAN
    assert field_study_group(0, 100, 1.0, remote_from=1) == RURAL_REMOTE
    assert field_study_group(0, 100, 0.0, remote_from=0) == RURAL_REMOTE
    assert field_study_group(0, 100, 0.9, remote_from=1) == OTHER_URBAN
    # Subedi, Roshanafshar and Greenberg (2020): the class "less accessible" begins here.
    assert LESS_ACCESSIBLE == 0.2889
    assert field_study_group(0, 100, 0.2889) == RURAL_REMOTE
    assert field_study_group(0, 100, 0.2888) == OTHER_URBAN

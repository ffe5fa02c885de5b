"""Numbers, missing values and grades read one way everywhere."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.wording import GRADES, measured, number, percent, span

NAN = math.nan
numbers = st.floats(-1e12, 1e12)
decimals = st.integers(0, 6)


def test_every_grade_has_its_words() -> None:
    assert list(GRADES) == ["A", "B", "C", ""]
    assert len(set(GRADES.values())) == 4
    assert GRADES[""] == "missing"


@given(numbers, decimals)
def test_a_number_reads_back(value: float, places: int) -> None:
    text = number(value, places)
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?", text)
    assert len(text.partition(".")[2]) == places
    assert abs(float(text.replace(",", "")) - value) <= 0.5 * 10.0**-places + 1e-15 * abs(value)


@given(numbers, decimals)
def test_nothing_reads_as_minus_zero(value: float, places: int) -> None:
    assert not re.fullmatch(r"-[0,.]*", number(value, places))


@given(numbers, decimals)
def test_a_negative_number_keeps_its_sign(value: float, places: int) -> None:
    mirrored = number(-value, places)
    text = number(value, places)
    assert mirrored.removeprefix("-") == text.removeprefix("-")
    assert (mirrored.startswith("-"), text.startswith("-")) in [(True, False), (False, True), (False, False)]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (NAN, 0, "–"),
        (-0.0, 0, "0"),
        (-0.4, 0, "0"),
        (-0.004, 2, "0.00"),
        (-1234.5, 1, "-1,234.5"),
        (999999.6, 0, "1,000,000"),
    ],
)
def test_numbers_at_the_edges(value: float, places: int, text: str) -> None:
    assert number(value, places) == text


@given(st.floats(0, 1))
def test_a_share_reads_back_in_per_cent(value: float) -> None:
    text = percent(value)
    assert re.fullmatch(r"\d{1,3}(\.\d)? %", text)
    assert abs(float(text.removesuffix(" %")) - 100 * value) <= 0.05 + 1e-12


def test_only_a_whole_share_reads_without_decimals() -> None:
    assert (percent(1.0), percent(0.0), percent(1), percent(0)) == ("100 %", "0 %", "100 %", "0 %")
    assert (percent(0.5), percent(0.9999), percent(0.0001)) == ("50.0 %", "100.0 %", "0.0 %")
    assert percent(NAN) == "–"


@given(numbers, numbers, decimals)
def test_an_interval_shows_both_ends_or_one_number(first: float, second: float, places: int) -> None:
    low, high = sorted((first, second))
    text = span(low, high, places)
    if number(low, places) == number(high, places):
        assert text == number(low, places)
    else:
        assert text.split("–") == [number(low, places), number(high, places)]


def test_a_missing_interval_is_one_dash() -> None:
    assert span(NAN, NAN) == "–"


@given(numbers, decimals)
def test_a_sure_value_shows_no_bounds(value: float, places: int) -> None:
    assert measured(value, value, value, "", places) == number(value, places)


@given(st.lists(numbers, min_size=3, max_size=3), decimals)
def test_an_uncertain_value_shows_its_bounds(parts: list[float], places: int) -> None:
    low, value, high = sorted(parts)
    text = measured(value, low, high, "suppressed", places)
    assert "suppressed" not in text
    assert text.startswith(number(value, places))
    if number(low, places) != number(high, places):
        assert text == f"{number(value, places)} ({number(low, places)}–{number(high, places)})"


def test_without_a_value_the_bounds_or_the_reason_are_shown() -> None:
    assert measured(NAN, 1, 2, "suppressed", 0) == "between 1 and 2"
    assert measured(NAN, NAN, NAN, "suppressed", 0) == "suppressed"
    assert measured(NAN, 1, NAN, "not applicable", 0) == "not applicable"
    assert measured(NAN, NAN, 2, "not applicable", 0) == "not applicable"
    assert measured(NAN, NAN, NAN, "", 0) == "not published"


def test_a_true_zero_is_not_missing() -> None:
    assert measured(0.0, 0.0, 0.0, "suppressed", 1) == "0.0"

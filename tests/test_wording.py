"""Numbers, missing values and grades read one way everywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.errors import InputError
from lipresearch.wording import (
    FIRM_SPACE,
    GRADES,
    GRADES_FR,
    LANGUAGES,
    NARROW_SPACE,
    REASONS_FR,
    check_language,
    grade,
    measured,
    number,
    percent,
    short,
    span,
)

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


# -- French --------------------------------------------------------------------------------------------


def slowly(value: float, places: int) -> str:
    """Write a number in French digit by digit, from its last digit on."""
    digits = f"{abs(value):.{places}f}"
    whole, _, rest = digits.partition(".")
    out = ""
    for count, digit in enumerate(reversed(whole)):
        if count and count % 3 == 0:
            out = "\u202f" + out
        out = digit + out
    if rest:
        out += "," + rest
    negative = value < 0 and any(digit in "123456789" for digit in digits)
    return ("-" if negative else "") + out


@given(numbers, decimals)
def test_a_french_number_is_what_one_writes_by_hand(value: float, places: int) -> None:
    assert number(value, places, language="fr") == slowly(value, places)


@given(numbers, numbers, decimals)
def test_french_says_the_same_as_english(first: float, second: float, places: int) -> None:
    low, high = sorted((first, second))
    for value in (low, low / 1000, round(low)):
        english, said = short(value), short(value, language="fr")
        assert said == english.replace(",", "\u202f").replace(".", ",")
    ends = slowly(low, places), slowly(high, places)
    one = ends[0] == ends[1]
    assert span(low, high, places, language="fr") == (ends[0] if one else f"{ends[0]} à {ends[1]}")
    assert measured(NAN, low, high, "", places, language="fr") == f"entre {ends[0]} et {ends[1]}"
    exact = measured(low, low, high, "", places, language="fr")
    assert exact == (ends[0] if one else f"{ends[0]} ({ends[0]} à {ends[1]})")


@given(st.floats(0, 1))
def test_a_share_in_french_has_a_comma_and_a_firm_space(value: float) -> None:
    assert percent(value, language="fr") == percent(value).replace(" ", "\u00a0").replace(".", ",")


def test_french_at_the_edges() -> None:
    assert (NARROW_SPACE, FIRM_SPACE) == ("\u202f", "\u00a0")
    assert number(1234, language="fr") == "1\u202f234"
    assert number(-0.004, 2, language="fr") == "0,00"
    assert percent(1.0, language="fr") == "100\u00a0%"
    assert percent(0.4125, language="fr") == "41,2\u00a0%"
    assert span(0.41, 0.6, language="fr") == "0,41 à 0,60"
    for text in (number(NAN, 0, "fr"), short(NAN, "fr"), percent(NAN, "fr"), span(NAN, 1, 2, "fr")):
        assert text == "–"


def test_a_reason_reads_in_french_and_a_strange_one_is_left() -> None:
    assert measured(NAN, NAN, NAN, "", 0, "fr") == "non publié"
    assert {measured(NAN, NAN, NAN, word, 0, "fr") for word in REASONS_FR} == set(REASONS_FR.values())
    assert measured(NAN, NAN, NAN, "lost", 0, "fr") == "lost"


def test_grades_read_in_both_languages() -> None:
    assert list(GRADES_FR) == list(GRADES)
    assert len(set(GRADES_FR.values())) == 4
    assert [grade(letter) for letter in GRADES] == list(GRADES.values())
    assert [grade(letter, "fr") for letter in GRADES] == list(GRADES_FR.values())
    with pytest.raises(InputError, match=r"^There is no grade 'D'\. There are: A, B, C\.$"):
        grade("D")


def test_english_is_what_is_said_without_a_language() -> None:
    assert LANGUAGES == ("en", "fr")
    for value in (0.0, -1234.5, 1451022.4, 0.1606, NAN):
        assert number(value, 1) == number(value, 1, language="en")
        assert short(value) == short(value, language="en")
        assert span(value, value + 1) == span(value, value + 1, language="en")
        assert measured(value, value - 1, value, "x", 1) == measured(value, value - 1, value, "x", 1, language="en")
    assert percent(0.5) == percent(0.5, language="en") == "50.0 %"


@pytest.mark.parametrize(
    "call",
    [
        lambda: check_language("de"),
        lambda: grade("A", "de"),
        lambda: number(1, language="de"),
        lambda: number(NAN, language="de"),
        lambda: short(1, language="de"),
        lambda: percent(1.0, language="de"),
        lambda: percent(NAN, language="de"),
        lambda: span(NAN, 1, language="de"),
        lambda: measured(NAN, NAN, NAN, "", 0, language="de"),
    ],
)
def test_an_unknown_language_names_those_there_are(call: Callable[[], str]) -> None:
    with pytest.raises(InputError, match=r"^There is no language 'de'\. There are: en, fr\.$"):
        call()

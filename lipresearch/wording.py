"""How numbers, missing values and grades read, in English: one way in terminal, notebooks and figures."""

from __future__ import annotations

import math

#: What an evidence grade means to a reader.
GRADES = {
    "A": "official figure for the whole catchment",
    "B": "official figure for part of the catchment, or re-published",
    "C": "modelled, or a proxy",
    "": "missing",
}


def number(value: float, decimals: int = 0) -> str:
    """Return a number with thousands separators; an en dash where it is missing.

    >>> number(1451022), number(0.5, 2), number(float("nan")), number(-0.001, 1)
    ('1,451,022', '0.50', '–', '0.0')
    """
    if math.isnan(value):
        return "–"
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def short(value: float) -> str:
    """Return a number to about three digits, as a glance needs it.

    >>> short(1451022), short(86.1), short(8.204), short(0.1606), short(0.0), short(float("nan"))
    ('1,451,022', '86.1', '8.2', '0.161', '0', '–')
    """
    if math.isnan(value) or value == round(value):
        return number(value)
    size = abs(value)
    return number(value, 0 if size >= 100 else 1 if size >= 1 else 3)


def percent(share: float) -> str:
    """Return a share (0 to 1) in per cent with one decimal; whole shares without.

    >>> percent(0.9512), percent(1.0), percent(0.0)
    ('95.1 %', '100 %', '0 %')
    """
    if math.isnan(share):
        return "–"
    if abs(share) < 1e-12 or abs(share - 1.0) < 1e-12:
        return f"{100 * round(share)} %"
    return f"{number(100 * share, 1)} %"


def share(value: float) -> str:
    """Return a share as per cent; what happens, but seldom, is not written as never, nor often as always.

    >>> share(0.0001), share(0.9999), share(0.25), share(0.0), share(1.0)
    ('<0.1 %', '>99.9 %', '25.0 %', '0 %', '100 %')
    >>> share(0.1 + 0.2 + 0.7 - 2e-16)  # always, but for the rounding of the sum
    '100 %'
    """
    if 0.9995 <= value < 1 - 1e-9:
        return ">99.9 %"
    return "<0.1 %" if 1e-9 < value < 0.0005 else percent(value)


def span(low: float, high: float, decimals: int = 2) -> str:
    """Return an interval, or one number where both ends read the same.

    >>> span(0.41, 0.6), span(0.5, 0.5), span(3, 7, 0)
    ('0.41–0.60', '0.50', '3–7')
    """
    if math.isnan(low) or math.isnan(high):
        return "–"
    first, last = number(low, decimals), number(high, decimals)
    return first if first == last else f"{first}–{last}"


def measured(value: float, low: float, high: float, reason: str, decimals: int) -> str:
    """Return a value with its bounds where it is uncertain, the bounds alone, or the reason for its absence.

    >>> measured(5.0, 4.0, 6.0, "", 0), measured(math.nan, 1.0, 2.0, "not published", 0)
    ('5 (4–6)', 'between 1 and 2')
    >>> measured(math.nan, math.nan, math.nan, "suppressed", 0)
    'suppressed'
    """
    if math.isnan(value):
        if math.isnan(low) or math.isnan(high):
            return reason or "not published"
        return f"between {number(low, decimals)} and {number(high, decimals)}"
    text = number(value, decimals)
    ends = span(low, high, decimals)
    return text if ends in (text, "–") else f"{text} ({ends})"

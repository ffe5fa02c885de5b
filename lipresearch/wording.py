"""How numbers, missing values and grades read, in English and French: one way in terminal, notebooks, figures, memo."""

from __future__ import annotations

import math

from lipresearch.errors import InputError

#: The languages there are.
LANGUAGES = ("en", "fr")

#: What an evidence grade means to a reader.
GRADES = {
    "A": "official figure for the whole catchment",
    "B": "official figure for part of the catchment, or re-published",
    "C": "modelled, or a proxy",
    "": "missing",
}
GRADES_FR = {
    "A": "chiffre officiel pour l'ensemble du territoire",
    "B": "chiffre officiel pour une partie du territoire, ou republié",
    "C": "estimation, ou indicateur de substitution",
    "": "manquant",
}

#: The reasons for a missing value (``tables.REASONS``) in French.
REASONS_FR = {
    "suppressed": "supprimé pour confidentialité ou fiabilité",
    "not published": "non publié",
    "not applicable": "sans objet",
}

#: What French puts between thousands, and before a colon or a per cent sign: spaces at which no line breaks.
NARROW_SPACE = "\u202f"
FIRM_SPACE = "\u00a0"


def check_language(language: str) -> str:
    """Return the language; raise ``InputError`` if it is not among ``LANGUAGES``.

    >>> check_language("fr")
    'fr'
    """
    if language not in LANGUAGES:
        raise InputError(f"There is no language {language!r}. There are: {', '.join(LANGUAGES)}.")
    return language


def grade(letter: str, language: str = "en") -> str:
    """Return what an evidence grade means; an empty one means that the value is missing.

    >>> grade("C"), grade("C", "fr")
    ('modelled, or a proxy', 'estimation, ou indicateur de substitution')
    """
    names = GRADES_FR if check_language(language) == "fr" else GRADES
    if letter not in names:
        raise InputError(f"There is no grade {letter!r}. There are: {', '.join(filter(None, names))}.")
    return names[letter]


def number(value: float, decimals: int = 0, language: str = "en") -> str:
    r"""Return a number with thousands separators; an en dash where it is missing.

    French has a narrow no-break space between thousands, from four digits on, and a decimal comma.

    >>> number(1451022), number(0.5, 2), number(float("nan")), number(-0.001, 1)
    ('1,451,022', '0.50', '–', '0.0')
    >>> number(1451022, 1, language="fr")
    '1\u202f451\u202f022,0'
    """
    check_language(language)
    if math.isnan(value):
        return "–"
    text = f"{value:,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        text = text.removeprefix("-")
    if language == "fr":
        text = text.replace(",", NARROW_SPACE).replace(".", ",")
    return text


def short(value: float, language: str = "en") -> str:
    """Return a number to about three digits, as a glance needs it.

    >>> short(1451022), short(86.1), short(8.204), short(0.1606), short(0.0), short(float("nan"))
    ('1,451,022', '86.1', '8.2', '0.161', '0', '–')
    >>> short(8.204, language="fr")
    '8,2'
    """
    if math.isnan(value) or value == round(value):
        return number(value, 0, language)
    size = abs(value)
    return number(value, 0 if size >= 100 else 1 if size >= 1 else 3, language)


def percent(share: float, language: str = "en") -> str:
    r"""Return a share (0 to 1) in per cent with one decimal; whole shares without.

    >>> percent(0.9512), percent(1.0), percent(0.0)
    ('95.1 %', '100 %', '0 %')
    >>> percent(0.9512, language="fr")
    '95,1\xa0%'
    """
    sign = f"{FIRM_SPACE}%" if check_language(language) == "fr" else " %"
    if math.isnan(share):
        return "–"
    if abs(share) < 1e-12 or abs(share - 1.0) < 1e-12:
        return f"{100 * round(share)}{sign}"
    return f"{number(100 * share, 1, language)}{sign}"


def share(value: float, language: str = "en") -> str:
    """Return a share as per cent; what happens, but seldom, is not written as never, nor often as always.

    >>> share(0.0001), share(0.9999), share(0.25), share(0.0), share(1.0)
    ('<0.1 %', '>99.9 %', '25.0 %', '0 %', '100 %')
    >>> share(0.1 + 0.2 + 0.7 - 2e-16)  # always, but for the rounding of the sum
    '100 %'
    """
    if 0.9995 <= value < 1 - 1e-9:
        return f">{percent(0.999, language)}"
    return f"<{percent(0.001, language)}" if 1e-9 < value < 0.0005 else percent(value, language)


def span(low: float, high: float, decimals: int = 2, language: str = "en") -> str:
    """Return an interval, or one number where both ends read the same.

    >>> span(0.41, 0.6), span(0.5, 0.5), span(3, 7, 0)
    ('0.41–0.60', '0.50', '3–7')
    >>> span(0.41, 0.6, language="fr")
    '0,41 à 0,60'
    """
    join = " à " if check_language(language) == "fr" else "–"
    if math.isnan(low) or math.isnan(high):
        return "–"
    first, last = number(low, decimals, language), number(high, decimals, language)
    return first if first == last else f"{first}{join}{last}"


def measured(value: float, low: float, high: float, reason: str, decimals: int, language: str = "en") -> str:
    """Return a value with its bounds where it is uncertain, the bounds alone, or the reason for its absence.

    The reason is a word of ``tables.REASONS``; in French it is translated.

    >>> measured(5.0, 4.0, 6.0, "", 0), measured(math.nan, 1.0, 2.0, "not published", 0)
    ('5 (4–6)', 'between 1 and 2')
    >>> measured(math.nan, math.nan, math.nan, "suppressed", 0)
    'suppressed'
    >>> measured(5.0, 4.0, 6.0, "", 0, language="fr"), measured(math.nan, 1.0, 2.0, "not published", 0, language="fr")
    ('5 (4 à 6)', 'entre 1 et 2')
    """
    french = check_language(language) == "fr"
    if math.isnan(value):
        if math.isnan(low) or math.isnan(high):
            reason = reason or "not published"
            return REASONS_FR.get(reason, reason) if french else reason
        first, last = number(low, decimals, language), number(high, decimals, language)
        return f"entre {first} et {last}" if french else f"between {first} and {last}"
    text = number(value, decimals, language)
    ends = span(low, high, decimals, language)
    return text if ends in (text, "–") else f"{text} ({ends})"

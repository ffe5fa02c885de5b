"""The words of the memo in English and French (``phrases.csv``), and how it says numbers, names and lists."""

from __future__ import annotations

import functools
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lipresearch import french, wording
from lipresearch.tables import Column, Schema, read_table

PHRASES = Schema((Column("key"), Column("en"), Column("fr")), ("key",))
FILE = Path(__file__).with_name("phrases.csv")


@functools.cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Return ``{key: {language: phrase}}``."""
    table = read_table(FILE, PHRASES, "lipresearch/memo/phrases.csv").values
    return {row["key"]: {"en": row["en"], "fr": french.typeset(row["fr"])} for row in table.to_dict("records")}


def placeholders(phrase: str) -> set[str]:
    """Return the names in braces.

    >>> sorted(placeholders("{n} sites of {all}"))
    ['all', 'n']
    """
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


@dataclass(frozen=True)
class Phrases:
    """The memo's words in one language; raises ``InputError`` for a language that there is not."""

    language: str

    def __post_init__(self) -> None:
        wording.check_language(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """Return a phrase with its placeholders filled in."""
        return phrases()[key][self.language].format(**values)

    def count(self, key: str, n: int, **values: object) -> str:
        """Return the phrase ``key.one`` or ``key.many`` for a number of things; it is written as {n}."""
        one = n == 1 or (n == 0 and self.language == "fr")
        return self(f"{key}.{'one' if one else 'many'}", n=self.number(n), **values)

    def known(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in phrases()

    def word(self, group: str, word: str) -> str:
        """Return the phrase ``group.word`` for a word of a closed list; one that is not known is left as it is."""
        key = f"{group}.{word}"
        return self(key) if self.known(key) else self.foreign(word)

    def either(self, english: str, translated: object) -> str:
        """Return a text in the language; where it has no French, the English one, marked."""
        return french.either(english, translated if isinstance(translated, str) else "", self.language)

    def foreign(self, english: str) -> str:
        """Return a text that only exists in English; in French it is marked."""
        return self.either(english, "")

    def level(self, word: str, attribute: str) -> str:
        """Return a category of a site; one that is not known says so."""
        if word in ("", "not known"):
            return self("unknown")
        if self.language == "en":
            return word
        return french.level(word, attribute)

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number; an en dash where it is missing."""
        return wording.number(value, decimals, self.language)

    def percent(self, share: float) -> str:
        """Return a share in per cent; what is not 0 never reads as 0, nor what is not all as 100."""
        if 0 < share < 0.0005:
            return self("below", value=wording.number(0.1, 1, self.language))
        if 0.9995 <= share < 1 - 1e-9:
            return self("above", value=wording.number(99.9, 1, self.language))
        return wording.percent(round(share, 9), self.language)

    def span(self, low: float, high: float, decimals: int = 2) -> str:
        """Return an interval, or one number where both ends read the same."""
        return wording.span(low, high, decimals, self.language)

    def ranks(self, low: object, high: object) -> str:
        """Return a range of ranks."""
        return self.span(float(str(low)), float(str(high)), 0)

    def difference(self, value: float) -> str:
        """Return a difference of scores; one that is not 0 never reads as 0."""
        if 0 < abs(value) < 0.0005:
            return self("tiny", value=self.number(0.001, 3))
        return self.number(value, 3 if value else 0).replace("-", "−")

    def listed(self, parts: Iterable[str]) -> str:
        """Return a list as a sentence has it."""
        names = list(parts)
        if len(names) < 2:
            return "".join(names)
        return self("and", first=", ".join(names[:-1]), last=names[-1])

    def date(self, year: int, month: int, day: int) -> str:
        """Return a date in words."""
        first = self("date.first") if day == 1 else str(day)
        return self("date", day=first, month=self(f"month.{month}"), year=year)

    def lower(self, title: str) -> str:
        """Return a title as it stands inside a sentence."""
        return title[:1].lower() + title[1:]

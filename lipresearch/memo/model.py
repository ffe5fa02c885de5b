"""What a memo is made of, whatever it is written as: headings, paragraphs, lists, tables and figures of plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, TypeAlias

from lipresearch.errors import InputError

#: Characters that no format can hold: controls other than line break and tab, halves of pairs, and the two that XML
#: forbids.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a section, 2 and 3 are parts of one."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``lead`` stands before the text in bold. Kinds: ``text``, ``note`` (smaller), ``code``."""

    text: str
    lead: str = ""
    kind: str = "text"


@dataclass(frozen=True)
class Bullets:
    """A list of short paragraphs."""

    items: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, whether its cells stand at the right, and its part of the width."""

    head: str
    number: bool = False
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """A table of text; the first column names the row. Notes stand under it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def long(self) -> bool:
        """Whether the table may need more than the better part of a page."""
        return len(self.rows) > 16 or sum(len(cell) for row in self.rows for cell in row) > 2500

    def __post_init__(self) -> None:
        wrong = [row for row in self.rows if len(row) != len(self.columns)]
        if wrong or not self.columns or not self.rows:
            raise InputError(f"The table {self.caption!r} has no rows, or a row with another number of cells.")


@dataclass(frozen=True)
class Figure:
    """A picture (PNG) with its size in pixels, what it shows in words for those who cannot see it, and its caption."""

    png: bytes
    width: int
    height: int
    alt: str
    caption: str


Block: TypeAlias = Heading | Paragraph | Bullets | Table | Figure


@dataclass(frozen=True)
class Memo:
    """A document: its language (``en`` or ``fr``), title, what stands under the title, and its blocks in order.

    ``page`` and ``of`` are the words of the page number, ``contents`` those over the list of sections.
    """

    language: str
    title: str
    subtitle: str
    date: str
    blocks: tuple[Block, ...]
    page: str
    of: str
    contents: str

    @property
    def locale(self) -> str:
        """The language as documents name it."""
        return f"{self.language}-CA"

    @property
    def colon(self) -> str:
        """What stands between a bold lead and its text: French sets a space before it at which no line breaks."""
        return "\u00a0:" if self.language == "fr" else ":"

    @property
    def sections(self) -> tuple[str, ...]:
        """The headings of level 1."""
        return tuple(block.text for block in self.blocks if isinstance(block, Heading) and block.level == 1)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures, in order."""
        return tuple(block for block in self.blocks if isinstance(block, Figure))

    @property
    def text(self) -> str:
        """Everything that can be read, a line each."""
        return "\n".join(_texts(self))


def printable(text: str) -> str:
    r"""Return a text with a question mark in a diamond for each character that no document can hold.

    >>> printable("a\x00b\nc")
    'a�b\nc'
    """
    return UNPRINTABLE.sub("�", text)


def cleaned(value: Any) -> Any:
    """Return a part of a memo with every text made printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(cleaned(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{field.name: cleaned(getattr(value, field.name)) for field in fields(value)})
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, tuple):
        return [text for part in value for text in _texts(part)]
    if is_dataclass(value) and not isinstance(value, type):
        hidden = ("kind", "language")
        return [
            text for field in fields(value) if field.name not in hidden for text in _texts(getattr(value, field.name))
        ]
    return []

"""Census profiles that list one characteristic a row: find a row by its label under its heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lipresearch.compilers.base import Col, Sheet


@dataclass(frozen=True)
class Line:
    """One characteristic: line in the file, heading, label with its indentation, and one cell an area."""

    at: int
    section: str
    label: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Item:
    """A characteristic to take from a profile: where it stands, and the column that it becomes."""

    section: str
    label: str
    column: Col


@dataclass(frozen=True)
class Profile:
    """A profile as read: its sheet (for messages), its areas and its lines."""

    sheet: Sheet
    areas: Sequence[str]
    lines: Sequence[Line]

    def find(self, section: str, label: str) -> Line | None:
        """Return the line of that label under a heading that begins so; record a problem if there is not one."""
        found = [line for line in self.lines if line.section.startswith(section) and line.label.strip() == label]
        if len(found) != 1:
            self.sheet.fail(0, label, f"{len(found)} rows under {section!r}", "one row of that label")
            return None
        return found[0]

    def take(self, items: Sequence[Item]) -> list[list[str]]:
        """Return one row an area with the figures of the items, in their order."""
        lines = [self.find(item.section, item.label) for item in items]
        return [
            ["not published" if line is None else self.figure(line, area) for line in lines]
            for area in range(len(self.areas))
        ]

    def figure(self, line: Line, area: int) -> str:
        """Return one figure or its reason."""
        return self.sheet.figure(line.at, line.label.strip(), line.cells[area])

    def block(self, section: str) -> list[Line]:
        """Return the lines under a heading, in the order of the file."""
        return [line for line in self.lines if line.section.startswith(section)]


def with_sections(labelled: Sequence[tuple[int, str, Sequence[str]]]) -> list[Line]:
    """Return lines with the heading that they stand under: the last label that is not indented.

    >>> [(line.section, line.label) for line in with_sections([(1, "Total - A", []), (2, "  a", []), (3, "B", [])])]
    [('Total - A', 'Total - A'), ('Total - A', '  a'), ('B', 'B')]
    """
    lines = []
    section = ""
    for at, label, cells in labelled:
        if not label.startswith(" "):
            section = label
        lines.append(Line(at, section, label, cells))
    return lines


def count(name: str, label: str, source: str, universe: str, missing: bool = False) -> Col:
    """Return the column of a count of persons that may be added over areas."""
    return Col(name, "count", label, source, "persons", universe, missing, True)


def counted(section: str, label: str, name: str, words: str, universe: str) -> Item:
    """Return an item that is a count of persons."""
    return Item(section, label, count(name, words, f"{section}: {label}" if label != section else label, universe))

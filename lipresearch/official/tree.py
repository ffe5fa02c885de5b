"""The tree of characteristics in a profile: labels repeat, so a row is known by its label under its parents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Between the labels of a path in the table of characteristics.
UNDER = " > "


@dataclass(frozen=True)
class Line:
    """One characteristic as a file lists it.

    Attributes
    ----------
    key : str
        Its id in the file.
    label : str
        Without indentation, spaces and apostrophes made alike.
    ancestors : tuple of str
        Labels of the lines that it belongs to, outermost first.
    """

    key: str
    label: str
    ancestors: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The label under its parents, for messages."""
        return UNDER.join((*self.ancestors, self.label))


def alike(label: str) -> str:
    """Return a label without indentation, with single spaces and straight apostrophes, to compare it with another.

    >>> alike("    Côte d’Ivoire  (total)")
    "Côte d'Ivoire (total)"
    """
    return " ".join(label.replace("\u2019", "'").split())


def tree(labelled: Iterable[tuple[str, str, tuple[str, ...]]]) -> list[Line]:
    """Return the lines of a list whose indentation shows what belongs to what.

    Parameters
    ----------
    labelled : iterable of (key, label, outer)
        In the order of the file; ``outer`` names what the line belongs to beside the indentation (a topic).

    Examples
    --------
    >>> [line.path for line in tree([("1", "Total", ()), ("2", "  English", ()), ("3", "Rate", ())])]
    ['Total', 'Total > English', 'Rate']
    """
    found: list[Line] = []
    open_lines: list[tuple[int, str]] = []
    before: tuple[str, ...] | None = None
    for key, label, outer in labelled:
        depth = len(label) - len(label.lstrip(" \u00a0"))
        if outer != before:
            open_lines, before = [], outer
        while open_lines and open_lines[-1][0] >= depth:
            open_lines.pop()
        name = alike(label)
        found.append(Line(key, name, (*map(alike, outer), *(text for _, text in open_lines))))
        open_lines.append((depth, name))
    return found


def belongs(line: Line, label: str, parent: str) -> bool:
    """Whether a line has this label, and these parents in this order (others may lie between).

    >>> line = Line("396", "English", ("Total - Mother tongue", "Single responses", "Official languages"))
    >>> belongs(line, "English", "Total - Mother tongue > Official languages"), belongs(line, "English", "Total - Home")
    (True, False)
    """
    if line.label != alike(label):
        return False
    ancestors = iter(line.ancestors)
    return all(alike(part) in ancestors for part in parent.split(UNDER) if part.strip())


def candidates(lines: Sequence[Line], label: str, parent: str) -> list[Line]:
    """Return the lines that have this label under these parents; a label without parents must stand at the top."""
    name = alike(label)
    found = [line for line in lines if line.label == name and belongs(line, label, parent)]
    if not parent:
        top = [line for line in found if not line.ancestors]
        return top or found
    return found

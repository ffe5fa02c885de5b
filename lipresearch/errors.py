"""Errors that say what is wrong, where, what was expected and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: How many failures of a table are spelled out; the rest are counted.
SHOWN = 5
#: How many a check of a table spells out.
WHOLE = 100


class LipresearchError(Exception):
    """Base of every error that this package raises on purpose."""


class DataChangedError(LipresearchError):
    """A file under ``data/raw``, or a downloaded one, is not the recorded one."""


class FetchError(LipresearchError):
    """A file could not be downloaded, kept, or is not what it should be."""


class StaleError(LipresearchError):
    """``data/derived`` was made from other inputs than those present."""


class NotFoundError(LipresearchError):
    """A name or a file that was asked for does not exist."""


class InputError(LipresearchError):
    """An argument has a value that cannot be used."""


class ImpossibleDesignError(InputError):
    """No set of sites meets a design.

    Attributes
    ----------
    conflict : tuple of str
        The demands that cannot be met together, in words; without any one of them the others can.
    smallest : bool
        Whether no smaller group of the design's demands conflicts.
    """

    def __init__(self, message: str, conflict: tuple[str, ...] = (), smallest: bool = True):
        super().__init__(message)
        self.conflict = conflict
        self.smallest = smallest

    def __reduce__(self) -> tuple[type[ImpossibleDesignError], tuple[str, tuple[str, ...], bool]]:
        return type(self), (str(self), self.conflict, self.smallest)


@dataclass(frozen=True, order=True)
class Problem:
    """One failure in one cell (or one row, or one file) of a table.

    Parameters
    ----------
    file : str
        File as the user knows it, relative to the project folder.
    row : int
        Line number in the file, header = 1; 0 when the whole file is meant.
    column : str
        Column name, empty when the whole row is meant.
    found : str
        What stands there.
    expected : str
        What should stand there.
    remedy : str
        What to do next.
    """

    file: str
    row: int
    column: str
    found: str
    expected: str
    remedy: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.row:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        text = f"{place}: found {self.found}, expected {self.expected}."
        if self.remedy:
            text += f" {self.remedy}"
        return text


class TableError(LipresearchError):
    """All failures of one table (or of tables that must agree), in one exception.

    Parameters
    ----------
    problems : iterable of Problem
        At least one.

    Examples
    --------
    >>> print(TableError([Problem("a.csv", 2, "value", "'x'", "a number")]))
    1 problem in the tables. Nothing was changed.
      a.csv, row 2, column value: found 'x', expected a number.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems: tuple[Problem, ...] = tuple(problems)
        if not self.problems:
            raise ValueError("a TableError needs at least one problem")
        super().__init__(self.whole(SHOWN))

    def whole(self, most: int = WHOLE) -> str:
        """Return the message with more of the failures spelled out."""
        n = len(self.problems)
        lines = [f"{n} problem{'' if n == 1 else 's'} in the tables. Nothing was changed."]
        lines += [f"  {problem}" for problem in self.problems[:most]]
        if n > most:
            lines.append(f"  ... and {n - most} more of the same kind or later in the files.")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[TableError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)

"""What every compiler uses: cards, codebooks, and a strict reader of published files.

A compiler is a function from ``Sources`` to ``Compiled``. It reads everything as text, takes
the rows and columns that the toolkit uses, and hands back the published figures unchanged.
Each symbol that a publisher prints instead of a number becomes a reason (``tables.REASONS``).
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lipresearch.errors import NotFoundError, Problem, TableError
from lipresearch.registry import sha256_of
from lipresearch.tables import NUMERIC, Column, Schema, parse_number

#: Levels of area that a table's rows may stand for.
LEVELS = (
    "country_province",
    "cd",
    "csd",
    "cma",
    "er",
    "fed2013",
    "hood140",
    "hood158",
    "facility",
    "school",
    "link",
    "facts",
)

#: What publishers print instead of a figure, and the reason that it stands for.
SYMBOLS: Mapping[str, str] = {
    "x": "suppressed",
    "X": "suppressed",
    "F": "suppressed",
    "..": "suppressed",
    "SP": "suppressed",
    "...": "not applicable",
    "N/D": "not published",
    "N/R": "not published",
    "": "not published",
}

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")

#: A quote that neither begins nor ends a cell.
_INNER = re.compile(r'(?<=[^,])"(?=[^,])')

#: Where the source texts lie, from the folder of published copies.
SEEDS_FOLDER = "../seeds/"

#: What to do when a published file has another layout.
REMEDY = "Take the edition named in SOURCE.toml, or teach the compiler this layout."


@dataclass(frozen=True)
class Col:
    """One column of a compiled table, as its codebook describes it.

    Parameters
    ----------
    name : str
        Header in the compiled table.
    kind : str
        As in ``tables.Column``.
    label : str
        What the column holds, in the publisher's terms.
    source : str
        Column or row of the published file, or how the value was derived.
    unit : str
        ``persons``, ``per cent`` ...; empty for text.
    universe : str
        Whom the figure is about; empty means the universe of the dataset.
    missing : bool
        Whether cells may hold a reason (numbers) or be empty (text).
    additive : bool, optional
        Whether the figures may be summed over areas; None for text.
    note : str
        What a user must know.
    """

    name: str
    kind: str
    label: str
    source: str
    unit: str = ""
    universe: str = ""
    missing: bool = False
    additive: bool | None = None
    note: str = ""

    @property
    def column(self) -> Column:
        """The column as the table reader checks it."""
        numeric = self.kind in NUMERIC
        return Column(self.name, self.kind, required=numeric or not self.missing, reasons=numeric and self.missing)


@dataclass(frozen=True)
class TableSpec:
    """One table of a dataset: file name, level of its rows, key and columns in order."""

    file: str
    level: str
    key: tuple[str, ...]
    columns: tuple[Col, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if self.level not in LEVELS:
            raise ValueError(f"unknown level: {self.level}")
        if tuple(names[: len(self.key)]) != self.key or len(set(names)) != len(names):
            raise ValueError(f"{self.file}: the key must be the first columns, and each column has its own name")

    def extended(self, more: Sequence[Col]) -> TableSpec:
        """Return the table with further columns behind the declared ones."""
        return TableSpec(self.file, self.level, self.key, (*self.columns, *more)) if more else self

    @property
    def schema(self) -> Schema:
        """What the table reader checks."""
        return Schema(tuple(column.column for column in self.columns), self.key)


@dataclass(frozen=True)
class Card:
    """Where a dataset comes from, as ``SOURCE.toml`` tells it; ``short`` is its name in a table's column of sources."""

    short: str
    title: str
    publisher: str
    catalogue: str
    published: str
    accessed: str
    url: str
    licence: str
    attribution: str
    universe: str
    vintage: str
    grade: str
    defects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compiled:
    """What a compiler hands back.

    Attributes
    ----------
    rows : mapping
        Rows of each table by its file name.
    defects : tuple of str
        What was counted on the way.
    more : mapping
        Columns found in the published file (one a language, say), after those that are declared.
    """

    rows: Mapping[str, Sequence[Sequence[str]]]
    defects: tuple[str, ...] = ()
    more: Mapping[str, tuple[Col, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """A dataset of ``data/raw``: its card, its tables, the published files it reads, and its compiler."""

    name: str
    card: Card
    tables: tuple[TableSpec, ...]
    inputs: tuple[str, ...]
    compiler: Callable[[Sources], Compiled]


@dataclass(frozen=True)
class Row:
    """One row of a published file; knows its file and line for messages."""

    sheet: Sheet
    line: int
    cells: Sequence[str]

    def __getitem__(self, column: str) -> str:
        """Return a cell as text, without spaces at its ends."""
        return self.cells[self.sheet.place(column)].strip()

    def after(self, column: str) -> str:
        """Return the cell to the right of a column: where the publisher prints that column's symbol."""
        return self.cells[self.sheet.place(column) + 1].strip()

    def number(self, column: str) -> str:
        """Return a cell as a number or a reason (see ``number``); what is neither is recorded as a problem."""
        return self.sheet.figure(self.line, column, self[column])

    def whole(self, column: str) -> int:
        """Return a cell as a whole number; what is none is recorded as a problem and returned as 0."""
        return self.sheet.whole(self.line, column, self[column])

    def with_symbol(self, column: str) -> str:
        """Return a number whose missing symbol stands in the next column (Statistics Canada's ``Symbols``)."""
        cell, symbol = self[column], self.after(column)
        return self.sheet.figure(self.line, column, cell if cell else symbol)


@dataclass
class Sheet:
    """A published CSV file as read: header, rows, and the problems met so far."""

    file: str
    header: Sequence[str]
    rows: list[Row]
    problems: list[Problem]
    places: dict[str, int] = field(default_factory=dict)

    def place(self, column: str) -> int:
        """Return the position of a column (the first one, where a header repeats)."""
        if not self.places:
            for position, name in reversed(list(enumerate(self.header))):
                self.places[name] = position
        return self.places[column]

    def figure(self, line: int, column: str, cell: str) -> str:
        """Return a figure or a reason; record a problem and return ``not published`` if it is neither."""
        try:
            return number(cell)
        except ValueError:
            self.problems.append(
                Problem(self.file, line, column, repr(cell), "a number or a known missing symbol", REMEDY)
            )
            return "not published"

    def whole(self, line: int, column: str, cell: str) -> int:
        """Return a whole number from 0; record a problem and return 0 if the cell holds none."""
        text = self.figure(line, column, cell)
        if text.isdigit():
            return int(text)
        if cell.strip() in SYMBOLS or text != "not published":
            self.fail(line, column, repr(cell), "a whole number")
        return 0

    def fail(self, line: int, column: str, found: str, expected: str) -> None:
        """Record a problem of this file."""
        self.problems.append(Problem(self.file, line, column, found, expected, REMEDY))


def number(cell: str) -> str:
    """Return a published figure as the tables hold it, or the reason why there is none.

    Thousands commas, a per-cent sign and a trailing ``.0`` are dropped; nothing else is changed,
    nothing is rounded.

    Raises
    ------
    ValueError
        If the cell is neither a number nor a known missing symbol.

    Examples
    --------
    >>> number("2,731,571"), number("-3.90%"), number("110525.0"), number("8788702.80")
    ('2731571', '-3.90', '110525', '8788702.80')
    >>> number(".."), number("..."), number("SP"), number("")
    ('suppressed', 'not applicable', 'suppressed', 'not published')
    """
    text = cell.strip()
    if text in SYMBOLS:
        return SYMBOLS[text]
    text = text.removesuffix("%").strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if parse_number(text) is None:
        raise ValueError(f"neither a number nor a missing symbol: {cell!r}")
    return text.removesuffix(".0")


class Sources:
    """A folder of published copies, read strictly; remembers what was read and what was wrong.

    Parameters
    ----------
    folder : Path
        The folder.

    Attributes
    ----------
    origins : dict
        ``{file: (bytes, sha256)}`` of each file read so far.
    problems : list of Problem
        Everything that was not as expected.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.origins: dict[str, tuple[int, str]] = {}
        self.problems: list[Problem] = []

    def path(self, file: str) -> Path:
        """Return a published file's path and record its size and hash."""
        path = self.folder / file
        if not path.is_file():
            raise NotFoundError(missing_message([file], self.folder))
        if file not in self.origins:
            self.origins[file] = (path.stat().st_size, sha256_of(path))
        return path

    def text(self, file: str, legacy: str = "") -> str:
        """Return a file's text: UTF-8 with or without byte-order mark, else the encoding named as ``legacy``.

        A file whose name ends in ``.gz`` is unpacked first.
        """
        raw = self.path(file).read_bytes()
        if file.endswith(".gz"):
            try:
                raw = gzip.decompress(raw)
            except (OSError, EOFError, zlib.error) as error:
                raise TableError([Problem(file, 0, "", str(error), "a file packed with gzip", REMEDY)]) from None
        encodings = ["utf-8-sig", *([legacy] if legacy else [])]
        for encoding in encodings:
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError as error:
                line = raw[: error.start].count(b"\n") + 1
                found = f"byte 0x{raw[error.start]:02x}"
        expected = "UTF-8 text" + (f" or {legacy}" if legacy else "")
        raise TableError([Problem(file, line, "", found, expected, REMEDY)])

    def records(self, file: str, legacy: str = "") -> list[tuple[int, list[str]]]:
        """Return a CSV file's records with their line numbers; blank lines are passed over."""
        reader = csv.reader(io.StringIO(self.text(file, legacy), newline=""), strict=True)
        found: list[tuple[int, list[str]]] = []
        before = 0
        try:
            for record in reader:
                if record:
                    found.append((before + 1, record))
                before = reader.line_num
        except csv.Error as error:
            raise TableError([Problem(file, reader.line_num, "", str(error), "CSV", REMEDY)]) from None
        if not found:
            raise TableError([Problem(file, 0, "", "an empty file", "a header line and rows", REMEDY)])
        return found

    def table(self, file: str, columns: Sequence[str], *, legacy: str = "", symbols: Sequence[str] = ()) -> Sheet:
        """Read a published CSV file and check that it has the columns that are used.

        Parameters
        ----------
        file : str
            Path inside the folder.
        columns : sequence of str
            Headers that must be there, each once.
        legacy : str
            Encoding to use where the file is not UTF-8.
        symbols : sequence of str
            Columns that must be followed by a ``Symbols`` column.

        Returns
        -------
        Sheet
        """
        (line, header), *body = self.records(file, legacy)
        header = [name.strip() for name in header]
        missing = [name for name in columns if header.count(name) != 1]
        if missing:
            raise TableError([layout_problem(file, line, header, missing)])
        loose = [name for name in symbols if header[header.index(name) + 1 :][:1] != ["Symbols"]]
        if loose:
            raise TableError([layout_problem(file, line, header, [f"Symbols after {name}" for name in loose])])
        ragged = [(at, len(cells)) for at, cells in body if len(cells) != len(header)]
        if ragged:
            raise TableError(
                Problem(file, at, "", f"{width} cells", f"{len(header)} cells", REMEDY) for at, width in ragged
            )
        sheet = Sheet(file, header, [], self.problems)
        sheet.rows = [Row(sheet, at, cells) for at, cells in body]
        return sheet


class Loose(Sources):
    """Published files in which a quote inside a cell may not be doubled, as in Peigan Timber Limit "B"."""

    def records(self, file: str, legacy: str = "") -> list[tuple[int, list[str]]]:
        """Return the records of a file that holds one a line."""
        found = []
        for line, text in enumerate(self.text(file, legacy).splitlines(), start=1):
            if not text.strip():
                continue
            try:
                cells = next(csv.reader([text], strict=True))
            except csv.Error:
                cells = next(csv.reader([_INNER.sub('""', text)]))
            found.append((line, cells))
        return found or super().records(file, legacy)


def layout_problem(file: str, line: int, header: Sequence[str], missing: Sequence[str]) -> Problem:
    """Return the problem of a published file that has not the columns that are used."""

    def few(names: Sequence[str]) -> str:
        shown = ", ".join(repr(name) for name in names[:12])
        return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")

    return Problem(
        file,
        line,
        "",
        f"the columns {few(header)}",
        f"each once {few(missing)}",
        REMEDY,
    )


def missing_message(files: Iterable[str], folder: Path) -> str:
    """Return what to say when published files are missing."""
    names = sorted(files)
    lines = "\n".join(f"  {name}" for name in names)
    plural = "file is" if len(names) == 1 else "files are"
    beside = "\nThe source texts are looked for in the folder seeds beside it." if SEEDS_FOLDER in lines else ""
    return (
        f"{len(names)} published {plural} missing in {folder.as_posix()}; nothing was changed.\n{lines}\n"
        f"Name the folder that holds census/, places/ and facts/: lipresearch compile --sources FOLDER{beside}"
    )


def added(cells: Iterable[str]) -> int:
    """Return the sum of the cells that are whole numbers; reasons add nothing.

    >>> added(["5", "suppressed", "10"])
    15
    """
    return sum(int(cell) for cell in cells if cell.isdigit())


def text_key(row: Sequence[str]) -> tuple[str, ...]:
    """Order of rows in a compiled table: by their cells, as text."""
    return tuple(row)

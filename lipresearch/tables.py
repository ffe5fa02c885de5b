"""Reading and writing the project's CSV tables, strictly and in one way.

A numeric cell holds a number, or a word that says why there is none. An empty cell in a
column that must be filled is an error, never a zero.
"""

from __future__ import annotations

import codecs
import csv
import errno
import io
import math
import os
import re
import stat
import tempfile
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from lipresearch.errors import NotFoundError, Problem, TableError

#: The reasons for a missing value, and what each means to a reader.
REASONS: Mapping[str, str] = {
    "suppressed": "the publisher withholds the figure to protect confidentiality or because it is too unreliable",
    "not published": "the publisher gives no figure for this area, or for too little of it",
    "not applicable": "the figure has no meaning for this area",
}

KINDS = ("id", "text", "choice", "number", "count", "share", "percent", "flag")
NUMERIC = ("number", "count", "share", "percent")

#: Beyond this a number loses its last digits, and no figure of a community is so large.
MOST = 1e15
#: The most bytes of a file that is read as a whole.
MOST_BYTES = 200_000_000

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Column:
    """What a column of a table may hold.

    Parameters
    ----------
    name : str
        Header.
    kind : str
        ``id`` (text without spaces at its ends), ``text``, ``choice``, ``flag`` (yes or no),
        ``number``, ``count`` (>= 0), ``share`` (0 to 1) or ``percent`` (0 to 100).
    required : bool
        Whether an empty cell is an error.
    choices : tuple of str
        The words that a ``choice`` may be.
    reasons : bool
        Whether a numeric cell may hold a reason (see ``REASONS``) instead of a number.
    low, high : float
        Further limits of a number.
    whole : bool
        Whether a number must be a whole one.
    """

    name: str
    kind: str = "text"
    required: bool = True
    choices: tuple[str, ...] = ()
    reasons: bool = False
    low: float = -MOST
    high: float = MOST
    whole: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of column: {self.kind}")

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest number that a cell may hold."""
        low = max(self.low, 0.0) if self.kind in ("count", "share", "percent") else self.low
        high = {"share": min(self.high, 1.0), "percent": min(self.high, 100.0)}.get(self.kind, self.high)
        return low, high


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order, and the ones that together name a row."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Table:
    """A table as read.

    Attributes
    ----------
    values : DataFrame
        One column a column of the file; text as ``str``, numbers as ``float64`` (NaN where missing).
    reasons : DataFrame
        The same index; one column a numeric column of the file: the reason where the number is missing, else "".
    lines : list of int
        Line number in the file of each row, for messages.
    """

    values: pd.DataFrame
    reasons: pd.DataFrame
    lines: list[int]


def read_text(path: Path, shown: str, accept_mark: bool = True) -> str:
    """Return a UTF-8 file's text (a byte-order mark is dropped, or refused); raise ``TableError`` if it is none."""
    check_file(path, shown)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise NotFoundError(f"{shown} cannot be read: {error.strerror}.") from None
    if raw.startswith(codecs.BOM_UTF8) and not accept_mark:
        remedy = "Save the file as CSV UTF-8 without it (in LibreOffice: Unicode (UTF-8))."
        raise TableError([Problem(shown, 1, "", "a byte-order mark before the header", "plain UTF-8", remedy)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise TableError(
            [Problem(shown, line, "", f"byte 0x{raw[error.start]:02x}", "UTF-8 text", "Save the file as CSV UTF-8.")]
        ) from None
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise TableError([Problem(shown, line, "", "a NUL character", "plain text", "Save the file as CSV UTF-8.")])
    return text


def check_file(path: Path, shown: str) -> None:
    """Raise ``NotFoundError`` unless this is a file that can be read as a whole: there, no device, not too large."""
    try:
        found = path.stat()
    except FileNotFoundError:
        raise NotFoundError(f"{shown} is missing. Restore it with git, or see CONTRIBUTING.md.") from None
    except OSError as error:
        raise NotFoundError(f"{shown} cannot be read: {error.strerror}.") from None
    if stat.S_ISDIR(found.st_mode):
        raise NotFoundError(f"{shown} cannot be read: Is a directory.")
    if not stat.S_ISREG(found.st_mode):
        raise NotFoundError(f"{shown} cannot be read: it is a device or a pipe, not a file.")
    if found.st_size > MOST_BYTES:
        size, most = (f"{number / 1e6:,.0f} MB" for number in (found.st_size, MOST_BYTES))
        raise NotFoundError(f"{shown} was not read: it has {size}, and a table of this kind at most {most}.")


def read_records(path: Path, shown: str, accept_mark: bool = True) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header and the rows (with line numbers) of a CSV file; blank lines are passed over."""
    reader = csv.reader(io.StringIO(read_text(path, shown, accept_mark), newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    try:
        for record in reader:
            if record:
                rows.append((before + 1, record))
            before = reader.line_num
    except csv.Error as error:
        found, expected, remedy = str(error), "CSV with double quotes", "Check the quotes in this row."
        if found.startswith("new-line character"):
            found, expected = "a carriage return that ends no line", "lines that end with a line feed"
            remedy = "Save the file as CSV UTF-8, not as CSV for an old Macintosh."
        raise TableError([Problem(shown, reader.line_num, "", found, expected, remedy)]) from None
    if not rows:
        remedy = "Write the header line, or restore the file with git."
        raise TableError([Problem(shown, 0, "", "an empty file", "a header line and rows", remedy)])
    return rows[0][1], rows[1:]


def parse_toml(text: str, shown: str, remedy: str) -> dict[str, Any]:
    """Return the content of a TOML file; raise ``TableError`` where it is none, whatever the reason."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        found = "brackets within brackets, too deep to be read"
    except ValueError as error:  # not TOML, or a number of thousands of digits
        found = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a number with too many digits"
    raise TableError([Problem(shown, 0, "", found, "a TOML file", remedy)])


def parse_number(text: str) -> float | None:
    """Return a finite number written with a point, or None.

    >>> parse_number("-4.5"), parse_number("4,5"), parse_number("nan"), parse_number("1 000")
    (-4.5, None, None, None)
    """
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    if value == 0 and any(digit in "123456789" for digit in text.lower().split("e")[0]):
        return None
    return value if math.isfinite(value) else None


def _header_problems(header: Sequence[str], schema: Schema, shown: str) -> list[Problem]:
    if list(header) == schema.names:
        return []
    if len(header) == 1 and header[0].count(";") >= 1:
        return [Problem(shown, 1, "", "semicolons between the columns", "commas", "Save it with commas as separators.")]
    missing = [name for name in schema.names if name not in header]
    extra = [name for name in header if name not in schema.names]
    if len(header) == 1 and "\t" in header[0]:
        return [Problem(shown, 1, "", "tabs between the columns", "commas", "Save it with commas as separators.")]
    twice = sorted({name for name in header if list(header).count(name) > 1})
    parts = []
    if missing:
        parts.append("no column " + ", ".join(missing))
    if extra:
        parts.append("unknown column " + ", ".join(repr(name) for name in extra))
    if twice:
        parts.append("twice " + ", ".join(twice))
    return [
        Problem(
            shown,
            1,
            "",
            "; ".join(parts) or "the columns in another order",
            "the header " + ",".join(schema.names),
            "Correct the header line.",
        )
    ]


def text_problem(text: str) -> tuple[str, str, str] | None:
    """Return (found, expected, remedy) for a text that no table, memo or screen should hold, or None.

    That is one with a sign that steers a screen or turns the direction of reading, one that lost its letters in
    another encoding, and one that a spreadsheet would take for a formula.

    >>> text_problem("Saint-Jean (N.-B.)") is None, text_problem("- 5"), text_problem("=1+1")[0]
    (True, None, "'=1+1', which a spreadsheet takes for a formula")
    """
    found = _STRANGE.search(text)
    if found and found[0] == "\ufffd":
        remedy = "Type it anew, and save the file as CSV UTF-8."
        return "the sign of a letter that was lost (U+FFFD)", "the letter", remedy
    if found:
        return f"an invisible sign (U+{ord(found[0]):04X})", "text without it", "Type the cell anew."
    if looks_like_formula(text):
        expected = "a text that begins with a letter or a number"
        return f"{text[:30]!r}, which a spreadsheet takes for a formula", expected, "Begin it with a word."
    return None


#: Signs that steer a screen (but for line ends), that turn the direction of reading, the sign of a lost letter, and the
#: two that are no characters.
_STRANGE = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd\ufffe\uffff]")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would compute a cell of this text instead of showing it.

    >>> [looks_like_formula(text) for text in ("=1", "@sum", "+a", "-b(1)", "-1.5", "-", "-1 2/3", "a=b")]
    [True, True, True, True, False, False, False, False]
    """
    first = unicodedata.normalize("NFKC", text[:1])  # of any width
    if first in ("=", "@", "\t", "\r"):
        return True
    signed = first in ("+", "-", "\u2212") and parse_number(text) is None
    return signed and any(sign.isalpha() or sign in "(|!=@\t" for sign in text[1:])


def harmless(cell: str) -> str:
    """Return a cell as a spreadsheet shows it: with an apostrophe before what it would take for a formula."""
    return f"'{cell}" if looks_like_formula(cell) else cell


def strange_letters(text: str) -> str:
    """Return, for a message, the letters outside of ASCII in a text, which may look like others.

    >>> strange_letters("huron"), strange_letters("hur\u043en")
    ('', ' (with U+043E CYRILLIC SMALL LETTER O)')
    """
    found = [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in dict.fromkeys(text) if not c.isascii()]
    return f" (with {', '.join(found[:3])})" if found else ""


def alike(key: Sequence[str]) -> tuple[str, ...]:
    """Return ids as a reader sees them: without the difference of small and large letters, widths and accents' codes.

    >>> alike(("Peel",)) == alike(("peel",)), alike(("e\u0301",)) == alike(("\u00e9",))
    (True, True)
    """
    return tuple(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", part).casefold()) for part in key)


def _cell(cell: str, column: Column) -> tuple[object, str, tuple[str, str, str] | None]:
    """Return a cell's value, its reason and, if it cannot be used, (found, expected, remedy)."""
    nothing: object = math.nan if column.kind in NUMERIC else ""
    if "\r" in cell:
        return nothing, "", ("a carriage return", "text without it", "Remove the line break, or type the cell anew.")
    if cell != cell.strip():
        return nothing, "", (repr(cell), "no spaces at the ends", "Remove the spaces.")
    if cell == "":
        if column.required:
            remedy = "Write the number, or one of: " + ", ".join(REASONS) + "." if column.reasons else "Fill the cell."
            return nothing, "", ("an empty cell", f"a {column.kind}", remedy)
        return nothing, "", None
    if column.kind in NUMERIC:
        if column.reasons and cell in REASONS:
            return nothing, cell, None
        value = parse_number(cell)
        if value is None:
            remedy = "Write a decimal point, no thousands separator." if re.fullmatch(r"[\d\s., ]+", cell) else ""
            if column.reasons:
                remedy = (remedy + " A missing value is written as one of: " + ", ".join(REASONS) + ".").strip()
            return nothing, "", (repr(cell), "a number", remedy)
        low, high = column.limits
        if not low <= value <= high:
            return nothing, "", (cell, f"a number from {low:g} to {high:g}", "Check the unit of this column.")
        if column.whole and value != int(value):
            return nothing, "", (cell, "a whole number", "A thousands separator is not written.")
        return value, "", None
    if column.kind == "id" and any(unicodedata.category(letter)[0] == "C" for letter in cell):
        return nothing, "", (repr(cell), "an id without invisible characters", "Type it anew.")
    if column.kind == "id" and cell != unicodedata.normalize("NFC", cell):
        return nothing, "", (repr(cell) + strange_letters(cell), "an id of composed letters (NFC)", "Type it anew.")
    wrong = text_problem(cell)
    if wrong:
        return nothing, "", wrong
    if column.kind == "flag" and cell not in ("yes", "no"):
        return nothing, "", (repr(cell), "yes or no", "")
    if column.kind == "choice" and cell not in column.choices:
        return nothing, "", (repr(cell), "one of " + ", ".join(column.choices), "")
    return cell, "", None


def read_table(path: Path, schema: Schema, shown: str | None = None, accept_mark: bool = True) -> Table:
    """Read a CSV table and check every cell; all failures come in one exception.

    Parameters
    ----------
    path : Path
        The file: UTF-8, commas, a header line.
    schema : Schema
        Columns in order, and the key that must name each row once.
    shown : str, optional
        The file's name in messages.
    accept_mark : bool
        Whether a byte-order mark at the beginning is passed over or an error.

    Returns
    -------
    Table

    Raises
    ------
    NotFoundError
        If there is no such file.
    TableError
        With one ``Problem`` for each cell, row or header that cannot be used.
    """
    shown = shown or path.as_posix()
    header, records = read_records(path, shown, accept_mark)
    problems = _header_problems(header, schema, shown)
    if problems:
        raise TableError(problems)
    lines: list[int] = []
    values: dict[str, list[object]] = {name: [] for name in schema.names}
    reasons: dict[str, list[str]] = {column.name: [] for column in schema.columns if column.kind in NUMERIC}
    seen: dict[tuple[str, ...], tuple[int, tuple[str, ...]]] = {}
    ids = all(column.kind in ("id", "choice") for column in schema.columns if column.name in schema.key)
    places = [schema.names.index(name) for name in schema.key]
    for line, record in records:
        if len(record) != len(header):
            problems.append(
                Problem(
                    shown,
                    line,
                    "",
                    f"{len(record)} cells",
                    f"{len(header)} cells",
                    "Put cells that hold a comma in double quotes.",
                )
            )
            continue
        lines.append(line)
        for cell, column in zip(record, schema.columns, strict=True):
            value, reason, failure = _cell(cell, column)
            if failure:
                problems.append(Problem(shown, line, column.name, *failure))
            values[column.name].append(value)
            if column.name in reasons:
                reasons[column.name].append(reason)
        key = tuple(record[place] for place in places)
        same = alike(key) if ids else key
        if same in seen:
            first, before = seen[same]
            problems.append(
                Problem(
                    shown,
                    line,
                    ", ".join(schema.key),
                    f"{'again ' if key == before else ''}{', '.join(key)}{strange_letters(''.join(key))}",
                    f"each only once (first in row {first}{'' if key == before else ' as ' + ', '.join(before)})",
                    "Remove one of the two rows.",
                )
            )
        seen.setdefault(same, (line, key))
    if problems:
        raise TableError(problems)
    frame = pd.DataFrame(
        {
            column.name: pd.Series(values[column.name], dtype="float64" if column.kind in NUMERIC else object)
            for column in schema.columns
        }
    )
    return Table(frame, pd.DataFrame(reasons, index=frame.index, dtype=object), lines)


def format_number(value: float, decimals: int | None = None) -> str:
    """Return a number as tables hold it: shortest exact form, or rounded; never ``-0`` or an exponent.

    >>> format_number(5.0), format_number(0.1), format_number(2 / 3, 4), format_number(-0.00001, 2)
    ('5', '0.1', '0.6667', '0')
    """
    if decimals is not None:
        value = round(value, decimals)
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number to write; a missing value is written as its reason")
    if value == 0:
        return "0"
    return format(Decimal(repr(float(value))), "f").removesuffix(".0")


def write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a CSV table whole or not at all: UTF-8, commas, LF; the old file stays until the new one is complete."""
    ragged = [row for row in rows if len(row) != len(header)]
    if ragged:
        raise ValueError(f"{path.name}: a row has {len(ragged[0])} cells, the header {len(header)}")
    if any("\r" in cell for row in (header, *rows) for cell in row):
        raise ValueError(f"{path.name}: a cell holds a carriage return, which tables do not hold")
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    write_text(path, buffer.getvalue())


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file with LF line ends whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: the old one stays until the new one is complete.

    The new one gets the rights of the old one. A device or a pipe, such as ``/dev/stdout``, is written to, never
    replaced; behind a link the file that it names is written.

    Raises
    ------
    OSError
        That names the file, whatever went wrong.
    """
    try:
        _write_whole(path, content)
    except OSError as error:
        if error.strerror is None:
            raise
        raise OSError(error.errno, error.strerror, path.as_posix()) from error


#: How the name of a file begins that is not yet written whole.
UNFINISHED = ".writing-"


def _write_whole(path: Path, content: bytes) -> None:
    if path.exists() and not path.is_file() and not path.is_dir():
        with open(path, "wb", buffering=0) as device:
            device.write(content)
        return
    try:
        target = path.resolve()
    except RuntimeError:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=target.parent)
    fresh = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(fresh, stat.S_IMODE(target.stat().st_mode) if target.is_file() else 0o666 & ~_mask())
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)


def _mask() -> int:
    """Return the rights that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

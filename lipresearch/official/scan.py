"""Passing once over a file of any size, keeping the rows of some areas and characteristics.

A profile has twenty million rows of which a study needs a few thousand. So the bytes are searched first, and only
rows that may be wanted are decoded and taken apart by Python's own ``csv``. The search follows the rules of CSV byte by
byte: cells in quotes may hold commas, quotes and line breaks. It never passes over a wanted row; one that it keeps in
vain is dropped by whoever takes the rows. Blocks are searched side by side, on the guess that each begins with a row;
where the block before it ends inside a cell, the guess was wrong, and the block is searched again from where that row
began.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from lipresearch.errors import Problem, TableError
from lipresearch.speed import compiled, has_numba

#: Bytes read at once, threads that search, and blocks under way.
BLOCK, THREADS, AHEAD = 4 << 20, 2, 3
#: A cell longer than this is a quote that nobody closed.
LONGEST = 64 << 20

#: What hashes take; ``collections.abc.Buffer`` is of Python 3.12.
Buffer = bytes | bytearray | memoryview

Bytes = npt.NDArray[np.uint8]
Hashes = npt.NDArray[np.uint64]

_START, _PRIME, _ALL = 14695981039346656037, 1099511628211, 2**64 - 1
_QUOTES = "Check the quotes in this row, or download the file again."


@dataclass(frozen=True)
class Wanted:
    """Which rows to keep.

    Attributes
    ----------
    width : int
        Cells that each row must have.
    area, key : int
        Columns of the area and of the characteristic; -1 where there is none.
    upto : int
        Last column that is needed; cells behind it need not be handed over.
    areas, keys : frozenset of str, optional
        What may stand there; None means anything.
    marks : tuple of int
        Columns, rising, whose beginnings a ``Piece`` is to hold; the first of them not behind ``key``.
    """

    width: int
    area: int
    key: int
    upto: int
    areas: frozenset[str] | None = None
    keys: frozenset[str] | None = None
    marks: tuple[int, ...] = ()

    def takes(self, row: list[str]) -> bool:
        """Whether a row is wanted."""
        return (self.areas is None or row[self.area].strip(" \t") in self.areas) and (
            self.keys is None or row[self.key].strip(" \t") in self.keys
        )


class Batch:
    """Rows that may be wanted, in two: their numbers in the file, and the rows."""

    def __init__(self, numbers: list[int], rows: Iterable[list[str]]):
        self.numbers, self.rows = numbers, rows

    def __iter__(self) -> Iterator[Any]:
        yield self.numbers
        yield self.rows


class Piece(Batch):
    """Rows that may be wanted, as the bytes in which they were found; taken apart when they are asked for.

    Attributes
    ----------
    buffer : bytearray
        The bytes. They are others as soon as the next piece is asked for.
    found : array of int, a column a row
        Beginning, end behind the last column needed, number within the piece, and the beginnings of ``Wanted.marks``.
    """

    def __init__(self, buffer: bytearray, found: npt.NDArray[np.int64], number: int, encoding: str, shown: str):
        self.buffer, self.found = buffer, found
        self.number, self.encoding, self.shown = number, encoding, shown

    def __iter__(self) -> Iterator[Any]:
        yield from _rows(self.buffer, self.found, self.number, self.encoding, self.shown)


def batches(
    stream: BinaryIO,
    wanted: Wanted,
    encoding: str,
    shown: str,
    first: int = 2,
    heard: Callable[[Buffer], object] = lambda block: None,
    fast: bool | None = None,
    block: int = BLOCK,
) -> Iterator[Batch]:
    """Yield the rows of a CSV stream that may be wanted, in the order of the file.

    Parameters
    ----------
    stream : binary file
        Standing behind the header.
    wanted : Wanted
        Which rows to keep.
    encoding : str
        How the text is written; a byte that it does not know raises.
    shown : str
        The file's name in messages.
    first : int
        Number of the first row, for messages.
    heard : callable
        Called with all bytes, in order (to hash them in the same pass).
    fast : bool, optional
        Whether to search with compiled code; default where numba is installed. Both ways yield the same rows.
    block : int
        Bytes read at once.

    Yields
    ------
    Batch
        Row numbers (the first row after the header is ``first``), and rows as ``csv`` reads them, at least up to the
        last column needed. Rows that are not wanted may be among them.

    Raises
    ------
    TableError
        If a row has another number of cells than the header, a quote is not closed, or a byte is not of the encoding.
    """
    search = _searched if (has_numba() if fast is None else fast) else _all_read
    return search(stream, wanted, encoding, shown, first, heard, block)


# -- with Python's csv alone ------------------------------------------------------------------------


class _Heard(io.RawIOBase):
    """A stream that tells somebody what passes through."""

    def __init__(self, stream: BinaryIO, heard: Callable[[Buffer], object]):
        self.stream, self.heard = stream, heard

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        block = self.stream.read(len(buffer))
        self.heard(block)
        buffer[: len(block)] = block
        return len(block)


def _all_read(
    stream: BinaryIO,
    wanted: Wanted,
    encoding: str,
    shown: str,
    first: int,
    heard: Callable[[Buffer], object],
    block: int,
) -> Iterator[Batch]:
    text = io.TextIOWrapper(io.BufferedReader(_Heard(stream, heard), block), encoding=encoding, newline="")
    reader = csv.reader(text, strict=True)
    numbers: list[int] = []
    rows: list[list[str]] = []
    number = first - 1
    try:
        for row in reader:
            if not row:
                continue
            number += 1
            if len(row) != wanted.width:
                raise TableError([_ragged(shown, number, len(row), wanted.width)])
            if wanted.takes(row):
                numbers.append(number)
                rows.append(row)
                if len(rows) == 20_000:
                    yield Batch(numbers, rows)
                    numbers, rows = [], []
    except csv.Error as error:
        raise TableError([Problem(shown, number + 1, "", str(error), "CSV with double quotes", _QUOTES)]) from None
    except UnicodeDecodeError as error:
        raise TableError([_undecoded(shown, 0, error, encoding)]) from None  # read ahead: the row is not known
    finally:
        text.detach()
    yield Batch(numbers, rows)


# -- with compiled code -----------------------------------------------------------------------------


#: What ends a cell that is not in quotes.
_ENDS = np.isin(np.arange(256), (44, 10, 13))


def _search(
    data: Bytes,
    size: int,
    width: int,
    area_at: int,
    key_at: int,
    upto: int,
    areas: Hashes,
    keys: Hashes,
    ends: npt.NDArray[np.bool_],
    marks: npt.NDArray[np.int64],
    out: npt.NDArray[np.int64],
) -> tuple[int, Any, int, bool]:
    """Find the rows of a block that may be wanted.

    Returns their number, where the last whole row ends, how many rows there were, and whether the row there is broken.
    ``out`` takes beginning, end of the last column needed, and number of each row found, and where the columns that
    ``marks`` has a place for begin.
    """
    quote, comma, line, back = np.uint8(34), np.uint8(44), np.uint8(10), np.uint8(13)
    space, tab = np.uint8(32), np.uint8(9)
    begin, prime = np.uint64(_START), np.uint64(_PRIME)
    # Places are without sign, so that the compiler need not think of counting from the end.
    one, none, length = np.uint64(1), np.uint64(0), np.uint64(size)
    found = rows = 0
    #: An area's rows are alike before this column.
    ahead = key_at
    for j in range(width):
        if marks[j] < out.shape[0] - 1:
            ahead = min(ahead, j)
            break
    position = none
    # The row before: where it began, how long it is before that column, and whether its area is wanted.
    earlier = same = none
    earlier_take = True
    while position < length:
        at = position
        if data[at] == line:  # a blank line
            position += one
            continue
        if data[at] == back and at + one < length and data[at + one] == line:
            position += one + one
            continue
        take = True
        field = 0
        # An area's rows begin alike. Where all bytes before the column are the same, so are the cells.
        if same > none and position + same < length:
            differ = np.uint8(0)
            for j in range(same):
                differ |= data[earlier + j] ^ data[position + j]
            if differ == 0:
                at = position + same
                field = ahead
                take = earlier_take
        alike = field > 0
        earlier = position
        cut = none
        while True:  # one cell
            if at >= length:
                return found, position, rows, False
            if field < width:
                out[marks[field], found] = at
            if field == ahead and not alike:
                same = at - position
                earlier_take = take
            doubled = False
            if data[at] == quote:
                at += one
                left = at
                while True:
                    while at < length and data[at] != quote:
                        at += one
                    if at + one >= length:
                        return found, position, rows, False
                    if data[at + one] != quote:
                        break
                    at += one + one
                    doubled = True
                right = at
                at += one
                if not ends[data[at]]:
                    return found, position, rows, True
            else:
                left = at
                while not ends[data[at]]:
                    at += one
                    if at >= length:
                        return found, position, rows, False
                right = at
            if take and not doubled and (field == area_at or field == key_at):  # noqa: SIM109 (faster)
                table = areas if field == area_at else keys
                while left < right and (data[left] == space or data[left] == tab):
                    left += one
                while left < right and (data[right - one] == space or data[right - one] == tab):
                    right -= one
                value = begin
                for j in range(left, right):
                    value = (value ^ np.uint64(data[j])) * prime
                value |= one
                mask = np.uint64(table.size - 1)
                slot = value & mask
                while table[slot] != none and table[slot] != value:
                    slot = (slot + one) & mask
                take = table[slot] == value
            if data[at] == comma:
                if field == upto:
                    cut = at
                field += 1
                at += one
                continue
            if data[at] == back:
                at += one
                if at >= length:
                    return found, position, rows, False
                if data[at] != line:
                    return found, position, rows, True
            break
        if field != width - 1:
            return found, position, rows, True
        if take:
            out[0, found] = position
            out[1, found] = cut if cut > none else at
            out[2, found] = rows
            found += 1
        rows += 1
        position = at + one
    return found, position, rows, False


_compiled: list[Callable[..., tuple[int, int, int, bool]]] = []


def _kernel() -> Callable[..., tuple[int, int, int, bool]]:
    if not _compiled:
        _compiled.append(compiled(_search))
    return _compiled[0]


def _hash(value: bytes) -> int:
    found = _START
    for byte in value:
        found = ((found ^ byte) * _PRIME) & _ALL
    return found | 1


def _hashes(values: Collection[str] | None, encoding: str) -> Hashes:
    """Return a table of hashes to look in, of length 1 where anything is wanted."""
    if values is None:
        return np.zeros(1, dtype=np.uint64)
    size = 1 << max(2, (4 * len(values)).bit_length())
    table = [0] * size
    for value in sorted(values):
        try:
            found = _hash(value.strip(" \t").encode(encoding))
        except UnicodeEncodeError:
            continue  # it cannot stand in such a file
        slot = found & (size - 1)
        while table[slot] not in (0, found):
            slot = (slot + 1) & (size - 1)
        table[slot] = found
    return np.array(table, dtype=np.uint64)


@dataclass(frozen=True)
class _Searched:
    rows: npt.NDArray[np.int64]
    end: int
    seen: int
    broken: bool


class _Blocks:
    """The bytes of a stream in pieces that end with a line, in buffers that are used again.

    ``listener`` is one thread beside the others: hashing takes as long as reading.
    """

    def __init__(self, stream: BinaryIO, heard: Callable[[Buffer], object], listener: Executor, block: int):
        self.stream, self.heard, self.listener, self.block = cast(Any, stream), heard, listener, block
        self.free: list[bytearray] = []

    def __iter__(self) -> Iterator[tuple[bytearray, int, Future[object] | None]]:
        """Yield a buffer, how many of its bytes belong to the piece, and what says that it was heard.

        The last line gets an end if it has none.
        """
        rest = b""
        while True:
            needed = len(rest) + self.block
            buffer = self.free.pop() if self.free else bytearray()
            if len(buffer) < needed:
                buffer = bytearray(needed)
            # Read behind what is left of the piece before, so that the bytes are copied once.
            buffer[: len(rest)] = rest
            fresh = memoryview(buffer)[len(rest) : needed]
            got = self.stream.readinto(fresh)
            if not got:
                break
            hearing = self.listener.submit(self.heard, fresh[:got])
            end = len(rest) + got
            cut = buffer.rfind(b"\n", 0, end) + 1
            rest = bytes(buffer[cut:end])
            if cut:
                yield buffer, cut, hearing
            else:
                self.used(buffer, hearing)
        if rest:
            yield bytearray(rest + b"\n"), len(rest) + 1, None

    def used(self, buffer: bytearray, hearing: Future[object] | None) -> None:
        """Take a buffer back, once its bytes were heard."""
        if hearing:
            hearing.result()
        self.free.append(buffer)


def _searched(
    stream: BinaryIO,
    wanted: Wanted,
    encoding: str,
    shown: str,
    first: int,
    heard: Callable[[Buffer], object],
    block: int,
) -> Iterator[Batch]:
    kernel = _kernel()
    areas, keys = _hashes(wanted.areas, encoding), _hashes(wanted.keys, encoding)
    area_at = wanted.area if wanted.areas is not None else -1
    key_at = wanted.key if wanted.keys is not None else -1
    upto = max(wanted.upto, area_at, key_at)
    # The last place of ``out`` takes the beginnings that nobody asked for.
    marks = np.full(wanted.width, 3 + len(wanted.marks), dtype=np.int64)
    marks[list(wanted.marks)] = np.arange(len(wanted.marks)) + 3

    def job(buffer: bytearray, size: int) -> _Searched:
        data = np.frombuffer(buffer, dtype=np.uint8)
        out = np.empty((4 + len(wanted.marks), size // wanted.width + 1), dtype=np.int64)
        found, end, seen, broken = kernel(
            *(data, size, wanted.width, area_at, key_at, upto, areas, keys, _ENDS, marks, out)
        )
        return _Searched(out[:-1, :found].copy(), end, seen, broken)

    listener = ThreadPoolExecutor(1)
    blocks = _Blocks(stream, heard, listener, block)
    carried = b""
    number = first

    def taken(buffer: bytearray, size: int, hearing: Future[object] | None, future: Future[_Searched]) -> Batch:
        nonlocal carried, number
        result = future.result()
        if carried:  # the piece did not begin with a row
            whole = bytearray(carried + buffer[:size])
            blocks.used(buffer, hearing)
            buffer, size, hearing = whole, len(whole), None
            result = job(buffer, size)
        if result.broken:
            rest = bytes(buffer[result.end : size])
            raise TableError([_broken(shown, number + result.seen, rest, wanted.width, encoding)])
        carried = bytes(buffer[result.end : size])
        if len(carried) > LONGEST:
            raise TableError([_unclosed(shown, number + result.seen)])
        piece = Piece(buffer, result.rows, number, encoding, shown)
        number += result.seen
        blocks.used(buffer, hearing)
        return piece

    waiting: deque[tuple[bytearray, int, Future[object] | None, Future[_Searched]]] = deque()
    with listener, ThreadPoolExecutor(THREADS) as pool:
        try:
            for buffer, size, hearing in blocks:
                waiting.append((buffer, size, hearing, pool.submit(job, buffer, size)))
                if len(waiting) > AHEAD:
                    yield taken(*waiting.popleft())
            while waiting:
                yield taken(*waiting.popleft())
        finally:
            for *_, future in waiting:
                future.cancel()
    if carried:
        raise TableError([_unclosed(shown, number)])


def _rows(
    piece: bytearray, found: npt.NDArray[np.int64], number: int, encoding: str, shown: str
) -> tuple[list[int], Iterable[list[str]]]:
    """Return the rows found in a piece, taken apart by ``csv``."""
    if not found.size:
        return [], []
    # A row that was cut behind a comma ends there; one that was not ends before its line end.
    raw = b"\n".join([piece[left:right] for left, right in found[:2].T.tolist()])
    numbers = (found[2] + number).tolist()
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        place = int(np.searchsorted(np.cumsum(found[1] - found[0] + 1), error.start, side="right"))
        raise TableError([_undecoded(shown, numbers[place], error, encoding)]) from None
    return numbers, csv.reader(io.StringIO(text, newline=""), strict=True)


# -- messages ---------------------------------------------------------------------------------------


def _ragged(shown: str, number: int, cells: int, width: int) -> Problem:
    remedy = "Download the file again; if it stays so, its layout has changed."
    return Problem(shown, number, "", f"{cells} cells", f"{width} cells, as in the header", remedy)


def _unclosed(shown: str, number: int) -> Problem:
    return Problem(shown, number, "", "a quote that is not closed", "CSV with double quotes", _QUOTES)


def _undecoded(shown: str, number: int, error: UnicodeDecodeError, encoding: str) -> Problem:
    return Problem(
        shown,
        number,
        "",
        f"byte 0x{error.object[error.start]:02x}",
        f"text in {encoding}",
        "Name the encoding of the file (encoding=), or download it again.",
    )


def _broken(shown: str, number: int, rest: bytes, width: int, encoding: str) -> Problem:
    """Return what is wrong with the row that the rest of a piece begins with."""
    text = rest.decode(encoding, errors="replace")
    try:
        cells = len(next(csv.reader(io.StringIO(text, newline=""), strict=True)))
    except csv.Error as error:
        return Problem(shown, number, "", str(error), "CSV with double quotes", _QUOTES)
    return _ragged(shown, number, cells, width)

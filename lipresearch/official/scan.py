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
from concurrent.futures import Future, ThreadPoolExecutor
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
    """

    width: int
    area: int
    key: int
    upto: int
    areas: frozenset[str] | None = None
    keys: frozenset[str] | None = None

    def takes(self, row: list[str]) -> bool:
        """Whether a row is wanted."""
        return (self.areas is None or row[self.area].strip(" \t") in self.areas) and (
            self.keys is None or row[self.key].strip(" \t") in self.keys
        )


#: Numbers of rows in the file (the first row after the header is ``first``), and the rows.
Batch = tuple[list[int], Iterable[list[str]]]


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
    (list of int, iterable of list of str)
        Row numbers, and rows as ``csv`` reads them, at least up to the last column needed. Rows that are not wanted may
        be among them.

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
                    yield numbers, rows
                    numbers, rows = [], []
    except csv.Error as error:
        raise TableError([Problem(shown, number + 1, "", str(error), "CSV with double quotes", _QUOTES)]) from None
    except UnicodeDecodeError as error:
        raise TableError([_undecoded(shown, 0, error, encoding)]) from None  # read ahead: the row is not known
    finally:
        text.detach()
    yield numbers, rows


# -- with compiled code -----------------------------------------------------------------------------


def _search(
    data: Bytes,
    width: int,
    area_at: int,
    key_at: int,
    upto: int,
    areas: Hashes,
    keys: Hashes,
    out: npt.NDArray[np.int64],
) -> tuple[int, int, int, bool]:
    """Find the rows of a block that may be wanted.

    Returns their number, where the last whole row ends, how many rows there were, and whether the row there is broken.
    ``out`` takes beginning, end of the last column needed, and number of each row found.
    """
    quote, comma, line, back = np.uint8(34), np.uint8(44), np.uint8(10), np.uint8(13)
    space, tab = np.uint8(32), np.uint8(9)
    begin, prime, one = np.uint64(_START), np.uint64(_PRIME), np.uint64(1)
    size = data.size
    last = max(area_at, key_at)
    found = rows = position = 0
    while position < size:
        at = position
        if data[at] == line:  # a blank line
            position += 1
            continue
        if data[at] == back and at + 1 < size and data[at + 1] == line:
            position += 2
            continue
        take = True
        field = 0
        ended = False
        # The cells up to the last one that decides.
        while field <= last:
            doubled = False
            if data[at] == quote:
                at += 1
                left = at
                while True:
                    while at < size and data[at] != quote:
                        at += 1
                    if at + 1 >= size:
                        return found, position, rows, False
                    if data[at + 1] != quote:
                        break
                    at += 2
                    doubled = True
                right = at
                at += 1
                if data[at] != comma and data[at] != line and data[at] != back:
                    return found, position, rows, True
            else:
                left = at
                while at < size and data[at] != comma and data[at] != line and data[at] != back:
                    at += 1
                if at >= size:
                    return found, position, rows, False
                right = at
            if field in (area_at, key_at) and take and not doubled:
                table = areas if field == area_at else keys
                if table.size > 1:
                    while left < right and (data[left] == space or data[left] == tab):
                        left += 1
                    while left < right and (data[right - 1] == space or data[right - 1] == tab):
                        right -= 1
                    value = begin
                    for j in range(left, right):
                        value = (value ^ np.uint64(data[j])) * prime
                    value |= one
                    mask = np.uint64(table.size - 1)
                    slot = value & mask
                    while table[slot] != 0 and table[slot] != value:
                        slot = (slot + one) & mask
                    take = table[slot] == value
            if data[at] == back:
                if at + 1 >= size:
                    return found, position, rows, False
                if data[at + 1] != line:
                    return found, position, rows, True
                at += 1
            if data[at] == line:
                ended = True
                break
            at += 1
            if at >= size:
                return found, position, rows, False
            field += 1
        cut = -1
        # The rest of the row: only where it ends, and how many cells it has. 0 plain, 1 in quotes, 2 just behind them.
        commas = field
        if not ended:
            state = 0
            before = comma
            while at < size:
                byte = data[at]
                if byte == quote:
                    if state == 1:
                        state = 2
                    elif state == 2 or before == comma:
                        state = 1
                elif state != 1:
                    if byte == comma:
                        if commas == upto:
                            cut = at
                        commas += 1
                        state = 0
                    elif byte == line:
                        break
                    elif before == back or (state == 2 and byte != back):
                        return found, position, rows, True
                before = byte
                at += 1
            if at >= size:
                return found, position, rows, False
        if commas != width - 1:
            return found, position, rows, True
        if take:
            out[found, 0] = position
            out[found, 1] = cut if cut >= 0 else at
            out[found, 2] = rows
            found += 1
        rows += 1
        position = at + 1
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


def _pieces(stream: BinaryIO, heard: Callable[[Buffer], object], block: int) -> Iterator[bytearray]:
    """Yield the bytes of a stream in pieces that end with a line; the last line gets an end if it has none."""
    rest = b""
    while True:
        # Read behind what is left of the piece before, so that the bytes are copied once.
        buffer = bytearray(len(rest) + block)
        buffer[: len(rest)] = rest
        with memoryview(buffer) as view, view[len(rest) :] as fresh:
            got = cast(Any, stream).readinto(fresh)
            heard(fresh[:got])
        if not got:
            break
        end = len(rest) + got
        cut = buffer.rfind(b"\n", 0, end) + 1
        rest = bytes(buffer[cut:end])
        if cut:
            del buffer[cut:]
            yield buffer
    if rest:
        yield bytearray(rest + b"\n")


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

    def job(piece: bytearray) -> _Searched:
        data = np.frombuffer(piece, dtype=np.uint8)
        out = np.empty((int(np.count_nonzero(data == 10)), 3), dtype=np.int64)
        found, end, seen, broken = kernel(data, wanted.width, area_at, key_at, upto, areas, keys, out)
        return _Searched(out[:found].copy(), end, seen, broken)

    carried = bytearray()
    number = first

    def taken(piece: bytearray, future: Future[_Searched]) -> Batch:
        nonlocal carried, number
        if carried:  # the piece did not begin with a row
            future.cancel()
            piece = carried + piece
            result = job(piece)
        else:
            result = future.result()
        if result.broken:
            raise TableError([_broken(shown, number + result.seen, bytes(piece[result.end :]), wanted.width, encoding)])
        carried = piece[result.end :]
        if len(carried) > LONGEST:
            raise TableError([_unclosed(shown, number + result.seen)])
        batch = _rows(piece, result, number, encoding, shown)
        number += result.seen
        return batch

    waiting: deque[tuple[bytearray, Future[_Searched]]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for piece in _pieces(stream, heard, block):
                waiting.append((piece, pool.submit(job, piece)))
                if len(waiting) > AHEAD:
                    yield taken(*waiting.popleft())
            while waiting:
                yield taken(*waiting.popleft())
        finally:
            for _, future in waiting:
                future.cancel()
    if carried:
        raise TableError([_unclosed(shown, number)])


def _rows(piece: bytearray, result: _Searched, number: int, encoding: str, shown: str) -> Batch:
    """Return the rows found in a piece, taken apart by ``csv``."""
    if not len(result.rows):
        return [], []
    # A row that was cut behind a comma ends there; one that was not ends before its line end.
    raw = b"\n".join([piece[left:right] for left, right in result.rows[:, :2].tolist()])
    numbers = (result.rows[:, 2] + number).tolist()
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        place = int(np.searchsorted(np.cumsum(result.rows[:, 1] - result.rows[:, 0] + 1), error.start, side="right"))
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

"""Rows of a large file as numbers: each text is taken apart once, however many rows repeat it.

In a profile an area's rows begin alike, every area has the same characteristics, and figures repeat. So the rows that
the search found are not decoded one by one: three parts of each (what says the area, what says the characteristic, the
figure with its symbol) are looked up, byte for byte, among those met before, and only new ones go through ``csv``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from lipresearch.official.layouts import Plan
from lipresearch.official.scan import Piece
from lipresearch.speed import compiled

Ints = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Parts:
    """Which columns the three parts of a row are.

    Attributes
    ----------
    marks : tuple of int
        Columns at which a part begins or ends: the characteristic's, the one behind it, then those of the figures.
    figures : mapping
        ``{figure: (mark at which it begins, mark before which it ends)}``; -1: it ends where the row is cut.
    """

    marks: tuple[int, ...]
    figures: Mapping[str, tuple[int, int]]


def parts_of(plan: Plan, used: Sequence[str]) -> Parts | None:
    """Return the parts of a layout's rows; None where area, characteristic and figures do not stand in this order.

    Parameters
    ----------
    plan : Plan
        Where things stand in the file.
    used : sequence of str
        The figures that are wanted, ``count`` or ``rate``.
    """
    if plan.measured or plan.fixed or min(plan.key, plan.label) < 1:
        return None
    if max(plan.topic, plan.statistic, plan.low, plan.high) >= 0:
        return None
    begin, end = min(plan.key, plan.label), max(plan.key, plan.label)
    spans = {name: (plan.figures[name][0], max(plan.figures[name])) for name in used}
    together = all(last - first == (plan.figures[name][1] >= 0) for name, (first, last) in spans.items())
    about = max(plan.area, plan.name, plan.level, plan.quality)
    if not spans or not together or about >= begin or min(first for first, _ in spans.values()) <= end:
        return None
    cut = plan.last(used)
    marks = sorted(
        {begin, end + 1, *(mark for first, last in spans.values() for mark in (first, last + 1) if mark <= cut)}
    )
    at = {mark: place for place, mark in enumerate(marks)}
    return Parts(tuple(marks), {name: (at[first], at.get(last + 1, -1)) for name, (first, last) in spans.items()})


# -- texts as numbers -------------------------------------------------------------------------------


def _number(
    data: Bytes,
    begins: Ints,
    ends: Ints,
    numbers: Places,
    slots: Places,
    starts: Ints,
    pool: Bytes,
    after: Places,
    count: int,
    before: int,
) -> int:
    """Give each text the number that it has in the pool, or the next one; returns how many there are then.

    The text number ``n`` is ``pool[starts[n]:starts[n + 1]]``. The text that followed the one before when that stood
    there last is tried first.
    """
    begin, prime = np.uint64(14695981039346656037), np.uint64(1099511628211)
    one, mask = np.uint64(1), np.uint64(slots.size - 1)
    for row in range(begins.size):
        left, size = begins[row], ends[row] - begins[row]
        guess = after[before]
        if guess >= 0 and starts[guess + 1] - starts[guess] == size:
            at = starts[guess]
            differ = np.uint8(0)
            for j in range(size):
                differ |= pool[at + j] ^ data[left + j]
            if differ == 0:
                numbers[row] = before = guess
                continue
        value = begin
        for j in range(size):
            value = (value ^ np.uint64(data[left + j])) * prime
        slot = (value ^ (value >> np.uint64(32))) & mask
        found = -1
        while slots[slot] >= 0:
            guess = slots[slot]
            if starts[guess + 1] - starts[guess] == size:
                at = starts[guess]
                same = True
                for j in range(size):
                    if pool[at + j] != data[left + j]:
                        same = False
                        break
                if same:
                    found = guess
                    break
            slot = (slot + one) & mask
        if found < 0:
            found = count
            at = starts[count]
            for j in range(size):
                pool[at + j] = data[left + j]
            starts[count + 1] = at + size
            slots[slot] = count
            count += 1
        after[before] = found
        numbers[row] = before = found
    return count


def _accented(data: Bytes, begins: Ints, ends: Ints) -> bool:
    """Return whether any byte between these places is not ASCII."""
    found = np.uint8(0)
    for row in range(begins.size):
        for j in range(begins[row], ends[row]):
            found |= data[j]
    return bool(found >= 128)


def _placed(slots: Places, starts: Ints, pool: Bytes, count: int) -> None:
    """Put the numbers of all texts into an empty table of slots."""
    begin, prime = np.uint64(14695981039346656037), np.uint64(1099511628211)
    one, mask = np.uint64(1), np.uint64(slots.size - 1)
    for number in range(count):
        value = begin
        for j in range(starts[number], starts[number + 1]):
            value = (value ^ np.uint64(pool[j])) * prime
        slot = (value ^ (value >> np.uint64(32))) & mask
        while slots[slot] >= 0:
            slot = (slot + one) & mask
        slots[slot] = number


class Texts:
    """Texts of a file, each with what it means: a number that is learned when the text comes for the first time.

    Parameters
    ----------
    meaning : callable
        Takes the cells of a text and returns a number, or None where that cannot be told.
    encoding : str
        How the texts are written.
    """

    def __init__(self, meaning: Callable[[list[str]], int | None], encoding: str):
        self.meaning, self.encoding = meaning, encoding
        self.count, self.last = 0, 0
        self.slots = np.full(1 << 10, -1, dtype=np.int32)
        self.starts = np.zeros(2, dtype=np.int64)
        self.after = np.full(1, -1, dtype=np.int32)
        self.pool = np.empty(1 << 10, dtype=np.uint8)
        self.meanings = np.empty(0, dtype=np.int32)

    def of(self, data: Bytes, begins: Ints, ends: Ints) -> Places | None:
        """Return what the texts between these places mean; None if that of one of them cannot be told."""
        self._make_room(len(begins), int((ends - begins).sum()))
        numbers = np.empty(len(begins), dtype=np.int32)
        self.count = _kernel(_number)(
            *(data, begins, ends, numbers, self.slots, self.starts, self.pool, self.after, self.count, self.last)
        )
        if len(numbers):
            self.last = int(numbers[-1])
        fresh = self._learned(len(self.meanings))
        self.meanings = np.append(self.meanings, np.array(fresh, dtype=np.int32))
        return self.meanings[numbers] if len(self.meanings) == self.count else None

    def _learned(self, begin: int) -> list[int]:
        """Return the meanings of the texts from a number on, up to the first that has none."""
        ends = self.starts[begin : self.count + 1].tolist()
        raw = self.pool[ends[0] : ends[-1]].tobytes()
        lines = b"".join([raw[left - ends[0] : right - ends[0]] + b"\n" for left, right in pairwise(ends)])
        found: list[int] = []
        try:
            for cells in csv.reader(io.StringIO(lines.decode(self.encoding), newline=""), strict=True):
                meaning = self.meaning(cells or [""])
                if meaning is None:
                    break
                found.append(meaning)
        except (UnicodeDecodeError, csv.Error):
            pass
        return found

    def _make_room(self, texts: int, size: int) -> None:
        """Make room for so many texts and bytes more, if none of them has come before."""
        most = self.count + texts
        if len(self.starts) < most + 1:
            self.starts = np.resize(self.starts, 2 * most + 1)
            self.after = np.append(self.after, np.full(2 * most - len(self.after), -1, dtype=np.int32))
        filled = int(self.starts[self.count])
        if len(self.pool) < filled + size:
            self.pool = np.resize(self.pool, 2 * (filled + size))
        if len(self.slots) < 2 * most:
            self.slots = np.full(1 << (2 * most).bit_length(), -1, dtype=np.int32)
            _kernel(_placed)(self.slots, self.starts, self.pool, self.count)


_compiled: dict[str, Callable[..., Any]] = {}


def _kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    if function.__name__ not in _compiled:
        _compiled[function.__name__] = compiled(function)
    return _compiled[function.__name__]


# -- rows as numbers --------------------------------------------------------------------------------


class Coded:
    """Takes the rows of a piece as numbers.

    Parameters
    ----------
    parts : Parts
        Which columns the parts of a row are.
    encoding : str
        How the file is written.
    area : callable
        Takes the cells before the characteristic and returns the place of the area, -1 where it is not asked for.
    items : callable
        Takes the cells of the characteristic and its label and returns its ``(place, figure)``, several
        where it gives several, none where it is not asked for; None where they are not what they should be.
    pair : callable
        Takes a figure's cell and its symbol and returns the place of the pair; None if they are neither.
    """

    def __init__(
        self,
        parts: Parts,
        encoding: str,
        area: Callable[[list[str]], int],
        items: Callable[[list[str]], Sequence[tuple[int, str]] | None],
        pair: Callable[[str, str], int | None],
    ):
        self.parts, self.items, self.pair = parts, items, pair
        self.heads = Texts(area, encoding)
        self.whats = Texts(self._kinds, encoding)
        self.figures = Texts(lambda cells: self.pair(cells[0], cells[1] if len(cells) > 1 else ""), encoding)
        #: The characteristics met: where in the lists below theirs begin, and how many they are.
        self.first: list[int] = []
        self.many: list[int] = []
        self.place: list[int] = []
        self.spans: list[tuple[int, int]] = []

    def _kinds(self, cells: list[str]) -> int | None:
        items = self.items(cells)
        if items is None:
            return None
        self.first.append(len(self.place))
        self.many.append(len(items))
        self.place += [place for place, _ in items]
        self.spans += [self.parts.figures[figure] for _, figure in items]
        return len(self.first) - 1

    def take(self, piece: Piece) -> tuple[Places, Places, Places] | None:
        """Return places of area, characteristic and pair, one each for a figure in the order of the rows.

        None where a row holds what is not understood, so that the rows must be looked at one by one.
        """
        data = np.frombuffer(piece.buffer, dtype=np.uint8)
        begin, cut, marks = piece.found[0], piece.found[1], piece.found[3:]
        what, behind = marks[0], marks[1]
        # What is passed over is not decoded, so it must not hold what could not be.
        if _kernel(_accented)(data, behind, cut):
            return None
        kinds = self.whats.of(data, what, behind - 1)
        if kinds is None:
            return None
        many = np.array(self.many, dtype=np.int64)[kinds]
        wanted = np.flatnonzero(many)
        heads = self.heads.of(data, begin[wanted], what[wanted] - 1)
        if heads is None:
            return None
        wanted, heads = wanted[heads >= 0], heads[heads >= 0]
        many, kinds = many[wanted], kinds[wanted]
        rows, areas = np.repeat(wanted, many), np.repeat(heads, many)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many)
        item = np.repeat(np.array(self.first, dtype=np.int64)[kinds], many) + within
        span = np.array(self.spans, dtype=np.int64).reshape(-1, 2)[item]
        ends = np.where(span[:, 1] < 0, cut[rows], marks[span[:, 1], rows] - 1)
        pairs = self.figures.of(data, marks[span[:, 0], rows], ends)
        if pairs is None:
            return None
        return areas, np.array(self.place, dtype=np.int32)[item], pairs

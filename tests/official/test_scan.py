"""Passing once over a large file: no wanted row is lost, whatever stands in its cells and wherever blocks end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lipresearch.errors import TableError
from lipresearch.official import scan
from lipresearch.official.scan import Wanted, batches
from lipresearch.speed import has_numba

ENGINES = [False, pytest.param(True, marks=pytest.mark.skipif(not has_numba(), reason="needs numba"))]
HOSTILE = st.text(alphabet='ab12,"\n\r é’ à:\u00a0\t', max_size=8)
KEYS = st.sampled_from(["1", "2", " 2", "22", "x\n2", 'q"2', "", "2 ", "é"])


def written(rows: list[list[str]], end: str, quote_all: bool) -> bytes:
    def cell(text: str) -> str:
        plain = not quote_all and text and not set(text) & set('",\r\n')
        return text if plain else '"' + text.replace('"', '""') + '"'

    return "".join(",".join(map(cell, row)) + end for row in rows).encode("cp1252")


def slow(raw: bytes, wanted: Wanted) -> list[tuple[int, list[str]]]:
    """Return the wanted rows with their numbers, read in the plainest way."""
    text = raw.decode("cp1252")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return [
        (number, row[: wanted.upto + 1])
        for number, row in enumerate(rows, start=2)
        if (wanted.areas is None or row[wanted.area].strip(" \t") in wanted.areas)
        and (wanted.keys is None or row[wanted.key].strip(" \t") in wanted.keys)
    ]


def found(raw: bytes, wanted: Wanted, fast: bool, block: int) -> list[tuple[int, list[str]]]:
    kept: list[tuple[int, list[str]]] = []
    for numbers, rows in batches(io.BytesIO(raw), wanted, "cp1252", "a.csv", fast=fast, block=block):
        kept += [
            (number, row[: wanted.upto + 1]) for number, row in zip(numbers, rows, strict=True) if wanted.takes(row)
        ]
    return kept


@pytest.mark.parametrize("fast", ENGINES)
@settings(max_examples=300)
@given(
    rows=st.lists(st.tuples(HOSTILE, KEYS, HOSTILE, KEYS, HOSTILE).map(list), max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    quote_all=st.booleans(),
    block=st.integers(1, 60),
    areas=st.none() | st.frozensets(KEYS.map(str.strip), max_size=3),
    keys=st.none() | st.frozensets(KEYS.map(str.strip), max_size=3),
    upto=st.integers(3, 4),
    cut=st.booleans(),
)
@example([["a\n", "1", '"', "2", ""]] * 2, "\r\n", False, 3, frozenset({"1"}), frozenset({"2"}), 4, True)
def test_exactly_the_wanted_rows_are_found(
    fast: bool,
    rows: list[list[str]],
    end: str,
    quote_all: bool,
    block: int,
    areas: frozenset[str] | None,
    keys: frozenset[str] | None,
    upto: int,
    cut: bool,
) -> None:
    raw = written(rows, end, quote_all)
    if cut:
        raw = raw.removesuffix(end.encode())
    wanted = Wanted(5, 1, 3, upto, areas, keys)
    assert found(raw, wanted, fast, block) == slow(raw, wanted)


@pytest.mark.parametrize("fast", ENGINES)
def test_cells_without_quotes_may_hold_some_and_blank_lines_are_passed_over(fast: bool) -> None:
    raw = b'1,5" pipe,2\r\n\r\n\n1,a"b""c,2\n2,x,2\n1,"",2'
    wanted = Wanted(3, 0, 2, 2, frozenset({"1"}), frozenset({"2"}))
    assert found(raw, wanted, fast, 7) == slow(raw, wanted)
    assert [row[1] for _, row in found(raw, wanted, fast, 7)] == ['5" pipe', 'a"b""c', ""]


@pytest.mark.parametrize("fast", ENGINES)
@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            b"1,a,2\n1,2\n",
            r"a\.csv, row 3: found 2 cells, expected 3 cells, as in the header\. Download the file again",
        ),
        (b"1,a,2\n1,a,2,4\n", r"a\.csv, row 3: found 4 cells, expected 3 cells"),
        (b"9,a,2\n9,a\n", r"a\.csv, row 3: found 2 cells, expected 3 cells"),
        (b'1,"a"b,2\n', r"a\.csv, row 2: found ',' expected after '\"', expected CSV with double quotes"),
        (b'1,a,"2"b\n', r"a\.csv, row 2: found ',' expected after '\"', expected CSV with double quotes"),
        (b"1,a,2\n1,\x81,2\n", r"a\.csv(, row 3)?: found byte 0x81, expected text in cp1252\. Name the encoding"),
    ],
)
def test_broken_rows_are_named(fast: bool, raw: bytes, message: str) -> None:
    with pytest.raises(TableError, match=message):
        found(raw, Wanted(3, 0, 2, 2, frozenset({"1"}), frozenset({"2"})), fast, 1 << 16)


@pytest.mark.parametrize("fast", ENGINES)
def test_a_quote_that_is_not_closed_is_named(fast: bool) -> None:
    raw = b'1,a,2\n1,"a,2\n' + b"1,a,2\n" * 5
    with pytest.raises(TableError, match=r"a\.csv, row 3: found (a quote that is not closed|unexpected end of data)"):
        found(raw, Wanted(3, 0, 2, 2, None, frozenset({"2"})), fast, 8)


def test_a_quote_that_is_never_closed_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    if not has_numba():
        pytest.skip("needs numba")
    monkeypatch.setattr(scan, "LONGEST", 1000)
    read = 0

    class Endless(io.BytesIO):
        def readinto(self, buffer: Any) -> int:
            nonlocal read
            read += 1
            raw = (b'1,"a,2\n' if read == 1 else b"1,a,2\n" * 20) if read < 10_000 else b""
            buffer[: len(raw)] = raw
            return len(raw)

    with pytest.raises(TableError, match=r"row 2: found a quote that is not closed"):
        found_all(Endless())
    assert read < 100


def found_all(stream: io.BytesIO) -> list[list[str]]:
    def rows() -> Iterator[list[str]]:
        for _, part in batches(stream, Wanted(3, 0, 2, 2, None, frozenset({"2"})), "cp1252", "a.csv", fast=True):
            yield from part

    return list(rows())


def test_values_of_the_same_hash_slot_are_told_apart() -> None:
    values = frozenset(str(number) for number in range(0, 2000, 3))
    raw = b"".join(b"%d,a,%d\n" % (number, number) for number in range(2000))
    wanted = Wanted(3, 0, 2, 2, values, values)
    for fast in (False, has_numba()):
        kept = found(raw, wanted, fast, 500)
        assert [row[0] for _, row in kept] == [str(number) for number in range(0, 2000, 3)]


@pytest.mark.parametrize("fast", ENGINES)
def test_all_bytes_are_heard_once_and_in_order(fast: bool) -> None:
    raw = b"1,a,2\n" * 1000
    heard = bytearray()
    list(batches(io.BytesIO(raw), Wanted(3, 0, 2, 2), "cp1252", "a.csv", heard=heard.extend, fast=fast, block=100))
    assert bytes(heard) == raw

"""The strict reader of published files."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipresearch.compilers.base import SYMBOLS, Col, Loose, Sources, TableSpec, missing_message, number
from lipresearch.errors import NotFoundError, TableError
from lipresearch.tables import REASONS


def slow_number(text: str) -> str:
    """Say the rule again, one character at a time."""
    kept = "".join(letter for letter in text.strip() if letter not in ",%").strip()
    return kept[:-2] if kept.endswith(".0") else kept


def written(root: Path, text: bytes, name: str = "a.csv") -> Sources:
    (root / name).write_bytes(text)
    return Sources(root)


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.booleans(), st.booleans())
def test_numbers_lose_only_their_dress(whole: int, decimals: int, thousands: bool, percent: bool) -> None:
    fraction = "" if decimals == 0 else "." + "1234567"[:decimals]
    text = (f"{whole:,}" if thousands else str(whole)) + fraction + ("%" if percent else "")
    assert number(text) == slow_number(text)
    assert number(number(text)) == number(text)
    assert float(number(text)) == float(str(whole) + fraction)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_numbers_are_never_rounded(value: float) -> None:
    assert float(number(repr(value))) == value


@pytest.mark.parametrize("symbol", sorted(SYMBOLS))
def test_every_symbol_is_a_reason_and_never_a_number(symbol: str) -> None:
    assert number(f" {symbol} ") in REASONS


def test_the_symbols_mean_what_the_publishers_say() -> None:
    assert [number(text) for text in ("x", "F", "..", "SP")] == ["suppressed"] * 4
    assert number("...") == "not applicable"
    assert [number(text) for text in ("", "N/D", "N/R")] == ["not published"] * 3
    assert number("0") == "0"


@pytest.mark.parametrize("cell", ["1,2", "12,34,567", "n/a", "1 000", "nan", "inf", "1;2", "-", "...."])
def test_what_is_neither_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"neither a number nor a missing symbol: {cell!r}")):
        number(cell)


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    sheet = written(tmp_path, b"\xef\xbb\xbfcode,value\n1,5\n").table("a.csv", ["code", "value"])
    assert list(sheet.header) == ["code", "value"]
    assert sheet.rows[0].number("value") == "5"


def test_a_legacy_file_keeps_its_accents(tmp_path: Path) -> None:
    sources = written(tmp_path, "name\nRéserve\n".encode("cp1252"))
    assert sources.table("a.csv", ["name"], legacy="cp1252").rows[0]["name"] == "Réserve"
    with pytest.raises(TableError, match=r"a\.csv, row 2: found byte 0xe9, expected UTF-8 text\. Take the edition"):
        Sources(tmp_path).table("a.csv", ["name"])


def test_a_byte_that_is_in_no_encoding_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"found byte 0x81, expected UTF-8 text or cp1252"):
        written(tmp_path, b"name\nok\n\x81\n").table("a.csv", ["name"], legacy="cp1252")


def test_another_layout_names_file_found_and_expected_columns(tmp_path: Path) -> None:
    expected = (
        r"a\.csv, row 1: found the columns 'code', 'worth', expected each once 'value'\. Take the edition named in"
    )
    with pytest.raises(TableError, match=expected):
        written(tmp_path, b"code,worth\n1,5\n").table("a.csv", ["code", "value"])


def test_a_column_that_is_there_twice_is_another_layout(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"expected each once 'value'"):
        written(tmp_path, b"code,value,value\n1,5,6\n").table("a.csv", ["code", "value"])


def test_a_missing_symbols_column_is_another_layout(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"expected each once 'Symbols after value'"):
        written(tmp_path, b"code,value,rank\n1,5,6\n").table("a.csv", ["code", "value"], symbols=["value"])


def test_symbols_stand_in_the_next_column(tmp_path: Path) -> None:
    text = b"code,value,Symbols,rank,Symbols\n1,5,r,7,\n2,,..,,...\n"
    sheet = written(tmp_path, text).table("a.csv", ["value", "rank"], symbols=["value", "rank"])
    assert [(row.with_symbol("value"), row.with_symbol("rank")) for row in sheet.rows] == [
        ("5", "7"),
        ("suppressed", "not applicable"),
    ]


def test_every_ragged_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        TableError, match=r"(?s)2 problems.*row 2: found 1 cells, expected 2 cells.*row 4: found 3 cells"
    ):
        written(tmp_path, b"a,b\n1\n1,2\n1,2,3\n").table("a.csv", ["a"])


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"a\.csv: found an empty file, expected a header line and rows"):
        written(tmp_path, b"").table("a.csv", ["a"])


def test_a_broken_quote_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"a\.csv, row \d+: found .*, expected CSV"):
        written(tmp_path, b'a,b\n"x"y,2\n').table("a.csv", ["a"])


def test_what_is_no_number_is_collected_with_its_line(tmp_path: Path) -> None:
    sources = written(tmp_path, b'code,value\n1,5\n"two\nlines",six\n3,7?\n')
    assert [row.number("value") for row in sources.table("a.csv", ["value"]).rows] == ["5"] + ["not published"] * 2
    assert [(one.row, one.column, one.found) for one in sources.problems] == [
        (3, "value", "'six'"),
        (5, "value", "'7?'"),
    ]


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(
        NotFoundError, match=r"1 published file is missing.*\n  a\.csv\nName the folder that holds census/"
    ):
        Sources(tmp_path).table("a.csv", ["a"])
    assert missing_message(["b", "a"], tmp_path).splitlines()[1:3] == ["  a", "  b"]


def test_a_file_that_is_read_is_recorded_with_its_hash(tmp_path: Path) -> None:
    sources = written(tmp_path, b"abc")
    sources.text("a.csv")
    assert sources.origins == {"a.csv": (3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")}


def test_a_table_is_declared_with_its_key_first() -> None:
    columns = (Col("name", "text", "", ""), Col("cd", "id", "", ""))
    with pytest.raises(ValueError, match="the key must be the first columns"):
        TableSpec("a.csv", "cd", ("cd",), columns)
    with pytest.raises(ValueError, match="unknown level: county"):
        TableSpec("a.csv", "county", ("cd",), columns[::-1])
    assert TableSpec("a.csv", "cd", ("cd",), columns[::-1]).schema.names == ["cd", "name"]


def test_a_packed_file_that_is_broken_is_named(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n1,2\n", mtime=0)
    for name, raw in (
        ("plain.csv.gz", b"a,b\n1,2\n"),
        ("cut.csv.gz", whole[:-9]),
        ("bad.csv.gz", whole[:12] + b"x" * 20),
    ):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(TableError, match=rf"{name}: .*expected a file packed with gzip"):
            Sources(tmp_path).text(name)
    (tmp_path / "good.csv.gz").write_bytes(whole)
    assert Sources(tmp_path).text("good.csv.gz") == "a,b\n1,2\n"


def test_a_quote_inside_a_cell_need_not_be_doubled(tmp_path: Path) -> None:
    text = b'a,b\n"Limit "B"","1"\n"Peel","2"\n'
    written(tmp_path, text)
    with pytest.raises(TableError, match="CSV"):
        Sources(tmp_path).table("a.csv", ("a", "b"))
    assert [row["a"] for row in Loose(tmp_path).table("a.csv", ("a", "b")).rows] == ['Limit "B"', "Peel"]

"""Tables are read strictly, written whole or not at all, and come back as they were."""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lipresearch import tables
from lipresearch.errors import NotFoundError, TableError
from lipresearch.tables import (
    KINDS,
    MOST,
    NUMERIC,
    REASONS,
    Column,
    Schema,
    Table,
    format_number,
    parse_number,
    read_table,
    read_text,
    text_problem,
    write_table,
    write_text,
)

SCHEMA = Schema(
    (
        Column("area", "id"),
        Column("people", "count", reasons=True),
        Column("kind", "choice", choices=("urban", "rural")),
        Column("sure", "flag"),
        Column("part", "share", required=False),
        Column("rate", "percent", required=False),
        Column("index", "number", required=False, low=-2, high=2),
        Column("note", required=False),
    ),
    ("area",),
)
HEADER = "area,people,kind,sure,part,rate,index,note\n"
ROW = "3501,10,urban,yes,0.5,50,-1.5,fine\n"
MISSING_WORDS = "A missing value is written as one of: suppressed, not published, not applicable."


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Table]:
    def reader(content: str | bytes, schema: Schema = SCHEMA) -> Table:
        path = tmp_path / "t.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, schema, "t.csv")

    return reader


# ---- what a table gives -------------------------------------------------------------------------


def test_a_table_as_read(read: Callable[..., Table]) -> None:
    table = read(HEADER + ROW + "3502,suppressed,rural,no,,,,\n")
    assert list(table.values.columns) == SCHEMA.names
    assert table.values.iloc[0].tolist() == ["3501", 10.0, "urban", "yes", 0.5, 50.0, -1.5, "fine"]
    second = table.values.iloc[1]
    assert second["area"] == "3502"
    assert second["note"] == ""
    assert all(math.isnan(second[name]) for name in ("people", "part", "rate", "index"))
    assert list(table.reasons.columns) == ["people", "part", "rate", "index"]
    assert table.reasons.loc[0].tolist() == ["", "", "", ""]
    assert table.reasons.loc[1].tolist() == ["suppressed", "", "", ""]
    assert table.lines == [2, 3]
    for column in SCHEMA.columns:
        if column.kind in NUMERIC:
            assert table.values[column.name].dtype == "float64"
        else:
            assert all(type(value) is str for value in table.values[column.name])


def test_a_missing_number_and_its_reason_go_together(read: Callable[..., Table]) -> None:
    content = "area,people\n" + "".join(f"{place},{word}\n" for place, word in enumerate([*REASONS, "0", "7"]))
    table = read(content, Schema((Column("area", "id"), Column("people", "count", reasons=True)), ("area",)))
    assert table.values["people"].isna().tolist() == [word != "" for word in table.reasons["people"]]
    assert table.reasons["people"].tolist() == [*REASONS, "", ""]
    assert table.values["people"].tolist()[3:] == [0.0, 7.0]


def test_there_are_three_reasons_and_each_says_what_it_means() -> None:
    assert list(REASONS) == ["suppressed", "not published", "not applicable"]
    assert len(set(REASONS.values())) == 3


def test_a_header_alone_is_a_table_without_rows(read: Callable[..., Table]) -> None:
    table = read(HEADER)
    assert table.values.shape == (0, 8)
    assert table.reasons.shape == (0, 4)
    assert table.lines == []
    assert table.values["people"].dtype == "float64"


def test_ids_stay_text(read: Callable[..., Table]) -> None:
    ids = ["001", "1e3", "1", "1.0", "nan", "NA", "None", "True", "0x1", "-", "é", "N° 4"]
    table = read("area\n" + "".join(f"{name}\n" for name in ids), Schema((Column("area", "id"),), ("area",)))
    assert table.values["area"].tolist() == ids


def test_a_mark_at_the_start_and_windows_line_ends_are_harmless(read: Callable[..., Table]) -> None:
    plain = read(HEADER + ROW)
    dressed = read(b"\xef\xbb\xbf" + (HEADER + ROW).replace("\n", "\r\n").encode())
    pd.testing.assert_frame_equal(plain.values, dressed.values)
    pd.testing.assert_frame_equal(read(HEADER + ROW.rstrip("\n")).values, plain.values)


def test_commas_quotes_and_line_ends_inside_quotes_are_text(read: Callable[..., Table]) -> None:
    table = read(HEADER + '"3501",10,urban,yes,,,,"a, ""b""\nc"\n\n3502,5,urban,no,,,,d\n')
    assert table.values["note"].tolist() == ['a, "b"\nc', "d"]
    assert table.lines == [2, 5]


@given(st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_line_numbers_count_blank_lines(tmp_path_factory: pytest.TempPathFactory, blank: list[int]) -> None:
    path = tmp_path_factory.mktemp("blank") / "t.csv"
    content = "area\n" + "".join("\n" * n + f"a{place}\n" for place, n in enumerate(blank))
    path.write_text(content, newline="")
    table = read_table(path, Schema((Column("area", "id"),), ("area",)))
    assert [content.split("\n")[line - 1] for line in table.lines] == table.values["area"].tolist()
    assert len(table.lines) == 4


# ---- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"",
            "t.csv: found an empty file, expected a header line and rows. Write the header line, or "
            "restore the file with git.",
        ),
        (
            b"\n\r\n\n",
            "t.csv: found an empty file, expected a header line and rows. Write the header line, or "
            "restore the file with git.",
        ),
        (
            b"\xef\xbb\xbf",
            "t.csv: found an empty file, expected a header line and rows. Write the header line, or "
            "restore the file with git.",
        ),
        (
            HEADER.encode() + "café".encode("latin-1"),
            "t.csv, row 2: found byte 0xe9, expected UTF-8 text. Save the file as CSV UTF-8.",
        ),
        (
            HEADER.encode("utf-16"),
            "t.csv, row 1: found byte 0xff, expected UTF-8 text. Save the file as CSV UTF-8.",
        ),
        (
            HEADER.encode("utf-16-le"),
            "t.csv, row 1: found a NUL character, expected plain text. Save the file as CSV UTF-8.",
        ),
        (
            (HEADER + ROW + "3502,\x00").encode(),
            "t.csv, row 3: found a NUL character, expected plain text. Save the file as CSV UTF-8.",
        ),
        (
            (HEADER + ROW + '3502,1,urban,yes,,,,"open\n').encode(),
            "t.csv, row 3: found unexpected end of data, expected CSV with double quotes. "
            "Check the quotes in this row.",
        ),
        (
            (HEADER + '"3501"x,1,urban,yes,,,,\n').encode(),
            "t.csv, row 2: found ',' expected after '\"', expected CSV with double quotes. "
            "Check the quotes in this row.",
        ),
        (
            (HEADER + "3501,1,urban,yes,,,," + "z" * 200_000 + "\n").encode(),
            "t.csv, row 2: found field larger than field limit (131072), expected CSV with double quotes. "
            "Check the quotes in this row.",
        ),
    ],
    ids=["empty", "blank", "mark only", "latin-1", "utf-16", "utf-16 without mark", "NUL", "open", "after", "long"],
)
def test_a_file_that_is_no_table(read: Callable[..., Table], content: bytes, message: str) -> None:
    with pytest.raises(TableError, match=rf"^1 problem in the tables\. Nothing was changed\.\n  {re.escape(message)}$"):
        read(content)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("area;people", "semicolons between the columns, expected commas. Save it with commas as separators."),
        ("area", "no column people, expected the header area,people. Correct the header line."),
        ("area,people,x", "unknown column 'x', expected the header area,people. Correct the header line."),
        ("area,People", "no column people; unknown column 'People', expected the header area,people."),
        ("area, people", "no column people; unknown column ' people', expected the header area,people."),
        ("area,people,area", "twice area, expected the header area,people. Correct the header line."),
        ("area,area", "no column people; twice area, expected the header area,people."),
        ("people,area", "the columns in another order, expected the header area,people. Correct the header line."),
        ("area\tpeople", "tabs between the columns, expected commas. Save it with commas as separators."),
        ("area,people,", "unknown column '', expected the header area,people. Correct the header line."),
        ("\ufeff\ufeffarea,people", r"no column area; unknown column '\ufeffarea', expected the header area,people."),
    ],
)
def test_a_wrong_header(read: Callable[..., Table], header: str, found: str) -> None:
    schema = Schema((Column("area", "id"), Column("people", "count")), ("area",))
    with pytest.raises(TableError, match=rf"\n  t\.csv, row 1: found {re.escape(found)}"):
        read(f"{header}\na,1\n", schema)


NO_REMEDY, POINT = "", "Write a decimal point, no thousands separator."


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("area", "", "found an empty cell, expected a id. Fill the cell."),
        ("area", " 3501", "found ' 3501', expected no spaces at the ends. Remove the spaces."),
        ("area", "3501\u00a0", r"found '3501\xa0', expected no spaces at the ends. Remove the spaces."),
        ("area", "\t3501", r"found '\t3501', expected no spaces at the ends. Remove the spaces."),
        ("people", " ", "found ' ', expected no spaces at the ends. Remove the spaces."),
        ("people", "10 ", "found '10 ', expected no spaces at the ends. Remove the spaces."),
        (
            "people",
            "",
            "found an empty cell, expected a count. "
            "Write the number, or one of: suppressed, not published, not applicable.",
        ),
        ("people", "1,5", f"found '1,5', expected a number. {POINT} {MISSING_WORDS}"),
        ("people", "1 000", f"found '1 000', expected a number. {POINT} {MISSING_WORDS}"),
        ("people", "1\u202f000", rf"found '1\u202f000', expected a number. {POINT} {MISSING_WORDS}"),
        ("people", "x", f"found 'x', expected a number. {MISSING_WORDS}"),
        ("people", "F", f"found 'F', expected a number. {MISSING_WORDS}"),
        ("people", "..", f"found '..', expected a number. {POINT} {MISSING_WORDS}"),
        ("people", "Suppressed", f"found 'Suppressed', expected a number. {MISSING_WORDS}"),
        ("people", "NaN", f"found 'NaN', expected a number. {MISSING_WORDS}"),
        ("people", "inf", f"found 'inf', expected a number. {MISSING_WORDS}"),
        ("people", "1e999", f"found '1e999', expected a number. {MISSING_WORDS}"),
        ("people", "١٢", f"found '١٢', expected a number. {POINT} {MISSING_WORDS}"),
        ("people", "12%", f"found '12%', expected a number. {MISSING_WORDS}"),
        ("people", "1_000", f"found '1_000', expected a number. {MISSING_WORDS}"),
        ("people", "0x1F", f"found '0x1F', expected a number. {MISSING_WORDS}"),
        ("people", "\u221215", f"found '\u221215', expected a number. {MISSING_WORDS}"),
        ("people", "-1", "found -1, expected a number from 0 to 1e+15. Check the unit of this column."),
        ("kind", "Urban", "found 'Urban', expected one of urban, rural."),
        ("kind", "", "found an empty cell, expected a choice. Fill the cell."),
        ("sure", "TRUE", "found 'TRUE', expected yes or no."),
        ("part", "50", "found 50, expected a number from 0 to 1. Check the unit of this column."),
        ("part", "-0.1", "found -0.1, expected a number from 0 to 1. Check the unit of this column."),
        ("part", "suppressed", "found 'suppressed', expected a number."),
        ("part", "1,5", f"found '1,5', expected a number. {POINT}"),
        ("rate", "100.1", "found 100.1, expected a number from 0 to 100. Check the unit of this column."),
        ("index", "2.1", "found 2.1, expected a number from -2 to 2. Check the unit of this column."),
    ],
)
def test_a_cell_that_cannot_be_used(read: Callable[..., Table], column: str, cell: str, message: str) -> None:
    cells = dict(zip(SCHEMA.names, ROW.strip().split(","), strict=True)) | {column: cell}
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerow(cells.values())
    with pytest.raises(TableError, match=rf"\n  t\.csv, row 2, column {column}: {re.escape(message)}$"):
        read(HEADER + buffer.getvalue())


@pytest.mark.parametrize(("cells", "found"), [("3501,10", 2), (ROW.strip() + ",more", 9), ("3501;10", 1), ('""', 1)])
def test_a_row_of_another_length(read: Callable[..., Table], cells: str, found: int) -> None:
    message = rf"t\.csv, row 2: found {found} cells, expected 8 cells\. Put cells that hold a comma in double quotes\."
    with pytest.raises(TableError, match=message):
        read(HEADER + cells + "\n")


def test_a_carriage_return_in_the_middle_of_a_row(read: Callable[..., Table]) -> None:
    with pytest.raises(TableError, match=r"row 3: found 1 cells, expected 8 cells"):
        read(HEADER + ROW.replace("fine", "fi\rne"))


def test_a_key_that_comes_twice(read: Callable[..., Table]) -> None:
    schema = Schema((Column("area", "id"), Column("year", "id"), Column("note", required=False)), ("area", "year"))
    fine = "area,year,note\na,2016,\na,2021,\nb,2016,\n"
    assert len(read(fine, schema).lines) == 3
    message = (
        r"row 6, column area, year: found again a, 2021, expected each only once \(first in row 3\)\. "
        r"Remove one of the two rows\."
    )
    with pytest.raises(TableError, match=message):
        read(fine + "\na,2021,other\n", schema)


def test_a_key_that_comes_three_times_points_to_the_first(read: Callable[..., Table]) -> None:
    schema = Schema((Column("area", "id"),), ("area",))
    with pytest.raises(TableError, match=r"(?s)row 3, .*\(first in row 2\).*row 4, .*\(first in row 2\)"):
        read("area\na\na\na\n", schema)


def test_every_failure_comes_in_one_error(read: Callable[..., Table]) -> None:
    content = HEADER + "3501,x,town,maybe,,,,\n" + ROW + "3502\n" + ROW.replace("0.5", "5")
    with pytest.raises(TableError, match=r"^7 problems in the tables\. Nothing was changed\.") as caught:
        read(content)
    found = [(problem.row, problem.column) for problem in caught.value.problems]
    first_row, second_row = [(2, "people"), (2, "kind"), (2, "sure")], [(3, "area")]
    assert found == [*first_row, *second_row, (4, ""), (5, "part"), (5, "area")]


def test_the_file_keeps_its_own_name_in_messages(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("")
    with pytest.raises(TableError, match=re.escape(f"{path.as_posix()}: found an empty file")):
        read_table(path, SCHEMA)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"^t\.csv is missing\. Restore it with git, or see CONTRIBUTING\.md\.$"):
        read_text(tmp_path / "t.csv", "t.csv")


def test_an_unknown_kind_of_column() -> None:
    with pytest.raises(ValueError, match=r"^unknown kind of column: integer$"):
        Column("people", "integer")


@given(st.sampled_from(KINDS), st.floats(-200, 200), st.floats(-200, 200))
def test_limits_only_ever_narrow(kind: str, low: float, high: float) -> None:
    allowed = {"count": (0, MOST), "share": (0, 1), "percent": (0, 100)}.get(kind, (-MOST, MOST))
    assert Column("x", kind).limits == allowed
    assert Column("x", kind, low=low, high=high).limits == (max(low, allowed[0]), min(high, allowed[1]))


@given(st.floats(-150, 150), st.sampled_from(NUMERIC))
def test_a_number_is_kept_exactly_or_refused(tmp_path_factory: pytest.TempPathFactory, value: float, kind: str) -> None:
    path = tmp_path_factory.mktemp("limit") / "t.csv"
    path.write_text(f"x\n{value!r}\n")
    column = Column("x", kind, low=-120)
    if max(-120, {"number": -math.inf}.get(kind, 0)) <= value <= {"share": 1, "percent": 100}.get(kind, math.inf):
        assert read_table(path, Schema((column,), ("x",))).values["x"].tolist() == [value]
    else:
        with pytest.raises(TableError, match=r"expected a number from .* Check the unit of this column\."):
            read_table(path, Schema((column,), ("x",)))


# ---- numbers ------------------------------------------------------------------------------------


def slow_is_number(text: str) -> bool:
    """Say by hand, letter by letter, whether a text is a decimal number."""
    rest = text[1:] if text[:1] in ("+", "-") else text
    for mark in "eE":
        rest, found, exponent = rest.partition(mark)
        if found:
            digits = exponent[1:] if exponent[:1] in ("+", "-") else exponent
            if not digits or any(letter not in "0123456789" for letter in digits):
                return False
            break
    if rest.count(".") > 1:
        return False
    digits = rest.replace(".", "")
    return bool(digits) and all(letter in "0123456789" for letter in digits)


@given(st.text("0123456789+-.eE ,_x\n٣²", max_size=8))
@example("1\n")
@example("1e5E5")
@example(".")
@example("-.5e-3")
def test_only_decimal_numbers_are_numbers(text: str) -> None:
    value = parse_number(text)
    if slow_is_number(text) and math.isfinite(float(text)):
        assert value == float(text)
    else:
        assert value is None


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_text_gives_nan_or_infinity(value: float) -> None:
    parsed = parse_number(repr(value))
    assert parsed == value if math.isfinite(value) else parsed is None


everyday = st.one_of(st.just(0.0), st.floats(1e-4, 1e15), st.floats(-1e15, -1e-4))


@given(everyday)
def test_a_number_comes_back_exactly(value: float) -> None:
    text = format_number(value)
    assert parse_number(text) == value
    assert len(text) <= len(repr(value))


@given(st.floats(1e15, 1e300) | st.floats(-1e300, -1e15))
def test_a_large_number_comes_back_exactly_without_exponent(value: float) -> None:
    assert re.fullmatch(r"-?\d+", format_number(value))
    assert float(format_number(value)) == value


@given(st.floats(-1e9, 1e9), st.integers(0, 12))
@example(-1e-25, 12)
@example(-0.0, 2)
@example(2.5e-7, 6)
def test_a_rounded_number_is_near_and_plain(value: float, decimals: int) -> None:
    text = format_number(value, decimals)
    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", text)
    assert text != "-0"
    assert len(text.partition(".")[2]) <= decimals
    half = Decimal("0.5") * Decimal(10) ** -decimals
    noise = abs(Decimal(value)) * Decimal("1e-15")  # of the nearest float to the rounded number
    assert abs(Decimal(text) - Decimal(value)) <= half * Decimal("1.000001") + noise


@given(st.integers(-(2**53), 2**53))
def test_a_whole_number_has_no_point(value: int) -> None:
    assert format_number(value) == str(value)


# ---- writing ------------------------------------------------------------------------------------

#: No carriage return alone: the csv module of Python 3.11 and 3.12 writes it without quotes.
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=12)


@given(st.lists(st.tuples(cells, cells), max_size=6))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("written") / "t.csv"
    keyed = [(str(place), *(cell.strip() for cell in row)) for place, row in enumerate(rows)]
    assume(all(cell == cell.strip() and text_problem(cell) is None for row in keyed for cell in row))
    write_table(path, ["key", "one", "two"], keyed)
    schema = Schema((Column("key", "id"), Column("one", required=False), Column("two", required=False)), ("key",))
    table = read_table(path, schema)
    assert [tuple(row) for row in table.values.itertuples(index=False)] == keyed


def test_lines_end_in_lf_and_nothing_comes_before_the_header(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "t.csv"
    write_table(path, ["a", "b"], [["é", "1,5"], ['"q"', ""]])
    assert path.read_bytes() == 'a,b\né,"1,5"\n"""q""",\n'.encode()


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [["é", "1"], ["b", "2"]]
    write_table(path, ["a", "b"], rows)
    first = path.read_bytes()
    write_table(path, ["a", "b"], rows)
    assert path.read_bytes() == first


def test_a_shorter_table_leaves_nothing_of_the_longer_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(path, ["a"], [["long" * 1000]])
    write_table(path, ["a"], [])
    assert path.read_bytes() == b"a\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize("step", ["replace", "fsync"])
def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    path = tmp_path / "t.csv"
    write_table(path, ["a"], [["old"]])

    def fail(*arguments: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(tables.os, step, fail)
    with pytest.raises(OSError, match="no space left"):
        write_table(path, ["a"], [["new"]])
    monkeypatch.undo()
    assert path.read_bytes() == b"a\nold\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]


def test_a_write_that_fails_halfway_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_text(path, "old\n")
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        write_text(path, "x" * 100_000 + "\ud800")
    assert path.read_bytes() == b"old\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.csv"]


def test_the_new_file_is_complete_before_it_takes_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    write_text(path, "old\n")
    seen: list[tuple[bytes, bytes]] = []
    replace = os.replace

    def watched(source: Path, target: Path) -> None:
        seen.append((Path(source).read_bytes(), Path(target).read_bytes()))
        replace(source, target)

    monkeypatch.setattr(tables.os, "replace", watched)
    write_text(path, "new\n")
    assert seen == [(b"new\n", b"old\n")]
    assert path.read_bytes() == b"new\n"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may write into a read-only folder"
)
def test_a_read_only_folder_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "closed" / "t.csv"
    write_text(path, "old\n")
    path.parent.chmod(0o555)
    try:
        with pytest.raises(PermissionError, match="Permission denied"):
            write_text(path, "new\n")
        assert path.read_bytes() == b"old\n"
    finally:
        path.parent.chmod(0o755)

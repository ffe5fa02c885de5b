"""Rows of a large file as numbers: the same answers and messages as row by row, whatever stands in the cells."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lipresearch.errors import TableError
from lipresearch.official import profile, read_profile
from lipresearch.official.coded import Coded, Texts, parts_of
from lipresearch.official.layouts import Plan, recognise
from lipresearch.speed import has_numba
from tests.official.test_profile import profile_2016, project
from tests.official_files import HEADER_2021

pytestmark = pytest.mark.skipif(not has_numba(), reason="needs numba")

#: Of one characteristic both figures are declared, of the others one.
ROWS = (
    ("people", "profile-2021", "1", "People", ""),
    ("share", "profile-2021", "2", "Shares, \u201cof all\u201d", ""),
    ("degrees", "profile-2021", "4", "Degrees", ""),
    ("degree_rate", "profile-2021", "4", "Degrees", ""),
)
RATES = {"share", "degree_rate"}
LABELS = {"1": "People", "2": "Shares, \u201cof all\u201d", "3": "Others", "4": "Degrees", "5": "Others yet"}
#: Cells of figures and of symbols.
CELLS = st.sampled_from(["5", "10", "1234.5", "", "x", "-", " 7 ", "0"])
SYMBOLS = st.sampled_from(["", "", "", "x", " r", "E", "..."])
#: What may be unusual: cells that are neither, labels, keys and areas that are written in another way, accents.
ODD = ("figure", "label", "key", "area", "note", "between")
NAMES = st.text(alphabet='ab\u00e9\u2019,"\n :', min_size=1, max_size=6)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("declared"), *ROWS)
    path = folder / profile.FILE
    with open(path, encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    place, unit, additive = (header.index(name) for name in ("figure", "unit", "additive"))
    for row in rows:
        if row[0] in RATES:
            row[place], row[unit], row[additive] = "rate", "per cent", "no"
    with open(path, "w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return folder


def outcome(path: Path, root: Path, fast: bool, areas: list[str] | None) -> Any:
    """Return the table and what is missing, or the message."""
    try:
        found = read_profile(path, areas=areas, root=root, fast=fast)
    except TableError as error:
        return str(error)
    return found.table, found.missing


def same(one: Any, other: Any) -> None:
    assert type(one) is type(other), (one, other)
    if isinstance(one, str):
        assert one == other
        return
    for left, right in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(left, right)


@st.composite
def profiles(draw: st.DrawFn) -> bytes:
    """Return a bulk profile of 2021 with whatever may stand in its cells."""
    lines = [HEADER_2021]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    quote_all = draw(st.booleans())
    odd = draw(st.sets(st.sampled_from(ODD), max_size=2))

    def now(what: str) -> bool:
        return what in odd and draw(st.integers(0, 4)) == 0

    def cell(text: str) -> str:
        plain = not quote_all and not set(text) & set('",\r\n')
        return text if plain else '"' + text.replace('"', '""') + '"'

    for place in range(draw(st.integers(1, 4))):
        name, quality = draw(NAMES), draw(st.sampled_from(["00000", ""]))
        number = draw(st.sampled_from([str(place - 1), f'{place}"'])) if now("area") else str(place)
        for key, label in LABELS.items():
            label = draw(st.sampled_from(["Moved", f"  {label}", label + " "])) if now("label") else label
            written = draw(st.sampled_from([f" {key}\t", f'{key}"'])) if now("key") else key
            cells = [
                draw(st.sampled_from(["q", "\u00e9", '"', "1,5"])) if now("figure") else draw(CELLS),
                draw(SYMBOLS),
            ]
            between = ["", "\u00e0" if now("between") else ""] * 2
            note = draw(st.sampled_from(["7", "\u00e9"])) if now("note") else ""
            before = ["2021", f"2021A0003350{number}", "350", "Census division", name, "", "", quality]
            lines.append(",".join(map(cell, [*before, written, label, note, *cells, *between, *cells, *between])))
    return (end.join(lines) + end).encode("cp1252")


@settings(max_examples=80)
@given(raw=profiles(), block=st.integers(60, 900), asked=st.booleans())
def test_rows_as_numbers_and_row_by_row_give_the_same(
    root: Path, tmp_path_factory: pytest.TempPathFactory, raw: bytes, block: int, asked: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "coded.csv"
    path.write_bytes(raw)
    areas = ["2021A00033500", "2021A00033502"] if asked else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile, "BLOCK", block)
        same(outcome(path, root, True, areas), outcome(path, root, False, areas))


def test_plain_rows_are_not_looked_at_one_by_one(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []
    take = Coded.take
    monkeypatch.setattr(Coded, "take", lambda self, piece: taken.append((got := take(self, piece)) is not None) or got)

    def row(key: str, count: str, rate: str) -> str:
        return f'2021,2021A00033520,3520,Census division,Toronto,,,0,{key},"{LABELS[key]}",,{count},,,,,,{rate},,,,,\n'

    path = tmp_path / "a.csv"
    text = HEADER_2021 + "\n" + row("1", "10", "") + row("2", "9", "50.5") + row("4", "4", "2.5")
    path.write_bytes(text.encode("cp1252"))
    table = read_profile(path, root=root).table
    assert dict(zip(table["characteristic"], table["value"], strict=True)) == {
        "people": 10.0,
        "share": 50.5,
        "degrees": 4.0,
        "degree_rate": 2.5,
    }
    assert taken == [True]
    path.write_bytes(text.replace(",10,", ",\u00e9,").encode("cp1252"))
    with pytest.raises(
        TableError, match=r"a\.csv, row 2, column people: found '\u00e9', expected a number or a symbol"
    ):
        read_profile(path, root=root)
    assert taken == [True, False]


def test_rows_that_were_kept_in_vain_leave_no_trace(root: Path, tmp_path: Path) -> None:
    """A cell with a quote in it is not compared by the search, so it hands such rows over."""
    rows = [("2021A00033520", "1"), ("2021A00033520", "2"), ('2021A0003"3521', "1"), ("2021A00033522", '1"')]
    path = tmp_path / "a.csv"
    with open(path, "w", encoding="cp1252", newline="") as stream:
        stream.write(HEADER_2021 + "\n")
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(
            [
                "2021",
                area,
                "",
                "Census division",
                "Peel",
                "",
                "",
                "",
                key,
                LABELS[key[0]],
                "",
                "6" if chr(34) in area else "5",
                *[""] * 11,
            ]
            for area, key in rows
        )
    for areas, expected in ((["2021A00033520"], ["2021A00033520"]), (None, ["2021A00033520", '2021A0003"3521'])):
        fast = outcome(path, root, True, areas)
        same(fast, outcome(path, root, False, areas))
        assert list(dict.fromkeys(fast[0]["area"])) == expected
        assert set(fast[1]["area"]) <= {*expected, ""}


def test_a_profile_of_2016_is_read_in_the_same_way(tmp_path: Path) -> None:
    rows = [
        [f"35{place:02}", "1", f"Al\u00e9 {place}", str(key), f"Label {key}", str(place * key)]
        for place in range(20)
        for key in range(1, 30)
    ]
    path = profile_2016(tmp_path / "a.csv", "Profile of Census Divisions (2247)", rows)
    root = project(tmp_path, *((f"c{key}", "profile-2016", str(key), f"Label {key}", "") for key in (3, 4, 29)))
    same(outcome(path, root, True, None), outcome(path, root, False, None))
    assert outcome(path, root, True, None)[0]["value"].sum() == sum(range(20)) * (3 + 4 + 29)


def test_only_layouts_whose_parts_stand_in_order_are_read_so() -> None:
    plan = recognise([HEADER_2021.split(",")], "a.csv")
    parts = parts_of(plan, ["count", "rate"])
    assert parts is not None
    assert (parts.marks, dict(parts.figures)) == ((8, 10, 11, 13, 17), {"count": (2, 3), "rate": (4, -1)})
    counts = parts_of(plan, ["count"])
    assert counts is not None
    assert (counts.marks, dict(counts.figures)) == ((8, 10, 11), {"count": (2, -1)})
    assert parts_of(plan, []) is None
    plain: dict[str, Any] = {"area": 0, "label": 1, "key": 2, "figures": {"count": (3, 4)}}
    assert parts_of(Plan("x", 6, 1, **plain), ["count"]) is not None
    for other in (
        {"area": 5},
        {"key": -1},
        {"label": 4},
        {"name": 5},
        {"topic": 0},
        {"low": 5, "high": 5},
        {"statistic": 5},
        {"fixed": {5: "1"}},
        {"figures": {"count": (3, 5)}},
    ):
        assert parts_of(Plan("x", 6, 1, **{**plain, **other}), ["count"]) is None, other


@pytest.mark.parametrize("place", [4, 10, 11, 14, 17])
def test_a_byte_of_another_encoding_is_named(root: Path, tmp_path: Path, place: int) -> None:
    cells = ["2021", "2021A00033520", "3520", "Census division", "Toronto", "", "", "0", "2", LABELS["2"], *[""] * 13]
    other = [*cells[:place], "@", *cells[place + 1 :]]
    lines = [HEADER_2021, *(",".join(f'"{cell}"' for cell in row) for row in (cells, other)), ""]
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(lines).encode("cp1252").replace(b"@", b"\x81"))
    with pytest.raises(
        TableError, match=r"a\.csv, row 3: found byte 0x81, expected text in cp1252\. Name the encoding"
    ):
        read_profile(path, root=root)


@settings(max_examples=60)
@given(pieces=st.lists(st.lists(st.text(alphabet="ab,\u00e9", max_size=4), max_size=40), max_size=6))
def test_equal_texts_have_one_number(pieces: list[list[str]]) -> None:
    learned: list[str] = []

    def meaning(cells: list[str]) -> int:
        learned.append(",".join(cells))
        return len(learned) - 1

    texts = Texts(meaning, "utf-8")
    known: dict[str, int] = {}
    for piece in pieces:
        raw = "|".join(piece).encode()
        ends = np.cumsum([len(text.encode()) + 1 for text in piece], dtype=np.int64) - 1
        begins = np.append(0, ends[:-1] + 1)[: len(piece)]
        numbers = texts.of(np.frombuffer(raw + b"|", dtype=np.uint8), begins, ends)
        assert numbers is not None
        assert numbers.tolist() == [known.setdefault(text, len(known)) for text in piece]
    assert learned == list(known)


def test_a_text_that_cannot_be_told_is_asked_for_again() -> None:
    allowed: set[str] = {"a"}
    texts = Texts(lambda cells: 7 if cells[0] in allowed else None, "ascii")
    data = np.frombuffer(b"ab\xe9", dtype=np.uint8)

    def of(*places: int) -> list[int] | None:
        begins = np.array(places, dtype=np.int64)
        numbers = texts.of(data, begins, begins + 1)
        return None if numbers is None else numbers.tolist()

    assert of(0, 0) == [7, 7]
    assert of(0, 1) is None
    assert of(0) is None
    allowed.add("b")
    assert of(0, 1) == [7, 7]
    assert of(2) is None, "not of the encoding"

"""Readers given arbitrary and mutated files: a message of the project's own, or the very values of the file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import lipresearch as lip
from lipresearch import designs, people, public
from lipresearch.context import PARTNERS
from lipresearch.design import CRITERIA
from lipresearch.downloads import load_downloads, read_areas_file, read_download_records
from lipresearch.errors import LipresearchError
from lipresearch.evidence import read_measures
from lipresearch.memo.phrases import FILE as PHRASES_FILE
from lipresearch.memo.phrases import PHRASES
from lipresearch.official import read_profile
from lipresearch.official.symbols import figure
from lipresearch.paths import project_root
from lipresearch.registry import read_registry
from lipresearch.rosters import load_own
from lipresearch.sites import SITES
from lipresearch.sources import read_source
from lipresearch.speed import has_numba
from lipresearch.supplied import EVIDENCE, Known, read_supplied
from lipresearch.tables import NUMERIC, REASONS, Schema, harmless, looks_like_formula, parse_number, read_table
from tests.official_files import HEADER_2021, project

ROOT = project_root()
FEW = settings(max_examples=40)

#: What a spreadsheet, another encoding or a slip of the hand puts into a file.
SLIPS = (b",", b";", b"\t", b'"', b"\n", b"\r", b"\r\n", b"\x00", b"\xef\xbb\xbf", b"\xff", b"\xe9", b" ", b"\xc2\xa0")
SLIPS += (b"-", b"=", b"@", b"1e400", b"nan", b"inf", b"1_000", b"3,2", b"\xef\xbc\x91", b"\xe2\x80\xae", b"\x1b[31m")
SLIPS += (b"TRUE", b"%", b"0601", b"[", b"{", b"e\xcc\x81", b"'", b"#", b"9" * 5000, b"[" * 5000)

changes = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 12), st.sampled_from(SLIPS) | st.binary(max_size=4)),
    min_size=1,
    max_size=4,
)
anything = st.binary(max_size=200)


def mutated(content: bytes, found: list[tuple[int, int, bytes]]) -> bytes:
    for place, lost, put in found:
        at = place % (len(content) + 1)
        content = content[:at] + put + content[at + lost :]
    return content


def head(path: Path, lines: int = 6) -> bytes:
    return b"".join(path.read_bytes().splitlines(keepends=True)[:lines])


def told(read: Callable[[], Any]) -> Any | None:
    """Return what is read, or None where it is refused with a message of the project's own."""
    message = ""
    try:
        return read()
    except LipresearchError as error:
        message = str(error)
    assert len(message) > 20
    return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def as_it_stands(content: bytes, schema: Schema) -> list[list[str]]:
    """Return the cells of a file in the slow obvious way."""
    rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True) if row]
    assert rows[0] == schema.names
    return rows[1:]


TABLES = {
    "sites": (SITES, ROOT / "data/design/sites.csv"),
    "criteria": (CRITERIA, ROOT / "data/design/criteria.csv"),
    "partners": (PARTNERS, ROOT / "data/design/partners.csv"),
    "phrases": (PHRASES, PHRASES_FILE),
}


@pytest.mark.parametrize("name", TABLES)
@FEW
@given(found=changes)
def test_a_mutated_table_is_refused_or_read_as_it_stands(name: str, folder: Path, found: Any) -> None:
    schema, source = TABLES[name]
    path = folder / f"{name}.csv"
    content = mutated(head(source), found)
    path.write_bytes(content)
    table = told(lambda: read_table(path, schema, path.name))
    if table is None:
        return
    cells = as_it_stands(content, schema)
    assert len(table.values) == len(cells)
    for record, row in zip(table.values.to_dict("records"), cells, strict=True):
        for column, cell in zip(schema.columns, row, strict=True):
            value = record[column.name]
            if column.kind not in NUMERIC:
                assert value == cell
                assert not looks_like_formula(cell)
            elif cell in REASONS or cell == "":
                assert math.isnan(value)
            else:
                assert value == float(cell)


@FEW
@given(anything)
@example(b"[" * 100_000)
@example(b"a = " + b"[" * 5000 + b"]" * 5000)
def test_arbitrary_bytes_are_refused_by_every_reader(folder: Path, content: bytes) -> None:
    path = folder / "any.csv"
    path.write_bytes(content)
    for schema in (SITES, CRITERIA, EVIDENCE):
        assert told(lambda schema=schema: read_table(path, schema, "any.csv")) is None
    assert told(lambda: load_own(ROOT, path)) is None
    assert told(lambda: read_areas_file(path)) is None
    assert told(lambda: people._read(path, "any.csv", lip.load_cluster("health"), "centroid")) is None
    (folder / "data/raw/x").mkdir(parents=True, exist_ok=True)
    (folder / "data/raw/x/SOURCE.toml").write_bytes(content)
    (folder / "data/raw/registry.csv").write_bytes(content)
    (folder / "downloads.json").write_bytes(content)
    assert told(lambda: read_source(folder, "x")) is None
    assert told(lambda: read_registry(folder)) is None
    told(lambda: read_download_records(folder))


@cache
def known() -> dict[str, Any]:
    return public._known(ROOT)


@FEW
@given(changes)
def test_a_mutated_design_is_refused_or_a_design(found: Any) -> None:
    content = mutated((ROOT / "data/design/designs/health.toml").read_bytes(), found)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    design = told(lambda: designs.read_design_text("health", text, **known()))
    if design is not None:  # what is written is read again as the same
        again = designs.read_design_text("health", designs.design_text(design), **known())
        assert again == design


@FEW
@given(changes, changes)
def test_a_mutated_roster_is_refused_or_read_as_it_stands(folder: Path, found: Any, other: Any) -> None:
    sites = b"site,name,province\nalpha,Alpha,ON\nbeta,Beta,QC\n"
    measures = b"site,measure,value,unit,vintage,grade,source,reason\nalpha,population_2021,61366,persons,2021,A,s,\n"
    path = folder / "own.csv"
    for first, second in ((mutated(sites, found), measures), (sites, mutated(measures, other))):
        path.write_bytes(first)
        (folder / "own_measures.csv").write_bytes(second)
        own = told(lambda: load_own(ROOT, path))
        if own is None:
            continue
        rows = list(csv.DictReader(io.StringIO(second.decode("utf-8-sig"), newline="")))
        stated = {(row["site"], row["measure"]): row["value"] for row in rows if row["value"] not in ("", *REASONS)}
        values = own.measures.dropna(subset="value").set_index(["site", "measure"])["value"]
        assert {key: float(cell) for key, cell in stated.items()} == pytest.approx(values.to_dict())


@FEW
@given(changes)
def test_mutated_evidence_and_weights_are_refused_or_read(folder: Path, found: Any) -> None:
    path = folder / "own.csv"
    row = b"peel,population_2021,5,persons,2021,A,s,\nyork,immigrants_2021_share,suppressed,per cent,,,s,\n"
    path.write_bytes(mutated(b"site,measure,value,unit,vintage,grade,source,reason\n" + row, found))
    known_sites = Known({"peel", "york"}, "sites.csv", "")
    supplied = told(lambda: read_supplied([(path, "own.csv")], read_measures(ROOT), known_sites))
    if supplied is not None and not supplied.problems:
        stated = {parse_number(cell) for cell in path.read_text(encoding="utf-8").split(",")}
        assert set(supplied.rows["value"].dropna()) <= stated
    person = folder / "p1.csv"
    person.write_bytes(mutated(b"factor,label,points\n2.1,Size,100\n2.2,State,50\n", found))
    read = told(lambda: people._read(person, "p1.csv", lip.load_cluster("health"), "centroid"))
    if read is not None:
        assert sum(read.weights) == pytest.approx(1)


@FEW
@given(changes)
def test_a_mutated_list_of_downloads_is_refused_or_keeps_its_addresses(folder: Path, found: Any) -> None:
    path = folder / "data/design/downloads.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(mutated(head(ROOT / "data/design/downloads.csv", 4), found))
    entries = told(lambda: load_downloads(folder))
    for entry in (entries or {}).values():
        assert entry.url == "" or entry.url.startswith(("https://", "http://"))
        assert "/" not in entry.file


#: Ids, labels and names of what is read from a census profile of 2021; 6 is passed over.
LINES = (
    ("1", "Population, 2021", "population"),
    ("2", "Population, 2016", "population_before"),
    ("6", "Population density per square kilometre", ""),
    ("7", "Land area in square kilometres", "land_area"),
    ("8", "Total - Age groups of the population - 100% data", "age_total"),
    ("9", "  0 to 14 years", "age_0_14"),
)
ID_OF = {name: number for number, _, name in LINES if name}
AREAS = (("2021A00033521", "Census division", "Peel"), ("2021A00052466023", "Census subdivision", "Montréal"))


def census_profile() -> bytes:
    """Return a small bulk profile of 2021; every figure is another one, and one is suppressed."""
    lines = [HEADER_2021]
    for place, (dguid, level, name) in enumerate(AREAS):
        for number, label, _ in LINES:
            cell, symbol = ("", "x") if (place, number) == (1, "2") else (f"{(place + 1) * 1000 + int(number)}", "")
            lines.append(
                f'2021,"{dguid}","{dguid[9:]}","{level}","{name}",3.1,4.6,"00000",{number},"{label}",,{cell},"{symbol}"'
                + ',,"..."' * 5
            )
    return "".join(f"{line}\r\n" for line in lines).encode("cp1252")


@pytest.mark.parametrize("fast", [False, pytest.param(True, marks=pytest.mark.skipif(not has_numba(), reason="numba"))])
@settings(max_examples=150)
@given(changes)
@example([])
def test_a_mutated_census_profile_is_refused_or_read_as_it_stands(fast: bool, folder: Path, found: Any) -> None:
    path = folder / f"profile-{fast}.csv"
    content = mutated(census_profile(), found)
    path.write_bytes(content)
    lines = [(name, "profile-2021", number, label.strip(), "") for number, label, name in LINES if name]
    root = project(folder, *lines)  # the table of the project would be read anew each time
    read = told(lambda: read_profile(path, list(ID_OF), layout="profile-2021", root=root, fast=fast))
    if read is None:
        assert found
        return
    mark = content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig" if mark else "cp1252", errors="replace")
    stated: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in csv.reader(io.StringIO(text, newline="")):
        if len(row) == HEADER_2021.count(",") + 1:
            stated.setdefault((row[1].strip(), row[8].strip()), set()).add((row[11], row[12]))
    for row in read.table.itertuples():
        ((cell, symbol),) = stated[row.area, ID_OF[row.characteristic]]  # nowhere another figure for the same
        value, reason, _, _ = figure(cell, symbol) or (math.nan, "refused", "", False)
        assert (row.value, row.reason) == (pytest.approx(value, nan_ok=True), reason)


@given(st.text(max_size=8))
def test_what_is_exported_is_no_formula(text: str) -> None:
    shown = harmless(text)
    assert not looks_like_formula(shown)
    assert shown in (text, f"'{text}")
    if parse_number(text) is not None:
        assert shown == text

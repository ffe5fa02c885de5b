"""The table of downloads, areas, requests, records and code lists: what needs no network."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_server import CODE_LIST

from lipresearch.downloads import (
    RECORDS,
    Record,
    check_folder,
    content_problem,
    dguid_of,
    find_characteristics,
    find_download,
    header_text,
    level_of,
    load_downloads,
    plan_requests,
    read_areas_file,
    read_code_list,
    read_codes,
    read_download_records,
    roster_areas,
    safe_name,
    write_download_records,
)
from lipresearch.errors import DataChangedError, FetchError, InputError, NotFoundError, TableError
from lipresearch.paths import project_root

ROOT = project_root()
RECORD = Record(
    file="ODHF_v1.1.zip",
    name="odhf",
    url="https://www150.statcan.gc.ca/n1/en/pub/13-26-0001/2020001/ODHF_v1.1.zip",
    how="fetched",
    date="2026-11-24T12:00:00Z",
    bytes=12,
    sha256="a" * 64,
    etag='"v1"',
    last_modified="Fri, 07 Aug 2020 12:00:00 GMT",
)

# ---- the table ----------------------------------------------------------------------------------


def test_every_kind_of_official_file_is_in_the_table() -> None:
    known = load_downloads(ROOT)
    for start in (
        "census-profile-2021",
        "census-profile-2016",
        "census-profile-2011",
        "nhs-profile-2011",
        "census-profile-2006",
        "table-98-10",
        "odhf",
        "ontario-health-locations",
        "toronto-neighbourhoods-2016",
        "toronto-neighbourhoods-2021",
        "boundaries-2021-cd",
        "boundaries-2021-csd",
    ):
        assert any(name.startswith(start) for name in known), start
    for entry in known.values():
        assert entry.by_hand == (entry.address == "not known")
        assert entry.attribution.startswith(("Source: Statistics Canada", "Contains information licensed under"))
        assert entry.page.startswith("https://")


def test_addresses_can_be_checked_by_hand() -> None:
    known = load_downloads(ROOT)
    base = "https://www12.statcan.gc.ca/census-recensement/2021/dp-pd/prof/details/download-telecharger/comp/"
    assert known["census-profile-2021-cd-bulk"].url == base + "GetFile.cfm?Lang=E&FILETYPE=CSV&GEONO=004"
    (request,) = plan_requests(known["census-profile-2021"], ["2021A00033521", "2021A00033540"], ["383", "1"])
    assert request.url == (
        "https://api.statcan.gc.ca/census-recensement/profile/sdmx/rest/data/"
        "STC_CP,DF_CD,1.3/A5.2021A00033521+2021A00033540.1.1+383.1?format=csv"
    )
    table = find_download(ROOT, "table-98-10-0352")
    assert table.url == "https://www150.statcan.gc.ca/n1/tbl/csv/98100352-eng.zip"
    assert (table.file, table.title) == ("98100352-eng.zip", "Table 98-10-0352 of the census of 2021")
    assert "{" not in " ".join(value for value in dataclasses.astuple(table) if isinstance(value, str))
    assert find_download(ROOT, "table-98-10-0002").title.startswith("Population and dwelling counts")


def test_an_unknown_name_brings_near_ones() -> None:
    with pytest.raises(NotFoundError, match=r"is called 'census-profile-2021-cd'\. Did you mean census-profile-2021-c"):
        find_download(ROOT, "census-profile-2021-cd")
    with pytest.raises(NotFoundError, match=r"is called 'zzz'\. All names: lipresearch fetch --list"):
        find_download(ROOT, "zzz")


@pytest.mark.parametrize(
    ("name", "column", "value", "message"),
    [
        ("odhf", "url", "http://127.0.0.1/a.zip", "begins with https:// and a publisher's host"),
        ("odhf", "url", "http://localhost/a.zip", "begins with https:// and a publisher's host"),
        ("odhf", "url", "https://user:secret@www.statcan.gc.ca/a.zip", "begins with https://"),
        ("odhf", "url", "https://www.statcan.gc.ca:8080/a.zip", "begins with https://"),
        ("odhf", "url", "file:///etc/passwd", "begins with https://"),
        ("odhf", "url", "https://www.statcan.gc.ca/a b.zip", "begins with https://"),
        ("odhf", "url", "https://www.statcan.gc.ca/{areas}.zip", "expected no braces"),
        ("odhf", "url", "", "expected an address, or none where address is 'not known'"),
        ("odhf", "page", "javascript:alert(1)", "begins with https://"),
        ("odhf", "file", "../ODHF.zip", "expected a plain file name"),
        ("odhf", "file", "a/ODHF.zip", "expected a plain file name"),
        ("odhf", "file", "downloads.json", "expected a plain file name"),
        ("odhf", "file", "ODHF.csv", r"expected a name that ends in \.zip"),
        ("odhf", "file", "LCD_000A21A_E.zip", r"again LCD_000A21A_E\.zip|again lcd_000a21a_e\.zip"),
        ("odhf", "sha256", "7907db91", "expected 64 hexadecimal digits, or: recorded on first fetch"),
        ("odhf", "asks", "1;2", "expected characteristics for the web data service, and only there"),
        ("odhf", "name", "ODHF", "expected small letters, digits and hyphens"),
        ("odhf", "limit_mb", "0", "expected a number from 0.001"),
        ("census-profile-2021", "asks", "", "expected characteristics for the web data service"),
        ("census-profile-2021", "asks", "1;;2", "expected numbers of characteristics with ; between them"),
        (
            "census-profile-2021",
            "url",
            "https://api.statcan.gc.ca/{areas}",
            "expected {areas} and {characteristics} and",
        ),
        ("table-98-10-NNNN", "url", "https://www150.statcan.gc.ca/a.zip", "expected {table}"),
        ("toronto-boundaries", "url", "https://open.toronto.ca/a.geojson", "expected an address, or none where"),
    ],
)
def test_a_row_that_cannot_be_used_is_told(tmp_path: Path, name: str, column: str, value: str, message: str) -> None:
    text = (ROOT / "data/design/downloads.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    row = next(row for row in rows if row["name"] == name)
    row[column] = value
    path = tmp_path / "data/design/downloads.csv"
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with pytest.raises(TableError, match=rf"data/design/downloads\.csv, row \d+, column \w+: found .*{message}"):
        load_downloads(tmp_path)


@given(st.text(max_size=30))
def test_a_safe_name_stays_in_its_folder(name: str) -> None:
    if safe_name(name):
        assert (Path("/folder") / name).resolve().parent == Path("/folder")
        assert not {"/", "\\", ":", "\0"} & set(name)
        assert not name.startswith(".")


# ---- areas --------------------------------------------------------------------------------------


def test_areas_of_a_roster_are_its_declared_divisions_and_subdivisions() -> None:
    dguids, without = roster_areas(ROOT, "lips-2012")
    assert list(dguids) == sorted(set(dguids))
    assert {level_of(dguid) for dguid in dguids} == {"cd", "csd"}
    assert {"2021A00033521", "2021A00033536", "2021A00053553005"} <= set(dguids)  # Peel, Chatham-Kent, Greater Sudbury
    assert set(without) == {"toronto-east", "toronto-north", "toronto-south", "toronto-west"}


@pytest.mark.parametrize(
    ("dguid", "level"),
    [
        ("2021A000011124", "province"),
        ("2021A000235", "province"),
        ("2021A00033521", "cd"),
        ("2021A00053520005", "csd"),
        ("2021S0503535", "cma"),
        ("2021S0504501", "ca"),
        ("2021S05003530", "er"),
        ("2021A0003352", None),
        ("2021A000335211", None),
        ("2021A0003352x", None),
        ("2021A0003٣٥٢١", None),
        ("2016A00033521", None),
        ("2021A00033521+2021A00033540", None),
        ("2021A0003....", None),
        ("", None),
    ],
)
def test_the_level_of_an_area(dguid: str, level: str | None) -> None:
    assert level_of(dguid) == level
    if level and dguid != "2021A000011124":
        assert dguid_of(level, dguid[9:]) == dguid


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "area\n3521\n",
            "found area, expected the header dguid, or level,area. Write one of the two; levels are provin",
        ),
        ("dguid\n3521\n", r"row 2: found 3521, expected an area of 2021 \(province, cd, csd, cma, ca, er\)"),
        (
            "level,area\ncd,35\ncsd,3520005\nhood140,1\n",
            r"2 problems(.|\n)*row 2: found cd,35(.|\n)*row 4: found hood140,1",
        ),
        ("dguid\n", "found no areas, expected at least one row"),
    ],
)
def test_a_table_of_areas_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "areas.csv"
    path.write_text(text)
    with pytest.raises(TableError, match=message):
        read_areas_file(path)


@given(
    st.sets(st.integers(3500000, 3500400).map(lambda code: f"2021A0005{code}"), min_size=1, max_size=300),
    st.sets(st.integers(1, 2631).map(str), min_size=1, max_size=100),
    st.randoms(use_true_random=False),
)
@settings(max_examples=30)
def test_requests_cover_every_pair_once_whatever_the_order(areas: set[str], numbers: set[str], random: Any) -> None:
    entry = load_downloads(ROOT)["census-profile-2021"]
    requests = plan_requests(entry, areas, numbers)
    pairs = [(area, number) for one in requests for area in one.areas for number in one.characteristics]
    assert len(pairs) == len(set(pairs)) == len(areas) * len(numbers)
    assert all(len(one.areas) <= 90 and len(one.characteristics) <= 40 and len(one.url) < 2000 for one in requests)
    assert len({one.file for one in requests}) == len(requests)
    shuffled = sorted(areas)
    random.shuffle(shuffled)
    assert plan_requests(entry, shuffled, sorted(numbers)) == requests


# ---- records ------------------------------------------------------------------------------------


def test_records_are_written_and_read_back(tmp_path: Path) -> None:
    other = dataclasses.replace(RECORD, file="census-profile-2021/cd-0123456789abcdef.csv", etag="", how="by hand")
    write_download_records(tmp_path, [RECORD, other])
    assert read_download_records(tmp_path) == {RECORD.file: RECORD, other.file: other}
    first = (tmp_path / RECORDS).read_bytes()
    write_download_records(tmp_path, [other, RECORD])
    assert (tmp_path / RECORDS).read_bytes() == first
    assert read_download_records(tmp_path / "none") == {}


def damaged(change: Callable[[dict[str, Any]], Any]) -> str:
    content = {"files": {RECORD.file: {**dataclasses.asdict(RECORD)}}}
    del content["files"][RECORD.file]["file"]
    changed = change(content)
    return changed if isinstance(changed, str) else json.dumps(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: "",
        lambda content: "[]",
        lambda content: "null",
        lambda content: '{"files": []}',
        lambda content: '{"files": {"a": 1}}',
        lambda content: "[" * 100_000,
        lambda content: '{"files": ' + "9" * 5000 + "}",
        lambda content: content.update(files={"../x": content["files"][RECORD.file]}),
        lambda content: content.update(files={"a/b/c": content["files"][RECORD.file]}),
        lambda content: content.update(files={"/etc/passwd": content["files"][RECORD.file]}),
        lambda content: content["files"][RECORD.file].update(bytes=-1),
        lambda content: content["files"][RECORD.file].update(bytes=True),
        lambda content: content["files"][RECORD.file].update(sha256="A" * 64),
        lambda content: content["files"][RECORD.file].update(sha256="a" * 64 + "\n"),
        lambda content: content["files"][RECORD.file].update(url="file:///etc/passwd"),
        lambda content: content["files"][RECORD.file].update(etag='"v1"\r\nX: y'),
        lambda content: content["files"][RECORD.file].update(date="yesterday"),
        lambda content: content["files"][RECORD.file].update(more=1),
        lambda content: content["files"][RECORD.file].pop("etag") and None,
    ],
)
def test_a_damaged_record_file_is_told(tmp_path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    (tmp_path / RECORDS).write_text(damaged(change))
    with pytest.raises(
        DataChangedError, match=r"downloads\.json is damaged, so nothing is known of the files beside it"
    ):
        read_download_records(tmp_path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_reader_of_records_gives_good_ones_or_says_that_they_are_damaged(tmp_path: Path, data: Any) -> None:
    kind = data.draw(st.sampled_from(["bytes", "json", "cut", "field", "name"]))
    good = damaged(lambda content: None)
    if kind == "bytes":
        raw = data.draw(st.binary(max_size=200))
    elif kind == "json":
        raw = json.dumps(data.draw(JSON)).encode()
    elif kind == "cut":
        raw = good.encode()[: data.draw(st.integers(0, len(good)))]
    else:
        content = json.loads(good)
        if kind == "field":
            field = data.draw(st.sampled_from(sorted(content["files"][RECORD.file])))
            content["files"][RECORD.file][field] = data.draw(JSON)
        else:
            content["files"][data.draw(st.text(max_size=12))] = content["files"].pop(RECORD.file)
        raw = json.dumps(content).encode()
    (tmp_path / RECORDS).write_bytes(raw)
    try:
        records = read_download_records(tmp_path)
    except DataChangedError:
        return
    for file, record in records.items():
        assert (tmp_path / file).resolve().is_relative_to(tmp_path.resolve())
        assert (record.file, record.bytes >= 0, len(record.sha256)) == (file, True, 64)
        assert record.url.startswith(("http://", "https://"))
        assert "\n" not in record.etag + record.last_modified
    write_download_records(tmp_path, records.values())
    assert read_download_records(tmp_path) == records


def test_a_header_that_cannot_be_recorded_is_left_out() -> None:
    assert header_text("etag", '"v1"') == '"v1"'
    assert [header_text("etag", text) for text in (None, "", "é", "a\nb", "x" * 501)] == [""] * 5


def test_the_folder_is_checked_against_its_records(tmp_path: Path) -> None:
    good = tmp_path / RECORD.file
    good.write_bytes(b"the content\n")
    write_download_records(tmp_path, [RECORD, dataclasses.replace(RECORD, file="gone.zip")])
    (tmp_path / "new.csv").write_text("a\n")
    (tmp_path / "half.zip.part").write_text("a")
    (tmp_path / "half.zip.state").write_text("{}")
    (tmp_path / "characteristics-2021-0123456789abcdef.csv").write_text("id\n")
    table = check_folder(tmp_path)
    assert dict(zip(table["file"], table["state"], strict=True)) == {
        "ODHF_v1.1.zip": "changed",
        "gone.zip": "missing",
        "half.zip.part": "incomplete",
        "new.csv": "not recorded",
    }
    found = table.set_index("file")["found"]["ODHF_v1.1.zip"]
    write_download_records(tmp_path, [dataclasses.replace(RECORD, sha256=found)])
    states = check_folder(tmp_path).set_index("file")["state"]
    assert states["ODHF_v1.1.zip"] == "as recorded"
    assert check_folder(tmp_path / "none").empty


# ---- content ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("csv", b"a,b\n", ""),
        ("csv", b"", "the file is empty"),
        ("csv", b"\xef\xbb\xbf\n <HTML lang=en>", "it is a web page, not the file"),
        ("csv", b"PK\x03\x04\x00\x00", "it is not a text file"),
        ("csv", "Québec,1\n".encode("latin-1"), ""),
        ("zip", b"PK\x03\x04 and then nothing", "it is not a whole zip file"),
        ("xlsx", b"a,b\n", "it is not a whole xlsx file"),
        ("xml", b"<?xml version='1.0'?><a/>", ""),
        ("xml", b"a,b\n", "it is not an XML file"),
        ("json", b'{"type": "FeatureCollection"}', ""),
        ("json", b"a,b\n", "it is not a JSON file"),
    ],
)
def test_a_file_must_look_like_its_kind(tmp_path: Path, kind: str, content: bytes, problem: str) -> None:
    (tmp_path / "file").write_bytes(content)
    assert content_problem(tmp_path / "file", kind) == problem


def test_every_cut_of_an_archive_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "a,b\n" * 20)
    whole = path.read_bytes()
    assert content_problem(path, "zip") == ""
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert content_problem(path, "zip"), length


# ---- code lists ---------------------------------------------------------------------------------


def test_the_code_list_is_read_with_names_and_parents(tmp_path: Path) -> None:
    path = tmp_path / "codes.xml"
    path.write_text(CODE_LIST, encoding="utf-8")
    table = read_code_list(path)
    assert table.iloc[2].to_dict() == {"id": "383", "parent": "380", "label": "French", "label_fr": "Français"}
    assert table["id"].tolist() == ["379", "380", "383", "704", "705"]  # not those of other lists
    kept = read_codes(path)
    path_of_table = next(tmp_path.glob("characteristics-2021-*.csv"))
    pd.testing.assert_frame_equal(kept, table)
    path_of_table.write_text(path_of_table.read_text(encoding="utf-8").replace("French", "Franco"), encoding="utf-8")
    assert "Franco" in read_codes(path)["label"].tolist()  # read from the small table
    path.write_text(CODE_LIST.replace("Single", "Only"), encoding="utf-8")
    assert "Only responses" in read_codes(path)["label"].tolist()  # another file, another table


BOMB = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "declares a document type or entities, which the code lists do not; not read"),
        ('<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', "declares a document type"),
        (
            CODE_LIST[:900],
            r"codes\.xml is not whole: .* in line \d+\. Fetch it again: lipresearch fetch census-profile",
        ),
        ("<a><b></a>", "is not whole: mismatched tag in line 1"),
        ("<a/>", "holds no list CL_CHARACTERISTIC with numbered and named codes"),
        (CODE_LIST.replace('id="383"', 'id="380"'), "holds no list CL_CHARACTERISTIC"),
        (CODE_LIST.replace(">French<", "><"), "holds no list CL_CHARACTERISTIC"),
        (CODE_LIST.replace('id="379"', 'id="M379"'), "holds no list CL_CHARACTERISTIC"),
    ],
)
def test_a_code_list_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "codes.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FetchError, match=message):
        read_code_list(path)
    with pytest.raises(FetchError, match=message):
        read_codes(path)
    assert [item.name for item in tmp_path.iterdir()] == ["codes.xml"]


def test_a_parent_that_is_its_own_child_does_not_loop() -> None:
    codes = pd.DataFrame(
        [("1", "2", "One", "Un"), ("2", "1", "Two", "Deux")], columns=["id", "parent", "label", "label_fr"]
    )
    assert find_characteristics(codes, ["Two > One"]) == ("1",)


def test_labels_written_out_in_full_go_before_others() -> None:
    rows = [("1", "", "Total", ""), ("2", "1", "Other", ""), ("3", "2", "French", ""), ("4", "1", "French", "")]
    codes = pd.DataFrame(rows, columns=["id", "parent", "label", "label_fr"])
    assert find_characteristics(codes, ["Total > French", "Other > French"]) == ("4", "3")


def test_near_labels_are_named() -> None:
    codes = pd.DataFrame([("1", "", "Mother tongue", "")], columns=["id", "parent", "label", "label_fr"])
    with pytest.raises(NotFoundError, match=r"called 'Mother tonge'\. Near to it: Mother tongue\."):
        find_characteristics(codes, ["Mother tonge"])
    twice = pd.concat([codes, codes.assign(id="2")])
    with pytest.raises(
        InputError, match=r"2 characteristics are called 'mother tongue'\. .* They are 1: Mother t.*; 2: M"
    ):
        find_characteristics(twice, ["mother tongue"])


def test_messages_name_no_placeholder() -> None:
    text = (ROOT / "data/design/downloads.csv").read_text(encoding="utf-8")
    assert not re.search(r"TODO|example\.(org|com)|localhost", text)

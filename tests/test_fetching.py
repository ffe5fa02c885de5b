"""Downloading, against a server on this machine that is slow, cuts off, lies, refuses, moves and changes its files."""

from __future__ import annotations

import csv
import dataclasses
import errno
import io
import os
import re
import socket
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from local_server import CODE_LIST, Answer, Clock, Server

import lipresearch as lip
from lipresearch import cli, fetching, public
from lipresearch.downloads import check_folder, find_download, load_downloads, read_download_records
from lipresearch.errors import DataChangedError, FetchError, InputError, NotFoundError
from lipresearch.fetching import CHUNK, Manners, Progress
from lipresearch.paths import project_root
from lipresearch.registry import sha256_of

ROOT = project_root()
TODAY = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ODHF = "/n1/en/pub/13-26-0001/2020001/ODHF_v1.1.zip"
DATA = "/census-recensement/profile/sdmx/rest/data/"
CODES = "/census-recensement/profile/sdmx/rest/dataflow/"

#: Columns of the web data service, as its user guide and people who called it show them.
COLUMNS = (
    "DATAFLOW,FREQ,TIME_PERIOD,REF_AREA,GENDER,CHARACTERISTIC,STATISTIC,OBS_VALUE,DECIMALS,FLAG,TOPIC,NOTE,RELEASE_DATE,"
    "GEO_LEVEL,ALT_GEO_CODE,GEO_DESC,PROV_TERR,DATA_QUALITY_FLAG,TNR_LF,TNR_SF,CI_LOW,CI_HIGH\n"
)


def service(path: str) -> Answer:
    """Answer as the web data service does: one row for each area and characteristic asked for."""
    match = re.fullmatch(
        re.escape(DATA) + r"STC_CP,DF_(\w+),1\.3/A5\.([^.]+)\.1\.([^.]+)\.1\?format=csv", unquote(path)
    )
    if not match:
        return Answer(404)
    lines = [COLUMNS]
    for dguid in match[2].split("+"):
        for number in match[3].split("+"):
            value, flag = ("", "6") if number == "229" else (str(len(dguid) * int(number)), "")
            lines.append(
                f"STC_CP:DF_{match[1]}(1.3),A5,2021,{dguid},1,{number},1,{value},0,{flag},1,,,10,{dguid[9:]},{dguid},35,"
                "00000,3.1,2.5,,\n"
            )
    return Answer(body="".join(lines).encode(), headers={"Content-Type": "text/csv"})


def archive(rows: int = 20_000, word: str = "facility") -> bytes:
    """Return a zip of which every byte counts: stored, not compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as out:
        member = zipfile.ZipInfo("ODHF_v1.1/odhf_v1.1.csv", (2020, 8, 6, 0, 0, 0))
        out.writestr(member, "".join(f"{number},{word}\n" for number in range(rows)))
    return buffer.getvalue()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def manners(clock: Clock) -> Manners:
    return Manners(timeout=5.0, sleep=clock.sleep, clock=clock, now=lambda: TODAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "down loads"


@pytest.fixture
def get(server: Server, manners: Manners, folder: Path) -> Any:
    """Return lip.fetch with this server in place of all publishers, and this folder."""

    def fetch(name: str, **more: Any) -> fetching.Fetched:
        asked: dict[str, Any] = {"to": folder, "base_url": server.url, "manners": manners, "progress": False}
        return lip.fetch(name, **{**asked, **more})

    return fetch


def rows_of(files: tuple[Path, ...]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for file in files:
        with open(file, encoding="utf-8", newline="") as handle:
            found += list(csv.DictReader(handle))
    return found


# ---- the web data service -----------------------------------------------------------------------


def test_the_census_profile_is_asked_for_exactly_the_areas_of_a_roster(get: Any, server: Server, folder: Path) -> None:
    server.answers[DATA] = service
    done = get("census-profile-2021", roster="lips-2012", characteristics=["1", "383", "40"])
    rows = rows_of(done.files)
    declared = [
        row
        for row in csv.DictReader((ROOT / "data/design/catchments.csv").read_text(encoding="utf-8").splitlines())
        if row["level"] in ("cd", "csd")
    ]
    members = csv.DictReader((ROOT / "data/design/roster_sites.csv").read_text(encoding="utf-8").splitlines())
    sites = {row["site"] for row in members if row["roster"] == "lips-2012"}
    prefix = {"cd": "2021A0003", "csd": "2021A0005"}
    expected = {prefix[row["level"]] + row["area"] for row in declared if row["site"] in sites}
    assert {row["REF_AREA"] for row in rows} == expected
    assert {row["CHARACTERISTIC"] for row in rows} == {"1", "40", "383"}
    assert {"2021A00033521", "2021A00033540"} <= expected  # Peel and Huron
    assert len(server.requests) == 2  # census divisions and subdivisions
    assert "toronto-east" in done.notes[0]
    assert done.notes[0].startswith("Not in the census profile, being made of Toronto neighbourhoods or without areas")
    assert done.table["came"].tolist() == ["downloaded"] * 2
    record = read_download_records(folder)[done.table["file"][0]]
    assert record.sha256 == sha256_of(done.files[0])
    assert (record.date, record.bytes) == ("2026-11-24T12:00:00Z", done.files[0].stat().st_size)
    assert record.url.startswith(server.url)
    assert done.attribution.startswith("Source: Statistics Canada, Census Profile, 2021 Census")


def test_what_is_in_the_cache_is_not_asked_for_again(get: Any, server: Server) -> None:
    server.answers[DATA] = service
    first = get("census-profile-2021", areas=["2021A00033521"], characteristics=[1, 383])
    again = get("census-profile-2021", areas=["2021A00033521"], characteristics=["383", 1, 1])
    assert len(server.requests) == 1
    assert again.files == first.files
    assert again.table["came"].tolist() == ["in the cache"]


def test_many_areas_are_asked_for_in_small_requests_with_pauses(get: Any, server: Server, clock: Clock) -> None:
    server.answers[DATA] = service
    areas = [f"2021A0005{3500000 + number}" for number in range(200)] + ["2021S0503535", "2021S0504501"]
    numbers = list(range(1, 46))
    done = get("census-profile-2021", areas=areas, characteristics=numbers)
    asked = [re.search(r"DF_(\w+),1\.3/A5\.([^.]+)\.1\.([^.]+)\.1\?", unquote(path)) for path in server.paths]
    assert all(match and len(match[2].split("+")) <= 90 and len(match[3].split("+")) <= 40 for match in asked)
    assert [match[1] for match in asked if match] == ["CMACA"] * 2 + ["CSD"] * 6
    pairs = [(row["REF_AREA"], row["CHARACTERISTIC"]) for row in rows_of(done.files)]
    assert len(pairs) == len(set(pairs)) == 202 * 45
    assert clock.slept == [1.0] * 7  # between requests to the same host, not before the first


def test_areas_come_from_a_table_too(get: Any, server: Server, tmp_path: Path) -> None:
    server.answers[DATA] = service
    table = tmp_path / "areas.csv"
    table.write_text("level,area\ncd,3521\ncma,535\n")
    done = get("census-profile-2021", areas=table, characteristics=[1])
    assert {row["REF_AREA"] for row in rows_of(done.files)} == {"2021A00033521", "2021S0503535"}
    assert done.notes == ()


def test_more_areas_than_the_service_is_for_are_sent_to_the_bulk_files(get: Any, server: Server) -> None:
    with pytest.raises(InputError, match=r"1,001 areas are too many .* Fetch a bulk file instead, such as census-prof"):
        get("census-profile-2021", areas=[f"2021A0005{3500000 + number}" for number in range(1001)])
    assert server.requests == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"areas": ["35"]}, "'35' is neither an area of 2021"),
        ({"areas": ["2021A00033521"], "characteristics": ["0"]}, "'0' is neither an area of 2021"),
        ({"areas": []}, r"No areas to ask for\. Name a roster"),
        ({"areas": ["2021A00033521"], "roster": "lips-2012"}, "Name a roster or areas, not both"),
    ],
)
def test_areas_that_cannot_be_asked_for(get: Any, server: Server, more: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        get("census-profile-2021", **more)
    assert server.requests == []


def test_a_whole_file_takes_no_areas(get: Any) -> None:
    with pytest.raises(InputError, match="odhf is a whole file; rosters and areas are for census-profile-2021 only"):
        get("odhf", roster="lips-2012")
    with pytest.raises(InputError, match="odhf is a whole file; areas and characteristics"):
        get("odhf", characteristics=[1])


def changed_service(change: Any) -> Any:
    def answer(path: str) -> Answer:
        good = service(path)
        return dataclasses.replace(good, body=change(good.body))

    return answer


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda body: body.replace(b"REF_AREA", b"GEO"),
            r"its columns changed: expected REF_AREA, GENDER, .* found DATAFLOW,FREQ|its columns changed: expected .*"
            r"found DATAFLOW, FREQ, TIME_PERIOD, GEO",
        ),
        (lambda body: body.replace(b"2021A00033540", b"2021A00039999"), "area 2021A00039999 and characteristic 1, whi"),
        (lambda body: body[:-40], r"line 3 has \d+ cells, not 22; it may be cut off"),
        (lambda body: body + b"\xff", "it cannot be read as a table"),
        (lambda body: b"", "empty file"),
    ],
)
def test_an_answer_that_is_not_the_services_is_not_kept(
    get: Any, server: Server, folder: Path, change: Any, message: str
) -> None:
    server.answers[DATA] = changed_service(change)
    with pytest.raises(FetchError, match=message):
        get("census-profile-2021", areas=["2021A00033521", "2021A00033540"], characteristics=[1])
    assert not list(folder.glob("*/*"))
    assert read_download_records(folder) == {}


def test_areas_without_figures_are_named(get: Any, server: Server) -> None:
    server.answers[DATA] = changed_service(
        lambda body: b"".join(line for line in body.splitlines(keepends=True) if b"A00033540" not in line)
    )
    done = get("census-profile-2021", areas=["2021A00033521", "2021A00033540"], characteristics=[1])
    assert done.notes == ("The web data service has no figures for 1 of the areas: 2021A00033540.",)


def test_a_suppressed_figure_stays_as_the_service_gives_it(get: Any, server: Server) -> None:
    server.answers[DATA] = service
    (row,) = rows_of(get("census-profile-2021", areas=["2021A00033521"], characteristics=[229]).files)
    assert (row["OBS_VALUE"], row["FLAG"]) == ("", "6")


def test_nothing_found_by_the_service_is_said_in_its_words(get: Any) -> None:
    with pytest.raises(FetchError, match=r"has nothing for these areas and characteristics \(it answers 404\)"):
        get("census-profile-2021", areas=["2021A00033521"], characteristics=[99999])


def test_characteristics_are_found_by_their_label(get: Any, server: Server, folder: Path) -> None:
    server.answers = {DATA: service, CODES: Answer(body=CODE_LIST.encode(), headers={"Content-Type": "text/xml"})}
    labels = ["total - mother tongue > French", 1, "Langue parlée le plus souvent > Français"]
    with pytest.raises(
        NotFoundError, match=r"called .*\. Near to it: Total - Mother tongue > Single responses > French;"
    ):
        get("census-profile-2021", areas=["2021A00033521"], characteristics=labels)
    labels[2] = "Total - Langue parlée le plus souvent > Français"
    done = get("census-profile-2021", areas=["2021A00033521"], characteristics=labels)
    assert [row["CHARACTERISTIC"] for row in rows_of(done.files)] == ["1", "383", "705"]
    assert server.paths.count(CODES + "STC_CP/DF_CD?references=all&detail=full") == 1  # the second time from the cache
    with pytest.raises(
        InputError, match=r"2 characteristics are called 'French'.* 383: Total - Mother tongue > Single"
    ):
        get("census-profile-2021", areas=["2021A00033521"], characteristics=["French"])
    assert set(check_folder(folder)["state"]) == {"as recorded"}


def test_the_declared_characteristics_are_asked_for(get: Any, server: Server, project_copy: Path) -> None:
    server.answers = {DATA: service, CODES: Answer(body=CODE_LIST.encode(), headers={"Content-Type": "text/xml"})}
    (project_copy / "data/design/census_characteristics.csv").write_text(
        "characteristic,vintage,layout,id,label,parent\n"
        'population,2021,web-2021,1,"Population, 2021",\n'
        "population,2021,profile-2021,2,Not of the service,\n"
        "mother_tongue_french,2021,web-2021,,French,Total - Mother tongue > Single responses\n"
        "odd,2021,web-2021,,No such label,Total - Mother tongue\n"
        "either,2021,web-2021,,French,\n"
    )
    done = get("census-profile-2021", areas=["2021A00033521"], root=project_copy)
    assert [row["CHARACTERISTIC"] for row in rows_of(done.files)] == ["1", "383"]
    assert done.notes == (
        "The code list of the service has none, or several, of these characteristics, so they were not asked for: "
        "Total - Mother tongue > No such label; French. Correct their labels in "
        "data/design/census_characteristics.csv.",
    )


def test_without_that_table_the_row_says_what_is_asked_for(get: Any, server: Server, project_copy: Path) -> None:
    server.answers[DATA] = service
    (project_copy / "data/design/census_characteristics.csv").unlink(missing_ok=True)
    done = get("census-profile-2021", areas=["2021A00033521"], root=project_copy)
    asked = load_downloads(ROOT)["census-profile-2021"].asks.split(";")
    assert [row["CHARACTERISTIC"] for row in rows_of(done.files)] == asked
    assert {"1", "379", "383"} <= set(asked)


# ---- whole, cut off, continued ------------------------------------------------------------------


def test_a_file_is_kept_with_its_record(get: Any, server: Server, folder: Path) -> None:
    body = archive()
    server.answers[ODHF] = Answer(
        body=body, etag='"v1"', headers={"Last-Modified": "Fri, 07 Aug 2020 12:00:00 GMT", "Content-Type": "x/zip"}
    )
    done = get("odhf")
    assert done.files == (folder / "ODHF_v1.1.zip",)
    assert done.files[0].read_bytes() == body
    record = read_download_records(folder)["ODHF_v1.1.zip"]
    assert (record.etag, record.last_modified) == ('"v1"', "Fri, 07 Aug 2020 12:00:00 GMT")
    assert sorted(path.name for path in folder.iterdir()) == ["ODHF_v1.1.zip", "downloads.json"]
    headers = server.requests[0][1]
    assert re.match(r"lipresearch/\S+ \(", headers["User-Agent"])
    assert headers["Accept-Encoding"] == "identity"
    assert not {"Range", "If-Range", "Authorization", "Cookie"} & set(headers)


def test_a_download_that_is_cut_off_goes_on_where_it_stopped(get: Any, server: Server, clock: Clock) -> None:
    body = archive()
    server.answers[ODHF] = [
        Answer(body=body, etag='"v1"', cut=CHUNK + 10_000),
        Answer(body=body, etag='"v1"', cut=CHUNK + 5_000),
        Answer(body=body, etag='"v1"'),
    ]
    assert get("odhf").files[0].read_bytes() == body
    ranges = [(headers.get("Range"), headers.get("If-Range")) for _, headers in server.requests]
    assert ranges == [(None, None), (f"bytes={CHUNK}-", '"v1"'), (f"bytes={2 * CHUNK}-", '"v1"')]
    assert clock.slept == [2.0, 4.0]


def test_the_next_run_goes_on_too(get: Any, server: Server, folder: Path, manners: Manners) -> None:
    body = archive()
    server.answers[ODHF] = [Answer(body=body, etag='"v1"', cut=CHUNK + 9_000), Answer(body=body, etag='"v1"')]
    with pytest.raises(FetchError, match=r"tried once: the connection was cut off\. What has arrived is kept"):
        get("odhf", manners=dataclasses.replace(manners, attempts=1))
    assert not (folder / "ODHF_v1.1.zip").exists()
    table = check_folder(folder)
    assert table[["file", "state", "bytes"]].to_numpy().tolist() == [["ODHF_v1.1.zip.part", "incomplete", CHUNK]]
    assert get("odhf").files[0].read_bytes() == body
    assert server.requests[1][1]["Range"] == f"bytes={CHUNK}-"
    assert sorted(path.name for path in folder.iterdir()) == ["ODHF_v1.1.zip", "downloads.json"]


@pytest.mark.parametrize(
    "second",
    [
        Answer(body=archive(word="other one"), etag='"v2"'),  # changed meanwhile: If-Range gives the whole of it
        Answer(body=archive(word="other one"), etag='"v1"', ranges=False),  # ranges are ignored
    ],
)
def test_a_file_that_cannot_go_on_begins_anew(get: Any, server: Server, second: Answer) -> None:
    server.answers[ODHF] = [Answer(body=archive(), etag='"v1"', cut=CHUNK + 10_000), second]
    assert get("odhf").files[0].read_bytes() == second.body


def test_two_versions_are_never_joined(get: Any, server: Server) -> None:
    other = Answer(body=archive(word="other one"), etag='"v2"', obeys_if_range=False)
    server.answers[ODHF] = [Answer(body=archive(), etag='"v1"', cut=CHUNK + 10_000), other, other]
    assert get("odhf").files[0].read_bytes() == other.body
    assert [headers.get("Range") for _, headers in server.requests] == [None, f"bytes={CHUNK}-", None]


def test_a_cut_file_of_another_address_is_not_continued(get: Any, server: Server, project_copy: Path) -> None:
    server.answers = {
        ODHF: Answer(body=archive(), etag='"v1"', cut=CHUNK + 10_000),
        "/elsewhere/": Answer(body=archive(word="other one"), etag='"v1"'),
    }
    with pytest.raises(FetchError, match="the connection was cut off"):
        get("odhf", manners=Manners(attempts=1))
    path = project_copy / "data/design/downloads.csv"
    path.write_text(path.read_text().replace("ca/n1/en/pub/13-26-0001/2020001/ODHF", "ca/elsewhere/ODHF"))
    assert get("odhf", root=project_copy).files[0].read_bytes() == archive(word="other one")
    assert "Range" not in server.requests[-1][1]


def test_without_a_mark_of_the_version_a_cut_file_begins_anew(get: Any, server: Server) -> None:
    server.answers[ODHF] = [Answer(body=archive(), cut=CHUNK + 10_000), Answer(body=archive())]
    assert get("odhf").files[0].read_bytes() == archive()
    assert "Range" not in server.requests[1][1]


def test_a_damaged_state_of_a_cut_file_is_ignored(get: Any, server: Server, folder: Path) -> None:
    folder.mkdir()
    server.answers[ODHF] = Answer(body=archive(), etag='"v1"')
    for state in ("", "[]", '{"url": 1}', '{"url": "x", "mark": "\\n"}', "[" * 5000, '{"mark": 1, "url": 2}'):
        (folder / "ODHF_v1.1.zip.part").write_bytes(b"rubbish")
        (folder / "ODHF_v1.1.zip.state").write_text(state)
        assert get("odhf", refresh=True).files[0].read_bytes() == archive()
        (folder / "ODHF_v1.1.zip").unlink()


def test_a_server_that_promises_more_than_it_sends_is_not_believed(get: Any, server: Server, folder: Path) -> None:
    server.answers[ODHF] = Answer(body=archive(), length=len(archive()) + 1000)
    with pytest.raises(
        FetchError, match=r"could not be downloaded from 127\.0\.0\.1, tried 4 times: the connection was"
    ):
        get("odhf")
    assert len(server.requests) == 4
    assert not (folder / "ODHF_v1.1.zip").exists()
    assert read_download_records(folder) == {}


def test_a_server_that_promises_less_than_the_file_has_is_not_believed(get: Any, server: Server, folder: Path) -> None:
    server.answers[ODHF] = Answer(body=archive(), length=20_000)
    with pytest.raises(
        FetchError, match=r"ODHF_v1\.1\.zip \(Open Database .*\) cannot be used: it is not a whole zip file"
    ):
        get("odhf")
    assert [path.name for path in folder.iterdir()] == []


def test_a_server_that_says_no_length_is_read_to_its_end(get: Any, server: Server) -> None:
    server.answers[ODHF] = Answer(body=archive(), length=-1)
    assert get("odhf").files[0].read_bytes() == archive()


def test_a_silent_server_is_asked_again(get: Any, server: Server, manners: Manners) -> None:
    never = threading.Event()
    server.answers[ODHF] = [Answer(body=archive(), wait=never), Answer(body=archive())]
    try:
        assert get("odhf", manners=dataclasses.replace(manners, timeout=0.05)).files[0].read_bytes() == archive()
    finally:
        never.set()
    assert len(server.requests) == 2


def test_an_interrupted_download_is_continued(
    get: Any, server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = archive(60_000)
    server.answers[ODHF] = Answer(body=body, etag='"v1"')

    def stop(self: Progress, done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "update", stop)
        with pytest.raises(KeyboardInterrupt):
            get("odhf")
    assert [path.suffix for path in sorted(folder.iterdir())] == [".part", ".state"]
    begun = (folder / "ODHF_v1.1.zip.part").stat().st_size
    assert 0 < begun < len(body)
    assert get("odhf").files[0].read_bytes() == body
    assert server.requests[1][1]["Range"] == f"bytes={begun}-"


# ---- waiting, giving up ---------------------------------------------------------------------------


def test_a_server_that_asks_to_wait_is_obeyed(get: Any, server: Server, clock: Clock) -> None:
    server.answers[ODHF] = [
        Answer(429, headers={"Retry-After": "17"}),
        Answer(503, headers={"Retry-After": "Tue, 24 Nov 2026 12:01:30 GMT"}),
        Answer(500, headers={"Retry-After": "rubbish"}),
        Answer(body=archive()),
    ]
    assert get("odhf").files[0].read_bytes() == archive()
    assert clock.slept == [17.0, 90.0, 8.0]


def test_a_server_that_asks_to_wait_too_long_ends_the_download(get: Any, server: Server, clock: Clock) -> None:
    server.answers[ODHF] = Answer(429, headers={"Retry-After": "86400"})
    with pytest.raises(FetchError, match=r"asks to wait 86,400 seconds .* come back later: lipresearch fetch odhf"):
        get("odhf")
    assert (len(server.requests), clock.slept) == (1, [])


def test_a_server_in_trouble_is_asked_four_times_ever_more_slowly(get: Any, server: Server, clock: Clock) -> None:
    server.answers[ODHF] = Answer(500)
    with pytest.raises(
        FetchError, match=r"tried 4 times: the server answers 500\. .* Try again later: lipresearch fetch"
    ):
        get("odhf")
    assert (len(server.requests), clock.slept) == (4, [2.0, 4.0, 8.0])


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "does not give it out to programs"),
        (404, "has no such file any more"),
        (410, "has taken it down"),
        (401, "asks for a password for it"),
        (418, "answers 418"),
        (204, "answers 204"),
    ],
)
def test_a_refusal_names_the_file_and_the_publishers_page(
    get: Any, server: Server, folder: Path, status: int, said: str
) -> None:
    server.answers[ODHF] = Answer(status)
    with pytest.raises(FetchError) as stopped:
        get("odhf")
    assert str(stopped.value) == (
        f"ODHF_v1.1.zip (Open Database of Healthcare Facilities, version 1.1): 127.0.0.1 {said} ({status}).\n"
        "The publisher's page: https://www.statcan.gc.ca/eng/lode/databases/odhf\n"
        "If the address moved, correct url in data/design/downloads.csv.\n"
        f"By hand: download it in a browser, save it as {folder / 'ODHF_v1.1.zip'} and run `lipresearch fetch odhf` "
        "again, with the same --to if you used it."
    )
    assert len(server.requests) == 1


def test_without_a_connection_the_message_says_how_to_go_on(get: Any, server: Server, folder: Path) -> None:
    server.answers[DATA] = service
    get("census-profile-2021", areas=["2021A00033521"], characteristics=[1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(FetchError) as stopped:
        get("odhf", base_url=nobody)
    assert str(stopped.value) == (
        "127.0.0.1 could not be reached, tried 4 times (the connection was refused).\n"
        f"In {folder} already: census-profile-2021.\n"
        "All other commands work without it, with the figures in data/raw. What it is for: "
        f"{load_downloads(ROOT)['odhf'].improves}.\n"
        "When there is a connection: lipresearch fetch odhf\n"
        f"By hand: download it in a browser, save it as {folder / 'ODHF_v1.1.zip'} and run `lipresearch fetch odhf` "
        "again, with the same --to if you used it."
    )
    # what is in the cache needs no connection
    again = get("census-profile-2021", areas=["2021A00033521"], characteristics=[1], base_url=nobody)
    assert again.table["came"].tolist() == ["in the cache"]


# ---- not the file -----------------------------------------------------------------------------------

PAGE = b"  <!DOCTYPE html>\n<html><title>Just a moment...</title></html>"


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/zip"])
def test_a_web_page_in_place_of_the_file_is_noticed(get: Any, server: Server, folder: Path, kind: str) -> None:
    server.answers[ODHF] = Answer(body=PAGE, headers={"Content-Type": kind})
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 sent a web page instead of ODHF_v1\.1\.zip\. (.|\n)*By hand: "):
        get("odhf")
    assert list(folder.iterdir()) == []


def test_a_moved_file_is_followed(get: Any, server: Server) -> None:
    server.answers = {ODHF: Answer(302, headers={"Location": "/new/place.zip"}), "/new/": Answer(body=archive())}
    assert get("odhf").files[0].read_bytes() == archive()


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/a.zip", "gopher://a", "data:text/csv,a"])
def test_nothing_but_the_web_is_followed(get: Any, server: Server, folder: Path, target: str) -> None:
    server.answers[ODHF] = Answer(302, headers={"Location": target})
    with pytest.raises(FetchError, match="sends on to an address that is not http or https; not followed"):
        get("odhf")
    assert list(folder.iterdir()) == []


def test_a_circle_of_addresses_ends(get: Any, server: Server) -> None:
    server.answers[ODHF] = Answer(302, headers={"Location": ODHF})
    with pytest.raises(FetchError, match="sends from one address to the next without end"):
        get("odhf")
    assert len(server.requests) == 6


@pytest.mark.parametrize("length", [None, -1])
def test_a_file_over_its_limit_is_not_taken(
    get: Any, server: Server, folder: Path, length: int | None, project_copy: Path
) -> None:
    path = project_copy / "data/design/downloads.csv"
    path.write_text(path.read_text().replace("under 2 MB,50,", "under 2 MB,0.02,"))
    server.answers[ODHF] = Answer(body=archive(), length=length)
    with pytest.raises(
        FetchError, match=r"ODHF_v1\.1\.zip has 0\.\d MB or more, .* allows 0\.0 MB \(limit_mb of odhf\)"
    ):
        get("odhf", root=project_copy)
    assert list(folder.iterdir()) == []


# ---- the same file, or another ------------------------------------------------------------------


def test_changed_content_is_an_error_until_it_is_accepted(get: Any, server: Server, folder: Path) -> None:
    server.answers[ODHF] = Answer(body=archive(), etag='"v1"')
    path = get("odhf").files[0]
    old = sha256_of(path)
    path.unlink()
    server.answers[ODHF] = Answer(body=archive(word="corrected"), etag='"v2"')
    with pytest.raises(DataChangedError) as stopped:
        get("odhf")
    lines = str(stopped.value).splitlines()
    assert lines[0] == "ODHF_v1.1.zip (Open Database of Healthcare Facilities, version 1.1) is not what was recorded."
    assert lines[1] == f"  recorded sha256 {old} (recorded on 2026-11-24)"
    assert re.fullmatch(r"  found    sha256 [0-9a-f]{64} \(on 2026-11-24\)", lines[2])
    assert lines[3].endswith("To accept the new content: lipresearch fetch odhf --refresh")
    assert [item.name for item in folder.iterdir()] == ["downloads.json"]
    done = get("odhf", refresh=True)
    assert done.files[0].read_bytes() == archive(word="corrected")
    assert old in done.notes[0]
    assert done.notes[0].endswith("The new content was accepted; what was computed from the old one may change.")
    assert get("odhf").table["came"].tolist() == ["in the cache"]
    assert read_download_records(folder)["ODHF_v1.1.zip"].sha256 == sha256_of(path) != old


def test_refresh_asks_only_for_something_newer(get: Any, server: Server) -> None:
    server.answers[ODHF] = Answer(body=archive(), etag='"v1"')
    get("odhf")
    done = get("odhf", refresh=True)
    assert done.table["came"].tolist() == ["unchanged"]
    assert server.requests[1][1]["If-None-Match"] == '"v1"'
    server.answers[ODHF] = Answer(body=archive(), etag='"v2"')  # another mark, the same content
    done = get("odhf", refresh=True)
    assert (done.table["came"].tolist(), done.notes) == (["downloaded"], ())


def test_a_refresh_that_fails_leaves_the_old_file(get: Any, server: Server, folder: Path) -> None:
    server.answers[ODHF] = [Answer(body=archive(), etag='"v1"'), Answer(404)]
    get("odhf")
    with pytest.raises(FetchError, match="has no such file any more"):
        get("odhf", refresh=True)
    assert (folder / "ODHF_v1.1.zip").read_bytes() == archive()
    assert check_folder(folder)["state"].tolist() == ["as recorded"]


def test_a_hash_in_the_table_is_held_to(get: Any, server: Server, folder: Path) -> None:
    server.answers["/dataset/"] = Answer(body=b"Category,Topic\na,b\n")
    expected = find_download(ROOT, "toronto-neighbourhoods-2016").sha256
    with pytest.raises(DataChangedError, match=rf"recorded sha256 {expected} \(in data/design/downloads\.csv\)"):
        get("toronto-neighbourhoods-2016")
    assert list(folder.iterdir()) == []
    done = get("toronto-neighbourhoods-2016", refresh=True)
    assert expected in done.notes[0]


def test_a_file_that_was_changed_in_the_folder_is_noticed(get: Any, server: Server, folder: Path) -> None:
    server.answers[ODHF] = Answer(body=archive())
    path = get("odhf").files[0]
    path.write_bytes(archive(word="by hand"))
    with pytest.raises(
        DataChangedError, match=r"is not the file that was recorded on 2026-11-24\.\n.*\n.*\nIt was chan"
    ):
        get("odhf")
    assert check_folder(folder)["state"].tolist() == ["changed"]
    assert get("odhf", refresh=True).files[0].read_bytes() == archive()


def test_a_file_that_a_person_put_there_is_recorded(get: Any, folder: Path, server: Server) -> None:
    name = "Ministry_of_Health_Service_Provider_Locations.csv"
    with pytest.raises(
        FetchError, match=rf"no address that is known to stay(.|\n)*save it as .*{name} and run `lipres"
    ):
        get("ontario-health-locations")
    (folder / name).write_bytes(b"X,Y,FID\n1,2,3\n")
    done = get("ontario-health-locations")
    assert done.table["came"].tolist() == ["put there by hand"]
    assert read_download_records(folder)[name].how == "by hand"
    assert get("ontario-health-locations").table["came"].tolist() == ["in the cache"]
    (folder / name).write_bytes(b"X,Y,FID\n1,2,4\n")
    with pytest.raises(DataChangedError, match="is not the file that was recorded"):
        get("ontario-health-locations")
    assert "The new content was accepted" in get("ontario-health-locations", refresh=True).notes[0]
    (folder / "neighbourhoods-4326.geojson").write_bytes(PAGE)
    with pytest.raises(FetchError, match="cannot be used: it is a web page, not the file"):
        get("toronto-boundaries")
    assert server.requests == []


# ---- the folder ---------------------------------------------------------------------------------


def test_a_full_disk_is_told_before_the_download(
    get: Any, server: Server, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    server.answers[ODHF] = Answer(body=archive())
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5000})())
    with pytest.raises(FetchError, match=r"ODHF_v1\.1\.zip needs 0\.3 MB, and .* has 5,000 bytes left\. Make room"):
        get("odhf")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "is full. Make room"),
        (errno.EROFS, "cannot be written to. Name another folder with --to"),
        (errno.EIO, "cannot be used: Input/output error"),
    ],
)
def test_a_disk_that_cannot_be_written_to(
    get: Any, server: Server, monkeypatch: pytest.MonkeyPatch, folder: Path, number: int, message: str
) -> None:
    server.answers[ODHF] = Answer(body=archive())

    class Broken(io.BytesIO):
        def write(self, _: Any) -> int:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fetching, "open", lambda *_: Broken(), raising=False)
    with pytest.raises(FetchError, match=re.escape(message)):
        get("odhf")
    assert not (folder / "ODHF_v1.1.zip").exists()


def test_a_folder_that_is_a_file_or_closed(
    get: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers[ODHF] = Answer(body=archive())
    (tmp_path / "file").write_text("x")
    with pytest.raises(FetchError, match=r"file is a file, not a folder\. Name another folder with --to"):
        get("odhf", to=tmp_path / "file")
    with pytest.raises(FetchError, match=r"Name another folder with --to"):
        get("odhf", to=tmp_path / "file" / "below")
    import pooch.utils

    def closed(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(pooch.utils.tempfile, "NamedTemporaryFile", closed)
    with pytest.raises(FetchError, match="cannot be written to"):
        get("odhf", to=tmp_path / "closed")
    assert server.requests == []


@pytest.mark.parametrize("name", ["../odhf", "odhf/../odhf", "", "/etc/passwd", "table-98-10-00/1", "table-98-10-NNNN"])
def test_a_name_cannot_lead_out_of_the_folder(get: Any, server: Server, name: str) -> None:
    with pytest.raises(NotFoundError, match="Nothing to download is called"):
        get(name)
    assert server.requests == []


@pytest.mark.parametrize(
    "base", ["ftp://a", "http://", "https://a/path", "file:///etc", "a", "http://u:p@a", "http://a:b", "http://a?x"]
)
def test_a_base_address_must_be_one(get: Any, base: str) -> None:
    with pytest.raises(InputError, match="expected http:// or https:// with a host, and nothing after it"):
        get("odhf", base_url=base)


def test_no_password_of_the_user_is_sent(
    get: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.answers[ODHF] = Answer(body=archive())
    get("odhf")
    assert "Authorization" not in server.requests[0][1]


def test_the_default_folder_is_in_the_users_cache() -> None:
    folder = fetching.cache_folder()
    assert folder.name == "downloads"
    assert "lipresearch" in folder.parts[-2:] or "lipresearch" in str(folder)
    assert ROOT not in folder.parents


# ---- progress -----------------------------------------------------------------------------------


def test_progress_appears_after_two_seconds_and_goes_away(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(True, clock) as progress:
        progress.say("odhf")
        progress.update(1000, 2000)
        assert progress.bar is None
        clock.sleep(2.5)
        progress.update(1500, 2000)
        assert progress.bar is not None
        (task,) = progress.bar.tasks
        assert (task.description, task.completed, task.total) == ("odhf", 1500, 2000)
    assert progress.bar.finished or not progress.bar.live.is_started
    with Progress(False, clock) as hidden:
        clock.sleep(10)
        hidden.update(1, 2)
        assert hidden.bar is None
    assert capsys.readouterr().out == ""


# ---- the command --------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(arguments)
    shown = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0), shown.out, shown.err


@pytest.fixture
def mirrored(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Let the command, which has no option for it, meet this server in place of all publishers."""
    original = fetching.fetch

    def local(*arguments: Any, **more: Any) -> fetching.Fetched:
        return original(*arguments[:6], server.url, Manners(pause=0.0, wait=0.0), False, **more)

    monkeypatch.setattr(fetching, "fetch", local)
    return server


def test_the_command_downloads_verifies_and_notices(
    mirrored: Server, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    mirrored.answers = {DATA: service, ODHF: Answer(body=archive())}
    to = ("--to", str(folder))
    code, out, err = run(capsys, "fetch", "census-profile-2021", "odhf", "--characteristics", "1,383", *to)
    assert (code, err) == (0, "")
    assert "census-profile-2021: 2 files, 0.0 MB (2 downloaded)" in out
    assert f"  {folder / 'ODHF_v1.1.zip'}\n" in out
    assert "Cite: Source: Statistics Canada, Open Database of Healthcare Facilities" in out
    assert "Note: Not in the census profile" in out
    code, out, err = run(capsys, "fetch", "--verify", *to)
    assert (code, err) == (0, "")
    assert out.endswith("3 files as recorded.\n")
    (folder / "ODHF_v1.1.zip").write_bytes(b"x")
    code, out, err = run(capsys, "fetch", "--verify", *to)
    assert (code, "changed" in out) == (1, True)
    assert err.startswith(f"Error: 1 of the recorded files in {folder} are not as recorded: ODHF_v1.1.zip.")
    assert "Traceback" not in err


def test_the_command_lists_everything_with_where_its_address_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "fetch", "--list")
    assert code == 0
    assert max(len(line) for line in out.split("\n")) <= 100
    for name in load_downloads(ROOT):
        assert f"\n{name}\n" in out
    assert "Open Government Licence - Toronto" in out
    code, out, _ = run(capsys, "fetch", "--list", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["name"] for row in rows] == list(load_downloads(ROOT))
    assert set(rows[0]) > {"title", "publisher", "vintage", "licence", "size", "improves", "url", "address"}


def test_a_wrong_name_stops_before_anything_is_downloaded(
    mirrored: Server, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    code, out, err = run(capsys, "fetch", "odhf", "odfh", "--to", str(folder))
    assert (code, out) == (1, "")
    assert err == (
        "Error: Nothing to download is called 'odfh'. Did you mean odhf? All names: lipresearch fetch --list\n"
    )
    code, _, err = run(capsys, "fetch", "odhf", "--roster", "lips-2012", "--to", str(folder))
    assert (code, err) == (1, "Error: --roster, --areas and --characteristics are for census-profile-2021 only.\n")
    assert mirrored.requests == []


def test_an_empty_folder_is_verified_too(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, _ = run(capsys, "fetch", "--verify", "--to", str(folder))
    assert (code, out) == (0, f"Nothing was downloaded into {folder} yet.\n")
    assert not folder.exists()


def test_what_is_listed_is_what_the_table_says() -> None:
    assert list(public.list_downloads().index) == list(load_downloads(ROOT))

"""What can be downloaded, for which areas, and what lies in the folder of downloads; nothing here uses a network."""

from __future__ import annotations

import csv
import difflib
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from lipresearch.catchments import load_catchments
from lipresearch.errors import DataChangedError, FetchError, InputError, NotFoundError, Problem, TableError
from lipresearch.registry import sha256_of
from lipresearch.sites import design_path, load_roster
from lipresearch.tables import Column, Schema, read_records, read_table, write_table, write_text

FILE = "data/design/downloads.csv"

#: The characteristics that the toolkit can use, by official product.
CHARACTERISTICS = "data/design/census_characteristics.csv"

#: The record of what was downloaded, in the folder of downloads.
RECORDS = "downloads.json"

#: Stands in the table where no hash is known beforehand.
UNRECORDED = "recorded on first fetch"

SERVICE = "web data service"
KINDS = (SERVICE, "zip", "csv", "xlsx", "xml", "json")

#: Where an address comes from, and what that is worth.
ADDRESSES: Mapping[str, str] = {
    "documented": "the publisher's guide or page states it",
    "seen in use": "programs of others use it",
    "by pattern": "made like a documented or used one",
    "not known": "to be downloaded by hand",
}

#: The code lists of the census profile, by which characteristics are found by their label.
CODES = "census-profile-2021-codes"

#: The most that one request to the web data service asks for; about as much came in nine seconds.
AREAS_AT_ONCE, CHARACTERISTICS_AT_ONCE = 90, 40

#: More areas are for the bulk files: the publisher asks not to pull whole levels through the service.
MOST_AREAS = 1000

DOWNLOADS = Schema(
    (
        Column("name", "id"),
        Column("title"),
        Column("publisher"),
        Column("vintage"),
        Column("licence"),
        Column("kind", "choice", choices=KINDS),
        Column("url", required=False),
        Column("file", "id"),
        Column("size"),
        Column("limit_mb", "number", low=0.001),
        Column("sha256"),
        Column("improves"),
        Column("page"),
        Column("address", "choice", choices=tuple(ADDRESSES)),
        Column("asks", required=False),
        Column("attribution"),
        Column("note", required=False),
    ),
    ("name",),
)

#: First characters of an area's identifier (DGUID) of 2021: level, digits that follow, dataflow of the service.
LEVELS: Mapping[str, tuple[str, int, str]] = {
    "2021A0002": ("province", 2, "DF_PR"),
    "2021A0003": ("cd", 4, "DF_CD"),
    "2021A0005": ("csd", 7, "DF_CSD"),
    "2021S0503": ("cma", 3, "DF_CMACA"),
    "2021S0504": ("ca", 3, "DF_CMACA"),
    "2021S0500": ("er", 4, "DF_ER"),
}

#: What a row of the web data service must hold to be read.
SERVICE_COLUMNS = (
    "REF_AREA",
    "GENDER",
    "CHARACTERISTIC",
    "STATISTIC",
    "OBS_VALUE",
    "FLAG",
    "DATA_QUALITY_FLAG",
)

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(-NNNN)?")
_HASH = re.compile(r"[0-9a-f]{64}")
_PLACES = {SERVICE: {"{dataflow}", "{areas}", "{characteristics}"}}


@dataclass(frozen=True)
class Download:
    """A row of ``data/design/downloads.csv``; its columns are described in ``data/design/README.md``."""

    name: str
    title: str
    publisher: str
    vintage: str
    licence: str
    kind: str
    url: str
    file: str
    size: str
    limit_mb: float
    sha256: str
    improves: str
    page: str
    address: str
    asks: str
    attribution: str
    note: str

    @property
    def by_hand(self) -> bool:
        """Whether no address is known, so that a person must download the file."""
        return not self.url

    @property
    def limit(self) -> int:
        """The most bytes that are taken for this file."""
        return round(self.limit_mb * 1_000_000)


def safe_name(name: str) -> bool:
    """Whether a name can be that of a file in the folder of downloads, and of nothing outside it.

    >>> [safe_name(name) for name in ("a.zip", "../a.zip", ".a", "a.part", "downloads.json", "a/b")]
    [True, False, False, False, False, False]
    """
    plain = bool(_SAFE.fullmatch(name)) and ".." not in name and not name.endswith(".")
    return plain and not name.lower().endswith((".part", ".state", ".new")) and name.lower() != RECORDS


def _web_address(url: str) -> bool:
    """Whether this is an address of a publisher on the web: http or https, a named host, nothing hidden in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    named = bool(re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", host))
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    return parts.scheme in ("http", "https") and named and plain and "@" not in parts.netloc and port in (None, 80, 443)


def _row_problems(row: Download) -> list[tuple[str, str, str, str]]:
    """Return (column, found, expected, remedy) for what is wrong in a row beyond its single cells."""
    found: list[tuple[str, str, str, str]] = []
    if not _NAME.fullmatch(row.name):
        found.append(("name", repr(row.name), "small letters, digits and hyphens", ""))
    open_name = row.name.endswith("-NNNN")
    if not safe_name(row.file.replace("{table}", "0") if open_name else row.file):
        found.append(("file", repr(row.file), "a plain file name", "Letters, digits, dots and hyphens, no folder."))
    elif row.kind != SERVICE and not row.file.endswith(f".{row.kind}") and row.kind != "json":
        found.append(("file", repr(row.file), f"a name that ends in .{row.kind}", ""))
    for column, url in (("url", row.url), ("page", row.page)):
        if url and not _web_address(url):
            found.append((column, repr(url), "an address that begins with https:// and a publisher's host", ""))
    if (row.address == "not known") != (row.url == ""):
        found.append(("url", repr(row.url), "an address, or none where address is 'not known'", ""))
    places = set(re.findall(r"\{[^}]*\}", row.url))
    expected = {"{table}"} if open_name else _PLACES.get(row.kind, set())
    if row.url and places != expected:
        words = " and ".join(sorted(expected)) or "no braces"
        found.append(("url", repr(row.url), words, "Braces stand for what the command fills in."))
    if row.sha256 != UNRECORDED and not _HASH.fullmatch(row.sha256):
        found.append(("sha256", repr(row.sha256), f"64 hexadecimal digits, or: {UNRECORDED}", ""))
    if (row.kind == SERVICE) != (row.asks != ""):
        found.append(("asks", repr(row.asks), "characteristics for the web data service, and only there", ""))
    elif row.asks and not all(_is_id(part) for part in row.asks.split(";")):
        found.append(("asks", repr(row.asks), "numbers of characteristics with ; between them", ""))
    return found


def load_downloads(root: Path) -> dict[str, Download]:
    """Return what can be downloaded, by name, in the order of the table.

    Raises
    ------
    TableError
        If a cell, an address, a file's name or a hash cannot be used.
    """
    path, shown = design_path(root, "downloads")
    table = read_table(path, DOWNLOADS, shown)
    rows = [Download(**record) for record in table.values.to_dict("records")]
    problems = [
        Problem(shown, line, *problem)
        for row, line in zip(rows, table.lines, strict=True)
        for problem in _row_problems(row)
    ]
    seen: dict[str, int] = {}
    for row, line in zip(rows, table.lines, strict=True):
        if row.file.lower() in seen:
            first = seen[row.file.lower()]
            problems.append(Problem(shown, line, "file", f"again {row.file}", f"each only once (first in row {first})"))
        seen.setdefault(row.file.lower(), line)
    if problems:
        raise TableError(problems)
    return {row.name: row for row in rows}


def find_download(root: Path, name: str) -> Download:
    """Return what a name stands for; ``table-98-10-0352`` is found under ``table-98-10-NNNN``.

    Raises
    ------
    NotFoundError
        Naming the nearest names.
    """
    known = load_downloads(root)
    if name in known and not name.endswith("-NNNN"):
        return known[name]
    stem, _, number = name.rpartition("-")
    general = known.get(f"{stem}-NNNN")
    if general and re.fullmatch(r"[0-9]{4}", number):
        values = asdict(general)
        filled = {key: text.replace("{table}", number) for key, text in values.items() if isinstance(text, str)}
        filled["title"] = f"Table {name.removeprefix('table-')} of the census of 2021"
        return Download(**{**values, **filled, "name": name})
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {', '.join(near)}? " if near else ""
    raise NotFoundError(f"Nothing to download is called {name!r}. {hint}All names: lipresearch fetch --list")


def asked_for(root: Path, entry: Download) -> list[str]:
    """Return what is asked of the web data service unless something else is named: numbers, or labels under labels.

    These are the rows of ``data/design/census_characteristics.csv`` for the service (layout ``web-2021``), by their
    id or, where none is known, by label; without that table, the column ``asks`` of the row.
    """
    path = root / CHARACTERISTICS
    if not path.is_file():
        return entry.asks.split(";") if entry.asks else []
    header, records = read_records(path, CHARACTERISTICS)
    needed = ("layout", "id", "label", "parent")
    lacking = [name for name in needed if name not in header]
    if lacking:
        raise TableError(
            [Problem(CHARACTERISTICS, 1, "", f"no column {', '.join(lacking)}", "the columns of its table")]
        )
    places = [header.index(name) for name in needed]
    found = []
    for _, record in records:
        layout, number, label, parent = (record[place] if place < len(record) else "" for place in places)
        if layout == "web-2021":
            found.append(number or (f"{parent} > {label}" if parent else label))
    return found


# -- areas and requests -------------------------------------------------------------------------------


def _is_id(text: str) -> bool:
    return bool(re.fullmatch(r"[1-9][0-9]{0,5}", text))


def level_of(dguid: str) -> str | None:
    """Return the level of an area's identifier of 2021, or None if it is none.

    >>> level_of("2021A00033521"), level_of("2021S0503535"), level_of("2021A0003352"), level_of("35")
    ('cd', 'cma', None, None)
    """
    if dguid == "2021A000011124":
        return "province"  # Canada: in the same dataflow
    level, digits, _ = LEVELS.get(dguid[:9], ("", 0, ""))
    return level if level and re.fullmatch(r"[0-9]+", dguid[9:]) and len(dguid) == 9 + digits else None


def dguid_of(level: str, code: str) -> str | None:
    """Return the identifier (DGUID) of an area of 2021 from its level and code, or None if there is none.

    >>> dguid_of("cd", "3521"), dguid_of("csd", "3520005"), dguid_of("cma", "535"), dguid_of("hood140", "76")
    ('2021A00033521', '2021A00053520005', '2021S0503535', None)
    """
    found = [prefix for prefix, (name, _, _) in LEVELS.items() if name == level]
    dguid = f"{found[0]}{code}" if found else ""
    return dguid if level_of(dguid) else None


def roster_areas(root: Path, roster: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the identifiers of the areas that the sites of a roster are made of, and what is not among them.

    Returns
    -------
    dguids : tuple of str
        Census divisions and subdivisions as ``catchments.csv`` declares them, sorted.
    without : tuple of str
        Sites that hold Toronto neighbourhoods, or no area at all: the census profile does not list them.
    """
    sites = load_roster(root, roster).sites
    declared = load_catchments(root).declared
    mine = declared[declared["site"].isin(sites)]
    named = {row.site: [] for row in mine.itertuples()}  # type: dict[str, list[str | None]]
    for row in mine.itertuples():
        named[row.site].append(dguid_of(row.level, row.area))
    found = sorted({dguid for dguids in named.values() for dguid in dguids if dguid})
    without = tuple(site for site in sites if None in named.get(site, [None]))
    return tuple(found), without


def read_areas_file(path: Path) -> tuple[str, ...]:
    """Return the identifiers in a table of areas: one column ``dguid``, or the columns ``level`` and ``area``.

    Raises
    ------
    TableError
        Naming each row that is not an area of 2021.
    """
    shown = path.as_posix()
    if not path.exists():
        raise NotFoundError(f"There is no file {shown}. Give the table of areas with its folder and ending.")
    header, records = read_records(path, shown)
    problems: list[Problem] = []
    found: set[str] = set()
    levels = ", ".join(dict.fromkeys(level for level, _, _ in LEVELS.values()))
    if header not in (["dguid"], ["level", "area"]):
        remedy = f"Write one of the two; levels are {levels}."
        raise TableError([Problem(shown, 1, "", ",".join(header), "the header dguid, or level,area", remedy)])
    for line, record in records:
        dguid = None
        if len(record) == len(header):
            dguid = dguid_of(record[0], record[1]) if len(header) == 2 else record[0] if level_of(record[0]) else None
        if dguid is None:
            problems.append(Problem(shown, line, "", ",".join(record), f"an area of 2021 ({levels}) with its code"))
        else:
            found.add(dguid)
    if not found and not problems:
        problems.append(Problem(shown, 0, "", "no areas", "at least one row"))
    if problems:
        raise TableError(problems)
    return tuple(sorted(found))


@dataclass(frozen=True)
class Request:
    """One file to ask for: its name in the folder of downloads, the address, and what must be in it."""

    file: str
    url: str
    areas: tuple[str, ...] = ()
    characteristics: tuple[str, ...] = ()


def _chunks(items: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(items[start : start + size]) for start in range(0, len(items), size)]


def plan_requests(entry: Download, areas: Iterable[str] = (), characteristics: Iterable[str] = ()) -> list[Request]:
    """Return the requests for a row of the table: one for a file, several for the web data service.

    A request asks for areas of one level: at most 90 of them, and at most 40 characteristics. The same areas and
    characteristics give the same requests, whatever their order.

    Raises
    ------
    InputError
        If areas or characteristics are missing or unknown, or if there are too many areas for the service.
    """
    if entry.kind != SERVICE:
        return [Request(entry.file, entry.url)]
    wanted = sorted(set(areas))
    numbers = sorted(set(characteristics), key=lambda text: (len(text), text))
    strange = [dguid for dguid in wanted if level_of(dguid) is None] + [text for text in numbers if not _is_id(text)]
    if strange:
        raise InputError(f"{strange[0]!r} is neither an area of 2021 (DGUID) nor the number of a characteristic.")
    if not wanted or not numbers:
        lacking = "areas" if not wanted else "characteristics"
        raise InputError(f"No {lacking} to ask for. Name a roster whose sites are census divisions or subdivisions.")
    if len(wanted) > MOST_AREAS:
        raise InputError(
            f"{len(wanted):,} areas are too many for the web data service, which its publisher asks not to empty. "
            "Fetch a bulk file instead, such as census-profile-2021-csd-bulk."
        )
    requests = []
    flows = {dguid: LEVELS[dguid[:9]][2] if dguid[:9] in LEVELS else "DF_PR" for dguid in wanted}
    for flow in sorted(set(flows.values())):
        for group in _chunks([dguid for dguid in wanted if flows[dguid] == flow], AREAS_AT_ONCE):
            for part in _chunks(numbers, CHARACTERISTICS_AT_ONCE):
                filled = {"dataflow": flow, "areas": "+".join(group), "characteristics": "+".join(part)}
                url = entry.url
                for place, text in filled.items():
                    url = url.replace(f"{{{place}}}", text)
                name = f"{flow.removeprefix('DF_').lower()}-{_short_hash(url)}.csv"
                requests.append(Request(f"{entry.file}/{name}", url, group, part))
    return requests


def _short_hash(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- what lies in the folder --------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """What is known of a downloaded file.

    Attributes
    ----------
    file, name : str
        File, from the folder of downloads; name in ``downloads.csv``.
    url : str
        Where it came from.
    how : str
        ``fetched``, or ``by hand`` if a person put it there.
    date : str
        When, in universal time: ``2026-11-24T13:52:00Z``.
    bytes : int
    sha256 : str
    etag, last_modified : str
        What the server said to tell versions apart; may be empty.
    """

    file: str
    name: str
    url: str
    how: str
    date: str
    bytes: int
    sha256: str
    etag: str = ""
    last_modified: str = ""


_FIELDS: Mapping[str, re.Pattern[str]] = {
    "name": re.compile(r"[a-z0-9-]{1,100}"),
    "url": re.compile(r"https?://[!-~]{1,20000}"),
    "how": re.compile(r"fetched|by hand"),
    "date": re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII),
    "sha256": _HASH,
    "etag": re.compile(r"[ -~]{0,500}"),
    "last_modified": re.compile(r"[ -~]{0,100}"),
}


def _inside(file: str) -> bool:
    """Whether a recorded file is one in the folder of downloads, at most one folder down."""
    parts = file.split("/")
    return len(parts) in (1, 2) and all(safe_name(part) for part in parts)


def header_text(name: str, text: str | None) -> str:
    """Return a header of a server's answer if it can be recorded, else nothing (``name``: etag or last_modified)."""
    return text if text and _FIELDS[name].fullmatch(text) else ""


def _record(file: object, content: object) -> Record | None:
    names = {field.name for field in fields(Record)} - {"file"}
    if not isinstance(file, str) or not _inside(file) or not isinstance(content, dict) or set(content) != names:
        return None
    size = content["bytes"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        return None
    for name, pattern in _FIELDS.items():
        if not isinstance(content[name], str) or not pattern.fullmatch(content[name]):
            return None
    return Record(file=file, **content)


def read_download_records(folder: Path) -> dict[str, Record]:
    """Return what was recorded of the files in a folder of downloads, by file; empty if nothing was.

    Raises
    ------
    DataChangedError
        If the record file is damaged.
    """
    path = folder / RECORDS
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
        listed = content["files"]
        records = {file: _record(file, values) for file, values in listed.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise FetchError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        records = {"": None}
    good = {file: record for file, record in records.items() if record is not None}
    if len(good) != len(records):
        raise DataChangedError(
            f"{path} is damaged, so nothing is known of the files beside it. Restore it, or remove it: what lies in "
            "the folder is then recorded anew, as put there by hand."
        )
    return good


def write_download_records(folder: Path, records: Iterable[Record]) -> None:
    """Write the record file whole or not at all, sorted by file."""
    listed = {record.file: asdict(record) for record in sorted(records, key=lambda record: record.file)}
    for values in listed.values():
        del values["file"]
    write_text(folder / RECORDS, json.dumps({"files": listed}, indent=2, sort_keys=True) + "\n")


def check_folder(folder: Path) -> pd.DataFrame:
    """Return every file of a folder of downloads with what has become of it.

    Returns
    -------
    DataFrame
        Columns file, state (``as recorded``, ``changed``, ``missing``, ``not recorded`` or ``incomplete``), bytes
        (recorded, else found), date, sha256 (recorded) and found (hash where it changed). Sorted by file.
    """
    records = read_download_records(folder)
    rows: list[tuple[str, str, int, str, str, str]] = []
    for file, record in records.items():
        path = folder / file
        found = sha256_of(path) if path.is_file() else ""
        state = "missing" if not found else "as recorded" if found == record.sha256 else "changed"
        rows.append((file, state, record.bytes, record.date, record.sha256, found if state == "changed" else ""))
    present = [*folder.glob("*"), *folder.glob("*/*")] if folder.is_dir() else []
    for path in present:
        file = path.relative_to(folder).as_posix()
        if path.is_file() and file.endswith(".part"):
            rows.append((file, "incomplete", path.stat().st_size, "", "", ""))
        elif path.is_file() and _inside(file) and file not in records and not _MADE_HERE.fullmatch(path.name):
            rows.append((file, "not recorded", path.stat().st_size, "", "", ""))
    return pd.DataFrame(sorted(rows), columns=["file", "state", "bytes", "date", "sha256", "found"])


# -- what a file must look like -----------------------------------------------------------------------


def looks_like_page(start: bytes) -> bool:
    """Whether a file begins as a web page does.

    >>> looks_like_page(b" <!DOCTYPE html><html>"), looks_like_page(b"<?xml version='1.0'?>"), looks_like_page(b"a,b")
    (True, False, False)
    """
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    return text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script"))


def content_problem(path: Path, kind: str) -> str:
    """Return what shows that a file is not of its kind or not whole, or nothing."""
    with open(path, "rb") as handle:
        start = handle.read(4096)
    if not start:
        return "the file is empty"
    if looks_like_page(start):
        return "it is a web page, not the file"
    if kind in ("zip", "xlsx"):
        try:
            with zipfile.ZipFile(path) as archive:
                return "" if archive.namelist() else "the archive is empty"
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
            return f"it is not a whole {kind} file"
    if kind in ("csv", SERVICE) and b"\x00" in start:
        return "it is not a text file"
    if kind == "xml" and not start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return "it is not an XML file"
    if kind == "json" and start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        return "it is not a JSON file"
    return ""


def service_problem(path: Path, request: Request) -> tuple[str, tuple[str, ...]]:
    """Return what is wrong with an answer of the web data service (or nothing), and the areas it has no row for."""
    seen: set[str] = set()
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            header = next(reader, [])
            lacking = [name for name in SERVICE_COLUMNS if name not in header]
            if lacking:
                return (
                    f"its columns changed: expected {', '.join(SERVICE_COLUMNS)} among them, found {', '.join(header)}"
                ), ()
            area, characteristic = header.index("REF_AREA"), header.index("CHARACTERISTIC")
            for record in reader:
                if len(record) != len(header):
                    return f"line {reader.line_num} has {len(record)} cells, not {len(header)}; it may be cut off", ()
                if record[area] not in request.areas or record[characteristic] not in request.characteristics:
                    return (
                        f"line {reader.line_num} is about area {record[area]} and characteristic "
                        f"{record[characteristic]}, which were not asked for"
                    ), ()
                seen.add(record[area])
    except (csv.Error, UnicodeDecodeError) as error:
        return f"it cannot be read as a table ({error})", ()
    with open(path, "rb") as handle:
        handle.seek(-1, 2)
        if handle.read(1) != b"\n" and len(seen) < len(request.areas):
            return "it ends in the middle", ()
    return "", tuple(area for area in request.areas if area not in seen)


# -- names of characteristics -------------------------------------------------------------------------

#: Tables of names that were read from a code list, named by its hash.
_MADE_HERE = re.compile(r"characteristics-2021-[0-9a-f]{16}\.csv")

_CODE_COLUMNS = ("id", "parent", "label", "label_fr")
_CODE_TABLE = Schema(
    (Column("id", "id"), Column("parent", required=False), Column("label"), Column("label_fr", required=False)), ("id",)
)


def read_code_list(path: Path) -> pd.DataFrame:
    """Return the characteristics in the code lists of the web data service, in their order.

    The file is read once from front to back and never held as a whole. A document type or an entity is refused,
    because entities can blow a small file up to any size.

    Parameters
    ----------
    path : Path
        XML as the service gives it: ``Codelist`` with the id ``CL_CHARACTERISTIC``, in it ``Code`` with ``Name``
        in ``en`` and ``fr`` and ``Parent/Ref``.

    Returns
    -------
    DataFrame
        Columns id, parent ("" at the top), label, label_fr.

    Raises
    ------
    FetchError
        If the file is not such a list.
    """
    # expat itself, not iterparse: it keeps no tree of the tens of megabytes, and can refuse a document type.
    from xml.parsers import expat

    rows: list[dict[str, str]] = []
    state = {"list": False, "name": "", "parent": False}
    code: dict[str, str] = {}
    text: list[str] = []

    def local(tag: str) -> str:
        return tag.rpartition("|")[2]

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "Codelist":
            state["list"] = attributes.get("id") == "CL_CHARACTERISTIC"
        elif state["list"] and name == "Code":
            code.clear()
            code.update(id=attributes.get("id", ""), parent="", label="", label_fr="")
        elif code and name == "Name":
            language = attributes.get("http://www.w3.org/XML/1998/namespace|lang", "en")
            state["name"] = {"en": "label", "fr": "label_fr"}.get(language, "")
            text.clear()
        elif code and name == "Parent":
            state["parent"] = True
        elif code and state["parent"] and name == "Ref":
            code["parent"] = attributes.get("id", "")

    def end(tag: str) -> None:
        name = local(tag)
        if name == "Codelist":
            state["list"] = False
        elif name == "Name" and code and state["name"]:
            code[str(state["name"])] = " ".join("".join(text).split())
            state["name"] = ""
        elif name == "Parent":
            state["parent"] = False
        elif name == "Code" and code:
            rows.append(dict(code))
            code.clear()

    def data(part: str) -> None:
        if state["name"] and len(text) < 10_000:
            text.append(part)

    def refuse(*_: object) -> None:
        raise FetchError(f"{path.name} declares a document type or entities, which the code lists do not; not read.")

    parser = expat.ParserCreate(namespace_separator="|")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        with open(path, "rb") as handle:
            parser.ParseFile(handle)
    except expat.ExpatError as error:
        raise FetchError(
            f"{path.name} is not whole: {expat.ErrorString(error.code)} in line {error.lineno}. "
            f"Fetch it again: lipresearch fetch {CODES} --refresh"
        ) from None
    table = pd.DataFrame(rows, columns=list(_CODE_COLUMNS))
    numbered = not table.empty and table["id"].map(_is_id).all() and not table["id"].duplicated().any()
    if not numbered or (table["label"] == "").any():
        raise FetchError(
            f"{path.name} holds no list CL_CHARACTERISTIC with numbered and named codes. The publisher may have "
            "changed its layout; name the characteristics by number meanwhile."
        )
    return table


def read_codes(path: Path) -> pd.DataFrame:
    """Return ``read_code_list``, kept beside the file as a small table named by the file's hash."""
    kept = path.with_name(f"characteristics-2021-{sha256_of(path)[:16]}.csv")
    if kept.is_file():
        return read_table(kept, _CODE_TABLE, kept.as_posix()).values[list(_CODE_COLUMNS)]
    table = read_code_list(path)
    write_table(kept, _CODE_COLUMNS, table.to_numpy().tolist())
    return table


class CodeNames:
    """The names of a code list, to look characteristics up by.

    Parameters
    ----------
    codes : DataFrame
        As ``read_code_list`` returns it.
    """

    def __init__(self, codes: pd.DataFrame):
        self._rows = {row.id: row for row in codes.itertuples()}
        self._called: dict[str, list[str]] = {}
        for row in self._rows.values():
            for name in sorted({row.label.casefold(), row.label_fr.casefold()}):
                self._called.setdefault(name, []).append(row.id)

    def _above(self, code: str) -> list[str]:
        """Return a characteristic with those that it stands under, the highest first."""
        chain: list[str] = []
        while code in self._rows and code not in chain:
            chain.append(code)
            code = self._rows[code].parent
        return chain[::-1]

    def path(self, code: str) -> str:
        """Return the labels that lead to a characteristic."""
        return " > ".join(self._rows[higher].label for higher in self._above(code))

    def same(self, label: str) -> list[str]:
        """Return the characteristics with a label, wherever they stand."""
        return self._called.get(label.casefold(), [])

    def near(self, label: str) -> list[str]:
        """Return labels that are much like one."""
        labels = [row.label for row in self._rows.values()]
        return list(dict.fromkeys(difflib.get_close_matches(label, labels, n=3, cutoff=0.6)))

    def matches(self, label: str) -> list[str]:
        """Return the characteristics that a label means; one whose labels are all written out goes before others."""
        *higher, last = (" ".join(part.split()) for part in label.split(">"))
        found = []
        for code in self.same(last):
            chain = iter(self._above(code)[:-1])
            if all(any(step in self.same(part) for step in chain) for part in higher):
                found.append(code)
        whole = [code for code in found if len(self._above(code)) == len(higher) + 1]
        return whole if len(whole) == 1 else found


def find_characteristics(codes: pd.DataFrame, labels: Iterable[str]) -> tuple[str, ...]:
    """Return the numbers of characteristics named by their label, if need be under labels above it.

    Parameters
    ----------
    codes : DataFrame
        As ``read_code_list`` returns it.
    labels : iterable of str
        A label in English or French, or several with ``>`` between them, the higher first; levels between them may
        be left out, but all of them written out go before others. Capital letters do not matter.

    Raises
    ------
    NotFoundError
        If there is no such label, naming near ones.
    InputError
        If several characteristics have it, naming them with what they stand under.

    Examples
    --------
    >>> rows = [("1", "", "Mother tongue", "Langue maternelle"), ("2", "1", "French", ""), ("3", "", "French", "")]
    >>> codes = pd.DataFrame(rows, columns=["id", "parent", "label", "label_fr"])
    >>> find_characteristics(codes, ["mother tongue > French", "Langue maternelle"])
    ('2', '1')
    """
    names = CodeNames(codes)
    found: list[str] = []
    for label in labels:
        matches = names.matches(label)
        if not matches:
            last = " ".join(label.split(">")[-1].split())
            near = [names.path(code) for code in names.same(last)[:5]] or names.near(last)
            hint = f" Near to it: {'; '.join(near)}." if near else ""
            raise NotFoundError(f"No characteristic of the census profile of 2021 is called {label!r}.{hint}")
        if len(matches) > 1:
            paths = "; ".join(f"{code}: {names.path(code)}" for code in matches[:5])
            raise InputError(
                f"{len(matches)} characteristics are called {label!r}. Write what it stands under before it, with >, "
                f"or its number. They are {paths}."
            )
        found.append(matches[0])
    return tuple(found)

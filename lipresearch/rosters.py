"""Rosters of one's own: a table of sites and one of their measures, outside the project, checked whole.

A roster is named by its id, or by the path of a table of sites, which ends in ``.csv``. The measures lie beside it:
``my_sites.csv`` and ``my_sites_measures.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from lipresearch.compilers.base import Loose
from lipresearch.compilers.health import FACILITIES_CANADA, HOSPITALS
from lipresearch.compilers.statcan_2021 import POPULATION_2021, PROVINCE_LETTERS
from lipresearch.designs import ATTRIBUTES
from lipresearch.downloads import level_of
from lipresearch.errors import InputError, NotFoundError, Problem, TableError
from lipresearch.evidence import read_measures
from lipresearch.official.files import unpacked
from lipresearch.registry import sha256_of
from lipresearch.sites import DEFAULT_ROSTER, LEAD_KINDS, Roster, design_path, load_roster
from lipresearch.sources import list_datasets, read_raw, read_source
from lipresearch.supplied import EVIDENCE, Known, flexible_schema, read_supplied
from lipresearch.tables import Column, alike, check_file, format_number, read_records, read_table, write_table

#: How the table of measures is called, after the table of sites.
MEASURES_ENDING = "_measures.csv"

REQUIRED = (Column("site", "id"), Column("name"), Column("province"))


def _category(name: str) -> Column:
    levels = LEAD_KINDS if name == "lead_kind" else ATTRIBUTES[name][1]
    return Column(name, "choice" if levels else "text", required=False, choices=levels)


#: Columns that a table of sites may hold besides: categories for quotas, sites that share an area, a position.
OPTIONAL = (
    Column("name_fr", required=False),
    *(_category(name) for name in ATTRIBUTES if name != "province"),
    Column("overlaps", required=False),
    Column("latitude", "number", required=False, low=-90, high=90),
    Column("longitude", "number", required=False, low=-180, high=180),
    Column("catchment", required=False),
)
#: An id is put on a command line and between semicolons.
_SPOILED = re.compile(r"[0-9][.,][0-9]+E[+][0-9]+")
_ID = re.compile(r"[^\s;,\"'-][^\s;,\"']*")

#: Reason of a value that the table of measures does not hold.
NOT_SUPPLIED = "not supplied"


@dataclass(frozen=True, eq=False)
class OwnRoster:
    """A roster of one's own as read.

    Attributes
    ----------
    roster : Roster
        Its id is the path of the table of sites.
    types : DataFrame
        Categories of the sites, indexed by site, in the columns of ``load_sites``; "" where not known.
    points : DataFrame
        ``latitude`` and ``longitude`` in degrees, indexed by site; NaN where not given.
    measures : DataFrame
        One row a site and declared measure, in the columns of ``load_measures``.
    supplied : DataFrame
        The rows of the table of measures as read: site, measure, source and the others.
    catchments : mapping
        ``{site: identifiers (DGUID) of the areas of the census of 2021 that it is made of}``; none where not given.
    """

    roster: Roster
    types: pd.DataFrame
    points: pd.DataFrame
    measures: pd.DataFrame
    supplied: pd.DataFrame
    catchments: Mapping[str, tuple[str, ...]]


def is_own(roster: str | Path) -> bool:
    """Whether a roster is named by the path of a table, not by the id of a list of the project.

    >>> is_own("my_sites.csv"), is_own("lips-2012")
    (True, False)
    """
    return str(roster).lower().endswith(".csv")


def measures_path(sites: Path) -> Path:
    """Return where the measures of a table of sites lie.

    >>> measures_path(Path("study/my_sites.csv")).as_posix()
    'study/my_sites_measures.csv'
    """
    return sites.with_name(sites.name[: -len(".csv")] + MEASURES_ENDING)


def files_of(sites: Path) -> tuple[tuple[str, Path], ...]:
    """Return the two tables of a roster by what they are, ``sites`` and ``measures``; the second may not be there."""
    return ("sites", sites), ("measures", measures_path(sites))


def load_own(root: Path, roster: str | Path) -> OwnRoster:
    """Return a roster of one's own, checked whole; read once as long as no file changes.

    Nothing is computed from ``data/raw``: a measure without a row has no value, with the reason *not supplied*.

    Parameters
    ----------
    root : Path
        Project folder; its ``measures.csv`` declares measures and units.
    roster : path
        The table of sites.

    Raises
    ------
    NotFoundError
        If there is no such file.
    TableError
        With everything that is wrong in both tables.
    """
    sites = Path(roster)
    if not sites.exists():
        raise NotFoundError(
            f"There is no file {sites.as_posix()}. Check the name, or begin with an empty table: "
            f"lipresearch roster template {sites.as_posix()}"
        )
    files = (sites, measures_path(sites), design_path(root, "measures")[0])
    for path in files[:2]:
        if path.exists():
            check_file(path, path.as_posix())
    return _load(root, sites, tuple(sha256_of(path) if path.is_file() else "" for path in files))


@lru_cache(maxsize=2)
def _load(root: Path, path: Path, _hashes: tuple[str, ...]) -> OwnRoster:
    shown = path.as_posix()
    sites, ids, problems = _read_sites(path, shown)
    declared = read_measures(root)
    beside = measures_path(path)
    if path.parent.is_dir():
        near = [other.name for other in path.parent.iterdir() if other.name.lower() == beside.name.lower()]
        if near and not beside.is_file():
            found = f"the name {near[0]}"
            problems.append(Problem(path.with_name(near[0]).as_posix(), 0, "", found, beside.name, "Rename the file."))
    known = Known(ids, shown, f"Add the site to {shown}, or correct the id.")
    files = [(beside, beside.as_posix())] if beside.is_file() else []
    supplied = read_supplied(files, declared, known, own=True)
    problems += supplied.problems
    if problems or sites is None:
        raise TableError(sorted(problems))
    sites = sites.sort_values("site", ignore_index=True)
    return OwnRoster(
        Roster(shown, shown, f"the sites of {shown}", tuple(sites["site"])),
        _types(sites, shown),
        sites.set_index("site")[["latitude", "longitude"]],
        _site_measures(sites, declared, supplied.rows, beside.as_posix()),
        supplied.rows,
        {row.site: tuple(map(_dguid, _parts(row.catchment))) for row in sites.itertuples()},
    )


def _read_sites(path: Path, shown: str) -> tuple[pd.DataFrame | None, set[str] | None, list[Problem]]:
    """Return the sites with every column that they may have, their ids, and all that is wrong.

    Where cells cannot be read there are ids and no sites; where the header or the file cannot, neither.
    """
    try:
        schema, problems = flexible_schema(path, shown, REQUIRED, OPTIONAL, ("site",))
        if problems:
            return None, None, problems
        table, wrong = read_table(path, schema, shown), []
    except TableError as error:
        table, wrong = None, list(error.problems)
        if any(problem.row <= 1 for problem in wrong):
            return None, None, wrong
    header, records = read_records(path, shown)
    rows = [(line, dict(zip(header, record, strict=False))) for line, record in records]
    ids = {row["site"] for _, row in rows}
    wrong += _row_problems(rows, ids, shown)
    if table is None or wrong:
        return None, ids, wrong
    frame = table.values
    for column in OPTIONAL:
        if column.name not in frame:
            frame[column.name] = np.nan if column.kind == "number" else ""
    return frame, ids, []


def _row_problems(rows: Sequence[tuple[int, dict[str, str]]], ids: set[str], shown: str) -> list[Problem]:
    """Return what is wrong with ids, overlaps and positions of sites."""
    if not rows:
        return [Problem(shown, 0, "", "no site", "at least one row", "Add a row for each site.")]
    problems = []
    named: dict[tuple[str, ...], int] = {}
    for line, row in rows:
        site = row["site"]
        first = named.setdefault(alike((row["name"],)), line)
        if row["name"] and first != line:
            expected = f"each name once (first in row {first})"
            remedy = "Tell them apart, as Howick, ON and Howick, QC."
            problems.append(Problem(shown, line, "name", f"again {row['name']}", expected, remedy))
        if _SPOILED.fullmatch(site):
            found = f"{site!r}, a code that a spreadsheet turned into a number"
            problems.append(Problem(shown, line, "site", found, "the code, as 3540001", "Make it a column of text."))
        if site and site == site.strip() and not _ID.fullmatch(site):
            expected = "an id without spaces, commas, semicolons and quotes, that begins with no dash"
            problems.append(Problem(shown, line, "site", repr(site), expected, "Shorten it: huron, 3540, zug-zh."))
        for other in filter(None, row.get("overlaps", "").split(";")):
            if other not in ids or other == site:
                expected = "ids of other sites of this table, with ; between"
                problems.append(Problem(shown, line, "overlaps", repr(other), expected, "Correct or remove it."))
        for area in _parts(row.get("catchment", "")):
            if not _dguid(area):
                expected = "a DGUID of 2021 (2021A00033540), or the code of a census division or subdivision"
                problems.append(Problem(shown, line, "catchment", repr(area), expected, "Correct it; ; goes between."))
        if bool(row.get("latitude")) != bool(row.get("longitude")):
            place = "latitude, longitude"
            problems.append(Problem(shown, line, place, "one of the two", "both or none", "Fill or empty both."))
    return problems


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


def _dguid(area: str) -> str:
    """Return the identifier of an area of 2021 that is named by it or by its census code; "" if it is neither.

    >>> _dguid("3540"), _dguid("3540005"), _dguid("2021A00033540"), _dguid("Huron")
    ('2021A00033540', '2021A00053540005', '2021A00033540', '')
    """
    if area.isascii() and area.isdigit() and len(area) in (4, 7):
        return f"2021{'A0003' if len(area) == 4 else 'A0005'}{area}"
    return area if level_of(area) else ""


def _types(sites: pd.DataFrame, shown: str) -> pd.DataFrame:
    others: dict[str, set[str]] = {site: set() for site in sites["site"]}
    for site, listed in zip(sites["site"], sites["overlaps"], strict=True):
        for other in filter(None, listed.split(";")):
            others[site].add(other)
            others[other].add(site)
    lead = sites["lead_kind"].where(sites["lead_kind"] != "", "not known")
    types = pd.DataFrame(
        {
            "site": sites["site"],
            "name": sites["name"],
            "name_fr": sites["name_fr"].where(sites["name_fr"] != "", sites["name"]),
            "province": sites["province"],
            "rosters": shown,
            "settlement_type": sites["settlement_type"],
            "field_study_group": sites["field_study_group"],
            "region": sites["region"],
            "regions": sites["region"],
            "northern": sites["northern"],
            "scale": sites["scale"],
            "city_tier": sites["city_tier"],
            "orientation": sites["orientation"],
            "lead_kind": lead,
            "provincial_boundary": sites["provincial_boundary"],
            "us_border": sites["us_border"],
            "french_designation": sites["french_designation"],
            "overlaps": [";".join(sorted(others[site])) for site in sites["site"]],
        }
    )
    return types.set_index("site")


def _site_measures(sites: pd.DataFrame, declared: pd.DataFrame, rows: pd.DataFrame, shown: str) -> pd.DataFrame:
    """Return one row a site and declared measure; a supplied number is rounded to the measure's decimals."""
    keys = pd.MultiIndex.from_product([sites["site"], declared.index], names=["site", "measure"])
    there = np.asarray(keys.isin(pd.MultiIndex.from_frame(rows[["site", "measure"]])))
    found = rows.set_index(["site", "measure"]).reindex(keys)
    decimals = np.tile(declared["decimals"].to_numpy(dtype=float), len(sites))

    def rounded(column: str) -> pd.Series:
        numbers = found[column].to_numpy(dtype=float)
        return np.array(
            [round(x, int(d)) if x == x else x for x, d in zip(numbers.tolist(), decimals.tolist(), strict=True)],
            dtype=float,
        )

    value, low, high = rounded("value"), rounded("low"), rounded("high")
    exact = np.isnan(low)
    known = ~np.isnan(value)
    why = found["source"].fillna("").str.cat(found["reason"].fillna(""), sep="; ").str.removesuffix("; ")
    table = {
        "site": keys.get_level_values("site"),
        "name": np.repeat(sites["name"].to_numpy(), len(declared)),
        "measure": keys.get_level_values("measure"),
        "label": np.tile(declared["label"].to_numpy(), len(sites)),
        "value": value,
        "low": np.where(exact, value, low),
        "high": np.where(exact, value, high),
        "decimals": decimals,
        "unit": np.tile(declared["unit"].to_numpy(), len(sites)),
        "universe": np.tile(declared["universe"].to_numpy(), len(sites)),
        "vintage": found["vintage"].where(known, "").fillna("").to_numpy(),
        "grade": found["grade"].where(known, "").fillna("").to_numpy(),
        "covered": known.astype(float),
        "reason": found["word"].where(there, NOT_SUPPLIED).fillna("").to_numpy(),
        "detail": np.where(there, why, f"no row in {shown}"),
        "sources": np.where(there, shown, ""),
        "supplied": np.where(there, "yes", "no"),
    }
    return pd.DataFrame(table)


def find_roster(root: Path, roster: str = DEFAULT_ROSTER) -> Roster:
    """Return a roster of the project or one of one's own."""
    return load_own(root, roster).roster if is_own(roster) else load_roster(root, roster)


def sites_header() -> list[str]:
    """Return the columns that a table of sites may have."""
    return [column.name for column in (*REQUIRED, *OPTIONAL)]


# -- rosters of the whole country ----------------------------------------------------------------------

#: What the official list of areas gives: its column, our measure, and whether it has decimals of its own.
_COUNTS = "Population and dwelling counts (13): "
GIVEN = {
    "population_2021": f"{_COUNTS}Population, 2021 [1]",
    "population_change_2021": f"{_COUNTS}Population percentage change, 2016 to 2021 [3]",
    "land_area": f"{_COUNTS}Land area in square kilometres, 2021 [10]",
    "population_density_2021": f"{_COUNTS}Population density per square kilometre, 2021 [11]",
}
#: Beginning of an area's identifier, and how many digits its code has.
LEVELS = {"cd": ("2021A0003", 4), "csd": ("2021A0005", 7)}
_REMEDY = "Take table 98-10-0002 as CSV or as the zip that it comes in: lipresearch fetch table-98-10-0002."


def make_national(root: Path, level: str, source: Path, target: Path) -> tuple[int, int]:
    """Write a roster of all census divisions or subdivisions of Canada, with the measures of the official list.

    Where the open database of health facilities was downloaded and compiled, hospitals are added.

    Site ids are the areas' codes. An area whose name is not the only one is told apart by its province, or else by
    its code. Categories are left empty but for the province, and the areas of one level never overlap.

    Parameters
    ----------
    root : Path
        Project folder; its ``measures.csv`` declares the units.
    level : {"cd", "csd"}
    source : Path
        Table 98-10-0002 as CSV (98100002.csv), or the zip that holds it.
    target : Path
        The table of sites; the measures are written beside it.

    Returns
    -------
    tuple of int
        How many sites and how many rows of measures.

    Raises
    ------
    InputError
        If the level is another, or the target does not end in .csv.
    NotFoundError
        If the source is missing, or a file that is to be written is there already.
    TableError
        If the source has another layout, or cells that cannot be read.
    """
    if level not in LEVELS:
        raise InputError(f"A roster of Canada is of cd (census divisions) or csd (subdivisions), not {level!r}.")
    check_target(target)
    if not source.is_file():
        raise NotFoundError(f"There is no file {source.as_posix()}. {_REMEDY}")
    units = read_measures(root)["unit"]
    with unpacked(source) as table:
        areas = _official_areas(table, level)
    names = _told_apart([(code, name) for code, name, _ in areas])
    card = POPULATION_2021.card
    text = f"Statistics Canada, table {card.catalogue}, {card.published}"
    sites = [[code, name, PROVINCE_LETTERS[code[:2]]] for (code, _, _), name in zip(areas, names, strict=True)]
    rows = [
        [code, measure, cell, units[measure], card.vintage if known else "", card.grade if known else "", text, ""]
        for code, _, cells in areas
        for measure, cell in zip(GIVEN, cells, strict=True)
        for known in [cell[:1].isdigit() or cell[:1] == "-"]
    ]
    if FACILITIES_CANADA in list_datasets(root):
        rows += _hospitals(root, {code: cells[0] for code, _, cells in areas})
    write_table(measures_path(target), EVIDENCE.names, rows)
    write_table(target, [column.name for column in REQUIRED], sites)
    return len(sites), len(rows)


def _hospitals(root: Path, residents: Mapping[str, str]) -> list[list[str]]:
    """Return the rows of hospitals for 10,000 residents, from the open database that a user has downloaded.

    A hospital that no area of its province could be found for lowers the grade of all of them to B. Areas of a province
    that the database does not list have no value.

    Parameters
    ----------
    residents : mapping
        ``{area: residents or the reason why there are none}``, areas of one level.
    """
    card = read_source(root, FACILITIES_CANADA)
    table = read_raw(root, FACILITIES_CANADA, "csd").values
    lost = read_raw(root, FACILITIES_CANADA, "province").values.set_index("province")["hospitals"].to_dict()
    listed = set(lost)
    counts: dict[str, float] = dict.fromkeys(residents, 0.0)
    digits = len(next(iter(residents)))
    for row in table.itertuples():
        area = row.csd[:digits]
        if area in counts:
            counts[area] += row.hospitals
        else:
            lost[row.province] = lost.get(row.province, 0.0) + row.hospitals
    declared = read_measures(root).loc[HOSPITALS]
    found = []
    for area, people in residents.items():
        number = int(lost.get(PROVINCE_LETTERS[area[:2]], 0))
        words = f"; {number} of the province's hospitals have no area" if number else ""
        text = f"{card.publisher}, {card.title}, {card.published}, and table {POPULATION_2021.card.catalogue}{words}"
        known = people.isdecimal() and people != "0" and PROVINCE_LETTERS[area[:2]] in listed
        cell = people
        if people.isdecimal():
            cell = "not applicable" if people == "0" else "not published"
        if known:
            cell = format_number(round(10_000.0 * counts[area] / float(people), int(declared["decimals"])))
        grade = ("B" if number else card.grade) if known else ""
        found.append([area, HOSPITALS, cell, declared["unit"], card.vintage if known else "", grade, text, ""])
    return found


def check_target(target: Path) -> None:
    """Raise unless a table of sites, with its measures beside it, can be written there."""
    if not is_own(target):
        raise InputError(f"A table of sites ends in .csv, not {target.name!r}.")
    for path in (target, measures_path(target)):
        if path.exists():
            raise NotFoundError(f"{path.as_posix()} is there already and was not touched. Name another file.")


def _official_areas(source: Path, level: str) -> list[tuple[str, str, list[str]]]:
    """Return code, name and cells of the areas of a level, sorted by code; a cell is a number or a reason."""
    begins, digits = LEVELS[level]
    sources = Loose(source.parent)
    columns = list(GIVEN.values())
    areas = []
    try:
        sheet = sources.table(source.name, ("GEO", "DGUID", *columns), symbols=columns)
        for row in sheet.rows:
            code = row["DGUID"][9:]
            if not row["DGUID"].startswith(begins):
                continue
            if len(code) != digits or not code.isdigit() or code[:2] not in PROVINCE_LETTERS:
                sheet.fail(row.line, "DGUID", repr(row["DGUID"]), f"{begins} and a code of {digits} digits")
                continue
            areas.append((code, row["GEO"], [_tidy(row.with_symbol(column)) for column in columns]))
    except TableError as error:
        raise TableError(replace(problem, remedy=_REMEDY) for problem in error.problems) from None
    if not areas and not sources.problems:
        found = f"no area whose DGUID begins with {begins}"
        sources.problems.append(Problem(source.name, 0, "DGUID", found, "the areas of that level"))
    if sources.problems:
        raise TableError(replace(problem, remedy=_REMEDY) for problem in sources.problems)
    return sorted(areas)


def _tidy(cell: str) -> str:
    """Return a figure as tables hold it, a reason as it is."""
    return format_number(float(cell)) if cell[:1].isdigit() or cell[:1] == "-" else cell


def _told_apart(areas: Sequence[tuple[str, str]]) -> list[str]:
    """Return names of which each stands once.

    >>> _told_apart([("3520005", "Toronto"), ("3540005", "Howick"), ("2449005", "Howick"), ("2449006", "Howick")])
    ['Toronto', 'Howick, ON', 'Howick, QC (2449005)', 'Howick, QC (2449006)']
    """
    longer = [f"{name}, {PROVINCE_LETTERS[code[:2]]}" for code, name in areas]
    short = pd.Series([name for _, name in areas]).value_counts()
    full = pd.Series(longer).value_counts()
    return [
        name if short[name] == 1 else more if full[more] == 1 else f"{more} ({code})"
        for (code, name), more in zip(areas, longer, strict=True)
    ]

"""Health services: Ontario's Ministry of Health, and Statistics Canada's open database of health facilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Row, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, ONTARIO, STATCAN, ontario, statcan
from lipresearch.compilers.places import (
    HOOD_NOTE,
    HOODS,
    PLACED,
    SUBDIVISIONS,
    Areas,
    found_in_words,
    hood_of,
    point_of,
    read_hoods,
    read_subdivisions,
    subdivision_of,
)
from lipresearch.compilers.statcan_2021 import PROVINCE_LETTERS, wanted

LOCATIONS_2019 = "places/on_moh_service_provider_locations_2019.csv"
LOCATIONS_2020 = "places/on_moh_service_provider_locations_2020.csv"
ODHF = "places/odhf_v1_1_on_hal_sj_cal.csv"

#: The ministry's service types that are kept, and the kind of service that each stands for.
KINDS: Mapping[str, str] = {
    "Hospital - Corporation": "hospital",
    "Hospital - Site": "hospital",
    "Community Health Centre": "community health centre",
    "Family Health Team - Contract": "family health team",
    "Nurse Practitioner Led Clinic": "nurse practitioner led clinic",
    "Mental Health and Addiction Organization": "mental health and addiction",
    "Long-Term Care Home": "long-term care home",
    "Pharmacy": "pharmacy",
    "Public Health Unit Office": "public health unit office",
    "Nursing Station": "nursing station",
    "Midwifery Clinic": "midwifery clinic",
    "AIDS Bureau": "AIDS bureau",
    "Children's Treatment Centre": "children's treatment centre",
}
#: Service types that are known and left out: not health care for residents at large, or not a place of care.
LEFT_OUT = (
    "Community Support Service",
    "Independent Health Facility",
    "Laboratory - Community Private",
    "Laboratory - Hospital",
    "Laboratory - Specimen Collection Centre",
    "Local Health Integration Network Office",
    "Retirement Home",
    "Senior Active Living Centre",
)
_COLUMNS = ("X", "Y", "OGF_ID", "SERVICE_TYPE", "ENGLISH_NAME", "COMMUNITY", "POSTAL_CODE")


def repeat_key(row: Row) -> tuple[str, ...]:
    """Return what two rows share that are one facility: type, name and postal code.

    Without a postal code the coordinates stand for the place; without these the community.
    """
    place = row["POSTAL_CODE"] or ",".join(filter(None, (row["X"], row["Y"]))) or row["COMMUNITY"]
    return row["SERVICE_TYPE"], row["ENGLISH_NAME"].casefold(), place.casefold()


def locations(sources: Sources, file: str, areas: Areas, hoods: Areas) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return the rows of one year's facilities, and what was counted on the way."""
    sheet = sources.table(file, _COLUMNS)
    rows: list[tuple[str, ...]] = []
    seen: set[tuple[str, ...]] = set()
    repeats: Counter[str] = Counter()
    methods: list[str] = []
    bare = 0
    for row in sorted(sheet.rows, key=lambda row: row["OGF_ID"]):
        kind = KINDS.get(row["SERVICE_TYPE"])
        if kind is None:
            if row["SERVICE_TYPE"] not in LEFT_OUT:
                sheet.fail(row.line, "SERVICE_TYPE", repr(row["SERVICE_TYPE"]), "a known type of service")
            continue
        if repeat_key(row) in seen:
            repeats[kind] += 1
            continue
        seen.add(repeat_key(row))
        point = point_of(row["X"], row["Y"])
        csd, method = subdivision_of(areas, hoods, point, [row["COMMUNITY"]])
        methods.append(method)
        bare += point is None
        rows.append(
            (
                row["OGF_ID"],
                kind,
                row["SERVICE_TYPE"],
                csd,
                hood_of(hoods, point, csd),
                row.number("Y"),
                row.number("X"),
            )
        )
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(repeats.items()))
    name = file.rsplit("_", 1)[-1].removesuffix(".csv")
    return rows, [
        f"{name}: {sum(repeats.values())} repeats of the same name, type and postal code are removed ({counted}).",
        f"{name}: {bare} facilities have no coordinates.",
        f"{name}: {found_in_words(methods)}",
    ]


def compile_services(sources: Sources) -> Compiled:
    """Return the tables of dataset ``health_services``."""
    areas, hoods = read_subdivisions(sources), read_hoods(sources)
    main, said = locations(sources, LOCATIONS_2019, areas, hoods)
    later, said_later = locations(sources, LOCATIONS_2020, areas, hoods)
    return Compiled({"facilities.csv": main, "facilities_2020.csv": later}, (*said, *said_later))


def _point_columns(latitude: str, longitude: str, missing: bool) -> tuple[Col, ...]:
    note = "as published, not rounded"
    return (
        Col("latitude", "number", "where it is", latitude, "degrees north", "the facility", missing, False, note),
        Col("longitude", "number", "where it is", longitude, "degrees east", "the facility", missing, False, note),
    )


def _facility_columns(missing: bool) -> tuple[Col, ...]:
    return (
        Col("facility", "id", "identifier in the ministry's layer of that year", "OGF_ID"),
        Col("kind", "text", "kind of service", "SERVICE_TYPE, both hospital types as hospital"),
        Col("service_type", "text", "type of service in the ministry's words", "SERVICE_TYPE"),
        Col("csd", "id", "census subdivision, 2021", "found from X, Y and COMMUNITY", missing=True),
        Col("hood140", "id", "Toronto neighbourhood, 140 model", "found from X and Y", missing=True, note=HOOD_NOTE),
        *_point_columns("Y", "X", missing),
    )


HEALTH_SERVICES = Dataset(
    name="health_services",
    card=Card(
        short="Ministry of Health locations 2019",
        title="Ministry of Health service provider locations, 2019 and 2020",
        publisher="Ontario Ministry of Health, by way of Land Information Ontario",
        catalogue="Ministry of Health Service Provider Locations",
        published="2019-02-11 and 2020-04-03",
        accessed=ACCESSED,
        url="https://geohub.lio.gov.on.ca/",
        licence=ONTARIO,
        attribution=ontario(),
        universe="places that provide health services funded or licensed by the ministry",
        vintage="2019",
        grade="A",
        defects=(
            "facilities.csv is the layer of 2019, where every place has coordinates; facilities_2020.csv is that of "
            "2020, which adds nursing stations but lacks the coordinates of some places, mental health most of all.",
            "Types are not comparable between the years: children's treatment centres fall from 75 to 21 by a change "
            "of "
            "listing.",
            "No physicians' offices and no Aboriginal health access centres: the layers have no such type.",
            "Hospital - Corporation and Hospital - Site are both places of care and are counted alike.",
            PLACED,
            "Names and addresses are left out; the identifier leads back to the ministry's layer.",
        ),
    ),
    tables=(
        TableSpec("facilities.csv", "facility", ("facility",), _facility_columns(True)),
        TableSpec("facilities_2020.csv", "facility", ("facility",), _facility_columns(True)),
    ),
    inputs=(LOCATIONS_2019, LOCATIONS_2020, SUBDIVISIONS, HOODS),
    compiler=compile_services,
)


# --- open database of health facilities ------------------------------------------------------------------------

ODHF_KINDS = ("Ambulatory health care services", "Hospitals", "Nursing and residential care facilities")


def compile_odhf(sources: Sources) -> Compiled:
    """Return the table of dataset ``health_facilities_odhf``."""
    areas, hoods = read_subdivisions(sources), read_hoods(sources)
    sheet = sources.table(
        ODHF,
        ("index", "odhf_facility_type", "city", "province", "CSDuid", "latitude", "longitude"),
        legacy="cp1252",
    )
    known = {kind.casefold(): kind for kind in ODHF_KINDS}
    rows = []
    methods = []
    abroad = 0
    for row in sheet.rows:
        kind = known.get(row["odhf_facility_type"].casefold(), "")
        if not kind:
            sheet.fail(row.line, "odhf_facility_type", repr(row["odhf_facility_type"]), "one of " + ", ".join(known))
        point = point_of(row["longitude"], row["latitude"])
        given = row["CSDuid"].removesuffix(".0")
        if given in areas.codes:
            csd, method = given, "publisher"
        elif given:
            csd, method, abroad, point = "", "none", abroad + 1, None
        else:
            csd, method = subdivision_of(areas, hoods, point, [row["city"]])
        methods.append(method)
        lost = point is None and row["latitude"] != ""
        rows.append(
            (
                row["index"],
                kind,
                row["province"].upper(),
                csd if wanted(csd) else "",
                hood_of(hoods, point, csd),
                "not published" if lost else row.number("latitude"),
                "not published" if lost else row.number("longitude"),
            )
        )
    bare = sum(row[5] == "not published" for row in rows)
    return Compiled(
        {"facilities.csv": rows},
        (
            found_in_words(methods),
            f"{bare} facilities have no coordinates; {abroad} of them because the published ones lie in another "
            "province.",
        ),
    )


HEALTH_FACILITIES_ODHF = Dataset(
    name="health_facilities_odhf",
    card=Card(
        short="Healthcare facilities 2020 (ODHF)",
        title="Open Database of Healthcare Facilities, version 1.1",
        publisher="Statistics Canada",
        catalogue="13-26-0001",
        published="2020-08-07",
        accessed=ACCESSED,
        url="https://www.statcan.gc.ca/eng/lode/databases/odhf",
        licence=f"{STATCAN}; the publisher's page names the Open Government Licence - Canada",
        attribution=statcan("Open Database of Healthcare Facilities, version 1.1, catalogue 13-26-0001, 2020-08-07"),
        universe="health facilities that governments list openly",
        vintage="2020",
        grade="A",
        defects=(
            "Three broad types only; coverage differs between sources (33 community health centres of Ontario against "
            "72 "
            "in the ministry's layer of 2019).",
            "Coordinates are partly geocoded: 193 facilities share theirs with another, and a few are known to be "
            "wrong.",
            "Only Ontario and the census divisions of St. John's, Halifax and Calgary are kept; names and addresses "
            "are "
            "left out.",
        ),
    ),
    tables=(
        TableSpec(
            "facilities.csv",
            "facility",
            ("facility",),
            (
                Col("facility", "id", "row number in the database", "index"),
                Col("kind", "text", "type of facility", "odhf_facility_type"),
                Col("province", "text", "province, two letters", "province"),
                Col(
                    "csd",
                    "id",
                    "census subdivision",
                    "CSDuid; where empty, found from the coordinates and the city",
                    missing=True,
                ),
                Col(
                    "hood140",
                    "id",
                    "Toronto neighbourhood, 140 model",
                    "found from the coordinates",
                    missing=True,
                    note=HOOD_NOTE,
                ),
                *_point_columns("latitude", "longitude", True),
            ),
        ),
    ),
    inputs=(ODHF, SUBDIVISIONS, HOODS),
    compiler=compile_odhf,
)

DATASETS = (HEALTH_SERVICES, HEALTH_FACILITIES_ODHF)


# --- the whole open database, as a user downloads it -------------------------------------------------------------

#: The optional dataset of all provinces, and the measure that it gives to any area of Canada.
FACILITIES_CANADA, HOSPITALS = "health_facilities_canada", "odhf_hospitals_per_10000"
_COUNTS = dict(zip(("ambulatory", "hospitals", "nursing"), ODHF_KINDS, strict=True))
_DATABASE = ("index", "odhf_facility_type", "province", "CSDname", "CSDuid")


@dataclass(frozen=True)
class Listed:
    """A facility of the open database: its kind, and its area as the publisher gives it ("" where it gives none)."""

    kind: str
    province: str
    csd: str
    name: str


def read_odhf(sources: Sources, file: str) -> dict[str, Listed]:
    """Return the facilities of all provinces by their number in the database.

    An area in another province than the facility's is none: one of the two is wrong.
    """
    sheet = sources.table(file, _DATABASE, legacy="cp1252")
    known = {kind.casefold(): kind for kind in ODHF_KINDS}
    provinces = set(PROVINCE_LETTERS.values())
    found: dict[str, Listed] = {}
    for row in sheet.rows:
        kind, province = known.get(row["odhf_facility_type"].casefold(), ""), row["province"].upper()
        if not kind:
            sheet.fail(row.line, "odhf_facility_type", repr(row["odhf_facility_type"]), "one of " + ", ".join(known))
        if province not in provinces:
            sheet.fail(row.line, "province", repr(row["province"]), "a province of Canada, two letters")
        given = row["CSDuid"].removesuffix(".0")
        if given and not (len(given) == 7 and given.isdecimal()):
            sheet.fail(row.line, "CSDuid", repr(row["CSDuid"]), "the code of a census subdivision, seven digits")
        if row["index"] in found:
            sheet.fail(row.line, "index", repr(row["index"]), "each number once")
        there = PROVINCE_LETTERS.get(given[:2]) == province
        found[row["index"]] = Listed(kind, province, given if there else "", row["CSDname"] if there else "")
    return found


def count_facilities(facilities: Mapping[str, Listed]) -> Compiled:
    """Return the tables of dataset ``health_facilities_canada``."""
    placed: dict[str, Counter[str]] = {}
    lost: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for each in facilities.values():
        lost.setdefault(each.province, Counter())
        (placed.setdefault(each.csd, Counter()) if each.csd else lost[each.province])[each.kind] += 1
        if each.csd:
            names.setdefault(each.csd, each.name)
    kinds = list(_COUNTS.values())
    bare = sum(map(Counter.total, lost.values()))
    return Compiled(
        {
            "csd.csv": [
                (csd, names[csd], PROVINCE_LETTERS[csd[:2]], *(str(count[kind]) for kind in kinds))
                for csd, count in placed.items()
            ],
            "province.csv": [(province, *(str(count[kind]) for kind in kinds)) for province, count in lost.items()],
        },
        (f"{bare} of {len(facilities)} facilities have no subdivision, or one of another province.",),
    )


def _counted_columns(where: str) -> tuple[Col, ...]:
    return tuple(
        Col(name, "count", f"{kind}, {where}", "odhf_facility_type", "facilities", "", False, True)
        for name, kind in _COUNTS.items()
    )


def national_dataset(file: str, origin: tuple[int, str], accessed: str, compiled: Compiled) -> Dataset:
    """Return the dataset that a downloaded open database makes.

    Parameters
    ----------
    file : str
        The file, from the folder of downloads.
    origin : tuple
        Its bytes and SHA-256.
    accessed : str
        Day of the download.
    compiled : Compiled
        As ``count_facilities`` returns it.
    """

    def compiler(reader: Sources) -> Compiled:
        reader.origins[file] = origin
        return compiled

    card = replace(
        HEALTH_FACILITIES_ODHF.card,
        accessed=accessed,
        defects=(
            HEALTH_FACILITIES_ODHF.card.defects[0],
            "Subdivisions are those that the publisher names, of 2016; none is found from coordinates.",
        ),
    )
    tables = (
        TableSpec(
            "csd.csv",
            "csd",
            ("csd",),
            (
                Col("csd", "id", "census subdivision, 2016", "CSDuid"),
                Col("name", "text", "name", "CSDname", missing=True),
                Col("province", "text", "province, two letters", "the code's first two digits"),
                *_counted_columns("number"),
            ),
        ),
        TableSpec(
            "province.csv",
            "country_province",
            ("province",),
            (
                Col("province", "id", "province, two letters", "province"),
                *_counted_columns("number without a subdivision"),
            ),
        ),
    )
    return Dataset(FACILITIES_CANADA, card, tables, (file,), compiler)

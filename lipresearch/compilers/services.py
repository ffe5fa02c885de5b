"""What a place offers, as counts by area: settlement services, culture, universities and colleges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.compilers.health import LOCATIONS_2019
from lipresearch.compilers.licences import ACCESSED, STATCAN, statcan
from lipresearch.compilers.places import (
    HOOD_NOTE,
    HOODS,
    PLACED,
    SUBDIVISIONS,
    TORONTO,
    Areas,
    found_in_words,
    hood_of,
    plain,
    point_of,
    read_hoods,
    read_subdivisions,
    subdivision_of,
)

#: A place by area: census subdivision, neighbourhood ("" outside Toronto), and the kinds that it counts for.
Placed = tuple[str, str, Sequence[str]]


def count_by_area(
    placed: Iterable[Placed], areas: Areas, hoods: Areas, kinds: Sequence[str]
) -> dict[str, list[list[str]]]:
    """Return the rows of ``csd.csv`` and ``hood140.csv``: every area with its count of each kind, 0 where none."""
    in_csd: Counter[tuple[str, str]] = Counter()
    in_hood: Counter[tuple[str, str]] = Counter()
    for csd, hood, mine in placed:
        in_csd.update((csd, kind) for kind in mine)
        in_hood.update((hood, kind) for kind in mine if hood)
    return {
        "csd.csv": [[code, *(str(in_csd[code, kind]) for kind in kinds)] for code in areas.codes],
        "hood140.csv": [[code, *(str(in_hood[code, kind]) for kind in kinds)] for code in hoods.codes],
    }


def _tables(columns: Sequence[Col], *, hoods_only: bool = False) -> tuple[TableSpec, ...]:
    hood = TableSpec(
        "hood140.csv",
        "hood140",
        ("hood140",),
        (Col("hood140", "id", "Toronto neighbourhood, 140 model", "found from the coordinates"), *columns),
    )
    csd = TableSpec(
        "csd.csv",
        "csd",
        ("csd",),
        (Col("csd", "id", "census subdivision, 2021", "found from the coordinates and the town"), *columns),
    )
    return (hood,) if hoods_only else (csd, hood)


def _counted(name: str, label: str, source: str, unit: str, universe: str) -> Col:
    return Col(name, "count", label, source, unit, universe, False, True, "0: none is listed there")


# --- settlement services ---------------------------------------------------------------------------------------

SETTLEMENT = "places/ircc_settlement_service_points_2022_12_on_ns_nl_ab.csv"
#: Columns of the counts, and the flag of the list that each one counts; "" counts every point.
SERVICES: Mapping[str, str] = {
    "points": "",
    "language_training": "svc_lang_training",
    "language_assessment": "svc_lang_assess",
    "job_search": "svc_job_search",
    "francophone": "svc_franco",
}


def compile_settlement(sources: Sources) -> Compiled:
    """Return the tables of dataset ``settlement_services_2022``."""
    areas, hoods = read_subdivisions(sources), read_hoods(sources)
    flags = [flag for flag in SERVICES.values() if flag]
    sheet = sources.table(SETTLEMENT, ("name_en", "address_en", "city", "postal", "longitude", "latitude", *flags))
    known = set(areas.codes)
    seen: set[tuple[str, ...]] = set()
    placed: list[Placed] = []
    methods: list[str] = []
    repeats = unsaid = elsewhere = 0
    for row in sheet.rows:
        for flag in flags:
            if row[flag] not in ("yes", "no", ""):
                sheet.fail(row.line, flag, repr(row[flag]), "yes, no or nothing")
        key = (row["name_en"].casefold(), row["address_en"].casefold(), row["postal"].casefold())
        if key in seen:
            repeats += 1
            continue
        seen.add(key)
        unsaid += any(row[flag] == "" for flag in flags)
        point = point_of(row["longitude"], row["latitude"])
        csd, method = subdivision_of(areas, hoods, point, [row["city"]])
        if csd not in known:
            elsewhere += 1
            continue
        methods.append(method)
        kinds = [name for name, flag in SERVICES.items() if not flag or row[flag] == "yes"]
        placed.append((csd, hood_of(hoods, point, csd), kinds))
    lost = sum(csd == TORONTO and not hood for csd, hood, _ in placed)
    return Compiled(
        count_by_area(placed, areas, hoods, list(SERVICES)),
        (
            f"{len(placed)} points are counted; {repeats} repeats of the same name, address and postal code are "
            f"removed; {elsewhere} lie outside Ontario and the sites elsewhere.",
            f"{unsaid} points do not say which services they give: they count as points only.",
            f"{lost} points in Toronto could not be placed in a neighbourhood and count for the city only.",
            found_in_words(methods),
        ),
    )


_POINTS = "places listed in the federal locator of free services for newcomers"
SETTLEMENT_2022 = Dataset(
    name="settlement_services_2022",
    card=Card(
        short="Services for newcomers 2022 (IRCC)",
        title="Free services for newcomers, December 2022: places counted by census subdivision and Toronto "
        "neighbourhood",
        publisher="Immigration, Refugees and Citizenship Canada",
        catalogue="services-info-20221215",
        published="2022-12-15",
        accessed=ACCESSED,
        url="https://ircc.canada.ca/english/newcomers/services/index.asp",
        licence="Crown copyright; terms of canada.ca. Counts only: the list itself is not redistributed here",
        attribution="Counted from the locator of free newcomer services of Immigration, Refugees and Citizenship "
        "Canada, 15 December 2022.",
        universe=_POINTS,
        vintage="2022",
        grade="B",
        defects=(
            "Of December 2022, ten years after the partnerships of 2012-13: which place is well served may have "
            "changed.",
            "A place is a point of service, not an organisation; an itinerant service or one by telephone is not seen.",
            "Only services that the federal government pays for and lists.",
            PLACED,
        ),
    ),
    tables=_tables(
        (
            _counted("points", "points of service", "one row a point", "places", _POINTS),
            _counted("language_training", "points that give language training", "svc_lang_training", "places", _POINTS),
            _counted("language_assessment", "points that assess language", "svc_lang_assess", "places", _POINTS),
            _counted("job_search", "points that help to find a job", "svc_job_search", "places", _POINTS),
            _counted("francophone", "points for French-speaking newcomers", "svc_franco", "places", _POINTS),
        )
    ),
    inputs=(SETTLEMENT, SUBDIVISIONS, HOODS),
    compiler=compile_settlement,
)

# --- Toronto's list of 2018 ------------------------------------------------------------------------------------

LIST_211 = "places/toronto_211_refugee_newcomer_services_2018.csv"
_LISTED = "services for refugees and newcomers listed by 211 Toronto"


def compile_211(sources: Sources) -> Compiled:
    """Return the table of dataset ``toronto_211``."""
    hoods = read_hoods(sources)
    sheet = sources.table(LIST_211, ("ID", "LATITUDE", "LONGITUDE"))
    points: dict[str, tuple[float, float] | None] = {}
    for row in sheet.rows:
        if row["ID"] in points:
            sheet.fail(row.line, "ID", repr(row["ID"]), "each once")
        points[row["ID"]] = point_of(row["LONGITUDE"], row["LATITUDE"])
    found = Counter(hood_of(hoods, point, TORONTO) for point in points.values())
    return Compiled(
        {"hood140.csv": [[code, str(found[code])] for code in hoods.codes]},
        (f"{len(points)} services are listed; {found['']} of them could not be placed in a neighbourhood.",),
    )


TORONTO_211 = Dataset(
    name="toronto_211",
    card=Card(
        short="211 Toronto 2018",
        title="Services for refugees and newcomers in Toronto, April 2018: counted by neighbourhood",
        publisher="211 Toronto, by way of the City of Toronto",
        catalogue="refugee_services_211",
        published="2018-04",
        accessed=ACCESSED,
        url="https://github.com/CityofToronto/vz_challenge",
        licence="not stated by the owner. Counts only: the list itself is not redistributed here",
        attribution="Counted from a list of 211 Toronto, April 2018.",
        universe=_LISTED,
        vintage="2018",
        grade="B",
        defects=(
            "The City of Toronto only: not comparable with any other place, nor with the federal locator.",
            "A service is listed once for each place and program, so one organisation may count several times.",
        ),
    ),
    tables=_tables(
        (_counted("services", "services listed", "one row a service", "services", _LISTED),), hoods_only=True
    ),
    inputs=(LIST_211, HOODS),
    compiler=compile_211,
)

# --- culture ---------------------------------------------------------------------------------------------------

ODCAF = "places/odcaf_v1_0_on_hal_sj_cal.csv"
#: Types of the open database, and the columns that they are counted in.
CULTURE: Mapping[str, str] = {
    "library or archives": "libraries_archives",
    "museum": "museums",
    "gallery": "galleries",
    "theatre/performance and concert hall": "theatres",
    "art or cultural centre": "cultural_centres",
    "heritage or historic site": "heritage_sites",
    "festival site": "festival_sites",
    "artist": "artists",
    "miscellaneous": "other",
}
_CULTURE = "cultural and art facilities that governments list openly"


def compile_culture(sources: Sources) -> Compiled:
    """Return the tables of dataset ``cultural_facilities``."""
    areas, hoods = read_subdivisions(sources), read_hoods(sources)
    sheet = sources.table(
        ODCAF,
        ("Facility_Name", "ODCAF_Facility_Type", "Provider", "Postal_Code", "City", "CSDUID", "Latitude", "Longitude"),
        legacy="cp1252",
    )
    known = set(areas.codes)
    seen: set[tuple[str, ...]] = set()
    placed: list[Placed] = []
    methods: list[str] = []
    repeats = nowhere = boards = 0
    for row in sheet.rows:
        kind = CULTURE.get(row["ODCAF_Facility_Type"])
        if kind is None:
            sheet.fail(
                row.line, "ODCAF_Facility_Type", repr(row["ODCAF_Facility_Type"]), "one of " + ", ".join(CULTURE)
            )
            continue
        point = point_of(row["Longitude"], row["Latitude"])
        place = (
            row["Postal_Code"] if row["Postal_Code"] != ".." else f"{row['City']} {row['Latitude']} {row['Longitude']}"
        )
        key = (row["Facility_Name"].casefold(), kind, place.casefold())
        if key in seen:
            repeats += 1
            continue
        seen.add(key)
        boards += kind == "libraries_archives" and row["Provider"] == "government of ontario"
        if row["CSDUID"] in known:
            csd, method = row["CSDUID"], "publisher"
        elif row["CSDUID"] not in ("", ".."):
            csd, method = "", "none"
        else:
            csd, method = subdivision_of(areas, hoods, point, [row["City"]])
        methods.append(method)
        if csd not in known:
            nowhere += 1
            continue
        placed.append((csd, hood_of(hoods, point, csd), [kind]))
    lost = sum(csd == TORONTO and not hood for csd, hood, _ in placed)
    return Compiled(
        count_by_area(placed, areas, hoods, list(CULTURE.values())),
        (
            f"{len(placed)} facilities are counted; {repeats} repeats of the same name, type and place are removed; "
            f"{nowhere} have no known census subdivision.",
            f"{boards} of the libraries are library boards that the Province lists, one row a board however many "
            "branches "
            "it has; some municipalities list their branches besides. Libraries are therefore not comparable between "
            "places.",
            f"{lost} facilities in Toronto have no coordinates and count for the city, not for a neighbourhood.",
            found_in_words(methods),
        ),
    )


CULTURAL_FACILITIES = Dataset(
    name="cultural_facilities",
    card=Card(
        short="Cultural and art facilities 2020 (ODCAF)",
        title="Open Database of Cultural and Art Facilities, version 1.0: counted by census subdivision and "
        "neighbourhood",
        publisher="Statistics Canada",
        catalogue="21-26-0001",
        published="2020",
        accessed=ACCESSED,
        url="https://www.statcan.gc.ca/eng/lode/databases/odcaf",
        licence=f"{STATCAN}; the publisher's page names the Open Government Licence - Canada",
        attribution=statcan("Open Database of Cultural and Art Facilities, version 1.0, catalogue 21-26-0001, 2020"),
        universe=_CULTURE,
        vintage="2020",
        grade="B",
        defects=(
            "Only what is listed openly. Museums are listed for the whole country by their association; everything "
            "else depends on which municipality publishes a list.",
            "A publisher's code of a subdivision can be wrong: the library board of Chatham-Kent is in Smiths Falls.",
            "The type 'artist' and 'miscellaneous' are not places that people go to; measures leave them out.",
        ),
    ),
    tables=_tables(
        tuple(_counted(name, label, "ODCAF_Facility_Type", "facilities", _CULTURE) for label, name in CULTURE.items())
    ),
    inputs=(ODCAF, SUBDIVISIONS, HOODS),
    compiler=compile_culture,
)

# --- universities and colleges ---------------------------------------------------------------------------------

DESIGNATED = "places/esdc_designated_institutions_on_ns_nl_ab.csv"
#: Types of institution that are kept, and the kind that each stands for.
INSTITUTIONS: Mapping[str, str] = {"University": "university", "Technical and Vocational": "college"}
#: Types that are known and left out: private career schools, nursing schools, benefits.
LEFT_OUT = ("Private Institution", "Junior College", "Miscellaneous", "Nursing Schools")
#: Names of towns inside a municipality of another name; a code where several subdivisions have the name.
TOWNS: Mapping[str, str] = {
    "hamilton": "3525005",
    "thunder bay": "3558004",
    "scarborough": "Toronto",
    "etobicoke": "Toronto",
    "north york": "Toronto",
    "king city": "King",
    "alfred": "Alfred and Plantagenet",
    "haileybury": "Temiskaming Shores",
    "lindsay": "Kawartha Lakes",
    "ridgetown": "Chatham-Kent",
    "sudbury": "Greater Sudbury",
    "dartmouth": "Halifax",
}
#: Codes of provinces as subdivisions begin with them.
PROVINCES: Mapping[str, str] = {
    "Ontario": "35",
    "Nova Scotia": "12",
    "Newfoundland and Labrador": "10",
    "Alberta": "48",
}


def municipality(areas: Areas, city: str, province: str) -> str:
    """Return the code of the only subdivision of a province that has a town's name, ``""`` if there is not one."""
    alias = TOWNS.get(plain(city), city)
    if alias in areas.codes:
        return alias
    name = plain(alias)
    prefix = PROVINCES.get(province, "?")
    found = [
        code
        for code, own in zip(areas.codes, areas.names, strict=True)
        if code.startswith(prefix) and plain(own) == name
    ]
    return found[0] if len(found) == 1 else ""


def hoods_by_half(sources: Sources, hoods: Areas) -> dict[str, str]:
    """Return the neighbourhood that holds most health services of each first half of a postal code in Toronto.

    A tie goes to the neighbourhood that comes first by its number as text.
    """
    found: dict[str, Counter[str]] = {}
    for row in sources.table(LOCATIONS_2019, ("X", "Y", "POSTAL_CODE")).rows:
        point = point_of(row["X"], row["Y"])
        hood = hoods.within(*point) if point else ""
        if hood:
            found.setdefault(row["POSTAL_CODE"][:3].upper(), Counter())[hood] += 1
    return {half: min(counts, key=lambda hood: (-counts[hood], hood)) for half, counts in found.items()}


def compile_institutions(sources: Sources) -> Compiled:
    """Return the table of dataset ``postsecondary``."""
    areas, hoods = read_subdivisions(sources), read_hoods(sources)
    near = hoods_by_half(sources, hoods)
    sheet = sources.table(
        DESIGNATED,
        ("EI Code", "EI name", "Institution Type", "City", "Province", "Postal Code"),
        legacy="latin-1",
    )
    rows: list[tuple[str, ...]] = []
    elsewhere: list[str] = []
    for row in sheet.rows:
        kind = INSTITUTIONS.get(row["Institution Type"])
        if kind is None:
            if row["Institution Type"] not in LEFT_OUT:
                sheet.fail(row.line, "Institution Type", repr(row["Institution Type"]), "a known type of institution")
            continue
        csd = municipality(areas, row["City"], row["Province"])
        if csd:
            hood = near.get(row["Postal Code"][:3].upper(), "") if csd == TORONTO else ""
            rows.append((row["EI Code"], row["EI name"], kind, csd, hood))
        elif row["Province"] == "Ontario":
            sheet.fail(row.line, "City", repr(row["City"]), "a municipality of Ontario, or a town listed in TOWNS")
        else:
            elsewhere.append(row["EI Code"])
    kinds = Counter(row[2] for row in rows)
    nowhere = sum(row[3] == TORONTO and not row[4] for row in rows)
    return Compiled(
        {"institutions.csv": rows},
        (
            f"{kinds['university']} universities and {kinds['college']} colleges are kept; {len(elsewhere)} in other "
            "towns of the provinces of Halifax, St. John's and Calgary are left out.",
            f"{nowhere} institutions in Toronto could not be placed in a neighbourhood.",
        ),
    )


POSTSECONDARY = Dataset(
    name="postsecondary",
    card=Card(
        short="Designated post-secondary institutions 2020",
        title="Master designation list of post-secondary institutions: universities and colleges",
        publisher="Employment and Social Development Canada",
        catalogue="CSLPPD Master Designation List",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://www.canada.ca/en/employment-social-development/programs/designated-schools.html",
        licence="Open Government Licence - Canada",
        attribution="Contains information licensed under the Open Government Licence - Canada.",
        universe="institutions designated for federal student aid",
        vintage="2020",
        grade="B",
        defects=(
            "The list is of the time when Statistics Canada used it for its database of schools (about 2020); its "
            "own date is not stated.",
            "It names a town and a postal code, not coordinates. The neighbourhood in Toronto is modelled: the one "
            "that "
            "holds most of the health services whose postal code begins alike. A campus is seen only where it is "
            "designated on its own.",
            "College: the list's type Technical and Vocational, which are Ontario's public colleges by campus and a "
            "few "
            "schools of art, medicine and gardening. Junior colleges and private institutions are left out; in Calgary "
            "these hold Bow Valley College and Mount Royal University.",
            "Names are spelled as in the list, which cuts some and misnames the town of one (Niagara College, in "
            "Welland).",
        ),
    ),
    tables=(
        TableSpec(
            "institutions.csv",
            "facility",
            ("institution",),
            (
                Col("institution", "id", "code in the list", "EI Code"),
                Col("name", "text", "name as in the list", "EI name"),
                Col("kind", "text", "university or college", "Institution Type"),
                Col("csd", "id", "census subdivision, 2021", "found from City"),
                Col(
                    "hood140",
                    "id",
                    "Toronto neighbourhood, 140 model",
                    "modelled from Postal Code",
                    missing=True,
                    note=HOOD_NOTE,
                ),
            ),
        ),
    ),
    inputs=(DESIGNATED, LOCATIONS_2019, SUBDIVISIONS, HOODS),
    compiler=compile_institutions,
)

DATASETS = (SETTLEMENT_2022, TORONTO_211, CULTURAL_FACILITIES, POSTSECONDARY)

"""Statistics Canada, 2021 Census: population, geography, remoteness, ridings, sums of dissemination areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Row, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, STATCAN, adapted, statcan

#: Census divisions outside Ontario that hold a candidate site: St. John's, Halifax, Calgary.
OUTSIDE = ("1001", "1209", "4806")
#: Provinces of the candidate sites: Newfoundland and Labrador, Nova Scotia, Ontario, Alberta.
PROVINCES = ("10", "12", "35", "48")


#: All provinces and territories, by the first two digits of an area's code.
PROVINCE_LETTERS = {
    **{"10": "NL", "11": "PE", "12": "NS", "13": "NB", "24": "QC", "35": "ON", "46": "MB", "47": "SK", "48": "AB"},
    **{"59": "BC", "60": "YT", "61": "NT", "62": "NU"},
}


def wanted(cd: str) -> bool:
    """Whether a census division (or a finer area's code) lies in Ontario or holds a site elsewhere."""
    return cd.startswith("35") or cd[:4] in OUTSIDE


# --- population ------------------------------------------------------------------------------------------------

POPULATION = "census/statcan_98-10-0002_2021_population_area_CD_CSD.csv"
_POPULATION_COLUMNS = {
    "population_2021": "Population and dwelling counts (13): Population, 2021 [1]",
    "population_2016": "Population and dwelling counts (13): Population, 2016 [2]",
    "private_dwellings_occupied_2021": (
        "Population and dwelling counts (13): Private dwellings occupied by usual residents, 2021 [7]"
    ),
    "land_area_km2": "Population and dwelling counts (13): Land area in square kilometres, 2021 [10]",
}
_RESIDENTS = "usual residents, 100 % count"


def _population_columns(area: str, label: str, missing: bool) -> tuple[Col, ...]:
    note = "suppressed: the reserve was incompletely enumerated (symbol '..')" if missing else ""
    source = _POPULATION_COLUMNS
    return (
        Col(area, "id", label, "DGUID without its first nine characters"),
        Col("name", "text", "name of the area, in English", "GEO"),
        Col(
            "population_2021",
            "count",
            "population on census day 2021",
            source["population_2021"],
            "persons",
            _RESIDENTS,
            missing,
            True,
            note,
        ),
        Col(
            "population_2016",
            "count",
            "population on census day 2016, on the boundaries of 2021",
            source["population_2016"],
            "persons",
            _RESIDENTS,
            missing,
            True,
            "revised by the publisher where boundaries or counts changed (symbol 'r')",
        ),
        Col(
            "private_dwellings_occupied_2021",
            "count",
            "private dwellings occupied by usual residents, 2021",
            source["private_dwellings_occupied_2021"],
            "dwellings",
            "private dwellings, 100 % count",
            missing,
            True,
            note,
        ),
        Col(
            "land_area_km2",
            "number",
            "land area, 2021",
            source["land_area_km2"],
            "square kilometres",
            "land without inland water",
            False,
            True,
        ),
    )


def area_of(dguid: str) -> tuple[str, str]:
    """Return an area's table and code from its DGUID; ``("", "")`` if it is of another kind.

    >>> area_of("2021A00033521"), area_of("2021A00053520005"), area_of("2021A000235"), area_of("2021A000011124")
    (('cd.csv', '3521'), ('csd.csv', '3520005'), ('province.csv', '35'), ('province.csv', '01'))
    """
    if dguid == "2021A000011124":
        return "province.csv", "01"
    kinds = {"2021A0002": ("province.csv", 2), "2021A0003": ("cd.csv", 4), "2021A0005": ("csd.csv", 7)}
    table, digits = kinds.get(dguid[:9], ("", 0))
    code = dguid[9:]
    return (table, code) if len(code) == digits and code.isdigit() else ("", "")


def compile_population(sources: Sources, file: str = POPULATION) -> Compiled:
    """Return the tables of dataset ``population_2021``, from the copy or from the file of the whole country."""
    columns = tuple(_POPULATION_COLUMNS.values())
    sheet = sources.table(file, ("GEO", "DGUID", *columns), symbols=columns)
    rows: dict[str, list[tuple[str, ...]]] = {"province.csv": [], "cd.csv": [], "csd.csv": []}
    for row in sheet.rows:
        table, code = area_of(row["DGUID"])
        if not table:
            sheet.fail(row.line, "DGUID", repr(row["DGUID"]), "an area of the 2021 census")
        elif table == "province.csv" or wanted(code):
            rows[table].append((code, row["GEO"], *(row.with_symbol(column) for column in columns)))
    incomplete = sum(row[2] == "suppressed" for row in rows["csd.csv"])
    return Compiled(
        rows,
        (
            f"{incomplete} census subdivisions, all of them reserves, were incompletely enumerated in 2021: "
            "no population is published for them, and the totals of their census divisions leave them out.",
        ),
    )


POPULATION_2021 = Dataset(
    name="population_2021",
    card=Card(
        short="Census 2021, population counts",
        title="Population and dwelling counts: Canada, provinces and territories, census divisions and "
        "census subdivisions",
        publisher="Statistics Canada",
        catalogue="98-10-0002-02",
        published="2022-02-09",
        accessed=ACCESSED,
        url="https://www150.statcan.gc.ca/t1/tbl1/en/tv.action?pid=9810000202",
        licence=STATCAN,
        attribution=statcan("Table 98-10-0002-02, 2022-02-09"),
        universe=_RESIDENTS,
        vintage="2021",
        grade="A",
        defects=(
            "Read from a copy of the official download; two independent copies agree in every cell.",
            "Only Ontario, and the census divisions of St. John's, Halifax and Calgary, are kept.",
        ),
    ),
    tables=(
        TableSpec(
            "province.csv",
            "country_province",
            ("province",),
            _population_columns("province", "code of the province or territory; 01 is Canada", False),
        ),
        TableSpec("cd.csv", "cd", ("cd",), _population_columns("cd", "census division, 2021", False)),
        TableSpec("csd.csv", "csd", ("csd",), _population_columns("csd", "census subdivision, 2021", True)),
    ),
    inputs=(POPULATION,),
    compiler=compile_population,
)


# --- geography -------------------------------------------------------------------------------------------------

GEO_CSD = "places/geosuite2021_csd_on_hal_sj_cal.csv"
GEO_CD = "places/geosuite2021_cd_on_hal_sj_cal.csv"
GEO_ER = "places/geosuite2021_er.csv"
GEO_CMA = "places/geosuite2021_cma_ca.csv"
GEO_SAC = "places/geosuite2021_sactype_codes.csv"
#: Codes in the CMA column that mean a metropolitan-influence zone, not a CMA or CA.
ZONES = ("996", "997", "998", "999")
#: GeoSuite's types of metropolitan area; D and K are agglomerations without and with census tracts.
CMA_KINDS = {"B": "CMA", "D": "CA", "K": "CA"}


def compile_geography(sources: Sources) -> Compiled:
    """Return the tables of dataset ``geography_2021``."""
    csd = sources.table(
        GEO_CSD,
        (
            "CSDuid",
            "CDuid",
            "ERuid",
            "CSDname",
            "CSDtype",
            "SACtype",
            "CSDpop_2021",
            "CSDir_2021",
            "CSDrplat",
            "CSDrplong",
            "CMAuid",
        ),
        legacy="latin-1",
    )
    cd = sources.table(GEO_CD, ("CDuid", "CDname", "CDtype", "CDpop_2021", "PRuid", "ERuid"), legacy="latin-1")
    er = sources.table(GEO_ER, ("ERuid", "ERname", "PRuid", "ERpop_2021"), legacy="latin-1")
    cma = sources.table(GEO_CMA, ("CMAname", "CMApart", "CMApop_2021", "PRuid", "CMAcode", "CMAtype"), legacy="latin-1")
    sac = sources.table(GEO_SAC, ("TYPE", "DESC", "FDESC"), legacy="latin-1")
    for row in cma.rows:
        if row["CMAtype"] not in CMA_KINDS or row["CMApart"] not in ("0", "1"):
            cma.fail(row.line, "CMAtype", f"{row['CMAtype']}, part {row['CMApart']}", "B, D or K; part 0 or 1")
    for row in csd.rows:
        if row["CSDir_2021"] not in ("0", "1"):
            csd.fail(row.line, "CSDir_2021", repr(row["CSDir_2021"]), "0 or 1")
    rows: dict[str, list[tuple[str, ...]]] = {
        "csd.csv": [
            (
                row["CSDuid"],
                row["CSDname"],
                row["CSDtype"],
                row["CDuid"],
                row["ERuid"],
                "" if row["CMAuid"] in ZONES else row["CMAuid"],
                row["SACtype"],
                row.number("CSDpop_2021"),
                "yes" if row["CSDir_2021"] == "1" else "no",
                row.number("CSDrplat"),
                row.number("CSDrplong"),
            )
            for row in csd.rows
            if wanted(row["CDuid"])
        ],
        "cd.csv": [
            (row["CDuid"], row["CDname"], row["CDtype"], row["ERuid"], row["PRuid"], row.number("CDpop_2021"))
            for row in cd.rows
            if wanted(row["CDuid"])
        ],
        "er.csv": [(row["ERuid"], row["ERname"], row["PRuid"], row.number("ERpop_2021")) for row in er.rows],
        "cma.csv": [
            (
                row["CMAcode"],
                row["CMAname"],
                CMA_KINDS.get(row["CMAtype"], ""),
                row["PRuid"],
                "yes" if row["CMApart"] == "0" else "no",
                row.number("CMApop_2021"),
            )
            for row in cma.rows
        ],
        "sactype.csv": [(row["TYPE"], row["DESC"], row["FDESC"]) for row in sac.rows],
    }
    missing = sum(row[7] == "not published" for row in rows["csd.csv"])
    parts = sorted(row[1] for row in rows["cma.csv"] if row[4] == "no")
    return Compiled(
        rows,
        (
            f"{missing} census subdivisions have no population: reserves that were incompletely enumerated.",
            f"Of {', '.join(parts)} only the part inside the province named is counted (column whole = no).",
        ),
    )


GEOGRAPHY_2021 = Dataset(
    name="geography_2021",
    card=Card(
        short="GeoSuite 2021",
        title="GeoSuite, Census year 2021: census subdivisions, census divisions, economic regions, "
        "metropolitan areas and agglomerations",
        publisher="Statistics Canada",
        catalogue="92-150-X",
        published="2022",
        accessed=ACCESSED,
        url="https://www150.statcan.gc.ca/n1/pub/92-150-g/92-150-g2021001-eng.htm",
        licence=STATCAN,
        attribution=statcan("GeoSuite, Census year 2021, catalogue 92-150-X, 2022"),
        universe=_RESIDENTS,
        vintage="2021",
        grade="A",
        defects=(
            "Read from a copy of the official files, cut to Ontario and the census divisions of St. John's, "
            "Halifax and Calgary; the copy joins the metropolitan area's code to each census subdivision.",
            "A representative point lies inside its census subdivision and is not weighted by population: "
            "in large northern subdivisions it can be far from where people live.",
        ),
    ),
    tables=(
        TableSpec(
            "csd.csv",
            "csd",
            ("csd",),
            (
                Col("csd", "id", "census subdivision, 2021", "CSDuid"),
                Col("name", "text", "name", "CSDname"),
                Col("type", "text", "type of census subdivision (the publisher's abbreviation)", "CSDtype"),
                Col("cd", "id", "census division that it belongs to", "CDuid"),
                Col("er", "id", "economic region that it belongs to", "ERuid"),
                Col(
                    "cma",
                    "id",
                    "metropolitan area or agglomeration that it belongs to",
                    "CMAuid",
                    missing=True,
                    note="empty outside these (codes 996 to 999 of the source are zones, not areas)",
                ),
                Col("sactype", "id", "statistical area classification, see sactype.csv", "SACtype"),
                Col(
                    "population_2021",
                    "count",
                    "population on census day 2021",
                    "CSDpop_2021",
                    "persons",
                    _RESIDENTS,
                    True,
                    True,
                ),
                Col("incomplete_2021", "flag", "whether the 2021 enumeration was incomplete", "CSDir_2021"),
                Col(
                    "latitude",
                    "number",
                    "representative point",
                    "CSDrplat",
                    "degrees north",
                    "the area",
                    False,
                    False,
                ),
                Col(
                    "longitude",
                    "number",
                    "representative point",
                    "CSDrplong",
                    "degrees east",
                    "the area",
                    False,
                    False,
                ),
            ),
        ),
        TableSpec(
            "cd.csv",
            "cd",
            ("cd",),
            (
                Col("cd", "id", "census division, 2021", "CDuid"),
                Col("name", "text", "name", "CDname"),
                Col("type", "text", "type of census division (the publisher's abbreviation)", "CDtype"),
                Col("er", "id", "economic region that it belongs to", "ERuid"),
                Col("province", "id", "province", "PRuid"),
                Col(
                    "population_2021",
                    "count",
                    "population on census day 2021",
                    "CDpop_2021",
                    "persons",
                    _RESIDENTS,
                    False,
                    True,
                ),
            ),
        ),
        TableSpec(
            "er.csv",
            "er",
            ("er",),
            (
                Col("er", "id", "economic region, 2021", "ERuid"),
                Col("name", "text", "name", "ERname"),
                Col("province", "id", "province", "PRuid"),
                Col(
                    "population_2021",
                    "count",
                    "population on census day 2021",
                    "ERpop_2021",
                    "persons",
                    _RESIDENTS,
                    False,
                    True,
                ),
            ),
        ),
        TableSpec(
            "cma.csv",
            "cma",
            ("cma",),
            (
                Col("cma", "id", "census metropolitan area or census agglomeration, 2021", "CMAcode"),
                Col("name", "text", "name", "CMAname"),
                Col("kind", "text", "CMA or CA", "CMAtype: B is CMA, D and K are CA"),
                Col("province", "id", "province", "PRuid"),
                Col(
                    "whole",
                    "flag",
                    "whether the population is that of the whole area",
                    "CMApart",
                    note="no: only the part in this province is counted",
                ),
                Col(
                    "population_2021",
                    "count",
                    "population on census day 2021",
                    "CMApop_2021",
                    "persons",
                    _RESIDENTS,
                    False,
                    True,
                ),
            ),
        ),
        TableSpec(
            "sactype.csv",
            "link",
            ("sactype",),
            (
                Col("sactype", "id", "statistical area classification", "TYPE"),
                Col("label", "text", "meaning, in English", "DESC"),
                Col("label_fr", "text", "meaning, in French", "FDESC"),
            ),
        ),
    ),
    inputs=(GEO_CSD, GEO_CD, GEO_ER, GEO_CMA, GEO_SAC),
    compiler=compile_geography,
)


# --- remoteness ------------------------------------------------------------------------------------------------

REMOTENESS = "census/statcan_17-26-0001_index_of_remoteness_2021_CSD.csv"


def compile_remoteness(sources: Sources) -> Compiled:
    """Return the table of dataset ``remoteness_2021``."""
    sheet = sources.table(REMOTENESS, ("CSDuid", "CSDname", "Index_of_remoteness", "CSDpop2021"))
    rows = [
        (row["CSDuid"], row["CSDname"], row.number("Index_of_remoteness"), row.number("CSDpop2021"))
        for row in sheet.rows
        if wanted(row["CSDuid"])
    ]
    bare = sorted(row[1] for row in rows if row[2] == "not published")
    return Compiled({"csd.csv": rows}, (f"No index is published for {len(bare)} subdivisions: {', '.join(bare)}.",))


REMOTENESS_2021 = Dataset(
    name="remoteness_2021",
    card=Card(
        short="Index of Remoteness 2021",
        title="Index of Remoteness, 2021",
        publisher="Statistics Canada",
        catalogue="17-26-0001",
        published="2023-01-04",
        accessed=ACCESSED,
        url="https://www150.statcan.gc.ca/n1/pub/17-26-0001/172600012020001-eng.htm",
        licence=STATCAN,
        attribution=statcan("Index of Remoteness, catalogue 17-26-0001, 2023-01-04"),
        universe="census subdivisions with usual residents",
        vintage="2021",
        grade="A",
        defects=(
            "Experimental index of the publisher: 0 is the least remote populated community of Canada, 1 the most.",
            "Outside Ontario only the subdivisions of St. John's, Halifax and Calgary are in the copy that was read.",
        ),
    ),
    tables=(
        TableSpec(
            "csd.csv",
            "csd",
            ("csd",),
            (
                Col("csd", "id", "census subdivision, 2021", "CSDuid"),
                Col("name", "text", "name", "CSDname"),
                Col(
                    "remoteness_index",
                    "share",
                    "index of remoteness, 0 least to 1 most remote",
                    "Index_of_remoteness",
                    "index from 0 to 1",
                    "",
                    True,
                    False,
                    "over several areas: weight by population, never sum",
                ),
                Col(
                    "population_2021",
                    "count",
                    "population that the index was computed with",
                    "CSDpop2021",
                    "persons",
                    _RESIDENTS,
                    True,
                    True,
                ),
            ),
        ),
    ),
    inputs=(REMOTENESS,),
    compiler=compile_remoteness,
)


# --- sums of dissemination areas -------------------------------------------------------------------------------

DA_SUMS = "census/derived_2021_CSD_sum_of_DA.csv"
_AGES: Sequence[tuple[str, str]] = (
    ("age_0_4", "v_CA21_14: 0 to 4 years, - Total"),
    ("age_5_9", "v_CA21_32: 5 to 9 years, - Total"),
    ("age_10_14", "v_CA21_50: 10 to 14 years, - Total"),
    ("age_15_19", "v_CA21_71: 15 to 19 years, - Total"),
    ("age_20_24", "v_CA21_89: 20 to 24 years, - Total"),
    ("age_25_29", "v_CA21_107: 25 to 29 years, - Total"),
    ("age_30_34", "v_CA21_125: 30 to 34 years, - Total"),
    ("age_35_39", "v_CA21_143: 35 to 39 years, - Total"),
    ("age_40_44", "v_CA21_161: 40 to 44 years, - Total"),
    ("age_45_49", "v_CA21_179: 45 to 49 years, - Total"),
    ("age_50_54", "v_CA21_197: 50 to 54 years, - Total"),
    ("age_55_59", "v_CA21_215: 55 to 59 years, - Total"),
    ("age_60_64", "v_CA21_233: 60 to 64 years, - Total"),
    ("age_65_69", "v_CA21_254: 65 to 69 years, - Total"),
    ("age_70_74", "v_CA21_272: 70 to 74 years, - Total"),
    ("age_75_79", "v_CA21_290: 75 to 79 years, - Total"),
    ("age_80_84", "v_CA21_308: 80 to 84 years, - Total"),
    ("age_85_over", "v_CA21_326: 85 years and over, - Total"),
)
_HOUSEHOLDS = "population in private households, 25 % sample"
_OUTSIDE_INSTITUTIONS = "population excluding institutional residents, 100 % count"
_DA_COUNTS: Sequence[tuple[str, str, str, str]] = (
    (
        "official_languages_total",
        "v_CA21_1144: Knowledge of official languages for the total population excluding institutional residents, "
        "- Total",
        "knowledge of official languages, total",
        _OUTSIDE_INSTITUTIONS,
    ),
    ("english_only", "v_CA21_1147: English only, - Total", "knows English only", _OUTSIDE_INSTITUTIONS),
    ("french_only", "v_CA21_1150: French only, - Total", "knows French only", _OUTSIDE_INSTITUTIONS),
    (
        "english_and_french",
        "v_CA21_1153: English and French, - Total",
        "knows English and French",
        _OUTSIDE_INSTITUTIONS,
    ),
    (
        "neither_english_nor_french",
        "v_CA21_1156: Neither English nor French, - Total",
        "knows neither English nor French",
        _OUTSIDE_INSTITUTIONS,
    ),
    ("non_immigrants", "v_CA21_4407: Non-immigrants, - Total", "non-immigrants", _HOUSEHOLDS),
    ("immigrants", "v_CA21_4410: Immigrants, - Total", "immigrants", _HOUSEHOLDS),
    (
        "non_permanent_residents",
        "v_CA21_4434: Non-permanent residents, - Total",
        "non-permanent residents",
        _HOUSEHOLDS,
    ),
    (
        "visible_minority",
        "v_CA21_4875: Total visible minority population, - Total",
        "visible minority population",
        _HOUSEHOLDS,
    ),
)


def _ages(source: str) -> str:
    return source.split(": ")[1].split(", -")[0]


def compile_da_sums(sources: Sources) -> Compiled:
    """Return the table of dataset ``csd_2021_da_sums``."""
    plain = ("n_DA", "n_DA_missing_immigration", "pop_in_missing_DA")
    counts = (*(source for _, source, _, _ in _DA_COUNTS), *(source for _, source in _AGES))
    sheet = sources.table(DA_SUMS, ("CSD_UID", "name", "Population", *plain, *counts))
    columns = ("Population", *plain, *counts)
    rows = [(row["CSD_UID"], row["name"], *(row.number(column) for column in columns)) for row in sheet.rows]
    return Compiled({"csd.csv": rows})


CSD_2021_DA_SUMS = Dataset(
    name="csd_2021_da_sums",
    card=Card(
        short="Census 2021, sums of dissemination areas",
        title="Census Profile 2021, dissemination areas, summed to 25 census subdivisions",
        publisher="Statistics Canada, by way of CensusMapper",
        catalogue="98-401-X2021006",
        published="2022",
        accessed=ACCESSED,
        url="https://censusmapper.ca/api",
        licence=STATCAN,
        attribution=adapted("Census Profile, 2021 Census, catalogue 98-401-X2021006"),
        universe=_RESIDENTS,
        vintage="2021",
        grade="B",
        defects=(
            "Sums of rounded and partly suppressed figures of dissemination areas, not the publisher's own totals "
            "for the subdivision; the population sums agree exactly with the official ones.",
            "Rare characteristics come out too low: Toronto 139,310 non-permanent residents against 145,260 published "
            "(4.1 per cent less); its immigrants 1,286,110 against 1,286,145.",
            "The immigrants, non-immigrants and non-permanent residents of a subdivision add to less than its "
            "population: people in institutions and suppressed areas are left out.",
            "25 census subdivisions only; no mother tongue, no period of immigration.",
        ),
    ),
    tables=(
        TableSpec(
            "csd.csv",
            "csd",
            ("csd",),
            (
                Col("csd", "id", "census subdivision, 2021", "CSD_UID"),
                Col("name", "text", "name", "name"),
                Col("population_2021", "count", "population", "Population", "persons", _RESIDENTS, False, True),
                Col("das", "count", "dissemination areas", "n_DA", "areas", "dissemination areas of 2021", False, True),
                Col(
                    "das_missing",
                    "count",
                    "dissemination areas without figures on immigrants",
                    "n_DA_missing_immigration",
                    "areas",
                    "dissemination areas of 2021",
                    False,
                    True,
                ),
                Col(
                    "population_in_das_missing",
                    "count",
                    "population of the dissemination areas without figures on immigrants",
                    "pop_in_missing_DA",
                    "persons",
                    _RESIDENTS,
                    False,
                    True,
                ),
                *(
                    Col(name, "count", label, source, "persons", universe, False, True)
                    for name, source, label, universe in _DA_COUNTS
                ),
                *(
                    Col(name, "count", f"aged {_ages(source)}", source, "persons", _RESIDENTS, False, True)
                    for name, source in _AGES
                ),
            ),
        ),
    ),
    inputs=(DA_SUMS,),
    compiler=compile_da_sums,
)


# --- recent immigrants by riding -------------------------------------------------------------------------------

RIDINGS = "facts/statcan2021_FED2013_recent_immigrants.csv"
RIDING_LINK = "places/geosuite2021_fed2013_csd_xwalk.csv"


def whole_links(rows: Iterable[Row]) -> list[str]:
    """Return the codes of subdivisions whose blocks do not add up over the ridings listed for them."""
    blocks: dict[str, int] = {}
    listed: dict[str, int] = {}
    for row in rows:
        blocks[row["CSDUID"]] = row.whole("n_DB_in_CSD")
        listed[row["CSDUID"]] = listed.get(row["CSDUID"], 0) + row.whole("n_DB_in_CSD_FED")
    return sorted(csd for csd, count in blocks.items() if listed[csd] != count)


def compile_ridings(sources: Sources) -> Compiled:
    """Return the tables of dataset ``recent_immigrants_2021``."""
    ridings = sources.table(
        RIDINGS, ("FEDUID_2013", "fed_name", "province", "population_2021", "recent_immigrants_2016_2021")
    )
    link = sources.table(RIDING_LINK, ("CSDUID", "FEDUID_2013", "n_DB_in_CSD", "n_DB_in_CSD_FED", "partial"))
    for row in link.rows:
        if row["partial"] not in ("T", "F"):
            link.fail(row.line, "partial", repr(row["partial"]), "T or F")
    for csd in whole_links(link.rows):
        link.fail(0, "n_DB_in_CSD_FED", f"blocks of {csd} that do not add up", "every block in one riding")
    rows: dict[str, list[tuple[str, ...]]] = {
        "fed2013.csv": [
            (
                row["FEDUID_2013"],
                row["fed_name"],
                row["FEDUID_2013"][:2],
                row.number("population_2021"),
                row.number("recent_immigrants_2016_2021"),
            )
            for row in ridings.rows
            if row["FEDUID_2013"][:2] in PROVINCES
        ],
        "link.csv": [
            (
                row["FEDUID_2013"],
                row["CSDUID"],
                row.number("n_DB_in_CSD"),
                row.number("n_DB_in_CSD_FED"),
                "yes" if row["partial"] == "T" else "no",
            )
            for row in link.rows
        ],
    }
    return Compiled(rows)


RECENT_IMMIGRANTS_2021 = Dataset(
    name="recent_immigrants_2021",
    card=Card(
        short="Census 2021, recent immigrants by riding",
        title="Census Profile 2021, federal electoral districts (2013 Representation Order): recent immigrants; "
        "with the link from districts to census subdivisions of GeoSuite 2021",
        publisher="Statistics Canada",
        catalogue="98-401-X2021 and 92-150-X",
        published="2022-10-26",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2021/dp-pd/prof/index.cfm?Lang=E",
        licence=STATCAN,
        attribution=statcan("Census Profile, 2021 Census, 2022-10-26; GeoSuite, catalogue 92-150-X"),
        universe=_RESIDENTS,
        vintage="2021",
        grade="B",
        defects=(
            "Re-published: collected from the Census Profile pages by a public project (Francis-Calingo, Filipino "
            "Canadian Demographic Report, commit 82a17a21); the populations add exactly to the official total of "
            "Canada, the recent immigrants to 1,328,180 against 1,328,240 published (rounding).",
            "Exact for an area only where every riding that touches it lies wholly inside; elsewhere the ridings give "
            "a lower bound (those inside) and an upper bound (plus those that touch it).",
            "The link counts dissemination blocks, not people.",
        ),
    ),
    tables=(
        TableSpec(
            "fed2013.csv",
            "fed2013",
            ("fed2013",),
            (
                Col("fed2013", "id", "federal electoral district, 2013 Representation Order", "FEDUID_2013"),
                Col("name", "text", "name", "fed_name"),
                Col("province", "id", "province", "first two digits of FEDUID_2013"),
                Col("population_2021", "count", "population", "population_2021", "persons", _RESIDENTS, False, True),
                Col(
                    "recent_immigrants",
                    "count",
                    "recent immigrants (2016-2021)",
                    "recent_immigrants_2016_2021",
                    "persons",
                    _HOUSEHOLDS,
                    False,
                    True,
                    "landed from 1 January 2016 to 11 May 2021; rounded to 5 by the publisher",
                ),
            ),
        ),
        TableSpec(
            "link.csv",
            "link",
            ("fed2013", "csd"),
            (
                Col("fed2013", "id", "federal electoral district, 2013 Representation Order", "FEDUID_2013"),
                Col("csd", "id", "census subdivision, 2021", "CSDUID"),
                Col(
                    "blocks",
                    "count",
                    "dissemination blocks of the subdivision",
                    "n_DB_in_CSD",
                    "blocks",
                    "dissemination blocks of 2021",
                    False,
                    False,
                ),
                Col(
                    "blocks_in_riding",
                    "count",
                    "of these, blocks that lie in the riding",
                    "n_DB_in_CSD_FED",
                    "blocks",
                    "dissemination blocks of 2021",
                    False,
                    True,
                ),
                Col("split", "flag", "whether the subdivision lies in several ridings", "partial"),
            ),
        ),
    ),
    inputs=(RIDINGS, RIDING_LINK),
    compiler=compile_ridings,
)

DATASETS = (POPULATION_2021, GEOGRAPHY_2021, REMOTENESS_2021, CSD_2021_DA_SUMS, RECENT_IMMIGRANTS_2021)

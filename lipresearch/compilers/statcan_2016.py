"""Statistics Canada, 2016 Census: the profile of Hamilton, and mother tongues of metropolitan areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.compilers.languages import LANGUAGES, Language, language_rows, languages, slug, tree
from lipresearch.compilers.licences import ACCESSED, STATCAN, adapted, statcan
from lipresearch.compilers.neighbourhoods import check_sums, figures, language_tables, residue
from lipresearch.compilers.profiles import Item, Profile, count, counted, with_sections

_HOUSEHOLDS = "population in private households, 25 % sample"
_NO_INSTITUTIONS = "population excluding institutional residents, 100 % count"
_RESIDENTS = "usual residents, 100 % count"

# --- Hamilton --------------------------------------------------------------------------------------------------

HAMILTON = "census/statcan_2016_profile_Hamilton_CSD3525005.csv"
HAMILTON_CSD = "3525005"

_OFFICIAL = "Total - Knowledge of official languages"
_FIRST = "Total - First official language spoken"
_TONGUE = "Total - Mother tongue"
_STATUS = "Total - Immigrant status and period of immigration"
_GENERATION = "Total - Generation status"

HAMILTON_ITEMS: Sequence[Item] = (
    counted("Population, 2016", "Population, 2016", "population_2016", "population in 2016", _RESIDENTS),
    counted(
        _OFFICIAL,
        "Total - Knowledge of official languages for the total population excluding institutional residents - 100% "
        "data",
        "official_languages_total",
        "knowledge of official languages, total",
        _NO_INSTITUTIONS,
    ),
    counted(_OFFICIAL, "English only", "english_only", "knows English only", _NO_INSTITUTIONS),
    counted(_OFFICIAL, "French only", "french_only", "knows French only", _NO_INSTITUTIONS),
    counted(_OFFICIAL, "English and French", "english_and_french", "knows English and French", _NO_INSTITUTIONS),
    counted(
        _OFFICIAL,
        "Neither English nor French",
        "neither_english_nor_french",
        "knows neither English nor French",
        _NO_INSTITUTIONS,
    ),
    counted(
        _FIRST,
        "Total - First official language spoken for the total population excluding institutional residents - 100% data",
        "first_official_total",
        "first official language spoken, total",
        _NO_INSTITUTIONS,
    ),
    counted(_FIRST, "English", "first_official_english", "first official language English", _NO_INSTITUTIONS),
    counted(_FIRST, "French", "first_official_french", "first official language French", _NO_INSTITUTIONS),
    counted(
        _FIRST,
        "English and French",
        "first_official_both",
        "first official language English and French",
        _NO_INSTITUTIONS,
    ),
    counted(
        _FIRST,
        "Neither English nor French",
        "first_official_neither",
        "first official language neither",
        _NO_INSTITUTIONS,
    ),
    counted(
        _TONGUE,
        "Total - Mother tongue for the total population excluding institutional residents - 100% data",
        "mother_tongue_total",
        "mother tongue, total",
        _NO_INSTITUTIONS,
    ),
    counted(_TONGUE, "Single responses", "single_responses", "mother tongue, single responses", _NO_INSTITUTIONS),
    counted(_TONGUE, "English", "mother_tongue_english", "mother tongue English, single", _NO_INSTITUTIONS),
    counted(_TONGUE, "French", "mother_tongue_french", "mother tongue French, single", _NO_INSTITUTIONS),
    counted(
        _TONGUE,
        "Non-official languages",
        "mother_tongue_non_official",
        "mother tongue a non-official language, single",
        _NO_INSTITUTIONS,
    ),
    counted(_TONGUE, "Multiple responses", "multiple_responses", "mother tongue, multiple responses", _NO_INSTITUTIONS),
    counted(
        _STATUS,
        "Total - Immigrant status and period of immigration for the population in private households - 25% sample data",
        "immigrant_status_total",
        "immigrant status, total",
        _HOUSEHOLDS,
    ),
    counted(_STATUS, "Non-immigrants", "non_immigrants", "non-immigrants", _HOUSEHOLDS),
    counted(_STATUS, "Immigrants", "immigrants", "immigrants", _HOUSEHOLDS),
    counted(_STATUS, "2011 to 2016", "recent_immigrants_2011_2016", "recent immigrants (2011-2016)", _HOUSEHOLDS),
    counted(_STATUS, "Non-permanent residents", "non_permanent_residents", "non-permanent residents", _HOUSEHOLDS),
    counted(
        _GENERATION,
        "Total - Generation status for the population in private households - 25% sample data",
        "generation_total",
        "generation status, total",
        _HOUSEHOLDS,
    ),
    counted(_GENERATION, "First generation", "first_generation", "first generation", _HOUSEHOLDS),
    counted(_GENERATION, "Second generation", "second_generation", "second generation", _HOUSEHOLDS),
    counted(_GENERATION, "Third generation or more", "third_generation", "third generation or more", _HOUSEHOLDS),
)


def compile_hamilton(sources: Sources) -> Compiled:
    """Return the tables of dataset ``hamilton_2016``."""
    label = f"HAMILTON_{HAMILTON_CSD}_C00000"
    sheet = sources.table(HAMILTON, ("OBJECTID", label, "TOTAL_SEX"))
    place, total = sheet.place(label), sheet.place("TOTAL_SEX")
    rows = sorted(sheet.rows, key=lambda row: row.whole("OBJECTID"))
    profile = Profile(
        sheet, ["Hamilton"], with_sections([(row.line, row.cells[place].rstrip(), [row.cells[total]]) for row in rows])
    )
    block = profile.block(_TONGUE)
    try:
        nodes = tree([line.label for line in block])
        found = languages(nodes)
    except ValueError as error:
        sheet.fail(0, label, str(error), "the list of languages of the 2016 census")
        return Compiled({"csd.csv": [], "mother_tongue.csv": [], "languages.csv": []})
    values = figures(profile, block)
    check_sums(sheet, nodes, values, 5)
    tongues, columns = language_tables("csd", [HAMILTON_CSD], found, values, _NO_INSTITUTIONS)
    gap, _ = residue(nodes, found, values)
    return Compiled(
        {
            "csd.csv": [(HAMILTON_CSD, "Hamilton", *profile.take(HAMILTON_ITEMS)[0])],
            "mother_tongue.csv": tongues,
            "languages.csv": language_rows(found),
        },
        (f"The {len(found)} languages miss the single responses by {gap} persons, which is rounding.",),
        {"mother_tongue.csv": columns},
    )


HAMILTON_2016 = Dataset(
    name="hamilton_2016",
    card=Card(
        short="Census Profile 2016, Hamilton",
        title="Census Profile, 2016 Census: Hamilton, City, Ontario",
        publisher="Statistics Canada",
        catalogue="98-316-X2016001",
        published="2017-11-29",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2016/dp-pd/prof/index.cfm?Lang=E",
        licence=STATCAN,
        attribution=statcan("Census Profile, 2016 Census, catalogue 98-316-X2016001, 2017-11-29"),
        universe=_NO_INSTITUTIONS,
        vintage="2016",
        grade="A",
        defects=(
            "Read from a copy that the city's open data page exports; its rows are out of order and were sorted by "
            "their "
            "number before the indentation was read.",
        ),
    ),
    tables=(
        TableSpec(
            "csd.csv",
            "csd",
            ("csd",),
            (
                Col("csd", "id", "census subdivision", "the file is of this subdivision only"),
                Col("name", "text", "name", "header"),
                *(item.column for item in HAMILTON_ITEMS),
            ),
        ),
        TableSpec(
            "mother_tongue.csv",
            "csd",
            ("csd",),
            (Col("csd", "id", "census subdivision", "the file is of this subdivision only"),),
        ),
        LANGUAGES,
    ),
    inputs=(HAMILTON,),
    compiler=compile_hamilton,
)


# --- mother tongues of metropolitan areas ----------------------------------------------------------------------

CANLANG = "census/canlang_2016_CMA_language.csv"
CANLANG_REGIONS = "census/canlang_2016_CMA_region_data.csv"

#: Metropolitan areas of the source and their codes; None for those outside the provinces of the candidate sites.
CMA_CODES: Mapping[str, str | None] = {
    "Abbotsford - Mission": None,
    "Barrie": "568",
    "Belleville": "522",
    "Brantford": "543",
    "Calgary": "825",
    "Edmonton": "835",
    "Greater Sudbury": "580",
    "Guelph": "550",
    "Halifax": "205",
    "Hamilton": "537",
    "Kelowna": None,
    "Kingston": "521",
    "Kitchener - Cambridge - Waterloo": "541",
    "Lethbridge": "810",
    "London": "555",
    "Moncton": None,
    "Montréal": None,
    "Oshawa": "532",
    "Ottawa - Gatineau": "505",
    "Peterborough": "529",
    "Québec": None,
    "Regina": None,
    "Saguenay": None,
    "Saint John": None,
    "Saskatoon": None,
    "Sherbrooke": None,
    "St. Catharines - Niagara": "539",
    "St. John's": "001",
    "Thunder Bay": "595",
    "Toronto": "535",
    "Trois-Rivières": None,
    "Vancouver": None,
    "Victoria": None,
    "Windsor": "559",
    "Winnipeg": None,
}
_CATEGORIES: Mapping[str, str] = {
    "Aboriginal languages": "indigenous",
    "Non-Official & Non-Aboriginal languages": "non_official",
}


def group_of(category: str, label: str) -> str:
    """Return the group of a language, ``""`` for an unknown category.

    >>> group_of("Official languages", "French"), group_of("Aboriginal languages", "Cayuga"), group_of("?", "Cayuga")
    ('french', 'indigenous', '')
    """
    if category == "Official languages" and label in ("English", "French"):
        return slug(label)
    return _CATEGORIES.get(category, "")


def compile_canlang(sources: Sources) -> Compiled:
    """Return the tables of dataset ``mother_tongue_cma_2016``."""
    sheet = sources.table(CANLANG, ("region", "category", "language", "mother_tongue"))
    regions = sources.table(CANLANG_REGIONS, ("region", "population"))
    labels: dict[str, str] = {}
    cells: dict[tuple[str, str], str] = {}
    for row in sheet.rows:
        if row["region"] not in CMA_CODES:
            sheet.fail(row.line, "region", repr(row["region"]), "one of the 35 metropolitan areas of 2016")
        if not group_of(row["category"], row["language"]):
            sheet.fail(row.line, "category", repr(row["category"]), "a known category of languages")
        if (row["region"], row["language"]) in cells or labels.get(row["language"], row["category"]) != row["category"]:
            sheet.fail(row.line, "language", repr(row["language"]), "each language once in a region, in one category")
        labels[row["language"]] = row["category"]
        cells[row["region"], row["language"]] = row.number("mother_tongue")
    codes = {name: code for name, code in CMA_CODES.items() if code is not None}
    found = [
        Language(slug(label), label, category, category, group_of(category, label), place)
        for place, (label, category) in enumerate(sorted(labels.items()))
    ]
    lost = [(name, one.label) for name in codes for one in found if (name, one.label) not in cells]
    for name, label in lost[:1]:
        sheet.fail(0, "language", f"no row of {label!r} for {name}; {len(lost)} such", "every language in every region")
    people = {row["region"]: row.number("population") for row in regions.rows}
    for name in sorted(set(codes) - set(people)):
        regions.fail(0, "region", f"no row of {name}", "a row for each metropolitan area")
    columns = tuple(
        count(one.slug, f"mother tongue, single response: {one.label}", f"{one.label}: mother_tongue", _NO_INSTITUTIONS)
        for one in found
    )
    return Compiled(
        {
            "cma.csv": [(code, name, people.get(name, "not published")) for name, code in codes.items()],
            "mother_tongue.csv": [
                (code, *(cells.get((name, one.label), "0") for one in found)) for name, code in codes.items()
            ],
            "languages.csv": language_rows(found),
        },
        (),
        {"mother_tongue.csv": columns},
    )


MOTHER_TONGUE_CMA_2016 = Dataset(
    name="mother_tongue_cma_2016",
    card=Card(
        short="Census 2016, mother tongues",
        title="2016 Census: mother tongue (214 languages) in census metropolitan areas",
        publisher="Statistics Canada, re-published in the R package canlang",
        catalogue="98-400-X2016",
        published="2017-08-02",
        accessed=ACCESSED,
        url="https://ttimbers.github.io/canlang/",
        licence=STATCAN,
        attribution=adapted("2016 Census of Population"),
        universe=_NO_INSTITUTIONS,
        vintage="2016",
        grade="B",
        defects=(
            "Re-published: taken from the package's data (repository ttimbers/canlang, commit 1a543054, MIT licence), "
            "whose 35 metropolitan areas it names without codes; the codes were added here.",
            "Single responses only. Ottawa - Gatineau is not split by province.",
            "A zero is a published zero or a count rounded to it.",
            "Only the metropolitan areas of Ontario, Nova Scotia, Newfoundland and Labrador, and Alberta are kept.",
        ),
    ),
    tables=(
        TableSpec(
            "cma.csv",
            "cma",
            ("cma",),
            (
                Col("cma", "id", "census metropolitan area, 2016", "added here"),
                Col("name", "text", "name", "region"),
                count("population_2016", "population in 2016", "population", _RESIDENTS),
            ),
        ),
        TableSpec(
            "mother_tongue.csv", "cma", ("cma",), (Col("cma", "id", "census metropolitan area, 2016", "added here"),)
        ),
        LANGUAGES,
    ),
    inputs=(CANLANG, CANLANG_REGIONS),
    compiler=compile_canlang,
)

# --- population as first published, and the census before on the same boundaries ---------------------------------

HIGHLIGHTS = "census/statcan_98-402-X2016001_2016_population_CD.csv"
_ADJUSTED = "2011 adjusted population flag"
_FLAGS = {"T": "yes", "F": "no"}


def compile_population(sources: Sources) -> Compiled:
    """Return the table of dataset ``population_2016``."""
    used = ("Geographic code", "Geographic name, english", "Population, 2016", "Population, 2011", _ADJUSTED)
    sheet = sources.table(HIGHLIGHTS, used, legacy="cp1252")
    rows = []
    for row in sheet.rows:
        if row[_ADJUSTED] not in _FLAGS:
            sheet.fail(row.line, _ADJUSTED, repr(row[_ADJUSTED]), "T or F")
        numbers = (row.number("Population, 2016"), row.number("Population, 2011"))
        rows.append((row[used[0]], row[used[1]], *numbers, _FLAGS.get(row[_ADJUSTED], "no")))
    return Compiled({"cd.csv": rows})


POPULATION_2016 = Dataset(
    name="population_2016",
    card=Card(
        short="Census 2016, population counts",
        title="Population of census divisions in 2016 as first published, and in 2011 on the boundaries of 2016",
        publisher="Statistics Canada",
        catalogue="98-402-X2016001",
        published="2017-02-08",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2016/dp-pd/hlt-fst/pd-pl/index-eng.cfm",
        licence=STATCAN,
        attribution=statcan("Population and dwelling counts, 2016 Census, catalogue 98-402-X2016001, 2017-02-08"),
        universe=_RESIDENTS,
        vintage="2016",
        grade="A",
        defects=(
            "Read from a copy of the official download, cut to Ontario and the census divisions of St. John's, Halifax "
            "and Calgary.",
            "A population of 2011 that is marked as adjusted was counted again on the boundaries of 2016; the one "
            "first published is not in the table.",
        ),
    ),
    tables=(
        TableSpec(
            "cd.csv",
            "cd",
            ("cd",),
            (
                Col("cd", "id", "census division, 2016", "Geographic code"),
                Col("name", "text", "name", "Geographic name, english"),
                count("population_2016", "population in 2016, as first published", "Population, 2016", _RESIDENTS),
                count("population_2011", "population in 2011, boundaries of 2016", "Population, 2011", _RESIDENTS),
                Col("adjusted_2011", "flag", "whether that of 2011 was adjusted to a new boundary", _ADJUSTED),
            ),
        ),
    ),
    inputs=(HIGHLIGHTS,),
    compiler=compile_population,
)

# --- sums of dissemination areas ---------------------------------------------------------------------------------

DA_SUMS = "census/derived_2016_CSD_sum_of_DA.csv"
_DA_COUNTS = (
    ("population_2016", "Population", "population in 2016", _RESIDENTS),
    ("population_in_das_missing", "pop_in_missing_DA", "residents of dissemination areas without figures", _RESIDENTS),
    ("non_immigrants", "v_CA16_3408: Non-immigrants, - Total", "non-immigrants", _HOUSEHOLDS),
    ("immigrants", "v_CA16_3411: Immigrants, - Total", "immigrants", _HOUSEHOLDS),
    (
        "non_permanent_residents",
        "v_CA16_3435: Non-permanent residents, - Total",
        "non-permanent residents",
        _HOUSEHOLDS,
    ),
)


def compile_da_sums(sources: Sources) -> Compiled:
    """Return the table of dataset ``csd_2016_da_sums``."""
    counts = [source for _, source, _, _ in _DA_COUNTS]
    sheet = sources.table(DA_SUMS, ("CSD_UID", "name", *counts))
    rows = [(row["CSD_UID"], row["name"], *(row.number(column) for column in counts)) for row in sheet.rows]
    return Compiled({"csd.csv": rows})


CSD_2016_DA_SUMS = Dataset(
    name="csd_2016_da_sums",
    card=Card(
        short="Census 2016, sums of dissemination areas",
        title="Census Profile 2016, dissemination areas, summed to 24 census subdivisions",
        publisher="Statistics Canada, by way of CensusMapper",
        catalogue="98-401-X2016044",
        published="2017",
        accessed=ACCESSED,
        url="https://censusmapper.ca/api",
        licence=STATCAN,
        attribution=adapted("Census Profile, 2016 Census, catalogue 98-401-X2016044"),
        universe=_RESIDENTS,
        vintage="2016",
        grade="B",
        defects=(
            "Sums of rounded and partly suppressed figures of dissemination areas, not the publisher's own totals for "
            "the subdivision: immigrants of Toronto 1,265,870 against 1,266,005 published.",
            "Boundaries of 2016: Brantford's population is the 97,496 first published, not the 98,563 that the "
            "publisher restates on the boundaries of 2021.",
            "24 census subdivisions only.",
        ),
    ),
    tables=(
        TableSpec(
            "csd.csv",
            "csd",
            ("csd",),
            (
                Col("csd", "id", "census subdivision, 2016", "CSD_UID"),
                Col("name", "text", "name", "name"),
                *(count(name, label, source, universe) for name, source, label, universe in _DA_COUNTS),
            ),
        ),
    ),
    inputs=(DA_SUMS,),
    compiler=compile_da_sums,
)

DATASETS = (HAMILTON_2016, MOTHER_TONGUE_CMA_2016, POPULATION_2016, CSD_2016_DA_SUMS)

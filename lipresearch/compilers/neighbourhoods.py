"""City of Toronto: neighbourhood profiles of 2016 (140 areas) and 2021 (158 areas), and the link between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lipresearch.compilers.base import (
    Card,
    Col,
    Compiled,
    Dataset,
    Row,
    Sheet,
    Sources,
    TableSpec,
    added,
    layout_problem,
)
from lipresearch.compilers.languages import LANGUAGES, Language, Node, gaps, language_rows, languages, moved, tree
from lipresearch.compilers.licences import ACCESSED, TORONTO, adapted, toronto
from lipresearch.compilers.places import HOODS, SQUEEZE, read_hoods
from lipresearch.compilers.profiles import Item, Line, Profile, count, counted, with_sections
from lipresearch.errors import TableError
from lipresearch.tables import format_number

PROFILE_2016 = "census/toronto_neighbourhood-profiles-2016-140-model.csv"
PROFILE_2021 = "census/toronto_neighbourhood-profiles-2021-158-model.csv"
HOOD_LINK = "places/toronto_hood_158_to_140.csv"

#: Rows that stand at the wrong place in the file of 2016, and the row that they belong behind.
MOVES_2016: Mapping[str, str] = {
    "Norwegian": "Icelandic",
    "Swedish": "Norwegian",
    "Japanese": "Italic (Romance) languages, n.i.e.",
}

_HOUSEHOLDS = "population in private households, 25 % sample"
_NO_INSTITUTIONS = "population excluding institutional residents, 100 % count"
_RESIDENTS = "usual residents, 100 % count"


def figures(profile: Profile, lines: Sequence[Line]) -> list[list[int]]:
    """Return the counts of a block, one row a line; a cell that is no count is recorded as a problem."""
    whole = profile.sheet.whole
    areas = range(len(profile.areas))
    return [[whole(line.at, line.label.strip(), line.cells[area]) for area in areas] for line in lines]


def check_sums(sheet: Sheet, nodes: Sequence[Node], values: Sequence[Sequence[int]], rounding: int) -> None:
    """Record a problem for each line whose parts do not add up to it, within rounding of every line."""
    for label, parts, gap in gaps(nodes, values):
        if gap > rounding * (parts + 1):
            sheet.fail(0, label, f"{parts} rows below it that miss it by {gap}", f"at most {rounding * (parts + 1)}")


def residue(nodes: Sequence[Node], found: Sequence[Language], values: Sequence[Sequence[int]]) -> tuple[int, float]:
    """Return the largest gap between single responses and the sum of languages: persons, and per cent."""
    single = next(place for place, node in enumerate(nodes) if node.label == "Single responses")
    differences = [
        (abs(values[single][area] - sum(values[one.place][area] for one in found)), values[single][area])
        for area in range(len(values[single]))
    ]
    return max(gap for gap, _ in differences), max(100 * gap / whole for gap, whole in differences if whole)


def language_tables(
    area: str, codes: Sequence[str], found: Sequence[Language], values: Sequence[Sequence[int]], universe: str
) -> tuple[list[tuple[str, ...]], tuple[Col, ...]]:
    """Return the rows of ``mother_tongue.csv`` and its language columns."""
    rows = [(code, *(str(values[one.place][place]) for one in found)) for place, code in enumerate(codes)]
    columns = tuple(
        count(one.slug, f"mother tongue, single response: {one.label}", f"{one.parent}: {one.label}", universe)
        for one in found
    )
    return rows, columns


def said_of_languages(found: Sequence[Language], gap: int, percent: float) -> str:
    """Return the sentence on how well the languages add up."""
    return (
        f"The {len(found)} languages are the lowest level of the list. Their sum and the single responses differ, "
        f"because each figure is rounded for itself: by {gap} persons or {percent:.1f} per cent in a neighbourhood at "
        "most."
    )


# --- 2016 ------------------------------------------------------------------------------------------------------

_OFFICIAL_2016 = "Knowledge of official languages"
_FIRST_2016 = "First official language spoken"
_TONGUE_2016 = "Mother tongue"
_STATUS_2016 = "Immigrant status and period of immigration"
_GENERATION_2016 = "Generation status"
_ADMISSION_2016 = "Admission category and applicant type"
_ADMITTED_2016 = "immigrants in private households who landed from 1980 to 2016, 25 % sample"

ITEMS_2016: Sequence[Item] = (
    counted("Population and dwellings", "Population, 2016", "population_2016", "population in 2016", _RESIDENTS),
    counted("Population and dwellings", "Population, 2011", "population_2011", "population in 2011", _RESIDENTS),
    Item(
        "Population and dwellings",
        "Land area in square kilometres",
        Col(
            "land_area_km2",
            "number",
            "land area",
            "Land area in square kilometres",
            "square kilometres",
            "land",
            False,
            True,
        ),
    ),
    counted(
        _OFFICIAL_2016,
        "Knowledge of official languages for the total population excluding institutional residents",
        "official_languages_total",
        "knowledge of official languages, total",
        _NO_INSTITUTIONS,
    ),
    counted(_OFFICIAL_2016, "English only", "english_only", "knows English only", _NO_INSTITUTIONS),
    counted(_OFFICIAL_2016, "French only", "french_only", "knows French only", _NO_INSTITUTIONS),
    counted(_OFFICIAL_2016, "English and French", "english_and_french", "knows English and French", _NO_INSTITUTIONS),
    counted(
        _OFFICIAL_2016,
        "Neither English nor French",
        "neither_english_nor_french",
        "knows neither English nor French",
        _NO_INSTITUTIONS,
    ),
    counted(
        _FIRST_2016,
        "First official language spoken for the total population excluding institutional residents",
        "first_official_total",
        "first official language spoken, total",
        _NO_INSTITUTIONS,
    ),
    counted(_FIRST_2016, "English", "first_official_english", "first official language English", _NO_INSTITUTIONS),
    counted(_FIRST_2016, "French", "first_official_french", "first official language French", _NO_INSTITUTIONS),
    counted(
        _FIRST_2016,
        "English and French",
        "first_official_both",
        "first official language English and French",
        _NO_INSTITUTIONS,
    ),
    counted(
        _FIRST_2016,
        "Neither English nor French",
        "first_official_neither",
        "first official language neither",
        _NO_INSTITUTIONS,
    ),
    counted(
        _TONGUE_2016,
        "Mother tongue for the total population excluding institutional residents",
        "mother_tongue_total",
        "mother tongue, total",
        _NO_INSTITUTIONS,
    ),
    counted(_TONGUE_2016, "Single responses", "single_responses", "mother tongue, single responses", _NO_INSTITUTIONS),
    counted(_TONGUE_2016, "English", "mother_tongue_english", "mother tongue English, single", _NO_INSTITUTIONS),
    counted(_TONGUE_2016, "French", "mother_tongue_french", "mother tongue French, single", _NO_INSTITUTIONS),
    counted(
        _TONGUE_2016,
        "Non-official languages",
        "mother_tongue_non_official",
        "mother tongue a non-official language, single",
        _NO_INSTITUTIONS,
    ),
    counted(
        _TONGUE_2016, "Multiple responses", "multiple_responses", "mother tongue, multiple responses", _NO_INSTITUTIONS
    ),
    counted(
        _STATUS_2016,
        "Total - Immigrant status and period of immigration for the population in private households - 25% sample data",
        "immigrant_status_total",
        "immigrant status, total",
        _HOUSEHOLDS,
    ),
    counted(_STATUS_2016, "Non-immigrants", "non_immigrants", "non-immigrants", _HOUSEHOLDS),
    counted(_STATUS_2016, "Immigrants", "immigrants", "immigrants", _HOUSEHOLDS),
    counted(_STATUS_2016, "Before 1981", "immigrants_before_1981", "immigrants, landed before 1981", _HOUSEHOLDS),
    counted(_STATUS_2016, "1981 to 1990", "immigrants_1981_1990", "immigrants, landed 1981-1990", _HOUSEHOLDS),
    counted(_STATUS_2016, "1991 to 2000", "immigrants_1991_2000", "immigrants, landed 1991-2000", _HOUSEHOLDS),
    counted(_STATUS_2016, "2001 to 2005", "immigrants_2001_2005", "immigrants, landed 2001-2005", _HOUSEHOLDS),
    counted(_STATUS_2016, "2006 to 2010", "immigrants_2006_2010", "immigrants, landed 2006-2010", _HOUSEHOLDS),
    counted(_STATUS_2016, "2011 to 2016", "recent_immigrants_2011_2016", "recent immigrants (2011-2016)", _HOUSEHOLDS),
    counted(_STATUS_2016, "Non-permanent residents", "non_permanent_residents", "non-permanent residents", _HOUSEHOLDS),
    counted(
        _GENERATION_2016,
        "Total - Generation status for the population in private households - 25% sample data",
        "generation_total",
        "generation status, total",
        _HOUSEHOLDS,
    ),
    counted(_GENERATION_2016, "First generation", "first_generation", "first generation", _HOUSEHOLDS),
    counted(_GENERATION_2016, "Second generation", "second_generation", "second generation", _HOUSEHOLDS),
    counted(_GENERATION_2016, "Third generation or more", "third_generation", "third generation or more", _HOUSEHOLDS),
    counted(
        _ADMISSION_2016,
        "Total - Admission category and applicant type for the immigrant population in private households who landed "
        "between 1980 and 2016 - 25% sample data",
        "admission_total",
        "admission category, total",
        _ADMITTED_2016,
    ),
    counted(_ADMISSION_2016, "Economic immigrants", "admission_economic", "economic immigrants", _ADMITTED_2016),
    counted(
        _ADMISSION_2016,
        "Immigrants sponsored by family",
        "admission_family",
        "immigrants sponsored by family",
        _ADMITTED_2016,
    ),
    counted(_ADMISSION_2016, "Refugees", "admission_refugees", "refugees", _ADMITTED_2016),
    counted(_ADMISSION_2016, "Other immigrants", "admission_other", "other immigrants", _ADMITTED_2016),
)


def read_profile_2016(sources: Sources) -> tuple[Profile, list[str]]:
    """Return the profile of 2016 (the city first, then the 140 areas) and the areas' numbers."""
    fixed = ("_id", "Category", "Topic", "Data Source", "Characteristic", "City of Toronto")
    sheet = sources.table(PROFILE_2016, fixed)
    if tuple(sheet.header[: len(fixed)]) != fixed:
        raise TableError([layout_problem(PROFILE_2016, 1, sheet.header, fixed)])
    lines = [Line(row.line, row["Topic"], row.cells[4], row.cells[5:]) for row in sheet.rows]
    profile = Profile(sheet, sheet.header[5:], lines)
    numbers = profile.find("Neighbourhood Information", "Neighbourhood Number")
    return profile, [] if numbers is None else [cell.strip() for cell in numbers.cells[1:]]


def compile_2016(sources: Sources) -> Compiled:
    """Return the tables of dataset ``toronto_neighbourhoods_2016``."""
    profile, codes = read_profile_2016(sources)
    sheet = profile.sheet
    if sorted(codes) != sorted(str(number) for number in range(1, len(codes) + 1)):
        sheet.fail(0, "Neighbourhood Number", ", ".join(codes[:5]), "each number from 1 once")
    block = profile.block(_TONGUE_2016)
    try:
        order = moved([line.label for line in block], MOVES_2016)
        block = [block[place] for place in order]
        nodes = tree([line.label for line in block])
        found = languages(nodes)
    except ValueError as error:
        sheet.fail(0, _TONGUE_2016, str(error), "the list of languages of the 2016 census")
        return Compiled({"profile.csv": [], "mother_tongue.csv": [], "languages.csv": []})
    values = figures(profile, block)
    check_sums(sheet, nodes, [row[:1] for row in values], 5)
    areas = [row[1:] for row in values]
    rows, columns = language_tables("hood140", codes, found, areas, _NO_INSTITUTIONS)
    taken = profile.take(ITEMS_2016)[1:]
    city = profile.take(ITEMS_2016)[0]
    place = [item.column.name for item in ITEMS_2016].index("immigrants")
    total = added(row[place] for row in taken)
    return Compiled(
        {
            "profile.csv": [
                (code, name.strip(), *row) for code, name, row in zip(codes, profile.areas[1:], taken, strict=True)
            ],
            "mother_tongue.csv": rows,
            "languages.csv": language_rows(found),
        },
        (
            said_of_languages(found, *residue(nodes, found, areas)),
            f"Immigrants of the areas add to {total}, the city's own figure is {city[place]}.",
        ),
        {"mother_tongue.csv": columns},
    )


def _hood_profile(level: str, items: Sequence[Item]) -> TableSpec:
    return TableSpec(
        "profile.csv",
        level,
        (level,),
        (
            Col(level, "id", "number of the neighbourhood", "Neighbourhood Number"),
            Col("name", "text", "name of the neighbourhood", "header"),
            *(item.column for item in items),
        ),
    )


def _hood_languages(level: str) -> TableSpec:
    return TableSpec(
        "mother_tongue.csv", level, (level,), (Col(level, "id", "number of the neighbourhood", "Neighbourhood Number"),)
    )


TORONTO_2016 = Dataset(
    name="toronto_neighbourhoods_2016",
    card=Card(
        short="Toronto neighbourhood profiles 2016",
        title="Neighbourhood profiles, 2016 Census, 140 neighbourhoods",
        publisher="City of Toronto, from Statistics Canada",
        catalogue="Neighbourhood Profiles",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/neighbourhood-profiles/",
        licence=TORONTO,
        attribution=toronto() + " " + adapted("2016 Census of Population"),
        universe=_NO_INSTITUTIONS,
        vintage="2016",
        grade="A",
        defects=(
            "Read from a copy of the city's file. Some rows stand at the wrong place: "
            + ", ".join(MOVES_2016)
            + " were put back behind the row that they belong to, which the city's own totals prove.",
            "Areas' figures are sums of rounded parts: totals differ by a few persons from the sum of their parts.",
        ),
    ),
    tables=(_hood_profile("hood140", ITEMS_2016), _hood_languages("hood140"), LANGUAGES),
    inputs=(PROFILE_2016,),
    compiler=compile_2016,
)


# --- 2021 ------------------------------------------------------------------------------------------------------

_AGE_2021 = "Total - Age groups of the population"
_OFFICIAL_2021 = "Total - Knowledge of official languages"
_FIRST_2021 = "Total - First official language spoken"
_TONGUE_2021 = "Total - Mother tongue"
_STATUS_2021 = "Total - Immigrant status and period of immigration"
_GENERATION_2021 = "Total - Generation status"
_ADMISSION_2021 = "Total - Admission category and applicant type"
_VISIBLE_2021 = "Total - Visible minority"
_ADMITTED_2021 = "immigrants in private households who were admitted from 1980 to 2021, 25 % sample"


def _in_households(section: str, label: str, name: str, words: str, universe: str = _HOUSEHOLDS) -> Item:
    return counted(section, label, name, words, universe)


ITEMS_2021: Sequence[Item] = (
    _in_households(
        _AGE_2021,
        "Total - Age groups of the population - 25% sample data",
        "population_households_2021",
        "population in private households in 2021",
    ),
    _in_households(_AGE_2021, "0 to 14 years", "age_0_14", "aged 0 to 14 years"),
    _in_households(_AGE_2021, "15 to 64 years", "age_15_64", "aged 15 to 64 years"),
    _in_households(_AGE_2021, "65 years and over", "age_65_over", "aged 65 years and over"),
    Item(
        "Average age",
        "Average age of the population",
        Col(
            "average_age",
            "number",
            "average age",
            "Average age of the population",
            "years",
            _HOUSEHOLDS,
            False,
            False,
        ),
    ),
    _in_households(
        _OFFICIAL_2021,
        "Total - Knowledge of official languages for the population in private households - 25% sample data",
        "official_languages_total",
        "knowledge of official languages, total",
    ),
    _in_households(_OFFICIAL_2021, "English only", "english_only", "knows English only"),
    _in_households(_OFFICIAL_2021, "French only", "french_only", "knows French only"),
    _in_households(_OFFICIAL_2021, "English and French", "english_and_french", "knows English and French"),
    _in_households(
        _OFFICIAL_2021,
        "Neither English nor French",
        "neither_english_nor_french",
        "knows neither English nor French",
    ),
    _in_households(
        _FIRST_2021,
        "Total - First official language spoken for the population in private households - 25% sample data",
        "first_official_total",
        "first official language spoken, total",
    ),
    _in_households(_FIRST_2021, "English", "first_official_english", "first official language English"),
    _in_households(_FIRST_2021, "French", "first_official_french", "first official language French"),
    _in_households(
        _FIRST_2021, "English and French", "first_official_both", "first official language English and French"
    ),
    _in_households(
        _FIRST_2021, "Neither English nor French", "first_official_neither", "first official language neither"
    ),
    _in_households(
        _TONGUE_2021,
        "Total - Mother tongue for the population in private households - 25% sample data",
        "mother_tongue_total",
        "mother tongue, total",
    ),
    _in_households(_TONGUE_2021, "Single responses", "single_responses", "mother tongue, single responses"),
    _in_households(_TONGUE_2021, "English", "mother_tongue_english", "mother tongue English, single"),
    _in_households(_TONGUE_2021, "French", "mother_tongue_french", "mother tongue French, single"),
    _in_households(
        _TONGUE_2021,
        "Non-official languages",
        "mother_tongue_non_official",
        "mother tongue a non-official language, single",
    ),
    _in_households(_TONGUE_2021, "Multiple responses", "multiple_responses", "mother tongue, multiple responses"),
    _in_households(
        _STATUS_2021,
        "Total - Immigrant status and period of immigration for the population in private households - 25% sample data",
        "immigrant_status_total",
        "immigrant status, total",
    ),
    _in_households(_STATUS_2021, "Non-immigrants", "non_immigrants", "non-immigrants"),
    _in_households(_STATUS_2021, "Immigrants", "immigrants", "immigrants"),
    _in_households(_STATUS_2021, "Before 1980", "immigrants_before_1980", "immigrants, admitted before 1980"),
    _in_households(_STATUS_2021, "1980 to 1990", "immigrants_1980_1990", "immigrants, admitted 1980-1990"),
    _in_households(_STATUS_2021, "1991 to 2000", "immigrants_1991_2000", "immigrants, admitted 1991-2000"),
    _in_households(_STATUS_2021, "2001 to 2010", "immigrants_2001_2010", "immigrants, admitted 2001-2010"),
    _in_households(_STATUS_2021, "2011 to 2015", "immigrants_2011_2015", "immigrants, admitted 2011-2015"),
    _in_households(_STATUS_2021, "2016 to 2021", "recent_immigrants_2016_2021", "recent immigrants (2016-2021)"),
    _in_households(_STATUS_2021, "Non-permanent residents", "non_permanent_residents", "non-permanent residents"),
    _in_households(
        _GENERATION_2021,
        "Total - Generation status for the population in private households - 25% sample data",
        "generation_total",
        "generation status, total",
    ),
    _in_households(_GENERATION_2021, "First generation", "first_generation", "first generation"),
    _in_households(_GENERATION_2021, "Second generation", "second_generation", "second generation"),
    _in_households(_GENERATION_2021, "Third generation or more", "third_generation", "third generation or more"),
    counted(
        _ADMISSION_2021,
        "Total - Admission category and applicant type for the immigrant population in private households who were "
        "admitted between 1980 and 2021 - 25% sample data",
        "admission_total",
        "admission category, total",
        _ADMITTED_2021,
    ),
    counted(_ADMISSION_2021, "Economic immigrants", "admission_economic", "economic immigrants", _ADMITTED_2021),
    counted(
        _ADMISSION_2021,
        "Immigrants sponsored by family",
        "admission_family",
        "immigrants sponsored by family",
        _ADMITTED_2021,
    ),
    counted(_ADMISSION_2021, "Refugees", "admission_refugees", "refugees", _ADMITTED_2021),
    counted(_ADMISSION_2021, "Other immigrants", "admission_other", "other immigrants", _ADMITTED_2021),
    _in_households(
        _VISIBLE_2021,
        "Total - Visible minority for the population in private households - 25% sample data",
        "visible_minority_total",
        "visible minority, total of all answers",
    ),
    _in_households(
        _VISIBLE_2021, "Total visible minority population", "visible_minority", "visible minority population"
    ),
)


def read_profile_2021(sources: Sources) -> tuple[Profile, list[str]]:
    """Return the profile of 2021 (158 areas) and the areas' numbers."""
    sheet = sources.table(PROFILE_2021, ("Neighbourhood Name",))
    if sheet.header[0] != "Neighbourhood Name":
        raise TableError([layout_problem(PROFILE_2021, 1, sheet.header, ["Neighbourhood Name"])])
    lines = with_sections([(row.line, row.cells[0].rstrip(), row.cells[1:]) for row in sheet.rows])
    profile = Profile(sheet, sheet.header[1:], lines)
    numbers = profile.find("Neighbourhood Number", "Neighbourhood Number")
    return profile, [] if numbers is None else [cell.strip() for cell in numbers.cells]


def compile_2021(sources: Sources) -> Compiled:
    """Return the tables of dataset ``toronto_neighbourhoods_2021``."""
    profile, codes = read_profile_2021(sources)
    sheet = profile.sheet
    if len(set(codes)) != len(profile.areas) or not all(code.isdigit() for code in codes):
        sheet.fail(0, "Neighbourhood Number", ", ".join(codes[:5]), "one number an area")
    block = profile.block(_TONGUE_2021)
    try:
        nodes = tree([line.label for line in block])
        found = languages(nodes)
    except ValueError as error:
        sheet.fail(0, _TONGUE_2021, str(error), "the list of languages of the 2021 census")
        return Compiled({"profile.csv": [], "mother_tongue.csv": [], "languages.csv": []})
    values = figures(profile, block)
    check_sums(sheet, nodes, values, 15)
    rows, columns = language_tables("hood158", codes, found, values, _HOUSEHOLDS)
    taken = profile.take(ITEMS_2021)
    place = [item.column.name for item in ITEMS_2021].index("immigrants")
    single = next(at for at, node in enumerate(nodes) if node.label == "Single responses")
    short = sum(values[single]) - sum(sum(values[one.place]) for one in found)
    return Compiled(
        {
            "profile.csv": [
                (code, name.strip(), *row) for code, name, row in zip(codes, profile.areas, taken, strict=True)
            ],
            "mother_tongue.csv": rows,
            "languages.csv": language_rows(found),
        },
        (
            said_of_languages(found, *residue(nodes, found, values)),
            f"Over the city the languages add to {short} fewer than the {sum(values[single])} single responses: a "
            "language "
            "with very few speakers in a neighbourhood is shown as 0.",
            f"Immigrants of the areas add to {added(row[place] for row in taken)}.",
        ),
        {"mother_tongue.csv": columns},
    )


TORONTO_2021 = Dataset(
    name="toronto_neighbourhoods_2021",
    card=Card(
        short="Toronto neighbourhood profiles 2021",
        title="Neighbourhood profiles, 2021 Census, 158 neighbourhoods",
        publisher="City of Toronto, from Statistics Canada",
        catalogue="Neighbourhood Profiles",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/neighbourhood-profiles/",
        licence=TORONTO,
        attribution=toronto() + " " + adapted("2021 Census of Population"),
        universe=_HOUSEHOLDS,
        vintage="2021",
        grade="A",
        defects=(
            "The population is that of private households from the 25 per cent sample (2,761,290 in all), not the full "
            "count of the city (2,794,356).",
            "Read from a copy of the city's file; names are spelled as there.",
        ),
    ),
    tables=(_hood_profile("hood158", ITEMS_2021), _hood_languages("hood158"), LANGUAGES),
    inputs=(PROFILE_2021,),
    compiler=compile_2021,
)


# --- link ------------------------------------------------------------------------------------------------------


def _link(row: Row) -> tuple[str, str, str]:
    return row["hood_id_158"], row["hood_id_140"], row.number("share_of_158")


def compile_link(sources: Sources) -> Compiled:
    """Return the tables of dataset ``toronto_hood_link``."""
    sheet = sources.table(HOOD_LINK, ("hood_id_158", "hood_id_140", "share_of_158"))
    hoods = read_hoods(sources)
    for row in sheet.rows:
        if row["hood_id_140"] not in hoods.codes:
            sheet.fail(row.line, "hood_id_140", repr(row["hood_id_140"]), "one of the neighbourhoods of the 140 model")
    points = [shape.representative_point() for shape in hoods.shapes]
    return Compiled(
        {
            "link.csv": [_link(row) for row in sheet.rows],
            "hood140.csv": [
                (code, name, format_number(point.y, 6), format_number(point.x / SQUEEZE, 6))
                for code, name, point in zip(hoods.codes, hoods.names, points, strict=True)
            ],
        }
    )


TORONTO_LINK = Dataset(
    name="toronto_hood_link",
    card=Card(
        short="Link of Toronto's neighbourhoods 2016-2021",
        title="Toronto's 158 neighbourhoods of 2021 within the 140 of 2016, and a point inside each of the 140",
        publisher="computed from the City of Toronto",
        catalogue="Neighbourhoods",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/neighbourhoods/",
        licence=TORONTO,
        attribution=toronto(),
        universe="neighbourhoods of Toronto",
        vintage="2021",
        grade="C",
        defects=(
            "Computed from simplified polygons: shares are of area, and a share of 0.99 or more is a whole "
            "neighbourhood.",
            "The polygon file of the 158 neighbourhoods had one neighbourhood twice and one missing; the missing one, "
            "whose "
            "boundary did not change, was taken from the 140.",
            "A representative point lies inside its neighbourhood and is not weighted by population.",
        ),
    ),
    tables=(
        TableSpec(
            "link.csv",
            "link",
            ("hood158", "hood140"),
            (
                Col("hood158", "id", "neighbourhood of the 158 model", "hood_id_158"),
                Col("hood140", "id", "neighbourhood of the 140 model that holds it", "hood_id_140"),
                Col(
                    "share_of_158",
                    "share",
                    "share of the area of the newer neighbourhood that lies in the older one",
                    "share_of_158",
                    "share",
                    "land and water of the neighbourhood",
                    False,
                    False,
                ),
            ),
        ),
        TableSpec(
            "hood140.csv",
            "hood140",
            ("hood140",),
            (
                Col("hood140", "id", "neighbourhood of the 140 model", "hood_id"),
                Col("name", "text", "name", "hood_name"),
                Col(
                    "latitude",
                    "number",
                    "representative point",
                    "computed from the polygon",
                    "degrees north",
                    "the area",
                    False,
                    False,
                ),
                Col(
                    "longitude",
                    "number",
                    "representative point",
                    "computed from the polygon",
                    "degrees east",
                    "the area",
                    False,
                    False,
                ),
            ),
        ),
    ),
    inputs=(HOOD_LINK, HOODS),
    compiler=compile_link,
)

DATASETS = (TORONTO_2016, TORONTO_2021, TORONTO_LINK)

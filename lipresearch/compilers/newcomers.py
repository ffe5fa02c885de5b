"""Where immigrants were born, when and how they were admitted, and landings: figures of metropolitan areas only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, STATCAN, adapted
from lipresearch.compilers.profiles import count
from lipresearch.compilers.statcan_2016 import CMA_CODES

_HOUSEHOLDS = "immigrants in private households, 25 % sample"
#: The metropolitan area that lies in two provinces, and the code of its part in Ontario.
SPLIT, PART_IN_ONTARIO = "505", "35505"
_CMA = Col("cma", "id", "census metropolitan area, 2016", "sgc_code")
_WHOLE = Col(
    "whole",
    "text",
    "yes, or no where the figures are of the part in Ontario only",
    "sgc_code",
    note="Ottawa - Gatineau is split by province",
)

# --- birthplaces -----------------------------------------------------------------------------------------------

BIRTHPLACES = "census/statcan_2016_CMA_immigrants_by_birthplace_admission_period.csv.gz"
#: Periods of arrival as the source names them, and the columns of the table.
PERIODS: Mapping[str, str] = {
    "before_1980": "before_1980",
    "1980_1990": "from_1980_to_1990",
    "1991_2000": "from_1991_to_2000",
    "2001_2005": "from_2001_to_2005",
    "2006_2010": "from_2006_to_2010",
    "2011_2016": "from_2011_to_2016",
}
#: Categories of admission as the source names them, and the columns of the table.
ADMISSIONS: Mapping[str, str] = {
    "worker": "workers",
    "business": "business",
    "nominee": "nominees",
    "sponsor": "sponsored_family",
    "refugee": "refugees",
    "other": "other_categories",
    "bef_80": "category_not_asked",
}
#: Counts are rounded to 5 at random: the most that one count can be off.
ROUNDING = 5


def is_country(place: str) -> bool:
    """Whether a code of the source stands for one birthplace, not for a region or a total.

    >>> is_country("GB"), is_country("EU-NE"), is_country("CONT_EU"), is_country("OUTSIDE")
    (True, False, False, False)
    """
    return len(place) == 2 and place.isalpha()


def compile_birthplaces(sources: Sources) -> Compiled:
    """Return the tables of dataset ``immigrants_cma_2016``."""
    sheet = sources.table(
        BIRTHPLACES, ("period_of_immigration", "sgc_code", "place_of_birth_code", "total", *ADMISSIONS)
    )
    codes = {code: (code, name, "yes") for name, code in CMA_CODES.items() if code not in (None, SPLIT)}
    codes[PART_IN_ONTARIO] = (SPLIT, "Ottawa - Gatineau (part in Ontario)", "no")
    places: dict[str, dict[str, int]] = defaultdict(dict)
    periods: dict[str, dict[str, int]] = defaultdict(dict)
    totals: dict[str, dict[str, int]] = {}
    outside: dict[str, int] = {}
    for row in sheet.rows:
        area, period, place = row["sgc_code"], row["period_of_immigration"], row["place_of_birth_code"]
        if period != "total" and period not in PERIODS:
            sheet.fail(row.line, "period_of_immigration", repr(period), "total or one of " + ", ".join(PERIODS))
        if area not in codes:
            continue
        number = row.whole("total")
        if place == "TOTAL" and period in PERIODS:
            periods[area][period] = number
        elif place == "TOTAL":
            totals[area] = {"total": number, **{name: row.whole(name) for name in ADMISSIONS}}
        elif place == "OUTSIDE" and period == "total":
            outside[area] = number
        elif is_country(place) and period == "total":
            if place in places[area]:
                sheet.fail(row.line, "place_of_birth_code", f"{place} of {area} again", "each once in an area")
            places[area][place] = number
    for area in codes:
        if area not in totals or area not in outside or set(periods[area]) != set(PERIODS):
            sheet.fail(0, "sgc_code", f"no totals of {area}", "the total and every period of each metropolitan area")
            continue
        for what, parts, whole in (
            ("birthplaces", list(places[area].values()), outside[area]),
            ("periods", list(periods[area].values()), totals[area]["total"]),
            ("categories", [totals[area][name] for name in ADMISSIONS], totals[area]["total"]),
        ):
            if abs(sum(parts) - whole) > ROUNDING * (len(parts) + 1):
                sheet.fail(0, "total", f"{what} of {area} add to {sum(parts)}", f"{whole}, but for rounding")
    if sheet.problems:
        return Compiled({"immigrants.csv": [], "birthplaces.csv": []})
    return Compiled(
        {
            "immigrants.csv": [
                (
                    *codes[area],
                    str(totals[area]["total"]),
                    *(str(periods[area][period]) for period in PERIODS),
                    *(str(totals[area][name]) for name in ADMISSIONS),
                )
                for area in codes
            ],
            "birthplaces.csv": [
                (codes[area][0], place, str(number)) for area in codes for place, number in places[area].items()
            ],
        }
    )


def _immigrants(name: str, words: str, source: str) -> Col:
    return count(name, words, source, _HOUSEHOLDS)


IMMIGRANTS_CMA_2016 = Dataset(
    name="immigrants_cma_2016",
    card=Card(
        short="Census 2016, birthplaces and admission",
        title="2016 Census: immigrants by place of birth, admission category and period, metropolitan areas",
        publisher="Statistics Canada",
        catalogue="cross-tabulation of the 2016 Census, PID 110558",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://github.com/StatCan/census_birthplace",
        licence=STATCAN,
        attribution=adapted("2016 Census of Population, immigrants by place of birth"),
        universe=_HOUSEHOLDS,
        vintage="2016",
        grade="B",
        defects=(
            "Decoded from the packed arrays behind a page of the publisher (repository StatCan/census_birthplace, "
            "commit 379ea131); sums over birthplaces, periods and categories equal the totals but for rounding.",
            "Every count is rounded to 5 at random, and a birthplace with no row has no immigrants or too few to show.",
            "The codes KP and KR are exchanged in the source: its KP is the larger and can only be the South of Korea. "
            "They are left as they stand; no measure names a country.",
            "Metropolitan areas of Ontario, Nova Scotia, Newfoundland and Labrador, and Alberta only; nothing below.",
        ),
    ),
    tables=(
        TableSpec(
            "immigrants.csv",
            "cma",
            ("cma",),
            (
                _CMA,
                Col("name", "text", "name", "sgc_code"),
                _WHOLE,
                _immigrants("immigrants", "immigrants", "total: TOTAL"),
                *(
                    _immigrants(name, f"arrived {name.replace('_', ' ').removeprefix('from ')}", f"{period}: TOTAL")
                    for period, name in PERIODS.items()
                ),
                *(
                    _immigrants(name, f"admitted since 1980: {name.replace('_', ' ')}", f"total: {category}")
                    for category, name in ADMISSIONS.items()
                    if category != "bef_80"
                ),
                _immigrants("category_not_asked", "admitted before 1980, when no category was asked", "total: bef_80"),
            ),
        ),
        TableSpec(
            "birthplaces.csv",
            "link",
            ("cma", "place"),
            (
                _CMA,
                Col("place", "id", "country or territory of birth, code of two letters", "place_of_birth_code"),
                _immigrants("immigrants", "immigrants born there", "total: total"),
            ),
        ),
    ),
    inputs=(BIRTHPLACES,),
    compiler=compile_birthplaces,
)

# --- landings --------------------------------------------------------------------------------------------------

LANDINGS = "census/ircc_facts_figures_2014_PR_by_urban_area_2005-2014.csv"
YEARS = tuple(str(year) for year in range(2005, 2015))
#: Sections of the file that are read.
SECTIONS = ("Newfoundland and Labrador", "Nova Scotia", "Ontario", "Alberta")
_LANDED = "persons who became permanent residents and named the area as where they meant to live"


def compile_landings(sources: Sources) -> Compiled:
    """Return the table of dataset ``landings_2014``."""
    cells = tuple(f"year{number}" for number in range(1, len(YEARS) + 1))
    sheet = sources.table(LANDINGS, ("items", *cells))
    rows: list[tuple[str, ...]] = []
    section, others = "", []
    inside: list[list[int]] = []
    met: list[str] = []
    for row in sheet.rows:
        name = row["items"].rstrip("?")
        figures = [row[cell] for cell in cells]
        if not any(figures):
            section, inside = name, []
        elif name == "Urban Area":
            if tuple(figures) != YEARS:
                sheet.fail(row.line, "items", ", ".join(figures), "the years 2005 to 2014")
        elif section not in SECTIONS:
            continue
        elif name == f"Total {section}":
            met.append(section)
            numbers = [row.whole(cell) for cell in cells]
            added = [sum(column) for column in zip(*inside, strict=True)]
            if numbers != added:
                sheet.fail(row.line, "items", f"{section}: {numbers}", f"the sum of its areas, {added}")
        else:
            inside.append([row.whole(cell) for cell in cells])
            code = CMA_CODES.get(name)
            if code is None:
                others.append(name)
            else:
                rows.append((code, name, "no" if code == SPLIT else "yes", *(str(number) for number in inside[-1])))
    if sorted(met) != sorted(SECTIONS):
        sheet.fail(0, "items", f"totals of {', '.join(met)}", "a total for each of " + ", ".join(SECTIONS))
    return Compiled(
        {"cma.csv": rows}, (f"Left out, no metropolitan areas or the rest of a province: {', '.join(others)}.",)
    )


LANDINGS_2014 = Dataset(
    name="landings_2014",
    card=Card(
        short="Facts and Figures 2014, landings",
        title="Facts and figures 2014: permanent residents by urban area, 2005 to 2014",
        publisher="Citizenship and Immigration Canada, re-published",
        catalogue="Facts and Figures 2014",
        published="2015",
        accessed=ACCESSED,
        url="https://github.com/fcg/vac",
        licence="Open Government Licence - Canada (that of the publisher's open data; not stated in the copy)",
        attribution="Contains information licensed under the Open Government Licence - Canada.",
        universe=_LANDED,
        vintage="2005 to 2014",
        grade="B",
        defects=(
            "Re-published (repository fcg/vac, commit 7bb14f02) and not compared with an original; the areas of each "
            "province that is read add to its total in all ten years.",
            "Landings, not residents: who moved on after landing is still counted where they meant to live.",
            "Urban areas by name, without codes; the codes of the metropolitan areas were added here. Thunder Bay, "
            "Belleville and all smaller places are inside the rest of Ontario.",
            "Ottawa - Gatineau is split by province; the part in Ontario is kept.",
        ),
    ),
    tables=(
        TableSpec(
            "cma.csv",
            "cma",
            ("cma",),
            (
                Col("cma", "id", "census metropolitan area", "added here"),
                Col("name", "text", "name", "items"),
                Col(_WHOLE.name, "text", _WHOLE.label, "items", note=_WHOLE.note),
                *(count(f"landings_{year}", f"landings in {year}", f"year {year}", _LANDED) for year in YEARS),
            ),
        ),
    ),
    inputs=(LANDINGS,),
    compiler=compile_landings,
)

DATASETS = (IMMIGRANTS_CMA_2016, LANDINGS_2014)

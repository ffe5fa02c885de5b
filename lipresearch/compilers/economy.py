"""Industries, ages and income of census divisions and of Toronto's neighbourhoods; unemployment and degrees 2016."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec, added
from lipresearch.compilers.licences import ACCESSED, STATCAN, TORONTO, adapted, toronto
from lipresearch.compilers.neighbourhoods import PROFILE_2016, PROFILE_2021, read_profile_2016, read_profile_2021
from lipresearch.compilers.profiles import Item, Profile, count, counted
from lipresearch.compilers.statcan_2021 import GEO_CD, wanted

#: Sectors of the North American Industry Classification System: code, column, name as Toronto's profiles spell it.
SECTORS: Sequence[tuple[str, str, str]] = (
    ("11", "agriculture", "Agriculture, forestry, fishing and hunting"),
    ("21", "mining", "Mining, quarrying, and oil and gas extraction"),
    ("22", "utilities", "Utilities"),
    ("23", "construction", "Construction"),
    ("31-33", "manufacturing", "Manufacturing"),
    ("41", "wholesale_trade", "Wholesale trade"),
    ("44-45", "retail_trade", "Retail trade"),
    ("48-49", "transportation", "Transportation and warehousing"),
    ("51", "information_culture", "Information and cultural industries"),
    ("52", "finance_insurance", "Finance and insurance"),
    ("53", "real_estate", "Real estate and rental and leasing"),
    ("54", "professional_services", "Professional, scientific and technical services"),
    ("55", "management_companies", "Management of companies and enterprises"),
    ("56", "administrative_support", "Administrative and support, waste management and remediation services"),
    ("61", "education", "Educational services"),
    ("62", "health_social", "Health care and social assistance"),
    ("71", "arts_recreation", "Arts, entertainment and recreation"),
    ("72", "accommodation_food", "Accommodation and food services"),
    ("81", "other_services", "Other services (except public administration)"),
    ("91", "public_administration", "Public administration"),
)

_WORKERS = "labour force aged 15 and over that has an industry, 25 % sample"
_RESIDENTS = "usual residents, 100 % count"
_HOUSEHOLDS = "population in private households, 25 % sample"

# --- census divisions 2021 -------------------------------------------------------------------------------------

INDUSTRY = "census/derived_2021_CD_industry_NAICS.csv"
AGES = "census/derived_2021_CD_age_income_tenure.csv"

#: Lower ends of the published age bands of five years; the last one is open.
AGE_BANDS: Sequence[tuple[str, str]] = (
    *((f"{low}–{low + 4}", f"age_{low}_{low + 4}") for low in range(0, 85, 5)),
    ("85+", "age_85_over"),
)
#: How far the sum of counts that are rounded one by one may be from their total, per count.
ROUNDING = 5


def compile_labour_2021(sources: Sources) -> Compiled:
    """Return the tables of dataset ``labour_2021``."""
    sectors = [f"industry_distribution|{code}" for code, _, _ in SECTORS]
    bands = [f"age_distribution|{label}" for label, _ in AGE_BANDS]
    industry = sources.table(INDUSTRY, ("id", "name", "working_population", *sectors))
    people = sources.table(AGES, ("id", "name", "population", "median_household_income_annual", "median_age", *bands))
    industries, ages = [], []
    for row in industry.rows:
        if not wanted(row["id"]):
            continue
        cells = [row.number(column) for column in sectors]
        total = row.whole("working_population")
        if all(cell.isdigit() for cell in cells) and abs(added(cells) - total) > ROUNDING * (len(cells) + 1):
            industry.fail(row.line, "working_population", str(total), f"about {added(cells)}, the sum of its sectors")
        industries.append((row["id"], row["name"], str(total), *cells))
    for row in people.rows:
        if not wanted(row["id"]):
            continue
        cells = [row.number(column) for column in bands]
        total = row.whole("population")
        if all(cell.isdigit() for cell in cells) and abs(added(cells) - total) > ROUNDING * (len(cells) + 1):
            people.fail(row.line, "population", str(total), f"about {added(cells)}, the sum of its ages")
        figures = (row.number("median_age"), row.number("median_household_income_annual"))
        ages.append((row["id"], row["name"], str(total), *cells, *figures))
    blank = sorted(row[1] for row in industries if "not published" in row)
    said = f"An empty cell stands for a sector in {len(blank)} census divisions ({', '.join(blank)}): not published."
    return Compiled({"industry.csv": industries, "age.csv": ages}, (said,) if blank else ())


def _sector_columns(source: str, missing: bool) -> tuple[Col, ...]:
    return tuple(
        count(name, f"works, or last worked, in: {words} (NAICS {code})", source.format(code), _WORKERS, missing)
        for code, name, words in SECTORS
    )


_REPUBLISHED = (
    "Re-published by a third party (repository kilgorezack/signal, commit 26a56ffe) from 98-401-X2021004; the "
    "populations equal those of table 98-10-0002 for all 49 census divisions of Ontario, and Toronto's industries "
    "those of its neighbourhoods within rounding."
)

LABOUR_2021 = Dataset(
    name="labour_2021",
    card=Card(
        short="Census Profile 2021, industry and age",
        title="Census Profile 2021, census divisions: industry of the labour force, age, median income of households",
        publisher="Statistics Canada, re-published",
        catalogue="98-401-X2021004",
        published="2022-11-30",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2021/dp-pd/prof/index.cfm?Lang=E",
        licence=STATCAN,
        attribution=adapted("Census Profile, 2021 Census, catalogue 98-401-X2021004"),
        universe=_WORKERS,
        vintage="2021",
        grade="B",
        defects=(
            _REPUBLISHED,
            "By place of residence, not of work: the industries of those who live in the division.",
            "The same file's shares of low income, of income groups and of households with children are the author's "
            "own constructs and are left out.",
            "Medians cannot be added or averaged: they stand for their own division only.",
        ),
    ),
    tables=(
        TableSpec(
            "industry.csv",
            "cd",
            ("cd",),
            (
                Col("cd", "id", "census division, 2021", "id"),
                Col("name", "text", "name", "name"),
                count("all_industries", "labour force that has an industry", "working_population", _WORKERS),
                *_sector_columns("industry_distribution|{}", True),
            ),
        ),
        TableSpec(
            "age.csv",
            "cd",
            ("cd",),
            (
                Col("cd", "id", "census division, 2021", "id"),
                Col("name", "text", "name", "name"),
                count("population_2021", "population", "population", _RESIDENTS),
                *(
                    count(name, f"aged {label.replace('–', ' to ')}", f"age_distribution|{label}", _RESIDENTS)
                    for label, name in AGE_BANDS
                ),
                Col("median_age", "number", "median age", "median_age", "years", _RESIDENTS, True, False),
                Col(
                    "median_household_income_2020",
                    "number",
                    "median after-tax income of households in 2020",
                    "median_household_income_annual",
                    "dollars",
                    "private households, 100 % data",
                    True,
                    False,
                    "rounded by the publisher; never to be averaged",
                ),
            ),
        ),
    ),
    inputs=(INDUSTRY, AGES),
    compiler=compile_labour_2021,
)

# --- census divisions 2016 -------------------------------------------------------------------------------------

RATES = "census/derived_2016_ontario_CD_income_unemployment_education.csv"
#: Indicators that are taken, and the columns that they become.
INDICATORS: Mapping[str, str] = {
    "Population": "population_2016",
    "Unemployment rate (%)": "unemployment_rate",
    "Bachelors degree or higher (%)": "bachelor_percent",
    "Median Income": "median_household_income_2015",
}


def compile_labour_2016(sources: Sources) -> Compiled:
    """Return the table of dataset ``labour_2016``."""
    sheet = sources.table(RATES, ("place", "indicator", "value"))
    codes = sources.table(GEO_CD, ("CDuid", "CDname"), legacy="latin-1")
    code_of = {row["CDname"].split(" / ")[0]: row["CDuid"] for row in codes.rows if row["CDuid"].startswith("35")}
    found: dict[str, dict[str, str]] = {}
    for row in sheet.rows:
        column = INDICATORS.get(row["indicator"])
        if column is None:
            continue
        code = code_of.get(row["place"])
        if code is None:
            sheet.fail(row.line, "place", repr(row["place"]), "the name of one census division of Ontario")
            continue
        figures = found.setdefault(code, {"name": row["place"]})
        if column in figures:
            sheet.fail(row.line, "indicator", f"{row['indicator']} of {row['place']} again", "each once")
        figures[column] = row.number("value")
    rows = [
        (code, found[code]["name"], *(found[code].get(column, "not published") for column in INDICATORS.values()))
        for code in found
    ]
    return Compiled({"cd.csv": rows})


LABOUR_2016 = Dataset(
    name="labour_2016",
    card=Card(
        short="Census Profile 2016, labour",
        title="Census Profile 2016, census divisions of Ontario: unemployment, degrees, median income of households",
        publisher="Statistics Canada, re-published",
        catalogue="98-316-X2016001",
        published="2017-11-29",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2016/dp-pd/prof/index.cfm?Lang=E",
        licence=STATCAN,
        attribution=adapted("Census Profile, 2016 Census, catalogue 98-316-X2016001"),
        universe="labour force aged 15 and over, 25 % sample",
        vintage="2016",
        grade="B",
        defects=(
            "Re-published by a third party (repository misfette/ontario-census-explorer, commit 99d82023); the "
            "populations equal the official ones for all 49 census divisions.",
            "Rates without their denominators: they cannot be brought to a site of several census divisions.",
            "The same file's share of immigrants is wrong (it carries the first subdivision's value) and is left out.",
            "Codes were added by name.",
        ),
    ),
    tables=(
        TableSpec(
            "cd.csv",
            "cd",
            ("cd",),
            (
                Col("cd", "id", "census division", "place"),
                Col("name", "text", "name", "place"),
                count("population_2016", "population", "Population", _RESIDENTS, True),
                Col(
                    "unemployment_rate",
                    "percent",
                    "unemployed, per cent of the labour force",
                    "Unemployment rate (%)",
                    "per cent",
                    "labour force aged 15 and over, 25 % sample",
                    True,
                    False,
                ),
                Col(
                    "bachelor_percent",
                    "percent",
                    "university degree at bachelor level or above, per cent",
                    "Bachelors degree or higher (%)",
                    "per cent",
                    "population aged 25 to 64 in private households, 25 % sample",
                    True,
                    False,
                ),
                Col(
                    "median_household_income_2015",
                    "number",
                    "median total income of households in 2015",
                    "Median Income",
                    "dollars",
                    "private households, 25 % sample",
                    True,
                    False,
                    "never to be averaged",
                ),
            ),
        ),
    ),
    inputs=(RATES, GEO_CD),
    compiler=compile_labour_2016,
)

# --- Toronto's neighbourhoods ----------------------------------------------------------------------------------

_INDUSTRY_2021 = "Total - Labour force aged 15 years and over by industry - Sectors"
_AGE_2021 = "Total - Age groups of the population"
_STATUS_2016 = "Labour force status"
_DEGREE_2016 = "Highest certificate, diploma or degree"
_DEGREES = "Total - Highest certificate, diploma or degree for the population aged 25 to 64 years in private households"
_ADULTS = "population aged 25 to 64 in private households, 25 % sample"
_ACTIVE = "labour force aged 15 and over, 25 % sample"

ITEMS_2021: Sequence[Item] = (
    *(
        counted(_AGE_2021, label, name, f"aged {label}", _HOUSEHOLDS)
        for label, name in (
            *((f"{low} to {low + 4} years", f"age_{low}_{low + 4}") for low in range(0, 85, 5)),
            ("85 years and over", "age_85_over"),
        )
    ),
    counted(_INDUSTRY_2021, "All industries", "all_industries", "labour force that has an industry", _WORKERS),
    *(
        counted(_INDUSTRY_2021, f"{code} {words}", name, f"works, or last worked, in: {words} (NAICS {code})", _WORKERS)
        for code, name, words in SECTORS
    ),
)
ITEMS_2016: Sequence[Item] = (
    counted(_STATUS_2016, "In the labour force", "labour_force", "in the labour force", _ACTIVE),
    counted(_STATUS_2016, "Unemployed", "unemployed", "unemployed", _ACTIVE),
)


def compile_toronto_labour(sources: Sources) -> Compiled:
    """Return the tables of dataset ``toronto_labour``."""
    now, codes = read_profile_2021(sources)
    then, old_codes = read_profile_2016(sources)
    for profile, numbers, areas in ((now, codes, len(now.areas)), (then, old_codes, len(then.areas) - 1)):
        if len(set(numbers)) != areas or not all(number.isdigit() for number in numbers):
            profile.sheet.fail(0, "Neighbourhood Number", ", ".join(numbers[:5]), "one number an area")
            return Compiled({"hood158.csv": [], "hood140.csv": []})
    degrees = degree_rows(then)
    taken = now.take(ITEMS_2021)
    status = then.take(ITEMS_2016)[1:]
    return Compiled(
        {
            "hood158.csv": [(code, *row) for code, row in zip(codes, taken, strict=True)],
            "hood140.csv": [(code, *row, *extra) for code, row, extra in zip(old_codes, status, degrees, strict=True)],
        }
    )


def degree_rows(profile: Profile) -> list[tuple[str, str]]:
    """Return, for each neighbourhood of 2016, the adults of 25 to 64 and those with a degree.

    The file lists the same labels for all adults and again for those aged 25 to 64, so a label alone does not name
    a row: the first one behind the second heading is taken.
    """
    block = profile.block(_DEGREE_2016)
    starts = [place for place, line in enumerate(block) if line.label.startswith(_DEGREES)]
    label = "University certificate, diploma or degree at bachelor level or above"
    under = [line for line in block[starts[0] + 1 :] if line.label.strip() == label][:1] if len(starts) == 1 else []
    if not under:
        found = f"{len(starts)} headings of those aged 25 to 64 with a row {label!r} below"
        profile.sheet.fail(0, _DEGREE_2016, found, "one")
        return [("not published", "not published")] * (len(profile.areas) - 1)
    whole, part = block[starts[0]], under[0]
    return [(profile.figure(whole, area), profile.figure(part, area)) for area in range(1, len(profile.areas))]


TORONTO_LABOUR = Dataset(
    name="toronto_labour",
    card=Card(
        short="Toronto neighbourhood profiles, labour",
        title="Neighbourhood profiles, 2021 Census (158 areas): age and industry; 2016 Census (140 areas): labour "
        "force and degrees",
        publisher="City of Toronto, from Statistics Canada",
        catalogue="Neighbourhood Profiles",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/neighbourhood-profiles/",
        licence=TORONTO,
        attribution=toronto() + " " + adapted("2016 and 2021 Census of Population"),
        universe=_HOUSEHOLDS,
        vintage="2021",
        grade="A",
        defects=(
            "Ages are those of private households from the 25 per cent sample, not of all residents.",
            "Industries are those of residents, wherever they work.",
            "Counts are rounded one by one: their sums differ a little from published totals.",
        ),
    ),
    tables=(
        TableSpec(
            "hood158.csv",
            "hood158",
            ("hood158",),
            (
                Col("hood158", "id", "number of the neighbourhood", "Neighbourhood Number"),
                *(item.column for item in ITEMS_2021),
            ),
        ),
        TableSpec(
            "hood140.csv",
            "hood140",
            ("hood140",),
            (
                Col("hood140", "id", "number of the neighbourhood", "Neighbourhood Number"),
                *(item.column for item in ITEMS_2016),
                count("adults_25_64", "aged 25 to 64, by highest certificate, total", _DEGREES, _ADULTS, True),
                count("bachelor", "university degree at bachelor level or above", _DEGREE_2016, _ADULTS, True),
            ),
        ),
    ),
    inputs=(PROFILE_2021, PROFILE_2016),
    compiler=compile_toronto_labour,
)

DATASETS = (LABOUR_2021, LABOUR_2016, TORONTO_LABOUR)

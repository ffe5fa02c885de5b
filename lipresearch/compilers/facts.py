"""Single census figures read from published pages: for areas and years that no complete table covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Row, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, STATCAN, adapted
from lipresearch.compilers.statcan_earlier import FACTS

YEARS = ("2006", "2011", "2016", "2021")
#: The source's words for levels, what they become, and how many digits a code has.
LEVELS: Mapping[str, tuple[str, int]] = {
    "PR": ("province", 2),
    "CD": ("cd", 4),
    "CSD": ("csd", 7),
    "CMA": ("cma", 3),
    "CA": ("cma", 3),
}
#: Levels that are left out: another dataset has them whole, or they are joint or older areas.
OTHER_LEVELS = ("FED2013", "FED2003", "OTHER", "CSD/CMA")
#: Beginnings of the titles of complete tables, which are datasets of their own.
COMPLETE = ("2006 Census via ", "2006 CD table via ", "2021 Census Profile via ")
#: Words in title, universe or address that mark a figure met only on a copy of the page that published it.
UNVERIFIED = ("mirror", "scraped", "verify before use")


def level_of(geo_level: str, code: str) -> str:
    """Return the level of an area as the tables name it, ``""`` if the code does not fit it.

    >>> level_of("CD", "3521"), level_of("CA", "575"), level_of("CMA", "35505"), level_of("CD", "35")
    ('cd', 'cma', 'cma_part', '')
    """
    level, digits = LEVELS.get(geo_level, ("", 0))
    if level == "cma" and len(code) == 5:
        return "cma_part"
    return level if len(code) == digits and code.isdigit() else ""


def left_out(row: Row) -> str:
    """Return why a row is left out, ``""`` if it is kept."""
    words = (row["source_title"] + row["source_url"] + row["universe"]).lower()
    if not row["geo_code"]:
        return "without an area code"
    if row["source_title"].startswith(COMPLETE):
        return "in a dataset of their own"
    if any(word in words for word in UNVERIFIED):
        return "met only on a copy of the page"
    if row["geo_level"] in OTHER_LEVELS:
        return "of joint or older areas"
    return ""


def compile_facts(sources: Sources) -> Compiled:
    """Return the table of dataset ``census_facts``."""
    text = ("area_name", "geo_level", "geo_code", "characteristic", "unit", "universe", "source_title", "source_url")
    sheet = sources.table(FACTS, (*text, "census_year", "value"))
    rows = []
    reasons: Counter[str] = Counter()
    for row in sheet.rows:
        why = left_out(row)
        if why:
            reasons[why] += 1
            continue
        level = level_of(row["geo_level"], row["geo_code"])
        if not level:
            sheet.fail(row.line, "geo_code", f"{row['geo_level']} {row['geo_code']}", "a code that fits its level")
        if row["census_year"] not in YEARS or row["unit"] not in ("count", "percent"):
            sheet.fail(
                row.line, "census_year", f"{row['census_year']} {row['unit']}", f"{', '.join(YEARS)}; count or percent"
            )
        rows.append(
            (
                f"f{row.line:04d}",
                row["area_name"],
                level,
                row["geo_code"],
                row["census_year"],
                row["characteristic"],
                row.number("value"),
                {"count": "persons", "percent": "per cent"}.get(row["unit"], ""),
                row["universe"],
                row["source_title"],
                row["source_url"],
            )
        )
    counted = "; ".join(f"{count} {why}" for why, count in sorted(reasons.items()))
    return Compiled({"facts.csv": rows}, (f"Left out: {counted}.",))


CENSUS_FACTS = Dataset(
    name="census_facts",
    card=Card(
        short="Single census figures 2006-2021",
        title="Single figures of the censuses of 2006 to 2021, as pages of publishers, municipalities and newspapers "
        "state them",
        publisher="Statistics Canada and others; each row names its page",
        catalogue="several",
        published="2006 to 2024",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/index-eng.cfm",
        licence=STATCAN,
        attribution=adapted("Census of Population, 2006 to 2021, and the National Household Survey, 2011"),
        universe="as each row says",
        vintage="2006 to 2021",
        grade="B",
        defects=(
            "One row a figure, as its page states it; nothing inferred. Universes differ from row to row: read them "
            "before "
            "putting two figures side by side.",
            "Words in brackets after a characteristic (rounded, nearly, approx., source definition) are warnings of "
            "the page "
            "itself.",
            "Two pages may give different figures for one thing (North Bay, Timmins, Chatham-Kent): both are kept.",
        ),
    ),
    tables=(
        TableSpec(
            "facts.csv",
            "facts",
            ("fact",),
            (
                Col("fact", "id", "identifier: f and the line of the source file", "line number"),
                Col("area_name", "text", "name of the area", "area_name"),
                Col(
                    "level",
                    "text",
                    "province, cd, csd, cma (metropolitan areas and agglomerations) or cma_part (part in one province)",
                    "geo_level",
                ),
                Col("code", "id", "code of the area", "geo_code", note="01 is Canada"),
                Col("year", "id", "census year", "census_year"),
                Col("characteristic", "text", "what is counted", "characteristic"),
                Col(
                    "value",
                    "number",
                    "figure",
                    "value",
                    "see column unit",
                    "see column universe",
                    False,
                    False,
                ),
                Col("unit", "text", "persons or per cent", "unit"),
                Col("universe", "text", "whom the figure is about", "universe"),
                Col("source_title", "text", "title of the page", "source_title"),
                Col("source_url", "text", "address of the page", "source_url"),
            ),
        ),
    ),
    inputs=(FACTS,),
    compiler=compile_facts,
)

DATASETS = (CENSUS_FACTS,)

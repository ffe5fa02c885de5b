"""Statistics Canada, 2006 and 2016: immigrants at the time the partnerships were founded, and after."""

from __future__ import annotations

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec, added
from lipresearch.compilers.licences import ACCESSED, STATCAN, adapted
from lipresearch.compilers.statcan_2021 import wanted
from lipresearch.tables import parse_number

FACTS = "facts/facts.csv"
_SAMPLE_2006 = "total population, 20 % sample"

# --- immigrants 2006 -------------------------------------------------------------------------------------------

IMMIGRANTS = "facts/statcan2006_ontario_CD_CSD_immigrants.csv"
POPULATION = "facts/statcan2006_288_CD_population_immigrants.csv"
#: Subdivisions outside Ontario that are candidate sites: St. John's, Halifax, Calgary.
CITIES = ("1001519", "1209034", "4806016")


def hidden(non_immigrants: str, immigrants: str) -> tuple[str, str]:
    """Return both figures of an area, ``suppressed`` where the file shows nobody at all.

    >>> hidden("0", "0"), hidden("150", "0")
    (('suppressed', 'suppressed'), ('150', '0'))
    """
    return ("suppressed", "suppressed") if non_immigrants == immigrants == "0" else (non_immigrants, immigrants)


def compile_immigrants(sources: Sources) -> Compiled:
    """Return the tables of dataset ``immigrants_2006``."""
    sheet = sources.table(
        IMMIGRANTS, ("geo_code", "name_as_in_file", "level", "CD_code", "non_immigrants_2006", "immigrants_2006")
    )
    people = sources.table(POPULATION, ("id", "population", "pct_immigrants"))
    facts = sources.table(FACTS, ("geo_level", "geo_code", "area_name", "census_year", "characteristic", "value"))
    rows: dict[str, list[tuple[str, ...]]] = {"province.csv": [], "cd.csv": [], "csd.csv": []}
    tables = {"PR": "province.csv", "CD": "cd.csv", "CSD": "csd.csv"}
    uncoded = []
    for row in sheet.rows:
        figures = hidden(row.number("non_immigrants_2006"), row.number("immigrants_2006"))
        if row["level"] not in tables:
            sheet.fail(row.line, "level", repr(row["level"]), "PR, CD or CSD")
        elif not row["geo_code"]:
            uncoded.append((row["name_as_in_file"], *figures))
        else:
            rows[tables[row["level"]]].append((row["geo_code"], row["name_as_in_file"], figures[1], figures[0]))
    found: dict[str, dict[str, str]] = {city: {} for city in CITIES}
    for row in facts.rows:
        kind = row["characteristic"]
        if row["census_year"] == "2006" and row["geo_code"] in found and kind in ("immigrants", "non-immigrants"):
            found[row["geo_code"]][kind] = row.number("value")
            found[row["geo_code"]]["name"] = row["area_name"]
    for city, figures_of in found.items():
        if set(figures_of) != {"name", "immigrants", "non-immigrants"}:
            facts.fail(
                0, "characteristic", f"for {city} only {', '.join(sorted(figures_of))}", "immigrants, non-immigrants"
            )
        else:
            rows["csd.csv"].append((city, figures_of["name"], figures_of["immigrants"], figures_of["non-immigrants"]))
    rows["population_2006.csv"] = [
        (row["id"], row.number("population"), row.number("pct_immigrants")) for row in people.rows if wanted(row["id"])
    ]
    shown = [entry for entry in uncoded if entry[1] != "suppressed"]
    lost = added(entry[2] for entry in shown)
    suppressed = sum(row[2] == "suppressed" for row in rows["csd.csv"])
    return Compiled(
        rows,
        (
            f"{len(uncoded)} of {len(uncoded) + len(rows['csd.csv']) - len(CITIES)} census subdivisions of Ontario "
            "have "
            f"no sure code and are left out: {len(uncoded) - len(shown)} of them are suppressed reserves, the other "
            f"{len(shown)} ({', '.join(sorted(entry[0] for entry in shown))}) hold {lost} immigrants.",
            f"{suppressed} further subdivisions stand as zero in the source, which there means suppressed or not "
            "enumerated; they are marked suppressed. A zero beside other residents is a true zero (or rounded to it).",
        ),
    )


IMMIGRANTS_2006 = Dataset(
    name="immigrants_2006",
    card=Card(
        short="Census 2006, immigrants",
        title="2006 Census: immigrants and non-immigrants in Ontario's census divisions and subdivisions, and in "
        "St. John's, Halifax and Calgary; population and share of immigrants of census divisions",
        publisher="Statistics Canada, re-published",
        catalogue="94-581-X and 97-557-X",
        published="2007-12-04",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2006/index-eng.cfm",
        licence=STATCAN,
        attribution=adapted("2006 Census of Population"),
        universe=_SAMPLE_2006,
        vintage="2006",
        grade="B",
        defects=(
            "Immigrants and non-immigrants were taken from a newspaper's interactive (repository "
            "stuartathompson/NHS-Your-City, commit f4cdce0f) that is named for the survey of 2011 but holds the 2006 "
            "Census: its figures for Ontario and Peel are those published for 2006.",
            "Immigrants and non-immigrants leave out non-permanent residents, so their sum is less than the "
            "population; a share of immigrants computed from them alone is too high by up to 1.1 points (Toronto, "
            "York, "
            "Peel, Essex).",
            "Codes of subdivisions were added by name inside each census division, from the classification of 2019; "
            "boundaries are those of 2006.",
            "Population and per cent of immigrants were taken from the data of an R package (z267xu/loon.micromaps, "
            "commit e61d45e1); Ontario's populations add to the official 12,160,282.",
        ),
    ),
    tables=(
        *(
            TableSpec(
                file,
                level,
                (area,),
                (
                    Col(area, "id", label, "geo_code"),
                    Col(
                        "name",
                        "text",
                        "name as the source gives it",
                        "name_as_in_file",
                        note="cut at a slash in the source" if area == "csd" else "",
                    ),
                    Col(
                        "immigrants",
                        "count",
                        "immigrants",
                        "immigrants_2006",
                        "persons",
                        "",
                        area == "csd",
                        True,
                        "rounded to 5 by the publisher",
                    ),
                    Col(
                        "non_immigrants",
                        "count",
                        "non-immigrants",
                        "non_immigrants_2006",
                        "persons",
                        "",
                        area == "csd",
                        True,
                        "rounded to 5 by the publisher",
                    ),
                ),
            )
            for file, level, area, label in (
                ("province.csv", "country_province", "province", "province"),
                ("cd.csv", "cd", "cd", "census division"),
                ("csd.csv", "csd", "csd", "census subdivision, code of 2019"),
            )
        ),
        TableSpec(
            "population_2006.csv",
            "cd",
            ("cd",),
            (
                Col("cd", "id", "census division", "id"),
                Col(
                    "population_2006",
                    "count",
                    "population on census day 2006",
                    "population",
                    "persons",
                    "usual residents, 100 % count",
                    False,
                    True,
                ),
                Col(
                    "immigrants_percent",
                    "percent",
                    "immigrants, per cent of the population",
                    "pct_immigrants",
                    "per cent",
                    "",
                    False,
                    False,
                    "the denominator includes non-permanent residents",
                ),
            ),
        ),
    ),
    inputs=(IMMIGRANTS, POPULATION, FACTS),
    compiler=compile_immigrants,
)


# --- first generation 2016 -------------------------------------------------------------------------------------

ESTIMATE = "census/estimate_2016_CD_first_generation_from_FSA.csv"


def compile_first_generation(sources: Sources) -> Compiled:
    """Return the table of dataset ``first_generation_2016``."""
    figures = (
        "pop_official_2016",
        "pop_via_FSA",
        "pop_ratio",
        "first_generation_pct_est",
        "neither_eng_fr_pct_est",
        "visible_minority_pct_est",
    )
    sheet = sources.table(ESTIMATE, ("CDUID", "name", *figures))
    rows = [(row["CDUID"], row["name"], *(row.number(column) for column in figures)) for row in sheet.rows]
    weak = sorted(row[1] for row in rows if not 0.9 <= (parse_number(row[4]) or 0.0) <= 1.1)
    return Compiled(
        {"cd.csv": rows},
        (f"Weak, because the ratio of populations lies outside 0.9 to 1.1: {', '.join(weak)}.",),
    )


FIRST_GENERATION_2016 = Dataset(
    name="first_generation_2016",
    card=Card(
        short="Census 2016, estimate from postal areas",
        title="2016 Census: first generation, neither official language and visible minority, estimated for Ontario's "
        "census divisions from forward sortation areas",
        publisher="estimated from Statistics Canada",
        catalogue="98-401-X2016046",
        published="2017-11-29",
        accessed=ACCESSED,
        url="https://www12.statcan.gc.ca/census-recensement/2016/dp-pd/prof/index.cfm?Lang=E",
        licence=STATCAN,
        attribution=adapted("Census Profile, 2016 Census, catalogue 98-401-X2016046"),
        universe="population in private households, 25 % sample",
        vintage="2016",
        grade="C",
        defects=(
            "Modelled, not published: figures of forward sortation areas, weighted to census divisions by the school "
            "enrolment of the municipalities that share them.",
            "Check against published figures: Toronto 51.1 per cent first generation against 51.2, Hamilton 25.9 "
            "against 26.2.",
            "First generation is not the same as immigrants: it includes non-permanent residents and people born "
            "abroad "
            "to Canadian parents.",
            "Suppressed figures of forward sortation areas had been replaced by 0 in the copy that the estimate rests "
            "on.",
        ),
    ),
    tables=(
        TableSpec(
            "cd.csv",
            "cd",
            ("cd",),
            (
                Col("cd", "id", "census division, 2016", "CDUID"),
                Col("name", "text", "name", "name"),
                Col(
                    "population_2016",
                    "count",
                    "population, as published",
                    "pop_official_2016",
                    "persons",
                    "usual residents, 100 % count",
                    False,
                    True,
                ),
                Col(
                    "population_2016_estimated",
                    "count",
                    "population that the weighting yields",
                    "pop_via_FSA",
                    "persons",
                    "usual residents, 100 % count",
                    False,
                    True,
                ),
                Col(
                    "pop_ratio",
                    "number",
                    "estimated over published population: 1 is a perfect weighting",
                    "pop_ratio",
                    "ratio",
                    "",
                    False,
                    False,
                ),
                Col(
                    "first_generation_percent",
                    "percent",
                    "first generation, estimate",
                    "first_generation_pct_est",
                    "per cent",
                    "",
                    False,
                    False,
                ),
                Col(
                    "neither_percent",
                    "percent",
                    "knows neither English nor French, estimate",
                    "neither_eng_fr_pct_est",
                    "per cent",
                    "population excluding institutional residents",
                    False,
                    False,
                ),
                Col(
                    "visible_minority_percent",
                    "percent",
                    "visible minority population, estimate",
                    "visible_minority_pct_est",
                    "per cent",
                    "",
                    False,
                    False,
                ),
            ),
        ),
    ),
    inputs=(ESTIMATE,),
    compiler=compile_first_generation,
)

DATASETS = (IMMIGRANTS_2006, FIRST_GENERATION_2016)

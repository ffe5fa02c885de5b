"""Voters by federal riding, police and crime by metropolitan area, crimes by Toronto neighbourhood."""

from __future__ import annotations

from collections.abc import Mapping

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, STATCAN, TORONTO, statcan, toronto
from lipresearch.compilers.statcan_2021 import GEO_CMA
from lipresearch.tables import parse_number

# --- turnout ---------------------------------------------------------------------------------------------------

VOTES = "places/federal_turnout_by_riding_2004_2015_on_ns_nl_ab.csv"
ELECTION = "2015"
_ELECTORS = "electors on the lists, federal general election of 19 October 2015"


def agrees(ballots: int, electors: int, percent: str) -> bool:
    """Whether a published percentage is that of ballots over electors, rounded to one decimal.

    >>> agrees(4002, 6000, "66.7"), agrees(4002, 6000, "66.8"), agrees(1, 0, "50"), agrees(1, 2, "suppressed")
    (True, False, False, False)
    """
    published = parse_number(percent)
    return electors > 0 and published is not None and abs(100 * ballots / electors - published) <= 0.051


def compile_turnout(sources: Sources) -> Compiled:
    """Return the table of dataset ``turnout_2015``."""
    sheet = sources.table(VOTES, ("election", "fed_num", "fed_name", "electors", "ballots_cast", "turnout_pct"))
    rows = []
    for row in sheet.rows:
        if row["election"] != ELECTION:
            continue
        electors, ballots, percent = row.whole("electors"), row.whole("ballots_cast"), row.number("turnout_pct")
        if not agrees(ballots, electors, percent):
            sheet.fail(row.line, "turnout_pct", percent, "ballots over electors, within rounding")
        rows.append((row["fed_num"], row["fed_name"], str(electors), str(ballots)))
    return Compiled({"fed2013.csv": rows})


TURNOUT = Dataset(
    name="turnout_2015",
    card=Card(
        short="Federal election 2015",
        title="Official voting results, general election of 2015: electors and ballots by riding",
        publisher="Elections Canada, re-published",
        catalogue="Official Voting Results, table 11",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://www.elections.ca/content.aspx?section=ele&dir=pas/42ge&document=index&lang=e",
        licence="Elections Canada, open data terms (reuse with attribution)",
        attribution="Source: Elections Canada, Official Voting Results, 42nd general election, 2015.",
        universe=_ELECTORS,
        vintage="2015",
        grade="B",
        defects=(
            "Taken from the data of an R package (mccormackandrew/mapcan, commit c4dafefa); ballots over electors "
            "gives the published percentage for every riding.",
            "Only citizens on the lists are electors: newcomers who are not citizens are in neither figure, so that "
            "turnout says how the community votes, not how immigrants do.",
            "Ontario, Nova Scotia, Newfoundland and Labrador, Alberta; ridings of the 2013 order.",
            "The elections of 2004 to 2011 in the same file are left out: they were held in ridings of the 2003 order, "
            "and no table is at hand that says which places these hold.",
        ),
    ),
    tables=(
        TableSpec(
            "fed2013.csv",
            "fed2013",
            ("fed2013",),
            (
                Col("fed2013", "id", "federal electoral district, 2013 Representation Order", "fed_num"),
                Col("name", "text", "name", "fed_name"),
                Col("electors", "count", "electors on the lists", "electors", "persons", _ELECTORS, False, True),
                Col(
                    "ballots",
                    "count",
                    "ballots cast, rejected ones included",
                    "ballots_cast",
                    "ballots",
                    _ELECTORS,
                    False,
                    True,
                ),
            ),
        ),
    ),
    inputs=(VOTES,),
    compiler=compile_turnout,
)

# --- police ----------------------------------------------------------------------------------------------------

POLICE = "places/police_officers_csi_2011_2012_partial.csv"
#: Names in the tables of the police that the list of metropolitan areas spells otherwise.
SPELLINGS: Mapping[str, str] = {"St. Catharines-Niagara": "St. Catharines - Niagara"}


def compile_police(sources: Sources) -> Compiled:
    """Return the table of dataset ``police_2012``."""
    figures = ("police_officers", "officers_per_100k", "crime_severity_index_prev_year", "population_prev_year")
    sheet = sources.table(POLICE, ("edition", "geo_kind", "geo", *figures))
    areas = sources.table(GEO_CMA, ("CMAname", "CMAcode"), legacy="latin-1")
    code_of = {row["CMAname"].split(" / ")[0]: row["CMAcode"] for row in areas.rows}
    rows = []
    services = 0
    for row in sheet.rows:
        if row["geo_kind"] != "cma":
            services += 1
            continue
        code = code_of.get(SPELLINGS.get(row["geo"], row["geo"]))
        if code is None:
            sheet.fail(row.line, "geo", repr(row["geo"]), "the name of a metropolitan area")
            continue
        if row["edition"] == "2012":
            rows.append((code, row["geo"], *(row.number(column) for column in figures)))
    return Compiled(
        {"cma.csv": rows},
        (
            f"{len(rows)} metropolitan areas of the edition of 2012; {services} rows of single police services are "
            "left out.",
        ),
    )


_OFFICERS = "police officers of the services of a metropolitan area"
POLICE_2012 = Dataset(
    name="police_2012",
    card=Card(
        short="Police resources 2012",
        title="Police resources in Canada, 2012: officers and crime severity in metropolitan areas",
        publisher="Statistics Canada",
        catalogue="85-225-X",
        published="2012",
        accessed=ACCESSED,
        url="https://www150.statcan.gc.ca/n1/pub/85-225-x/2012000/t003-eng.htm",
        licence=STATCAN,
        attribution=statcan("Police Resources in Canada, catalogue 85-225-X, 2012"),
        universe=_OFFICERS,
        vintage="2012",
        grade="B",
        defects=(
            "Partial: the stored text of the table ends after its first part, so metropolitan areas are missing from "
            "it that the publisher has (Ottawa, Kitchener-Cambridge-Waterloo, Oshawa, Kingston among them).",
            "The heading of the table of 2012 names an earlier year for the crime severity index; its values are of "
            "2011.",
            "Metropolitan areas only; a site is the core of one or has no figure.",
        ),
    ),
    tables=(
        TableSpec(
            "cma.csv",
            "cma",
            ("cma",),
            (
                Col("cma", "id", "census metropolitan area", "geo"),
                Col("name", "text", "name as in the table", "geo"),
                Col(
                    "officers", "count", "police officers in 2012", "police_officers", "persons", _OFFICERS, False, True
                ),
                Col(
                    "officers_per_100000",
                    "number",
                    "police officers per 100,000 residents",
                    "officers_per_100k",
                    "per 100,000 residents",
                    _OFFICERS,
                    False,
                    False,
                ),
                Col(
                    "crime_severity_2011",
                    "number",
                    "crime severity index 2011 (100: Canada in 2006)",
                    "crime_severity_index_prev_year",
                    "index",
                    "crimes that the police reported",
                    True,
                    False,
                ),
                Col(
                    "population_2011",
                    "count",
                    "residents in 2011, estimate for the areas that the services police",
                    "population_prev_year",
                    "persons",
                    "residents, estimate",
                    False,
                    True,
                ),
            ),
        ),
    ),
    inputs=(POLICE, GEO_CMA),
    compiler=compile_police,
)

# --- crimes in Toronto -----------------------------------------------------------------------------------------

CRIME = "places/toronto_neighbourhood_crime_2014_2019.csv"
#: Kinds of crime, as the columns of the file begin.
CRIMES: Mapping[str, str] = {
    "Assault": "assault",
    "AutoTheft": "auto_theft",
    "BreakandEnter": "break_and_enter",
    "Homicide": "homicide",
    "Robbery": "robbery",
    "TheftOver": "theft_over",
}
YEAR = "2019"
_REPORTED = "crimes reported to the Toronto Police Service in 2019"


def compile_crime(sources: Sources) -> Compiled:
    """Return the table of dataset ``toronto_crime_2019``."""
    columns = [f"{kind}_{YEAR}" for kind in CRIMES]
    sheet = sources.table(CRIME, ("Hood_ID", "Population", *columns))
    rows = [
        (
            row["Hood_ID"].removesuffix(".0"),
            str(row.whole("Population")),
            *(str(row.whole(column)) for column in columns),
        )
        for row in sheet.rows
    ]
    return Compiled({"hood140.csv": rows})


TORONTO_CRIME = Dataset(
    name="toronto_crime_2019",
    card=Card(
        short="Toronto neighbourhood crime 2019",
        title="Neighbourhood crime rates, Toronto: reported crimes of six kinds, 2019",
        publisher="Toronto Police Service, by way of the City of Toronto",
        catalogue="Neighbourhood Crime Rates",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/neighbourhood-crime-rates/",
        licence=TORONTO,
        attribution=toronto(),
        universe=_REPORTED,
        vintage="2019",
        grade="A",
        defects=(
            "Toronto only, and six kinds of crime only: not comparable with the crime severity index of other places.",
            "The residents are those of the 2016 census.",
        ),
    ),
    tables=(
        TableSpec(
            "hood140.csv",
            "hood140",
            ("hood140",),
            (
                Col("hood140", "id", "Toronto neighbourhood, 140 model", "Hood_ID"),
                Col(
                    "population_2016",
                    "count",
                    "residents",
                    "Population",
                    "persons",
                    "residents, 2016 census",
                    False,
                    True,
                ),
                *(
                    Col(
                        name,
                        "count",
                        f"reported: {name.replace('_', ' ')}",
                        f"{kind}_{YEAR}",
                        "crimes",
                        _REPORTED,
                        False,
                        True,
                    )
                    for kind, name in CRIMES.items()
                ),
            ),
        ),
    ),
    inputs=(CRIME,),
    compiler=compile_crime,
)

DATASETS = (TURNOUT, POLICE_2012, TORONTO_CRIME)

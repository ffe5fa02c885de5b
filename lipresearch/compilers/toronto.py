"""City of Toronto: places of worship and safety, counted by neighbourhood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, TORONTO, toronto
from lipresearch.compilers.places import HOODS, hood_of, point_of, read_hoods
from lipresearch.compilers.places import TORONTO as CITY

_HOOD = Col("hood140", "id", "Toronto neighbourhood, 140 model", "found from LONGITUDE and LATITUDE")

# --- places of worship -----------------------------------------------------------------------------------------

WORSHIP = "places/toronto_places_of_worship_2006.csv"
#: Kinds of the list, and the columns that they are counted in.
FAITHS: Mapping[str, str] = {
    "Bahai": "bahai",
    "Buddhist": "buddhist",
    "Catholic": "catholic",
    "Christian": "christian",
    "Hindu": "hindu",
    "Jain": "jain",
    "Jewish": "jewish",
    "Muslim": "muslim",
    "Orthodox": "orthodox",
    "Other": "other",
    "Scientology": "scientology",
    "Sikh": "sikh",
    "Taoist": "taoist",
    "Unitarian": "unitarian",
    "Zoroastrian": "zoroastrian",
}
_WORSHIP = "places of worship on the City's list"


def compile_worship(sources: Sources) -> Compiled:
    """Return the table of dataset ``toronto_worship_2006``."""
    hoods = read_hoods(sources)
    sheet = sources.table(WORSHIP, ("NAME", "ADDRESS", "TYPE", "LONGITUDE", "LATITUDE"))
    found: Counter[tuple[str, str]] = Counter()
    seen: set[tuple[str, str]] = set()
    repeats = nowhere = 0
    for row in sheet.rows:
        if row["TYPE"] not in FAITHS:
            sheet.fail(row.line, "TYPE", repr(row["TYPE"]), "one of " + ", ".join(FAITHS))
            continue
        name = (row["NAME"], row["ADDRESS"])
        if name in seen:
            repeats += 1
            continue
        seen.add(name)
        hood = hood_of(hoods, point_of(row["LONGITUDE"], row["LATITUDE"]), CITY)
        nowhere += not hood
        found[hood, row["TYPE"]] += 1
    return Compiled(
        {"hood140.csv": [[code, *(str(found[code, faith]) for faith in FAITHS)] for code in hoods.codes]},
        (
            f"{len(seen)} places are counted; {repeats} repeats of a name at an address are left out; {nowhere} could "
            "not be placed in a neighbourhood.",
        ),
    )


WORSHIP_2006 = Dataset(
    name="toronto_worship_2006",
    card=Card(
        short="Places of worship in Toronto 2006",
        title="Places of worship in Toronto, 2006: counted by neighbourhood and faith",
        publisher="City of Toronto",
        catalogue="places-of-worship",
        published="2006",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/places-of-worship/",
        licence=TORONTO,
        attribution=toronto(),
        universe=_WORSHIP,
        vintage="2006",
        grade="B",
        defects=(
            "The City of Toronto only, and of one year; re-published with names cut off at the right edge (repository "
            "CityofToronto/vz_challenge, commit 31ace69).",
            "Faiths are those of the list, whose Christian holds most churches of every denomination; Catholic and "
            "Orthodox are named apart for some only.",
            "Counts only: names and addresses are not kept.",
        ),
    ),
    tables=(
        TableSpec(
            "hood140.csv",
            "hood140",
            ("hood140",),
            (
                _HOOD,
                *(
                    Col(name, "count", f"places of worship: {faith}", f"TYPE: {faith}", "places", _WORSHIP, False, True)
                    for faith, name in FAITHS.items()
                ),
            ),
        ),
    ),
    inputs=(WORSHIP, HOODS),
    compiler=compile_worship,
)

# --- safety ----------------------------------------------------------------------------------------------------

SAFETY: Mapping[str, str] = {
    "2008": "places/toronto_wellbeing_safety_2008.csv",
    "2011": "places/toronto_wellbeing_safety_2011.csv",
}
#: Kinds that make the City's total of major crime incidents, as both years name them.
INCIDENTS: Mapping[str, str] = {
    "Assaults": "assaults",
    "Break & Enters": "break_and_enters",
    "Drug Arrests": "drug_arrests",
    "Murders": "murders",
    "Robberies": "robberies",
    "Sexual Assaults": "sexual_assaults",
    "Thefts": "thefts",
    "Vehicle Thefts": "vehicle_thefts",
}
TOTAL_INCIDENTS = "Total Major Crime Incidents"
_INCIDENTS = "major crime incidents in a neighbourhood, as the City counts them"


def compile_safety(sources: Sources) -> Compiled:
    """Return the table of dataset ``toronto_safety``."""
    found: dict[str, dict[str, list[str]]] = {}
    for year, file in SAFETY.items():
        total = [TOTAL_INCIDENTS] if year == "2011" else []
        sheet = sources.table(file, ("Neighbourhood Id", *INCIDENTS, *total))
        found[year] = {}
        for row in sheet.rows:
            numbers = [row.whole(kind) for kind in INCIDENTS]
            for column in total:
                if row.whole(column) != sum(numbers):
                    sheet.fail(row.line, column, row[column], f"the sum of the eight kinds, {sum(numbers)}")
            if row["Neighbourhood Id"] in found[year]:
                sheet.fail(row.line, "Neighbourhood Id", repr(row["Neighbourhood Id"]), "each once")
            found[year][row["Neighbourhood Id"]] = [str(number) for number in numbers]
    first, second = found.values()
    if set(first) != set(second):
        sheet.fail(0, "Neighbourhood Id", "other neighbourhoods than in 2008", "the same ones in both years")
        return Compiled({"hood140.csv": []})
    sums = [
        f"{kind}: {sum(int(numbers[at]) for numbers in first.values())} in 2008 and "
        f"{sum(int(numbers[at]) for numbers in second.values())} in 2011"
        for at, kind in enumerate(INCIDENTS)
    ]
    return Compiled(
        {"hood140.csv": [(hood, *first[hood], *second[hood]) for hood in first]},
        (f"Sums over the neighbourhoods: {'; '.join(sums)}.",),
    )


SAFETY_2011 = Dataset(
    name="toronto_safety",
    card=Card(
        short="Wellbeing Toronto, safety 2008 and 2011",
        title="Wellbeing Toronto: safety by neighbourhood, 2008 and 2011",
        publisher="City of Toronto",
        catalogue="wellbeing-toronto-safety",
        published="not stated in the file",
        accessed=ACCESSED,
        url="https://open.toronto.ca/dataset/wellbeing-toronto-safety/",
        licence=TORONTO,
        attribution=toronto(),
        universe=_INCIDENTS,
        vintage="2008 and 2011",
        grade="B",
        defects=(
            "Re-published (repository Rebecca-Mok/211-Caller-Analysis-Rmd, commit e5cec4e).",
            "In 2011 the eight kinds add to the City's own total in every neighbourhood; 2008 has no such total, and "
            "the same eight kinds are taken.",
            "Arrests for drugs say as much of policing as of crime, and what is counted may differ between the years.",
            "Thefts are so few that only those over 5,000 dollars can be meant.",
            "The City of Toronto only; the kinds are not those of the neighbourhood crime rates of later years.",
        ),
    ),
    tables=(
        TableSpec(
            "hood140.csv",
            "hood140",
            ("hood140",),
            (
                Col("hood140", "id", "Toronto neighbourhood, 140 model", "Neighbourhood Id"),
                *(
                    Col(
                        f"{name}_{year}",
                        "count",
                        f"{name.replace('_', ' ')} in {year}",
                        kind,
                        "incidents",
                        _INCIDENTS,
                        False,
                        True,
                    )
                    for year in SAFETY
                    for kind, name in INCIDENTS.items()
                ),
            ),
        ),
    ),
    inputs=tuple(SAFETY.values()),
    compiler=compile_safety,
)

DATASETS = (WORSHIP_2006, SAFETY_2011)

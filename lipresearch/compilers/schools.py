"""Ontario Ministry of Education: pupils by first language and newcomer pupils, school by school."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lipresearch.compilers.base import Card, Col, Compiled, Dataset, Row, Sources, TableSpec
from lipresearch.compilers.licences import ACCESSED, ONTARIO, ontario
from lipresearch.compilers.places import (
    HOOD_NOTE,
    HOODS,
    PLACED,
    SUBDIVISIONS,
    Areas,
    found_in_words,
    hood_of,
    point_of,
    read_hoods,
    read_subdivisions,
    subdivision_of,
)

SCHOOLS_2018 = "places/on_school_information_sif_2018_19.csv"
SCHOOLS_2023 = "census/ontario_sif_2023_24_newcomer_pupils_by_school.csv"
#: How far a school may have moved between the two years and still be in the same place.
SAME_KM = 5.0

_FIGURES: Mapping[str, str] = {
    "enrolment": "Enrolment",
    "first_language_not_english": "Percentage of Students Whose First Language Is Not English",
    "first_language_not_french": "Percentage of Students Whose First Language Is Not French",
    "new_from_non_english": "Percentage of Students Who Are New to Canada from a Non-English Speaking Country",
    "new_from_non_french": "Percentage of Students Who Are New to Canada from a Non-French Speaking Country",
    "low_income": "Percentage of School-Aged Children Who Live in Low-Income Households",
}
_WORDS = ("School Number", "School Level", "School Language", "Municipality", "City", "Latitude", "Longitude")

Point = tuple[float, float]


def kilometres(a: Point, b: Point) -> float:
    """Return the great-circle distance of two points (longitude, latitude in degrees) in km.

    >>> round(kilometres((-79.38, 43.65), (-75.70, 45.42)))
    352
    """
    (east, north), (east2, north2) = (tuple(map(math.radians, point)) for point in (a, b))
    part = math.sin((north2 - north) / 2) ** 2 + math.cos(north) * math.cos(north2) * math.sin((east2 - east) / 2) ** 2
    return 12742.0 * math.asin(math.sqrt(part))


def subdivisions(rows: Sequence[Row], areas: Areas, hoods: Areas) -> dict[str, tuple[str, str, Point | None]]:
    """Return each school's census subdivision, how it was found, and its point."""
    found = {}
    for row in rows:
        point = point_of(row["Longitude"], row["Latitude"])
        csd, method = subdivision_of(areas, hoods, point, [row["City"], row["Municipality"]])
        found[row["School Number"]] = (csd, method, point)
    return found


def unmoved(now: Point | None, before: Point | None) -> bool:
    """Whether a school lies where it lay before (both points known, at most ``SAME_KM`` apart)."""
    return now is not None and before is not None and kilometres(now, before) <= SAME_KM


def read_schools(sources: Sources, file: str, earlier: str = "") -> tuple[list[tuple[str, ...]], list[str]]:
    """Return the rows of one year's schools, and what was counted on the way."""
    areas, hoods = read_subdivisions(sources), read_hoods(sources)
    sheet = sources.table(file, (*_WORDS, *_FIGURES.values()))
    places = subdivisions(sheet.rows, areas, hoods)
    if earlier:
        before = subdivisions(sources.table(earlier, _WORDS).rows, areas, hoods)
        for school, (_, _, point) in places.items():
            csd, _, old = before.get(school, ("", "", None))
            if csd and unmoved(point, old):
                places[school] = (csd, "same school", point)
    rows = []
    for row in sheet.rows:
        csd, _, point = places[row["School Number"]]
        if row["School Language"] not in ("English", "French"):
            sheet.fail(row.line, "School Language", repr(row["School Language"]), "English or French")
        if row["School Level"] not in ("Elementary", "Secondary"):
            sheet.fail(row.line, "School Level", repr(row["School Level"]), "Elementary or Secondary")
        rows.append(
            (
                row["School Number"],
                csd,
                hood_of(hoods, point, csd),
                row["School Language"],
                row["School Level"],
                *(row.number(column) for column in _FIGURES.values()),
            )
        )
    nowhere = [row for row in rows if not row[1]]
    suppressed = sum(row[5] == "suppressed" for row in rows)
    empty = sum(row[5] == "not published" for row in rows)
    return rows, [
        f"Enrolment and every percentage are suppressed for {suppressed} schools and not published for {empty}.",
        found_in_words(method for _, method, _ in places.values()),
        f"Of the {len(nowhere)} schools without a code {sum(row[5].isdigit() for row in nowhere)} publish an "
        "enrolment.",
    ]


def compile_2018(sources: Sources) -> Compiled:
    """Return the table of dataset ``schools_2018``."""
    rows, said = read_schools(sources, SCHOOLS_2018)
    return Compiled({"schools.csv": rows}, tuple(said))


def compile_2023(sources: Sources) -> Compiled:
    """Return the table of dataset ``schools_2023``."""
    rows, said = read_schools(sources, SCHOOLS_2023, SCHOOLS_2018)
    return Compiled({"schools.csv": rows}, tuple(said))


_COLUMNS = (
    Col("school", "id", "school number", "School Number"),
    Col(
        "csd",
        "id",
        "census subdivision, 2021",
        "found from Latitude, Longitude, City and Municipality",
        missing=True,
    ),
    Col(
        "hood140",
        "id",
        "Toronto neighbourhood, 140 model",
        "found from Latitude and Longitude",
        missing=True,
        note=HOOD_NOTE,
    ),
    Col("board_language", "text", "language of the school and its board: English or French", "School Language"),
    Col("level", "text", "Elementary or Secondary", "School Level"),
    Col(
        "enrolment",
        "count",
        "pupils",
        _FIGURES["enrolment"],
        "pupils",
        "",
        True,
        True,
        "a multiple of 5",
    ),
    Col(
        "first_language_not_english",
        "percent",
        "pupils whose first language is not English",
        _FIGURES["first_language_not_english"],
        "per cent",
        "",
        True,
        False,
        "in English-language schools it counts francophones; not meant for French-language schools",
    ),
    Col(
        "first_language_not_french",
        "percent",
        "pupils whose first language is not French",
        _FIGURES["first_language_not_french"],
        "per cent",
        "",
        True,
        False,
        "for French-language schools",
    ),
    Col(
        "new_from_non_english",
        "percent",
        "pupils new to Canada from a country where English is not spoken",
        _FIGURES["new_from_non_english"],
        "per cent",
        "",
        True,
        False,
        "for English-language schools",
    ),
    Col(
        "new_from_non_french",
        "percent",
        "pupils new to Canada from a country where French is not spoken",
        _FIGURES["new_from_non_french"],
        "per cent",
        "",
        True,
        False,
        "for French-language schools",
    ),
    Col(
        "low_income",
        "percent",
        "school-aged children who live in low-income households",
        _FIGURES["low_income"],
        "per cent",
        "school-aged children in the school's area",
        True,
        False,
    ),
)


def _dataset(year: str, short: str, published: str, inputs: tuple[str, ...], more: tuple[str, ...]) -> Dataset:
    return Dataset(
        name=f"schools_{short}",
        card=Card(
            short=f"School information {year}",
            title=f"School information and student demographics, {year} (preliminary)",
            publisher="Ontario Ministry of Education",
            catalogue="School information and student demographics",
            published=published,
            accessed=ACCESSED,
            url="https://data.ontario.ca/dataset/school-information-and-student-demographics",
            licence=ONTARIO,
            attribution=ontario(),
            universe="pupils of publicly funded schools",
            vintage=year,
            grade="A",
            defects=(
                "Percentages are published as whole numbers, three quarters of them multiples of 5: weight them by "
                "enrolment, never average them plainly.",
                "Private schools are not covered.",
                PLACED,
                *more,
                "Names and addresses are left out; the school number leads back to the ministry's file.",
            ),
        ),
        tables=(TableSpec("schools.csv", "school", ("school",), _COLUMNS),),
        inputs=inputs,
        compiler=compile_2018 if short == "2018" else compile_2023,
    )


SCHOOLS_2018_19 = _dataset("2018-19", "2018", "2020-09-04", (SCHOOLS_2018, SUBDIVISIONS, HOODS), ())
SCHOOLS_2023_24 = _dataset(
    "2023-24",
    "2023",
    "2025-04-04",
    (SCHOOLS_2023, SCHOOLS_2018, SUBDIVISIONS, HOODS),
    (
        "136 schools in the city of Hamilton stand under Hamilton, Township of, in the source; the point and the "
        "town's "
        "name put them in the city.",
    ),
)

DATASETS = (SCHOOLS_2018_19, SCHOOLS_2023_24)

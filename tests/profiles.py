"""Made-up census profiles for the areas of all sites: in the official layouts, with figures that add up."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

from lipresearch.more_evidence import SECTORS
from tests.official_files import DECLARED, HEADER_2021, labels_2021, table_text, zipped

#: Figures of an area: a number as the publisher writes it, or a symbol.
Figures = Mapping[str, str]
SYMBOLS = ("x", "F", "..", "...")
FLAGS = {"": "", "..": "1", "...": "2", "F": "4", "x": "6"}

BULK, BULK_2016 = "98-401-X2021005_eng_CSV.zip", "98-401-X2016055_eng_CSV.zip"
SERVED, CODES = "census-profile-2021", "census-profile-2021-codes.xml"
WEB = (
    "DATAFLOW,FREQ,TIME_PERIOD,REF_AREA,GENDER,CHARACTERISTIC,STATISTIC,OBS_VALUE,DECIMALS,FLAG,TOPIC,NOTE,"
    "RELEASE_DATE,GEO_LEVEL,ALT_GEO_CODE,GEO_DESC,PROV_TERR,DATA_QUALITY_FLAG,TNR_LF,TNR_SF,CI_LOW,CI_HIGH"
)


@cache
def declared(layout: str) -> tuple[dict[str, str], ...]:
    with open(DECLARED, encoding="utf-8", newline="") as stream:
        return tuple(row for row in csv.DictReader(stream) if row["layout"] == layout)


@cache
def single_languages() -> tuple[str, ...]:
    """Return the languages of Toronto's own profile, which lists the same as the census does."""
    path = DECLARED.parent.parent / "raw" / "toronto_neighbourhoods_2021" / "languages.csv"
    with open(path, encoding="utf-8", newline="") as stream:
        return tuple(f"mother_tongue_{row['language']}" for row in csv.DictReader(stream))


def figures(place: int) -> dict[str, str]:
    """Return made-up figures of the area with this number; every characteristic that is not named has 0."""
    numbers: dict[str, int | str] = {row["characteristic"]: 0 for row in declared("profile-2021")}
    numbers |= {
        "immigrant_status_total": 20_000 + 1_000 * place,
        "immigrants": 3_000 + 205 * place,
        "non_immigrants": 16_500 + 750 * place,
        "non_permanent_residents": 500 + 45 * place,
        "recent_immigrants": 400 + 35 * place,
        "official_languages_total": 21_000 + 1_000 * place,
        "neither_english_nor_french": 300 + 25 * place,
        "visible_minority_total": 20_000 + 1_000 * place,
        "visible_minority": 2_000 + 165 * place,
        "median_age": f"{38 + place % 9}.{place % 10}".removesuffix(".0"),
        "median_household_income": 80_000 + 500 * place,
        "median_household_income_after_tax": 70_000 + 500 * place,
        "mother_tongue_english": 15_000 + 800 * place,
        "mother_tongue_french": 1_000 + 15 * place,
        "mother_tongue_arabic": 500 + 65 * place,
        "mother_tongue_tamil": 250 + 5 * (place % 7),
        "mother_tongue_oji_cree": 10 * (place % 5),
    }
    for step, sector in enumerate(SECTORS):
        numbers[sector] = 100 + 10 * step + 5 * (place % (step + 3))
    numbers["manufacturing"] = 900 + 25 * place
    numbers["all_industries"] = sum(int(numbers[sector]) for sector in SECTORS)
    for step, low in enumerate(range(0, 85, 5)):
        numbers[f"age_{low}_{low + 4}"] = 1_000 + 10 * step + 5 * place
    numbers["age_85_over"] = 800 + 5 * place
    return {name: str(value) for name, value in numbers.items()}


@cache
def _lines() -> tuple[tuple[int, str, str], ...]:
    """Return (id, indented label, characteristic or "") of the lines of a bulk file, without those that fill."""
    names = {int(row["id"]): row["characteristic"] for row in declared("profile-2021")}
    return tuple((number, label, names.get(number, "")) for number, label in labels_2021() if "Filling" not in label)


def bulk(areas: Mapping[str, Figures], header: str = HEADER_2021) -> bytes:
    """Return the bulk file of areas {DGUID: figures}."""
    lines = [header]
    for dguid, mine in areas.items():
        level = "Census division" if dguid[:9] == "2021A0003" else "Census subdivision"
        before = f'2021,"{dguid}","{dguid[9:]}","{level}","Place {dguid[9:]}",3.1,4.6,"00000"'
        for number, label, name in _lines():
            cell = mine[name] if name else "0"
            value, symbol = ("", cell) if cell in SYMBOLS else (cell, "")
            quoted = label.replace('"', '""')
            lines.append(f'{before},{number},"{quoted}",,{value},"{symbol}"' + ',,"..."' * 5)
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def figures_2016(place: int, population: int) -> dict[str, str]:
    """Return made-up figures of 2016 of the area with this number; what is not named has 0."""
    numbers: dict[str, int] = {row["characteristic"]: 0 for row in declared("profile-2016")}
    numbers |= {
        "population": population,
        "official_languages_total": 19_000 + 900 * place,
        "neither_english_nor_french": 250 + 35 * place,
        "mother_tongue_english": 14_000 + 700 * place,
        "mother_tongue_french": 900 + 25 * place,
        "mother_tongue_arabic": 300 + 45 * place,
        "mother_tongue_tamil": 200 + 5 * (place % 7),
        "mother_tongue_ojibway": 10 * (place % 5),
        "immigrant_status_total": 18_000 + 900 * place,
        "immigrants": 2_600 + 155 * place,
        "non_immigrants": 15_000 + 700 * place,
        "non_permanent_residents": 400 + 45 * place,
        "immigrants_before_1981": 700 + 20 * place,
        "immigrants_1981_1990": 300 + 15 * place,
        "recent_immigrants": 350 + 25 * place,
        "generation_total": 18_000 + 900 * place,
        "first_generation": 2_900 + 165 * place,
        "admission_total": 1_500 + 90 * place,
        "admission_economic": 700 + 35 * place,
        "admission_family": 500 + 30 * place,
        "admission_refugees": 200 + 20 * place,
        "labour_force": 9_000 + 400 * place,
        "unemployed": 600 + 35 * place,
        "adults_25_64": 10_000 + 450 * place,
        "bachelor": 2_000 + 115 * place,
    }
    return {name: str(value) for name, value in numbers.items()}


def bulk_2016(areas: Mapping[str, Figures], product: str) -> bytes:
    """Return the bulk file of 2016 of areas {code: figures}."""
    names = {int(row["id"]): row["characteristic"] for row in declared("profile-2016")}
    listed = [line for line in labels_2021(2247, "profile-2016") if line[0] in names or "Filling" not in line[1]]
    header = "CENSUS_YEAR,GEO_CODE (POR),GEO_LEVEL,GEO_NAME,GNR,GNR_LF,DATA_QUALITY_FLAG,ALT_GEO_CODE"
    header += f",DIM: {product},Member ID: {product},Notes: {product},Dim: Sex (3): Member ID: [1]: Total - Sex"
    header += ",Dim: Sex (3): Member ID: [2]: Male,Dim: Sex (3): Member ID: [3]: Female"
    lines = [header]
    for code, mine in areas.items():
        before = f'2016,"{code}",{2 if len(code) == 4 else 3},"Place {code}",4.0,5.1,"00000","{code}"'
        for number, label in listed:
            quoted = label.replace('"', '""')
            lines.append(f'{before},"{quoted}",{number},,{mine[names[number]] if number in names else 0},...,...')
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def put_2016(
    folder: Path,
    areas: Mapping[str, Figures],
    name: str = BULK_2016,
    product: str = "Profile of Census Divisions/Census Subdivisions (2247)",
) -> None:
    """Put a bulk file of 2016 into a folder of downloads."""
    folder.mkdir(parents=True, exist_ok=True)
    zipped(folder / name, {name.replace("_eng_CSV.zip", "_English_CSV_data.csv"): bulk_2016(areas, product)})


def put_bulk(folder: Path, areas: Mapping[str, Figures], name: str = BULK, header: str = HEADER_2021) -> None:
    """Put a bulk file into a folder of downloads, as the publisher packs it."""
    folder.mkdir(parents=True, exist_ok=True)
    member = name.replace("_eng_CSV.zip", "_English_CSV_data.csv")
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(member), bulk(areas, header))
        archive.writestr(zipfile.ZipInfo("README_meta.txt"), "about")


@cache
def codes() -> tuple[str, Mapping[str, str]]:
    """Return a code list of the service, and the number that it gives each characteristic."""
    given = {row["id"] for row in declared("web-2021") if row["id"]}
    numbers: dict[str, str] = {}
    listed: list[str] = []
    at: dict[tuple[str, ...], str] = {}
    spare = (str(number) for number in range(5000, 9000))

    def add(path: tuple[str, ...], number: str) -> None:
        if path in at:
            return
        if path[:-1] and path[:-1] not in at:
            add(path[:-1], next(spare))
        parent = f'<s:Parent><Ref id="{at[path[:-1]]}"/></s:Parent>' if path[:-1] else ""
        at[path] = number
        listed.append(
            f'<s:Code id="{number}"><c:Name xml:lang="en">{escape(path[-1], False)}</c:Name>{parent}</s:Code>'
        )

    for row in declared("web-2021"):
        path = (*(row["parent"].split(" > ") if row["parent"] else ()), row["label"])
        number = row["id"] or next(spare)
        add(path, number)
        numbers[row["characteristic"]] = number
    assert given <= set(numbers.values())
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<m:Structure xmlns:m="http://m" xmlns:s="http://s" xmlns:c="http://c">'
        '<s:Codelist id="CL_CHARACTERISTIC">' + "".join(listed) + "</s:Codelist></m:Structure>\n"
    )
    return text, numbers


def put_answers(folder: Path, areas: Mapping[str, Figures], most: int = 40) -> None:
    """Put answers of the web data service into a folder of downloads: some characteristics a file, and the codes."""
    (folder / SERVED).mkdir(parents=True, exist_ok=True)
    text, numbers = codes()
    (folder / CODES).write_text(text, encoding="utf-8")
    names = list(numbers)
    for level in ("A0003", "A0005"):
        mine = {dguid: row for dguid, row in areas.items() if dguid[4:9] == level}
        for start in range(0, len(names), most) if mine else ():
            rows: list[Sequence[str]] = [WEB.split(",")]
            for dguid, values in mine.items():
                for name in names[start : start + most]:
                    cell = values[name]
                    value, flag = ("", FLAGS[cell]) if cell in SYMBOLS else (cell, "")
                    about = ("", "", "", level, dguid[9:], f"Place {dguid[9:]}", "35", "00000", "4.1", "3.2", "", "")
                    rows.append(("F", "A5", "2021", dguid, "1", numbers[name], "1", value, "0", flag, *about))
            file = folder / SERVED / f"{level.lower()}-{start:04}.csv"
            file.write_bytes(table_text(rows, "\n").encode("utf-8"))


def table(path: Path) -> list[dict[str, str]]:
    """Return a table's rows as text."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
